-- SPDX-FileCopyrightText: 2026 Mwambao Extensions
-- SPDX-License-Identifier: GPL-2.0-or-later

CREATE TABLE IF NOT EXISTS `#__dockyard_ships` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(100) NOT NULL DEFAULT '',
  `rig` varchar(50) NOT NULL DEFAULT '',
  `length_m` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

INSERT INTO `#__dockyard_ships` (`name`, `rig`, `length_m`) VALUES
('Kaskazi', 'jahazi', 18),
('Kusi', 'mashua', 9),
('Tausi', 'ngalawa', 6);
