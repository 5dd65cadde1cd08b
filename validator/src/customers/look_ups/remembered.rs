//! Answers of one kind, by what was asked for.

use std::future::Future;
use std::hash::Hash;

use foldhash::fast::RandomState;
use moka::Equivalent;
use moka::future::Cache;

use super::{Away, Known, LookUpConfig, LookUpMetrics};

/// Most answers of a kind that are kept, fresh or not: about 60 MB when there are as many.
const MAX_ANSWERS: u64 = 100_000;

/// Why the place gave no answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unanswered {
    /// It could not be asked.
    NotAsked,
    /// What it has cannot be read: it has changed, and what was known is no longer true.
    Unreadable,
}

/// Why nothing is kept.
#[derive(Clone, Copy, Debug)]
enum Nothing {
    /// There is nothing.
    Found,
    NotAsked,
    Unreadable,
}

impl From<Unanswered> for Nothing {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::NotAsked => Self::NotAsked,
            Unanswered::Unreadable => Self::Unreadable,
        }
    }
}

/// What was found.
pub(super) struct Remembered<K, V> {
    /// As good as a new answer.
    fresh: Cache<K, V, RandomState>,
    /// Good while there is no new answer.
    stale: Cache<K, V, RandomState>,
    metrics: LookUpMetrics,
}

impl<K, V> std::fmt::Debug for Remembered<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(…)")
    }
}

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(config: LookUpConfig, metrics: LookUpMetrics) -> Self {
        let kept_for = |duration| {
            let cache = Cache::builder().max_capacity(MAX_ANSWERS).time_to_live(duration);
            // Keys are ids and hashes with a seed of the vendor's: nobody can choose many that meet.
            cache.build_with_hasher(RandomState::default())
        };
        let (fresh, stale) = (kept_for(config.cache), kept_for(config.cache + config.stale_if_error));
        Self { fresh, stale, metrics }
    }

    /// Whether there was an answer that is still good at least while there is no new one.
    pub(super) fn contains(&self, wanted: &K) -> bool {
        self.stale.contains_key(wanted)
    }

    /// What is remembered, or what `look_up` finds. Of all who want the same at the same time one looks it up. `to_owned` makes
    /// of what is wanted what is kept.
    pub(super) async fn find<Q, F>(
        &self,
        wanted: &Q,
        to_owned: impl FnOnce(&Q) -> K,
        look_up: impl FnOnce() -> F,
    ) -> Result<Known<Option<V>>, Away>
    where
        Q: Equivalent<K> + Hash,
        F: Future<Output = Result<Option<V>, Unanswered>>,
    {
        match self.fresh.get(wanted).await {
            Some(found) => {
                self.metrics.hit.inc();
                Ok(Known::fresh(Some(found)))
            }
            // On the heap, since most requests go the other way: those take less memory.
            None => Box::pin(self.find_out(to_owned(wanted), look_up())).await,
        }
    }

    async fn find_out(
        &self,
        wanted: K,
        look_up: impl Future<Output = Result<Option<V>, Unanswered>>,
    ) -> Result<Known<Option<V>>, Away> {
        let look_up = async {
            let found = look_up.await.map_err(Nothing::from).and_then(|found| found.ok_or(Nothing::Found));
            match &found {
                Ok(found) => self.stale.insert(wanted.clone(), found.clone()).await,
                Err(Nothing::Found | Nothing::Unreadable) => self.stale.invalidate(&wanted).await,
                Err(Nothing::NotAsked) => {}
            }
            found
        };
        let (counter, known) =
            match self.fresh.try_get_with_by_ref(&wanted, look_up).await.map_err(|nothing| *nothing) {
                Ok(found) => (&self.metrics.miss, Ok(Known::fresh(Some(found)))),
                Err(Nothing::Found) => (&self.metrics.miss, Ok(Known::fresh(None))),
                Err(Nothing::NotAsked | Nothing::Unreadable) => match self.stale.get(&wanted).await {
                    Some(found) => (&self.metrics.stale, Ok(Known { value: Some(found), is_stale: true })),
                    None => (&self.metrics.away, Err(Away)),
                },
            };
        counter.inc();
        known
    }
}
