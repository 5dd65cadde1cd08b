//! Version strings and their order, which is that of PHP's `version_compare`: Joomla compares what a feed
//! offers with what is installed by that function and no other.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::InvalidName;

/// Longest version that Joomla stores: `#__updates.version` is `varchar(32)`; Joomla 4 and later drop longer
/// ones without a word.
pub const MAX_VERSION_CHARS: usize = 32;

/// The version of a package, as its manifest writes it.
///
/// There is no `Ord`: `1.0` and `01.0` are different strings of the same rank. Use [`Version::compare`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

impl Version {
    /// Takes a version of 1 to [`MAX_VERSION_CHARS`] visible ASCII characters. Joomla never trims a version
    /// and prints it unescaped, so blanks, quotes and angle brackets are refused. The last one is a letter or digit: to
    /// PHP `1.0-` is older than itself, and nothing can be sorted by that.
    ///
    /// # Errors
    /// Names the version and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '~');
        let good_end = text.ends_with(|c: char| c.is_ascii_alphanumeric());
        if text.len() > MAX_VERSION_CHARS || !text.chars().all(good) || !good_end {
            return Err(InvalidName::new(
                "version",
                text,
                "1 to 32 characters of A-Z a-z 0-9 . - _ + ~, the last a letter or digit, such as `2.0.0-beta1`",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The version as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The version without dots and the like: `1.9.0` gives `190`, as in package identifiers of jBackend sites; `2.0.0-beta1`
    /// gives `200-beta1`.
    #[must_use]
    pub fn compact(&self) -> String {
        self.0.replace(['.', '+', '~'], "")
    }

    /// Joomla's order.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        php_version_compare(&self.0, &other.0)
    }

    /// The stability that the version's own words tell: the lowest of those that occur. Words are runs of
    /// letters, so `1.0-beta2` is a beta and `1.0-albatross` is stable.
    #[must_use]
    pub fn stability(&self) -> Stability {
        self.0
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter_map(|word| match word.to_ascii_lowercase().as_str() {
                "dev" | "snapshot" | "nightly" => Some(Stability::Dev),
                "alpha" | "a" => Some(Stability::Alpha),
                "beta" | "b" | "preview" | "pre" => Some(Stability::Beta),
                "rc" => Some(Stability::Rc),
                _ => None,
            })
            .min()
            .unwrap_or(Stability::Stable)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::parse(&text)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

/// Joomla's five stability levels, lowest first (`libraries/src/Updater/Updater.php`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stability {
    /// A development snapshot.
    Dev,
    /// An alpha release.
    Alpha,
    /// A beta release.
    Beta,
    /// A release candidate.
    Rc,
    /// What every site is offered.
    Stable,
}

impl Stability {
    /// The word that goes into a feed's `<tag>`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Rc => "rc",
            Self::Stable => "stable",
        }
    }
}

/// `version_compare($a, $b)` of PHP 8 (`ext/standard/versioning.c`), for any two strings.
#[must_use]
pub fn php_version_compare(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.len().cmp(&b.len());
    }
    let (canonical_a, canonical_b) = (canonical(a), canonical(b));
    compare_parts(&canonical_a, &canonical_b)
}

/// PHP leaves a string that begins with `#` alone: that is how it writes "any number" to itself.
fn canonical(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    if bytes[0] == b'#' {
        return bytes.to_vec();
    }
    let special = |b: u8| matches!(b, b'-' | b'_' | b'+');
    let wordy = |b: u8| !b.is_ascii_digit() && b != b'.';
    // At worst a dot before each byte.
    let mut out = Vec::with_capacity(2 * bytes.len());
    out.push(bytes[0]);
    for pair in bytes.windows(2) {
        let (previous, current) = (pair[0], pair[1]);
        let word_ends = wordy(previous) && !special(previous) && current.is_ascii_digit();
        let number_ends = previous.is_ascii_digit() && wordy(current) && !special(current);
        let separates = !current.is_ascii_alphanumeric() && !number_ends;
        if (word_ends || number_ends || separates) && out.last() != Some(&b'.') {
            out.push(b'.');
        }
        if !separates {
            out.push(current);
        }
    }
    out
}

fn compare_parts(a: &[u8], b: &[u8]) -> Ordering {
    let (mut rest_a, mut rest_b) = (Some(a), Some(b));
    while let (Some(text_a), Some(text_b)) = (rest_a, rest_b) {
        if text_a.is_empty() || text_b.is_empty() {
            break;
        }
        let (part_a, next_a) = split_part(text_a);
        let (part_b, next_b) = split_part(text_b);
        match compare_part(part_a, part_b) {
            Ordering::Equal => (rest_a, rest_b) = (next_a, next_b),
            decided => return decided,
        }
    }
    // What is left over counts as more when it begins with a number, else it is weighed against a number.
    match (rest_a, rest_b) {
        (Some(left), _) if starts_with_digit(left) => Ordering::Greater,
        (Some(left), _) => compare_left_over(left),
        (None, Some(left)) if starts_with_digit(left) => Ordering::Less,
        (None, Some(left)) => compare_left_over(left).reverse(),
        (None, None) => Ordering::Equal,
    }
}

/// A left-over part against PHP's `#N#`; an empty one (after a final dot) is less than anything.
fn compare_left_over(left: &[u8]) -> Ordering {
    if left.is_empty() {
        return Ordering::Less;
    }
    let text = String::from_utf8_lossy(left);
    compare_parts(&canonical(&text), b"#N#")
}

fn split_part(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&b| b == b'.') {
        Some(dot) => (&text[..dot], Some(&text[dot + 1..])),
        None => (text, None),
    }
}

fn starts_with_digit(part: &[u8]) -> bool {
    part.first().is_some_and(u8::is_ascii_digit)
}

fn compare_part(a: &[u8], b: &[u8]) -> Ordering {
    match (starts_with_digit(a), starts_with_digit(b)) {
        (true, true) => leading_number(a).cmp(&leading_number(b)),
        (false, false) => word_rank(a).cmp(&word_rank(b)),
        (true, false) => word_rank(b"#N#").cmp(&word_rank(b)),
        (false, true) => word_rank(a).cmp(&word_rank(b"#N#")),
    }
}

/// C's `strtol`: as many digits as there are, held at the greatest value that fits.
fn leading_number(part: &[u8]) -> i64 {
    part.iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0_i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')))
}

/// PHP's order of words: any other < dev < alpha = a < beta = b < RC = rc < # < pl = p. A word counts by how
/// it begins, and the first of the list that fits decides.
fn word_rank(word: &[u8]) -> i32 {
    const ORDER: [(&[u8], i32); 10] = [
        (b"dev", 0),
        (b"alpha", 1),
        (b"a", 1),
        (b"beta", 2),
        (b"b", 2),
        (b"RC", 3),
        (b"rc", 3),
        (b"#", 4),
        (b"pl", 5),
        (b"p", 5),
    ];
    ORDER.iter().find(|(name, _)| word.starts_with(name)).map_or(-1, |&(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_v_makes_a_version_older_than_everything() {
        assert_eq!(php_version_compare("v1.1.0", "1.0.0"), Ordering::Less);
    }

    #[test]
    fn fewer_parts_are_older() {
        assert_eq!(php_version_compare("1.0", "1.0.0"), Ordering::Less);
    }

    #[test]
    fn the_words_of_a_version_tell_its_stability() {
        let stability = |text| Version::parse(text).unwrap().stability();
        assert_eq!(stability("1.9.0"), Stability::Stable);
        assert_eq!(stability("2.0.0-beta2"), Stability::Beta);
        assert_eq!(stability("2.0.0-RC1"), Stability::Rc);
        assert_eq!(stability("2.0.0-rc1-dev"), Stability::Dev);
        assert_eq!(stability("1.0-albatross"), Stability::Stable);
        assert_eq!(stability("1.0a"), Stability::Alpha);
    }

    #[test]
    fn a_version_that_ends_in_a_separator_is_refused() {
        for bad in ["", "1.0-", "1.0.", "1.0~", "1.0+"] {
            assert!(Version::parse(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn versions_can_be_sorted(texts in proptest::collection::vec("[0-9a-c.~+_-]{0,7}(dev|rc|pl|[0-9b])", 3)) {
            let [a, b, c] = [0, 1, 2].map(|index| Version::parse(&texts[index]).unwrap());
            proptest::prop_assert_eq!(a.compare(&b), b.compare(&a).reverse());
            if a.compare(&b) != Ordering::Greater && b.compare(&c) != Ordering::Greater {
                proptest::prop_assert_ne!(a.compare(&c), Ordering::Greater, "{} <= {} <= {}", a, b, c);
            }
        }
    }

    #[test]
    fn a_version_with_a_blank_is_refused_and_shown_escaped() {
        let error = Version::parse("1.0\n").unwrap_err();
        assert!(error.to_string().starts_with(r"version `1.0\n`: expected 1 to 32 characters"), "{error}");
    }
}
