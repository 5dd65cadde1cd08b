//! Holds an entry to a site: Joomla version, PHP, database, stability. Both of Joomla's parsers ask the same, each of what it
//! kept of the entry (`ExtensionAdapter::_endElement`, `Update::_endElement`).

use std::collections::BTreeSet;

use bandari_catalog::version::{Stability, php_version_compare};

use super::decision::{Message, Reason};
use super::expressions::Expressions;
use super::profile::{DatabaseKind, Profile};
use super::sax::Attributes;
use super::texts;

/// What an entry asks for, as one of the parsers kept it.
#[derive(Clone, Copy, Default)]
pub(super) struct Demands<'e> {
    /// For messages.
    pub(super) name: &'e str,
    /// For messages.
    pub(super) version: &'e str,
    pub(super) platform: Option<Platform<'e>>,
    pub(super) php_minimum: Option<&'e str>,
    /// The attributes of each `<supported_databases>`.
    pub(super) databases: Option<&'e [Attributes<'e>]>,
    pub(super) stability: Option<Told>,
}

/// The value of an attribute, of the last one of several elements that has it.
pub(super) fn attribute<'e>(elements: &[Attributes<'e>], name: &str) -> Option<&'e str> {
    elements.iter().rev().find_map(|attributes| attributes.value(name))
}

/// The attributes of `<targetplatform>`.
#[derive(Clone, Copy)]
pub(super) struct Platform<'e> {
    pub(super) name: Option<&'e str>,
    pub(super) version: Option<&'e str>,
}

/// How stable an entry says that it is.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// By `<tag>`.
    Tag(Stability),
    /// By an element `<stability>`: PHP takes the object that the installation's parser makes of it for the number 1, which is
    /// alpha.
    Element,
}

/// Joomla's stability of the text of a `<tag>`: unknown words are stable.
pub(super) fn stability_of_tag(text: &str) -> Stability {
    match text.to_ascii_uppercase().as_str() {
        "DEV" => Stability::Dev,
        "ALPHA" => Stability::Alpha,
        "BETA" => Stability::Beta,
        "RC" => Stability::Rc,
        _ => Stability::Stable,
    }
}

/// Why a site does not see an entry; nothing when it does.
pub(super) fn reasons(
    demands: &Demands<'_>,
    site: &Profile,
    expressions: &Expressions,
    patch_bounds: impl FnOnce() -> Option<Reason>,
) -> Vec<Reason> {
    // An entry for another Joomla is passed over without looking at the rest.
    let platform = platform_reason(demands.platform, site, expressions).or_else(patch_bounds);
    if let Some(reason) = platform {
        return vec![reason];
    }
    let php = demands.php_minimum.and_then(|minimum| php_reason(minimum, site));
    let database = demands.databases.and_then(|supported| database_reason(supported, site));
    let stability = demands.stability.and_then(|told| stability_reason(told, site));
    [php, database, stability].into_iter().flatten().collect()
}

fn platform_reason(
    platform: Option<Platform<'_>>,
    site: &Profile,
    expressions: &Expressions,
) -> Option<Reason> {
    let Some(Platform { name, version }) = platform else { return Some(Reason::NoPlatform) };
    if name != Some("joomla") {
        return Some(Reason::OtherPlatform { name: name.map(str::to_owned) });
    }
    let expression = version.unwrap_or_default();
    match expressions.matches(expression, site.joomla.as_str()) {
        Ok(true) => None,
        Ok(false) => Some(Reason::OtherJoomla { expression: expression.to_owned() }),
        Err(warning) => Some(Reason::BrokenExpression { expression: expression.to_owned(), warning }),
    }
}

fn php_reason(minimum: &str, site: &Profile) -> Option<Reason> {
    let is_older = php_version_compare(site.php.compared(), minimum).is_lt();
    is_older.then(|| Reason::OldPhp { minimum: minimum.to_owned(), php: site.php.clone() })
}

fn database_reason(supported: &[Attributes<'_>], site: &Profile) -> Option<Reason> {
    let database = &site.database;
    let Some(minimum) = attribute(supported, database.kind.attribute()) else {
        let mut seen = BTreeSet::new();
        let names = supported
            .iter()
            .flat_map(|attributes| attributes.iter())
            .map(|(name, _)| name.to_ascii_lowercase());
        let supported = names.filter(|name| seen.insert(name.clone())).collect();
        return Some(Reason::OtherDatabase { supported, database: database.clone() });
    };
    let is_older = php_version_compare(database.compared(), minimum).is_lt();
    is_older.then(|| Reason::OldDatabase { minimum: minimum.to_owned(), database: database.clone() })
}

fn stability_reason(told: Told, site: &Profile) -> Option<Reason> {
    let minimum = site.minimum_stability;
    match told {
        Told::Tag(stability) => (stability < minimum).then_some(Reason::LowStability { stability, minimum }),
        Told::Element => (Stability::Alpha < minimum).then_some(Reason::StabilityElement { minimum }),
    }
}

/// What the check tells of an entry that only PHP or database hide.
pub(super) fn messages(reasons: &[Reason], demands: &Demands<'_>, site: &Profile) -> Vec<Message> {
    let Demands { name, version, .. } = *demands;
    let line = site.joomla.line();
    let message = |reason: &Reason| match reason {
        Reason::OldPhp { minimum, php } => Some(texts::old_php(name, version, minimum, php.as_str())),
        Reason::OldDatabase { minimum, database } => {
            Some(texts::old_database(name, version, minimum, database, line))
        }
        Reason::OtherDatabase { database, .. } => Some(texts::other_database(name, version, database, line)),
        Reason::AnyDatabase => Some(texts::other_database(name, version, &site.database, line)),
        _ => None,
    };
    reasons.iter().filter_map(message).collect()
}

/// Whether a database of this kind takes two values of a column for the same. Those of MySQL and MariaDB look neither at the
/// case nor at blanks at the end nor at what nobody sees, with the collation that Joomla gives its tables
/// (`utf8mb4_unicode_ci`).
pub(super) fn is_same(kind: DatabaseKind, one: &str, other: &str) -> bool {
    if !kind.compares_loosely() {
        return one == other;
    }
    let folded = |text: &str| {
        let seen = text.replace(UNSEEN, "").to_lowercase();
        seen.trim_end_matches([' ', '\u{a0}']).to_owned()
    };
    one == other || folded(one) == folded(other)
}

/// Characters without any weight in that collation that come along when a text is pasted: blanks of no width, joiners, the mark
/// of a byte order. The soft hyphen has one.
const UNSEEN: [char; 4] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::updater::sax::{self, EventKind};

    #[track_caller]
    fn assert_same(feed: &str, kinds: &[DatabaseKind]) {
        let same = DatabaseKind::ALL.into_iter().filter(|&kind| is_same(kind, feed, "mod_tides"));
        assert_eq!(same.collect::<Vec<_>>(), kinds, "{feed:?}");
    }

    #[test]
    fn mysql_looks_neither_at_case_nor_at_what_nobody_sees() {
        const LOOSE: [DatabaseKind; 2] = [DatabaseKind::Mysql, DatabaseKind::Mariadb];
        assert_same("mod_tides", &DatabaseKind::ALL);
        for feed in ["MOD_Tides", "mod_tides  ", "mod_tides\u{a0}", "mod_tides\u{200b}", "\u{feff}mod_tides"]
        {
            assert_same(feed, &LOOSE);
        }
    }

    #[test]
    fn a_tab_a_soft_hyphen_and_a_blank_in_front_are_looked_at() {
        for feed in [" mod_tides", "mod_tides\t", "mod_\u{ad}tides", "mod-tides"] {
            assert_same(feed, &[]);
        }
    }

    #[test]
    fn of_an_attribute_that_elements_repeat_the_last_counts() {
        let document = sax::parse(br#"<x name="joomla" version="5"><x version="6"/></x>"#);
        let lists: Vec<Attributes<'_>> = document
            .events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Start { attributes, .. } => Some(attributes),
                _ => None,
            })
            .collect();
        assert_eq!(attribute(&lists, "VERSION"), Some("6"));
        assert_eq!(attribute(&lists, "NAME"), Some("joomla"));
        assert_eq!(attribute(&[], "NAME"), None);
    }
}
