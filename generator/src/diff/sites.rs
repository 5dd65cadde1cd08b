//! Which sites, in as few words as say it: sets of Joomla versions, PHP versions and databases, told as ranges, and not at all
//! where nothing depends on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bandari_catalog::version::Stability;
use serde::Serialize;

use crate::coverage::Axes;
use crate::joomla_range::Interval;
use crate::updater::{DatabaseKind, Installed};

/// A place in the table of [`Axes`]: numbers of a Joomla segment, a PHP span and a database span.
pub(super) type Cell = [usize; 3];

const JOOMLA: usize = 0;
const PHP: usize = 1;
const DATABASES: usize = 2;

/// No more are read. An expression whose second alternative nobody bound to the beginning makes dozens.
const MAX_RANGES: usize = 5;

/// Each way to take the table apart, the one that reads best first.
const ORDERS: [[usize; 3]; 6] = [
    [JOOMLA, PHP, DATABASES],
    [JOOMLA, DATABASES, PHP],
    [PHP, JOOMLA, DATABASES],
    [DATABASES, JOOMLA, PHP],
    [PHP, DATABASES, JOOMLA],
    [DATABASES, PHP, JOOMLA],
];

/// All combinations of some Joomla versions, some PHP versions and some databases.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    numbers: [BTreeSet<usize>; 3],
}

/// Blocks that together hold each of these cells once: of the ways to cut them the one with the fewest, and with the fewest words.
/// Of `axes` it matters how long they are.
pub(super) fn blocks(cells: &BTreeSet<Cell>, axes: &Axes) -> Vec<Block> {
    let lengths = [axes.joomla.len(), axes.php.len(), axes.databases.len()];
    let told =
        |block: &Block| block.numbers.iter().zip(lengths).filter(|(some, all)| some.len() < *all).count();
    let words = |blocks: &Vec<Block>| (blocks.len(), blocks.iter().map(told).sum::<usize>());
    let mut blocks = ORDERS.map(|order| cut(cells, order)).into_iter().min_by_key(words).unwrap_or_default();
    blocks.sort();
    blocks
}

/// Cuts by the first axis, what is left of that by the second one.
fn cut(cells: &BTreeSet<Cell>, [first, second, third]: [usize; 3]) -> Vec<Block> {
    let outer = alike(cells.iter().map(|cell| (cell[first], [cell[second], cell[third]])));
    let mut blocks = Vec::new();
    for (rest, firsts) in outer {
        for (thirds, seconds) in alike(rest.iter().map(|&[second, third]| (second, third))) {
            let mut block = Block::default();
            block.numbers[first].clone_from(&firsts);
            block.numbers[second] = seconds;
            block.numbers[third] = thirds;
            blocks.push(block);
        }
    }
    blocks
}

/// The numbers that have the same rest, under that rest.
fn alike<R: Ord>(cells: impl Iterator<Item = (usize, R)>) -> BTreeMap<BTreeSet<R>, BTreeSet<usize>> {
    let mut rests: BTreeMap<usize, BTreeSet<R>> = BTreeMap::new();
    for (number, rest) in cells {
        rests.entry(number).or_default().insert(rest);
    }
    let mut alike: BTreeMap<BTreeSet<R>, BTreeSet<usize>> = BTreeMap::new();
    for (number, rest) in rests {
        alike.entry(rest).or_default().insert(number);
    }
    alike
}

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub(super) fn all() -> Self {
        Self {
            minimum_stability: Stability::Stable,
            installed: None,
            joomla: Vec::new(),
            php: Vec::new(),
            databases: Vec::new(),
        }
    }

    /// Those of a block, with these habits.
    pub(super) fn of(
        block: &Block,
        axes: &Axes,
        stability: Stability,
        installed: Option<&Installed>,
    ) -> Self {
        let [joomla, php, databases] = &block.numbers;
        Self {
            minimum_stability: stability,
            installed: installed.cloned(),
            joomla: joomla_ranges(joomla, axes),
            php: php_runs(php, axes),
            databases: database_runs(databases, axes),
        }
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
    let run = |(first, last): (usize, usize)| Versions {
        from: axes.php[first].from.clone(),
        below: axes.php[last].below.clone(),
    };
    runs(numbers, |_, _| true).into_iter().map(run).collect()
}

fn database_runs(numbers: &BTreeSet<usize>, axes: &Axes) -> Vec<DatabaseVersions> {
    if numbers.len() == axes.databases.len() {
        return Vec::new();
    }
    let kind = |number: usize| axes.databases[number].kind;
    let run = |(first, last): (usize, usize)| {
        let versions =
            Versions { from: axes.databases[first].from.clone(), below: axes.databases[last].below.clone() };
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

impl fmt::Display for Sites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(taken(self.minimum_stability).map(|taken| format!("sites that take {taken}")));
        if let Some(installed) = &self.installed {
            let name = super::name_of(installed);
            parts.push(format!("with {name} installed"));
        }
        if !self.joomla.is_empty() {
            parts.push(format!("Joomla {}", listed(&self.joomla)));
        }
        let php: Vec<String> = self.php.iter().map(|versions| format!("PHP{versions}")).collect();
        let databases = self.databases.iter();
        let databases: Vec<String> =
            databases.map(|run| format!("{}{}", run.database.name(), run.versions)).collect();
        parts.extend([php, databases].iter().filter(|runs| !runs.is_empty()).map(|runs| runs.join(" or ")));
        if parts.is_empty() {
            parts.push("all sites".to_owned());
        }
        f.write_str(&parts.join(", "))
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

/// What sites with a minimum stability take that others do not.
fn taken(stability: Stability) -> Option<&'static str> {
    match stability {
        Stability::Stable => None,
        Stability::Rc => Some("release candidates"),
        Stability::Beta => Some("betas"),
        Stability::Alpha => Some("alphas"),
        Stability::Dev => Some("development versions"),
    }
}

/// Behind the name of what has these versions.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.below) {
            (None, None) => Ok(()),
            (Some(from), None) => write!(f, " {}+", super::answer::shown(from)),
            (None, Some(below)) => write!(f, " below {}", super::answer::shown(below)),
            (Some(from), Some(below)) => {
                write!(f, " {} to below {}", super::answer::shown(from), super::answer::shown(below))
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
        let sites = |block: &Block| Sites::of(block, &axes, Stability::Stable, None).to_string();
        blocks(cells, &axes).iter().map(sites).collect()
    }

    const EVERY_JOOMLA: [usize; 17] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const EVERY_PHP: [usize; 3] = [0, 1, 2];
    const EVERY_DATABASE: [usize; 4] = [0, 1, 2, 3];

    #[test]
    fn what_nothing_depends_on_is_left_out() {
        assert_eq!(told(&cells(&EVERY_JOOMLA, &EVERY_PHP, &EVERY_DATABASE)), ["all sites"]);
        assert_eq!(told(&cells(&[5, 6], &EVERY_PHP, &EVERY_DATABASE)), ["Joomla 4.4 – 5.0"]);
        assert_eq!(told(&cells(&EVERY_JOOMLA, &[1, 2], &EVERY_DATABASE)), ["PHP 8.1+"]);
        assert_eq!(
            told(&cells(&EVERY_JOOMLA, &EVERY_PHP, &[0, 2])),
            ["MySQL or MariaDB 10.6+"],
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
            ["Joomla 3.10, PHP below 8.1 or PHP 8.3+, MariaDB below 10.6 or PostgreSQL"]
        );
        assert_eq!(told(&cells(&[0], &[1], &EVERY_DATABASE)), ["Joomla 3.10, PHP 8.1 to below 8.3"]);
    }

    #[test]
    fn a_table_is_cut_into_as_few_blocks_as_possible() {
        let mut all = cells(&EVERY_JOOMLA, &[2], &EVERY_DATABASE);
        all.extend(cells(&[5], &EVERY_PHP, &EVERY_DATABASE));
        assert_eq!(
            told(&all),
            ["Joomla 3.10 – 4.3 and 5+, PHP 8.3+", "Joomla 4.4"],
            "sites are in one block only"
        );
        let mut all = cells(&[1, 2], &EVERY_PHP, &[0]);
        all.extend(cells(&[3], &[0], &[0]));
        all.extend(cells(&[1, 2, 3], &EVERY_PHP, &[3]));
        assert_eq!(
            told(&all),
            [
                "Joomla 4.0 – 4.1, MySQL or PostgreSQL",
                "Joomla 4.2, PHP below 8.1, MySQL",
                "Joomla 4.2, PostgreSQL"
            ]
        );
    }
}
