//! The same refusal for a Joomla, for a program and for a person.

use super::*;

fn refused(customers: &Customers, state: &State, headers: &[&str]) -> Answer {
    let key = customers.key(state, Shape::Opaque);
    customers.get(&format!("/download/lighthouse_110?dlid={key}"), headers)
}

/// The text of a page without its tags.
fn text_of(answer: &Answer) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in answer.text().chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reason(state: &State, soon: u64) -> String {
    let message = state.message(soon).unwrap();
    message.split_inclusive(". ").next().unwrap().trim_end().to_owned()
}

#[test]
fn a_joomla_gets_a_short_text_and_never_a_200_in_any_case_of_refusal() {
    let customers = Customers::of("");
    for state in STATES.iter().filter(|state| !state.is_good()) {
        for accept in ["Accept: */*", "Accept: text/html", "Accept: application/json"] {
            let answer = refused(&customers, state, &[accept]);
            assert_eq!(answer.status, 403);
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        }
    }
}

#[test]
fn a_program_gets_json_with_the_status_of_the_refusal() {
    let customers = Customers::of("refusal_status = 'by-reason'");
    for state in STATES.iter().filter(|state| !state.is_good()) {
        let answer = refused(&customers, state, &PROGRAM);
        assert_eq!(answer.status, state.number);
        let json = json(&answer);
        assert_eq!((&json["status"], &json["state"]), (&"ko".into(), &state.word.into()));
        assert_eq!(json["product"], "plg_system_lighthouse");
        assert_eq!(json["message"], state.message(customers.soon).unwrap());
    }
    let by_parameter = customers.get("/download/lighthouse_110?format=json", &["User-Agent: x"]);
    assert_eq!((by_parameter.status, json(&by_parameter)["state"].as_str()), (401, Some("missing")));
}

#[test]
fn a_person_who_clicks_the_link_that_joomla_prints_reads_the_reason_and_what_to_do() {
    let customers = Customers::of("");
    for state in STATES.iter().filter(|state| !state.is_good()) {
        let answer = refused(&customers, state, &BROWSER);
        assert_eq!(answer.status, 403);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        let text = text_of(&answer);
        assert!(text.contains(&reason(state, customers.soon)), "{}: {text}", state.word);
        assert!(text.contains("What to do now"), "{text}");
        assert!(text.contains("Joomla") || state.word != "expired", "{text}");
    }
    let expired = refused(&customers, &STATES[2], &BROWSER);
    assert!(expired.text().contains(&format!("href=\"{RENEW_URL}\"")), "{}", expired.text());
}

#[test]
fn a_stranger_learns_nothing_of_licenses_and_gets_no_renewal_link() {
    let customers = Customers::of("");
    for target in ["/download/lighthouse_110", "/download/lighthouse_110?dlid=unknown-key"] {
        let page = customers.get(target, &BROWSER);
        assert_eq!(page.status, 403);
        assert!(!page.text().contains(RENEW_URL), "{}", page.text());
        let json = json(&customers.get(target, &PROGRAM));
        assert_eq!((json.get("renew_url"), json.get("expires")), (None, None));
    }
}

#[test]
fn a_key_is_shown_on_no_page() {
    let customers = Customers::of("");
    for state in &STATES {
        for shape in SHAPES {
            let key = customers.key(state, shape);
            for target in ["/download/lighthouse_110", "/check/lighthouse"] {
                let page = customers.get(&format!("{target}?dlid={key}"), &BROWSER);
                assert!(!page.text().contains(&key), "{target} {}", state.word);
            }
        }
    }
}

#[test]
fn a_page_asks_for_a_key_and_says_what_it_is_worth() {
    let customers = Customers::of("");
    let form = customers.get("/check/plg_system_lighthouse", &BROWSER);
    assert_eq!((form.status, form.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(form.text().contains("method=\"post\"") && form.text().contains("name=\"dlid\""));
    for state in &STATES {
        let key = customers.key(state, Shape::Opaque);
        let page = customers.post_as_person("/check/plg_system_lighthouse", &format!("dlid={key}"));
        assert_eq!(page.status, 200);
        let row = format!("Key …{}", &key[key.len() - 3..]);
        assert!(text_of(&page).contains(&row), "{}", text_of(&page));
        match state.message {
            Some(_) => assert!(text_of(&page).contains(&reason(state, customers.soon)), "{}", text_of(&page)),
            None => assert!(text_of(&page).contains("This key is valid"), "{}", text_of(&page)),
        }
    }
}

#[test]
fn a_form_that_was_sent_without_a_key_says_so() {
    let customers = Customers::of("");
    for form in ["dlid=", "dlid=+++", "dlid=%C2%A0%E2%80%8B"] {
        let page = customers.post_as_person("/check/lighthouse", form);
        let text = text_of(&page);
        assert!(text.contains("No key was entered."), "{form}: {text}");
        assert!(page.text().contains("name=\"dlid\""), "{text}");
    }
}

#[test]
fn a_key_with_blanks_around_it_is_judged_and_its_sender_is_warned_of_joomla() {
    const HINT: &str = "Something stood around the key, such as a blank or a quote. In Joomla it does not work like \
                        that: enter the key there without it.";
    let customers = Customers::of("");
    for state in &STATES {
        let key = customers.key(state, Shape::Opaque);
        let wrapped = format!("dlid=%C2%A0{key}%E2%80%9D,");
        let page = customers.post_as_person("/check/plg_system_lighthouse", &wrapped);
        assert!(text_of(&page).contains(HINT), "{}", text_of(&page));
        let answer = json(&customers.get(&format!("/check/plg_system_lighthouse?{wrapped}"), &PROGRAM));
        let expected =
            state.message(customers.soon).map_or(HINT.to_owned(), |message| format!("{message} {HINT}"));
        assert_eq!((&answer["state"], &answer["message"]), (&state.word.into(), &expected.into()));
        let suffixed = format!("/check/plg_system_lighthouse?dlid={key}%26f=.zip");
        assert!(!text_of(&customers.get(&suffixed, &BROWSER)).contains(HINT));
    }
    let in_german = ["Accept: application/json", "Accept-Language: de"];
    let key = customers.key(&STATES[0], Shape::Derived);
    assert_eq!(
        json(&customers.get(&format!("/check/lighthouse?dlid=%20{key}"), &in_german))["message"],
        "Um den Schlüssel herum stand noch etwas, etwa ein Leerzeichen oder ein Anführungszeichen. So funktioniert er in \
         Joomla nicht: Tragen Sie dort nur den Schlüssel selbst ein."
    );
}

#[test]
fn who_was_refused_without_a_good_key_finds_the_page_that_checks_one() {
    let customers = Customers::of("");
    let link = format!(
        "href=\"http://127.0.0.1:{}/check/plg_system_lighthouse\">Check a key</a>",
        customers.shop.port
    );
    for target in ["/download/lighthouse_110", "/download/lighthouse_110?dlid=unknown-key"] {
        let page = customers.get(target, &BROWSER);
        assert!(page.text().contains(&link), "{}", page.text());
    }
    assert!(!refused(&customers, &STATES[2], &BROWSER).text().contains("Check a key"));
}

#[test]
fn the_language_is_the_browsers() {
    let customers = Customers::of("");
    let in_german = [BROWSER[0], BROWSER[1], "Accept-Language: fr;q=0.9, de-AT;q=0.8, en;q=0.5"];
    let page = refused(&customers, &STATES[2], &in_german);
    assert!(page.text().contains("<html lang=\"de\""), "{}", page.text());
    assert!(text_of(&page).contains("29. Februar 2024"), "{}", text_of(&page));
    let key = customers.key(&STATES[2], Shape::Opaque);
    let check = customers.get(&format!("/check/lighthouse?dlid={key}"), &["Accept-Language: de"]);
    assert!(json(&check)["message"].as_str().unwrap().contains("29. Februar 2024"));
    let call = customers.get(
        &format!("/post/release/validate/lighthouse?email=carl%40example.org&key={key}"),
        &["Accept-Language: de"],
    );
    assert_eq!(json(&call)["error_description"], "License expired", "codes and their words are for programs");
    assert!(json(&call)["message"].as_str().unwrap().contains("29. Februar 2024"));
}

#[test]
fn a_free_product_needs_no_key() {
    let customers = Customers::of("");
    let answer = json(&customers.get("/check/mod_openinghours?dlid=whatever", &[]));
    assert_eq!((&answer["status"], &answer["state"]), (&"ok".into(), &"free".into()));
    assert_eq!(customers.get("/check/mod_openinghours", &BROWSER).status, 200);
}

#[test]
fn an_older_release_stays_with_the_holder_of_an_ended_license_where_the_vendor_says_so() {
    let customers = Customers::of("");
    // The example's Dockyard leaves older releases to their holders: 2.0.0 came out on 2026-04-20, 2.1.0 on 2026-10-05.
    let key = customers.shop.key_for("old@example.org", "dockyard", Some("2026-07-01"));
    let get = |id: &str| customers.get(&format!("/download/{id}?dlid={key}"), &[]);
    assert_eq!(get("dockyard_200").status, 302);
    assert_eq!(get("dockyard_210").status, 403);
    let verify = |id: &str| {
        let target = format!("/post/release/verify/{id}?email=old%40example.org&key={key}");
        json(&customers.get(&target, &[]))["status"].clone()
    };
    assert_eq!((verify("dockyard_200"), verify("dockyard_210")), ("ok".into(), "ko".into()));
    assert_eq!(json(&customers.get(&format!("/check/dockyard?dlid={key}"), &[]))["state"], "expired");
    let kept = "Releases that came out before 1 July 2026 stay yours: you can still download them with the same key.";
    for target in ["/check/dockyard", "/check/pkg_dockyard", "/download/dockyard_210"] {
        let target = format!("{target}?dlid={key}");
        let page = customers.get(&target, &BROWSER);
        assert!(page.text().contains(&format!("<li>{kept}</li>")), "{target}: {}", page.text());
        let message = json(&customers.get(&target, &PROGRAM))["message"].clone();
        assert!(
            message.as_str().unwrap().ends_with(&format!("Your key stays the same. {kept}")),
            "{message}"
        );
    }
}
