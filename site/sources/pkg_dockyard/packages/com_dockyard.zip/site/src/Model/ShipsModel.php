<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Site\Model;

\defined('_JEXEC') or die;

/**
 * The register of ships: visitors see the same as the administration.
 */
class ShipsModel extends \Mwambao\Component\Dockyard\Administrator\Model\ShipsModel
{
}
