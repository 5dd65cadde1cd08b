//! A server that has the files, and misbehaves when it is asked for certain names.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::recorder::Recorder;

/// What the server answers to names that are no files of the catalog.
pub(super) const MISBEHAVING: [(&str, &str); 6] = [
    ("denied", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n"),
    ("moved", "HTTP/1.1 302 Found\r\nLocation: /protected/elsewhere.zip\r\nContent-Length: 0\r\n\r\n"),
    ("broken", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nsorry\n"),
    ("empty", "HTTP/1.1 204 No Content\r\n\r\n"),
    ("packed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\npacked\n"),
    ("hung-up", ""),
];

/// Serves a folder.
pub(super) fn serve(folder: PathBuf) -> Recorder {
    Recorder::serve(move |head| answer(&folder, head))
}

/// The variable by which an edge finds it.
pub(super) fn variable(server: &Recorder) -> String {
    format!("ORIGIN=http://127.0.0.1:{}", server.port)
}

fn answer(folder: &Path, head: &str) -> Vec<u8> {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let range = head.lines().find_map(|line| line.split_once("bytes=").map(|(_, range)| range));
    let name = path.rsplit('/').next().unwrap().trim_end_matches(".zip");
    match MISBEHAVING.iter().find(|(misbehaving, _)| *misbehaving == name) {
        Some((_, answer)) => answer.as_bytes().to_vec(),
        None => file(&folder.join(path.trim_start_matches('/')), method, range),
    }
}

fn file(file: &Path, method: &str, range: Option<&str>) -> Vec<u8> {
    let Ok(bytes) = fs::read(file) else {
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot here\n"
            .to_vec();
    };
    let size = bytes.len();
    let (first, last) = range.map_or((None, None), |range| {
        let (first, last) = range.split_once('-').unwrap();
        (first.parse::<usize>().ok(), last.parse::<usize>().ok())
    });
    let (start, end) = match (first, last) {
        (Some(first), last) => (first, last.map_or(size, |last| size.min(last + 1))),
        (None, Some(length)) => (size - length, size),
        (None, None) => (0, size),
    };
    let headers = "Set-Cookie: visitor=1\r\nServer: origin\r\nCache-Control: public\r\nETag: \"1\"\r\nConnection: close\r\n";
    if start >= end {
        let head = format!(
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{size}\r\nContent-Length: 0\r\n"
        );
        return format!("{head}{headers}\r\n").into_bytes();
    }
    let status = match range {
        None => "200 OK\r\n".to_owned(),
        Some(_) => format!("206 Partial Content\r\nContent-Range: bytes {start}-{}/{size}\r\n", end - 1),
    };
    let mut answer =
        format!("HTTP/1.1 {status}Content-Length: {}\r\n{headers}\r\n", end - start).into_bytes();
    if method == "GET" {
        answer.extend(&bytes[start..end]);
    }
    answer
}
