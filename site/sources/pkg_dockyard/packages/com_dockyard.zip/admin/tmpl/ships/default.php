<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

\defined('_JEXEC') or die;

use Joomla\CMS\Language\Text;

/** @var \Mwambao\Component\Dockyard\Administrator\View\Ships\HtmlView $this */
?>
<?php if ($this->items === []) : ?>
    <div class="alert alert-info"><?php echo Text::_('COM_DOCKYARD_NO_SHIPS'); ?></div>
<?php else : ?>
    <table class="table">
        <caption class="visually-hidden"><?php echo Text::_('COM_DOCKYARD_SHIPS'); ?></caption>
        <thead>
            <tr>
                <th scope="col"><?php echo Text::_('COM_DOCKYARD_SHIP_NAME'); ?></th>
                <th scope="col"><?php echo Text::_('COM_DOCKYARD_SHIP_RIG'); ?></th>
                <th scope="col" class="text-end"><?php echo Text::_('COM_DOCKYARD_SHIP_LENGTH'); ?></th>
                <th scope="col" class="text-end"><?php echo Text::_('JGRID_HEADING_ID'); ?></th>
            </tr>
        </thead>
        <tbody>
            <?php foreach ($this->items as $ship) : ?>
                <tr>
                    <th scope="row"><?php echo $this->escape($ship->name); ?></th>
                    <td><?php echo $this->escape($ship->rig); ?></td>
                    <td class="text-end"><?php echo (int) $ship->length_m; ?></td>
                    <td class="text-end"><?php echo (int) $ship->id; ?></td>
                </tr>
            <?php endforeach; ?>
        </tbody>
    </table>
<?php endif; ?>
