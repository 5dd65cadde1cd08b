//! Which versions of a product an override in its `product.toml` is for.

use std::cmp::Ordering;

use bandari_catalog::version::{Version, php_version_compare};

use crate::error::{Flaw, wrong_value};

/// Conditions on versions in Joomla's order, such as `>=2, <3`.
#[derive(Clone, Debug)]
pub(crate) struct VersionRange {
    text: String,
    conditions: Vec<(Condition, String)>,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    AtLeast,
    After,
    AtMost,
    Before,
    Equal,
}

impl VersionRange {
    /// Reads conditions that must all hold, joined by commas; a version alone means itself.
    ///
    /// # Errors
    /// What was found, and what conditions look like.
    pub(crate) fn parse(text: &str) -> Result<Self, Flaw> {
        let wrong = || wrong_value("versions", text, "conditions such as `>=2, <3` or `2.1.0`");
        let conditions = text.split(',').map(|part| {
            let part = part.trim();
            let split = part.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(part.len());
            let (operator, version) = part.split_at(split);
            let condition = match operator.trim() {
                ">=" => Condition::AtLeast,
                ">" => Condition::After,
                "<=" => Condition::AtMost,
                "<" => Condition::Before,
                "" | "=" | "==" => Condition::Equal,
                _ => return Err(wrong()),
            };
            Version::parse(version).map_err(|_| wrong())?;
            Ok((condition, version.to_owned()))
        });
        Ok(Self { text: text.to_owned(), conditions: conditions.collect::<Result<_, _>>()? })
    }

    /// The conditions as written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn contains(&self, version: &Version) -> bool {
        self.conditions.iter().all(|(condition, bound)| {
            let order = php_version_compare(version.as_str(), bound);
            match condition {
                Condition::AtLeast => order != Ordering::Less,
                Condition::After => order == Ordering::Greater,
                Condition::AtMost => order != Ordering::Greater,
                Condition::Before => order == Ordering::Less,
                Condition::Equal => order == Ordering::Equal,
            }
        })
    }
}
