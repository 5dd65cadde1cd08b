//! Whole connections: any bytes at all, as a client may send them. Each request gets one answer, none is an error of ours, and
//! nothing leaves that must not.

use std::convert::Infallible;
use std::sync::Mutex;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use bandari_validator::ReplyBody;

use crate::shop::{
    DERIVED_KEY, DOWNLOAD_ID, EXPIRED_KEY, LICENSED_CONTENT, MAIL_MARK, NOW, OPAQUE_KEY, ORIGIN, PASSWORD,
    SECRETS, Shop, verifier,
};

/// What is on its way at a time, in bytes.
const PIPE_BYTES: usize = 64 * 1024;

/// As the server has it.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Sends the bytes on a connection of their own and reads all answers.
///
/// # Panics
/// When something does not hold.
pub fn run(shop: &Shop, input: &[u8]) {
    let sent = Sent::of(input);
    let methods = Mutex::new(Vec::new());
    let output = shop.runtime.block_on(exchange(shop, input, &sent, &methods));
    assert_answers_fit(&methods.into_inner().expect("nobody panics with it"), &output);
    assert_tells_nothing(&sent, &String::from_utf8_lossy(&output));
}

/// Everything that was sent, as it came and decoded.
struct Sent(String);

impl Sent {
    fn of(input: &[u8]) -> Self {
        let decoded = percent_decode(input).decode_utf8_lossy();
        Self(format!("{}\n{decoded}", String::from_utf8_lossy(input)))
    }

    fn holds(&self, text: &str) -> bool {
        self.0.contains(text)
    }

    fn holds_key(&self) -> bool {
        // Case counts in keys of other systems only.
        let lower = self.0.to_ascii_lowercase();
        [OPAQUE_KEY, EXPIRED_KEY].into_iter().any(|key| self.holds(key))
            || [DERIVED_KEY, DOWNLOAD_ID].into_iter().any(|key| lower.contains(key))
    }
}

/// Gives all that came back.
async fn exchange(shop: &Shop, input: &[u8], sent: &Sent, methods: &Mutex<Vec<Method>>) -> Vec<u8> {
    let (client, server) = tokio::io::duplex(PIPE_BYTES);
    let peer = shop.next_peer();
    let service = service_fn(async |request: Request<Incoming>| {
        methods.lock().expect("nobody panics with it").push(request.method().clone());
        let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let target = request.uri().to_string();
        let (head, body) = request.into_parts();
        let reply = bandari_validator::respond(&shop.app, &head, body, peer, NOW).await;
        // What comes in chunks may hold a key that stands nowhere in one piece.
        assert_may_be_answered(&reply.response, &target, is_chunked || sent.holds_key());
        Ok::<_, Infallible>(reply.response)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .half_close(true)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(server), service);
    let (mut answers, mut requests) = tokio::io::split(client);
    let send = async {
        // A server that has read enough closes the connection.
        let _ = requests.write_all(input).await;
        let _ = requests.shutdown().await;
    };
    let mut output = Vec::new();
    let (_, (), read) = tokio::join!(connection, send, answers.read_to_end(&mut output));
    read.expect("a pipe breaks never");
    output
}

fn assert_may_be_answered(response: &Response<ReplyBody>, target: &str, has_key: bool) {
    let status = response.status();
    assert!(!status.is_server_error(), "{status} for {target}");
    let Some(location) = response.headers().get(header::LOCATION) else { return };
    let location = location.to_str().expect("addresses are ASCII");
    // Nothing of a request decides where its client is sent.
    let Some(path) = location.strip_prefix(ORIGIN) else {
        assert!(["files/", "kit/"].contains(&location), "sent away to {location}");
        return;
    };
    if path.starts_with("/protected/") {
        assert!(has_key, "{target} is opened without a key");
        assert!(verifier().verify("GET", path, NOW).is_ok(), "a link that opens nothing: {location}");
    } else {
        assert_eq!(path, "/files/kit/kit-1.0.0.zip", "sent to what is not offered");
    }
}

/// Behind each other stand the answers to all requests that were read, and perhaps one to what was none.
fn assert_answers_fit(methods: &[Method], output: &[u8]) {
    let mut rest = output;
    for method in methods {
        // A connection that ends early owes nothing more.
        if rest.is_empty() {
            return;
        }
        rest = behind_answer(rest, method == Method::HEAD);
    }
    if !rest.is_empty() {
        assert!(
            rest.starts_with(b"HTTP/1.1 4") || rest.starts_with(b"HTTP/1.0 4"),
            "more answers than requests"
        );
        assert!(behind_answer(rest, false).is_empty(), "more answers than requests");
    }
}

/// What follows the first answer.
fn behind_answer(output: &[u8], is_of_head: bool) -> &[u8] {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head") + 4;
    let head = std::str::from_utf8(&output[..end]).expect("heads are ASCII").to_ascii_lowercase();
    let status = head.get(9..12).expect("a status");
    assert!(head.starts_with("http/1.") && !status.starts_with('5'), "{head}");
    if status == "100" {
        return behind_answer(&output[end..], is_of_head);
    }
    let length = head.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length = length.map_or(0, |length| length.parse().expect("a length"));
    assert!(!head.contains("\r\ntransfer-encoding:"), "every answer knows its length: {head}");
    let has_body = !is_of_head && status != "304" && status != "204";
    &output[end + if has_body { length } else { 0 }..]
}

fn assert_tells_nothing(sent: &Sent, output: &str) {
    for secret in SECRETS {
        assert!(!output.contains(secret), "an answer tells a secret");
    }
    let is_login = sent.holds(PASSWORD) || sent.holds("correct+horse");
    assert!(
        is_login || sent.holds(MAIL_MARK) || !output.contains(MAIL_MARK),
        "an answer tells a mail address"
    );
    for key in [DERIVED_KEY, OPAQUE_KEY, EXPIRED_KEY] {
        assert!(is_login || sent.holds(key) || !output.contains(key), "an answer tells a key");
    }
    assert!(
        sent.holds("&Signature=") || !output.contains(LICENSED_CONTENT),
        "a file is opened without a signature"
    );
}
