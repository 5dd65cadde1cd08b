//! An import: what is there is read at one moment, what is new is found out, and then it is written in one transaction. Only the
//! writing keeps others from writing; when somebody wrote since the reading, all is done again. Thousands of rows go into one
//! statement, since each statement costs more than what it does.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};
use sqlx::query_builder::Separated;
use sqlx::{Connection, QueryBuilder, Row, Sqlite, SqliteConnection, Transaction};

use crate::email::EmailAddress;
use crate::error::Error;
use crate::import::{Counts, Known, KnownAccount, KnownKey, KnownLicense, Plan};
use crate::imported_key::KeyHash;

use super::history::Action;
use super::{LicenseState, Store};

/// Rows of one statement: with seven values each well below the 32,766 that SQLite takes (its `SQLITE_MAX_VARIABLE_NUMBER`).
const ROWS_OF_A_STATEMENT: usize = 2_000;

/// How often a plan is made beside others who write, before one is made while they wait.
const PLANS_BESIDE_OTHERS: u32 = 3;

impl Store {
    /// Plans with what is there, and writes it at `now` (Unix seconds) unless it is tried out only. Tells what was counted.
    ///
    /// # Errors
    /// Those of the plan; [`Error::Store`]. In either case nothing is written.
    pub(crate) async fn import(
        &self,
        make_plan: impl Fn(Known) -> Result<Plan, Error>,
        is_dry_run: bool,
        now: i64,
    ) -> Result<Counts, Error> {
        // One connection for all of it: its data version tells what others have written.
        let mut connection = self.pool.acquire().await.map_err(|error| self.failed(error))?;
        for _ in 0..PLANS_BESIDE_OTHERS {
            let mut reading = connection.begin().await.map_err(|error| self.failed(error))?;
            let known = self.known(&mut reading).await?;
            let version = self.data_version(&mut reading).await?;
            reading.commit().await.map_err(|error| self.failed(error))?;
            let plan = make_plan(known)?;
            if is_dry_run {
                return Ok(plan.counts);
            }
            let mut writing = self.begin_on(&mut connection).await?;
            if self.data_version(&mut writing).await? == version {
                return self.finish(writing, plan, now).await;
            }
        }
        let mut writing = self.begin_on(&mut connection).await?;
        let plan = make_plan(self.known(&mut writing).await?)?;
        self.finish(writing, plan, now).await
    }

    /// A number that is another one as soon as another connection has written (SQLite, `PRAGMA data_version`).
    async fn data_version(&self, connection: &mut SqliteConnection) -> Result<i64, Error> {
        let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await;
        version.map_err(|error| self.failed(error))
    }

    async fn finish(
        &self,
        mut writing: Transaction<'_, Sqlite>,
        plan: Plan,
        now: i64,
    ) -> Result<Counts, Error> {
        self.write(&mut writing, &plan, now).await.map_err(|error| self.failed(error))?;
        writing.commit().await.map_err(|error| self.failed(error))?;
        Ok(plan.counts)
    }

    async fn known(&self, connection: &mut SqliteConnection) -> Result<Known, Error> {
        let mut known = Known {
            licenses: licenses(connection).await.map_err(|error| self.failed(error))?,
            keys: keys(connection).await.map_err(|error| self.failed(error))?,
            ..Known::default()
        };
        let users = sqlx::query("SELECT id, email, username, password_hash FROM users");
        for row in users.fetch_all(&mut *connection).await.map_err(|error| self.failed(error))? {
            let user = row.get(0);
            if let Some(email) = EmailAddress::parse(row.get(1)) {
                known.users.insert(email, user);
            }
            if let Some(username) = row.get(2) {
                let password_hash = row.get::<Option<String>, _>(3).map(SecretString::from);
                known.accounts.insert(user, KnownAccount { username, password_hash });
            }
        }
        // What `AUTOINCREMENT` goes by, so that no id is given twice.
        let last = async |table: &'static str, connection: &mut SqliteConnection| {
            sqlx::query_scalar("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = ?1), 0)")
                .bind(table)
                .fetch_one(connection)
                .await
                .map_err(|error| self.failed(error))
        };
        let last_user: i64 = last("users", connection).await?;
        known.last_user = u32::try_from(last_user).unwrap_or(u32::MAX);
        known.last_license = last("licenses", connection).await?;
        Ok(known)
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        plan: &Plan,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        // Names that are given up come first: another user may get them.
        for account in &plan.accounts {
            let give_up = sqlx::query("UPDATE users SET username = NULL, password_hash = NULL WHERE id = ?1");
            give_up.bind(account.user).execute(&mut *connection).await?;
        }
        let users = "INSERT INTO users (id, email, created_at, username, password_hash) ";
        insert(connection, users, &plan.users, |mut values, user| {
            let hash = user.password_hash.as_ref().map(|hash| hash.expose_secret().to_owned());
            values.push_bind(user.id).push_bind(user.email.expose().to_owned()).push_bind(now);
            values.push_bind(user.username.clone()).push_bind(hash);
        })
        .await?;
        for account in &plan.accounts {
            write_account(connection, account).await?;
        }
        let licenses =
            "INSERT INTO licenses (id, user_id, group_id, granted_at, expires_at, state, state_since) ";
        insert(connection, licenses, &plan.licenses, |mut values, license| {
            values.push_bind(license.id).push_bind(license.user).push_bind(license.group.to_string());
            values.push_bind(now).push_bind(license.expires_at);
            values.push_bind(license.state.name()).push_bind(license.state_since);
        })
        .await?;
        let keys = "INSERT INTO imported_keys (hash, user_id, group_id, imported_at) ";
        insert(connection, keys, &plan.keys, |mut values, key| {
            let group = key.group.as_ref().map(ToString::to_string);
            values.push_bind(key.hash.to_vec()).push_bind(key.user).push_bind(group).push_bind(now);
        })
        .await?;
        for hash in &plan.widened_keys {
            let widen = sqlx::query("UPDATE imported_keys SET group_id = NULL WHERE hash = ?1");
            widen.bind(hash.to_vec()).execute(&mut *connection).await?;
        }
        let history = "INSERT INTO history (at, action, user_id, group_id, license_id, detail) ";
        insert(connection, history, &plan.history, |mut values, entry| {
            let group = entry.group.as_ref().map(ToString::to_string);
            values.push_bind(now).push_bind(Action::Import.name()).push_bind(entry.user);
            values.push_bind(group).push_bind(entry.license).push_bind(entry.detail.clone());
        })
        .await
    }
}

async fn write_account(
    connection: &mut SqliteConnection,
    account: &crate::import::AccountChange,
) -> Result<(), sqlx::Error> {
    let hash = account.password_hash.as_ref().map(|hash| hash.expose_secret().to_owned());
    sqlx::query("UPDATE users SET username = ?2, password_hash = ?3 WHERE id = ?1")
        .bind(account.user)
        .bind(account.username.clone())
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Inserts all rows, many with each statement.
async fn insert<T>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    rows: &[T],
    bind: impl Fn(Separated<'_, Sqlite, &'static str>, &T),
) -> Result<(), sqlx::Error> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let mut builder = QueryBuilder::<Sqlite>::new(statement);
        builder.push_values(rows, &bind);
        builder.build().execute(&mut *connection).await?;
    }
    Ok(())
}

async fn licenses(
    connection: &mut SqliteConnection,
) -> Result<HashMap<(u32, String), Vec<KnownLicense>>, sqlx::Error> {
    let mut licenses: HashMap<_, Vec<_>> = HashMap::new();
    let query = sqlx::query("SELECT user_id, group_id, id, state, expires_at FROM licenses ORDER BY id");
    for row in query.fetch_all(connection).await? {
        let state = LicenseState::of_name(row.get(3));
        let license = KnownLicense { id: row.get(2), state, expires_at: row.get(4) };
        licenses.entry((row.get(0), row.get(1))).or_default().push(license);
    }
    Ok(licenses)
}

async fn keys(connection: &mut SqliteConnection) -> Result<HashMap<KeyHash, KnownKey>, sqlx::Error> {
    let query = sqlx::query("SELECT hash, user_id, group_id, revoked_at IS NOT NULL FROM imported_keys");
    let rows = query.fetch_all(connection).await?;
    let key = |row: &sqlx::sqlite::SqliteRow| {
        let hash = row.get::<&[u8], _>(0).try_into().ok()?;
        Some((hash, KnownKey { user: row.get(1), group: row.get(2), is_revoked: row.get(3) }))
    };
    Ok(rows.iter().filter_map(key).collect())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use bandari_catalog::names::GroupId;

    use crate::import;
    use crate::store::{Grant, Grantee, Users};

    use super::*;

    /// Grants a license from another thread through a connection of its own, as another command would.
    fn grant_beside(path: &std::path::Path, email: &'static str) {
        let path = path.to_owned();
        let other = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let to = Grantee::Email(EmailAddress::parse(email).unwrap());
                let group = GroupId::parse("lighthouse").unwrap();
                let store = Store::open(&path, Users::Own).await.unwrap();
                store.grant(&Grant { to, group, expires_at: None }, 5).await.unwrap();
            });
        });
        other.join().unwrap();
    }

    #[tokio::test]
    async fn others_write_while_an_import_is_planned_and_it_takes_them_into_account() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        let store = Store::create(&path, Users::Own).await.unwrap();
        let plans = Cell::new(0);
        let counts = store.import(
            |known| {
                plans.set(plans.get() + 1);
                // As many others as there are plans beside them: the last plan is made while they wait.
                match plans.get() {
                    1 => grant_beside(&path, "ada@example.org"),
                    2 => grant_beside(&path, "bob@example.org"),
                    3 => grant_beside(&path, "cyd@example.org"),
                    _ => assert_eq!(known.users.len(), 3),
                }
                Ok(import::plan(&[], import::Skipped::default(), known, "csv").ok().unwrap())
            },
            false,
            6,
        );
        counts.await.unwrap();
        assert_eq!(plans.get(), 4);
        assert_eq!(store.licenses().await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_dry_run_waits_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licenses.sqlite");
        let store = Store::create(&path, Users::Own).await.unwrap();
        let other = Store::open(&path, Users::Own).await.unwrap();
        let _writing = other.begin().await.unwrap();
        let plan = |known| Ok(import::plan(&[], import::Skipped::default(), known, "csv").ok().unwrap());
        assert_eq!(store.import(plan, true, 6).await.unwrap(), Counts::default());
    }
}
