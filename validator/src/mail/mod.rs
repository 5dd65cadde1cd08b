//! Sending a mail: by an SMTP server, by the machine's own `sendmail`, or, for a demo, into a folder. What the mail says and
//! when it is tried again is the matter of `key_mails`.

mod config;
mod message;
mod sendmail;
mod smtp;

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::secrets;

pub(crate) use config::{MailConfig, MailTable};
pub(crate) use message::{Letter, Mail};
pub(crate) use smtp::MAX_ATTEMPT;

use config::Way;
use sendmail::Sendmail;
use smtp::Smtp;

/// A way by which mail leaves.
#[derive(Debug)]
pub(crate) enum Transport {
    Smtp(Smtp),
    Sendmail(Sendmail),
    /// Each mail becomes a file here.
    Folder(PathBuf),
}

/// Why a mail did not leave. It holds none of what a server said, since servers quote addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Trying again would change nothing.
    pub(crate) is_permanent: bool,
    /// What was under way, in one word for the log.
    pub(crate) step: &'static str,
    /// The SMTP server's reply code or the program's exit code, where there was one.
    pub(crate) code: Option<i32>,
}

impl Failure {
    pub(crate) fn temporary(step: &'static str) -> Self {
        Self { is_permanent: false, step, code: None }
    }
}

impl Transport {
    /// Reads what the way needs.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the password or a certificate cannot be used.
    pub(crate) fn new(config: &MailConfig) -> Result<Self, Error> {
        Ok(match &config.way {
            Way::Smtp(smtp) => Self::Smtp(Smtp::new(smtp)?),
            Way::Sendmail(command) => Self::Sendmail(Sendmail::new(command.clone(), &config.from)),
            Way::Folder(folder) => Self::Folder(folder.clone()),
        })
    }

    /// Sends a mail, within a time limit. Whatever happens, the mail is not sent in part.
    pub(crate) async fn send(&self, mail: &Mail) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Sendmail(sendmail) => sendmail.send(mail).await,
            Self::Folder(folder) => write(folder.clone(), mail).await,
        }
    }
}

/// One file, for its owner's eyes only. A mail that is sent once more has the same id and takes the place of the first.
async fn write(folder: PathBuf, mail: &Mail) -> Result<(), Failure> {
    let path = folder.join(format!("{}.eml", mail.id));
    let bytes = Zeroizing::new(mail.message.formatted());
    let written = tokio::task::spawn_blocking(move || secrets::replace(&path, &bytes));
    match written.await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::temporary("write")),
    }
}
