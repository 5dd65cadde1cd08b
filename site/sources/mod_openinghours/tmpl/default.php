<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

\defined('_JEXEC') or die;

/** @var object{day: string, text: string, open: bool} $today */

$escape = static fn (string $text): string => htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
?>
<p class="mod-openinghours <?php echo $today->open ? 'is-open' : 'is-closed'; ?>">
    <strong class="mod-openinghours__day"><?php echo $escape($today->day); ?></strong>
    <span class="mod-openinghours__hours"><?php echo $escape($today->text); ?></span>
</p>
