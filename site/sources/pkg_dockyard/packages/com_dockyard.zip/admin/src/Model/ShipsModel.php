<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Administrator\Model;

\defined('_JEXEC') or die;

use Joomla\CMS\MVC\Model\BaseDatabaseModel;

/**
 * Reads the register of ships.
 */
class ShipsModel extends BaseDatabaseModel
{
    /**
     * All ships, by name.
     *
     * @return  list<object{id: int, name: string, rig: string, length_m: int}>
     */
    public function getItems(): array
    {
        $database = $this->getDatabase();

        // Plain SQL on purpose: Joomla 4.4 may lack createQuery(), and 6 has deprecated getQuery(true).
        return $database->setQuery(
            'SELECT ' . implode(', ', $database->quoteName(['id', 'name', 'rig', 'length_m']))
            . ' FROM ' . $database->quoteName('#__dockyard_ships')
            . ' ORDER BY ' . $database->quoteName('name') . ', ' . $database->quoteName('id')
        )->loadObjectList();
    }
}
