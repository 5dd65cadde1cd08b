<?php

/**
 * SPDX-FileCopyrightText: 2026 Mwambao Extensions <https://mwambao.example>
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace Mwambao\Plugin\System\Lighthouse\Extension;

\defined('_JEXEC') or die;

use Joomla\CMS\Plugin\CMSPlugin;
use Joomla\Event\Priority;
use Joomla\Event\SubscriberInterface;

/**
 * Sends a Referrer-Policy and a Permissions-Policy header with every page.
 */
final class Lighthouse extends CMSPlugin implements SubscriberInterface
{
    /**
     * The policies on offer. A header is never made from free text, so that no parameter can break the response.
     */
    private const REFERRER_POLICIES = [
        'no-referrer',
        'same-origin',
        'origin',
        'origin-when-cross-origin',
        'strict-origin',
        'strict-origin-when-cross-origin',
    ];

    /** Features of the browser that a page can be denied, in the order of the header. */
    private const FEATURES = ['camera', 'geolocation', 'microphone', 'payment'];

    /**
     * Events that the plug-in listens to.
     *
     * @return  array<string, array{string, int}>
     */
    public static function getSubscribedEvents(): array
    {
        // After Joomla's own "System - HTTP Headers", which is on by default and would replace what is set here.
        return ['onAfterInitialise' => ['sendHeaders', Priority::LOW]];
    }

    /**
     * Sets the headers, in place of those that were set before.
     */
    public function sendHeaders(): void
    {
        if (!$this->isWanted()) {
            return;
        }

        $application    = $this->getApplication();
        $referrerPolicy = $this->params->get('referrer_policy', 'strict-origin-when-cross-origin');

        if (\in_array($referrerPolicy, self::REFERRER_POLICIES, true)) {
            $application->setHeader('Referrer-Policy', $referrerPolicy, true);
        }

        $permissionsPolicy = $this->permissionsPolicy();

        if ($permissionsPolicy !== '') {
            $application->setHeader('Permissions-Policy', $permissionsPolicy, true);
        }
    }

    /**
     * Whether the headers are meant for the part of Joomla that is answering.
     */
    private function isWanted(): bool
    {
        $application = $this->getApplication();
        $clients     = $this->params->get('clients', 'both');

        return match ($clients) {
            'site', 'administrator' => $application->isClient($clients),
            default => $application->isClient('site') || $application->isClient('administrator'),
        };
    }

    /**
     * The value of the Permissions-Policy header, such as `camera=(), payment=()`; empty when all is allowed.
     */
    private function permissionsPolicy(): string
    {
        $directives = [];

        foreach (self::FEATURES as $feature) {
            if ($this->params->get('deny_' . $feature, 1)) {
                $directives[] = $feature . '=()';
            }
        }

        return implode(', ', $directives);
    }
}
