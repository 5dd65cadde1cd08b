//! In front of a bucket of R2.

use std::fs;

use bandari_tests::http::{self, Answer};
use bandari_tests::ports::free_port;

use super::{Fixture, Runtime, Server};
use crate::edges::client::exchange;
use crate::edges::fixture::{FILE, OTHER_FILE};
use crate::edges::judge::judge_cases;
use crate::edges::links::{self, Files};

/// The workers of which miniflare makes a bucket.
const MINIFLARES: [&str; 4] = [
    "r2/bucket.worker.js",
    "shared/object-entry.worker.js",
    "shared/index.worker.js",
    "shared/zod.worker.js",
];

/// The worker, in front of a bucket with the licensed files of the fixture.
fn start(fixture: &Fixture) -> Option<Server> {
    let workerd = Runtime::Workerd.installed()?;
    let folder = fixture.generate("workers");
    for file in MINIFLARES {
        let from = workerd.miniflare().join(file);
        fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
    fs::write(folder.join("fill.js"), super::own("fill.js")).unwrap();
    let disk = folder.join("disk");
    fs::create_dir(&disk).unwrap();
    let (fill, disk) = (free_port(), format!("disk={}", disk.display()));
    let socket = format!("fill=127.0.0.1:{fill}");
    let arguments = ["--socket-addr", &socket, "--directory-path", &disk];
    let edge = workerd.start_workerd(&folder, "bucket.capnp", &[], &arguments);
    for path in [FILE, OTHER_FILE] {
        assert_eq!(http::request(fill, "PUT", path, &[], &fixture.bytes(path)).status, 200);
    }
    Some(edge)
}

#[test]
fn a_worker_in_front_of_a_bucket_judges_requests_like_every_edge() {
    let fixture = Fixture::new();
    let Some(edge) = start(&fixture) else { return };
    judge_cases("workerd-r2", &fixture, edge.port);
    links::judge(&fixture, edge.port, Files::OfTheCatalog);
}

#[test]
fn a_bucket_answers_conditions_and_ranges_as_http_has_them() {
    let fixture = Fixture::new();
    let Some(edge) = start(&fixture) else { return };
    let (target, bytes) = (fixture.sign(FILE, 200), fixture.bytes(FILE));
    let ask = |method: &str, headers: &[&str]| {
        let headers: Vec<String> = headers.iter().map(|line| (*line).to_owned()).collect();
        exchange(edge.port, method, &target, &headers).unwrap()
    };
    let is_part = |answer: &Answer, start: usize, end: usize| {
        let range = format!("bytes {start}-{}/{}", end - 1, bytes.len());
        answer.status == 206
            && answer.header("content-range") == Some(&range)
            && answer.header("content-length") == Some(&(end - start).to_string())
            && answer.body == bytes[start..end]
    };
    let whole = ask("GET", &[]);
    let etag = whole.header("etag").unwrap().to_owned();
    assert_eq!((whole.status, whole.header("accept-ranges")), (200, Some("bytes")));
    assert!(whole.header("last-modified").is_some_and(|time| time.ends_with(" GMT")));
    assert!(is_part(&ask("GET", &["Range: bytes=0-99"]), 0, 100));
    assert!(is_part(&ask("GET", &["Range: bytes=100-"]), 100, bytes.len()));
    assert!(is_part(&ask("GET", &["Range: bytes=100-999999"]), 100, bytes.len()));
    assert!(is_part(&ask("GET", &["Range: bytes=-10"]), bytes.len() - 10, bytes.len()));
    assert!(is_part(&ask("GET", &["Range: bytes=-999999"]), 0, bytes.len()));
    assert!(is_part(&ask("GET", &["Range: bytes=0-0", &format!("If-Range: {etag}")]), 0, 1));
    // What is no range, or several, or of another file, and what HEAD has no use for: the whole.
    for range in ["bytes=5-3", "bytes=-", "bytes=0-1,4-5", "bytes=a-b", "lines=0-1", "0-1"] {
        let answer = ask("GET", &[&format!("Range: {range}")]);
        assert_eq!((answer.status, &answer.body), (200, &bytes), "{range}");
    }
    assert_eq!(ask("GET", &["Range: bytes=0-0", "If-Range: \"other\""]).body, bytes);
    assert_eq!(ask("HEAD", &["Range: bytes=0-0"]).status, 200);
    for range in [format!("bytes={}-", bytes.len()), "bytes=-0".to_owned()] {
        let answer = ask("GET", &[&format!("Range: {range}")]);
        assert_eq!((answer.status, answer.body.len()), (416, 0), "{range}");
        assert_eq!(answer.header("content-range"), Some(format!("bytes */{}", bytes.len()).as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    // `*` is any file at all (RFC 9110, section 13.1.2).
    for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let answer = ask("GET", &[&format!("If-None-Match: {tags}")]);
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{tags}");
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
    }
    assert_eq!(ask("GET", &["If-None-Match: \"other\""]).status, 200);
}
