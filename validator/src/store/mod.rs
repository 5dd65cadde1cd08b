//! The license store: users, licenses, imported keys, the history of all changes and wishes for mails, in one SQLite file.
//! The command line writes while the server reads.
//!
//! This file makes and opens it and keeps its schema; `look_up` is what the server asks for each request, the others what the command
//! line does: to `licenses`, to `keys`, to `users`, and many at once (`import`). `history` keeps account of all of it. `key_mails` are the
//! wishes.

mod history;
mod import;
mod key_mails;
mod keys;
mod licenses;
mod look_up;
mod users;

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};

use crate::error::Error;
use crate::secrets;

pub(crate) use history::{HistoryLine, HistoryOf};
pub(crate) use key_mails::{Claimed, Wish};
pub(crate) use keys::{KeyFacts, KeyStanding};
pub(crate) use licenses::{Grant, Grantee, LicenseRow, LicenseState};
pub(crate) use users::{UserRow, Users};

/// The schema's history; the file's `user_version` counts the steps that it has taken.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001-users-and-licenses.sql"),
    include_str!("../migrations/0002-states-keys-history-mail.sql"),
];

/// Takes the write lock at once: a transaction that read first could find it taken and what it read outdated.
const BEGIN_CHANGE: &str = "BEGIN IMMEDIATE";

/// How long a query waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pauses between tries of what SQLite does not wait for by itself, [`BUSY_TIMEOUT`] altogether.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// SQLite's number for "another connection holds the lock" (`SQLITE_BUSY`), in the low byte of its extended codes.
const SQLITE_BUSY: u32 = 5;

/// How long a request waits for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Each connection has a thread of its own; look-ups take microseconds, so a few are plenty.
const MAX_CONNECTIONS: u32 = 4;

/// The store, open.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
    path: PathBuf,
    /// Which file was there when it was opened.
    file: FileId,
    users: Users,
}

/// What tells a file from any other one that has its name: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connections {
    pub(crate) used: u32,
    pub(crate) idle: u32,
}

impl Store {
    /// Makes the file when it is missing, readable by its owner alone, and brings its schema up to date.
    ///
    /// # Errors
    /// As [`Store::open`], but an older file is none.
    pub(crate) async fn create(path: &Path, users: Users) -> Result<Self, Error> {
        if !path.exists() {
            match secrets::create(path, b"") {
                // Another run was faster.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                created => created?,
            }
        }
        let store = Self::connect(path, users)?;
        store.write_ahead().await?;
        store.migrate().await?;
        store.check_users().await?;
        Ok(store)
    }

    /// Opens a file whose schema is up to date. Only [`Store::create`] changes a schema, so that no running server finds
    /// another one than it knows.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it is missing, open to others, of another version or with other users' ids;
    /// [`Error::Store`] when SQLite cannot use it.
    pub(crate) async fn open(path: &Path, users: Users) -> Result<Self, Error> {
        let store = Self::connect(path, users)?;
        let mut connection = store.pool.acquire().await.map_err(|error| store.failed(error))?;
        let taken = store.schema_version(&mut connection).await?;
        if taken < MIGRATIONS.len() {
            return Err(store.wrong_version(taken, "`bandari-validator init` brings it up to date"));
        }
        drop(connection);
        store.check_users().await?;
        Ok(store)
    }

    /// Whether the file that was opened is still the one at its path. A backup that was put in its place is another one, of which
    /// open connections know nothing.
    pub(crate) fn is_where_it_was(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|now| FileId::of(&now) == self.file)
    }

    /// The connections that are open now.
    pub(crate) fn connections(&self) -> Connections {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        Connections { used: self.pool.size().saturating_sub(idle), idle }
    }

    fn connect(path: &Path, users: Users) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| secrets::cannot_open(path, &error))?;
        secrets::check_mode(path, &file)?;
        let file = FileId::of(&file.metadata().map_err(Error::io("read", path))?);
        let options = SqliteConnectOptions::new()
            .filename(path)
            // Users of a Joomla site have no row here. The schema is the same for both, so that is left to each connection.
            .foreign_keys(users == Users::Own)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping before each look-up would cost a fifth of the throughput, and an open file does not go away.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self { pool, path: path.to_owned(), file, users })
    }

    /// Lets the file keep a write-ahead log, so that nobody who reads waits for who writes. That is a property of the file:
    /// once is enough. The switch needs the file for itself, and SQLite does not wait for that (`PRAGMA journal_mode` asks no
    /// busy handler), so of several runs at a time each tries until one has done it.
    async fn write_ahead(&self) -> Result<(), Error> {
        let mut tries_left = BUSY_TIMEOUT.as_millis() / BUSY_PAUSE.as_millis();
        loop {
            let switch = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL");
            match switch.fetch_one(&self.pool).await {
                Ok(mode) if mode == "wal" => return Ok(()),
                Ok(mode) => {
                    return Err(
                        self.wrong_content(format!("found the journal mode `{mode}`, expected `wal`"))
                    );
                }
                Err(error) if is_busy(&error) && tries_left > 0 => {
                    tries_left -= 1;
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, source: sqlx::Error) -> Error {
        let path = self.path.clone();
        if is_busy(&source) { Error::StoreBusy { path } } else { Error::Store { path, source } }
    }

    fn wrong_content(&self, message: impl Into<String>) -> Error {
        Error::StoreContent { path: self.path.clone(), message: message.into() }
    }

    /// Begins a change. It waits for the changes of others first, so that what it reads stays true until it is done.
    async fn begin(&self) -> Result<Transaction<'_, Sqlite>, Error> {
        self.pool.begin_with(BEGIN_CHANGE).await.map_err(|error| self.failed(error))
    }

    /// The same on a connection that was used before.
    async fn begin_on<'c>(
        &self,
        connection: &'c mut SqliteConnection,
    ) -> Result<Transaction<'c, Sqlite>, Error> {
        connection.begin_with(BEGIN_CHANGE).await.map_err(|error| self.failed(error))
    }

    fn wrong_version(&self, found: usize, advice: &str) -> Error {
        let message = format!("found schema version {found}, expected {}: {advice}", MIGRATIONS.len());
        Error::Configuration { file: self.path.clone(), message }
    }

    /// How many migrations the file has taken. More than there are is an error.
    async fn schema_version(&self, connection: &mut SqliteConnection) -> Result<usize, Error> {
        let taken: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(connection)
            .await
            .map_err(|error| self.failed(error))?;
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        if taken > MIGRATIONS.len() {
            return Err(self.wrong_version(taken, "it was written by a newer program"));
        }
        Ok(taken)
    }

    async fn migrate(&self) -> Result<(), Error> {
        // The lock comes before the version is read: of two runs at a time the second finds nothing left to do.
        let mut transaction = self.begin().await?;
        let taken = self.schema_version(&mut transaction).await?;
        for (index, migration) in MIGRATIONS.iter().enumerate().skip(taken) {
            let step = format!("{migration} PRAGMA user_version = {};", index + 1);
            // Our own text and a number: nothing in it comes from outside.
            sqlx::raw_sql(sqlx::AssertSqlSafe(step))
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.failed(error))?;
        }
        transaction.commit().await.map_err(|error| self.failed(error))
    }
}

/// Whether it failed because another connection holds the lock.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn set_version(store: &Store, version: usize) {
        let statement = format!("PRAGMA user_version = {version}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&store.pool).await.unwrap();
    }

    #[tokio::test]
    async fn a_store_that_is_not_up_to_date_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        secrets::create(&path, b"").unwrap();
        let error = Store::open(&path, Users::Own).await.unwrap_err();
        assert!(error.is_usage());
        assert!(
            error.to_string().ends_with(
                "found schema version 0, expected 2: `bandari-validator init` brings it up to date"
            ),
            "{error}"
        );
        Store::create(&path, Users::Own).await.unwrap();
        assert!(Store::open(&path, Users::Own).await.is_ok());
    }

    #[tokio::test]
    async fn a_store_of_the_first_version_keeps_its_licenses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        secrets::create(&path, b"").unwrap();
        let old = Store::connect(&path, Users::Own).unwrap();
        let rows = "INSERT INTO users (email, created_at) VALUES ('ada@example.org', 5);
            INSERT INTO licenses (user_id, group_id, granted_at, expires_at) VALUES (1, 'lighthouse', 6, 7), (1, 'dockyard', 8, NULL);
            PRAGMA user_version = 1;";
        for step in [MIGRATIONS[0], rows] {
            sqlx::raw_sql(step).execute(&old.pool).await.unwrap();
        }
        assert!(Store::open(&path, Users::Own).await.unwrap_err().is_usage());
        Store::create(&path, Users::Own).await.unwrap();
        let licenses = Store::open(&path, Users::Own).await.unwrap().licenses().await.unwrap();
        let shown = licenses.iter().map(|row| {
            assert_eq!((row.user, row.email.expose()), (1, "ada@example.org"));
            (row.group.as_str(), row.granted_at, row.expires_at, row.state.name(), row.state_since)
        });
        let expected = [("dockyard", 8, None, "active", None), ("lighthouse", 6, Some(7), "active", None)];
        assert!(shown.eq(expected));
    }

    #[tokio::test]
    async fn a_store_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        set_version(&Store::create(&path, Users::Own).await.unwrap(), 3).await;
        for refused in [Store::open(&path, Users::Own).await, Store::create(&path, Users::Own).await] {
            let error = refused.unwrap_err().to_string();
            assert!(
                error.ends_with("found schema version 3, expected 2: it was written by a newer program"),
                "{error}"
            );
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn parallel_runs_make_one_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        let mut runs = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let path = path.clone();
            runs.spawn(async move { Store::create(&path, Users::Own).await });
        }
        for run in runs.join_all().await {
            run.unwrap();
        }
        let store = Store::open(&path, Users::Own).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.pool).await.unwrap();
        assert_eq!(mode, "wal");
    }

    #[tokio::test]
    async fn a_store_knows_whether_another_file_has_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let [path, backup] = ["licenses.sqlite", "backup.sqlite"].map(|name| folder.path().join(name));
        let store = Store::create(&path, Users::Own).await.unwrap();
        assert!(store.is_where_it_was());
        fs::copy(&path, &backup).unwrap();
        fs::rename(&backup, &path).unwrap();
        assert!(!store.is_where_it_was());
        assert!(Store::open(&path, Users::Own).await.unwrap().is_where_it_was());
        fs::remove_file(&path).unwrap();
        assert!(!store.is_where_it_was());
    }

    #[tokio::test]
    async fn who_waits_too_long_for_another_command_is_told_to_try_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        let store = Store::create(&path, Users::Own).await.unwrap();
        let _writing = store.begin().await.unwrap();
        let other = Store::open(&path, Users::Own).await.unwrap();
        let mut impatient = other.pool.acquire().await.unwrap();
        sqlx::raw_sql("PRAGMA busy_timeout = 0").execute(&mut *impatient).await.unwrap();
        let error = other.begin_on(&mut impatient).await.unwrap_err();
        assert!(!error.is_usage());
        assert_eq!(
            error.to_string(),
            format!(
                "another command is writing to the license store `{}`: nothing was changed, try again when it is done",
                path.display()
            )
        );
    }
}
