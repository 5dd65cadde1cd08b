//! What answers keep to themselves; for logs and all else see `secrets`.

use super::*;

/// Everything of an answer but the time of day.
fn all_of(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
    (answer.status, headers, answer.body.clone())
}

/// Keys that are wrong in different ways, with this before and behind each, get the same bytes everywhere.
fn assert_wrong_keys_are_alike(before: &str, behind: &str) {
    for configuration in ["", "refusal_status = 'by-reason'"] {
        let customers = Customers::of(configuration);
        let known = customers.key(&STATES[0], Shape::Derived);
        let imported = customers.key(&STATES[0], Shape::Opaque);
        let pairs =
            ["aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &known, &imported, "0123456789abcdef0123456789abcdef"]
                .map(|key| format!("email=eve%40example.org&key={before}{key}{behind}"));
        for address in [
            "/download/lighthouse_110?",
            "/post/release/validate/lighthouse?",
            "/post/release/verify/lighthouse_110?",
            "/check/lighthouse?",
        ] {
            for headers in [&BROWSER[..], &PROGRAM, &[]] {
                let answers =
                    pairs.each_ref().map(|pair| customers.get(&format!("{address}{pair}"), headers));
                for answer in &answers[1..] {
                    assert_eq!(all_of(answer), all_of(&answers[0]), "{address}");
                }
            }
        }
    }
}

#[test]
fn an_unknown_key_and_a_known_one_that_is_wrong_cannot_be_told_apart() {
    assert_wrong_keys_are_alike("", "");
}

#[test]
fn what_stands_around_wrong_keys_tells_them_apart_as_little() {
    assert_wrong_keys_are_alike("%E2%80%9Edlid%3D", "%20%22");
}

/// A request from this very sender.
fn from(customers: &Customers, sender: &str, target: &str, headers: &[&str]) -> Answer {
    let sender = format!("X-Forwarded-For: {sender}");
    http::get(customers.shop.port, target, &[headers, &[sender.as_str()]].concat())
}

#[test]
fn who_tries_a_thousand_keys_has_to_wait_and_right_keys_go_on() {
    let customers = Customers::of("");
    let refused: Vec<Answer> = std::thread::scope(|scope| {
        let customers = &customers;
        let tries = (0..20).map(|part| {
            scope.spawn(move || {
                let target = |number| format!("/download/lighthouse_110?dlid=guess-{}", part * 50 + number);
                (0..50).map(|number| from(customers, "192.0.2.7", &target(number), &[])).collect::<Vec<_>>()
            })
        });
        let tries: Vec<_> = tries.collect();
        tries.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    let count = |status| refused.iter().filter(|answer| answer.status == status).count();
    // Sixty at once, and one more each ten seconds.
    assert!((60..100).contains(&count(403)), "{}", count(403));
    assert_eq!(count(403) + count(429), 1000);

    let (ours, theirs) =
        (customers.key(&STATES[0], Shape::Derived), customers.key(&STATES[0], Shape::DownloadId));
    let status = |sender: &str, key: &str| {
        from(&customers, sender, &format!("/download/lighthouse_110?dlid={key}"), &[]).status
    };
    assert_eq!(status("192.0.2.8", &theirs), 302, "from elsewhere");
    assert_eq!(
        status("192.0.2.7", &ours),
        302,
        "nobody can guess a key of our own, so none is ever held back"
    );
}

#[test]
fn whoever_has_to_wait_is_told_for_how_long_in_every_form() {
    let customers = Customers::of("");
    let wrong = "/download/lighthouse_110?dlid=guess-number-1";
    while from(&customers, "192.0.2.9", wrong, &[]).status != 429 {}
    for (headers, content_type) in [
        (&[][..], "text/plain; charset=utf-8"),
        (&PROGRAM, "application/json; charset=utf-8"),
        (&BROWSER, "text/html; charset=utf-8"),
    ] {
        let answer = from(&customers, "192.0.2.9", wrong, headers);
        assert_eq!((answer.status, answer.header("content-type")), (429, Some(content_type)));
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=10).contains(&wait), "{wait}");
        assert!(answer.text().contains("wait"), "{}", answer.text());
    }
    let call = from(
        &customers,
        "192.0.2.9",
        "/post/release/validate/lighthouse?email=a%40b.c&key=guess-number-1",
        &[],
    );
    assert_eq!((call.status, json(&call)["error_code"].as_str()), (200, Some("REL_RTL")));
    assert!(call.header("retry-after").is_some());
}
