use std::time::{Duration, Instant};

use super::*;

fn metrics(shop: &Shop) -> String {
    let answer = ask(shop, "/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    answer.text().to_owned()
}

/// Each of these lines is there.
fn assert_told(metrics: &str, lines: &[&str]) {
    for line in lines {
        assert!(metrics.lines().any(|found| found == *line), "no `{line}` in:\n{metrics}");
    }
}

/// Asks until this line is there.
fn wait_for(shop: &Shop, line: &str) {
    let begun = Instant::now();
    while !metrics(shop).lines().any(|found| found == line) {
        assert!(begun.elapsed() < Duration::from_secs(20), "no `{line}` in:\n{}", metrics(shop));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A shop whose server remembers look-ups, as servers do unless they are told otherwise.
fn shop() -> Shop {
    let shop = Shop::closed(programs());
    let path = shop.path("validator.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("cache_seconds = 0", "cache_seconds = 60")).unwrap();
    shop
}

#[test]
fn requests_are_counted_by_route_and_outcome_and_refusals_by_reason() {
    let mut shop = shop();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    shop.serve();
    for _ in 0..3 {
        assert_eq!(shop.get(&format!("/download/lighthouse_110?dlid={key}")).status, 302);
    }
    let _ = shop.get("/download/lighthouse_110?dlid=no-key-of-anybody");
    let _ = shop.get(&format!("/post/release/validate/dockyard?email=ada%40example.org&key={key}"));
    // The server sees a little later than its client that a connection has ended, also one that asked for numbers.
    wait_for(&shop, r#"bandari_connections{listener="public"} 0"#);
    wait_for(&shop, r#"bandari_connections{listener="private"} 1"#);
    let metrics = metrics(&shop);
    assert_told(
        &metrics,
        &[
            "# TYPE bandari_requests counter",
            r#"bandari_requests_total{route="download",outcome="redirect",status="3xx"} 3"#,
            r#"bandari_requests_total{route="download",outcome="invalid",status="4xx"} 1"#,
            r#"bandari_requests_total{route="jbackend",outcome="REL_NAU",status="2xx"} 1"#,
            r#"bandari_refusals_total{reason="invalid"} 1"#,
            r#"bandari_refusals_total{reason="not_covered"} 1"#,
            r#"bandari_build_info{version="0.1.0"} 1"#,
            "bandari_lost_log_lines_total 0",
        ],
    );
    assert!(metrics.ends_with("# EOF\n"));
    let read_at =
        metrics.lines().find_map(|line| line.strip_prefix("bandari_catalog_read_timestamp_seconds "));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((now - 60..=now + 1).contains(&read_at.unwrap().parse().unwrap()), "{read_at:?}");
}

#[test]
fn look_ups_are_counted_by_where_their_answer_came_from() {
    let mut shop = shop();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    shop.serve();
    for _ in 0..5 {
        let _ = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
    }
    let _ = shop.get("/download/lighthouse_110?dlid=no-key-of-anybody");
    let metrics = metrics(&shop);
    assert_told(
        &metrics,
        &[
            r#"bandari_look_ups_total{result="hit"} 4"#,
            r#"bandari_look_ups_total{result="miss"} 2"#,
            r#"bandari_look_ups_total{result="stale"} 0"#,
            r#"bandari_look_ups_total{result="away"} 0"#,
            "bandari_store_question_seconds_count 2",
            r#"bandari_store_question_seconds_bucket{le="+Inf"} 2"#,
            "bandari_store_failures_total 0",
            "bandari_store_outage 0",
            r#"bandari_store_connections{state="used"} 0"#,
        ],
    );
    // Each goes back into the pool a moment after its question.
    wait_for(&shop, r#"bandari_store_connections{state="used"} 0"#);
}

#[test]
fn who_has_to_wait_is_counted_by_what_for() {
    let mut shop = Shop::closed(programs());
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    shop.serve();
    while shop.get("/download/lighthouse_110?dlid=no-key-of-anybody").status != 429 {}
    for _ in 0..4 {
        let _ = shop.get("/post/release/keybyemail/lighthouse?email=ada%40example.org");
    }
    let sent = r#"bandari_key_mails_total{outcome="sent"} 3"#;
    wait_for(&shop, sent);
    assert_told(
        &metrics(&shop),
        &[
            r#"bandari_quota_refusals_total{quota="wrong-keys"} 1"#,
            r#"bandari_quota_refusals_total{quota="key-mails"} 1"#,
            sent,
            r#"bandari_key_mails_total{outcome="given-up"} 0"#,
            r#"bandari_password_checks{state="running"} 0"#,
            r#"bandari_password_checks{state="waiting"} 0"#,
        ],
    );
}

#[test]
fn changes_are_counted_by_whether_they_were_good() {
    let mut shop = Shop::closed(programs());
    shop.configure("catalog_check_seconds = 1");
    shop.serve();
    shop.hang_up();
    wait_for(&shop, r#"bandari_reloads_total{what="everything",outcome="good"} 1"#);
    let path = shop.path("output/public/catalog.json");
    let catalog = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, "{}").unwrap();
    wait_for(&shop, r#"bandari_reloads_total{what="catalog",outcome="refused"} 1"#);
    std::fs::write(&path, catalog.replace("Mwambao", "Bandari")).unwrap();
    wait_for(&shop, r#"bandari_reloads_total{what="catalog",outcome="good"} 1"#);
    shop.configure("sign = 'here'");
    shop.hang_up();
    wait_for(&shop, r#"bandari_reloads_total{what="everything",outcome="refused"} 1"#);
}

#[test]
fn connections_that_bring_no_http_are_counted() {
    use std::io::{Read, Write};

    let shop = Shop::open(programs());
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", shop.port)).unwrap();
    stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    wait_for(&shop, r#"bandari_broken_connections_total{why="malformed"} 1"#);
}

#[test]
fn labels_are_words_and_tell_nothing_of_requests() {
    let shop = Shop::open(programs());
    for target in
        ["/aebagbafaydqqcik", "/download/aebagbafaydqqcik?dlid=aebagbafaydqqcik", "/check/ada@example.org"]
    {
        let _ = http::request(shop.port, "BREW", target, &[], b"");
        let _ = shop.get(target);
    }
    let metrics = metrics(&shop);
    for secret in ["aebagbafaydqqcik", "ada", "BREW", "lighthouse"] {
        assert!(!metrics.contains(secret), "{secret} is in:\n{metrics}");
    }
}
