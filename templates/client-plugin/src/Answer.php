<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

/**
 * What the vendor's server says of a package and a key: version 1 of the answers of `/check`. All texts in it are a
 * stranger's: not escaped, but of a length that can be shown.
 */
final class Answer
{
    const VERSION = 1;

    /** Statuses that carry a judgment; all others are answers of something in between, or of a server in trouble. */
    const STATUSES = array(200, 404, 410);

    const DEPTH = 8;

    const LONGEST_TEXT = 500;

    private $members;

    private function __construct(array $members)
    {
        $this->members = $members;
    }

    /**
     * @return  Answer|null  nothing when this is no answer of that kind
     */
    public static function read($status, $body)
    {
        $members = json_decode($body, true, self::DEPTH);
        $isAnswer = in_array($status, self::STATUSES, true)
            && is_array($members)
            && isset($members['check_version'], $members['state'], $members['valid'])
            && $members['check_version'] === self::VERSION
            && is_string($members['state'])
            && preg_match('~\A[a-z][a-z0-9_]{0,39}\z~', $members['state'])
            && is_bool($members['valid'])
            && ($status === 200 || $members['valid'] === false);

        return $isAnswer ? new self($members) : null;
    }

    public function state()
    {
        return $this->members['state'];
    }

    public function isRefusal()
    {
        return !$this->members['valid'];
    }

    /** Whether another key could be a better one. */
    public function isAboutKey()
    {
        $states = array('invalid', 'refunded', 'canceled', 'suspended', 'expired', 'not_covered');

        return $this->isRefusal() && in_array($this->state(), $states, true);
    }

    /** For people. */
    public function product()
    {
        foreach (array('name', 'product') as $name) {
            if ($this->text($name) !== '') {
                return $this->text($name);
            }
        }

        return Vendor::NAME;
    }

    /**
     * A member that is a text: without what cannot be shown, in one line, cut where it is too long.
     *
     * @return  string  empty when there is none
     */
    public function text($name)
    {
        $text = isset($this->members[$name]) && is_string($this->members[$name]) ? $this->members[$name] : '';
        // Control characters, and marks that turn the direction of what follows them.
        $text = preg_replace('~[\p{Cc}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}]+~u', ' ', $text);

        return preg_match('~\A.{0,' . self::LONGEST_TEXT . '}~su', trim((string) $text), $found) ? $found[0] : '';
    }

    /**
     * @return  string  a time as RFC 3339 writes it, in UTC; empty when there is none
     */
    public function time($name)
    {
        $time = $this->text($name);
        $isTime = preg_match('~\A([0-9]{4})-([0-9]{2})-([0-9]{2})T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}Z\z~', $time, $date)
            && checkdate((int) $date[2], (int) $date[3], (int) $date[1]);

        return $isTime ? $time : '';
    }

    /** Whether the license ends soon. */
    public function isExpiring()
    {
        return isset($this->members['expiring']) && $this->members['expiring'] === true;
    }

    /**
     * @return  integer|null  whole days that are left
     */
    public function daysLeft()
    {
        $days = isset($this->members['days_left']) ? $this->members['days_left'] : null;

        return is_int($days) && $days >= 0 ? $days : null;
    }

    /**
     * @return  string  address of a page; empty when there is none that a browser should open
     */
    public function renewUrl()
    {
        $url = isset($this->members['renew_url']) ? $this->members['renew_url'] : '';
        $isPage = is_string($url) && strlen($url) <= 2000 && preg_match('~\Ahttps?://[^\s\p{C}"\'<>\\\\`]+\z~iu', $url);

        return $isPage ? $url : '';
    }
}
