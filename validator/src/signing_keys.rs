//! The keys that sign links, and whose turn it is. Everything here follows from the time alone: a rotation needs one change of
//! the key file, and nobody has to be there when the next key takes over.
//!
//! At each second one key signs. Edges accept that one, those whose time has yet to come, and each older one until the last
//! link that it can have signed has expired.

use std::fmt;

use bandari_signed_url::{MAX_KEYS, public_key_to_base64url};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::timeline::Timeline;

/// Longest name of a key, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Of the public key, this many characters are the name of a key without one: enough to tell three keys apart, and to find the
/// key in a CDN's console.
const NAME_FROM_PUBLIC_KEY_CHARS: usize = 8;

/// How much longer than its configured life a link may be good: expiries fall on whole minutes, and clocks may be set back a
/// little.
pub(crate) const LINK_SLACK_SECONDS: u64 = 120;

/// The name of a key, for people only: no link and no edge knows it. Letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyName(String);

impl KeyName {
    /// # Errors
    /// What was found and what was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let is_name = (1..=MAX_NAME_CHARS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if is_name {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "found `{}`, expected 1 to {MAX_NAME_CHARS} letters, digits, `_` or `-`",
            text.escape_debug()
        ))
    }

    /// The name of a key that nobody named.
    fn of(key: &VerifyingKey) -> Self {
        let mut text = public_key_to_base64url(key);
        text.truncate(NAME_FROM_PUBLIC_KEY_CHARS);
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A signing key and when its turn begins. The private half is wiped from memory with it.
#[derive(Clone)]
pub(crate) struct NamedKey {
    pub(crate) name: KeyName,
    /// Unix seconds; nothing for a key that has signed since ever.
    pub(crate) signs_from: Option<u64>,
    pub(crate) key: SigningKey,
}

impl NamedKey {
    /// A key without a name is called by the first characters of its public half.
    pub(crate) fn new(name: Option<KeyName>, signs_from: Option<u64>, key: SigningKey) -> Self {
        let name = name.unwrap_or_else(|| KeyName::of(&key.verifying_key()));
        Self { name, signs_from, key }
    }

    /// The public half, as edges are configured with it.
    pub(crate) fn public_key(&self) -> String {
        public_key_to_base64url(&self.key.verifying_key())
    }
}

impl fmt::Debug for NamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedKey")
            .field("name", &self.name)
            .field("signs_from", &self.signs_from)
            .field("public_key", &self.public_key())
            .finish_non_exhaustive()
    }
}

/// What becomes of a key at a time. All times are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// It signs.
    Signs,
    /// It will sign, and edges should know it by then.
    Next {
        /// When its turn begins.
        from: u64,
    },
    /// It signs no more; links that it signed may still be good.
    Accepted {
        /// When the last of them has expired.
        until: u64,
    },
    /// No link that it signed is good any more.
    Expired {
        /// When the last of them expired.
        since: u64,
    },
}

/// One to three keys in the order of their turns.
#[derive(Debug)]
pub(crate) struct SigningKeys(Vec<NamedKey>);

impl SigningKeys {
    /// # Errors
    /// When there are none or too many, when a name or a key stands there twice, or when it is not plain whose turn it is.
    pub(crate) fn new(mut keys: Vec<NamedKey>) -> Result<Self, String> {
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(format!("found {} keys, expected 1 to {MAX_KEYS}", keys.len()));
        }
        keys.sort_by_key(|key| key.signs_from);
        for (index, key) in keys.iter().enumerate() {
            let (earlier, name) = (&keys[..index], &key.name);
            if earlier.iter().any(|other| other.name == *name) {
                return Err(format!("found two keys with the name `{name}`, expected different names"));
            }
            if let Some(other) = earlier.iter().find(|other| other.signs_from == key.signs_from) {
                return Err(format!(
                    "found the keys `{}` and `{name}` with the same `Signs-From` or none, expected it to differ",
                    other.name
                ));
            }
            if let Some(other) = earlier.iter().find(|other| other.public_key() == key.public_key()) {
                return Err(format!(
                    "found one key as `{}` and as `{name}`, expected different keys",
                    other.name
                ));
            }
        }
        Ok(Self(keys))
    }

    /// In the order of their turns.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, NamedKey> {
        self.0.iter()
    }

    pub(crate) fn into_keys(self) -> Vec<NamedKey> {
        self.0
    }

    /// Place of the key that signs at `now`. Before the first one's time there is no other, so it signs then, too.
    fn signing_place(&self, now: u64) -> usize {
        self.0.iter().skip(1).take_while(|key| key.signs_from.is_some_and(|from| from <= now)).count()
    }

    /// What becomes of each key at `now`, in the order of their turns. `link_lifetime_seconds` is that of the links that they
    /// sign.
    pub(crate) fn states(&self, link_lifetime_seconds: u64, now: u64) -> Vec<(&NamedKey, KeyState)> {
        let signing = self.signing_place(now);
        let state = |(place, key)| (key, self.state(place, signing, link_lifetime_seconds, now));
        self.0.iter().enumerate().map(state).collect()
    }

    fn state(&self, place: usize, signing: usize, link_lifetime_seconds: u64, now: u64) -> KeyState {
        if place == signing {
            return KeyState::Signs;
        }
        if place > signing {
            return KeyState::Next { from: self.0[place].signs_from.unwrap_or_default() };
        }
        match self.end(place, link_lifetime_seconds) {
            Some(until) if now < until => KeyState::Accepted { until },
            since => KeyState::Expired { since: since.unwrap_or_default() },
        }
    }

    /// When the last link has expired that a key can have signed; nothing for the last key.
    fn end(&self, place: usize, link_lifetime_seconds: u64) -> Option<u64> {
        let successor = self.0.get(place + 1)?;
        Some(successor.signs_from?.saturating_add(link_lifetime_seconds + LINK_SLACK_SECONDS))
    }

    /// Who signs when.
    pub(crate) fn signers<T>(&self, make: impl Fn(&NamedKey) -> T) -> Timeline<T> {
        let later = self.0.iter().skip(1);
        let later = later.filter_map(|key| Some((key.signs_from?, make(key)))).collect();
        Timeline::new(make(&self.0[0]), later)
    }

    /// What edges accept when; `make` gets the public keys, that of the signing key first.
    ///
    /// # Errors
    /// The first that `make` gives.
    pub(crate) fn accepted<T, E>(
        &self,
        link_lifetime_seconds: u64,
        make: impl Fn(Vec<VerifyingKey>) -> Result<T, E>,
    ) -> Result<Timeline<T>, E> {
        let at = |now| make(self.accepted_at(link_lifetime_seconds, now));
        let ends = (0..self.0.len()).filter_map(|place| self.end(place, link_lifetime_seconds));
        let mut changes: Vec<u64> = self.0.iter().skip(1).filter_map(|key| key.signs_from).collect();
        changes.extend(ends);
        let later = changes.into_iter().map(|from| Ok((from, at(from)?))).collect::<Result<_, E>>()?;
        Ok(Timeline::new(at(0)?, later))
    }

    fn accepted_at(&self, link_lifetime_seconds: u64, now: u64) -> Vec<VerifyingKey> {
        let needed = self.needed_at(link_lifetime_seconds, now);
        needed.into_iter().map(|key| key.key.verifying_key()).collect()
    }

    /// The keys of which a link may be good at `now` or later: what an edge has to know. The one that signs comes first.
    pub(crate) fn needed_at(&self, link_lifetime_seconds: u64, now: u64) -> Vec<&NamedKey> {
        let mut states = self.states(link_lifetime_seconds, now);
        states.retain(|(_, state)| !matches!(state, KeyState::Expired { .. }));
        // Most links were signed by it, and the first key that fits ends the search.
        states.sort_by_key(|(_, state)| *state != KeyState::Signs);
        states.into_iter().map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: u64 = 300;

    fn key(seed: u8, name: &str, signs_from: Option<u64>) -> NamedKey {
        NamedKey::new(Some(KeyName::parse(name).unwrap()), signs_from, SigningKey::from_bytes(&[seed; 32]))
    }

    /// Not in the order of their turns.
    fn three() -> SigningKeys {
        let keys = vec![key(3, "c", Some(90_000)), key(1, "a", None), key(2, "b", Some(50_000))];
        SigningKeys::new(keys).unwrap()
    }

    fn states(keys: &SigningKeys, now: u64) -> Vec<KeyState> {
        keys.states(LIFETIME, now).into_iter().map(|(_, state)| state).collect()
    }

    #[test]
    fn each_key_waits_signs_is_accepted_for_a_while_and_expires() {
        use KeyState::{Accepted, Expired, Next, Signs};
        let (b, c) = (Next { from: 50_000 }, Next { from: 90_000 });
        for (now, expected) in [
            (0, [Signs, b, c]),
            (49_999, [Signs, b, c]),
            (50_000, [Accepted { until: 50_420 }, Signs, c]),
            (50_419, [Accepted { until: 50_420 }, Signs, c]),
            (50_420, [Expired { since: 50_420 }, Signs, c]),
            (90_000, [Expired { since: 50_420 }, Accepted { until: 90_420 }, Signs]),
            (u64::MAX, [Expired { since: 50_420 }, Expired { since: 90_420 }, Signs]),
        ] {
            assert_eq!(states(&three(), now), expected, "{now}");
        }
    }

    #[test]
    fn signers_and_accepted_keys_change_when_states_do() {
        let keys = three();
        let signers = keys.signers(|key| key.name.to_string());
        let accepted = keys.accepted(LIFETIME, Ok::<_, ()>).unwrap();
        let public = |seeds: &[u8]| -> Vec<VerifyingKey> {
            seeds.iter().map(|&seed| SigningKey::from_bytes(&[seed; 32]).verifying_key()).collect()
        };
        for (now, signer, expected) in [
            (0, "a", &[1, 2, 3][..]),
            (49_999, "a", &[1, 2, 3]),
            (50_000, "b", &[2, 1, 3]),
            (50_420, "b", &[2, 3]),
            (90_000, "c", &[3, 2]),
            (90_420, "c", &[3]),
        ] {
            assert_eq!(signers.at(now).1, signer, "{now}");
            assert_eq!(*accepted.at(now).1, public(expected), "{now}");
        }
    }

    #[test]
    fn a_key_alone_signs_even_before_its_time() {
        let keys = SigningKeys::new(vec![key(1, "a", Some(50_000))]).unwrap();
        assert_eq!(states(&keys, 0), [KeyState::Signs]);
    }

    #[test]
    fn keys_whose_turns_are_not_plain_are_refused() {
        let refusal = |keys| SigningKeys::new(keys).unwrap_err();
        assert_eq!(refusal(vec![]), "found 0 keys, expected 1 to 3");
        let four = (1..=4).map(|seed| key(seed, &seed.to_string(), Some(seed.into()))).collect();
        assert_eq!(refusal(four), "found 4 keys, expected 1 to 3");
        assert_eq!(
            refusal(vec![key(1, "a", None), key(2, "a", Some(5))]),
            "found two keys with the name `a`, expected different names"
        );
        for same in [None, Some(5)] {
            assert_eq!(
                refusal(vec![key(1, "a", same), key(2, "b", same)]),
                "found the keys `a` and `b` with the same `Signs-From` or none, expected it to differ"
            );
        }
        assert_eq!(
            refusal(vec![key(1, "a", None), key(1, "b", Some(5))]),
            "found one key as `a` and as `b`, expected different keys"
        );
    }

    #[test]
    fn a_name_is_plain() {
        let longest = "a".repeat(64);
        for good in ["2026-11-22", "a", "_", longest.as_str()] {
            assert_eq!(KeyName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "ä", "a\n", "a.b", &"a".repeat(65)] {
            assert!(KeyName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_without_a_name_is_called_by_its_public_half() {
        let key = NamedKey::new(None, None, SigningKey::from_bytes(&[1; 32]));
        // RFC 8032's key generation for 32 times 0x01, by OpenSSL.
        assert_eq!(key.public_key(), "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
        assert_eq!(key.name.as_str(), "iojj3XQJ");
    }

    #[test]
    fn debug_shows_public_keys_only() {
        let shown = format!("{:?}", SigningKeys::new(vec![key(90, "a", None)]).unwrap());
        assert!(shown.contains(&key(90, "a", None).public_key()), "{shown}");
        assert!(!shown.contains("90, 90") && !shown.to_lowercase().contains("5a5a"), "{shown}");
    }
}
