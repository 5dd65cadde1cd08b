//! Licenses as the command line grants and lists them.

use bandari_catalog::names::GroupId;
use sqlx::Row;

use crate::email::EmailAddress;
use crate::error::Error;

use super::Store;

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
    /// First second in which it is no longer good, in Unix seconds; nothing means never.
    pub(crate) expires_at: Option<i64>,
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
    /// [`Error::Usage`] when the user is unknown.
    pub(crate) async fn grant(&self, grant: &Grant, now: i64) -> Result<LicenseRow, Error> {
        let mut transaction =
            self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failed(error))?;
        if let Grantee::Email(email) = &grant.to {
            sqlx::query(
                "INSERT INTO users (email, created_at) VALUES (?1, ?2) ON CONFLICT (email) DO NOTHING",
            )
            .bind(email.expose())
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.failed(error))?;
        }
        let user = match &grant.to {
            Grantee::Email(email) => {
                sqlx::query("SELECT id, email FROM users WHERE email = ?1").bind(email.expose())
            }
            Grantee::User(user) => sqlx::query("SELECT id, email FROM users WHERE id = ?1").bind(*user),
        };
        let user = user.fetch_optional(&mut *transaction).await.map_err(|error| self.failed(error))?;
        let user = user.ok_or_else(|| Error::Usage("no such user: `license list` shows their ids".into()))?;
        let license = sqlx::query_scalar(
            "INSERT INTO licenses (user_id, group_id, granted_at, expires_at) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        )
        .bind(user.get::<u32, _>(0))
        .bind(grant.group.as_str())
        .bind(now)
        .bind(grant.expires_at)
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| self.failed(error))?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(LicenseRow {
            license,
            user: user.get(0),
            email: EmailAddress::parse(&user.get::<String, _>(1))
                .ok_or_else(|| Error::Usage("the user's mail address in the store is none".into()))?,
            group: grant.group.to_string(),
            granted_at: now,
            expires_at: grant.expires_at,
        })
    }

    /// All licenses, by user and group.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn licenses(&self) -> Result<Vec<LicenseRow>, Error> {
        let rows = sqlx::query(
            "SELECT licenses.id, users.id, users.email, group_id, granted_at, expires_at FROM licenses \
             JOIN users ON users.id = user_id ORDER BY users.id, group_id, licenses.id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))?;
        let row = |row: &sqlx::sqlite::SqliteRow| {
            Some(LicenseRow {
                license: row.get(0),
                user: row.get(1),
                email: EmailAddress::parse(&row.get::<String, _>(2))?,
                group: row.get(3),
                granted_at: row.get(4),
                expires_at: row.get(5),
            })
        };
        Ok(rows.iter().filter_map(row).collect())
    }
}
