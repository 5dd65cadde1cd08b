<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\Registry\Registry;

/**
 * What Joomla keeps of the feeds of this vendor. No row of another vendor's is ever asked for.
 */
final class UpdateSites
{
    /** @var callable  gives the database */
    private $database;

    public function __construct(callable $database)
    {
        $this->database = $database;
    }

    /**
     * @param   string  $feed  address of a feed, as the server says
     *
     * @return  string  the key that was entered for it, not encoded; empty when there is none
     */
    public function key($feed)
    {
        foreach ($this->rows($feed, 's.extra_query') as $extraQuery) {
            $key = Address::keyIn($extraQuery);

            if ($key !== '') {
                return $key;
            }
        }

        return '';
    }

    /**
     * @return  string  version of the extension that is installed; empty when there is none
     */
    public function installedVersion($feed)
    {
        foreach ($this->rows($feed, 'e.manifest_cache') as $manifest) {
            $manifest = json_decode($manifest, true);

            if (is_array($manifest) && isset($manifest['version']) && is_string($manifest['version'])) {
                return $manifest['version'];
            }
        }

        return '';
    }

    /**
     * @return  integer[]  update sites with this feed that belong to an extension
     */
    public function ids($feed)
    {
        return array_values(array_unique(array_map('intval', $this->rows($feed, 'x.update_site_id'))));
    }

    /** What the settings of this plug-in are now. */
    public function settings()
    {
        $database = call_user_func($this->database);
        $query = $this->query($database)
            ->select($database->quoteName('params'))
            ->from($database->quoteName('#__extensions'));

        foreach (array('type' => 'plugin', 'folder' => 'installer', 'element' => Vendor::ELEMENT) as $column => $value) {
            $query->where($database->quoteName($column) . ' = ' . $database->quote($value));
        }

        return new Registry((string) $database->setQuery($query)->loadResult());
    }

    /**
     * One column of the update sites with this feed, or of the extensions that they belong to.
     *
     * @param   string  $column  of the table s (update sites), x (which extension each belongs to) or e (extensions)
     *
     * @return  string[]
     */
    private function rows($feed, $column)
    {
        // A server must not get the key of another's extension by naming its feed.
        if (strncmp($feed, Vendor::PUBLIC_URL . '/', strlen(Vendor::PUBLIC_URL) + 1) !== 0) {
            return array();
        }

        try {
            return $this->selected($feed, $column);
        } catch (\Throwable $error) {
            // Then the settings of the plug-in count.
            return array();
        }
    }

    private function selected($feed, $column)
    {
        $database = call_user_func($this->database);
        $query = $this->query($database)
            ->select($database->quoteName(array('s.location', $column), array('location', 'found')))
            ->from($database->quoteName('#__update_sites', 's'));

        if ($column[0] !== 's') {
            $query->join('INNER', $this->on($database, '#__update_sites_extensions', 'x', 'update_site_id', 's'))
                ->join('INNER', $this->on($database, '#__extensions', 'e', 'extension_id', 'x'));
        }

        $database->setQuery($query->where($database->quoteName('s.location') . ' = ' . $database->quote($feed)));
        $values = array();

        // Databases may compare without case.
        foreach ((array) $database->loadAssocList() as $row) {
            if ($row['location'] === $feed) {
                $values[] = (string) $row['found'];
            }
        }

        return $values;
    }

    private function query($database)
    {
        return method_exists($database, 'createQuery') ? $database->createQuery() : $database->getQuery(true);
    }

    private function on($database, $table, $alias, $column, $other)
    {
        return $database->quoteName($table, $alias) . ' ON '
            . $database->quoteName($alias . '.' . $column) . ' = ' . $database->quoteName($other . '.' . $column);
    }
}
