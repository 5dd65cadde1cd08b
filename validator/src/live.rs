//! The parts that answer requests as they are now. They are swapped whole: each request sees one state of catalog, keys and
//! configuration from its beginning to its end.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::app::App;

/// What answers requests, now and after a change.
#[derive(Debug)]
pub struct Live {
    app: ArcSwap<App>,
}

impl Live {
    /// Begins with these parts.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app: ArcSwap::from_pointee(app) }
    }

    /// The parts as they are now.
    #[must_use]
    pub fn app(&self) -> Arc<App> {
        self.app.load_full()
    }
}
