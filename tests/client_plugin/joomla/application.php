<?php
/** Applications with their queues of messages, and where everything else is got from. */

namespace Joomla\CMS\Application {
    /** Of the administrator. The queue holds each message once. */
    class CMSApplication
    {
        private array $queue = [];

        public function __construct(private array $settings)
        {
        }

        public function enqueueMessage($message, $type = 'message')
        {
            $message = \Joomla\CMS\Filter\InputFilter::getInstance([], [], 1, 1)->clean($message, 'html');
            $entry = ['message' => $message, 'type' => strtolower($type)];

            if (trim($message) !== '' && !in_array($entry, $this->queue)) {
                $this->queue[] = $entry;
            }
        }

        public function getMessageQueue($clear = false)
        {
            $queue = $this->queue;
            $this->queue = $clear ? [] : $queue;

            return $queue;
        }

        public function isClient($name)
        {
            return $name === 'administrator';
        }

        public function get($name, $default = null)
        {
            return $this->settings[$name] ?? $default;
        }

        public function getLanguage()
        {
            return \Joomla\CMS\Factory::$language;
        }

        /** Components have been objects since 4.0. */
        public function bootComponent($name)
        {
            return $name === 'com_installer' && version_compare(JVERSION, '4', '>=')
                ? new \Bandari\Tests\ComInstaller()
                : throw new \LogicException("no component $name");
        }
    }

    /** Of the command line, since Joomla 4: another kind of queue, which nobody can empty. */
    class ConsoleApplication extends CMSApplication
    {
        private array $messages = [];

        public function enqueueMessage($message, $type = 'info')
        {
            $this->messages[$type][] = $message;
        }

        public function getMessageQueue($clear = false)
        {
            return $this->messages;
        }

        public function isClient($name)
        {
            return $name === 'cli';
        }
    }
}

namespace Joomla\CMS {
    trait Places
    {
        public static $application;

        public static $language;

        public static $database;

        public static $dispatcher;

        public static $container;

        public static function getApplication()
        {
            return self::$application;
        }

        public static function getLanguage()
        {
            return self::$language;
        }

        public static function getDbo()
        {
            return self::$database;
        }
    }

    if (version_compare(JVERSION, '4', '<')) {
        class Factory
        {
            use Places;
        }
    } else {
        class Factory
        {
            use Places;

            public static function getContainer()
            {
                return self::$container;
            }
        }
    }
}

namespace Joomla\DI {
    interface ServiceProviderInterface
    {
        public function register(Container $container);
    }

    class Container
    {
        private array $made = [];

        public function set($name, callable $maker)
        {
            $this->made[$name] = $maker;
        }

        public function get($name)
        {
            return $this->made[$name]($this);
        }
    }
}

namespace Joomla\CMS\Extension {
    interface PluginInterface
    {
    }
}

namespace Joomla\CMS\Filter {
    class InputFilter
    {
        public static function getInstance($tags, $attributes, $tagsMethod, $attributesMethod)
        {
            return [[], [], 1, 1] === func_get_args() ? new self() : throw new \LogicException('another filter');
        }

        /** Writes tags anew. */
        public function clean($text, $type)
        {
            return preg_replace("/<a href='(.*?)'>/", '<a href="$1">', $text);
        }
    }
}
