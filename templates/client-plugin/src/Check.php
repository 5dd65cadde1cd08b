<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

use Joomla\CMS\Http\HttpFactory;
use Joomla\Registry\Registry;

/**
 * Asks the vendor's server, through Joomla's own client, so that the site's proxy and certificates count. One value serves
 * for one package, and all that it asks shares one limit of time.
 */
final class Check
{
    /** For all questions about one package. An administrator waits for it. */
    const SECONDS = 5.0;

    /** Head and body of an answer, which has a few hundred. */
    const LARGEST_BYTES = 65536;

    /** It names no version of anything. */
    const USER_AGENT = 'Bandari client plug-in';

    private $deadline;

    private $tooLarge = false;

    public function __construct()
    {
        $this->deadline = microtime(true) + self::SECONDS;
    }

    /**
     * @param   string  $url   where to ask
     * @param   string  $form  what to send, encoded
     *
     * @return  Answer
     *
     * @throws  Unanswered
     */
    public function ask($url, $form)
    {
        // Of Joomla's transports only this one keeps a limit of time and follows no redirect.
        if (!function_exists('curl_init')) {
            throw new Unanswered(Unanswered::NO_CURL);
        }

        list($status, $body) = $this->post($url, $form);

        if ($status >= 300 && $status < 400) {
            throw new Unanswered(Unanswered::REDIRECTED);
        }

        if ($status === 429 || $status === 503) {
            throw new Unanswered(Unanswered::BUSY);
        }

        $answer = strlen($body) <= self::LARGEST_BYTES ? Answer::read($status, $body) : null;

        if ($answer === null) {
            throw new Unanswered(Unanswered::NO_ANSWER);
        }

        return $answer;
    }

    /** @return  array  status and body */
    private function post($url, $form)
    {
        $milliseconds = (int) (($this->deadline - microtime(true)) * 1000);

        if ($milliseconds <= 0) {
            throw new Unanswered(Unanswered::SILENT);
        }

        $headers = array('Accept' => 'application/json', 'Content-Type' => 'application/x-www-form-urlencoded');

        try {
            $response = HttpFactory::getHttp($this->options($milliseconds), 'curl')->post($url, $form, $headers);
            // Joomla 3.10 has properties, later versions have the methods of PSR-7.
            $isMessage = method_exists($response, 'getStatusCode');

            return $isMessage
                ? array((int) $response->getStatusCode(), (string) $response->getBody())
                : array((int) $response->code, (string) $response->body);
        } catch (\Throwable $error) {
            throw new Unanswered($this->why());
        }
    }

    /** Why there is no answer. What the transport says of it names addresses, so nobody reads it. */
    private function why()
    {
        if ($this->tooLarge) {
            return Unanswered::TOO_LARGE;
        }

        // Curl may end a little before its limit.
        return microtime(true) > $this->deadline - 0.05 ? Unanswered::SILENT : Unanswered::UNREACHABLE;
    }

    private function options($milliseconds)
    {
        $options = new Registry();
        $options->set('userAgent', self::USER_AGENT);
        $options->set('follow_location', false);
        $options->set('transport.curl', array(
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_TIMEOUT_MS => $milliseconds,
            CURLOPT_CONNECTTIMEOUT_MS => $milliseconds,
            // Without it, libcurls that look names up by themselves allow no limit below a second.
            CURLOPT_NOSIGNAL => true,
            CURLOPT_NOPROGRESS => false,
            CURLOPT_PROGRESSFUNCTION => function ($handle, $expected, $received) {
                $bytes = max($expected, $received) + curl_getinfo($handle, CURLINFO_HEADER_SIZE);
                $this->tooLarge = $this->tooLarge || $bytes > self::LARGEST_BYTES;

                return $this->tooLarge ? 1 : 0;
            },
        ));

        return $options;
    }
}
