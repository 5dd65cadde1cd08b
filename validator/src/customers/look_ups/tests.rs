use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use secrecy::SecretSlice;

use super::*;
use crate::imported_key::KeyHasher;

/// A place with one user that can be away, slow, or silent.
#[derive(Debug, Default)]
struct Place {
    is_away: AtomicBool,
    /// Chokes on questions about somebody.
    is_broken: AtomicBool,
    /// Chokes on everything.
    is_spoiled: AtomicBool,
    /// Answers no question whether it is back.
    is_silent: AtomicBool,
    has_user: AtomicBool,
    takes: Duration,
    look_ups: AtomicUsize,
}

impl Place {
    fn with_user() -> Self {
        Self { has_user: true.into(), ..Self::default() }
    }

    fn answer<T>(&self, found: impl Fn() -> T) -> Result<T, Error> {
        let chokes = self.is_broken.load(Ordering::Relaxed) || self.is_spoiled.load(Ordering::Relaxed);
        self.answer_unless(chokes, found)
    }

    fn answer_unless<T>(&self, chokes: bool, found: impl Fn() -> T) -> Result<T, Error> {
        if self.is_away.load(Ordering::Relaxed) {
            let source = sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into());
            return Err(Error::Store { path: "licenses".into(), source });
        }
        if chokes {
            return Err(Error::StoreContent { path: "licenses".into(), message: "found nonsense".into() });
        }
        Ok(found())
    }
}

impl Customers for Place {
    fn holder<'a>(&'a self, _user: u32, _group: &'a GroupId) -> Answer<'a, Option<Holder>> {
        Box::pin(async {
            self.look_ups.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(self.takes).await;
            let holder = Holder {
                email: EmailAddress::parse("ada@example.org").unwrap(),
                serial: 3,
                licenses: Vec::new(),
            };
            self.answer(|| self.has_user.load(Ordering::Relaxed).then(|| holder.clone()))
        })
    }

    fn imported_key<'a>(&'a self, _key: &'a ForeignKey) -> Answer<'a, Option<ImportedKey>> {
        Box::pin(async {
            self.answer(|| {
                self.has_user.load(Ordering::Relaxed).then_some(ImportedKey { user: 1, group: None })
            })
        })
    }

    fn account<'a>(&'a self, _username: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(async { self.answer(|| None) })
    }

    fn user_of<'a>(&'a self, _email: &'a EmailAddress) -> Answer<'a, Option<u32>> {
        Box::pin(async { self.answer(|| None) })
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async {
            if self.is_silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            self.answer_unless(self.is_spoiled.load(Ordering::Relaxed), || ())
        })
    }
}

const REMEMBER: LookUpConfig = LookUpConfig {
    cache: Duration::from_secs(60),
    stale_if_error: Duration::from_secs(60),
    time_limit: Duration::from_secs(2),
};

/// Every answer is stale at once.
const FORGET: LookUpConfig = LookUpConfig { cache: Duration::ZERO, ..REMEMBER };

fn group() -> GroupId {
    GroupId::parse("lighthouse").unwrap()
}

fn look_ups(place: &Arc<Place>, config: LookUpConfig) -> Arc<LookUps> {
    LookUps::new(place.clone(), config, LookUpMetrics::default())
}

async fn serial(look_ups: &LookUps) -> Result<(Option<u32>, bool), Away> {
    let known = look_ups.holder(1, &group()).await?;
    Ok((known.value.map(|holder| holder.serial), known.is_stale))
}

#[tokio::test]
async fn an_answer_is_remembered() {
    let place = Arc::new(Place::with_user());
    let look_ups = look_ups(&place, REMEMBER);
    for _ in 0..3 {
        assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
    }
    assert_eq!(place.look_ups.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn that_there_is_nothing_is_not_remembered() {
    let place = Arc::new(Place::default());
    let look_ups = look_ups(&place, REMEMBER);
    assert_eq!(serial(&look_ups).await, Ok((None, false)));
    place.has_user.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
}

#[tokio::test]
async fn one_looks_up_what_many_wait_for() {
    for config in [REMEMBER, FORGET] {
        let place = Arc::new(Place { takes: Duration::from_millis(100), ..Place::with_user() });
        let look_ups = look_ups(&place, config);
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let look_ups = Arc::clone(&look_ups);
            waiting.spawn(async move { serial(&look_ups).await });
        }
        for answer in waiting.join_all().await {
            assert_eq!(answer, Ok((Some(3), false)));
        }
        assert_eq!(place.look_ups.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_known_goes_on_through_an_outage_and_all_else_waits_for_its_end() {
    let place = Arc::new(Place::with_user());
    let look_ups = look_ups(&place, FORGET);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
    place.is_away.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), true)));
    assert_eq!(look_ups.holder(2, &group()).await.map(|known| known.is_stale), Err(Away));
    assert!(look_ups.account("ada").await.is_err());
    place.is_away.store(false, Ordering::Relaxed);
    tokio::time::sleep(PROBE_PAUSE * 2).await;
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
    assert!(look_ups.account("ada").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_silent_when_it_is_asked_whether_it_is_back_is_asked_again() {
    let place = Arc::new(Place::with_user());
    let look_ups = look_ups(&place, FORGET);
    for is_away in [&place.is_away, &place.is_silent] {
        is_away.store(true, Ordering::Relaxed);
        let _ = serial(&look_ups).await;
        tokio::time::sleep(PROBE_PAUSE + REMEMBER.time_limit / 2).await;
    }
    place.is_away.store(false, Ordering::Relaxed);
    assert_eq!(look_ups.away_for(), Some(PROBE_PAUSE * 4));
    place.is_silent.store(false, Ordering::Relaxed);
    tokio::time::sleep(REMEMBER.time_limit + PROBE_PAUSE * 2).await;
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
}

#[tokio::test]
async fn the_grace_begins_when_an_answer_is_no_longer_fresh() {
    let place = Arc::new(Place::with_user());
    let cache = Duration::from_millis(1_000);
    let config = LookUpConfig { cache, stale_if_error: Duration::from_millis(900), ..REMEMBER };
    let look_ups = look_ups(&place, config);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
    place.is_away.store(true, Ordering::Relaxed);
    // The memory has a clock of its own, which no test can stop.
    tokio::time::sleep(cache + Duration::from_millis(100)).await;
    assert_eq!(serial(&look_ups).await, Ok((Some(3), true)));
}

#[tokio::test]
async fn nobody_waits_for_a_place_that_is_known_to_be_away() {
    let place = Arc::new(Place::with_user());
    place.is_away.store(true, Ordering::Relaxed);
    let look_ups = look_ups(&place, REMEMBER);
    for _ in 0..5 {
        assert_eq!(serial(&look_ups).await, Err(Away));
    }
    assert_eq!(place.look_ups.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_does_not_answer_in_time_is_away() {
    let place = Arc::new(Place { takes: Duration::from_secs(3), ..Place::with_user() });
    let look_ups = look_ups(&place, REMEMBER);
    let begun = tokio::time::Instant::now();
    assert_eq!(serial(&look_ups).await, Err(Away));
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_no_outage() {
    let place = Arc::new(Place::with_user());
    place.is_broken.store(true, Ordering::Relaxed);
    let look_ups = look_ups(&place, REMEMBER);
    assert_eq!(serial(&look_ups).await, Err(Away));
    place.is_broken.store(false, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
}

#[tokio::test(start_paused = true)]
async fn a_place_that_can_answer_nothing_at_all_is_away_until_it_can() {
    let place = Arc::new(Place::with_user());
    place.is_spoiled.store(true, Ordering::Relaxed);
    let look_ups = look_ups(&place, REMEMBER);
    for _ in 0..5 {
        assert_eq!(serial(&look_ups).await, Err(Away));
    }
    assert_eq!(place.look_ups.load(Ordering::Relaxed), 1);
    place.is_spoiled.store(false, Ordering::Relaxed);
    tokio::time::sleep(PROBE_PAUSE * 2).await;
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
}

#[tokio::test(start_paused = true)]
async fn what_was_known_ends_with_an_answer_that_cannot_be_read() {
    let place = Arc::new(Place::with_user());
    let look_ups = look_ups(&place, FORGET);
    assert_eq!(serial(&look_ups).await, Ok((Some(3), false)));
    place.is_broken.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Err(Away));
    place.is_away.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Err(Away));
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_gone_is_not_known_in_the_next_outage() {
    let place = Arc::new(Place::with_user());
    let look_ups = look_ups(&place, FORGET);
    assert!(serial(&look_ups).await.is_ok());
    place.has_user.store(false, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Ok((None, false)));
    place.is_away.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Err(Away));
}

#[tokio::test]
async fn without_a_grace_nothing_goes_on() {
    let place = Arc::new(Place::with_user());
    let config = LookUpConfig { cache: Duration::ZERO, stale_if_error: Duration::ZERO, ..REMEMBER };
    let look_ups = look_ups(&place, config);
    assert!(serial(&look_ups).await.is_ok());
    place.is_away.store(true, Ordering::Relaxed);
    assert_eq!(serial(&look_ups).await, Err(Away));
}

#[test]
fn a_time_that_makes_no_sense_is_refused() {
    let of = |table: LookUpTable| LookUpConfig::of(&table);
    assert!(of(LookUpTable::default()).is_ok());
    let error = of(LookUpTable { time_limit_seconds: 0, ..LookUpTable::default() }).unwrap_err();
    assert_eq!(error, "`look_ups.time_limit_seconds`: found 0, expected 1 to 15");
    let error = of(LookUpTable { cache_seconds: 3_601, ..LookUpTable::default() }).unwrap_err();
    assert_eq!(error, "`look_ups.cache_seconds`: found 3601, expected 0 to 3600");
}

#[tokio::test(start_paused = true)]
async fn answers_are_counted_by_where_they_come_from() {
    let place = Arc::new(Place::with_user());
    let metrics = LookUpMetrics::default();
    let look_ups = LookUps::new(place.clone(), REMEMBER, metrics.clone());
    let counts = || [&metrics.hit, &metrics.miss, &metrics.stale, &metrics.away].map(|counter| counter.get());
    assert!(serial(&look_ups).await.is_ok() && serial(&look_ups).await.is_ok());
    assert_eq!(counts(), [1, 1, 0, 0]);
    place.is_away.store(true, Ordering::Relaxed);
    assert!(look_ups.holder(2, &group()).await.is_err());
    assert_eq!(counts(), [1, 1, 0, 1]);
    assert_eq!(look_ups.away_for(), Some(Duration::ZERO));
}

#[tokio::test]
async fn a_key_that_was_found_is_remembered_until_it_is_found_no_more() {
    let place = Arc::new(Place::with_user());
    let look_ups = LookUps::new(place.clone(), FORGET, LookUpMetrics::default());
    let hasher = KeyHasher::new(&SecretSlice::from(vec![7; 32]));
    let [key, other] = ["fd8s809f89ds8f90", "fd8s809f89ds8f91"].map(|key| hasher.foreign_key(key).unwrap());
    assert!(!look_ups.remembers(&key));
    assert!(look_ups.imported_key(&key).await.unwrap().value.is_some());
    assert!(look_ups.remembers(&key) && !look_ups.remembers(&other));
    place.is_away.store(true, Ordering::Relaxed);
    assert!(look_ups.imported_key(&key).await.unwrap().is_stale && look_ups.remembers(&key));

    let look_ups = LookUps::new(place.clone(), FORGET, LookUpMetrics::default());
    place.is_away.store(false, Ordering::Relaxed);
    assert!(look_ups.imported_key(&key).await.unwrap().value.is_some());
    place.has_user.store(false, Ordering::Relaxed);
    assert!(look_ups.imported_key(&key).await.unwrap().value.is_none());
    assert!(!look_ups.remembers(&key));
}
