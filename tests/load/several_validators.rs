//! Two validators of one shop behind nginx, with the configuration that the project ships.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::customers::{add_customers, assert_only, customers, keep_licenses_in, members};
use bandari_tests::database::{DatabaseServer, Engine};
use bandari_tests::load::{Load, Outcome};
use bandari_tests::ports::free_port;
use bandari_tests::shop::Shop;
use bandari_tests::sibling::Sibling;
use bandari_tests::skipping::skip;

use crate::programs;

/// How long nginx may take to start, or to notice that a validator is back.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn two_validators_behind_nginx_lose_no_request_when_one_of_them_is_killed() {
    let shop = Shop::closed(programs());
    let keys = customers(&shop, 4);
    either_may_be_killed(shop, &keys);
}

#[test]
fn so_do_two_that_ask_the_database_of_one_joomla_site() {
    let Some(database) = DatabaseServer::start(Engine::MariaDb) else { return };
    let shop = Shop::closed(programs());
    keep_licenses_in(&shop, &database);
    let keys = members(&shop, &database, 100..104);
    either_may_be_killed(shop, &keys);
}

fn either_may_be_killed(mut shop: Shop, keys: &[String]) {
    let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
    fs::write(shop.path("validator.toml"), format!("trusted_proxies = ['127.0.0.1']\n{config}")).unwrap();
    shop.serve();
    let mut sibling = Sibling::of(&shop);
    let Some(nginx) = Nginx::start(&shop, &sibling) else { return };
    let mut load = Load::new();
    add_customers(&mut load, "customers", nginx.port, keys, 6);
    load.wait_for("customers", 200);
    assert!(sibling.answered() > 0, "both take part");
    sibling.kill();
    load.wait_for("customers", 200);
    sibling.serve(&shop);
    let begun = Instant::now();
    while sibling.answered() == 0 {
        assert!(begun.elapsed() < PATIENCE, "it takes no part again");
        sleep(Duration::from_millis(20));
    }
    // The other one as well: the one that came back is as good as it was.
    shop.kill();
    load.wait_for("customers", 200);
    assert_only(&load.end(), "customers", &Outcome::Answered(302), 600);
}

/// nginx in front of both validators. It ends when it is dropped.
struct Nginx {
    port: u16,
    server: Child,
}

impl Nginx {
    /// Starts it; nothing when it is not installed.
    fn start(shop: &Shop, sibling: &Sibling) -> Option<Self> {
        let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
        let Some(program) = program.iter().find(|program| Path::new(program).is_file()) else {
            skip("nginx");
            return None;
        };
        let port = free_port();
        let config = shop.path("nginx.conf");
        fs::write(&config, configuration(shop, sibling, port)).unwrap();
        let server = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", program, "-c"])
            .arg(&config)
            .arg("-e")
            .arg(shop.path("nginx.log"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut nginx = Self { port, server };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = nginx.server.try_wait().unwrap();
            let log = || fs::read_to_string(shop.path("nginx.log")).unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no nginx: {}", log());
            sleep(Duration::from_millis(20));
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What the project ships, with this test's addresses and folders, and without TLS.
fn configuration(shop: &Shop, sibling: &Sibling, port: u16) -> String {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/deploy/nginx-two-validators.conf");
    let folder = shop.path("nginx");
    fs::create_dir(&folder).unwrap();
    let mut site = fs::read_to_string(shipped).unwrap();
    for (shipped, here) in [
        ("127.0.0.1:8480", format!("127.0.0.1:{}", shop.port)),
        ("127.0.0.1:8490", format!("127.0.0.1:{}", sibling.port)),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port};")),
        ("ssl_certificate /etc/ssl/downloads.example.org.pem;", String::new()),
        ("ssl_certificate_key /etc/ssl/private/downloads.example.org.key;", String::new()),
        ("/var/log/nginx", folder.display().to_string()),
    ] {
        assert!(site.contains(shipped), "{shipped}");
        site = site.replace(shipped, &here);
    }
    fs::write(folder.join("bandari.conf"), site).unwrap();
    let folder = folder.display();
    // One process: nobody is left when it is killed.
    format!(
        "daemon off; master_process off; pid {folder}/pid; events {{}}\n\
         http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
         include {folder}/bandari.conf; }}\n"
    )
}
