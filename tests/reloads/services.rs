//! What a service manager is told, and the unit for systemd.

use std::fs;
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bandari_tests::shop::Shop;
use bandari_tests::skipping::skip;

use super::{before_the_release, release, watching_shop};
use crate::programs;

/// Most that `systemd-analyze security` may find, in tenths of its points; a unit without any hardening has 96.
const MAX_EXPOSURE: u32 = 15;

fn message(manager: &UnixDatagram) -> String {
    let mut buffer = [0; 1024];
    let length = manager.recv(&mut buffer).expect("a message in time");
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

/// A service manager's socket, and its place.
fn manager_of(shop: &Shop) -> (UnixDatagram, PathBuf) {
    let path = shop.path("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    (manager, path)
}

#[test]
fn a_service_manager_is_told_of_start_reload_and_stop() {
    let mut shop = Shop::closed(programs());
    let (manager, path) = manager_of(&shop);
    shop.serve_with("NOTIFY_SOCKET", &path);
    let ready = "READY=1\nSTATUS=serving: packages 9, groups 2\n";
    assert_eq!(message(&manager), ready);
    for port in [shop.port, shop.private_port] {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    }
    // A reload that fails has ended, too.
    for (before, after) in [("key_set = ", "kee_set = "), ("kee_set = ", "key_set = ")] {
        shop.hang_up();
        let reloading = message(&manager);
        let microseconds = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect(&reloading);
        assert!(microseconds.trim_end().parse::<u64>().unwrap() > 0);
        assert_eq!(message(&manager), ready);
        shop.reconfigure(before, after);
    }
    shop.ask_to_stop();
    assert_eq!(message(&manager), "STOPPING=1\nSTATUS=ending what is open\n");
    assert_eq!(shop.exit_code(), Some(0));
}

#[test]
fn a_service_manager_is_told_how_much_a_new_catalog_offers() {
    let mut shop = watching_shop();
    before_the_release(&shop);
    let (manager, path) = manager_of(&shop);
    shop.serve_with("NOTIFY_SOCKET", &path);
    assert_eq!(message(&manager), "READY=1\nSTATUS=serving: packages 8, groups 2\n");
    release(&shop);
    assert_eq!(message(&manager), "STATUS=serving: packages 9, groups 2\n");
}

#[test]
fn a_service_manager_that_is_not_there_is_no_reason_to_stop() {
    let mut shop = Shop::closed(programs());
    shop.serve_with("NOTIFY_SOCKET", &shop.path("nobody"));
    assert!(shop.log().contains("the service manager cannot be told how things are"), "{}", shop.log());
    assert_eq!(shop.get("/").status, 200);
}

#[test]
fn health_is_asked_of_the_server_that_runs_by_the_configuration() {
    let mut shop = Shop::closed(programs());
    let health = |shop: &Shop| {
        let output = shop.validator(&["health"], "");
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = health(&shop);
    assert_eq!(code, Some(1));
    let expected =
        format!("error: found no healthy server at `http://127.0.0.1:{}/healthz`: ", shop.private_port);
    assert!(said.starts_with(&expected), "{said}");
    shop.serve();
    assert_eq!(health(&shop), (Some(0), "ok\n".to_owned()));
}

/// The unit with a program that is there; nothing without `systemd-analyze`.
fn unit(folder: &Path) -> Option<PathBuf> {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        skip("systemd-analyze");
        return None;
    }
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/deploy/bandari-validator.service"),
    )
    .unwrap();
    let unit = folder.join("bandari-validator.service");
    let program = programs().validator.display().to_string();
    assert!(text.contains("ExecStart=/usr/local/bin/bandari-validator "), "{text}");
    fs::write(&unit, text.replace("/usr/local/bin/bandari-validator", &program)).unwrap();
    Some(unit)
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let Some(unit) = unit(folder.path()) else { return };
    let output = Command::new("systemd-analyze").arg("verify").arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("bandari-validator"), "{said}");
}

#[test]
fn the_unit_leaves_little_to_attack() {
    let folder = tempfile::tempdir().unwrap();
    let Some(unit) = unit(folder.path()) else { return };
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", &format!("--threshold={MAX_EXPOSURE}")])
        .arg(&unit)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
