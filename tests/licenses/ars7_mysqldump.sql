/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	10.11.6-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;

--
-- Table structure for table `jos_ars_dlidlabels`
--

DROP TABLE IF EXISTS `jos_ars_dlidlabels`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `jos_ars_dlidlabels` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `user_id` bigint(20) unsigned NOT NULL,
  `primary` tinyint(1) NOT NULL DEFAULT 0,
  `title` varchar(255) NOT NULL DEFAULT '',
  `dlid` char(32) NOT NULL,
  `published` tinyint(3) NOT NULL DEFAULT 1,
  `created_by` bigint(20) NOT NULL DEFAULT 0,
  `created` datetime DEFAULT NULL,
  `modified_by` bigint(20) NOT NULL DEFAULT 0,
  `modified` datetime DEFAULT NULL,
  `checked_out` int(11) NOT NULL DEFAULT 0,
  `checked_out_time` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `jos_ars_dlidlabels_dlid` (`dlid`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `jos_ars_dlidlabels`
--

LOCK TABLES `jos_ars_dlidlabels` WRITE;
/*!40000 ALTER TABLE `jos_ars_dlidlabels` DISABLE KEYS */;
INSERT INTO `jos_ars_dlidlabels` VALUES
(1,42,1,'_MAIN_','0a1b2c3d4e5f60718293a4b5c6d7e8f9',1,0,'2023-02-01 10:11:12',0,NULL,0,NULL),
(2,42,0,'Ada\'s \"test\" site; the (second)','ffeeddccbbaa99887766554433221100',1,42,'2023-02-02 10:11:12',0,NULL,0,NULL),
(3,42,0,'switched off','11111111111111111111111111111111',0,42,NULL,0,NULL,0,NULL),
(4,43,1,'_MAIN_','00112233445566778899aabbccddeeff',1,0,'2024-05-05 00:00:00',43,'2024-06-05 00:00:00',0,NULL),
(5,44,1,'_MAIN_','44444444444444444444444444444444',1,0,NULL,0,NULL,0,NULL),
(6,99,1,'_MAIN_','99999999999999999999999999999999',1,0,NULL,0,NULL,0,NULL),
(7,46,0,'backslash at the end \\','46464646464646464646464646464646',1,46,NULL,0,NULL,0,NULL);
/*!40000 ALTER TABLE `jos_ars_dlidlabels` ENABLE KEYS */;
UNLOCK TABLES;

DROP TABLE IF EXISTS `jos_content`;
CREATE TABLE `jos_content` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `introtext` mediumtext NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `jos_content` WRITE;
INSERT INTO `jos_content` VALUES
(1,'<p>How to: INSERT INTO `jos_users` VALUES (42,\'x\');\n-- don\'t /* do that</p>'),
(2,'C:\\shop\\');
UNLOCK TABLES;

DROP TABLE IF EXISTS `jos_kunena_users`;
CREATE TABLE `jos_kunena_users` (
  `userid` int(11) NOT NULL DEFAULT 0,
  `signature` text DEFAULT NULL,
  PRIMARY KEY (`userid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `jos_kunena_users` VALUES (42,NULL);

--
-- Table structure for table `jos_users`
--

CREATE TABLE `jos_users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(400) NOT NULL DEFAULT '',
  `username` varchar(150) NOT NULL DEFAULT '',
  `email` varchar(100) NOT NULL DEFAULT '',
  `password` varchar(100) NOT NULL DEFAULT '',
  `block` tinyint(4) NOT NULL DEFAULT 0,
  `sendEmail` tinyint(4) DEFAULT 0,
  `registerDate` datetime NOT NULL,
  `lastvisitDate` datetime DEFAULT NULL,
  `activation` varchar(100) NOT NULL DEFAULT '',
  `params` text NOT NULL,
  `lastResetTime` datetime DEFAULT NULL COMMENT 'Date of last password reset',
  `resetCount` int(11) NOT NULL DEFAULT 0 COMMENT 'Count of password resets since lastResetTime',
  `otpKey` varchar(1000) NOT NULL DEFAULT '' COMMENT 'Two factor authentication encrypted keys',
  `otep` varchar(1000) NOT NULL DEFAULT '' COMMENT 'Backup Codes',
  `requireReset` tinyint(4) NOT NULL DEFAULT 0 COMMENT 'Require user to reset password on next login',
  `authProvider` varchar(100) NOT NULL DEFAULT '' COMMENT 'Name of used authentication plugin',
  PRIMARY KEY (`id`),
  UNIQUE KEY `idx_username` (`username`),
  KEY `idx_name` (`name`(100)),
  KEY `email` (`email`)
) ENGINE=InnoDB AUTO_INCREMENT=47 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

LOCK TABLES `jos_users` WRITE;
/*!40000 ALTER TABLE `jos_users` DISABLE KEYS */;
INSERT INTO `jos_users` VALUES
(42,'Ada Lovelace','ada','Ada@Example.org','$2y$04$eMaAUqVuDYvQ2Eqa3Rbjye6QR2t5ByU.WNaLcN8Wtj4ZyC/7WymXS',0,1,'2023-01-01 00:00:00','2026-01-01 00:00:00','','{\"admin_style\":\"\",\"language\":\"\"}',NULL,0,'','',0,''),
(43,'Pat O\'Brien','pat.obrien','Pat.O\'Brien@example.org','$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11',0,0,'2023-01-02 00:00:00',NULL,'','{}',NULL,0,'','',0,''),
(44,'Mallory','mallory','mallory@example.org','$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq',1,0,'2023-01-03 00:00:00',NULL,'','{}',NULL,0,'','',0,''),
(45,'Eve','eve','eve@example.org','$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq',0,0,'2023-01-04 00:00:00',NULL,'','{}',NULL,0,'','',0,''),
(46,'Dora','dora','dora@example.org','{SHA}unknown-form',0,0,'2023-01-05 00:00:00',NULL,'','{}',NULL,0,'','',0,'');
/*!40000 ALTER TABLE `jos_users` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`shop`@`localhost`*/ /*!50003 TRIGGER jos_users_ai AFTER INSERT ON jos_users FOR EACH ROW BEGIN
  INSERT INTO `jos_users` VALUES (NEW.id);
END */;;
DELIMITER ;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;

-- Dump completed on 2026-01-02  3:04:05
