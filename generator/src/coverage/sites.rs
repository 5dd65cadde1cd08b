//! Sets of sites in as few words as say it: Joomla versions, PHP versions and databases, told as ranges, and not at all where
//! nothing depends on them.

use std::collections::BTreeSet;
use std::fmt;

use bandari_catalog::version::Stability;
use serde::Serialize;

use super::Axes;
use super::blocks::{Block, blocks};
use super::table::Cell;
use crate::joomla_range::Interval;
use crate::shown::shown;
use crate::updater::{DatabaseKind, Installed};

/// No more are read. An expression whose second alternative nobody bound to the beginning makes dozens.
const MAX_RANGES: usize = 5;

/// Some of all sites. What is empty does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Sites {
    /// What they take, as Joomla's setting says it.
    pub(crate) minimum_stability: Stability,
    /// What they have, where the two feeds are for different extensions.
    pub(crate) installed: Option<Installed>,
    /// Ranges such as `4.4 – 6` and `6.1+`.
    pub(crate) joomla: Vec<String>,
    pub(crate) php: Vec<Versions>,
    pub(crate) databases: Vec<DatabaseVersions>,
}

/// A run of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Versions {
    /// The first of them; none: from the oldest on.
    pub(crate) from: Option<String>,
    /// The first after them.
    pub(crate) below: Option<String>,
}

/// A run of versions of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DatabaseVersions {
    pub(crate) database: DatabaseKind,
    #[serde(flatten)]
    pub(crate) versions: Versions,
}

impl Sites {
    /// Every site that takes stable releases.
    pub(crate) fn all() -> Self {
        Self {
            minimum_stability: Stability::Stable,
            installed: None,
            joomla: Vec::new(),
            php: Vec::new(),
            databases: Vec::new(),
        }
    }

    /// Those of a block, as they usually are.
    fn of(block: &Block, axes: &Axes) -> Self {
        Self {
            joomla: joomla_ranges(&block.joomla, axes),
            php: php_runs(&block.php, axes),
            databases: database_runs(&block.databases, axes),
            ..Self::all()
        }
    }
}

impl Axes {
    /// Those of some cells that take stable releases, in as few sets as can be told.
    pub(crate) fn sites(&self, cells: &BTreeSet<Cell>) -> Vec<Sites> {
        blocks(cells, self).iter().map(|block| Sites::of(block, self)).collect()
    }
}

fn joomla_ranges(numbers: &BTreeSet<usize>, axes: &Axes) -> Vec<String> {
    let Some(last) = axes.joomla.len().checked_sub(1).filter(|_| numbers.len() < axes.joomla.len()) else {
        return Vec::new();
    };
    let range = |(first, end): (usize, usize)| {
        // What holds for the next major version is said of all that follow.
        let end = axes.joomla[end].interval.end.filter(|_| end < last);
        Interval { start: axes.joomla[first].interval.start, end }.for_people()
    };
    runs(numbers, |_, _| true).into_iter().map(range).collect()
}

fn php_runs(numbers: &BTreeSet<usize>, axes: &Axes) -> Vec<Versions> {
    if numbers.len() == axes.php.len() {
        return Vec::new();
    }
    let run = |(first, last): (usize, usize)| axes.php[first].versions.up_to(&axes.php[last].versions);
    runs(numbers, |_, _| true).into_iter().map(run).collect()
}

fn database_runs(numbers: &BTreeSet<usize>, axes: &Axes) -> Vec<DatabaseVersions> {
    if numbers.len() == axes.databases.len() {
        return Vec::new();
    }
    let kind = |number: usize| axes.databases[number].kind;
    let run = |(first, last): (usize, usize)| {
        let versions = axes.databases[first].versions.up_to(&axes.databases[last].versions);
        kind(first).map(|database| DatabaseVersions { database, versions })
    };
    runs(numbers, |one, next| kind(one) == kind(next)).into_iter().filter_map(run).collect()
}

/// First and last of numbers without a gap, as far as neighbors may be joined.
fn runs(numbers: &BTreeSet<usize>, may_join: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number && may_join(*last, number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

/// `Joomla 4.4 – 6 with PHP 8.1+ on MySQL 8.0+ or MariaDB (minimum stability beta)`.
impl fmt::Display for Sites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_all = [self.joomla.len(), self.php.len(), self.databases.len()] == [0; 3];
        match self.joomla.as_slice() {
            [] if is_all => f.write_str("all sites")?,
            [] => f.write_str("sites")?,
            ranges => write!(f, "Joomla {}", listed(ranges))?,
        }
        let php = self.php.iter().map(|versions| format!("PHP{versions}"));
        write_alternatives(f, "with", php)?;
        let databases = self.databases.iter();
        write_alternatives(f, "on", databases.map(|run| format!("{}{}", run.database.name(), run.versions)))?;
        let installed = self.installed.as_ref();
        let mut notes: Vec<String> =
            installed.map(|installed| format!("{} installed", installed.word())).into_iter().collect();
        if self.minimum_stability != Stability::Stable {
            notes.push(format!("minimum stability {}", self.minimum_stability.as_str()));
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

fn write_alternatives(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    names: impl Iterator<Item = String>,
) -> fmt::Result {
    let names: Vec<String> = names.collect();
    match names.as_slice() {
        [] => Ok(()),
        [one] => write!(f, " {word} {one}"),
        [several @ .., last] => write!(f, " {word} {} or {last}", several.join(", ")),
    }
}

/// In one sentence, be they many.
fn listed(ranges: &[String]) -> String {
    let shown = if ranges.len() > MAX_RANGES { &ranges[..MAX_RANGES - 1] } else { ranges };
    let rest = ranges.len() - shown.len();
    match shown {
        _ if rest > 0 => format!("{} and {rest} other ranges", shown.join(", ")),
        [several @ .., last] if !several.is_empty() => format!("{} and {last}", several.join(", ")),
        _ => shown.concat(),
    }
}

impl Versions {
    /// From the first of these to the last of those.
    fn up_to(&self, last: &Self) -> Self {
        Self { from: self.from.clone(), below: last.below.clone() }
    }
}

/// Behind the name of what has these versions.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.below) {
            (None, None) => Ok(()),
            (Some(from), None) => write!(f, " {}+", shown(from)),
            (None, Some(below)) => write!(f, " below {}", shown(below)),
            (Some(from), Some(below)) => {
                write!(f, " {} to below {}", shown(from), shown(below))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::updater::Feed;

    fn cells(joomla: &[usize], php: &[usize], databases: &[usize]) -> BTreeSet<Cell> {
        let mut cells = BTreeSet::new();
        for &j in joomla {
            for &p in php {
                cells.extend(databases.iter().map(|&d| [j, p, d]));
            }
        }
        cells
    }

    /// Joomla: 3.10, 4.0 to 4.4, 5.0 to 5.4, 6.0 to 6.4, 7. PHP: below 8.1, 8.1, 8.3. Databases: MySQL, MariaDB below and from
    /// 10.6, PostgreSQL.
    fn axes() -> Axes {
        let feed = "<updates><update><php_minimum>8.1</php_minimum></update><update><php_minimum>8.3</php_minimum>\
                    <supported_databases mariadb=\"10.6\"/></update></updates>";
        Axes::of(&Feed::read(feed.as_bytes(), "https://updates.example.org/updates.xml").demands())
    }

    fn told(cells: &BTreeSet<Cell>) -> Vec<String> {
        let axes = axes();
        axes.sites(cells).iter().map(Sites::to_string).collect()
    }

    const EVERY_JOOMLA: [usize; 17] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const EVERY_PHP: [usize; 3] = [0, 1, 2];
    const EVERY_DATABASE: [usize; 4] = [0, 1, 2, 3];

    #[test]
    fn what_nothing_depends_on_is_left_out() {
        assert_eq!(told(&cells(&EVERY_JOOMLA, &EVERY_PHP, &EVERY_DATABASE)), ["all sites"]);
        assert_eq!(told(&cells(&[5, 6], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 4.4 – 5.0"]);
        assert_eq!(told(&cells(&EVERY_JOOMLA, &[1, 2], &EVERY_DATABASE)), ["sites with PHP 8.1+"]);
        assert_eq!(
            told(&cells(&EVERY_JOOMLA, &EVERY_PHP, &[0, 2])),
            ["sites on MySQL or MariaDB 10.6+"],
            "no attribute is a demand, too"
        );
    }

    #[test]
    fn versions_are_joined_over_majors_and_the_next_one_stands_for_all_that_follow() {
        assert_eq!(told(&cells(&[0, 1, 2, 3, 4, 5], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 3.10 – 4"]);
        assert_eq!(told(&cells(&[5, 11, 12, 13, 14, 15], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 4.4 and 6"]);
        assert_eq!(told(&cells(&[12, 13, 14, 15], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 6.1 – 6.x"]);
        assert_eq!(told(&cells(&[15, 16], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 6.4+"]);
    }

    #[test]
    fn several_runs_of_one_kind_are_told_together() {
        assert_eq!(
            told(&cells(&[0], &[0, 2], &[1, 3])),
            ["Joomla 3.10 with PHP below 8.1 or PHP 8.3+ on MariaDB below 10.6 or PostgreSQL"]
        );
        assert_eq!(told(&cells(&[0], &[1], &EVERY_DATABASE)), ["Joomla 3.10 with PHP 8.1 to below 8.3"]);
    }

    #[test]
    fn a_table_is_cut_into_as_few_blocks_as_possible() {
        let mut all = cells(&EVERY_JOOMLA, &[2], &EVERY_DATABASE);
        all.extend(cells(&[5], &EVERY_PHP, &EVERY_DATABASE));
        assert_eq!(
            told(&all),
            ["Joomla 3.10 – 4.3 and 5+ with PHP 8.3+", "Joomla 4.4"],
            "sites are in one block only"
        );
        let mut all = cells(&[1, 2], &EVERY_PHP, &[0]);
        all.extend(cells(&[3], &[0], &[0]));
        all.extend(cells(&[1, 2, 3], &EVERY_PHP, &[3]));
        assert_eq!(
            told(&all),
            [
                "Joomla 4.0 – 4.1 on MySQL or PostgreSQL",
                "Joomla 4.2 with PHP below 8.1 on MySQL",
                "Joomla 4.2 on PostgreSQL"
            ]
        );
    }

    #[test]
    fn a_php_that_joomla_does_not_run_on_is_of_no_site() {
        // Joomla 5 runs on 8.1 and newer, Joomla 6 on 8.3 and newer.
        assert_eq!(told(&cells(&[6, 7], &[1, 2], &EVERY_DATABASE)), ["Joomla 5.0 – 5.1"]);
        assert_eq!(told(&cells(&[5, 6], &[1, 2], &EVERY_DATABASE)), ["Joomla 4.4 – 5.0 with PHP 8.1+"]);
        let mut all = cells(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &[1], &EVERY_DATABASE);
        all.extend(cells(&[0, 1, 2, 3, 4, 5], &[0], &EVERY_DATABASE));
        assert_eq!(told(&all), ["sites with PHP below 8.3"]);
    }

    #[test]
    fn what_sites_have_besides_comes_last() {
        let installed = Installed {
            kind: bandari_catalog::v1::ExtensionType::Plugin,
            element: "tides".to_owned(),
            folder: "system".to_owned(),
            client: bandari_catalog::v1::Client::Site,
            version: None,
        };
        let sites = Sites { minimum_stability: Stability::Beta, installed: Some(installed), ..Sites::all() };
        assert_eq!(sites.to_string(), "all sites (plugin:system/tides installed, minimum stability beta)");
    }
}
