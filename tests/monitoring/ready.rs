use std::time::{Duration, Instant};

use super::*;

/// Asks until the answer has this status: what was found out counts for a second.
fn wait_for(shop: &Shop, status: u16) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = ask(shop, "/readyz");
        if answer.status == status {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", answer.text());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_validator_is_ready_as_long_as_its_license_store_can_be_used() {
    let shop = Shop::open(programs());
    assert_eq!(ask(&shop, "/readyz").text(), "ready\n");
    shop.spoil_store("ALTER TABLE users RENAME TO gone");
    let answer = wait_for(&shop, 503);
    let since = answer.text().strip_prefix("license store: it cannot be used since ");
    let since = since.and_then(|rest| rest.strip_suffix(", the log tells why\n"));
    let since: jiff::Timestamp = since.unwrap_or_else(|| panic!("{}", answer.text())).parse().unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    assert!((now - 30..=now).contains(&since.as_second()), "{since}");
    assert_eq!(ask(&shop, "/healthz").status, 200, "restarting it would help nobody");
    shop.spoil_store("ALTER TABLE gone RENAME TO users");
    assert_eq!(wait_for(&shop, 200).text(), "ready\n");
}

/// Asks until a second line says this of the catalog, and gives the rest of it.
fn wait_for_remark(shop: &Shop, begins: &str) -> String {
    let begun = Instant::now();
    loop {
        let answer = ask(shop, "/readyz");
        assert_eq!(answer.status, 200, "the old catalog goes on: {}", answer.text());
        let rest = answer.text().strip_prefix("ready\n").and_then(|line| line.strip_prefix(begins));
        if let Some(rest) = rest {
            return rest.to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", answer.text());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_catalog_that_cannot_be_read_or_used_is_told_with_the_time_since_when() {
    let mut shop = Shop::closed(programs());
    shop.configure("catalog_check_seconds = 1");
    shop.serve();
    let catalog = shop.path("output/public/catalog.json");
    std::fs::rename(&catalog, shop.path("aside")).unwrap();
    let rest = wait_for_remark(&shop, "catalog: cannot be read since ");
    let since = rest.strip_suffix(", the old one goes on\n").unwrap_or_else(|| panic!("{rest}"));
    let since: jiff::Timestamp = since.parse().unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    assert!((now - 30..=now).contains(&since.as_second()), "{since}");
    std::fs::write(&catalog, "{}").unwrap();
    wait_for_remark(&shop, "catalog: a new one is refused since ");
    std::fs::rename(shop.path("aside"), &catalog).unwrap();
    let begun = Instant::now();
    while ask(&shop, "/readyz").text() != "ready\n" {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn asking_often_keeps_no_store_busy() {
    let shop = Shop::open(programs());
    let begun = Instant::now();
    for _ in 0..200 {
        assert_eq!(ask(&shop, "/readyz").status, 200);
    }
    let metrics = ask(&shop, "/metrics");
    let count =
        metrics.text().lines().find_map(|line| line.strip_prefix("bandari_store_question_seconds_count "));
    let questions: u64 = count.unwrap().parse().unwrap();
    assert!(questions <= 1 + begun.elapsed().as_secs() + 1, "{questions} in {:?}", begun.elapsed());
}
