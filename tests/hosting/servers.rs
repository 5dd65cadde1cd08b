//! The real nginx and the real Caddy with what a build wrote for them; only folders are put in, and for nginx an address of this
//! machine alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use bandari_tests::http::{Answer, get, request};
use bandari_tests::ports::free_port;
use bandari_tests::server::{Server, installed, replaced};
use bandari_tests::site::Site;
use bandari_tests::skipping::skip;

use super::{built, rules, served_files};
use crate::edges::nginx_server::Nginx;

/// A server, which runs as long as there is one.
#[expect(dead_code, reason = "what is kept ends the server when it goes")]
enum Running {
    Nginx(Nginx),
    Caddy(Server),
}

/// A server with a site.
struct Served {
    site: Site,
    port: u16,
    /// Of the site's address.
    prefix: &'static str,
    running: Running,
}

impl Served {
    fn get(&self, address: &str) -> Answer {
        get(self.port, &format!("{}{address}", self.prefix), &[])
    }

    fn name(&self) -> &'static str {
        match self.running {
            Running::Nginx(_) => "nginx",
            Running::Caddy(_) => "Caddy",
        }
    }
}

/// Each server that is installed, with the site at this path.
fn servers(prefix: &'static str) -> impl Iterator<Item = Served> {
    [nginx, caddy].into_iter().filter_map(move |start| {
        let port = free_port();
        let site = built(&format!("http://127.0.0.1:{port}{prefix}"));
        let root = site.path("srv");
        // Where the configurations say that it belongs.
        copy(&site.path("output/public/."), &root.join(prefix.trim_start_matches('/')));
        let scratch = site.path("scratch");
        fs::create_dir_all(&scratch).unwrap();
        let running = start(&site, &root, &scratch, port)?;
        Some(Served { site, port, prefix, running })
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn nginx(site: &Site, root: &Path, scratch: &Path, port: u16) -> Option<Running> {
    let text =
        replaced(&site.text("output/hosting/nginx.conf"), "/srv/bandari/public", root.to_str().unwrap());
    let text = replaced(&text, &format!("listen {port};"), &format!("listen 127.0.0.1:{port};"));
    let text = replaced(&text, &format!("    listen [::]:{port};\n"), "");
    Nginx::start(scratch, port, &text).map(Running::Nginx)
}

fn caddy(site: &Site, root: &Path, scratch: &Path, port: u16) -> Option<Running> {
    let Some(program) = installed("caddy") else {
        skip("caddy");
        return None;
    };
    let text =
        replaced(&site.text("output/hosting/Caddyfile"), "/srv/bandari/public", root.to_str().unwrap());
    let file = scratch.join("Caddyfile");
    fs::write(&file, format!("{{\n\tadmin off\n}}\n{text}")).unwrap();
    let homes =
        ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"].map(|home| format!("{home}={}", scratch.display()));
    let mut arguments: Vec<&str> = homes.iter().map(String::as_str).collect();
    arguments.extend([program.to_str().unwrap(), "run", "--config", file.to_str().unwrap()]);
    Some(Running::Caddy(Server::start(port, &scratch.join("output"), "env", &arguments)))
}

#[test]
fn every_file_is_served_with_its_headers() {
    for prefix in ["", "/down.loads"] {
        for served in servers(prefix) {
            let policy = rules::policy(&served.site);
            for (file, address) in served_files(&served.site) {
                let answer = served.get(&address);
                rules::check(&file, &policy, &answer);
                assert_eq!(answer.body, fs::read(served.site.path("output/public").join(&file)).unwrap());
            }
        }
    }
}

#[test]
fn what_is_not_there_is_told_in_the_language_of_its_folder() {
    for prefix in ["", "/down.loads"] {
        for served in servers(prefix) {
            let policy = rules::policy(&served.site);
            let page = |file: &str| fs::read(served.site.path("output/public").join(file)).unwrap();
            for (address, file) in [
                ("/nothing", "404.html"),
                ("/nothing/", "404.html"),
                ("/handbook/updates.xml", "404.html"),
                ("/nothing/SHA256SUMS", "404.html"),
                ("/files/handbook/none.zip", "404.html"),
                ("/files/handbook/", "404.html"),
                ("/assets/", "404.html"),
                ("/de/nothing", "de/404.html"),
                ("/de/nothing/at/all.zip", "de/404.html"),
            ] {
                let answer = served.get(address);
                let name = served.name();
                assert_eq!((answer.status, answer.body == page(file)), (404, true), "{name} {address}");
                for (header, expected) in [
                    ("content-type", Some("text/html; charset=utf-8")),
                    ("cache-control", Some("no-store")),
                    ("content-security-policy", Some(&*policy)),
                    ("x-content-type-options", Some("nosniff")),
                    ("content-disposition", None),
                    ("access-control-allow-origin", None),
                ] {
                    assert_eq!(answer.header(header), expected, "{name} {header} of {address}");
                }
            }
        }
    }
}

#[test]
fn what_is_for_other_hosts_or_hidden_is_not_served() {
    for served in servers("") {
        let hidden = served.site.path("srv/handbook/.bandari-1");
        fs::write(hidden, "half of a page").unwrap();
        for address in ["/_headers", "/_redirects", "/handbook/.bandari-1", "/.git/config"] {
            let answer = served.get(address);
            assert_eq!(answer.status, 404, "{} {address}", served.name());
            assert!(answer.text().contains("<html"), "{} {address}", served.name());
        }
    }
}

#[test]
fn addresses_of_old_and_of_folders_lead_on() {
    for served in servers("/down.loads") {
        let name = served.name();
        for (address, target) in [
            ("/de", "/de/"),
            ("/handbook", "/handbook/"),
            ("/en", "/"),
            ("/en/", "/"),
            ("/en/handbook", "/handbook/"),
            ("/en/handbook/", "/handbook/"),
            ("/favicon.ico", "/assets/icon.svg"),
        ] {
            let answer = served.get(address);
            assert!((301..=308).contains(&answer.status), "{name} {address}: {}", answer.status);
            assert_eq!(location(&served, &answer), format!("/down.loads{target}"), "{name} {address}");
        }
        // Another language may be the main one some day, and browsers keep a 301 for ever.
        assert_eq!(served.get("/en/handbook/").status, 302, "{name}");
        for address in ["/en//elsewhere.example/", "/en/%2felsewhere.example", "/en/%0d%0aX:1/"] {
            let answer = served.get(address);
            let elsewhere = answer.header("location").is_some_and(|to| to.contains("//elsewhere"));
            assert!(!elsewhere && answer.header("x").is_none(), "{name} {address}: {:?}", answer.headers);
        }
    }
}

/// The path that an answer leads to, from wherever it was asked.
fn location(served: &Served, answer: &Answer) -> String {
    let location = answer.header("location").unwrap();
    let origin = format!("http://127.0.0.1:{}", served.port);
    location.strip_prefix(&origin).unwrap_or(location).to_owned()
}

#[test]
fn who_has_a_file_already_is_not_sent_it_again_and_heads_have_no_bodies() {
    for served in servers("") {
        for file in ["mod_openinghours/updates.xml", "files/mod_openinghours/mod_openinghours-1.1.0.zip"] {
            let address = format!("/{file}");
            let (rule, name) = (rules::of(file), served.name());
            let first = served.get(&address);
            let known = format!("If-None-Match: {}", first.header("etag").unwrap());
            let again = get(served.port, &address, &[&known]);
            assert_eq!((again.status, &again.body[..]), (304, &b""[..]), "{name}");
            assert_eq!(again.header("cache-control"), Some(rule.cache_control), "{name} {file}");
            let head = request(served.port, "HEAD", &address, &[], b"");
            assert_eq!((head.status, &head.body[..]), (200, &b""[..]), "{name}");
            assert_eq!(head.header("cache-control"), Some(rule.cache_control), "{name} {file}");
            assert_eq!(head.header("content-length"), first.header("content-length"), "{name}");
            let part = get(served.port, &address, &["Range: bytes=0-3"]);
            assert_eq!((part.status, &part.body[..]), (206, &first.body[..4]), "{name}");
        }
    }
}

#[test]
fn texts_are_sent_smaller_to_who_can_unpack_them() {
    for served in servers("") {
        for (address, is_smaller) in [
            ("/", true),
            ("/catalog.json", true),
            ("/mod_openinghours/updates.xml", true),
            ("/files/mod_openinghours/mod_openinghours-1.1.0.zip", false),
        ] {
            let head = request(served.port, "HEAD", address, &["Accept-Encoding: gzip"], b"");
            let encoding = head.headers.iter().find(|(name, _)| name == "content-encoding");
            assert_eq!(encoding.is_some(), is_smaller, "{} {address}: {:?}", served.name(), head.headers);
        }
    }
}
