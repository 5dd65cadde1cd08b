//! A client that sends a request line byte for byte, and reads whatever an edge makes of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bandari_tests::http::Answer;

/// How long to wait for an edge that says nothing, on a machine that is busy with other tests.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends one request on a connection of its own; nothing when the edge closes it without an answer.
///
/// # Panics
/// When the edge does not listen, or says nothing for too long.
pub(super) fn exchange(port: u16, method: &str, target: &str, headers: &[String]) -> Option<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    if !headers.iter().any(|line| line.starts_with("Host:")) {
        head.push_str("Host: packages.shop.test\r\n");
    }
    if !headers.iter().any(|line| line.starts_with("Connection:")) {
        head.push_str("Connection: close\r\n");
    }
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    // An edge that has read enough may close before all was sent.
    let _ = stream.write_all(head.as_bytes());
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if bytes.is_empty() && error.kind() != std::io::ErrorKind::ConnectionReset => {
            panic!("`{method} {target}`: {error}")
        }
        _ => parse(&bytes),
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let mut answer = Answer { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = without_chunks(&answer.body);
    }
    Some(answer)
}

/// What chunks hold (RFC 9112, section 7.1).
///
/// # Panics
/// When they are cut off.
fn without_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    // The answer to HEAD has none.
    while !body.is_empty() {
        let end = body.windows(2).position(|two| two == b"\r\n").expect("the size of a chunk");
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    whole
}
