//! Ranges of Joomla versions: written by people (`>=4.4, <7`), published as the regular expression of a feed's
//! `<targetplatform>`.
//!
//! Joomla puts the expression between `/^` and `/` and matches it against its full version, such as `5.3.4` or
//! `6.1.0-rc4-dev` (`libraries/src/Updater/Adapter/ExtensionAdapter.php`). It is bound at the start only, and to
//! the first alternative only. So ours is one parenthesis, and each number in it must end: `3.1` does not take
//! 3.10, and `>=5` takes 10.0.

mod branches;

use std::fmt;

use crate::shown::quoted;

pub(crate) use branches::LAST_MINORS;

/// Major, minor and patch number.
pub(crate) type Triple = [u32; 3];

/// Versions from the first of `start` up to, but not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) start: Triple,
    pub(crate) end: Option<Triple>,
}

impl Interval {
    /// Whether each version of the interval is in at least one of `covers`, which are sorted by their start.
    fn is_covered_by(&self, covers: &[Self]) -> bool {
        // Everything before it is covered.
        let mut reached = self.start;
        for cover in covers {
            if cover.start > reached {
                return false;
            }
            match cover.end {
                None => return true,
                Some(end) => reached = reached.max(end),
            }
            if self.end.is_some_and(|end| reached >= end) {
                return true;
            }
        }
        false
    }
}

/// A set of Joomla versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoomlaRange {
    text: String,
    /// One interval for each `||` alternative.
    intervals: Vec<Interval>,
}

const EXPECTED: &str = "a range such as `>=4.4, <7` or `4.4 || >=5.1`";

impl JoomlaRange {
    /// Every Joomla whose updater this project knows: 3.10 and later.
    pub(crate) fn every() -> Self {
        Self::parse(">=3.10").expect("the text is a constant and a range")
    }

    /// Reads a range: conditions (`>=`, `>`, `<=`, `<`, `=` or none) joined by commas that must all hold, and
    /// alternatives joined by `||`. A version without a patch or minor number means the whole branch: `<=5.3`
    /// takes 5.3.9, `>5` begins at 6.0.0, `4.4` and `4.4.*` are all of 4.4.
    ///
    /// # Errors
    /// What was expected, and which part is not that.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let intervals = text.split("||").map(parse_alternative).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { text: text.trim().to_owned(), intervals })
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The part of the range within `start..end`, or nothing.
    fn clamp(&self, start: Triple, end: Option<Triple>) -> Option<Self> {
        let intervals: Vec<Interval> = self
            .intervals
            .iter()
            .map(|interval| Interval {
                start: interval.start.max(start),
                end: earliest_end(interval.end, end),
            })
            .filter(|interval| interval.end.is_none_or(|end| interval.start < end))
            .collect();
        (!intervals.is_empty()).then(|| Self { text: self.text.clone(), intervals })
    }

    /// The part of the range before Joomla 4, whose updater hides every entry with `<supported_databases>`.
    pub(crate) fn before_joomla_4(&self) -> Option<Self> {
        self.clamp([0, 0, 0], Some([4, 0, 0]))
    }

    /// The part of the range from Joomla 4 on.
    pub(crate) fn since_joomla_4(&self) -> Option<Self> {
        self.clamp([4, 0, 0], None)
    }

    /// Whether each version of the range is in at least one of the others.
    pub(crate) fn is_covered_by<'r>(&self, others: impl IntoIterator<Item = &'r Self>) -> bool {
        let mut covers: Vec<Interval> =
            others.into_iter().flat_map(|other| &other.intervals).copied().collect();
        covers.sort_by_key(|interval| interval.start);
        self.intervals.iter().all(|interval| interval.is_covered_by(&covers))
    }

    /// The first version of the range.
    pub(crate) fn first(&self) -> Triple {
        self.intervals.iter().map(|interval| interval.start).min().unwrap_or_default()
    }

    /// The first version after the whole range; nothing when it is open.
    pub(crate) fn end(&self) -> Option<Triple> {
        let ends: Option<Vec<Triple>> = self.intervals.iter().map(|interval| interval.end).collect();
        ends?.into_iter().max()
    }

    /// Whether any version from `start` up to, but not including, `end` is in the range.
    pub(crate) fn reaches(&self, start: Triple, end: Option<Triple>) -> bool {
        self.clamp(start, end).is_some()
    }

    /// The regular expression for `<targetplatform version="…">`.
    pub(crate) fn to_regex(&self) -> String {
        let mut pieces = Vec::new();
        for interval in &self.intervals {
            push_pieces("", &interval.start, interval.end.as_ref().map(|end| &end[..]), &mut pieces);
        }
        format!("({})([^0-9]|$)", pieces.join("|"))
    }
}

impl fmt::Display for JoomlaRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn earliest_end(a: Option<Triple>, b: Option<Triple>) -> Option<Triple> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

fn parse_alternative(text: &str) -> Result<Interval, String> {
    let mut all = Interval { start: [0, 0, 0], end: None };
    for condition in text.split(',') {
        let one = parse_condition(condition.trim())?;
        all = Interval { start: all.start.max(one.start), end: earliest_end(all.end, one.end) };
    }
    if all.end.is_some_and(|end| all.start >= end) {
        return Err(format!("{EXPECTED}; no version is in {}", quoted(text.trim())));
    }
    Ok(all)
}

fn parse_condition(text: &str) -> Result<Interval, String> {
    let split = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (operator, version) = text.split_at(split);
    let (first, after) =
        parse_branch(version).ok_or_else(|| format!("{EXPECTED}; {} is none", quoted(text)))?;
    Ok(match operator.trim() {
        ">=" => Interval { start: first, end: None },
        ">" => Interval { start: after, end: None },
        "<=" => Interval { start: [0, 0, 0], end: Some(after) },
        "<" => Interval { start: [0, 0, 0], end: Some(first) },
        "" | "=" | "==" => Interval { start: first, end: Some(after) },
        _ => return Err(format!("{EXPECTED}; {} is none", quoted(text))),
    })
}

/// The first version of a branch and the first after it: `5.3` gives 5.3.0 and 5.4.0.
fn parse_branch(text: &str) -> Option<(Triple, Triple)> {
    let numbers = text.trim_end_matches(".*").trim_end_matches(".x");
    let mut first = [0; 3];
    let mut parts = 0;
    for part in numbers.split('.') {
        // Six digits are far beyond any Joomla and cannot overflow when one is added.
        if parts == 3 || part.is_empty() || part.len() > 6 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        first[parts] = part.parse().ok()?;
        parts += 1;
    }
    let mut after = first;
    after[parts - 1] += 1;
    Some((first, after))
}

/// Adds expressions that together match the versions from `start` to before `end`. Both hold the numbers that
/// come after `prefix`, which is an expression for the numbers before them.
fn push_pieces(prefix: &str, start: &[u32], end: Option<&[u32]>, pieces: &mut Vec<String>) {
    let is_zero = |numbers: &[u32]| numbers.iter().all(|&n| n == 0);
    let whole = |numbers: Numbers| format!("{prefix}{}", numbers.regex());
    let below = |number: u32| format!("{prefix}{number}\\.");

    if let Some(end) = end
        && end[0] == start[0]
        && start.len() > 1
    {
        return push_pieces(&below(start[0]), &start[1..], Some(&end[1..]), pieces);
    }
    let mut first = start[0];
    if !is_zero(&start[1..]) {
        push_pieces(&below(first), &start[1..], None, pieces);
        first += 1;
    }
    match end {
        None => pieces.push(whole(Numbers { first, last: None })),
        Some(end) => {
            if first < end[0] {
                pieces.push(whole(Numbers { first, last: Some(end[0] - 1) }));
            }
            if !is_zero(&end[1..]) {
                push_pieces(&below(end[0]), &vec![0; end.len() - 1], Some(&end[1..]), pieces);
            }
        }
    }
}

/// Whole numbers from `first` to `last`, both included.
#[derive(Clone, Copy)]
struct Numbers {
    first: u32,
    last: Option<u32>,
}

impl Numbers {
    /// An expression for decimal numbers without leading zeros. It says nothing of what follows them.
    fn regex(self) -> String {
        let mut pieces = Vec::new();
        let mut first = self.first;
        loop {
            let digits = first.to_string().len();
            let longest_of_length = 10_u32.pow(u32::try_from(digits).expect("at most 7 digits")) - 1;
            let last = self.last.map_or(longest_of_length, |last| last.min(longest_of_length));
            same_length_pieces(&first.to_string(), &last.to_string(), "", &mut pieces);
            if self.last == Some(last) {
                break;
            }
            if self.last.is_none() {
                pieces.push(format!("[1-9]{}+", "[0-9]".repeat(digits)));
                break;
            }
            first = last + 1;
        }
        if pieces.len() == 1 { pieces.remove(0) } else { format!("({})", pieces.join("|")) }
    }
}

/// Expressions for the numbers from `first` to `last`, which have equally many digits.
fn same_length_pieces(first: &str, last: &str, prefix: &str, pieces: &mut Vec<String>) {
    let (low, high) = (first.as_bytes()[0], last.as_bytes()[0]);
    let (rest_first, rest_last) = (&first[1..], &last[1..]);
    let all = |digit: u8, text: &str| text.bytes().all(|b| b == digit);
    if low == high && !rest_first.is_empty() && !(all(b'0', rest_first) && all(b'9', rest_last)) {
        return same_length_pieces(rest_first, rest_last, &format!("{prefix}{}", char::from(low)), pieces);
    }
    let (mut from, mut to) = (low, high);
    if !all(b'0', rest_first) {
        let nines = "9".repeat(rest_first.len());
        same_length_pieces(rest_first, &nines, &format!("{prefix}{}", char::from(low)), pieces);
        from += 1;
    }
    let high_is_partial = !all(b'9', rest_last);
    if high_is_partial {
        to -= 1;
    }
    if from <= to {
        let any = "[0-9]".repeat(rest_first.len());
        let digits = match to - from {
            0 => char::from(from).to_string(),
            _ => format!("[{}-{}]", char::from(from), char::from(to)),
        };
        pieces.push(format!("{prefix}{digits}{any}"));
    }
    if high_is_partial {
        let zeros = "0".repeat(rest_last.len());
        same_length_pieces(&zeros, rest_last, &format!("{prefix}{}", char::from(high)), pieces);
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn of_a_long_part_that_is_no_range_the_beginning_is_told() {
        for long in ["x".repeat(10_000), format!(">=5,<5{}", ",<5".repeat(10_000))] {
            let message = JoomlaRange::parse(&long).unwrap_err();
            assert!(message.chars().count() < 700, "{message}");
        }
    }

    /// Joomla's own way of asking: `/^` before it, nothing after it.
    fn takes(range: &str, version: &str) -> bool {
        let regex = JoomlaRange::parse(range).unwrap().to_regex();
        Regex::new(&format!("^{regex}")).unwrap().is_match(version)
    }

    #[test]
    fn three_one_does_not_take_three_ten() {
        assert!(takes("3.1", "3.1.5"));
        assert!(!takes("3.1", "3.10.12"));
    }

    #[test]
    fn an_open_end_takes_two_digit_majors() {
        assert!(takes(">=5", "10.0.0"));
        assert!(takes(">=5", "5.0.0-alpha1"));
        assert!(!takes(">=5", "4.4.3"));
    }

    #[test]
    fn a_range_over_majors_takes_all_that_lies_between() {
        for version in ["4.4.0", "4.10.1", "5.3.4", "6.1.0-rc4-dev", "6.0.0"] {
            assert!(takes(">=4.4, <7", version), "{version}");
        }
        for version in ["3.10.12", "4.3.9", "7.0.0", "44.0.0", "50.1.0"] {
            assert!(!takes(">=4.4, <7", version), "{version}");
        }
    }

    #[test]
    fn every_alternative_is_bound_to_the_start() {
        assert!(takes("4.4 || >=5.1", "5.1.0"));
        assert!(!takes("4.4 || >=5.1", "5.0.9"));
        assert!(!takes("4.4 || 5.1", "15.1.0"));
    }

    #[test]
    fn a_patch_number_ends_where_it_ends() {
        assert!(takes("=5.3.1", "5.3.1"));
        assert!(takes("=5.3.1", "5.3.1-rc1"));
        assert!(!takes("=5.3.1", "5.3.10"));
    }

    #[test]
    fn the_expression_of_a_common_range_reads_well() {
        assert_eq!(
            JoomlaRange::parse(">=4.4, <7").unwrap().to_regex(),
            r"(4\.([4-9]|[1-9][0-9]+)|[5-6])([^0-9]|$)"
        );
    }

    #[test]
    fn what_is_not_a_range_is_refused_with_the_part_that_is_wrong() {
        for bad in ["", "abc", ">=", ">=4.4,", "~4.4", ">=4.4.1.2", "4..4", "=> 4", ">=5, <5"] {
            assert!(JoomlaRange::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            JoomlaRange::parse(">=4.4, ~7").unwrap_err(),
            "a range such as `>=4.4, <7` or `4.4 || >=5.1`; `~7` is none"
        );
    }

    #[test]
    fn a_range_over_joomla_4_is_split_there() {
        let range = JoomlaRange::parse(">=3.10, <5").unwrap();
        let regex =
            |range: Option<JoomlaRange>| Regex::new(&format!("^{}", range.unwrap().to_regex())).unwrap();
        assert!(regex(range.before_joomla_4()).is_match("3.10.12"));
        assert!(!regex(range.before_joomla_4()).is_match("4.0.0"));
        assert!(regex(range.since_joomla_4()).is_match("4.0.0"));
        assert!(!regex(range.since_joomla_4()).is_match("3.10.12"));
        assert_eq!(JoomlaRange::parse(">=4.4").unwrap().before_joomla_4(), None);
    }

    fn is_covered(range: &str, others: &[&str]) -> bool {
        let others: Vec<JoomlaRange> =
            others.iter().map(|other| JoomlaRange::parse(other).unwrap()).collect();
        JoomlaRange::parse(range).unwrap().is_covered_by(&others)
    }

    #[test]
    fn several_ranges_cover_one_together() {
        assert!(is_covered(">=4.4, <7", &["6", ">=4, <5.2", ">=5.2, <6"]));
        assert!(is_covered("4.4 || >=5.1", &[">=4.4"]));
        assert!(is_covered(">=5", &["5", ">=6"]));
    }

    #[test]
    fn a_gap_between_ranges_is_not_covered() {
        assert!(!is_covered(">=4.4, <7", &["6", ">=4, <5.2", ">=5.2.1, <6"]));
        assert!(!is_covered(">=5", &[">=5, <9"]));
        assert!(!is_covered("4.4", &[]));
        assert!(!is_covered("4.4 || 5.1", &["4.4"]));
    }

    #[test]
    fn a_range_has_a_first_version_and_an_end_unless_it_is_open() {
        let bounds =
            |range| (JoomlaRange::parse(range).unwrap().first(), JoomlaRange::parse(range).unwrap().end());
        assert_eq!(bounds(">=5.1 || 4.4"), ([4, 4, 0], None));
        assert_eq!(bounds("4.4 || 5.1"), ([4, 4, 0], Some([5, 2, 0])));
        assert!(JoomlaRange::parse("4.4").unwrap().reaches([4, 0, 0], Some([5, 0, 0])));
        assert!(!JoomlaRange::parse("4.4").unwrap().reaches([5, 0, 0], None));
    }

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0..12_u32, 8..13_u32, 95..105_u32]
    }

    /// Ranges over so few versions that [`every_version`] can ask all of them.
    fn small_range() -> impl Strategy<Value = String> {
        let bound = || [3..6_u32, 0..3_u32, 0..3_u32];
        let dotted = |[a, b, c]: Triple| format!("{a}.{b}.{c}");
        let between = move |a: Triple, b: Triple| match a.cmp(&b) {
            Ordering::Less => format!(">={}, <{}", dotted(a), dotted(b)),
            Ordering::Equal => format!("={}", dotted(a)),
            Ordering::Greater => format!(">={}, <{}", dotted(b), dotted(a)),
        };
        let alternative = prop_oneof![
            (bound(), bound()).prop_map(move |(a, b)| between(a, b)),
            bound().prop_map(move |a| format!(">={}", dotted(a))),
            (3..6_u32, 0..3_u32).prop_map(|(a, b)| format!("{a}.{b}")),
        ];
        proptest::collection::vec(alternative, 1..4).prop_map(|alternatives| alternatives.join(" || "))
    }

    fn every_version() -> impl Iterator<Item = Triple> {
        (2..8).flat_map(|a| (0..5).flat_map(move |b| (0..5).map(move |c| [a, b, c])))
    }

    proptest! {
        #[test]
        fn a_range_is_covered_when_every_version_of_it_is(
            range in small_range(),
            others in proptest::collection::vec(small_range(), 0..4),
        ) {
            let range = JoomlaRange::parse(&range).unwrap();
            let others: Vec<JoomlaRange> = others.iter().map(|other| JoomlaRange::parse(other).unwrap()).collect();
            let has = |range: &JoomlaRange, version| range.intervals.iter().any(|interval| interval.has(version));
            let expected = every_version()
                .filter(|&version| has(&range, version))
                .all(|version| others.iter().any(|other| has(other, version)));
            prop_assert_eq!(range.is_covered_by(&others), expected);
        }

        #[test]
        fn the_expression_takes_exactly_the_versions_of_the_range(
            start in [number(), number(), number()],
            end in proptest::option::of([number(), number(), number()]),
            version in [number(), number(), number()],
        ) {
            prop_assume!(end.is_none_or(|end| start < end));
            let dotted = |[a, b, c]: Triple| format!("{a}.{b}.{c}");
            let text = match end {
                Some(end) => format!(">={}, <{}", dotted(start), dotted(end)),
                None => format!(">={}", dotted(start)),
            };
            let inside = version >= start && end.is_none_or(|end| version < end);
            prop_assert_eq!(takes(&text, &dotted(version)), inside, "{} in {}", dotted(version), text);
        }
    }
}
