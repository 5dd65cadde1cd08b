//! All sites out there, as few as tell a feed's whole story: a table of Joomla versions × PHP versions × databases, cut
//! wherever the feed's answer can change.

use bandari_catalog::version::{Stability, php_version_compare};

use crate::joomla_range::{Interval, LAST_MINORS, Triple};
use crate::updater::{
    Database, DatabaseKind, Demands, DownloadKey, Installed, JoomlaVersion, PhpVersion, Profile,
};

/// The next major version: nobody knows its last minor one.
const NEXT_MAJOR: u32 = 7;

/// The first minor version of each major one whose updater this project knows.
const FIRST_MINORS: [(u32, u32); 4] = [(3, 10), (4, 0), (5, 0), (6, 0)];

/// No patch number comes near it: who publishes for 5.3.4 and later means all that follow.
const LAST_PATCH: u32 = 20;

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
}

/// PHP versions that all get the same answer.
#[derive(Clone, Debug)]
pub(crate) struct PhpSpan {
    /// The first of them; none: from the oldest on.
    pub(crate) from: Option<String>,
    /// The first after them.
    pub(crate) below: Option<String>,
    pub(crate) probe: PhpVersion,
}

/// Versions of a database, or of all, that all get the same answer.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseSpan {
    /// None: whichever.
    pub(crate) kind: Option<DatabaseKind>,
    pub(crate) from: Option<String>,
    pub(crate) below: Option<String>,
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

/// Every minor version there is or soon will be, cut where an expression begins or ends to match.
fn segments(demands: &Demands) -> Vec<Segment> {
    let minors = FIRST_MINORS
        .iter()
        .zip(LAST_MINORS)
        .flat_map(|(&(major, first), (_, last))| (first..=last).map(move |minor| [major, minor]));
    let minors: Vec<[u32; 2]> = minors.chain([[NEXT_MAJOR, 0]]).collect();
    minors.into_iter().flat_map(|minor| segments_of_minor(minor, demands)).collect()
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
        Segment { interval, probe }
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
    let span = |(from, below): (Option<&str>, Option<&str>)| PhpSpan {
        from: from.map(str::to_owned),
        below: below.map(str::to_owned),
        probe: PhpVersion::beginning(from.unwrap_or(OLDEST)),
    };
    spans(&cuts).map(span).collect()
}

fn database_spans(demands: &Demands) -> Vec<DatabaseSpan> {
    if !demands.names_databases {
        let probe = Database::beginning(DatabaseKind::Mariadb, OLDEST);
        return vec![DatabaseSpan { kind: None, from: None, below: None, probe }];
    }
    let spans_of = |kind: DatabaseKind| {
        let of_kind = demands.databases.iter().filter(|(of, _)| *of == kind).map(|(_, value)| value);
        let cuts = cuts(of_kind.filter(|value| Database::new(kind, value).is_some()));
        let span = |(from, below): (Option<&str>, Option<&str>)| DatabaseSpan {
            kind: Some(kind),
            from: from.map(str::to_owned),
            below: below.map(str::to_owned),
            probe: Database::beginning(kind, from.unwrap_or(OLDEST)),
        };
        spans(&cuts).map(span).collect::<Vec<_>>()
    };
    DatabaseKind::ALL.into_iter().flat_map(spans_of).collect()
}

/// First and first after of what the cuts make: one more than there are cuts.
fn spans<'c>(cuts: &'c [&'c String]) -> impl Iterator<Item = (Option<&'c str>, Option<&'c str>)> {
    let bound = |index: usize| cuts.get(index).map(|cut| cut.as_str());
    (0..=cuts.len()).map(move |index| (index.checked_sub(1).and_then(bound), bound(index)))
}
