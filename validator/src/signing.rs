//! What the signing keys are for, put together: the links that this validator makes, and the edges of its own that check them.

use std::sync::Arc;

use bandari_signed_url::{KeySet, Signer, Verifier};

use crate::config::Config;
use crate::edge::{Edge, Gate};
use crate::edge_verify::EdgeVerify;
use crate::error::Error;
use crate::links::Links;
use crate::offer::{EdgeAddress, Offer, PROTECTED_PATH};
use crate::secrets;
use crate::signing_keys::{LINK_SLACK_SECONDS, SigningKeys};

/// Everything that needs the signing keys.
#[derive(Debug, Default)]
pub(crate) struct Signing {
    /// Present when the catalog names an edge.
    pub(crate) links: Option<Links>,
    pub(crate) edge: Option<Edge>,
    pub(crate) edge_verify: Option<EdgeVerify>,
}

impl Signing {
    /// Reads the signing keys, unless the catalog has nothing to sign for.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong.
    pub(crate) fn load(config: &Config, offer: &Offer) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration { file: config.file.clone(), message };
        let Some(address) = &offer.edge else {
            let edges = [
                ("serve_protected", config.serve_protected.is_some()),
                ("edge_verify", config.edge_verify.is_some()),
            ];
            return match edges.into_iter().find(|(_, is_on)| *is_on) {
                Some((key, _)) => {
                    Err(wrong(format!("`{key}`: found it, but the catalog has no `protected_url` to serve")))
                }
                None => Ok(Self::default()),
            };
        };
        if config.serve_protected.is_some() && address.prefix != PROTECTED_PATH {
            return Err(wrong(format!(
                "`serve_protected`: found `protected_url` with the path `{}` in the catalog, expected `{PROTECTED_PATH}`: \
                 that is where the built-in edge answers",
                address.prefix
            )));
        }
        let keys = secrets::read_signing_keys(&config.signing_key)?;
        let signers =
            keys.signers(|key| Signer::new(address.origin.clone(), config.key_set.clone(), key.key.clone()));
        let gate = Arc::new(gate(config, address, &keys)?);
        let edge = config.serve_protected.clone().map(|folder| Edge::new(Arc::clone(&gate), folder));
        let edge_verify = config.edge_verify.clone().map(|header| EdgeVerify::new(header, gate));
        Ok(Self { links: Some(Links::new(signers, config.link_lifetime_seconds)), edge, edge_verify })
    }
}

fn gate(config: &Config, address: &EdgeAddress, keys: &SigningKeys) -> Result<Gate, Error> {
    let verifiers = keys.accepted(config.link_lifetime_seconds, |public_keys| {
        let set = KeySet::new(config.key_set.clone(), public_keys)?;
        Ok(Verifier::new(address.origin.clone(), vec![set])
            .with_max_lifetime_seconds(config.link_lifetime_seconds + LINK_SLACK_SECONDS))
    });
    verifiers.map(Gate::new).map_err(|error: bandari_signed_url::InvalidKeySet| Error::Configuration {
        file: config.signing_key.clone(),
        message: error.to_string(),
    })
}
