//! An HTTP client that sends exactly the request target it is told to, since what is tested is often what other clients
//! would put in order first.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a Joomla 5.3.4 calls itself.
pub const JOOMLA: &str = "Mozilla/5.0 Joomla!/5.3.4 Joomla";

/// How long to wait for a server that says nothing.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in the order of their coming.
    pub headers: Vec<(String, String)>,
    /// Everything behind the head.
    pub body: Vec<u8>,
}

impl Answer {
    /// The one header of that name; nothing when it is absent.
    ///
    /// # Panics
    /// When it came more than once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert!(values.next().is_none(), "`{name}` came twice");
        value
    }

    /// The headers without `date`, in which two answers that are alike may differ.
    #[must_use]
    pub fn headers_but_date(&self) -> Vec<(String, String)> {
        self.headers.iter().filter(|(name, _)| name != "date").cloned().collect()
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is no UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends `GET target` with further header lines, as a Joomla does.
#[must_use]
pub fn get(port: u16, target: &str, headers: &[&str]) -> Answer {
    request(port, "GET", target, headers, b"")
}

/// Sends any request on a connection of its own. What a Joomla says of itself is said unless `headers` say something else.
///
/// # Panics
/// When there is no answer.
#[must_use]
pub fn request(port: u16, method: &str, target: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    for (name, value) in [("User-Agent", JOOMLA), ("Accept", "*/*")] {
        if !headers.iter().any(|line| line.starts_with(&format!("{name}:"))) {
            lines.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Content-Length: {}\r\nConnection: close\r\n{lines}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head that ends");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    let answer = Answer { status, headers: lines.map(header).collect(), body: bytes[end + 4..].to_vec() };
    assert_eq!(answer.header("transfer-encoding"), None, "every answer says its length beforehand");
    answer
}
