//! License keys: derived from who holds them, never stored.
//!
//! A key is, in this order, one version byte (1), the user's id, the serial, and the first 16 bytes of
//!
//! ```text
//! HMAC-SHA256(seed of the group, group id ‖ 0x00 ‖ version byte ‖ user id ‖ serial)
//! ```
//!
//! (RFC 2104; ids and serials as unsigned LEB128 in its shortest form; a group id holds no zero byte). It is written in
//! base32 (RFC 4648, section 6), lower case, without padding: about 31 characters of `[a-z2-7]`, so that nothing in a Joomla
//! field, an URL or a mail changes it. The key says whose it is; a forged or mistyped one is refused by arithmetic, before
//! any database is asked. Each key has one spelling: other forms of the numbers and set spare bits are refused.
//!
//! A group whose seed was replaced has older ones for a while: keys of theirs are recognized until a date, none is made.

use std::fmt;

use bandari_catalog::names::GroupId;
use data_encoding::{Encoding, Specification};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use std::sync::LazyLock;

use crate::secrets::{GroupSeed, GroupSeeds, OldSeed};

const VERSION: u8 = 1;

/// 128 bits: guessing one takes longer than the sun will shine, and the key stays short enough to type.
const MAC_BYTES: usize = 16;

/// Longest part before the MAC: one version byte, two numbers of 32 bits in 5 bytes each.
const MAX_HEADER_BYTES: usize = 1 + 5 + 5;

/// Longest key.
const MAX_KEY_BYTES: usize = MAX_HEADER_BYTES + MAC_BYTES;

/// The same as text: 8 characters for 5 bytes.
const MAX_KEY_CHARS: usize = MAX_KEY_BYTES * 8 / 5 + 1;

static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().expect("32 different symbols are a base32 alphabet")
});

/// The holder of a key, as the key itself says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyHolder {
    /// The user's id in the license store; at least 1.
    pub(crate) user: u32,
    /// How often the user's key was reset.
    pub(crate) serial: u32,
}

/// A group's seeds, ready to make and check keys.
struct GroupKeys {
    group: GroupId,
    mac: SeedMac,
    /// Those of the seeds before, with the Unix second from which on their keys are forged ones.
    old: Vec<(SeedMac, i64)>,
}

/// Keyed with a seed and fed with the group's id and a zero byte: cloning it is cheaper than keying anew. Wiped from memory when
/// it goes, since it is worth as much as the seed.
struct SeedMac(Hmac<Sha256>);

/// What arithmetic alone tells of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognized {
    /// A genuine key of the group that was asked for.
    OfGroup(KeyHolder),
    /// A genuine key of another group.
    OfOtherGroup(GroupId, KeyHolder),
    /// It has the form of our keys, but this site never gave it out.
    Forged,
    /// It has not even the form.
    Nothing,
}

/// The keys of all groups.
pub(crate) struct LicenseKeys {
    groups: Vec<GroupKeys>,
}

impl fmt::Debug for LicenseKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.groups.iter().map(|keys| &keys.group)).finish()
    }
}

impl LicenseKeys {
    pub(crate) fn new(seeds: &GroupSeeds) -> Self {
        let groups = seeds.iter().map(|(group, seed)| GroupKeys::new(group, seed)).collect();
        Self { groups }
    }

    fn keys_of(&self, group: &GroupId) -> Option<&GroupKeys> {
        self.groups.iter().find(|keys| keys.group == *group)
    }

    /// The key of a user for a group; nothing when the group has no seed.
    pub(crate) fn derive(&self, group: &GroupId, holder: KeyHolder) -> Option<SecretString> {
        let header = Header::of(holder);
        let mac = self.keys_of(group)?.mac.of(header.bytes()).finalize().into_bytes();
        Some(SecretString::from(BASE32.encode(&[header.bytes(), &mac[..MAC_BYTES]].concat())))
    }

    /// Whether `key` is a genuine one at `now` (Unix seconds), and whose. What does not even have a key's form goes through the
    /// same arithmetic, so that the time of the answer tells nothing.
    pub(crate) fn recognize(&self, key: &str, wanted: &GroupId, now: i64) -> Recognized {
        let parsed = Parsed::of(key);
        let candidate = parsed.as_ref().unwrap_or(&Parsed::DUMMY);
        let is_genuine = |keys: &GroupKeys| keys.is_genuine(candidate, now) && parsed.is_some();
        if self.keys_of(wanted).is_some_and(is_genuine) {
            return Recognized::OfGroup(candidate.holder);
        }
        let others = self.groups.iter().filter(|keys| keys.group != *wanted);
        let otherwise = if parsed.is_some() { Recognized::Forged } else { Recognized::Nothing };
        // Every group is tried even after a hit.
        others.fold(otherwise, |found, keys| match is_genuine(keys) {
            true => Recognized::OfOtherGroup(keys.group.clone(), candidate.holder),
            false => found,
        })
    }
}

impl GroupKeys {
    fn new(group: &GroupId, seed: &GroupSeed) -> Self {
        let old = |OldSeed { seed, good_until }: &OldSeed| (SeedMac::new(group, seed), *good_until);
        let mac = SeedMac::new(group, &seed.current);
        Self { group: group.clone(), mac, old: seed.old.iter().map(old).collect() }
    }

    fn is_genuine(&self, parsed: &Parsed, now: i64) -> bool {
        let header = Header::of(parsed.holder);
        let header = header.bytes();
        // Every seed is tried even after a hit, and how many there are depends on the time alone.
        let old = self.old.iter().filter(|(_, good_until)| now < *good_until);
        old.fold(self.mac.is_of(header, parsed), |found, (mac, _)| mac.is_of(header, parsed) | found)
    }
}

impl SeedMac {
    fn new(group: &GroupId, seed: &SecretSlice<u8>) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(seed.expose_secret()).expect("HMAC takes keys of any length");
        mac.update(group.as_str().as_bytes());
        mac.update(&[0]);
        Self(mac)
    }

    fn of(&self, header: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(header);
        mac
    }

    /// Takes the same time whether it is or not.
    fn is_of(&self, header: &[u8], parsed: &Parsed) -> bool {
        self.of(header).verify_truncated_left(&parsed.mac).is_ok()
    }
}

/// What a key says in clear.
struct Header {
    bytes: [u8; MAX_HEADER_BYTES],
    length: usize,
}

impl Header {
    fn of(holder: KeyHolder) -> Self {
        let mut header = Self { bytes: [0; MAX_HEADER_BYTES], length: 0 };
        header.push(VERSION);
        header.push_leb128(holder.user);
        header.push_leb128(holder.serial);
        header
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn push_leb128(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }
}

/// Takes a number off the front; its shortest form only.
fn take_leb128(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0_u64;
    for (index, &byte) in bytes.iter().enumerate().take(5) {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let is_shortest = byte != 0 || index == 0;
            return is_shortest.then_some((u32::try_from(number).ok()?, &bytes[index + 1..]));
        }
    }
    None
}

/// Whether a text has the form of our keys, genuine or not.
pub(crate) fn has_our_form(text: &str) -> bool {
    Parsed::of(text).is_some()
}

/// A text that has the form of a key.
struct Parsed {
    holder: KeyHolder,
    mac: [u8; MAC_BYTES],
}

impl Parsed {
    /// Stands in for what has no key's form; it is never accepted.
    const DUMMY: Self = Self { holder: KeyHolder { user: 1, serial: 0 }, mac: [0; MAC_BYTES] };

    fn of(key: &str) -> Option<Self> {
        let mut lower = [0; MAX_KEY_CHARS];
        let lower = lower.get_mut(..key.len())?;
        lower.copy_from_slice(key.as_bytes());
        lower.make_ascii_lowercase();
        let mut bytes = [0; MAX_KEY_BYTES];
        let bytes = bytes.get_mut(..BASE32.decode_len(lower.len()).ok()?)?;
        let decoded = BASE32.decode_mut(lower, bytes).ok()?;
        let (&version, rest) = bytes.get(..decoded)?.split_first()?;
        let (user, rest) = take_leb128(rest)?;
        let (serial, rest) = take_leb128(rest)?;
        let mac = rest.try_into().ok()?;
        (version == VERSION && user > 0).then_some(Self { holder: KeyHolder { user, serial }, mac })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    fn keys() -> LicenseKeys {
        LicenseKeys::new(&GroupSeeds::from([
            (group("redj_ent"), SecretSlice::from(vec![1; 32]).into()),
            (group("other"), SecretSlice::from(vec![2; 32]).into()),
        ]))
    }

    fn key_of(user: u32, serial: u32) -> String {
        keys().derive(&group("redj_ent"), KeyHolder { user, serial }).unwrap().expose_secret().to_owned()
    }

    /// Computed with Python's `hmac`, `hashlib` and `base64`:
    /// `base64.b32encode(h + hmac.new(bytes([1])*32, b"redj_ent\0" + h, "sha256").digest()[:16])` with
    /// `h = bytes([1, 0xac, 0x02, 0])`, lower-cased.
    const KEY_OF_USER_300: &str = "agwaeab3zngufrtih7is7icdc6yvvjrw";

    #[test]
    fn a_key_is_what_the_format_says() {
        assert_eq!(key_of(300, 0), KEY_OF_USER_300);
    }

    #[test]
    fn a_key_of_a_small_shop_has_31_characters_that_nothing_changes() {
        let key = key_of(42, 0);
        assert_eq!(key.len(), 31);
        assert!(key.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)), "{key}");
    }

    #[test]
    fn a_key_typed_in_capitals_is_the_same_key() {
        let holder = KeyHolder { user: 7, serial: 0 };
        assert_eq!(
            keys().recognize(&key_of(7, 0).to_uppercase(), &group("redj_ent"), NOW),
            Recognized::OfGroup(holder)
        );
    }

    #[test]
    fn a_key_for_another_group_is_genuine_but_not_for_this_one() {
        let holder = KeyHolder { user: 7, serial: 2 };
        let found = keys().recognize(&key_of(7, 2), &group("other"), NOW);
        assert_eq!(found, Recognized::OfOtherGroup(group("redj_ent"), holder));
    }

    #[test]
    fn a_key_from_another_sites_seed_is_forged() {
        let strangers =
            LicenseKeys::new(&GroupSeeds::from([(group("redj_ent"), SecretSlice::from(vec![9; 32]).into())]));
        let key = strangers.derive(&group("redj_ent"), KeyHolder { user: 7, serial: 0 }).unwrap();
        assert_eq!(keys().recognize(key.expose_secret(), &group("redj_ent"), NOW), Recognized::Forged);
    }

    #[test]
    fn keys_of_an_old_seed_are_good_until_its_date_and_no_new_ones_are_made() {
        let old = |byte, good_until| OldSeed { seed: SecretSlice::from(vec![byte; 32]), good_until };
        let seed = GroupSeed {
            current: SecretSlice::from(vec![8; 32]),
            old: vec![old(1, NOW + 10), old(2, NOW + 20)],
        };
        let rotated = LicenseKeys::new(&GroupSeeds::from([(group("redj_ent"), seed)]));
        let holder = KeyHolder { user: 300, serial: 0 };
        let of_group = Recognized::OfGroup(holder);
        for (now, expected) in [(NOW + 9, of_group.clone()), (NOW + 10, Recognized::Forged)] {
            assert_eq!(rotated.recognize(KEY_OF_USER_300, &group("redj_ent"), now), expected);
        }
        let new = rotated.derive(&group("redj_ent"), holder).unwrap();
        assert_ne!(new.expose_secret(), KEY_OF_USER_300);
        assert_eq!(rotated.recognize(new.expose_secret(), &group("redj_ent"), NOW + 99), of_group);
        let of_other = Recognized::OfOtherGroup(group("redj_ent"), holder);
        assert_eq!(rotated.recognize(KEY_OF_USER_300, &group("other"), NOW), of_other);
    }

    #[test]
    fn what_has_no_keys_form_is_nothing() {
        let long = "a".repeat(10_000);
        for bad in ["", "a", "1", "k3J9xx0q", "ÄÖÜ", &long, "aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(keys().recognize(bad, &group("redj_ent"), NOW), Recognized::Nothing, "{bad:.40}");
        }
    }

    #[test]
    fn what_is_made_of_a_seed_or_a_signing_key_is_wiped_from_memory() {
        const fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
        // Features of these crates, which a change of a manifest may take away. An HMAC is made of states of its hash.
        const { is_wiped::<Sha256>() };
        const { is_wiped::<ed25519_dalek::SigningKey>() };
    }

    #[test]
    fn debug_shows_groups_and_nothing_else() {
        assert_eq!(format!("{:?}", keys()), r#"[GroupId("other"), GroupId("redj_ent")]"#);
    }

    proptest! {
        #[test]
        fn every_key_is_recognized_as_its_holders(user in 1..=u32::MAX, serial: u32) {
            let found = keys().recognize(&key_of(user, serial), &group("redj_ent"), NOW);
            prop_assert_eq!(found, Recognized::OfGroup(KeyHolder { user, serial }));
        }

        #[test]
        fn a_key_with_one_character_changed_opens_nothing(user in 1..5_000_u32, place: prop::sample::Index, to in "[a-z2-7]") {
            let key = key_of(user, 0);
            let place = place.index(key.len());
            let changed = format!("{}{to}{}", &key[..place], &key[place + 1..]);
            prop_assume!(changed != key);
            let found = keys().recognize(&changed, &group("redj_ent"), NOW);
            prop_assert!(matches!(found, Recognized::Forged | Recognized::Nothing));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            keys().recognize(&text, &group("redj_ent"), NOW);
        }
    }
}
