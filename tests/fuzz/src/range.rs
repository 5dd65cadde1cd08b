//! Ranges: the expression that a feed has matches just the versions of Joomla that the range has.
//!
//! The first line of an input is a range of Joomla versions, the second one of the product's own versions, the third a version.

use std::cmp::Ordering;

use bandari_catalog::version::{Version, php_version_compare};
use bandari_generator::fuzzing;
use pcre2::bytes::Regex;

use crate::text::assert_message;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.lines();
    let (joomla, own) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let version = lines.next().unwrap_or_default();
    joomla_range(joomla);
    if Version::parse(version).is_ok() {
        match fuzzing::is_in_version_range(own, version) {
            Ok(is_in) => assert_eq!(is_in, has_own(own, version), "{own} {version}"),
            Err(message) => assert_message(&message),
        }
    }
}

fn joomla_range(range: &str) {
    let Ok(expression) = fuzzing::joomla_expression(range) else { return };
    // `/` would end what Joomla makes of it.
    assert!(!expression.contains('/'));
    let regex = Regex::new(&format!("^{expression}")).expect("PHP takes it, too");
    for version in samples(range) {
        let [major, minor, patch] = version;
        for suffix in ["", "-rc4", "-beta1-dev"] {
            let joomla = format!("{major}.{minor}.{patch}{suffix}");
            let is_match = regex.is_match(joomla.as_bytes()).expect("it takes few steps");
            assert_eq!(is_match, has(range, version), "{range} {joomla} {expression}");
        }
    }
}

/// Versions around each number of a range, where it may begin or end, and some that Joomla has had.
fn samples(range: &str) -> Vec<[u32; 3]> {
    let mut samples = vec![[3, 9, 28], [3, 10, 12], [4, 0, 0], [4, 4, 14], [5, 4, 0], [6, 0, 0], [10, 0, 0]];
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    for version in range.split(|c| !is_number(c)).filter(|part| !part.is_empty()).take(20) {
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let bound: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
        let near = |at: usize| [bound[at].saturating_sub(1), bound[at], bound[at] + 1, bound[at] * 10];
        for major in near(0) {
            for minor in near(1) {
                samples.extend(near(2).map(|patch| [major, minor, patch]));
            }
        }
    }
    samples
}

/// What an accepted range says: conditions of one alternative must all hold. Compared are as many numbers as the bound has.
fn has(range: &str, version: [u32; 3]) -> bool {
    range.split("||").any(|alternative| {
        alternative.split(',').all(|condition| {
            let condition = condition.trim();
            let digits = condition.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let (operator, bound) = condition.split_at(digits);
            let numbers = bound.split('.').map_while(|number| number.parse::<u32>().ok());
            let bound: Vec<u32> = numbers.collect();
            holds(operator.trim(), version[..bound.len()].cmp(&bound[..]))
        })
    })
}

fn has_own(range: &str, version: &str) -> bool {
    range.split(',').all(|condition| {
        let condition = condition.trim();
        let start = condition.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(0);
        let (operator, bound) = condition.split_at(start);
        holds(operator.trim(), php_version_compare(version, bound))
    })
}

fn holds(operator: &str, order: Ordering) -> bool {
    match operator {
        ">=" => order.is_ge(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        "<" => order.is_lt(),
        "" | "=" | "==" => order.is_eq(),
        other => panic!("accepted: {other}"),
    }
}
