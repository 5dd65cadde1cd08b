//! All sites out there, as few as tell a feed's whole story: a table of Joomla versions × PHP versions × databases, cut
//! wherever the feed's answer can change.
//!
//! `table` holds feeds to them, `blocks` takes a set of them apart, `sites` puts it into words. `today` is what is known of
//! the world, and ages.

mod blocks;
mod sites;
mod table;
pub(crate) mod today;

use std::collections::HashMap;

use bandari_catalog::v1::{Client, Extension, ExtensionType};
use bandari_catalog::version::{Stability, php_version_compare};

use crate::joomla_range::{Interval, LAST_MINORS, Triple};
use crate::shown::shown;
use crate::updater::{
    Database, DatabaseKind, Decision, Demands, DownloadKey, Installed, JoomlaVersion, Outcome, PhpVersion,
    Profile,
};
pub(crate) use sites::{Sites, Versions};
pub(crate) use table::Cell;
use today::{FIRST_MINORS, LAST_PATCH, NEXT_MAJOR};

/// Older than every version that anybody asks for.
const OLDEST: &str = "0.0.0";

/// The sites that a feed, or two, can tell apart.
#[derive(Debug)]
pub(crate) struct Axes {
    pub(crate) joomla: Vec<Segment>,
    pub(crate) php: Vec<PhpSpan>,
    pub(crate) databases: Vec<DatabaseSpan>,
}

/// Joomla versions that all get the same answer.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) interval: Interval,
    /// One of them.
    pub(crate) probe: JoomlaVersion,
    /// Number of the first segment that gets the same answers.
    first_alike: usize,
    /// Whether any entry may be for it.
    is_demanded: bool,
}

/// PHP versions that all get the same answer.
#[derive(Clone, Debug)]
pub(crate) struct PhpSpan {
    pub(crate) versions: Versions,
    pub(crate) probe: PhpVersion,
}

/// Versions of a database, or of all, that all get the same answer.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseSpan {
    /// None: whichever.
    pub(crate) kind: Option<DatabaseKind>,
    pub(crate) versions: Versions,
    pub(crate) probe: Database,
}

/// What all sites of a table have in common.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) minimum_stability: Stability,
    pub(crate) installed: Option<Installed>,
    pub(crate) key: Option<DownloadKey>,
}

impl Axes {
    /// The sites that what feeds ask for can tell apart.
    pub(crate) fn of(demands: &Demands) -> Self {
        Self { joomla: segments(demands), php: php_spans(demands), databases: database_spans(demands) }
    }

    /// The same without PHP versions and databases that no site has: what asks for them is a slip.
    pub(crate) fn of_sites(demands: &Demands) -> Self {
        let mut axes = Self::of(demands);
        axes.php.retain(|span| span.versions.from.as_deref().is_none_or(today::may_be_php));
        axes.databases.retain(|span| {
            let beginning = span.kind.zip(span.versions.from.as_deref());
            beginning.is_none_or(|(kind, from)| today::may_be_database(kind, from))
        });
        axes
    }

    /// Each of the newest databases, with the newest PHP: whatever sites can be offered, one of these is.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&PhpVersion, &Database)> {
        let php = self.php.last().map(|span| &span.probe);
        let databases = self.databases.chunk_by(|one, next| one.kind == next.kind).filter_map(<[_]>::last);
        php.into_iter().flat_map(move |php| databases.clone().map(move |span| (php, &span.probe)))
    }
}

impl Habits {
    /// A site.
    pub(crate) fn site(&self, joomla: &JoomlaVersion, php: &PhpVersion, database: &Database) -> Profile {
        Profile {
            joomla: joomla.clone(),
            php: php.clone(),
            database: database.clone(),
            minimum_stability: self.minimum_stability,
            installed: self.installed.clone(),
            key: self.key.clone(),
        }
    }
}

/// An extension on a site that has it in a version older than all.
pub(crate) fn installed(extension: &Extension) -> Installed {
    Installed {
        kind: extension.kind,
        element: extension.element.clone(),
        folder: extension.folder.clone().unwrap_or_default(),
        client: extension.client,
        version: None,
    }
}

/// Sets of sites in one sentence.
pub(crate) fn names(sites: &[Sites]) -> String {
    sites.iter().map(Sites::to_string).collect::<Vec<_>>().join("; ")
}

impl Installed {
    /// Its name in one word, as `explain --installed` takes it: `plugin:system/tides`, `module:mod_tides:administrator`.
    pub(crate) fn word(&self) -> String {
        let Self { kind, element, folder, client, .. } = self;
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let client = match (kind, client) {
            (
                ExtensionType::Module | ExtensionType::Template | ExtensionType::Language,
                Client::Administrator,
            ) => ":administrator",
            _ => "",
        };
        shown(&format!("{}:{folder}{element}{client}", kind.as_str()))
    }
}

impl Decision {
    /// The version that a site is offered.
    pub(crate) fn offered(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Offered { version, .. } => Some(version),
            _ => None,
        }
    }
}

/// Every minor version there is or soon will be, cut where an expression begins or ends to match.
fn segments(demands: &Demands) -> Vec<Segment> {
    let minors = FIRST_MINORS
        .iter()
        .zip(LAST_MINORS)
        .flat_map(|(&(major, first), (_, last))| (first..=last).map(move |minor| [major, minor]));
    let minors: Vec<[u32; 2]> = minors.chain([[NEXT_MAJOR, 0]]).collect();
    let mut segments: Vec<Segment> =
        minors.into_iter().flat_map(|minor| segments_of_minor(minor, demands)).collect();
    let mut known = HashMap::new();
    for (at, segment) in segments.iter_mut().enumerate() {
        let (joomla, line) = (&segment.probe, segment.probe.line());
        let matching = demands.matching(joomla);
        segment.is_demanded = matching.contains(&true);
        let patch = line.knows_patch_bounds.then(|| joomla.numbers());
        segment.first_alike = *known.entry((matching, line.since, patch)).or_insert(at);
    }
    segments
}

fn segments_of_minor([major, minor]: [u32; 2], demands: &Demands) -> Vec<Segment> {
    let answers = |patch: u32| demands.matching(&JoomlaVersion::release([major, minor, patch]));
    let mut cuts: Vec<u32> = vec![0];
    let mut before = answers(0);
    for patch in 1..=LAST_PATCH {
        let here = answers(patch);
        if here != before {
            cuts.push(patch);
            before = here;
        }
    }
    let is_last = LAST_MINORS.contains(&(major, minor)) || major == NEXT_MAJOR;
    let end: Triple = if is_last { [major + 1, 0, 0] } else { [major, minor + 1, 0] };
    let ends = cuts.iter().skip(1).map(|&patch| [major, minor, patch]).chain([end]);
    let starts = cuts.iter().map(|&patch| [major, minor, patch]);
    let segment = |(start, end): (Triple, Triple)| {
        let newest = JoomlaVersion::newest_of([major, minor]);
        let interval = Interval { start, end: Some(end) };
        let probe = if interval.has(newest.numbers()) { newest } else { JoomlaVersion::release(start) };
        Segment { interval, probe, first_alike: 0, is_demanded: true }
    };
    starts.zip(ends).map(segment).collect()
}

/// Sorted, and of those that PHP takes for the same only one.
fn cuts<'v>(values: impl Iterator<Item = &'v String>) -> Vec<&'v String> {
    let mut cuts: Vec<&String> = values.collect();
    cuts.sort_by(|one, other| php_version_compare(one, other));
    cuts.dedup_by(|one, other| php_version_compare(one, other).is_eq());
    cuts
}

fn php_spans(demands: &Demands) -> Vec<PhpSpan> {
    // What is no version, such as a blank, is older or newer than all: no site begins there.
    let cuts = cuts(demands.php.iter().filter(|value| PhpVersion::parse(value).is_ok()));
    let span = |versions: Versions| {
        let probe = PhpVersion::beginning(versions.from.as_deref().unwrap_or(OLDEST));
        PhpSpan { versions, probe }
    };
    spans(&cuts).map(span).collect()
}

fn database_spans(demands: &Demands) -> Vec<DatabaseSpan> {
    if !demands.names_databases {
        let probe = Database::beginning(DatabaseKind::Mariadb, OLDEST);
        return vec![DatabaseSpan { kind: None, versions: Versions::default(), probe }];
    }
    let spans_of = |kind: DatabaseKind| {
        let of_kind = demands.databases.iter().filter(|(of, _)| *of == kind).map(|(_, value)| value);
        let cuts = cuts(of_kind.filter(|value| Database::new(kind, value).is_some()));
        let span = |versions: Versions| {
            let probe = Database::beginning(kind, versions.from.as_deref().unwrap_or(OLDEST));
            DatabaseSpan { kind: Some(kind), versions, probe }
        };
        spans(&cuts).map(span).collect::<Vec<_>>()
    };
    DatabaseKind::ALL.into_iter().flat_map(spans_of).collect()
}

/// What the cuts make: one run more than there are cuts.
fn spans(cuts: &[&String]) -> impl Iterator<Item = Versions> {
    let bound = |index: usize| cuts.get(index).map(|cut| (*cut).clone());
    (0..=cuts.len())
        .map(move |index| Versions { from: index.checked_sub(1).and_then(bound), below: bound(index) })
}
