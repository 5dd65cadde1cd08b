//! A storage behind an edge: serves a folder by HTTP, with headers of its own that no customer should see.

use std::fs;
use std::path::Path;

use super::recorder::Recorder;

/// Of every file.
pub(super) const ETAG: &str = "\"kept\"";

/// Serves a folder.
pub(super) fn serve(folder: &Path) -> Recorder {
    let folder = folder.to_owned();
    Recorder::serve(move |head| answer(&folder, head))
}

fn answer(folder: &Path, head: &str) -> Vec<u8> {
    let target = head.split(' ').nth(1).unwrap_or_default();
    let is_kept = head.to_ascii_lowercase().contains(&format!("if-none-match: {ETAG}"));
    let (status, body) = match fs::read(folder.join(target.trim_start_matches('/'))) {
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
    [head.into_bytes(), body].concat()
}
