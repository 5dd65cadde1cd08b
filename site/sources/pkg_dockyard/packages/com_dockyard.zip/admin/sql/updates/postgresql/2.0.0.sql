-- SPDX-FileCopyrightText: 2026 Mwambao Extensions
-- SPDX-License-Identifier: GPL-2.0-or-later

-- The first schema: Joomla compares the names of these files with what it has noted to find what is to be run.
