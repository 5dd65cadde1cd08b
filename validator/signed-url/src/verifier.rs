//! Judging requests for signed URLs.

use crate::expires::Expires;
use crate::key_set::KeySet;
use crate::origin::Origin;
use crate::path::UrlPath;
use crate::query::SignedQuery;
use crate::refusal::Refusal;

/// Says which requests an edge may serve.
///
/// It holds public keys only and allows no clock skew: a URL is good while the time is before its expiry, and the
/// machines keep their clocks right.
#[derive(Clone, Debug)]
pub struct Verifier {
    origin: Origin,
    key_sets: Vec<KeySet>,
    max_lifetime_seconds: Option<u64>,
}

impl Verifier {
    /// A verifier for URLs that start with `origin`, whatever host a request names.
    ///
    /// Of two sets with the same name the first one counts. Without any set every request is refused.
    pub fn new(origin: Origin, key_sets: Vec<KeySet>) -> Verifier {
        Verifier { origin, key_sets, max_lifetime_seconds: None }
    }

    /// Refuses URLs that expire more than this many seconds from now, so that a mistake at the signer cannot hand out
    /// links for years. Without it there is no limit (Media CDN: `signedRequestMaximumExpirationTtl`).
    #[must_use]
    pub fn with_max_lifetime_seconds(self, max_lifetime_seconds: u64) -> Verifier {
        Verifier { max_lifetime_seconds: Some(max_lifetime_seconds), ..self }
    }

    /// Judges one request at the time `now`, in Unix seconds.
    ///
    /// `target` is the request target as it came over the wire (RFC 9112, section 3.2.1): path and query, not decoded,
    /// not normalized. A rewritten one is refused at best, and at worst another one than was signed is served.
    ///
    /// # Errors
    ///
    /// The first rule that the request breaks, in the order of [`Refusal`]. Cheap rules come first: whoever has no
    /// signature of the right form, for a known key set and in time, costs no curve arithmetic.
    pub fn verify(&self, method: &str, target: &str, now: u64) -> Result<Verified, Refusal> {
        if !matches!(method, "GET" | "HEAD") {
            return Err(Refusal::Method);
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = UrlPath::parse(path).map_err(|_| Refusal::Path)?;
        let query = SignedQuery::parse(query.ok_or(Refusal::QueryForm)?)?;
        self.check_time(query.expires, now)?;
        self.check_signature(&path, &query)?;
        Ok(Verified { path, expires: query.expires })
    }

    fn check_time(&self, expires: Expires, now: u64) -> Result<(), Refusal> {
        // Nothing is left at the very second of the expiry, nor after it.
        let left_seconds = expires.unix_seconds().saturating_sub(now);
        if left_seconds == 0 {
            return Err(Refusal::Expired);
        }
        match self.max_lifetime_seconds {
            Some(max_lifetime_seconds) if left_seconds > max_lifetime_seconds => Err(Refusal::TooFarAhead),
            _ => Ok(()),
        }
    }

    /// Strict Ed25519 (RFC 8032, section 5.1.7): S is below the group order, and neither R nor the key has small order.
    fn check_signature(&self, path: &UrlPath, query: &SignedQuery<'_>) -> Result<(), Refusal> {
        let key_set = self
            .key_sets
            .iter()
            .find(|key_set| key_set.name().as_str() == query.key_set)
            .ok_or(Refusal::UnknownKeySet)?;
        // The text as it came, with our own origin in front; nothing is put together anew.
        let message = [self.origin.as_str(), path.as_str(), "?", query.signed].concat();
        let is_good =
            key_set.keys().iter().any(|key| key.verify_strict(message.as_bytes(), &query.signature).is_ok());
        if is_good { Ok(()) } else { Err(Refusal::Signature) }
    }
}

/// A request that may be served: the proof of a good check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    path: UrlPath,
    expires: Expires,
}

impl Verified {
    /// The path of the file, without the query: what to look up in the cache and to ask the origin server for.
    pub fn path(&self) -> &UrlPath {
        &self.path
    }

    /// When the URL expires. A transfer that has begun may run past it.
    pub fn expires(&self) -> Expires {
        self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_set::KeySetName;
    use crate::public_key::public_key_from_base64url;

    const TARGET: &str = "/joomla/pkg_demo-1.2.3.zip?Expires=1800000000&KeyName=jus-2026a&Signature=\
                          viEVW5QwdFTTqUUTOGlcAbUa6PNUGS8sqQamJAmJePnEYhSPGkYS-NZXAjVNoTaGbih3K5BBJHM-FSoZ7Tl8Bw";
    const NOW: u64 = 1_799_999_700;
    // RFC 8032, section 7.1: TEST 1 signed the target, TEST 2 did not.
    const GOOD_KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const OTHER_KEY: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

    fn set(key: &str) -> KeySet {
        let name = KeySetName::parse("jus-2026a").unwrap();
        KeySet::new(name, vec![public_key_from_base64url(key).unwrap()]).unwrap()
    }

    fn verifier(key_sets: Vec<KeySet>) -> Verifier {
        Verifier::new(Origin::parse("https://dl.example.com").unwrap(), key_sets)
    }

    #[test]
    fn a_good_request_gives_its_path_and_expiry() {
        let verified = verifier(vec![set(GOOD_KEY)]).verify("GET", TARGET, NOW).unwrap();
        assert_eq!(verified.path().as_str(), "/joomla/pkg_demo-1.2.3.zip");
        assert_eq!(verified.expires().unix_seconds(), 1_800_000_000);
    }

    #[test]
    fn without_key_sets_every_request_is_refused() {
        assert_eq!(verifier(vec![]).verify("GET", TARGET, NOW), Err(Refusal::UnknownKeySet));
    }

    #[test]
    fn of_two_sets_with_one_name_the_first_counts() {
        let first_good = verifier(vec![set(GOOD_KEY), set(OTHER_KEY)]);
        assert!(first_good.verify("GET", TARGET, NOW).is_ok());
        let first_other = verifier(vec![set(OTHER_KEY), set(GOOD_KEY)]);
        assert_eq!(first_other.verify("GET", TARGET, NOW), Err(Refusal::Signature));
    }

    #[test]
    fn no_lifetime_and_no_time_overflows() {
        let verifier = verifier(vec![set(GOOD_KEY)]).with_max_lifetime_seconds(u64::MAX);
        assert!(verifier.verify("GET", TARGET, NOW).is_ok());
        assert_eq!(verifier.verify("GET", TARGET, u64::MAX), Err(Refusal::Expired));
    }
}
