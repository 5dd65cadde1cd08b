//! Users, as the command line asks for them. They come with grants and imports and never go.

use sqlx::Row;

use crate::email::EmailAddress;
use crate::error::Error;

use super::Store;

/// Whose ids the file speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// Its own users'.
    Own,
    /// Those of the users of a Joomla site, who have no row here.
    OfJoomla,
}

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
    /// Refuses a file that speaks of other users' ids: keys and serials of one would be taken for those of another. A file has
    /// no users of its own but a history only where the ids are those of a Joomla site.
    pub(super) async fn check_users(&self) -> Result<(), Error> {
        let query = "SELECT EXISTS (SELECT 1 FROM users), EXISTS (SELECT 1 FROM history)";
        let row = sqlx::query(query).fetch_one(&self.pool).await.map_err(|error| self.failed(error))?;
        let found = match (self.users, row.get(0), row.get(1)) {
            (Users::Own, false, true) => {
                "found ids of a Joomla site's users, expected a file of its own without `[joomla]`"
            }
            (Users::OfJoomla, true, _) => "found users of its own, expected another file with `[joomla]`",
            _ => return Ok(()),
        };
        let message = format!("{found}: the same id is somebody else there");
        Err(Error::Configuration { file: self.path.clone(), message })
    }

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
