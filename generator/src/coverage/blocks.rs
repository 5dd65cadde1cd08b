//! Sets of sites, taken apart into as few blocks as they have.

use std::collections::{BTreeMap, BTreeSet};

use super::Axes;
use super::table::Cell;

const JOOMLA: usize = 0;
const PHP: usize = 1;
const DATABASES: usize = 2;

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
    pub(super) joomla: BTreeSet<usize>,
    pub(super) php: BTreeSet<usize>,
    pub(super) databases: BTreeSet<usize>,
}

/// Blocks that together hold each of these cells once, and besides at most such as no site is in: of the ways to cut them the
/// one with the fewest, and with the fewest words.
pub(super) fn blocks(cells: &BTreeSet<Cell>, axes: &Axes) -> Vec<Block> {
    let words = |blocks: &Vec<Block>| {
        (blocks.len(), blocks.iter().map(|block| block.number_of_words(axes)).sum::<usize>())
    };
    let mut sets = vec![cells.clone()];
    for larger in [with_whole_lines(cells, axes), with_whole_planes(cells, axes)] {
        if !sets.contains(&larger) {
            sets.push(larger);
        }
    }
    let ways = sets.iter().flat_map(|cells| ORDERS.map(|order| cut(cells, order)));
    let mut blocks = ways.min_by_key(words).unwrap_or_default();
    blocks.sort();
    blocks
}

impl Block {
    fn number_of_words(&self, axes: &Axes) -> usize {
        [
            self.joomla.len() < axes.joomla.len(),
            self.php.len() < axes.php.len(),
            self.databases.len() < axes.databases.len(),
        ]
        .into_iter()
        .map(usize::from)
        .sum()
    }

    fn axis(&mut self, axis: usize) -> &mut BTreeSet<usize> {
        match axis {
            JOOMLA => &mut self.joomla,
            PHP => &mut self.php,
            _ => &mut self.databases,
        }
    }
}

/// Where all sites with a Joomla and a database are meant, those whose PHP cannot be are, too.
fn with_whole_lines(cells: &BTreeSet<Cell>, axes: &Axes) -> BTreeSet<Cell> {
    let is_meant = |&[joomla, _, database]: &Cell| {
        let line = (0..axes.php.len()).map(|php| [joomla, php, database]);
        line.clone().any(|cell| cells.contains(&cell))
            && line.into_iter().all(|cell| cells.contains(&cell) || !axes.is_there(cell))
    };
    cells.iter().copied().chain(axes.nowhere().filter(is_meant)).collect()
}

/// Where sites with a PHP and a database are meant, those whose Joomla cannot have them are, too.
fn with_whole_planes(cells: &BTreeSet<Cell>, axes: &Axes) -> BTreeSet<Cell> {
    let planes: BTreeSet<[usize; 2]> = cells.iter().map(|&[_, php, database]| [php, database]).collect();
    let is_meant = |&[_, php, database]: &Cell| planes.contains(&[php, database]);
    cells.iter().copied().chain(axes.nowhere().filter(is_meant)).collect()
}

/// Cuts by the first axis, what is left of that by the second one.
fn cut(cells: &BTreeSet<Cell>, [first, second, third]: [usize; 3]) -> Vec<Block> {
    let outer = alike(cells.iter().map(|cell| (cell[first], [cell[second], cell[third]])));
    let mut blocks = Vec::new();
    for (rest, firsts) in outer {
        for (thirds, seconds) in alike(rest.iter().map(|&[second, third]| (second, third))) {
            let mut block = Block::default();
            block.axis(first).clone_from(&firsts);
            *block.axis(second) = seconds;
            *block.axis(third) = thirds;
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
