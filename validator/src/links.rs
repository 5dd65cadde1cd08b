//! Signed links to licensed packages. A link names file, expiry and key set and nothing of the customer, so expiries fall on
//! whole minutes and one signature serves everyone who asks for the file in that minute: signing is most of what a redirect
//! costs.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use bandari_signed_url::{Expires, Signer, UrlPath};
use foldhash::fast::RandomState;
use hyper::header::HeaderValue;

use crate::timeline::Timeline;

/// Makes links, and keeps those of the minute.
pub(crate) struct Links {
    /// Who signs when.
    signers: Timeline<Signer>,
    lifetime_seconds: u64,
    minute: Mutex<Minute>,
}

/// The links that share an expiry and a key.
#[derive(Default)]
struct Minute {
    expires: u64,
    /// Number of the signer.
    signer: usize,
    /// Ready for `Location`: a clone shares the bytes.
    by_path: HashMap<String, HeaderValue, RandomState>,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("lifetime_seconds", &self.lifetime_seconds).finish_non_exhaustive()
    }
}

impl Links {
    pub(crate) fn new(signers: Timeline<Signer>, lifetime_seconds: u64) -> Self {
        Self { signers, lifetime_seconds, minute: Mutex::default() }
    }

    /// A link that is good from `now` (Unix seconds) for the configured life and up to a minute more; nothing when the clock
    /// is so wrong that the expiry would not have ten digits. Signed URLs are plain ASCII, which every header takes.
    pub(crate) fn link(&self, path: &UrlPath, now: u64) -> Option<HeaderValue> {
        let expires = Expires::at((now + self.lifetime_seconds).div_ceil(60) * 60).ok()?;
        // A panic elsewhere cannot leave the map half changed: entries go in whole.
        let (number, signer) = self.signers.at(now);
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if (minute.expires, minute.signer) != (expires.unix_seconds(), number) {
            let by_path = HashMap::default();
            *minute = Minute { expires: expires.unix_seconds(), signer: number, by_path };
        }
        if let Some(link) = minute.by_path.get(path.as_str()) {
            return Some(link.clone());
        }
        let link = HeaderValue::try_from(signer.sign(path, expires)).ok()?;
        minute.by_path.insert(path.as_str().to_owned(), link.clone());
        Some(link)
    }
}

#[cfg(test)]
mod tests {
    use bandari_signed_url::{KeySet, KeySetName, Origin, Verifier};
    use ed25519_dalek::SigningKey;

    use super::*;

    fn links() -> (Links, Verifier) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (origin, name) =
            (Origin::parse("https://dl.example.com").unwrap(), KeySetName::parse("k").unwrap());
        let set = KeySet::new(name.clone(), vec![key.verifying_key()]).unwrap();
        let signer = Signer::new(origin.clone(), name, key);
        (Links::new(Timeline::new(signer, Vec::new()), 300), Verifier::new(origin, vec![set]))
    }

    #[test]
    fn links_of_one_minute_are_the_same_and_all_live_long_enough() {
        let (links, verifier) = links();
        let path = UrlPath::parse("/p/x.zip").unwrap();
        let first = links.link(&path, 1_800_000_001).unwrap();
        assert_eq!(links.link(&path, 1_800_000_059).unwrap(), first);
        let next = links.link(&path, 1_800_000_061).unwrap();
        assert_ne!(next, first);
        let target = first.to_str().unwrap().strip_prefix("https://dl.example.com").unwrap();
        assert!(verifier.verify("GET", target, 1_800_000_059 + 299).is_ok());
        assert!(verifier.verify("GET", target, 1_800_000_001 + 360).is_err());
    }

    #[test]
    fn each_file_has_a_link_of_its_own() {
        let (links, _) = links();
        let (a, b) = (UrlPath::parse("/p/a.zip").unwrap(), UrlPath::parse("/p/b.zip").unwrap());
        assert_ne!(links.link(&a, 1_800_000_000), links.link(&b, 1_800_000_000));
    }

    #[test]
    fn a_link_of_the_minute_does_not_outlive_a_change_of_key() {
        let signer = |seed| {
            let origin = Origin::parse("https://dl.example.com").unwrap();
            Signer::new(origin, KeySetName::parse("k").unwrap(), SigningKey::from_bytes(&[seed; 32]))
        };
        let links = Links::new(Timeline::new(signer(1), vec![(1_800_000_030, signer(2))]), 300);
        let path = UrlPath::parse("/p/x.zip").unwrap();
        let expires = Expires::at(1_800_000_360).unwrap();
        for (now, seed) in [(1_800_000_029, 1), (1_800_000_030, 2), (1_800_000_029, 1)] {
            assert_eq!(links.link(&path, now).unwrap(), signer(seed).sign(&path, expires), "{now}");
        }
    }
}
