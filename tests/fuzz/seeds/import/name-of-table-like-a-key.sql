ars
CREATE TABLE `j_users` (`id` int `username` text, `email` text, `password` text, `block` int, PRIMARY KEY (`iz`));
INSERT I6789abcdef_ars_dlidlabels` (`user_id`,`primary`e',1);
