//! The place of the licenses is away while customers ask.

use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::http::{self, Answer};
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::shop::Shop;

use super::{PAUSE, add_customers, assert_only, customers, target};
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
    let ready = readiness(shop);
    assert_eq!((ready.status, ready.text()), (503, "not ready: the license store does not answer\n"));
    load.wait_for("known", 200);
}

fn outage_ends(shop: &Shop, load: &Load) {
    let begun = Instant::now();
    while readiness(shop).status != 200 {
        assert!(begun.elapsed() < PATIENCE, "{}", shop.log());
        sleep(PAUSE);
    }
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
