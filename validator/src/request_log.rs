//! The log's line for each request, and what it may tell: never a target, a header or a body, since keys, passwords, addresses
//! and signatures travel in them.

use std::fmt;
use std::time::Duration;

use hyper::{Method, StatusCode};

use crate::imported_key::KeyHasher;
use crate::offer::Offer;
use crate::question::Question;
use crate::routes::Route;
use crate::site_versions::SiteVersions;

/// What a request was about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// The package, product or group of the catalog that was asked for.
    asked: Option<String>,
    key: Option<KeyMark>,
    /// Of a check only. Apart, as an answer is moved several times before it is sent.
    versions: Option<Box<SiteVersions>>,
}

impl Trace {
    /// Of a question about this id.
    pub(crate) fn of(question: &Question<'_>, id: &str) -> Self {
        // Hashing is a fifth of what a redirect costs.
        if !tracing::enabled!(tracing::Level::INFO) {
            return Self::default();
        }
        let key = question.credentials().key;
        Self {
            asked: known(&question.app.offer, id).then(|| id.to_owned()),
            key: key.map(|key| KeyMark::of(&question.app.key_hasher, key.text)),
            versions: None,
        }
    }

    /// The same of a check, in which a plug-in may tell what its site runs.
    pub(crate) fn of_check(question: &Question<'_>, id: &str) -> Self {
        let versions = Some(Box::new(SiteVersions::of(&question.parameters)));
        Self { versions, ..Self::of(question, id) }
    }
}

/// What is in no catalog may be anything, a key in the wrong place for one.
fn known(offer: &Offer, id: &str) -> bool {
    offer.package(id).is_some() || offer.product(id).is_some() || offer.group(id).is_some()
}

/// By this the lines of one key are known for such: 32 bits of a keyed hash, which nobody can make without the seed. It is the
/// same in all validators with that seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyMark([u8; 4]);

impl KeyMark {
    pub(crate) fn of(hasher: &KeyHasher, key: &str) -> Self {
        let [a, b, c, d, ..] = hasher.mark(key);
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    pub(crate) route: Route,
    pub(crate) status: StatusCode,
    pub(crate) outcome: &'static str,
    pub(crate) duration: Duration,
}

/// Writes the line.
pub(crate) fn log(method: &Method, trace: &Trace, answered: Answered) {
    let Answered { route, status, outcome, duration } = answered;
    let (route, status, duration_us) = (route.name(), status.as_u16(), duration.as_micros() as u64);
    let (asked, key) = (trace.asked.as_deref(), trace.key.map(tracing::field::display));
    let version = |of: fn(&SiteVersions) -> &Option<String>| {
        trace.versions.as_deref().and_then(|all| of(all).as_deref())
    };
    tracing::info!(
        method = name(method),
        route,
        status,
        outcome,
        duration_us,
        asked,
        key,
        joomla = version(|all| &all.joomla),
        php = version(|all| &all.php),
        extension = version(|all| &all.extension),
        "answered"
    );
}

/// A client may send any word for a method.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretSlice;

    use super::*;

    #[test]
    fn a_mark_is_eight_digits_and_the_same_for_all_spellings_of_a_key() {
        let hasher = KeyHasher::new(&SecretSlice::from(vec![7; 32]));
        let mark = |key: &str| KeyMark::of(&hasher, key).to_string();
        // By OpenSSL: printf 'log\0aebagbafaydqqcik' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…
        assert_eq!(mark("aebagbafaydqqcik"), "51d420a6");
        assert_eq!(mark("AEBAGBAFAYDQQCIK"), mark("aebagbafaydqqcik"));
        assert_ne!(mark("aebagbafaydqqcil"), mark("aebagbafaydqqcik"));
        // The same of a hundred times `k`.
        assert_eq!(mark(&"K".repeat(100)), "5d5ad8cd");
    }

    #[test]
    fn a_word_of_a_clients_own_is_no_method() {
        assert_eq!(name(&Method::GET), "GET");
        assert_eq!(name(&Method::from_bytes(b"aebagbafaydqqcik").unwrap()), "other");
    }
}
