//! What the command line asks and does about keys: how often they were reset, how many were imported, and resetting them.

use bandari_catalog::names::GroupId;
use sqlx::Row;

use crate::customers::ImportedKey;
use crate::error::Error;
use crate::imported_key::ForeignKey;

use super::history::{Action, Change};
use super::{Store, Users};

/// What is known of a user's keys for a group.
#[derive(Clone, Debug)]
pub(crate) struct KeyFacts {
    /// The user's name where customers log in.
    pub(crate) username: Option<String>,
    /// How often the derived key was reset.
    pub(crate) serial: u32,
    /// How many imported keys open the group.
    pub(crate) imported_keys: u32,
}

/// What the file knows of a key that another system gave out.
#[derive(Clone, Debug)]
pub(crate) enum KeyStanding {
    Good(ImportedKey),
    /// It was reset.
    Revoked,
    Unknown,
}

/// What a reset did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reset {
    /// The serial that a key must have now.
    pub(crate) serial: u32,
    /// How many imported keys no longer open anything.
    pub(crate) imported_keys: u64,
}

impl Store {
    /// What is known of a key.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn key_standing(&self, key: &ForeignKey) -> Result<KeyStanding, Error> {
        let row = sqlx::query(
            "SELECT user_id, group_id, revoked_at IS NOT NULL FROM imported_keys WHERE hash IN (?1, ?2) \
             ORDER BY revoked_at IS NOT NULL LIMIT 1",
        )
        .bind(key.hashes[0].as_slice())
        .bind(key.hashes[1].as_slice())
        .fetch_optional(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(match row {
            Some(row) if row.get(2) => KeyStanding::Revoked,
            Some(row) => KeyStanding::Good(ImportedKey { user: row.get(0), group: row.get(1) }),
            None => KeyStanding::Unknown,
        })
    }

    /// How often a user's key for a group was reset.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn serial(&self, user: u32, group: &GroupId) -> Result<u32, Error> {
        let serial =
            sqlx::query_scalar("SELECT serial FROM key_serials WHERE user_id = ?1 AND group_id = ?2")
                .bind(user)
                .bind(group.as_str())
                .fetch_optional(&self.pool)
                .await
                .map_err(|error| self.failed(error))?;
        Ok(serial.unwrap_or_default())
    }

    /// What is known of a user's keys for a group.
    ///
    /// # Errors
    /// [`Error::Store`], also when there is no such user.
    pub(crate) async fn key_facts(&self, user: u32, group: &str) -> Result<KeyFacts, Error> {
        let row = sqlx::query(
            "SELECT username, \
             COALESCE((SELECT serial FROM key_serials WHERE user_id = users.id AND group_id = ?2), 0), \
             (SELECT count(*) FROM imported_keys WHERE user_id = users.id AND revoked_at IS NULL \
             AND (group_id IS NULL OR group_id = ?2)) FROM users WHERE id = ?1",
        )
        .bind(user)
        .bind(group)
        .fetch_one(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(KeyFacts { username: row.get(0), serial: row.get(1), imported_keys: row.get(2) })
    }

    /// Makes all keys of a user for a group worthless at `now` (Unix seconds): the derived one by a new serial, those that
    /// were imported for the group or for everything by revoking them. Nothing when there is no such user of the file's own;
    /// those of a Joomla site are for the caller to know.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn reset_keys(
        &self,
        user: u32,
        group: &GroupId,
        now: i64,
    ) -> Result<Option<Reset>, Error> {
        if self.users == Users::Own && !self.has_user(user).await? {
            return Ok(None);
        }
        let mut transaction = self.begin().await?;
        let serial: u32 = sqlx::query_scalar(
            "INSERT INTO key_serials (user_id, group_id, serial) VALUES (?1, ?2, 1) \
             ON CONFLICT (user_id, group_id) DO UPDATE SET serial = serial + 1 RETURNING serial",
        )
        .bind(user)
        .bind(group.as_str())
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| self.failed(error))?;
        let revoked = sqlx::query(
            "UPDATE imported_keys SET revoked_at = ?3 WHERE user_id = ?1 AND revoked_at IS NULL \
             AND (group_id IS NULL OR group_id = ?2)",
        )
        .bind(user)
        .bind(group.as_str())
        .bind(now)
        .execute(&mut *transaction)
        .await
        .map_err(|error| self.failed(error))?;
        let reset = Reset { serial, imported_keys: revoked.rows_affected() };
        let change = Change {
            at: now,
            action: Action::Reset,
            user,
            group: Some(group.as_str()),
            license: None,
            detail: Some(format!("serial {serial}, imported keys revoked: {}", reset.imported_keys)),
        };
        self.write_history(&mut transaction, change).await?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(Some(reset))
    }
}
