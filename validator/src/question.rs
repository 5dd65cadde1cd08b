//! A request as the answering modules see it: what was sent, by whom, in which language, and when.

use hyper::header::{self, HeaderMap};

use crate::app::App;
use crate::client::Audience;
use crate::parameters::{Parameters, SentKey};
use crate::sender::Sender;
use crate::texts::Language;

/// One request. It holds keys and mail addresses, so it has no `Debug`.
pub(crate) struct Question<'r> {
    pub(crate) app: &'r App,
    /// From query and form.
    pub(crate) parameters: Parameters<'r>,
    pub(crate) headers: &'r HeaderMap,
    /// Who is counted for it.
    pub(crate) sender: Sender,
    /// Unix seconds.
    pub(crate) now: u64,
}

/// What a request sent to prove its right.
#[derive(Clone, Copy, Default)]
pub(crate) struct Credentials<'r> {
    pub(crate) key: Option<SentKey<'r>>,
    pub(crate) email: Option<&'r str>,
}

/// What a request names: a product or a group, in a check a package as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named<'r> {
    pub(crate) id: &'r str,
    /// By a parameter, as a form with a choice sends it, and not by the path: a form in the answer must say it again.
    pub(crate) is_parameter: bool,
}

impl<'r> Named<'r> {
    /// What `/check/<id>` or `/check?id=<id>` names, and every address of that form; the path comes first.
    pub(crate) fn of(path: &'r str, parameters: &'r Parameters<'_>) -> Option<Self> {
        match path.trim_end_matches('/').split('/').skip(2).collect::<Vec<_>>()[..] {
            [] => parameters.id().map(|id| Self { id, is_parameter: true }),
            [id] => Some(Self { id, is_parameter: false }),
            _ => None,
        }
    }
}

impl<'r> Question<'r> {
    /// The same with what a form says.
    pub(crate) fn with_form(self, form: &'r [u8]) -> Self {
        Self { parameters: self.parameters.with_form(form), ..self }
    }

    /// Key and mail address, as far as they were sent.
    pub(crate) fn credentials(&self) -> Credentials<'_> {
        Credentials {
            key: self.parameters.key(&self.app.config.key_parameters, self.headers),
            email: self.parameters.email(),
        }
    }

    pub(crate) fn audience(&self) -> Audience {
        Audience::of(self.headers, self.parameters.value("format") == Some("json"))
    }

    /// The language of the answer.
    pub(crate) fn language(&self) -> &Language {
        let accepted = self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        self.app.texts.choose(accepted)
    }

    /// The time as dates of licenses are kept.
    pub(crate) fn now_seconds(&self) -> i64 {
        i64::try_from(self.now).unwrap_or(i64::MAX)
    }
}
