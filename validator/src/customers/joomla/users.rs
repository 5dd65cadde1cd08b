//! What is asked of a site's users: whether they are members, where they log in, and whose an address is.

use std::collections::HashMap;

use crate::email::EmailAddress;
use crate::error::Error;
use crate::password::PasswordHash;

use super::super::Account;
use super::database::TextRow;
use super::fault::Asked;
use super::licenses::Membership;
use super::statement::{Parameter, Value};
use super::{JoomlaSite, queries};

/// The root of all user groups, of which everybody is a member who has no other (`libraries/src/Access/Access.php`,
/// `getGroupsByUser`).
const PUBLIC: u32 = 1;

/// Addresses that are asked for at a time.
const EMAILS_OF_A_STATEMENT: usize = 500;

/// A user as the database knows them. It has no `Debug`.
pub(super) struct User {
    pub(super) id: u32,
    email: EmailAddress,
    pub(super) is_blocked: bool,
}

impl JoomlaSite {
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

    /// Address, block and membership; nothing when there is no such user.
    pub(super) async fn account_of(
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

    /// Where somebody logs in.
    pub(super) async fn account_named(&self, username: &str) -> Result<Option<Account>, Error> {
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
    pub(super) async fn users_by_email(&self, emails: &[EmailAddress]) -> Result<Vec<User>, Error> {
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
}

/// Whether an account may not be used (`#__users`, `block`). One that was never activated is blocked as well; `activation` says
/// nothing, since whoever asks for a new password has a token there, too (com_users, `ResetModel::processResetRequest`).
fn is_blocked(block: &Option<String>) -> bool {
    block.as_deref() != Some("0")
}
