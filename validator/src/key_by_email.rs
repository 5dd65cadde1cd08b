//! jBackend's `keybyemail`: has the license key of a group sent to the address of its holder.

use std::time::Instant;

use crate::email::EmailAddress;
use crate::error::log_store_failure;
use crate::failure::Failure;
use crate::jbackend::group_of;
use crate::judging::STEP;
use crate::metrics::QuotaOf;
use crate::question::Question;

/// Leaves the wish to `key_mails`. Every address gets the same answer after the same time, whosever it is. Without a way to
/// send mail there is no such method.
///
/// # Errors
/// The failure to answer with.
pub(crate) async fn ask(question: &Question<'_>, group: Option<&str>) -> Result<(), Failure> {
    let app = question.app;
    let key_mails = app.key_mails.as_ref().ok_or(Failure::RequestUnknown)?;
    let (group, _) = group_of(question, group)?;
    let email = question.parameters.email().ok_or(Failure::EmailRequired)?;
    let begun = Instant::now();
    // What cannot be an address is nobody's.
    if let Some(email) = EmailAddress::of_request(email) {
        app.lasting.quotas.key_mail(question.sender, &email).map_err(|wait| {
            app.lasting.metrics.held_back(QuotaOf::KeyMails);
            Failure::TooManyRequests(wait)
        })?;
        let language = question.language().tag();
        let kept = key_mails.ask(app, &email, group, &language, question.now_seconds()).await;
        kept.map_err(|error| {
            log_store_failure(&error);
            Failure::StoreAway
        })?;
    }
    app.lasting.pacer.end_of_step(begun, STEP).await;
    Ok(())
}
