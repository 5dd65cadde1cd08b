//! The API of jBackend's Release System plug-in, as its documentation and the public core component tell it: existing
//! clients go on working. Both address forms come here as the same call; answers are its JSON envelope with status 200.

use bytes::Bytes;
use hyper::{StatusCode, header};
use serde::Serialize;

use crate::app::{App, Credentials};
use crate::decision::{State, Verdict};
use crate::error::Error;
use crate::messages;
use crate::offer::Place;
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::routes::download;

/// The one module that this server has.
const MODULE: &str = "release";

/// One call: the words of the address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Call<'r> {
    pub(crate) action: Option<&'r str>,
    pub(crate) module: Option<&'r str>,
    pub(crate) resource: Option<&'r str>,
    pub(crate) id: Option<&'r str>,
}

impl<'r> Call<'r> {
    /// `/post/release/validate/redj_ent`: three segments are action, module and resource, four have the id, too; any other
    /// number is read as nothing. A slash at the end is none that separates.
    pub(crate) fn of_path(path: &'r str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
            [action, module, resource] => {
                Self { action: Some(action), module: Some(module), resource: Some(resource), id: None }
            }
            [action, module, resource, id] => {
                Self { action: Some(action), module: Some(module), resource: Some(resource), id: Some(id) }
            }
            _ => Self::default(),
        }
    }

    /// `?action=post&module=release&resource=validate&id=redj_ent`; nothing when no such word is there.
    pub(crate) fn of_parameters(parameters: &'r Parameters<'_>) -> Option<Self> {
        let value = |name| parameters.value(name).filter(|value| !value.is_empty());
        let call = Self {
            action: value("action"),
            module: value("module"),
            resource: value("resource"),
            id: value("id"),
        };
        let is_call = call.action.is_some() || call.module.is_some() || call.resource.is_some();
        is_call.then_some(call)
    }
}

/// The errors of jBackend's core (`REQ_`) and of this module (`REL_`).
#[derive(Clone, Copy)]
enum Failure {
    ActionNotSpecified,
    ModuleNotSpecified,
    ModuleNotFound,
    RequestUnknown,
    GroupNotSpecified,
    GroupNotFound,
    PackageNotSpecified,
    PackageNotFound,
    EmailRequired,
    KeyRequired,
    KeyInvalid,
    LicenseExpired,
    LicenseCanceled,
    LicenseRefunded,
    LicenseSuspended,
    NotCovered,
    Internal,
}

impl Failure {
    /// `error_code` and `error_description`.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ActionNotSpecified => ("REQ_ANS", "Action not specified"),
            Self::ModuleNotSpecified => ("REQ_MNS", "Module not specified"),
            Self::ModuleNotFound => ("REQ_MNF", "Module not found"),
            Self::RequestUnknown => ("REQ_RUN", "Request unknown"),
            Self::GroupNotSpecified => ("REL_GNS", "Package group not specified"),
            Self::GroupNotFound => ("REL_GNF", "Package group not found"),
            Self::PackageNotSpecified => ("REL_PNS", "Package not specified"),
            Self::PackageNotFound => ("REL_PNF", "Package not found"),
            Self::EmailRequired => ("REL_EMR", "Email required"),
            Self::KeyRequired => ("REL_KYR", "License key required"),
            Self::KeyInvalid => ("REL_KYI", "License key invalid"),
            Self::LicenseExpired => ("REL_KYE", "License expired"),
            Self::LicenseCanceled => ("REL_KYC", "License canceled"),
            Self::LicenseRefunded => ("REL_KYF", "License refunded"),
            Self::LicenseSuspended => ("REL_KYS", "License suspended"),
            Self::NotCovered => ("REL_NAU", "Package not included in this license"),
            Self::Internal => ("REL_INT", "Internal error"),
        }
    }
}

/// The failure that a state means; nothing for those that allow.
fn failure(state: State) -> Option<Failure> {
    match state {
        State::Valid | State::Expiring { .. } | State::KeptRelease => None,
        State::Missing => Some(Failure::KeyRequired),
        State::Invalid => Some(Failure::KeyInvalid),
        State::Refunded => Some(Failure::LicenseRefunded),
        State::Canceled { .. } => Some(Failure::LicenseCanceled),
        State::Suspended => Some(Failure::LicenseSuspended),
        State::Expired { .. } => Some(Failure::LicenseExpired),
        State::NotCovered => Some(Failure::NotCovered),
    }
}

#[derive(Serialize)]
struct Ok200 {
    status: &'static str,
}

#[derive(Serialize)]
struct Ko200 {
    status: &'static str,
    error_code: &'static str,
    error_description: &'static str,
}

/// Answers a call. The checks are in the core's order: module, action, then the pair of resource and action.
pub(crate) async fn answer(app: &App, call: &Call<'_>, parameters: &Parameters<'_>, now: u64) -> Reply {
    let Some(module) = call.module else { return failed(Failure::ModuleNotSpecified) };
    if module != MODULE {
        return failed(Failure::ModuleNotFound);
    }
    let Some(action) = call.action else { return failed(Failure::ActionNotSpecified) };
    let result = match (call.resource, action) {
        // The vendor's documentation says `post`, its own feed says `get`.
        (Some("download"), "post" | "get") => {
            return match call.id {
                Some(id) => download(app, id, parameters, now).await,
                None => Reply::text(StatusCode::FORBIDDEN, "no-package", messages::NO_PACKAGE),
            };
        }
        (Some("validate"), "post") => validate(app, call.id, parameters, now).await,
        (Some("verify"), "post") => verify(app, call.id, parameters, now).await,
        _ => Err(Failure::RequestUnknown),
    };
    match result {
        Ok(()) => json("jbackend-ok", &Ok200 { status: "ok" }),
        Err(failure) => failed(failure),
    }
}

/// Is this key valid for the group?
async fn validate(
    app: &App,
    group: Option<&str>,
    parameters: &Parameters<'_>,
    now: u64,
) -> Result<(), Failure> {
    let group = group.ok_or(Failure::GroupNotSpecified)?;
    let group = app.offer.group(group).ok_or(Failure::GroupNotFound)?;
    judged(app.decide(group, None, pair(parameters)?, now).await)
}

/// Is this key valid for the package? Never sends a file.
async fn verify(
    app: &App,
    package: Option<&str>,
    parameters: &Parameters<'_>,
    now: u64,
) -> Result<(), Failure> {
    let package = package.ok_or(Failure::PackageNotSpecified)?;
    let package = app.offer.package(package).ok_or(Failure::PackageNotFound)?;
    match &package.place {
        Place::Public(_) => Ok(()),
        Place::Withdrawn => Err(Failure::PackageNotFound),
        Place::Licensed(group, _) => judged(app.decide(group, None, pair(parameters)?, now).await),
    }
}

/// Mail address and key: these methods want both.
fn pair<'r>(parameters: &'r Parameters<'_>) -> Result<Credentials<'r>, Failure> {
    let email = parameters.email().ok_or(Failure::EmailRequired)?;
    let key = parameters.key().ok_or(Failure::KeyRequired)?;
    Ok(Credentials { key: Some(key), email: Some(email) })
}

fn judged(verdict: Result<Verdict, Error>) -> Result<(), Failure> {
    match verdict {
        Ok(verdict) => failure(verdict.state).map_or(Ok(()), Err),
        Err(error) => {
            crate::routes::log_store_failure(&error);
            Err(Failure::Internal)
        }
    }
}

fn failed(failure: Failure) -> Reply {
    let (error_code, error_description) = failure.words();
    json(error_code, &Ko200 { status: "ko", error_code, error_description })
}

/// The envelope: status 200 also for errors, with the headers of jBackend's core.
fn json(outcome: &'static str, body: &impl Serialize) -> Reply {
    let json = serde_json::to_vec(body).expect("a struct of strings has a JSON form");
    Reply::new(StatusCode::OK, outcome, Bytes::from(json))
        .with(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .with(header::CONTENT_DISPOSITION, "attachment;filename=\"response.json\"")
        .with(header::CACHE_CONTROL, "no-store")
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_another_number_of_segments_is_read_as_nothing() {
        assert_eq!(Call::of_path("/post/release"), Call::default());
        assert_eq!(Call::of_path("/post/release/validate/a/b"), Call::default());
        let call = Call::of_path("/post/release/validate/redj_ent");
        assert_eq!((call.action, call.resource, call.id), (Some("post"), Some("validate"), Some("redj_ent")));
        assert_eq!(Call::of_path("/post/release/validate/redj_ent/"), call);
        assert_eq!(Call::of_path("/post/release/validate/"), Call::of_path("/post/release/validate"));
    }
}
