//! Making signed URLs.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::expires::Expires;
use crate::key_set::KeySetName;
use crate::origin::Origin;
use crate::path::UrlPath;
use crate::public_key::public_key_to_base64url;
use crate::query::{EXPIRES, KEY_NAME, SIGNATURE, push_signature, query_length};

/// Signs URLs of one origin with one private key.
///
/// Same file, same expiry, same URL: Ed25519 signatures are deterministic (RFC 8032, section 5.1.6), so a caller may
/// keep a URL and hand it to everybody who asks for that file until it expires.
#[derive(Clone)]
pub struct Signer {
    origin: Origin,
    key_set: KeySetName,
    key: SigningKey,
}

impl Signer {
    /// A signer for URLs that start with `origin` and are checked by the set `key_set`, of which the public half of
    /// `key` must be a member at every edge.
    pub fn new(origin: Origin, key_set: KeySetName, key: SigningKey) -> Signer {
        Signer { origin, key_set, key }
    }

    /// The whole URL for `path`, good while the time is before `expires`.
    ///
    /// Signed is the text of the URL before `&Signature=`, with pure Ed25519 (no pre-hash, no context).
    pub fn sign(&self, path: &UrlPath, expires: Expires) -> String {
        let (origin, path, key_set) = (self.origin.as_str(), path.as_str(), self.key_set.as_str());
        // As long as it becomes: it is kept for a minute, and then no byte of it is copied on the way.
        let mut url = String::with_capacity(origin.len() + path.len() + 1 + query_length(key_set.len()));
        for part in [origin, path, "?", EXPIRES, &expires.unix_seconds().to_string(), KEY_NAME, key_set] {
            url.push_str(part);
        }
        let signature = self.key.sign(url.as_bytes());
        url.push_str(SIGNATURE);
        push_signature(&mut url, &signature);
        url
    }

    /// The public half of the key, for the edges.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// What every URL starts with.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The value of `KeyName` in every URL.
    pub fn key_set(&self) -> &KeySetName {
        &self.key_set
    }
}

/// Shows the public half of the key only.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("origin", &self.origin)
            .field("key_set", &self.key_set)
            .field("verifying_key", &public_key_to_base64url(&self.verifying_key()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    #[test]
    fn debug_shows_the_public_key_and_not_the_private_one() {
        let seed = [0x5a; 32];
        let key = SigningKey::from_bytes(&seed);
        let signer = Signer::new(
            Origin::parse("https://dl.example.com").unwrap(),
            KeySetName::parse("jus-2026a").unwrap(),
            key.clone(),
        );
        let shown = format!("{signer:?} {signer:#?}").to_lowercase();
        assert!(shown.contains(&public_key_to_base64url(&key.verifying_key()).to_lowercase()));
        for secret in [
            "5a5a".to_owned(),
            "90, 90".to_owned(),
            URL_SAFE_NO_PAD.encode(seed).to_lowercase(),
            STANDARD_NO_PAD.encode(seed).to_lowercase(),
        ] {
            assert!(!shown.contains(&secret), "{shown}");
        }
    }
}
