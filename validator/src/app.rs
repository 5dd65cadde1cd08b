//! The validator's parts, read and checked at start, and the look-up that joins keys, store and decision.

use std::time::Duration;

use bandari_catalog::names::GroupId;
use bandari_signed_url::{KeySet, Signer, Verifier};
use tokio::time::Instant;

use crate::config::Config;
use crate::decision::{Claim, Holder, KeyScope, KnownKey, State, Verdict, decide};
use crate::edge::Edge;
use crate::error::Error;
use crate::imported_key::KeyHasher;
use crate::key_mails::KeyMails;
use crate::license_key::{LicenseKeys, Recognized};
use crate::links::Links;
use crate::offer::{LicensedPlace, Offer, PROTECTED_PATH};
use crate::pages::Pages;
use crate::password::Logins;
use crate::public::PublicFolder;
use crate::question::Credentials;
use crate::quota::Quotas;
use crate::refusal::RefusalStatus;
use crate::secrets;
use crate::sender::TrustedProxies;
use crate::store::Store;
use crate::texts::Texts;

/// How far ahead of now a link may end at the built-in edge, beyond the configured life: expiries fall on whole minutes, and
/// the clock may be set back a little.
const LINK_SLACK: Duration = Duration::from_secs(120);

/// An invalid key is answered after a whole step of this, whatever it took to find out: a forged key costs arithmetic, a
/// genuine one with a wrong mail address a look-up as well, and nobody may tell the two apart. So is a wish for a key mail,
/// whosever the address is. Longer than a look-up takes, shorter than anybody notices.
const STEP: Duration = Duration::from_millis(20);

/// Everything that answers requests.
#[derive(Debug)]
pub struct App {
    pub(crate) offer: Offer,
    pub(crate) keys: LicenseKeys,
    key_hasher: KeyHasher,
    pub(crate) store: Store,
    pub(crate) logins: Logins,
    pub(crate) quotas: Quotas,
    pub(crate) texts: Texts,
    pub(crate) pages: Pages,
    /// Present when there is a way to send mail.
    pub(crate) key_mails: Option<KeyMails>,
    /// Names under which a key may come.
    pub(crate) key_parameters: Vec<String>,
    pub(crate) refusal_status: RefusalStatus,
    pub(crate) trusted_proxies: TrustedProxies,
    /// Present when the catalog names an edge.
    pub(crate) links: Option<Links>,
    pub(crate) edge: Option<Edge>,
    pub(crate) public: Option<PublicFolder>,
}

impl App {
    /// Reads the catalog, the secrets and the store, and checks that they fit together.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong; [`Error::Store`] when the store cannot be used.
    pub async fn load(config: &Config) -> Result<Self, Error> {
        let offer = Offer::load(&config.catalog)?;
        let seeds = secrets::read_seeds(&config.seeds)?;
        if let Some(group) = offer.groups().find(|group| !seeds.groups.contains_key(*group)) {
            return Err(Error::Configuration {
                file: config.seeds.clone(),
                message: format!(
                    "found no seed for the group `{group}` of the catalog: `bandari-validator init` makes it"
                ),
            });
        }
        let (links, edge) = links_and_edge(config, &offer)?;
        let templates = config.templates.as_deref();
        let texts = Texts::load(templates)?;
        let key_mails =
            config.mail.as_ref().map(|mail| KeyMails::load(mail, templates, &texts)).transpose()?;
        Ok(Self {
            offer,
            keys: LicenseKeys::new(&seeds.groups),
            key_hasher: KeyHasher::new(&seeds.imported_keys),
            store: Store::open(&config.licenses).await?,
            logins: Logins::new(),
            quotas: Quotas::new(),
            texts,
            pages: Pages::load(templates)?,
            key_mails,
            key_parameters: config.key_parameters.clone(),
            refusal_status: config.refusal_status,
            trusted_proxies: config.trusted_proxies.clone(),
            links,
            edge,
            public: config.serve_public.clone().map(PublicFolder::new),
        })
    }

    /// What the bearer of these credentials may have of what the group opens. A package that came out at
    /// `kept_if_released_at` stays with holders of licenses that ended later.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be asked. A forged key of our own form never gets that far.
    pub(crate) async fn decide(
        &self,
        group: &GroupId,
        kept_if_released_at: Option<i64>,
        credentials: Credentials<'_>,
        now: u64,
    ) -> Result<Verdict, Error> {
        let begun = Instant::now();
        let (key, holder) = match credentials.key {
            Some(key) => self.find(key, group).await?.unzip(),
            None => (None, None),
        };
        let claim = Claim {
            has_key: credentials.key.is_some(),
            key,
            email: credentials.email,
            holder: holder.as_ref(),
            kept_if_released_at,
        };
        let verdict = decide(&claim, i64::try_from(now).unwrap_or(i64::MAX));
        if verdict.state == State::Invalid {
            end_of_step(begun).await;
        }
        Ok(verdict)
    }

    /// The same for a licensed package.
    ///
    /// # Errors
    /// As [`App::decide`].
    pub(crate) async fn decide_for(
        &self,
        licensed: &LicensedPlace,
        credentials: Credentials<'_>,
        now: u64,
    ) -> Result<Verdict, Error> {
        self.decide(&licensed.group, licensed.kept_if_released_at, credentials, now).await
    }

    /// What is known of a key, and of its holder with respect to the key's group.
    async fn find(&self, key: &str, wanted: &GroupId) -> Result<Option<(KnownKey, Holder)>, Error> {
        let (user, group, known) = match self.keys.recognize(key, wanted) {
            Recognized::OfGroup(found) => {
                (found.user, wanted.clone(), KnownKey { scope: KeyScope::Wanted, serial: Some(found.serial) })
            }
            Recognized::OfOtherGroup(other, found) => {
                (found.user, other, KnownKey { scope: KeyScope::Other, serial: Some(found.serial) })
            }
            Recognized::Nothing => {
                let Some(hashes) = self.key_hasher.candidates(key) else { return Ok(None) };
                let Some(imported) = self.store.imported_key(&hashes).await? else { return Ok(None) };
                let opens_wanted = imported.group.as_deref().is_none_or(|group| group == wanted.as_str());
                let scope = if opens_wanted { KeyScope::Wanted } else { KeyScope::Other };
                (imported.user, wanted.clone(), KnownKey { scope, serial: None })
            }
        };
        Ok(self.store.look_up(user, &group).await?.map(|holder| (known, holder)))
    }
}

/// Waits for the end of a whole step after `begun`, so that what took less all looks the same from outside.
pub(crate) async fn end_of_step(begun: Instant) {
    tokio::time::sleep_until(next_step(begun, Instant::now(), STEP)).await;
}

/// The first whole step after `begun` that is not over at `now`.
fn next_step(begun: Instant, now: Instant, step: Duration) -> Instant {
    let steps = now.duration_since(begun).as_nanos() / step.as_nanos() + 1;
    begun + step * u32::try_from(steps).unwrap_or(u32::MAX)
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
