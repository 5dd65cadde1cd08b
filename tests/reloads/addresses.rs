//! A catalog that lies at an https address.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use bandari_tests::https::HttpsServer;
use bandari_tests::shop::Shop;
use bandari_tests::smtp::{Certificates, wait_for};

use super::{NEWEST_DOWNLOAD, before_the_release, count, release, wait_for_log, watching_shop};

/// A shop whose catalog lies at that path of a host; nothing without what such a host needs.
fn published_shop() -> Option<(Certificates, HttpsServer, Shop)> {
    let certificates = Certificates::make()?;
    let shop = watching_shop();
    let host = HttpsServer::start(&certificates, &shop.path("output/public"), 0);
    Some((certificates, host, shop))
}

fn configure(shop: &Shop, address: &str) {
    shop.reconfigure("catalog = 'output/public/catalog.json'", &format!("catalog = '{address}'"));
}

/// Standard error of `check-config` with a trusted authority or without one.
fn complaint(shop: &Shop, authority: Option<&Path>) -> String {
    let output = shop.validator_trusting(authority, &["check-config"], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_catalog_at_an_address_is_asked_for_only_when_it_has_changed() {
    let Some((certificates, host, mut shop)) = published_shop() else { return };
    before_the_release(&shop);
    configure(&shop, &host.address("/moved/catalog.json"));
    shop.serve_with("SSL_CERT_FILE", &certificates.ca_file());
    let unchanged = || host.answers().iter().filter(|answer| *answer == "/catalog.json 304").count();
    wait_for("a conditional request", || unchanged() >= 2);
    assert_eq!(
        host.answers()[..3],
        ["/moved/catalog.json 302", "/catalog.json 200 gzip", "/moved/catalog.json 302"]
    );

    release(&shop);
    wait_for_log(&shop, "a new catalog counts packages=9 groups=2", 1);
    assert_eq!(host.answers().iter().filter(|answer| answer.contains(" 200")).count(), 2);
    assert_ne!(shop.get(NEWEST_DOWNLOAD).status, 404);
}

#[test]
fn a_host_that_is_away_is_told_once_and_what_was_read_goes_on() {
    let Some((certificates, host, mut shop)) = published_shop() else { return };
    configure(&shop, &host.address("/catalog.json"));
    shop.serve_with("SSL_CERT_FILE", &certificates.ca_file());
    let port = host.port;
    drop(host);
    wait_for_log(&shop, "the catalog cannot be read, the old one stays", 1);
    assert_ne!(shop.get(NEWEST_DOWNLOAD).status, 404);
    let _host = HttpsServer::start(&certificates, &shop.path("output/public"), port);
    wait_for_log(&shop, "the catalog can be read again", 1);
    assert_eq!(count(&shop, "the catalog cannot be read"), 1, "{}", shop.log());
}

#[test]
fn every_command_takes_a_catalog_from_its_address() {
    let Some((certificates, host, shop)) = published_shop() else { return };
    let trusted = certificates.ca_file();
    let run = |arguments: &[&str], input: &str| {
        let output = shop.validator_trusting(Some(&trusted), arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let address = host.address("/catalog.json");
    fs::remove_file(shop.path("validator.toml")).unwrap();
    assert!(run(&["init", "--catalog", &address], "").starts_with("made `"));
    assert!(
        fs::read_to_string(shop.path("validator.toml"))
            .unwrap()
            .contains(&format!("catalog = \"{address}\""))
    );
    assert!(run(&["init", "--catalog", &address], "").starts_with("nothing was missing"));
    assert!(run(&["check-config"], "").ends_with("is good: packages 9, groups 2\n"));
    let _ = run(&["license", "grant", "lighthouse"], "ada@example.org");
    assert!(run(&["license", "key", "lighthouse", "--user", "1"], "").len() > 20);
    let refused =
        shop.validator_trusting(Some(&trusted), &["license", "grant", "nothing"], "ada@example.org");
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn an_address_that_gives_no_catalog_is_refused_with_the_reason() {
    let Some((certificates, host, shop)) = published_shop() else { return };
    let trusted = certificates.ca_file();
    configure(&shop, &host.address("/catalog.json"));
    let unknown = complaint(&shop, None);
    let expected = format!("error: cannot fetch the catalog `{}`: ", host.address("/catalog.json"));
    assert!(unknown.starts_with(&expected) && unknown.contains("certificate"), "{unknown}");
    for (from, to, reason) in [
        ("/catalog.json", "/gone.json", "404"),
        ("/gone.json", "/elsewhere/catalog.json", "https only"),
        ("/elsewhere/catalog.json", "/bomb", "found more than 67108864 bytes"),
    ] {
        shop.reconfigure(&host.address(from), &host.address(to));
        let complaint = complaint(&shop, Some(&trusted));
        assert!(complaint.contains(reason), "{complaint}");
    }
}

#[test]
fn a_host_that_does_not_answer_keeps_nobody_from_stopping() {
    let mut shop = watching_shop();
    let host = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let catalog = fs::read_to_string(shop.path("output/public/catalog.json")).unwrap();
    configure(&shop, &format!("http://{}/catalog.json", host.local_addr().unwrap()));
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = host.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let length = catalog.len();
        write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{catalog}")
            .unwrap();
        drop(stream);
        host.accept().unwrap().0
    });
    shop.serve();
    let _asked = silent.join().unwrap();
    let begun = Instant::now();
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
