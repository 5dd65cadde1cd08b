//! From a request to its answer. Every address is told apart here; every status of a download is decided here. Knows no
//! sockets and not what time it is.

use std::error::Error as _;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use hyper::{Method, Request, StatusCode, Uri, header};

use crate::app::{App, Credentials};
use crate::decision::State;
use crate::error::Error;
use crate::jbackend::{self, Call};
use crate::messages;
use crate::offer::{PROTECTED_PATH, Place};
use crate::parameters::Parameters;
use crate::reply::Reply;

/// Largest form body: a handful of short parameters.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// For how long a form may be on its way. It fits into a dozen packets; without a limit, a client that sends its end never
/// would keep its connection for ever.
const FORM_TIMEOUT: Duration = Duration::from_secs(10);

/// When to ask again after the store was away.
const RETRY_AFTER_SECONDS: u32 = 30;

/// What an address means; the log's word for it is [`Route::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Download,
    JBackend,
    Protected,
    Public,
}

impl Route {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::JBackend => "jbackend",
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
                    || Call::of_parameters(&Parameters::of_query(uri.query())).is_some())
        };
        // No method is called with `put` or `delete`, but jBackend's clients expect its own answer to that. Without `release`
        // such a name may well be a folder of the public site.
        let is_unknown_call = || below("/put/release") || below("/delete/release");
        if below("/download") {
            Self::Download
        } else if below("/post") || below("/get") || is_unknown_call() || is_call() {
            Self::JBackend
        } else if below(PROTECTED_PATH) {
            Self::Protected
        } else {
            Self::Public
        }
    }
}

/// Answers a request at `now` (Unix seconds).
pub async fn respond<B>(app: &App, request: Request<B>, now: u64) -> Reply
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
    let is_read = method == Method::GET || method == Method::HEAD;
    match Route::of(method, uri) {
        Route::Download if !is_read => Reply::method_not_allowed("GET, HEAD"),
        Route::Download => {
            let parameters = Parameters::of_query(uri.query());
            match uri.path().split('/').skip(2).collect::<Vec<_>>()[..] {
                [id] | [id, _] if !id.is_empty() => download(app, id, &parameters, now).await,
                _ => Reply::text(StatusCode::NOT_FOUND, "no-package", messages::NO_PACKAGE),
            }
        }
        Route::JBackend if !is_read && method != Method::POST => Reply::method_not_allowed("GET, HEAD, POST"),
        Route::JBackend => {
            let form = match form_of(method, body).await {
                Ok(form) => form,
                Err(reply) => return reply,
            };
            let parameters = Parameters::of_query(uri.query()).with_form(&form);
            let call = match uri.path() {
                "/" => Call::of_parameters(&parameters).unwrap_or_default(),
                path => Call::of_path(path),
            };
            jbackend::answer(app, &call, &parameters, now).await
        }
        Route::Protected => match &app.edge {
            Some(edge) => {
                let target = uri.path_and_query().map_or("/", |target| target.as_str());
                edge.answer(&app.offer, method, target, headers, now)
            }
            None => Reply::not_found(),
        },
        Route::Public => match &app.public {
            Some(public) => public.answer(method, uri.path(), headers),
            None => Reply::not_found(),
        },
    }
}

async fn form_of<B>(method: &Method, body: B) -> Result<Bytes, Reply>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if method != Method::POST {
        return Ok(Bytes::new());
    }
    match tokio::time::timeout(FORM_TIMEOUT, Limited::new(body, MAX_FORM_BYTES).collect()).await {
        Ok(Ok(collected)) => {
            let mut body = collected.aggregate();
            Ok(body.copy_to_bytes(body.remaining()))
        }
        Ok(Err(_)) => Err(Reply::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body",
            "The form is too large or did not arrive.",
        )),
        // What may still come of the form is not to be taken for the next request.
        Err(_) => Err(Reply::text(StatusCode::REQUEST_TIMEOUT, "body", "The form did not arrive in time.")
            .with(header::CONNECTION, "close")),
    }
}

/// A download by package id: 302 to where the package is, or a refusal.
pub(crate) async fn download(app: &App, id: &str, parameters: &Parameters<'_>, now: u64) -> Reply {
    let Some(package) = app.offer.package(id) else {
        return Reply::text(StatusCode::NOT_FOUND, "unknown-package", messages::UNKNOWN_PACKAGE);
    };
    let (group, path) = match &package.place {
        Place::Public(address) => return Reply::redirect("free", address),
        Place::Withdrawn => {
            return Reply::text(StatusCode::GONE, "withdrawn", &messages::withdrawn(&package.product));
        }
        Place::Licensed(group, path) => (group, path),
    };
    let credentials = Credentials { key: parameters.key(), email: parameters.email() };
    match app.decide(group, None, credentials, now).await {
        Ok(verdict) if verdict.state.is_allowed() => {
            match app.links.as_ref().and_then(|links| links.link(path, now)) {
                Some(link) => Reply::redirect("redirect", &link),
                None => {
                    tracing::error!(now, "no link can be signed: is the clock right?");
                    Reply::text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "clock",
                        "The download cannot be opened just now.",
                    )
                }
            }
        }
        Ok(verdict) => {
            let text = messages::refusal(&package.product, &verdict);
            Reply::text(StatusCode::FORBIDDEN, outcome(verdict.state), &text)
        }
        Err(error) => {
            log_store_failure(&error);
            Reply::text(StatusCode::SERVICE_UNAVAILABLE, "store-away", messages::STORE_AWAY)
                .with(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
        }
    }
}

/// The log's word.
fn outcome(state: State) -> &'static str {
    match state {
        State::Valid => "valid",
        State::Expiring { .. } => "expiring",
        State::KeptRelease => "kept-release",
        State::Missing => "missing",
        State::Invalid => "invalid",
        State::Refunded => "refunded",
        State::Canceled { .. } => "canceled",
        State::Suspended => "suspended",
        State::Expired { .. } => "expired",
        State::NotCovered => "not-covered",
    }
}

/// The client learns only that it should come again; the cause is for the log.
pub(crate) fn log_store_failure(error: &Error) {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, "the license store cannot be asked");
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::Frame;

    use super::*;

    /// The body of a client that promises a form and sends none.
    struct NeverSent;

    impl Body for NeverSent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_does_not_arrive_is_not_waited_for() {
        let begun = tokio::time::Instant::now();
        let waited = tokio::time::timeout(FORM_TIMEOUT * 2, form_of(&Method::POST, NeverSent)).await;
        let reply = waited.expect("a limit").unwrap_err();
        assert_eq!(begun.elapsed().as_secs(), FORM_TIMEOUT.as_secs());
        assert_eq!(reply.response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(reply.response.headers()[header::CONNECTION], "close");
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
