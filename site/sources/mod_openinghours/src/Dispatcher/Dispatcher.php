<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Module\OpeningHours\Site\Dispatcher;

\defined('_JEXEC') or die;

use Joomla\CMS\Date\Date;
use Joomla\CMS\Dispatcher\AbstractModuleDispatcher;
use Joomla\CMS\Helper\HelperFactoryAwareInterface;
use Joomla\CMS\Helper\HelperFactoryAwareTrait;

/**
 * Prepares what the layout shows.
 */
class Dispatcher extends AbstractModuleDispatcher implements HelperFactoryAwareInterface
{
    use HelperFactoryAwareTrait;

    /**
     * Adds today's hours to the data of every module layout.
     *
     * @return  array<string, mixed>
     */
    protected function getLayoutData()
    {
        $data = parent::getLayoutData();

        // The site's clock decides what "today" is, not the server's and not the visitor's.
        $today = new Date('now', $this->app->get('offset', 'UTC'));

        $data['today'] = $this->getHelperFactory()
            ->getHelper('OpeningHoursHelper')
            ->hoursOn($data['params'], (int) $today->format('N', true));

        return $data;
    }
}
