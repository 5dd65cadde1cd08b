//! What is remembered for a quota: for each key the time at which all of its quota is there again ("theoretical
//! arrival time" of GCRA), in nanoseconds since the quota was made. `governor`'s own tables grow without bound, and
//! give nothing back.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

/// Most keys that a table remembers, some megabytes. An honest shop never has as many within an hour.
const MAX_KEYS: usize = 100_000;

/// A table that its quota shares with the limiter.
pub(super) struct Table<K>(Arc<Mutex<Times<K>>>);

struct Times<K> {
    of_keys: HashMap<K, Nanos>,
    /// When the table is full, all new keys have this one together: under such a flood nobody's quota is worth more
    /// than that, and those who are known keep their own.
    of_others: Nanos,
}

impl<K> Table<K> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Times { of_keys: HashMap::new(), of_others: Nanos::default() })))
    }

    /// Nothing in here panics between two changes, so a poisoned lock guards a table that is whole.
    fn lock(&self) -> MutexGuard<'_, Times<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Table<K> {
    /// Undoes one use of a key's quota that cost `interval`. A key that is not remembered has all of its quota.
    pub(super) fn give_back(&self, key: &K, interval: Nanos) {
        let mut times = self.lock();
        let full = times.of_keys.len() >= MAX_KEYS;
        let Times { of_keys, of_others } = &mut *times;
        let Some(time) = of_keys.get_mut(key).or(full.then_some(of_others)) else { return };
        *time = time.saturating_sub(interval);
    }
}

impl<K> Clone for Table<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> fmt::Debug for Table<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} keys)", self.lock().of_keys.len())
    }
}

impl<K: Hash + Eq + Clone> StateStore for Table<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut times = self.lock();
        if let Some(time) = times.of_keys.get_mut(key) {
            let (answer, new) = f(Some(*time))?;
            *time = new;
            return Ok(answer);
        }
        if times.of_keys.len() >= MAX_KEYS {
            let (answer, new) = f(Some(times.of_others))?;
            times.of_others = new;
            return Ok(answer);
        }
        let (answer, new) = f(None)?;
        times.of_keys.insert(key.clone(), new);
        Ok(answer)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Table<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().of_keys.retain(|_, time| *time > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().of_keys.len()
    }

    fn is_empty(&self) -> bool {
        self.lock().of_keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uses a key's quota up to a time; tells what time it had before.
    fn replace(table: &Table<usize>, key: usize, time: u64) -> Option<u64> {
        table.measure_and_replace(&key, |old| Ok::<_, ()>((old.map(Nanos::as_u64), time.into()))).unwrap()
    }

    fn full() -> Table<usize> {
        let table = Table::new();
        for key in 0..MAX_KEYS {
            assert_eq!(replace(&table, key, 100 + key as u64), None);
        }
        table
    }

    #[test]
    fn a_full_table_grows_no_more_and_new_keys_share_one_time() {
        let table = full();
        assert_eq!(replace(&table, MAX_KEYS, 7), Some(0));
        assert_eq!(replace(&table, MAX_KEYS + 1, 8), Some(7));
        assert_eq!(replace(&table, 5, 9), Some(105));
        assert_eq!(table.len(), MAX_KEYS);
    }

    #[test]
    fn a_full_table_takes_keys_again_after_old_ones_were_let_go() {
        let table = full();
        table.retain_recent(99_999.into());
        assert_eq!(table.len(), 100);
        assert_eq!(replace(&table, MAX_KEYS, 7), None);
        assert_eq!(table.len(), 101);
    }

    #[test]
    fn a_refusal_is_not_remembered() {
        let table = Table::new();
        assert_eq!(table.measure_and_replace(&1, |_| Err::<((), Nanos), _>("too often")), Err("too often"));
        assert!(table.is_empty());
    }

    #[test]
    fn what_is_given_back_was_taken_from_the_same_time() {
        let table = full();
        replace(&table, MAX_KEYS, 70);
        table.give_back(&MAX_KEYS, 10.into());
        table.give_back(&5, 10.into());
        assert_eq!(replace(&table, MAX_KEYS, 1), Some(60));
        assert_eq!(replace(&table, 5, 1), Some(95));
        table.retain_recent(99_999.into());
        table.give_back(&MAX_KEYS, 1.into());
        assert_eq!(replace(&table, MAX_KEYS, 1), None);
    }
}
