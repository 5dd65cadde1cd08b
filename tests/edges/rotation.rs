//! Keys rotate while customers download: whoever asks gets the file, whichever key signed the link. Time is made to pass by writing
//! other times into the file of keys. An edge takes part as an [`Edge`]: how a client fetches through it, and how it gets new keys.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bandari_tests::http::Answer;
use bandari_tests::load::{Load, Outcome};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;
use serde_json::Value;

use crate::keys::reload;

use super::client::exchange;
use super::fixture::{BASE, FILE, Fixture, unix_seconds};
use super::nginx;

/// Customers, by name. Each has one request at a time under way.
const CUSTOMERS: [&str; 4] = ["Ada", "Grace", "Hedy", "Mary"];

/// Between two downloads of a customer. Nothing here is about speed.
const PAUSE: Duration = Duration::from_millis(10);

/// How many times each customer downloads between two changes.
const DOWNLOADS: u64 = 10;

/// What a client gets by a link's target; nothing when the edge closes the connection without an answer.
type Fetch = Arc<dyn Fn(&str) -> Option<Answer> + Send + Sync>;

/// An edge that is about to get other keys.
struct Edge<'e> {
    fetch: Fetch,
    /// Makes the edge take the keys that `bandari-validator edge` writes now. They count when this returns.
    renew: &'e dyn Fn(&Fixture),
}

impl<'e> Edge<'e> {
    /// One that serves the file on a port.
    fn on_port(port: u16, file: Vec<u8>, renew: &'e dyn Fn(&Fixture)) -> Self {
        let fetch = move |target: &str| {
            let answer = exchange(port, "GET", target, &[])?;
            assert!(answer.status != 200 || answer.body == file, "{} bytes", answer.body.len());
            Some(answer)
        };
        Self { fetch: Arc::new(fetch), renew }
    }
}

/// Rotates the keys of a site whose validator is not running yet, by the steps that README.md of each edge tells, while customers
/// download.
///
/// # Panics
/// When anybody does not get a file, or when an old link is still good at the end.
fn rotate_under_load(fixture: &mut Fixture, edge: &Edge<'_>) {
    let license_key = fixture.shop().key_for("ada@example.org", "lighthouse", None);
    // The fixture's second key has taken over long ago.
    set_turn_of_the_newest(fixture, -86_400);
    (edge.renew)(fixture);
    fixture.shop_mut().serve();
    let served = Arc::new(Mutex::new(BTreeSet::new()));
    let load = customers(fixture, edge, &license_key, &served);
    let wait = || CUSTOMERS.iter().for_each(|name| load.wait_for(name, DOWNLOADS));
    wait();

    let rotated = json(fixture, &["keys", "rotate"]);
    assert_eq!(rotated["public_keys"].as_array().unwrap().len(), 2, "{rotated}");
    (edge.renew)(fixture);
    wait();
    reload(fixture.shop());
    wait();
    assert_eq!(keys_that_signed(fixture, &served), [true, false], "the new key signs before its turn");

    // A day later.
    set_turn_of_the_newest(fixture, -1);
    reload(fixture.shop());
    wait();
    assert_eq!(keys_that_signed(fixture, &served), [true, true]);
    let old = fixture.sign(FILE, 200);
    assert_eq!((edge.fetch)(&old).unwrap().status, 200, "an old link is no longer good");

    // When the last link of the old key has expired.
    set_turn_of_the_newest(fixture, -3600);
    (edge.renew)(fixture);
    wait();
    reload(fixture.shop());
    wait();
    assert_eq!((edge.fetch)(&old).unwrap().status, 403, "the old key is not dropped");

    for (name, outcomes) in load.end() {
        assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), [Outcome::Answered(200)], "{name}");
    }
}

/// Customers who ask the validator for a link and follow it, over and over.
fn customers(
    fixture: &Fixture,
    edge: &Edge<'_>,
    license_key: &str,
    served: &Arc<Mutex<BTreeSet<String>>>,
) -> Load {
    let mut load = Load::new();
    for name in CUSTOMERS {
        let (port, fetch, served) = (fixture.shop().port, Arc::clone(&edge.fetch), Arc::clone(served));
        let question = format!("/download/lighthouse_110?dlid={license_key}");
        load.add(name, PAUSE, move || {
            let Some(link) = exchange(port, "GET", &question, &[]) else { return Outcome::Cut };
            if link.status != 302 {
                return Outcome::Answered(link.status);
            }
            let target =
                link.header("location").unwrap().strip_prefix(BASE).expect("a link to the edge").to_owned();
            let Some(answer) = fetch(&target) else { return Outcome::Cut };
            if answer.status == 200 {
                served.lock().unwrap().insert(target);
            }
            Outcome::Answered(answer.status)
        });
    }
    load
}

fn json(fixture: &Fixture, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    serde_json::from_str(&fixture.shop().validator_prints(&arguments, "")).unwrap()
}

/// Writes when the last key of the file begins to sign, in seconds from now.
fn set_turn_of_the_newest(fixture: &Fixture, seconds: i64) {
    const LABEL: &str = "\nSigns-From: ";
    let path = fixture.shop().path("secrets/signing-key.pem");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.rsplit_once(LABEL).expect("a key that takes turns");
    let (_, behind) = rest.split_once('\n').expect("a whole line");
    let time = Timestamp::from_second(unix_seconds() + seconds).unwrap();
    fs::write(path, format!("{before}{LABEL}{time}\n{behind}")).unwrap();
}

/// For each key of the file whether it has signed a link by which somebody got the file.
fn keys_that_signed(fixture: &Fixture, served: &Mutex<BTreeSet<String>>) -> Vec<bool> {
    let served = served.lock().unwrap();
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let has_signed = |key: &Value| {
        let key = decode(key["public_key"].as_str().unwrap());
        let key = VerifyingKey::from_bytes(key.as_slice().try_into().unwrap()).unwrap();
        served.iter().any(|target| {
            let (signed, signature) = target.split_once("&Signature=").unwrap();
            let signature = Signature::from_slice(&decode(signature)).unwrap();
            key.verify_strict(format!("{BASE}{signed}").as_bytes(), &signature).is_ok()
        })
    };
    json(fixture, &["keys", "list"])["signing_keys"].as_array().unwrap().iter().map(has_signed).collect()
}

#[test]
fn no_download_through_nginx_is_refused_while_keys_rotate() {
    let mut fixture = Fixture::new();
    let Some(nginx) = nginx::start(&fixture) else { return };
    let renew = |fixture: &Fixture| {
        let _ = fixture.generate("nginx");
        nginx.reload();
    };
    let edge = Edge::on_port(nginx.port, fixture.bytes(FILE), &renew);
    rotate_under_load(&mut fixture, &edge);
}

/// What a validator's own edges know of keys, they know by its reload.
fn nothing(_: &Fixture) {}

#[test]
fn no_download_from_the_built_in_edge_is_refused_while_keys_rotate() {
    let mut fixture = Fixture::new();
    let edge = Edge::on_port(fixture.shop().port, fixture.bytes(FILE), &nothing);
    rotate_under_load(&mut fixture, &edge);
}

#[test]
fn no_proxy_that_asks_is_told_to_refuse_while_keys_rotate() {
    let mut fixture = Fixture::new();
    let port = fixture.shop().port;
    let fetch =
        move |target: &str| exchange(port, "GET", "/edge/verify", &[format!("X-Original-URI: {target}")]);
    rotate_under_load(&mut fixture, &Edge { fetch: Arc::new(fetch), renew: &nothing });
}
