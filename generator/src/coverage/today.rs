//! What is known of the versions that sites have, as of today. All of it ages; beside each fact stands how, and what goes wrong
//! then. Where a rule may be too strict or too lenient it is lenient: it does not tell of what it might have told.
//!
//! Joomla's own branches are in `joomla_range::branches`, its newest patches in `updater::profile`.

use bandari_catalog::version::php_version_compare;

use crate::joomla_range::Triple;
use crate::updater::DatabaseKind;

/// The next major version: nobody knows its last minor one. Once it is out it belongs to the lists of `LAST_MINORS` and
/// [`FIRST_MINORS`]; until then its minor versions are one, so what is for 7.1 only is offered to no site here, and
/// `check` leaves it alone.
pub(crate) const NEXT_MAJOR: u32 = 7;

/// The first minor version of each major one whose updater this project knows, beside `LAST_MINORS`.
pub(super) const FIRST_MINORS: [(u32, u32); 4] = [(3, 10), (4, 0), (5, 0), (6, 0)];

/// The last patch number that is looked at: who publishes for 5.3.4 and later means all that follow. None came near it in ten
/// years. An expression that begins to match behind it is taken to match as it does here.
pub(super) const LAST_PATCH: u32 = 20;

/// The lowest PHP that each Joomla itself runs on (`JOOMLA_MINIMUM_PHP` in its `index.php`), from this version on until the
/// next one of the list. It ages with each major version. A new one is then taken to run on what the last one ran on: sites are
/// told of that cannot be, none is left out.
const LOWEST_PHP: [(Triple, &str); 4] =
    [([3, 10, 0], "5.3.10"), ([4, 0, 0], "7.2.5"), ([5, 0, 0], "8.1.0"), ([6, 0, 0], "8.3.0")];

/// What sites run: the last Joomla 3 and 4, and everything from 5 on. It ages slowly: once hardly anybody has Joomla 3, a range
/// for nothing else is not told of.
pub(crate) const JOOMLAS_IN_USE: [(Triple, Option<Triple>); 3] =
    [([3, 10, 0], Some([3, 11, 0])), ([4, 4, 0], Some([4, 5, 0])), ([5, 0, 0], None)];

/// A PHP as many sites have it: assumed where nobody says one. When it is old, only the assumption is.
pub(crate) const USUAL_PHP: &str = "8.3";

/// A MariaDB as many sites have it, likewise.
pub(crate) const USUAL_MARIADB: &str = "10.11";

/// Major versions that a product will not have for decades: a number from there on lost its dot, as in `81` for 8.1.
const PHP_WITHOUT_DOT: u32 = 20;
const MYSQL_WITHOUT_DOT: u32 = 50;
const MARIADB_WITHOUT_DOT: u32 = 100;
const POSTGRESQL_WITHOUT_DOT: u32 = 90;

/// `8.10` is a slip for 8.1: PHP has one minor version a year, and 8.5 came in 2025. Should there be an 8.10 (not before 2030),
/// `check` calls a release for it one that no site sees (a warning), until this goes.
const PHP_OF_ONE_DIGIT: u32 = 8;

/// MariaDB's long-lived major version. Who asks for a MySQL `10.6` or `10.11` means MariaDB. When Oracle brings out a MySQL
/// 10.1, `check` calls a release for it one that no site sees (a warning), until this goes. 10 and 10.0 are let through.
const MARIADB_TEN: u32 = 10;

/// The lowest PHP that a Joomla itself runs on; none for what is older than this project knows.
pub(crate) fn lowest_php(joomla: Triple) -> Option<&'static str> {
    LOWEST_PHP.iter().rev().find(|(since, _)| *since <= joomla).map(|&(_, php)| php)
}

/// Whether sites with this Joomla may have a PHP that is older than `below`.
pub(super) fn runs_below(joomla: Triple, below: &str) -> bool {
    lowest_php(joomla).is_none_or(|lowest| php_version_compare(lowest, below).is_lt())
}

/// Whether sites have a PHP of this version or may have it some day: whatever is no slip.
pub(super) fn may_be_php(version: &str) -> bool {
    let [major, minor] = beginning(version);
    major < PHP_WITHOUT_DOT && !(major <= PHP_OF_ONE_DIGIT && minor >= 10)
}

/// Whether sites have a database of this version or may have it some day: whatever is no slip.
pub(super) fn may_be_database(kind: DatabaseKind, version: &str) -> bool {
    let [major, minor] = beginning(version);
    match kind {
        DatabaseKind::Mysql => major < MYSQL_WITHOUT_DOT && !(major == MARIADB_TEN && minor >= 1),
        DatabaseKind::Mariadb => major < MARIADB_WITHOUT_DOT,
        DatabaseKind::Postgresql => major < POSTGRESQL_WITHOUT_DOT,
    }
}

/// Major and minor number. What is no number is 0, what is too long for one beyond every bound.
fn beginning(version: &str) -> [u32; 2] {
    let number = |part: Option<&str>| {
        let part = part.unwrap_or_default();
        let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| &part[..end]);
        if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) }
    };
    let mut parts = version.split('.');
    [number(parts.next()), number(parts.next())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_to_come_are_no_slips() {
        for php in ["5.3.10", "7.4.33", "8.1", "8.9", "9.0", "9.12", "10.1", ""] {
            assert!(may_be_php(php), "{php}");
        }
        for (kind, version) in [
            (DatabaseKind::Mysql, "5.7"),
            (DatabaseKind::Mysql, "8.0.13"),
            (DatabaseKind::Mysql, "8.4"),
            (DatabaseKind::Mysql, "10.0.1"),
            (DatabaseKind::Mysql, "11.2"),
            (DatabaseKind::Mariadb, "10.6"),
            (DatabaseKind::Mariadb, "15.1-MariaDB"),
            (DatabaseKind::Postgresql, "9.6"),
            (DatabaseKind::Postgresql, "27"),
        ] {
            assert!(may_be_database(kind, version), "{version}");
        }
    }

    #[test]
    fn lost_dots_and_other_products_are_slips() {
        for php in ["8.10", "7.40", "81", "8.99999999999", "99999999999"] {
            assert!(!may_be_php(php), "{php}");
        }
        for (kind, version) in [
            (DatabaseKind::Mysql, "10.6"),
            (DatabaseKind::Mysql, "10.11.2"),
            (DatabaseKind::Mysql, "80"),
            (DatabaseKind::Mariadb, "1011"),
            (DatabaseKind::Postgresql, "96"),
        ] {
            assert!(!may_be_database(kind, version), "{version}");
        }
    }

    #[test]
    fn a_joomla_that_nobody_knows_yet_runs_on_what_the_last_one_ran_on() {
        assert!(runs_below([4, 4, 0], "8.1"));
        assert!(!runs_below([5, 0, 0], "8.1"));
        assert!(runs_below([5, 0, 0], "8.1.1"));
        assert!(!runs_below([9, 0, 0], "8.3"));
        assert!(runs_below([2, 5, 0], "5.2"));
    }
}
