//! A server of HTTP behind an edge, which keeps what it was asked and answers as a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server that runs until the test ends.
pub(super) struct Recorder {
    /// Where it listens, on 127.0.0.1.
    pub(super) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// Answers each request with the bytes that `answer` makes of its head, and closes the connection.
    pub(super) fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&heads), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || {
                    let connection = connection.unwrap();
                    let Some(head) = read_head(&connection) else { return };
                    kept.lock().unwrap().push(head.clone());
                    // An edge that has enough may have closed.
                    let _ = (&connection).write_all(&answer(&head));
                });
            }
        });
        Self { port, heads }
    }

    /// The heads of all requests until now, each with its empty line.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Nothing when the connection ends before its head.
fn read_head(connection: &TcpStream) -> Option<String> {
    let (mut head, mut reader) = (String::new(), BufReader::new(connection));
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or_default() == 0 {
            return None;
        }
    }
    Some(head)
}
