-- The tables of a Joomla site that a validator reads, with the columns, keys and collation that Joomla 4 to 6 give them
-- (`installation/sql/mysql/base.sql`), on MariaDB and MySQL.

CREATE TABLE `#__users` (
  `id` int NOT NULL AUTO_INCREMENT,
  `name` varchar(400) NOT NULL DEFAULT '',
  `username` varchar(150) NOT NULL DEFAULT '',
  `email` varchar(100) NOT NULL DEFAULT '',
  `password` varchar(100) NOT NULL DEFAULT '',
  `block` tinyint NOT NULL DEFAULT 0,
  `sendEmail` tinyint DEFAULT 0,
  `registerDate` datetime NOT NULL,
  `lastvisitDate` datetime,
  `activation` varchar(100) NOT NULL DEFAULT '',
  `params` text NOT NULL,
  `lastResetTime` datetime,
  `resetCount` int NOT NULL DEFAULT 0,
  `otpKey` varchar(1000) NOT NULL DEFAULT '',
  `otep` varchar(1000) NOT NULL DEFAULT '',
  `requireReset` tinyint NOT NULL DEFAULT 0,
  `authProvider` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  KEY `idx_name` (`name`(100)),
  KEY `idx_block` (`block`),
  UNIQUE KEY `idx_username` (`username`),
  KEY `email` (`email`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `#__user_usergroup_map` (
  `user_id` int unsigned NOT NULL DEFAULT 0,
  `group_id` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`user_id`, `group_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `#__usergroups` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `parent_id` int unsigned NOT NULL DEFAULT 0,
  `lft` int NOT NULL DEFAULT 0,
  `rgt` int NOT NULL DEFAULT 0,
  `title` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE KEY `idx_usergroup_parent_title_lookup` (`parent_id`, `title`),
  KEY `idx_usergroup_title_lookup` (`title`),
  KEY `idx_usergroup_adjacency_lookup` (`parent_id`),
  KEY `idx_usergroup_nested_set_lookup` (`lft`, `rgt`) USING BTREE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

-- A shop's own table of subscriptions.
CREATE TABLE `#__subscriptions` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `user_id` int NOT NULL,
  `package_group` varchar(100) NOT NULL,
  `state` varchar(20) NOT NULL,
  `expires` datetime,
  `canceled` datetime,
  PRIMARY KEY (`id`),
  KEY `idx_user` (`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

-- Download IDs of Akeeba Release System 7 (`component/backend/sql/install.mysql.utf8.sql`).
CREATE TABLE `#__ars_dlidlabels` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `user_id` bigint unsigned NOT NULL,
  `primary` tinyint NOT NULL DEFAULT 0,
  `title` varchar(255) NOT NULL DEFAULT '',
  `dlid` char(32) NOT NULL DEFAULT '',
  `published` tinyint NOT NULL DEFAULT 1,
  `created_by` bigint NOT NULL DEFAULT 0,
  `created` datetime,
  `modified_by` bigint NOT NULL DEFAULT 0,
  `modified` datetime,
  PRIMARY KEY (`id`),
  KEY `#__ars_dlidlabels_user_id` (`user_id`),
  KEY `#__ars_dlidlabels_dlid` (`dlid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;
