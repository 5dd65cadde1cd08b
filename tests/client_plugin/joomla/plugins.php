<?php
/** How plug-ins are made, with the constructor of the version. */

namespace Joomla\CMS\Plugin {
    use Joomla\CMS\Factory;
    use Joomla\Event\DispatcherInterface;
    use Joomla\Registry\Registry;

    trait Made
    {
        public $params;

        protected $_name;

        protected $_type;

        private function configure(array $config)
        {
            $this->params = new Registry($config['params']);
            $this->_name = $config['name'];
            $this->_type = $config['type'];
        }

        public function loadLanguage($extension = '', $folder = JPATH_ADMINISTRATOR)
        {
            $extension = $extension ?: strtolower("plg_{$this->_type}_{$this->_name}");
            $language = Factory::getLanguage();

            return $language->getPaths($extension)
                || $language->load($extension, $folder)
                || $language->load($extension, JPATH_PLUGINS . "/{$this->_type}/{$this->_name}");
        }
    }

    if (version_compare(JVERSION, '4', '<')) {
        abstract class CMSPlugin
        {
            use Made;

            public function __construct(&$subject, $config = [])
            {
                $this->configure($config);
                $subject->attach($this);
            }
        }
    } elseif (version_compare(JVERSION, '5', '<')) {
        abstract class CMSPlugin
        {
            use Made;

            public function __construct(&$subject, $config = [])
            {
                $this->configure($config);
            }
        }
    } elseif (version_compare(JVERSION, '5.3', '<')) {
        abstract class CMSPlugin
        {
            use Made;

            public function __construct(DispatcherInterface $dispatcher, array $config = [])
            {
                $this->configure($config);
            }
        }
    } else {
        abstract class CMSPlugin
        {
            use Made;

            public function __construct($config = [])
            {
                if ($config instanceof DispatcherInterface) {
                    trigger_error('a dispatcher is no longer given to a plug-in', E_USER_DEPRECATED);
                    $config = func_get_arg(1);
                }

                $this->configure($config);
            }
        }
    }

    class PluginHelper
    {
        public static array $plugin;

        private static bool $isImported = false;

        /** The row of `#__extensions`. */
        public static function getPlugin($type, $name)
        {
            return (object) ($type === self::$plugin['type'] && $name === self::$plugin['name'] ? self::$plugin : []);
        }

        /** Once in a request. */
        public static function importPlugin()
        {
            if (self::$isImported) {
                return;
            }

            self::$isImported = true;
            $name = self::$plugin['name'];
            $folder = JPATH_PLUGINS . '/' . self::$plugin['type'] . '/' . $name;

            if (version_compare(JVERSION, '4', '<')) {
                require_once "$folder/$name.php";
                $class = 'Plg' . self::$plugin['type'] . $name;
                new $class(Factory::$dispatcher, self::$plugin);

                return;
            }

            self::registerNamespace($folder, $name);
            $provider = require "$folder/services/provider.php";
            $provider->register(Factory::$container);
            $plugin = Factory::$container->get(\Joomla\CMS\Extension\PluginInterface::class);
            Factory::$dispatcher->addSubscriber($plugin);
        }

        /** Since 4.0 the manifest says where classes are. */
        public static function registerNamespace($folder, $name)
        {
            preg_match('~<namespace path="(.*?)">(.*?)</namespace>~', file_get_contents("$folder/$name.xml"), $found);
            [, $path, $namespace] = $found;
            spl_autoload_register(function ($class) use ($folder, $path, $namespace) {
                if (str_starts_with($class, "$namespace\\")) {
                    $file = strtr(substr($class, strlen($namespace) + 1), '\\', '/');
                    require "$folder/$path/$file.php";
                }
            });
        }
    }
}

namespace Joomla\CMS\Installer\Adapter {
    use Bandari\Tests\Installer;

    class PluginAdapter
    {
        public function __construct(private Installer $parent)
        {
        }

        public function getParent()
        {
            return $this->parent;
        }
    }
}

namespace Bandari\Tests {
    use Joomla\CMS\Installer\Adapter\PluginAdapter;

    /** What a plug-in's script is given a part of. */
    class Installer
    {
        public PluginAdapter $adapter;

        /** Which adapters are made anew for the next extension: kind and class. */
        public array $renewed = [];

        public function __construct()
        {
            $this->adapter = new PluginAdapter($this);
        }

        /** Since 6.0 it may be given a class. */
        public function setAdapter($name, $adapter)
        {
            $isNew = version_compare(JVERSION, '6', '>=');
            $this->renewed[$name] = $isNew ? $adapter : throw new \LogicException('an older Joomla keeps no adapter');
        }
    }
}
