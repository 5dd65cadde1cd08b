//! Rights follow user groups, and are inherited.

use bandari_tests::database::Engine;

use super::{Site, USER_GROUPS};

on_each_database! {
    members_of_a_group_and_of_those_below_it_may_download
    who_leaves_the_group_loses_the_right_and_has_it_back_with_the_group
    lft_and_rgt_say_what_lies_below_what
    everybody_without_a_group_is_public
    groups_that_jbackend_knew_count_where_nothing_else_is_said
}

fn members_of_a_group_and_of_those_below_it_may_download(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let (ada, bob) = (site.key("lighthouse", 42), site.key("lighthouse", 43));
    assert_eq!((site.status(&ada), site.status(&bob)), (302, 302));
    let numbers = bandari_tests::http::get(site.shop.private_port, "/metrics", &[]);
    assert!(numbers.text().contains("bandari_joomla_connections{state=\"idle\"} "), "{}", numbers.text());
    // Each group has its own keys; agencies have Dockyard by its parent, customers have not.
    assert_eq!(site.state("dockyard", &site.key("dockyard", 43)), "valid");
    let refused = super::refusal(&site.shop, &["license", "key", "dockyard", "--user", "42"], "");
    assert_eq!(refused, "user 42 has no license for the group `dockyard`");
    // Registered is above Customers, and nothing is inherited upwards.
    let refused = super::refusal(&site.shop, &["license", "key", "lighthouse", "--user", "44"], "");
    assert_eq!(refused, "user 44 has no license for the group `lighthouse`");
    // Nor sidewards: Managers (6) lie left of Customers in the tree, Super Users (8) right of them.
    let key = site.key("lighthouse", 42);
    for group in [6, 8] {
        site.database
            .execute(&format!("UPDATE #__user_usergroup_map SET group_id = {group} WHERE user_id = 42"));
        assert_eq!(site.state("lighthouse", &key), "not_covered", "{group}");
    }
}

fn who_leaves_the_group_loses_the_right_and_has_it_back_with_the_group(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let key = site.key("lighthouse", 42);
    site.database.execute("DELETE FROM #__user_usergroup_map WHERE user_id = 42");
    assert_eq!((site.status(&key), site.state("lighthouse", &key).as_str()), (403, "not_covered"));
    site.database.execute("INSERT INTO #__user_usergroup_map VALUES (42, 11)");
    assert_eq!(site.status(&key), 302);
    site.database.execute("DELETE FROM #__users WHERE id = 42");
    assert_eq!(site.state("lighthouse", &key), "invalid");
}

fn lft_and_rgt_say_what_lies_below_what(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let key = site.key("lighthouse", 43);
    site.database.execute("UPDATE #__usergroups SET parent_id = 1 WHERE id = 12");
    assert_eq!(site.status(&key), 302);
    site.database.execute("UPDATE #__usergroups SET parent_id = 11, lft = 90, rgt = 91 WHERE id = 12");
    assert_eq!(site.status(&key), 403);
}

fn everybody_without_a_group_is_public(engine: Engine) {
    let tables = "[joomla.user_groups]\nlighthouse = [1]\ndockyard = [10]\n";
    let Some(site) = Site::open(engine, tables) else { return };
    let key = site.key("lighthouse", 44);
    assert_eq!(site.status(&key), 302);
    site.database.execute("DELETE FROM #__user_usergroup_map WHERE user_id = 44");
    assert_eq!(site.status(&key), 302);
    // A group that is gone is none of the tree.
    site.database.execute("INSERT INTO #__user_usergroup_map VALUES (44, 99)");
    assert_eq!(site.status(&key), 403);
}

fn groups_that_jbackend_knew_count_where_nothing_else_is_said(engine: Engine) {
    let Some(mut site) = Site::with(engine, "[joomla.user_groups]\ndockyard = [11]\n") else { return };
    let seeds = site.shop.path("secrets/seeds.toml");
    let text = std::fs::read_to_string(&seeds).unwrap();
    let taken_over = "[jbackend.lighthouse]\nuser_groups = [12]\n\n[jbackend.dockyard]\nuser_groups = [12]\n";
    std::fs::write(&seeds, format!("{text}\n{taken_over}")).unwrap();
    site.database.add_user(42, "ada", "ada@shop.test", &[11]);
    site.database.add_user(43, "bob", "bob@shop.test", &[12]);
    site.shop.serve();
    assert_eq!(site.status(&site.key("lighthouse", 43)), 302);
    assert_eq!(site.state("dockyard", &site.key("dockyard", 42)), "valid");
    let refused = super::refusal(&site.shop, &["license", "key", "lighthouse", "--user", "42"], "");
    assert_eq!(refused, "user 42 has no license for the group `lighthouse`");
}
