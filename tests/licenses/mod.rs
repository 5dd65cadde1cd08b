//! `bandari-validator license …`: what becomes of licenses and keys, as a vendor sees it on the command line and a customer in
//! the answers of a running shop.

mod changes;
mod history;
mod import_ars;
mod import_csv;
mod import_jbackend;

use std::fs;

use bandari_tests::shop::Shop;
use serde_json::Value;

/// Runs a command and reads the JSON that it prints.
fn json(shop: &Shop, arguments: &[&str], input: &str) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    serde_json::from_str(&shop.validator_prints(&arguments, input)).unwrap()
}

/// What a command that must fail with exit code 2 says.
fn refusal(shop: &Shop, arguments: &[&str], input: &str) -> String {
    let output = shop.validator(arguments, input);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    text.trim_end().strip_prefix("error: ").expect("an error").to_owned()
}

/// Whether a key opens the download of the licensed package.
fn opens(shop: &Shop, key: &str) -> bool {
    match shop.get(&format!("/download/lighthouse_110?dlid={key}")).status {
        302 => true,
        403 => false,
        other => panic!("status {other}"),
    }
}

/// Puts a file into the shop's folder and gives its path.
fn file(shop: &Shop, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = shop.path(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// All bytes of the license store, with what SQLite has beside it.
fn store_bytes(shop: &Shop) -> Vec<u8> {
    let read = |end: &str| fs::read(shop.path(format!("secrets/licenses.sqlite{end}"))).unwrap_or_default();
    ["", "-wal", "-shm"].map(read).concat()
}

/// Panics when the store has one of the texts in clear.
fn assert_not_in_store(shop: &Shop, secrets: &[&str]) {
    let bytes = store_bytes(shop);
    for secret in secrets {
        let lower = secret.to_lowercase();
        for text in [*secret, &lower] {
            assert!(
                !bytes.windows(text.len()).any(|window| window == text.as_bytes()),
                "{text} is in the store"
            );
        }
    }
}
