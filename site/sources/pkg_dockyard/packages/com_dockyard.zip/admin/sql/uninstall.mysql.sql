-- SPDX-FileCopyrightText: 2026 Mwambao Extensions
-- SPDX-License-Identifier: GPL-2.0-or-later

DROP TABLE IF EXISTS `#__dockyard_ships`;
