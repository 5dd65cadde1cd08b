//! `/check/…`: what a key is worth, for a product, for a group, or for a package, before anything is downloaded. JSON for
//! programs and plug-ins, a page with a form for people. Whatever the key is worth, it answers 200: the question was answered.

mod json;
mod wanted;

pub(crate) use wanted::Wanted;

use bandari_catalog::names::GroupId;
use hyper::{Method, StatusCode, header};

use crate::answer::{self, Asked};
use crate::client::Audience;
use crate::decision::Verdict;
use crate::failure::Failure;
use crate::judging::Undecided;
use crate::offer::{LicensedPlace, OfferedPackage, OfferedProduct, Place};
use crate::pages::KeyState;
use crate::question::{Credentials, Named, Question};
use crate::reply::Reply;
use crate::texts::Problem;
use json::CheckJson;

/// All addresses below it are checks.
pub(crate) const PATH: &str = "/check";

/// What a key is checked for.
struct Licensed<'q> {
    asked: Asked<'q>,
    group: &'q GroupId,
    /// As [`LicensedPlace::kept_if_released_at`]; of a package only.
    kept_if_released_at: Option<i64>,
}

/// Answers what is wanted.
pub(crate) async fn answer(question: &Question<'_>, method: &Method, wanted: Wanted<'_>) -> Reply {
    let offer = &question.app.offer;
    match wanted {
        Wanted::Any(named) => match (Asked::find(offer, named.id), offer.package(named.id)) {
            (Some(asked), _) => of_offered(question, method, named, asked).await,
            (None, Some((package, product))) => of_package(question, method, named, package, product).await,
            (None, None) => problem(question, None, Problem::UnknownProduct, Failure::GroupNotFound),
        },
        Wanted::Package(named) => match offer.package(named.id) {
            Some((package, product)) => of_package(question, method, named, package, product).await,
            None => problem(question, None, Problem::UnknownPackage, Failure::PackageNotFound),
        },
        Wanted::NoPackage => problem(question, None, Problem::NoPackage, Failure::PackageNotSpecified),
        Wanted::Nothing => problem(question, None, Problem::UnknownProduct, Failure::GroupNotFound),
    }
}

/// A product or a group.
async fn of_offered(question: &Question<'_>, method: &Method, named: Named<'_>, asked: Asked<'_>) -> Reply {
    match asked.group {
        Some(group) => {
            of_licensed(question, method, named, &Licensed { asked, group, kept_if_released_at: None }).await
        }
        None => free(question, &asked),
    }
}

/// As a download of that package would be judged.
async fn of_package(
    question: &Question<'_>,
    method: &Method,
    named: Named<'_>,
    package: &OfferedPackage,
    product: &OfferedProduct,
) -> Reply {
    let asked = Asked::from(product);
    match &package.place {
        Place::Public(_) => free(question, &asked),
        Place::Withdrawn => {
            let withdrawn = Problem::Withdrawn { product: &product.name };
            problem(question, Some(&asked), withdrawn, Failure::PackageNotFound)
        }
        Place::Licensed(LicensedPlace { group, kept_if_released_at, .. }) => {
            let licensed = Licensed { asked, group, kept_if_released_at: *kept_if_released_at };
            of_licensed(question, method, named, &licensed).await
        }
    }
}

async fn of_licensed(
    question: &Question<'_>,
    method: &Method,
    named: Named<'_>,
    licensed: &Licensed<'_>,
) -> Reply {
    let asked = &licensed.asked;
    let credentials = question.credentials();
    let is_form_wanted = credentials.key.is_none() && method != Method::POST;
    let (pages, language) = (&question.app.pages, question.language());
    if question.audience() == Audience::Person && is_form_wanted {
        let html = pages.key_form(language, &asked.subject(question), named);
        return Reply::page(StatusCode::OK, "form", html, pages.content_security_policy());
    }
    match question.judge(licensed.group, licensed.kept_if_released_at).await {
        Ok(verdict) => judged(question, asked, named, credentials, &verdict),
        Err(why) => undecided(question, asked, &why),
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
    let (language, outcome) = (question.language(), verdict.state.word());
    match question.audience() {
        Audience::Person => {
            let pages = &question.app.pages;
            let state = KeyState { key: sent.key, verdict, now: question.now_seconds() };
            let html = pages.key_state(language, &asked.subject(question), named, &state);
            Reply::page(StatusCode::OK, outcome, html, pages.content_security_policy())
        }
        Audience::Updater | Audience::Program => {
            let json = CheckJson::of_verdict(question, asked, verdict);
            let is_wrapped = sent.key.is_some_and(|key| key.was_wrapped);
            let json = if is_wrapped { json.saying(&language.check().wrapped.plain()) } else { json };
            json.reply(StatusCode::OK, outcome)
        }
    }
}

fn free(question: &Question<'_>, asked: &Asked<'_>) -> Reply {
    told(question, Some(asked), Problem::Free { product: asked.topic.name }, None)
}

fn problem(
    question: &Question<'_>,
    asked: Option<&Asked<'_>>,
    problem: Problem<'_>,
    failure: Failure,
) -> Reply {
    told(question, asked, problem, Some(failure))
}

/// There is no verdict, and why.
fn undecided(question: &Question<'_>, asked: &Asked<'_>, why: &Undecided) -> Reply {
    let (why, failure, seconds) = answer::why_undecided(why);
    problem(question, Some(asked), why, failure).with(header::RETRY_AFTER, seconds)
}

/// What has nothing to do with a key. Without a failure it is none.
fn told(
    question: &Question<'_>,
    asked: Option<&Asked<'_>>,
    problem: Problem<'_>,
    failure: Option<Failure>,
) -> Reply {
    match question.audience() {
        Audience::Person => answer::problem_page(question, problem),
        Audience::Updater | Audience::Program => {
            let (status, outcome) = answer::status_of(problem);
            CheckJson::of_problem(question, asked, problem, failure).reply(status, outcome)
        }
    }
}
