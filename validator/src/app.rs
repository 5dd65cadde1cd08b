//! The validator's parts, read and checked at start, and the look-up that joins keys, store and decision.

use std::time::Duration;

use bandari_catalog::names::GroupId;
use bandari_signed_url::{KeySet, Signer, Verifier};

use crate::config::Config;
use crate::decision::{Claim, Decision, KeyScope, decide};
use crate::edge::Edge;
use crate::error::Error;
use crate::license_key::{LicenseKeys, Recognized};
use crate::links::Links;
use crate::offer::{Offer, PROTECTED_PATH};
use crate::public::PublicFolder;
use crate::secrets;
use crate::store::Store;

/// How far ahead of now a link may end at the built-in edge, beyond the configured life: expiries fall on whole minutes, and
/// the clock may be set back a little.
const LINK_SLACK: Duration = Duration::from_secs(120);

/// Everything that answers requests.
#[derive(Debug)]
pub struct App {
    pub(crate) offer: Offer,
    keys: LicenseKeys,
    store: Store,
    /// Present when the catalog names an edge.
    pub(crate) links: Option<Links>,
    pub(crate) edge: Option<Edge>,
    pub(crate) public: Option<PublicFolder>,
}

/// What a request sent to prove its right.
#[derive(Clone, Copy, Default)]
pub(crate) struct Credentials<'r> {
    pub(crate) key: Option<&'r str>,
    pub(crate) email: Option<&'r str>,
}

impl App {
    /// Reads the catalog, the secrets and the store, and checks that they fit together.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong; [`Error::Store`] when the store cannot be used.
    pub async fn load(config: &Config) -> Result<Self, Error> {
        let offer = Offer::load(&config.catalog)?;
        let seeds = secrets::read_seeds(&config.seeds)?;
        if let Some(group) = offer.groups().find(|group| !seeds.contains_key(*group)) {
            return Err(Error::Configuration {
                file: config.seeds.clone(),
                message: format!(
                    "found no seed for the group `{group}` of the catalog: `bandari-validator init` makes it"
                ),
            });
        }
        let (links, edge) = links_and_edge(config, &offer)?;
        Ok(Self {
            offer,
            keys: LicenseKeys::new(&seeds),
            store: Store::open(&config.licenses).await?,
            links,
            edge,
            public: config.serve_public.clone().map(PublicFolder::new),
        })
    }

    /// May the bearer of these credentials have what the group opens?
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be asked. A key that is not genuine never gets that far.
    pub(crate) async fn decide(
        &self,
        group: &GroupId,
        credentials: Credentials<'_>,
        now: u64,
    ) -> Result<Decision, Error> {
        let recognized = credentials.key.map_or(Recognized::Nothing, |key| self.keys.recognize(key, group));
        let (key, holder) = match recognized {
            Recognized::Nothing => (None, None),
            Recognized::OfGroup(key) => {
                (Some((key, KeyScope::Wanted)), self.store.look_up(key.user, group).await?)
            }
            Recognized::OfOtherGroup(other, key) => {
                (Some((key, KeyScope::Other)), self.store.look_up(key.user, &other).await?)
            }
        };
        let claim = Claim {
            has_key: credentials.key.is_some(),
            key,
            email: credentials.email,
            holder: holder.as_ref(),
        };
        Ok(decide(&claim, i64::try_from(now).unwrap_or(i64::MAX)))
    }
}

fn links_and_edge(config: &Config, offer: &Offer) -> Result<(Option<Links>, Option<Edge>), Error> {
    let wrong = |message: String| Error::Configuration { file: config.file.clone(), message };
    let Some(address) = &offer.edge else {
        return match &config.serve_protected {
            Some(_) => Err(wrong(
                "`serve_protected`: found it, but the catalog has no `protected_url` to serve".into(),
            )),
            None => Ok((None, None)),
        };
    };
    let key = secrets::read_signing_key(&config.signing_key)?;
    let set = KeySet::new(config.key_set.clone(), vec![key.verifying_key()])
        .map_err(|error| wrong(format!("`signing_key`: {error}")))?;
    let signer = Signer::new(address.origin.clone(), config.key_set.clone(), key);
    let links = Links::new(signer, config.link_lifetime_seconds);
    let Some(folder) = &config.serve_protected else { return Ok((Some(links), None)) };
    if address.prefix != PROTECTED_PATH {
        return Err(wrong(format!(
            "`serve_protected`: found `protected_url` with the path `{}` in the catalog, expected `{PROTECTED_PATH}`: \
             that is where the built-in edge answers",
            address.prefix
        )));
    }
    let verifier = Verifier::new(address.origin.clone(), vec![set])
        .with_max_lifetime_seconds(config.link_lifetime_seconds + LINK_SLACK.as_secs());
    Ok((Some(links), Some(Edge::new(verifier, folder.clone()))))
}
