//! What answers and logs keep to themselves.

use super::*;

/// Everything of an answer but the time of day.
fn all_of(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
    (answer.status, headers, answer.body.clone())
}

#[test]
fn an_unknown_key_and_a_known_one_that_is_wrong_cannot_be_told_apart() {
    for configuration in ["", "refusal_status = 'by-reason'"] {
        let customers = Customers::of(configuration);
        let known = customers.key(&STATES[0], Shape::Derived);
        let imported = customers.key(&STATES[0], Shape::Opaque);
        let unknown = "aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let pairs = [
            format!("email=eve%40example.org&key={unknown}"),
            format!("email=eve%40example.org&key={known}"),
            format!("email=eve%40example.org&key={imported}"),
            "email=eve%40example.org&key=0123456789abcdef0123456789abcdef".to_owned(),
        ];
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
fn the_log_of_a_whole_run_tells_no_key_and_no_mail_address() {
    let customers = Customers::of("");
    let mut secrets: Vec<String> = vec!["eve".into(), "hunter2-of-nobody".into()];
    for state in &STATES {
        secrets.push(state.email());
        for shape in SHAPES {
            let key = customers.key(state, shape);
            for target in
                ["/download/lighthouse_110", "/check/lighthouse", "/post/release/validate/lighthouse"]
            {
                let _ = customers.get(&format!("{target}?email={}&key={key}", state.email()), &[]);
                let _ = customers.post("/check/lighthouse", &format!("email=eve%40example.org&dlid={key}"));
            }
            secrets.push(key);
        }
    }
    let login = "/post/release/keybyauth/lighthouse?username=eve&password=hunter2-of-nobody";
    assert_eq!(json(&customers.get(login, &[]))["error_code"], "REL_LIF");
    let log = customers.shop.log();
    assert!(log.contains("outcome=\"expired\""), "{log}");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    assert!(!log.contains("Signature="));
}
