<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\CMS\Date\Date;
use Joomla\CMS\Language\Text;

/**
 * What people read. The language files hold plain text; what comes from the server is escaped here, and nowhere else.
 */
final class Sentences
{
    private $isTerminal;

    /**
     * @param   boolean  $isTerminal  plain text instead of HTML
     */
    public function __construct($isTerminal)
    {
        $this->isTerminal = $isTerminal;
    }

    /** Why there is no download, and what to do about it. */
    public function refusal(Answer $answer)
    {
        $name = $this->escaped($answer->product());

        switch ($answer->state()) {
            case 'missing':
                return $this->joined($this->text('MISSING', $name), $this->whereToEnter());
            case 'invalid':
                return $this->joined($this->text('INVALID', $name), $this->whereToEnter());
            case 'expired':
                return $this->joined($this->dated('EXPIRED', $name, $answer->time('expires')), $this->renewal($answer));
            case 'canceled':
                return $this->joined($this->dated('CANCELED', $name, $answer->time('canceled')), $this->purchase($answer));
            case 'refunded':
                return $this->joined($this->text('REFUNDED', $name), $this->purchase($answer));
            case 'suspended':
                return $this->joined($this->text('SUSPENDED', $name), $this->support());
            case 'not_covered':
                return $this->joined($this->text('NOT_COVERED', $name), $this->purchase($answer));
            case 'withdrawn':
                return $this->text('WITHDRAWN', $name);
            case 'unknown_package':
                return $this->joined($this->text('UNKNOWN_PACKAGE', $name), $this->support());
        }

        $message = $this->escaped($answer->text('message'));

        return $this->joined($message !== '' ? $message : $this->text('REFUSED', $name), $this->renewal($answer));
    }

    /**
     * What should be known although the download goes on.
     *
     * @return  string  empty when there is nothing
     */
    public function notice(Answer $answer)
    {
        $name = $this->escaped($answer->product());

        if ($answer->state() === 'kept_release') {
            $sentence = $this->dated('KEPT_RELEASE', $name, $answer->time('expires'));
        } elseif ($answer->isExpiring() && $answer->daysLeft() !== null && $answer->time('expires') !== '') {
            $key = Vendor::LANGUAGE_PREFIX . '_EXPIRING';
            $sentence = Text::plural($key, $answer->daysLeft(), $name, $this->day($answer->time('expires')));
        } elseif ($answer->isExpiring()) {
            $sentence = $this->text('EXPIRING_SOON', $name);
        } else {
            return '';
        }

        return $this->joined($sentence, $this->renewal($answer));
    }

    /**
     * @param   string  $why  a word of Unanswered
     */
    public function unchecked($why)
    {
        return $this->text('UNCHECKED', $this->escaped(Vendor::NAME), $this->text('UNCHECKED_' . $why));
    }

    private function text($key, ...$values)
    {
        $key = Vendor::LANGUAGE_PREFIX . '_' . $key;

        return $values === array() ? Text::_($key) : Text::sprintf($key, ...$values);
    }

    private function dated($key, $name, $time)
    {
        return $time === '' ? $this->text($key . '_UNDATED', $name) : $this->text($key, $name, $this->day($time));
    }

    /** The server's day, wherever the site is. */
    private function day($time)
    {
        return (new Date($time, 'UTC'))->format(Text::_('DATE_FORMAT_LC3'));
    }

    /** Joomla 3.10 has no field for the key of an update site. */
    private function whereToEnter()
    {
        return $this->text(version_compare(JVERSION, '4', '<') ? 'WHERE_3' : 'WHERE');
    }

    private function renewal(Answer $answer)
    {
        return $this->link($answer->renewUrl(), 'RENEW');
    }

    /** Vendors sell where they renew. */
    private function purchase(Answer $answer)
    {
        return $this->link($answer->renewUrl(), 'BUY');
    }

    private function support()
    {
        return $this->link(Vendor::SUPPORT_URL, 'SUPPORT');
    }

    private function link($url, $key)
    {
        if ($url === '') {
            return '';
        }

        if ($this->isTerminal) {
            return $this->text($key) . ': ' . $url;
        }

        $begin = '<a href="' . $this->escaped($url) . '" target="_blank" rel="noopener noreferrer">';

        return $begin . $this->text($key) . '</a>';
    }

    private function joined($sentence, $more)
    {
        return $more === '' ? $sentence : $sentence . ' ' . $more;
    }

    private function escaped($text)
    {
        return $this->isTerminal ? $text : htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }
}
