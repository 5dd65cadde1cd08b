//! Keys that other systems gave out: Akeeba Release System, jBackend, subscription extensions. They are kept as keyed hashes:
//! HMAC-SHA256 (RFC 2104) with a seed of its own over the key in its canonical form. Keys of other systems may be short, and
//! without the seed a stolen store tells none of them.
//!
//! Two shapes are known:
//!
//! - a Download ID of Akeeba Release System, `[<user id>:]<32 hex digits>`; what follows the digits does not count, and the
//!   colon may be written as `%3A`. Canonical: lower case.
//! - anything else of 8 to 128 visible ASCII characters, as it is.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// Shortest key of another system.
pub(crate) const MIN_KEY_CHARS: usize = 8;

/// Longest key of another system.
const MAX_KEY_CHARS: usize = 128;

/// Hex digits of a Download ID (an MD5).
const DOWNLOAD_ID_CHARS: usize = 32;

/// How many characters of a key tell which wrong keys begin alike: of a key of our own they hold whose it is, and of any
/// other they are as many as the shortest one has.
const PREFIX_CHARS: usize = 8;

/// Of a key that is marked, this many bytes are taken at a time: most keys are shorter.
const MARKED_BYTES: usize = 64;

/// What the store knows of an imported key.
pub(crate) type KeyHash = [u8; 32];

/// A key that may be one of another system. It has no `Debug`.
pub(crate) struct ForeignKey {
    /// The hashes that it may have been imported under: as a Download ID, and as it is.
    pub(crate) hashes: [KeyHash; 2],
    /// The Download ID that it is or begins with, canonical.
    pub(crate) download_id: Option<SecretString>,
    /// In the form under which it would be imported.
    pub(crate) canonical: SecretString,
}

/// How a key begins, as a hash: equal for all keys that begin alike. It has no `Debug` that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyPrefix([u8; 32]);

impl fmt::Debug for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPrefix(…)")
    }
}

/// Makes the hashes of imported keys.
pub(crate) struct KeyHasher {
    mac: Hmac<Sha256>,
}

impl fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHasher(…)")
    }
}

impl KeyHasher {
    pub(crate) fn new(seed: &SecretSlice<u8>) -> Self {
        let mac = Hmac::new_from_slice(seed.expose_secret()).expect("HMAC takes keys of any length");
        Self { mac }
    }

    /// The hash under which a key is imported; nothing for what is no key.
    pub(crate) fn hash(&self, key: &str) -> Option<KeyHash> {
        canonical(key.trim()).map(|canonical| self.hash_of(&canonical))
    }

    /// A key of a request as it may have been imported; nothing for what has not the outline of a key.
    pub(crate) fn foreign_key(&self, key: &str) -> Option<ForeignKey> {
        let (download_id, opaque) = (download_id(key), opaque(key));
        let as_it_is = opaque.as_ref().or(download_id.as_ref())?;
        let first = download_id.as_ref().unwrap_or(as_it_is);
        let hashes = [self.hash_of(first), self.hash_of(as_it_is)];
        let canonical = canonical(key).unwrap_or_else(|| as_it_is.clone()).into();
        Some(ForeignKey { hashes, download_id: download_id.map(SecretString::from), canonical })
    }

    /// What the log may know of any key, in whatever case it came. It has nothing in common with the hash under which the store
    /// keeps a key: no key has a NUL in it.
    pub(crate) fn mark(&self, key: &str) -> KeyHash {
        let mut mac = self.mac.clone();
        mac.update(b"log\0");
        // Piece by piece: a copy of the whole key would stay in memory.
        for piece in key.as_bytes().chunks(MARKED_BYTES) {
            let mut lower = [0; MARKED_BYTES];
            lower[..piece.len()].copy_from_slice(piece);
            lower.make_ascii_lowercase();
            mac.update(&lower[..piece.len()]);
        }
        mac.finalize().into_bytes().into()
    }

    /// How any key begins, in the form in which keys are compared, whether it can be a key or not.
    pub(crate) fn prefix(&self, key: &str) -> KeyPrefix {
        let download_id = download_id(key);
        let beginning = download_id.as_deref().unwrap_or(key).chars().take(PREFIX_CHARS);
        KeyPrefix(self.hash_of(&beginning.collect::<String>()))
    }

    fn hash_of(&self, canonical: &str) -> KeyHash {
        let mut mac = self.mac.clone();
        mac.update(canonical.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// The form under which a key is imported. With anything behind it, a Download ID is another system's key that only looks alike:
/// 40 hex digits, say.
fn canonical(key: &str) -> Option<String> {
    let exact = download_id(key).filter(|id| id.len() == key.len());
    exact.or_else(|| opaque(key))
}

/// The canonical form of a Download ID (ARS 7, `Dlid::getUser` and its relatives: the key is what the first 32 characters
/// say).
fn download_id(key: &str) -> Option<String> {
    let lower = key.to_ascii_lowercase();
    let (user, digits) = match lower.replacen("%3a", ":", 1).split_once(':') {
        Some((user, digits)) => (Some(user.to_owned()), digits.to_owned()),
        None => (None, lower),
    };
    let digits = digits.get(..DOWNLOAD_ID_CHARS)?;
    let is_number = |user: &str| {
        !user.starts_with('0') && !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || !user.as_deref().is_none_or(is_number) {
        return None;
    }
    Some(user.map_or_else(|| digits.to_owned(), |user| format!("{user}:{digits}")))
}

fn opaque(key: &str) -> Option<String> {
    let has_length = (MIN_KEY_CHARS..=MAX_KEY_CHARS).contains(&key.len());
    (has_length && key.bytes().all(|byte| byte.is_ascii_graphic())).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn hasher() -> KeyHasher {
        KeyHasher::new(&SecretSlice::from(vec![7; 32]))
    }

    /// Whether a key that was imported is recognized when this is sent.
    fn opens(imported: &str, sent: &str) -> bool {
        let hash = hasher().hash(imported).expect("a key");
        hasher().foreign_key(sent).is_some_and(|key| key.hashes.contains(&hash))
    }

    #[test]
    fn a_download_id_is_known_in_every_spelling_that_sites_send() {
        for sent in [DIGITS.to_owned(), DIGITS.to_uppercase(), format!("{DIGITS}junk")] {
            assert!(opens(DIGITS, &sent), "{sent}");
        }
        for sent in [format!("123:{DIGITS}"), format!("123%3A{DIGITS}"), format!("123%3a{DIGITS}")] {
            assert!(opens(&format!("123:{DIGITS}"), &sent), "{sent}");
        }
    }

    #[test]
    fn an_add_on_id_belongs_to_its_user_and_a_primary_one_to_none() {
        let add_on = format!("123:{DIGITS}");
        for sent in [DIGITS.to_owned(), format!("124:{DIGITS}"), format!("0123:{DIGITS}")] {
            assert!(!opens(&add_on, &sent), "{sent}");
        }
        assert!(!opens(DIGITS, &add_on));
        assert!(!opens(DIGITS, &format!("0:{DIGITS}")));
    }

    #[test]
    fn a_download_id_with_a_wrong_or_missing_digit_is_another_key() {
        assert!(!opens(DIGITS, &DIGITS[..31]));
        assert!(!opens(DIGITS, &DIGITS.replacen('0', "1", 1)));
        assert!(!opens(DIGITS, &DIGITS.replacen('0', "g", 1)));
    }

    #[test]
    fn an_opaque_key_counts_letter_by_letter() {
        let key = "fd8s809f89ds8f90sd81231sdsds323";
        assert!(opens(key, key));
        assert!(!opens(key, &key.to_uppercase()));
    }

    #[test]
    fn forty_hex_digits_are_no_download_id_with_junk_behind() {
        let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert!(opens(sha1, sha1));
        assert!(!opens(sha1, &format!("{}00000000", &sha1[..32])));
        assert!(!opens(sha1, &sha1[..32]));
    }

    #[test]
    fn what_cannot_be_a_key_has_no_hash() {
        for bad in ["", "1234567", "with blank", "schlüssel", &"x".repeat(129)] {
            assert!(hasher().hash(bad).is_none(), "{bad}");
            assert!(hasher().foreign_key(bad).is_none(), "{bad}");
        }
        assert!(hasher().hash(&"x".repeat(128)).is_some());
    }

    #[test]
    fn a_key_is_asked_for_elsewhere_in_the_form_that_it_would_be_imported_under() {
        let id = |key: &str| {
            let key = hasher().foreign_key(key).unwrap();
            let exposed = key.download_id.map(|id| id.expose_secret().to_owned());
            (exposed, key.canonical.expose_secret().to_owned())
        };
        let upper = DIGITS.to_uppercase();
        assert_eq!(id(&upper), (Some(DIGITS.to_owned()), DIGITS.to_owned()));
        let junk = format!("{DIGITS}junk");
        assert_eq!(id(&junk), (Some(DIGITS.to_owned()), junk.clone()));
        assert_eq!(id("fd8s809f89ds8f90"), (None, "fd8s809f89ds8f90".to_owned()));
    }

    #[test]
    fn keys_begin_alike_when_their_first_eight_characters_are_compared_as_equal() {
        let alike = |one: &str, other: &str| hasher().prefix(one) == hasher().prefix(other);
        assert!(alike("abcdefgh-1", "abcdefgh-2") && !alike("abcdefg1", "abcdefg2"));
        assert!(alike(DIGITS, &DIGITS.to_uppercase()), "a Download ID");
        assert!(alike(&format!("12345%3A{DIGITS}"), &format!("12345:{}", DIGITS.to_uppercase())));
        assert!(!alike("Abcdefgh", "abcdefgh"), "case counts in all others");
        assert!(alike("x", "x") && !alike("x", "") && alike("schlüssel", "schlüssel9"));
        assert_eq!(format!("{:?}", hasher().prefix("abcdefgh")), "KeyPrefix(…)");
    }

    #[test]
    fn another_seed_makes_other_hashes() {
        let other = KeyHasher::new(&SecretSlice::from(vec![8; 32]));
        assert_ne!(other.hash(DIGITS), hasher().hash(DIGITS));
    }
}
