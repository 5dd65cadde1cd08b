//! What an edge does with a request: `edge <origin> <key set> <public key> <method> <target>`.
//!
//! Prints the status line and headers that it would send, and to the log why it refused.

use std::error::Error;
use std::time::UNIX_EPOCH;

use bandari_signed_url::{KeySet, KeySetName, Origin, Verifier, public_key_from_base64url};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [origin, key_set, public_key, method, target] = arguments.as_slice() else {
        return Err("expected `edge <origin> <key set> <public key> <method> <target>`".into());
    };

    // Once, at start, from the configuration: nothing of this may come from a request.
    let keys = vec![public_key_from_base64url(public_key)?];
    let key_sets = vec![KeySet::new(KeySetName::parse(key_set)?, keys)?];
    let verifier = Verifier::new(Origin::parse(origin)?, key_sets).with_max_lifetime_seconds(600);

    // For every request, before the cache is looked at; `target` as it came over the wire.
    match verifier.verify(method, target, UNIX_EPOCH.elapsed()?.as_secs()) {
        Ok(verified) => {
            println!("HTTP/1.1 200 OK");
            println!("Content-Disposition: attachment; filename=\"{}\"", verified.path().file_name());
            println!("\n(the file `{}`, cached under this path without the query)", verified.path());
        }
        Err(refusal) => {
            println!("HTTP/1.1 403 Forbidden\nCache-Control: no-store");
            eprintln!("refused by rule `{}`: {refusal}", refusal.rule());
        }
    }
    Ok(())
}
