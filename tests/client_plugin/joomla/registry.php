<?php
/** Settings by path. */

namespace Joomla\Registry;

class Registry implements \ArrayAccess
{
    private array $values = [];

    public function __construct($values = null)
    {
        $this->values = is_string($values) ? (array) json_decode($values, true) : (array) $values;
    }

    public function get($path, $default = null)
    {
        $found = $this->values;

        foreach (explode('.', $path) as $part) {
            if (!is_array($found) || !isset($found[$part])) {
                return $default;
            }

            $found = $found[$part];
        }

        return $found === '' ? $default : $found;
    }

    public function set($path, $value)
    {
        $place = &$this->values;

        foreach (explode('.', $path) as $part) {
            $place = &$place[$part];
        }

        $place = $value;
    }

    public function exists($path)
    {
        return $this->get($path) !== null;
    }

    public function offsetExists(mixed $path): bool
    {
        return $this->exists($path);
    }

    public function offsetGet(mixed $path): mixed
    {
        return $this->get($path);
    }

    public function offsetSet(mixed $path, mixed $value): void
    {
        $this->set($path, $value);
    }

    public function offsetUnset(mixed $path): void
    {
        $this->set($path, null);
    }
}
