-- Joomla's own tree of user groups (`installation/sql`), and below Registered a shop's: Customers, below them those who pay
-- each year, below them agencies.

INSERT INTO #__usergroups (id, parent_id, lft, rgt, title) VALUES
(1, 0, 1, 24, 'Public'),
(2, 1, 8, 21, 'Registered'),
(3, 2, 9, 14, 'Author'),
(4, 3, 10, 13, 'Editor'),
(5, 4, 11, 12, 'Publisher'),
(6, 1, 4, 7, 'Manager'),
(7, 6, 5, 6, 'Administrator'),
(8, 1, 22, 23, 'Super Users'),
(9, 1, 2, 3, 'Guest'),
(10, 2, 15, 20, 'Customers'),
(11, 10, 16, 19, 'Yearly customers'),
(12, 11, 17, 18, 'Agencies');
