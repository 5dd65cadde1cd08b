//! Names that occur in a catalog. Each is checked when it is made, so nobody behind the edge of a program
//! checks a string again.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A name that does not have its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{}`: expected {expected}", found.escape_debug())]
pub struct InvalidName {
    kind: &'static str,
    found: String,
    expected: &'static str,
}

impl InvalidName {
    pub(crate) fn new(kind: &'static str, found: &str, expected: &'static str) -> Self {
        Self { kind, found: found.to_owned(), expected }
    }

    /// The text that was refused.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What a good name of this kind looks like.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

/// Longest identifier; long enough for any, short enough for a file name, an URL segment and a log line.
pub const MAX_IDENTIFIER_CHARS: usize = 64;

/// Longest file name: the limit of Linux file systems is 255, and a name in the making gets a suffix.
pub const MAX_FILE_NAME_CHARS: usize = 200;

const IDENTIFIER_EXPECTED: &str = "1 to 64 characters of A-Z a-z 0-9 _ - ., beginning with a letter or digit";

fn is_identifier(text: &str) -> bool {
    text.len() <= MAX_IDENTIFIER_CHARS
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Writes a checked newtype over a string: constructor, reading access, `Display` and serde.
macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:expr, $good:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the form.
            ///
            /// # Errors
            /// Names what was found and what was expected.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                let good: fn(&str) -> bool = $good;
                if good(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidName::new($kind, text, $expected))
                }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

checked_name!(
    /// Identifier of a product; also its folder in the output.
    ProductId, "product id", IDENTIFIER_EXPECTED, is_identifier
);
checked_name!(
    /// Identifier of a group: what one license opens ("package group" in jBackend).
    GroupId, "group", IDENTIFIER_EXPECTED, is_identifier
);
checked_name!(
    /// Identifier of a package: one file of one version ("package id" in jBackend).
    PackageId, "package id", IDENTIFIER_EXPECTED, is_identifier
);
checked_name!(
    /// Name of a package's file. The characters are those that a signed URL may hold, so that the name is the
    /// same in a folder, in an URL and in a log, and no decoder can read it in two ways.
    FileName,
    "file name",
    "1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot",
    |text| {
        (1..=MAX_FILE_NAME_CHARS).contains(&text.len())
            && !text.starts_with('.')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'))
    }
);

/// A digest of a package's bytes, written as lower-case hex; `N` is its length in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HexDigest<const N: usize>([u8; N]);

impl<const N: usize> HexDigest<N> {
    /// Takes the raw bytes.
    #[must_use]
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Reads exactly `2 * N` lower-case hex digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl<const N: usize> fmt::Display for HexDigest<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl<const N: usize> fmt::Debug for HexDigest<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Serialize for HexDigest<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for HexDigest<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| {
            de::Error::custom(format!("digest `{text}`: expected {} lower-case hex digits", 2 * N))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_that_would_need_encoding_in_an_url_is_refused() {
        for bad in ["", ".hidden.zip", "a b.zip", "a/b.zip", "ä.zip", "a%20b.zip", "a+b.zip", "a\0.zip", ".."]
        {
            assert!(FileName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(FileName::parse("pkg_demo-1.2.3.zip").is_ok());
    }

    #[test]
    fn an_identifier_is_one_plain_segment() {
        for bad in ["", "-x", ".x", "_x", "a/b", "a b", &"x".repeat(65)] {
            assert!(ProductId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(PackageId::parse("redj_ent_190").is_ok());
    }

    #[test]
    fn a_digest_has_one_spelling() {
        assert!(HexDigest::<2>::from_hex("00ff").is_some());
        assert!(HexDigest::<2>::from_hex("00FF").is_none());
        assert!(HexDigest::<2>::from_hex("00f").is_none());
    }
}
