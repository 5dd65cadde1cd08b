//! One of the two feeds that are compared, and what a site makes of it.

use std::collections::BTreeMap;

use bandari_catalog::version::Stability;

use crate::shown::shown;
use crate::updater::{ChecksumResult, Decision, Download, Feed, FeedKind, Installed, Outcome, Profile};

use super::answer::Answer;

/// Where a feed lies that is read from a file: what no answer depends on, as long as it ends in `.xml`.
const ADDRESS: &str = "https://updates.example.org/updates.xml";

const CHANGELOG: &str = "CHANGELOGURL";

/// Elements of an entry that the list of updates shows, with words for them.
const SHOWN: [(&str, &str); 3] = [("NAME", "name"), ("DESCRIPTION", "description"), ("INFOURL", "link")];

const DIGESTS: [(&str, &str); 3] = [("SHA256", "sha256"), ("SHA384", "sha384"), ("SHA512", "sha512")];

const TAG: &str = "TAG";

/// Not the stability, and yet the second look of Joomla takes it for one.
const STABILITY: &str = "STABILITY";

const WRITTEN: [&str; 9] =
    [CHANGELOG, "NAME", "DESCRIPTION", "INFOURL", "SHA256", "SHA384", "SHA512", TAG, STABILITY];

/// A feed, with what is to be known of it besides.
pub(super) struct Side {
    /// Without the entries that no site is offered.
    pub(super) feed: Feed,
    /// The extension that it is likely for.
    pub(super) installed: Option<Installed>,
    written: Vec<BTreeMap<&'static str, String>>,
    changelog: Option<Changelog>,
}

/// What a tree has in place of an address.
struct Changelog {
    /// What the address of the tree's own ends in.
    path: String,
    feed: Option<Feed>,
}

/// What a site is told of a feed, and of the package when it can install one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) answer: Answer,
    pub(super) package: Option<Package>,
}

/// What of an update comes out when it is looked at or installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    /// Number of the entry that is listed, from 1.
    listed: usize,
    /// Number of the entry that is installed, from 1.
    taken: usize,
    pub(super) request: String,
    /// The name under which it cannot be unpacked, unless the server gives it another one.
    pub(super) bad_name: Option<String>,
    pub(super) checksum: Checksum,
    has_changelogs: bool,
}

/// What checksums do for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Checksum {
    Missing,
    Compared,
    /// No package has it, and it is installed nevertheless.
    NeverRight,
}

/// What the window with changes is filled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    /// There is no window.
    Nowhere,
    /// Whatever is at this address.
    Address(String),
    /// This.
    Shown(Vec<(&'static str, Vec<String>)>),
}

impl Side {
    pub(super) fn read(feed: &[u8]) -> Self {
        let whole = Feed::read(feed, ADDRESS);
        let feed = whole.condensed();
        Self { written: feed.texts(&WRITTEN), installed: whole.likely_installed(), feed, changelog: None }
    }

    /// A product of a tree: where its changelog is, and what is there.
    pub(super) fn with_changelog(self, path: String, bytes: Option<&[u8]>) -> Self {
        let feed = bytes.map(|bytes| Feed::read(bytes, ADDRESS));
        Self { changelog: Some(Changelog { path, feed }), ..self }
    }

    pub(super) fn tell(&self, site: &Profile, kind: FeedKind) -> Told {
        let decision = match kind {
            FeedKind::Collection => self.feed.decide_as_collection(site),
            _ => self.feed.decide(site),
        };
        let answer = match (kind, Answer::of(&decision)) {
            // It is about a row of another extension.
            (FeedKind::Collection, Answer::NotListed { .. }) => Answer::NoUpdate,
            (_, answer) => answer,
        };
        let package = answer.version().and_then(|_| Package::of(&decision, site));
        Told { answer, package }
    }

    /// Whether an entry may be for sites that take nothing less stable than this.
    pub(super) fn is_read_by_takers_of(&self, stability: Stability) -> bool {
        self.written.iter().any(|entry| {
            let is_tagged =
                entry.get(TAG).is_some_and(|tag| tag.to_ascii_lowercase().contains(stability.as_str()));
            is_tagged || entry.contains_key(STABILITY)
        })
    }

    fn text(&self, entry: usize, element: &str) -> Option<&str> {
        let written = entry.checked_sub(1).and_then(|index| self.written.get(index))?;
        written.get(element).map(String::as_str)
    }

    /// The digests of a package, by their names.
    pub(super) fn digests(&self, package: &Package) -> BTreeMap<&'static str, String> {
        let digest = |(element, name): &(&str, &'static str)| {
            Some((*name, self.text(package.taken, element)?.trim().to_ascii_lowercase()))
        };
        DIGESTS.iter().filter_map(digest).collect()
    }

    /// What the list of updates shows of an entry beside its version, each behind a word for it.
    pub(super) fn shown(&self, package: &Package) -> [(&'static str, &str); 3] {
        SHOWN.map(|(element, word)| (word, self.text(package.listed, element).unwrap_or_default()))
    }

    /// What the window shows of the version that is listed.
    pub(super) fn changes(&self, package: &Package, version: &str) -> Changes {
        let address = self.text(package.listed, CHANGELOG).map(str::trim).unwrap_or_default();
        if address.is_empty() || !package.has_changelogs {
            return Changes::Nowhere;
        }
        match self.changelog.as_ref().filter(|changelog| address.ends_with(&changelog.path)) {
            None => Changes::Address(address.to_owned()),
            Some(changelog) => {
                let sections = changelog.feed.as_ref().map(|feed| feed.changes(version).sections);
                Changes::Shown(sections.unwrap_or_default())
            }
        }
    }
}

impl Told {
    /// What a site is told where there is no feed.
    pub(super) fn nothing() -> Self {
        Self { answer: Answer::NoUpdate, package: None }
    }
}

impl Package {
    /// Of a decision that offers one. Collections tell nothing of packages.
    fn of(decision: &Decision, site: &Profile) -> Option<Self> {
        let Outcome::Offered { entry, .. } = decision.outcome else { return None };
        let install = decision.install.as_ref()?;
        let Download { request, saved_as, checksum, .. } = install.download.as_ref()?;
        let name = || saved_as.name.as_deref().map_or_else(|| "a made-up name".to_owned(), shown);
        Some(Self {
            listed: entry,
            taken: install.entries.iter().find(|entry| entry.is_newest).map_or(entry, |taken| taken.number),
            request: request.clone(),
            bad_name: (!saved_as.can_be_unpacked).then(name),
            checksum: match checksum {
                ChecksumResult::Missing => Checksum::Missing,
                ChecksumResult::Compared { .. } => Checksum::Compared,
                ChecksumResult::NeverRight { .. } => Checksum::NeverRight,
            },
            has_changelogs: site.joomla.line().has_changelogs,
        })
    }
}
