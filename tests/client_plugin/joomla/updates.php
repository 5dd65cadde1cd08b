<?php
/** What Joomla does around the event: `InstallerHelper::downloadPackage`, `UpdateModel::install` and `::update`. */

namespace Bandari\Tests;

use Joomla\CMS\Event\Installer\BeforePackageDownloadEvent;
use Joomla\CMS\Factory;
use Joomla\CMS\Http\HttpFactory;
use Joomla\CMS\Language\Text;
use Joomla\CMS\Plugin\PluginHelper;
use Joomla\Event\Event;

class Updates
{
    /** Addresses and headers after each event, in the order of their coming. */
    public array $downloads = [];

    /** @param  boolean  $isDry  ask for no package, whatever the address is */
    public function __construct(private bool $isDry)
    {
    }

    /**
     * @param   array[]  $wanted  of `url`, `extra_query`, `mirrors`
     */
    public function run(array $wanted)
    {
        foreach ($wanted as $update) {
            $this->install($update);
        }

        foreach (['_system', 'com_modules', 'com_plugins', 'mod_menu'] as $group) {
            $this->cleanCache($group);
        }
    }

    private function install(array $update)
    {
        $extraQuery = $update['extra_query'] ?? '';

        foreach ([$update['url'], ...$update['mirrors'] ?? []] as $url) {
            if ($extraQuery !== '') {
                $url .= (str_contains($url, '?') ? '&amp;' : '?') . $extraQuery;
            }

            if ($this->downloadPackage($url)) {
                Factory::getApplication()->enqueueMessage(Text::_('UPDATED'), 'message');

                return;
            }
        }

        Factory::getApplication()->enqueueMessage(Text::sprintf('COM_INSTALLER_PACKAGE_DOWNLOAD_FAILED', $url), 'error');
    }

    private function downloadPackage($url)
    {
        $headers = [];
        PluginHelper::importPlugin();
        $this->beforePackageDownload($url, $headers);
        $this->downloads[] = ['url' => $url, 'headers' => $headers];

        if ($this->isDry) {
            return $this->failed('nobody was asked');
        }

        try {
            $response = HttpFactory::getHttp()->get($url, $headers);
        } catch (\RuntimeException $exception) {
            return $this->failed($exception->getMessage());
        }

        $isMessage = method_exists($response, 'getStatusCode');
        $status = $isMessage ? $response->getStatusCode() : $response->code;
        $headers = array_change_key_case($isMessage ? $response->getHeaders() : $response->headers);

        if ($status === 302 && !empty($headers['location'])) {
            return $this->downloadPackage(((array) $headers['location'])[0]);
        }

        return $status === 200 ? true : $this->failed($status);
    }

    private function failed($why)
    {
        $message = Text::sprintf('JLIB_INSTALLER_ERROR_DOWNLOAD_SERVER_CONNECT', $why);
        Factory::getApplication()->enqueueMessage($message, 'warning');

        return false;
    }

    private function beforePackageDownload(&$url, &$headers)
    {
        $name = 'onInstallerBeforePackageDownload';

        if (version_compare(JVERSION, '4', '<')) {
            Factory::$dispatcher->trigger($name, [&$url, &$headers]);
        } elseif (version_compare(JVERSION, '5', '<')) {
            Factory::$dispatcher->dispatch($name, new Event($name, [&$url, &$headers]));
        } else {
            $event = new BeforePackageDownloadEvent($name, ['url' => $url, 'headers' => $headers]);
            Factory::$dispatcher->dispatch($name, $event);
            $url = $event->getUrl();
            $headers = $event->getHeaders();
        }
    }

    private function cleanCache($group)
    {
        $arguments = ['defaultgroup' => $group, 'cachebase' => '/cache', 'result' => true];

        if (version_compare(JVERSION, '4', '<')) {
            Factory::$dispatcher->trigger('onContentCleanCache', $arguments);
        } else {
            Factory::$dispatcher->dispatch('onContentCleanCache', new Event('onContentCleanCache', $arguments));
        }
    }
}
