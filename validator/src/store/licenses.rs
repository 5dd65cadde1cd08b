//! Licenses as the command line grants, changes and lists them.

use bandari_catalog::names::GroupId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::dates;
use crate::decision::{License, Standing};
use crate::email::EmailAddress;
use crate::error::Error;

use super::Store;
use super::history::{Action, Change};

/// What the vendor has made of a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LicenseState {
    /// Nothing: dates alone count.
    Active,
    /// Ended at once.
    Canceled,
    /// The payment went back.
    Refunded,
    /// Blocked.
    Suspended,
    /// As if it had never been granted.
    Revoked,
}

impl LicenseState {
    /// As the store and the commands name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::Refunded => "refunded",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// The state of that name. The schema allows no other than these; whatever else there might be opens nothing.
    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "active" => Self::Active,
            "canceled" => Self::Canceled,
            "refunded" => Self::Refunded,
            "revoked" => Self::Revoked,
            _ => Self::Suspended,
        }
    }

    /// The command that leads to it.
    pub(crate) fn command(self) -> &'static str {
        self.action().name()
    }

    /// The action that leads to it.
    fn action(self) -> Action {
        match self {
            Self::Active => Action::Restore,
            Self::Canceled => Action::Cancel,
            Self::Refunded => Action::Refund,
            Self::Suspended => Action::Suspend,
            Self::Revoked => Action::Revoke,
        }
    }

    /// As the decision knows it, since `at` (Unix seconds) where that is known; nothing for one that does not count.
    pub(super) fn standing(self, at: Option<i64>) -> Option<Standing> {
        match self {
            Self::Active => Some(Standing::Active),
            Self::Canceled => Some(Standing::Canceled { at }),
            Self::Refunded => Some(Standing::Refunded),
            Self::Suspended => Some(Standing::Suspended),
            Self::Revoked => None,
        }
    }
}

/// A license as the command line lists it.
#[derive(Clone, Debug)]
pub(crate) struct LicenseRow {
    /// Id of the license.
    pub(crate) license: i64,
    /// Id of its user.
    pub(crate) user: u32,
    /// The user's address.
    pub(crate) email: EmailAddress,
    /// What it opens.
    pub(crate) group: String,
    /// When it was granted, in Unix seconds.
    pub(crate) granted_at: i64,
    /// What was made of it.
    pub(crate) state: LicenseState,
    /// Since when, in Unix seconds; nothing for an active one, and where it came without a date.
    pub(crate) state_since: Option<i64>,
    /// First second in which it is no longer good, in Unix seconds; nothing means never.
    pub(crate) expires_at: Option<i64>,
}

impl LicenseRow {
    /// As the decision knows it; nothing for one that was revoked.
    pub(crate) fn license(&self) -> Option<License> {
        let standing = self.state.standing(self.state_since)?;
        Some(License { standing, expires_at: self.expires_at })
    }

    /// Columns of [`Store::licenses`] and [`Store::license`]; nothing when the address is none.
    fn of(row: &SqliteRow) -> Option<Self> {
        Some(Self {
            license: row.get(0),
            user: row.get(1),
            email: EmailAddress::parse(row.get(2))?,
            group: row.get(3),
            granted_at: row.get(4),
            state: LicenseState::of_name(row.get(5)),
            state_since: row.get(6),
            expires_at: row.get(7),
        })
    }
}

/// A license to be granted.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// To whom; an address that is new makes a new user.
    pub(crate) to: Grantee,
    /// What it opens.
    pub(crate) group: GroupId,
    /// First second in which it is no longer good, in Unix seconds.
    pub(crate) expires_at: Option<i64>,
}

/// Who gets a license.
#[derive(Clone, Debug)]
pub(crate) enum Grantee {
    /// The user with this address.
    Email(EmailAddress),
    /// A user that is there already.
    User(u32),
}

impl Store {
    /// Grants a license at `now` (Unix seconds). Tells the license as it stands.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`]; [`Error::Store`].
    pub(crate) async fn grant(&self, grant: &Grant, now: i64) -> Result<LicenseRow, Error> {
        let mut transaction = self.begin().await?;
        let (user, email) = self.grantee(&mut transaction, &grant.to, now).await?;
        let license = sqlx::query_scalar(
            "INSERT INTO licenses (user_id, group_id, granted_at, expires_at) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        )
        .bind(user)
        .bind(grant.group.as_str())
        .bind(now)
        .bind(grant.expires_at)
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| self.failed(error))?;
        let change = Change {
            at: now,
            action: Action::Grant,
            user,
            group: Some(grant.group.as_str()),
            license: Some(license),
            detail: Some(format!("ends {}", dates::print_or_never(grant.expires_at))),
        };
        self.write_history(&mut transaction, change).await?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(LicenseRow {
            license,
            user,
            email,
            group: grant.group.to_string(),
            granted_at: now,
            state: LicenseState::Active,
            state_since: None,
            expires_at: grant.expires_at,
        })
    }

    /// Who it is; made at `now` where the address is new.
    async fn grantee(
        &self,
        connection: &mut SqliteConnection,
        to: &Grantee,
        now: i64,
    ) -> Result<(u32, EmailAddress), Error> {
        if let Grantee::Email(email) = to {
            sqlx::query(
                "INSERT INTO users (email, created_at) VALUES (?1, ?2) ON CONFLICT (email) DO NOTHING",
            )
            .bind(email.expose())
            .bind(now)
            .execute(&mut *connection)
            .await
            .map_err(|error| self.failed(error))?;
        }
        let user = match to {
            Grantee::Email(email) => {
                sqlx::query("SELECT id, email FROM users WHERE email = ?1").bind(email.expose())
            }
            Grantee::User(user) => sqlx::query("SELECT id, email FROM users WHERE id = ?1").bind(*user),
        };
        let user = user.fetch_optional(connection).await.map_err(|error| self.failed(error))?;
        let user = match (user, to) {
            (Some(user), _) => user,
            (None, Grantee::User(id)) => return Err(Error::NoSuchUser(*id)),
            (None, Grantee::Email(_)) => {
                return Err(self.wrong_content("found no user with the address that was written just now"));
            }
        };
        let id: u32 = user.get(0);
        let email = EmailAddress::parse(user.get(1))
            .ok_or_else(|| self.wrong_content(format!("found no mail address of user {id}, expected one")))?;
        Ok((id, email))
    }

    /// All licenses, by user and group.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn licenses(&self) -> Result<Vec<LicenseRow>, Error> {
        let rows = sqlx::query(
            "SELECT licenses.id, users.id, email, group_id, granted_at, state, state_since, expires_at FROM licenses \
             JOIN users ON users.id = user_id ORDER BY users.id, group_id, licenses.id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(rows.iter().filter_map(LicenseRow::of).collect())
    }

    /// The license of that id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn license(&self, id: i64) -> Result<Option<LicenseRow>, Error> {
        let mut connection = self.pool.acquire().await.map_err(|error| self.failed(error))?;
        self.license_in(&mut connection, id).await
    }

    async fn license_in(
        &self,
        connection: &mut SqliteConnection,
        id: i64,
    ) -> Result<Option<LicenseRow>, Error> {
        let row = sqlx::query(
            "SELECT licenses.id, users.id, email, group_id, granted_at, state, state_since, expires_at FROM licenses \
             JOIN users ON users.id = user_id WHERE licenses.id = ?1",
        )
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(row.as_ref().and_then(LicenseRow::of))
    }

    /// Brings a license into a state at `now` (Unix seconds). Tells it as it stands, and what its state was; when that was
    /// the same, nothing is written. Nothing when there is no such license.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn change_state(
        &self,
        id: i64,
        state: LicenseState,
        now: i64,
    ) -> Result<Option<(LicenseRow, LicenseState)>, Error> {
        let mut transaction = self.begin().await?;
        let Some(row) = self.license_in(&mut transaction, id).await? else { return Ok(None) };
        let was = row.state;
        if was == state {
            return Ok(Some((row, was)));
        }
        let state_since = (state != LicenseState::Active).then_some(now);
        sqlx::query("UPDATE licenses SET state = ?2, state_since = ?3 WHERE id = ?1")
            .bind(id)
            .bind(state.name())
            .bind(state_since)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.failed(error))?;
        let change = Change {
            at: now,
            action: state.action(),
            user: row.user,
            group: Some(&row.group),
            license: Some(id),
            detail: Some(format!("was {}", was.name())),
        };
        self.write_history(&mut transaction, change).await?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(Some((LicenseRow { state, state_since, ..row }, was)))
    }
}
