//! nginx with Lua: checks links itself and serves files from its disk, or from a storage behind it.

use std::fs;
use std::path::Path;

use bandari_tests::certificate::ServerCertificate;
use bandari_tests::ports::free_port;
use bandari_tests::shop::KEY_SET;
use bandari_tests::smtp::wait_for;
use walkdir::WalkDir;

use super::client::{exchange, exchange_by_tls};
use super::fixture::{BASE, FILE, Fixture, OTHER_FILE, unix_seconds};
use super::judge::{judge_all, refused, whole_file};
use super::nginx_server::Nginx;
use bandari_tests::server::replaced;

/// What is written for nginx, with this test's port and folders. The folder that it is written to is `/etc/nginx/bandari`.
pub(super) fn site(fixture: &Fixture, port: u16) -> String {
    let folder = fixture.generate("nginx");
    let text = fs::read_to_string(folder.join("bandari-edge.conf")).unwrap();
    [
        ("/etc/nginx/bandari/?.lua", format!("{}/?.lua", folder.display())),
        ("/srv/bandari;", format!("{};", fixture.root().display())),
        ("/var/log/nginx/", format!("{}/", folder.display())),
        ("listen 80;", format!("listen 127.0.0.1:{port};")),
        // Not every machine has IPv6.
        ("    listen [::]:80;\n", String::new()),
    ]
    .iter()
    .fold(text, |text, (from, to)| replaced(&text, from, to))
}

/// nginx as it is put up from what is written; nothing when it is not installed.
pub(super) fn start(fixture: &Fixture) -> Option<Nginx> {
    let port = free_port();
    let site = site(fixture, port);
    Nginx::start(&fixture.generate("nginx"), port, &site)
}

/// Fails when a signature is in any log. What was asked last is logged, which nginx may do after its client has the answer.
fn logs_no_link(nginx: &Nginx, logged: &str) {
    wait_for(logged, || nginx.logs().contains(logged));
    assert!(!nginx.logs().contains("Signature"), "{}", nginx.logs());
}

#[test]
fn nginx_judges_every_request_as_it_has_to_and_logs_no_link() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    judge_all("nginx", &fixture, nginx.port);
    logs_no_link(&nginx, &format!("] GET {FILE} 200 "));
}

#[test]
fn no_log_of_nginx_holds_a_link_to_a_file_that_cannot_be_served() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let missing = fixture.sign("/protected/missing.zip", 200);
    fs::create_dir(fixture.protected().join("folder.zip")).unwrap();
    let folder = fixture.sign("/protected/folder.zip", 200);
    for target in [missing, folder] {
        let answer = exchange(nginx.port, "GET", &target, &[]).unwrap();
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")));
    }
    // More than servers take, and refused before the link is looked at.
    let large =
        exchange(nginx.port, "POST", &fixture.sign(FILE, 200), &["Content-Length: 9999999".to_owned()]);
    assert_eq!(large.unwrap().status, 413);
    // A link with its `?` spelled otherwise is none, and yet as good as one to whoever reads the log.
    let mangled = fixture.sign(FILE, 200).replace('?', "%3F");
    assert_eq!(exchange(nginx.port, "GET", &mangled, &[]).unwrap().status, 403);
    logs_no_link(&nginx, "] GET /protected/missing.zip 404 ");
    logs_no_link(&nginx, &format!("] GET {FILE} 403 "));
}

#[test]
fn a_part_that_a_file_does_not_have_is_nobodys_to_keep() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let range = ["Range: bytes=99999999-".to_owned()];
    let answer = exchange(nginx.port, "GET", &fixture.sign(FILE, 200), &range).unwrap();
    assert_eq!((answer.status, answer.header("cache-control")), (416, Some("no-store")));
    assert_eq!(answer.header("content-disposition"), None);
}

#[test]
fn a_body_is_never_taken_for_the_next_request() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let inner = "GET /inner HTTP/1.1\r\nHost: packages.shop.test\r\n\r\n";
    let second = "GET /second HTTP/1.1\r\nHost: packages.shop.test\r\nConnection: close";
    // The head ends within a line, and what the client ends its head with ends the second one.
    let headers = [
        "Connection: keep-alive".to_owned(),
        format!("Content-Length: {}\r\n\r\n{inner}{second}", inner.len()),
    ];
    for method in ["GET", "HEAD", "POST"] {
        for target in [&fixture.sign(FILE, 200), FILE] {
            let _ = exchange(nginx.port, method, target, &headers).unwrap();
        }
    }
    // nginx may log an answer after its client has it.
    wait_for("every second request", || nginx.logs().matches(" /second ").count() == 6);
    assert!(!nginx.logs().contains(" /inner "), "{}", nginx.logs());
}

#[test]
fn a_reload_with_keys_that_are_none_changes_nothing() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let keys = fixture.generate("nginx").join("bandari_edge_keys.lua");
    let text = fs::read_to_string(&keys).unwrap();
    let line = text.lines().find(|line| line.contains("\", -- ")).expect("a key");
    // The neutral element: in some libraries, one signature under it is good for whatever is asked for.
    let weak = "            \"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",";
    fs::write(&keys, text.replace(line, weak)).unwrap();
    nginx.hang_up();
    let message =
        format!("init_by_lua error: key set `{KEY_SET}`: key 1: found a weak or unreduced public key, ");
    wait_for(&message, || nginx.logs().contains(&message));
    let answer = exchange(nginx.port, "GET", &fixture.sign(FILE, 200), &[]).unwrap();
    assert_eq!(whole_file(&fixture, FILE, &answer), Ok(()));
}

#[test]
fn nginx_serves_by_tls_where_links_begin_with_https() {
    let Some(certificate) = ServerCertificate::make() else { return };
    let fixture = Fixture::with_base("https://packages.shop.test");
    let (port, folder) = (free_port(), fixture.generate("nginx"));
    let text = fs::read_to_string(folder.join("bandari-edge.conf")).unwrap();
    let live = "/etc/letsencrypt/live/packages.shop.test";
    let site = [
        ("/etc/nginx/bandari/?.lua", format!("{}/?.lua", folder.display())),
        ("/srv/bandari;", format!("{};", fixture.root().display())),
        ("/var/log/nginx/", format!("{}/", folder.display())),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
        ("    listen [::]:443 ssl;\n", String::new()),
        (&format!("{live}/fullchain.pem"), certificate.certificate_file().display().to_string()),
        (&format!("{live}/privkey.pem"), certificate.key_file().display().to_string()),
    ]
    .iter()
    .fold(text, |text, (from, to)| replaced(&text, from, to));
    let Some(nginx) = Nginx::start(&folder, port, &site) else { return };
    let query = format!("{FILE}?Expires={}&KeyName={KEY_SET}", unix_seconds() + 200);
    let by_tls = |base: &str| {
        let target = fixture.sign_text(0, base, &query);
        let authority = certificate.certificate_file();
        exchange_by_tls(nginx.port, &authority, ["-verify_ip", "127.0.0.1"], &target).expect("an answer")
    };
    assert_eq!(whole_file(&fixture, FILE, &by_tls("https://packages.shop.test")), Ok(()));
    let answer = by_tls(BASE);
    assert_eq!(refused(&answer), Ok(()));
    assert!(answer.text().starts_with("Refused (signature): "), "{}", answer.text());
}

#[test]
fn a_link_within_a_whole_address_is_no_path_to_nginx() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let good = fixture.sign(FILE, 200);
    for base in [BASE, "http://elsewhere.test", "https://packages.shop.test"] {
        let answer = exchange(nginx.port, "GET", &format!("{base}{good}"), &[]).unwrap();
        assert_eq!(refused(&answer), Ok(()), "{base}");
        assert!(answer.text().starts_with("Refused (path): "), "{}", answer.text());
    }
}

#[test]
fn an_error_in_lua_is_an_error_and_never_the_file() {
    let fixture = Fixture::new();
    let Some(nginx) = start(&fixture) else { return };
    let script = fixture.generate("nginx").join("bandari_edge.lua");
    let text = fs::read_to_string(&script).unwrap();
    for (before, status) in [
        ("    local path, rule = self:verify(", Some(500)),
        ("        ngx.req.set_uri(path)", Some(500)),
        // Too late for another answer: the connection is closed.
        ("    header[\"Referrer-Policy\"]", None),
    ] {
        fs::write(&script, replaced(&text, before, &format!("    error(\"broken\")\n{before}"))).unwrap();
        nginx.reload();
        let answer = exchange(nginx.port, "GET", &fixture.sign(FILE, 200), &[]);
        assert_eq!(answer.as_ref().map(|answer| answer.status), status, "{before}");
        assert!(answer.is_none_or(|answer| answer.body != fixture.bytes(FILE)), "{before}");
    }
    assert!(!nginx.logs().contains("Signature="), "{}", nginx.logs());
}

/// The lines of configuration in README.md that begin with this one.
fn from_readme(folder: &Path, first: &str) -> String {
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    let at = text.find(&format!("    {first}")).unwrap_or_else(|| panic!("found no `{first}`"));
    text[at..].lines().take_while(|line| line.starts_with("    ")).map(|line| format!("{line}\n")).collect()
}

/// nginx with its storage, as README.md tells, and the port of the storage, which logs all that it is asked to `storage.log`.
fn start_with_storage(fixture: &Fixture) -> Option<Nginx> {
    let (port, storage_port) = (free_port(), free_port());
    let (folder, root) = (fixture.generate("nginx"), fixture.root());
    let copies = from_readme(&folder, "proxy_cache_path ");
    let copies = replaced(&copies, "/var/lib/nginx/bandari", &folder.join("copies").display().to_string());
    let storage = from_readme(&folder, "proxy_pass ");
    let storage =
        replaced(&storage, "https://storage.example.net", &format!("http://127.0.0.1:{storage_port}"));
    let site = site(fixture, port);
    let site = replaced(&site, "\nserver {", &format!("\n{copies}\nserver {{"));
    let site = replaced(&site, &format!("        root {};\n", root.display()), &storage);
    let site = replaced(&site, "        try_files $uri =404;\n", "");
    let (folder, root) = (folder.display(), root.display());
    let http = format!(
        "{site}\nlog_format storage '$request, from $http_user_agent, $http_x_private $http_range';\n\
         server {{\n listen 127.0.0.1:{storage_port};\n root {root};\n access_log {folder}/storage.log storage;\n\
         add_header Set-Cookie mine=1 always;\n add_header Cache-Control 'no-store' always;\n\
         add_header Content-Disposition inline always;\n default_type text/html;\n}}\n"
    );
    Nginx::start(&fixture.generate("nginx"), port, &http)
}

#[test]
fn a_stored_copy_is_handed_out_by_a_good_link_only_and_there_is_one_for_all_links() {
    let fixture = Fixture::new();
    let Some(nginx) = start_with_storage(&fixture) else { return };
    let private = ["X-Private: 1".to_owned(), "User-Agent: Joomla".to_owned()];
    let part = ["Range: bytes=3-9".to_owned()];
    let copy = |lifetime: i64| exchange(nginx.port, "GET", &fixture.sign(FILE, lifetime), &private).unwrap();
    for lifetime in [200, 201, 202] {
        let answer = copy(lifetime);
        assert_eq!(whole_file(&fixture, FILE, &answer), Ok(()));
        assert_eq!(answer.header("set-cookie"), None);
    }
    let answer = exchange(nginx.port, "GET", &fixture.sign(FILE, 203), &part).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (206, &fixture.bytes(FILE)[3..10]));
    for target in
        [FILE.to_owned(), fixture.sign(FILE, 0), fixture.sign(OTHER_FILE, 200).replace(OTHER_FILE, FILE)]
    {
        assert_eq!(refused(&exchange(nginx.port, "GET", &target, &[]).unwrap()), Ok(()), "{target}");
    }
    // Not even a part of a file that was never asked for makes the storage see more than the path.
    let answer = exchange(nginx.port, "GET", &fixture.sign(OTHER_FILE, 203), &part).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (206, &fixture.bytes(OTHER_FILE)[3..10]));
    let folder = fixture.generate("nginx");
    let asked = fs::read_to_string(folder.join("storage.log")).unwrap();
    let expected = [FILE, OTHER_FILE].map(|file| format!("GET {file} HTTP/1.0, from -, - -\n")).concat();
    assert_eq!(asked, expected);
    let copies = WalkDir::new(folder.join("copies")).into_iter().map(Result::unwrap);
    assert_eq!(copies.filter(|entry| entry.file_type().is_file()).count(), 2);
}

#[test]
fn nginx_with_a_storage_judges_every_request_as_it_has_to() {
    let fixture = Fixture::new();
    let Some(nginx) = start_with_storage(&fixture) else { return };
    judge_all("nginx-storage", &fixture, nginx.port);
    logs_no_link(&nginx, &format!("] GET {FILE} 200 "));
}
