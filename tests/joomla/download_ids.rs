//! Keys that the site has given out, straight from its tables, and those of the file.

use bandari_tests::database::Engine;

use super::{Site, USER_GROUPS};

on_each_database! {
    download_ids_of_akeeba_release_system_open_what_their_users_may_have
    a_query_tells_whose_a_key_is
    a_key_of_several_users_opens_nothing
    a_query_that_finds_a_user_for_any_key_is_refused
    a_key_that_was_reset_in_the_file_is_asked_for_nowhere
}

const DIGITS: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const ADD_ON: &str = "ffeeddccbbaa99887766554433221100";
const OFF: &str = "11111111111111111111111111111111";

fn ars_site(engine: Engine) -> Option<Site> {
    let site = Site::open(engine, &format!("{USER_GROUPS}[joomla.download_ids]\npreset = 'ars'\n"))?;
    let primary = if engine == Engine::MariaDb { "`primary`" } else { "\"primary\"" };
    site.database.execute(&format!(
        "INSERT INTO #__ars_dlidlabels (user_id, {primary}, title, dlid, published) VALUES \
         (42, 1, '_MAIN_', '{DIGITS}', 1), (43, 0, 'a site', '{ADD_ON}', 1), (42, 0, 'off', '{OFF}', 0)"
    ));
    Some(site)
}

fn download_ids_of_akeeba_release_system_open_what_their_users_may_have(engine: Engine) {
    let Some(site) = ars_site(engine) else { return };
    for good in [
        DIGITS.to_owned(),
        DIGITS.to_uppercase(),
        format!("{DIGITS}junk"),
        format!("43:{ADD_ON}"),
        format!("43%3A{ADD_ON}"),
    ] {
        assert_eq!(site.status(&good), 302, "{good}");
    }
    for bad in [
        // A primary one is sent without a user, an add-on with its own.
        format!("42:{DIGITS}"),
        ADD_ON.to_owned(),
        format!("42:{ADD_ON}"),
        format!("42:{OFF}"),
        OFF.to_owned(),
        DIGITS[..31].to_owned(),
    ] {
        assert_eq!(site.state("lighthouse", &bad), "invalid", "{bad}");
    }
    site.database.execute("DELETE FROM #__user_usergroup_map WHERE user_id = 42");
    assert_eq!(site.state("lighthouse", DIGITS), "not_covered");
}

fn a_query_tells_whose_a_key_is(engine: Engine) {
    let query = "SELECT owner AS user_id FROM #__shop_keys WHERE text_of_key = :key";
    let tables = format!("{USER_GROUPS}[joomla.download_ids]\nquery = '{query}'\n");
    let Some(site) = Site::open(engine, &tables) else { return };
    site.database.execute("CREATE TABLE #__shop_keys (owner integer, text_of_key varchar(64))");
    site.database
        .execute("INSERT INTO #__shop_keys VALUES (42, 'harbor-key-0123'), (NULL, 'nobodys-key-01')");
    assert_eq!(site.status("harbor-key-0123"), 302);
    for bad in ["nobodys-key-01", "harbor-key-0124"] {
        assert_eq!(site.state("lighthouse", bad), "invalid", "{bad}");
    }
    site.shop.import("jbackend", "lighthouse;ada@shop.test;fd8s809f89ds8f90sd81231sdsds323\n");
    assert_eq!(site.status("fd8s809f89ds8f90sd81231sdsds323"), 302);
}

fn a_key_of_several_users_opens_nothing(engine: Engine) {
    let query = "SELECT owner AS user_id FROM #__shop_keys WHERE text_of_key = :key";
    let tables = format!("{USER_GROUPS}[joomla.download_ids]\nquery = '{query}'\n");
    let Some(site) = Site::open(engine, &tables) else { return };
    site.database.execute("CREATE TABLE #__shop_keys (owner integer, text_of_key varchar(64))");
    // To MariaDB's collation the two are one.
    site.database.execute("INSERT INTO #__shop_keys VALUES (42, 'harbor-key-0123'), (43, 'Harbor-Key-0123')");
    let alone = if engine == Engine::MariaDb { 503 } else { 302 };
    assert_eq!(site.status("harbor-key-0123"), alone);
    site.database.execute("UPDATE #__shop_keys SET text_of_key = 'harbor-key-0123'");
    assert_eq!(site.status("harbor-key-0123"), 503);
    let log = site.shop.log();
    assert!(log.contains("column `user_id`: found several users for one key, expected one"), "{log}");
    assert!(!log.contains("harbor-key"), "{log}");
    site.database.execute("UPDATE #__shop_keys SET owner = 43");
    assert_eq!(site.status("harbor-key-0123"), 302);
}

fn a_query_that_finds_a_user_for_any_key_is_refused(engine: Engine) {
    let expected = "`joomla.download_ids`: found a user for a key that nobody has, expected the condition to compare `:key` \
                    with a text (to MySQL, any word equals the number 0)";
    let with_number = match engine {
        Engine::MariaDb => expected,
        Engine::PostgreSql => "operator does not exist: smallint = text",
    };
    for (condition, expected) in [("username <> :key", expected), ("block = :key", with_number)] {
        let query = format!("SELECT id AS user_id FROM #__users WHERE {condition}");
        let tables = format!("{USER_GROUPS}[joomla.download_ids]\nquery = '{query}'\n");
        let Some(site) = Site::with(engine, &tables) else { return };
        site.database.add_user(42, "ada", "ada@shop.test", &[10]);
        let refused = super::refusal(&site.shop, &["check-config"], "");
        assert!(refused.ends_with(expected), "{refused}");
    }
}

fn a_key_that_was_reset_in_the_file_is_asked_for_nowhere(engine: Engine) {
    let Some(site) = ars_site(engine) else { return };
    site.shop.import("csv", &format!("email,key\nada@shop.test,{DIGITS}\n"));
    assert_eq!(site.status(DIGITS), 302);
    let _ = site.shop.validator_prints(&["license", "reset", "lighthouse", "--user", "42"], "");
    assert_eq!(site.state("lighthouse", DIGITS), "invalid");
}
