//! What the update screen of a site comes to, in as few words as two of them can be told apart by.

use std::fmt;

use serde::Serialize;

use crate::shown::shown;
use crate::troubles;
use crate::updater::{Decision, Install, Mismatch, Outcome};

/// What the update screen comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Answer {
    /// No update is listed.
    NoUpdate,
    /// An update is listed and can be installed.
    Offered {
        /// The version that is listed.
        version: String,
        /// The version that is installed in its place, where Joomla's second look at the feed finds another one.
        installs: Option<String>,
    },
    /// An update is listed and cannot be installed.
    NotInstallable {
        /// The version that is listed.
        version: String,
        because: String,
    },
    /// There is an update, and Joomla never lists it.
    NotListed { version: String, because: String },
    /// Joomla says that it cannot read the feed.
    Unreadable,
    /// PHP ends the check, for this update server and all behind it.
    Aborted { error: String },
}

impl Answer {
    pub(super) fn of(decision: &Decision) -> Self {
        match &decision.outcome {
            Outcome::Offered { version, .. } => match &decision.install {
                Some(install) => Self::of_install(version, install),
                None => Self::Offered { version: shown(version), installs: None },
            },
            Outcome::NothingFits | Outcome::UpToDate { .. } => Self::NoUpdate,
            Outcome::NotInstalled { version, mismatches, .. } => {
                let because = match mismatches.first() {
                    Some(mismatch) => shown(&of_mismatch(mismatch)),
                    None => "it names no extension".to_owned(),
                };
                Self::NotListed { version: shown(version), because }
            }
            Outcome::Dropped { version, because, .. } => {
                Self::NotListed { version: shown(version), because: troubles::of_misfit(because) }
            }
            Outcome::Unreadable => Self::Unreadable,
            Outcome::Aborted(aborted) => Self::Aborted { error: shown(&aborted.error) },
        }
    }

    fn of_install(version: &str, install: &Install) -> Self {
        match troubles::of_install(install) {
            Some(because) => Self::NotInstallable { version: shown(version), because },
            None => {
                let installs = install.version.as_deref().filter(|taken| *taken != version);
                Self::Offered { version: shown(version), installs: installs.map(shown) }
            }
        }
    }

    /// The version that a site can update to.
    pub(super) fn version(&self) -> Option<&str> {
        match self {
            Self::Offered { version, .. } => Some(version),
            _ => None,
        }
    }

    /// The version that a site has after the update.
    pub(super) fn installed(&self) -> Option<&str> {
        match self {
            Self::Offered { version, installs } => Some(installs.as_ref().unwrap_or(version)),
            _ => None,
        }
    }
}

fn of_mismatch(mismatch: &Mismatch) -> String {
    let Mismatch { field, feed, taken_as, installed } = mismatch;
    let feed = match feed {
        Some(feed) => format!("its `{field}` is `{feed}`"),
        None => format!("it has no `{field}`"),
    };
    let taken_as =
        taken_as.as_ref().map(|taken| format!(", which Joomla takes for `{taken}`")).unwrap_or_default();
    match installed.as_str() {
        "" => format!("{feed}{taken_as}; that of the extension is empty"),
        _ => format!("{feed}{taken_as}; that of the extension is `{installed}`"),
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUpdate => f.write_str("no update"),
            Self::Offered { version, installs: None } => f.write_str(version),
            Self::Offered { version, installs: Some(other) } => {
                write!(f, "{version}, which installs {other}")
            }
            Self::NotInstallable { version, because } => {
                write!(f, "{version}, which cannot be installed ({because})")
            }
            Self::NotListed { version, because } => {
                write!(f, "{version}, which is never listed ({because})")
            }
            Self::Unreadable => f.write_str("a feed that Joomla cannot read"),
            Self::Aborted { error } => write!(f, "an error that ends the whole check ({error})"),
        }
    }
}
