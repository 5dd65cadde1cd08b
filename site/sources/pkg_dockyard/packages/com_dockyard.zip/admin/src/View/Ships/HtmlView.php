<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Administrator\View\Ships;

\defined('_JEXEC') or die;

use Joomla\CMS\Helper\ContentHelper;
use Joomla\CMS\Language\Text;
use Joomla\CMS\MVC\View\HtmlView as BaseHtmlView;
use Joomla\CMS\Toolbar\ToolbarHelper;

/**
 * The list of ships in the administration.
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
     * Shows the list.
     *
     * @param   string|null  $tpl  Name of a part of the layout.
     */
    public function display($tpl = null): void
    {
        $this->items = $this->getModel()->getItems();

        ToolbarHelper::title(Text::_('COM_DOCKYARD_SHIPS'), 'anchor');

        $allowed = ContentHelper::getActions('com_dockyard');

        if ($allowed->get('core.admin') || $allowed->get('core.options')) {
            ToolbarHelper::preferences('com_dockyard');
        }

        parent::display($tpl);
    }
}
