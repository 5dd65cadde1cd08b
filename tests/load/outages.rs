//! The place of the licenses is away while customers ask.

use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::customers::{
    PAUSE, add_customers, assert_only, customers, keep_licenses_in, members, target,
};
use bandari_tests::database::{DatabaseServer, Engine};
use bandari_tests::http::{self, Answer};
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::relay::Relay;
use bandari_tests::shop::Shop;

use crate::programs;

/// How long the server may take to notice.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the log says at the begin of an outage, and at its end.
const BEGIN: &str = "the license store cannot be asked";
const END: &str = "the license store answers again";

#[test]
fn nobody_who_was_known_notices_that_the_embedded_store_is_away() {
    let mut shop = Shop::closed(programs());
    let known = customers(&shop, 4);
    let unknown = shop.key_for("unknown@shop.test", "lighthouse", None);
    shop.serve();
    let load = begin(&shop, &known);
    for _ in 0..2 {
        shop.spoil_store("ALTER TABLE users RENAME TO mislaid");
        outage_is_bridged(&shop, &load, &unknown);
        shop.spoil_store("ALTER TABLE mislaid RENAME TO users");
        outage_ends(&shop, &load);
    }
    end(&shop, load, 2);
    assert_eq!(shop.get(&target(&unknown)).status, 302);
}

#[test]
fn nobody_who_was_known_notices_that_mariadb_is_away() {
    a_sites_database_may_be_away(Engine::MariaDb);
}

#[test]
fn nobody_who_was_known_notices_that_postgresql_is_away() {
    a_sites_database_may_be_away(Engine::PostgreSql);
}

/// Each way of being away that a database has.
fn a_sites_database_may_be_away(engine: Engine) {
    let Some(mut database) = DatabaseServer::start(engine) else { return };
    let mut shop = Shop::closed(programs());
    keep_licenses_in(&shop, &database);
    let known = members(&shop, &database, 100..104);
    let unknown = members(&shop, &database, 200..201).remove(0);
    shop.serve();
    let load = begin(&shop, &known);
    database.stop();
    outage_is_bridged(&shop, &load, &unknown);
    database.start_again();
    outage_ends(&shop, &load);
    database.kill();
    outage_is_bridged(&shop, &load, &unknown);
    database.start_again();
    outage_ends(&shop, &load);
    database.freeze();
    outage_is_bridged(&shop, &load, &unknown);
    database.thaw();
    outage_ends(&shop, &load);
    end(&shop, load, 3);
    assert_eq!(shop.get(&target(&unknown)).status, 302);
    database.freeze();
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0), "a database that hangs keeps nobody from leaving");
}

#[test]
fn a_server_that_starts_before_its_database_is_ready_as_soon_as_that_is_there() {
    for engine in [Engine::MariaDb, Engine::PostgreSql] {
        let Some(mut database) = DatabaseServer::start(engine) else { continue };
        let mut shop = Shop::closed(programs());
        keep_licenses_in(&shop, &database);
        let key = members(&shop, &database, 100..101).remove(0);
        database.stop();
        shop.serve();
        assert_eq!((readiness(&shop).status, shop.get(&target(&key)).status), (503, 503));
        database.start_again();
        wait_until_ready(&shop);
        assert_eq!(shop.get(&target(&key)).status, 302);
    }
}

#[test]
fn a_table_that_is_locked_for_a_while_is_an_outage_and_mixes_up_no_answers() {
    for engine in [Engine::MariaDb, Engine::PostgreSql] {
        let Some(database) = DatabaseServer::start(engine) else { continue };
        let mut shop = Shop::closed(programs());
        keep_licenses_in(&shop, &database);
        let known = members(&shop, &database, 100..104);
        let unknown = members(&shop, &database, 200..210);
        database.execute("DELETE FROM #__user_usergroup_map WHERE user_id >= 205");
        shop.serve();
        let load = begin(&shop, &known);
        database.while_locked("users", || outage_is_bridged(&shop, &load, &unknown[0]));
        outage_ends(&shop, &load);
        end(&shop, load, 1);
        shop.kill();
        // Once more on connections that are new: even what is asked is still to be told to the database.
        database.while_locked("users", || {
            shop.serve();
            for key in &unknown[..3] {
                assert_eq!(shop.get(&target(key)).status, 503);
            }
        });
        wait_until_ready(&shop);
        for _ in 0..3 {
            let statuses = unknown.iter().map(|key| shop.get(&target(key)).status);
            assert!(statuses.eq([302, 302, 302, 302, 302, 403, 403, 403, 403, 403]), "{}", told(&shop));
        }
    }
}

#[test]
fn connections_that_died_in_silence_keep_no_place() {
    for engine in [Engine::MariaDb, Engine::PostgreSql] {
        let Some(database) = DatabaseServer::start(engine) else { continue };
        let relay = Relay::to(database.port);
        let mut shop = Shop::closed(programs());
        keep_licenses_in(&shop, &database);
        let (there, here) = (format!("port = {}", database.port), format!("port = {}", relay.port));
        shop.reconfigure(&there, &format!("{here}\nmax_connections = 1"));
        let keys = members(&shop, &database, 100..104);
        database.execute("DELETE FROM #__user_usergroup_map WHERE user_id >= 102");
        shop.serve();
        for _ in 0..3 {
            let statuses: Vec<u16> = keys.iter().map(|key| shop.get(&target(key)).status).collect();
            assert_eq!(statuses, [302, 302, 403, 403], "{}", told(&shop));
            relay.go_down();
            assert_eq!(shop.get(&target(&keys[2])).status, 503);
            relay.come_back();
            wait_until_ready(&shop);
        }
    }
}

/// Lets customers who are known, and one with a forged key, ask from now on.
fn begin(shop: &Shop, known: &[String]) -> Load {
    for key in known {
        assert_eq!(shop.get(&target(key)).status, 302);
    }
    let mut load = Load::new();
    add_customers(&mut load, "known", shop.port, known, 4);
    let mut forger = Client::new(shop.port);
    let forged = target(&forged(&known[0]));
    load.add("forger", PAUSE * 50, move || forger.ask(&forged));
    load.wait_for("known", 40);
    load
}

/// A key that is one of ours but for its last characters.
fn forged(key: &str) -> String {
    let (kept, dropped) = key.split_at(key.len() - 4);
    let other = if dropped == "aaaa" { "bbbb" } else { "aaaa" };
    format!("{kept}{other}")
}

fn readiness(shop: &Shop) -> Answer {
    http::get(shop.private_port, "/readyz", &[])
}

fn outage_is_bridged(shop: &Shop, load: &Load, unknown: &str) {
    let begun = Instant::now();
    let refused = loop {
        let answer = shop.get(&target(unknown));
        assert!(begun.elapsed() < PATIENCE, "the outage is not noticed");
        if answer.status != 302 {
            break answer;
        }
        sleep(PAUSE);
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("30")), "{}", refused.text());
    let ready = wait_for_readiness(shop, 503);
    assert!(ready.text().starts_with("license store: it cannot be used since "), "{}", ready.text());
    load.wait_for("known", 200);
}

/// Waits until the monitoring is told so: what is found out counts for a moment.
fn wait_for_readiness(shop: &Shop, status: u16) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = readiness(shop);
        if answer.status == status {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", told(shop));
        sleep(PAUSE);
    }
}

/// Waits until the place of the licenses answers.
fn wait_until_ready(shop: &Shop) {
    let _ = wait_for_readiness(shop, 200);
}

/// What the log says beside requests.
fn told(shop: &Shop) -> String {
    shop.log().lines().filter(|line| !line.contains("answered")).collect::<Vec<_>>().join("\n")
}

fn outage_ends(shop: &Shop, load: &Load) {
    wait_until_ready(shop);
    load.wait_for("known", 40);
}

fn end(shop: &Shop, load: Load, outages: usize) {
    let counts = load.end();
    assert_only(&counts, "known", &Outcome::Answered(302), 100);
    assert_only(&counts, "forger", &Outcome::Answered(403), 1);
    let log = shop.log();
    let lines = |text: &str| log.lines().filter(|line| line.contains(text)).collect::<Vec<_>>();
    let told = lines("license store");
    let first = &told[..told.len().min(10)];
    assert_eq!((lines(BEGIN).len(), lines(END).len()), (outages, outages), "{first:#?}");
}
