<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\Registry\Registry;

/**
 * What happens to the address of a package before Joomla downloads it. Addresses of others pass at once, as they are.
 */
final class Gate
{
    private $keys;

    private $versions;

    private $messages;

    /** @var string[]  what became of each address in this request */
    private $passed = array();

    /** @var Unanswered|null  why a server that took all its time is not asked again in this request */
    private $silence;

    /**
     * @param   object    $application  Joomla's
     * @param   Registry  $settings     of the plug-in
     * @param   callable  $database     gives the database
     * @param   callable  $language     loads the language file
     */
    public function __construct($application, Registry $settings, callable $database, callable $language)
    {
        $updateSites = new UpdateSites($database);
        $this->keys = new Keys($updateSites, $settings);
        $this->versions = new Versions($updateSites);
        $this->messages = new Messages($application, $language);
    }

    /**
     * @param   mixed  $url  where Joomla is about to download from
     *
     * @return  mixed  where it shall download from instead
     */
    public function pass($url)
    {
        $address = Address::ours($url);

        if ($address === null) {
            return $url;
        }

        if (!isset($this->passed[$url])) {
            try {
                $this->passed[$url] = $this->judged($url, $address->cleaned());
            } catch (\Throwable $error) {
                // An update must not fail for what is wrong here.
                $this->passed[$url] = $url;
            }
        }

        return $this->passed[$url];
    }

    /** Once Joomla has said all that it will say. */
    public function tidy()
    {
        try {
            $this->messages->tidy();
        } catch (\Throwable $error) {
            // Then there is a message too many.
            return;
        }
    }

    private function judged($url, Address $address)
    {
        try {
            if ($this->silence !== null) {
                throw $this->silence;
            }

            $check = new Check();
            $answer = null;

            if (!$address->hasKey() || Versions::needExtension()) {
                $answer = $check->ask($address->checkUrl(), $address->form(false, $this->versions->sent('')));
            }

            if (!$address->hasKey() && $answer->state() === 'missing') {
                $key = $this->keys->find($answer);
                $address = $key === '' ? $address : $address->withKey($key);
            }

            // Without a key, or of something that is free or gone, there is nothing more to be asked.
            if ($answer === null || ($answer->state() === 'missing' && $address->hasKey())) {
                $versions = $this->versions->sent($answer === null ? '' : $answer->text('feed'));
                $answer = $check->ask($address->checkUrl(), $address->form(true, $versions));
            }
        } catch (Unanswered $why) {
            return $this->unchecked($why, $address);
        }

        if ($answer->isAboutKey()) {
            list($address, $answer) = $this->secondTry($check, $address, $answer);
        }

        return $this->told($url, $address, $answer);
    }

    /**
     * A key that is refused may be an old one in a place that nobody looks at any more, and a new one be in the settings.
     *
     * @return  array  the address and the answer that count
     */
    private function secondTry(Check $check, Address $address, Answer $answer)
    {
        $key = $this->keys->ofSettings($answer);

        if ($key === '' || $address->hasThisKey($key)) {
            return array($address, $answer);
        }

        $other = $address->withKey($key);

        try {
            $second = $check->ask($other->checkUrl(), $other->form(true, $this->versions->sent($answer->text('feed'))));
        } catch (Unanswered $why) {
            return array($address, $answer);
        }

        // Of two that are refused, the one that is known tells more.
        $isBetter = !$second->isRefusal() || $answer->state() === 'invalid';

        return $isBetter ? array($other, $second) : array($address, $answer);
    }

    private function told($url, Address $address, Answer $answer)
    {
        if ($answer->isRefusal()) {
            $this->messages->refuse($url, $answer);

            // No transport takes it, so nothing is asked of anybody, and Joomla goes on with the next update.
            return 'license-' . str_replace('_', '-', $answer->state()) . '://refused';
        }

        $this->messages->notice($answer);

        return $address->url();
    }

    private function unchecked(Unanswered $why, Address $address)
    {
        if ($why->getMessage() === Unanswered::SILENT) {
            $this->silence = $why;
        }

        $this->messages->unchecked($why);

        if (!$address->hasKey()) {
            $key = $this->keys->only();
            $address = $key === '' ? $address : $address->withKey($key);
        }

        return $address->url();
    }
}
