<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

\defined('_JEXEC') or die;

use Joomla\CMS\Extension\PluginInterface;
use Joomla\CMS\Factory;
use Joomla\CMS\Plugin\PluginHelper;
use Joomla\DI\Container;
use Joomla\DI\ServiceProviderInterface;
use Joomla\Event\DispatcherInterface;
use Mwambao\Plugin\System\Lighthouse\Extension\Lighthouse;

/**
 * Tells Joomla how the plug-in is built.
 */
return new class () implements ServiceProviderInterface {
    public function register(Container $container): void
    {
        $container->set(
            PluginInterface::class,
            static function (Container $container): Lighthouse {
                // Joomla 4.4 needs the dispatcher, by reference; 5.4 and 6 would do without and take it all the same.
                $dispatcher = $container->get(DispatcherInterface::class);
                $plugin     = new Lighthouse($dispatcher, (array) PluginHelper::getPlugin('system', 'lighthouse'));
                $plugin->setApplication(Factory::getApplication());

                return $plugin;
            }
        );
    }
};
