//! Named sets of public keys: what `KeyName` points to.

use std::error::Error;
use std::fmt;

use ed25519_dalek::VerifyingKey;

use crate::public_key::public_key_to_base64url;

/// The most keys of a set, as in Media CDN ("Keys overview"): the new one, the one in use, the one on its way out.
/// Each costs one more signature check on a URL that none of them signed.
pub const MAX_KEYS: usize = 3;

/// The longest name of a key set, in characters: a letter and 63 more, as a Media CDN key set may be called.
pub const MAX_KEY_SET_NAME_LENGTH: usize = 64;

/// The name of a key set, the value of `KeyName`: a letter, then up to 63 letters, digits, `_` or `-`.
///
/// It names the set and not one key in it, so keys can be exchanged without a change in any URL's form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeySetName(String);

impl KeySetName {
    /// Takes `text` as it is; upper and lower case are different names.
    ///
    /// # Errors
    ///
    /// When `text` is empty, too long, starts with something else than an ASCII letter, or holds another character.
    pub fn parse(text: &str) -> Result<KeySetName, InvalidKeySetName> {
        if is_key_set_name(text) {
            Ok(KeySetName(text.to_owned()))
        } else {
            Err(InvalidKeySetName { found: text.to_owned() })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeySetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` may be the value of `KeyName`.
pub(crate) fn is_key_set_name(text: &str) -> bool {
    text.len() <= MAX_KEY_SET_NAME_LENGTH
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// A text that is no [`KeySetName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKeySetName {
    found: String,
}

impl fmt::Display for InvalidKeySetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.escape_debug();
        write!(f, "key set name `{found}`: expected a letter, then up to 63 letters, digits, `_` or `-`")
    }
}

impl Error for InvalidKeySetName {}

/// A name and one to [`MAX_KEYS`] public keys; a URL is good if any of them signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySet {
    name: KeySetName,
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// A set of these keys, tried in this order: put the one that signs now first.
    ///
    /// # Errors
    ///
    /// When there is no key or more than [`MAX_KEYS`], when a key stands twice, or when one is not fit for verifying:
    /// a key of small order accepts one fixed signature for many messages (and in some libraries for all), and a key
    /// whose coordinate is not reduced has a second spelling, which RFC 8032, section 5.1.3, does not decode.
    pub fn new(name: KeySetName, keys: Vec<VerifyingKey>) -> Result<KeySet, InvalidKeySet> {
        if keys.is_empty() {
            return Err(InvalidKeySet::NoKeys { name });
        }
        if keys.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooManyKeys { name, found: keys.len() });
        }
        for (index, key) in keys.iter().enumerate() {
            let position = index + 1;
            if key.is_weak() {
                return Err(InvalidKeySet::WeakKey { name, position });
            }
            if key.to_edwards().compress().as_bytes() != key.as_bytes() {
                return Err(InvalidKeySet::UnreducedKey { name, position });
            }
            if keys[..index].contains(key) {
                return Err(InvalidKeySet::RepeatedKey { name, position });
            }
        }
        Ok(KeySet { name, keys })
    }

    /// The name of the set.
    pub fn name(&self) -> &KeySetName {
        &self.name
    }

    /// The keys, in the order in which they are tried.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }
}

/// Shows the keys as configuration writes them; they are public.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(public_key_to_base64url).collect();
        f.debug_struct("KeySet").field("name", &self.name).field("keys", &keys).finish()
    }
}

/// Keys that make no [`KeySet`]. Positions count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidKeySet {
    /// There is no key.
    NoKeys {
        /// The set.
        name: KeySetName,
    },
    /// There are more than [`MAX_KEYS`].
    TooManyKeys {
        /// The set.
        name: KeySetName,
        /// How many there are.
        found: usize,
    },
    /// A key has small order.
    WeakKey {
        /// The set.
        name: KeySetName,
        /// Which key.
        position: usize,
    },
    /// A key's coordinate is not reduced modulo 2²⁵⁵ − 19.
    UnreducedKey {
        /// The set.
        name: KeySetName,
        /// Which key.
        position: usize,
    },
    /// A key equals an earlier one; where the other was meant, URLs that it signs would be refused.
    RepeatedKey {
        /// The set.
        name: KeySetName,
        /// Which key.
        position: usize,
    },
}

impl fmt::Display for InvalidKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidKeySet::NoKeys { name } => {
                write!(f, "key set `{name}`: no public key found, expected 1 to {MAX_KEYS}")
            }
            InvalidKeySet::TooManyKeys { name, found } => {
                write!(f, "key set `{name}`: {found} public keys found, expected 1 to {MAX_KEYS}")
            }
            InvalidKeySet::WeakKey { name, position } => {
                write!(
                    f,
                    "key set `{name}`: public key {position} is weak, expected one made from a private key"
                )
            }
            InvalidKeySet::UnreducedKey { name, position } => {
                write!(
                    f,
                    "key set `{name}`: public key {position} is not reduced, expected its RFC 8032 form"
                )
            }
            InvalidKeySet::RepeatedKey { name, position } => {
                write!(
                    f,
                    "key set `{name}`: public key {position} stands there twice, expected different keys"
                )
            }
        }
    }
}

impl Error for InvalidKeySet {}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn name() -> KeySetName {
        KeySetName::parse("jus-2026a").unwrap()
    }

    fn key(seed: u8) -> VerifyingKey {
        SigningKey::from_bytes(&[seed; 32]).verifying_key()
    }

    /// The point whose compressed form is `first` followed by 30 times `middle` and `last`.
    fn point(first: u8, middle: u8, last: u8) -> VerifyingKey {
        let mut bytes = [middle; 32];
        bytes[0] = first;
        bytes[31] = last;
        VerifyingKey::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn a_name_is_a_letter_and_up_to_63_more_characters() {
        let longest = format!("a{}", "9".repeat(63));
        for text in ["a", "Z", "jus-2026a", "a_b-C", longest.as_str()] {
            assert_eq!(KeySetName::parse(text).unwrap().as_str(), text);
        }
        let too_long = format!("{longest}9");
        for text in ["", "1a", "_a", "-a", "a.b", "a b", "a\n", "ä", "aä", too_long.as_str()] {
            assert!(KeySetName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_name_error_says_what_was_found_and_what_was_expected() {
        assert_eq!(
            KeySetName::parse("2026a").unwrap_err().to_string(),
            "key set name `2026a`: expected a letter, then up to 63 letters, digits, `_` or `-`"
        );
    }

    #[test]
    fn a_set_holds_one_to_three_keys() {
        assert_eq!(KeySet::new(name(), vec![key(1), key(2), key(3)]).unwrap().keys().len(), 3);
        assert_eq!(
            KeySet::new(name(), vec![]).unwrap_err().to_string(),
            "key set `jus-2026a`: no public key found, expected 1 to 3"
        );
        assert_eq!(
            KeySet::new(name(), vec![key(1), key(2), key(3), key(4)]).unwrap_err().to_string(),
            "key set `jus-2026a`: 4 public keys found, expected 1 to 3"
        );
    }

    #[test]
    fn a_weak_key_is_refused() {
        let identity = point(1, 0, 0);
        assert_eq!(
            KeySet::new(name(), vec![key(1), identity]),
            Err(InvalidKeySet::WeakKey { name: name(), position: 2 })
        );
    }

    #[test]
    fn a_key_in_a_second_spelling_is_refused() {
        // y = p + 3, the same point as y = 3.
        let unreduced = point(0xf0, 0xff, 0x7f);
        assert_eq!(
            KeySet::new(name(), vec![unreduced]),
            Err(InvalidKeySet::UnreducedKey { name: name(), position: 1 })
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        assert_eq!(
            KeySet::new(name(), vec![key(1), key(2), key(1)]),
            Err(InvalidKeySet::RepeatedKey { name: name(), position: 3 })
        );
    }

    #[test]
    fn debug_shows_keys_as_configuration_writes_them() {
        let set = KeySet::new(name(), vec![key(1)]).unwrap();
        assert!(format!("{set:?}").contains(&public_key_to_base64url(&key(1))));
    }
}
