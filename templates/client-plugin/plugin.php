<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

defined('_JEXEC') or die;

use {{ namespace }}\Gate;
use Joomla\CMS\Factory;
use Joomla\CMS\Plugin\CMSPlugin;

// Joomla 3.10 knows nothing of the manifest's namespace.
$parts = array(
    'Vendor', 'Address', 'Answer', 'Unanswered', 'Check', 'UpdateSites', 'Keys', 'Versions', 'Sentences', 'Messages', 'Gate'
);

foreach ($parts as $part) {
    require_once __DIR__ . '/src/' . $part . '.php';
}

/**
 * Entry point of Joomla 3.10, which hands over arguments by reference. Later versions start in services/provider.php.
 */
class PlgInstaller{{ class }} extends CMSPlugin
{
    /** @var Gate|null */
    private $gate;

    /**
     * @param   string  $url      address of a package that Joomla is about to download
     * @param   array   $headers  what is sent with the request
     */
    public function onInstallerBeforePackageDownload(&$url, &$headers)
    {
        $url = $this->gate()->pass($url);

        return true;
    }

    /** Comes at the end of every run of updates, when Joomla has said all that it will say. */
    public function onContentCleanCache()
    {
        if ($this->gate !== null) {
            $this->gate->tidy();
        }
    }

    private function gate()
    {
        if ($this->gate === null) {
            $this->gate = new Gate(
                Factory::getApplication(),
                $this->params,
                function () {
                    return Factory::getDbo();
                },
                function () {
                    $this->loadLanguage();
                }
            );
        }

        return $this->gate;
    }
}
