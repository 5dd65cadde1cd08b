<?php
/** A database that answers what the plug-in asks, from the update sites of the scenario. */

namespace Joomla\Database {
    interface DatabaseInterface
    {
    }

    trait DatabaseAwareTrait
    {
        private $database;

        public function setDatabase(DatabaseInterface $database): void
        {
            $this->database = $database;
        }

        protected function getDatabase(): DatabaseInterface
        {
            return $this->database ?? throw new \RuntimeException('no database');
        }
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
         * @param   array[]  $sites   of rows with `location`, `extra_query`, `version`
         * @param   boolean  $broken  every query fails
         */
        public function __construct(private array $sites, private bool $broken)
        {
        }

        public function getQuery($new = false)
        {
            return new Query();
        }

        public function quoteName($name, $alias = null)
        {
            if (is_array($name)) {
                return array_map(fn ($one) => $this->quoteName($one), $name);
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
            $rows = array_filter($this->sites, fn ($site) => strcasecmp($site['location'], stripslashes($asked[1])) === 0);

            return array_values(array_map([$this, 'row'], $rows));
        }

        private function row(array $site)
        {
            $manifest = json_encode(['version' => $site['version'] ?? '']);
            $row = ['location' => $site['location'], 'extra_query' => $site['extra_query'] ?? null];
            $row += ['manifest_cache' => $manifest];
            $asked = array_map(fn ($name) => str_replace(['`', 's.'], '', $name), $this->query->columns);

            return array_intersect_key($row, array_flip($asked));
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
