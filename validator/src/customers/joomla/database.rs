//! Connections to a Joomla site's database. They only read, whatever they are asked, and no question takes longer than a look-up
//! may.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions, MySqlSslMode};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection, Pool, Row};

use crate::error::Error;
use crate::secrets;
use crate::store::Connections;

use super::config::{Address, Dialect, JoomlaConfig};
use super::fault::{Asked, Fault};
use super::statement::{Statement, Value};

/// After how long an idle connection is given up: before most servers do so (`wait_timeout` of shared hosts is a minute).
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// What is left of a look-up's time when there is no connection: enough to say so.
const TIME_TO_TELL: Duration = Duration::from_millis(100);

/// For how long a connection that goes back to the others may take to say that it is alive.
const GIVE_BACK_LIMIT: Duration = Duration::from_secs(2);

/// The time of a look-up, less that for connecting and for the shorter questions: who waits for one that takes longer shall learn
/// that this one does, and not that nobody answers, which would keep all others from asking.
fn question_limit(time_limit: Duration) -> Duration {
    time_limit * 3 / 4
}

/// What opens the database. It has no `Debug`.
#[derive(Clone)]
pub(super) struct Access {
    password: Option<SecretString>,
    /// Certificates in PEM.
    certificates: Option<Vec<u8>>,
}

impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        let (one, other_one) = (self.password.as_ref(), other.password.as_ref());
        one.map(ExposeSecret::expose_secret) == other_one.map(ExposeSecret::expose_secret)
            && self.certificates == other.certificates
    }
}

impl Access {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file; [`Error::Io`].
    pub(super) fn read(config: &JoomlaConfig) -> Result<Self, Error> {
        let read_certificates = |file: &Path| std::fs::read(file).map_err(Error::io("read", file));
        Ok(Self {
            password: config.password_file.as_deref().map(secrets::read_password).transpose()?,
            certificates: config.ca_file.as_deref().map(read_certificates).transpose()?,
        })
    }
}

/// A row: its columns as text.
pub(super) type TextRow = Vec<Option<String>>;

/// The connections, made when they are needed.
pub(super) enum Database {
    Mysql(MySqlPool),
    Postgresql(PgPool),
}

impl Database {
    /// Connects to nothing yet. `time_limit` is that of a look-up.
    pub(super) fn new(config: &JoomlaConfig, access: &Access, time_limit: Duration) -> Self {
        let question_limit = question_limit(time_limit);
        match config.dialect {
            Dialect::Mysql => {
                let pool = MySqlPoolOptions::new()
                    .max_connections(config.max_connections)
                    .acquire_timeout(time_limit.saturating_sub(TIME_TO_TELL))
                    .idle_timeout(IDLE_TIMEOUT)
                    .after_connect(move |connection, _| Box::pin(restrict_mysql(connection, question_limit)));
                Self::Mysql(pool.connect_lazy_with(mysql_options(config, access)))
            }
            Dialect::Postgresql => {
                let restrict = format!(
                    "SET default_transaction_read_only = on; SET statement_timeout = {}",
                    question_limit.as_millis()
                );
                let pool = PgPoolOptions::new()
                    .max_connections(config.max_connections)
                    .acquire_timeout(time_limit.saturating_sub(TIME_TO_TELL))
                    .idle_timeout(IDLE_TIMEOUT)
                    .after_connect(move |connection, _| {
                        let restrict = restrict.clone();
                        Box::pin(async move {
                            // Our own text and a number.
                            connection.execute(sqlx::raw_sql(AssertSqlSafe(restrict))).await.map(drop)
                        })
                    });
                Self::Postgresql(pool.connect_lazy_with(postgresql_options(config, access)))
            }
        }
    }

    /// Connects once, to find out what is in the way: the pool would go on trying.
    ///
    /// # Errors
    /// Why there is no connection.
    pub(super) async fn try_to_connect(&self, time_limit: Duration) -> Result<(), Fault> {
        let connecting = async {
            match self {
                Self::Mysql(pool) => pool.connect_options().connect().await?.close().await,
                Self::Postgresql(pool) => pool.connect_options().connect().await?.close().await,
            }
        };
        let connected = tokio::time::timeout(time_limit, connecting).await;
        connected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| match error {
            sqlx::Error::PoolTimedOut => Fault {
                text: format!("found nobody who answers within {} s", time_limit.as_secs()),
                ..Fault::of(Asked::Connection, &error)
            },
            error => Fault::of(Asked::Connection, &error),
        })
    }

    /// The connections that are open now.
    pub(super) fn connections(&self) -> Connections {
        let (size, idle) = match self {
            Self::Mysql(pool) => (pool.size(), pool.num_idle()),
            Self::Postgresql(pool) => (pool.size(), pool.num_idle()),
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        Connections { used: size.saturating_sub(idle), idle }
    }

    /// What the database answers.
    ///
    /// # Errors
    /// A [`Fault`], which holds no value.
    pub(super) async fn ask(
        &self,
        asked: Asked,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<TextRow>, Fault> {
        self.rows(statement, values).await.map_err(|error| Fault::of(asked, &error))
    }

    async fn rows(&self, statement: &Statement, values: &[Value<'_>]) -> Result<Vec<TextRow>, sqlx::Error> {
        // Texts are those of `queries` and of the configuration, as `statement` compiles them; values are bound.
        let text = AssertSqlSafe(statement.text.clone());
        match self {
            Self::Mysql(pool) => {
                let rows = Lent::by(pool).await?.rows(bound(sqlx::query(text), values)).await?;
                rows.iter().map(texts).collect()
            }
            Self::Postgresql(pool) => {
                let rows = Lent::by(pool).await?.rows(bound(sqlx::query(text), values)).await?;
                rows.iter().map(texts).collect()
            }
        }
    }
}

/// A query with its values.
fn bound<'q, D>(query: Query<'q, D, D::Arguments>, values: &[Value<'q>]) -> Query<'q, D, D::Arguments>
where
    D: sqlx::Database,
    i64: sqlx::Encode<'q, D> + sqlx::Type<D>,
    &'q str: sqlx::Encode<'q, D> + sqlx::Type<D>,
{
    values.iter().fold(query, |query, value| match *value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

/// A connection that goes back to the others only when what it was asked is answered. Where somebody gave up waiting, its line may
/// be dead, and would keep its place for as long as the system takes to find out: a quarter of an hour. An answer that comes
/// too late meets nobody.
struct Lent<D: sqlx::Database>(Option<PoolConnection<D>>);

impl<D: sqlx::Database> Lent<D> {
    async fn by(pool: &Pool<D>) -> Result<Self, sqlx::Error> {
        pool.acquire().await.map(|connection| Self(Some(connection)))
    }

    async fn rows<'q, A>(mut self, query: Query<'q, D, A>) -> Result<Vec<D::Row>, sqlx::Error>
    where
        A: sqlx::IntoArguments<D> + Send + 'q,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let connection = self.0.as_mut().expect("nobody has given it back yet");
        let rows = query.fetch_all(&mut **connection).await;
        if matches!(rows, Ok(_) | Err(sqlx::Error::Database(_)))
            && let Some(mut connection) = self.0.take()
        {
            // What a dropped connection would do by itself, but without an end where its line has died just now.
            tokio::spawn(tokio::time::timeout(GIVE_BACK_LIMIT, connection.return_to_pool()));
        }
        rows
    }
}

impl<D: sqlx::Database> Drop for Lent<D> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

/// Every column of a row; all of them were asked for as text.
fn texts<'r, R>(row: &'r R) -> Result<TextRow, sqlx::Error>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    // Unchecked, since MySQL and MariaDB have many names for the type of a text.
    (0..row.len()).map(|column| row.try_get_unchecked(column)).collect()
}

/// MySQL and MariaDB have each a time limit of their own.
async fn restrict_mysql(connection: &mut MySqlConnection, time_limit: Duration) -> Result<(), sqlx::Error> {
    let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut *connection).await?;
    let limit = match version.contains("MariaDB") {
        true => format!("max_statement_time = {}", time_limit.as_secs_f64()),
        false => format!("max_execution_time = {}", time_limit.as_millis()),
    };
    // Our own text and a number.
    let limit = AssertSqlSafe(format!("SET SESSION {limit}"));
    connection.execute(sqlx::raw_sql("SET SESSION TRANSACTION READ ONLY")).await?;
    connection.execute(sqlx::raw_sql(limit)).await.map(drop)
}

/// Time zone and character set are UTC and `utf8mb4` by the crate's own doing.
fn mysql_options(config: &JoomlaConfig, access: &Access) -> MySqlConnectOptions {
    let options = MySqlConnectOptions::new()
        .username(&config.user)
        .database(&config.name)
        // `||` is what the server says, as in the vendor's own tools.
        .pipes_as_concat(false)
        .disable_statement_logging();
    let mut options = match &config.address {
        Address::Tcp { host, port, is_encrypted } => {
            let mode = if *is_encrypted { MySqlSslMode::VerifyIdentity } else { MySqlSslMode::Disabled };
            options.host(host).port(*port).ssl_mode(mode)
        }
        Address::Socket { path, .. } => options.socket(path).ssl_mode(MySqlSslMode::Disabled),
    };
    if let Some(password) = &access.password {
        options = options.password(password.expose_secret());
    }
    match &access.certificates {
        Some(certificates) => options.ssl_ca_from_pem(certificates.clone()),
        None => options,
    }
}

/// Time zone, form of dates and character set are UTC, ISO and UTF-8 by the crate's own doing.
fn postgresql_options(config: &JoomlaConfig, access: &Access) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .username(&config.user)
        .database(&config.name)
        .application_name(env!("CARGO_PKG_NAME"))
        .disable_statement_logging();
    let mut options = match &config.address {
        Address::Tcp { host, port, is_encrypted } => {
            let mode = if *is_encrypted { PgSslMode::VerifyFull } else { PgSslMode::Disable };
            options.host(host).port(*port).ssl_mode(mode)
        }
        Address::Socket { path, port } => options.socket(path).port(*port).ssl_mode(PgSslMode::Disable),
    };
    if let Some(password) = &access.password {
        options = options.password(password.expose_secret());
    }
    match &access.certificates {
        Some(certificates) => options.ssl_root_cert_from_pem(certificates.clone()),
        None => options,
    }
}
