//! A Joomla site's own database as the place where licenses live. It is only read: users, their passwords and user groups, and
//! whatever the shop keeps of subscriptions and Download IDs. What only this validator knows, serials of keys, imported keys,
//! history and wishes for mails, lies in the SQLite file beside it (`store`), under the ids of Joomla's users.
//!
//! `config` is the table `[joomla]` and `settings` what a site is made of with it; `statement` and `queries` are what is asked,
//! `database` asks it, and `fault` says why there is no answer. `users` and `download_ids` find people and their keys, `licenses`
//! makes licenses of rows, and `examination` tells a vendor what is wrong with all of it.

mod config;
mod database;
mod download_ids;
mod examination;
mod fault;
mod licenses;
mod queries;
mod settings;
mod statement;
mod users;

use std::fmt;

use bandari_catalog::names::GroupId;

use crate::decision::Holder;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::imported_key::ForeignKey;
use crate::store::{Connections, KeyStanding, Store};

use super::{Account, Answer, Customers, ImportedKey};
use database::{Database, TextRow};
use fault::{Asked, FaultKind};
use licenses::LicenseRow;
use statement::{MAX_ROWS, Parameter, Statement, Value};

pub(crate) use config::{JoomlaConfig, JoomlaTable};
pub use fault::Fault;
pub(crate) use settings::SiteSettings;

/// A Joomla site.
pub(crate) struct JoomlaSite {
    settings: SiteSettings,
    database: Database,
    /// What only this validator knows of Joomla's users.
    store: Store,
    /// Gives Unix seconds.
    clock: fn() -> u64,
}

impl fmt::Debug for JoomlaSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoomlaSite({})", self.settings.config.place())
    }
}

impl JoomlaSite {
    /// Connects to nothing yet.
    pub(crate) fn new(settings: SiteSettings, store: Store, clock: fn() -> u64) -> Self {
        let database = Database::new(&settings.config, &settings.access, settings.time_limit);
        Self { settings, database, store, clock }
    }

    pub(crate) fn settings(&self) -> &SiteSettings {
        &self.settings
    }

    /// The connections that are open now.
    pub(crate) fn connections(&self) -> Connections {
        self.database.connections()
    }

    async fn holder_of(&self, user: u32, group: &GroupId) -> Result<Option<Holder>, Error> {
        let user_groups = self.settings.user_groups.get(group).map_or(&[][..], Vec::as_slice);
        let Some((email, is_blocked, membership)) = self.account_of(user, user_groups).await? else {
            return Ok(None);
        };
        let rows = match &self.settings.config.licenses {
            Some(statement) => Some(self.license_rows(statement, user, group).await?),
            None => None,
        };
        let rows: Option<Vec<LicenseRow<'_>>> =
            rows.as_ref().map(|rows| rows.iter().map(license_row).collect());
        let now = i64::try_from((self.clock)()).unwrap_or(i64::MAX);
        let licenses = licenses::held(membership, rows.as_deref(), is_blocked, now)
            .map_err(|text| self.unreadable(Asked::Licenses, text))?;
        let serial = self.store.serial(user, group).await?;
        Ok(Some(Holder { email, serial, licenses }))
    }

    async fn license_rows(
        &self,
        statement: &Statement,
        user: u32,
        group: &GroupId,
    ) -> Result<Vec<TextRow>, Error> {
        let values = statement.values(|parameter| match parameter {
            Parameter::User => Value::Number(user.into()),
            _ => Value::Text(group.as_str()),
        });
        let rows = self.ask(Asked::Licenses, statement, &values).await?;
        match rows.len() > MAX_ROWS {
            true => Err(self.unreadable(
                Asked::Licenses,
                format!("found more than {MAX_ROWS} rows, expected those of one user for one group"),
            )),
            false => Ok(rows),
        }
    }

    /// Asks with what somebody sent. No database has anything that it cannot even compare (PostgreSQL takes no NUL, and a
    /// site in another encoding not every letter).
    async fn ask_with_text(
        &self,
        asked: Asked,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<TextRow>, Error> {
        if values.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Ok(Vec::new());
        }
        match self.database.ask(asked, statement, values).await {
            Err(fault) if fault.kind == FaultKind::Value => Ok(Vec::new()),
            answer => answer.map_err(|fault| self.failed(fault)),
        }
    }

    async fn ask(
        &self,
        asked: Asked,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<TextRow>, Error> {
        self.database.ask(asked, statement, values).await.map_err(|fault| self.failed(fault))
    }

    fn failed(&self, fault: Fault) -> Error {
        Error::Joomla { place: self.settings.config.place(), source: fault }
    }

    fn unreadable(&self, asked: Asked, text: String) -> Error {
        self.failed(Fault::of_answer(asked, text))
    }
}

fn license_row(row: &TextRow) -> LicenseRow<'_> {
    let column = |index: usize| row.get(index).and_then(Option::as_deref);
    LicenseRow { state: column(0), expires: column(1), canceled: column(2) }
}

impl Customers for JoomlaSite {
    fn holder<'a>(&'a self, user: u32, group: &'a GroupId) -> Answer<'a, Option<Holder>> {
        Box::pin(self.holder_of(user, group))
    }

    fn imported_key<'a>(&'a self, key: &'a ForeignKey) -> Answer<'a, Option<ImportedKey>> {
        Box::pin(async {
            match self.store.key_standing(key).await? {
                KeyStanding::Good(key) => Ok(Some(key)),
                KeyStanding::Revoked => Ok(None),
                KeyStanding::Unknown => {
                    let user = self.user_of_key(key).await?;
                    Ok(user.map(|user| ImportedKey { user, group: None }))
                }
            }
        })
    }

    fn account<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(self.account_named(username))
    }

    fn user_of<'a>(&'a self, email: &'a EmailAddress) -> Answer<'a, Option<u32>> {
        Box::pin(async {
            let users = self.users_by_email(std::slice::from_ref(email)).await?;
            Ok(users.iter().find(|user| !user.is_blocked).map(|user| user.id))
        })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async {
            let config = &self.settings.config;
            let probe = queries::probe(config.dialect, &config.prefix);
            self.ask(Asked::Users, &probe, &[]).await.map(drop)
        })
    }
}
