//! Feeds held to all sites: a row for each segment of Joomla versions, a column for each PHP with each database.

use std::collections::BTreeMap;

use super::today::runs_below;
use super::{Axes, Habits};
use crate::joomla_range::Interval;
use crate::updater::{JoomlaVersion, Profile};

/// A place in the table of [`Axes`]: numbers of a Joomla segment, a PHP span and a database span.
pub(crate) type Cell = [usize; 3];

impl Axes {
    /// A row for each segment, with what `answer` says of its Joomla and each column. A column stands for a PHP and a database.
    ///
    /// Segments that the same expressions match and that update in the same way get the same answers, so the first of them is
    /// asked. Where no entry is for a Joomla, nothing else of a site counts, so its first column is asked.
    pub(crate) fn rows<C, T: Clone>(
        &self,
        columns: &[C],
        mut answer: impl FnMut(&JoomlaVersion, &C) -> T,
    ) -> Vec<Vec<T>> {
        let mut rows: Vec<Vec<T>> = Vec::with_capacity(self.joomla.len());
        for (at, segment) in self.joomla.iter().enumerate() {
            let asked = if segment.is_demanded { columns } else { &columns[..columns.len().min(1)] };
            let row = match rows.get(segment.first_alike) {
                Some(row) if segment.first_alike < at => row.clone(),
                _ => {
                    let mut row: Vec<T> = asked.iter().map(|column| answer(&segment.probe, column)).collect();
                    if let Some(first) = row.first().cloned() {
                        row.resize(columns.len(), first);
                    }
                    row
                }
            };
            rows.push(row);
        }
        rows
    }

    /// Rows, with neighbors of one major version joined where they are equal.
    pub(crate) fn joined<T: PartialEq>(&self, rows: Vec<T>) -> Vec<(Interval, T)> {
        let mut joined: Vec<(Interval, T)> = Vec::new();
        for (segment, row) in self.joomla.iter().zip(rows) {
            let interval = segment.interval;
            match joined.last_mut() {
                Some((last, same)) if last.start[0] == interval.start[0] && *same == row => {
                    last.end = interval.end;
                }
                _ => joined.push((interval, row)),
            }
        }
        joined
    }

    /// What `answer` says of each site that there is.
    pub(crate) fn cells<T: Clone>(
        &self,
        habits: &Habits,
        mut answer: impl FnMut(&Profile) -> T,
    ) -> BTreeMap<Cell, T> {
        let planes: Vec<[usize; 2]> = self.planes().collect();
        let rows = self.rows(&planes, |joomla, &[php, database]| {
            answer(&habits.site(joomla, &self.php[php].probe, &self.databases[database].probe))
        });
        let cells = rows.into_iter().enumerate().flat_map(|(joomla, row)| {
            let cells = planes.iter().zip(row);
            cells.map(move |(&[php, database], answer)| ([joomla, php, database], answer))
        });
        cells.filter(|(cell, _)| self.is_there(*cell)).collect()
    }

    /// Each PHP with each database.
    fn planes(&self) -> impl Iterator<Item = [usize; 2]> {
        let databases = self.databases.len();
        (0..self.php.len()).flat_map(move |php| (0..databases).map(move |database| [php, database]))
    }

    /// The cells that no site is in.
    pub(super) fn nowhere(&self) -> impl Iterator<Item = Cell> {
        let all = (0..self.joomla.len())
            .flat_map(|joomla| self.planes().map(move |[php, database]| [joomla, php, database]));
        all.filter(|cell| !self.is_there(*cell))
    }

    /// Whether there are such sites: Joomla itself does not run on every PHP.
    pub(super) fn is_there(&self, [joomla, php, _]: Cell) -> bool {
        let joomla = self.joomla[joomla].interval.start;
        self.php[php].versions.below.as_deref().is_none_or(|below| runs_below(joomla, below))
    }
}
