//! TLS of our own for the address where customers ask: `[tls]` of the configuration names a certificate with its chain and the
//! private key. TLS 1.2 and 1.3, and HTTP/1.1 by ALPN. Whoever has a proxy in front leaves it to that.

#[cfg(test)]
mod tests;
mod validity;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;
use tokio_rustls::TlsAcceptor;

use crate::dates;
use crate::error::Error;
use crate::secrets;
use validity::Validity;

/// What we speak behind TLS (RFC 7301, section 6). A client that names others only is refused by its handshake.
const ALPN_PROTOCOL: &[u8] = b"http/1.1";

/// `[tls]` of the configuration as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsTable {
    certificate: PathBuf,
    key: PathBuf,
}

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsConfig {
    /// The certificate and what leads from it to an authority, in PEM.
    pub(crate) certificate: PathBuf,
    /// The private key in PEM, secret.
    pub(crate) key: PathBuf,
}

impl TlsConfig {
    /// Relative paths count from `folder`.
    pub(crate) fn of(table: TlsTable, folder: &Path) -> Self {
        Self { certificate: folder.join(table.certificate), key: folder.join(table.key) }
    }
}

/// Certificate and key, ready for connections.
#[derive(Clone)]
pub(crate) struct ServerTls(Arc<ServerConfig>);

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls(…)")
    }
}

impl ServerTls {
    /// Reads certificate and key, and checks that they belong together and are good at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file, what was found and what was expected; never anything of the key.
    pub(crate) fn load(config: &TlsConfig, now: u64) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration { file: config.certificate.clone(), message };
        let chain = read_chain(&config.certificate)?;
        let first = chain.first().ok_or_else(|| wrong("found no certificate, expected one in PEM".into()))?;
        let validity = Validity::of(first)
            .ok_or_else(|| wrong("found a certificate that cannot be read, expected X.509".to_owned()))?;
        check(validity, i64::try_from(now).unwrap_or(i64::MAX)).map_err(wrong)?;
        let key = read_key(&config.key)?;
        let mut server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| cannot_use(config, &error))?;
        server.alpn_protocols = vec![ALPN_PROTOCOL.to_vec()];
        Ok(Self(Arc::new(server)))
    }

    /// Speaks to one client.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0).into()
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    // What the reader says may quote a line, and a key may have been put here by mistake.
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("found something else than PEM, expected a certificate and its chain".to_owned()))
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let file = File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let pem = secrets::read_open(path, file)?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| wrong("found no private key, expected one in PEM and without a password".to_owned()))
}

/// A certificate that nobody accepts is found at start, not by customers.
fn check(validity: Validity, now: i64) -> Result<(), String> {
    if now < validity.begins {
        let begins = dates::print(validity.begins);
        return Err(format!(
            "found a certificate that is good from {begins} on only, expected one for today"
        ));
    }
    if now > validity.ends {
        let ended = dates::print(validity.ends);
        return Err(format!("found a certificate that was good until {ended}, expected a newer one"));
    }
    Ok(())
}

fn cannot_use(config: &TlsConfig, error: &rustls::Error) -> Error {
    let (file, message) = match error {
        rustls::Error::InconsistentKeys(_) => {
            let certificate = config.certificate.display();
            (&config.key, format!("found another key than that of the certificate `{certificate}`"))
        }
        rustls::Error::InvalidCertificate(_) => {
            (&config.certificate, "found a certificate that cannot be used, expected X.509 v3".to_owned())
        }
        _ => (&config.key, "found a key that cannot be used, expected RSA, ECDSA or Ed25519".to_owned()),
    };
    Error::Configuration { file: file.clone(), message }
}
