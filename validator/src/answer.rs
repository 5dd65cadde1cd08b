//! A verdict, or the lack of one, as the three audiences read it: a short text for an updater, JSON for a program, a page for
//! a person.

use bandari_catalog::names::GroupId;
use hyper::{StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;

use crate::client::Audience;
use crate::decision::{State, Verdict};
use crate::failure::Failure;
use crate::judging::Undecided;
use crate::offer::{Offer, OfferedGroup, OfferedProduct};
use crate::pages::{Site, Subject};
use crate::question::Question;
use crate::refusal;
use crate::reply::Reply;
use crate::texts::{Problem, Topic};

/// When to ask again after the store was away.
pub(crate) const STORE_AWAY_SECONDS: u32 = 30;

/// What is asked about: a product, or all that a group opens.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'q> {
    pub(crate) id: &'q str,
    /// What a license for it is of; nothing for a free product.
    pub(crate) group: Option<&'q GroupId>,
    /// The update feed of an extension.
    pub(crate) feed: Option<&'q str>,
    /// For people.
    pub(crate) topic: Topic<'q>,
    pub(crate) renew_url: Option<&'q str>,
    pub(crate) homepage: Option<&'q str>,
    pub(crate) check_url: Option<&'q str>,
}

impl<'q> From<&'q OfferedProduct> for Asked<'q> {
    fn from(product: &'q OfferedProduct) -> Self {
        Self {
            id: &product.id,
            group: product.group.as_ref(),
            feed: product.feed.as_deref(),
            topic: Topic { name: &product.name, keeps_older_releases: product.keeps_older_releases },
            renew_url: product.renew_url.as_deref(),
            homepage: product.homepage.as_deref(),
            check_url: product.check_url.as_deref(),
        }
    }
}

impl<'q> Asked<'q> {
    /// The product of that id, else the group.
    pub(crate) fn find(offer: &'q Offer, id: &str) -> Option<Self> {
        let product = offer.product(id).map(Self::from);
        product.or_else(|| offer.group(id).map(|(group, offered)| Self::of_group(group, offered)))
    }

    /// All that a group opens.
    pub(crate) fn of_group(group: &'q GroupId, offered: &'q OfferedGroup) -> Self {
        Self {
            id: group.as_str(),
            group: Some(group),
            feed: None,
            topic: Topic { name: &offered.name, keeps_older_releases: offered.keeps_older_releases },
            renew_url: offered.renew_url.as_deref(),
            homepage: offered.homepage.as_deref(),
            check_url: None,
        }
    }

    /// What pages show of it.
    pub(crate) fn subject(&self, question: &'q Question<'_>) -> Subject<'q> {
        Subject {
            site: site(question),
            topic: self.topic,
            homepage: self.homepage,
            renew_url: self.renew_url,
            check_url: self.check_url,
        }
    }
}

/// What pages show of the site.
fn site<'q>(question: &'q Question<'_>) -> Site<'q> {
    Site::from(&question.app.offer.site)
}

/// A refused download in JSON. What is not there is left out; dates and the renewal are for known keys only.
#[derive(Serialize)]
struct RefusalJson<'v> {
    status: &'static str,
    state: &'static str,
    valid: bool,
    product: &'v str,
    #[serde(flatten)]
    failure: Option<FailureWords>,
    #[serde(flatten)]
    known: Option<KnownKeyJson<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Why, as jBackend's clients know it.
#[derive(Serialize)]
pub(crate) struct FailureWords {
    error_code: &'static str,
    error_description: &'static str,
}

impl From<Failure> for FailureWords {
    fn from(failure: Failure) -> Self {
        let (error_code, error_description) = failure.words();
        Self { error_code, error_description }
    }
}

/// What only the sender of a known key may learn.
#[derive(Serialize)]
pub(crate) struct KnownKeyJson<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiring: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renew_url: Option<&'v str>,
}

impl<'v> KnownKeyJson<'v> {
    /// Nothing for a stranger's key.
    pub(crate) fn of(verdict: &Verdict, asked: &Asked<'v>, now: i64) -> Option<Self> {
        let is_good = matches!(verdict.state, State::Valid | State::Expiring { .. });
        verdict.state.is_of_known_key().then(|| Self {
            expires: verdict.expires_at.and_then(rfc3339),
            days_left: verdict.days_left(now),
            expiring: is_good.then_some(matches!(verdict.state, State::Expiring { .. })),
            // A blocked license is not renewed, and one without an end need not be.
            renew_url: asked.renew_url.filter(|_| match verdict.state {
                State::Suspended => false,
                State::Valid => verdict.expires_at.is_some(),
                _ => true,
            }),
        })
    }
}

/// `2027-01-31T00:00:00Z`.
pub(crate) fn rfc3339(unix_seconds: i64) -> Option<String> {
    Timestamp::from_second(unix_seconds).ok().map(|time| time.to_string())
}

impl<'v> RefusalJson<'v> {
    fn of(question: &Question<'_>, asked: &Asked<'v>, verdict: &Verdict) -> Self {
        let now = question.now_seconds();
        Self {
            status: "ko",
            state: verdict.state.word(),
            valid: false,
            product: asked.id,
            failure: Failure::of(verdict.state).map(FailureWords::from),
            known: KnownKeyJson::of(verdict, asked, now),
            message: question.language().message(asked.topic, verdict, now),
        }
    }
}

/// A download that is not allowed.
pub(crate) fn refusal(question: &Question<'_>, asked: &Asked<'_>, verdict: &Verdict) -> Reply {
    let status = refusal::status(verdict.state, question.app.config.refusal_status);
    let outcome = verdict.state.word();
    let (language, now) = (question.language(), question.now_seconds());
    let reply = match question.audience() {
        Audience::Updater => {
            Reply::text(status, outcome, &language.message(asked.topic, verdict, now).unwrap_or_default())
        }
        Audience::Program => Reply::json(status, outcome, &RefusalJson::of(question, asked, verdict)),
        Audience::Person => {
            let pages = &question.app.pages;
            let html = pages.refusal(language, &asked.subject(question), verdict, now);
            Reply::page(status, outcome, html, pages.content_security_policy())
        }
    };
    match status {
        // RFC 9110, section 15.5.2. No browser opens a dialog for this scheme.
        StatusCode::UNAUTHORIZED => reply.with(header::WWW_AUTHENTICATE, "Bearer"),
        _ => reply,
    }
}

#[derive(Serialize)]
struct ProblemJson {
    status: &'static str,
    #[serde(flatten)]
    failure: FailureWords,
    message: String,
}

/// What has nothing to do with a key.
pub(crate) fn problem(
    question: &Question<'_>,
    audience: Audience,
    problem: Problem<'_>,
    failure: Failure,
) -> Reply {
    let (status, outcome) = status_of(problem);
    let message = || question.language().problem(problem).text;
    match audience {
        Audience::Updater => Reply::text(status, outcome, &message()),
        Audience::Program => ko(status, outcome, failure, message()),
        Audience::Person => problem_page(question, problem),
    }
}

/// The same for a person.
pub(crate) fn problem_page(question: &Question<'_>, problem: Problem<'_>) -> Reply {
    let (status, outcome) = status_of(problem);
    let pages = &question.app.pages;
    let html = pages.problem(question.language(), &site(question), problem);
    Reply::page(status, outcome, html, pages.content_security_policy())
}

/// A failure in JSON, with words for people.
pub(crate) fn ko(status: StatusCode, outcome: &'static str, failure: Failure, message: String) -> Reply {
    Reply::json(status, outcome, &ProblemJson { status: "ko", failure: failure.into(), message })
}

/// The answer to an address that names neither product nor group.
pub(crate) fn unknown_product(question: &Question<'_>) -> Reply {
    let audience = question.audience().reading_json();
    problem(question, audience, Problem::UnknownProduct, Failure::GroupNotFound)
}

/// There is no verdict, and why.
pub(crate) fn undecided(question: &Question<'_>, audience: Audience, why: &Undecided) -> Reply {
    let (told, failure, seconds) = why_undecided(why);
    problem(question, audience, told, failure).with(header::RETRY_AFTER, seconds)
}

/// What to tell of having no verdict, and after how many seconds to ask again.
pub(crate) fn why_undecided(why: &Undecided) -> (Problem<'static>, Failure, u64) {
    match *why {
        Undecided::StoreAway => (Problem::StoreAway, Failure::StoreAway, u64::from(STORE_AWAY_SECONDS)),
        Undecided::TooManyRequests(wait) => {
            (Problem::TooManyRequests, Failure::TooManyRequests(wait), wait.seconds)
        }
    }
}

/// Status and the log's word.
pub(crate) fn status_of(problem: Problem<'_>) -> (StatusCode, &'static str) {
    match problem {
        Problem::Free { .. } => (StatusCode::OK, "free"),
        Problem::NoPackage => (StatusCode::NOT_FOUND, "no-package"),
        Problem::UnknownPackage => (StatusCode::NOT_FOUND, "unknown-package"),
        Problem::UnknownProduct => (StatusCode::NOT_FOUND, "unknown-product"),
        Problem::Withdrawn { .. } => (StatusCode::GONE, "withdrawn"),
        Problem::StoreAway => (StatusCode::SERVICE_UNAVAILABLE, "store-away"),
        Problem::TooManyRequests | Problem::TooManyMails => {
            (StatusCode::TOO_MANY_REQUESTS, "too-many-requests")
        }
        Problem::NoKeyMails => (StatusCode::NOT_FOUND, "no-key-mails"),
        Problem::NoLink => (StatusCode::INTERNAL_SERVER_ERROR, "clock"),
        Problem::NotFound => (StatusCode::NOT_FOUND, "not-found"),
    }
}
