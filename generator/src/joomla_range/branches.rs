//! The branches of versions that Joomla really has, and ranges in the words of people: `4.4 – 6`.
//!
//! The numbers of a range may name versions that never come: `<=4.9` ends behind 4.4, the last of Joomla 4, and means the
//! same as `<5`. What people read, and what decides where columns of a matrix begin, is the range over real versions only.

use super::{Interval, JoomlaRange, Triple};

/// The last minor version of each major one that has or will have such: Joomla's project announces four after `.0` since
/// Joomla 4 (developer.joomla.org, release schedule). A range that ends behind it ends with the major.
pub(crate) const LAST_MINORS: [(u32, u32); 4] = [(3, 10), (4, 4), (5, 4), (6, 4)];

/// The newest major version whose last minor one is out. No text names the last minor version of a newer one.
const COMPLETE_UP_TO: u32 = 5;

/// The first version whose updater this project knows. What was before it is told to nobody.
const FIRST: Triple = [3, 10, 0];

/// No number of a version comes near it: who writes `<=5.4.99` means the end of 5.4.
const NEVER: u32 = 99;

/// What stands between the first and the last version of a range.
const BETWEEN: &str = " – ";

/// The same where there is little room.
const BETWEEN_IN_A_COLUMN: &str = "–";

impl JoomlaRange {
    /// The range over versions that are real, from 3.10 on: sorted intervals with real versions between any two of them.
    pub(crate) fn spans(&self) -> Vec<Interval> {
        let real = |interval: &Interval| {
            let span = Interval {
                start: real_version_from(interval.start)?,
                end: interval.end.and_then(real_version_from),
            };
            span.end.is_none_or(|end| span.start < end).then_some(span)
        };
        let mut spans: Vec<Interval> = self.intervals.iter().filter_map(real).collect();
        spans.sort_by_key(|span| span.start);
        spans.dedup_by(|next, span| {
            let is_joined = span.end.is_none_or(|end| next.start <= end);
            if is_joined {
                span.end = span.end.zip(next.end).map(|(one, other)| one.max(other));
            }
            is_joined
        });
        spans
    }

    /// The range as people write versions, in no language: `5`, `4.4 – 6`, `4.4, 5.1+`. A range of nothing but versions
    /// before 3.10 is what its vendor wrote.
    pub(crate) fn for_people(&self) -> String {
        let spans: Vec<String> = self.spans().iter().map(|span| span.label(BETWEEN)).collect();
        if spans.is_empty() { self.to_string() } else { spans.join(", ") }
    }
}

impl Interval {
    /// Whether a version is in it.
    pub(crate) fn has(&self, version: Triple) -> bool {
        self.start <= version && self.end.is_none_or(|end| version < end)
    }

    /// Whether a version of the other is in it.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        other.end.is_none_or(|end| self.start < end) && self.end.is_none_or(|end| other.start < end)
    }

    /// All versions of a major one.
    pub(crate) fn major(major: u32) -> Self {
        Self { start: first_of(major), end: Some([major + 1, 0, 0]) }
    }

    /// An interval of real versions of one major version, among others of the same: `4`, `4.0–4.3`, `5.3.4–5.4`. The last
    /// one is open (`6.1+`) when nobody knows yet which versions it will have.
    pub(crate) fn label_in_its_major(&self) -> String {
        let major = self.start[0];
        let whole = Self::major(major);
        let ends_unknown = self.end == whole.end && self.start != whole.start && major > COMPLETE_UP_TO;
        let end = self.end.filter(|_| !ends_unknown);
        Self { start: self.start, end }.label(BETWEEN_IN_A_COLUMN)
    }

    /// An interval of real versions as people write it: `4.4 – 6`, `5.1+`.
    pub(crate) fn for_people(&self) -> String {
        self.label(BETWEEN)
    }

    /// Its first and its last version with `between` in the middle; one when they are the same; the first and `+` when it
    /// is open. Bounds are real versions. An `x` stands for the last number where it is not known: `5.3.4 – 5.3.x`.
    fn label(&self, between: &str) -> String {
        let start = self.start;
        let Some(end) = self.end else { return format!("{}+", shortest(start)) };
        let (first, last) = match end {
            [after, 0, 0] => match after - 1 {
                major if start == first_of(major) => return shortest(start),
                major if start[0] < major => (shortest(start), shortest(first_of(major))),
                major if major > COMPLETE_UP_TO => (branch(start), format!("{major}.x")),
                major => ends_with_minor(start, major, last_minor(major)),
            },
            [major, after, 0] => ends_with_minor(start, major, after - 1),
            [major, minor, after] => {
                let first = if start[..2] == [major, minor] { dotted(start) } else { begin(start, major) };
                (first, dotted([major, minor, after - 1]))
            }
        };
        if first == last { first } else { format!("{first}{between}{last}") }
    }
}

/// First and last version of what begins with `start` and ends with the last patch of a minor version.
fn ends_with_minor(start: Triple, major: u32, minor: u32) -> (String, String) {
    if start[..2] == [major, minor] && start[2] > 0 {
        return (dotted(start), format!("{major}.{minor}.x"));
    }
    (begin(start, major), branch([major, minor, 0]))
}

/// The first version of what ends in the major version `end`: `4` when that is a later one, `4.0` beside `4.3`.
fn begin(start: Triple, end: u32) -> String {
    if start[0] < end { shortest(start) } else { branch(start) }
}

/// The largest branch that begins with a version: `5` for 5.0.0, `3.10` for 3.10.0.
fn shortest(start: Triple) -> String {
    if start[1..] == [0, 0] { start[0].to_string() } else { branch(start) }
}

/// The minor version that begins with a version, or the version itself: `5.0` for 5.0.0, `5.0.1`.
fn branch(start: Triple) -> String {
    let [major, minor, patch] = start;
    if patch == 0 { format!("{major}.{minor}") } else { dotted(start) }
}

fn dotted([major, minor, patch]: Triple) -> String {
    format!("{major}.{minor}.{patch}")
}

fn first_of(major: u32) -> Triple {
    FIRST.max([major, 0, 0])
}

fn last_minor(major: u32) -> u32 {
    let known = LAST_MINORS.iter().find(|&&(of, _)| of == major);
    known.map_or(NEVER - 1, |&(_, last)| last)
}

/// The first real version that is not before this one; nothing when there will be none.
fn real_version_from([major, minor, patch]: Triple) -> Option<Triple> {
    let (minor, patch) = if patch < NEVER { (minor, patch) } else { (minor + 1, 0) };
    let version = if minor <= last_minor(major) { [major, minor, patch] } else { [major + 1, 0, 0] };
    (version[0] < NEVER).then(|| version.max(FIRST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn assert_for_people(cases: &[(&str, &str)]) {
        for (range, expected) in cases {
            assert_eq!(JoomlaRange::parse(range).unwrap().for_people(), *expected, "{range}");
        }
    }

    #[test]
    fn whole_majors_are_told_by_their_number() {
        assert_for_people(&[
            ("5", "5"),
            (">=5, <6", "5"),
            ("3.10", "3.10"),
            (">=3.10, <6", "3.10 – 5"),
            (">=4.4, <7", "4.4 – 6"),
            (">=4, <=9", "4 – 9"),
        ]);
    }

    #[test]
    fn a_range_without_an_end_is_open() {
        assert_for_people(&[
            (">=5", "5+"),
            (">=3.10", "3.10+"),
            ("4.4 || >=5.1", "4.4, 5.1+"),
            (">=5.0.1", "5.0.1+"),
            (">=5, <99", "5+"),
            (">=5, <=999.99", "5+"),
        ]);
    }

    #[test]
    fn parts_of_a_major_are_told_by_first_and_last() {
        assert_for_people(&[
            ("4.4", "4.4"),
            (">=4, <4.4", "4.0 – 4.3"),
            (">=4.2, <5", "4.2 – 4.4"),
            (">=4, <5.3", "4 – 5.2"),
            (">=6.1, <7", "6.1 – 6.x"),
            (">=7.1, <8", "7.1 – 7.x"),
            ("4.0 || 4.2 || 5.0", "4.0, 4.2, 5.0"),
        ]);
    }

    #[test]
    fn patches_are_told_when_a_range_is_cut_there() {
        assert_for_people(&[
            (">=5.3, <5.3.4", "5.3.0 – 5.3.3"),
            (">=5.3.4, <6", "5.3.4 – 5.4"),
            (">=5.3.4, <5.4", "5.3.4 – 5.3.x"),
            (">=5.4.2, <6", "5.4.2 – 5.4.x"),
            (">=6.1.2, <7", "6.1.2 – 6.x"),
            (">=5.0, <5.3.4", "5.0 – 5.3.3"),
            (">=5.0, <5.0.3", "5.0.0 – 5.0.2"),
            (">=4.4, <5.3.4", "4.4 – 5.3.3"),
            (">=4, <5.0.1", "4 – 5.0.0"),
            (">=5.1.2, <5.3", "5.1.2 – 5.2"),
            ("=5.3.1", "5.3.1"),
            (">=3.10.5, <4", "3.10.5 – 3.10.x"),
            (">=3.10.5, <5", "3.10.5 – 4"),
        ]);
    }

    #[test]
    fn versions_that_never_come_are_not_told() {
        assert_for_people(&[
            ("4.4 || >=5", "4.4+"),
            (">=4.4, <=4.9 || 5", "4.4 – 5"),
            ("3.10 || >=4", "3.10+"),
            (">=4, <=5.4.99", "4 – 5"),
            (">=4, <=5.2.99", "4 – 5.2"),
            (">=5, <6.5", "5 – 6"),
            ("4.9 || 5.1", "5.1"),
            (">=8, <=8.99", "8"),
        ]);
    }

    #[test]
    fn what_was_before_3_10_is_told_when_there_is_nothing_else() {
        assert_for_people(&[
            ("<5", "3.10 – 4"),
            (">=3.8, <6", "3.10 – 5"),
            ("3.1", "3.1"),
            (">=100", ">=100"),
        ]);
    }

    #[test]
    fn alternatives_that_meet_are_one() {
        assert_for_people(&[
            ("6 || 4.4 || 5", "4.4 – 6"),
            (">=4, <5.2 || >=5.1, <6", "4 – 5"),
            (">=5 || 5.2", "5+"),
        ]);
    }

    #[test]
    fn the_rest_of_a_major_is_open_until_its_last_version_is_known() {
        let label = |start, end| Interval { start, end: Some(end) }.label_in_its_major();
        assert_eq!(label([3, 10, 0], [4, 0, 0]), "3.10");
        assert_eq!(label([4, 0, 0], [5, 0, 0]), "4");
        assert_eq!(label([4, 0, 0], [4, 4, 0]), "4.0–4.3");
        assert_eq!(label([4, 4, 0], [5, 0, 0]), "4.4");
        assert_eq!(label([4, 2, 0], [5, 0, 0]), "4.2–4.4");
        assert_eq!(label([5, 3, 0], [5, 3, 4]), "5.3.0–5.3.3");
        assert_eq!(label([5, 3, 4], [6, 0, 0]), "5.3.4–5.4");
        assert_eq!(label([6, 0, 0], [7, 0, 0]), "6");
        assert_eq!(label([6, 0, 0], [6, 1, 0]), "6.0");
        assert_eq!(label([6, 1, 0], [7, 0, 0]), "6.1+");
        assert_eq!(label([6, 1, 2], [7, 0, 0]), "6.1.2+");
        assert_eq!(label([7, 2, 0], [8, 0, 0]), "7.2+");
    }

    /// What a text for people says, as a range.
    fn understood(text: &str) -> JoomlaRange {
        let alternatives: Vec<String> = text
            .split(", ")
            .map(|span| match (span.split_once(BETWEEN), span.strip_suffix('+')) {
                (Some((first, last)), _) => format!(">={first}, <={last}"),
                (None, Some(first)) => format!(">={first}"),
                (None, None) => span.to_owned(),
            })
            .collect();
        JoomlaRange::parse(&alternatives.join(" || ")).unwrap()
    }

    fn bound() -> impl Strategy<Value = Triple> {
        let number = || prop_oneof![4 => Just(0), 4 => 0..6_u32, 1 => 9..12_u32, 1 => 98..101_u32];
        let major = prop_oneof![9 => 2..9_u32, 1 => 97..101_u32];
        (major, number(), number()).prop_map(|(major, minor, patch)| [major, minor, patch])
    }

    proptest! {
        #[test]
        fn people_understand_the_range_as_it_is(
            bounds in proptest::collection::vec((bound(), proptest::option::of(bound())), 1..4),
        ) {
            let alternatives: Vec<String> = bounds
                .into_iter()
                .filter(|(start, end)| end.is_none_or(|end| *start < end))
                .map(|(start, end)| match end {
                    Some(end) => format!(">={}, <{}", dotted(start), dotted(end)),
                    None => format!(">={}", dotted(start)),
                })
                .collect();
            prop_assume!(!alternatives.is_empty());
            let range = JoomlaRange::parse(&alternatives.join(" || ")).unwrap();
            prop_assume!(!range.spans().is_empty());
            let text = range.for_people();
            prop_assert_eq!(understood(&text).spans(), range.spans(), "{} as {}", range, text);
        }
    }
}
