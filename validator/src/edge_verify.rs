//! `/edge/verify`: says to a proxy whether it may serve a licensed file. For edges that can ask but not compute: nginx's
//! `auth_request`, Caddy's `forward_auth` and their like send a request of their own, with the target of their client's request
//! in a header.
//!
//! Exactly one header is read, the configured one. Were there a second to fall back on, a proxy that overwrites only one of them
//! would let its clients write the other: with one good link they would get every file. For the same reason a header that came
//! twice is refused.
//!
//! The method of the client's request is not asked for: it would need such a header, too. Links are for `GET` and `HEAD`, and
//! the proxy has to allow no others itself.

use std::sync::Arc;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, StatusCode};
use serde::Deserialize;

use crate::edge::{self, Gate};
use crate::reply::Reply;

/// The one address of this module.
pub(crate) const PATH: &str = "/edge/verify";

/// Beginnings of names that clients or proxies send with something else in them: a proxy that does not overwrite such a header
/// would not be noticed. From the registry of HTTP field names, and what proxies add.
const OTHER_BEGINNINGS: [&str; 12] = [
    "accept",
    "access-control-",
    "cache-",
    "content-",
    "cookie",
    "if-",
    "proxy-",
    "sec-",
    "transfer-",
    "user-agent",
    "x-requested-",
    "x-real-",
];

/// Such names.
const OTHER_NAMES: [&str; 28] = [
    "age",
    "alt-used",
    "authorization",
    "connection",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "from",
    "host",
    "keep-alive",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "range",
    "referer",
    "te",
    "trailer",
    "upgrade",
    "upgrade-insecure-requests",
    "via",
    "x-download-key",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// `[edge_verify]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EdgeVerifyTable {
    header: String,
}

impl EdgeVerifyTable {
    /// The header in which the proxy sends the target of its client's request.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub(crate) fn header(&self) -> Result<HeaderName, String> {
        let wrong = |found: &str| {
            let name = self.header.escape_debug();
            format!("`edge_verify.header`: found `{name}`{found}, expected a name such as `X-Original-URI`")
        };
        let name = HeaderName::from_bytes(self.header.as_bytes()).map_err(|_| wrong(""))?;
        let is_other = OTHER_NAMES.contains(&name.as_str())
            || OTHER_BEGINNINGS.iter().any(|beginning| name.as_str().starts_with(beginning));
        if is_other { Err(wrong(", which clients send with something else in it")) } else { Ok(name) }
    }
}

/// Answers proxies.
#[derive(Debug)]
pub(crate) struct EdgeVerify {
    header: HeaderName,
    gate: Arc<Gate>,
}

impl EdgeVerify {
    pub(crate) fn new(header: HeaderName, gate: Arc<Gate>) -> Self {
        Self { header, gate }
    }

    /// 200 when the proxy may serve the target that the header names, 403 when not; both without a use for anybody who would
    /// keep them.
    pub(crate) fn answer(&self, method: &Method, headers: &HeaderMap, now: u64) -> Reply {
        if method != Method::GET && method != Method::HEAD {
            return Reply::method_not_allowed("GET, HEAD");
        }
        let mut values = headers.get_all(&self.header).iter();
        let target = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().unwrap_or_default(),
            (None, _) => return refused("edge-header-missing", "the proxy sent no target"),
            (Some(_), Some(_)) => return refused("edge-header-twice", "the proxy sent two targets"),
        };
        match self.gate.verify(Method::GET.as_str(), target, now) {
            Ok(_) => Reply::empty(StatusCode::OK, "verified").with(header::CACHE_CONTROL, "no-store"),
            Err(refusal) => edge::refused(refusal),
        }
    }
}

fn refused(outcome: &'static str, why: &str) -> Reply {
    Reply::text(StatusCode::FORBIDDEN, outcome, &format!("Refused ({outcome}): {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> Result<HeaderName, String> {
        EdgeVerifyTable { header: name.to_owned() }.header()
    }

    #[test]
    fn a_header_that_proxies_make_for_this_is_good() {
        for name in ["X-Original-URI", "X-Forwarded-Uri", "x-original-url", "Original-Target"] {
            assert_eq!(header(name).unwrap().as_str(), name.to_lowercase());
        }
    }

    #[test]
    fn a_header_that_clients_send_by_themselves_is_refused() {
        for name in
            ["Host", "referer", "User-Agent", "Sec-Fetch-Site", "Content-Location", "X-Forwarded-Host"]
        {
            let expected = format!(
                "`edge_verify.header`: found `{name}`, which clients send with something else in it, expected a name such as \
                 `X-Original-URI`"
            );
            assert_eq!(header(name).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_is_no_name_of_a_header_is_refused() {
        for name in ["", "X Original", "X-Original-URI:", "ä"] {
            let expected =
                format!("`edge_verify.header`: found `{name}`, expected a name such as `X-Original-URI`");
            assert_eq!(header(name).unwrap_err(), expected);
        }
    }
}
