//! A catalog that lies at an address: asked for with conditional requests (RFC 9110, section 13.1), within limits of time and
//! size, and over TLS, since a catalog decides where customers are sent.

use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use hyper::Uri;
use hyper::header::{
    CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::within_limit;
use crate::error::Error;

/// For how long a server may take for its whole answer. A catalog of some megabytes takes a while on a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// For how long a server may take to accept a connection.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How often a server may send elsewhere: to another host name and from there into a store of files.
const MAX_REDIRECTS: u32 = 3;

/// How a catalog may be packed.
const GZIP: &str = "gzip";

/// Status of an answer that holds what was asked for.
const OK: u16 = 200;

/// Status of the answer that nothing has changed.
const NOT_MODIFIED: u16 = 304;

/// An https address, or http on this very machine, with what asks for it.
#[derive(Clone)]
pub struct CatalogAddress {
    url: String,
    /// Keeps a connection for the next look, and the system's certificates.
    agent: Agent,
}

/// What a server said of its file's state, to be sent back to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

/// What came.
pub(super) struct Fetched {
    pub(super) json: Vec<u8>,
    pub(super) validators: Validators,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum FetchFailure {
    /// No answer, or one that says that there is nothing.
    #[error(transparent)]
    Request(#[from] ureq::Error),
    /// An answer that is none to what was asked.
    #[error("found the status {0}, expected 200")]
    Status(u16),
    /// An answer that breaks off, or is too long.
    #[error(transparent)]
    Body(#[from] io::Error),
}

impl CatalogAddress {
    /// Checks an address.
    ///
    /// # Errors
    /// Tells what was found and what was expected; no password that stands in it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let expected = "expected a path or an address such as `https://downloads.example.org/catalog.json`";
        let wrong = || format!("found `{}`, {expected}", text.escape_debug());
        if text.contains('@') {
            return Err(format!("found a user in an address, {expected}: nothing in a catalog is secret"));
        }
        if text.contains(['?', '#']) {
            return Err(format!("found a query in an address, {expected}: nothing in a catalog is secret"));
        }
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return Err(wrong()) };
        match (scheme, is_this_machine(host)) {
            ("https", is_at_hand) => Ok(Self { url: text.to_owned(), agent: agent(true, is_at_hand) }),
            ("http", true) => Ok(Self { url: text.to_owned(), agent: agent(false, true) }),
            ("http", false) => Err(format!(
                "found `{}`, expected `https://`: a catalog decides where customers are sent, and only this machine can be \
                 trusted without TLS",
                text.escape_debug()
            )),
            _ => Err(wrong()),
        }
    }

    /// Asks for the catalog, whatever its state.
    ///
    /// # Errors
    /// [`Error::CatalogAway`].
    pub(super) fn fetch(&self) -> Result<Fetched, Error> {
        self.ask(&Validators::default())
            .and_then(|fetched| fetched.ok_or(FetchFailure::Status(NOT_MODIFIED)))
            .map_err(self.away())
    }

    /// Asks for the catalog if it has changed.
    ///
    /// # Errors
    /// [`Error::CatalogAway`].
    pub(super) fn fetch_if_changed(&self, validators: &Validators) -> Result<Option<Fetched>, Error> {
        self.ask(validators).map_err(self.away())
    }

    fn away(&self) -> impl Fn(FetchFailure) -> Error {
        let address = self.url.clone();
        move |source| Error::CatalogAway { address: address.clone(), source: Box::new(source) }
    }

    fn ask(&self, validators: &Validators) -> Result<Option<Fetched>, FetchFailure> {
        let mut request = self.agent.get(&self.url).header("Accept", "application/json");
        for (name, value) in validators.conditions() {
            request = request.header(name, value);
        }
        let mut response = request.call()?;
        match response.status().as_u16() {
            OK => {}
            NOT_MODIFIED => return Ok(None),
            other => return Err(FetchFailure::Status(other)),
        }
        let validators = Validators::of(response.headers());
        let is_packed = response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding == GZIP);
        let mut body = response.body_mut().as_reader();
        // The limit counts the bytes as they are unpacked.
        let json =
            if is_packed { within_limit(&mut MultiGzDecoder::new(body))? } else { within_limit(&mut body)? };
        Ok(Some(Fetched { json, validators }))
    }
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let value = |name| headers.get(name).cloned();
        Self { etag: value(ETAG), last_modified: value(LAST_MODIFIED) }
    }

    /// Both where there are both: a server that knows the first ignores the second (RFC 9110, section 13.2.2).
    fn conditions(&self) -> impl Iterator<Item = (HeaderName, &HeaderValue)> {
        [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.last_modified)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

/// One that follows redirects within https only, and none without TLS. Certificates are checked as the system does.
fn agent(is_https: bool, is_at_hand: bool) -> Agent {
    let tls =
        TlsConfig::builder().provider(TlsProvider::Rustls).root_certs(RootCerts::PlatformVerifier).build();
    let mut config = Agent::config_builder()
        .tls_config(tls)
        .https_only(is_https)
        .max_redirects(if is_https { MAX_REDIRECTS } else { 0 })
        .timeout_global(Some(TIME_LIMIT))
        .timeout_connect(Some(CONNECT_TIME_LIMIT))
        .accept_encoding(GZIP)
        .user_agent(concat!("bandari-validator/", env!("CARGO_PKG_VERSION")));
    if is_at_hand {
        // Another machine would ask itself.
        config = config.proxy(None);
    }
    config.build().new_agent()
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

impl Debug for CatalogAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CatalogAddress").field(&self.url).finish()
    }
}

impl Display for CatalogAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl PartialEq for CatalogAddress {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for CatalogAddress {}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    /// A host that gives these answers, one to each connection, and then the requests that came, in lower case.
    fn host(answers: Vec<&'static str>) -> (CatalogAddress, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/catalog.json", listener.local_addr().unwrap());
        let answer = move |answer: &str| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4_096];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).to_ascii_lowercase()
        };
        let served = std::thread::spawn(move || answers.into_iter().map(answer).collect());
        (CatalogAddress::parse(&url).unwrap(), served)
    }

    fn cause(error: &Error) -> String {
        std::error::Error::source(error).expect("a cause").to_string()
    }

    #[test]
    fn a_host_is_reminded_of_what_it_said_of_its_file() {
        let (address, served) = host(vec![
            "HTTP/1.1 200 OK\r\nETag: W/\"7\"\r\nLast-Modified: Sun, 22 Nov 2026 06:00:00 GMT\r\n\
             Connection: close\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
        ]);
        let first = address.fetch().unwrap();
        assert_eq!(first.json, b"{}");
        assert!(address.fetch_if_changed(&first.validators).unwrap().is_none());
        let requests = served.join().unwrap();
        assert!(!requests[0].contains("if-"), "{}", requests[0]);
        assert!(requests[1].contains("\r\nif-none-match: w/\"7\"\r\n"), "{}", requests[1]);
        assert!(
            requests[1].contains("\r\nif-modified-since: sun, 22 nov 2026 06:00:00 gmt\r\n"),
            "{}",
            requests[1]
        );
    }

    #[test]
    fn an_answer_that_breaks_off_is_no_catalog() {
        let (address, served) =
            host(vec!["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{}"]);
        let error = address.fetch().err().expect("an error");
        assert!(
            matches!(&error, Error::CatalogAway { source, .. } if matches!(**source, FetchFailure::Body(_)))
        );
        served.join().unwrap();
    }

    #[test]
    fn nothing_but_a_whole_answer_counts() {
        for (answer, reason) in [
            ("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "found the status 204, expected 200"),
            ("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n", "found the status 304, expected 200"),
            (
                "HTTP/1.1 302 Found\r\nLocation: https://d.example/c\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                "found the status 302, expected 200",
            ),
        ] {
            let (address, served) = host(vec![answer]);
            assert_eq!(cause(&address.fetch().err().expect("an error")), reason);
            served.join().unwrap();
        }
    }
}
