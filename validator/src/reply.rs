//! Answers: what goes back to the client, and the one word under which the log counts it.

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::file_body::FileBody;
use crate::request_log::Trace;

/// The body of every answer.
pub type ReplyBody = Either<Full<Bytes>, FileBody>;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// What the client gets.
    pub response: Response<ReplyBody>,
    /// What happened, in one word for the log: `redirect`, `expired`, …
    pub outcome: &'static str,
    /// What it was about, as far as the log may know.
    pub(crate) trace: Trace,
}

impl Reply {
    /// A short text. Answers that are no files are made for one client at one moment, so nobody may keep them.
    pub(crate) fn text(status: StatusCode, outcome: &'static str, text: &str) -> Self {
        Self::new(status, outcome, Bytes::from(format!("{text}\n")))
            .with(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    /// JSON, for one client at one moment.
    pub(crate) fn json(status: StatusCode, outcome: &'static str, value: &impl Serialize) -> Self {
        let json =
            serde_json::to_vec(value).expect("structs of strings, numbers and booleans have a JSON form");
        Self::new(status, outcome, Bytes::from(json))
            .with(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    /// A page. The key may be in its address, so nobody may keep it, frame it, list it or learn where a visitor came from.
    pub(crate) fn page(
        status: StatusCode,
        outcome: &'static str,
        html: String,
        content_security_policy: &str,
    ) -> Self {
        Self::new(status, outcome, Bytes::from(html))
            .with(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::CONTENT_SECURITY_POLICY, content_security_policy)
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with(header::X_FRAME_OPTIONS, "DENY")
            .with(header::REFERRER_POLICY, "no-referrer")
            .with(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
            .with(HeaderName::from_static("x-robots-tag"), "noindex")
    }

    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode, outcome: &'static str) -> Self {
        let mut response = Response::new(Either::Left(Full::default()));
        *response.status_mut() = status;
        Self { response, outcome, trace: Trace::default() }
    }

    /// A redirect that everybody follows: some of Joomla's transports know no other than 302.
    pub(crate) fn redirect(outcome: &'static str, location: impl TryInto<HeaderValue>) -> Self {
        let mut reply = Self::new(StatusCode::FOUND, outcome, Bytes::new()).with(header::LOCATION, location);
        // The link opens its file to whoever has it, so nobody may keep it or pass it on as a referrer.
        reply.set(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        reply.set(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        reply
    }

    pub(crate) fn method_not_allowed(allowed: &'static str) -> Self {
        let text = format!("This address answers {allowed} only.");
        Self::text(StatusCode::METHOD_NOT_ALLOWED, "method", &text).with(header::ALLOW, allowed)
    }

    pub(crate) fn not_found() -> Self {
        Self::text(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address.")
    }

    pub(crate) fn new(status: StatusCode, outcome: &'static str, body: Bytes) -> Self {
        let length = match body.len() {
            0 => HeaderValue::from_static("0"),
            length => HeaderValue::from(length),
        };
        let mut response = Response::new(Either::Left(Full::new(body)));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        Self { response, outcome, trace: Trace::default() }
    }

    /// Tells the log what it was about.
    pub(crate) fn traced(mut self, trace: Trace) -> Self {
        self.trace = trace;
        self
    }

    /// Sets a header.
    pub(crate) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.response.headers_mut().insert(name, value);
    }

    /// Sets a header; a value that cannot be one is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.set(name, value);
        }
        self
    }
}
