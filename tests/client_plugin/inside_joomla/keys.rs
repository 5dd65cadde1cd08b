//! Where the key of an update is found, and how it gets into the address.

use super::*;

/// A validator that wants a key for Beacon and takes any.
fn shop() -> (Stub, Plugin) {
    // The feed's address is in the answer, so the answer is made once the port is known.
    let stub = Stub::behaving(|request, connection| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let bytes = match (head.starts_with("POST /check/"), has_key(body)) {
            (true, true) => stub::json_reply(&json!({"check_version": 1, "state": "valid", "valid": true})),
            (true, false) => stub::json_reply(&json!({
                "check_version": 1, "state": "missing", "valid": false, "name": "Beacon", "product": "beacon",
                "group": "lights.pro", "feed": format!("http://{host}/beacon/updates.xml"),
            })),
            (false, _) => stub::reply("200 OK", "application/zip", "PK"),
        };
        let _ = connection.write_all(&bytes);
    });
    let plugin = Plugin::asking(&stub.address(), "");
    (stub, plugin)
}

const KEY_NAMES: [&str; 7] =
    ["dlid", "key", "download_id", "download_key", "token", "license", "license_key"];

fn has_key(form: &str) -> bool {
    let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.any(|(name, value)| KEY_NAMES.contains(&name) && !value.is_empty())
}

/// An update of Beacon on a site where these keys were entered, and the address that came of it, without the host.
#[track_caller]
fn address(joomla: &str, path: &str, extra_query: &str, more: &Value) -> Option<String> {
    let (stub, plugin) = shop();
    let url = format!("{}{path}", stub.address());
    let mut scenario = json!({"downloads": [{"url": url, "extra_query": extra_query}]});
    for (name, value) in more.as_object().unwrap() {
        let text = value.to_string().replace("{host}", &stub.address());
        scenario[name] = serde_json::from_str(&text).unwrap();
    }
    let outcome = plugin.run(joomla, &scenario)?;
    assert_eq!(outcome.addresses().len(), 1, "{outcome:?}");
    Some(outcome.addresses()[0].replace(&stub.address(), ""))
}

#[test]
fn a_key_in_the_address_is_asked_for_once_and_a_good_address_stays() {
    let (stub, plugin) = shop();
    for joomla in JOOMLAS {
        for query in [
            "dlid=abc",
            "dlid=12:0123456789abcdef0123456789abcdef",
            "dlid=A%2BB%20C",
            "dlid=A+B==",
            "key=abc&email=a@b.example",
            "a=1&amp;dlid=abc&amp;dummy=my.zip",
            "download_id=abc",
            "token=abc&x=%C3%BC",
            "license_key=abc;f=.zip",
        ] {
            let url = format!("{}/download/beacon-2.0.0/x.zip?{query}", stub.address());
            let Some(outcome) = plugin.run(joomla, &update(&url)) else { return };
            assert_eq!(outcome.addresses(), [url.as_str()]);
            let check = format!("{}/check/download/beacon-2.0.0/x.zip", stub.address());
            assert_eq!(outcome.questions(), [(check.as_str(), query.replace("&amp;", "&").as_str())]);
            assert_eq!(outcome.messages(), [("message", "Updated")]);
        }
    }
}

#[test]
fn blanks_around_a_key_are_taken_off_and_the_rest_is_encoded() {
    for joomla in JOOMLAS {
        for (entered, expected) in [
            ("dlid= abc ", "dlid=abc"),
            ("dlid=\tabc\u{a0}", "dlid=abc"),
            ("dlid=\u{200b}abc\u{feff}", "dlid=abc"),
            ("dlid= abc &amp;dummy=my.zip", "dlid=abc&amp;dummy=my.zip"),
            ("dlid=a b", "dlid=a%20b"),
            ("dlid=50%", "dlid=50%25"),
            ("dlid=a\"b<c>|ü", "dlid=a%22b%3Cc%3E%7C%C3%BC"),
        ] {
            let Some(address) = address(joomla, "/download/beacon-2.0.0", entered, &json!({})) else {
                return;
            };
            assert_eq!(address, format!("/download/beacon-2.0.0?{expected}"), "{joomla} {entered}");
        }
    }
}

#[test]
fn a_key_of_the_update_site_comes_before_one_of_the_settings() {
    let sites = json!([
        {"location": "https://elsewhere.example/beacon/updates.xml", "extra_query": "dlid=stranger"},
        {"location": "{host}/BEACON/updates.xml", "extra_query": "dlid=other"},
        {"location": "{host}/beacon/updates.xml", "extra_query": "dlid="},
        {"location": "{host}/beacon/updates.xml", "extra_query": "x=1&amp;dlid=of%20site"},
    ]);
    let settings = json!({"key_lights~pro": "of settings"});
    let both = json!({"update_sites": sites, "settings": settings});
    for joomla in JOOMLAS {
        for (more, expected) in [
            (both.clone(), "of%20site"),
            (json!({"update_sites": sites}), "of%20site"),
            (json!({"settings": settings}), "of%20settings"),
            (json!({"settings": {"key_lights~pro": " dlid=of/settings\u{a0}"}}), "of%2Fsettings"),
            (json!({"settings": settings, "broken_database": true}), "of%20settings"),
        ] {
            let Some(address) = address(joomla, "/download/beacon-2.0.0", "", &more) else { return };
            assert_eq!(address, format!("/download/beacon-2.0.0?dlid={expected}"), "{joomla} {more}");
        }
    }
}

#[test]
fn a_key_is_added_where_the_address_has_room_for_it() {
    let settings = json!({"settings": {"key_lights~pro": "abc"}});
    for joomla in JOOMLAS {
        for (path, extra_query, expected) in [
            ("/download/beacon-2.0.0", "", "/download/beacon-2.0.0?dlid=abc"),
            ("/download/beacon-2.0.0?", "", "/download/beacon-2.0.0?dlid=abc"),
            ("/download/beacon-2.0.0?a=1", "", "/download/beacon-2.0.0?a=1&dlid=abc"),
            ("/download/beacon-2.0.0?a=1#b", "", "/download/beacon-2.0.0?a=1&dlid=abc#b"),
            ("/download/beacon-2.0.0#b", "", "/download/beacon-2.0.0?dlid=abc#b"),
            ("/download/beacon-2.0.0", "dlid=", "/download/beacon-2.0.0?dlid=abc"),
            ("/download/beacon-2.0.0?a=1", "dlid= ", "/download/beacon-2.0.0?a=1&dlid=abc"),
            ("/download/beacon-2.0.0", "key=&dlid=&amp;f=.zip", "/download/beacon-2.0.0?dlid=abc&amp;f=.zip"),
            ("/get/release/download/beacon-2.0.0", "", "/get/release/download/beacon-2.0.0?dlid=abc"),
            (
                "/?action=get&module=release&resource=download&id=beacon-2.0.0",
                "",
                "/?action=get&module=release&resource=download&id=beacon-2.0.0&dlid=abc",
            ),
        ] {
            let Some(address) = address(joomla, path, extra_query, &settings) else { return };
            assert_eq!(address, expected, "{joomla} {path}");
        }
    }
}

/// A validator that has these verdicts on keys; any other key is valid.
fn judging(verdicts: &'static [(&'static str, &'static str)]) -> (Stub, Plugin) {
    let stub = Stub::behaving(|request, connection| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let verdict = verdicts.iter().find(|(key, _)| body == format!("dlid={key}"));
        let state = verdict.map_or("valid", |(_, state)| state);
        let answer = json!({
            "check_version": 1, "state": state, "valid": state == "valid", "name": "Beacon", "group": "lights.pro",
        });
        let bytes = match head.starts_with("POST /check/") {
            true => stub::json_reply(&answer),
            false => stub::reply("200 OK", "application/zip", "PK"),
        };
        let _ = connection.write_all(&bytes);
    });
    let plugin = Plugin::asking(&stub.address(), "");
    (stub, plugin)
}

#[test]
fn of_two_keys_the_better_one_counts() {
    let (stub, plugin) =
        judging(&[("old", "expired"), ("wrong", "invalid"), ("typo", "invalid"), ("gone", "refunded")]);
    for joomla in JOOMLAS {
        for (in_address, in_settings, expected) in [
            ("old", "new", "/download/beacon-2.0.0?dlid=new"),
            ("wrong", "new", "/download/beacon-2.0.0?dlid=new"),
            ("good", "new", "/download/beacon-2.0.0?dlid=good"),
            ("wrong", "", "license-invalid://refused"),
            ("wrong", "wrong", "license-invalid://refused"),
            ("wrong", "old", "license-expired://refused"),
            ("old", "wrong", "license-expired://refused"),
            ("old", "gone", "license-expired://refused"),
            ("wrong", "typo", "license-invalid://refused"),
        ] {
            let scenario = json!({
                "downloads": [{"url": format!("{}/download/beacon-2.0.0", stub.address()), "extra_query": format!("dlid={in_address}")}],
                "settings": {"key_lights~pro": in_settings},
            });
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            let address = outcome.addresses()[0].replace(&stub.address(), "");
            assert_eq!(address, expected, "{joomla} {in_address} {in_settings}");
            assert_eq!(outcome.messages().len(), 1, "{outcome:?}");
        }
    }
}

#[test]
fn a_key_of_the_settings_is_not_tried_where_no_key_is_at_fault() {
    for state in ["withdrawn", "unknown_package", "held_back"] {
        let answer = json!({"check_version": 1, "state": state, "valid": false, "group": "lights.pro"});
        let stub = Stub::telling(&answer, &answer);
        let plugin = Plugin::asking(&stub.address(), "");
        let mut scenario = update(&format!("{}/download/beacon-2.0.0?dlid=abc", stub.address()));
        scenario["settings"] = json!({"key_lights~pro": "other"});
        for joomla in JOOMLAS {
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            assert_eq!(outcome.questions().len(), 1, "{state}");
        }
    }
}

#[test]
fn a_feed_of_somebody_else_gives_no_key() {
    for feed in ["https://elsewhere.example/updates.xml", "{host}", "{host}.example/updates.xml", "{host}x/"]
    {
        let stub = Stub::behaving(move |request, connection| {
            let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
            let feed = feed.replace("{host}", &format!("http://{host}"));
            let answer = json!({"check_version": 1, "state": "missing", "valid": false, "feed": feed});
            let _ = connection.write_all(&stub::json_reply(&answer));
        });
        let plugin = Plugin::asking(&stub.address(), "");
        let feed = feed.replace("{host}", &stub.address());
        let mut scenario = update(&format!("{}/download/beacon-2.0.0", stub.address()));
        scenario["update_sites"] = json!([{"location": feed, "extra_query": "dlid=secret"}]);
        for joomla in JOOMLAS {
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            assert_eq!(outcome.addresses(), ["license-missing://refused"], "{feed}");
            assert_eq!(outcome.0["queries"], json!([]), "{feed}");
        }
        assert!(stub.requests().iter().all(|request| !request.contains("secret")));
    }
}

#[test]
fn the_same_address_is_asked_once_and_told_once() {
    let missing = json!({"check_version": 1, "state": "missing", "valid": false, "name": "Beacon"});
    let stub = Stub::telling(&missing, &missing);
    let plugin = Plugin::asking(&stub.address(), "");
    let url = format!("{}/download/beacon-2.0.0?dlid=abc", stub.address());
    let scenario = json!({"downloads": [{"url": url, "mirrors": [url, url]}]});
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert_eq!(outcome.addresses(), ["license-missing://refused"; 3]);
        assert_eq!(outcome.questions().len(), 1);
        assert_eq!(outcome.messages().len(), 1, "{outcome:?}");
    }
}
