ars
INSERT INTO `j_users` (`id`,`username`,`email`,`password`,`block`) VALUES (1+1+1,f(1,(2)),'zoe.secret@quaywall.test',-1,NOT 0);
INSERT INTO `j_ars_dlidlabels` (`user_id`,`primary`,`dlid`,`published`) VALUES (((((((((((((((((1)))))))))))))))),1,'0123456789abcdef0123456789abcdef',1);