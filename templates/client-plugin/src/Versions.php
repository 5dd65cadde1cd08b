<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

/**
 * The versions that the vendor chose to learn; by default none.
 */
final class Versions
{
    private $updateSites;

    public function __construct(UpdateSites $updateSites)
    {
        $this->updateSites = $updateSites;
    }

    /** Whether it must be known which extension it is before all can be sent. */
    public static function needExtension()
    {
        return in_array('extension', Vendor::SENDS, true);
    }

    /**
     * @param   string  $feed  the extension's feed; empty when it is not known
     *
     * @return  string[]  by name of the parameter
     */
    public function sent($feed)
    {
        $versions = array();

        foreach (Vendor::SENDS as $what) {
            $version = $this->version($what, $feed);

            // What else the server takes for no version.
            if (preg_match('~\A[0-9][A-Za-z0-9.+\~_-]{0,31}\z~', $version)) {
                $versions[$what] = $version;
            }
        }

        return $versions;
    }

    private function version($what, $feed)
    {
        switch ($what) {
            case 'joomla':
                return JVERSION;
            case 'php':
                return PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
            case 'extension':
                return $this->updateSites->installedVersion($feed);
        }

        return '';
    }
}
