//! What is used of quotas: one for each key, and one for each sender together with the larger one of the sender's network.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use super::RetryAfter;
use super::table::Table;
use crate::sender::{Network, Sender};

/// After how many checks of a quota the numbers that no longer matter are let go: seldom enough that it costs a check
/// little, often enough that a table is hardly larger than it must be.
pub(super) const SWEEP_EVERY: usize = 1_000;

/// How many times a sender's quota a network has. A network may be one customer's, and may be many neighbors': fewer than
/// this many of them cannot use it up together.
const NETWORK_TIMES: NonZeroU32 = NonZeroU32::new(16).expect("sixteen is not zero");

/// One quota for each key, and what is used of it.
#[derive(Debug)]
pub(super) struct Counted<K: Hash + Eq + Clone, C: Clock> {
    limiter: RateLimiter<K, Table<K>, C, StateInformationMiddleware>,
    table: Table<K>,
    quota: Quota,
    checks: AtomicUsize,
}

impl<K: Hash + Eq + Clone, C: Clock> Counted<K, C> {
    pub(super) fn new(quota: Quota, clock: &C) -> Self
    where
        C: Clone,
    {
        let table = Table::new();
        let limiter = RateLimiter::new(quota, table.clone(), clock.clone());
        Self { limiter, table, quota, checks: AtomicUsize::new(0) }
    }

    /// Uses one of a key's quota, if there is one. Tells how many are in use then, this one included.
    pub(super) fn take(&self, key: &K) -> Result<u32, RetryAfter> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(key) {
            Ok(state) => Ok(self.quota.burst_size().get() - state.remaining_burst_capacity()),
            Err(refusal) => {
                let wait = refusal.wait_time_from(self.limiter.clock().now());
                let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(RetryAfter { seconds: rounded_up.max(1) })
            }
        }
    }

    /// Undoes one [`Counted::take`].
    pub(super) fn give_back(&self, key: &K) {
        self.table.give_back(key, self.quota.replenish_interval().into());
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.limiter.len()
    }
}

/// A quota for each sender, and one that is [`NETWORK_TIMES`] as large for each network.
#[derive(Debug)]
pub(super) struct CountedSenders<C: Clock> {
    senders: Counted<Sender, C>,
    networks: Counted<Network, C>,
}

impl<C: Clock + Clone> CountedSenders<C> {
    pub(super) fn new(quota: Quota, clock: &C) -> Self {
        Self { senders: Counted::new(quota, clock), networks: Counted::new(for_network(quota), clock) }
    }
}

impl<C: Clock> CountedSenders<C> {
    /// Uses one of a sender's quota and of its network's, or of neither. Tells how many of the sender's are in use then.
    pub(super) fn take(&self, sender: Sender) -> Result<u32, RetryAfter> {
        let Some(network) = sender.network() else { return self.senders.take(&sender) };
        // The network first: one that is over its quota fills no table with senders.
        self.networks.take(&network)?;
        self.senders.take(&sender).inspect_err(|_| self.networks.give_back(&network))
    }

    /// Undoes one [`CountedSenders::take`].
    pub(super) fn give_back(&self, sender: Sender) {
        self.senders.give_back(&sender);
        if let Some(network) = sender.network() {
            self.networks.give_back(&network);
        }
    }

    /// How many senders are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.senders.remembered()
    }
}

fn for_network(quota: Quota) -> Quota {
    let interval: Duration = quota.replenish_interval() / NETWORK_TIMES.get();
    Quota::with_period(interval)
        .expect("no quota here gives back one each 16 nanoseconds")
        .allow_burst(quota.burst_size().saturating_mul(NETWORK_TIMES))
}
