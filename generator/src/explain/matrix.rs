//! All sites at once: a table of what each Joomla is offered, by PHP, and where a feed asks for databases another one by these.

use serde_json::{Value, json};

use super::cell::Cell;
use super::ink::{Ink, Page};
use super::source::Source;
use super::{Question, site};
use crate::coverage::today::NEXT_MAJOR;
use crate::coverage::{Axes, DatabaseSpan, Habits, PhpSpan, Versions};
use crate::joomla_range::Interval;
use crate::shown::shown;
use crate::updater::{Database, Decision, Demands, Installed, PhpVersion, Profile};

/// Joomla versions with equal answers.
pub(super) struct Row {
    pub(super) interval: Interval,
    pub(super) cells: Vec<Cell>,
}

/// A column of a table: versions of PHP, or of a database, that all get the same answer, and one of them.
#[derive(Clone)]
pub(super) struct Column {
    /// `PHP`, the PHP that was said, or which database.
    name: String,
    versions: Versions,
    pub(super) php: PhpVersion,
    pub(super) database: Database,
}

impl Column {
    pub(super) fn of_php(span: &PhpSpan, database: &Database) -> Self {
        let versions = span.versions.clone();
        Self { name: "PHP".into(), versions, php: span.probe.clone(), database: database.clone() }
    }

    pub(super) fn of_database(span: &DatabaseSpan, php: &PhpVersion) -> Self {
        let name = span.kind.map_or("every database", |kind| kind.name());
        let versions = span.versions.clone();
        Self { name: name.into(), versions, php: php.clone(), database: span.probe.clone() }
    }

    /// "PHP 8.1+", "PHP <8.1", "MySQL": where the next column begins is where this one ends.
    fn label(&self) -> String {
        match (self.bounds(), self.name.as_str()) {
            (Some(bounds), name) => format!("{name} {bounds}"),
            (None, "PHP") => "every PHP".into(),
            (None, name) => name.into(),
        }
    }

    /// "PHP 8.1 to below 8.3": in a sentence.
    pub(super) fn in_words(&self) -> String {
        format!("{}{}", self.name, self.versions)
    }

    fn bounds(&self) -> Option<String> {
        match (&self.versions.from, &self.versions.below) {
            (Some(from), _) => Some(format!("{}+", shown(from))),
            (None, Some(below)) => Some(format!("<{}", shown(below))),
            (None, None) => None,
        }
    }

    /// `mariadb`, `mariadb:10.6+`.
    fn database_word(&self) -> String {
        let kind = self.database.kind.as_str();
        self.bounds().map_or_else(|| kind.to_owned(), |versions| format!("{kind}:{versions}"))
    }
}

/// The sites that are told apart, and what they have in common.
pub(super) struct Table {
    axes: Axes,
    habits: Habits,
    demands: Demands,
    php: Option<PhpVersion>,
    database: Option<Database>,
}

impl Table {
    pub(super) fn new(question: &Question<'_>, source: &Source) -> Self {
        let demands = source.feed.demands();
        Self {
            axes: Axes::of(&demands),
            habits: site::habits(question, source),
            demands,
            php: question.php.cloned(),
            database: question.database.cloned(),
        }
    }

    /// One column for each span of PHP versions, or one for the PHP that was said.
    pub(super) fn by_php(&self) -> Vec<Column> {
        let database = self.database.clone().unwrap_or_else(|| site::usual_database(&self.demands));
        match &self.php {
            Some(php) => {
                let name = format!("PHP {}", php.as_str());
                vec![Column { name, versions: Versions::default(), php: php.clone(), database }]
            }
            None => self.axes.php.iter().map(|span| Column::of_php(span, &database)).collect(),
        }
    }

    /// One for each span of versions of a database; nothing when the feed asks for none, or one was said.
    pub(super) fn by_database(&self) -> Vec<Column> {
        if !self.demands.names_databases || self.database.is_some() {
            return Vec::new();
        }
        let php = self.php.clone().unwrap_or_else(|| site::usual_php(&self.demands));
        self.axes.databases.iter().map(|span| Column::of_database(span, &php)).collect()
    }

    /// What is installed on the sites.
    pub(super) fn installed(&self) -> Option<&Installed> {
        self.habits.installed.as_ref()
    }

    /// Each PHP with each database, and their words in JSON; none: whichever.
    fn all_columns(&self) -> Vec<(Option<String>, Option<String>, Column)> {
        let by_database = self.by_database();
        let each_php = |php: Column| {
            let php_word = match &self.php {
                Some(said) => Some(said.as_str().to_owned()),
                None => php.bounds(),
            };
            if by_database.is_empty() {
                let said = self.database.as_ref();
                let word = said.map(|said| format!("{}:{}", said.kind.as_str(), said.version()));
                return vec![(php_word, word, php)];
            }
            let with = |database: &Column| {
                let column = Column { database: database.database.clone(), ..php.clone() };
                (php_word.clone(), Some(database.database_word()), column)
            };
            by_database.iter().map(with).collect()
        };
        self.by_php().into_iter().flat_map(each_php).collect()
    }

    /// The answers, with neighbors of one major version joined where they are equal.
    pub(super) fn rows(&self, columns: &[Column], decide: impl Fn(&Profile) -> Decision) -> Vec<Row> {
        self.joined(columns, |site| Cell::of(&decide(site), site))
            .into_iter()
            .map(|(interval, cells)| Row { interval, cells })
            .collect()
    }

    /// The same of any answer.
    pub(super) fn joined<T: Clone + PartialEq>(
        &self,
        columns: &[Column],
        answer: impl Fn(&Profile) -> T,
    ) -> Vec<(Interval, Vec<T>)> {
        let rows = self
            .axes
            .rows(columns, |joomla, column| answer(&self.habits.site(joomla, &column.php, &column.database)));
        self.axes.joined(rows)
    }

    /// All answers as JSON.
    pub(super) fn json(&self, decide: impl Fn(&Profile) -> Decision) -> Value {
        let (words, table): (Vec<_>, Vec<Column>) =
            self.all_columns().into_iter().map(|(php, database, column)| ((php, database), column)).unzip();
        let row = |row: &Row| {
            let cells = row.cells.iter().zip(&words).map(|(cell, (php, database))| {
                json!({
                    "php": php,
                    "database": database,
                    "offered": cell.offered,
                    "result": cell.result,
                    "text": cell.text,
                    "meaning": cell.meaning,
                })
            });
            json!({
                "joomla": label(&row.interval),
                "from": dotted(row.interval.start),
                "below": row.interval.end.map(dotted),
                "cells": cells.collect::<Vec<_>>(),
            })
        };
        Value::Array(self.rows(&table, decide).iter().map(row).collect())
    }
}

fn dotted([major, minor, patch]: [u32; 3]) -> String {
    format!("{major}.{minor}.{patch}")
}

fn label(interval: &Interval) -> String {
    interval.label_in_its_major()
}

/// A row's label for people.
pub(super) fn label_for_people(interval: &Interval) -> String {
    let label = label(interval);
    if interval.start[0] == NEXT_MAJOR { format!("{label} (next)") } else { label }
}

/// Writes a table, neighboring columns joined where all their answers are equal.
pub(super) fn write(page: &mut Page, columns: &[Column], rows: &[Row]) {
    let mut kept: Vec<(usize, Column)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let is_equal = |last: usize| rows.iter().all(|row| row.cells[last] == row.cells[at]);
        match kept.last_mut() {
            Some((last, joined)) if joined.name == column.name && is_equal(*last) => {
                joined.versions.below.clone_from(&column.versions.below);
            }
            _ => kept.push((at, column.clone())),
        }
    }
    let mut grid = vec![vec!["Joomla".to_owned()]];
    grid[0].extend(kept.iter().map(|(_, column)| column.label()));
    for row in rows {
        let mut line = vec![label_for_people(&row.interval)];
        line.extend(kept.iter().map(|&(at, _)| row.cells[at].ink().write(&row.cells[at].text)));
        grid.push(line);
    }
    page.table(grid);
}

/// Whether a site's column makes no difference.
pub(super) fn is_all_the_same(rows: &[Row]) -> bool {
    rows.iter().all(|row| row.cells.iter().all(|cell| Some(cell) == row.cells.first()))
}

/// Writes what the words in the cells mean, each once.
pub(super) fn write_meanings<'r>(page: &mut Page, cells: impl Iterator<Item = &'r Cell>) {
    let mut told: Vec<(String, &str)> = Vec::new();
    for cell in cells {
        let Some(meaning) = &cell.meaning else { continue };
        let word = if cell.offered.is_some() { "!".to_owned() } else { cell.text.clone() };
        if !told.iter().any(|(known, meant)| *known == word && meant == meaning) {
            told.push((word, meaning));
        }
    }
    if told.is_empty() {
        return;
    }
    page.head("What the words mean");
    for (word, meaning) in told {
        let ink = if word == "!" { Ink::Doubt } else { Ink::Bad };
        page.item(format!("{}: {meaning}", ink.write(&word)));
    }
}
