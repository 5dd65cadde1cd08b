//! In front of a server that has the files.

use super::file_server::{self, MISBEHAVING};
use super::{Fixture, Runtime, Server};
use crate::edges::client::exchange;
use crate::edges::fixture::FILE;
use crate::edges::judge::judge_all;

/// The header that the origin wants to see.
const PASSWORD: &str = "Bearer correct-horse-battery-staple";

/// Starts the module of a fixture with variables.
fn start(runtime: Runtime, fixture: &Fixture, variables: &[&str]) -> Option<Server> {
    let installed = runtime.installed()?;
    let folder = fixture.generate("workers");
    Some(match runtime {
        Runtime::Workerd => installed.start_workerd(&folder, "origin.capnp", variables, &[]),
        Runtime::Deno => installed.start_deno(&folder, variables),
    })
}

fn judges_all(runtime: Runtime) {
    let fixture = Fixture::new();
    let origin = file_server::serve(fixture.root());
    let Some(edge) = start(runtime, &fixture, &[&file_server::variable(&origin)]) else { return };
    judge_all(&format!("{runtime:?}").to_lowercase(), &fixture, edge.port);
    // Whatever was asked of the edge: paths of links came through, and nothing else.
    for head in origin.heads() {
        let line = head.lines().next().unwrap();
        assert!(line.starts_with("GET /protected/") || line.starts_with("HEAD /protected/"), "{line}");
        assert!(!line.contains('?'), "{line}");
    }
}

#[test]
fn workerd_judges_requests_like_every_edge() {
    judges_all(Runtime::Workerd);
}

#[test]
fn deno_judges_requests_like_every_edge() {
    judges_all(Runtime::Deno);
}

/// Whether the origin hears of the client what it needs to, and its own password.
fn keeps_clients_apart(runtime: Runtime) {
    let fixture = Fixture::new();
    let origin = file_server::serve(fixture.root());
    let password = format!("ORIGIN_AUTHORIZATION={PASSWORD}");
    let Some(edge) = start(runtime, &fixture, &[&file_server::variable(&origin), &password]) else { return };
    let headers = [
        "Authorization: Basic YTpi",
        "Cookie: a=b",
        "User-Agent: Joomla!/5.3.4",
        "X-Forwarded-For: 192.0.2.1",
        "If-None-Match: \"2\"",
        "Range: bytes=0-99",
    ];
    let headers = headers.map(str::to_owned);
    let answer = exchange(edge.port, "GET", &fixture.sign(FILE, 200), &headers).unwrap();
    assert_eq!(answer.status, 206);
    // What the origin says to whom it takes for its client stays with the edge.
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("server"), None);
    let head = origin.heads().pop().unwrap().to_lowercase();
    assert!(head.starts_with(&format!("get {FILE} http/1.1\r\n")), "{head}");
    for sent in
        [&format!("authorization: {}", PASSWORD.to_lowercase()), "if-none-match: \"2\"", "range: bytes=0-99"]
    {
        assert_eq!(head.matches(&format!("\r\n{sent}\r\n")).count(), 1, "{sent}: {head}");
    }
    for kept in ["ytpi", "cookie", "joomla", "192.0.2.1", "expires", "signature"] {
        assert!(!head.contains(kept), "{kept}: {head}");
    }
    // What came with a password stays out of Cloudflare's cache, which is asked to by this header.
    let is_kept_out = head.contains("\r\ncache-control: no-cache\r\n");
    assert!(is_kept_out || runtime == Runtime::Deno, "{head}");
    // Several ranges would come in a body of parts, whose type a file has not.
    let answer =
        exchange(edge.port, "GET", &fixture.sign(FILE, 200), &["Range: bytes=0-1,4-5".to_owned()]).unwrap();
    assert_eq!((answer.status, &answer.body), (200, &fixture.bytes(FILE)));
    let answer =
        exchange(edge.port, "GET", &fixture.sign(FILE, 200), &["Range: bytes=999999-".to_owned()]).unwrap();
    assert_eq!((answer.status, answer.header("cache-control")), (416, Some("no-store")));
    assert!(!edge.log().contains("correct-horse"), "{}", edge.log());
}

#[test]
fn workerd_tells_the_origin_nothing_of_its_client() {
    keeps_clients_apart(Runtime::Workerd);
}

#[test]
fn deno_tells_the_origin_nothing_of_its_client() {
    keeps_clients_apart(Runtime::Deno);
}

/// Whether nothing but files comes from an origin.
fn passes_files_only(runtime: Runtime) {
    let fixture = Fixture::new();
    let origin = file_server::serve(fixture.root());
    let Some(edge) = start(runtime, &fixture, &[&file_server::variable(&origin)]) else { return };
    for (name, _) in MISBEHAVING {
        let target = fixture.sign(&format!("/protected/{name}.zip"), 200);
        let answer = exchange(edge.port, "GET", &target, &[]).unwrap();
        assert_eq!((answer.status, answer.text()), (502, "The file cannot be read.\n"), "{name}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
    }
    let target = fixture.sign("/protected/missing.zip", 200);
    let answer = exchange(edge.port, "GET", &target, &[]).unwrap();
    assert_eq!((answer.status, answer.text()), (404, "There is no such file.\n"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let log = edge.log();
    assert!(log.contains("bandari-edge: the origin answers `/protected/moved.zip` with 302"), "{log}");
    assert!(!log.contains("Signature="), "{log}");
}

#[test]
fn workerd_passes_on_files_only() {
    passes_files_only(Runtime::Workerd);
}

#[test]
fn deno_passes_on_files_only() {
    passes_files_only(Runtime::Deno);
}

/// Whether what is wrong with the configuration is said in the log, and to no client.
fn names_what_is_wrong(runtime: Runtime) {
    let fixture = Fixture::new();
    for (variables, sentence) in [
        (&["A=b"][..], "neither a bucket `PACKAGES` nor an address `ORIGIN` is configured"),
        (
            &["ORIGIN=https://joe:secret@files.test"],
            "`ORIGIN` is no address such as `https://files.example.org`, without `/` at its end",
        ),
        (
            &["ORIGIN=https://files.test/"],
            "`ORIGIN` is no address such as `https://files.example.org`, without `/` at its end",
        ),
        (
            &["ORIGIN=https://files.test", "ORIGIN_AUTHORIZATION=Bearer secret\nX: y"],
            "`ORIGIN_AUTHORIZATION` is not one line of ASCII",
        ),
    ] {
        let Some(edge) = start(runtime, &fixture, variables) else { return };
        let answer = exchange(edge.port, "GET", &fixture.sign(FILE, 200), &[]).unwrap();
        assert_eq!((answer.status, answer.text()), (500, "This server is not configured.\n"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let log = edge.log();
        assert!(log.contains(&format!("bandari-edge: {sentence}")), "{log}");
        assert!(!log.contains("secret"), "{log}");
    }
}

#[test]
fn workerd_names_what_is_wrong_with_its_configuration() {
    names_what_is_wrong(Runtime::Workerd);
}

#[test]
fn deno_names_what_is_wrong_with_its_configuration() {
    names_what_is_wrong(Runtime::Deno);
}
