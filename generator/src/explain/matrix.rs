//! All sites at once: a table of what each Joomla is offered, by PHP, and where a feed asks for databases another one by these.

use std::collections::HashMap;
use std::ptr;

use serde_json::{Value, json};

use super::cell::Cell;
use super::ink::{Ink, Page, columns};
use super::source::Source;
use super::{Question, site};
use crate::coverage::{Axes, DatabaseSpan, Habits, PhpSpan, Segment};
use crate::joomla_range::Interval;
use crate::updater::{Database, Decision, Demands, JoomlaVersion, Line, PhpVersion, Profile};

/// The major version that is not out yet.
const NEXT_MAJOR: u32 = 7;

/// Joomla versions with equal answers.
pub(super) struct Row {
    pub(super) interval: Interval,
    pub(super) cells: Vec<Cell>,
}

/// Columns of a table: whoever is in one of them has one of these.
pub(super) struct Column {
    pub(super) label: String,
    pub(super) php: PhpVersion,
    pub(super) database: Database,
}

/// "PHP 8.1+", "PHP <8.1".
pub(super) fn php_label(span: &PhpSpan) -> String {
    format!("PHP {}", span_label(span.from.as_deref(), span.below.as_deref()).unwrap_or_else(|| "any".into()))
}

/// "MariaDB 10.6+", "MySQL".
pub(super) fn database_label(span: &DatabaseSpan) -> String {
    let name = span.kind.map_or("any database", |kind| kind.name());
    match span_label(span.from.as_deref(), span.below.as_deref()) {
        Some(versions) => format!("{name} {versions}"),
        None => name.to_owned(),
    }
}

fn span_label(from: Option<&str>, below: Option<&str>) -> Option<String> {
    match (from, below) {
        (Some(from), _) => Some(format!("{}+", super::ink::shown(from))),
        (None, Some(below)) => Some(format!("<{}", super::ink::shown(below))),
        (None, None) => None,
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
        let column = |label, php| Column { label, php, database: database.clone() };
        match &self.php {
            Some(php) => vec![column(format!("PHP {}", php.as_str()), php.clone())],
            None => self.axes.php.iter().map(|span| column(php_label(span), span.probe.clone())).collect(),
        }
    }

    /// One for each span of versions of a database; nothing when the feed asks for none, or one was said.
    pub(super) fn by_database(&self) -> Vec<Column> {
        if !self.demands.names_databases || self.database.is_some() {
            return Vec::new();
        }
        let php = self.php.clone().unwrap_or_else(|| site::usual_php(&self.demands));
        let column = |span: &DatabaseSpan| Column {
            label: database_label(span),
            php: php.clone(),
            database: span.probe.clone(),
        };
        self.axes.databases.iter().map(column).collect()
    }

    /// The runs of Joomla versions that can be told apart, and one version of each.
    pub(super) fn segments(&self) -> impl Iterator<Item = (Interval, &JoomlaVersion)> {
        self.axes.joomla.iter().map(|segment| (segment.interval, &segment.probe))
    }

    /// A site of a column.
    pub(super) fn site(&self, joomla: &JoomlaVersion, column: &Column) -> Profile {
        self.habits.site(joomla, &column.php, &column.database)
    }

    /// Each PHP with each database.
    fn all_columns(&self) -> Vec<(Option<String>, Option<String>, Column)> {
        let phps: Vec<(Option<String>, PhpVersion)> = match &self.php {
            Some(php) => vec![(Some(php.as_str().to_owned()), php.clone())],
            None => {
                let label = |span: &PhpSpan| span_label(span.from.as_deref(), span.below.as_deref());
                self.axes.php.iter().map(|span| (label(span), span.probe.clone())).collect()
            }
        };
        let databases: Vec<(Option<String>, Database)> = match &self.database {
            Some(database) => {
                vec![(Some(format!("{}:{}", database.kind.as_str(), database.version())), database.clone())]
            }
            None => {
                self.axes.databases.iter().map(|span| (database_word(span), span.probe.clone())).collect()
            }
        };
        let mut all = Vec::new();
        for (php_word, php) in &phps {
            for (database_word, database) in &databases {
                let column = Column { label: String::new(), php: php.clone(), database: database.clone() };
                all.push((php_word.clone(), database_word.clone(), column));
            }
        }
        all
    }

    /// The answers, with neighbors of one major version joined where they are equal.
    pub(super) fn rows(&self, table: &[Column], decide: impl Fn(&Profile) -> Decision) -> Vec<Row> {
        let mut known: HashMap<(Vec<bool>, *const Line), Vec<Cell>> = HashMap::new();
        let mut rows: Vec<Row> = Vec::new();
        for segment in &self.axes.joomla {
            let cells = self.cells(segment, table, &decide, &mut known);
            match rows.last_mut() {
                Some(last) if last.interval.start[0] == segment.interval.start[0] && last.cells == cells => {
                    last.interval.end = segment.interval.end;
                }
                _ => rows.push(Row { interval: segment.interval, cells }),
            }
        }
        rows
    }

    /// Versions of one line that the same expressions match get the same answers, so one of them is asked.
    fn cells(
        &self,
        segment: &Segment,
        table: &[Column],
        decide: impl Fn(&Profile) -> Decision,
        known: &mut HashMap<(Vec<bool>, *const Line), Vec<Cell>>,
    ) -> Vec<Cell> {
        let line: *const Line = ptr::from_ref(segment.probe.line());
        let key = (self.demands.matching(&segment.probe), line);
        if let Some(cells) = known.get(&key) {
            return cells.clone();
        }
        let cell = |column: &Column| {
            let site = self.site(&segment.probe, column);
            Cell::of(&decide(&site), &site)
        };
        let cells: Vec<Cell> = table.iter().map(cell).collect();
        known.insert(key, cells.clone());
        cells
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

/// `mariadb`, `mariadb:10.6+`.
fn database_word(span: &DatabaseSpan) -> Option<String> {
    let kind = span.kind?.as_str();
    Some(match span_label(span.from.as_deref(), span.below.as_deref()) {
        Some(versions) => format!("{kind}:{versions}"),
        None => kind.to_owned(),
    })
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

/// Writes a table: its columns, neighbors joined where all their answers are equal, and its rows.
pub(super) fn write(page: &mut Page, labels: &[String], rows: &[Row]) {
    let kept: Vec<usize> = (0..labels.len())
        .filter(|&at| {
            at == 0 || rows.iter().any(|row| row.cells[at] != row.cells[at - 1]) || is_other_kind(labels, at)
        })
        .collect();
    let is_single = kept.len() == 1 && labels.len() > 1;
    let header = |at: &usize| if is_single { "every site".to_owned() } else { labels[*at].clone() };
    let mut grid = vec![vec!["Joomla".to_owned()]];
    grid[0].extend(kept.iter().map(header));
    for row in rows {
        let mut line = vec![label_for_people(&row.interval)];
        line.extend(kept.iter().map(|&at| row.cells[at].ink().write(&row.cells[at].text)));
        grid.push(line);
    }
    write_grid(page, &grid);
}

/// Databases of two kinds stay apart, though their answers are equal.
fn is_other_kind(labels: &[String], at: usize) -> bool {
    let kind = |label: &str| label.split(' ').next().unwrap_or_default().to_owned();
    kind(&labels[at]) != kind(&labels[at - 1])
}

/// Writes rows of texts below each other; the first one is the head.
pub(super) fn write_grid(page: &mut Page, grid: &[Vec<String>]) {
    let widest =
        |column: usize| grid.iter().filter_map(|row| row.get(column)).map(|cell| columns(cell)).max();
    let widths: Vec<usize> = (0..grid.first().map_or(0, Vec::len)).filter_map(widest).collect();
    for (at, row) in grid.iter().enumerate() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let blanks = width - columns(cell) + 3;
            let cell = if at == 0 { Ink::Strong.write(cell) } else { cell.clone() };
            line.push_str(&cell);
            line.push_str(&" ".repeat(blanks));
        }
        page.row(line.trim_end());
    }
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
