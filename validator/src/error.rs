//! Why the program ends, and why a request cannot be answered.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::FetchFailure;
use crate::customers::Fault;

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration, or a file that it names, cannot be used as it is.
    #[error("configuration `{}`: {message}", file.display())]
    Configuration {
        /// The file that is wrong.
        file: PathBuf,
        /// What is wrong and what was expected.
        message: String,
    },
    /// A command's argument or input cannot be used.
    #[error("{0}")]
    Usage(String),
    /// A command names a user who is not there.
    #[error("found no user {0}: `license list` shows the ids")]
    NoSuchUser(u32),
    /// A command names a license that is not there.
    #[error("found no license {0}: `license list` shows the ids")]
    NoSuchLicense(i64),
    /// A result cannot be told as JSON.
    #[error("cannot write the result as JSON")]
    Json(#[source] serde_json::Error),
    /// The threads that the program runs on cannot be started.
    #[error("cannot start the program's threads")]
    Threads(#[source] io::Error),
    /// A file or folder cannot be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The license store cannot be used.
    #[error("cannot use the license store `{}`", path.display())]
    Store {
        /// The SQLite file.
        path: PathBuf,
        /// What SQLite says. It names tables and files; values are bound and never part of it.
        source: sqlx::Error,
    },
    /// Another command has been writing for longer than this one waits.
    #[error(
        "another command is writing to the license store `{}`: nothing was changed, try again when it is done",
        path.display()
    )]
    StoreBusy {
        /// The SQLite file.
        path: PathBuf,
    },
    /// The Joomla site's database gave no answer.
    #[error("cannot use the Joomla database {place}")]
    Joomla {
        /// Name and address of the database.
        place: String,
        /// What went wrong; holds no value.
        source: Fault,
    },
    /// The license store gave no answer in time.
    #[error("the license store gave no answer within {} s", .0.as_secs())]
    StoreTimeout(Duration),
    /// The license store holds something that this program does not write.
    #[error("license store `{}`: {message}", path.display())]
    StoreContent {
        /// The SQLite file.
        path: PathBuf,
        /// What was found and what was expected; no secret.
        message: String,
    },
    /// The catalog's address gives none.
    #[error("cannot fetch the catalog `{address}`")]
    CatalogAway {
        /// As configured.
        address: String,
        /// What happened instead.
        source: Box<FetchFailure>,
    },
    /// The server that a command asks does not answer, or says that something is wrong.
    #[error("found no healthy server at `{address}`")]
    Unhealthy {
        /// Where it was asked.
        address: String,
        /// What happened instead.
        source: Box<ureq::Error>,
    },
    /// A socket cannot be opened.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as configured.
        address: std::net::SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// Whether the place of the licenses cannot be reached at all. What a database answers to one question is no sign of that:
    /// whoever can send a question that it chokes on could keep everybody from asking.
    #[must_use]
    pub(crate) fn is_store_away(&self) -> bool {
        match self {
            Self::StoreTimeout(_) => true,
            Self::Joomla { source, .. } => source.is_away(),
            Self::Store { source: sqlx::Error::Database(error), .. } => {
                // SQLSTATE (ISO 9075): connection exceptions; too many connections, shut down, starting up (PostgreSQL,
                // "Error Codes").
                let code = error.code().unwrap_or_default();
                code.starts_with("08") || matches!(&*code, "53300" | "57P01" | "57P02" | "57P03")
            }
            Self::Store { source, .. } => matches!(
                source,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }

    /// Whether the place of the licenses was asked, and what it has there cannot be read.
    pub(crate) fn is_store_content(&self) -> bool {
        match self {
            Self::StoreContent { .. } => true,
            Self::Joomla { source, .. } => source.is_of_content(),
            _ => false,
        }
    }

    /// Whether the vendor has to change something first; exit code 2.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Configuration { .. } | Self::Usage(_) | Self::NoSuchUser(_) | Self::NoSuchLicense(_)
        )
    }
}

/// Tells of a store that cannot be used. Clients learn only that they should come again; the cause is for the log.
pub(crate) fn log_store_failure(error: &Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, "the license store cannot be asked");
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let store = Error::Store { path: "licenses.sqlite".into(), source: sqlx::Error::PoolTimedOut };
        let io = Error::io("read", "seeds.toml")(io::ErrorKind::NotFound.into());
        let threads = Error::Threads(io::ErrorKind::OutOfMemory.into());
        for error in [store, io, threads] {
            let cause = error.source().expect("a cause").to_string();
            assert!(!error.to_string().contains(&cause), "{error}");
        }
    }
}
