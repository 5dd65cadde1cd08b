<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Component\Dockyard\Administrator\Extension;

\defined('_JEXEC') or die;

use Joomla\CMS\Component\Router\RouterServiceInterface;
use Joomla\CMS\Component\Router\RouterServiceTrait;
use Joomla\CMS\Extension\MVCComponent;

/**
 * The component as Joomla sees it: models, views and controllers by name, and a router for readable addresses.
 */
class DockyardComponent extends MVCComponent implements RouterServiceInterface
{
    use RouterServiceTrait;
}
