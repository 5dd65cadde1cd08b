//! How sites and extensions are called in sentences.

use std::cmp::Ordering;

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::{Version, php_version_compare};

use crate::shown::{quoted, shown};
use crate::updater::{Database, Entry, Installed, Profile};

/// "Joomla 5.3.4 with PHP 8.2 and MariaDB 10.11".
pub(super) fn site(site: &Profile) -> String {
    format!("Joomla {} with PHP {} and {}", site.joomla, shown(site.php.as_str()), database(&site.database))
}

/// "MariaDB 10.11".
pub(super) fn database(database: &Database) -> String {
    format!("{} {}", database.kind.name(), shown(database.version()))
}

/// "plugin `tides` of the group `system`", "module `mod_tides` of the site".
pub(super) fn extension(installed: &Installed) -> String {
    let named = format!("{} {}", installed.kind.as_str(), quoted(&installed.element));
    match installed.kind {
        ExtensionType::Plugin => format!("{named} of the group {}", quoted(&installed.folder)),
        ExtensionType::Module | ExtensionType::Template | ExtensionType::Language => match installed.client {
            Client::Site => format!("{named} of the site"),
            Client::Administrator => format!("{named} of the administrator"),
        },
        _ => named,
    }
}

/// A version of a feed: as it is where it looks like one, else in quotes, so that blanks are seen.
pub(super) fn version(text: &str) -> String {
    if Version::parse(text).is_ok() { text.to_owned() } else { quoted(text) }
}

/// The version of an entry.
pub(super) fn version_of(entry: &Entry) -> String {
    entry.version.as_deref().map_or_else(|| "entry without a version".to_owned(), version)
}

/// "8.1, 8.2 and 8.3", of many only the first ones.
pub(super) fn list(values: &[String]) -> String {
    const MOST: usize = 4;
    match values {
        [] => String::new(),
        [one] => one.clone(),
        _ if values.len() > MOST + 1 => {
            format!("{} and {} others", values[..MOST].join(", "), values.len() - MOST)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Entries as people look for them: the newest first, of one version in the feed's order.
pub(super) fn newest_first(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|one, other| compare(other, one));
    sorted
}

fn compare(one: &Entry, other: &Entry) -> Ordering {
    php_version_compare(
        one.version.as_deref().unwrap_or_default(),
        other.version.as_deref().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_told_by_its_first_ones() {
        let values = |number: usize| (1..=number).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&values(1)), "1");
        assert_eq!(list(&values(2)), "1 and 2");
        assert_eq!(list(&values(5)), "1, 2, 3, 4 and 5");
        assert_eq!(list(&values(6)), "1, 2, 3, 4 and 2 others");
    }

    #[test]
    fn a_version_with_blanks_is_shown_with_them() {
        assert_eq!(version("1.2.0"), "1.2.0");
        assert_eq!(version(" 1.2.0\n"), r"` 1.2.0\n`");
    }
}
