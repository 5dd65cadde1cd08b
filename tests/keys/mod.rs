//! `bandari-validator keys …` and what becomes of links and license keys then, and `/edge/verify`. Time is made to pass by
//! writing other times into the secret files.

mod edge_verify;
mod full_disk;
mod seeds;
mod show;
mod signing;

use std::fs::{self, File};
use std::io::Write;

use bandari_signed_url::{Expires, KeySetName, Origin, Signer, UrlPath};
use bandari_tests::http::{self, Answer};
use bandari_tests::shop::{KEY_SET, Shop};
use bandari_tests::smtp::wait_for;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use jiff::Timestamp;
use serde_json::Value;

use crate::programs;

const KEY_FILE: &str = "secrets/signing-key.pem";

const SEEDS_FILE: &str = "secrets/seeds.toml";

/// What the log says when everything was read anew.
const RELOADED: &str = " reloaded packages=9";

const LIGHTHOUSE: &str = "/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";

/// Runs a command and reads the JSON that it prints.
fn json(shop: &Shop, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    serde_json::from_str(&shop.validator_prints(&arguments, "")).unwrap()
}

/// What a command that must fail with exit code 2 says.
fn refusal(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.validator(arguments, "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    text.trim_end().strip_prefix("error: ").expect("an error").to_owned()
}

/// This many seconds from now, as RFC 3339 says.
fn in_seconds(seconds: i64) -> String {
    Timestamp::from_second(unix_seconds() + seconds).unwrap().to_string()
}

#[expect(clippy::disallowed_methods, reason = "the server that is tested reads the clock, too")]
fn unix_seconds() -> i64 {
    Timestamp::now().as_second()
}

/// Writes other values behind `label` into a file of secrets, one for each line that begins with it.
fn rewrite(shop: &Shop, file: &str, label: &str, values: &[String]) {
    let mut values = values.iter();
    let text = fs::read_to_string(shop.path(file)).unwrap();
    let line = |line: &str| match line.starts_with(label) {
        true => format!("{label}{}\n", values.next().expect("a value for each line")),
        false => format!("{line}\n"),
    };
    let text: String = text.lines().map(line).collect();
    assert!(values.next().is_none(), "{file} has not that many lines with `{label}`");
    fs::write(shop.path(file), text).unwrap();
}

/// Sets when the keys but the first begin to sign, in seconds from now.
fn set_turns(shop: &Shop, seconds: &[i64]) {
    let times: Vec<String> = seconds.iter().map(|seconds| in_seconds(*seconds)).collect();
    rewrite(shop, KEY_FILE, "Signs-From: ", &times);
}

/// Sends SIGHUP and waits until the server has read its files.
pub(crate) fn reload(shop: &Shop) {
    let count = || shop.log().matches(RELOADED).count();
    let before = count();
    shop.hang_up();
    wait_for(RELOADED, || count() > before);
}

/// The target of a link to the plug-in, signed with the key at a place of the file.
fn target_by_key(shop: &Shop, place: usize) -> String {
    target_that_expires(shop, place, 200)
}

/// The same of a link that is good for this many seconds.
fn target_that_expires(shop: &Shop, place: usize, seconds: i64) -> String {
    let text = fs::read_to_string(shop.path(KEY_FILE)).unwrap();
    let block = text.split_inclusive("-----END PRIVATE KEY-----\n").nth(place).expect("a key");
    let key = SigningKey::from_pkcs8_pem(block.trim_end()).unwrap();
    let origin = Origin::parse(&format!("http://127.0.0.1:{}", shop.port)).unwrap();
    let expires = Expires::at(u64::try_from(unix_seconds() + seconds).unwrap()).unwrap();
    let signer = Signer::new(origin, KeySetName::parse(KEY_SET).unwrap(), key);
    let link = signer.sign(&UrlPath::parse(LIGHTHOUSE).unwrap(), expires);
    shop.target_of(&link).to_owned()
}

/// Switches `/edge/verify` on.
fn configure_edge_verify(shop: &Shop) {
    let mut file = File::options().append(true).open(shop.path("validator.toml")).unwrap();
    write!(file, "\n[edge_verify]\nheader = 'X-Original-URI'\n").unwrap();
}

/// What a proxy asks whose client asked for `target`.
fn verify(shop: &Shop, target: &str) -> Answer {
    http::get(shop.port, "/edge/verify", &[&format!("X-Original-URI: {target}")])
}

/// What both edges say to a target; they must agree.
fn edges_say(shop: &Shop, target: &str) -> u16 {
    let status = shop.get(target).status;
    assert_eq!(verify(shop, target).status, status, "the edges do not agree");
    status
}
