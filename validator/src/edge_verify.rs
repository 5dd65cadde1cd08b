//! `/edge/verify`: says to a proxy whether it may serve a licensed file. For edges that can ask but not compute: nginx's
//! `auth_request`, Caddy's `forward_auth` and their like send a request of their own, with the target of their client's request
//! in a header.
//!
//! Exactly one header is read, the configured one. Were there a second to fall back on, a proxy that overwrites only one of them
//! would let its clients write the other: with one good link they would get every file. For the same reason a header that came
//! twice is refused.
//!
//! What cannot be known here: whether the proxy overwrites the header (the one thing that all of this rests on), whether it
//! serves the very path that it asked about, and the method of its client, for which it would need such a header, too. The files
//! that `bandari-validator edge` makes see to all three. A client that names the header in `Connection`, so that a proxy on the
//! way drops it, gains nothing: no header is refused. Whoever sends a question here directly learns of a link that he has
//! whether it is good, and gets no file.

use std::fmt::Display;
use std::sync::Arc;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, StatusCode};
use serde::Deserialize;

use crate::edge::{self, Gate};
use crate::reply::Reply;

/// The one address of this module.
pub(crate) const PATH: &str = "/edge/verify";

/// Tells a proxy that cannot pass on our text why a link was refused.
const REFUSAL: HeaderName = HeaderName::from_static("bandari-refusal");

/// With what the name of the header ends. A list of all headers that clients and proxies send by themselves has no end; of
/// those that end like this only few are known, and these hold a target.
const ENDINGS: [&str; 3] = ["-uri", "-url", "-target"];

/// Those few whose ending means something else: libraries that run in browsers (htmx) and in programs (AWS) send them.
const OTHER_NAMES: [&str; 3] = ["hx-current-url", "hx-target", "x-amz-target"];

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
            format!(
                "`edge_verify.header`: found `{name}`{found}, expected a name of letters, digits and `-` with `-URI`, `-URL` or \
                 `-Target` at its end, such as `X-Original-URI`"
            )
        };
        // Gateways take `_` for `-` or drop such a header, and what else HTTP allows in a name, some proxies do not.
        let is_plain = self.header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let name = HeaderName::from_bytes(self.header.as_bytes()).ok().filter(|_| is_plain);
        let Some(name) = name.filter(|name| ENDINGS.iter().any(|ending| name.as_str().ends_with(ending)))
        else {
            return Err(wrong(""));
        };
        if OTHER_NAMES.contains(&name.as_str()) {
            return Err(wrong(", which clients send with something else in it"));
        }
        Ok(name)
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
            (None, _) => return refused("edge-header-missing", &"the proxy sent no target"),
            (Some(_), Some(_)) => return refused("edge-header-twice", &"the proxy sent two targets"),
        };
        match self.gate.verify(Method::GET.as_str(), target, now) {
            Ok(_) => Reply::empty(StatusCode::OK, "verified").with(header::CACHE_CONTROL, "no-store"),
            Err(refusal) => refused(refusal.rule(), &refusal),
        }
    }
}

/// As the built-in edge refuses, and the same text in a header.
fn refused(outcome: &'static str, why: &dyn Display) -> Reply {
    let text = edge::refusal_text(outcome, why);
    edge::refused(outcome, &text).with(REFUSAL, text)
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

    /// What is said of a name, with perhaps a reason.
    fn refusal(name: &str, reason: &str) -> String {
        format!(
            "`edge_verify.header`: found `{name}`{reason}, expected a name of letters, digits and `-` with `-URI`, `-URL` or \
             `-Target` at its end, such as `X-Original-URI`"
        )
    }

    #[test]
    fn a_header_that_clients_and_proxies_send_by_themselves_is_refused() {
        for name in [
            "Host",
            "referer",
            "User-Agent",
            "Sec-Fetch-Site",
            "Content-Location",
            "X-Forwarded-Host",
            "X-Forwarded-For",
            "True-Client-IP",
            "Traceparent",
            "Save-Data",
            "Target",
        ] {
            assert_eq!(header(name).unwrap_err(), refusal(name, ""));
        }
        for name in ["HX-Target", "hx-current-url", "X-Amz-Target"] {
            let expected = refusal(name, ", which clients send with something else in it");
            assert_eq!(header(name).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_name_that_is_not_the_same_to_everybody_is_refused() {
        for name in ["", "X Original-URI", "X-Original-URI:", "X_Original-URI", "X.Original-URI", "ä-URI"] {
            assert_eq!(header(name).unwrap_err(), refusal(name, ""));
        }
    }
}
