//! What `site/deploy/edges/` tells to put up: Varnish, HAProxy and Apache httpd, each started with the files as they are but for
//! addresses, folders and TLS. They ask the validator, which has to be there for each file.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::ports::free_port;
use bandari_tests::processes::{family, signal};
use bandari_tests::skipping::skip;

use super::client::exchange;
use super::fixture::{FILE, Fixture, OTHER_FILE};
use super::judge::{judge_all, refused, whole_file};
use super::recorder::Recorder;
use bandari_tests::server::{Server, installed, replaced};

/// `listen` of the validator in the recipes.
const VALIDATOR: &str = "127.0.0.1:8480";

/// Where the recipes' server of files listens.
const FILES: &str = "127.0.0.1:8081";

/// The folder of a recipe's files.
const ROOT: &str = "/srv/bandari";

/// How long a server may take to notice that the validator is back.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn varnish_judges_every_request_as_it_has_to() {
    let mut fixture = Fixture::new();
    let Some(files) = files(&fixture) else { return };
    let Some(varnish) = varnish(&fixture, files.port) else { return };
    fixture.shop_mut().serve();
    judge_all("varnish", &fixture, varnish.port);
    serves_nothing_without_the_validator(&mut fixture, varnish.port);
}

#[test]
fn varnish_keeps_one_object_of_a_file_and_checks_each_link_to_it() {
    let mut fixture = Fixture::new();
    let Some(files) = files(&fixture) else { return };
    let Some(varnish) = varnish(&fixture, files.port) else { return };
    fixture.shop_mut().serve();
    let ask = |target: &str, headers: &[&str]| {
        let headers: Vec<String> = headers.iter().map(|line| (*line).to_owned()).collect();
        exchange(varnish.port, "GET", target, &headers).unwrap()
    };
    whole_file(&fixture, FILE, &ask(&fixture.sign(FILE, 60), &[])).unwrap();

    // What the cache has not got can no longer be had.
    let kept = fixture.bytes(FILE);
    let file = fixture.root().join(FILE.trim_start_matches('/'));
    fs::remove_file(&file).unwrap();
    let other_client =
        ["Host: elsewhere.test", "Cookie: a=b", "Authorization: Basic YTpi", "Accept-Encoding: br"];
    for target in [fixture.sign(FILE, 70), fixture.sign(FILE, 80)] {
        let answer = ask(&target, &other_client);
        assert_eq!((answer.status, &answer.body), (200, &kept));
    }
    for range in ["bytes=0-1,3-4", "bytes=0-1, -2", "bytes=0-99999999999999999999", "bytes=x", "lines=0-1"] {
        let answer = ask(&fixture.sign(FILE, 60), &[&format!("Range: {range}")]);
        assert_eq!((answer.status, &answer.body), (200, &kept), "{range}");
    }
    let good = fixture.sign(FILE, 60);
    for target in [FILE.to_owned(), good.replace("Signature=", "Signature=A"), fixture.sign(FILE, -1)] {
        refused(&ask(&target, &[&format!("X-Original-URI: {good}")])).unwrap();
    }
    fixture.shop_mut().kill();
    assert_eq!(ask(&good, &[]).status, 503);
}

#[test]
fn the_log_of_varnish_has_no_link() {
    let mut fixture = Fixture::new();
    let Some(files) = files(&fixture) else { return };
    let (Some(varnish), Some(reader)) = (varnish(&fixture, files.port), program("varnishncsa")) else {
        return;
    };
    fixture.shop_mut().serve();
    let good = fixture.sign(FILE, 60);
    let targets =
        [good.clone(), format!("{good}x"), good.replacen('?', "%3F", 1), good.replacen('?', "x", 1)];
    for target in &targets {
        let _ = exchange(varnish.port, "GET", target, &[]).unwrap();
    }
    let _ = exchange(varnish.port, "POST", &good, &["Content-Length: 0".to_owned()]).unwrap();
    let page = recipe("README.md");
    let format = page.split_once("-F '").and_then(|(_, rest)| rest.split_once('\'')).expect("a format").0;
    // systemd takes two percent signs for one.
    let format = format.replace("%%", "%");
    let state = fixture.shop().path("varnish/state");
    let log =
        Command::new(reader).args(["-d", "-n", state.to_str().unwrap(), "-F", &format]).output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    // Each thread of the server hands over its lines when it comes to it, so they may change places.
    let mut lines: Vec<&str> = log.lines().map(|line| line.split_once("] ").unwrap().1).collect();
    lines.sort_unstable();
    let starts =
        [("GET", "", 200), ("GET", "", 403), ("GET", "", 403), ("GET", "xExpires", 403), ("POST", "", 403)]
            .map(|(method, behind, status)| format!("\"{method} {FILE}{behind}\" {status} "));
    assert_eq!(lines.len(), starts.len(), "{log}");
    for (line, start) in lines.into_iter().zip(starts) {
        assert!(line.starts_with(&start), "{line}");
    }
}

#[test]
fn the_server_of_files_sees_no_link() {
    let mut fixture = Fixture::new();
    fixture.shop_mut().serve();
    let mut seen = Vec::new();
    for start in [varnish, haproxy] {
        let origin = Recorder::serve(|_| {
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".to_vec()
        });
        let Some(edge) = start(&fixture, origin.port) else { continue };
        let answer = exchange(edge.port, "GET", &fixture.sign(FILE, 60), &[]).unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
        let [head] = origin.heads().try_into().expect("one request");
        seen.push(head);
    }
    for head in seen {
        assert!(head.starts_with(&format!("GET {FILE} HTTP/1.1\r\n")), "{head}");
        assert!(!head.contains("Signature"), "{head}");
    }
}

#[test]
fn haproxy_judges_every_request_as_it_has_to() {
    let mut fixture = Fixture::new();
    let Some(files) = files(&fixture) else { return };
    let Some(haproxy) = haproxy(&fixture, files.port) else { return };
    fixture.shop_mut().serve();
    judge_all("haproxy", &fixture, haproxy.port);
    serves_nothing_without_the_validator(&mut fixture, haproxy.port);
    logs_no_link(&haproxy.log());
}

#[test]
fn apache_judges_every_request_as_it_has_to() {
    let mut fixture = Fixture::new();
    let Some(apache) = apache(&fixture) else { return };
    fixture.shop_mut().serve();
    judge_all("apache", &fixture, apache.port);
    serves_nothing_without_the_validator(&mut fixture, apache.port);
    logs_no_link(&fs::read_to_string(fixture.shop().path("apache/bandari.log")).unwrap());
}

#[test]
fn apache_serves_nothing_when_its_program_has_ended() {
    let mut fixture = Fixture::new();
    let Some(apache) = apache(&fixture) else { return };
    fixture.shop_mut().serve();
    let target = fixture.sign(FILE, 60);
    whole_file(&fixture, FILE, &exchange(apache.port, "GET", &target, &[]).unwrap()).unwrap();
    let children: Vec<u32> = family(apache.id()).into_iter().filter(|pid| *pid != apache.id()).collect();
    assert_eq!(children.len(), 1, "the program");
    signal("KILL", &children);
    for _ in 0..2 {
        away(apache.port, &target);
    }
}

/// When a process of Apache is killed while it waits for an answer, the next request gets that answer, and each one after it the
/// answer to the one before.
#[test]
fn apache_serves_nothing_on_the_answer_to_another_request() {
    let mut fixture = Fixture::new();
    let write = "    sys.stdout.buffer.write(answer + b\"\\n\")\n";
    let late = "    sys.stdout.buffer.write(before + b\"\\n\")\n    before = answer\n";
    let script = replaced(&recipe("apache-verify.py"), write, late);
    let script = replaced(&script, "for line in", "before = b\"away\"\nfor line in");
    let Some(apache) = apache_asking_by(&fixture, &script) else { return };
    fixture.shop_mut().serve();
    let good = fixture.sign(FILE, 60);
    for target in [&good, FILE, &good, OTHER_FILE, &good, &fixture.sign(OTHER_FILE, 60), &good] {
        let answer = exchange(apache.port, "GET", target, &[]).unwrap();
        assert!([403, 503].contains(&answer.status), "{}: {}", answer.status, answer.body.len());
    }
    whole_file(&fixture, FILE, &exchange(apache.port, "GET", &good, &[]).unwrap()).unwrap();
}

/// Good links get 503 when the validator is not there, and their files again when it is.
fn serves_nothing_without_the_validator(fixture: &mut Fixture, port: u16) {
    let targets = [fixture.sign(FILE, 60), fixture.sign(OTHER_FILE, 60)];
    fixture.shop_mut().kill();
    for target in &targets {
        away(port, target);
    }
    fixture.shop_mut().serve();
    // Varnish leaves a server that was away alone for a moment.
    let begun = Instant::now();
    while exchange(port, "GET", &targets[0], &[]).unwrap().status == 503 {
        assert!(begun.elapsed() < PATIENCE, "the validator is back");
        sleep(Duration::from_millis(20));
    }
    for (path, target) in [FILE, OTHER_FILE].into_iter().zip(&targets) {
        whole_file(fixture, path, &exchange(port, "GET", target, &[]).unwrap()).unwrap();
    }
}

fn away(port: u16, target: &str) {
    let answer = exchange(port, "GET", target, &[]).unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(
        (answer.status, text.trim_end()),
        (503, "The server cannot answer now. Please try again later.")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

fn logs_no_link(log: &str) {
    let of_file = log.lines().find(|line| line.contains(FILE)).expect("a download in the log");
    assert!(!of_file.contains('?'), "{of_file}");
    // Among the requests are links with something else in the place of their `?`, which are all path.
    let leaked = log.lines().find(|line| line.contains("Signature"));
    assert_eq!(leaked, None, "a link is in the log");
}

/// Varnish in front of a server of files; nothing when it is not installed.
fn varnish(fixture: &Fixture, files: u16) -> Option<Server> {
    let program = program("varnishd")?;
    let folder = folder(fixture, "varnish");
    let mut recipe = recipe("varnish.vcl");
    for (port, here) in [("8480", fixture.shop().port), ("8081", files)] {
        recipe = replaced(&recipe, &format!(".port = \"{port}\";"), &format!(".port = \"{here}\";"));
    }
    let config = write(&folder, "bandari.vcl", &recipe);
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let state = folder.join("state");
    let arguments = [
        // In the foreground, as the user who runs the tests, with a folder and little memory of its own.
        &["-F", "-j", "none", "-s", "malloc,32m", "-p", "vsl_space=4m"][..],
        &["-n", state.to_str()?, "-a", &listen, "-f", config.to_str()?],
    ];
    Some(Server::start(port, &folder.join("log"), program, &arguments.concat()))
}

/// HAProxy in front of a server of files; nothing when it is not installed.
fn haproxy(fixture: &Fixture, files: u16) -> Option<Server> {
    let program = program("haproxy")?;
    let folder = folder(fixture, "haproxy");
    let script = replaced(&recipe("haproxy.lua"), VALIDATOR, &format!("127.0.0.1:{}", fixture.shop().port));
    let script = write(&folder, "bandari.lua", &script);
    let port = free_port();
    let mut recipe = recipe("haproxy.cfg");
    for (from, to) in [
        ("/etc/haproxy/bandari.lua", script.display().to_string()),
        (":443 ssl crt /etc/haproxy/packages.pem alpn http/1.1", format!("127.0.0.1:{port}")),
        (FILES, format!("127.0.0.1:{files}")),
    ] {
        recipe = replaced(&recipe, from, &to);
    }
    let config = write(&folder, "bandari.cfg", &recipe);
    // In the place of Debian's haproxy.cfg, which names a log.
    let main = write(&folder, "haproxy.cfg", "global\n    log stdout format raw daemon\n");
    let arguments = ["-db", "-f", main.to_str()?, "-f", config.to_str()?];
    Some(Server::start(port, &folder.join("log"), program, &arguments))
}

/// nginx as the server that has the files; nothing when it is not installed.
fn files(fixture: &Fixture) -> Option<Server> {
    let program = program("nginx")?;
    let folder = folder(fixture, "files");
    let port = free_port();
    let recipe = replaced(&recipe("files.conf"), FILES, &format!("127.0.0.1:{port}"));
    let recipe = replaced(&recipe, ROOT, fixture.root().to_str()?);
    let site = write(&folder, "bandari-files.conf", &recipe);
    let (here, site) = (folder.display(), site.display());
    // One process: nobody is left when it is killed.
    let config = format!(
        "daemon off; master_process off; pid {here}/pid; events {{}}\n\
         http {{ client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;\n\
         fastcgi_temp_path {here}/fastcgi; uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
         include {site}; }}\n"
    );
    let config = write(&folder, "nginx.conf", &config);
    let log = folder.join("log");
    Some(Server::start(port, &log, program, &["-e", log.to_str()?, "-c", config.to_str()?]))
}

/// Apache; nothing when it is not installed.
fn apache(fixture: &Fixture) -> Option<Server> {
    apache_asking_by(fixture, &recipe("apache-verify.py"))
}

/// The same with another program that asks.
fn apache_asking_by(fixture: &Fixture, script: &str) -> Option<Server> {
    let apache = program("apache2")?;
    let folder = folder(fixture, "apache");
    let script =
        replaced(script, "(\"127.0.0.1\", 8480)", &format!("(\"127.0.0.1\", {})", fixture.shop().port));
    let script = write(&folder, "apache-verify.py", &script);
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let port = free_port();
    let mut recipe = recipe("apache.conf");
    for (from, to) in [
        ("<VirtualHost *:443>", format!("<VirtualHost 127.0.0.1:{port}>")),
        ("    SSLEngine on\n", String::new()),
        ("    SSLCertificateFile /etc/letsencrypt/live/packages.example.org/fullchain.pem\n", String::new()),
        ("    SSLCertificateKeyFile /etc/letsencrypt/live/packages.example.org/privkey.pem\n", String::new()),
        ("/usr/local/lib/bandari/apache-verify.py", script.display().to_string()),
        ("${APACHE_LOG_DIR}", folder.display().to_string()),
        (ROOT, fixture.root().display().to_string()),
    ] {
        recipe = replaced(&recipe, from, &to);
    }
    let site = write(&folder, "bandari.conf", &recipe);
    // What of Debian's apache2.conf and of its modules the recipe needs, and those that could get into its way.
    let modules: String =
        ["mpm_event", "authz_core", "env", "dir", "mime", "negotiation", "rewrite", "headers", "cache"]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .concat();
    let types = write(&folder, "mime.types", "application/zip zip\n");
    let (here, site, types) = (folder.display(), site.display(), types.display());
    let config = format!(
        "{modules}ServerName localhost\nListen 127.0.0.1:{port}\nPidFile {here}/pid\nMutex file:{here}\n\
         ErrorLog {here}/log\nDefaultRuntimeDir {here}\nTypesConfig {types}\n\
         <Directory />\nRequire all denied\n</Directory>\nInclude {site}\n"
    );
    let config = write(&folder, "apache2.conf", &config);
    let log = write(&folder, "log", "");
    // One process, which never was root: what changes its user forgets with whom it has to end.
    let mut arguments = vec!["--pdeathsig", "KILL"];
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        arguments.extend(["--reuid", "www-data", "--regid", "www-data", "--clear-groups"]);
        fs::set_permissions(fixture.shop().path(""), Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(&log, Permissions::from_mode(0o666)).unwrap();
    }
    arguments.extend([apache.to_str()?, "-X", "-f", config.to_str()?]);
    Some(Server::start(port, &log, "setpriv", &arguments))
}

fn program(name: &str) -> Option<PathBuf> {
    let program = installed(name);
    if program.is_none() {
        skip(name);
    }
    program
}

/// A folder for a server's own files.
fn folder(fixture: &Fixture, name: &str) -> PathBuf {
    let folder = fixture.shop().path(name);
    fs::create_dir(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// A file of the recipes as it is shipped.
fn recipe(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/deploy/edges");
    fs::read_to_string(folder.join(name)).unwrap()
}
