<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\CMS\Filter\InputFilter;
use Joomla\CMS\Language\Text;

/**
 * Joomla's message queue: what is put into it, and what is taken out again after a refusal.
 */
final class Messages
{
    private $application;

    /** @var callable  loads the language file */
    private $language;

    private $sentences;

    /** @var string[]  addresses that were refused since the queue was last tidied, as Joomla names them */
    private $refused = array();

    public function __construct($application, callable $language)
    {
        $this->application = $application;
        $this->language = $language;
    }

    /**
     * @param   string  $url  the address that Joomla wanted
     */
    public function refuse($url, Answer $answer)
    {
        $this->show($this->sentences()->refusal($answer), 'error');
        $this->refused[] = $url;
    }

    public function notice(Answer $answer)
    {
        $isNotable = $answer->isExpiring() || $answer->state() === 'kept_release';

        if ($isNotable) {
            $this->show($this->sentences()->notice($answer), 'notice');
        }
    }

    public function unchecked(Unanswered $why)
    {
        $this->show($this->sentences()->unchecked($why->getMessage()), 'warning');
    }

    /**
     * Takes out what Joomla says about a download that was refused: that there is no such server, and to download by hand
     * from an address that holds the key.
     */
    public function tidy()
    {
        $refused = $this->refused;
        $this->refused = array();

        // On the command line messages were read when they came.
        if ($refused === array() || $this->isTerminal()) {
            return;
        }

        $kept = $this->without($this->application->getMessageQueue(), $refused);
        $this->application->getMessageQueue(true);

        foreach ($kept as $entry) {
            $this->application->enqueueMessage($entry['message'], $entry['type']);
        }
    }

    private function without(array $queue, array $refused)
    {
        $failed = array();

        foreach ($refused as $url) {
            $failed[] = $this->filtered(Text::sprintf('COM_INSTALLER_PACKAGE_DOWNLOAD_FAILED', $url));
        }

        $kept = array();

        foreach ($queue as $entry) {
            if (!in_array($entry['message'], $failed, true)) {
                $kept[] = $entry;
            } elseif ($kept !== array() && $this->isOfTransport(end($kept)['message'])) {
                array_pop($kept);
            }
        }

        return $kept;
    }

    /** "Error connecting to the server", and that no transport takes the address. */
    private function isOfTransport($message)
    {
        $beginning = explode('%', Text::_('JLIB_INSTALLER_ERROR_DOWNLOAD_SERVER_CONNECT'))[0];

        return strncmp($message, $beginning, strlen($beginning)) === 0;
    }

    /** As Joomla filters all messages (`CMSApplication::enqueueMessage`). */
    private function filtered($message)
    {
        return InputFilter::getInstance(array(), array(), 1, 1)->clean($message, 'html');
    }

    private function show($message, $type)
    {
        $this->application->enqueueMessage($message, $type);
    }

    private function sentences()
    {
        if ($this->sentences === null) {
            call_user_func($this->language);
            $this->sentences = new Sentences($this->isTerminal());
        }

        return $this->sentences;
    }

    private function isTerminal()
    {
        return $this->application->isClient('cli');
    }
}
