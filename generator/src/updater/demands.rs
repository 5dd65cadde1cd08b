//! All that a feed asks of sites, in whichever entry: where its answers can change from one site to the next.

use std::collections::BTreeSet;

use super::expressions::Expressions;
use super::feed::Feed;
use super::profile::{DatabaseKind, JoomlaVersion};
use super::sax::{Attributes, EventKind};

/// What the entries of a feed ask for.
#[derive(Debug, Default)]
pub struct Demands {
    /// Expressions for Joomla versions.
    pub expressions: BTreeSet<String>,
    /// Values of `<php_minimum>`.
    pub php: BTreeSet<String>,
    /// Values of `<supported_databases>`.
    pub databases: BTreeSet<(DatabaseKind, String)>,
    /// Whether any entry has `<supported_databases>`, be it empty.
    pub names_databases: bool,
    known: Expressions,
}

impl Feed {
    /// What its entries ask for.
    #[must_use]
    pub fn demands(&self) -> Demands {
        let mut demands = Demands::default();
        let mut is_php = false;
        for event in &self.document.events {
            match event.kind {
                EventKind::Start { name, attributes } => {
                    is_php = name == "PHP_MINIMUM";
                    demands.add(name, attributes);
                }
                EventKind::Text(text) if is_php => {
                    demands.php.insert(text.to_owned());
                }
                EventKind::End { .. } => is_php = false,
                EventKind::Text(_) => {}
            }
        }
        demands
    }
}

impl Demands {
    fn add(&mut self, element: &str, attributes: Attributes<'_>) {
        let expression = match element {
            "TARGETPLATFORM" => "VERSION",
            "EXTENSION" => "TARGETPLATFORMVERSION",
            _ => "",
        };
        // Without an expression an entry is for every Joomla, as with one that is empty.
        if !expression.is_empty() && attributes.value(expression).is_none() {
            self.expressions.insert(String::new());
        }
        self.names_databases |= element == "SUPPORTED_DATABASES";
        for (name, value) in attributes.iter() {
            if name == expression {
                self.expressions.insert(value.to_owned());
            }
            let kind = DatabaseKind::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.as_str()));
            if let Some(kind) = kind.filter(|_| element == "SUPPORTED_DATABASES") {
                self.databases.insert((kind, value.to_owned()));
            }
        }
    }

    /// Which of the expressions match a Joomla version, in their order.
    #[must_use]
    pub fn matching(&self, joomla: &JoomlaVersion) -> Vec<bool> {
        let matches = |expression: &String| self.known.matches(expression, joomla.as_str()).unwrap_or(false);
        self.expressions.iter().map(matches).collect()
    }

    /// With those of another feed.
    pub fn extend(&mut self, other: Self) {
        let Self { expressions, php, databases, names_databases, known: _ } = other;
        self.expressions.extend(expressions);
        self.php.extend(php);
        self.databases.extend(databases);
        self.names_databases |= names_databases;
    }
}
