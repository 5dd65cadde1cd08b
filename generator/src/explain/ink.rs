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
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// Blanks before it, and before what of it comes into further lines.
    indents: [usize; 2],
    text: String,
    /// Whether it stays as wide as it is.
    is_row: bool,
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

    /// A row of a table: never wrapped.
    pub(crate) fn row(&mut self, text: &str) {
        self.lines.push(Line { indents: [2, 2], text: text.to_owned(), is_row: true });
    }

    fn push(&mut self, indents: [usize; 2], text: impl Into<String>) {
        self.lines.push(Line { indents, text: text.into(), is_row: false });
    }

    /// The whole page. Lines are no wider than `width`, where there is one; nothing that has no blank in it is cut.
    pub(crate) fn print(&self, width: Option<usize>) -> String {
        let mut printed = String::new();
        for Line { indents: [first, further], text, is_row } in &self.lines {
            let width = width.filter(|_| !is_row).unwrap_or(usize::MAX);
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
    fn colors_take_no_columns() {
        assert_eq!(columns(&Ink::Good.write("1.2.0")), 5);
        let mut page = Page::default();
        page.say(format!("is offered {}", Ink::Good.write("1.2.0")));
        assert_eq!(page.print(Some(16)).lines().count(), 1);
    }
}
