//! What the server asks the store for each request that brings a key.

use bandari_catalog::names::GroupId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::customers::{Account, Answer, Customers, ImportedKey};
use crate::decision::{Holder, License, Standing};
use crate::email::EmailAddress;
use crate::error::Error;
use crate::imported_key::ForeignKey;
use crate::password::PasswordHash;

use super::{KeyStanding, LicenseState, Store};

impl Customers for Store {
    fn holder<'a>(&'a self, user: u32, group: &'a GroupId) -> Answer<'a, Option<Holder>> {
        Box::pin(self.look_up(user, group))
    }

    fn imported_key<'a>(&'a self, key: &'a ForeignKey) -> Answer<'a, Option<ImportedKey>> {
        Box::pin(async {
            Ok(match self.key_standing(key).await? {
                KeyStanding::Good(key) => Some(key),
                KeyStanding::Revoked | KeyStanding::Unknown => None,
            })
        })
    }

    fn account<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT id, password_hash FROM users WHERE username = ?1 COLLATE NOCASE AND password_hash IS NOT NULL",
            )
            .bind(username)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.failed(error))?;
            Ok(row.and_then(|row| {
                Some(Account { user: row.get(0), password: PasswordHash::parse(row.get(1))? })
            }))
        })
    }

    fn user_of<'a>(&'a self, email: &'a EmailAddress) -> Answer<'a, Option<u32>> {
        Box::pin(async move {
            sqlx::query_scalar("SELECT id FROM users WHERE email = ?1")
                .bind(email.expose())
                .fetch_optional(&self.pool)
                .await
                .map_err(|error| self.failed(error))
        })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async {
            let probed = sqlx::query("SELECT 1 FROM users LIMIT 1").fetch_optional(&self.pool).await;
            probed.map(drop).map_err(|error| self.failed(error))
        })
    }
}

impl Store {
    /// What is known of a user with respect to a group; nothing when there is no such user.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn look_up(&self, user: u32, group: &GroupId) -> Result<Option<Holder>, Error> {
        let rows = sqlx::query(
            "SELECT users.email, COALESCE(key_serials.serial, 0), licenses.id IS NOT NULL, licenses.expires_at, \
             licenses.state, licenses.state_since FROM users \
             LEFT JOIN key_serials ON key_serials.user_id = users.id AND key_serials.group_id = ?2 \
             LEFT JOIN licenses ON licenses.user_id = users.id AND licenses.group_id = ?2 \
             AND licenses.state <> 'revoked' WHERE users.id = ?1",
        )
        .bind(user)
        .bind(group.as_str())
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        let Some(first) = rows.first() else { return Ok(None) };
        let Some(email) = EmailAddress::parse(&first.get::<String, _>(0)) else { return Ok(None) };
        let licenses = rows.iter().filter(|row| row.get(2)).map(license);
        Ok(Some(Holder { email, serial: first.get(1), licenses: licenses.collect() }))
    }
}

/// Columns 3 to 5 of [`Store::look_up`].
fn license(row: &SqliteRow) -> License {
    // Those that were revoked are left out by the query.
    let standing = LicenseState::of_name(row.get(4)).standing(row.get(5)).unwrap_or(Standing::Suspended);
    License { standing, expires_at: row.get(3) }
}
