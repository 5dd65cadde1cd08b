//! Method × address form × shape of the key × state of the license: status, headers and body.

use serde_json::json;

use super::*;

/// A number for each reason, or 403 for all of them.
#[derive(Clone, Copy, PartialEq)]
enum Numbers {
    ByReason,
    Uniform,
}

/// Every address of the package, with the parameters of the key behind it.
fn download_addresses(parameters: &str) -> [String; 6] {
    let id = "lighthouse_110";
    [
        format!("/download/{id}?{parameters}"),
        format!("/download/{id}/plg_system_lighthouse-1.1.0.zip?{parameters}"),
        format!("/post/release/download/{id}?{parameters}"),
        format!("/get/release/download/{id}?{parameters}"),
        format!("/?action=post&module=release&resource=download&id={id}&{parameters}"),
        format!(
            "/?action=get&module=release&resource=download&id={id}&amp;{}",
            parameters.replace('&', "&amp;")
        ),
    ]
}

fn encoded(key: &str) -> String {
    key.replace(':', "%3A")
}

/// Both forms of one of jBackend's calls, by GET, and by POST with everything or with the parameters in the form.
fn calls(customers: &Customers, method: &str, id: &str, parameters: &str) -> Vec<(String, Answer)> {
    let path = format!("/post/release/{method}/{id}");
    let query = format!("action=post&module=release&resource={method}&id={id}&{parameters}");
    vec![
        (format!("GET {path}"), customers.get(&format!("{path}?{parameters}"), &[])),
        (format!("GET /?{query}"), customers.get(&format!("/?{query}"), &[])),
        (format!("POST {path}"), customers.post(&path, parameters)),
        (format!("POST / {query}"), customers.post("/", &query)),
    ]
}

fn assert_download(customers: &Customers, state: &State, numbers: Numbers, target: &str) {
    let answer = customers.get(target, &[]);
    let number = match numbers {
        Numbers::Uniform if !state.is_good() => 403,
        _ => state.number,
    };
    assert_eq!(answer.status, number, "{target}: {}", answer.text());
    assert_is_nobodys_business(&answer);
    if state.is_good() {
        let location = answer.header("location").unwrap();
        assert!(
            location.contains("/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip?Expires=")
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(answer.body.is_empty());
    } else {
        assert_eq!(answer.header("location"), None);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.text().trim_end(), state.message(customers.soon).unwrap(), "{target}");
        assert_eq!(answer.header("www-authenticate"), (number == 401).then_some("Bearer"));
    }
    let head = customers.ask("HEAD", target, &[], b"");
    assert_eq!((head.status, head.body.len()), (answer.status, 0), "{target}");
    for name in ["location", "content-type", "content-length", "cache-control", "www-authenticate"] {
        assert_eq!(head.header(name), answer.header(name), "HEAD {target}: {name}");
    }
}

/// What `validate` and `verify` say.
fn assert_call(customers: &Customers, state: &State, request: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{request}");
    assert_is_nobodys_business(answer);
    assert_eq!(answer.header("content-disposition"), Some("attachment;filename=\"response.json\""));
    let mut expected = match state.error {
        None => json!({ "status": "ok" }),
        Some((code, description)) => {
            json!({ "status": "ko", "error_code": code, "error_description": description })
        }
    };
    if !state.is_good() && !["invalid", "missing"].contains(&state.word) {
        expected["state"] = json!(state.word);
        expected["message"] = json!(state.message(customers.soon));
        if state.word != "suspended" {
            expected["renew_url"] = json!(RENEW_URL);
        }
        if let Some(expires_at) = state.expires_at(customers.soon) {
            expected["expires"] = json!(rfc3339(expires_at));
        }
    }
    assert_eq!(json(answer), expected, "{request}");
}

fn rfc3339(unix_seconds: u64) -> String {
    jiff::Timestamp::from_second(i64::try_from(unix_seconds).unwrap()).unwrap().to_string()
}

/// What `/check/` says of a product, which is an extension and has a feed, or a group.
fn assert_check(customers: &Customers, state: &State, id: &str, request: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{request}");
    assert_is_nobodys_business(answer);
    let status = if state.is_good() { "ok" } else { "ko" };
    let mut expected = json!({
        "check_version": 1, "status": status, "state": state.word, "valid": state.is_good(),
        "product": id, "name": "System - Lighthouse", "group": "lighthouse",
    });
    if id == "plg_system_lighthouse" {
        let port = customers.shop.port;
        expected["feed"] = json!(format!("http://127.0.0.1:{port}/plg_system_lighthouse/updates.xml"));
    }
    if let Some((code, description)) = state.error {
        expected["error_code"] = json!(code);
        expected["error_description"] = json!(description);
    }
    if let Some(message) = state.message(customers.soon) {
        expected["message"] = json!(message);
    }
    if !["invalid", "missing"].contains(&state.word) {
        // Who is blocked cannot renew, and who has no end need not.
        if state.word != "suspended" && state.user != "ada" {
            expected["renew_url"] = json!(RENEW_URL);
        }
        if let Some(expires_at) = state.expires_at(customers.soon) {
            expected["expires"] = json!(rfc3339(expires_at));
        }
        if state.standing == "canceled,2026-03-01" {
            expected["canceled"] = json!("2026-03-01T00:00:00Z");
        }
        if state.is_good() {
            expected["expiring"] = json!(state.expires == SOON);
        }
        if state.expires == SOON {
            expected["days_left"] = json!(10);
        }
    }
    assert_eq!(json(answer), expected, "{request}");
}

/// What `/check` says of the package, with its whole address behind it.
fn assert_package_checks(customers: &Customers, state: &State, parameters: &str) {
    let product = "plg_system_lighthouse";
    for target in download_addresses(parameters).map(|address| format!("/check{address}")) {
        let answer = customers.get(&target, &PROGRAM);
        assert_check(customers, state, product, &target, &answer);
        let head = customers.ask("HEAD", &target, &PROGRAM, b"");
        assert_eq!((head.status, head.headers_but_date()), (200, answer.headers_but_date()), "HEAD {target}");
        assert!(head.body.is_empty(), "HEAD {target}");
        // As the client plug-in asks: what stands in the address's query comes in a form.
        let (path, query) = target.split_once('?').unwrap();
        let form = query.replace("&amp;", "&");
        let post = customers.post(path, &form);
        assert_check(customers, state, product, &format!("POST {path} {form}"), &post);
    }
}

fn assert_everything(customers: &Customers, state: &State, numbers: Numbers, key: &str, email: &str) {
    let key = encoded(key);
    let pair = format!("email={}&key={key}", email.replace('@', "%40"));
    for parameters in [format!("dlid={key}"), pair.clone()] {
        for target in download_addresses(&parameters) {
            assert_download(customers, state, numbers, &target);
        }
        assert_package_checks(customers, state, &parameters);
    }
    for (method, id) in [("validate", "lighthouse"), ("verify", "lighthouse_110")] {
        for (request, answer) in calls(customers, method, id, &pair) {
            assert_call(customers, state, &request, &answer);
        }
    }
    for id in ["plg_system_lighthouse", "lighthouse"] {
        let path = format!("/check/{id}");
        for (request, answer) in [
            (format!("GET {path}"), customers.get(&format!("{path}?dlid={key}"), &[])),
            (format!("GET {path}/"), customers.get(&format!("{path}/?dlid={key}"), &PROGRAM)),
            (format!("POST {path}"), customers.post(&path, &pair)),
            (format!("GET /check?id={id}"), customers.get(&format!("/check?id={id}&dlid={key}"), &[])),
            (format!("POST /check id={id}"), customers.post("/check", &format!("id={id}&{pair}"))),
            // The path comes first.
            (format!("POST {path} id=dockyard"), customers.post(&path, &format!("id=dockyard&{pair}"))),
        ] {
            assert_check(customers, state, id, &request, &answer);
        }
    }
}

fn assert_all_states(numbers: Numbers, configuration: &str) {
    let customers = Customers::of(configuration);
    for state in &STATES {
        for shape in SHAPES {
            let key = customers.key(state, shape);
            assert_everything(&customers, state, numbers, &key, &state.email());
        }
    }
    let known = customers.key(&STATES[0], Shape::Derived);
    for (key, email) in [
        ("aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ada@example.org"),
        ("0123456789abcdef0123456789abcdef", "ada@example.org"),
        ("x", "ada@example.org"),
    ] {
        assert_everything(&customers, &INVALID, numbers, key, email);
    }
    let wrong_address = format!("email=eve%40example.org&key={known}");
    for target in download_addresses(&wrong_address) {
        assert_download(&customers, &INVALID, numbers, &target);
    }
    for target in download_addresses("dlid=") {
        assert_download(&customers, &MISSING, numbers, &target);
    }
    assert_package_checks(&customers, &INVALID, &wrong_address);
    assert_package_checks(&customers, &MISSING, "dlid=");
    let answer = customers.get("/check/lighthouse", &[]);
    assert_check(&customers, &MISSING, "lighthouse", "GET /check/lighthouse", &answer);
}

#[test]
fn every_method_form_key_and_state_has_its_answer_with_one_number_for_all() {
    assert_all_states(Numbers::Uniform, "");
}

#[test]
fn every_method_form_key_and_state_has_its_answer_with_a_number_for_each_reason() {
    assert_all_states(Numbers::ByReason, "refusal_status = 'by-reason'");
}
