//! Dates and states by a query: what rows mean, with user groups and without.

use bandari_tests::database::Engine;

use super::{Site, USER_GROUPS};

on_each_database! {
    rows_of_the_subscriptions_table_say_what_a_license_is_worth
    who_is_no_member_has_no_license_but_learns_the_reason
    who_is_no_member_keeps_the_releases_of_an_expired_license_and_no_others
    without_user_groups_rows_alone_decide
    an_end_that_stands_for_never_is_understood_and_one_that_only_looks_so_is_not
    a_query_that_gives_the_rows_of_everybody_opens_nothing
    what_a_database_says_of_contents_is_not_told
    a_query_may_join_tables_and_give_unix_seconds
    what_cannot_be_read_opens_nothing_and_is_logged_once_without_its_content
}

const SUBSCRIPTIONS: &str = "[joomla.licenses]\npreset = 'subscriptions'\n";

fn insert(site: &Site, user: u32, state: &str, expires: &str, canceled: &str) {
    let moment = |text: &str| if text.is_empty() { "NULL".to_owned() } else { format!("'{text}'") };
    site.database.execute(&format!(
        "INSERT INTO #__subscriptions (user_id, package_group, state, expires, canceled) \
         VALUES ({user}, 'lighthouse', '{state}', {}, {})",
        moment(expires),
        moment(canceled)
    ));
}

/// The state of the only row that somebody has.
fn state_of(site: &Site, key: &str, (state, expires, canceled): (&str, &str, &str)) -> String {
    site.database.execute("DELETE FROM #__subscriptions");
    insert(site, 42, state, expires, canceled);
    site.state("lighthouse", key)
}

fn rows_of_the_subscriptions_table_say_what_a_license_is_worth(engine: Engine) {
    let Some(site) = Site::open(engine, &format!("{USER_GROUPS}{SUBSCRIPTIONS}")) else { return };
    // A member for whom there is no row has a license without an end.
    let key = site.key("lighthouse", 42);
    assert_eq!(site.status(&key), 302);
    for (row, expected) in [
        (("active", "2999-01-31 00:00:00", ""), "valid"),
        (("Valid", "", ""), "valid"),
        (("active", "2024-02-29 00:00:00", ""), "expired"),
        (("active", "2999-01-31 00:00:00", "2024-02-29 00:00:00"), "valid"),
        (("cancelled", "2999-01-31 00:00:00", "2024-02-29 00:00:00"), "canceled"),
        (("chargebacked", "2999-01-31 00:00:00", ""), "refunded"),
        (("on-hold", "2999-01-31 00:00:00", ""), "suspended"),
        (("expired", "2024-02-29 00:00:00", ""), "expired"),
        (("expired", "2999-01-31 00:00:00", ""), "canceled"),
        (("not_found", "", ""), "not_covered"),
    ] {
        assert_eq!(state_of(&site, &key, row), expected, "{row:?}");
    }
    // The best of several counts, and those for other groups do not.
    insert(&site, 42, "refunded", "", "");
    insert(&site, 42, "active", "2999-01-31 00:00:00", "");
    assert_eq!(site.state("lighthouse", &key), "valid");
    site.database.execute("UPDATE #__subscriptions SET package_group = 'dockyard' WHERE state = 'active'");
    assert_eq!(site.state("lighthouse", &key), "refunded");
    if engine == Engine::MariaDb {
        site.database.execute("DELETE FROM #__subscriptions");
        site.database.execute("SET SESSION sql_mode = ''; INSERT INTO #__subscriptions \
            (user_id, package_group, state, expires) VALUES (42, 'lighthouse', 'active', '0000-00-00 00:00:00')");
        assert_eq!(site.state("lighthouse", &key), "valid");
    }
}

fn who_is_no_member_has_no_license_but_learns_the_reason(engine: Engine) {
    let Some(site) = Site::open(engine, &format!("{USER_GROUPS}{SUBSCRIPTIONS}")) else { return };
    let key = site.key("lighthouse", 42);
    site.database.execute("DELETE FROM #__user_usergroup_map WHERE user_id = 42");
    for (row, expected) in [
        (("active", "2999-01-31 00:00:00", ""), "not_covered"),
        (("active", "", ""), "not_covered"),
        (("active", "2024-02-29 00:00:00", ""), "expired"),
        (("refunded", "", ""), "refunded"),
        (("suspended", "", ""), "suspended"),
        (("canceled", "", ""), "canceled"),
    ] {
        assert_eq!(state_of(&site, &key, row), expected, "{row:?}");
        assert_eq!(site.status(&key), 403);
    }
}

fn who_is_no_member_keeps_the_releases_of_an_expired_license_and_no_others(engine: Engine) {
    let Some(site) = Site::open(engine, &format!("{USER_GROUPS}{SUBSCRIPTIONS}")) else { return };
    // A shop takes out of the group whose subscription has ended. The example's Dockyard leaves older releases to them: 2.0.0
    // came out on 2026-04-20, 2.1.0 on 2026-10-05.
    let key = site.key("dockyard", 43);
    insert(&site, 43, "active", "2026-07-01 00:00:00", "");
    site.database.execute("UPDATE #__subscriptions SET package_group = 'dockyard'");
    site.database.execute("DELETE FROM #__user_usergroup_map WHERE user_id = 43");
    let status = |id: &str| site.shop.get(&format!("/download/{id}?dlid={key}")).status;
    let statuses = || ["dockyard_200", "dockyard_210"].map(status);
    assert_eq!(statuses(), [302, 403]);
    for state in ["suspended", "refunded", "canceled"] {
        site.database.execute(&format!("UPDATE #__subscriptions SET state = '{state}'"));
        assert_eq!(statuses(), [403, 403], "{state}");
    }
}

fn without_user_groups_rows_alone_decide(engine: Engine) {
    let tables = format!("[joomla.user_groups]\ndockyard = [11]\n{SUBSCRIPTIONS}");
    let Some(site) = Site::open(engine, &tables) else { return };
    insert(&site, 44, "active", "", "");
    let key = site.key("lighthouse", 44);
    assert_eq!(site.status(&key), 302);
    site.database.execute("DELETE FROM #__subscriptions");
    assert_eq!(site.state("lighthouse", &key), "not_covered");
}

fn a_query_may_join_tables_and_give_unix_seconds(engine: Engine) {
    let query = "SELECT o.paid AS state, o.until_second AS expires, NULL AS canceled FROM #__shop_orders o \
         JOIN #__shop_plans p ON p.id = o.plan WHERE o.buyer = :user AND p.alias = :group";
    let tables = format!("{USER_GROUPS}[joomla.licenses]\nquery = '''{query}'''\n");
    let Some(mut site) = Site::with(engine, &tables) else { return };
    site.database.add_user(42, "ada", "ada@shop.test", &[10]);
    site.database.execute("CREATE TABLE #__shop_plans (id integer, alias varchar(50))");
    site.database.execute(
        "CREATE TABLE #__shop_orders (buyer integer, plan integer, paid varchar(20), until_second bigint)",
    );
    site.database.execute("INSERT INTO #__shop_plans VALUES (1, 'lighthouse'), (2, 'dockyard')");
    site.database.execute("INSERT INTO #__shop_orders VALUES (42, 1, 'active', 32503680000)");
    site.shop.serve();
    let key = site.key("lighthouse", 42);
    assert_eq!(site.status(&key), 302);
    site.database.execute("UPDATE #__shop_orders SET until_second = 1709164800");
    assert_eq!(site.state("lighthouse", &key), "expired");
}

fn an_end_that_stands_for_never_is_understood_and_one_that_only_looks_so_is_not(engine: Engine) {
    let Some(site) = Site::open(engine, &format!("{USER_GROUPS}{SUBSCRIPTIONS}")) else { return };
    let key = site.key("lighthouse", 42);
    assert_eq!(state_of(&site, &key, ("active", "9999-12-31 23:59:59", "")), "valid");
    let list = ["license", "list", "--user", "42"];
    let listed = site.shop.validator_prints(&list, "");
    assert!(listed.ends_with("lighthouse\tvalid\tends 9999-12-30T22:00:00Z"), "{listed}");
    // Milliseconds of 2024 would be seconds of the year 56,000.
    let query = "SELECT s.state, 1709164800000 AS expires, s.canceled FROM #__subscriptions s \
                 WHERE s.user_id = :user AND s.package_group = :group";
    site.shop.reconfigure("preset = 'subscriptions'", &format!("query = '''{query}'''"));
    let told = super::failure(&site.shop, &list, "", 1);
    let expected =
        "licenses: column `expires`: found no date, expected one such as 2027-01-31 or Unix seconds";
    assert!(told.ends_with(expected), "{told}");
}

fn a_query_that_gives_the_rows_of_everybody_opens_nothing(engine: Engine) {
    let query =
        "SELECT state, expires, canceled FROM #__subscriptions WHERE :user > 0 AND package_group = :group";
    let tables = format!("{USER_GROUPS}[joomla.licenses]\nquery = '{query}'\n");
    let Some(site) = Site::open(engine, &tables) else { return };
    let key = site.key("lighthouse", 42);
    let insert = |rows: &[&str]| {
        let rows = rows.join(", ");
        site.database
            .execute(&format!("INSERT INTO #__subscriptions (user_id, package_group, state) VALUES {rows}"));
    };
    let row = "(7, 'lighthouse', 'active')";
    insert(&[row; 1_000]);
    assert_eq!(site.status(&key), 302);
    insert(&[row]);
    assert_eq!(site.status(&key), 503);
    let log = site.shop.log();
    let expected = "licenses: found more than 1000 rows, expected those of one user for one group";
    assert!(log.contains(expected), "{log}");
}

fn what_a_database_says_of_contents_is_not_told(engine: Engine) {
    // PostgreSQL quotes what it cannot turn into a number. MariaDB takes it for 0.
    if engine == Engine::MariaDb {
        return;
    }
    let query = "SELECT 'active' AS state, CAST(s.state AS bigint) AS expires, NULL AS canceled \
                 FROM #__subscriptions s WHERE s.user_id = :user AND s.package_group = :group";
    let tables = format!("{USER_GROUPS}[joomla.licenses]\nquery = '''{query}'''\n");
    let Some(site) = Site::open(engine, &tables) else { return };
    let key = site.key("lighthouse", 42);
    insert(&site, 42, "paid-by-invoice", "", "");
    assert_eq!(site.status(&key), 503);
    let log = site.shop.log();
    assert!(log.contains("licenses: error 22P02") && !log.contains("paid-by-invoice"), "{log}");
}

fn what_cannot_be_read_opens_nothing_and_is_logged_once_without_its_content(engine: Engine) {
    let Some(site) = Site::open(engine, &format!("{USER_GROUPS}{SUBSCRIPTIONS}")) else { return };
    let key = site.key("lighthouse", 42);
    // Nor does it go on with what was known: there was an answer.
    assert_eq!(site.status(&key), 302);
    insert(&site, 42, "paid-by-invoice", "", "");
    assert_eq!(site.status(&key), 503);
    let log = site.shop.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("cannot be asked")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("licenses: column `state`: found something else, expected one of `active`"),
        "{log}"
    );
    assert!(!log.contains("paid-by-invoice"), "{log}");
    // Nobody else is touched.
    assert_eq!(site.status(&site.key("lighthouse", 43)), 302);
}
