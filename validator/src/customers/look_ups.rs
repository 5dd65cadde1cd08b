//! Look-ups as the server makes them: remembered for a short time, made once however many wait for the same, and bridged while
//! their place is away.
//!
//! What was found is kept twice: for [`LookUpConfig::cache`], as the answer, and for [`LookUpConfig::stale_if_error`] on
//! top, as what to go on with when nobody can be asked. That nothing was found is never kept, and what cannot be read ends what
//! was known.
//!
//! The first look-up that fails because the place is away begins an outage; it is away, too, when it cannot answer what asks
//! for nothing. During an outage nobody waits for the place: a task asks it each [`PROBE_PAUSE`] until it answers again.

mod outage;
mod remembered;

use std::sync::{Arc, Weak};
use std::time::Duration;

use bandari_catalog::names::GroupId;
use moka::Equivalent;
use serde::Deserialize;
use tokio::time::Instant;

use crate::decision::Holder;
use crate::email::EmailAddress;
use crate::error::{Error, log_store_failure};
use crate::imported_key::{ForeignKey, KeyHash};
use crate::metrics::LookUpMetrics;

use super::{Account, Answer, Customers, ImportedKey};
use outage::Outage;
use remembered::{Remembered, Unanswered};

/// Between two questions whether the place is back.
const PROBE_PAUSE: Duration = Duration::from_secs(1);

/// Longest time that answers are remembered as fresh, in seconds: who has renewed a license should not wait for longer.
const MAX_CACHE_SECONDS: u64 = 3_600;

/// Longest outage that is bridged, in seconds: a week.
const MAX_STALE_IF_ERROR_SECONDS: u64 = 604_800;

/// Longest time that a look-up may take, in seconds: Joomla itself gives up after 20 (`InstallerHelper::downloadPackage`).
const MAX_TIME_LIMIT_SECONDS: u64 = 15;

/// `[look_ups]` of the configuration as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LookUpTable {
    cache_seconds: u64,
    stale_if_error_seconds: u64,
    time_limit_seconds: u64,
}

impl Default for LookUpTable {
    fn default() -> Self {
        Self { cache_seconds: 10, stale_if_error_seconds: 86_400, time_limit_seconds: 2 }
    }
}

/// For how long look-ups count, and take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LookUpConfig {
    /// For how long an answer is as good as a new one.
    pub(crate) cache: Duration,
    /// For how long more it is good when nobody can be asked.
    pub(crate) stale_if_error: Duration,
    /// After how long a look-up is given up.
    pub(crate) time_limit: Duration,
}

impl LookUpConfig {
    /// Checks what is written.
    ///
    /// # Errors
    /// Tells the key, what was found and what was expected.
    pub(crate) fn of(table: &LookUpTable) -> Result<Self, String> {
        let seconds = |key: &str, found: u64, least: u64, most: u64| match found {
            found if (least..=most).contains(&found) => Ok(Duration::from_secs(found)),
            found => Err(format!("`look_ups.{key}`: found {found}, expected {least} to {most}")),
        };
        Ok(Self {
            cache: seconds("cache_seconds", table.cache_seconds, 0, MAX_CACHE_SECONDS)?,
            stale_if_error: seconds(
                "stale_if_error_seconds",
                table.stale_if_error_seconds,
                0,
                MAX_STALE_IF_ERROR_SECONDS,
            )?,
            time_limit: seconds("time_limit_seconds", table.time_limit_seconds, 1, MAX_TIME_LIMIT_SECONDS)?,
        })
    }
}

/// The place cannot be asked. Why stands in the log already, once for each outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Away;

/// What was found, and whether that is certain.
#[derive(Clone, Debug)]
pub(crate) struct Known<T> {
    pub(crate) value: T,
    /// The place is away, and this is what it said before. Good for a yes only: a no may have become a yes since.
    pub(crate) is_stale: bool,
}

impl<T> Known<T> {
    pub(crate) fn fresh(value: T) -> Self {
        Self { value, is_stale: false }
    }
}

/// Look-ups in one place.
#[derive(Debug)]
pub(crate) struct LookUps {
    place: Arc<dyn Customers>,
    time_limit: Duration,
    holders: Remembered<(u32, GroupId), Arc<Holder>>,
    /// By both hashes: two keys may share the first, and only one of them be known.
    imported_keys: Remembered<[KeyHash; 2], ImportedKey>,
    outage: Outage,
    metrics: LookUpMetrics,
    /// Itself, for the task that waits for the place to come back.
    own: Weak<Self>,
}

/// A user with respect to a group, as is asked for: most answers are remembered, and those that are need no copy of its name.
#[derive(Hash)]
struct UserOf<'a> {
    user: u32,
    group: &'a GroupId,
}

impl Equivalent<(u32, GroupId)> for UserOf<'_> {
    fn equivalent(&self, (user, group): &(u32, GroupId)) -> bool {
        self.user == *user && self.group == group
    }
}

impl LookUps {
    pub(crate) fn new(place: Arc<dyn Customers>, config: LookUpConfig, metrics: LookUpMetrics) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            place,
            time_limit: config.time_limit,
            holders: Remembered::new(config, metrics.clone()),
            imported_keys: Remembered::new(config, metrics.clone()),
            outage: Outage::default(),
            metrics,
            own: own.clone(),
        })
    }

    /// What is known of a user with respect to a group; nothing when there is no such user.
    ///
    /// # Errors
    /// [`Away`].
    pub(crate) async fn holder(
        &self,
        user: u32,
        group: &GroupId,
    ) -> Result<Known<Option<Arc<Holder>>>, Away> {
        let look_up = || async { Ok(self.ask(self.place.holder(user, group)).await?.map(Arc::new)) };
        let to_owned = |wanted: &UserOf<'_>| (wanted.user, wanted.group.clone());
        self.holders.find(&UserOf { user, group }, to_owned, look_up).await
    }

    /// Whose a key is that another system gave out.
    ///
    /// # Errors
    /// [`Away`].
    pub(crate) async fn imported_key(&self, key: &ForeignKey) -> Result<Known<Option<ImportedKey>>, Away> {
        let look_up = || self.ask(self.place.imported_key(key));
        self.imported_keys.find(&key.hashes, |hashes| *hashes, look_up).await
    }

    /// Whether this key was somebody's not long ago, so that it is no guess. Asks nobody.
    pub(crate) fn remembers(&self, key: &ForeignKey) -> bool {
        self.imported_keys.contains(&key.hashes)
    }

    /// The account of that user name. Never remembered, since a password may be changed because somebody else knew it.
    ///
    /// # Errors
    /// [`Away`].
    pub(crate) async fn account(&self, username: &str) -> Result<Option<Account>, Away> {
        self.ask(self.place.account(username)).await.map_err(|_| Away)
    }

    /// The id of the user with this address.
    ///
    /// # Errors
    /// [`Away`].
    pub(crate) async fn user_of(&self, email: &EmailAddress) -> Result<Option<u32>, Away> {
        self.ask(self.place.user_of(email)).await.map_err(|_| Away)
    }

    /// Whether the place answers, as far as is known: what `/readyz` tells.
    pub(crate) async fn is_there(&self) -> bool {
        self.ask(self.place.probe()).await.is_ok()
    }

    /// For how long the place has been away; nothing when it is there.
    pub(crate) fn away_for(&self) -> Option<Duration> {
        self.outage.lasts()
    }

    /// Asks the place, unless it is known to be away.
    async fn ask<T>(&self, answer: Answer<'_, T>) -> Result<T, Unanswered> {
        if self.outage.is_on() {
            return Err(Unanswered::NotAsked);
        }
        let begun = Instant::now();
        let answered = tokio::time::timeout(self.time_limit, answer).await;
        self.metrics.asked(begun.elapsed(), matches!(answered, Ok(Ok(_))));
        let error = match answered.unwrap_or(Err(Error::StoreTimeout(self.time_limit))) {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        // What only this question led to must not keep others from asking. What any question leads to is an outage, whatever
        // the place says of it: a disk that cannot be read, a table that is gone, a right to read that was taken away.
        if !error.is_store_away() && self.is_probed().await {
            log_store_failure(&error);
        } else if self.outage.begin() {
            log_store_failure(&error);
            tokio::spawn(wait_for_return(self.own.clone()));
        }
        Err(if error.is_store_content() { Unanswered::Unreadable } else { Unanswered::NotAsked })
    }

    /// Whether the place answers a question that asks for nothing.
    async fn is_probed(&self) -> bool {
        matches!(tokio::time::timeout(self.time_limit, self.place.probe()).await, Ok(Ok(())))
    }
}

/// Ends the outage as soon as the place answers; ends by itself when nobody needs the place any more.
async fn wait_for_return(look_ups: Weak<LookUps>) {
    loop {
        tokio::time::sleep(PROBE_PAUSE).await;
        let Some(look_ups) = look_ups.upgrade() else { return };
        if look_ups.is_probed().await {
            look_ups.outage.end();
            return;
        }
    }
}

#[cfg(test)]
mod tests;
