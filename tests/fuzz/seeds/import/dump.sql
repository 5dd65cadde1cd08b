ars
CREATE TABLE `j_users` (`id` int, `username` text, `email` text, `password` text, `block` int, PRIMARY KEY (`id`));
INSERT INTO `j_users` VALUES (42,'ada','zoe.secret@quaywall.test',NULL,0);
/* x */ INSERT INTO `j_ars_dlidlabels` (`user_id`,`primary`,`dlid`,`published`) VALUES (42,1,'0123456789abcdef0123456789abcdef',1),
(42,0,_binary '0123456789abcdef0123456789abcdee',1);
