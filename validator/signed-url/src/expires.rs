//! The second at which a signed URL stops working.

use std::error::Error;
use std::fmt;

/// The earliest and the latest time of ten digits, first one not 0, in Unix seconds: 2001-09-09 and 2286-11-20.
const EARLIEST: u64 = 1_000_000_000;
const LATEST: u64 = 9_999_999_999;

/// How many digits an expiry has. With one length there is one spelling, and no number parser can overflow or round it.
const DIGITS: usize = 10;

/// The second at which a signed URL stops working: the value of `Expires`, in Unix seconds, always ten digits.
///
/// A URL is good while the time is *before* this one; at this second it has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expires(u64);

impl Expires {
    /// An expiry at `unix_seconds`, whole seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// When the number does not have ten digits: before 1,000,000,000 or after 9,999,999,999.
    pub fn at(unix_seconds: u64) -> Result<Expires, InvalidExpires> {
        if (EARLIEST..=LATEST).contains(&unix_seconds) {
            Ok(Expires(unix_seconds))
        } else {
            Err(InvalidExpires { found: unix_seconds })
        }
    }

    /// The expiry in whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> u64 {
        self.0
    }

    /// Reads the value of `Expires` as it stands in a query; `None` unless it is ten ASCII digits, the first not 0.
    ///
    /// The digits are looked at before `u64::from_str`, which takes a leading `+`.
    pub(crate) fn from_digits(text: &str) -> Option<Expires> {
        if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().and_then(|unix_seconds| Expires::at(unix_seconds).ok())
    }
}

impl fmt::Display for Expires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An expiry outside the ten-digit range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidExpires {
    found: u64,
}

impl fmt::Display for InvalidExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expiry `{}`: expected a Unix time in seconds, `{EARLIEST}` to `{LATEST}`", self.found)
    }
}

impl Error for InvalidExpires {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_has_exactly_ten_digits() {
        assert_eq!(Expires::at(1_000_000_000).unwrap().to_string(), "1000000000");
        assert_eq!(Expires::at(9_999_999_999).unwrap().unix_seconds(), 9_999_999_999);
        assert!(Expires::at(999_999_999).is_err());
        assert!(Expires::at(10_000_000_000).is_err());
    }

    #[test]
    fn the_error_names_the_number_and_the_range() {
        let message = Expires::at(300).unwrap_err().to_string();
        assert_eq!(message, "expiry `300`: expected a Unix time in seconds, `1000000000` to `9999999999`");
    }

    #[test]
    fn only_ten_plain_digits_are_read() {
        assert_eq!(Expires::from_digits("1800000000"), Expires::at(1_800_000_000).ok());
        for text in ["", "180000000", "18000000000", "+180000000", "0800000000", "1800000000\n", "１８０0"]
        {
            assert_eq!(Expires::from_digits(text), None, "{text:?}");
        }
    }
}
