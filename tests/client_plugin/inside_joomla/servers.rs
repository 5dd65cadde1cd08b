//! A server that is away, slow, or answers something else: the download goes on, and one warning says why.

use super::stub::{hold, json_reply, reply};
use super::*;

/// All that is asked for one address takes five seconds at most; the rest is for a machine that does other things, too.
const LIMIT_SECONDS: f64 = 7.5;

fn warning(why: &str) -> String {
    format!("Harbor Works: the license could not be checked ({why}). The download goes on.")
}

/// The download goes on, with the one key that there is when the address has none, and the warning is shown.
#[track_caller]
fn assert_goes_on(address: &str, joomlas: &[&str], why: &str) {
    let plugin = Plugin::asking(address, "");
    for joomla in joomlas {
        for query in ["?dlid=abc", ""] {
            let url = format!("{address}/download/beacon-2.0.0{query}");
            let mut scenario = update(&url);
            scenario["settings"] = json!({"key_lights~pro": "abc"});
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            assert_eq!(
                outcome.addresses(),
                [format!("{address}/download/beacon-2.0.0?dlid=abc")],
                "{joomla}"
            );
            assert_eq!(outcome.messages()[0], ("warning", warning(why).as_str()), "{joomla} {outcome:?}");
            let warnings =
                outcome.messages().into_iter().filter(|(_, text)| text.contains("checked")).count();
            assert_eq!(warnings, 1);
            assert!(outcome.seconds() < LIMIT_SECONDS * 2.0, "{outcome:?}");
        }
    }
}

#[test]
fn a_server_that_is_away_blocks_nothing() {
    let port = bandari_tests::ports::free_port();
    assert_goes_on(&format!("http://127.0.0.1:{port}"), &JOOMLAS, "the server cannot be reached");
}

/// Answers downloads, and leaves checks to `behavior`.
fn only_checks(behavior: impl Fn(&mut std::net::TcpStream) + Send + Sync + 'static) -> Stub {
    Stub::behaving(move |request, connection| {
        if request.starts_with("POST /check/") {
            behavior(connection);
        } else {
            let _ = connection.write_all(&reply("200 OK", "application/zip", "PK"));
        }
    })
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_longer_than_the_limit() {
    let stub = only_checks(hold);
    let plugin = Plugin::asking(&stub.address(), "");
    let downloads: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|id| json!({"url": format!("{}/download/{id}?dlid=abc", stub.address())}))
        .collect();
    for joomla in ["3.10.12", "6.0.4"] {
        let Some(outcome) = plugin.run(joomla, &json!({"downloads": downloads})) else { return };
        assert!((4.9..LIMIT_SECONDS).contains(&outcome.seconds()), "{outcome:?}");
        // It is told once, and who said nothing once is not asked again in the same run.
        let warning = warning("the server did not answer in time");
        assert_eq!(outcome.messages(), [("warning", warning.as_str()), ("message", "Updated")]);
        assert_eq!(outcome.questions().len(), 1);
    }
}

#[test]
fn two_questions_share_the_limit() {
    let missing = json!({"check_version": 1, "state": "missing", "valid": false, "group": "lights.pro"});
    let stub = Stub::behaving(move |request, connection| {
        std::thread::sleep(std::time::Duration::from_secs(3));
        let _ = match request.starts_with("POST") {
            true => connection.write_all(&json_reply(&missing)),
            false => connection.write_all(&reply("200 OK", "application/zip", "PK")),
        };
    });
    let plugin = Plugin::asking(&stub.address(), "");
    let mut scenario = update(&format!("{}/download/beacon-2.0.0", stub.address()));
    scenario["settings"] = json!({"key_lights~pro": "abc"});
    let Some(outcome) = plugin.run("5.3.4", &scenario) else { return };
    assert_eq!(outcome.addresses(), [format!("{}/download/beacon-2.0.0?dlid=abc", stub.address())]);
    assert_eq!(outcome.messages()[0], ("warning", warning("the server did not answer in time").as_str()));
    // The download itself takes three more.
    assert!((7.9..10.5).contains(&outcome.seconds()), "{outcome:?}");
}

#[test]
fn a_server_that_drips_is_left_after_the_limit() {
    let stub = only_checks(|connection| {
        for byte in
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".iter().chain([b' '].iter().cycle())
        {
            if connection.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    let plugin = Plugin::asking(&stub.address(), "");
    let url = format!("{}/download/beacon-2.0.0?dlid=abc", stub.address());
    let Some(outcome) = plugin.run("4.4.12", &update(&url)) else { return };
    assert_eq!(outcome.messages()[0], ("warning", warning("the server did not answer in time").as_str()));
    assert!((4.9..LIMIT_SECONDS).contains(&outcome.seconds()), "{outcome:?}");
}

#[test]
fn answers_that_are_too_large_are_not_read_to_their_end() {
    let endless = |head: &'static str, piece: &'static [u8]| {
        only_checks(move |connection| {
            let _ = connection.write_all(head.as_bytes());
            while connection.write_all(piece).is_ok() {}
        })
    };
    let said = only_checks(|connection| {
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n{");
        hold(connection);
    });
    for stub in [
        endless("HTTP/1.1 200 OK\r\n\r\n", &[b' '; 1024]),
        endless(
            "HTTP/1.1 200 OK\r\n",
            b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
        ),
        said,
    ] {
        let plugin = Plugin::asking(&stub.address(), "");
        let url = format!("{}/download/beacon-2.0.0?dlid=abc", stub.address());
        for joomla in ["3.10.12", "6.0.4"] {
            let Some(outcome) = plugin.run(joomla, &update(&url)) else { return };
            assert_eq!(outcome.addresses(), [url.as_str()]);
            assert_eq!(outcome.messages()[0], ("warning", warning("the answer was too large").as_str()));
            assert!(outcome.seconds() < 4.0, "{outcome:?}");
        }
    }
}

#[test]
fn redirects_are_not_followed() {
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Stub::answering("");
        let target = elsewhere.address();
        let stub = only_checks(move |connection| {
            let head =
                format!("HTTP/1.1 {status}\r\nLocation: {target}/check/x\r\nContent-Length: 0\r\n\r\n");
            let _ = connection.write_all(head.as_bytes());
        });
        assert_goes_on(&stub.address(), &JOOMLAS, "something else answered in place of the server");
        assert_eq!(elsewhere.requests(), Vec::<String>::new());
    }
}

#[test]
fn a_busy_server_is_told_apart() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let body = json!({"check_version": 1, "status": "ko", "message": "Please wait."}).to_string();
        let answer = reply(status, "application/json", &body);
        let stub = Stub::answering(answer);
        assert_goes_on(&stub.address(), &["3.10.12", "5.3.4"], "the server is busy");
    }
}

#[test]
fn rubbish_is_no_answer() {
    let valid = json!({"check_version": 1, "state": "expired", "valid": false});
    let with = |name: &str, value: Value| {
        let mut answer = valid.clone();
        answer[name] = value;
        json_reply(&answer)
    };
    let without = |name: &str| {
        let mut answer = valid.clone();
        answer.as_object_mut().unwrap().remove(name);
        json_reply(&answer)
    };
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let text = valid.to_string();
    let answers = [
        reply("200 OK", "text/html", "<!doctype html><title>Log in to this network</title>"),
        reply("200 OK", "application/json", ""),
        reply("200 OK", "application/json", "null"),
        reply("200 OK", "application/json", "[]"),
        reply("200 OK", "application/json", "\"valid\""),
        reply("200 OK", "application/json", "{\"valid\": false"),
        reply("200 OK", "application/json", &deep),
        reply("200 OK", "application/json", &format!("\u{feff}{text}")),
        reply("201 Created", "application/json", &text),
        reply("204 No Content", "application/json", ""),
        reply("400 Bad Request", "application/json", &text),
        reply("403 Forbidden", "application/json", &text),
        reply("500 Internal Server Error", "application/json", &text),
        reply("404 Not Found", "application/json", &text.replace("false", "true")),
        with("check_version", json!(2)),
        with("check_version", json!("1")),
        with("check_version", json!(1.0)),
        with("check_version", json!(true)),
        with("valid", json!("false")),
        with("valid", json!(0)),
        with("valid", Value::Null),
        with("state", json!(["expired"])),
        with("state", json!("")),
        with("state", json!("Expired")),
        with("state", json!("expired://evil")),
        with("state", json!("a".repeat(41))),
        without("check_version"),
        without("state"),
        without("valid"),
    ];
    for (at, answer) in answers.into_iter().enumerate() {
        let stub = Stub::answering(answer);
        let joomla = JOOMLAS[at % JOOMLAS.len()];
        assert_goes_on(&stub.address(), &[joomla], "the answer could not be read");
    }
}

#[test]
fn what_is_no_http_is_no_answer() {
    for bytes in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"] {
        let stub = only_checks(move |connection| {
            let _ = connection.write_all(bytes.as_bytes());
        });
        assert_goes_on(&stub.address(), &["3.10.12", "6.0.4"], "the server cannot be reached");
    }
}

#[test]
fn without_curl_nothing_is_asked_and_that_is_told() {
    let stub = Stub::answering("");
    let plugin = Plugin::asking(&stub.address(), "");
    let mut scenario = update(&format!("{}/download/beacon-2.0.0", stub.address()));
    scenario["settings"] = json!({"key_lights~pro": "abc"});
    for joomla in JOOMLAS {
        let no_curl = ["-d", "disable_functions=curl_init"];
        let Some(outcome) = plugin.run_with(&no_curl, joomla, &scenario) else { return };
        assert_eq!(outcome.addresses(), [format!("{}/download/beacon-2.0.0?dlid=abc", stub.address())]);
        let told = warning("PHP has no cURL on this site");
        assert_eq!(outcome.messages(), [("warning", told.as_str()), ("message", "Updated")]);
        assert_eq!(outcome.questions(), []);
    }
}

#[test]
fn a_frozen_validator_blocks_no_update() {
    let mut shop = Shop::closed(programs());
    let plugin = Plugin::of_shop(&shop);
    shop.serve();
    shop.freeze();
    let url = format!("http://127.0.0.1:{}/download/lighthouse_110?dlid=abc", shop.port);
    let mut scenario = update(&url);
    scenario["no_downloads"] = true.into();
    let outcome = plugin.run("5.3.4", &scenario);
    shop.thaw();
    let Some(outcome) = outcome else { return };
    assert_eq!(outcome.addresses(), [url]);
    assert!((4.9..LIMIT_SECONDS).contains(&outcome.seconds()), "{outcome:?}");
}

#[test]
fn of_several_keys_none_is_guessed() {
    let stub = Stub::answering("");
    let site = harbor_at(&stub.address(), "")
        .with("tides/product.toml", "group = 'sea'\njoomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let plugin = Plugin::of(&site);
    let url = format!("{}/download/beacon-2.0.0", stub.address());
    let mut scenario = update(&url);
    scenario["settings"] = json!({"key_lights~pro": "abc", "key_sea": "def"});
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert_eq!(outcome.addresses(), [url.as_str()]);
        assert_eq!(outcome.messages()[0].0, "warning");
    }
}
