//! `/send-key/<group or product>` and `/send-key?id=…`: has a customer's key sent to the address of its holder, as jBackend's
//! `keybyemail` does. A page with a form for people, JSON for programs. Whoever asks learns nothing of whose an address is.

use bandari_catalog::names::GroupId;
use hyper::{Method, StatusCode, header};
use serde::Serialize;

use crate::answer::{self, Asked};
use crate::client::Audience;
use crate::failure::Failure;
use crate::judging::Undecided;
use crate::key_by_email::{self, Refused};
use crate::pages::KeyMailState;
use crate::question::{Named, Question};
use crate::reply::Reply;
use crate::texts::Problem;

/// The same for every address.
#[derive(Serialize)]
struct OkJson {
    status: &'static str,
    message: String,
}

/// Answers for the group of the product of that id, else for the group.
pub(crate) async fn answer(question: &Question<'_>, method: &Method, named: Named<'_>) -> Reply {
    match Asked::find(&question.app.offer, named.id) {
        Some(asked) => match asked.group {
            Some(group) => of_group(question, method, group, &asked, named).await,
            None => free(question, &asked),
        },
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
    let audience = question.audience().reading_json();
    let Some(key_mails) = &question.app.key_mails else {
        return answer::problem(question, audience, Problem::NoKeyMails, Failure::RequestUnknown);
    };
    match question.parameters.email() {
        Some(email) => match key_by_email::wish(question, key_mails, group, email).await {
            Ok(()) => said(question, asked, named, KeyMailState::Asked),
            Err(refused) => not_now(question, audience, &refused),
        },
        None if audience == Audience::Person && method != Method::POST => {
            said(question, asked, named, KeyMailState::NotAsked)
        }
        None => said(question, asked, named, KeyMailState::NoAddress),
    }
}

/// The page of that state; to a program, the same sentence.
fn said(question: &Question<'_>, asked: &Asked<'_>, named: Named<'_>, state: KeyMailState) -> Reply {
    let (language, words) = (question.language(), question.language().send_key());
    let (status, outcome) = match state {
        KeyMailState::NotAsked => (StatusCode::OK, "form"),
        KeyMailState::NoAddress => (StatusCode::BAD_REQUEST, "no-address"),
        KeyMailState::Asked => (StatusCode::OK, "key-mail-asked"),
    };
    match (question.audience(), state) {
        (Audience::Person, _) => {
            let pages = &question.app.pages;
            let html = pages.key_mail(language, &asked.subject(question), named, state);
            Reply::page(status, outcome, html, pages.content_security_policy())
        }
        (_, KeyMailState::Asked) => ok(outcome, words.asked.of_product(asked.topic.name)),
        _ => answer::ko(status, outcome, Failure::EmailRequired, words.no_address.plain()),
    }
}

/// Neither tells whose the address is.
fn not_now(question: &Question<'_>, audience: Audience, refused: &Refused) -> Reply {
    match *refused {
        Refused::TooManyRequests(wait) => {
            let failure = Failure::TooManyRequests(wait);
            answer::problem(question, audience, Problem::TooManyMails, failure)
                .with(header::RETRY_AFTER, wait.seconds)
        }
        Refused::StoreAway => answer::undecided(question, audience, &Undecided::StoreAway),
    }
}

fn free(question: &Question<'_>, asked: &Asked<'_>) -> Reply {
    let problem = Problem::Free { product: asked.topic.name };
    match question.audience() {
        Audience::Person => answer::problem_page(question, problem),
        Audience::Updater | Audience::Program => ok("free", question.language().problem(problem).text),
    }
}

fn ok(outcome: &'static str, message: String) -> Reply {
    Reply::json(StatusCode::OK, outcome, &OkJson { status: "ok", message })
}
