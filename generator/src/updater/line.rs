//! What differs between Joomla's versions, as data.

/// How a run of Joomla versions updates extensions.
#[derive(Debug)]
pub struct Line {
    /// Its first version; it ends where the next one begins.
    pub since: [u32; 3],
    /// Client names that `<client>` may give, with their numbers (`libraries/src/Application/ApplicationHelper.php`).
    pub clients: &'static [(&'static str, i32)],
    /// Whether a `<client>` that is a number must be that of a client.
    pub knows_numbers_of_clients: bool,
    /// Whether a property of a row that is no column, such as an empty `<client>`, ends in an exception of MySQL.
    pub stores_strangers: bool,
    /// Whether the check finds the attributes of `<supported_databases>`. 3.10 looks for lower case where the parser gives
    /// upper case.
    pub finds_databases: bool,
    /// Whether messages name the database by its driver (`MySQLi`), else by its own name (`MariaDB`).
    pub names_database_drivers: bool,
    /// Whether MySQL and MariaDB are asked to refuse what does not fit into a column, else they cut it.
    pub has_strict_tables: bool,
    /// Whether the installation holds `min_dev_level` and `max_dev_level` to the patch number.
    pub knows_patch_bounds: bool,
    /// Whether a wrong checksum ends the installation.
    pub stops_at_wrong_checksum: bool,
    /// Whether a missing checksum is told.
    pub tells_missing_checksum: bool,
    /// Whether blanks around a checksum are cut off.
    pub trims_checksums: bool,
    /// Whether `</updates>` forgets the addresses of `<downloadsource>` before it, so that none is tried when the first one
    /// fails.
    pub forgets_mirrors: bool,
    /// Whether the list shows what a release changed.
    pub has_changelogs: bool,
    /// Whether a tab in a download key becomes `_`, else nothing is requested.
    pub mends_tabs_in_keys: bool,
    /// Whether an error of the installation, other than in its parser, is caught and told.
    pub catches_errors: bool,
    /// Whether the request for a package tells the Joomla version.
    pub names_itself_to_packages: bool,
}

const CLIENTS_OF_3: &[(&str, i32)] = &[("site", 0), ("administrator", 1), ("installation", 2)];
const CLIENTS: &[(&str, i32)] =
    &[("site", 0), ("administrator", 1), ("installation", 2), ("api", 3), ("cli", 4)];

const JOOMLA_3_10: Line = Line {
    since: [3, 10, 0],
    clients: CLIENTS_OF_3,
    knows_numbers_of_clients: true,
    stores_strangers: true,
    finds_databases: false,
    names_database_drivers: true,
    has_strict_tables: false,
    knows_patch_bounds: true,
    stops_at_wrong_checksum: false,
    tells_missing_checksum: false,
    trims_checksums: false,
    forgets_mirrors: false,
    has_changelogs: false,
    mends_tabs_in_keys: false,
    catches_errors: false,
    names_itself_to_packages: false,
};

const JOOMLA_4: Line = Line {
    since: [4, 0, 0],
    clients: CLIENTS,
    knows_numbers_of_clients: false,
    stores_strangers: false,
    finds_databases: true,
    names_database_drivers: false,
    has_strict_tables: true,
    knows_patch_bounds: false,
    stops_at_wrong_checksum: true,
    tells_missing_checksum: true,
    trims_checksums: false,
    forgets_mirrors: true,
    has_changelogs: true,
    mends_tabs_in_keys: true,
    catches_errors: false,
    names_itself_to_packages: true,
};

const JOOMLA_5_2_2: Line = Line { since: [5, 2, 2], catches_errors: true, ..JOOMLA_4 };
const JOOMLA_5_4_1: Line = Line { since: [5, 4, 1], trims_checksums: true, ..JOOMLA_5_2_2 };
const JOOMLA_6: Line = Line { since: [6, 0, 0], names_itself_to_packages: false, ..JOOMLA_5_2_2 };
const JOOMLA_6_0_1: Line = Line { since: [6, 0, 1], trims_checksums: true, ..JOOMLA_6 };
const JOOMLA_6_0_3: Line = Line { since: [6, 0, 3], names_itself_to_packages: true, ..JOOMLA_6_0_1 };

/// All lines, oldest first. What comes after the last version that is known updates like it.
const LINES: &[Line] =
    &[JOOMLA_3_10, JOOMLA_4, JOOMLA_5_2_2, JOOMLA_5_4_1, JOOMLA_6, JOOMLA_6_0_1, JOOMLA_6_0_3];

impl Line {
    /// The line of a version. What was before 3.10 is taken for 3.10.
    #[must_use]
    pub fn of(version: [u32; 3]) -> &'static Self {
        LINES.iter().rev().find(|line| line.since <= version).unwrap_or(&LINES[0])
    }
}
