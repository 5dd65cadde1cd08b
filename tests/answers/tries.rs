//! Who tries many keys, and what becomes of those who do not.

use super::*;

/// A request from this very sender.
fn from(customers: &Customers, sender: &str, target: &str, headers: &[&str]) -> Answer {
    let sender = format!("X-Forwarded-For: {sender}");
    http::get(customers.shop.port, target, &[headers, &[sender.as_str()]].concat())
}

/// The status of a download with this key.
fn status(customers: &Customers, sender: &str, key: &str) -> u16 {
    from(customers, sender, &format!("/download/lighthouse_110?dlid={key}"), &[]).status
}

/// The statuses of that many tries at the same time, of keys that begin so, by one sender.
fn tries(customers: &Customers, sender: &str, beginning: &str, count: usize) -> Vec<u16> {
    std::thread::scope(|scope| {
        let try_one =
            |number| scope.spawn(move || status(customers, sender, &format!("{beginning}-{number}")));
        let tries: Vec<_> = (0..count).map(try_one).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    })
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
    assert_eq!(status(&customers, "192.0.2.7", &theirs), 429, "nobody has looked that up yet");
    assert_eq!(status(&customers, "192.0.2.8", &theirs), 302, "from elsewhere");
    assert_eq!(status(&customers, "192.0.2.7", &theirs), 302, "what is known is no guess");
    assert_eq!(
        status(&customers, "192.0.2.7", &ours),
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

#[test]
fn tries_of_many_senders_at_keys_that_begin_alike_lock_out_suspects_only() {
    let customers = Customers::of("");
    let theirs = customers.key(&STATES[0], Shape::Opaque);
    let beginning = &theirs[..8];
    assert_eq!(tries(&customers, "192.0.2.1", beginning, 60), [403; 60]);
    assert_eq!(tries(&customers, "192.0.2.2", beginning, 40), [403; 40]);
    // A hundred are used up, and one comes back each ten seconds.
    let waiting = tries(&customers, "192.0.2.2", beginning, 10);
    assert!(waiting.iter().filter(|status| **status == 429).count() >= 7, "{waiting:?}");
    assert_eq!(status(&customers, "192.0.2.2", "another-beginning"), 403);
    // Nothing tells of which kind a wrong key is, or whether somebody has one that begins so.
    let forged = "aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for number in 0..100 {
        assert_eq!(status(&customers, &format!("198.51.100.{number}"), forged), 403);
    }
    let waiting: Vec<u16> = (0..10).map(|_| status(&customers, "192.0.2.2", forged)).collect();
    assert!(waiting.contains(&429), "{waiting:?}");

    assert_eq!(status(&customers, "192.0.2.2", &theirs), 429, "a suspect is not even looked up");
    assert_eq!(status(&customers, "192.0.2.3", &format!("{beginning}-typo")), 403);
    assert_eq!(status(&customers, "192.0.2.3", &theirs), 302, "a customer who mistyped the key is");
    assert_eq!(status(&customers, "192.0.2.2", &theirs), 302, "by now the key is known");
    let wrong_address = format!("{theirs}&email=eve%40example.org");
    assert_eq!(status(&customers, "192.0.2.2", &wrong_address), 429, "like any wrong key");
}

#[test]
fn an_ipv6_network_tries_no_more_keys_than_sixteen_senders() {
    let customers = Customers::of("");
    let sender = |network: u16, number: usize| format!("2001:db8:{network:x}:{number:x}::5");
    for number in 0..16 {
        assert_eq!(tries(&customers, &sender(1, number), &format!("guess-{number:02}"), 60), [403; 60]);
    }
    // Sixteen come back each ten seconds.
    let waiting: Vec<u16> = (16..1_016)
        .map(|number| status(&customers, &sender(1, number), &format!("guess-{number}")))
        .collect();
    assert!(waiting.contains(&429));
    assert_eq!(status(&customers, &sender(2, 16), "guess-number-1"), 403, "another network");
    let ours = customers.key(&STATES[0], Shape::Derived);
    assert_eq!(status(&customers, &sender(1, 16), &ours), 302);
}
