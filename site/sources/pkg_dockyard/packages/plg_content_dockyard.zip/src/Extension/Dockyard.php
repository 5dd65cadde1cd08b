<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Plugin\Content\Dockyard\Extension;

\defined('_JEXEC') or die;

use Joomla\CMS\Event\Content\ContentPrepareEvent;
use Joomla\CMS\Plugin\CMSPlugin;
use Joomla\Database\DatabaseAwareTrait;
use Joomla\Event\EventInterface;
use Joomla\Event\SubscriberInterface;

/**
 * Writes the number of ships wherever content says {dockyard}.
 */
final class Dockyard extends CMSPlugin implements SubscriberInterface
{
    use DatabaseAwareTrait;

    private const PLACEHOLDER = '{dockyard}';

    /** Counted once per request, and only when some content asks for it. */
    private ?int $shipCount = null;

    /**
     * Events that the plug-in listens to.
     *
     * @return  array<string, string>
     */
    public static function getSubscribedEvents(): array
    {
        return ['onContentPrepare' => 'replacePlaceholder'];
    }

    /**
     * Replaces the placeholder in the text of an article, a module or the like.
     */
    public function replacePlaceholder(EventInterface $event): void
    {
        // Joomla 4.4 has no class for this event: its arguments are numbered, and the item is the second.
        $item = $event instanceof ContentPrepareEvent ? $event->getItem() : $event->getArgument(1);

        if (!\is_string($item->text ?? null) || !str_contains($item->text, self::PLACEHOLDER)) {
            return;
        }

        $item->text = str_replace(self::PLACEHOLDER, (string) $this->shipCount(), $item->text);
    }

    /**
     * The number of ships in the component's register.
     */
    private function shipCount(): int
    {
        $database = $this->getDatabase();

        return $this->shipCount ??= (int) $database
            ->setQuery('SELECT COUNT(*) FROM ' . $database->quoteName('#__dockyard_ships'))
            ->loadResult();
    }
}
