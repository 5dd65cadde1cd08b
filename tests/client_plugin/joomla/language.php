<?php
/** Texts from INI files, and dates in words. */

namespace Joomla\CMS\Language {
    class Language
    {
        private const DEFAULT = 'en-GB';

        private array $strings = [];

        private array $paths = [];

        public function __construct(private string $tag)
        {
        }

        /** English first, so that what a translation lacks is in English. */
        public function load($extension, $folder, $tag = null)
        {
            $tag ??= $this->tag;

            if ($tag !== self::DEFAULT) {
                $this->load($extension, $folder, self::DEFAULT);
            }

            $names = ["$extension.ini", "$tag.$extension.ini"];
            // 3.10 looks for the name with the tag first.
            $names = version_compare(JVERSION, '4', '<') ? array_reverse($names) : $names;

            foreach ($names as $name) {
                if ($this->read($extension, "$folder/language/$tag/$name")) {
                    return true;
                }
            }

            return false;
        }

        private function read($extension, $file)
        {
            $this->paths[$extension][$file] ??= false;

            if (!is_file($file)) {
                return false;
            }

            // 3.10 reads what later versions take as it stands.
            $mode = version_compare(JVERSION, '4', '<') ? INI_SCANNER_NORMAL : INI_SCANNER_RAW;
            $strings = parse_ini_file($file, false, $mode);
            $strings = array_change_key_case(str_replace('\"', '"', $strings), CASE_UPPER);
            $this->strings = array_replace($this->strings, $strings);

            return $this->paths[$extension][$file] = $strings !== [];
        }

        public function getPaths($extension)
        {
            return $this->paths[$extension] ?? null;
        }

        /** Files that were read. */
        public function files()
        {
            return array_keys(array_filter(array_merge(...array_values($this->paths))));
        }

        public function hasKey($key)
        {
            return isset($this->strings[strtoupper($key)]);
        }

        public function _($key)
        {
            return $this->strings[strtoupper($key)] ?? $key;
        }

        /** As English and German have them. */
        public function getPluralSuffixes($count)
        {
            $forms = [0 => ['0'], 1 => ['ONE', '1']];

            return $forms[$count] ?? ['OTHER', 'MORE'];
        }
    }

    class Text
    {
        public static function _($key)
        {
            return \Joomla\CMS\Factory::getLanguage()->_($key);
        }

        public static function sprintf($key, ...$values)
        {
            return sprintf(self::_($key), ...$values);
        }

        public static function plural($key, $count, ...$values)
        {
            $language = \Joomla\CMS\Factory::getLanguage();
            $suffixes = $language->getPluralSuffixes((int) $count);

            if ($count != 1) {
                array_unshift($suffixes, (int) $count);
            }

            foreach ($suffixes as $suffix) {
                if ($language->hasKey($key . '_' . $suffix)) {
                    return self::sprintf($key . '_' . $suffix, $count, ...$values);
                }
            }

            return self::sprintf($key, $count, ...$values);
        }
    }
}

namespace Joomla\CMS\Date {
    use Joomla\CMS\Language\Text;

    /** In UTC unless the site's own time is asked for. */
    class Date extends \DateTime
    {
        public function __construct($date = 'now', $zone = null)
        {
            parent::__construct($date, new \DateTimeZone($zone ?? 'UTC'));
        }

        #[\ReturnTypeWillChange]
        public function format($format, $local = false, $translate = true)
        {
            $this->setTimezone(new \DateTimeZone($local ? date_default_timezone_get() : 'UTC'));
            $month = Text::_(strtoupper(parent::format('F')));

            return str_replace('~', $month, parent::format(str_replace('F', '~', $format)));
        }
    }
}
