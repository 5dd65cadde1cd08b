//! jBackend's `keybyauth`: the license key of a group, for whoever knows the name and the password of an account.

use bandari_catalog::names::GroupId;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::customers::{Away, Known};
use crate::decision::{Verdict, worth};
use crate::email::EmailAddress;
use crate::failure::Failure;
use crate::license_key::KeyHolder;
use crate::metrics::QuotaOf;
use crate::password::Busy;
use crate::question::Question;
use crate::quota::RetryAfter;

/// When those who wait now will have had their turn.
const AFTER_OTHERS: RetryAfter = RetryAfter { seconds: 30 };

/// What a right password leads to.
pub(crate) enum KeyOfUser {
    /// The pair that every other call wants.
    Found { email: EmailAddress, key: SecretString },
    /// The user has no license for the group that is good: the key would be refused, for this reason.
    Refused(Verdict),
}

/// Checks the password and finds the key. A wrong password takes as long as a wrong name.
///
/// # Errors
/// The failure to answer with; [`Failure::LoginFailed`] for a wrong name and for a wrong password.
pub(crate) async fn find(question: &Question<'_>, group: &GroupId) -> Result<KeyOfUser, Failure> {
    let given = |name| question.parameters.value(name).filter(|value| !value.is_empty());
    let username = given("username").ok_or(Failure::UsernameRequired)?;
    let password = given("password").map(SecretString::from).ok_or(Failure::PasswordRequired)?;
    let app = question.app;
    let held_back = |quota, wait| {
        app.lasting.metrics.held_back(quota);
        Failure::TooManyRequests(wait)
    };
    let attempt = app.lasting.quotas.login(question.sender);
    let attempt = attempt.map_err(|wait| held_back(QuotaOf::RefusedLogins, wait))?;
    let began = Instant::now();
    let account = match app.customers.account(username).await {
        Ok(account) => account,
        Err(Away) => {
            attempt.forgive();
            return Err(Failure::StoreAway);
        }
    };
    let hash = account.as_ref().map(|account| &account.password);
    match app.lasting.logins.check(began, hash, password).await {
        Ok(true) => attempt.forgive(),
        Ok(false) => return Err(Failure::LoginFailed),
        Err(Busy) => {
            attempt.forgive();
            return Err(held_back(QuotaOf::Logins, AFTER_OTHERS));
        }
    }
    // A login is good for an account only.
    let account = account.ok_or(Failure::LoginFailed)?;

    let Known { value: holder, is_stale } =
        app.customers.holder(account.user, group).await.map_err(|Away| Failure::StoreAway)?;
    let holder = holder.ok_or(Failure::LoginFailed)?;
    let verdict = worth(&holder.licenses, None, question.now_seconds());
    if !verdict.state.is_allowed() {
        // A reason to refuse may be gone by now.
        if is_stale {
            return Err(Failure::StoreAway);
        }
        return Ok(KeyOfUser::Refused(verdict));
    }
    let of_user = KeyHolder { user: account.user, serial: holder.serial };
    // A group of the catalog has its seed: that was checked at the start.
    let key = app.keys.derive(group, of_user).ok_or(Failure::Internal)?;
    Ok(KeyOfUser::Found { email: holder.email.clone(), key })
}
