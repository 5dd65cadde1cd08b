//! Signed URLs: what is accepted is exactly what the signer writes, and nothing near it.
//!
//! The first byte of an input chooses: even, and the rest is a request target as it came; odd, and the rest is an edit that
//! spoils a good one, and the path that was signed.

use bandari_signed_url::{
    Expires, KeySetName, Origin, UrlPath, public_key_from_base64url, public_key_to_base64url,
};

use crate::edit::Edit;
use crate::shop::{NOW, ORIGIN, signer, verifier};

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    if choice % 2 == 0 {
        let Ok(text) = std::str::from_utf8(rest) else { return };
        target_of_a_stranger(text);
        parts(text);
    } else if let Some((edit, path)) = Edit::split_off(rest) {
        spoiled_target(&edit, &String::from_utf8_lossy(path));
    }
}

/// Of all that strangers send only what our signer writes is accepted, byte by byte.
fn target_of_a_stranger(target: &str) {
    for method in ["GET", "HEAD"] {
        let Ok(verified) = verifier().verify(method, target, NOW) else { continue };
        let signed = signer().sign(verified.path(), verified.expires());
        assert_eq!(signed.strip_prefix(ORIGIN), Some(target), "accepted, but never written so");
        assert!(verified.expires().unix_seconds() > NOW, "accepted after its time");
    }
    assert!(verifier().verify("POST", target, NOW).is_err(), "accepted for another method");
}

/// What can be read is written as it was read.
fn parts(text: &str) {
    if let Ok(path) = UrlPath::parse(text) {
        assert_eq!(path.as_str(), text);
        assert!(text.ends_with(path.file_name()) && !path.file_name().contains('/'));
    }
    if let Ok(origin) = Origin::parse(text) {
        assert_eq!(origin.as_str(), text);
    }
    if let Ok(name) = KeySetName::parse(text) {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(key) = public_key_from_base64url(text) {
        // Padding may be there, as Media CDN has it, and is never written.
        assert_eq!(public_key_to_base64url(&key), text.strip_suffix('=').unwrap_or(text));
    }
}

fn spoiled_target(edit: &Edit, path: &str) {
    let Ok(path) = UrlPath::parse(path) else { return };
    let expires = Expires::at(NOW + 300).expect("it has ten digits");
    let url = signer().sign(&path, expires);
    let good = url.strip_prefix(ORIGIN).expect("every URL begins with the origin");
    let verified = verifier().verify("GET", good, NOW).expect("a link of our own is good");
    assert_eq!((verified.path(), verified.expires()), (&path, expires));
    assert!(verifier().verify("GET", good, NOW + 300).is_err(), "accepted at its end");

    let spoiled = edit.apply(good);
    assert!(spoiled == good || verifier().verify("GET", &spoiled, NOW).is_err(), "accepted: {spoiled:?}");
}
