//! What the site of a plug-in runs, as far as its vendor chose to learn that: for the log, and for nothing else.

use crate::imported_key::MIN_KEY_CHARS;
use crate::parameters::Parameters;

/// As long as a version in a catalog may be.
const MAX_VERSION_CHARS: usize = 32;

/// Versions that a check told; nothing that cannot be one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SiteVersions {
    pub(crate) joomla: Option<String>,
    pub(crate) php: Option<String>,
    /// Of the extension that is installed.
    pub(crate) extension: Option<String>,
}

impl SiteVersions {
    pub(crate) fn of(parameters: &Parameters<'_>) -> Self {
        let version = |name| parameters.value(name).filter(|text| is_version(text)).map(str::to_owned);
        Self { joomla: version("joomla"), php: version("php"), extension: version("extension") }
    }
}

/// A client may send any text for a version, a key in the wrong place for one, and no log may hold that: a Download ID may
/// well begin with a digit. So what is as long as a key has to have a stop behind its first number.
fn is_version(text: &str) -> bool {
    let is_of_versions = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '~' | '_' | '-');
    let behind_number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.len() <= MAX_VERSION_CHARS
        && behind_number.len() < text.len()
        && text.chars().all(is_of_versions)
        && (text.len() < MIN_KEY_CHARS || behind_number.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_three_are_taken_whatever_they_look_like() {
        let query = "joomla=6.2.0-alpha2&php=8.3&extension=1.10.0%2Bbuild_7~x&amp;dlid=abc";
        let expected = SiteVersions {
            joomla: Some("6.2.0-alpha2".to_owned()),
            php: Some("8.3".to_owned()),
            extension: Some("1.10.0+build_7~x".to_owned()),
        };
        assert_eq!(SiteVersions::of(&Parameters::of_query(Some(query))), expected);
        // The last has 32 characters.
        for version in ["7", "2024", "5-rc1", "1.0", "1.345678901234567890123456789012"] {
            assert!(is_version(version), "{version}");
        }
    }

    #[test]
    fn what_is_no_version_is_left_out() {
        for text in [
            "",
            "v1.0",
            ".1",
            "-1",
            "1.0 ",
            "1,0",
            "1.0\n",
            "1.0\"",
            "1.0é",
            "１.0",
            "1.0?dlid=abc",
            "ada@example.org",
            // 33 characters.
            "1.3456789012345678901234567890123",
        ] {
            assert!(!is_version(text), "{text}");
        }
        assert_eq!(SiteVersions::of(&Parameters::of_query(Some("joomla=&php=x"))), SiteVersions::default());
    }

    #[test]
    fn a_key_that_begins_with_a_digit_is_no_version() {
        for key in ["4b1d7c0ffee0123456789abcdef01234", "12345678", "4711-0815-abcd", "120:4b1d7c0f"] {
            assert!(!is_version(key), "{key}");
        }
    }
}
