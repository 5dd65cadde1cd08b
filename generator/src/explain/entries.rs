//! The entries of a feed on a page: newest first, those that fare alike told together, so that five hundred stay a page.

use std::mem::discriminant;

use super::ink::{Ink, Page};
use super::reasons;
use super::words::{self, version_of};
use crate::updater::{Decision, Entry, Outcome, Profile, Reason};

/// As many that fare differently are told each for itself; of more, those with reasons of one kind are told together.
const MAX_APART: usize = 8;

/// As many versions are named one by one.
const MAX_NAMED: usize = 3;

/// Entries that fare alike.
struct Group<'d> {
    entries: Vec<&'d Entry>,
}

/// Writes all entries.
pub(super) fn write(page: &mut Page, decision: &Decision, site: &Profile) {
    let sorted = words::newest_first(&decision.entries);
    let newest = decision.entries.iter().find(|entry| entry.is_newest);
    let mut groups = grouped(&sorted, |one, other| one.reasons == other.reasons);
    if groups.len() > MAX_APART {
        groups = grouped(&sorted, is_alike);
    }
    for group in &groups {
        let first = group.entries[0];
        let (ink, text) = if first.is_newest {
            newest_sentence(decision)
        } else if first.reasons.is_empty() {
            (Ink::Faint, older_sentence(group, newest))
        } else {
            (Ink::Bad, format!("Hidden. {}", hidden_sentence(group, site)))
        };
        page.item(format!("{}: {text}", ink.write(&group.named())));
    }
}

/// In the order of their first entries. The newest that fits stays apart.
fn grouped<'d>(sorted: &[&'d Entry], is_alike: impl Fn(&Entry, &Entry) -> bool) -> Vec<Group<'d>> {
    let mut groups: Vec<Group<'d>> = Vec::new();
    for &entry in sorted {
        let is_of = |group: &&mut Group<'_>| {
            let first = group.entries[0];
            first.is_newest == entry.is_newest && is_alike(first, entry)
        };
        match groups.iter_mut().find(is_of) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group { entries: vec![entry] }),
        }
    }
    groups
}

fn is_alike(one: &Entry, other: &Entry) -> bool {
    one.reasons.iter().map(discriminant).eq(other.reasons.iter().map(discriminant))
}

impl Group<'_> {
    /// "1.2.0 (line 3)", "37 entries, 1.1.0 (line 37) to 0.1.0 (line 700)".
    fn named(&self) -> String {
        let name = |entry: &&Entry| format!("{} (line {})", version_of(entry), entry.line);
        match self.entries.as_slice() {
            [first, .., last] if self.entries.len() > MAX_NAMED => {
                format!("{} entries, {} to {}", self.entries.len(), name(first), name(last))
            }
            all => all.iter().map(name).collect::<Vec<_>>().join(", "),
        }
    }

    fn is_one(&self) -> bool {
        self.entries.len() == 1
    }
}

/// What becomes of the newest entry that fits.
fn newest_sentence(decision: &Decision) -> (Ink, String) {
    let text = match &decision.outcome {
        Outcome::Offered { .. } => return (Ink::Good, "Offered: the newest that fits.".into()),
        Outcome::UpToDate { installed, .. } => {
            format!(
                "It fits, and is the newest that does, but is not newer than {}.",
                words::version(installed)
            )
        }
        Outcome::NotInstalled { .. } => {
            "It fits, and is the newest that does, but it is for another extension.".into()
        }
        Outcome::Dropped { .. } => "It fits, and is the newest that does, but it cannot be stored.".into(),
        _ => "It fits, and is the newest that does.".into(),
    };
    (Ink::Doubt, text)
}

fn older_sentence(group: &Group<'_>, newest: Option<&Entry>) -> String {
    let Some(newest) = newest else {
        return if group.is_one() { "It fits.".into() } else { "They fit.".into() };
    };
    let is_equal = |entry: &&Entry| entry.version == newest.version;
    let (verb, version) = (if group.is_one() { "It fits" } else { "They fit" }, version_of(newest));
    if group.entries.iter().all(is_equal) {
        return format!("{verb}, too, but another entry of the same version comes first.");
    }
    format!("{verb}, too, but {version} is newer.")
}

fn hidden_sentence(group: &Group<'_>, site: &Profile) -> String {
    let first = group.entries[0];
    let differ = group.entries.iter().any(|entry| entry.reasons != first.reasons);
    if !differ {
        return reasons::sentences(first, site);
    }
    let common = |(at, reason): (usize, &Reason)| {
        let mut values: Vec<String> = Vec::new();
        for value in group.entries.iter().filter_map(|entry| reasons::value(&entry.reasons[at])) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        reasons::common_sentence(reason, &values, site)
    };
    first.reasons.iter().enumerate().map(common).collect::<Vec<_>>().join(" ")
}
