//! What look-ups of customers count.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Words;

/// Upper ends of what look-ups take, in seconds: SQLite takes a tenth of a millisecond, a database nearby some, and the longest
/// that may be configured is 15 s.
const SECONDS: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 15.0];

/// Counters of look-ups. They are made beforehand: a request that finds a customer in memory adds one to a number.
#[derive(Clone, Debug)]
pub(crate) struct LookUpMetrics {
    /// Answered from memory.
    pub(crate) hit: Counter,
    /// Not in memory: the place was asked, by this request or by another for the same.
    pub(crate) miss: Counter,
    /// The place is away, and an old answer does.
    pub(crate) stale: Counter,
    /// The place is away, and nothing is known.
    pub(crate) away: Counter,
    seconds: Histogram,
    /// Questions to the place that had no answer.
    failed: Counter,
}

impl LookUpMetrics {
    pub(super) fn registered_in(registry: &mut Registry) -> Self {
        let answers = Words::default();
        let help = "What was known of a customer: a hit is remembered, a stale answer bridges an outage";
        registry.register("look_ups", help, answers.clone());
        let of = |result| answers.get_or_create_owned(&[("result", result)]);
        let (seconds, failed) = (Histogram::new(SECONDS), Counter::default());
        let help = "Time that questions to the place of the licenses took";
        registry.register_with_unit("store_question", help, Unit::Seconds, seconds.clone());
        let help = "Questions to the place of the licenses without an answer";
        registry.register("store_failures", help, failed.clone());
        Self { hit: of("hit"), miss: of("miss"), stale: of("stale"), away: of("away"), seconds, failed }
    }

    /// The place was asked.
    pub(crate) fn asked(&self, took: Duration, is_answered: bool) {
        self.seconds.observe(took.as_secs_f64());
        if !is_answered {
            self.failed.inc();
        }
    }
}

#[cfg(test)]
impl Default for LookUpMetrics {
    fn default() -> Self {
        Self::registered_in(&mut Registry::default())
    }
}
