//! What holds for edges that ask the validator: whatever a client sends, the header that the validator reads is the proxy's.

use std::fs;
use std::path::Path;

use bandari_tests::smtp::wait_for;

use super::client::exchange;
use super::fixture::{FILE, Fixture, OTHER_FILE};
use super::judge::{refused, whole_file};
use super::recorder::Recorder;
use super::storage::ETAG;

/// Headers that some proxy makes of a request's target, and names that may be taken for the one that the validator reads.
const HEADERS: [&str; 11] = [
    "X-Original-URI",
    "x-original-uri",
    "X_Original_URI",
    "X-Original_URI",
    "X-Forwarded-Uri",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Original-Url",
    "X-Forwarded-Path",
    "Bandari-Target",
    "Content-Location",
];

/// A good link to one file in a header opens no other one; what is in it does not matter to a good link.
pub(super) fn no_header_opens_another_file(fixture: &Fixture, port: u16) {
    let (good, other) = (fixture.sign(FILE, 200), fixture.sign(OTHER_FILE, 200));
    let other_tampered = other.replace("1.0.0", "1.1.1");
    for header in HEADERS {
        let line = format!("{header}: {good}");
        for lines in [
            vec![line.clone()],
            vec![line.clone(), line.clone()],
            vec![format!("{header}: {other}"), line.clone()],
            vec![format!("{header}: http://packages.shop.test{good}")],
            vec![format!("Connection: close, {header}"), line.clone()],
            vec![format!("Connection: {header}"), "Connection: close".to_owned(), line.clone()],
            vec![line.clone(), format!("{header}:")],
        ] {
            for target in [OTHER_FILE, &other_tampered, "/protected/", &format!("{OTHER_FILE}?")] {
                let answer = exchange(port, "GET", target, &lines).expect("an answer");
                assert_eq!(refused(&answer), Ok(()), "{target}: {lines:?}");
            }
            // What is served is what the link says, never what a header says.
            let answer = exchange(port, "GET", &other, &lines).expect("an answer");
            assert_eq!(whole_file(fixture, OTHER_FILE, &answer), Ok(()), "{lines:?}");
        }
    }
    let method = ["X-Forwarded-Method: POST".to_owned(), "X-Original-Method: POST".to_owned()];
    let answer = exchange(port, "GET", &good, &method).expect("an answer");
    assert_eq!(whole_file(fixture, FILE, &answer), Ok(()));
}

/// Range and conditions count for good links only.
pub(super) fn conditions_open_nothing(fixture: &Fixture, port: u16) {
    let (good, bad) = (fixture.sign(FILE, 200), fixture.sign(FILE, -1));
    let answer = exchange(port, "GET", &good, &[]).expect("an answer");
    let header = |name: &str| answer.header(name).expect(name).to_owned();
    let etag = format!("If-None-Match: {}", header("etag"));
    let modified = format!("If-Modified-Since: {}", header("last-modified"));
    for line in [&etag, &modified] {
        let line = std::slice::from_ref(line);
        let unchanged = exchange(port, "GET", &good, line).expect("an answer");
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{line:?}");
        assert_eq!(unchanged.header("cache-control"), Some("private, no-transform"), "{line:?}");
        assert_eq!(refused(&exchange(port, "GET", &bad, line).expect("an answer")), Ok(()), "{line:?}");
    }
    let bytes = fixture.bytes(FILE);
    let last = ["Range: bytes=-5".to_owned()];
    let part = exchange(port, "GET", &good, &last).expect("an answer");
    assert_eq!((part.status, &part.body[..]), (206, &bytes[bytes.len() - 5..]));
    assert_eq!(refused(&exchange(port, "GET", &bad, &last).expect("an answer")), Ok(()));
    let if_range = ["Range: bytes=0-4".to_owned(), "If-Range: \"of another file\"".to_owned()];
    assert_eq!(whole_file(fixture, FILE, &exchange(port, "GET", &good, &if_range).unwrap()), Ok(()));
    let beyond = [format!("Range: bytes={}-", bytes.len())];
    let answer = exchange(port, "GET", &good, &beyond).expect("an answer");
    let size = format!("bytes */{}", bytes.len());
    assert_eq!((answer.status, answer.header("content-range")), (416, Some(size.as_str())));
}

/// While nobody can say whether a link is good, none is, and the answer is one after which clients try again.
pub(super) fn nothing_is_served_without_an_answer(fixture: &mut Fixture, port: u16) {
    let good = fixture.sign(FILE, 200);
    let answer = exchange(port, "GET", &good, &[]).expect("an answer");
    assert_eq!(whole_file(fixture, FILE, &answer), Ok(()));
    fixture.shop_mut().kill();
    for (method, headers) in [("GET", vec![]), ("HEAD", vec![]), ("GET", vec!["Range: bytes=0-9".to_owned()])]
    {
        let answer = exchange(port, method, &good, &headers).expect("an answer");
        assert_eq!(answer.status, 503, "{method} {headers:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("retry-after"), Some("30"));
        assert_eq!(answer.header("content-disposition"), None);
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        if method == "GET" {
            assert_eq!(answer.text(), "The link cannot be checked at the moment. Please try again later.\n");
        }
    }
    fixture.shop_mut().serve();
    let answer = exchange(port, "GET", &good, &[]).expect("an answer");
    assert_eq!(whole_file(fixture, FILE, &answer), Ok(()));
}

/// What people read, for each way of being refused.
pub(super) fn a_refusal_says_why(fixture: &Fixture, port: u16) {
    let text = |method: &str, target: &str| {
        let answer = exchange(port, method, target, &[]).expect("an answer");
        assert_eq!(refused(&answer), Ok(()), "{method} {target}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{method} {target}");
        answer.text().to_owned()
    };
    let good = fixture.sign(FILE, 200);
    assert_eq!(text("GET", &fixture.sign(FILE, -1)), "Refused (expired): the link has expired.\n");
    assert_eq!(
        text("GET", &good.replace("1.1.0", "1.0.0")),
        "Refused (signature): the signature was not made for this link by a key that this server trusts.\n"
    );
    let plain = "Refused: this is no signed link to a file.\n";
    assert_eq!(text("POST", &good), plain);
    assert_eq!(text("GET", "/elsewhere"), plain);
    // A good link to what is not there is no refusal, and no cache may keep that either.
    let answer = exchange(port, "GET", &fixture.sign("/protected/not/there.zip", 200), &[]).unwrap();
    assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")));
    assert_eq!(answer.text(), "The link is good, but the file is not here.\n");
    assert_eq!((answer.header("content-disposition"), answer.header("etag")), (None, None));
}

/// A signature is a permission until its link expires, so no log of a proxy holds one, wherever in a request it was and
/// whatever came of it. `logs` gives all that was logged of requests with this `host`.
pub(super) fn no_log_holds_a_signature(
    fixture: &mut Fixture,
    port: u16,
    host: &str,
    logs: impl Fn() -> String,
) {
    let good = fixture.sign(FILE, 200);
    let signature = good.split_once("&Signature=").unwrap().1.to_owned();
    let send = |method: &str, target: &str, headers: &[String]| {
        let host = [format!("Host: {host}")];
        let _ = exchange(port, method, target, &[&host, headers].concat());
    };
    let ask = |target: &str, headers: &[String]| send("GET", target, headers);
    ask(&good, &[]);
    ask(&good.replace("1.1.0", "1.0.0"), &[]);
    ask(&good.replace("1.1.0", "9.9.9"), &[]);
    ask(&fixture.sign("/protected/not/there.zip", 200), &[]);
    ask(OTHER_FILE, &HEADERS.map(|header| format!("{header}: {good}")));
    ask(&good, &["Referer: http://packages.shop.test".to_owned() + &good]);
    ask(&good, &["Range: bytes=9999999-".to_owned()]);
    ask(&good.replace("/protected", "/elsewhere"), &[]);
    // The query, mangled into the path.
    for mark in ["%3F", "x", "/", ";", "%253F", "#", "%00?"] {
        ask(&good.replace('?', mark), &[]);
    }
    send("POST", &good, &["Content-Length: 0".to_owned()]);
    fixture.shop_mut().kill();
    // What goes wrong may be logged elsewhere and in other words.
    ask(&good, &["Referer: http://packages.shop.test".to_owned() + &good]);
    ask("/last", &[]);
    wait_for("the last line of the log", || logs().contains("/last"));
    let logs = logs();
    assert!(logs.matches(FILE).count() >= 5, "{logs}");
    for secret in [signature.as_str(), "Signature=", "Expires="] {
        assert!(!logs.contains(secret), "{logs}");
    }
}

/// What is in a body is no request, whatever comes of the one that it belongs to. `logs` gives all that was logged of requests with
/// this `host`.
pub(super) fn no_body_is_taken_for_a_request(
    fixture: &Fixture,
    port: u16,
    host: &str,
    logs: impl Fn() -> String,
) {
    let inner = format!("GET /inner HTTP/1.1\r\nHost: {host}\r\n\r\n");
    // The head ends within a line, and what the client ends its head with ends the second request.
    let body = format!("{inner}GET /second HTTP/1.1\r\nHost: {host}\r\nConnection: close");
    for framing in [
        format!("Content-Length: {}\r\n\r\n{body}", inner.len()),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{inner}\r\n0\r\n\r\n{}",
            inner.len(),
            &body[inner.len()..]
        ),
    ] {
        let headers = [format!("Host: {host}"), "Connection: keep-alive".to_owned(), framing];
        for method in ["GET", "HEAD", "POST"] {
            for target in [&fixture.sign(FILE, 200), FILE] {
                let answer = exchange(port, method, target, &headers).expect("an answer");
                assert!([200, 403].contains(&answer.status), "{method} {target}: {}", answer.status);
            }
        }
    }
    // A server may close the connection instead of answering a request behind a body.
    let last = [format!("Host: {host}")];
    assert_eq!(refused(&exchange(port, "GET", "/last", &last).expect("an answer")), Ok(()));
    wait_for("the last line of the log", || logs().contains("/last"));
    assert!(!logs().contains("/inner"), "{}", logs());
}

/// The blocks of code in one language that a generated page shows.
pub(super) fn blocks(folder: &Path, language: &str) -> Vec<String> {
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let begin = format!("```{language}\n");
    page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// What lies in a storage is served like files of the edge's own, and the storage learns of no link.
pub(super) fn a_storage_is_as_good_as_a_disk(fixture: &Fixture, port: u16, storage: &Recorder) {
    let good = fixture.sign(FILE, 200);
    let line = format!("X-Original-URI: {good}");
    for target in [FILE, &good.replace("1.1.0", "1.0.0"), &fixture.sign(FILE, -1)] {
        let answer = exchange(port, "GET", target, std::slice::from_ref(&line)).expect("an answer");
        assert_eq!(refused(&answer), Ok(()), "{target}");
    }
    assert_eq!(storage.heads(), Vec::<String>::new(), "nobody asks the storage for what is refused");
    let headers =
        ["Referer", "Cookie", "X-Forwarded-Uri", "X-Original-URI"].map(|name| format!("{name}: {good}"));
    let answer = exchange(port, "GET", &good, &headers).expect("an answer");
    assert_eq!(whole_file(fixture, FILE, &answer), Ok(()));
    assert_eq!(answer.header("set-cookie"), None);
    let heads = storage.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with(&format!("GET {FILE} HTTP/1.1\r\n")), "{heads:?}");
    assert!(!heads[0].contains("Signature"), "{heads:?}");
    let kept = [format!("If-None-Match: {ETAG}")];
    assert_eq!(exchange(port, "GET", &good, &kept).expect("an answer").status, 304);
    let answer =
        exchange(port, "GET", &fixture.sign("/protected/not/there.zip", 200), &[]).expect("an answer");
    assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")));
    assert_eq!(answer.header("content-disposition"), None);
    assert_eq!(answer.text(), "The link is good, but the file is not here.\n");
}
