//! The answer: one sentence, or two.

use super::ink::Ink;
use super::installation;
use super::reasons;
use super::words::{self, version};
use crate::shown::{quoted, shown};
use crate::troubles;
use crate::updater::{Aborted, Decision, Misfit, Mismatch, Outcome, Profile, Unread};

/// What a site is offered, or why nothing.
pub(super) fn sentence(decision: &Decision, site: &Profile) -> String {
    let who = words::site(site);
    let nothing = |why: &str| format!("{who} is offered {}: {why}", Ink::Bad.write("nothing"));
    match &decision.outcome {
        Outcome::Offered { version, .. } => {
            let (ink, but) = match installation::trouble(decision) {
                Some(trouble) => (Ink::Doubt, format!(", but {trouble}")),
                None => (Ink::Good, String::new()),
            };
            format!("{who} is offered {}{but}.", ink.write(&words::version(version)))
        }
        Outcome::NothingFits => nothing(&nothing_fits(decision, site)),
        Outcome::UpToDate { version, installed, .. } => nothing(&up_to_date(version, installed)),
        Outcome::NotInstalled { version, mismatches, .. } => nothing(&format!(
            "{} is the newest entry that fits, but {}. Joomla stores it and never shows it.",
            words::version(version),
            not_installed(mismatches, site)
        )),
        Outcome::Dropped { version, because, .. } => nothing(&format!(
            "{} is the newest entry that fits, but {}",
            words::version(version),
            refused(because)
        )),
        Outcome::Unreadable => {
            nothing(&format!("the feed cannot be read. {}", unread(decision.unread.as_ref())))
        }
        Outcome::Aborted(error) => nothing(&aborted(error)),
    }
}

fn nothing_fits(decision: &Decision, site: &Profile) -> String {
    let Some(entry) = reasons::closest(&decision.entries) else {
        let unread = match &decision.unread {
            Some(unread) => format!(" {}", self::unread(Some(unread))),
            None => String::new(),
        };
        return format!("the feed has no entry.{unread}");
    };
    let sentences = reasons::sentences(entry, site);
    format!(
        "no entry fits it. The closest is {}{} in line {}. {sentences}",
        if entry.version.is_some() { "" } else { "the " },
        words::version_of(entry),
        entry.line
    )
}

fn up_to_date(newest: &str, installed: &str) -> String {
    let (newest_shown, installed_shown) = (version(newest), version(installed));
    if newest == installed {
        return format!("it has {installed_shown} already, and nothing newer fits it.");
    }
    let mend = doubtful_version(newest).map(|mend| format!(" {mend}")).unwrap_or_default();
    format!(
        "it has {installed_shown}, and the newest entry that fits it, {newest_shown}, is not newer.{mend}"
    )
}

/// What of a version Joomla sorts in another way than people do.
pub(super) fn doubtful_version(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed != text {
        return Some(format!(
            "The blanks around the version {} count when versions are compared. Write {}.",
            quoted(text),
            quoted(trimmed)
        ));
    }
    let number = text.strip_prefix(['v', 'V'])?;
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| {
        format!(
            "To Joomla every version that begins with a letter, such as {}, is older than all that begin with a number. Write {}.",
            quoted(text),
            quoted(number)
        )
    })
}

fn not_installed(mismatches: &[Mismatch], site: &Profile) -> String {
    match (&site.installed, mismatches) {
        (Some(installed), [_, ..]) => {
            format!("it is not for the {}: {}", words::extension(installed), fields(mismatches))
        }
        _ => "it is for no extension, as no entry names an element and a type".into(),
    }
}

fn fields(mismatches: &[Mismatch]) -> String {
    if let [Mismatch { field, feed, taken_as, installed }] = mismatches {
        return match (feed, taken_as) {
            (Some(_), _) if installed.is_empty() => format!("it has a `<{field}>`"),
            (Some(text), _) => format!("its `<{field}>` is {}, not {}", quoted(text), quoted(installed)),
            (None, Some(taken)) => {
                format!("it has no `<{field}>`, which Joomla takes for {}", quoted(taken))
            }
            (None, None) => format!("it has no `<{field}>`"),
        };
    }
    let names: Vec<String> = mismatches.iter().map(|mismatch| format!("`<{}>`", mismatch.field)).collect();
    format!("its {} differ", words::list(&names))
}

pub(super) fn refused(because: &Misfit) -> String {
    let mend = match because {
        Misfit::Blank { .. } => "Write one.",
        Misfit::TooLong { .. } => "Shorten it.",
    };
    format!("the database refuses it, since {}, and nobody is told. {mend}", troubles::of_misfit(because))
}

pub(super) fn unread(unread: Option<&Unread>) -> String {
    match unread {
        Some(Unread::Malformed { line, error }) => format!("Line {line} is no XML: {}.", shown(error)),
        Some(Unread::Unfinished { line, waits_for }) => {
            format!("The parser stopped in line {line}: it waits for {waits_for}.")
        }
        None => String::new(),
    }
}

pub(super) fn aborted(Aborted { line, error }: &Aborted) -> String {
    let place = line.map(|line| format!(" in line {line}")).unwrap_or_default();
    format!(
        "the whole check ends{place} with the error {}, and update sites that come later stay unchecked, too.",
        quoted(error)
    )
}
