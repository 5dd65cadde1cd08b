//! `/check/<product or group>` and `/check?id=…`: what a key is worth, before anything is downloaded. JSON for programs and
//! plug-ins, a page with a form for people. It answers 200 whatever the key is worth: the question was answered.

use bandari_catalog::names::GroupId;
use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::answer::{self, Asked, VerdictJson};
use crate::client::Audience;
use crate::decision::Verdict;
use crate::failure::Failure;
use crate::pages::KeyState;
use crate::question::{Credentials, Named, Question};
use crate::reply::Reply;
use crate::texts::Problem;

/// A product without a group.
#[derive(Serialize)]
struct FreeJson<'q> {
    status: &'static str,
    state: &'static str,
    valid: bool,
    product: &'q str,
    message: String,
}

/// Answers for the product of that id, else for the group.
pub(crate) async fn answer(question: &Question<'_>, method: &Method, named: Named<'_>) -> Reply {
    match Asked::find(&question.app.offer, named.id) {
        Some((asked, Some(group))) => of_group(question, method, group, &asked, named).await,
        Some((asked, None)) => free(question, &asked),
        None => answer::unknown_product(question),
    }
}

async fn of_group(
    question: &Question<'_>,
    method: &Method,
    group: &GroupId,
    asked: &Asked<'_>,
    named: Named<'_>,
) -> Reply {
    let credentials = question.credentials();
    let is_form_wanted = credentials.key.is_none() && method != Method::POST;
    let (pages, language) = (&question.app.pages, question.language());
    if question.audience() == Audience::Person && is_form_wanted {
        let html = pages.key_form(language, &asked.subject(question), named);
        return Reply::page(StatusCode::OK, "form", html, pages.content_security_policy());
    }
    match question.judge(group, None).await {
        Ok(verdict) => judged(question, asked, named, credentials, &verdict),
        Err(undecided) => answer::undecided(question, question.audience().reading_json(), &undecided),
    }
}

/// What a key is worth, and, whatever that is, how it came: with a blank before it no Joomla gets as far as here.
fn judged(
    question: &Question<'_>,
    asked: &Asked<'_>,
    named: Named<'_>,
    sent: Credentials<'_>,
    verdict: &Verdict,
) -> Reply {
    let language = question.language();
    match question.audience() {
        Audience::Person => {
            let pages = &question.app.pages;
            let state = KeyState { key: sent.key, verdict, now: question.now_seconds() };
            let html = pages.key_state(language, &asked.subject(question), named, &state);
            Reply::page(StatusCode::OK, verdict.state.word(), html, pages.content_security_policy())
        }
        Audience::Updater | Audience::Program => {
            let json = VerdictJson::of(question, asked, verdict);
            let is_wrapped = sent.key.is_some_and(|key| key.was_wrapped);
            let json = if is_wrapped { json.saying(&language.check().wrapped.plain()) } else { json };
            json.reply(StatusCode::OK)
        }
    }
}

fn free(question: &Question<'_>, asked: &Asked<'_>) -> Reply {
    let language = question.language();
    let problem = Problem::Free { product: asked.topic.name };
    match question.audience() {
        Audience::Person => answer::problem(question, Audience::Person, problem, Failure::Internal),
        Audience::Updater | Audience::Program => {
            let message = language.problem(problem).text;
            let json = FreeJson { status: "ok", state: "free", valid: true, product: asked.id, message };
            Reply::json(StatusCode::OK, "free", &json)
        }
    }
}
