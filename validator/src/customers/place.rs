//! The place where licenses live, as the configuration names it, opened.

use std::sync::Arc;

use crate::config::Config;
use crate::error::Error;
use crate::metrics::LookUpMetrics;
use crate::offer::Offer;
use crate::secrets;
use crate::server::unix_seconds;
use crate::store::{Store, Users};

use super::joomla::{JoomlaSite, SiteSettings};
use super::{Customers, LookUpConfig, LookUps};

/// The place, and the file of this validator's own, which is the place itself where there is no Joomla site.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) store: Store,
    site: Option<Arc<JoomlaSite>>,
    look_up_config: LookUpConfig,
}

impl Place {
    /// Opens the file. A Joomla site's database is asked for nothing yet: it may be away when a server starts.
    ///
    /// # Errors
    /// Those of [`Store::open`] and of [`SiteSettings::read`].
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let store = Store::open(&config.licenses, config.users()).await?;
        let settings = site_settings(config)?;
        let site = settings.map(|settings| Arc::new(JoomlaSite::new(settings, store.clone(), unix_seconds)));
        Ok(Self { store, site, look_up_config: config.look_ups })
    }

    /// The place that another configuration names; nothing where it is this very one. A password that has changed makes it
    /// another, and so does a file that was put in the place of the one that is open.
    ///
    /// # Errors
    /// As [`Place::open`].
    pub(crate) async fn reopen(&self, config: &Config) -> Result<Option<Self>, Error> {
        let settings = site_settings(config)?;
        let is_same = self.store.path() == config.licenses
            && self.store.is_where_it_was()
            && self.look_up_config == config.look_ups
            && self.site.as_ref().map(|site| site.settings()) == settings.as_ref();
        if is_same { Ok(None) } else { Self::open(config).await.map(Some) }
    }

    /// Look-ups in this place, of which nothing is remembered yet.
    pub(crate) fn look_ups(&self, metrics: LookUpMetrics) -> Arc<LookUps> {
        let customers: Arc<dyn Customers> = match &self.site {
            Some(site) => Arc::<JoomlaSite>::clone(site),
            None => Arc::new(self.store.clone()),
        };
        LookUps::new(customers, self.look_up_config, metrics)
    }

    /// The Joomla site, where it is one.
    pub(crate) fn site(&self) -> Option<&JoomlaSite> {
        self.site.as_deref()
    }

    /// Whoever is asked for licenses.
    pub(crate) fn customers(&self) -> &dyn Customers {
        match &self.site {
            Some(site) => &**site,
            None => &self.store,
        }
    }

    /// Refuses a catalog with a group that nobody could have a license for.
    ///
    /// # Errors
    /// [`Error::Configuration`].
    pub(crate) fn check_groups(&self, config: &Config, offer: &Offer) -> Result<(), Error> {
        let Some(site) = &self.site else { return Ok(()) };
        let groups: Vec<_> = offer.groups().collect();
        let checked = site.settings().check_groups(&groups);
        checked.map_err(|message| Error::Configuration { file: config.file.clone(), message })
    }

    /// Asks the Joomla site everything once, where there is one, so that a vendor hears what is wrong before customers do.
    ///
    /// # Errors
    /// Those of [`JoomlaSite::examine`].
    pub(crate) async fn examine(&self, config: &Config, offer: &Offer) -> Result<(), Error> {
        match &self.site {
            Some(site) => site.examine(&config.file, &offer.groups().collect::<Vec<_>>()).await,
            None => Ok(()),
        }
    }
}

fn site_settings(config: &Config) -> Result<Option<SiteSettings>, Error> {
    let Some(joomla) = &config.joomla else { return Ok(None) };
    let taken_over = secrets::read_user_groups(&config.seeds)?;
    SiteSettings::read(joomla, taken_over, config.look_ups.time_limit).map(Some)
}

impl Config {
    /// Whose ids the file of licenses speaks of.
    pub(crate) fn users(&self) -> Users {
        if self.joomla.is_some() { Users::OfJoomla } else { Users::Own }
    }
}
