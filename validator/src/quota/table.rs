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
pub(super) struct Table<K>(Arc<Mutex<HashMap<K, Nanos>>>);

impl<K> Table<K> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(HashMap::new())))
    }

    /// Nothing in here panics between two changes, so a poisoned lock guards a table that is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Table<K> {
    /// Undoes one use of a key's quota that cost `interval`. A key that is not remembered has all of its quota.
    pub(super) fn give_back(&self, key: &K, interval: Nanos) {
        if let Some(time) = self.lock().get_mut(key) {
            *time = time.saturating_sub(interval);
        }
    }
}

/// Lets go of the half that has used the least, or used it the longest ago: those would have all of their quota again first.
/// So whoever fills a table with made-up keys loses them first, and takes no quota from anybody new.
fn halve<K: Hash + Eq>(times: &mut HashMap<K, Nanos>) {
    let mut sorted: Vec<u64> = times.values().map(|time| time.as_u64()).collect();
    let middle = sorted.len() / 2;
    let (_, &mut median, _) = sorted.select_nth_unstable(middle);
    times.retain(|_, time| time.as_u64() > median);
}

impl<K> Clone for Table<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> fmt::Debug for Table<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} keys)", self.lock().len())
    }
}

impl<K: Hash + Eq + Clone> StateStore for Table<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut times = self.lock();
        let old = times.get(key).copied();
        let (answer, new) = f(old)?;
        if old.is_none() && times.len() >= MAX_KEYS {
            halve(&mut times);
        }
        times.insert(key.clone(), new);
        Ok(answer)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Table<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, time| *time > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
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
    fn a_full_table_lets_go_of_the_half_that_has_used_the_least_and_a_new_key_has_all_of_its_quota() {
        let table = full();
        assert_eq!(replace(&table, MAX_KEYS, 7), None);
        assert_eq!(table.len(), MAX_KEYS / 2);
        assert_eq!(replace(&table, MAX_KEYS, 8), Some(7));
        assert_eq!(replace(&table, MAX_KEYS - 1, 9), Some(100_099), "the most used one");
        assert_eq!(replace(&table, 0, 9), None, "the least used one");
    }

    #[test]
    fn a_full_table_goes_on_counting_those_whom_it_knows() {
        let table = full();
        assert_eq!(replace(&table, 5, 9), Some(105));
        assert_eq!(table.len(), MAX_KEYS);
    }

    #[test]
    fn a_full_table_in_which_all_are_equal_takes_a_new_key() {
        let table = Table::new();
        for key in 0..=MAX_KEYS {
            assert_eq!(replace(&table, key, 100), None);
        }
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn a_refusal_is_not_remembered() {
        let table = Table::new();
        assert_eq!(table.measure_and_replace(&1, |_| Err::<((), Nanos), _>("too often")), Err("too often"));
        assert!(table.is_empty());
    }

    #[test]
    fn what_is_given_back_was_taken_from_the_same_time() {
        let table = Table::new();
        replace(&table, 5, 105);
        table.give_back(&5, 10.into());
        assert_eq!(replace(&table, 5, 1), Some(95));
        table.retain_recent(99_999.into());
        table.give_back(&5, 1.into());
        assert_eq!(replace(&table, 5, 1), None);
    }
}
