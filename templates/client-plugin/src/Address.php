<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

/**
 * The address of a package of this vendor, as Joomla is about to ask for it. Values of this class do not change.
 */
final class Address
{
    /** Parameters in which a key may come. */
    const KEY_NAMES = array('dlid', 'key', 'download_id', 'download_key', 'token', 'license', 'license_key');

    /** Paths of downloads, below the vendor's address, of the characters that identifiers and names of files have. */
    const DOWNLOADS = '~\A/(?:download|(?:get|post)/release/download)/[A-Za-z0-9._\~/-]+\z~';

    /** A blank of any kind, or what nobody sees: pasting leaves them around a key. */
    const BLANK = '[\s\x{a0}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{3000}\x{feff}]';

    /** Scheme, host and path, as they came. */
    private $base;

    /** The path below the vendor's address. */
    private $path;

    /** What stands between "&" and "&" behind "?", as it came; null when there is no "?". */
    private $pairs;

    /** "#" and what follows it, or nothing. */
    private $fragment;

    private function __construct($base, $path, $pairs, $fragment)
    {
        $this->base = $base;
        $this->path = $path;
        $this->pairs = $pairs;
        $this->fragment = $fragment;
    }

    /**
     * @param   mixed  $url  any address that Joomla downloads from
     *
     * @return  Address|null  nothing when it is not one of this vendor's downloads
     */
    public static function ours($url)
    {
        $parts = '~\A([^:/?#]+://[^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?\z~s';

        if (!is_string($url) || !preg_match($parts, $url, $found) || !preg_match($parts, Vendor::DOWNLOAD_URL, $own)) {
            return null;
        }

        $prefix = $own[2];
        $path = (string) substr($found[2], strlen($prefix));

        if (strcasecmp($found[1], $own[1]) !== 0 || strncmp($found[2], $prefix . '/', strlen($prefix) + 1) !== 0) {
            return null;
        }

        $base = $found[1] . $found[2];
        $pairs = substr($url, strlen($base), 1) === '?' ? explode('&', $found[3]) : null;
        $address = new self($base, $path, $pairs, isset($found[4]) ? $found[4] : '');

        return $address->isDownload() ? $address : null;
    }

    /** With what stands there now. */
    public function url()
    {
        $query = $this->pairs === null ? '' : '?' . implode('&', $this->pairs);

        return $this->base . $query . $this->fragment;
    }

    /** A key that can be anything at all is in the address. */
    public function hasKey()
    {
        foreach ((array) $this->pairs as $pair) {
            if (self::isKey($pair) && self::trimmed(urldecode(self::value($pair))) !== '') {
                return true;
            }
        }

        return false;
    }

    /**
     * @param   string  $key  not encoded
     */
    public function hasThisKey($key)
    {
        return $this->pairs !== null && self::keyIn(implode('&', $this->pairs)) === $key;
    }

    /**
     * Without blanks around the key and with everything encoded that may not stand in a query: Joomla would make no request
     * at all. A good address stays as it is.
     */
    public function cleaned()
    {
        if ($this->pairs === null) {
            return $this;
        }

        $pairs = array();

        foreach ($this->pairs as $pair) {
            if (self::isKey($pair)) {
                $pair = self::nameWithSign($pair) . self::trimmed(self::value($pair));
            }

            $pairs[] = self::encoded($pair);
        }

        return new self($this->base, $this->path, $pairs, $this->fragment);
    }

    /**
     * With this key in the place of what is there, or at the end: behind a key may be the ".zip" by which Joomla knows an
     * archive.
     *
     * @param   string  $key  not encoded
     */
    public function withKey($key)
    {
        $new = 'dlid=' . rawurlencode($key);
        $pairs = array();

        foreach (array_merge((array) $this->pairs, array($new)) as $pair) {
            $pair = self::isKey($pair) ? $new : $pair;

            if ($pair !== '' && !($pair === $new && in_array($new, $pairs, true))) {
                $pairs[] = $pair;
            }
        }

        return new self($this->base, $this->path, $pairs, $this->fragment);
    }

    /** Where to ask whether this may be downloaded. */
    public function checkUrl()
    {
        return Vendor::DOWNLOAD_URL . '/check' . $this->path;
    }

    /**
     * The body of that request.
     *
     * @param   boolean  $withKey   send the address's key, too
     * @param   array    $versions  what else is sent, by name
     */
    public function form($withKey, array $versions)
    {
        $pairs = array();

        foreach ((array) $this->pairs as $pair) {
            if ($pair !== '' && ($withKey || !self::isKey($pair))) {
                $pairs[] = self::withoutAmp($pair);
            }
        }

        foreach ($versions as $name => $version) {
            $pairs[] = $name . '=' . rawurlencode($version);
        }

        return implode('&', $pairs);
    }

    /**
     * The key in what Joomla keeps of an update site.
     *
     * @param   string  $extraQuery  such as "dlid=…"
     *
     * @return  string  not encoded; empty when there is none
     */
    public static function keyIn($extraQuery)
    {
        foreach (self::KEY_NAMES as $name) {
            foreach (explode('&', self::trimmed($extraQuery)) as $pair) {
                $key = self::isKey($pair) ? self::trimmed(urldecode(self::value($pair))) : '';

                if ($key !== '' && self::name($pair) === $name) {
                    return $key;
                }
            }
        }

        return '';
    }

    /** Without blanks at both ends. */
    public static function trimmed($text)
    {
        // Blanks in between are looked at once, not once from each of them on.
        $atEnd = '(?<!' . self::BLANK . ')' . self::BLANK . '++\z';
        $trimmed = preg_replace('~\A' . self::BLANK . '++|' . $atEnd . '~u', '', $text);

        return $trimmed === null ? trim($text) : $trimmed;
    }

    private function isDownload()
    {
        if ($this->path !== '/') {
            // No address of ours has a part of dots, and on the way to the server it would be resolved.
            return preg_match(self::DOWNLOADS, $this->path) === 1 && !preg_match('~/\.\.?(?:/|\z)~', $this->path);
        }

        foreach ((array) $this->pairs as $pair) {
            if (self::withoutAmp($pair) === 'resource=download') {
                return true;
            }
        }

        return false;
    }

    private static function isKey($pair)
    {
        return in_array(self::name($pair), self::KEY_NAMES, true);
    }

    private static function name($pair)
    {
        return explode('=', self::withoutAmp($pair), 2)[0];
    }

    private static function value($pair)
    {
        return (string) substr($pair, strlen(self::nameWithSign($pair)));
    }

    private static function nameWithSign($pair)
    {
        return substr($pair, 0, strcspn($pair, '=') + 1);
    }

    /** Joomla joins the key to an address that has a query with the five characters "&amp;". */
    private static function withoutAmp($pair)
    {
        return strncmp($pair, 'amp;', 4) === 0 ? substr($pair, 4) : $pair;
    }

    /** RFC 3986, section 3.4: what may stand in a query stays. */
    private static function encoded($text)
    {
        return preg_replace_callback(
            '~%(?![0-9A-Fa-f][0-9A-Fa-f])|[^A-Za-z0-9._\~!$&\'()*+,;=:@/?%-]~',
            function ($found) {
                return rawurlencode($found[0]);
            },
            $text
        );
    }
}
