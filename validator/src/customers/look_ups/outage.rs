//! Whether a place is away.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// An outage, while there is one.
#[derive(Debug, Default)]
pub(super) struct Outage {
    begun: Mutex<Option<Instant>>,
}

impl Outage {
    fn begun(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        // Nothing can panic while it is held.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_on(&self) -> bool {
        self.begun().is_some()
    }

    /// For how long there has been one.
    pub(super) fn lasts(&self) -> Option<Duration> {
        self.begun().map(|begun| begun.elapsed())
    }

    /// Begins one; tells whether it is a new one.
    pub(super) fn begin(&self) -> bool {
        let mut begun = self.begun();
        let is_new = begun.is_none();
        begun.get_or_insert_with(Instant::now);
        is_new
    }

    pub(super) fn end(&self) {
        if let Some(begun) = self.begun().take() {
            tracing::info!(outage_seconds = begun.elapsed().as_secs(), "the license store answers again");
        }
    }
}
