<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Site\Controller;

\defined('_JEXEC') or die;

use Joomla\CMS\MVC\Controller\BaseController;

/**
 * Shows the only view there is.
 */
class DisplayController extends BaseController
{
    /**
     * The view when the request names none.
     *
     * @var string
     */
    protected $default_view = 'ships';
}
