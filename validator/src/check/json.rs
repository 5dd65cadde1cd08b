//! The JSON of `/check`: version 1, in which members may be added and none changes its meaning.

use hyper::StatusCode;
use serde::Serialize;

use crate::answer::{Asked, FailureWords, KnownKeyJson, rfc3339};
use crate::decision::{State, Verdict};
use crate::failure::Failure;
use crate::question::Question;
use crate::reply::Reply;
use crate::texts::Problem;

/// A program that knows this version understands all answers that have it.
const VERSION: u8 = 1;

/// What a check answers to a program. What is not there is left out.
#[derive(Serialize)]
pub(super) struct CheckJson<'c> {
    check_version: u8,
    status: &'static str,
    /// Nothing where the question was not answered.
    #[serde(flatten)]
    state: Option<StateJson>,
    /// Nothing where the address names nothing that there is.
    #[serde(flatten)]
    about: Option<AboutJson<'c>>,
    #[serde(flatten)]
    failure: Option<FailureWords>,
    #[serde(flatten)]
    known: Option<KnownKeyJson<'c>>,
    /// When the license was canceled, where that is known; for known keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    canceled: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct StateJson {
    state: &'static str,
    /// Whether a download would begin.
    valid: bool,
}

/// What the public catalog tells of it, whatever the key is.
#[derive(Serialize)]
struct AboutJson<'c> {
    product: &'c str,
    /// For people.
    name: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<&'c str>,
}

impl<'c> From<&Asked<'c>> for AboutJson<'c> {
    fn from(asked: &Asked<'c>) -> Self {
        Self {
            product: asked.id,
            name: asked.topic.name,
            group: asked.group.map(|group| group.as_str()),
            feed: asked.feed,
        }
    }
}

impl<'c> CheckJson<'c> {
    /// What a key is worth.
    pub(super) fn of_verdict(question: &Question<'_>, asked: &Asked<'c>, verdict: &Verdict) -> Self {
        let now = question.now_seconds();
        let valid = verdict.state.is_allowed();
        let canceled_at = match verdict.state {
            State::Canceled { at } => at,
            _ => None,
        };
        Self {
            check_version: VERSION,
            status: status(valid),
            state: Some(StateJson { state: verdict.state.word(), valid }),
            about: Some(asked.into()),
            failure: Failure::of(verdict.state).map(FailureWords::from),
            known: KnownKeyJson::of(verdict, asked, now),
            canceled: canceled_at.and_then(rfc3339),
            message: question.language().message(asked.topic, verdict, now),
        }
    }

    /// What has nothing to do with a key. Without a failure it is none.
    pub(super) fn of_problem(
        question: &Question<'_>,
        asked: Option<&Asked<'c>>,
        problem: Problem<'_>,
        failure: Option<Failure>,
    ) -> Self {
        let state = state_of(problem).map(|state| StateJson { state, valid: failure.is_none() });
        Self {
            check_version: VERSION,
            status: status(failure.is_none()),
            state,
            about: asked.map(AboutJson::from),
            failure: failure.map(FailureWords::from),
            known: None,
            canceled: None,
            message: Some(question.language().problem(problem).text),
        }
    }

    /// With a sentence more at the end of the message.
    pub(super) fn saying(self, sentence: &str) -> Self {
        let message = self.message.map(|message| format!("{message} {sentence}"));
        Self { message: message.or_else(|| Some(sentence.to_owned())), ..self }
    }

    /// `outcome` is the log's word for it.
    pub(super) fn reply(&self, status: StatusCode, outcome: &'static str) -> Reply {
        Reply::json(status, outcome, self)
    }
}

fn status(is_good: bool) -> &'static str {
    if is_good { "ok" } else { "ko" }
}

/// The state of what has nothing to do with a key; nothing where a later try may have another answer, or where it is no
/// question that there is an answer to.
fn state_of(problem: Problem<'_>) -> Option<&'static str> {
    match problem {
        Problem::Free { .. } => Some("free"),
        Problem::Withdrawn { .. } => Some("withdrawn"),
        Problem::NoPackage | Problem::UnknownPackage => Some("unknown_package"),
        Problem::UnknownProduct
        | Problem::StoreAway
        | Problem::TooManyRequests
        | Problem::TooManyMails
        | Problem::NoKeyMails
        | Problem::NoLink
        | Problem::NotFound => None,
    }
}
