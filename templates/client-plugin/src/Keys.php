<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\Registry\Registry;

/**
 * Finds the key of an extension that came without one: Joomla's own field for it first, then the settings of this plug-in.
 */
final class Keys
{
    private $updateSites;

    private $settings;

    public function __construct(UpdateSites $updateSites, Registry $settings)
    {
        $this->updateSites = $updateSites;
        $this->settings = $settings;
    }

    /**
     * @return  string  not encoded; empty when there is none
     */
    public function find(Answer $answer)
    {
        $key = $this->updateSites->key($answer->text('feed'));

        return $key !== '' ? $key : $this->ofSettings($answer);
    }

    /**
     * @return  string  not encoded; empty when there is none
     */
    public function ofSettings(Answer $answer)
    {
        return self::entered($this->settings, $answer->text('group'));
    }

    /** The key of a vendor who has one license group only: then it can be no other. */
    public function only()
    {
        $groups = array_keys(Vendor::GROUPS);

        return count($groups) === 1 ? self::entered($this->settings, (string) $groups[0]) : '';
    }

    /**
     * The key that the settings have for a license group.
     *
     * @return  string  not encoded; empty when there is none
     */
    public static function entered(Registry $settings, $group)
    {
        $fields = Vendor::GROUPS;
        $entered = isset($fields[$group]) ? $settings->get($fields[$group], '') : '';

        // Somebody may have entered it as Joomla keeps it, with "dlid=" before it.
        if (!is_string($entered)) {
            return '';
        }

        $key = Address::keyIn($entered);

        return $key !== '' ? $key : Address::trimmed($entered);
    }
}
