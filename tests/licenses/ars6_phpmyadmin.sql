-- phpMyAdmin SQL Dump
-- version 5.2.1
-- https://www.phpmyadmin.net/
--
-- Host: localhost:3306
-- Server version: 8.0.35
-- PHP Version: 8.1.27

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

--
-- Database: `shop`
--

-- --------------------------------------------------------

--
-- Table structure for table `x7k_users`
--

CREATE TABLE `x7k_users` (
  `id` int NOT NULL,
  `name` varchar(400) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
  `username` varchar(150) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
  `email` varchar(100) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
  `password` varchar(100) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
  `block` tinyint NOT NULL DEFAULT '0',
  `params` text COLLATE utf8mb4_unicode_ci NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

--
-- Dumping data for table `x7k_users`
--

INSERT INTO `x7k_users` (`id`, `name`, `username`, `email`, `password`, `block`, `params`) VALUES
(42, 'Ada Lovelace', 'ada', 'ada@example.org', '$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq', 0, '{\"a\":\"b;c\"}');
INSERT INTO `x7k_users` (`id`, `name`, `username`, `email`, `password`, `block`, `params`) VALUES
(43, 'Zoë ''the shop'' Ångström', 'zoë', 'zoe@example.org', '', 0, '');

-- --------------------------------------------------------

--
-- Table structure for table `x7k_ars_dlidlabels`
--

CREATE TABLE `x7k_ars_dlidlabels` (
  `ars_dlidlabel_id` bigint UNSIGNED NOT NULL,
  `user_id` bigint UNSIGNED NOT NULL,
  `primary` tinyint(1) NOT NULL DEFAULT '0',
  `label` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
  `dlid` char(32) COLLATE utf8mb4_unicode_ci NOT NULL,
  `enabled` tinyint NOT NULL DEFAULT '1',
  `created_by` bigint NOT NULL DEFAULT '0',
  `created_on` datetime NOT NULL DEFAULT '0000-00-00 00:00:00'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

--
-- Dumping data for table `x7k_ars_dlidlabels`
--

INSERT INTO `x7k_ars_dlidlabels` (`ars_dlidlabel_id`, `user_id`, `primary`, `label`, `dlid`, `enabled`, `created_by`, `created_on`) VALUES
(1, 42, 1, '_MAIN_', '0A1B2C3D4E5F60718293A4B5C6D7E8F9', 1, 0, '2019-02-01 10:11:12'),
(2, 43, 0, 'Zoë''s; site', 'ffeeddccbbaa99887766554433221100', 1, 43, '2019-02-02 10:11:12'),
(3, 43, 0, 'off', '33333333333333333333333333333333', 0, 43, '2019-02-03 10:11:12');

ALTER TABLE `x7k_ars_dlidlabels`
  ADD PRIMARY KEY (`ars_dlidlabel_id`);
COMMIT;
