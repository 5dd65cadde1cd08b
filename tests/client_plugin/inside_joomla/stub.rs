//! A server in place of the validator, which keeps what it is asked and answers what it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long a connection that nobody closes is held open.
const HELD: Duration = Duration::from_secs(30);

/// What is done with a connection once the request (all bytes of it) is there.
type Behavior = dyn Fn(&str, &mut TcpStream) + Send + Sync;

pub(super) struct Stub {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    pub(super) fn behaving(behavior: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, behavior): (_, Arc<Behavior>) = (Arc::clone(&requests), Arc::new(behavior));
        thread::spawn(move || {
            for mut connection in listener.incoming().map_while(Result::ok) {
                let (kept, behavior) = (Arc::clone(&kept), Arc::clone(&behavior));
                thread::spawn(move || {
                    let request = read(&mut connection);
                    kept.lock().unwrap().push(request.clone());
                    behavior(&request, &mut connection);
                });
            }
        });
        Self { port, requests }
    }

    /// Answers every check with these bytes, and every download with a package.
    pub(super) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::behaving(move |request, connection| {
            let package = reply("200 OK", "application/zip", "PK");
            let bytes = if request.starts_with("POST /check/") { &answer } else { &package };
            // Whoever has heard enough goes.
            let _ = connection.write_all(bytes);
        })
    }

    /// Answers a question without a key with the first JSON, one with a key with the second.
    pub(super) fn telling(without_key: &Value, with_key: &Value) -> Self {
        let answers = [without_key, with_key].map(json_reply);
        Self::behaving(move |request, connection| {
            let package = reply("200 OK", "application/zip", "PK");
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            let bytes = match head.starts_with("POST /check/") {
                true => &answers[usize::from(body.contains("dlid="))],
                false => &package,
            };
            let _ = connection.write_all(bytes);
        })
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far, byte for byte, in the order of their coming.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Waits until the other end has gone.
pub(super) fn hold(connection: &mut TcpStream) {
    connection.set_read_timeout(Some(HELD)).unwrap();
    let _ = connection.read(&mut [0; 1]);
}

pub(super) fn reply(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n");
    format!("{head}Connection: close\r\n\r\n{body}").into_bytes()
}

pub(super) fn json_reply(body: &Value) -> Vec<u8> {
    reply("200 OK", "application/json; charset=utf-8", &body.to_string())
}

fn read(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text.into_owned();
            }
        }
        match connection.read(&mut piece) {
            Ok(0) => return text.into_owned(),
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return text.into_owned(),
        }
    }
}
