//! The comparison as lines for a terminal: what hurts most first.

use std::fmt;

use super::answer::Answer;
use super::{Change, Comparison, Effect, Noticed, ProductDifference, Status};
use crate::coverage::Sites;
use crate::error::count;

/// Headings of the changes, in the order of the effects.
const EFFECTS: [(Effect, &str); 5] = [
    (Effect::Lost, "Sites that lose their update"),
    (Effect::First, "Sites that get an update for the first time"),
    (Effect::StillNone, "Sites without an update that see something else"),
    (Effect::Older, "Sites that are offered an older release"),
    (Effect::Newer, "Sites that are offered a newer release"),
];

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (effect, heading) in EFFECTS {
            write_part(f, heading, self.changes(effect).map(|(product, change)| line_of(product, change)))?;
        }
        write_part(f, "Came and went", self.came_and_went())?;
        write_part(f, "What else sites notice", self.noticed())?;
        write_part(f, "Unchanged", self.kept())?;
        match self.others() {
            Some(others) => writeln!(f, "{others}")?,
            None if !self.differs => writeln!(f, "no site sees a difference")?,
            None => {}
        }
        self.not_read.iter().try_for_each(|name| {
            writeln!(f, "not read: `{name}/updates.xml`, since no product has such a name")
        })
    }
}

fn write_part(f: &mut fmt::Formatter<'_>, heading: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(f, "{heading}:")?;
    lines.try_for_each(|line| writeln!(f, "  {line}"))
}

fn line_of(product: &ProductDifference, change: &Change) -> String {
    let Change { sites, old, new, .. } = change;
    product.line(format_args!("{sites}: {old} → {new}"))
}

impl Comparison {
    pub(super) fn changes(&self, effect: Effect) -> impl Iterator<Item = (&ProductDifference, &Change)> {
        self.products.iter().flat_map(move |product| {
            let changes = product.changes.iter().filter(move |change| change.effect == effect);
            changes.map(move |change| (product, change))
        })
    }

    pub(super) fn came_and_went(&self) -> impl Iterator<Item = String> {
        let line = |(status, word): (Status, &str)| {
            let products = self.products.iter().filter(|product| product.status == status);
            let names: Vec<&str> = products.filter_map(|product| product.product.as_deref()).collect();
            (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
        };
        [(Status::Came, "new"), (Status::Went, "gone")].into_iter().filter_map(line)
    }

    pub(super) fn noticed(&self) -> impl Iterator<Item = String> {
        self.products.iter().flat_map(|product| {
            product.notices.iter().map(|noticed| {
                let Noticed { sites, notice } = noticed;
                // Those that are offered the version that it tells of.
                if *sites == Sites::all() {
                    product.line(format_args!("{notice}"))
                } else {
                    product.line(format_args!("{sites}: {notice}"))
                }
            })
        })
    }

    /// Who was offered nothing before needs no line.
    pub(super) fn kept(&self) -> impl Iterator<Item = String> {
        self.products.iter().flat_map(|product| {
            let kept = product.unchanged.iter().filter(|kept| kept.answer != Answer::NoUpdate);
            kept.map(|kept| product.line(format_args!("{}: {}", kept.sites, kept.answer)))
        })
    }

    /// What there is to say of products without a difference.
    pub(super) fn others(&self) -> Option<String> {
        let products = match self.unchanged_products {
            0 => return None,
            number => count(number, "product"),
        };
        Some(if self.differs {
            format!("no site sees a difference in {products} more")
        } else {
            format!("no site sees a difference in {products}")
        })
    }
}

impl ProductDifference {
    /// A line about it.
    fn line(&self, text: fmt::Arguments<'_>) -> String {
        match &self.product {
            Some(product) => format!("{product}, {text}"),
            None => text.to_string(),
        }
    }
}
