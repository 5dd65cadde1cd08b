//! A catalog that is another file now.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use super::{NEWEST_DOWNLOAD, before_the_release, count, release, wait_for_log, watching_shop};

const REFUSED: &str = "the new catalog is refused, the old one stays";

/// Long enough for two looks at the catalog.
const TWO_LOOKS: Duration = Duration::from_millis(2_500);

#[test]
fn a_new_release_is_served_without_a_restart() {
    let mut shop = watching_shop();
    before_the_release(&shop);
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("{NEWEST_DOWNLOAD}?dlid={key}");
    assert_eq!(shop.get(&target).status, 404);
    release(&shop);
    wait_for_log(&shop, "a new catalog counts packages=9 groups=2", 1);
    let redirect = shop.get(&target);
    assert_eq!(redirect.status, 302);
    assert_eq!(shop.get_address(redirect.header("location").unwrap()).status, 200);
}

#[test]
fn a_broken_catalog_is_refused_with_one_line_and_the_old_one_goes_on() {
    let mut shop = watching_shop();
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("{NEWEST_DOWNLOAD}?dlid={key}");
    let catalog = shop.path("output/public/catalog.json");
    let good = fs::read(&catalog).unwrap();

    fs::write(&catalog, &good[..good.len() / 2]).unwrap();
    wait_for_log(&shop, REFUSED, 1);
    sleep(TWO_LOOKS);
    assert_eq!(count(&shop, REFUSED), 1, "{}", shop.log());
    assert_eq!(shop.get(&target).status, 302);

    fs::write(&catalog, r#"{"format":"bandari-catalog","version":2}"#).unwrap();
    wait_for_log(&shop, REFUSED, 2);
    assert!(shop.log().contains("found catalog version 2, expected 1"), "{}", shop.log());
    assert_eq!(shop.get(&target).status, 302);

    fs::write(&catalog, &good).unwrap();
    wait_for_log(&shop, "a new catalog counts", 1);
    assert_eq!(shop.get(&target).status, 302);
}

#[test]
fn a_catalog_with_a_new_group_counts_as_soon_as_the_group_has_a_seed() {
    let mut shop = watching_shop();
    shop.serve();
    let product = shop.path("packages/mod_openinghours/product.toml");
    let text = fs::read_to_string(&product).unwrap();
    fs::write(&product, format!("group = \"hours\"\n{text}")).unwrap();
    fs::remove_dir_all(shop.path("output")).unwrap();
    shop.build();
    wait_for_log(&shop, "found no seed for the group `hours` of the catalog", 1);
    sleep(TWO_LOOKS);
    assert_eq!(count(&shop, REFUSED), 1, "{}", shop.log());
    let _ = shop.validator_prints(&["init"], "");
    let key = shop.key_for("ada@example.org", "hours", None);
    wait_for_log(&shop, "a new catalog counts packages=9 groups=3", 1);
    let answer = shop.get(&format!("/check/hours?dlid={key}"));
    assert!(answer.text().contains(r#""state":"valid""#), "{}", answer.text());
}

#[test]
fn a_catalog_that_is_away_is_told_once_and_again_when_it_is_back() {
    let mut shop = watching_shop();
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let (catalog, aside) = (shop.path("output/public/catalog.json"), shop.path("aside.json"));
    fs::rename(&catalog, &aside).unwrap();
    let away = "the catalog cannot be read, the old one stays";
    wait_for_log(&shop, away, 1);
    sleep(TWO_LOOKS);
    assert_eq!(count(&shop, away), 1, "{}", shop.log());
    assert_eq!(shop.get(&format!("{NEWEST_DOWNLOAD}?dlid={key}")).status, 302);
    fs::rename(&aside, &catalog).unwrap();
    wait_for_log(&shop, "the catalog can be read again", 1);
    sleep(TWO_LOOKS);
    assert_eq!(count(&shop, "a new catalog counts"), 0, "{}", shop.log());
}
