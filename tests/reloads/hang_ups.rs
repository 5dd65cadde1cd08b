//! SIGHUP: everything is read anew, and nothing that is open is dropped.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bandari_tests::http;
use bandari_tests::shop::Shop;

use super::{NEWEST_DOWNLOAD, count, reload, wait_for_log};
use crate::programs;

const RELOADED: &str = " reloaded packages=9";
const REFUSED: &str = "nothing is reloaded, everything stays as it was";

/// More than fits into the sockets' buffers.
const LARGE_BYTES: usize = 30_000_000;

fn connect(shop: &Shop) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", shop.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn send(stream: &mut TcpStream, target: &str) {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nUser-Agent: {}\r\n\r\n", http::JOOMLA).unwrap();
}

/// Reads one answer of a connection that stays open, and gives its status.
fn status(stream: &mut TcpStream) -> u16 {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn open_connections_answer_by_the_new_configuration() {
    let mut shop = Shop::closed(programs());
    shop.reconfigure("catalog = ", "refusal_status = 'uniform'\ncatalog = ");
    shop.serve();
    let mut kept: Vec<TcpStream> = (0..20).map(|_| connect(&shop)).collect();
    for stream in &mut kept {
        send(stream, NEWEST_DOWNLOAD);
        assert_eq!(status(stream), 403);
    }
    shop.reconfigure("'uniform'", "'by-reason'");
    reload(&shop, RELOADED);
    for stream in &mut kept {
        send(stream, NEWEST_DOWNLOAD);
        assert_eq!(status(stream), 401);
    }
}

#[test]
fn a_slow_download_goes_on_to_its_end() {
    let mut shop = Shop::closed(programs());
    let large = shop.path("output/public/large.bin");
    fs::File::create(&large).unwrap().set_len(LARGE_BYTES as u64).unwrap();
    shop.serve();
    let mut stream = connect(&shop);
    write!(stream, "GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut first = [0; 100_000];
    stream.read_exact(&mut first).unwrap();
    shop.reconfigure("serve_public = 'output/public'\n", "");
    reload(&shop, RELOADED);
    assert_eq!(shop.get("/large.bin").status, 404, "nobody gets it any more");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let head = first.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(first.len() + rest.len() - head, LARGE_BYTES);
}

#[test]
fn a_hang_up_under_load_drops_nothing() {
    let mut shop = Shop::closed(programs());
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("{NEWEST_DOWNLOAD}?dlid={key}");
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = connect(&shop);
                    (0..200).all(|_| {
                        send(&mut stream, &target);
                        status(&mut stream) == 302
                    })
                })
            })
            .collect();
        for _ in 0..5 {
            reload(&shop, RELOADED);
        }
        assert!(clients.into_iter().all(|client| client.join().unwrap()));
    });
}

#[test]
fn a_broken_configuration_is_refused_with_one_line_and_the_old_one_goes_on() {
    let mut shop = Shop::closed(programs());
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("{NEWEST_DOWNLOAD}?dlid={key}");
    shop.reconfigure("key_set = ", "kee_set = ");
    reload(&shop, REFUSED);
    let log = shop.log();
    let line = log.lines().find(|line| line.contains(REFUSED)).unwrap();
    assert!(line.contains("unknown field `kee_set`"), "{log}");
    assert_eq!(shop.get(&target).status, 302);

    shop.reconfigure("kee_set = ", "signing_key = 'gone.pem'\nkey_set = ");
    reload(&shop, REFUSED);
    assert!(shop.log().contains("gone.pem`: is missing"), "{}", shop.log());
    assert_eq!(shop.get(&target).status, 302);

    shop.reconfigure("signing_key = 'gone.pem'\n", "");
    reload(&shop, RELOADED);
    assert_eq!(shop.get(&target).status, 302);
}

#[test]
fn words_and_keys_are_read_anew() {
    let mut shop = Shop::closed(programs());
    fs::create_dir_all(shop.path("templates/refusal")).unwrap();
    shop.reconfigure("key_set = ", "templates = 'templates'\nkey_set = ");
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let page = || {
        http::get(shop.port, NEWEST_DOWNLOAD, &["Accept: text/html", "User-Agent: Mozilla/5.0 Firefox/140.0"])
    };
    let link = || shop.get(&format!("{NEWEST_DOWNLOAD}?dlid={key}")).header("location").unwrap().to_owned();
    assert!(!page().text().contains("#c0ffee"));
    let old_link = link();

    fs::write(shop.path("templates/refusal/style.css"), "body { color: #c0ffee }").unwrap();
    fs::remove_file(shop.path("secrets/signing-key.pem")).unwrap();
    let _ = shop.validator_prints(&["init"], "");
    assert_eq!(
        link().split("Signature").last(),
        old_link.split("Signature").last(),
        "nothing changes by itself"
    );
    reload(&shop, RELOADED);
    assert!(page().text().contains("#c0ffee"), "{}", page().text());
    assert_eq!(shop.get_address(&link()).status, 200);
    assert_eq!(shop.get_address(&old_link).status, 403, "another key signs, and the edge knows it alone");
}

#[test]
fn a_catalog_that_is_away_keeps_nothing_else_from_changing() {
    let mut shop = Shop::closed(programs());
    shop.serve();
    let catalog = shop.path("output/public/catalog.json");
    fs::rename(&catalog, shop.path("aside.json")).unwrap();
    shop.reconfigure("key_set = ", "refusal_status = 'by-reason'\nkey_set = ");
    reload(&shop, RELOADED);
    assert_eq!(count(&shop, "the catalog cannot be read, the old one stays"), 1);
    assert_eq!(shop.get(NEWEST_DOWNLOAD).status, 401);

    fs::write(&catalog, "{}").unwrap();
    reload(&shop, RELOADED);
    assert_eq!(count(&shop, "the new catalog is refused, the old one stays"), 1);
    assert_eq!(shop.get(NEWEST_DOWNLOAD).status, 401);

    // At another place there is no old one to go on with.
    shop.reconfigure("output/public/catalog.json", "elsewhere.json");
    reload(&shop, REFUSED);
}

#[test]
fn an_address_to_listen_on_counts_from_the_next_start_on() {
    let mut shop = Shop::closed(programs());
    shop.serve();
    let (old, new) = (format!("127.0.0.1:{}", shop.port), "127.0.0.1:1".to_owned());
    shop.reconfigure(&format!("listen = '{old}'\nprivate"), &format!("listen = '{new}'\nprivate"));
    reload(&shop, RELOADED);
    let warning = format!(
        "an address counts from the next start on setting=\"listen\" configured={new} listening={old}"
    );
    wait_for_log(&shop, &warning, 1);
    assert_eq!(count(&shop, "an address counts"), 1);
    assert_eq!(shop.get(NEWEST_DOWNLOAD).status, 403);
}

#[test]
fn a_license_store_that_was_restored_from_a_backup_counts() {
    let mut shop = Shop::closed(programs());
    let store = |beside: &str| shop.path(format!("secrets/licenses.sqlite{beside}"));
    let (path, write_ahead, shared) = (store(""), store("-wal"), store("-shm"));
    let target = |key: &str| format!("{NEWEST_DOWNLOAD}?dlid={key}");
    let before = target(&shop.key_for("ada@example.org", "lighthouse", None));
    shop.spoil_store("PRAGMA wal_checkpoint(TRUNCATE)");
    let backup = shop.path("backup.sqlite");
    fs::copy(&path, &backup).unwrap();
    shop.serve();
    let after = target(&shop.key_for("bob@example.org", "lighthouse", None));
    assert_eq!((shop.get(&before).status, shop.get(&after).status), (302, 302));
    for file in [write_ahead, shared] {
        fs::remove_file(file).unwrap();
    }
    fs::rename(&backup, &path).unwrap();
    reload(&shop, RELOADED);
    assert_eq!((shop.get(&before).status, shop.get(&after).status), (302, 403));
}
