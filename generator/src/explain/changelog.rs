//! A changelog: what the window of Joomla 4 and later shows for a version.

use serde_json::{Value, json};

use super::ink::{Ink, Page};
use super::{InstalledAs, Question, verdict, words};
use crate::shown::{quoted, shown, visible};
use crate::updater::{Changes, Feed};

/// Titles of the sections in the window (`administrator/language/en-GB/com_installer.ini`).
const TITLES: [(&str, &str); 7] = [
    ("security", "Security Fixes"),
    ("fix", "Bug Fixes"),
    ("addition", "New Features"),
    ("change", "Changes"),
    ("remove", "Removed Features"),
    ("language", "Language"),
    ("note", "Notes"),
];

/// As many items that are cut are told one by one.
const MAX_CUT_ITEMS: usize = 5;

/// The version whose changes are asked for.
fn wanted<'q>(question: &Question<'q>) -> Option<&'q str> {
    match question.installed? {
        InstalledAs::Version(version) => Some(version),
        InstalledAs::Extension(installed) => installed.version.as_deref(),
    }
}

/// The versions to tell of: the one that is asked for, else all.
fn versions(question: &Question<'_>, feed: &Feed) -> Vec<String> {
    match wanted(question) {
        Some(version) => vec![version.to_owned()],
        None => {
            let mut versions: Vec<String> = Vec::new();
            for version in feed.changes("").versions {
                if !versions.contains(&version) {
                    versions.push(version);
                }
            }
            versions
        }
    }
}

/// Writes what the window shows.
pub(super) fn write(page: &mut Page, question: &Question<'_>, feed: &Feed) {
    let versions = versions(question, feed);
    let has_none = question.joomla.is_some_and(|joomla| !joomla.line().has_changelogs);
    if let Some(joomla) = question.joomla.filter(|_| has_none) {
        page.say(format!("Joomla {joomla} shows no changes: it has no changelogs."));
        return;
    }
    match versions.as_slice() {
        [] => {
            let unread = verdict::unread(feed.unread().as_ref());
            page.say(format!("This is a changelog, and Joomla finds no version in it. {unread}").trim_end());
        }
        [one] => page.say(format!("This is a changelog. For {} Joomla shows:", words::version(one))),
        all => page.say(format!("This is a changelog of {} versions. Joomla shows:", all.len())),
    }
    for version in &versions {
        write_version(page, &feed.changes(version), version, &words::version(version));
    }
}

/// Writes what the window shows for one version.
pub(super) fn write_version(page: &mut Page, changes: &Changes, version: &str, title: &str) {
    page.head(title);
    if let Some(error) = &changes.aborted {
        page.item(format!("An error in place of the window: {}", verdict::aborted(error)));
        return;
    }
    if changes.sections.is_empty() {
        page.item(Ink::Bad.write("An empty window."));
        page.more(why_empty(changes, version));
    }
    for (section, items) in &changes.sections {
        let title = TITLES.iter().find(|(name, _)| name == section).map_or(*section, |(_, title)| title);
        page.item(title);
        for item in items {
            page.more(format!("- {}", visible(item)));
        }
    }
}

fn why_empty(changes: &Changes, version: &str) -> String {
    let is_there = |known: &&String| known.as_str() == version;
    if changes.versions.iter().any(|known| is_there(&known)) {
        return "Its entry has no item that Joomla takes, or the file's root is no `<changelogs>` that ends."
            .into();
    }
    let like =
        |known: &&String| known.trim().trim_start_matches('v') == version.trim().trim_start_matches('v');
    if let Some(known) = changes.versions.iter().find(like) {
        return format!("The file writes that version {}, which is another one to Joomla.", quoted(known));
    }
    let known: Vec<String> = changes.versions.iter().map(|version| words::version(version)).collect();
    if known.is_empty() {
        return "The file tells of no version.".into();
    }
    format!("The file does not tell of it, but of {}.", words::list(&known))
}

/// What looks like a mistake of the changelog.
pub(super) fn mistakes(question: &Question<'_>, feed: &Feed) -> Vec<String> {
    if question.joomla.is_some_and(|joomla| !joomla.line().has_changelogs) {
        return Vec::new();
    }
    let (versions, cut) = (versions(question, feed), feed.cut_items());
    let is_odd = |version: &&String| version.trim().trim_start_matches('v') != version.as_str();
    let odd: Vec<String> = versions.iter().filter(is_odd).map(|version| quoted(version)).collect();
    let mut told = Vec::new();
    if !odd.is_empty() {
        told.push(format!(
            "Joomla looks for the version as the feed writes it, and neither blanks nor a `v` are left out: {}.",
            words::list(&odd)
        ));
    }
    for item in cut.iter().take(MAX_CUT_ITEMS) {
        let pieces: Vec<String> = item.pieces.iter().map(|piece| quoted(&shown(piece))).collect();
        told.push(format!(
            "The item in line {} is cut into {} bullets: {}. Joomla makes one of each piece of text, and `&amp;` and the like begin a \
             new one. Escape the text as HTML and put it into one `<![CDATA[…]]>`.",
            item.line,
            item.pieces.len(),
            words::list(&pieces)
        ));
    }
    if cut.len() > MAX_CUT_ITEMS {
        told.push(format!("{} more items are cut in the same way.", cut.len() - MAX_CUT_ITEMS));
    }
    told
}

/// The same as JSON.
pub(super) fn json(question: &Question<'_>, feed: &Feed) -> Value {
    let version = |version: &String| {
        let changes = feed.changes(version);
        let sections =
            changes.sections.iter().map(|(name, items)| json!({ "section": name, "items": items }));
        json!({ "version": version, "sections": sections.collect::<Vec<_>>(), "aborted": changes.aborted })
    };
    let shown = question.joomla.is_none_or(|joomla| joomla.line().has_changelogs);
    let versions = if shown { versions(question, feed) } else { Vec::new() };
    Value::Array(versions.iter().map(version).collect())
}
