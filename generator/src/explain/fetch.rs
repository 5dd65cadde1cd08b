//! A feed that lies at an https address, fetched as Joomla fetches it (`libraries/src/Updater/UpdateAdapter.php`): one plain
//! `GET` without `Accept-Encoding`, so that what a server packs unasked comes as it is; redirects are followed, and nothing
//! but the status 200 counts.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::feed_file;
use crate::shown::shown;

/// Joomla's own limit, of the connection and of all together.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// How often Joomla follows (`libraries/vendor/joomla/http`, curl).
const MAX_REDIRECTS: u32 = 20;

const OK: u16 = 200;

/// An answer with the status 200.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// Its `Content-Encoding`: Joomla unpacks nothing.
    pub(super) encoding: Option<String>,
}

/// Asks for addresses.
pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new() -> Self {
        // Of two that are put up, the first stays; both are the same.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(Some(TIME_LIMIT))
            .accept("*/*")
            .accept_encoding("")
            .user_agent(concat!("bandari/", env!("CARGO_PKG_VERSION")));
        Self(config.build().new_agent())
    }

    /// # Errors
    /// Why there is nothing, as the end of a sentence.
    pub(super) fn fetch(&self, address: &str) -> Result<Fetched, String> {
        let mut response = self.0.get(address).call().map_err(|error| away(&error))?;
        let status = response.status().as_u16();
        if status != OK {
            return Err(format!(
                "the server answers with the status {status}, and Joomla takes nothing but 200"
            ));
        }
        let encoding = response.headers().get("content-encoding");
        let encoding = encoding.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let bytes = feed_file::within_bounds(response.body_mut().as_reader())
            .map_err(|error| away(&ureq::Error::from(error)))?;
        Ok(Fetched { bytes, encoding })
    }
}

/// Why there is nothing. Words of the server that can have the address in them are left out, as that can have a key.
fn away(error: &ureq::Error) -> String {
    let why = match error {
        ureq::Error::RequireHttpsOnly(_) => "the server sends on to an address without TLS".into(),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "it is no whole address".into(),
        ureq::Error::Protocol(_) => "what the server answers is no HTTP".into(),
        error => shown(&error.to_string()),
    };
    format!("it cannot be fetched: {why}")
}
