//! `bandari-validator license …`: what becomes of licenses and keys, as a vendor sees it on the command line and a customer in
//! the answers of a running shop.

mod changes;
mod history;

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
