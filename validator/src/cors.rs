//! Cross-origin requests (Fetch Standard, "CORS protocol"): pages of the public site may ask the validator from a visitor's
//! browser, pages of nobody else. No cookie and no other credential of the browser is ever asked for.

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{StatusCode, Uri};

use crate::reply::Reply;

/// Methods of the addresses that pages may ask.
pub(crate) const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// For how long a browser may remember that it asked.
const MAX_AGE_SECONDS: u32 = 86_400;

/// Headers in which a key may come.
const KEY_HEADERS: &str = "authorization, x-download-key";

/// The origin of the public site, as browsers write one.
#[derive(Clone, Debug)]
pub(crate) struct PublicOrigin(String);

impl PublicOrigin {
    /// The origin of an address: scheme, host in lower case, and a port that is not the scheme's own (RFC 6454, section 6.2).
    pub(crate) fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?, uri.host()?.to_ascii_lowercase());
        let own_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        Some(Self(match uri.port_u16().filter(|port| *port != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    /// Lets the public site, and no other, read an answer. Every answer says that it depends on who asked.
    pub(crate) fn allow(&self, reply: &mut Reply, headers: &HeaderMap) {
        reply.set(header::VARY, HeaderValue::from_static("Origin"));
        if self.asks(headers)
            && let Ok(origin) = HeaderValue::try_from(&self.0)
        {
            reply.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }

    /// The answer to `OPTIONS`, by which a browser asks whether it may send what a page wants.
    pub(crate) fn preflight(&self, headers: &HeaderMap) -> Reply {
        let reply = Reply::empty(StatusCode::NO_CONTENT, "options").with(header::ALLOW, METHODS);
        let mut reply = match self.asks(headers) {
            true => reply
                .with(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
                .with(header::ACCESS_CONTROL_ALLOW_HEADERS, KEY_HEADERS)
                .with(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS),
            false => reply,
        };
        self.allow(&mut reply, headers);
        reply
    }

    fn asks(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).map(HeaderValue::as_bytes) == Some(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Option<String> {
        PublicOrigin::of(url).map(|origin| origin.0)
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (url, expected) in [
            ("https://Updates.Example.org/joomla", "https://updates.example.org"),
            ("https://updates.example.org:443", "https://updates.example.org"),
            ("http://127.0.0.1:8480", "http://127.0.0.1:8480"),
            ("http://example.org:80/x/y", "http://example.org"),
        ] {
            assert_eq!(origin(url).as_deref(), Some(expected), "{url}");
        }
        assert_eq!(origin("ftp://example.org"), None);
        assert_eq!(origin("/updates"), None);
    }
}
