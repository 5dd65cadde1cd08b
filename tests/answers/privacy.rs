//! What answers keep to themselves; for logs and all else see `secrets`.

use super::*;

/// Everything of an answer but the time of day.
fn all_of(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    (answer.status, answer.headers_but_date(), answer.body.clone())
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
            "/check/download/lighthouse_110?",
            "/check/?action=post&module=release&resource=download&id=lighthouse_110&",
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
