//! What a site makes of a feed, in types that people's sentences and JSON are made of.

use bandari_catalog::version::Stability;
use serde::Serialize;

use super::profile::{Database, PhpVersion};

/// Which of Joomla's readers a feed is for. Joomla goes by the `type` of the update server, not by what the feed looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// `<updates>`: the releases of one extension.
    Extension,
    /// `<extensionset>`: many extensions, with a feed for each.
    Collection,
    /// `<changelogs>`: what releases changed.
    Changelog,
}

/// What a site makes of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What the update screen shows in the end.
    pub outcome: Outcome,
    /// Each `<update>` of the feed, or `<extension>` of a collection, in its order.
    pub entries: Vec<Entry>,
    /// What of the feed was not read, and why.
    pub unread: Option<Unread>,
    /// What the administrator is told of the check, in its order.
    pub messages: Vec<Message>,
    /// What happens when the update is installed; only when one is offered, and it is the feed that says so.
    pub install: Option<Install>,
}

/// What the update screen shows in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// The update is listed.
    Offered {
        /// As the feed writes it.
        version: String,
        /// Number of the entry, from 1.
        entry: usize,
    },
    /// No entry fits the site.
    NothingFits,
    /// The newest entry that fits is not newer than what is installed.
    UpToDate {
        /// The newest that fits.
        version: String,
        /// Number of the entry, from 1.
        entry: usize,
        /// What is installed.
        installed: String,
    },
    /// The newest entry that fits is of no installed extension: Joomla stores it and never shows it.
    NotInstalled {
        /// The newest that fits.
        version: String,
        /// Number of the entry, from 1.
        entry: usize,
        /// Where entry and installed extension differ; empty when nothing is installed.
        mismatches: Vec<Mismatch>,
    },
    /// The database refuses the row, and nobody is told.
    Dropped {
        /// The newest that fits.
        version: String,
        /// Number of the entry, from 1.
        entry: usize,
        /// What the column cannot take.
        because: Misfit,
    },
    /// Joomla cannot read the feed and says so.
    Unreadable,
    /// PHP ends the check: update sites behind this one stay unchecked, too.
    Aborted(Aborted),
}

/// What ends a whole check or installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aborted {
    /// Line of the feed, from 1; none when it is about a row.
    pub line: Option<u32>,
    /// What Joomla's error page says.
    pub error: String,
}

/// One entry, held to the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1, in the feed's order.
    pub number: usize,
    /// Where it begins, from 1.
    pub line: u32,
    /// As the feed writes it, blanks included.
    pub name: Option<String>,
    /// As the feed writes it, blanks included.
    pub version: Option<String>,
    /// Every reason why the site does not see it. None: it fits.
    pub reasons: Vec<Reason>,
    /// Whether it is the newest that fits.
    pub is_newest: bool,
}

/// Why an entry is hidden from a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// There is no `<targetplatform>`.
    NoPlatform,
    /// `name` of `<targetplatform>` is not `joomla`.
    OtherPlatform {
        /// What it is.
        name: Option<String>,
    },
    /// The expression does not match the site's Joomla.
    OtherJoomla {
        /// `version` of `<targetplatform>`.
        expression: String,
    },
    /// The expression is none, so it matches nothing.
    BrokenExpression {
        /// `version` of `<targetplatform>`.
        expression: String,
        /// PHP's warning, which goes to its log.
        warning: String,
    },
    /// `min_dev_level` or `max_dev_level` excludes the patch number.
    OtherPatch {
        /// The attribute.
        bound: &'static str,
        /// Its value.
        value: String,
    },
    /// The site's PHP is too old.
    OldPhp {
        /// `<php_minimum>`.
        minimum: String,
        /// The site's.
        php: PhpVersion,
    },
    /// The site's database is not among the supported ones.
    OtherDatabase {
        /// The attributes of `<supported_databases>`, in lower case.
        supported: Vec<String>,
        /// The site's.
        database: Database,
    },
    /// `<supported_databases>` hides an entry from every Joomla 3.10.
    AnyDatabase,
    /// The site's database is too old.
    OldDatabase {
        /// The attribute's value.
        minimum: String,
        /// The site's.
        database: Database,
    },
    /// It is less stable than the site wants.
    LowStability {
        /// What its `<tag>` says.
        stability: Stability,
        /// What the site wants.
        minimum: Stability,
    },
    /// `<stability>`, which is not the stability, makes it count as alpha in the installation.
    StabilityElement {
        /// What the site wants.
        minimum: Stability,
    },
    /// The parser never came to its `</update>`.
    NotRead,
}

/// Where an entry names another extension than the one that is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// `element`, `type`, `folder` or `client`.
    pub field: &'static str,
    /// What the entry has, as Joomla reads it; none when the element is missing.
    pub feed: Option<String>,
    /// What Joomla takes it for, where that is something else than what is written.
    pub taken_as: Option<String>,
    /// What is installed.
    pub installed: String,
}

/// What a column of `#__updates` cannot take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "misfit", rename_all = "snake_case")]
pub enum Misfit {
    /// There is nothing, or nothing but blanks.
    Blank {
        /// The column.
        column: &'static str,
    },
    /// It is too long.
    TooLong {
        /// The column.
        column: &'static str,
        /// In characters, that of a description or an address in bytes.
        length: usize,
        /// The most that fits.
        limit: usize,
    },
}

/// What of a feed was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "unread", rename_all = "snake_case")]
pub enum Unread {
    /// The parser waits for more that never comes. Nobody is told.
    Unfinished {
        /// Where it stopped, from 1.
        line: u32,
        /// What it waits for.
        waits_for: &'static str,
    },
    /// It is not XML. Joomla says that it could not parse it, and forgets what it read.
    Malformed {
        /// Where, from 1.
        line: u32,
        /// What PHP calls it.
        error: String,
    },
}

/// The color of a message in the administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// Green; blue in Joomla 4 and later.
    Message,
    /// Green.
    Success,
    /// Yellow.
    Warning,
    /// Red.
    Error,
}

/// What the administrator reads, in Joomla's English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its color.
    pub kind: MessageKind,
    /// Word for word, with the HTML that is in it.
    pub text: String,
}

/// What happens when the update is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Install {
    /// The version that the second parse takes; another one than is listed when the two disagree.
    pub version: Option<String>,
    /// How it ends, as far as the feed decides it.
    pub outcome: InstallOutcome,
    /// The entries as the second parser sees them.
    pub entries: Vec<Entry>,
    /// What is requested, and what becomes of it.
    pub download: Option<Download>,
    /// What the administrator is told when the package comes and its checksums are right.
    pub messages: Vec<Message>,
}

/// How an installation ends, as far as the feed decides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum InstallOutcome {
    /// The package is requested; `download` tells the rest.
    Downloads,
    /// The address cannot be requested.
    NoRequest {
        /// What libcurl says of it.
        cause: String,
    },
    /// No entry fits when the feed is read for the second time.
    NothingFits,
    /// The feed has no `</updates>` that the parser comes to, so it never takes what it found.
    NeverTaken,
    /// The entry has no `<downloadurl>`.
    NoAddress,
    /// The feed cannot be read for the second time.
    Unreadable,
    /// PHP ends the installation; Joomla says why.
    Failed(Aborted),
    /// PHP ends the installation, and Joomla shows its error page.
    Aborted(Aborted),
}

/// What is requested, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Download {
    /// As Joomla builds it, and as its messages print it. In place of the key stands [`super::KEY`]. It is that of a mirror
    /// where no request can be made of the first one.
    pub address: String,
    /// As the server gets it.
    pub request: String,
    /// What is tried when that fails, as the server gets it.
    pub mirrors: Vec<String>,
    /// The file when the answer does not name one.
    pub saved_as: SavedAs,
    /// What the checksums do.
    pub checksum: ChecksumResult,
    /// The administrator's messages when the package does not have the digests of the feed, or the feed has none.
    pub checksum_messages: Vec<Message>,
}

/// The name that a package gets in Joomla's folder for temporary files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedAs {
    /// None: made up by Joomla, different each time.
    pub name: Option<String>,
    /// Whether Joomla knows by its end how to unpack it.
    pub can_be_unpacked: bool,
    /// What the administrator reads when it cannot; Joomla installs nothing then.
    pub message: Option<Message>,
}

/// What the checksums of an entry do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum ChecksumResult {
    /// There is none.
    Missing,
    /// They are compared.
    Compared {
        /// Such as `sha256`.
        digests: Vec<&'static str>,
        /// Whether a package without these digests is refused; else it is told and installed.
        stops: bool,
    },
    /// No package ever has it: it is empty, has blanks or not as many digits.
    NeverRight {
        /// Such as `sha256`.
        digest: &'static str,
        /// As the feed writes it.
        value: String,
        /// Whether the package is refused; else it is told and installed.
        stops: bool,
    },
}
