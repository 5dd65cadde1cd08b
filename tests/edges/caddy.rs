//! Caddy that asks the validator, with the files that `bandari-validator edge caddy` writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandari_tests::ports::free_port;
use bandari_tests::shop::KEY_SET;
use bandari_tests::skipping::skip;
use bandari_tests::smtp::wait_for;

use super::asking;
use super::client::{exchange, exchange_by_tls, exchange_text};
use super::fixture::{BASE, FILE, Fixture, unix_seconds};
use super::judge::{judge_all, refused, whole_file};
use super::storage;
use bandari_tests::server::{Server, installed, replaced};

/// Where Caddy keeps what it wants to remember.
const HOMES: [&str; 3] = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"];

/// The generated file with the folders and the address of administration of this test.
fn in_folder(fixture: &Fixture, folder: &Path) -> String {
    let site = fs::read_to_string(fixture.generate("caddy").join("Caddyfile")).unwrap();
    let site = replaced(&site, "/srv/bandari", fixture.root().to_str().unwrap());
    let site = replaced(&site, "/var/log/caddy", folder.to_str().unwrap());
    replaced(&site, "admin localhost:2019", &format!("admin localhost:{}", free_port()))
}

/// The same with this test's port.
fn on_port(site: &str, port: u16) -> String {
    let site = replaced(site, "http://packages.shop.test {", &format!("http://packages.shop.test:{port} {{"));
    replaced(&site, "\nhttp://:80 {", &format!("\nhttp://:{port} {{"))
}

fn scratch(fixture: &Fixture) -> PathBuf {
    let folder = fixture.shop().path("caddy");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Starts Caddy with a Caddyfile.
fn start(folder: &Path, site: &str, port: u16) -> Option<Server> {
    let Some(program) = installed("caddy") else {
        skip("caddy");
        return None;
    };
    fs::write(folder.join("Caddyfile"), site).unwrap();
    let mut arguments: Vec<String> =
        HOMES.iter().map(|home| format!("{home}={}", folder.display())).collect();
    arguments.push(program.display().to_string());
    arguments.extend(["run", "--config"].map(str::to_owned));
    arguments.push(folder.join("Caddyfile").display().to_string());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Some(Server::start(port, &folder.join("output"), "env", &arguments))
}

/// With a validator that runs, and Caddy in front of the files.
fn edge() -> Option<(Fixture, Server)> {
    edge_with("X-Original-URI")
}

/// The same with this header in `[edge_verify]`.
fn edge_with(header: &str) -> Option<(Fixture, Server)> {
    let mut fixture = Fixture::new();
    fixture.shop().reconfigure("header = 'X-Original-URI'", &format!("header = '{header}'"));
    fixture.shop_mut().serve();
    let (folder, port) = (scratch(&fixture), free_port());
    let site = on_port(&in_folder(&fixture, &folder), port);
    let server = start(&folder, &site, port)?;
    Some((fixture, server))
}

#[test]
fn caddy_judges_every_request_as_it_has_to() {
    let Some((fixture, server)) = edge() else { return };
    judge_all("caddy", &fixture, server.port);
}

#[test]
fn no_header_opens_another_file_behind_caddy() {
    for header in ["X-Forwarded-Uri", "Bandari-Target"] {
        let Some((fixture, server)) = edge_with(header) else { return };
        asking::no_header_opens_another_file(&fixture, server.port);
    }
    let Some((fixture, server)) = edge() else { return };
    asking::no_header_opens_another_file(&fixture, server.port);
    asking::conditions_open_nothing(&fixture, server.port);
}

#[test]
fn caddy_says_why_it_refuses_and_serves_nothing_while_it_cannot_ask() {
    let Some((mut fixture, server)) = edge() else { return };
    asking::a_refusal_says_why(&fixture, server.port);
    asking::nothing_is_served_without_an_answer(&mut fixture, server.port);
}

#[test]
fn no_log_of_caddy_holds_a_signature() {
    let Some((mut fixture, server)) = edge() else { return };
    let folder = scratch(&fixture);
    let logs = || {
        ["output", "bandari-edge.log"]
            .map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default())
            .concat()
    };
    // The log is of requests with the site's own address, port included.
    let host = format!("packages.shop.test:{}", server.port);
    asking::no_log_holds_a_signature(&mut fixture, server.port, &host, logs);
    drop(server);
}

#[test]
fn caddy_takes_no_body_for_a_request() {
    let Some((fixture, server)) = edge() else { return };
    let log = scratch(&fixture).join("bandari-edge.log");
    let host = format!("packages.shop.test:{}", server.port);
    asking::no_body_is_taken_for_a_request(&fixture, server.port, &host, || {
        fs::read_to_string(&log).unwrap_or_default()
    });
}

/// By itself Caddy answers such a request with an empty 200.
#[test]
fn another_host_is_refused_by_caddy() {
    let Some((fixture, server)) = edge() else { return };
    let good = fixture.sign(FILE, 200);
    for host in ["elsewhere.test", "127.0.0.1", "packages.shop.test.elsewhere.test"] {
        let answer = exchange(server.port, "GET", &good, &[format!("Host: {host}")]).expect("an answer");
        assert_eq!(refused(&answer), Ok(()), "{host}");
    }
}

/// By itself Caddy waits for the rest of a request for ever.
#[test]
fn caddy_lets_go_whoever_does_not_end_a_request() {
    let mut fixture = Fixture::new();
    fixture.shop_mut().serve();
    let (folder, port) = (scratch(&fixture), free_port());
    let site = on_port(&in_folder(&fixture, &folder), port);
    let site = replaced(&site, "read_header 10s", "read_header 1s");
    let site = replaced(&site, "read_body 10s", "read_body 1s");
    let Some(server) = start(&folder, &site, port) else { return };
    let body = ["Content-Length: 10".to_owned()];
    let answer = exchange(server.port, "GET", &fixture.sign(FILE, 200), &body).expect("an answer");
    assert_eq!(whole_file(&fixture, FILE, &answer), Ok(()));
    assert_eq!(refused(&exchange(server.port, "GET", FILE, &body).expect("an answer")), Ok(()));
    // A head of which the last line does not end: there is no answer to it.
    assert!(exchange_text(server.port, "GET / HTTP/1.1\r\nHost: pack").is_none());
}

/// Whoever follows a link by http instead of https is sent on, to the whole link.
#[test]
fn caddy_serves_by_tls_where_links_begin_with_https_and_logs_no_link() {
    let mut fixture = Fixture::with_base("https://packages.shop.test");
    fixture.shop_mut().serve();
    let (folder, port, plain_port) = (scratch(&fixture), free_port(), free_port());
    let site = replaced(&in_folder(&fixture, &folder), "https://:443 {", &format!("https://:{port} {{"));
    let ports =
        format!("\tlocal_certs\n\tskip_install_trust\n\thttps_port {port}\n\thttp_port {plain_port}\n");
    let site = site.replacen("{\n", &format!("{{\n{ports}"), 1);
    let Some(server) = start(&folder, &site, port) else { return };
    let authority = folder.join("caddy/pki/authorities/local/root.crt");
    let by_tls =
        |target: &str| exchange_by_tls(port, &authority, ["-verify_hostname", "packages.shop.test"], target);
    // Caddy makes its certificate when it listens already.
    wait_for("a certificate", || by_tls("/").is_some());
    let query = format!("{FILE}?Expires={}&KeyName={KEY_SET}", unix_seconds() + 200);
    let good = fixture.sign_text(0, "https://packages.shop.test", &query);
    assert_eq!(whole_file(&fixture, FILE, &by_tls(&good).expect("an answer")), Ok(()));
    let of_http = fixture.sign_text(0, BASE, &query);
    assert_eq!(refused(&by_tls(&of_http).expect("an answer")), Ok(()));
    let moved = exchange(plain_port, "GET", &good, &[]).expect("an answer");
    assert_eq!(moved.status, 308);
    assert!(moved.header("location").is_some_and(|location| location.ends_with(&good)));
    let logs = || fs::read_to_string(folder.join("bandari-edge.log")).unwrap_or_default() + &server.log();
    // Caddy may log an answer after its client has it.
    wait_for("the line of the log", || logs().contains("\"status\":308"));
    assert!(!logs().contains("Signature="), "{}", logs());
}

/// With the block of the page in its place.
#[test]
fn caddy_serves_what_a_storage_has() {
    let mut fixture = Fixture::new();
    fixture.shop_mut().serve();
    let (folder, port, storage) = (scratch(&fixture), free_port(), storage::serve(&fixture.root()));
    let site = on_port(&in_folder(&fixture, &folder), port);
    let [proxy] = asking::blocks(&fixture.shop().path("edge/caddy"), "caddy").try_into().unwrap();
    let proxy = replaced(&proxy, "10.0.0.5:9000", &format!("127.0.0.1:{}", storage.port));
    let (before, rest) = site.split_once("\t\t\troot * ").unwrap();
    let (_, behind) = rest.split_once("\n\t\t\t}\n").unwrap();
    let Some(server) = start(&folder, &format!("{before}{}{behind}", proxy.trim_start()), port) else {
        return;
    };
    asking::a_storage_is_as_good_as_a_disk(&fixture, server.port, &storage);
}

#[test]
fn caddy_takes_the_generated_file_with_tls() {
    let Some(program) = installed("caddy") else { return skip("caddy") };
    let fixture = Fixture::with_base("https://packages.shop.test");
    let folder = scratch(&fixture);
    let site = in_folder(&fixture, &folder);
    for line in ["https://packages.shop.test {", "https://:443 {"] {
        assert!(site.contains(line), "{site}");
    }
    fs::write(folder.join("Caddyfile"), site).unwrap();
    let run = |arguments: &[&str]| {
        let mut caddy = Command::new(&program);
        caddy.args(arguments).arg(folder.join("Caddyfile")).envs(HOMES.map(|home| (home, &folder)));
        caddy.output().unwrap()
    };
    for arguments in [["validate", "--config"].as_slice(), &["adapt", "--validate", "--config"]] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("not formatted"), "{said}");
    }
}
