//! What the template of the pages gets: each field is there on each page, `null` where there is nothing to show. Which links
//! and facts a state has is decided here.

mod samples;

pub(super) use samples::samples;

use serde::Serialize;

use super::{KeyMailState, KeyState, Site, Subject};
use crate::decision::{State, Verdict};
use crate::texts::{Language, Nothing, Problem, StateText, Text};

const MAIL_SCHEME: &str = "mailto:";

/// How much of a key's end is shown.
const SHOWN_KEY_CHARS: usize = 3;

/// How much of a key stays unseen at least: three quarters of the shortest of which anything is shown.
const MIN_HIDDEN_KEY_CHARS: usize = 9;

#[derive(Serialize)]
pub(super) struct View<'v> {
    pub(super) lang: String,
    pub(super) dir: &'static str,
    /// HTML: the one value that is not to be escaped.
    pub(super) style: &'v str,
    pub(super) site: SiteView<'v>,
    pub(super) labels: LabelsView,
    pub(super) product: Option<&'v str>,
    pub(super) homepage: Option<&'v str>,
    pub(super) heading: String,
    pub(super) result: Option<ResultView>,
    pub(super) form: Option<FormView<'v>>,
}

#[derive(Serialize)]
pub(super) struct SiteView<'v> {
    pub(super) title: &'v str,
    pub(super) vendor: &'v str,
    pub(super) url: Option<&'v str>,
}

#[derive(Serialize)]
pub(super) struct LabelsView {
    pub(super) what_to_do: String,
    pub(super) published_by: String,
    /// For the link to the product's home page.
    pub(super) homepage: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ResultView {
    /// Nothing where the page's own heading says it.
    pub(super) heading: Option<String>,
    tone: Tone,
    text: String,
    /// What else must be known of the key.
    hint: Option<String>,
    pub(super) facts: Vec<Fact>,
    steps: Vec<String>,
    links: Vec<Link>,
}

/// A class of the style sheet.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Tone {
    Good,
    Soon,
    Bad,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fact {
    name: String,
    value: String,
}

/// Where to go.
#[derive(Serialize)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) label: String,
    /// The mail address that it leads to: not every browser knows a mail program.
    pub(crate) mail_address: Option<String>,
    /// The one that helps most.
    is_first: bool,
}

#[derive(Serialize)]
pub(super) struct FormView<'v> {
    pub(super) intro: String,
    /// Label of the one field.
    pub(super) key: String,
    pub(super) submit: String,
    /// The same, where the field is for a mail address.
    pub(super) email: Option<String>,
    /// What the form is about, where the page's path does not say so.
    pub(super) id: Option<&'v str>,
}

impl View<'_> {
    /// A page without a template: what is wrong, and what to do now.
    pub(super) fn bare(&self) -> String {
        let mut html = format!("<!DOCTYPE html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n", self.lang);
        let mut add = |element: &str, text: &str| {
            html.push_str(&format!("<{element}>{}</{element}>\n", escaped(text)));
        };
        add("title", &self.heading);
        add("h1", &self.heading);
        if let Some(result) = &self.result {
            add("p", &result.text);
            result.hint.iter().for_each(|hint| add("p", hint));
            result.steps.iter().for_each(|step| add("p", step));
        }
        html
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = Vec::new();
    // A vector takes every byte, and escaping leaves UTF-8 what it is.
    match tera::escape_html(text, &mut escaped) {
        Ok(()) => String::from_utf8_lossy(&escaped).into_owned(),
        Err(_) => String::new(),
    }
}

impl ResultView {
    /// A state with what to do now; no facts yet, and the heading is left to the page.
    pub(super) fn of_state(
        language: &Language,
        subject: &Subject<'_>,
        verdict: &Verdict,
        said: StateText,
    ) -> Self {
        let tone = match verdict.state {
            State::Valid => Tone::Good,
            State::Expiring { .. } | State::KeptRelease => Tone::Soon,
            _ => Tone::Bad,
        };
        // Without steps a sentence says what to do.
        let text = if said.steps.is_empty() { said.message() } else { said.reason };
        let links = state_links(language, subject, verdict);
        Self { heading: None, tone, text, hint: None, facts: Vec::new(), steps: said.steps, links }
    }

    /// Says that the key does not work in a Joomla as it was sent.
    pub(super) fn warn_of_wrapping(&mut self, language: &Language, state: State, reason: String) {
        self.hint = Some(language.check().wrapped.plain());
        // Then it is not true that there is nothing to do.
        if state == State::Valid {
            (self.tone, self.text) = (Tone::Soon, reason);
        }
    }

    /// What to say of a form that was sent; nothing when none was.
    pub(super) fn of_key_mail(
        language: &Language,
        subject: &Subject<'_>,
        state: KeyMailState,
    ) -> Option<Self> {
        let (words, site) = (language.send_key(), &subject.site);
        let (tone, text, account) = match state {
            KeyMailState::NotAsked => return None,
            KeyMailState::NoAddress => (Tone::Bad, words.no_address.plain(), None),
            KeyMailState::Asked => {
                (Tone::Good, words.asked.of_product(subject.topic.name), account(language, site))
            }
        };
        let links = links([account, support(language, site)], Emphasis::None);
        Some(Self { heading: None, tone, text, hint: None, facts: Vec::new(), steps: Vec::new(), links })
    }

    pub(super) fn of_problem(
        language: &Language,
        site: &Site<'_>,
        problem: Problem<'_>,
        text: String,
    ) -> Self {
        let tone = match problem {
            Problem::Free { .. } => Tone::Good,
            Problem::StoreAway | Problem::TooManyRequests | Problem::TooManyMails => Tone::Soon,
            _ => Tone::Bad,
        };
        let (account, support) = (account(language, site), support(language, site));
        let links = match problem {
            Problem::NoKeyMails => links([account, support], Emphasis::First),
            Problem::TooManyMails => links([account, support], Emphasis::None),
            _ => links([support], Emphasis::None),
        };
        Self { heading: None, tone, text, hint: None, facts: Vec::new(), steps: Vec::new(), links }
    }
}

/// What is known of the license, and which key it belongs to, where that helps.
pub(super) fn facts(language: &Language, state: &KeyState<'_>) -> Vec<Fact> {
    let (words, verdict) = (language.check(), state.verdict);
    let fact = |name: String, value: String| Fact { name, value };
    let end = verdict.expires_at.map_or_else(|| words.never.plain(), |at| language.date(at));
    // All wrong keys get the same bytes.
    let known_key = state.key.filter(|_| verdict.state.is_of_known_key());
    let ending = known_key.and_then(|key| ending(key.text));
    let mut facts: Vec<Fact> =
        ending.map(|ending| fact(words.judged_key.plain(), ending)).into_iter().collect();
    if let State::Valid | State::Expiring { .. } | State::KeptRelease | State::Expired { .. } = verdict.state
    {
        facts.push(fact(words.expires.plain(), end));
    }
    let left = verdict.days_left(state.now).map(|days| language.days(days));
    facts.extend(left.map(|left| fact(words.left.plain(), left)));
    facts
}

/// `…k7q`: enough to tell one's keys apart, too little to be of use to others. Nothing of a key so short that it would be.
fn ending(key: &str) -> Option<String> {
    let hidden = key.chars().count().checked_sub(SHOWN_KEY_CHARS)?;
    let shown = key.chars().skip(hidden).collect::<String>();
    (hidden >= MIN_HIDDEN_KEY_CHARS).then(|| format!("…{shown}"))
}

/// A link that may be there: address and label.
type Candidate = Option<(String, String)>;

/// Where to go now, the most helpful first. A renewal is offered to holders of a known key only, and neither while the vendor
/// blocks them nor where nothing ends.
pub(crate) fn state_links(language: &Language, subject: &Subject<'_>, verdict: &Verdict) -> Vec<Link> {
    let labels = language.labels();
    let license = match verdict.state {
        State::Valid if verdict.expires_at.is_none() => None,
        State::Valid | State::Expiring { .. } | State::KeptRelease | State::Expired { .. } => {
            web(subject.renew_url, &labels.renew)
        }
        State::Canceled { .. } | State::Refunded | State::NotCovered => {
            web(subject.homepage, &labels.buy).or_else(|| web(subject.renew_url, &labels.buy))
        }
        State::Missing | State::Invalid | State::Suspended => None,
    };
    let (account, support) = (account(language, &subject.site), support(language, &subject.site));
    match verdict.state {
        State::Valid => links([license, account, support], Emphasis::None),
        State::Suspended => links([support, account], Emphasis::First),
        State::Missing | State::Invalid => {
            links([account, web(subject.check_url, &labels.check), support], Emphasis::First)
        }
        _ => links([license, account, support], Emphasis::First),
    }
}

fn web(url: Option<&str>, label: &Text<Nothing>) -> Candidate {
    url.filter(|url| is_web_address(url)).map(|url| (url.to_owned(), label.plain()))
}

fn account(language: &Language, site: &Site<'_>) -> Candidate {
    web(site.account_url, &language.labels().account)
}

fn support(language: &Language, site: &Site<'_>) -> Candidate {
    let url = site.support_url.filter(|url| is_web_address(url) || has_scheme(url, MAIL_SCHEME))?;
    Some((url.to_owned(), language.labels().support.plain()))
}

/// `a@example.org` of `mailto:a@example.org?subject=Help` (RFC 6068).
fn mail_address(url: &str) -> Option<String> {
    let encoded = url.get(MAIL_SCHEME.len()..).filter(|_| has_scheme(url, MAIL_SCHEME))?;
    let address = encoded.split('?').next().filter(|address| !address.is_empty())?;
    Some(percent_encoding::percent_decode_str(address).decode_utf8_lossy().into_owned())
}

/// Which link stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Emphasis {
    First,
    None,
}

/// The links that are there.
fn links<const N: usize>(candidates: [Candidate; N], emphasis: Emphasis) -> Vec<Link> {
    let link = |(at, (url, label)): (usize, (String, String))| Link {
        mail_address: mail_address(&url),
        url,
        label,
        is_first: at == 0 && emphasis == Emphasis::First,
    };
    candidates.into_iter().flatten().enumerate().map(link).collect()
}

/// Other schemes, `javascript:` above all, lead nowhere that a page should lead.
pub(super) fn is_web_address(url: &str) -> bool {
    has_scheme(url, "https://") || has_scheme(url, "http://")
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}
