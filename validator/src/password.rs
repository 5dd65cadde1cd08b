//! Passwords as Joomla keeps them: every form that its `libraries/src/User/UserHelper.php` (`verifyPassword`) and the
//! handlers in `libraries/src/Authentication/Password/` accept.
//!
//! | begins with | kind | written by |
//! |---|---|---|
//! | `$2y$`, `$2a$`, `$2b$` | bcrypt | Joomla of today |
//! | `$argon2i$`, `$argon2id$` | Argon2 in PHC form | Joomla of today, when it was chosen |
//! | `$P$`, `$H$` | phpass | the last Joomla 2.5, and 3.2 |
//! | 32 hex digits, and `:` with a salt | MD5 | older ones |
//!
//! A check costs as much as the hash says, so hashes that ask for too much are refused when they are read. `logins`
//! sees to how many are checked at a time, and to what a refusal tells.

mod logins;
mod phpass;

use std::fmt;

use argon2::password_hash::PasswordVerifier;
use argon2::{Argon2, Params};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

pub(crate) use logins::{Busy, Logins};
use phpass::PhpassHash;

/// Longest password in bytes. Joomla takes no longer one (`libraries/src/Form/Rule/PasswordRule.php`), nor does
/// phpass, which reads the password again in each of its rounds.
const MAX_PASSWORD_BYTES: usize = 4096;

/// bcrypt's smallest cost, by its definition.
const MIN_BCRYPT_COST: u32 = 4;

/// bcrypt works 2^cost rounds: 13 is about half a second. PHP's own default, which Joomla leaves as it is, is 10, and
/// 12 since PHP 8.4.
const MAX_BCRYPT_COST: u32 = 13;

/// Argon2's memory in KiB: twice PHP's default of 64 MiB. Two checks at a time then take a quarter of a gigabyte.
const MAX_ARGON2_MEMORY_KIB: u32 = 128 * 1024;

/// Argon2's time grows with memory times passes; in KiB, twice PHP's defaults of 64 MiB and 4 passes, less than a
/// second.
const MAX_ARGON2_WORK_KIB: u64 = 2 * 64 * 1024 * 4;

/// Argon2's lanes. They are worked off one after another, so more of them cost nothing; PHP's default is 1, and
/// nobody has a use for more than a large machine's cores.
const MAX_ARGON2_LANES: u32 = 64;

/// A password's hash. It is nearly as good as the password, so it has no `Debug` that shows it and no `Display`.
#[derive(Clone)]
pub(crate) struct PasswordHash(Kind);

#[derive(Clone)]
enum Kind {
    /// The text as it was, known to be one that the crate takes.
    Bcrypt(String),
    /// With salt, digest, and parameters within the limits.
    Argon2(Box<argon2::PasswordHash>),
    Phpass(PhpassHash),
    /// MD5 of password and salt; the oldest ones have none.
    Md5 {
        digest: [u8; 16],
        salt: String,
    },
}

impl PasswordHash {
    /// Reads a hash as it stands in a Joomla's table `#__users`. `None` is a kind that Joomla does not accept, one
    /// that is damaged, or one whose check would cost more than it may.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let kind = if text.starts_with("$2") {
            bcrypt_hash(text)
        } else if text.starts_with("$argon2") {
            argon2_hash(text)
        } else if text.starts_with('$') {
            PhpassHash::parse(text).map(Kind::Phpass)
        } else {
            md5_hash(text)
        };
        kind.map(Self)
    }

    /// Whether this is the password. Takes up to a second, and the memory that the hash asks for: never call it where
    /// other requests wait. A blank password is never right (`plugins/authentication/joomla`).
    #[must_use]
    pub(crate) fn verify(&self, password: &str) -> bool {
        let password = password.as_bytes();
        if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
            return false;
        }
        match &self.0 {
            // Cuts the password at 72 bytes, as PHP does.
            Kind::Bcrypt(text) => bcrypt::verify(password, text).unwrap_or(false),
            Kind::Argon2(hash) => Argon2::default().verify_password(password, &**hash).is_ok(),
            Kind::Phpass(hash) => hash.verify(password),
            Kind::Md5 { digest, salt } => {
                let found: [u8; 16] = Md5::new().chain_update(password).chain_update(salt).finalize().into();
                found.ct_eq(digest).into()
            }
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// `$2y$10$` and 53 characters of salt and digest.
fn bcrypt_hash(text: &str) -> Option<Kind> {
    // `$2x$` marks the hashes of an old error of PHP's, which PHP repeats for them and the crate does not.
    if !["$2y$", "$2a$", "$2b$"].iter().any(|version| text.starts_with(version)) {
        return None;
    }
    let parts: bcrypt::HashParts = text.parse().ok()?;
    (MIN_BCRYPT_COST..=MAX_BCRYPT_COST).contains(&parts.get_cost()).then(|| Kind::Bcrypt(text.to_owned()))
}

/// `$argon2id$v=19$m=65536,t=4,p=1$<salt>$<digest>`.
fn argon2_hash(text: &str) -> Option<Kind> {
    if !text.starts_with("$argon2i$") && !text.starts_with("$argon2id$") {
        return None;
    }
    let hash = argon2::PasswordHash::new(text).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
    let good = hash.salt.is_some()
        && hash.hash.is_some()
        && params.m_cost() <= MAX_ARGON2_MEMORY_KIB
        && work <= MAX_ARGON2_WORK_KIB
        && params.p_cost() <= MAX_ARGON2_LANES;
    good.then(|| Kind::Argon2(Box::new(hash)))
}

/// 32 hex digits in lower case, and, except in the oldest ones, a colon and a salt without another colon in it.
fn md5_hash(text: &str) -> Option<Kind> {
    let (digest, salt) = text.split_once(':').unwrap_or((text, ""));
    let digest = HEXLOWER.decode(digest.as_bytes()).ok()?.try_into().ok()?;
    (!salt.contains(':')).then(|| Kind::Md5 { digest, salt: salt.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse";

    // Made by PHP 8.2: `password_hash`, `crypt`, `md5`.
    const GOOD: &[&str] = &[
        "$2y$04$eMaAUqVuDYvQ2Eqa3Rbjye6QR2t5ByU.WNaLcN8Wtj4ZyC/7WymXS",
        "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$argon2i$v=19$m=1024,t=2,p=1$QWVSMXkwSzBJNTljVGRxdw$QN60O7hbxs28quL5KG5LpInZBMk7xUMNKlZxz1w7PDg",
        "$argon2id$v=19$m=1024,t=3,p=2$dkZlTWZ6ejZaMFJqUmV0RQ$O3PW/t+G/cPojbILGPu0o3R/NO3ySChQntQWuUbFdeY",
        "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11",
        "c79bba901738c249a2c3fd1b5aac048e:Xy12salt",
        "3cb4e732631f47e6eb961f34554b7cde",
        "3cb4e732631f47e6eb961f34554b7cde:",
    ];

    fn hash(text: &str) -> PasswordHash {
        PasswordHash::parse(text).unwrap_or_else(|| panic!("{text} is a good hash"))
    }

    #[test]
    fn every_kind_that_joomla_accepts_knows_its_password() {
        for text in GOOD {
            assert!(hash(text).verify(PASSWORD), "{text}");
            for wrong in ["", "correct hors", "Correct horse", "correct horse "] {
                assert!(!hash(text).verify(wrong), "{text} {wrong:?}");
            }
        }
    }

    #[test]
    fn what_php_makes_by_default_is_within_the_limits() {
        for text in [
            "$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq",
            "$2y$12$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq",
            "$argon2id$v=19$m=65536,t=4,p=1$MjBZRDhYQjI2TEZPQUF4aw$q63Jr+J8UUxQdNS9ozBqCEvDGglx6fedynLJ5GaoR+w",
            "$P$DabcdefgHI1rYuYSUoCajNAhIf2gyJ1",
        ] {
            assert!(PasswordHash::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn bcrypt_cuts_a_password_at_72_bytes() {
        let cut = hash("$2y$04$sC2Pck8Y.LN0gCsL1KePNO7bgHc9O4dBArbvSBgl713HM7fzzHd4y");
        let first_71 = "a".repeat(71);
        assert!(cut.verify(&format!("{first_71}bXYZ")));
        assert!(cut.verify(&format!("{first_71}b")));
        assert!(!cut.verify(&first_71));
        assert!(!cut.verify(&format!("{first_71}cXYZ")));
    }

    #[test]
    fn a_password_beyond_ascii_is_its_utf8() {
        let umlauts = hash("$2y$04$LrfGqlrR6NpUL8CjzJNPJeM4w0hMhQaMDxj1aYy1LL/7OoeJ5O2Kq");
        assert!(umlauts.verify("pässwört"));
    }

    #[test]
    fn a_hash_that_asks_for_too_much_is_refused() {
        let argon2 = |cost: &str| {
            format!(
                "$argon2id$v=19${cost}$MjBZRDhYQjI2TEZPQUF4aw$q63Jr+J8UUxQdNS9ozBqCEvDGglx6fedynLJ5GaoR+w"
            )
        };
        for (text, good) in [
            ("$2y$13$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq".to_owned(), true),
            ("$2y$14$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq".to_owned(), false),
            ("$2y$03$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq".to_owned(), false),
            (argon2("m=131072,t=4,p=1"), true),
            (argon2("m=131073,t=1,p=1"), false),
            (argon2("m=131072,t=5,p=1"), false),
            (argon2("m=8,t=4294967295,p=1"), false),
            (argon2("m=65536,t=1,p=64"), true),
            (argon2("m=65536,t=1,p=65"), false),
        ] {
            assert_eq!(PasswordHash::parse(&text).is_some(), good, "{text}");
        }
    }

    #[test]
    fn what_is_no_hash_of_a_known_kind_is_refused() {
        for text in [
            "",
            "correct horse",
            "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
            "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6",
            "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQcß",
            "$argon2d$v=19$m=1024,t=2,p=1$QWVSMXkwSzBJNTljVGRxdw$QN60O7hbxs28quL5KG5LpInZBMk7xUMNKlZxz1w7PDg",
            "$argon2id$v=19$m=1024,t=2,p=1$QWVSMXkwSzBJNTljVGRxdw",
            "{SHA256}c79bba901738c249a2c3fd1b5aac048e:Xy12salt",
            "3cb4e732631f47e6eb961f34554b7cd",
            "3CB4E732631F47E6EB961F34554B7CDE",
            "c79bba901738c249a2c3fd1b5aac048e:Xy12:salt",
        ] {
            assert!(PasswordHash::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_password_longer_than_joomla_takes_is_wrong() {
        let long = "a".repeat(MAX_PASSWORD_BYTES + 1);
        let digest = HEXLOWER.encode(&Md5::digest(&long));
        assert!(!hash(&digest).verify(&long));
        assert!(hash(&HEXLOWER.encode(&Md5::digest(&long[1..]))).verify(&long[1..]));
    }

    #[test]
    fn a_hash_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", PasswordHash::parse(GOOD[0])), "Some(PasswordHash(…))");
    }
}
