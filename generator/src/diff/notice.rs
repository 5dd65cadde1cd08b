//! What sites notice of a feed besides another version.

use std::fmt;

use serde::Serialize;

use super::side::{Changes, Checksum, Package, Side, Told};
use crate::shown::shown;

/// A difference that sites notice though no version says it. Texts are of the feeds, fit to be printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub(crate) enum Notice {
    /// The end of the new feed is missing.
    CutOff {
        /// Where it stops, from 1.
        line: u32,
    },
    /// The package of the same version has other digests.
    OtherDigests { version: String },
    /// The same digests come by other names.
    OtherDigestNames { version: String, old: Vec<&'static str>, new: Vec<&'static str> },
    /// Nothing says any more what the package must be.
    ChecksumLost { version: String },
    /// Something says now what the package must be.
    ChecksumNew { version: String },
    /// No package has the checksum; these sites say so and install it.
    ChecksumWrong { version: String },
    /// The package of the same version is elsewhere.
    OtherAddress { version: String, old: String, new: String },
    /// The newer package comes from elsewhere.
    OtherHost { version: String, old: String, new: String },
    /// Joomla cannot unpack what it saves under this name.
    BadName { version: String, name: String },
    /// It no longer depends on the server whether Joomla can unpack the package.
    GoodName { version: String },
    /// There is no window with what the release changed any more.
    ChangesLost { version: String },
    /// There is a window with what the release changed.
    ChangesNew { version: String },
    /// The window tells something else of the same version.
    OtherChanges { version: String },
    /// The list shows something else of the same version.
    OtherTexts { version: String, texts: Vec<&'static str> },
}

/// What sites notice that are offered something by both feeds.
pub(super) fn notices(old: (&Side, &Told), new: (&Side, &Told)) -> Vec<Notice> {
    let ((old, old_told), (new, new_told)) = (old, new);
    let (Some(before), Some(after)) = (&old_told.package, &new_told.package) else { return Vec::new() };
    let Some(version) = new_told.answer.version() else { return Vec::new() };
    let is_same = old_told.answer == new_told.answer;
    let mut notices = Vec::new();
    notices.extend(of_checksum((old, before), (new, after), version, is_same));
    notices.extend(of_address(before, after, version, is_same));
    notices.extend(of_name(before, after, version));
    let old_version = old_told.answer.version().unwrap_or(version);
    let changes = (old.changes(before, old_version), new.changes(after, version));
    notices.extend(of_changes(&changes.0, &changes.1, version, is_same));
    if is_same {
        let pairs = old.shown(before).into_iter().zip(new.shown(after));
        let texts: Vec<&str> = pairs.filter(|(old, new)| old.1 != new.1).map(|((word, _), _)| word).collect();
        let version = version.to_owned();
        notices.extend((!texts.is_empty()).then_some(Notice::OtherTexts { version, texts }));
    }
    notices
}

fn of_checksum(
    (old, before): (&Side, &Package),
    (new, after): (&Side, &Package),
    version: &str,
    is_same: bool,
) -> Option<Notice> {
    let version = version.to_owned();
    match (before.checksum, after.checksum) {
        (Checksum::Compared, Checksum::Compared) if is_same => {
            let (old, new) = (old.digests(before), new.digests(after));
            if old.iter().any(|(name, digest)| new.get(name).is_some_and(|other| other != digest)) {
                return Some(Notice::OtherDigests { version });
            }
            let (old, new): (Vec<_>, Vec<_>) = (old.into_keys().collect(), new.into_keys().collect());
            (old != new).then_some(Notice::OtherDigestNames { version, old, new })
        }
        (before, after) if before == after => None,
        (_, Checksum::Missing) => Some(Notice::ChecksumLost { version }),
        (_, Checksum::NeverRight) => Some(Notice::ChecksumWrong { version }),
        (_, Checksum::Compared) => Some(Notice::ChecksumNew { version }),
    }
}

fn of_address(before: &Package, after: &Package, version: &str, is_same: bool) -> Option<Notice> {
    let version = version.to_owned();
    if is_same {
        let (old, new) = (&before.request, &after.request);
        return (old != new).then(|| Notice::OtherAddress { version, old: shown(old), new: shown(new) });
    }
    let (old, new) = (host(&before.request), host(&after.request));
    (old != new).then(|| Notice::OtherHost { version, old: shown(old), new: shown(new) })
}

/// Scheme and host of an address.
fn host(address: &str) -> &str {
    let behind_scheme = address.find("://").map_or(0, |at| at + 3);
    let end = address[behind_scheme..].find(['/', '?']).map_or(address.len(), |at| behind_scheme + at);
    &address[..end]
}

fn of_name(before: &Package, after: &Package, version: &str) -> Option<Notice> {
    let version = version.to_owned();
    match (&before.bad_name, &after.bad_name) {
        (None, Some(name)) => Some(Notice::BadName { version, name: name.clone() }),
        (Some(_), None) => Some(Notice::GoodName { version }),
        _ => None,
    }
}

/// What the window shows of a version, of two changelogs.
pub(super) fn of_changelogs(old: &Side, new: &Side, version: &str) -> Option<Notice> {
    let shown_by = |side: &Side| Changes::Shown(side.feed.changes(version).sections);
    of_changes(&shown_by(old), &shown_by(new), &shown(version), true)
}

fn of_changes(old: &Changes, new: &Changes, version: &str, is_same: bool) -> Option<Notice> {
    let version = version.to_owned();
    let is_there = |changes: &Changes| match changes {
        Changes::Nowhere => false,
        Changes::Address(_) => true,
        Changes::Shown(sections) => !sections.is_empty(),
    };
    match (is_there(old), is_there(new)) {
        (true, false) => Some(Notice::ChangesLost { version }),
        (false, true) => Some(Notice::ChangesNew { version }),
        (true, true) if is_same && old != new => Some(Notice::OtherChanges { version }),
        _ => None,
    }
}

impl Notice {
    /// The version that it is about.
    pub(super) fn version(&self) -> Option<&str> {
        match self {
            Self::CutOff { .. } => None,
            Self::OtherDigests { version }
            | Self::OtherDigestNames { version, .. }
            | Self::ChecksumLost { version }
            | Self::ChecksumNew { version }
            | Self::ChecksumWrong { version }
            | Self::OtherAddress { version, .. }
            | Self::OtherHost { version, .. }
            | Self::BadName { version, .. }
            | Self::GoodName { version }
            | Self::ChangesLost { version }
            | Self::ChangesNew { version }
            | Self::OtherChanges { version }
            | Self::OtherTexts { version, .. } => Some(version),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff { line } => {
                write!(f, "the feed ends too early, in line {line}: Joomla reads nothing behind it")
            }
            Self::OtherDigests { version } => {
                write!(f, "{version} has another checksum: its package changed under the same version")
            }
            Self::OtherDigestNames { version, old, new } => {
                write!(f, "{version} is checked by {}, before by {}", new.join(", "), old.join(", "))
            }
            Self::ChecksumLost { version } => {
                write!(f, "{version} has no checksum, what came before had one")
            }
            Self::ChecksumNew { version } => write!(f, "{version} has a checksum, what came before had none"),
            Self::ChecksumWrong { version } => {
                write!(f, "{version} has a checksum that is none: Joomla warns and installs it")
            }
            Self::OtherAddress { version, old, new } => {
                write!(f, "{version} is downloaded from {new}, before from {old}")
            }
            Self::OtherHost { version, old, new } => {
                write!(f, "{version} is downloaded from {new}, what came before from {old}")
            }
            Self::BadName { version, name } => {
                write!(
                    f,
                    "{version} is saved as {name}, which Joomla cannot unpack unless the server names the file"
                )
            }
            Self::GoodName { version } => {
                write!(f, "{version} is saved under a name that Joomla can unpack, what came before was not")
            }
            Self::ChangesLost { version } => {
                write!(f, "{version} has no changelog, what came before had one")
            }
            Self::ChangesNew { version } => {
                write!(f, "{version} has a changelog, what came before had none")
            }
            Self::OtherChanges { version } => write!(f, "the changelog tells something else of {version}"),
            Self::OtherTexts { version, texts } => {
                write!(f, "{version} is listed with another {}", texts.join(" and another "))
            }
        }
    }
}
