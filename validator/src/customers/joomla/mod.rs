//! A Joomla site's own database as the place where licenses live. It is only read: users, their passwords and user groups, and
//! whatever the shop keeps of subscriptions and Download IDs. What only this validator knows, serials of keys, imported keys,
//! history and wishes for mails, lies in the SQLite file beside it (`store`), under the ids of Joomla's users.
//!
//! `config` is the table `[joomla]`, `statement` and `queries` are what is asked, `database` asks it, `fault` says why there is no
//! answer, `licenses` makes licenses of an answer, and `examination` tells a vendor what is wrong with all of it.

mod config;
mod database;
mod examination;
mod fault;
mod licenses;
mod queries;
mod statement;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use bandari_catalog::names::GroupId;
use secrecy::ExposeSecret;

use crate::decision::Holder;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::imported_key::ForeignKey;
use crate::password::PasswordHash;
use crate::store::{KeyStanding, Store};

use super::{Account, Answer, Customers, ImportedKey};
use config::DownloadIds;
use database::{Access, Database, TextRow};
use fault::{Asked, FaultKind};
use licenses::{LicenseRow, Membership};
use statement::{Parameter, Statement, Value};

pub(crate) use config::{JoomlaConfig, JoomlaTable};
pub use fault::Fault;

/// The root of all user groups, of which everybody is a member who has no other (`libraries/src/Access/Access.php`,
/// `getGroupsByUser`).
const PUBLIC: u32 = 1;

/// Addresses that are asked for at a time.
const EMAILS_OF_A_STATEMENT: usize = 500;

/// User groups by group of the catalog.
pub(crate) type UserGroups = BTreeMap<GroupId, Vec<u32>>;

/// What opens and fills a [`JoomlaSite`]: as long as it is the same, so is the site. It has no `Debug`.
#[derive(Clone, PartialEq)]
pub(crate) struct SiteSettings {
    config: JoomlaConfig,
    access: Access,
    user_groups: UserGroups,
    time_limit: Duration,
}

impl SiteSettings {
    /// Reads the secrets that the configuration names. Groups that it has no user groups for have those of `taken_over`, which
    /// came from jBackend. `time_limit` is that of a look-up.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong; [`Error::Io`].
    pub(crate) fn read(
        config: &JoomlaConfig,
        taken_over: UserGroups,
        time_limit: Duration,
    ) -> Result<Self, Error> {
        let access = Access::read(config)?;
        let mut user_groups = taken_over;
        user_groups.extend(config.user_groups.clone());
        Ok(Self { config: config.clone(), access, user_groups, time_limit })
    }

    /// Refuses groups of the catalog that nobody could have a license for, and user groups of none.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub(crate) fn check_groups(&self, of_catalog: &[&GroupId]) -> Result<(), String> {
        if let Some(unknown) = self.config.user_groups.keys().find(|group| !of_catalog.contains(group)) {
            let known: Vec<String> = of_catalog.iter().map(|group| format!("`{group}`")).collect();
            return Err(format!(
                "`joomla.user_groups`: found the group `{unknown}`, expected one of the catalog: {}",
                known.join(", ")
            ));
        }
        let has_members = |group: &GroupId| self.user_groups.get(group).is_some_and(|ids| !ids.is_empty());
        match of_catalog.iter().find(|group| self.config.licenses.is_none() && !has_members(group)) {
            Some(group) => Err(format!(
                "`joomla`: found neither user groups nor a query for licenses for the group `{group}` of the catalog, \
                 expected `{group} = […]` in `[joomla.user_groups]` or a table `[joomla.licenses]`"
            )),
            None => Ok(()),
        }
    }
}

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

/// A user as the database knows them. It has no `Debug`.
struct User {
    id: u32,
    email: EmailAddress,
    is_blocked: bool,
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

    /// Ids of users by their addresses, blocked ones included.
    ///
    /// # Errors
    /// [`Error::Joomla`].
    pub(crate) async fn users_of(
        &self,
        emails: &[EmailAddress],
    ) -> Result<HashMap<EmailAddress, u32>, Error> {
        let mut found = HashMap::new();
        for some in emails.chunks(EMAILS_OF_A_STATEMENT) {
            for user in self.users_by_email(some).await? {
                found.entry(user.email).or_insert(user.id);
            }
        }
        Ok(found)
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

    /// Address, block and membership; nothing when there is no such user.
    async fn account_of(
        &self,
        user: u32,
        user_groups: &[u32],
    ) -> Result<Option<(EmailAddress, bool, Membership)>, Error> {
        let config = &self.settings.config;
        let statement = queries::holder(user_groups.len(), config.dialect, &config.prefix);
        let mut ids = user_groups.iter();
        let values = statement.values(|parameter| match parameter {
            Parameter::UserGroup => Value::Number(ids.next().copied().map_or(0, i64::from)),
            _ => Value::Number(user.into()),
        });
        let rows = self.ask(Asked::Users, &statement, &values).await?;
        let Some([email, block, is_member, has_group]) = rows.first().map(Vec::as_slice) else {
            return Ok(None);
        };
        let Some(email) = email.as_deref().and_then(EmailAddress::parse) else { return Ok(None) };
        let is_yes = |text: &Option<String>| text.as_deref() == Some(queries::YES);
        let is_public = !is_yes(has_group) && user_groups.contains(&PUBLIC);
        let membership = match user_groups {
            [] => Membership::NotAsked,
            _ if is_yes(is_member) || is_public => Membership::Member,
            _ => Membership::NoMember,
        };
        Ok(Some((email, is_blocked(block), membership)))
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
        self.ask(Asked::Licenses, statement, &values).await
    }

    /// The user of a key that is not in the file.
    async fn user_of_key(&self, key: &ForeignKey) -> Result<Option<u32>, Error> {
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

    async fn account_named(&self, username: &str) -> Result<Option<Account>, Error> {
        let config = &self.settings.config;
        let statement = queries::account(config.dialect, &config.prefix);
        let values = statement.values(|_| Value::Text(username));
        let rows = self.ask_with_text(Asked::Users, &statement, &values).await?;
        let Some([Some(id), Some(password), block]) = rows.first().map(Vec::as_slice) else {
            return Ok(None);
        };
        if is_blocked(block) {
            return Ok(None);
        }
        let user = id.parse().ok();
        Ok(user.zip(PasswordHash::parse(password)).map(|(user, password)| Account { user, password }))
    }

    /// Users with these very addresses, the oldest account first.
    async fn users_by_email(&self, emails: &[EmailAddress]) -> Result<Vec<User>, Error> {
        let config = &self.settings.config;
        let statement = queries::users_by_email(emails.len(), config.dialect, &config.prefix);
        let mut wanted = emails.iter();
        let values =
            statement.values(|_| Value::Text(wanted.next().map(EmailAddress::expose).unwrap_or_default()));
        let rows = self.ask_with_text(Asked::Users, &statement, &values).await?;
        let user = |row: &TextRow| match row.as_slice() {
            [Some(id), Some(email), block] => Some(User {
                id: id.parse().ok()?,
                email: EmailAddress::parse(email)?,
                is_blocked: is_blocked(block),
            }),
            _ => None,
        };
        // A collation that takes `á` for `a` would have the mail of one sent to another.
        Ok(rows.iter().filter_map(user).filter(|user| emails.contains(&user.email)).collect())
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

/// Whether an account may not be used (`#__users`, `block`). One that was never activated is blocked as well; `activation` says
/// nothing, since whoever asks for a new password has a token there, too (com_users, `ResetModel::processResetRequest`).
fn is_blocked(block: &Option<String>) -> bool {
    block.as_deref() != Some("0")
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
