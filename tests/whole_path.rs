//! What a customer's Joomla does, over real sockets: read the feed, ask for the package with a key, follow the redirect,
//! compare the bytes. And each way of not being allowed to.

use std::io::{Cursor, Read};

use bandari_signed_url::{Expires, UrlPath};
use bandari_tests::feed::{Entry, entries};
use bandari_tests::http;
use bandari_tests::shop::{KEY_SET, Shop};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::programs;

const LIGHTHOUSE: &str = "/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";

/// The entry that a Joomla with the default stability takes: the first that is stable.
fn stable_entry(shop: &Shop, feed: &str) -> Entry {
    let answer = shop.get(feed);
    assert_eq!(answer.status, 200);
    entries(answer.text()).into_iter().find(|entry| entry["tag"] == "stable").expect("a stable release")
}

/// Joomla joins key and address with `?`, and its manifest's suffix after it.
fn with_key(entry: &Entry, key: &str) -> String {
    format!("{}?dlid={key}&f=.zip", entry["downloadurl"])
}

fn assert_is_the_package_of(entry: &Entry, body: &[u8]) {
    assert_eq!(HEXLOWER.encode(&Sha256::digest(body)), entry["sha256"]);
    assert_eq!(HEXLOWER.encode(&Sha384::digest(body)), entry["sha384"]);
    assert_eq!(HEXLOWER.encode(&Sha512::digest(body)), entry["sha512"]);
}

/// The link that a key gets, without its host.
fn signed_target(shop: &Shop, address: &str) -> String {
    let answer = shop.get_address(address);
    assert_eq!(answer.status, 302, "{}", answer.text());
    shop.target_of(answer.header("location").unwrap()).to_owned()
}

#[test]
fn a_licensed_update_goes_from_the_feed_through_the_redirect_to_the_zip() {
    let shop = Shop::open(programs());
    for (group, product, manifest) in [
        ("lighthouse", "plg_system_lighthouse", "lighthouse.xml"),
        ("dockyard", "pkg_dockyard", "pkg_dockyard.xml"),
    ] {
        let key = shop.key_for("ada@example.org", group, None);
        let entry = stable_entry(&shop, &format!("/{product}/updates.xml"));

        let redirect = shop.get_address(&with_key(&entry, &key));
        assert_eq!(redirect.status, 302);
        assert_eq!(redirect.header("cache-control"), Some("no-store"));
        let location = redirect.header("location").unwrap();
        assert!(!location.contains(&key), "the key travels no further: {location}");

        let package = shop.get_address(location);
        assert_eq!(package.status, 200);
        let expected = format!("attachment; filename=\"{product}-{}.zip\"", entry["version"]);
        assert_eq!(package.header("content-disposition"), Some(expected.as_str()));
        assert_eq!(package.header("content-type"), Some("application/octet-stream"));
        assert_is_the_package_of(&entry, &package.body);

        // The manifest inside says the same version as the feed, or Joomla would offer the update for ever.
        let mut text = String::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(package.body)).unwrap();
        archive.by_name(manifest).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains(&format!("<version>{}</version>", entry["version"])), "{text}");
    }
}

#[test]
fn a_free_update_never_meets_the_license_check() {
    let shop = Shop::open(programs());
    let entry = stable_entry(&shop, "/mod_openinghours/updates.xml");
    let address = &entry["downloadurl"];
    assert!(shop.target_of(address).starts_with("/files/mod_openinghours/"), "{address}");
    let package = shop.get_address(address);
    assert_eq!(package.status, 200);
    assert_is_the_package_of(&entry, &package.body);
}

#[test]
fn a_free_package_asked_for_by_its_id_is_found_on_the_static_host() {
    let shop = Shop::open(programs());
    let answer = shop.get("/download/mod_openinghours-1.1.0");
    assert_eq!(answer.status, 302);
    assert!(
        answer.header("location").unwrap().ends_with("/files/mod_openinghours/mod_openinghours-1.1.0.zip")
    );
}

#[test]
fn every_form_of_the_key_opens_the_download() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada+shop@example.org", "lighthouse", None);
    for query in [
        format!("dlid={key}"),
        format!("key={key}"),
        format!("email=ada%2Bshop%40example.org&key={key}"),
        format!("email=ada+shop%40example.org&key={key}"),
        format!("amp;dlid={key}"),
        format!("dlid={}", key.to_uppercase()),
    ] {
        assert_eq!(shop.get(&format!("/download/lighthouse_110?{query}")).status, 302, "{query}");
    }
}

#[test]
fn head_is_answered_as_get_is() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let head = http::request(shop.port, "HEAD", &format!("/download/lighthouse_110?dlid={key}"), &[], b"");
    assert_eq!((head.status, head.body.len()), (302, 0));
    let head = http::request(shop.port, "HEAD", shop.target_of(head.header("location").unwrap()), &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let size = shop
        .path("output/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip")
        .metadata()
        .unwrap();
    assert_eq!(head.header("content-length"), Some(size.len().to_string().as_str()));
}

#[test]
fn a_part_of_a_package_can_be_asked_for() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target =
        signed_target(&shop, &format!("http://127.0.0.1:{}/download/lighthouse_110?dlid={key}", shop.port));
    let whole = shop.get(&target).body;
    let part = http::get(shop.port, &target, &["Range: bytes=100-199"]);
    assert_eq!(part.status, 206);
    assert_eq!(part.header("content-range"), Some(format!("bytes 100-199/{}", whole.len()).as_str()));
    assert_eq!(part.body, whole[100..200]);
    let behind = http::get(shop.port, &target, &["Range: bytes=99999999-"]);
    assert_eq!(behind.status, 416);
}

/// Asks for the plug-in and gives status and text of the refusal.
fn refusal(shop: &Shop, query: &str) -> (u16, String) {
    let answer = shop.get(&format!("/download/lighthouse_110/plg_system_lighthouse-1.1.0.zip{query}"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (answer.status, answer.text().trim_end().to_owned())
}

#[test]
fn a_wrong_key_is_refused_as_invalid() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let last = if key.ends_with('a') { "b" } else { "a" };
    let mistyped = format!("{}{last}", &key[..key.len() - 1]);
    let expected = (
        403,
        "System - Lighthouse: the download key is not valid. Compare it with the one in your account. It is safest to copy it again from there, whole and without blanks, and to enter it under System → Update Sites in Joomla."
            .to_owned(),
    );
    for query in [
        format!("?dlid={mistyped}"),
        "?dlid=0123456789abcdef0123456789abcdef".to_owned(),
        "?dlid=x".to_owned(),
        format!("?email=eve%40example.org&key={key}"),
    ] {
        assert_eq!(refusal(&shop, &query), expected, "{query}");
    }
}

#[test]
fn a_missing_key_is_refused_with_the_place_where_it_is_entered() {
    let shop = Shop::open(programs());
    let (status, text) = refusal(&shop, "");
    assert_eq!(status, 403);
    assert_eq!(
        text,
        "System - Lighthouse: no download key is stored for this site. \
         Enter it under System → Update Sites in Joomla. It is in your account with the vendor, or in the \
         mail that came with your order."
    );
}

#[test]
fn a_key_for_another_group_is_refused_as_not_covered() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "dockyard", None);
    let expected = (
        403,
        "System - Lighthouse: your license does not include this package. Use the key that you got for \
         System - Lighthouse, or buy a license that includes it."
            .to_owned(),
    );
    assert_eq!(refusal(&shop, &format!("?dlid={key}")), expected);
}

#[test]
fn an_ended_license_is_refused_with_its_date() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", Some("2024-02-29"));
    let expected = (
        403,
        "System - Lighthouse: your license expired on 29 February 2024. Renew it to get this update. Your key \
         stays the same."
            .to_owned(),
    );
    assert_eq!(refusal(&shop, &format!("?dlid={key}")), expected);
}

#[test]
fn a_renewal_makes_the_same_key_good_again() {
    let shop = Shop::open(programs());
    let before = shop.key_for("ada@example.org", "lighthouse", Some("2024-02-29"));
    let after = shop.key_for("ADA@example.org", "lighthouse", None);
    assert_eq!(before, after);
    assert_eq!(shop.get(&format!("/download/lighthouse_110?dlid={after}")).status, 302);
}

#[test]
fn an_unknown_package_is_not_found() {
    let shop = Shop::open(programs());
    for target in ["/download/nothing", "/download/", "/download", "/download/a/b/c"] {
        assert_eq!(shop.get(target).status, 404, "{target}");
    }
}

/// Status and rule of the edge's refusal.
fn edge_refusal(shop: &Shop, target: &str) -> (u16, String) {
    let answer = shop.get(target);
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{target}");
    let text = answer.text();
    let rule = text.split(['(', ')']).nth(1).unwrap_or_else(|| panic!("no rule in {text:?}"));
    (answer.status, rule.to_owned())
}

fn sign(shop: &Shop, key_set: &str, path: &str, expires: u64) -> String {
    let address = shop.signer(key_set).sign(&UrlPath::parse(path).unwrap(), Expires::at(expires).unwrap());
    shop.target_of(&address).to_owned()
}

#[test]
fn each_way_of_tampering_with_a_signed_url_is_refused_by_its_rule() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let address = format!("http://127.0.0.1:{}/download/lighthouse_110?dlid={key}", shop.port);
    let good = signed_target(&shop, &address);
    assert_eq!(shop.get(&good).status, 200);
    let other = signed_target(&shop, &address.replace("_110", "_100"));
    let signature_of = |target: &str| target.rsplit_once('=').unwrap().1.to_owned();
    let swapped = good.replace(&signature_of(&good), &signature_of(&other));
    let (_, query) = good.split_once('?').unwrap();

    for (rule, target) in [
        ("signature", good.replace("-1.1.0.zip", "-1.0.0.zip")),
        ("signature", swapped),
        ("expired", sign(&shop, KEY_SET, LIGHTHOUSE, 1_700_000_000)),
        ("too-far-ahead", sign(&shop, KEY_SET, LIGHTHOUSE, 9_999_999_999)),
        ("unknown-key-set", good.replace(&format!("KeyName={KEY_SET}"), "KeyName=other")),
        ("query-form", LIGHTHOUSE.to_owned()),
        ("query-form", format!("{good}&dlid={key}")),
        ("query-form", format!("{LIGHTHOUSE}?x=1&{query}")),
        ("path", good.replace("/plg_system", "/%70lg_system")),
        ("path", good.replace("/protected/", "/protected/../protected/")),
        ("signature-form", format!("{good}=")),
    ] {
        assert_eq!(edge_refusal(&shop, &target), (403, rule.to_owned()), "{target}");
    }
    let post = http::request(shop.port, "POST", &good, &[], b"");
    assert_eq!((post.status, post.text().contains("(method)")), (403, true));
}

#[test]
fn a_good_signature_for_a_file_that_is_no_package_finds_nothing() {
    let shop = Shop::open(programs());
    std::fs::write(shop.path("output/protected/notes.txt"), "not for sale").unwrap();
    let soon = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 100;
    assert_eq!(shop.get(&sign(&shop, KEY_SET, "/protected/notes.txt", soon)).status, 404);
    assert_eq!(shop.get(&sign(&shop, KEY_SET, LIGHTHOUSE, soon)).status, 200);
}

#[test]
fn no_path_leaves_the_public_folder() {
    let shop = Shop::open(programs());
    for target in [
        "/../validator.toml",
        "/%2e%2e/validator.toml",
        "/files/..%2f..%2f..%2fvalidator.toml",
        "/.bandari.lock",
        "//etc/passwd",
        "/files/%00",
    ] {
        assert_eq!(shop.get(target).status, 404, "{target}");
    }
}

#[test]
fn the_public_site_is_served_as_a_static_host_would() {
    let shop = Shop::open(programs());
    let page = shop.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let product = shop.get("/pkg_dockyard/");
    assert!(product.text().contains("Dockyard"));
    let feed = shop.get("/collection.xml");
    assert_eq!(feed.header("content-type"), Some("text/xml; charset=utf-8"));
    let tag = feed.header("etag").unwrap();
    let again = http::get(shop.port, "/collection.xml", &[&format!("If-None-Match: {tag}")]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(shop.get("/pkg_dockyard").header("location"), Some("pkg_dockyard/"));
    assert_eq!(shop.get("/nothing-here").status, 404);
    assert_eq!(http::request(shop.port, "PUT", "/", &[], b"").status, 405);
}

#[test]
fn a_site_that_serves_neither_folder_serves_neither() {
    let mut shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("validator.toml")).unwrap();
    let without: String =
        config.lines().filter(|line| !line.starts_with("serve_")).map(|line| format!("{line}\n")).collect();
    std::fs::write(shop.path("validator.toml"), without).unwrap();
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let address = format!("http://127.0.0.1:{}/download/lighthouse_110?dlid={key}", shop.port);
    let target = signed_target(&shop, &address);
    assert_eq!(shop.get(&target).status, 404);
    assert_eq!(shop.get("/collection.xml").status, 404);
}

#[test]
fn health_is_told_on_the_private_listener_only() {
    let shop = Shop::open(programs());
    let health = http::get(shop.private_port, "/healthz", &[]);
    assert_eq!((health.status, health.text()), (200, "ok\n"));
    assert_eq!(http::get(shop.private_port, "/", &[]).status, 404);
    assert_eq!(shop.get("/healthz").status, 404);
}

#[test]
fn a_crowd_of_customers_neither_uses_up_the_open_files_nor_hides_the_health() {
    use std::net::TcpStream;

    let mut shop = Shop::closed(programs());
    // By the soft limit there would be one place, by the hard one there are 25.
    shop.serve_with_open_files(102, 150);
    let connect = || TcpStream::connect(("127.0.0.1", shop.port)).unwrap();
    let mut crowd: Vec<TcpStream> = (0..20).map(|_| connect()).collect();
    assert_eq!(shop.get("/collection.xml").status, 200);
    // Fewer than the 128 that any system lets wait.
    crowd.extend((0..120).map(|_| connect()));
    assert_eq!(http::get(shop.private_port, "/healthz", &[]).status, 200);
    drop(crowd);
    assert_eq!(shop.get("/collection.xml").status, 200);
    assert!(!shop.log().contains("could not be accepted"), "{}", shop.log());
}

#[test]
fn sigterm_lets_an_open_download_end_and_refuses_new_ones() {
    use std::io::Write;
    use std::net::TcpStream;

    let mut shop = Shop::closed(programs());
    // Larger than what fits into the sockets' buffers, so that the answer is still open when the signal comes.
    let large: Vec<u8> = (0..30_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(shop.path("output/public/large.bin"), &large).unwrap();
    shop.serve();
    let mut stream = TcpStream::connect(("127.0.0.1", shop.port)).unwrap();
    stream.write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut begun = vec![0; 1_000];
    stream.read_exact(&mut begun).unwrap();

    shop.ask_to_stop();
    while TcpStream::connect(("127.0.0.1", shop.port)).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let answer = [begun, rest].concat();
    assert!(answer.ends_with(&large), "{} bytes came", answer.len());
    assert_eq!(shop.exit_code(), Some(0));
}
