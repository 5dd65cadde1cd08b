//! Why a Joomla site's database gave no answer. What a database says of values may quote them, and here values are keys, user names
//! and mail addresses: only what is known to speak of names and settings is told, of all else the number.

use std::fmt;

use super::config::Dialect;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Connection,
    Users,
    Licenses,
    DownloadIds,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Users => "users",
            Self::Licenses => "licenses",
            Self::DownloadIds => "download IDs",
        })
    }
}

/// What went wrong, without any value.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{asked}: {text}")]
pub struct Fault {
    pub(super) asked: Asked,
    pub(super) kind: FaultKind,
    pub(super) text: String,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// Nobody can be asked.
    Away,
    /// A table is missing.
    Table,
    /// A column is missing.
    Column,
    /// The time limit of a question was over. Others may be answered at once.
    TooSlow,
    /// What was asked with is nothing that the database can compare: it has nothing of the kind.
    Value,
    /// There is an answer, and nobody knows what it means.
    Answer,
    /// Anything else.
    Other,
}

/// Classes of SQLSTATE (ISO 9075) whose messages speak of connections, transactions, accounts, databases, names and limits. Class 22
/// (data exceptions) quotes values, and so may MySQL's HY000.
const PLAIN_CLASSES: [&str; 8] = ["08", "25", "28", "3D", "42", "53", "57", "70"];

/// Too many connections of this user (`ER_TOO_MANY_USER_CONNECTIONS`, `ER_USER_LIMIT_REACHED`), which MySQL files under
/// syntax errors.
const MYSQL_LIMITS: [u16; 2] = [1203, 1226];

/// The time limit of a statement is over: MySQL's `ER_QUERY_TIMEOUT` and MariaDB's `ER_STATEMENT_TIMEOUT`.
const MYSQL_TIME_LIMITS: [u16; 2] = [3024, 1969];

impl Fault {
    /// An answer that is none.
    pub(super) fn of_answer(asked: Asked, text: impl Into<String>) -> Self {
        Self { asked, kind: FaultKind::Answer, text: text.into() }
    }

    pub(super) fn of(asked: Asked, error: &sqlx::Error) -> Self {
        let fault = |kind, text: String| Self { asked, kind, text };
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                let number =
                    error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(|error| error.number());
                let dialect = if number.is_some() { Dialect::Mysql } else { Dialect::Postgresql };
                let kind = kind(dialect, &code, number.unwrap_or_default());
                let is_plain = PLAIN_CLASSES.iter().any(|class| code.starts_with(class));
                let text = match is_plain {
                    _ if kind == FaultKind::TooSlow => "the query took longer than it may".to_owned(),
                    true => error.message().to_owned(),
                    false => format!("error {code}{}", number.map(|n| format!(" ({n})")).unwrap_or_default()),
                };
                fault(kind, text)
            }
            sqlx::Error::Io(error) => fault(FaultKind::Away, error.to_string()),
            sqlx::Error::Tls(error) => fault(FaultKind::Away, format!("TLS: {error}")),
            sqlx::Error::PoolTimedOut => fault(FaultKind::Away, "found no connection in time".into()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                fault(FaultKind::Away, "the connections are closed".into())
            }
            // Without TLS the crate has no way to send the password.
            sqlx::Error::Configuration(error) if error.to_string().contains("RSA") => fault(
                FaultKind::Away,
                "the account's password check (`caching_sha2_password`) wants TLS: set `tls = \"required\"`, or let the account \
                 log in by its socket"
                    .into(),
            ),
            sqlx::Error::Configuration(error) => fault(FaultKind::Away, error.to_string()),
            // `client_ed25519` and the like of MariaDB.
            sqlx::Error::Protocol(text) if text.starts_with("unknown authentication plugin") => fault(
                FaultKind::Away,
                "found a password check of the account that is not known here, expected `mysql_native_password` or \
                 `caching_sha2_password`"
                    .into(),
            ),
            sqlx::Error::Protocol(_) => fault(FaultKind::Away, "found an answer of another protocol".into()),
            _ => fault(FaultKind::Answer, "found an answer that cannot be read".into()),
        }
    }

    /// Whether the database cannot be asked at all.
    pub(crate) fn is_away(&self) -> bool {
        self.kind == FaultKind::Away
    }

    /// Whether the database was asked, and what it has cannot be read.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self.kind, FaultKind::Answer | FaultKind::Value)
    }
}

fn kind(dialect: Dialect, code: &str, number: u16) -> FaultKind {
    let is_too_slow = match dialect {
        Dialect::Mysql => MYSQL_TIME_LIMITS.contains(&number),
        // `query_canceled`, which a time limit leads to (PostgreSQL, "Error Codes").
        Dialect::Postgresql => code == "57014",
    };
    match code {
        _ if is_too_slow => FaultKind::TooSlow,
        _ if dialect == Dialect::Mysql && MYSQL_LIMITS.contains(&number) => FaultKind::Away,
        // Shut down, starting up; too many connections. Who may not log in, or finds no such database, can ask nothing either.
        "53300" | "57P01" | "57P02" | "57P03" => FaultKind::Away,
        code if ["08", "28", "3D"].iter().any(|class| code.starts_with(class)) => FaultKind::Away,
        "42S02" | "42P01" => FaultKind::Table,
        "42S22" | "42703" => FaultKind::Column,
        code if code.starts_with("22") => FaultKind::Value,
        // `ER_BAD_DB_ERROR` and `ER_DBACCESS_DENIED_ERROR`.
        "42000" if dialect == Dialect::Mysql && [1044, 1049].contains(&number) => FaultKind::Away,
        _ => FaultKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_away_when_nobody_can_ask_it() {
        for (dialect, code, number) in [
            (Dialect::Mysql, "08004", 1040),
            (Dialect::Mysql, "28000", 1045),
            (Dialect::Mysql, "42000", 1049),
            (Dialect::Mysql, "42000", 1203),
            (Dialect::Postgresql, "08006", 0),
            (Dialect::Postgresql, "28P01", 0),
            (Dialect::Postgresql, "3D000", 0),
            (Dialect::Postgresql, "53300", 0),
            (Dialect::Postgresql, "57P03", 0),
        ] {
            assert_eq!(kind(dialect, code, number), FaultKind::Away, "{code} {number}");
        }
    }

    #[test]
    fn what_one_question_led_to_does_not_keep_others_from_asking() {
        for (dialect, code, number, expected) in [
            (Dialect::Mysql, "70100", 1969, FaultKind::TooSlow),
            (Dialect::Mysql, "HY000", 3024, FaultKind::TooSlow),
            (Dialect::Postgresql, "57014", 0, FaultKind::TooSlow),
            (Dialect::Mysql, "42S02", 1064, FaultKind::Table),
            (Dialect::Postgresql, "42P01", 0, FaultKind::Table),
            (Dialect::Mysql, "42S22", 1064, FaultKind::Column),
            (Dialect::Postgresql, "42703", 0, FaultKind::Column),
            (Dialect::Postgresql, "22021", 0, FaultKind::Value),
            (Dialect::Mysql, "42000", 1064, FaultKind::Other),
            (Dialect::Mysql, "HY000", 1064, FaultKind::Other),
        ] {
            assert_eq!(kind(dialect, code, number), expected, "{code}");
        }
    }
}
