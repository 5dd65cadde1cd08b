//! What happens when the administrator installs the update.

use super::ink::{Ink, Page};
use super::reasons;
use super::words;
use crate::shown::{quoted, shown, visible};
use crate::troubles;
use crate::updater::{
    ChecksumResult, Decision, Download, Install, InstallOutcome, Message, MessageKind, Outcome, Profile,
};

/// Writes what happens, step by step.
///
/// `has_edge`: the package comes from an edge of Bandari's, which names it.
pub(super) fn write(page: &mut Page, decision: &Decision, site: &Profile, has_edge: bool) {
    let (Outcome::Offered { version, .. }, Some(install)) = (&decision.outcome, &decision.install) else {
        return;
    };
    page.head(&format!("When {} is installed", words::version(version)));
    page.item(second_parse(install, version, site));
    let download = install.download.as_ref().filter(|_| install.outcome == InstallOutcome::Downloads);
    if let Some(download) = download {
        write_download(page, download, has_edge);
    }
    if let (InstallOutcome::NoRequest { cause }, Some(download)) = (&install.outcome, &install.download) {
        page.item(doubt(&format!(
            "It requests nothing, as {} is no address to it: {}. Mend `<downloadurl>`.",
            quoted(&download.address),
            shown(cause)
        )));
    }
    if install.messages.is_empty() {
        page.item("The administrator sees an error page in place of a message.");
    } else {
        page.item("The administrator reads:");
        write_messages(page, &install.messages, site);
    }
    if let Some(download) = download {
        write_other_messages(page, download, site);
    }
}

/// A sentence that must not be overlooked.
pub(super) fn doubt(text: &str) -> String {
    format!("{} {text}", Ink::Doubt.write("!"))
}

/// Joomla reads the feed once more, with another class that goes by other rules.
fn second_parse(install: &Install, listed: &str, site: &Profile) -> String {
    let again = "Joomla reads the feed once more";
    match (&install.outcome, install.version.as_deref()) {
        (InstallOutcome::Downloads | InstallOutcome::NoRequest { .. }, Some(version))
            if version == listed =>
        {
            format!("{again}, and takes {} again.", words::version(version))
        }
        (InstallOutcome::Downloads | InstallOutcome::NoRequest { .. }, Some(version)) => {
            let why = why_other(install, listed, site);
            doubt(&format!(
                "{again} with other rules, and takes {} in place of {}, which it lists.{why}",
                words::version(version),
                words::version(listed)
            ))
        }
        (InstallOutcome::NothingFits, _) => doubt(&format!(
            "{again} with other rules, and finds nothing that fits.{}",
            why_other(install, listed, site)
        )),
        (InstallOutcome::NeverTaken, _) => doubt(&format!(
            "{again}, and never takes what it finds: it waits for the end tag `</updates>`. The root of a feed must be `<updates>`, and \
             be closed."
        )),
        (InstallOutcome::Unreadable, _) => doubt(&format!("{again}, and cannot read it.")),
        (InstallOutcome::Aborted(error) | InstallOutcome::Failed(error), _) => {
            let place = error.line.map(|line| format!(" in line {line}")).unwrap_or_default();
            doubt(&format!("{again}, and ends{place} with the error {}.", quoted(&error.error)))
        }
        (InstallOutcome::NoAddress, _) => doubt(&format!(
            "{again}. The entry has no `<downloadurl>`, so there is nothing to request. Write one."
        )),
        _ => format!("{again}."),
    }
}

fn why_other(install: &Install, listed: &str, site: &Profile) -> String {
    let is_listed = |entry: &&crate::updater::Entry| entry.version.as_deref() == Some(listed);
    let hidden = install.entries.iter().filter(is_listed).find(|entry| !entry.reasons.is_empty());
    hidden
        .map(|entry| format!(" Line {}: {}", entry.line, reasons::sentences(entry, site)))
        .unwrap_or_default()
}

fn write_download(page: &mut Page, download: &Download, has_edge: bool) {
    page.item(format!("It requests {}", visible(&download.request)));
    page.item(saved(download, has_edge));
    if !download.mirrors.is_empty() {
        let mirrors: Vec<String> = download.mirrors.iter().map(|mirror| visible(mirror)).collect();
        page.item(format!(
            "When that fails, it tries each `<downloadsource>` of the file, those of other versions, too: {}",
            mirrors.join(", ")
        ));
    }
    page.item(checksum(&download.checksum));
}

fn saved(download: &Download, has_edge: bool) -> String {
    let saved = &download.saved_as;
    let name = match &saved.name {
        Some(name) => format!("saves the package as {}", quoted(name)),
        None => "makes up a name for the package".to_owned(),
    };
    if saved.can_be_unpacked && has_edge {
        return format!(
            "It saves the package under the name that the edge sends in `Content-Disposition`; without one it {name}."
        );
    }
    if saved.can_be_unpacked {
        return format!("It {name}, unless the answer names another file in `Content-Disposition`.");
    }
    doubt(&format!(
        "It {name} unless the answer names the file, and cannot unpack that: the name has no end such as `.zip`. Have the server \
         answer with `Content-Disposition: attachment; filename=\"….zip\"`, or let the address end in `.zip`: with a key by \
         `<dlid prefix=\"dlid=\" suffix=\"&amp;f=.zip\"/>` in the manifest of what is installed."
    ))
}

fn checksum(checksum: &ChecksumResult) -> String {
    let wrong =
        |stops: bool| if stops { "installs nothing" } else { "says so, and installs it all the same" };
    match checksum {
        ChecksumResult::Missing => {
            "The feed has no checksum, so it compares none. Write `<sha256>` into the entry.".into()
        }
        ChecksumResult::Compared { digests, stops } => {
            let digests: Vec<String> = digests.iter().map(|digest| format!("`{digest}`")).collect();
            format!(
                "It compares {}; when the package has another, it {}.",
                words::list(&digests),
                wrong(*stops)
            )
        }
        ChecksumResult::NeverRight { digest, value, stops } => doubt(&format!(
            "`<{digest}>` is {}, which no package has: it must be the hexadecimal digits of the digest and nothing else. Joomla {}.",
            quoted(value),
            wrong(*stops)
        )),
    }
}

/// Messages as Joomla prints them, each with its color.
fn write_messages(page: &mut Page, messages: &[Message], site: &Profile) {
    for message in messages {
        page.more(one_message(message, site));
    }
}

fn one_message(message: &Message, site: &Profile) -> String {
    let (ink, color) = match message.kind {
        MessageKind::Success => (Ink::Good, "green"),
        MessageKind::Message if site.joomla.numbers()[0] < 4 => (Ink::Good, "green"),
        MessageKind::Message => (Ink::Good, "blue"),
        MessageKind::Warning => (Ink::Doubt, "yellow"),
        MessageKind::Error => (Ink::Bad, "red"),
    };
    format!("{}: {}", ink.write(color), visible(&message.text))
}

fn write_other_messages(page: &mut Page, download: &Download, site: &Profile) {
    if let Some(message) = &download.saved_as.message {
        page.item("When the answer does not name the file, instead:");
        page.more(one_message(message, site));
    }
    if let ChecksumResult::Compared { .. } = download.checksum {
        page.item("When the package has another checksum, instead:");
        write_messages(page, &download.checksum_messages, site);
    }
}

/// Why a listed update cannot be installed, in short; nothing when it can.
pub(super) fn trouble(decision: &Decision) -> Option<String> {
    let Outcome::Offered { version: listed, .. } = &decision.outcome else { return None };
    let install = decision.install.as_ref()?;
    let trouble = troubles::of_install(install);
    if trouble.is_some() {
        return trouble;
    }
    if install.version.as_ref() != Some(listed) {
        let version = install.version.as_deref().unwrap_or_default();
        return Some(format!("{} is installed in its place", words::version(version)));
    }
    let download = install.download.as_ref()?;
    let name = download.saved_as.name.as_deref().unwrap_or("a name without an end");
    (!download.saved_as.can_be_unpacked).then(|| {
        format!("unless the server names the file, it is saved as {} and cannot be unpacked", quoted(name))
    })
}

/// What the check tells, when it tells anything.
pub(super) fn write_check(page: &mut Page, decision: &Decision, site: &Profile) {
    if decision.messages.is_empty() {
        return;
    }
    page.head("What the administrator reads after the check");
    for message in &decision.messages {
        page.item(one_message(message, site));
    }
}
