//! The built-in edge: licensed packages for whoever brings a signed URL, like any CDN would serve them.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bandari_signed_url::{Refusal, Verified, Verifier};
use hyper::header::{self, HeaderMap};
use hyper::{Method, StatusCode};

use crate::files::{self, ServedFile};
use crate::offer::Offer;
use crate::reply::Reply;
use crate::timeline::Timeline;

/// Says which signed links are good, for every edge of this program. Which keys count changes with the time.
#[derive(Debug)]
pub(crate) struct Gate {
    verifiers: Timeline<Verifier>,
}

impl Gate {
    pub(crate) fn new(verifiers: Timeline<Verifier>) -> Self {
        Self { verifiers }
    }

    /// As [`Verifier::verify`].
    pub(crate) fn verify(&self, method: &str, target: &str, now: u64) -> Result<Verified, Refusal> {
        self.verifiers.at(now).1.verify(method, target, now)
    }
}

/// What a person reads who follows an old link. Neither part holds anything of the request.
pub(crate) fn refusal_text(outcome: &str, why: &dyn Display) -> String {
    format!("Refused ({outcome}): {why}.")
}

/// The answer to a link that is not good.
pub(crate) fn refused(outcome: &'static str, text: &str) -> Reply {
    Reply::text(StatusCode::FORBIDDEN, outcome, text).with(header::REFERRER_POLICY, "no-referrer")
}

/// Serves licensed packages.
#[derive(Debug)]
pub(crate) struct Edge {
    gate: Arc<Gate>,
    folder: PathBuf,
}

impl Edge {
    pub(crate) fn new(gate: Arc<Gate>, folder: PathBuf) -> Self {
        Self { gate, folder }
    }

    /// Answers a request below [`crate::offer::PROTECTED_PATH`]. `target` is the request target as it came: decoding it
    /// first would check other bytes than were signed.
    pub(crate) fn answer(
        &self,
        offer: &Offer,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        now: u64,
    ) -> Reply {
        let verified = match self.gate.verify(method.as_str(), target, now) {
            Ok(verified) => verified,
            Err(refusal) => return refused(refusal.rule(), &refusal_text(refusal.rule(), &refusal)),
        };
        // Only what the catalog lists is ever opened, so no path of a request reaches the file system.
        let Some(protected) = offer.protected_file(verified.path()) else { return Reply::not_found() };
        match File::open(self.folder.join(&protected.below)).and_then(|file| Ok((file.metadata()?, file))) {
            Ok((metadata, file)) => {
                let served = ServedFile {
                    file,
                    size_bytes: metadata.len(),
                    etag: format!("\"{}\"", protected.sha256),
                    modified: None,
                    content_type: "application/octet-stream".to_owned(),
                    cache_control: "private, no-transform",
                    attachment_name: Some(verified.path().file_name().to_owned()),
                };
                files::answer(method, headers, served).with(header::REFERRER_POLICY, "no-referrer")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Reply::not_found(),
            Err(error) => {
                tracing::error!(file = %protected.below, %error, "a licensed package cannot be read");
                Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "file-error", "The file cannot be read.")
            }
        }
    }
}
