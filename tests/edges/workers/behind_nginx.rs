//! Deno between two servers of nginx, one that speaks to clients and one that has the files, as README.md tells.

use std::fs;

use bandari_tests::ports::free_port;

use super::{Fixture, Runtime, replaced};
use crate::edges::judge::judge_cases;
use crate::edges::nginx_server::Nginx;

#[test]
fn deno_behind_nginx_judges_requests_like_every_edge_and_no_log_has_a_signature() {
    let Some(deno) = Runtime::Deno.installed() else { return };
    let fixture = Fixture::new();
    let folder = fixture.generate("workers");
    let (port, files) = (free_port(), free_port());
    let edge = deno.start_deno(&folder, &[&format!("ORIGIN=http://127.0.0.1:{files}")]);
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let begin = page.find("        map $request_uri").expect("a configuration for nginx");
    let lines = page[begin..].lines().take_while(|line| line.starts_with("        "));
    let http = [
        ("127.0.0.1:8001".to_owned(), format!("127.0.0.1:{files}")),
        ("127.0.0.1:8000".to_owned(), format!("127.0.0.1:{}", edge.port)),
        ("listen 80;".to_owned(), format!("listen 127.0.0.1:{port};")),
        ("listen [::]:80;".to_owned(), String::new()),
        ("/srv/bandari".to_owned(), fixture.root().display().to_string()),
        ("/var/log/nginx".to_owned(), folder.display().to_string()),
    ]
    .iter()
    .fold(lines.collect::<Vec<_>>().join("\n"), |text, (from, to)| replaced(&text, from, to));
    let Some(nginx) = Nginx::start(&folder, port, &http) else { return };
    judge_cases("deno-nginx", &fixture, nginx.port);
    let logs = nginx.logs();
    assert!(logs.contains(" GET /protected/"), "{logs}");
    assert!(!logs.contains("Signature"), "{logs}");
}
