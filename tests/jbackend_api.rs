//! jBackend's Release System API: the request and answer pairs that its existing clients count on.

use bandari_tests::http;
use bandari_tests::shop::Shop;
use serde_json::{Value, json};

use crate::programs;

const EMAIL: &str = "ada%40example.org";

/// The JSON of an answer, after a look at its envelope.
fn envelope(answer: &http::Answer) -> Value {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    serde_json::from_slice(&answer.body).unwrap()
}

fn failure(code: &str, description: &str) -> Value {
    json!({ "status": "ko", "error_code": code, "error_description": description })
}

/// A call in both address forms; both must get the same answer.
fn call(shop: &Shop, resource: &str, id: &str, parameters: &str) -> Value {
    let rest = envelope(&shop.get(&format!("/post/release/{resource}/{id}?{parameters}")));
    let query = format!("/?action=post&module=release&resource={resource}&id={id}&{parameters}");
    assert_eq!(envelope(&shop.get(&query)), rest, "{query}");
    rest
}

#[test]
fn validate_tells_whether_a_key_is_good_for_a_group() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let pair = format!("email={EMAIL}&key={key}");
    assert_eq!(call(&shop, "validate", "lighthouse", &pair), json!({ "status": "ok" }));
    let padded = format!("email=%20ADA%40Example.org%20&key={key}");
    assert_eq!(call(&shop, "validate", "lighthouse", &padded), json!({ "status": "ok" }));
    let amp = format!("amp;email={EMAIL}&amp;key={key}");
    assert_eq!(call(&shop, "validate", "lighthouse", &amp), json!({ "status": "ok" }));
    assert_eq!(call(&shop, "validate", "dockyard", &pair)["error_code"], "REL_NAU");
}

#[test]
fn a_wrong_pair_is_one_and_the_same_failure() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let invalid = failure("REL_KYI", "License key invalid");
    for parameters in [
        format!("email={EMAIL}&key={key}x"),
        format!("email=eve%40example.org&key={key}"),
        format!("email={EMAIL}&key=k3J9xx0q"),
    ] {
        assert_eq!(call(&shop, "validate", "lighthouse", &parameters), invalid, "{parameters}");
        assert_eq!(call(&shop, "verify", "lighthouse_110", &parameters), invalid, "{parameters}");
    }
}

#[test]
fn an_ended_license_is_told_to_its_holder() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", Some("2024-02-29"));
    let told = call(&shop, "validate", "lighthouse", &format!("email={EMAIL}&key={key}"));
    assert_eq!((&told["error_code"], &told["state"]), (&"REL_KYE".into(), &"expired".into()));
    assert_eq!(told["expires"], "2024-02-29T00:00:00Z");
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let shop = Shop::open(programs());
    let pair = "email=a%40b.example&key=x";
    assert_eq!(call(&shop, "validate", "nope", pair), failure("REL_GNF", "Package group not found"));
    assert_eq!(call(&shop, "verify", "nope", pair), failure("REL_PNF", "Package not found"));
    assert_eq!(call(&shop, "validate", "lighthouse", "key=x"), failure("REL_EMR", "Email required"));
    let no_key = format!("email={EMAIL}");
    assert_eq!(call(&shop, "verify", "lighthouse_110", &no_key), failure("REL_KYR", "License key required"));
    let no_group = envelope(&shop.get("/post/release/validate"));
    assert_eq!(no_group, failure("REL_GNS", "Package group not specified"));
    let slash = envelope(&shop.get("/post/release/validate/"));
    assert_eq!(slash, no_group, "a slash at the end is no id");
    let no_package = envelope(&shop.get("/post/release/verify"));
    assert_eq!(no_package, failure("REL_PNS", "Package not specified"));
}

#[test]
fn a_slash_at_the_end_changes_nothing() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("/post/release/validate/lighthouse/?email={EMAIL}&key={key}");
    assert_eq!(envelope(&shop.get(&target)), json!({ "status": "ok" }));
}

#[test]
fn an_action_that_no_method_has_is_an_unknown_request() {
    let shop = Shop::open(programs());
    let unknown = failure("REQ_RUN", "Request unknown");
    for target in ["/put/release/validate/x", "/delete/release/validate/x", "/get/release/validate/x"] {
        assert_eq!(envelope(&shop.get(target)), unknown, "{target}");
    }
}

#[test]
fn verify_tells_about_a_package_and_never_sends_it() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let pair = format!("email={EMAIL}&key={key}");
    assert_eq!(call(&shop, "verify", "lighthouse_110", &pair), json!({ "status": "ok" }));
    assert_eq!(call(&shop, "verify", "mod_openinghours-1.0.0", ""), json!({ "status": "ok" }));
}

#[test]
fn download_redirects_in_both_forms_and_with_both_words() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    for target in [
        format!("/post/release/download/lighthouse_110?email={EMAIL}&key={key}"),
        format!("/get/release/download/lighthouse_110?email={EMAIL}&key={key}"),
        format!("/?action=post&module=release&resource=download&id=lighthouse_110&email={EMAIL}&key={key}"),
        "/get/release/download/mod_openinghours-1.1.0".to_owned(),
    ] {
        assert_eq!(shop.get(&target).status, 302, "{target}");
    }
}

#[test]
fn a_refused_download_is_never_a_200_that_joomla_would_store() {
    let shop = Shop::open(programs());
    for target in [
        "/post/release/download/lighthouse_110",
        "/post/release/download/lighthouse_110?email=a%40b.example&key=wrong",
        "/?action=get&module=release&resource=download&id=lighthouse_110",
    ] {
        assert_eq!(shop.get(target).status, 403, "{target}");
    }
    for target in ["/post/release/download", "/get/release/download/nothing"] {
        assert_eq!(shop.get(target).status, 404, "{target}");
    }
}

#[test]
fn a_form_is_read_as_a_query_is() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let post = |target: &str, form: String| {
        let form_type = ["Content-Type: application/x-www-form-urlencoded"];
        envelope(&http::request(shop.port, "POST", target, &form_type, form.as_bytes()))
    };
    let ok = json!({ "status": "ok" });
    assert_eq!(post("/post/release/validate/lighthouse", format!("email={EMAIL}&key={key}")), ok);
    let whole = format!("action=post&module=release&resource=validate&id=lighthouse&email={EMAIL}&key={key}");
    assert_eq!(post("/", whole), ok);
}

#[test]
fn a_form_that_is_too_large_is_refused() {
    let shop = Shop::open(programs());
    let answer = http::request(shop.port, "POST", "/post/release/validate/lighthouse", &[], &[b'a'; 20_000]);
    assert_eq!(answer.status, 413);
}

#[test]
fn a_malformed_call_gets_the_codes_of_jbackends_core() {
    let shop = Shop::open(programs());
    for (code, description, target) in [
        ("REQ_ANS", "Action not specified", "/?module=release&resource=validate"),
        ("REQ_MNS", "Module not specified", "/?action=post"),
        ("REQ_MNF", "Module not found", "/?action=post&module=nope&resource=x"),
        ("REQ_MNF", "Module not found", "/?action=post&module=Release&resource=validate"),
        ("REQ_RUN", "Request unknown", "/?action=post&module=release&resource=nope"),
        ("REQ_RUN", "Request unknown", "/?action=delete&module=release&resource=validate&id=lighthouse"),
        ("REQ_RUN", "Request unknown", "/get/release/validate/lighthouse"),
        ("REQ_MNS", "Module not specified", "/post/release"),
    ] {
        assert_eq!(envelope(&shop.get(target)), failure(code, description), "{target}");
    }
}

#[test]
fn with_three_segments_the_id_stays_in_the_query() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let target = format!("/post/release/validate?id=lighthouse&email={EMAIL}&key={key}");
    assert_eq!(envelope(&shop.get(&target)), json!({ "status": "ok" }));
    assert_eq!(shop.get(&format!("/get/release/download?id=lighthouse_110&dlid={key}")).status, 302);
}

#[test]
fn a_package_that_was_withdrawn_is_not_found() {
    let shop = Shop::closed(programs());
    let product = shop.path("packages/plg_system_lighthouse/product.toml");
    let text = std::fs::read_to_string(&product).unwrap();
    std::fs::write(&product, format!("{text}\n[[releases]]\nversions = \"1.0.0\"\nwithdrawn = true\n"))
        .unwrap();
    shop.build();
    let mut shop = shop;
    shop.serve();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let pair = format!("email={EMAIL}&key={key}");
    assert_eq!(call(&shop, "verify", "lighthouse_100", &pair), failure("REL_PNF", "Package not found"));
    assert_eq!(shop.get(&format!("/download/lighthouse_100?{pair}")).status, 410);
}

#[test]
fn a_store_that_is_away_is_said_to_be_and_when_to_ask_again() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    shop.spoil_store("ALTER TABLE licenses RENAME TO mislaid");
    let pair = format!("email={EMAIL}&key={key}");
    let answer = shop.get(&format!("/download/lighthouse_110?{pair}"));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{}", answer.text());
    assert_eq!(call(&shop, "validate", "lighthouse", &pair), failure("REL_INT", "Internal error"));
    let free = shop.get("/download/mod_openinghours-1.1.0");
    assert_eq!(free.status, 302, "free packages need no store");
    let other = if &key[20..21] == "a" { "b" } else { "a" };
    let forged = format!("{}{other}{}", &key[..20], &key[21..]);
    assert_eq!(
        shop.get(&format!("/download/lighthouse_110?dlid={forged}")).status,
        403,
        "nor do forged keys"
    );
}

#[test]
fn who_asks_while_the_store_is_away_is_not_taken_for_somebody_who_guesses() {
    let shop = Shop::closed(programs());
    shop.import("csv", "email,group,key\nada@example.org,lighthouse,another-systems-key\n");
    let mut shop = shop;
    shop.serve();
    let status = || shop.get("/download/lighthouse_110?dlid=another-systems-key").status;
    shop.spoil_store("ALTER TABLE licenses RENAME TO mislaid");
    for _ in 0..70 {
        assert_eq!(status(), 503);
    }
    shop.spoil_store("ALTER TABLE mislaid RENAME TO licenses");
    assert_eq!(status(), 302);
}
