//! An answer in a few words, as a table has room for, and the sentence that they stand for.

use super::ink::Ink;
use super::{installation, reasons, verdict, words};
use crate::shown::{quoted, shown};
use crate::updater::{Decision, Entry, Misfit, Mismatch, Outcome, Profile, Reason};

/// What stands in a cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// As the feed writes it.
    pub(super) offered: Option<String>,
    /// Which case of [`Outcome`], as JSON has it.
    pub(super) result: &'static str,
    /// The version, or why there is none.
    pub(super) text: String,
    /// What the words in the cell mean, where they are more than a version.
    pub(super) meaning: Option<String>,
}

/// Behind a version that is listed and cannot be installed.
const TROUBLE: &str = " !";

impl Cell {
    pub(super) fn of(decision: &Decision, site: &Profile) -> Self {
        let nothing = |result, (text, meaning): (String, String)| Self {
            offered: None,
            result,
            text,
            meaning: Some(meaning),
        };
        match &decision.outcome {
            Outcome::Offered { version, .. } => Self::offered(version, decision),
            Outcome::NothingFits => nothing("nothing_fits", nothing_fits(decision)),
            Outcome::UpToDate { installed, .. } => nothing("up_to_date", up_to_date(installed)),
            Outcome::NotInstalled { mismatches, .. } => {
                nothing("not_installed", not_installed(mismatches, site))
            }
            Outcome::Dropped { because, .. } => nothing("dropped", dropped(because)),
            Outcome::Unreadable => {
                let meaning = format!(
                    "Joomla cannot read the feed and says so. {}",
                    verdict::unread(decision.unread.as_ref())
                );
                nothing("unreadable", ("unreadable".into(), meaning))
            }
            Outcome::Aborted(error) => {
                let sentence = verdict::aborted(error);
                let meaning = sentence.replacen("the whole", "The whole", 1);
                nothing("aborted", ("aborted".into(), meaning))
            }
        }
    }

    fn offered(version: &str, decision: &Decision) -> Self {
        let trouble = installation::trouble(decision);
        let mark = if trouble.is_some() { TROUBLE } else { "" };
        Self {
            offered: Some(version.to_owned()),
            result: "offered",
            text: format!("{}{mark}", words::version(version)),
            meaning: trouble.map(|trouble| {
                format!("It is listed, but installing it goes wrong: {trouble}. With `--joomla` you see it step by step.")
            }),
        }
    }

    /// In which ink it is written.
    pub(super) fn ink(&self) -> Ink {
        match (&self.offered, &self.meaning) {
            (Some(_), None) => Ink::Good,
            (Some(_), Some(_)) => Ink::Doubt,
            (None, _) if self.result == "up_to_date" => Ink::Faint,
            (None, _) => Ink::Bad,
        }
    }
}

fn nothing_fits(decision: &Decision) -> (String, String) {
    let Some(entry) = reasons::closest(&decision.entries) else {
        let unread = verdict::unread(decision.unread.as_ref());
        return ("empty".into(), format!("The feed has no entry. {unread}").trim_end().to_owned());
    };
    let Some(reason) = reasons::gravest(entry) else { return ("no entry".into(), "No entry fits.".into()) };
    in_short(reason, entry)
}

fn in_short(reason: &Reason, entry: &Entry) -> (String, String) {
    let which = format!("{} (line {})", words::version_of(entry), entry.line);
    match reason {
        Reason::OldPhp { minimum, .. } => {
            let minimum = words::version(minimum);
            (format!("needs PHP {minimum}"), format!("Entries for this Joomla need PHP {minimum} or newer."))
        }
        Reason::OldDatabase { minimum, database } => {
            let (name, minimum) = (database.kind.name(), words::version(minimum));
            (
                format!("needs {name} {minimum}"),
                format!("Entries for this Joomla need {name} {minimum} or newer."),
            )
        }
        Reason::OtherDatabase { database, .. } => {
            let name = database.kind.name();
            (
                format!("not for {name}"),
                format!("`<supported_databases>` of the entries for this Joomla does not name `{}`.", database.kind.as_str()),
            )
        }
        Reason::AnyDatabase => (
            "database".into(),
            "Joomla 3.10 hides every entry that has `<supported_databases>`, whatever is in it. Make an entry of its own for it."
                .into(),
        ),
        Reason::LowStability { stability, .. } => {
            let word = stability.as_str();
            (format!("only {word}"), format!("Nothing is for this Joomla but releases with `<tag>{word}</tag>`."))
        }
        Reason::StabilityElement { .. } => (
            "stability".into(),
            "Entries for this Joomla have an element `<stability>`, which counts as alpha. Write `<tag>` in its place.".into(),
        ),
        Reason::OtherJoomla { .. } | Reason::OtherPatch { .. } => {
            ("no entry".into(), "No entry is for this Joomla.".into())
        }
        Reason::BrokenExpression { expression, warning } => (
            "broken".into(),
            format!(
                "No entry is for this Joomla. The expression {} of {which} is broken, so it matches none: {}.{}",
                quoted(expression),
                shown(warning),
                reasons::mend_expression(expression)
            ),
        ),
        Reason::OtherPlatform { name } => (
            "platform".into(),
            format!("No entry is for this Joomla. {which}: {}", reasons::other_platform(name.as_deref())),
        ),
        Reason::NoPlatform => (
            "no platform".into(),
            format!("No entry is for this Joomla. {which} has no `<targetplatform>`, so no Joomla sees it."),
        ),
        Reason::NotRead => (
            "not read".into(),
            format!("No entry is for this Joomla. The parser never comes to the `</update>` of {which}."),
        ),
    }
}

fn up_to_date(installed: &str) -> (String, String) {
    let installed = words::version(installed);
    ("up to date".into(), format!("The site has {installed}, and what fits is not newer."))
}

fn not_installed(mismatches: &[Mismatch], site: &Profile) -> (String, String) {
    let (Some(installed), Some(first)) = (&site.installed, mismatches.first()) else {
        let meaning = "No entry names an element and a type, so it is of no extension, and never shown.";
        return ("no extension".into(), meaning.into());
    };
    let meaning = format!(
        "The newest entry that fits is not for the {}, as its `<{}>` differs: Joomla stores it and never shows it.",
        words::extension(installed),
        first.field
    );
    (format!("wrong {}", first.field), meaning)
}

fn dropped(because: &Misfit) -> (String, String) {
    let text = match because {
        Misfit::Blank { column } => format!("no {column}"),
        Misfit::TooLong { column, .. } => format!("{column} too long"),
    };
    let meaning = format!("Of the newest entry that fits: {}", verdict::refused(because));
    (text, meaning)
}
