//! jBackend's `keybyemail`, and what `/send-key/` does, too: has the license key of a group sent to the address of its holder.

use std::time::Instant;

use bandari_catalog::names::GroupId;

use crate::email::EmailAddress;
use crate::error::log_store_failure;
use crate::failure::Failure;
use crate::jbackend::group_of;
use crate::judging::STEP;
use crate::key_mails::KeyMails;
use crate::metrics::QuotaOf;
use crate::question::Question;
use crate::quota::RetryAfter;

/// Why a wish was not taken.
pub(crate) enum Refused {
    /// This sender asks too often, or others did for this address.
    TooManyRequests(RetryAfter),
    /// There is no place to keep it now.
    StoreAway,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooManyRequests(wait) => Self::TooManyRequests(wait),
            Refused::StoreAway => Self::StoreAway,
        }
    }
}

/// Answers the method. Without a way to send mail there is no such method.
///
/// # Errors
/// The failure to answer with.
pub(crate) async fn ask(question: &Question<'_>, group: Option<&str>) -> Result<(), Failure> {
    let key_mails = question.app.key_mails.as_ref().ok_or(Failure::RequestUnknown)?;
    let (group, _) = group_of(question, group)?;
    let email = question.parameters.email().ok_or(Failure::EmailRequired)?;
    Ok(wish(question, key_mails, group, email).await?)
}

/// Leaves the wish to `key_mails`. Every address gets the same answer after the same time, whosever it is.
///
/// # Errors
/// [`Refused`], which does not depend on whose the address is either.
pub(crate) async fn wish(
    question: &Question<'_>,
    key_mails: &KeyMails,
    group: &GroupId,
    email: &str,
) -> Result<(), Refused> {
    let app = question.app;
    let begun = Instant::now();
    // What cannot be an address is nobody's.
    if let Some(email) = EmailAddress::of_request(email) {
        app.lasting.quotas.key_mail(question.sender, &email).map_err(|wait| {
            app.lasting.metrics.held_back(QuotaOf::KeyMails);
            Refused::TooManyRequests(wait)
        })?;
        let language = question.language().tag();
        let kept = key_mails.ask(app, &email, group, &language, question.now_seconds()).await;
        kept.map_err(|error| {
            log_store_failure(&error);
            Refused::StoreAway
        })?;
    }
    app.lasting.pacer.end_of_step(begun, STEP).await;
    Ok(())
}
