//! `/check` with the address of a download behind it: what that download would come to. What the states of licenses are answered
//! stands in `table`; here is what else may be said of a package, by whatever address.

use std::fs;

use serde_json::json;

use super::*;

/// Every form of address of a package, with `/check` before it.
fn check_addresses(id: &str, file: &str) -> [String; 6] {
    [
        format!("/check/download/{id}"),
        format!("/check/download/{id}/{file}"),
        format!("/check/get/release/download/{id}"),
        format!("/check/post/release/download/{id}/"),
        format!("/check/post/release/download?id={id}"),
        format!("/check/?action=get&module=release&resource=download&id={id}"),
    ]
}

fn with_key(address: &str, key: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}dlid={key}")
}

/// Without a key, and with one that is worth nothing: in neither case does it matter.
fn assert_told_of_every_key(customers: &Customers, address: &str, status: u16, expected: &Value) {
    for target in [address.to_owned(), with_key(address, "unknown-key")] {
        let answer = customers.get(&target, &PROGRAM);
        assert_eq!(answer.status, status, "{target}");
        assert_is_nobodys_business(&answer);
        assert_eq!(&json(&answer), expected, "{target}");
    }
}

fn feed(customers: &Customers, product: &str) -> String {
    format!("http://127.0.0.1:{}/{product}/updates.xml", customers.shop.port)
}

#[test]
fn a_free_package_needs_no_key() {
    let customers = Customers::of("");
    let expected = json!({
        "check_version": 1, "status": "ok", "state": "free", "valid": true, "product": "mod_openinghours",
        "name": "Opening Hours", "feed": feed(&customers, "mod_openinghours"),
        "message": "Opening Hours is free: no key is needed.",
    });
    for address in check_addresses("mod_openinghours-1.1.0", "mod_openinghours-1.1.0.zip") {
        assert_told_of_every_key(&customers, &address, 200, &expected);
    }
    assert_told_of_every_key(&customers, "/check/mod_openinghours", 200, &expected);
    // No extension, so no feed.
    let expected = json!({
        "check_version": 1, "status": "ok", "state": "free", "valid": true, "product": "handbook",
        "name": "The Harbor Master's Handbook",
        "message": "The Harbor Master's Handbook is free: no key is needed.",
    });
    assert_told_of_every_key(&customers, "/check/download/handbook-2.0", 200, &expected);
}

#[test]
fn an_unknown_package_is_not_found() {
    let customers = Customers::of("");
    let unknown = json!({
        "check_version": 1, "status": "ko", "state": "unknown_package", "valid": false,
        "error_code": "REL_PNF", "error_description": "Package not found",
        "message": "There is no package with this name. Check the address, or look for the package on the page of the product.",
    });
    // A product or a group is no package.
    for id in ["nothing", "plg_system_lighthouse", "lighthouse"] {
        for address in check_addresses(id, "x.zip") {
            assert_told_of_every_key(&customers, &address, 404, &unknown);
        }
    }
    let none = json!({
        "check_version": 1, "status": "ko", "state": "unknown_package", "valid": false,
        "error_code": "REL_PNS", "error_description": "Package not specified",
        "message": "The address names no package. Check whether you copied it whole, or take the link from the page of the product.",
    });
    for address in [
        "/check/download//x.zip",
        "/check/download/lighthouse_110/x/y.zip",
        "/check/get/release/download",
        "/check/post/release/download/",
        "/check/?action=post&module=release&resource=download",
        "/check?action=post&module=release&resource=download&id=",
    ] {
        assert_told_of_every_key(&customers, address, 404, &none);
    }
}

#[test]
fn what_is_neither_a_product_nor_a_download_has_no_state() {
    let customers = Customers::of("");
    let expected = json!({
        "check_version": 1, "status": "ko", "error_code": "REL_GNF",
        "error_description": "Package group not found",
        "message": "There is no product and no license group with this name. Check the address, or start from the page of the product.",
    });
    for address in [
        "/check/nothing",
        "/check?id=nothing",
        "/check/",
        "/check/post/release/validate/lighthouse",
        "/check/put/release/download/lighthouse_110",
        "/check/post/releases/download/lighthouse_110",
        "/check/get/release/download/lighthouse_110/x.zip",
        "/check/?action=get&module=releases&resource=download",
    ] {
        assert_told_of_every_key(&customers, address, 404, &expected);
    }
}

#[test]
fn a_package_is_found_by_its_id_alone_where_no_product_or_group_is_called_so() {
    let customers = Customers::of("");
    let key = customers.key(&STATES[0], Shape::Opaque);
    for address in ["/check/lighthouse_110", "/check?id=lighthouse_110"] {
        let answer = json(&customers.get(&with_key(address, &key), &PROGRAM));
        assert_eq!(
            (&answer["state"], &answer["product"]),
            (&"valid".into(), &"plg_system_lighthouse".into())
        );
    }
}

#[test]
fn a_withdrawn_package_is_gone_whatever_the_key_is_worth() {
    let customers = Customers::of("");
    let product = customers.shop.path("packages/plg_system_lighthouse/product.toml");
    let text = fs::read_to_string(&product).unwrap();
    let withdrawn = "[[releases]]\nversions = \"1.0.0\"\nwithdrawn = true\n";
    fs::write(&product, format!("{text}\n{withdrawn}")).unwrap();
    customers.shop.build();
    customers.shop.hang_up();
    let key = customers.key(&STATES[0], Shape::Derived);
    let gone = || customers.get(&format!("/download/lighthouse_100?dlid={key}"), &[]).status == 410;
    while !gone() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let expected = json!({
        "check_version": 1, "status": "ko", "state": "withdrawn", "valid": false,
        "product": "plg_system_lighthouse", "name": "System - Lighthouse", "group": "lighthouse",
        "feed": feed(&customers, "plg_system_lighthouse"),
        "error_code": "REL_PNF", "error_description": "Package not found",
        "message": "System - Lighthouse: this release was withdrawn. Please take another one.",
    });
    for address in check_addresses("lighthouse_100", "x.zip") {
        assert_told_of_every_key(&customers, &address, 410, &expected);
        assert_eq!(json(&customers.get(&with_key(&address, &key), &PROGRAM)), expected, "{address}");
    }
    let page = customers.get("/check/download/lighthouse_100", &BROWSER);
    assert_eq!((page.status, page.header("content-type")), (410, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("This release was withdrawn"), "{}", page.text());
}

#[test]
fn an_older_release_is_told_to_be_kept_by_the_holder_of_an_ended_license() {
    let customers = Customers::of("");
    // Dockyard 2.0.0 came out on 2026-04-20, 2.1.0 on 2026-10-05.
    let key = customers.shop.key_for("old@example.org", "dockyard", Some("2026-07-01"));
    let expected = json!({
        "check_version": 1, "status": "ok", "state": "kept_release", "valid": true,
        "product": "pkg_dockyard", "name": "Dockyard", "group": "dockyard",
        "feed": feed(&customers, "pkg_dockyard"), "expires": "2026-07-01T00:00:00Z",
        "renew_url": "https://shop.example.org/renew/dockyard",
        "message": "Dockyard: your license expired on 1 July 2026. This release came out before that, so you may still \
                    download it. Renew the license to get newer releases.",
    });
    for address in check_addresses("dockyard_200", "pkg_dockyard-2.0.0.zip") {
        let target = with_key(&address, &key);
        let answer = customers.get(&target, &PROGRAM);
        assert_eq!((answer.status, json(&answer)), (200, expected.clone()), "{target}");
        let page = customers.get(&target, &BROWSER);
        assert!(page.text().contains("Your license has ended, this release stays yours"), "{}", page.text());
    }
    for address in check_addresses("dockyard_210", "pkg_dockyard-2.1.0.zip") {
        let answer = json(&customers.get(&with_key(&address, &key), &PROGRAM));
        assert_eq!((&answer["state"], &answer["valid"]), (&"expired".into(), &false.into()), "{address}");
    }
}

#[test]
fn a_joomla_that_says_so_gets_json_as_well() {
    let customers = Customers::of("");
    let key = customers.key(&STATES[2], Shape::Opaque);
    let address = with_key("/check/download/lighthouse_110", &key);
    for headers in [&[][..], &["Accept: text/html"], &["User-Agent: Bandari client plug-in"]] {
        assert_eq!(json(&customers.get(&address, headers))["state"], "expired");
    }
}

#[test]
fn a_person_gets_a_form_for_the_package_and_then_its_verdict() {
    let customers = Customers::of("");
    let key = customers.shop.key_for("old@example.org", "dockyard", Some("2026-07-01"));
    let kept = "Your license has ended, this release stays yours";
    for address in check_addresses("dockyard_200", "pkg_dockyard-2.0.0.zip") {
        let form = customers.get(&address, &BROWSER);
        assert_eq!((form.status, form.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(form.text().contains("Is your key good for Dockyard"), "{}", form.text());
        // The form is sent to the page's own address without its query, and says again what that has told.
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        let hidden = "<input type=\"hidden\" name=\"id\" value=\"dockyard_200\">";
        assert_eq!(form.text().contains(hidden), !query.is_empty(), "{}", form.text());
        let fields = if query.is_empty() { "" } else { "id=dockyard_200&" };
        let page = customers.post_as_person(&format!("{path}?"), &format!("{fields}dlid={key}"));
        assert_eq!(page.status, 200, "{address}");
        assert!(page.text().contains(kept), "{address}: {}", page.text());
    }
    let unknown = customers.get("/check/download/nothing", &BROWSER);
    assert_eq!((unknown.status, unknown.header("content-type")), (404, Some("text/html; charset=utf-8")));
    let free = customers.get("/check/download/mod_openinghours-1.1.0", &BROWSER);
    assert_eq!(free.status, 200);
    assert!(free.text().contains("Opening Hours is free"), "{}", free.text());
}

#[test]
fn whoever_has_to_wait_and_whoever_asks_during_an_outage_learns_no_state() {
    let customers = Customers::of("");
    let mut expected = json!({
        "check_version": 1, "status": "ko", "product": "plg_system_lighthouse", "name": "System - Lighthouse",
        "group": "lighthouse", "feed": feed(&customers, "plg_system_lighthouse"),
        "error_code": "REL_RTL", "error_description": "Too many requests",
        "message": "There were too many tries with wrong keys. Please wait a few minutes, check the key, and try again.",
    });
    let target = "/check/download/lighthouse_110?dlid=guess-number-1";
    let one_sender = [PROGRAM[0], PROGRAM[1], "X-Forwarded-For: 192.0.2.9"];
    let ask = || http::get(customers.shop.port, target, &one_sender);
    let mut answer = ask();
    while answer.status == 200 {
        answer = ask();
    }
    assert_eq!((answer.status, json(&answer)), (429, expected.clone()));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");

    let key = customers.key(&STATES[0], Shape::Derived);
    customers.shop.spoil_store("ALTER TABLE users RENAME TO gone");
    expected["error_code"] = json!("REL_INT");
    expected["error_description"] = json!("Internal error");
    expected["message"] = json!("The license check is not available just now. Please try again in a minute.");
    for address in check_addresses("lighthouse_110", "x.zip") {
        let answer = customers.get(&with_key(&address, &key), &PROGRAM);
        assert_eq!((answer.status, json(&answer)), (503, expected.clone()), "{address}");
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
    let page = customers.get(&with_key("/check/download/lighthouse_110", &key), &BROWSER);
    assert_eq!((page.status, page.header("content-type")), (503, Some("text/html; charset=utf-8")));
}

#[test]
fn a_wrong_key_is_answered_no_sooner_for_a_package() {
    let customers = Customers::of("");
    let known = customers.key(&STATES[0], Shape::Derived);
    for key in ["aeaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &known, "0123456789abcdef0123456789abcdef"] {
        let begun = std::time::Instant::now();
        let target = format!("/check/download/lighthouse_110?email=eve%40example.org&key={key}");
        assert_eq!(json(&customers.get(&target, &PROGRAM))["state"], "invalid");
        // The step in which all wrong keys are answered.
        assert!(begun.elapsed() >= std::time::Duration::from_millis(20), "{:?}", begun.elapsed());
    }
}
