<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Module\OpeningHours\Site\Helper;

\defined('_JEXEC') or die;

use Joomla\CMS\Language\Text;
use Joomla\Registry\Registry;

/**
 * Finds the hours of one day in the module's parameters.
 */
class OpeningHoursHelper
{
    /** Names of the fields in the manifest; in upper case they are Joomla's own language keys. */
    private const WEEKDAYS = [
        1 => 'monday',
        2 => 'tuesday',
        3 => 'wednesday',
        4 => 'thursday',
        5 => 'friday',
        6 => 'saturday',
        7 => 'sunday',
    ];

    /**
     * Hours of a weekday. All texts are plain: the layout escapes them.
     *
     * @param   Registry  $params   The module's parameters.
     * @param   int       $weekday  1 (Monday) to 7 (Sunday), as in ISO 8601.
     *
     * @return  object{day: string, text: string, open: bool}
     */
    public function hoursOn(Registry $params, int $weekday): object
    {
        $field = self::WEEKDAYS[$weekday];
        $hours = trim((string) $params->get($field, ''));
        $open  = $hours !== '';

        return (object) [
            'day'  => Text::_(strtoupper($field)),
            'text' => $open ? $hours : $this->closedText($params),
            'open' => $open,
        ];
    }

    /**
     * What to say on a day without hours.
     */
    private function closedText(Registry $params): string
    {
        return trim((string) $params->get('closed_text', '')) ?: Text::_('MOD_OPENINGHOURS_CLOSED_TODAY');
    }
}
