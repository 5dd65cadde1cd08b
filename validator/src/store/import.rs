//! An import: what is there is read, and what is new is written, in one transaction. Thousands of rows go into one statement,
//! since each statement costs more than what it does.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::email::EmailAddress;
use crate::error::Error;
use crate::import::{Counts, Known, KnownAccount, KnownKey, KnownLicense, Plan};
use crate::imported_key::KeyHash;

use super::history::Action;
use super::{LicenseState, Store};

/// Rows of one statement: with seven values each well below the 32,766 that SQLite takes (its `SQLITE_MAX_VARIABLE_NUMBER`).
const ROWS_OF_A_STATEMENT: usize = 2_000;

impl Store {
    /// Plans with what is there, and writes it at `now` (Unix seconds) unless it is tried out only. Tells what was counted.
    ///
    /// # Errors
    /// Those of the plan; [`Error::Store`]. In either case nothing is written.
    pub(crate) async fn import(
        &self,
        make_plan: impl FnOnce(Known) -> Result<Plan, Error>,
        is_dry_run: bool,
        now: i64,
    ) -> Result<Counts, Error> {
        let mut transaction = self.begin().await?;
        let known = self.known(&mut transaction).await?;
        let plan = make_plan(known)?;
        if !is_dry_run {
            self.write(&mut transaction, &plan, now).await.map_err(|error| self.failed(error))?;
            transaction.commit().await.map_err(|error| self.failed(error))?;
        }
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
    // Of the same user name, an old password is better than none; of another it would be a stranger's.
    sqlx::query(
        "UPDATE users SET password_hash = COALESCE(?3, CASE WHEN username = ?2 THEN password_hash END), username = ?2 \
         WHERE id = ?1",
    )
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
    let query = sqlx::query("SELECT user_id, group_id, state, expires_at FROM licenses");
    for row in query.fetch_all(connection).await? {
        let license = KnownLicense { state: LicenseState::of_name(row.get(2)), expires_at: row.get(3) };
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
