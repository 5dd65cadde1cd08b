//! `/edge/verify`, as a proxy asks it.

use super::*;

fn shop() -> Shop {
    let mut shop = Shop::closed(programs());
    configure_edge_verify(&shop);
    shop.serve();
    shop
}

/// Status, caching and text of the answer to a proxy with these header lines.
fn answer(shop: &Shop, headers: &[&str]) -> (u16, Option<String>, String) {
    let answer = http::get(shop.port, "/edge/verify", headers);
    (answer.status, answer.header("cache-control").map(str::to_owned), answer.text().to_owned())
}

#[test]
fn a_good_link_is_answered_without_a_body_and_nobody_may_keep_the_answer() {
    let shop = shop();
    let header = format!("X-Original-URI: {}", target_by_key(&shop, 0));
    for method in ["GET", "HEAD"] {
        let answer = http::request(shop.port, method, "/edge/verify", &[&header], b"");
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{method}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn a_target_that_is_no_good_link_is_refused() {
    let shop = shop();
    let good = target_by_key(&shop, 0);
    let expired = {
        let expires = Expires::at(u64::try_from(unix_seconds() - 1).unwrap()).unwrap();
        shop.signer(KEY_SET).sign(&UrlPath::parse(LIGHTHOUSE).unwrap(), expires)
    };
    for (target, rule) in [
        (good.replace("1.1.0", "1.0.0"), "signature"),
        (format!("{good}&x=1"), "query-form"),
        (format!("{good}x"), "signature-form"),
        (LIGHTHOUSE.to_owned(), "query-form"),
        (format!("http://127.0.0.1:{}{good}", shop.port), "path"),
        (String::new(), "path"),
        (shop.target_of(&expired).to_owned(), "expired"),
        (format!("{good}, {good}"), "query-form"),
    ] {
        let (status, caching, text) = answer(&shop, &[&format!("X-Original-URI: {target}")]);
        assert_eq!((status, caching.as_deref()), (403, Some("no-store")), "{target}");
        assert!(text.starts_with(&format!("Refused ({rule}): ")), "{target}: {text}");
    }
}

#[test]
fn the_one_header_is_read_and_no_other() {
    let shop = shop();
    let good = target_by_key(&shop, 0);
    let refused = |text: &str| (403, Some("no-store".to_owned()), format!("{text}\n"));
    let missing = refused("Refused (edge-header-missing): the proxy sent no target.");
    assert_eq!(answer(&shop, &[]), missing);
    // What a proxy of another kind sends, and what a client may send past it.
    for other in ["X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL"] {
        assert_eq!(answer(&shop, &[&format!("{other}: {good}")]), missing);
    }
    let line = format!("X-Original-URI: {good}");
    let twice = refused("Refused (edge-header-twice): the proxy sent two targets.");
    assert_eq!(answer(&shop, &[&line, &line]), twice);
    assert_eq!(answer(&shop, &[&line, "x-original-uri: /"]), twice);
    let bad = "X-Original-URI: /protected/other.zip";
    assert_eq!(answer(&shop, &[bad, &format!("X-Forwarded-Uri: {good}")]).0, 403);
    // Names that may be taken for it are not it.
    for other in ["X_Original_URI", "X-Original_URI", "X-Original-URI-2", "Original-URI"] {
        assert_eq!(answer(&shop, &[&format!("{other}: {good}")]), missing);
    }
    assert_eq!(answer(&shop, &["Connection: X-Original-URI", &line]).0, 200);
    assert_eq!(answer(&shop, &[&line, "X-Forwarded-Uri: /"]).0, 200);
    // Nor is a link in the address of the question itself.
    let query = good.split_once('?').unwrap().1;
    assert_eq!(shop.get(&format!("/edge/verify?{query}")).status, 403);
}

/// For proxies that cannot pass on the text itself.
#[test]
fn a_refusal_is_also_in_a_header() {
    let shop = shop();
    let said = |headers: &[&str]| {
        let answer = http::get(shop.port, "/edge/verify", headers);
        (answer.header("bandari-refusal").map(str::to_owned), answer.text().trim_end().to_owned())
    };
    let good = format!("X-Original-URI: {}", target_by_key(&shop, 0));
    assert_eq!(said(&[&good]), (None, String::new()));
    for headers in [vec![], vec!["X-Original-URI: /"], vec![good.as_str(); 2]] {
        let (header, text) = said(&headers);
        assert!(text.starts_with("Refused ("), "{text}");
        assert_eq!(header, Some(text));
    }
}

#[test]
fn other_methods_are_refused() {
    let shop = shop();
    let header = format!("X-Original-URI: {}", target_by_key(&shop, 0));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = http::request(shop.port, method, "/edge/verify", &[&header], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

#[test]
fn without_its_table_there_is_no_such_address() {
    let shop = Shop::open(programs());
    assert_eq!(verify(&shop, &target_by_key(&shop, 0)).status, 404);
}

#[test]
fn a_validator_that_serves_no_files_verifies_as_well() {
    let mut shop = Shop::closed(programs());
    let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
    let config = config.replace("serve_protected = 'output/protected'\n", "");
    fs::write(shop.path("validator.toml"), config).unwrap();
    configure_edge_verify(&shop);
    shop.serve();
    let target = target_by_key(&shop, 0);
    assert_eq!((shop.get(&target).status, verify(&shop, &target).status), (404, 200));
}

#[test]
fn a_configuration_that_cannot_be_safe_is_refused() {
    let shop = Shop::closed(programs());
    let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
    let of_file = format!("configuration `{}`: ", shop.path("validator.toml").display());
    for (table, expected) in [
        (
            "header = 'Referer'",
            "`edge_verify.header`: found `Referer`, expected a name of letters, digits and `-` with `-URI`, `-URL` or \
             `-Target` at its end, such as `X-Original-URI`",
        ),
        (
            "header = 'X_Original_URI'",
            "`edge_verify.header`: found `X_Original_URI`, expected a name of letters, digits and `-` with `-URI`, `-URL` \
             or `-Target` at its end, such as `X-Original-URI`",
        ),
        (
            "header = 'HX-Target'",
            "`edge_verify.header`: found `HX-Target`, which clients send with something else in it, expected a name of letters, \
             digits and `-` with `-URI`, `-URL` or `-Target` at its end, such as `X-Original-URI`",
        ),
    ] {
        fs::write(shop.path("validator.toml"), format!("{config}[edge_verify]\n{table}\n")).unwrap();
        assert_eq!(refusal(&shop, &["check-config"]), format!("{of_file}{expected}"));
    }
    for (table, expected) in [
        ("headers = ['X-Original-URI']", "unknown field `headers`, expected `header`"),
        ("header = 'X-Original-URI'\nheader = 'X-Forwarded-Uri'", "duplicate key"),
        ("", "missing field `header`"),
    ] {
        fs::write(shop.path("validator.toml"), format!("{config}[edge_verify]\n{table}\n")).unwrap();
        let message = refusal(&shop, &["check-config"]);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_catalog_without_licensed_packages_leaves_nothing_to_verify() {
    let shop = Shop::closed(programs());
    let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
    let config = config.replace("serve_protected = 'output/protected'\n", "");
    fs::write(shop.path("validator.toml"), config).unwrap();
    configure_edge_verify(&shop);
    let catalog = r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#;
    fs::write(shop.path("output/public/catalog.json"), catalog).unwrap();
    assert_eq!(
        refusal(&shop, &["check-config"]),
        format!(
            "configuration `{}`: `edge_verify`: found it, but the catalog has no `protected_url` to serve",
            shop.path("validator.toml").display()
        )
    );
}

#[test]
fn no_target_is_logged() {
    let mut shop = Shop::closed(programs());
    configure_edge_verify(&shop);
    shop.serve_logging_everything();
    let target = target_by_key(&shop, 0);
    let _ = verify(&shop, &target);
    let _ = verify(&shop, &target.replace("1.1.0", "1.0.0"));
    let log = shop.log();
    assert!(log.contains("route=\"edge-verify\""), "{log}");
    assert!(log.contains("outcome=\"verified\"") && log.contains("outcome=\"signature\""), "{log}");
    assert!(!log.contains("Signature=") && !log.contains("lighthouse-1."), "{log}");
}
