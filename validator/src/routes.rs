//! From a request to the module that answers it. Every address is told apart here. Knows no sockets and not what time it is.

use std::net::IpAddr;

use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{Method, Uri};

use crate::app::App;
use crate::check::{self, Wanted};
use crate::client::Audience;
use crate::edge_verify;
use crate::jbackend::{self, Call};
use crate::offer::PROTECTED_PATH;
use crate::parameters::Parameters;
use crate::question::{Named, Question};
use crate::reply::Reply;
use crate::request_log::Trace;
use crate::sender::Sender;
use crate::{answer, cors, download, form, send_key};

/// What an address means; the log's word for it is [`Route::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    Download,
    JBackend,
    Check,
    SendKey,
    EdgeVerify,
    Protected,
    Public,
}

impl Route {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::JBackend => "jbackend",
            Self::Check => "check",
            Self::SendKey => "send-key",
            Self::EdgeVerify => "edge-verify",
            Self::Protected => "protected",
            Self::Public => "public",
        }
    }

    /// The validator's own addresses win over the public site.
    pub(crate) fn of(method: &Method, uri: &Uri) -> Self {
        let path = uri.path();
        let below = |prefix: &str| {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // In the form of the call without a path its words are in the query, or in a form.
        let is_call = || {
            path == "/"
                && (method == Method::POST
                    // A browser asks so before it posts.
                    || method == Method::OPTIONS
                    || Call::of_parameters(&Parameters::of_query(uri.query())).is_some())
        };
        // No method is called with `put` or `delete`, but jBackend's clients expect its own answer to that. Without `release`
        // such a name may well be a folder of the public site.
        let is_unknown_call = || below("/put/release") || below("/delete/release");
        if below("/download") {
            Self::Download
        } else if below("/post") || below("/get") || is_unknown_call() || is_call() {
            Self::JBackend
        } else if below(check::PATH) {
            Self::Check
        } else if below("/send-key") {
            Self::SendKey
        } else if path == edge_verify::PATH {
            Self::EdgeVerify
        } else if below(PROTECTED_PATH) {
            Self::Protected
        } else {
            Self::Public
        }
    }
}

/// Answers a request that came from `peer` at `now` (Unix seconds).
pub async fn respond<B>(app: &App, head: &Parts, body: B, peer: IpAddr, now: u64) -> Reply
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (method, uri, headers) = (&head.method, &head.uri, &head.headers);
    if let Some(refusal) = app.config.limits.refuse(uri, headers) {
        return refusal;
    }
    if app.config.trusted_proxies.lack(peer, headers) {
        app.lasting.proxy_warning.call_once(|| {
            tracing::warn!("requests come through a proxy that `trusted_proxies` does not name: all customers count as one");
        });
    }
    let sender = Sender::of(peer, headers, &app.config.trusted_proxies);
    let parameters = Parameters::of_query(uri.query());
    let question = Question { app, parameters, headers, sender, now };
    match Route::of(method, uri) {
        route @ (Route::Download | Route::JBackend | Route::Check | Route::SendKey) => {
            answer_parameters(route, question, method, uri.path(), body).await
        }
        Route::EdgeVerify => match &app.edge_verify {
            Some(edge_verify) => edge_verify.answer(method, headers, now),
            None => Reply::not_found(),
        },
        Route::Protected => match &app.edge {
            Some(edge) => {
                let target = uri.path_and_query().map_or("/", |target| target.as_str());
                edge.answer(&app.offer, method, target, headers, now)
            }
            None => Reply::not_found(),
        },
        Route::Public => answer_public(&question, method, uri.path()),
    }
}

/// The addresses that read what is sent to them, in the query or in a form.
async fn answer_parameters<B>(
    route: Route,
    question: Question<'_>,
    method: &Method,
    path: &str,
    body: B,
) -> Reply
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (app, headers) = (question.app, question.headers);
    // No page reads what a download answers: a browser goes there itself.
    let is_for_pages = route != Route::Download;
    let mut reply = match method {
        &Method::OPTIONS if is_for_pages => return app.offer.public_origin.preflight(headers),
        &Method::GET | &Method::HEAD | &Method::POST => {
            // On the heap is what most requests do without, here and below: theirs take less memory, which is less to be moved.
            let form = match *method {
                Method::POST => Box::pin(form::read(headers, body, app.config.limits.body)).await,
                _ => Ok(Bytes::new()),
            };
            match form {
                Ok(form) => answer_call(route, question.with_form(&form), method, path).await,
                Err(reply) => reply,
            }
        }
        _ if is_for_pages => Reply::method_not_allowed(cors::METHODS),
        _ => Reply::method_not_allowed(download::METHODS),
    };
    if is_for_pages {
        app.offer.public_origin.allow(&mut reply, headers);
    }
    reply
}

async fn answer_call(route: Route, question: Question<'_>, method: &Method, path: &str) -> Reply {
    match route {
        Route::Download => answer_download(&question, path).await,
        Route::Check => {
            let wanted = Wanted::of(path, &question.parameters);
            let trace = Trace::of_check(&question, wanted.id().unwrap_or_default());
            Box::pin(check::answer(&question, method, wanted)).await.traced(trace)
        }
        Route::SendKey => {
            let Some(named) = Named::of(path, &question.parameters) else {
                return answer::unknown_product(&question);
            };
            let trace = Trace::of(&question, named.id);
            Box::pin(send_key::answer(&question, method, named)).await.traced(trace)
        }
        _ => answer_jbackend(&question, path).await,
    }
}

async fn answer_download(question: &Question<'_>, path: &str) -> Reply {
    match download::package_id(path) {
        Some(id) => download::answer(question, id).await.traced(Trace::of(question, id)),
        None => download::not_specified(question),
    }
}

async fn answer_jbackend(question: &Question<'_>, path: &str) -> Reply {
    let call = match path {
        "/" => Call::of_parameters(&question.parameters).unwrap_or_default(),
        // With three segments the id stays in the query, like all other parameters.
        path => Call::of_path(path).with_id(question.parameters.value("id")),
    };
    let trace = Trace::of(question, call.id.unwrap_or_default());
    Box::pin(jbackend::answer(question, &call)).await.traced(trace)
}

/// A person who finds nothing sees the site's own page for that, where there is one.
fn answer_public(question: &Question<'_>, method: &Method, path: &str) -> Reply {
    let Some(public) = &question.app.public else { return download::nothing(question) };
    let found = public.answer(method, path, question.headers);
    let is_for_person = || question.audience() == Audience::Person;
    found
        .or_else(|| is_for_person().then(|| public.nothing(method, path)).flatten())
        .unwrap_or_else(|| download::nothing(question))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_validator_is_one_with_all_below_it_and_nothing_that_begins_alike() {
        let name = |path: &str| Route::of(&Method::GET, &path.parse().unwrap()).name();
        for path in ["/send-key", "/send-key/", "/send-key/tides", "/send-key?id=tides", "/send-key/a/b"] {
            assert_eq!(name(path), "send-key", "{path}");
        }
        assert_eq!(name("/check?id=tides"), "check");
        for path in ["/send-keys/", "/checks", "/send"] {
            assert_eq!(name(path), "public", "{path}");
        }
    }

    #[test]
    fn put_and_delete_are_calls_only_with_the_module() {
        let route = |path: &str| Route::of(&Method::GET, &path.parse().unwrap());
        for call in ["/put/release/validate/x", "/delete/release/validate/x", "/delete/release"] {
            assert_eq!(route(call), Route::JBackend, "{call}");
        }
        for page in ["/put/", "/delete/me.html", "/put/releases/"] {
            assert_eq!(route(page), Route::Public, "{page}");
        }
    }
}
