//! The comparison as Markdown for a comment on a pull request (GitHub Flavored Markdown; GitLab and Forgejo know its tables,
//! too).

use super::{Change, Comparison, Effect, ProductDifference};
use crate::error::count;

/// GitHub takes comments of up to 65,536 characters, and a workflow may add its own.
const MAX_COMMENT_BYTES: usize = 60_000;

/// Cuts a name in two that nobody sees cut.
const ZERO_WIDTH_SPACE: &str = "&#8203;";

/// Effects in their order, as a cell says them.
const EFFECTS: [(Effect, &str); 5] = [
    (Effect::Lost, "**loses its update**"),
    (Effect::First, "**first update**"),
    (Effect::StillNone, "still none"),
    (Effect::Older, "**older**"),
    (Effect::Newer, "newer"),
];

/// A comment that grows as long as there is room.
struct Comment {
    text: String,
    left_out: usize,
}

impl Comment {
    fn push(&mut self, line: &str) {
        if self.left_out > 0 || self.text.len() + line.len() > MAX_COMMENT_BYTES {
            self.left_out += 1;
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn push_list(&mut self, heading: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            self.push(&format!("\n{heading}:\n"));
            lines.for_each(|line| self.push(&format!("- {}", escaped(&line))));
        }
    }
}

impl Comparison {
    /// As Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        let mut comment = Comment { text: String::new(), left_out: 0 };
        comment.push("### What Joomla sites will see\n");
        comment.push(&self.summary());
        self.push_table(&mut comment);
        comment.push_list("Came and went", self.came_and_went());
        comment.push_list("What else sites notice", self.noticed());
        comment.push_list("Unchanged", self.kept());
        let not_read = |name: &String| format!("{name}/updates.xml: no product has such a name");
        comment.push_list("Not read", self.not_read.iter().map(not_read));
        if comment.left_out > 0 {
            let lines = count(comment.left_out, "line");
            comment.text.push_str(&format!("\n… and {lines} more: see the output of `bandari diff`\n"));
        }
        comment.text
    }

    fn summary(&self) -> String {
        let others = self.others();
        if !self.differs {
            return format!(
                "{}.",
                capital(&others.unwrap_or_else(|| "no site sees a difference".to_owned()))
            );
        }
        let losses = match self.changes(Effect::Lost).count() {
            0 => "No site loses its update".to_owned(),
            _ => "**Sites lose their update**".to_owned(),
        };
        others.map_or_else(|| format!("{losses}."), |others| format!("{losses}; {others}."))
    }

    fn push_table(&self, comment: &mut Comment) {
        let is_named = self.products.iter().any(|product| product.product.is_some());
        let rows: Vec<String> = EFFECTS
            .iter()
            .flat_map(|&(effect, word)| {
                let changes = self.changes(effect);
                changes.map(move |(product, change)| row(product, change, word, is_named))
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        let (name, line) = if is_named { ("| Product ", "|---") } else { ("", "") };
        comment.push(&format!("\n{name}| Sites | Before | After | |\n{line}|---|---|---|---|"));
        rows.iter().for_each(|row| comment.push(row));
    }
}

fn row(product: &ProductDifference, change: &Change, effect: &str, is_named: bool) -> String {
    let Change { sites, old, new, .. } = change;
    let cells = [sites.to_string(), old.to_string(), new.to_string()].map(|cell| escaped(&cell));
    let name = product.product.as_deref().filter(|_| is_named).map(escaped);
    let name = name.map(|name| format!("| {name} ")).unwrap_or_default();
    format!("{name}| {} | {effect} |", cells.join(" | "))
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// The text as nothing but text: no mark of Markdown (CommonMark 0.31, section 2.4), no HTML, nobody mentioned, no issue referred to.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Hosts look for people and issues in what Markdown made of it, where no mark is escaped any more.
            '@' | '#' => {
                escaped.push(c);
                escaped.push_str(ZERO_WIDTH_SPACE);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Sites;
    use crate::diff::answer::Answer;
    use crate::diff::{Change, Status};

    #[test]
    fn a_comment_is_no_longer_than_may_be_posted() {
        let offered = |version: &str| Answer::Offered { version: version.to_owned(), installs: None };
        let product = |number: usize| ProductDifference {
            product: Some(format!("product-{number}")),
            status: Status::Stayed,
            changes: vec![Change {
                effect: Effect::Newer,
                sites: Sites::all(),
                old: offered("1.0.0"),
                new: offered("1.1.0"),
            }],
            notices: Vec::new(),
            unchanged: Vec::new(),
        };
        let comparison = Comparison {
            differs: true,
            products: (10_000..15_000).map(product).collect(),
            unchanged_products: 0,
            not_read: Vec::new(),
        };
        let comment = comparison.to_markdown();
        assert!(comment.len() < 60_100, "{}", comment.len());
        let rows = comment.matches("| product-1").count();
        let end = format!("\n… and {} lines more: see the output of `bandari diff`\n", 5_000 - rows);
        assert!(comment.ends_with(&end), "{}", &comment[comment.len() - 200..]);
    }
}
