//! A storage behind an edge: serves a folder by HTTP, with headers of its own that no customer should see.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

/// Of every file.
pub(super) const ETAG: &str = "\"kept\"";

/// A storage that runs until the test ends.
pub(super) struct Storage {
    /// Where it listens, on 127.0.0.1.
    pub(super) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Storage {
    pub(super) fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (folder, seen) = (folder.to_owned(), Arc::clone(&heads));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (folder, seen) = (folder.clone(), Arc::clone(&seen));
                thread::spawn(move || answer(&connection.unwrap(), &folder, &seen));
            }
        });
        Self { port, heads }
    }

    /// The heads of all requests until now.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Answers one request.
fn answer(mut connection: &TcpStream, folder: &Path, seen: &Mutex<Vec<String>>) {
    let mut head = String::new();
    let mut lines = BufReader::new(connection).lines();
    while let Some(Ok(line)) = lines.next().filter(|line| line.as_ref().is_ok_and(|line| !line.is_empty())) {
        head.push_str(&line);
        head.push('\n');
    }
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(head.clone());
    let file: PathBuf = folder.join(target.trim_start_matches('/'));
    let is_kept = head.to_ascii_lowercase().contains(&format!("if-none-match: {ETAG}"));
    let (status, body) = match fs::read(file) {
        Ok(_) if is_kept => ("304 Not Modified", Vec::new()),
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", b"<html>of the storage</html>".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\nContent-Type: text/html\r\n\
         Content-Disposition: inline\r\nCache-Control: no-store\r\nSet-Cookie: a=b\r\nVary: *\r\n\
         Referrer-Policy: unsafe-url\r\nETag: {ETAG}\r\n\r\n",
        body.len()
    );
    // A client may have gone.
    let _ = connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(&body));
}
