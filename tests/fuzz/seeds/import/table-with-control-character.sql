ars
INSERT INTO `j_ars_dlidlabels` (`user_id`) VALUES (1+1);