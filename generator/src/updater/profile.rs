//! A site as far as Joomla's updater asks for it.

use std::fmt;

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::Stability;
use serde::Serialize;

use super::line::Line;

/// One Joomla site with one extension.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its Joomla.
    pub joomla: JoomlaVersion,
    /// Its PHP.
    pub php: PhpVersion,
    /// Its database.
    pub database: Database,
    /// "Minimum stability" of the updates component. Joomla's default is stable.
    pub minimum_stability: Stability,
    /// What is installed there; nothing when the feed's extension is not.
    pub installed: Option<Installed>,
    /// What its update site adds to addresses of packages.
    pub key: Option<DownloadKey>,
}

/// A row of `#__extensions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// The type, in Joomla's word.
    #[serde(rename = "type")]
    pub kind: ExtensionType,
    /// Joomla's name of it, such as `mod_tides`.
    pub element: String,
    /// The group of a plugin; empty for everything else.
    pub folder: String,
    /// Where it is installed.
    pub client: Client,
    /// The version of its manifest. None: older than everything.
    pub version: Option<String>,
}

/// Prefix and suffix that the manifest's `<dlid>` puts around the key (`extra_query` of the update site).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadKey {
    /// Such as `dlid=`.
    pub prefix: String,
    /// Usually empty, or such as `&x=.zip`.
    pub suffix: String,
}

impl Default for DownloadKey {
    fn default() -> Self {
        Self { prefix: "dlid=".into(), suffix: String::new() }
    }
}

/// A Joomla version as `JVERSION` has it: `5.3.4`, `6.1.0-rc1-dev`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct JoomlaVersion {
    text: String,
    numbers: [u32; 3],
}

/// The newest patch of each minor version that was out when this was written. Only who says no patch gets it, so nothing goes
/// wrong when it is old.
const NEWEST_PATCHES: [([u32; 2], u32); 12] = [
    ([3, 10], 12),
    ([4, 0], 6),
    ([4, 1], 5),
    ([4, 2], 9),
    ([4, 3], 4),
    ([4, 4], 14),
    ([5, 0], 3),
    ([5, 1], 4),
    ([5, 2], 6),
    ([5, 3], 4),
    ([5, 4], 8),
    ([6, 0], 4),
];

impl JoomlaVersion {
    /// Reads `5.3.4` with or without what follows a `-`. Without a patch (`5.3`) it is the newest that is known, `.0` where none
    /// is.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || format!("found `{text}`, expected a Joomla version since 3.10, such as `5.3` or `5.3.4`");
        let (dotted, suffix) = match text.split_once('-') {
            Some((dotted, suffix)) => (dotted, Some(suffix)),
            None => (text, None),
        };
        let numbers = numbers(dotted).ok_or_else(expected)?;
        let [major, minor, patch] = match numbers[..] {
            [major, minor] => [major, minor, newest_patch([major, minor])],
            [major, minor, patch] => [major, minor, patch],
            _ => return Err(expected()),
        };
        let is_word = |suffix: &str| {
            !suffix.is_empty() && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        };
        if [major, minor] < [3, 10] || suffix.is_some_and(|suffix| !is_word(suffix)) {
            return Err(expected());
        }
        let suffix = suffix.map(|suffix| format!("-{suffix}")).unwrap_or_default();
        Ok(Self { text: format!("{major}.{minor}.{patch}{suffix}"), numbers: [major, minor, patch] })
    }

    /// A release without a suffix.
    #[must_use]
    pub fn release(numbers: [u32; 3]) -> Self {
        let [major, minor, patch] = numbers;
        Self { text: format!("{major}.{minor}.{patch}"), numbers }
    }

    /// The newest release of a minor version that is known, else its first.
    #[must_use]
    pub fn newest_of(minor: [u32; 2]) -> Self {
        Self::release([minor[0], minor[1], newest_patch(minor)])
    }

    /// As `JVERSION` has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Major, minor and patch number.
    #[must_use]
    pub fn numbers(&self) -> [u32; 3] {
        self.numbers
    }

    /// How this version updates.
    #[must_use]
    pub fn line(&self) -> &'static Line {
        Line::of(self.numbers)
    }
}

fn newest_patch(minor: [u32; 2]) -> u32 {
    NEWEST_PATCHES.iter().find(|(known, _)| *known == minor).map_or(0, |&(_, patch)| patch)
}

impl fmt::Display for JoomlaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<JoomlaVersion> for String {
    fn from(version: JoomlaVersion) -> Self {
        version.text
    }
}

/// A number that no patch version reaches: who says `8.2` means any of its patches.
const ANY_PATCH: &str = "9999";

/// A version of PHP: `8.2.10`, or `8.2` for the newest of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct PhpVersion {
    text: String,
    compared: String,
}

impl PhpVersion {
    /// Reads `8.2` or what `PHP_VERSION` says: `8.2.10`, `8.2.10-1ubuntu1`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("found `{text}`, expected a PHP version such as `8.2` or `8.2.10`");
        let dotted = text.split(['-', '+']).next().unwrap_or(text);
        let compared = match numbers(dotted).ok_or_else(expected)?.len() {
            2 if dotted == text => format!("{text}.{ANY_PATCH}"),
            3 => text.to_owned(),
            _ => return Err(expected()),
        };
        Ok(Self { text: text.to_owned(), compared })
    }

    /// The very version where something begins that a feed asks for.
    #[must_use]
    pub fn beginning(text: &str) -> Self {
        Self { text: text.to_owned(), compared: text.to_owned() }
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What takes part in comparisons.
    #[must_use]
    pub fn compared(&self) -> &str {
        &self.compared
    }
}

impl From<PhpVersion> for String {
    fn from(version: PhpVersion) -> Self {
        version.text
    }
}

/// Which database server a site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// MySQL, of which Joomla tells MariaDB apart by its version.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// PostgreSQL.
    Postgresql,
}

impl DatabaseKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mysql, Self::Mariadb, Self::Postgresql];

    /// Its word, which is the attribute of `<supported_databases>`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Postgresql => "postgresql",
        }
    }

    /// The attribute of `<supported_databases>`, as the parser hands it over.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Self::Mysql => "MYSQL",
            Self::Mariadb => "MARIADB",
            Self::Postgresql => "POSTGRESQL",
        }
    }

    /// Its own spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
            Self::Postgresql => "PostgreSQL",
        }
    }

    /// Whether its default collations take `MOD_TIDES` for `mod_tides`, and `mod_tides ` too.
    pub(super) fn compares_loosely(self) -> bool {
        self != Self::Postgresql
    }
}

/// A database server and its version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Database {
    /// Which one.
    pub kind: DatabaseKind,
    version: String,
    #[serde(skip)]
    compared: String,
}

impl Database {
    /// Reads `mariadb:10.11`: a database and its version, or all that the server says of its version
    /// (`mariadb:10.11.6-MariaDB-0+deb12u1`).
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "found `{text}`, expected `mysql:`, `mariadb:` or `postgresql:` and a version, such as `mariadb:10.11`"
            )
        };
        let (word, version) = text.split_once(':').ok_or_else(expected)?;
        let kind = DatabaseKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(expected)?;
        Self::new(kind, version).ok_or_else(expected)
    }

    /// None unless the version begins with one to four numbers.
    #[must_use]
    pub fn new(kind: DatabaseKind, version: &str) -> Option<Self> {
        // Joomla itself takes off what old clients of MariaDB 10 see.
        let told =
            version.strip_prefix("5.5.5-").filter(|_| kind == DatabaseKind::Mariadb).unwrap_or(version);
        let dotted: &str = told.split(['-', '+', ' ']).next().unwrap_or(told);
        let parts = numbers(dotted)?.len();
        let whole = if kind == DatabaseKind::Postgresql { 2 } else { 3 };
        let mut compared = told.to_owned();
        if dotted == told {
            if parts < whole {
                compared = format!("{told}.{ANY_PATCH}");
            }
            // MariaDB says its name in each version, and Joomla compares that, too.
            if kind == DatabaseKind::Mariadb {
                compared.push_str("-MariaDB");
            }
        }
        (parts <= 4).then(|| Self { kind, version: told.to_owned(), compared })
    }

    /// The very version where something begins that a feed asks for: with what servers add, not older than that.
    #[must_use]
    pub fn beginning(kind: DatabaseKind, version: &str) -> Self {
        let name = if kind == DatabaseKind::Mariadb { "-MariaDB" } else { "" };
        Self { kind, version: version.to_owned(), compared: format!("{version}.0{name}") }
    }

    /// As it was given.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What takes part in comparisons.
    #[must_use]
    pub fn compared(&self) -> &str {
        &self.compared
    }
}

/// The numbers of a dotted version; none when it is something else.
fn numbers(dotted: &str) -> Option<Vec<u32>> {
    let number = |part: &str| match part.len() {
        1..=5 if part.bytes().all(|b| b.is_ascii_digit()) => part.parse().ok(),
        _ => None,
    };
    dotted.split('.').map(number).collect()
}
