<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

/**
 * The server could not be asked, or did not answer as it should. The message is one of the words below.
 */
final class Unanswered extends \Exception
{
    const NO_CURL = 'NO_CURL';

    const SILENT = 'SILENT';

    const UNREACHABLE = 'UNREACHABLE';

    const BUSY = 'BUSY';

    const REDIRECTED = 'REDIRECTED';

    const TOO_LARGE = 'TOO_LARGE';

    const NO_ANSWER = 'NO_ANSWER';
}
