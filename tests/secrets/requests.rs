//! Requests of every kind, good and bad, each with as many secrets in it as fit.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use super::*;

/// Sends a request, each from another sender, so that no quota is used up; its answer holds these secrets at most.
pub(super) fn ask(run: &Run, method: &str, target: &str, headers: &[&str], body: &str, but: &[&str]) {
    let number = run.requests.fetch_add(1, Ordering::Relaxed);
    let sender = format!("X-Forwarded-For: 198.18.{}.{}", number / 256, number % 256);
    let headers = [headers, &[sender.as_str()]].concat();
    let answer = http::request(run.shop.port, method, target, &headers, body.as_bytes());
    let said = format!("{} {:?}\n{}", answer.status, answer.headers, String::from_utf8_lossy(&answer.body));
    run.planted.assert_none_but(but, &format!("the answer to {method} {target}"), said.as_bytes());
}

/// Gets a signed URL, whose signature is a secret from then on.
pub(super) fn plant_signature(run: &mut Run) {
    let answer = run.shop.get(&format!("/download/lighthouse_110?dlid={}", run.key));
    let location = answer.header("location").expect("a signed URL");
    run.planted.plant("a signature", location.split_once("Signature=").unwrap().1);
}

/// Every route, with good and with wrong credentials, in every place of a request.
pub(super) fn all(run: &Run) {
    for (key, email) in
        [(run.key.as_str(), ADA), (OPAQUE_KEY, ADA), (DOWNLOAD_ID, BOB), (GUESSED_KEY, STRANGER)]
    {
        let pair = format!("email={}&key={key}", email.replace('@', "%40"));
        for headers in [&[][..], &["Accept: application/json"], &["User-Agent: Firefox", "Accept: text/html"]]
        {
            for (target, method) in [
                (format!("/download/lighthouse_110?{pair}"), "GET"),
                (format!("/download/dockyard_100?{pair}"), "GET"),
                (format!("/download/{key}/{email}"), "GET"),
                (format!("/check/lighthouse?{pair}"), "GET"),
                (format!("/check/{key}"), "GET"),
                (format!("/check?id=lighthouse&{pair}"), "GET"),
                (format!("/check?id={key}&{pair}"), "GET"),
                (format!("/check/download/lighthouse_110/x.zip?{pair}"), "GET"),
                (format!("/check/download/dockyard_200?{pair}"), "GET"),
                (format!("/check/download/{key}/{email}"), "GET"),
                (format!("/check/get/release/download/{key}?{pair}"), "GET"),
                (format!("/check/post/release/{key}/{email}"), "GET"),
                (format!("/check/?action=get&module=release&resource=download&id={key}&{pair}"), "GET"),
                (
                    format!("/check/download/lighthouse_110?{pair}&joomla={key}&php={key}&extension={email}"),
                    "GET",
                ),
                (format!("/send-key/{key}?{pair}"), "GET"),
                (format!("/send-key?id={key}&{pair}"), "GET"),
                (format!("/send-key/lighthouse?dlid={key}"), "GET"),
                (format!("/send-key/lighthouse?{pair}"), "DELETE"),
                (format!("/post/release/validate/lighthouse?{pair}"), "GET"),
                (format!("/post/release/verify/lighthouse_110?{pair}"), "GET"),
                (format!("/post/release/download/lighthouse_110?{pair}"), "GET"),
                (format!("/post/release/{key}/{email}"), "GET"),
                (format!("/?action=post&module=release&resource=validate&id={key}&{pair}"), "GET"),
                (format!("/{key}/{email}?{pair}"), "GET"),
                (format!("/download/lighthouse_110?{pair}"), "DELETE"),
            ] {
                // The signature is what a good key is for.
                ask(run, method, &target, headers, "", &["a signature"]);
            }
        }
        let form = ["Content-Type: application/x-www-form-urlencoded"];
        ask(run, "POST", "/check/lighthouse", &form, &pair, &[]);
        ask(run, "POST", "/post/release/validate/lighthouse", &form, &format!("{pair}&%zz=%"), &[]);
        ask(run, "POST", "/check", &form, &format!("id=lighthouse&{pair}"), &[]);
        let versions = format!("joomla={key}&php={email}&extension={key}");
        ask(run, "POST", "/check/download/lighthouse_110", &form, &format!("{pair}&{versions}"), &[]);
        ask(run, "POST", &format!("/check/download/{key}"), &form, &format!("{pair}&{versions}"), &[]);
        for target in ["/check/lighthouse", "/send-key/lighthouse", "/download/lighthouse_110"] {
            ask(run, "POST", target, &["Content-Type: application/json"], &pair, &[]);
        }
        ask(run, "POST", "/send-key", &form, &format!("id={key}&{pair}"), &[]);
        ask(run, "POST", "/download/lighthouse_110", &form, &pair, &["a signature"]);
        in_headers(run, key, email);
    }
    use_edge(run);
}

fn in_headers(run: &Run, key: &str, email: &str) {
    for header in [
        format!("Authorization: Bearer {key}"),
        format!("Authorization: Basic {key}"),
        format!("X-Download-Key: {key}"),
        format!("Referer: https://{email}/?dlid={key}"),
        format!("Cookie: key={key}"),
        format!("Origin: https://{key}.example"),
        format!("Accept-Language: {key}"),
        format!("Range: bytes={key}"),
        format!("User-Agent: {email} {key}"),
        format!("X-Forwarded-For: {key}"),
        format!("{key}: {email}"),
    ] {
        for target in [
            "/download/lighthouse_110",
            "/check/lighthouse",
            "/send-key/lighthouse",
            "/index.html",
            "/nothing",
        ] {
            ask(run, "GET", target, &[&header], "", &["a signature"]);
        }
        ask(run, "OPTIONS", "/check/lighthouse", &[&header], "", &[]);
    }
}

/// A right password gives the pair of address and key, and nothing else does.
pub(super) fn log_in(run: &Run) {
    let pair = ["the address of Ada", "the name of Ada", "the key of Ada"];
    for (name, password) in [("ada", PASSWORD), ("ada", WRONG_PASSWORD), (STRANGER, WRONG_PASSWORD)] {
        let words = format!("username={name}&password={password}");
        let but = if password == PASSWORD { &pair[..] } else { &[] };
        ask(run, "GET", &format!("/post/release/keybyauth/lighthouse?{words}"), &[], "", but);
    }
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    let words = format!("username=ada&password={PASSWORD}");
    ask(run, "POST", "/post/release/keybyauth/lighthouse", &form, &words, &pair);
    let stranger = STRANGER.replace('@', "%40");
    ask(run, "GET", &format!("/post/release/keybyemail/lighthouse?email={stranger}"), &[], "", &[]);
    // The fourth of an address is refused.
    for headers in [&["Accept: text/html"][..], &["Accept: application/json"], &[]] {
        ask(run, "GET", &format!("/send-key/lighthouse?email={stranger}"), headers, "", &[]);
        ask(run, "POST", "/send-key", headers, &format!("id=lighthouse&email={stranger}"), &[]);
    }
}

/// The signed URL is good, spoiled, and in the wrong place.
fn use_edge(run: &Run) {
    let answer = run.shop.get(&format!("/download/lighthouse_110?dlid={}", run.key));
    // During an outage there is none: nothing is remembered in these shops for longer than a moment.
    let Some(location) = answer.header("location") else { return };
    let target = run.shop.target_of(location);
    for target in [
        target.to_owned(),
        format!("{target}&x"),
        target.replace("Expires=", "Expires=1"),
        target.replace("/protected/", "/protected/x"),
        target.replace("/protected/", "/files/"),
    ] {
        ask(run, "GET", &target, &[], "", &[]);
        ask(run, "GET", &target, &["Range: bytes=5-2"], "", &[]);
        ask(run, "GET", "/edge/verify", &[&format!("X-Original-URI: {target}")], "", &[]);
        ask(run, "GET", &format!("/edge/verify?{target}"), &[&format!("X-Original: {target}")], "", &[]);
    }
}

/// What is no request at all, or too much of one.
pub(super) fn malformed(run: &Run) {
    let (key, signature) = (&run.key, "x".repeat(20_000));
    for bytes in [
        format!("GET /download/lighthouse_110?dlid={key} HTTP/9.9\r\n\r\n"),
        format!("GET /download/lighthouse_110?dlid=\"{key}\" HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /check/lighthouse?dlid={key} HTTP/1.1\r\nbad header {PASSWORD}\r\n\r\n"),
        format!("GET /check/lighthouse?dlid={key} HTTP/1.1\r\nX-Long: {key}{signature}\r\n\r\n"),
        format!("GET /check/lighthouse?dlid={key}{signature} HTTP/1.1\r\n\r\n"),
        format!("{key} / HTTP/1.1\r\nHost: {key}\r\nConnection: close\r\n\r\n"),
        format!("POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nkey={key}"),
        format!("POST /check/lighthouse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{key}\r\n"),
        format!("GET /check/lighthouse?dlid={key} HTTP/1.1\r\nHost: x\r\nX-Part: {PASSWORD}"),
        format!("{key}{OPAQUE_KEY}\r\n\r\n"),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", run.shop.port)).unwrap();
        // The server may have closed already.
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        run.planted.assert_none_in("the answer to what is no request", &answer);
    }
}
