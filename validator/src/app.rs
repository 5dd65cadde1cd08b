//! The validator's parts, read and checked at start and whenever something has changed.

use std::sync::{Arc, Once};

use tokio::sync::Notify;

use crate::catalog::{Catalog, Seen};
use crate::config::Config;
use crate::customers::{LookUps, Place};
use crate::edge::Edge;
use crate::edge_verify::EdgeVerify;
use crate::error::Error;
use crate::imported_key::KeyHasher;
use crate::key_mails::KeyMails;
use crate::license_key::LicenseKeys;
use crate::links::Links;
use crate::metrics::Metrics;
use crate::offer::Offer;
use crate::pacer::Pacer;
use crate::pages::Pages;
use crate::password::Logins;
use crate::public::PublicFolder;
use crate::quota::Quotas;
use crate::readiness::Readiness;
use crate::secrets;
use crate::server::unix_seconds;
use crate::signing::Signing;
use crate::texts::Texts;
use crate::tls::ServerTls;

/// What a change of configuration, keys or catalog leaves as it is: the memory of the whole server.
#[derive(Debug)]
pub(crate) struct Lasting {
    pub(crate) pacer: Pacer,
    pub(crate) logins: Logins,
    pub(crate) quotas: Quotas,
    /// Tells once of a proxy that nobody has named.
    pub(crate) proxy_warning: Once,
    /// A wish for a key mail has come.
    pub(crate) key_mail_asked: Notify,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: Readiness,
}

/// Everything that answers requests.
#[derive(Debug)]
pub struct App {
    /// What all of it was made by.
    pub(crate) config: Config,
    pub(crate) lasting: Arc<Lasting>,
    pub(crate) offer: Arc<Offer>,
    /// The state of the catalog that says so.
    seen: Seen,
    pub(crate) keys: LicenseKeys,
    pub(crate) key_hasher: KeyHasher,
    /// Where licenses live.
    pub(crate) place: Place,
    /// What is asked for them.
    pub(crate) customers: Arc<LookUps>,
    pub(crate) texts: Arc<Texts>,
    pub(crate) pages: Arc<Pages>,
    /// Present when there is a way to send mail.
    pub(crate) key_mails: Option<Arc<KeyMails>>,
    /// Present when customers are spoken to by TLS.
    pub(crate) tls: Option<ServerTls>,
    /// Present when the catalog names an edge.
    pub(crate) links: Option<Links>,
    pub(crate) edge: Option<Edge>,
    pub(crate) edge_verify: Option<EdgeVerify>,
    pub(crate) public: Option<PublicFolder>,
}

impl App {
    /// Reads the catalog, the secrets and the store, and checks that they fit together.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong; [`Error::Store`] when the store cannot be used.
    pub async fn load(config: &Config) -> Result<Self, Error> {
        let catalog = config.catalog.read().await?;
        let lasting = Lasting {
            pacer: Pacer::start().map_err(Error::io("start", "a thread"))?,
            logins: Logins::new(),
            quotas: Quotas::new(),
            proxy_warning: Once::new(),
            key_mail_asked: Notify::new(),
            metrics: Metrics::new(),
            readiness: Readiness::default(),
        };
        let place = Place::open(config).await?;
        let customers = place.look_ups(lasting.metrics.look_ups.clone());
        Self::assemble(config, catalog, Words::load(config)?, Arc::new(lasting), place, customers)?.with_tls()
    }

    /// The same once more, for a configuration, keys or words that have changed. What is remembered stays, of customers too
    /// unless they are in another place now.
    ///
    /// # Errors
    /// As [`App::load`]. Nothing of what answers now is touched.
    pub(crate) async fn reload(&self, config: &Config, catalog: Catalog) -> Result<Self, Error> {
        let (place, customers) = match self.place.reopen(config).await? {
            None => (self.place.clone(), Arc::clone(&self.customers)),
            Some(place) => {
                let customers = place.look_ups(self.lasting.metrics.look_ups.clone());
                (place, customers)
            }
        };
        Self::assemble(config, catalog, Words::load(config)?, Arc::clone(&self.lasting), place, customers)?
            .with_tls()
    }

    /// The same with another catalog. Seeds and signing key are read anew with it, since `init` makes what a new group needs;
    /// the vendor's words and the certificate are not, since somebody may be writing them just now.
    ///
    /// # Errors
    /// As [`App::load`]. Nothing of what answers now is touched.
    pub(crate) fn with_catalog(&self, catalog: Catalog) -> Result<Self, Error> {
        let words = Words {
            texts: Arc::clone(&self.texts),
            pages: Arc::clone(&self.pages),
            key_mails: self.key_mails.clone(),
        };
        let (lasting, customers) = (Arc::clone(&self.lasting), Arc::clone(&self.customers));
        let app = Self::assemble(&self.config, catalog, words, lasting, self.place.clone(), customers)?;
        Ok(Self { tls: self.tls.clone(), ..app })
    }

    /// Reads certificate and key.
    fn with_tls(self) -> Result<Self, Error> {
        let tls = self.config.tls.as_ref().map(|tls| ServerTls::load(tls, unix_seconds())).transpose()?;
        Ok(Self { tls, ..self })
    }

    /// The catalog as it counts now.
    pub(crate) fn catalog(&self) -> Catalog {
        Catalog { offer: Arc::clone(&self.offer), seen: self.seen.clone() }
    }

    fn assemble(
        config: &Config,
        catalog: Catalog,
        words: Words,
        lasting: Arc<Lasting>,
        place: Place,
        customers: Arc<LookUps>,
    ) -> Result<Self, Error> {
        let Catalog { offer, seen } = catalog;
        place.check_groups(config, &offer)?;
        let seeds = secrets::read_seeds(&config.seeds)?;
        if let Some(group) = offer.groups().find(|group| !seeds.groups.contains_key(*group)) {
            return Err(Error::Configuration {
                file: config.seeds.clone(),
                message: format!(
                    "found no seed for the group `{group}` of the catalog: `bandari-validator init` makes it"
                ),
            });
        }
        let Signing { links, edge, edge_verify } = Signing::load(config, &offer)?;
        Ok(Self {
            config: config.clone(),
            lasting,
            offer,
            seen,
            keys: LicenseKeys::new(&seeds.groups),
            key_hasher: KeyHasher::new(&seeds.imported_keys),
            customers,
            place,
            texts: words.texts,
            pages: words.pages,
            key_mails: words.key_mails,
            tls: None,
            links,
            edge,
            edge_verify,
            public: config.serve_public.clone().map(PublicFolder::new),
        })
    }
}

/// What is made of the vendor's templates.
struct Words {
    texts: Arc<Texts>,
    pages: Arc<Pages>,
    key_mails: Option<Arc<KeyMails>>,
}

impl Words {
    fn load(config: &Config) -> Result<Self, Error> {
        let templates = config.templates.as_deref();
        let texts = Texts::load(templates)?;
        let key_mails =
            config.mail.as_ref().map(|mail| KeyMails::load(mail, templates, &texts)).transpose()?;
        let pages = Arc::new(Pages::load(templates)?);
        Ok(Self { texts: Arc::new(texts), pages, key_mails: key_mails.map(Arc::new) })
    }
}
