-- SPDX-FileCopyrightText: 2026 Mwambao Extensions
-- SPDX-License-Identifier: GPL-2.0-or-later

CREATE TABLE IF NOT EXISTS "#__dockyard_ships" (
  "id" serial NOT NULL,
  "name" varchar(100) DEFAULT '' NOT NULL,
  "rig" varchar(50) DEFAULT '' NOT NULL,
  "length_m" smallint DEFAULT 0 NOT NULL,
  PRIMARY KEY ("id")
);

INSERT INTO "#__dockyard_ships" ("name", "rig", "length_m") VALUES
('Kaskazi', 'jahazi', 18),
('Kusi', 'mashua', 9),
('Tausi', 'ngalawa', 6);
