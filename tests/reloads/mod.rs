//! What changes while a server runs: the catalog, and everything else at a SIGHUP.

mod addresses;
mod catalogs;
mod hang_ups;
mod services;

use std::fs;

use bandari_tests::shop::Shop;
use bandari_tests::smtp::wait_for;

use crate::programs;

/// The newest package of a licensed product, and its address.
const NEWEST: &str = "packages/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";
const NEWEST_DOWNLOAD: &str = "/download/lighthouse_110";

/// A shop whose server, once it is started, looks at the catalog each second.
fn watching_shop() -> Shop {
    let shop = Shop::closed(programs());
    shop.reconfigure("catalog = ", "catalog_check_seconds = 1\ncatalog = ");
    shop
}

/// Takes the newest release back as if it had not been made yet.
fn before_the_release(shop: &Shop) {
    fs::rename(shop.path(NEWEST), shop.path("newest.zip")).unwrap();
    fs::remove_dir_all(shop.path("output")).unwrap();
    shop.build();
}

/// Makes the release that was taken back.
fn release(shop: &Shop) {
    fs::rename(shop.path("newest.zip"), shop.path(NEWEST)).unwrap();
    shop.build();
}

/// How often a text stands in the log.
fn count(shop: &Shop, text: &str) -> usize {
    shop.log().matches(text).count()
}

/// Waits until a text stands in the log that often.
fn wait_for_log(shop: &Shop, text: &str, times: usize) {
    wait_for(text, || count(shop, text) >= times);
    assert_eq!(count(shop, text), times, "{}", shop.log());
}

/// Sends SIGHUP and waits for the line that tells what came of it.
fn reload(shop: &Shop, expected: &str) {
    let before = count(shop, expected);
    shop.hang_up();
    wait_for_log(shop, expected, before + 1);
}
