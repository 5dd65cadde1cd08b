<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Site\View\Ships;

\defined('_JEXEC') or die;

use Joomla\CMS\Component\ComponentHelper;
use Joomla\CMS\MVC\View\HtmlView as BaseHtmlView;

/**
 * The list of ships on the site.
 */
class HtmlView extends BaseHtmlView
{
    /**
     * The ships to list.
     *
     * @var object[]
     */
    protected $items = [];

    /**
     * Whether the list tells how long the ships are.
     *
     * @var bool
     */
    protected $showLength = true;

    /**
     * Shows the list.
     *
     * @param   string|null  $tpl  Name of a part of the layout.
     */
    public function display($tpl = null): void
    {
        $this->items      = $this->getModel()->getItems();
        $this->showLength = (bool) ComponentHelper::getParams('com_dockyard')->get('show_length', 1);

        parent::display($tpl);
    }
}
