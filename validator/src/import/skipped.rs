//! What of a file is not imported although nothing is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::store::LicenseState;

/// Why something is not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Skip {
    UnpublishedIds,
    IdsWithoutUser,
    BlockedUsers,
    UsersWithoutIds,
    UsersWithoutAddress,
    UnknownPasswordHashes,
    LicensesOtherwiseHere,
    RevokedKeys,
    WithoutKey,
    KeysWithoutUser,
}

impl Skip {
    /// For people, behind a number.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::UnpublishedIds => "Download IDs that are not published",
            Self::IdsWithoutUser => "Download IDs whose user is not in the dump",
            Self::BlockedUsers => "blocked users",
            Self::UsersWithoutIds => "users without a published Download ID",
            Self::UsersWithoutAddress => "users without a valid mail address",
            Self::UnknownPasswordHashes => "password hashes of a form that Joomla does not accept",
            Self::LicensesOtherwiseHere => "licenses that are here in another state",
            Self::RevokedKeys => "keys that were reset here",
            Self::WithoutKey => "lines without a key: all else lives in the Joomla site",
            Self::KeysWithoutUser => "keys of addresses that no user of the Joomla site has",
        }
    }
}

/// How many there are of a kind, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) count: u64,
    pub(crate) lines: BTreeSet<u64>,
}

/// All that is skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) places: BTreeMap<Skip, Places>,
    /// Each of [`Skip::LicensesOtherwiseHere`].
    pub(crate) licenses: Vec<OtherwiseHere>,
}

impl Skipped {
    pub(super) fn add(&mut self, what: Skip, line: u64) {
        let places = self.places.entry(what).or_default();
        places.count += 1;
        places.lines.insert(line);
    }

    pub(super) fn add_license(&mut self, license: OtherwiseHere) {
        self.add(Skip::LicensesOtherwiseHere, license.line);
        self.licenses.push(license);
    }
}

/// A license that a file asks for, and that is here in another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherwiseHere {
    /// Of the file.
    pub(crate) line: u64,
    /// Id of the license.
    pub(crate) license: i64,
    pub(crate) here: LicenseState,
    /// What the file says; nothing where it lists customers without states.
    pub(crate) listed: Option<LicenseState>,
}

impl OtherwiseHere {
    /// The command that brings the license into the state that the file says.
    pub(crate) fn command(&self) -> Option<String> {
        self.listed.map(|state| format!("license {} {}", state.command(), self.license))
    }
}
