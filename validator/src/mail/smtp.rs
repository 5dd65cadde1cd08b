//! Mail by an SMTP server (RFC 5321), with TLS and login. lettre speaks the protocol; the steps are taken here, since what a
//! refusal means depends on the step, and so that each has its time limit.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secrets;

use super::config::{Encryption, SmtpConfig};
use super::{Failure, Mail};

/// For how long one step may take. RFC 5321, section 4.5.3.2, would have us wait for minutes, but that is for relays that pass
/// on what nobody else can; who hands mail in asks a server close by.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);

/// For how long a server may look at the whole mail. Giving up too early sends it twice.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(120);

/// For how long a server may take to say goodbye. Nothing depends on it.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// Most that an attempt takes: connection, encryption, login, sender, recipient and `DATA`, then the mail, then `QUIT`.
pub(crate) const MAX_ATTEMPT: Duration =
    Duration::from_secs(6 * STEP_TIMEOUT.as_secs() + ACCEPT_TIMEOUT.as_secs() + QUIT_TIMEOUT.as_secs());

/// Both send the password as it is, so they are used on encrypted connections only, or to this machine.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// An SMTP server.
pub(crate) struct Smtp {
    host: String,
    port: u16,
    tls: Option<(Encryption, TlsParameters)>,
    login: Option<(String, SecretString)>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    /// Reads password and certificates.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, Error> {
        let login = match &config.login {
            Some(login) => Some((login.username.clone(), secrets::read_password(&login.password_file)?)),
            None => None,
        };
        let tls = match config.tls {
            Encryption::None => None,
            tls => Some((tls, tls_parameters(config)?)),
        };
        Ok(Self { host: config.host.clone(), port: config.port, tls, login })
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<(), Failure> {
        let mut connection = self.connect().await?;
        let sent = self.hand_in(&mut connection, mail).await;
        let _ = tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await;
        sent
    }

    /// A connection, encrypted as it should be, or none.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::default();
        let (server, limit) = ((self.host.as_str(), self.port), Some(STEP_TIMEOUT));
        let from_the_start = match &self.tls {
            Some((Encryption::Tls, parameters)) => Some(parameters.clone()),
            _ => None,
        };
        let connection = AsyncSmtpConnection::connect_tokio1(server, limit, &hello, from_the_start, None);
        let mut connection = step("connect", STEP_TIMEOUT, connection).await?;
        if let Some((Encryption::Starttls, parameters)) = &self.tls {
            // Fails where the server does not offer it: who sits in between would only have to strike it out.
            step("starttls", STEP_TIMEOUT, connection.starttls(parameters.clone(), &hello)).await?;
        }
        Ok(connection)
    }

    async fn hand_in(&self, connection: &mut AsyncSmtpConnection, mail: &Mail) -> Result<(), Failure> {
        if let Some((username, password)) = &self.login {
            let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
            step("login", STEP_TIMEOUT, connection.auth(&MECHANISMS, &credentials)).await?;
        }
        let envelope = mail.message.envelope();
        let mut parameters = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure { is_permanent: true, ..Failure::temporary("smtputf8") });
            }
            // Such addresses stand in the headers as they are (RFC 6531, section 3.4).
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        // A sender that is refused is the vendor's to put right, and then the mail should still go out.
        let from = MailFrom::new(envelope.from().cloned(), parameters);
        step("sender", STEP_TIMEOUT, connection.command(from)).await?;
        for to in envelope.to() {
            let recipient = connection.command(Rcpt::new(to.clone(), Vec::new()));
            step("recipient", STEP_TIMEOUT, recipient).await.map_err(final_if_5xx)?;
        }
        step("data", STEP_TIMEOUT, connection.command(Data)).await.map_err(final_if_5xx)?;
        let bytes = Zeroizing::new(mail.message.formatted());
        step("mail", ACCEPT_TIMEOUT, connection.message(&bytes)).await.map_err(final_if_5xx)?;
        Ok(())
    }
}

/// Of what a server says, the code alone is kept.
async fn step<T>(
    name: &'static str,
    limit: Duration,
    taken: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, taken).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            let code = error.status().map(|code| i32::from(u16::from(code)));
            Err(Failure { code, ..Failure::temporary(name) })
        }
        Err(_) => Err(Failure::temporary(name)),
    }
}

/// 5xx says that the same command will not do another time (RFC 5321, section 4.2.1).
fn final_if_5xx(failure: Failure) -> Failure {
    Failure { is_permanent: failure.code.is_some_and(|code| code >= 500), ..failure }
}

/// The public authorities of the web, and the vendor's own where one is configured.
fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, Error> {
    let mut parameters = TlsParameters::builder(config.host.clone());
    let file = config.ca_file.as_deref();
    if let Some(file) = file {
        parameters = parameters.add_root_certificate(read_certificates(file)?);
    }
    parameters.build().map_err(|_| wrong_certificates(file.unwrap_or(Path::new(""))))
}

fn read_certificates(file: &Path) -> Result<Certificate, Error> {
    let pem = std::fs::read(file).map_err(|error| Error::Configuration {
        file: file.to_owned(),
        message: format!("cannot be read: {error}"),
    })?;
    let certificates = Certificate::from_pem(&pem).map_err(|_| wrong_certificates(file))?;
    // A file without any is no error to the reader of PEM.
    match String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
        true => Ok(certificates),
        false => Err(wrong_certificates(file)),
    }
}

fn wrong_certificates(file: &Path) -> Error {
    Error::Configuration {
        file: file.to_owned(),
        message: "found no certificates, expected those of authorities in PEM".to_owned(),
    }
}
