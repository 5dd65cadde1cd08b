//! The pages for people: why a download is refused, what a key is worth, how it is sent, and what else may be wrong. The words are those of
//! `texts`; tera puts them into HTML and escapes them. A page holds at most the end of a key, runs no script and loads nothing.

mod view;

pub(crate) use view::{Link, state_links};

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use self::view::{FormView, LabelsView, ResultView, SiteView, View};
use crate::decision::{State, Verdict};
use crate::error::Error;
use crate::parameters::SentKey;
use crate::question::Named;
use crate::templates::{self, chain};
use crate::texts::{Language, OfVendor, Problem, Topic};

/// The template of all pages. Its ending switches tera's escaping on.
const PAGE: (&str, &str) = ("refusal/page.html", include_str!("../../../templates/refusal/page.html"));

/// The style sheet, which becomes part of each page.
const STYLE: (&str, &str) = ("refusal/style.css", include_str!("../../../templates/refusal/style.css"));

/// The template and the style sheet, ready to use.
#[derive(Debug)]
pub(crate) struct Pages {
    tera: Tera,
    /// `<style>…</style>`.
    style: String,
    policy: String,
}

/// What pages show of the site. Addresses that are not `http` or `https` (for support also `mailto`) are not linked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'s> {
    pub(crate) title: &'s str,
    pub(crate) vendor: &'s str,
    pub(crate) url: Option<&'s str>,
    /// Where customers see their keys.
    pub(crate) account_url: Option<&'s str>,
    /// Where customers ask.
    pub(crate) support_url: Option<&'s str>,
}

impl<'s> From<&'s bandari_catalog::v1::Site> for Site<'s> {
    fn from(site: &'s bandari_catalog::v1::Site) -> Self {
        Self {
            title: &site.title,
            vendor: &site.vendor,
            url: Some(&site.public_url),
            account_url: site.account_url.as_deref(),
            support_url: site.support_url.as_deref(),
        }
    }
}

/// What a page is about: a product, or what a license opens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    pub(crate) site: Site<'s>,
    pub(crate) topic: Topic<'s>,
    /// Where a license is bought.
    pub(crate) homepage: Option<&'s str>,
    /// Where a license is renewed, and bought where there is no home page.
    pub(crate) renew_url: Option<&'s str>,
    /// Where people ask what a key is worth.
    pub(crate) check_url: Option<&'s str>,
}

/// What came of checking a key. It holds one, so it has no `Debug`.
pub(crate) struct KeyState<'k> {
    /// Nothing when none was sent.
    pub(crate) key: Option<SentKey<'k>>,
    pub(crate) verdict: &'k Verdict,
    /// In Unix seconds.
    pub(crate) now: i64,
}

/// How far somebody is who wants a key by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyMailState {
    /// Opened the page.
    NotAsked,
    /// Sent the form without an address.
    NoAddress,
    /// Gave an address.
    Asked,
}

impl Pages {
    /// Takes our own template and style sheet, and the vendor's in their place where there are some, and tries each kind of
    /// page.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the template and what is wrong with it.
    pub(crate) fn load(templates: Option<&Path>) -> Result<Self, Error> {
        let wrong = |name: &str, message: String| Error::Configuration {
            file: templates.unwrap_or(Path::new("templates")).join(name),
            message,
        };
        // Browsers turn every line end of a page into `\n` and hash what they have then.
        let css = templates::text(templates, STYLE.0, STYLE.1)?.replace("\r\n", "\n").replace('\r', "\n");
        if css.contains("</") || css.contains("<!--") || css.contains('\0') {
            let message =
                "found `</`, `<!--` or a zero byte, expected CSS that can stand in a page".to_owned();
            return Err(wrong(STYLE.0, message));
        }
        let digest = BASE64_STANDARD.encode(Sha256::digest(&css));
        let mut tera = Tera::default();
        tera.add_raw_template(PAGE.0, &templates::text(templates, PAGE.0, PAGE.1)?)
            .map_err(|error| wrong(PAGE.0, chain(&error)))?;
        let pages = Self {
            tera,
            style: format!("<style>{css}</style>"),
            policy: format!(
                "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'"
            ),
        };
        for view in view::samples(&pages.style) {
            pages.try_render(&view).map_err(|error| wrong(PAGE.0, chain(&error)))?;
        }
        Ok(pages)
    }

    /// The value of `Content-Security-Policy` for all pages.
    pub(crate) fn content_security_policy(&self) -> &str {
        &self.policy
    }

    /// The page behind the link that Joomla prints when a download failed, at `now` (Unix seconds).
    pub(crate) fn refusal(
        &self,
        language: &Language,
        subject: &Subject<'_>,
        verdict: &Verdict,
        now: i64,
    ) -> String {
        let mut said = language.state(subject.topic, verdict, now);
        said.steps.append(&mut said.update_steps);
        let heading = said.heading.clone();
        let result = Some(ResultView::of_state(language, subject, verdict, said));
        self.render(&View { heading, result, ..self.view(language, &subject.site, Some(subject)) })
    }

    /// The page on which people ask what their key is worth.
    pub(crate) fn key_form(&self, language: &Language, subject: &Subject<'_>, named: Named<'_>) -> String {
        self.render(&self.key_form_view(language, subject, named))
    }

    /// What the key is worth, and the form again. Nobody is updating here, and nobody needs to be led here.
    pub(crate) fn key_state(
        &self,
        language: &Language,
        subject: &Subject<'_>,
        named: Named<'_>,
        state: &KeyState<'_>,
    ) -> String {
        let subject = &Subject { check_url: None, ..*subject };
        let mut said = language.state(subject.topic, state.verdict, state.now);
        if state.verdict.state == State::Missing {
            // What is stored in a Joomla is another matter.
            said.reason = language.check().no_key.plain();
        }
        let (heading, reason) = (said.heading.clone(), said.reason.clone());
        let mut result = ResultView::of_state(language, subject, state.verdict, said);
        result.heading = Some(heading);
        result.facts = view::facts(language, state);
        if state.key.is_some_and(|key| key.was_wrapped) {
            result.warn_of_wrapping(language, state.verdict.state, reason);
        }
        self.render(&View { result: Some(result), ..self.key_form_view(language, subject, named) })
    }

    /// The page on which people have their key sent to them. It holds no address, so all addresses get the same bytes.
    pub(crate) fn key_mail(
        &self,
        language: &Language,
        subject: &Subject<'_>,
        named: Named<'_>,
        state: KeyMailState,
    ) -> String {
        let words = language.send_key();
        let form = FormView {
            intro: words.intro.of_product(subject.topic.name),
            key: words.email.plain(),
            submit: words.submit.plain(),
            email: Some(words.email.plain()),
            id: id_field(named),
        };
        let result = ResultView::of_key_mail(language, subject, state);
        let heading = words.heading.plain();
        self.render(&View {
            heading,
            result,
            form: Some(form),
            ..self.view(language, &subject.site, Some(subject))
        })
    }

    /// What else is wrong with a request.
    pub(crate) fn problem(&self, language: &Language, site: &Site<'_>, problem: Problem<'_>) -> String {
        let said = language.problem(problem);
        let result = Some(ResultView::of_problem(language, site, problem, said.text));
        self.render(&View { heading: said.heading, result, ..self.view(language, site, None) })
    }

    /// A page with neither heading, result nor form.
    fn view<'v>(&'v self, language: &Language, site: &Site<'v>, subject: Option<&Subject<'v>>) -> View<'v> {
        let labels = language.labels();
        View {
            lang: language.tag(),
            dir: language.direction(),
            style: &self.style,
            site: SiteView {
                title: site.title,
                vendor: site.vendor,
                url: site.url.filter(|url| view::is_web_address(url)),
            },
            labels: LabelsView {
                what_to_do: labels.what_to_do.plain(),
                published_by: labels.published_by.fill(|OfVendor::Vendor| site.vendor.into()),
                homepage: subject.map(|subject| labels.homepage.of_product(subject.topic.name)),
            },
            product: subject.map(|subject| subject.topic.name),
            homepage: subject.and_then(|subject| subject.homepage).filter(|url| view::is_web_address(url)),
            heading: String::new(),
            result: None,
            form: None,
        }
    }

    fn key_form_view<'v>(&'v self, language: &Language, subject: &Subject<'v>, named: Named<'v>) -> View<'v> {
        let words = language.check();
        let form = FormView {
            intro: words.intro.of_product(subject.topic.name),
            key: words.key.plain(),
            submit: words.submit.plain(),
            email: None,
            id: id_field(named),
        };
        let heading = words.heading.plain();
        View { heading, form: Some(form), ..self.view(language, &subject.site, Some(subject)) }
    }

    /// Never without an answer: what a template of the vendor's cannot show, a bare page does.
    fn render(&self, view: &View<'_>) -> String {
        self.try_render(view).unwrap_or_else(|error| {
            tracing::error!(error = chain(&error), "a page cannot be made of the template");
            view.bare()
        })
    }

    fn try_render(&self, view: &View<'_>) -> Result<String, tera::Error> {
        self.tera.render(PAGE.0, &Context::from_serialize(view)?)
    }
}

/// What a form must say again: it is sent to the page's own address without its query.
fn id_field(named: Named<'_>) -> Option<&str> {
    named.is_parameter.then_some(named.id)
}

#[cfg(test)]
mod tests;
