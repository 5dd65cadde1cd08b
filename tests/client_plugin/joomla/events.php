<?php
/** Events: arguments by reference in 3.10, objects since 4.0, named arguments since 5.0. */

namespace {
    /** Of 3.10. */
    class JEventDispatcher
    {
        private array $plugins = [];

        public function attach($plugin)
        {
            $this->plugins[] = $plugin;
        }

        public function trigger($event, $arguments = [])
        {
            foreach ($this->plugins as $plugin) {
                if (method_exists($plugin, $event)) {
                    call_user_func_array([$plugin, $event], array_values($arguments));
                }
            }
        }
    }
}

namespace Joomla\Event {
    interface DispatcherInterface
    {
    }

    final class Priority
    {
        public const MIN = -3;
    }

    interface SubscriberInterface
    {
        public static function getSubscribedEvents(): array;
    }

    class Event
    {
        public function __construct(private string $name, protected array $arguments = [])
        {
        }

        public function getArgument($name, $default = null)
        {
            return $this->arguments[$name] ?? $default;
        }

        public function setArgument($name, $value)
        {
            $this->arguments[$name] = $value;

            return $this;
        }
    }

    class Dispatcher implements DispatcherInterface
    {
        private array $listeners = [];

        public function addSubscriber(SubscriberInterface $subscriber): void
        {
            foreach ($subscriber->getSubscribedEvents() as $event => $method) {
                $this->listeners[$event][] = [$subscriber, ((array) $method)[0]];
            }
        }

        public function dispatch(string $name, Event $event): Event
        {
            foreach ($this->listeners[$name] ?? [] as $listener) {
                $listener($event);
            }

            return $event;
        }
    }
}

namespace Joomla\CMS\Event\Installer {
    use Joomla\Event\Event;

    if (version_compare(JVERSION, '5', '>=')) {
        class BeforePackageDownloadEvent extends Event
        {
            public function setArgument($name, $value)
            {
                throw new \BadMethodCallException("argument $name cannot be set");
            }

            public function getUrl(): string
            {
                return $this->arguments['url'];
            }

            public function getHeaders(): array
            {
                return $this->arguments['headers'];
            }

            public function updateUrl(string $url): static
            {
                $this->arguments['url'] = $url;

                return $this;
            }
        }
    }
}
