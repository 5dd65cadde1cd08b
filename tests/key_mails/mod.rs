//! `keybyemail` from the request to the mail as its recipient reads it.

mod by_smtp;
mod local;
mod send_key;

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use bandari_tests::http::{self, Answer};
use bandari_tests::shop::Shop;
use bandari_tests::smtp::{Certificates, PASSWORD, SmtpServer, USER};
use serde_json::{Value, json};

use crate::programs;

const ADA: &str = "ada.lovelace@example.org";

/// Nobody's address.
const EVE: &str = "eve@example.com";

/// Asks for the key of an address as a Joomla would.
fn ask(shop: &Shop, email: &str, headers: &[&str]) -> Answer {
    let target = format!("/post/release/keybyemail/lighthouse?email={}", email.replace('@', "%40"));
    http::get(shop.port, &target, headers)
}

fn json_of(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

fn assert_ok(answer: &Answer) {
    assert_eq!(json_of(answer), json!({ "status": "ok" }));
}

/// Puts a password into a file that its owner alone can read, and gives the lines that name it.
fn login_lines(shop: &Shop, password: &str) -> String {
    let path = shop.path("secrets/mail-password");
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path).unwrap();
    writeln!(file, "{password}").unwrap();
    format!("username = '{USER}'\npassword_file = 'secrets/mail-password'\n")
}

/// A shop that hands its mail to this server, with the right login and trust, and is not open yet.
fn shop_with(server: &SmtpServer, certificates: &Certificates, tls: &str) -> Shop {
    let shop = Shop::closed(programs());
    let trust = format!("ca_file = '{}'\n", certificates.ca_file().display());
    let login = login_lines(&shop, PASSWORD);
    shop.configure_mail(&smtp_lines(server, &format!("tls = '{tls}'\n{trust}{login}")));
    shop
}

fn smtp_lines(server: &SmtpServer, further: &str) -> String {
    format!("transport = 'smtp'\nhost = '127.0.0.1'\nport = {}\n{further}", server.port)
}

/// No log holds an address, a key or a password.
fn assert_nothing_leaked(shop: &Shop, log: &str, keys: &[&str]) {
    let private = ["lovelace", "eve@", "%40", PASSWORD, USER].into_iter().chain(keys.iter().copied());
    for private in private {
        assert!(!log.contains(private), "`{private}` is in the log:\n{log}");
    }
    let answers = log.matches("answered").count();
    assert!(answers > 0, "this is the log of {}", shop.port);
}

/// What the log tells of attempts, without times.
fn attempts(log: &str) -> Vec<String> {
    let told = |line: &str| line.split_once("key mail ").map(|(_, fields)| fields.to_owned());
    log.lines().filter_map(told).collect()
}

#[test]
fn without_a_way_to_send_mail_there_is_no_such_method() {
    let shop = Shop::open(programs());
    let unknown = json!({"status": "ko", "error_code": "REQ_RUN", "error_description": "Request unknown"});
    assert_eq!(json_of(&ask(&shop, ADA, &[])), unknown);
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let shop = Shop::closed(programs());
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    let mut shop = shop;
    shop.serve();
    for (target, code, description) in [
        ("/post/release/keybyemail", "REL_GNS", "Package group not specified"),
        ("/post/release/keybyemail/nope", "REL_GNF", "Package group not found"),
        ("/post/release/keybyemail/lighthouse", "REL_EMR", "Email required"),
        ("/post/release/keybyemail/lighthouse?email=%20", "REL_EMR", "Email required"),
        ("/get/release/keybyemail/lighthouse?email=a%40b", "REQ_RUN", "Request unknown"),
    ] {
        let expected = json!({"status": "ko", "error_code": code, "error_description": description});
        assert_eq!(json_of(&shop.get(target)), expected, "{target}");
    }
    // What no address looks like is nobody's.
    assert_ok(&ask(&shop, "ada", &[]));
}

#[test]
fn too_many_wishes_are_refused_alike_for_customers_and_strangers() {
    let mut shop = Shop::closed(programs());
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    let _ = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    let refused = json!({"status": "ko", "error_code": "REL_RTL", "error_description": "Too many requests"});
    for email in [ADA, EVE] {
        for _ in 0..3 {
            assert_ok(&ask(&shop, email, &[]));
        }
        assert_eq!(json_of(&ask(&shop, email, &[])), refused, "{email}");
    }
    // Eight are counted so far, the refused ones included; ten are allowed to one sender.
    assert_ok(&ask(&shop, "a@example.org", &[]));
    assert_ok(&ask(&shop, "b@example.org", &[]));
    assert_eq!(json_of(&ask(&shop, "c@example.org", &[])), refused);
}

#[test]
fn a_mail_table_that_cannot_work_is_refused_before_the_server_starts() {
    for (lines, expected) in [
        (
            "transport = 'smtp'\nhost = 'mail.shop.test'\ntls = 'none'",
            "`mail.tls`: found `none` for the host",
        ),
        ("transport = 'smtp'\nhost = 'h'\nhostt = 'i'", "unknown field `hostt`"),
        ("transport = 'smtp'\nhost = 'h'\nca_file = 'bandari.toml'", "bandari.toml`: found no certificates"),
        (
            "transport = 'smtp'\nhost = 'h'\nusername = 'u'\npassword_file = 'bandari.toml'",
            "bandari.toml`: found mode 644, expected 600",
        ),
        ("transport = 'sendmail'\ncommand = 'none'", "`mail.command`: found no program"),
        ("transport = 'folder'\nfolder = 'output/public/mails'", "`mail.folder`: found"),
    ] {
        let shop = Shop::closed(programs());
        shop.configure_mail(lines);
        let output = shop.validator(&["check-config"], "");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let shop = Shop::closed(programs());
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    let _ = shop.validator_prints(&["check-config"], "");
    assert!(!fs::exists(shop.path("mails")).unwrap(), "looking makes nothing");
}
