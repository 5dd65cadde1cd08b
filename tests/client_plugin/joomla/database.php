<?php
/** A database that answers what the plug-in asks, from the update sites of the scenario. */

namespace Joomla\Database {
    interface DatabaseInterface
    {
    }
}

namespace Bandari\Tests {
    /** A query, put together from its clauses. */
    class Query
    {
        public array $columns = [];

        private array $clauses = [];

        public function select($columns)
        {
            $this->columns = (array) $columns;

            return $this->with('SELECT ' . implode(', ', $this->columns));
        }

        public function from($table)
        {
            return $this->with("FROM $table");
        }

        public function join($type, $table, $condition = null)
        {
            return $this->with("$type JOIN $table" . ($condition === null ? '' : " ON $condition"));
        }

        public function update($table)
        {
            return $this->with("UPDATE $table");
        }

        public function set($assignment)
        {
            return $this->with("SET $assignment");
        }

        public function where($condition)
        {
            $isFirst = !str_contains(implode(' ', $this->clauses), 'WHERE');

            return $this->with(($isFirst ? 'WHERE ' : 'AND ') . $condition);
        }

        public function __toString()
        {
            return implode(' ', $this->clauses);
        }

        private function with($clause)
        {
            $this->clauses[] = $clause;

            return $this;
        }
    }

    class Database implements \Joomla\Database\DatabaseInterface
    {
        /** What was asked. */
        public array $queries = [];

        private ?Query $query = null;

        /**
         * @param   array[]  $sites     update sites: `location`, `extra_query`, `version`; `is_orphan` where it belongs to no extension
         * @param   boolean  $broken    every query fails
         * @param   string   $settings  of the plug-in
         */
        public function __construct(public array $sites, private bool $broken, private string $settings)
        {
        }

        public function getQuery($new = false)
        {
            return new Query();
        }

        public function quoteName($name, $alias = null)
        {
            if (is_array($name)) {
                return array_map([$this, 'quoteName'], $name, $alias ?? array_fill(0, count($name), null));
            }

            $quoted = '`' . str_replace('.', '`.`', $name) . '`';

            return $alias === null ? $quoted : "$quoted AS `$alias`";
        }

        public function quote($text)
        {
            return "'" . addslashes($text) . "'";
        }

        public function setQuery($query)
        {
            $this->query = $query;

            return $this;
        }

        public function execute()
        {
            $this->queries[] = (string) $this->query;

            if ($this->broken) {
                throw new \RuntimeException('the database has gone');
            }

            return true;
        }

        /** As MySQL does, without regard to case. */
        public function loadAssocList()
        {
            $this->execute();
            preg_match("/WHERE `s`.`location` = '(.*)'\\z/", (string) $this->query, $asked);
            $needsExtension = str_contains((string) $this->query, 'INNER JOIN `#__extensions` AS `e`');
            $rows = [];

            foreach ($this->sites as $index => $site) {
                $isHidden = $needsExtension && ($site['is_orphan'] ?? false);

                if (!$isHidden && strcasecmp($site['location'], stripslashes($asked[1])) === 0) {
                    $rows[] = $this->row($index + 1, $site);
                }
            }

            return $rows;
        }

        private function row($id, array $site)
        {
            $row = [
                '`s`.`location`' => $site['location'],
                '`s`.`extra_query`' => $site['extra_query'] ?? null,
                '`x`.`update_site_id`' => (string) $id,
                '`e`.`manifest_cache`' => json_encode(['version' => $site['version'] ?? '']),
            ];
            $named = [];

            foreach ($this->query->columns as $column) {
                [$name, $alias] = explode(' AS ', $column);
                $named[trim($alias, '`')] = $row[$name];
            }

            return $named;
        }

        /** The settings of the plug-in are all that is asked for so. */
        public function loadResult()
        {
            $this->execute();
            $where = "WHERE `type` = 'plugin' AND `folder` = 'installer' AND `element` = '{$GLOBALS['scenario']['element']}'";
            $expected = "SELECT `params` FROM `#__extensions` $where";

            return (string) $this->query === $expected ? $this->settings : throw new \LogicException((string) $this->query);
        }
    }

    /** Of Joomla 6. */
    class NewerDatabase extends Database
    {
        public function createQuery()
        {
            return new Query();
        }

        public function getQuery($new = false)
        {
            throw new \LogicException('createQuery() is what counts now');
        }
    }
}
