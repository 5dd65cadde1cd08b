//! The history: one line for each change, written in the transaction of the change, and never touched again (the schema's
//! triggers see to that).

use sqlx::{Row, SqliteConnection};

use crate::error::Error;

use super::{LicenseRow, Store};

/// What was done; the names are those of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Grant,
    Cancel,
    Refund,
    Suspend,
    Revoke,
    Restore,
    Reset,
    Import,
}

impl Action {
    /// As the history keeps it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Suspend => "suspend",
            Self::Revoke => "revoke",
            Self::Restore => "restore",
            Self::Reset => "reset",
            Self::Import => "import",
        }
    }
}

/// A line to be written.
#[derive(Clone, Debug)]
pub(crate) struct Change<'c> {
    /// In Unix seconds.
    pub(crate) at: i64,
    pub(crate) action: Action,
    pub(crate) user: u32,
    pub(crate) group: Option<&'c str>,
    pub(crate) license: Option<i64>,
    /// For people; never a secret.
    pub(crate) detail: Option<String>,
}

/// A line that was written.
#[derive(Clone, Debug)]
pub(crate) struct HistoryLine {
    /// In Unix seconds.
    pub(crate) at: i64,
    pub(crate) action: String,
    pub(crate) user: u32,
    pub(crate) group: Option<String>,
    pub(crate) license: Option<i64>,
    pub(crate) detail: Option<String>,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HistoryOf<'h> {
    Everybody,
    User(u32),
    /// What happened to the license, and to its holder's keys for its group.
    License(&'h LicenseRow),
}

impl Store {
    pub(super) async fn write_history(
        &self,
        connection: &mut SqliteConnection,
        change: Change<'_>,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO history (at, action, user_id, group_id, license_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(change.at)
        .bind(change.action.name())
        .bind(change.user)
        .bind(change.group)
        .bind(change.license)
        .bind(change.detail)
        .execute(connection)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Lines of the history, the oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn history(&self, of: HistoryOf<'_>) -> Result<Vec<HistoryLine>, Error> {
        let query = match of {
            HistoryOf::Everybody => sqlx::query(
                "SELECT at, action, user_id, group_id, license_id, detail FROM history ORDER BY id",
            ),
            HistoryOf::User(user) => sqlx::query(
                "SELECT at, action, user_id, group_id, license_id, detail FROM history WHERE user_id = ?1 ORDER BY id",
            )
            .bind(user),
            HistoryOf::License(row) => sqlx::query(
                "SELECT at, action, user_id, group_id, license_id, detail FROM history WHERE user_id = ?1 \
                 AND (license_id = ?2 OR (license_id IS NULL AND group_id = ?3)) ORDER BY id",
            )
            .bind(row.user)
            .bind(row.license)
            .bind(row.group.clone()),
        };
        let rows = query.fetch_all(&self.pool).await.map_err(|error| self.failed(error))?;
        let line = |row: &sqlx::sqlite::SqliteRow| HistoryLine {
            at: row.get(0),
            action: row.get(1),
            user: row.get(2),
            group: row.get(3),
            license: row.get(4),
            detail: row.get(5),
        };
        Ok(rows.iter().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Users;
    use super::*;

    #[tokio::test]
    async fn a_line_is_never_changed_and_never_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("licenses.sqlite"), Users::Own).await.unwrap();
        let rows = "INSERT INTO users (id, email, created_at) VALUES (1, 'ada@example.org', 0);
            INSERT INTO history (at, action, user_id) VALUES (5, 'grant', 1)";
        sqlx::raw_sql(rows).execute(&store.pool).await.unwrap();
        for (statement, expected) in [
            ("UPDATE history SET at = 6", "the history is never changed"),
            ("DELETE FROM history", "the history is never shortened"),
            (
                "INSERT OR REPLACE INTO history (id, at, action, user_id) VALUES (1, 6, 'grant', 1)",
                "the history is never changed",
            ),
        ] {
            let error = sqlx::raw_sql(statement).execute(&store.pool).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{statement}: {error}");
        }
        assert_eq!(store.history(HistoryOf::Everybody).await.unwrap()[0].at, 5);
    }
}
