//! Whose a key is that the site itself has given out.

use secrecy::ExposeSecret;

use crate::error::Error;
use crate::imported_key::ForeignKey;

use super::JoomlaSite;
use super::config::DownloadIds;
use super::database::TextRow;
use super::fault::Asked;
use super::statement::{Statement, Value};

impl JoomlaSite {
    /// The user of a key that is not in the file.
    pub(super) async fn user_of_key(&self, key: &ForeignKey) -> Result<Option<u32>, Error> {
        match (&self.settings.config.download_ids, &key.download_id) {
            (Some(DownloadIds::Ars(statement)), Some(id)) => {
                let (claimed, digits) = match id.expose_secret().split_once(':') {
                    Some((user, digits)) => (Some(user), digits),
                    None => (None, id.expose_secret()),
                };
                let rows = self.rows_of_key(statement, digits).await?;
                // A primary ID is sent without a user, an add-on with its own (ARS 7, `Dlid::getUser`).
                let is_meant = |row: &&TextRow| match (claimed, row.as_slice()) {
                    (None, [_, primary]) => primary.as_deref() == Some("1"),
                    (Some(claimed), [user, primary]) => {
                        primary.as_deref() != Some("1") && user.as_deref() == Some(claimed)
                    }
                    _ => false,
                };
                self.user_id(rows.iter().find(is_meant))
            }
            (Some(DownloadIds::Query(statement)), _) => {
                let rows = self.rows_of_key(statement, key.canonical.expose_secret()).await?;
                // Which of them would be chance. MySQL takes `KEY` and `key` for the same where a column's collation does.
                if rows.iter().any(|row| row.first() != rows[0].first()) {
                    return Err(self.unreadable(
                        Asked::DownloadIds,
                        "column `user_id`: found several users for one key, expected one".to_owned(),
                    ));
                }
                self.user_id(rows.first())
            }
            (Some(DownloadIds::Ars(_)), None) | (None, _) => Ok(None),
        }
    }

    async fn rows_of_key(&self, statement: &Statement, key: &str) -> Result<Vec<TextRow>, Error> {
        let values = statement.values(|_| Value::Text(key));
        self.ask_with_text(Asked::DownloadIds, statement, &values).await
    }

    fn user_id(&self, row: Option<&TextRow>) -> Result<Option<u32>, Error> {
        let Some(row) = row else { return Ok(None) };
        match row.first().and_then(Option::as_deref).map(str::parse) {
            // A key that is nobody's yet, or no longer anybody's.
            None | Some(Ok(0)) => Ok(None),
            Some(Ok(user)) => Ok(Some(user)),
            Some(Err(_)) => Err(self.unreadable(
                Asked::DownloadIds,
                "column `user_id`: found something else, expected the id of a Joomla user".to_owned(),
            )),
        }
    }
}
