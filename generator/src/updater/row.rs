//! A row of `#__updates`: what becomes of the newest entry that fits (`libraries/src/Updater/Updater.php`,
//! `libraries/src/Table/Update.php`, `installation/sql/mysql/base.sql`).

use bandari_catalog::version::{MAX_VERSION_CHARS, php_version_compare};

use super::decision::{Aborted, Misfit, Mismatch, Outcome};
use super::line::Line;
use super::profile::{DatabaseKind, Installed, Profile};
use super::requirements::is_same;

/// Characters that the columns take.
const LIMITS: [(&str, usize); 5] =
    [("name", 100), ("element", 100), ("type", 20), ("folder", 20), ("version", 32)];

/// Bytes that a `TEXT` column takes.
const MAX_TEXT_BYTES: usize = 65_535;

/// What the updater compares and stores.
pub(super) struct Row<'e> {
    pub(super) entry: usize,
    pub(super) name: Option<&'e str>,
    pub(super) element: Option<&'e str>,
    pub(super) kind: Option<&'e str>,
    pub(super) folder: &'e str,
    pub(super) client: Client<'e>,
    /// A property of the row that is no column, when there is one.
    pub(super) stranger: Option<&'static str>,
    pub(super) version: Option<&'e str>,
    /// Columns of type `TEXT`.
    pub(super) texts: [(&'static str, Option<&'e str>); 4],
}

/// The client of an entry, as Joomla reads it.
pub(super) struct Client<'e> {
    /// As the feed writes it.
    written: Option<&'e str>,
    id: ClientId,
}

/// A value for the column `client_id`.
#[derive(Clone, Copy, PartialEq)]
enum ClientId {
    Number(f64),
    /// No client has this name or number, so PHP makes nothing of it.
    Nothing,
}

const ADMINISTRATOR: f64 = 1.0;

impl<'e> Client<'e> {
    /// Of an entry's `<client>` (`ExtensionAdapter::findUpdate`).
    pub(super) fn of_element(written: Option<&'e str>, line: &Line) -> Self {
        let id = match written {
            None | Some("") => ClientId::Number(ADMINISTRATOR),
            Some(text) => match php_number(text) {
                // They are keys of an array there: ` 1` is none of them.
                Some(number) if line.knows_numbers_of_clients => {
                    let is_known = line.clients.iter().any(|(_, id)| id.to_string() == text);
                    if is_known { ClientId::Number(number) } else { ClientId::Nothing }
                }
                Some(number) => ClientId::Number(number),
                None => by_name(text, line),
            },
        };
        Self { written, id }
    }

    /// Of the attribute of a collection's row, which is a name and nothing else (`CollectionAdapter::_startElement`).
    pub(super) fn of_attribute(written: Option<&'e str>, line: &Line) -> Self {
        Self { written, id: by_name(written.unwrap_or("site"), line) }
    }
}

fn by_name(text: &str, line: &Line) -> ClientId {
    let known = line.clients.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map_or(ClientId::Nothing, |&(_, id)| ClientId::Number(id.into()))
}

/// `is_numeric` of PHP 8: a decimal number with blanks around it.
fn php_number(text: &str) -> Option<f64> {
    let blanks = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];
    let trimmed = text.trim_matches(blanks);
    let is_plain = trimmed.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    trimmed.parse().ok().filter(|_| is_plain)
}

impl Client<'_> {
    /// What PostgreSQL says of a `client_id` that it cannot read as a number. MySQL takes it for 0, or for what it begins with.
    fn strange_to_postgresql(&self) -> Option<String> {
        let text = match self.id {
            ClientId::Nothing => "",
            ClientId::Number(_) => self.written.unwrap_or_default(),
        };
        let is_name = self.id != ClientId::Nothing && php_number(text).is_none();
        let is_number = text.trim().parse::<i16>().is_ok();
        (!is_name && !is_number).then(|| format!("invalid input syntax for type smallint: \"{text}\""))
    }
}

impl Row<'_> {
    /// Whose update it is, whether it is newer, whether it can be stored.
    pub(super) fn outcome(&self, site: &Profile) -> Outcome {
        let version = self.version.unwrap_or_default();
        if site.database.kind == DatabaseKind::Postgresql
            && let Some(error) = self.client.strange_to_postgresql()
        {
            return Outcome::Aborted(Aborted { line: None, error });
        }
        let mismatches = site.installed.as_ref().map(|installed| self.mismatches(installed, site));
        let is_installed = mismatches.as_ref().is_some_and(Vec::is_empty);
        if is_installed && let Some(installed) = self.newer_or_equal(site) {
            return Outcome::UpToDate { version: version.to_owned(), entry: self.entry, installed };
        }
        if let Some(column) = self.stranger.filter(|_| site.stores_strangers()) {
            let error = format!("Unknown column '{column}' in 'field list'");
            return Outcome::Aborted(Aborted { line: None, error });
        }
        let misfit = self.misfit(site);
        // Joomla 3 catches no errors of the database, and only MySQL it asks to be lenient.
        if let Some(misfit) = misfit.as_ref().filter(|_| !site.joomla.line().has_strict_tables) {
            return Outcome::Aborted(Aborted { line: None, error: postgresql_error(misfit) });
        }
        if let Some(because) = misfit {
            return Outcome::Dropped { version: version.to_owned(), entry: self.entry, because };
        }
        if !is_installed {
            let mismatches = mismatches.unwrap_or_default();
            return Outcome::NotInstalled { version: version.to_owned(), entry: self.entry, mismatches };
        }
        // What a lenient MySQL cuts, the list shows cut.
        let version = version.chars().take(MAX_VERSION_CHARS).collect();
        Outcome::Offered { version, entry: self.entry }
    }

    /// The installed version, when the entry's is not greater.
    fn newer_or_equal(&self, site: &Profile) -> Option<String> {
        let installed = site.installed.as_ref()?.version.as_ref()?;
        let is_newer = php_version_compare(self.version.unwrap_or_default(), installed).is_gt();
        (!is_newer).then(|| installed.clone())
    }

    fn mismatches(&self, installed: &Installed, site: &Profile) -> Vec<Mismatch> {
        let database = site.database.kind;
        let texts = [
            ("element", self.element, installed.element.as_str()),
            ("type", self.kind, installed.kind.as_str()),
            ("folder", Some(self.folder), installed.folder.as_str()),
        ];
        let differ = texts
            .into_iter()
            .filter(|(_, feed, installed)| !is_same(database, feed.unwrap_or_default(), installed));
        let mut mismatches: Vec<Mismatch> = differ
            .map(|(field, feed, installed)| Mismatch {
                field,
                feed: feed.filter(|text| !text.is_empty()).map(str::to_owned),
                taken_as: None,
                installed: installed.to_owned(),
            })
            .collect();
        mismatches.extend(self.other_client(installed));
        mismatches
    }

    fn other_client(&self, installed: &Installed) -> Option<Mismatch> {
        // An empty text is 0 to MySQL.
        let number = match self.client.id {
            ClientId::Number(number) => number,
            ClientId::Nothing => 0.0,
        };
        let wanted = site_number(installed);
        (number != f64::from(wanted)).then(|| Mismatch {
            field: "client",
            feed: self.client.written.filter(|text| !text.is_empty()).map(str::to_owned),
            taken_as: Some(client_name(number)),
            installed: client_name(f64::from(wanted)),
        })
    }

    /// What the columns cannot take. Joomla 3 has MySQL cut it.
    fn misfit(&self, site: &Profile) -> Option<Misfit> {
        let postgresql = site.database.kind == DatabaseKind::Postgresql;
        if !site.joomla.line().has_strict_tables && !postgresql {
            return None;
        }
        // Without a name the table's `check` stops before it fills the columns that must have a value.
        let blanks = [' ', '\t', '\n', '\r', '\0', '\u{b}'];
        let is_blank = |text: Option<&str>| text.unwrap_or_default().trim_matches(blanks).is_empty();
        if let Some((column, _)) =
            [("name", self.name), ("element", self.element)].iter().find(|(_, text)| is_blank(*text))
        {
            return Some(Misfit::Blank { column });
        }
        let fills = site.joomla.line().has_strict_tables;
        let is_left_empty =
            |column: &str, text: Option<&str>| column != "changelogurl" && text.is_none() && !fills;
        if let Some((column, _)) = self.texts.iter().find(|(column, text)| is_left_empty(column, *text)) {
            return Some(Misfit::Blank { column });
        }
        if let Some((column, _)) =
            self.texts.iter().find(|(column, text)| *column == "detailsurl" && text.is_none())
        {
            return Some(Misfit::Blank { column });
        }
        let values = [self.name, self.element, self.kind, Some(self.folder), self.version];
        let too_long = LIMITS.iter().zip(values).find_map(|(&(column, limit), value)| {
            let length = kept(value, site.database.kind).chars().count();
            (length > limit).then_some(Misfit::TooLong { column, length, limit })
        });
        let too_large = || {
            self.texts.iter().find_map(|&(column, text)| {
                let length = kept(text, site.database.kind).len();
                let limit = MAX_TEXT_BYTES;
                (length > limit && !postgresql).then_some(Misfit::TooLong { column, length, limit })
            })
        };
        too_long.or_else(too_large)
    }
}

impl Profile {
    /// Whether its Joomla has MySQL store whatever properties a row has, columns or not (3.10's `insertObject`; PostgreSQL's
    /// and newer ones pass over them).
    fn stores_strangers(&self) -> bool {
        self.joomla.line().stores_strangers && self.database.kind != DatabaseKind::Postgresql
    }
}

/// What of a value counts for its length: blanks at the end that are too many are cut without a word, by strict databases, too.
/// To MySQL and MariaDB line breaks and tabs are blanks as well.
fn kept(value: Option<&str>, database: DatabaseKind) -> &str {
    let value = value.unwrap_or_default();
    match database {
        DatabaseKind::Postgresql => value.trim_end_matches(' '),
        _ => value.trim_end_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']),
    }
}

fn postgresql_error(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Blank { column } => format!("null value in column \"{column}\" violates not-null constraint"),
        Misfit::TooLong { limit, .. } => format!("value too long for type character varying({limit})"),
    }
}

fn site_number(installed: &Installed) -> i32 {
    match installed.client {
        bandari_catalog::v1::Client::Site => 0,
        bandari_catalog::v1::Client::Administrator => 1,
    }
}

fn client_name(number: f64) -> String {
    match number {
        0.0 => "site".to_owned(),
        1.0 => "administrator".to_owned(),
        2.0 => "installation".to_owned(),
        3.0 => "api".to_owned(),
        4.0 => "cli".to_owned(),
        other => other.to_string(),
    }
}
