<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

defined('_JEXEC') or die;

use {{ namespace }}\Extension\{{ class }};
use Joomla\CMS\Extension\PluginInterface;
use Joomla\CMS\Plugin\PluginHelper;
use Joomla\DI\Container;
use Joomla\DI\ServiceProviderInterface;
use Joomla\Event\DispatcherInterface;

return new class () implements ServiceProviderInterface {
    public function register(Container $container)
    {
        $container->set(
            PluginInterface::class,
            function (Container $container) {
                $config = (array) PluginHelper::getPlugin('installer', '{{ element }}');

                // Since 5.3 the constructor takes no dispatcher any more; before, it must have one.
                if (version_compare(JVERSION, '5.3', '<')) {
                    $dispatcher = $container->get(DispatcherInterface::class);
                    $plugin = new {{ class }}($dispatcher, $config);
                } else {
                    $plugin = new {{ class }}($config);
                }

                return $plugin;
            }
        );
    }
};
