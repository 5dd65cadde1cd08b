//! The API of jBackend's Release System plug-in, as its documentation and the public core component tell it: existing
//! clients go on working. Both address forms come here as the same call; answers are its JSON envelope with status 200.

use bandari_catalog::names::GroupId;
use hyper::{StatusCode, header};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::answer::{Asked, FailureWords, KnownKeyJson, STORE_AWAY_SECONDS};
use crate::decision::Verdict;
use crate::download;
use crate::failure::Failure;
use crate::judging::Undecided;
use crate::key_by_auth::{self, KeyOfUser};
use crate::key_by_email;
use crate::offer::Place;
use crate::parameters::Parameters;
use crate::question::{Credentials, Question};
use crate::reply::Reply;

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

    /// Whether it is one for a package. The vendor's documentation says `post`, its own feed says `get`.
    pub(crate) fn is_download(&self) -> bool {
        self.module == Some(MODULE)
            && self.resource == Some("download")
            && matches!(self.action, Some("post" | "get"))
    }

    /// The same with an id, if it has none.
    pub(crate) fn with_id(self, id: Option<&'r str>) -> Self {
        Self { id: self.id.or(id).filter(|id| !id.is_empty()), ..self }
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

/// A success.
#[derive(Serialize)]
struct OkJson<'k> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'k str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'k str>,
}

/// A failure: jBackend's three members, and for known keys what else there is to say.
#[derive(Serialize)]
struct KoJson<'v> {
    status: &'static str,
    #[serde(flatten)]
    words: FailureWords,
    #[serde(flatten)]
    refusal: Option<RefusalJson<'v>>,
}

#[derive(Serialize)]
struct RefusalJson<'v> {
    state: &'static str,
    #[serde(flatten)]
    known: KnownKeyJson<'v>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Answers a call. The checks are in the core's order: module, action, then the pair of resource and action.
pub(crate) async fn answer(question: &Question<'_>, call: &Call<'_>) -> Reply {
    let Some(module) = call.module else { return failed(Failure::ModuleNotSpecified) };
    if module != MODULE {
        return failed(Failure::ModuleNotFound);
    }
    let Some(action) = call.action else { return failed(Failure::ActionNotSpecified) };
    let answered = match (call.resource, action) {
        _ if call.is_download() => match call.id {
            Some(id) => return download::answer(question, id).await,
            None => return download::not_specified(question),
        },
        (Some("validate"), "post") => validate(question, call.id).await,
        (Some("verify"), "post") => verify(question, call.id).await,
        (Some("keybyauth"), "post") => key_by_auth(question, call.id).await,
        (Some("keybyemail"), "post") => key_by_email::ask(question, call.id).await.map(|()| ok()),
        _ => Err(Failure::RequestUnknown),
    };
    answered.unwrap_or_else(failed)
}

/// Is this key valid for the group?
async fn validate(question: &Question<'_>, group: Option<&str>) -> Result<Reply, Failure> {
    let (group, asked) = group_of(question, group)?;
    require_pair(question)?;
    let verdict = question.judge(group, None).await;
    judged(question, &asked, verdict)
}

/// Is this key valid for the package? Never sends a file.
async fn verify(question: &Question<'_>, package: Option<&str>) -> Result<Reply, Failure> {
    let id = package.ok_or(Failure::PackageNotSpecified)?;
    let (package, product) = question.app.offer.package(id).ok_or(Failure::PackageNotFound)?;
    match &package.place {
        Place::Public(_) => Ok(ok()),
        Place::Withdrawn => Err(Failure::PackageNotFound),
        Place::Licensed(licensed) => {
            require_pair(question)?;
            let verdict = question.judge_package(licensed).await;
            judged(question, &Asked::from(product), verdict)
        }
    }
}

/// The license key of whoever logs in with the name and the password of an account.
async fn key_by_auth(question: &Question<'_>, group: Option<&str>) -> Result<Reply, Failure> {
    let (group, asked) = group_of(question, group)?;
    match key_by_auth::find(question, group).await? {
        KeyOfUser::Found { email, key } => {
            let (email, key) = (Some(email.expose()), Some(key.expose_secret()));
            Ok(envelope("jbackend-ok", &OkJson { status: "ok", email, key }))
        }
        KeyOfUser::Refused(verdict) => Ok(of_verdict(question, &asked, &verdict)),
    }
}

/// The group that a call names.
pub(crate) fn group_of<'q>(
    question: &'q Question<'_>,
    group: Option<&'q str>,
) -> Result<(&'q GroupId, Asked<'q>), Failure> {
    let id = group.ok_or(Failure::GroupNotSpecified)?;
    let (group, offered) = question.app.offer.group(id).ok_or(Failure::GroupNotFound)?;
    Ok((group, Asked::of_group(group, offered)))
}

/// Mail address and key: these methods want both.
fn require_pair(question: &Question<'_>) -> Result<(), Failure> {
    match question.credentials() {
        Credentials { email: None, .. } => Err(Failure::EmailRequired),
        Credentials { key: None, .. } => Err(Failure::KeyRequired),
        Credentials { .. } => Ok(()),
    }
}

fn judged(
    question: &Question<'_>,
    asked: &Asked<'_>,
    verdict: Result<Verdict, Undecided>,
) -> Result<Reply, Failure> {
    match verdict {
        Ok(verdict) => Ok(of_verdict(question, asked, &verdict)),
        Err(Undecided::TooManyRequests(wait)) => Err(Failure::TooManyRequests(wait)),
        Err(Undecided::StoreAway) => Err(Failure::StoreAway),
    }
}

/// The envelope of a verdict.
fn of_verdict(question: &Question<'_>, asked: &Asked<'_>, verdict: &Verdict) -> Reply {
    let Some(failure) = Failure::of(verdict.state) else { return ok() };
    let now = question.now_seconds();
    let refusal = KnownKeyJson::of(verdict, asked, now).map(|known| RefusalJson {
        state: verdict.state.word(),
        known,
        message: question.language().message(asked.topic, verdict, now),
    });
    let (error_code, _) = failure.words();
    envelope(error_code, &KoJson { status: "ko", words: failure.into(), refusal })
}

/// The success that says nothing else.
pub(crate) fn ok() -> Reply {
    envelope("jbackend-ok", &OkJson { status: "ok", email: None, key: None })
}

fn failed(failure: Failure) -> Reply {
    let (error_code, _) = failure.words();
    let reply = envelope(error_code, &KoJson { status: "ko", words: failure.into(), refusal: None });
    match failure {
        Failure::TooManyRequests(wait) => reply.with(header::RETRY_AFTER, wait.seconds),
        Failure::StoreAway => reply.with(header::RETRY_AFTER, STORE_AWAY_SECONDS),
        _ => reply,
    }
}

/// The envelope: status 200 also for errors, with the headers of jBackend's core.
fn envelope(outcome: &'static str, body: &impl Serialize) -> Reply {
    Reply::json(StatusCode::OK, outcome, body)
        .with(header::CONTENT_DISPOSITION, "attachment;filename=\"response.json\"")
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
