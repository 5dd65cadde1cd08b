//! What a page is written with: lines that are wrapped where a terminal ends, and colors.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

/// What a text is, and so how it looks on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// An update that is offered.
    Good,
    /// What keeps one away.
    Bad,
    /// What is perhaps not meant.
    Doubt,
    /// A heading.
    Strong,
    /// Not what matters.
    Faint,
}

impl Ink {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Doubt => AnsiColor::Yellow.on_default(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }

    /// The text in this ink.
    pub(crate) fn write(self, text: &str) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

/// A page of lines.
#[derive(Debug, Default)]
pub(crate) struct Page {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Line {
    /// Blanks before it, and before what of it comes into further lines.
    indents: [usize; 2],
    text: String,
}

/// What a page is made of.
#[derive(Debug)]
enum Part {
    Line(Line),
    /// A table: rows of cells, the first of which are headings.
    Table(Vec<Vec<String>>),
}

impl Page {
    /// A line at the left edge.
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.push([0, 0], text);
    }

    /// An empty line and a heading.
    pub(crate) fn head(&mut self, text: &str) {
        self.push([0, 0], "");
        self.push([0, 0], Ink::Strong.write(text));
    }

    /// A line below a heading.
    pub(crate) fn item(&mut self, text: impl Into<String>) {
        self.push([2, 4], text);
    }

    /// A line below an item.
    pub(crate) fn more(&mut self, text: impl Into<String>) {
        self.push([4, 6], text);
    }

    /// A table: rows of cells, each as many, the first row with headings.
    pub(crate) fn table(&mut self, grid: Vec<Vec<String>>) {
        self.parts.push(Part::Table(grid));
    }

    fn push(&mut self, indents: [usize; 2], text: impl Into<String>) {
        self.parts.push(Part::Line(Line { indents, text: text.into() }));
    }

    /// The whole page. Lines are no wider than `width`, where there is one; nothing that has no blank in it is cut. A table that is
    /// wider comes in several, each with the first column.
    pub(crate) fn print(&self, width: Option<usize>) -> String {
        let mut printed = String::new();
        let width = width.unwrap_or(usize::MAX);
        for part in &self.parts {
            let Line { indents: [first, further], text } = match part {
                Part::Line(line) => line,
                Part::Table(grid) => {
                    printed.push_str(&tables(grid, width));
                    continue;
                }
            };
            for (at, row) in wrapped(text, width, [*first, *further]).iter().enumerate() {
                let indent = if row.is_empty() {
                    0
                } else if at == 0 {
                    *first
                } else {
                    *further
                };
                // Writing into a text never fails.
                let _ = writeln!(printed, "{:indent$}{row}", "");
            }
        }
        printed
    }
}

/// Blanks before a table, and between two columns.
const TABLE_INDENT: usize = 2;
const BETWEEN: usize = 3;

/// The table, or several beneath each other that are no wider than `width`.
fn tables(grid: &[Vec<String>], width: usize) -> String {
    let widest =
        |column: usize| grid.iter().filter_map(|row| row.get(column)).map(|cell| columns(cell)).max();
    let widths: Vec<usize> = (0..grid.first().map_or(0, Vec::len)).filter_map(widest).collect();
    let Some((first, others)) = widths.split_first() else { return String::new() };
    let mut tables: Vec<Vec<usize>> = vec![vec![0]];
    let mut taken = TABLE_INDENT + first;
    for (at, wide) in (1..).zip(others) {
        taken += BETWEEN + wide;
        if taken > width && tables.last().is_some_and(|table| table.len() > 1) {
            tables.push(vec![0]);
            taken = TABLE_INDENT + first + BETWEEN + wide;
        }
        if let Some(table) = tables.last_mut() {
            table.push(at);
        }
    }
    let printed: Vec<String> = tables.iter().map(|table| one_table(grid, table, &widths)).collect();
    printed.join("\n")
}

/// These columns of a table.
fn one_table(grid: &[Vec<String>], table: &[usize], widths: &[usize]) -> String {
    let mut printed = String::new();
    for (at, row) in grid.iter().enumerate() {
        let mut line = " ".repeat(TABLE_INDENT);
        for &column in table {
            let Some(cell) = row.get(column) else { continue };
            let blanks = widths[column] - columns(cell) + BETWEEN;
            line.push_str(&if at == 0 { Ink::Strong.write(cell) } else { cell.clone() });
            line.push_str(&" ".repeat(blanks));
        }
        printed.push_str(line.trim_end());
        printed.push('\n');
    }
    printed
}

/// The text in rows, broken at blanks.
fn wrapped(text: &str, width: usize, [first, further]: [usize; 2]) -> Vec<String> {
    if width == usize::MAX || first + columns(text) <= width {
        return vec![text.to_owned()];
    }
    let mut rows: Vec<String> = Vec::new();
    let mut row = String::new();
    for word in text.split(' ') {
        let indent = if rows.is_empty() { first } else { further };
        if !row.is_empty() && indent + columns(&row) + 1 + columns(word) > width {
            rows.push(std::mem::take(&mut row));
        } else if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    rows.push(row);
    rows
}

/// How many columns a text takes, escape sequences of colors not counted.
pub(crate) fn columns(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_a_terminal_ends() {
        let mut page = Page::default();
        page.item("a module of the site is installed");
        assert_eq!(page.print(Some(18)), "  a module of the\n    site is\n    installed\n");
        assert_eq!(page.print(None), "  a module of the site is installed\n");
    }

    #[test]
    fn a_table_that_is_too_wide_comes_in_several() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let mut page = Page::default();
        page.table(vec![row(["Joomla", "MySQL", "MariaDB"]), row(["5", "1.1.0", "1.0.0"])]);
        let plain = |width: Option<usize>| anstream::adapter::strip_str(&page.print(width)).to_string();
        assert_eq!(plain(None), "  Joomla   MySQL   MariaDB\n  5        1.1.0   1.0.0\n");
        assert_eq!(plain(Some(26)), plain(None));
        assert_eq!(
            plain(Some(25)),
            "  Joomla   MySQL\n  5        1.1.0\n\n  Joomla   MariaDB\n  5        1.0.0\n"
        );
    }

    #[test]
    fn colors_take_no_columns() {
        assert_eq!(columns(&Ink::Good.write("1.2.0")), 5);
        let mut page = Page::default();
        page.say(format!("is offered {}", Ink::Good.write("1.2.0")));
        assert_eq!(page.print(Some(16)).lines().count(), 1);
    }
}
