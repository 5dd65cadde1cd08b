<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\Registry\Registry;

/**
 * Joomla's own fields for keys, since 4.0: while the field of an extension is empty Joomla offers no update of it, whatever the
 * settings of this plug-in hold. So keys of the settings are put there, too.
 */
final class KeyFields
{
    private $application;

    private $updateSites;

    /**
     * @param   object    $application  Joomla's
     * @param   callable  $database     gives the database
     */
    public function __construct($application, callable $database)
    {
        $this->application = $application;
        $this->updateSites = new UpdateSites($database);
    }

    /** Every field that is empty gets the key that the settings have for it. */
    public function fill(Registry $settings)
    {
        foreach (array_keys(Vendor::FEEDS) as $group) {
            $this->put((string) $group, Keys::entered($settings, (string) $group), '');
        }
    }

    /**
     * Puts a key into the fields of a group that are empty or hold the key before it. What else was entered there stays.
     *
     * @param   string  $key     not encoded; an empty one takes nothing away
     * @param   string  $before  not encoded
     */
    public function put($group, $key, $before)
    {
        $feeds = Vendor::FEEDS;

        if ($key === '' || !isset($feeds[$group])) {
            return;
        }

        foreach ($feeds[$group] as $feed) {
            foreach ($this->updateSites->ids($feed) as $id) {
                $this->putOne($id, $key, $before);
            }
        }
    }

    /** As if somebody had entered it there. */
    private function putOne($id, $key, $before)
    {
        $factory = $this->application->bootComponent('com_installer')->getMVCFactory();
        $model = $factory->createModel('Updatesite', 'Administrator', array('ignore_request' => true));
        $item = $model->getItem($id);
        $found = trim((string) $item->extra_query);
        $isOpen = $found === '' || ($before !== '' && rawurldecode($found) === $before);

        // Without a prefix the extension has no such field.
        if ((string) $item->downloadIdPrefix === '' || !$isOpen || rawurldecode($found) === $key) {
            return;
        }

        $model->save(array(
            'update_site_id' => $id,
            // A colon may stand in a query, and whoever sees the field knows the key again.
            'extra_query' => str_replace('%3A', ':', rawurlencode($key)),
            'downloadIdPrefix' => $item->downloadIdPrefix,
            'downloadIdSuffix' => $item->downloadIdSuffix,
        ));
    }
}
