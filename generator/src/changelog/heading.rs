//! What the headings of a changelog say: which version, from which day, and of which kind the changes below are.

use bandari_catalog::version::Version;
use jiff::civil::Date;

use crate::error::Flaw;
use crate::rules::Code;

/// A heading above the changes of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VersionHeading {
    /// What no package has yet.
    Unreleased,
    Release(Release),
}

/// What the heading of a release says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
    /// As in the heading, but for a leading `v`, which makes a version older than everything in PHP's order.
    pub(super) version: Version,
    pub(super) date: Option<Date>,
    pub(super) is_yanked: bool,
    /// Words where a date is expected.
    pub(super) flaw: Option<Flaw>,
}

impl VersionHeading {
    /// Reads `[1.2.0] - 2026-10-26`, `1.2.0 (2026-10-26)`, `v1.2.0`, `Version 1.2.0`, `[1.2.0] - 2026-10-26 [YANKED]` or
    /// `[Unreleased]`; nothing when the heading does not begin with a version.
    pub(super) fn parse(heading: &str) -> Option<Self> {
        let mut words = heading
            .split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ','))
            .map(|word| word.trim_end_matches(['-', '–', '—', ':']))
            .filter(|word| !word.is_empty())
            .peekable();
        words.next_if(|word| ["version", "release"].iter().any(|lead| lead.eq_ignore_ascii_case(word)));
        let first = words.next()?;
        if first.eq_ignore_ascii_case("unreleased") {
            return Some(Self::Unreleased);
        }
        let version = version(first)?;
        let (yanked, rest): (Vec<&str>, Vec<&str>) =
            words.partition(|word| word.eq_ignore_ascii_case("yanked"));
        let date = rest.iter().find_map(|word| iso_date(word));
        let flaw = (date.is_none() && !rest.is_empty()).then(|| {
            let found = format!("`{}` behind the version {version}", rest.join(" "));
            Flaw::new(Code::ChangelogDate, found, "a date such as `2026-10-26`, or nothing")
        });
        Some(Self::Release(Release { version, date, is_yanked: !yanked.is_empty(), flaw }))
    }
}

/// A version begins with a digit here, or every heading would begin with one.
fn version(word: &str) -> Option<Version> {
    let text = word.strip_prefix(['v', 'V']).unwrap_or(word);
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Version::parse(text).ok()
}

/// A day that exists, written `YYYY-MM-DD` and in no other way (RFC 3339, `full-date`).
fn iso_date(word: &str) -> Option<Date> {
    let has_form = word.len() == 10
        && word
            .bytes()
            .enumerate()
            .all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if !has_form {
        return None;
    }
    Date::new(word[..4].parse().ok()?, word[5..7].parse().ok()?, word[8..].parse().ok()?).ok()
}

/// The seven kinds of change that Joomla knows, in the order in which it shows them
/// (`layouts/joomla/installer/changelog.php`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Security,
    Fix,
    Addition,
    Change,
    Remove,
    Language,
    Note,
}

impl Section {
    /// Joomla's own word, an element of its changelog file.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Fix => "fix",
            Self::Addition => "addition",
            Self::Change => "change",
            Self::Remove => "remove",
            Self::Language => "language",
            Self::Note => "note",
        }
    }
}

/// What the heading of a section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionHeading {
    Known(Section),
    /// Joomla has no section for it: these are notes that say so.
    Deprecated,
    Unknown,
}

impl SectionHeading {
    /// Knows the words of Keep a Changelog and Joomla's, in any letter case, whatever signs and pictures are around them.
    pub(super) fn parse(heading: &str) -> Self {
        let word = heading.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        Self::Known(match word.as_str() {
            "security" | "security fix" | "security fixes" => Section::Security,
            "fixed" | "fix" | "fixes" | "bug fix" | "bug fixes" | "bugfix" | "bugfixes" => Section::Fix,
            "added" | "add" | "addition" | "additions" | "feature" | "features" => Section::Addition,
            "changed" | "change" | "changes" => Section::Change,
            "removed" | "remove" | "removal" | "removals" => Section::Remove,
            "language" | "languages" | "translation" | "translations" => Section::Language,
            "note" | "notes" => Section::Note,
            "deprecated" | "deprecation" | "deprecations" => return Self::Deprecated,
            _ => return Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(heading: &str) -> Release {
        match VersionHeading::parse(heading) {
            Some(VersionHeading::Release(release)) => release,
            other => panic!("{heading}: {other:?}"),
        }
    }

    #[test]
    fn a_version_is_read_in_every_usual_form_of_heading() {
        for (heading, version, date) in [
            ("[1.2.0] - 2026-10-26", "1.2.0", Some("2026-10-26")),
            ("1.2.0 (2026-10-26)", "1.2.0", Some("2026-10-26")),
            ("1.2.0 – 2026-10-26", "1.2.0", Some("2026-10-26")),
            ("[1.2.0]: 2026-10-26", "1.2.0", Some("2026-10-26")),
            ("v1.2.0", "1.2.0", None),
            ("V1.2.0-beta1", "1.2.0-beta1", None),
            ("Version 1.2.0", "1.2.0", None),
            ("Release 1.2.0 \"Ebb\", 2026-10-26", "1.2.0", Some("2026-10-26")),
            (" 2 ", "2", None),
        ] {
            let release = release(heading);
            assert_eq!(release.version.as_str(), version, "{heading}");
            assert_eq!(release.date.map(|date| date.to_string()).as_deref(), date, "{heading}");
            assert_eq!((release.is_yanked, release.flaw), (false, None), "{heading}");
        }
    }

    #[test]
    fn a_heading_tells_that_a_release_was_yanked() {
        for heading in ["[1.2.0] - 2026-10-26 [YANKED]", "1.2.0 [yanked] (2026-10-26)"] {
            let release = release(heading);
            assert!(release.is_yanked && release.date.is_some() && release.flaw.is_none(), "{heading}");
        }
        assert!(release("1.2.0 [YANKED]").flaw.is_none());
    }

    #[test]
    fn what_is_no_day_of_the_calendar_is_no_date() {
        for wrong in ["2026-02-30", "26.10.2026", "2026-1-2", "October", "2026-10-26T10:00", "+026-10-26"] {
            let release = release(&format!("[1.2.0] - {wrong}"));
            let flaw = release.flaw.unwrap().to_string();
            assert_eq!(
                (release.date, flaw),
                (
                    None,
                    format!(
                        "found `{wrong}` behind the version 1.2.0, expected a date such as `2026-10-26`, or nothing"
                    )
                )
            );
        }
    }

    #[test]
    fn a_heading_without_a_version_is_none() {
        for heading in ["", "About", "Joomla4", "-", "[]", "version", "1.0ä", "very 1.0"] {
            assert_eq!(VersionHeading::parse(heading), None, "{heading}");
        }
    }

    #[test]
    fn unreleased_is_known_in_any_letter_case() {
        for heading in ["[Unreleased]", "unreleased", "UNRELEASED - 2026-xx-xx"] {
            assert_eq!(VersionHeading::parse(heading), Some(VersionHeading::Unreleased), "{heading}");
        }
    }

    #[test]
    fn the_words_of_keep_a_changelog_and_those_of_joomla_are_sections() {
        for (heading, section) in [
            ("Added", Section::Addition),
            ("additions", Section::Addition),
            ("Changed", Section::Change),
            ("CHANGE", Section::Change),
            ("Removed", Section::Remove),
            ("Fixed", Section::Fix),
            ("Fixes:", Section::Fix),
            ("🐛 Bug fixes", Section::Fix),
            ("Security", Section::Security),
            ("Translations", Section::Language),
            ("language", Section::Language),
            ("Notes", Section::Note),
        ] {
            assert_eq!(SectionHeading::parse(heading), SectionHeading::Known(section), "{heading}");
        }
        assert_eq!(SectionHeading::parse("Deprecated"), SectionHeading::Deprecated);
        assert_eq!(SectionHeading::parse("Performance"), SectionHeading::Unknown);
    }
}
