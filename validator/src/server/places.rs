//! The places for connections: how many there are, who has them, and who gives one up when they are all taken.
//!
//! When they are, new connections wait in the system's queue, which costs nothing and loses nobody, and connections that
//! are not in use are closed, those first that have not been for longest. So a flood of connections that ask nothing takes places for a
//! second at most, and customers wait no longer than that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::progress::Progress;
use crate::sender::Sender;

/// While all places are taken, between two looks at who could leave.
const SCARCE_PAUSE: Duration = Duration::from_millis(50);

/// Of all places, how many are made free at a time, as one part in so many: a look at all of them should pay.
const ROOM_PART: usize = 50;

/// The places of one listener.
#[derive(Debug, Default)]
pub(super) struct Places {
    taken: Mutex<Taken>,
    /// A place has become free.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    /// By a number of each connection's own.
    connections: HashMap<u64, Arc<Progress>>,
    by_sender: HashMap<Sender, usize>,
    next: u64,
}

/// A place of a connection, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    sender: Option<Sender>,
    pub(super) progress: Arc<Progress>,
}

impl Places {
    /// Waits until fewer places are taken than there may be, and has connections leave meanwhile. How many there may be is asked
    /// each time, since a new configuration may say otherwise.
    pub(super) async fn room(&self, most: impl Fn() -> usize) {
        while !self.has_room(most()) {
            // However long it takes until somebody can leave: it is looked for again.
            let _ = tokio::time::timeout(SCARCE_PAUSE, self.freed.notified()).await;
        }
    }

    fn has_room(&self, most: usize) -> bool {
        let taken = self.lock();
        if taken.connections.len() < most {
            return true;
        }
        let now = Instant::now();
        let mut spare: Vec<_> = taken
            .connections
            .values()
            .filter_map(|progress| Some((progress.spare_since(now)?, progress)))
            .collect();
        spare.sort_unstable_by_key(|(since, _)| *since);
        for (_, progress) in spare.into_iter().take((most / ROOM_PART).max(1)) {
            progress.leave.notify_one();
        }
        false
    }

    /// Takes a place; nothing when its sender has `most_of_sender` already. No sender is a proxy, whose clients are counted
    /// by nobody here.
    pub(super) fn take(self: &Arc<Self>, sender: Option<Sender>, most_of_sender: usize) -> Option<Place> {
        let mut taken = self.lock();
        if let Some(sender) = sender {
            let count = taken.by_sender.entry(sender).or_default();
            if *count >= most_of_sender {
                return None;
            }
            *count += 1;
        }
        let number = taken.next;
        taken.next += 1;
        let progress = Arc::new(Progress::new());
        taken.connections.insert(number, Arc::clone(&progress));
        Some(Place { places: Arc::clone(self), number, sender, progress })
    }

    /// How many places are taken.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.lock().connections.len()
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Counts are right whatever a thread was doing when it panicked.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.connections.remove(&self.number);
        if let Some(sender) = self.sender
            && let Some(count) = taken.by_sender.get_mut(&sender)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_sender.remove(&sender);
            }
        }
        drop(taken);
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Phase;
    use super::*;

    fn sender(address: &str) -> Option<Sender> {
        Some(Sender::from_address(address.parse().unwrap()))
    }

    #[test]
    fn a_sender_gets_so_many_places_and_another_one_still_gets_its_own() {
        let places = Arc::new(Places::default());
        let first = places.take(sender("192.0.2.1"), 2).unwrap();
        let _second = places.take(sender("192.0.2.1"), 2).unwrap();
        assert!(places.take(sender("192.0.2.1"), 2).is_none());
        assert!(places.take(sender("192.0.2.2"), 2).is_some());
        drop(first);
        assert!(places.take(sender("192.0.2.1"), 2).is_some());
    }

    #[test]
    fn addresses_of_one_64_are_one_sender() {
        let places = Arc::new(Places::default());
        let _first = places.take(sender("2001:db8:1:2::1"), 1).unwrap();
        assert!(places.take(sender("2001:db8:1:2:ffff::1"), 1).is_none());
        assert!(places.take(sender("2001:db8:1:3::1"), 1).is_some());
    }

    #[test]
    fn a_proxy_gets_places_without_end() {
        let places = Arc::new(Places::default());
        let taken: Vec<_> = (0..10).map(|_| places.take(None, 1).unwrap()).collect();
        assert_eq!(places.count(), 10);
        drop(taken);
        assert_eq!(places.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn while_places_are_scarce_who_has_been_idle_for_longest_is_asked_to_leave() {
        let places = Arc::new(Places::default());
        let taken: Vec<_> = (0..3).map(|_| places.take(None, 1).unwrap()).collect();
        taken[0].progress.begin(Phase::Busy);
        for idle in [2, 1] {
            tokio::time::advance(Duration::from_secs(1)).await;
            taken[idle].progress.begin(Phase::Idle);
        }
        assert!(!places.has_room(3));
        let asked = |index: usize| {
            let notified = taken[index].progress.leave.notified();
            tokio::time::timeout(Duration::from_millis(1), notified)
        };
        assert!(asked(2).await.is_ok(), "it has been idle for longest");
        assert!(asked(1).await.is_err() && asked(0).await.is_err());
        assert!(places.has_room(4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_becomes_free_is_waited_for() {
        let places = Arc::new(Places::default());
        let taken = places.take(None, 1).unwrap();
        taken.progress.begin(Phase::Busy);
        let hour = Duration::from_secs(3_600);
        assert!(tokio::time::timeout(hour, places.room(|| 1)).await.is_err());
        drop(taken);
        assert!(tokio::time::timeout(hour, places.room(|| 1)).await.is_ok());
    }
}
