//! Users, as the command line asks for them. They come with grants and imports and never go.

use sqlx::Row;

use crate::email::EmailAddress;
use crate::error::Error;

use super::Store;

/// A user as the command line lists them.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    /// Id of the user.
    pub(crate) user: u32,
    pub(crate) email: EmailAddress,
    /// How many licenses there are, in whatever state.
    pub(crate) licenses: u32,
}

impl Store {
    /// Whether there is a user of that id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn has_user(&self, user: u32) -> Result<bool, Error> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE id = ?1)")
            .bind(user)
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.failed(error))
    }

    /// All users, by id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn users(&self) -> Result<Vec<UserRow>, Error> {
        let rows = sqlx::query(
            "SELECT id, email, (SELECT count(*) FROM licenses WHERE user_id = users.id) FROM users ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        let user = |row: &sqlx::sqlite::SqliteRow| {
            Some(UserRow { user: row.get(0), email: EmailAddress::parse(row.get(1))?, licenses: row.get(2) })
        };
        Ok(rows.iter().filter_map(user).collect())
    }
}
