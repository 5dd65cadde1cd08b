//! Changes while the server runs: a catalog that is another one now, and SIGHUP, for which everything is read anew. Whatever
//! comes is checked as at start and takes the place of what is there as a whole, or not at all.
//!
//! One task makes all changes, so one is made at a time. What is wrong is told by one line in the log, a catalog once for each
//! that is wrong; what was there goes on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::signal::unix::Signal;

use crate::app::App;
use crate::catalog::{Catalog, Seen};
use crate::config::Config;
use crate::error::Error;
use crate::live::{CatalogState, Live};
use crate::metrics::Reload;
use crate::service_manager;

/// Makes the changes.
pub(crate) struct Reloads {
    live: Arc<Live>,
    /// The catalog as it was seen last, good or not.
    seen: Seen,
    /// Present while the catalog that was seen last is refused.
    refused: Option<Refused>,
    /// The addresses that were configured when the sockets were bound.
    listen: SocketAddr,
    private_listen: SocketAddr,
}

/// A catalog that cannot be used.
struct Refused {
    /// What the log says of it.
    message: String,
    /// Present when it is good by itself and does not fit to what else is there, as yet.
    catalog: Option<Catalog>,
}

impl Reloads {
    /// Of a server that listens where its configuration says.
    pub(crate) fn new(live: Arc<Live>) -> Self {
        let app = live.app();
        let Config { listen, private_listen, .. } = app.config;
        Self { live, seen: app.catalog().seen, refused: None, listen, private_listen }
    }

    /// Attends to each hang-up, and looks at the catalog as often as is configured.
    pub(crate) async fn run(mut self, mut hang_ups: Signal) {
        loop {
            let pause = self.live.app().config.catalog_check;
            let look = async {
                tokio::time::sleep(pause).await;
                self.look_at_catalog().await;
            };
            tokio::select! {
                // A look that waits for a silent host is given up: who sends the signal waits, too.
                _ = hang_ups.recv() => self.attend_to_hang_up().await,
                () = look => {}
            }
        }
    }

    async fn attend_to_hang_up(&mut self) {
        service_manager::reloading();
        match self.reload().await {
            Ok(()) => {
                let app = self.live.app();
                tracing::info!(packages = app.offer.package_count(), "reloaded");
                app.lasting.metrics.reloaded(Reload::Everything, true);
            }
            Err(error) => {
                let (error, cause) = in_words(&error);
                tracing::error!(error, cause, "nothing is reloaded, everything stays as it was");
                self.live.app().lasting.metrics.reloaded(Reload::Everything, false);
            }
        }
        service_manager::ready(&self.live.app());
    }

    /// Reads everything anew. A catalog that cannot be used keeps nothing else from changing: the old one stays.
    async fn reload(&mut self) -> Result<(), Error> {
        let app = self.live.app();
        let config = Config::load(&app.config.file)?;
        let read = self.read_catalog(&app, &config).await?;
        let catalog = read.clone().unwrap_or_else(|| app.catalog());
        let changed = app.reload(&config, catalog).await?;
        if let Some(catalog) = read {
            self.seen = catalog.seen;
            self.accept();
        }
        self.live.swap(changed);
        self.warn_of_addresses(&config);
        Ok(())
    }

    /// The catalog as it is now; nothing when it cannot be used and the old one is of the same place.
    async fn read_catalog(&mut self, app: &App, config: &Config) -> Result<Option<Catalog>, Error> {
        let place = &config.catalog;
        let is_same_place = place.is_same(&app.config.catalog);
        let found = match place.find().await {
            Ok(found) => found,
            Err(error) if is_same_place => {
                self.miss(&error);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        self.find_again();
        let seen = found.seen.clone();
        match place.open(found).await {
            Ok(catalog) => Ok(Some(catalog)),
            Err(error) if is_same_place => {
                (self.seen, self.refused) = (seen, None);
                self.refuse(&error, None);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Sockets stay as they were bound.
    fn warn_of_addresses(&self, config: &Config) {
        for (setting, configured, bound) in [
            ("listen", config.listen, self.listen),
            ("private_listen", config.private_listen, self.private_listen),
        ] {
            if configured != bound {
                tracing::warn!(setting, %configured, listening = %bound, "an address counts from the next start on");
            }
        }
    }

    /// Takes a catalog that has changed.
    async fn look_at_catalog(&mut self) {
        let app = self.live.app();
        let place = &app.config.catalog;
        let found = match place.look(&mut self.seen).await {
            Ok(found) => found,
            Err(error) => return self.miss(&error),
        };
        let Some(found) = found else {
            self.find_again();
            // What it lacked may be there by now.
            let refused = self.refused.as_ref().and_then(|refused| refused.catalog.clone());
            return refused.into_iter().for_each(|catalog| self.take(catalog));
        };
        let seen = found.seen.clone();
        let opened = place.open(found).await;
        self.find_again();
        (self.seen, self.refused) = (seen, None);
        match opened {
            Ok(catalog) => self.take(catalog),
            Err(error) => self.refuse(&error, None),
        }
    }

    fn take(&mut self, catalog: Catalog) {
        match self.live.app().with_catalog(catalog.clone()) {
            Ok(app) => {
                self.live.swap(app);
                self.accept();
                let app = self.live.app();
                let (packages, groups) = (app.offer.package_count(), app.offer.groups().count());
                tracing::info!(packages, groups, "a new catalog counts");
                app.lasting.metrics.reloaded(Reload::Catalog, true);
                service_manager::changed(&app);
            }
            Err(error) => self.refuse(&error, Some(catalog)),
        }
    }

    /// Tells of a catalog that is wrong, once for as long as the same is wrong with it.
    fn refuse(&mut self, error: &Error, catalog: Option<Catalog>) {
        let (message, cause) = in_words(error);
        if self.refused.as_ref().is_none_or(|refused| refused.message != message) {
            tracing::error!(error = message, cause, "the new catalog is refused, the old one stays");
            self.live.app().lasting.metrics.reloaded(Reload::Catalog, false);
        }
        self.refused = Some(Refused { message, catalog });
        let state = self.live.catalog_state();
        let refused_since = state.refused_since.or_else(|| Some(Instant::now()));
        self.live.set_catalog_state(CatalogState { refused_since, ..state });
    }

    /// The catalog that was seen last counts.
    fn accept(&mut self) {
        self.refused = None;
        let state = self.live.catalog_state();
        self.live.set_catalog_state(CatalogState { refused_since: None, ..state });
    }

    /// Tells of a catalog that cannot be read, once until it can.
    fn miss(&self, error: &Error) {
        let state = self.live.catalog_state();
        if state.away_since.is_none() {
            let (error, cause) = in_words(error);
            tracing::warn!(error, cause, "the catalog cannot be read, the old one stays");
            let away_since = Some(Instant::now());
            self.live.set_catalog_state(CatalogState { away_since, ..state });
        }
    }

    /// The catalog can be read.
    fn find_again(&self) {
        let state = self.live.catalog_state();
        if let Some(since) = state.away_since {
            let away_seconds = since.elapsed().as_secs();
            tracing::info!(away_seconds, "the catalog can be read again");
            self.live.set_catalog_state(CatalogState { away_since: None, ..state });
        }
    }
}

/// An error and its cause for one line of the log. What is said of a TOML file shows lines of it.
fn in_words(error: &Error) -> (String, String) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    (error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" "), cause)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::init::init;

    const CATALOG: &str = r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#;

    #[tokio::test]
    async fn the_state_of_the_catalog_tells_since_when_something_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let (file, catalog) = (folder.path().join("validator.toml"), folder.path().join("catalog.json"));
        fs::write(&catalog, CATALOG).unwrap();
        let config = "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'catalog.json'\nkey_set = 'k'\n";
        fs::write(&file, config).unwrap();
        init(&file, None).await.unwrap();
        let live = Arc::new(Live::new(App::load(&Config::load(&file).unwrap()).await.unwrap()));
        let mut reloads = Reloads::new(Arc::clone(&live));
        assert_eq!(live.catalog_state(), CatalogState::default());

        fs::remove_file(&catalog).unwrap();
        reloads.look_at_catalog().await;
        let away = live.catalog_state();
        assert!(away.away_since.is_some() && away.refused_since.is_none());
        reloads.look_at_catalog().await;
        assert_eq!(live.catalog_state(), away, "it is away since then");

        fs::write(&catalog, "{}").unwrap();
        reloads.look_at_catalog().await;
        let refused = live.catalog_state();
        assert!(refused.away_since.is_none() && refused.refused_since.is_some());
        fs::write(&catalog, "[]").unwrap();
        reloads.look_at_catalog().await;
        assert_eq!(live.catalog_state(), refused, "there was none that is good");

        fs::write(&catalog, CATALOG.replace("\"t\"", "\"u\"")).unwrap();
        reloads.look_at_catalog().await;
        assert_eq!(live.catalog_state(), CatalogState::default());
        assert_eq!(live.app().offer.site.title, "u");
    }

    #[tokio::test]
    async fn a_request_ends_with_the_parts_that_it_began_with() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("validator.toml");
        fs::write(folder.path().join("catalog.json"), CATALOG).unwrap();
        let config = |status: &str| {
            format!(
                "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'catalog.json'\nkey_set = 'k'\n\
                 refusal_status = '{status}'\n"
            )
        };
        fs::write(&file, config("uniform")).unwrap();
        init(&file, None).await.unwrap();
        let live = Arc::new(Live::new(App::load(&Config::load(&file).unwrap()).await.unwrap()));
        let before = live.app();
        fs::write(&file, config("by-reason")).unwrap();
        Reloads::new(Arc::clone(&live)).reload().await.unwrap();
        assert_eq!(before.config.refusal_status, crate::RefusalStatus::Uniform);
        assert_eq!(live.app().config.refusal_status, crate::RefusalStatus::ByReason);
        assert!(Arc::ptr_eq(&before.lasting, &live.app().lasting), "what is remembered stays");
    }
}
