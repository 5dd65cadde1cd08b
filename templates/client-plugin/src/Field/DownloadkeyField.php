<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }}\Field;

defined('_JEXEC') or die;

use {{ namespace }}\KeyFields;
use {{ namespace }}\Keys;
use {{ namespace }}\UpdateSites;
use {{ namespace }}\Vendor;
use Joomla\CMS\Factory;
use Joomla\CMS\Form\Field\TextField;
use Joomla\Database\DatabaseInterface;
use Joomla\Registry\Registry;

/**
 * A key in the settings. When it is saved, Joomla's own fields for it get it as well. Joomla 3.10, which has none, finds no
 * such class and takes a field for text.
 */
class DownloadkeyField extends TextField
{
    protected $type = 'Downloadkey';

    /** Joomla 4.0 and 4.1 look at what is saved here and no later. */
    public function validate($value, $group = null, $input = null)
    {
        $valid = parent::validate($value, $group, $input);

        // A request can hold anything.
        if ($valid instanceof \Exception || !is_string($value)) {
            return $valid;
        }

        try {
            $this->keep($value);
        } catch (\Throwable $error) {
            // The settings have it.
            return $valid;
        }

        return $valid;
    }

    private function keep($value)
    {
        $group = array_search($this->fieldname, Vendor::GROUPS, true);

        if ($group === false) {
            return;
        }

        $database = function () {
            return Factory::getContainer()->get(DatabaseInterface::class);
        };
        $key = Keys::entered(new Registry(array($this->fieldname => $value)), (string) $group);
        $before = Keys::entered((new UpdateSites($database))->settings(), (string) $group);
        (new KeyFields(Factory::getApplication(), $database))->put((string) $group, $key, $before);
    }
}
