//! The table `[joomla]` of `validator.toml`: where the database of a Joomla site is, and who of its users may download what.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bandari_catalog::names::GroupId;
use serde::Deserialize;

use super::queries;
use super::statement::Statement;

/// Connections of a validator at most, where the configuration says nothing: a look-up takes a millisecond.
const DEFAULT_MAX_CONNECTIONS: u32 = 8;

/// Most connections that may be configured: databases take 100 to 151 of all their clients by default (PostgreSQL and MySQL,
/// `max_connections`), and the site itself needs some.
const MAX_MAX_CONNECTIONS: u32 = 100;

/// The table as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoomlaTable {
    database: Dialect,
    host: Option<String>,
    port: Option<u16>,
    socket: Option<PathBuf>,
    name: String,
    user: String,
    password_file: Option<PathBuf>,
    prefix: String,
    tls: Option<Tls>,
    ca_file: Option<PathBuf>,
    max_connections: Option<u32>,
    #[serde(default)]
    user_groups: BTreeMap<GroupId, Vec<u32>>,
    licenses: Option<LicensesTable>,
    download_ids: Option<DownloadIdsTable>,
}

/// `[joomla.licenses]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LicensesTable {
    preset: Option<LicensesPreset>,
    table: Option<String>,
    query: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LicensesPreset {
    Subscriptions,
}

/// `[joomla.download_ids]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DownloadIdsTable {
    preset: Option<DownloadIdsPreset>,
    query: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum DownloadIdsPreset {
    Ars,
}

/// The kinds of databases that Joomla 4 to 6 run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// MariaDB, too.
    Mysql,
    Postgresql,
}

impl Dialect {
    /// An expression as text, which is how everything is read.
    pub(super) fn text_of(self, expression: &str) -> String {
        match self {
            Self::Mysql => format!("CAST({expression} AS CHAR)"),
            Self::Postgresql => format!("CAST({expression} AS text)"),
        }
    }

    /// A name that would be a word of SQL without quotes.
    pub(super) fn quoted(self, name: &str) -> String {
        match self {
            Self::Mysql => format!("`{name}`"),
            Self::Postgresql => format!("\"{name}\""),
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Mysql => 3306,
            Self::Postgresql => 5432,
        }
    }
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tls {
    /// With a certificate that is good for the host.
    Required,
    /// Not at all, which is for databases on this machine.
    None,
}

/// Where the database listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Tcp {
        host: String,
        port: u16,
        is_encrypted: bool,
    },
    /// The socket; PostgreSQL's name their folder, and the port tells which it is.
    Socket {
        path: PathBuf,
        port: u16,
    },
}

/// How it is found out whose an imported key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DownloadIds {
    /// Akeeba Release System 7.
    Ars(Statement),
    /// The vendor's own query.
    Query(Statement),
}

/// A Joomla site's database, complete and checked. It holds no secrets, only the places where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoomlaConfig {
    pub(super) dialect: Dialect,
    pub(super) address: Address,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) password_file: Option<PathBuf>,
    pub(super) prefix: String,
    /// Certificates in PEM that are trusted besides the public ones.
    pub(super) ca_file: Option<PathBuf>,
    pub(super) max_connections: u32,
    /// Ids of Joomla user groups, by group of the catalog.
    pub(super) user_groups: BTreeMap<GroupId, Vec<u32>>,
    pub(super) licenses: Option<Statement>,
    pub(super) download_ids: Option<DownloadIds>,
}

impl JoomlaConfig {
    /// Checks a table; relative paths count from `folder`.
    ///
    /// # Errors
    /// Tells the key, what was found and what was expected.
    pub(crate) fn of(table: JoomlaTable, folder: &Path) -> Result<Self, String> {
        let (dialect, prefix) = (table.database, table.prefix);
        if prefix.is_empty() || !is_name(&prefix) {
            return Err(format!(
                "`joomla.prefix`: found `{}`, expected letters, digits and `_`, such as `jos_`",
                prefix.escape_debug()
            ));
        }
        let has_password = table.password_file.is_some();
        let address = address(dialect, table.host, table.port, table.socket, table.tls)?;
        let is_encrypted = matches!(address, Address::Tcp { is_encrypted: true, .. });
        if table.ca_file.is_some() && !is_encrypted {
            return Err(
                "`joomla.ca_file`: found it for a connection without TLS, which asks for no certificate"
                    .into(),
            );
        }
        if !has_password && matches!(address, Address::Tcp { .. }) {
            return Err("`joomla.password_file`: found none, expected one with `host`".into());
        }
        let max_connections = table.max_connections.unwrap_or(DEFAULT_MAX_CONNECTIONS);
        if !(1..=MAX_MAX_CONNECTIONS).contains(&max_connections) {
            return Err(format!(
                "`joomla.max_connections`: found {max_connections}, expected 1 to {MAX_MAX_CONNECTIONS}"
            ));
        }
        for (group, ids) in &table.user_groups {
            if ids.contains(&0) {
                return Err(format!(
                    "`joomla.user_groups.{group}`: found 0, expected ids of Joomla user groups"
                ));
            }
        }
        let licenses =
            table.licenses.map(|licenses| license_statement(licenses, dialect, &prefix)).transpose()?;
        let download_ids =
            table.download_ids.map(|ids| download_id_statement(ids, dialect, &prefix)).transpose()?;
        Ok(Self {
            dialect,
            address,
            name: table.name,
            user: table.user,
            password_file: table.password_file.map(|file| folder.join(file)),
            prefix,
            ca_file: table.ca_file.map(|file| folder.join(file)),
            max_connections,
            user_groups: table.user_groups,
            licenses,
            download_ids,
        })
    }

    /// What must not be served to everybody, by the key that names it.
    pub(crate) fn secret_path(&self) -> Option<(&'static str, &PathBuf)> {
        self.password_file.as_ref().map(|file| ("joomla.password_file", file))
    }

    /// The database, for messages.
    pub(super) fn place(&self) -> String {
        match &self.address {
            Address::Tcp { host, port, .. } => format!("`{}` at `{host}:{port}`", self.name),
            Address::Socket { path, .. } => format!("`{}` at `{}`", self.name, path.display()),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn address(
    dialect: Dialect,
    host: Option<String>,
    port: Option<u16>,
    socket: Option<PathBuf>,
    tls: Option<Tls>,
) -> Result<Address, String> {
    let port = port.unwrap_or_else(|| dialect.default_port());
    let host = match (host, socket) {
        (Some(host), None) if !host.is_empty() && !host.starts_with('/') => host,
        (None, Some(_)) if tls == Some(Tls::Required) => {
            return Err(
                "`joomla.tls`: found `required` beside `socket`, which has no TLS and needs none".into()
            );
        }
        (None, Some(path)) if path.is_absolute() => return Ok(Address::Socket { path, port }),
        (None, Some(path)) => {
            return Err(format!(
                "`joomla.socket`: found `{}`, expected a path that begins with `/`",
                path.display()
            ));
        }
        _ => return Err("`joomla`: expected either `host` or `socket`".into()),
    };
    // Whoever listens on the way would read the password hashes of all users.
    let is_at_hand = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let is_encrypted = tls != Some(Tls::None);
    if !is_encrypted && !is_at_hand {
        return Err(format!(
            "`joomla.tls`: found `none` for the host `{}`, expected `required`: only a database on this machine may do \
             without",
            host.escape_debug()
        ));
    }
    Ok(Address::Tcp { host, port, is_encrypted })
}

fn license_statement(table: LicensesTable, dialect: Dialect, prefix: &str) -> Result<Statement, String> {
    match table {
        LicensesTable { preset: Some(LicensesPreset::Subscriptions), table, query: None } => {
            let table = table.unwrap_or_else(|| "#__subscriptions".to_owned());
            if !is_name(table.strip_prefix("#__").unwrap_or(&table)) || table.is_empty() {
                return Err(format!(
                    "`joomla.licenses.table`: found `{}`, expected the name of a table, such as `#__subscriptions`",
                    table.escape_debug()
                ));
            }
            queries::licenses(&queries::subscriptions(&table), dialect, prefix)
        }
        LicensesTable { preset: None, table: None, query: Some(query) } => {
            queries::licenses(&query, dialect, prefix)
        }
        LicensesTable { table: Some(_), .. } => {
            return Err("`joomla.licenses.table`: found it without `preset = \"subscriptions\"`".into());
        }
        _ => return Err("`joomla.licenses`: expected either `preset` or `query`".into()),
    }
    .map_err(|error| format!("`joomla.licenses.query`: {error}"))
}

fn download_id_statement(
    table: DownloadIdsTable,
    dialect: Dialect,
    prefix: &str,
) -> Result<DownloadIds, String> {
    match table {
        DownloadIdsTable { preset: Some(DownloadIdsPreset::Ars), query: None } => {
            Ok(DownloadIds::Ars(queries::ars_download_ids(dialect, prefix)))
        }
        DownloadIdsTable { preset: None, query: Some(query) } => {
            let statement = queries::download_ids(&query, dialect, prefix);
            statement.map(DownloadIds::Query).map_err(|error| format!("`joomla.download_ids.query`: {error}"))
        }
        _ => Err("`joomla.download_ids`: expected either `preset` or `query`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_HAND: &str = "database = 'mysql'\nname = 'joomla'\nuser = 'bandari'\nprefix = 'jos_'\n";

    fn joomla(lines: &str) -> Result<JoomlaConfig, String> {
        let table = toml::from_str(&format!("{AT_HAND}{lines}")).map_err(|error| error.to_string())?;
        JoomlaConfig::of(table, Path::new("/etc/shop"))
    }

    #[test]
    fn a_database_elsewhere_is_asked_by_tls_alone() {
        let config = joomla("host = 'db.example.org'\npassword_file = 'secrets/db'").unwrap();
        let expected = Address::Tcp { host: "db.example.org".to_owned(), port: 3306, is_encrypted: true };
        assert_eq!(config.address, expected);
        assert_eq!(config.password_file.as_deref(), Some(Path::new("/etc/shop/secrets/db")));
        for host in ["db.example.org", "10.0.0.1", "localhost.example.org"] {
            let error = joomla(&format!("host = '{host}'\npassword_file = 'p'\ntls = 'none'")).unwrap_err();
            assert!(
                error.starts_with(&format!("`joomla.tls`: found `none` for the host `{host}`")),
                "{error}"
            );
        }
        for host in ["localhost", "127.0.0.1", "::1"] {
            let config = joomla(&format!("host = '{host}'\npassword_file = 'p'\ntls = 'none'")).unwrap();
            assert!(matches!(config.address, Address::Tcp { is_encrypted: false, .. }));
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (lines, expected) in [
            ("", "`joomla`: expected either `host` or `socket`"),
            ("host = ''", "`joomla`: expected either `host` or `socket`"),
            ("host = 'h'\nsocket = '/s'", "`joomla`: expected either `host` or `socket`"),
            ("socket = 's'", "`joomla.socket`: found `s`, expected a path that begins with `/`"),
            ("host = 'h'", "`joomla.password_file`: found none, expected one with `host`"),
            (
                "socket = '/s'\ntls = 'required'",
                "`joomla.tls`: found `required` beside `socket`, which has no TLS and needs none",
            ),
            (
                "socket = '/s'\nca_file = 'ca.pem'",
                "`joomla.ca_file`: found it for a connection without TLS, which asks for no certificate",
            ),
            ("socket = '/s'\nmax_connections = 0", "`joomla.max_connections`: found 0, expected 1 to 100"),
            (
                "socket = '/s'\n[user_groups]\nredj = [0]",
                "`joomla.user_groups.redj`: found 0, expected ids of Joomla user groups",
            ),
            ("socket = '/s'\n[licenses]\n", "`joomla.licenses`: expected either `preset` or `query`"),
            (
                "socket = '/s'\n[licenses]\nquery = 'SELECT 1'\ntable = 't'",
                "`joomla.licenses.table`: found it without `preset = \"subscriptions\"`",
            ),
            (
                "socket = '/s'\n[licenses]\npreset = 'subscriptions'\ntable = 'a b'",
                "`joomla.licenses.table`: found `a b`, expected the name of a table, such as `#__subscriptions`",
            ),
            (
                "socket = '/s'\n[licenses]\nquery = 'SELECT 1 WHERE 1 = :user'",
                "`joomla.licenses.query`: found no `:group`, expected it in the condition",
            ),
            ("socket = '/s'\n[download_ids]\n", "`joomla.download_ids`: expected either `preset` or `query`"),
            (
                "socket = '/s'\n[download_ids]\nquery = 'SELECT 1 AS user_id'",
                "`joomla.download_ids.query`: found no `:key`, expected it in the condition",
            ),
        ] {
            assert_eq!(joomla(lines), Err(expected.to_owned()), "{lines}");
        }
    }

    #[test]
    fn a_prefix_is_a_name_and_nothing_else() {
        for prefix in ["", "jos-", "jos_; DROP", "`"] {
            let text = AT_HAND.replace("jos_", prefix);
            let table = toml::from_str(&format!("{text}socket = '/s'")).unwrap();
            let error = JoomlaConfig::of(table, Path::new("")).unwrap_err();
            assert!(error.starts_with(&format!("`joomla.prefix`: found `{prefix}`, expected")), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        for (lines, unknown) in [
            ("hosst = 'h'", "unknown field `hosst`"),
            ("tls = 'maybe'", "unknown variant `maybe`"),
            ("[licenses]\npreset = 'ars'", "unknown variant `ars`"),
            ("[download_ids]\npresett = 'ars'", "unknown field `presett`"),
        ] {
            let error = joomla(&format!("socket = '/s'\n{lines}")).unwrap_err();
            assert!(error.contains(unknown), "{error}");
        }
    }
}
