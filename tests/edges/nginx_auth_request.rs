//! nginx that asks the validator, with the files that `bandari-validator edge nginx-auth-request` writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandari_tests::certificate::ServerCertificate;
use bandari_tests::ports::free_port;
use bandari_tests::skipping::skip;

use super::asking;
use super::client::exchange;
use super::fixture::{FILE, Fixture};
use super::judge::{judge_all, refused, whole_file};
use super::storage;
use bandari_tests::server::{Server, installed, replaced};

/// What an nginx of our own needs around the generated file. One process: nobody is left when it is killed. It logs
/// everything that the generated file does not keep from it.
fn around(folder: &Path, site: &Path) -> String {
    let (folder, site) = (folder.display(), site.display());
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/main-error.log info; events {{}}\n\
         http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
         access_log {folder}/main-access.log; gzip on; sendfile on; types {{ application/zip zip; text/html html; }}\n\
         include {site}; }}\n"
    )
}

/// The generated file with the folders of this test.
fn in_folder(fixture: &Fixture, folder: &Path) -> String {
    let generated = fixture.generate("nginx-auth-request").join("bandari-edge.conf");
    let site = fs::read_to_string(generated).unwrap();
    let site = replaced(&site, "/srv/bandari", fixture.root().to_str().unwrap());
    replaced(&site, "/var/log/nginx", folder.to_str().unwrap())
}

/// The same with this test's port.
fn on_port(site: &str, port: u16) -> String {
    let site = replaced(site, "listen 80;", &format!("listen 127.0.0.1:{port};"));
    replaced(&site, "listen [::]:80;", "")
}

fn scratch(fixture: &Fixture) -> PathBuf {
    let folder = fixture.shop().path("nginx");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Starts nginx with a site's configuration.
fn start(folder: &Path, site: &str, port: u16) -> Option<Server> {
    let Some(program) = installed("nginx") else {
        skip("nginx");
        return None;
    };
    fs::write(folder.join("site.conf"), site).unwrap();
    fs::write(folder.join("nginx.conf"), around(folder, &folder.join("site.conf"))).unwrap();
    let (config, log) = (folder.join("nginx.conf"), folder.join("output"));
    let arguments = ["-c", config.to_str().unwrap(), "-e", "stderr"];
    Some(Server::start(port, &log, program, &arguments))
}

/// With a validator that runs, and nginx in front of the files.
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

/// All that nginx has logged.
fn logs(folder: &Path) -> String {
    ["output", "main-error.log", "main-access.log", "bandari-edge.log", "bandari-edge-error.log"]
        .map(|name| fs::read_to_string(folder.join(name)).unwrap())
        .concat()
}

#[test]
fn nginx_that_asks_judges_every_request_as_it_has_to() {
    let Some((fixture, server)) = edge() else { return };
    judge_all("nginx-auth-request", &fixture, server.port);
}

#[test]
fn no_header_opens_another_file_behind_nginx() {
    for header in ["X-Forwarded-Uri", "Bandari-Target"] {
        let Some((fixture, server)) = edge_with(header) else { return };
        asking::no_header_opens_another_file(&fixture, server.port);
    }
    let Some((fixture, server)) = edge() else { return };
    asking::no_header_opens_another_file(&fixture, server.port);
    asking::conditions_open_nothing(&fixture, server.port);
}

#[test]
fn nginx_says_why_it_refuses_and_serves_nothing_while_it_cannot_ask() {
    let Some((mut fixture, server)) = edge() else { return };
    asking::a_refusal_says_why(&fixture, server.port);
    asking::nothing_is_served_without_an_answer(&mut fixture, server.port);
}

/// Neither with a link nor without one, and nobody is told that a link is good.
#[test]
fn the_address_by_which_nginx_asks_is_not_for_clients() {
    let Some((fixture, server)) = edge() else { return };
    let query = fixture.sign(FILE, 200).replace(FILE, "");
    for target in ["/edge-verify".to_owned(), format!("/edge-verify{query}"), "/edge/verify".to_owned()] {
        let line = format!("X-Original-URI: {}", fixture.sign(FILE, 200));
        let answer = exchange(server.port, "GET", &target, &[line]).expect("an answer");
        assert_eq!(refused(&answer), Ok(()), "{target}");
        assert_eq!(answer.text(), "Refused: this is no signed link to a file.\n", "{target}");
    }
}

#[test]
fn no_log_of_nginx_holds_a_signature() {
    let Some((mut fixture, server)) = edge() else { return };
    let folder = scratch(&fixture);
    asking::no_log_holds_a_signature(&mut fixture, server.port, "packages.shop.test", || logs(&folder));
    drop(server);
}

#[test]
fn nginx_that_asks_takes_no_body_for_a_request() {
    let Some((fixture, server)) = edge() else { return };
    let folder = scratch(&fixture);
    let host = "packages.shop.test";
    asking::no_body_is_taken_for_a_request(&fixture, server.port, host, || logs(&folder));
}

/// With the two blocks of the page in their places.
#[test]
fn nginx_keeps_what_a_storage_has_and_asks_all_the_same() {
    let mut fixture = Fixture::new();
    fixture.shop_mut().serve();
    let (folder, port, storage) = (scratch(&fixture), free_port(), storage::serve(&fixture.root()));
    let site = on_port(&in_folder(&fixture, &folder), port);
    let [above, location] =
        asking::blocks(&fixture.shop().path("edge/nginx-auth-request"), "nginx").try_into().unwrap();
    let above = replaced(&above, "10.0.0.5:9000", &format!("127.0.0.1:{}", storage.port));
    let above = replaced(&above, "/var/lib/nginx/bandari", folder.join("cache").to_str().unwrap());
    let (before, rest) = site.split_once("    location /protected/ {").unwrap();
    let (_, behind) = rest.split_once("\n    }\n").unwrap();
    let site =
        replaced(&format!("{before}{location}{behind}"), "\nserver {", &format!("\n{above}\nserver {{"));
    let Some(server) = start(&folder, &site, port) else { return };
    asking::a_storage_is_as_good_as_a_disk(&fixture, server.port, &storage);
    // What is in the cache: one file for all links to it, for none without a good one, and with ranges and HEAD.
    let asked = storage.heads().len();
    let answer = exchange(port, "GET", &fixture.sign(FILE, 100), &[]).expect("an answer");
    assert_eq!(whole_file(&fixture, FILE, &answer), Ok(()));
    for target in [FILE, &format!("{FILE}?"), &fixture.sign(FILE, -1)] {
        assert_eq!(refused(&exchange(port, "GET", target, &[]).expect("an answer")), Ok(()), "{target}");
    }
    let part = exchange(port, "GET", &fixture.sign(FILE, 100), &["Range: bytes=2-5".to_owned()]).unwrap();
    assert_eq!((part.status, &part.body[..]), (206, &fixture.bytes(FILE)[2..6]));
    let parts =
        exchange(port, "GET", &fixture.sign(FILE, 100), &["Range: bytes=0-1,3-4".to_owned()]).unwrap();
    assert_eq!(whole_file(&fixture, FILE, &parts), Ok(()));
    let head = exchange(port, "HEAD", &fixture.sign(FILE, 100), &[]).unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(storage.heads().len(), asked, "it was in the cache");
}

#[test]
fn nginx_takes_the_generated_file_with_tls() {
    let Some(program) = installed("nginx") else { return skip("nginx") };
    let Some(certificate) = ServerCertificate::make() else { return };
    let fixture = Fixture::with_base("https://packages.shop.test:8443");
    let tls = format!(
        "[tls]\ncertificate = '{}'\nkey = '{}'\n",
        certificate.certificate_file().display(),
        certificate.key_file().display()
    );
    fixture.shop().reconfigure("[edge_verify]", &format!("{tls}[edge_verify]"));
    let folder = scratch(&fixture);
    let site = in_folder(&fixture, &folder);
    let place = "/etc/letsencrypt/live/packages.shop.test";
    let site =
        replaced(&site, &format!("{place}/fullchain.pem"), certificate.certificate_file().to_str().unwrap());
    let site = replaced(&site, &format!("{place}/privkey.pem"), certificate.key_file().to_str().unwrap());
    for line in [
        "listen 8443 ssl;",
        "listen [::]:8443 ssl;",
        "proxy_ssl_name 127.0.0.1;",
        "https://bandari_validator",
    ] {
        assert!(site.contains(line), "{site}");
    }
    fs::write(folder.join("site.conf"), site).unwrap();
    fs::write(folder.join("nginx.conf"), around(&folder, &folder.join("site.conf"))).unwrap();
    let output =
        Command::new(program).args(["-t", "-e", "stderr", "-c"]).arg(folder.join("nginx.conf")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
