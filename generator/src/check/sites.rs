//! The sites there are, of all that feeds can tell apart, and their names in findings.

use std::collections::BTreeSet;

use bandari_catalog::version::php_version_compare;

use super::ranges::lowest_php;
use crate::coverage::{Axes, DatabaseSpan, Habits, PhpSpan};
use crate::joomla_range::Interval;
use crate::updater::{Database, DatabaseKind, Demands, PhpVersion, Profile};

/// No PHP is near it: minor versions come once a year, and majors end long before the tenth. `8.10` is a slip for 8.1.
const NEWEST_PHP: &str = "8.9.99";

/// The major version of each database server that is far from out, so that what asks for it means another one: MariaDB's `10.6`
/// is no MySQL.
const DATABASES_BELOW: [(DatabaseKind, u32); 3] =
    [(DatabaseKind::Mysql, 10), (DatabaseKind::Mariadb, 14), (DatabaseKind::Postgresql, 21)];

/// A kind of site by its places on the axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    joomla: usize,
    php: usize,
    database: usize,
}

/// Kinds of sites that one or two feeds can tell apart.
pub(super) struct Sites {
    axes: Axes,
    /// For each part of Joomla the first one that gets the same of these feeds.
    same_as: Vec<usize>,
}

impl Sites {
    pub(super) fn of(demands: &Demands) -> Self {
        let mut axes = Axes::of(demands);
        axes.php.retain(|span| span.from.as_deref().is_none_or(is_php_of_sites));
        axes.databases.retain(|span| match (span.kind, &span.from) {
            (Some(kind), Some(from)) => is_database_of_sites(kind, from),
            _ => true,
        });
        let answers: Vec<_> = axes
            .joomla
            .iter()
            .map(|segment| (demands.matching(&segment.probe), segment.probe.line().since))
            .collect();
        let first = |answer| answers.iter().position(|other| other == answer).unwrap_or_default();
        let same_as = answers.iter().map(first).collect();
        Self { axes, same_as }
    }

    /// The answer that each gets; who gets the same is asked for once.
    pub(super) fn each<T: Clone>(
        &self,
        habits: &Habits,
        mut answer: impl FnMut(&Profile) -> T,
    ) -> Vec<(Spot, T)> {
        let Axes { joomla, php, databases } = &self.axes;
        let mut answers: Vec<(Spot, T)> = Vec::new();
        for (php_at, php) in php.iter().enumerate() {
            for (database_at, database) in databases.iter().enumerate() {
                let mut known: Vec<Option<T>> = vec![None; joomla.len()];
                for (joomla_at, segment) in joomla.iter().enumerate() {
                    let spot = Spot { joomla: joomla_at, php: php_at, database: database_at };
                    if self.is_there(spot) {
                        let site = || habits.site(&segment.probe, &php.probe, &database.probe);
                        let of_all = &mut known[self.same_as[joomla_at]];
                        let answer = of_all.get_or_insert_with(|| answer(&site())).clone();
                        answers.push((spot, answer));
                    }
                }
            }
        }
        answers
    }

    /// Joomla itself does not run on every PHP.
    fn is_there(&self, spot: Spot) -> bool {
        let lowest = lowest_php(self.axes.joomla[spot.joomla].interval.start);
        let below = self.axes.php[spot.php].below.as_deref();
        below.zip(lowest).is_none_or(|(below, lowest)| php_version_compare(lowest, below).is_lt())
    }

    /// `Joomla 4.4, 5 with PHP below 8.2; Joomla 6 on MySQL`.
    pub(super) fn name(&self, spots: &BTreeSet<Spot>) -> String {
        let mut named: Vec<(Option<String>, Vec<Interval>)> = Vec::new();
        for (at, segment) in self.axes.joomla.iter().enumerate() {
            let here: BTreeSet<Spot> = spots.iter().copied().filter(|spot| spot.joomla == at).collect();
            if here.is_empty() {
                continue;
            }
            let rest = self.rest(at, &here);
            let intervals = match named.iter_mut().find(|(other, _)| *other == rest) {
                Some((_, intervals)) => intervals,
                None => {
                    named.push((rest, Vec::new()));
                    &mut named.last_mut().expect("it was just pushed").1
                }
            };
            match intervals.last_mut() {
                Some(last)
                    if last.end == Some(segment.interval.start)
                        && last.start[0] == segment.interval.start[0] =>
                {
                    last.end = segment.interval.end;
                }
                _ => intervals.push(segment.interval),
            }
        }
        let name = |(rest, intervals): (Option<String>, Vec<Interval>)| {
            let joomla: Vec<String> = intervals.iter().map(Interval::label_in_its_major).collect();
            format!("Joomla {}{}", joomla.join(", "), rest.unwrap_or_default())
        };
        named.into_iter().map(name).collect::<Vec<_>>().join("; ")
    }

    /// What sites of a part of Joomla have besides; none when it is about all of them.
    fn rest(&self, joomla: usize, spots: &BTreeSet<Spot>) -> Option<String> {
        let Axes { php, databases, .. } = &self.axes;
        let all = |kept: &dyn Fn(&Spot) -> bool| -> BTreeSet<Spot> {
            let spots = (0..php.len())
                .flat_map(|php| (0..databases.len()).map(move |database| Spot { joomla, php, database }));
            spots.filter(|spot| self.is_there(*spot) && kept(spot)).collect()
        };
        let of_php: BTreeSet<usize> = spots.iter().map(|spot| spot.php).collect();
        let of_databases: BTreeSet<usize> = spots.iter().map(|spot| spot.database).collect();
        if all(&|_| true) == *spots {
            return None;
        }
        let square = all(&|spot| of_php.contains(&spot.php) && of_databases.contains(&spot.database));
        if square != *spots {
            return Some(" with some versions of PHP and databases".to_owned());
        }
        let every_php = all(&|spot| of_databases.contains(&spot.database)) == *spots;
        let every_database = all(&|spot| of_php.contains(&spot.php)) == *spots;
        let with = (!every_php).then(|| format!(" with {}", php_names(php, &of_php)));
        let on = (!every_database).then(|| format!(" on {}", database_names(databases, &of_databases)));
        Some([with, on].into_iter().flatten().collect())
    }
}

/// `PHP below 8.1`, `PHP from 8.1 to below 8.3`, `PHP from 8.1`.
fn php_names(spans: &[PhpSpan], chosen: &BTreeSet<usize>) -> String {
    let bounds = chosen.iter().map(|&at| (spans[at].from.as_deref(), spans[at].below.as_deref()));
    joined(bounds).into_iter().map(|span| format!("PHP {}", bounded(span))).collect::<Vec<_>>().join(" or ")
}

/// `MySQL below 8.0 or PostgreSQL`.
fn database_names(spans: &[DatabaseSpan], chosen: &BTreeSet<usize>) -> String {
    let mut names = Vec::new();
    for kind in DatabaseKind::ALL {
        let of_kind = chosen.iter().map(|&at| &spans[at]).filter(|span| span.kind == Some(kind));
        let bounds = of_kind.map(|span| (span.from.as_deref(), span.below.as_deref()));
        names.extend(joined(bounds).into_iter().map(|span| match span {
            (None, None) => kind.name().to_owned(),
            span => format!("{} {}", kind.name(), bounded(span)),
        }));
    }
    names.join(" or ")
}

/// First version, and first after.
type Bounds<'s> = (Option<&'s str>, Option<&'s str>);

/// Spans in their order, those that follow one another as one.
fn joined<'s>(spans: impl Iterator<Item = Bounds<'s>>) -> Vec<Bounds<'s>> {
    let mut joined: Vec<Bounds<'s>> = Vec::new();
    for (from, below) in spans {
        match joined.last_mut() {
            Some(last) if last.1.is_some() && last.1 == from => last.1 = below,
            _ => joined.push((from, below)),
        }
    }
    joined
}

fn bounded(bounds: Bounds<'_>) -> String {
    match bounds {
        (None, None) => "of any version".to_owned(),
        (None, Some(below)) => format!("below {below}"),
        (Some(from), None) => format!("from {from}"),
        (Some(from), Some(below)) => format!("from {from} to below {below}"),
    }
}

fn leading_number(version: &str) -> u32 {
    // What is too long for a number is beyond every bound.
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
}

/// Whether sites have a PHP of this version, or will have soon.
fn is_php_of_sites(version: &str) -> bool {
    php_version_compare(version, NEWEST_PHP).is_le()
}

/// Whether sites have a database of this version, or will have soon.
fn is_database_of_sites(kind: DatabaseKind, version: &str) -> bool {
    let below = DATABASES_BELOW.iter().find(|(of, _)| *of == kind).map_or(u32::MAX, |&(_, below)| below);
    leading_number(version) < below
}

/// The newest PHP that sites may have: whatever they can be offered, this one is.
pub(super) fn newest_php() -> PhpVersion {
    PhpVersion::beginning(NEWEST_PHP)
}

/// Of each kind the newest database that sites may have.
pub(super) fn newest_databases() -> impl Iterator<Item = Database> {
    DATABASES_BELOW
        .into_iter()
        .map(|(kind, below)| Database::beginning(kind, &format!("{}.99.99", below - 1)))
}
