<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

\defined('_JEXEC') or die;

use Joomla\CMS\Language\Text;

/** @var \Mwambao\Component\Dockyard\Site\View\Ships\HtmlView $this */
?>
<div class="com-dockyard-ships">
    <h1><?php echo Text::_('COM_DOCKYARD_SHIPS'); ?></h1>
    <?php if ($this->items === []) : ?>
        <p><?php echo Text::_('COM_DOCKYARD_NO_SHIPS'); ?></p>
    <?php else : ?>
        <ul>
            <?php foreach ($this->items as $ship) : ?>
                <li>
                    <?php echo $this->escape($ship->name); ?> (<?php echo $this->escape($ship->rig); ?>)
                    <?php if ($this->showLength) : ?>
                        <?php echo Text::sprintf('COM_DOCKYARD_LENGTH_METERS', (int) $ship->length_m); ?>
                    <?php endif; ?>
                </li>
            <?php endforeach; ?>
        </ul>
    <?php endif; ?>
</div>
