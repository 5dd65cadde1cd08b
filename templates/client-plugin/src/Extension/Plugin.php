<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }}\Extension;

defined('_JEXEC') or die;

use {{ namespace }}\Gate;
use {{ namespace }}\KeyFields;
use Joomla\CMS\Event\Installer\BeforePackageDownloadEvent;
use Joomla\CMS\Factory;
use Joomla\CMS\Plugin\CMSPlugin;
use Joomla\Database\DatabaseInterface;
use Joomla\Event\Event;
use Joomla\Event\Priority;
use Joomla\Event\SubscriberInterface;

/**
 * Entry point of Joomla 4 to 6: events are objects, whose arguments have names since 5.0. Nothing is injected, since 4.0
 * and 4.1 know no plug-ins that take an application or a database.
 */
final class {{ class }} extends CMSPlugin implements SubscriberInterface
{
    /** @var Gate|null */
    private $gate;

    public static function getSubscribedEvents(): array
    {
        return array(
            'onInstallerBeforePackageDownload' => 'beforeDownload',
            'onContentCleanCache' => 'afterUpdates',
            // After Joomla's own plug-in, which registers the update sites.
            'onExtensionAfterInstall' => array('afterInstallation', Priority::MIN),
            'onExtensionAfterUpdate' => array('afterInstallation', Priority::MIN),
        );
    }

    public function beforeDownload(Event $event)
    {
        if ($event instanceof BeforePackageDownloadEvent) {
            $event->updateUrl($this->gate()->pass($event->getUrl()));
        } else {
            $event->setArgument(0, $this->gate()->pass($event->getArgument(0)));
        }
    }

    /** Comes at the end of every run of updates, when Joomla has said all that it will say. */
    public function afterUpdates()
    {
        if ($this->gate !== null) {
            $this->gate->tidy();
        }
    }

    /** An extension, or an update site of one, may be new, and its key known. */
    public function afterInstallation()
    {
        try {
            (new KeyFields(Factory::getApplication(), self::database()))->fill($this->params);
        } catch (\Throwable $error) {
            // The settings have it.
            return;
        }
    }

    private function gate()
    {
        if ($this->gate === null) {
            $this->gate = new Gate(
                Factory::getApplication(),
                $this->params,
                self::database(),
                function () {
                    $this->loadLanguage();
                }
            );
        }

        return $this->gate;
    }

    private static function database()
    {
        return function () {
            return Factory::getContainer()->get(DatabaseInterface::class);
        };
    }
}
