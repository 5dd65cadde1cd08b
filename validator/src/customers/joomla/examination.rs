//! What a vendor should hear of a Joomla site's database before customers do: everything that a look-up would ask is asked once, for
//! nobody.

use std::collections::BTreeSet;
use std::path::Path;

use bandari_catalog::names::GroupId;

use crate::error::Error;

use super::JoomlaSite;
use super::config::DownloadIds;
use super::database::TextRow;
use super::fault::{Asked, Fault, FaultKind};
use super::queries::{self, DOWNLOAD_ID_COLUMNS, LICENSE_COLUMNS};
use super::statement::{Parameter, Statement, Value};

/// A key that nobody has.
const NO_KEY: &str = "check-config asks whose this is";

impl JoomlaSite {
    /// Asks everything once. `file` is the configuration, for messages.
    ///
    /// # Errors
    /// [`Error::Joomla`] when nobody answers; [`Error::Configuration`] tells what is wrong with prefix, queries or user groups.
    pub(crate) async fn examine(&self, file: &Path, groups: &[&GroupId]) -> Result<(), Error> {
        let settings = &self.settings;
        self.database.try_to_connect(settings.time_limit).await.map_err(|fault| self.failed(fault))?;
        let config = &settings.config;
        let wrong = |message: String| Error::Configuration { file: file.to_owned(), message };
        // A group that a new catalog no longer has keeps no server from taking it, so this is told here alone.
        if let Some(unknown) = config.user_groups.keys().find(|group| !groups.contains(group)) {
            let known: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
            return Err(wrong(format!(
                "`joomla.user_groups`: found the group `{unknown}`, expected one of the catalog: {}",
                known.join(", ")
            )));
        }
        let (dialect, prefix) = (config.dialect, &config.prefix);
        for statement in [
            queries::holder(1, dialect, prefix),
            queries::account(dialect, prefix),
            queries::users_by_email(1, dialect, prefix),
        ] {
            self.try_out(Asked::Users, &statement).await.map_err(|fault| match fault.kind {
                FaultKind::Table | FaultKind::Column => wrong(format!(
                    "`joomla.prefix`: found no table or column as a Joomla 4 to 6 has them under the prefix `{prefix}` ({}), \
                     expected the prefix in the site's `configuration.php`",
                    fault.text
                )),
                _ => self.failed(fault),
            })?;
        }
        if let Some(statement) = &config.licenses {
            let tried = self.try_out(Asked::Licenses, statement).await;
            tried.map_err(|fault| self.of_query(fault, "joomla.licenses", &LICENSE_COLUMNS, &wrong))?;
        }
        if let Some(DownloadIds::Ars(statement) | DownloadIds::Query(statement)) = &config.download_ids {
            let tried = self.try_out(Asked::DownloadIds, statement).await;
            let rows = tried
                .map_err(|fault| self.of_query(fault, "joomla.download_ids", &DOWNLOAD_ID_COLUMNS, &wrong))?;
            if !rows.is_empty() {
                return Err(wrong(
                    "`joomla.download_ids`: found a user for a key that nobody has, expected the condition to compare \
                     `:key` with a text (to MySQL, any word equals the number 0)"
                        .to_owned(),
                ));
            }
        }
        match self.missing_user_group(groups).await? {
            Some((group, id)) => Err(wrong(format!(
                "`joomla.user_groups`: found {id} for the group `{group}`, which no user group of the site has, expected ids as \
                 its list of user groups shows them"
            ))),
            None => Ok(()),
        }
    }

    /// Asks for what nobody has.
    async fn try_out(&self, asked: Asked, statement: &Statement) -> Result<Vec<TextRow>, Fault> {
        let values = statement.values(|parameter| match parameter {
            Parameter::User | Parameter::UserGroup => Value::Number(0),
            Parameter::Key => Value::Text(NO_KEY),
            Parameter::Group | Parameter::Username | Parameter::Email => Value::Text(""),
        });
        self.database.ask(asked, statement, &values).await
    }

    /// What is wrong with a query of the configuration. Its text has no values, so the database's own words may be told.
    fn of_query(
        &self,
        fault: Fault,
        table: &str,
        columns: &[&str],
        wrong: &impl Fn(String) -> Error,
    ) -> Error {
        let absent = columns.iter().find(|column| fault.text.contains(&format!("answer.{column}")));
        match (fault.kind, absent) {
            (FaultKind::Away, _) => self.failed(fault),
            (FaultKind::Column, Some(absent)) => {
                let all: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
                wrong(format!(
                    "`{table}`: found no column `{absent}` in what the query gives, expected {}",
                    all.join(", ")
                ))
            }
            _ => wrong(format!("`{table}`: the database refuses the query: {}", fault.text)),
        }
    }

    /// A user group of the configuration or of jBackend that the site does not have, and whose it is.
    async fn missing_user_group<'g>(
        &self,
        groups: &[&'g GroupId],
    ) -> Result<Option<(&'g GroupId, u32)>, Error> {
        let config = &self.settings.config;
        let ids_of = |group: &GroupId| self.settings.user_groups.get(group).cloned().unwrap_or_default();
        let ids: BTreeSet<u32> = groups.iter().flat_map(|group| ids_of(group)).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let statement = queries::user_groups(ids.len(), config.dialect, &config.prefix);
        let mut next = ids.iter();
        let values = statement.values(|_| Value::Number(next.next().copied().map_or(0, i64::from)));
        let rows = self.ask(Asked::Users, &statement, &values).await?;
        let there: BTreeSet<u32> =
            rows.iter().filter_map(|row| row.first()?.as_deref()?.parse().ok()).collect();
        let missing = |group: &&'g GroupId| {
            ids_of(group).into_iter().find(|id| !there.contains(id)).map(|id| (*group, id))
        };
        Ok(groups.iter().find_map(missing))
    }
}
