//! A client that sends a request line byte for byte, and reads whatever an edge makes of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bandari_tests::http::Answer;

/// How long to wait for an edge that says nothing, on a machine that is busy with other tests.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends one request on a connection of its own; nothing when the edge closes it without an answer.
///
/// # Panics
/// When the edge does not listen, or says nothing for too long.
pub(super) fn exchange(port: u16, method: &str, target: &str, headers: &[String]) -> Option<Answer> {
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
    exchange_text(port, &head)
}

/// Sends a text as it is, and gives the first answer; nothing when the edge closes the connection without one.
///
/// # Panics
/// Likewise.
pub(super) fn exchange_text(port: u16, text: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    // An edge that has read enough may close before all was sent.
    let _ = stream.write_all(text.as_bytes());
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if bytes.is_empty() && error.kind() != std::io::ErrorKind::ConnectionReset => {
            panic!("{}: {error}", text.lines().next().unwrap_or_default())
        }
        _ => parse(&bytes),
    }
}

/// The same by TLS, for a GET; nothing without a handshake. The authority is a file of PEM, `verify` an option of `openssl s_client`
/// and its value that say for whom the certificate has to be.
pub(super) fn exchange_by_tls(
    port: u16,
    authority: &Path,
    verify: [&str; 2],
    target: &str,
) -> Option<Answer> {
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_return_error", "-servername", "packages.shop.test"])
        .args(verify)
        .arg("-CAfile")
        .arg(authority)
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    // It may have ended, for want of a handshake. Its input is held open until there is an answer.
    let _ = write!(input, "GET {target} HTTP/1.1\r\nHost: packages.shop.test\r\nConnection: close\r\n\r\n");
    let output = client.wait_with_output().unwrap().stdout;
    drop(input);
    parse(&output)
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
