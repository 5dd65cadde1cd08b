//! phpass's portable hashes, twenty lines over MD5 (Openwall's `PasswordHash.php`, `crypt_private`;
//! `PHPassHandler.php` in Joomla): `$P$`, one character for the base-2 logarithm of the rounds, 8 of salt, 22 of
//! digest. phpBB writes `$H$` for `$P$`.

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// The 64 digits, lowest first.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A digest of 16 bytes in digits of 6 bits.
const DIGEST_CHARS: usize = 22;

/// phpass's smallest logarithm of the rounds, by its definition.
const MIN_ROUNDS_LOG2: usize = 7;

/// Joomla writes 15, phpass itself would go to 30. 16 is some milliseconds, and half a second with the longest of all
/// passwords, which each round reads again.
const MAX_ROUNDS_LOG2: usize = 16;

/// A hash of phpass's, read.
#[derive(Clone)]
pub(super) struct PhpassHash {
    rounds: u32,
    salt: [u8; 8],
    /// As it stands in the hash; the same 16 bytes are always the same characters.
    digest: [u8; DIGEST_CHARS],
}

impl PhpassHash {
    /// Reads a hash; `None` is something else, or one of too many rounds.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$"))?.as_bytes();
        let (rounds_log2, rest) = rest.split_first()?;
        let (salt, digest) = rest.split_first_chunk()?;
        let digest: [u8; DIGEST_CHARS] = digest.try_into().ok()?;
        let rounds_log2 = ALPHABET.iter().position(|digit| digit == rounds_log2)?;
        let good = (MIN_ROUNDS_LOG2..=MAX_ROUNDS_LOG2).contains(&rounds_log2)
            && digest.iter().all(|digit| ALPHABET.contains(digit));
        good.then_some(Self { rounds: 1 << rounds_log2, salt: *salt, digest })
    }

    /// Whether this is the password.
    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut digest = Md5::new().chain_update(self.salt).chain_update(password).finalize();
        for _ in 0..self.rounds {
            digest = Md5::new().chain_update(digest).chain_update(password).finalize();
        }
        encoded(&digest).ct_eq(&self.digest).into()
    }
}

/// Three bytes, the first one lowest, become four digits, the lowest first. The last byte stands alone and becomes two.
fn encoded(digest: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(DIGEST_CHARS);
    for bytes in digest.chunks(3) {
        let mut value = bytes.iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=bytes.len() {
            digits.push(ALPHABET[value % ALPHABET.len()]);
            value /= ALPHABET.len();
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_phpass_know_their_passwords() {
        for (hash, password) in [
            // The one in Openwall's own `test.php`.
            ("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"),
            // Made by PHP with Openwall's algorithm.
            ("$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11", "correct horse"),
            ("$H$7./09AZazYcT4NCWvMAap0KFYl7..a/", "correct horse"),
        ] {
            let hash = PhpassHash::parse(hash).unwrap();
            assert!(hash.verify(password.as_bytes()));
            assert!(!hash.verify(b"test12346"));
        }
    }

    #[test]
    fn what_is_not_of_phpass_is_refused() {
        for text in [
            "$P$",
            "$P$5saltsalt",
            "$Q$5saltsaltL3FzpWcZLJU9vJ2S4.XV11",
            "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV1",
            "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV111",
            "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV1!",
        ] {
            assert!(PhpassHash::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn rounds_beyond_the_limits_are_refused() {
        // 4 is 2^6, 5 is 2^7, D (Joomla's) is 2^15, E is 2^16, F is 2^17, S is 2^30.
        for (rounds, good) in
            [('4', false), ('5', true), ('D', true), ('E', true), ('F', false), ('S', false)]
        {
            let text = format!("$P${rounds}saltsaltL3FzpWcZLJU9vJ2S4.XV11");
            assert_eq!(PhpassHash::parse(&text).is_some(), good, "{text}");
        }
    }
}
