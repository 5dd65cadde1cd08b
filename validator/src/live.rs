//! The parts that answer requests as they are now. They are swapped whole: each request sees one state of catalog, keys and
//! configuration from its beginning to its end. What has changed, `reloads` notices.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;

use crate::app::App;

/// What answers requests, now and after a change.
#[derive(Debug)]
pub struct Live {
    app: ArcSwap<App>,
    catalog_state: ArcSwap<CatalogState>,
}

/// What keeps a newer catalog from taking the place of the one that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatalogState {
    /// Since when it cannot be read.
    pub away_since: Option<Instant>,
    /// Since when what lies in its place is refused.
    pub refused_since: Option<Instant>,
}

impl Live {
    /// Begins with these parts.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app: ArcSwap::from_pointee(app), catalog_state: ArcSwap::default() }
    }

    /// The parts as they are now.
    #[must_use]
    pub fn app(&self) -> Arc<App> {
        self.app.load_full()
    }

    /// Puts other parts in their place. Requests that are under way end with those that they began with.
    pub(crate) fn swap(&self, app: App) {
        self.app.store(Arc::new(app));
    }

    /// Whether the catalog that counts is the newest.
    #[must_use]
    pub fn catalog_state(&self) -> CatalogState {
        **self.catalog_state.load()
    }

    pub(crate) fn set_catalog_state(&self, state: CatalogState) {
        self.catalog_state.store(Arc::new(state));
    }
}
