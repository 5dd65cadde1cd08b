<?php
/** Joomla's HTTP client over real connections, with answers in the shape of the version. */

namespace Bandari\Tests {
    /** Every request that was made, and what came of it. */
    class Wire
    {
        public static array $requests = [];

        /** Whether curl goes to where a redirect points; with `open_basedir` old ones did not. */
        public static bool $followsRedirects = true;

        public static function request($method, $url, $data, $headers, $options)
        {
            // As Joomla's class of addresses does.
            $url = str_replace('&amp;', '&', $url);
            self::$requests[] = ['method' => $method, 'url' => $url, 'headers' => (array) $headers, 'body' => $data];

            if (!function_exists('curl_init')) {
                return self::streamed($method, $url);
            }

            $follows = self::$followsRedirects && $options->get('follow_location', true);
            $set = [CURLOPT_URL => $url, CURLOPT_HEADER => true, CURLOPT_RETURNTRANSFER => true];
            $set += [CURLOPT_FOLLOWLOCATION => $follows];

            if ($method === 'POST') {
                $set += [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $data];
                $headers['Content-Length'] = strlen($data);
            }

            $lines = array_map(fn ($name, $value) => "$name: $value", array_keys((array) $headers), (array) $headers);
            $set[CURLOPT_HTTPHEADER] = [...$lines, 'Expect:'];

            if ($options->get('userAgent') !== null) {
                $set[CURLOPT_USERAGENT] = $options->get('userAgent');
            }

            foreach ($options->get('transport.curl', []) as $option => $value) {
                $set[$option] = $value;
            }

            return self::sent($set);
        }

        private static function sent(array $set)
        {
            $handle = curl_init();
            curl_setopt_array($handle, $set);
            $content = curl_exec($handle);

            if (!is_string($content)) {
                throw new \RuntimeException(curl_error($handle) ?: 'No HTTP response received');
            }

            $size = curl_getinfo($handle, CURLINFO_HEADER_SIZE);
            $heads = explode("\r\n\r\n", trim(substr($content, 0, $size)));
            $lines = explode("\r\n", array_pop($heads));
            array_shift($lines);
            $headers = [];

            foreach ($lines as $line) {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $headers[$name] = trim($value);
            }

            return [curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $headers, substr($content, $size)];
        }

        private static function streamed($method, $url)
        {
            $body = @file_get_contents($url, false, stream_context_create(['http' => ['method' => $method]]));

            return $body === false ? throw new \RuntimeException('no stream') : [200, [], $body];
        }
    }
}

namespace Joomla\CMS\Http {
    use Bandari\Tests\Wire;
    use Joomla\Registry\Registry;

    /** Of 3.10. */
    class PropertyResponse
    {
        public function __construct(public int $code, public array $headers, public string $body)
        {
        }
    }

    /** Of 4.0 and later, a message of PSR-7. */
    class MessageResponse
    {
        public function __construct(private int $status, private array $headers, private string $body)
        {
        }

        public function getStatusCode()
        {
            return $this->status;
        }

        public function getHeaders()
        {
            return array_map(fn ($value) => [$value], $this->headers);
        }

        public function getBody()
        {
            return new class ($this->body) {
                public function __construct(private string $text)
                {
                }

                public function __toString()
                {
                    return $this->text;
                }
            };
        }
    }

    class Http
    {
        public function __construct(private Registry $options)
        {
        }

        public function get($url, ?array $headers = null, $timeout = null)
        {
            return $this->answer(Wire::request('GET', $url, null, $headers, $this->options));
        }

        public function post($url, $data, ?array $headers = null, $timeout = null)
        {
            return $this->answer(Wire::request('POST', $url, $data, $headers, $this->options));
        }

        private function answer(array $answer)
        {
            $isOld = version_compare(JVERSION, '4', '<');

            return $isOld ? new PropertyResponse(...$answer) : new MessageResponse(...$answer);
        }
    }

    class HttpFactory
    {
        public static function getHttp($options = null, $adapters = null)
        {
            return new Http($options ?? new Registry());
        }
    }
}
