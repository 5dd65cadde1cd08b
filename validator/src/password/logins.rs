//! What a login costs, and what a refused one tells: few checks at a time, and the same answer after the same time
//! for a wrong password and for a user who is not there.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::{Kind, PasswordHash};
use crate::pacer::whole_steps;

/// Most checks at a time: each takes a core and up to 128 MiB for up to a second, and customers' downloads need some,
/// too.
const MAX_CHECKS: usize = 2;

/// Most logins that wait for their check. Each holds a connection that downloads want as well.
const MAX_WAITING: usize = 32;

/// A refused login is answered a whole number of these after its beginning.
const REFUSAL_STEP: Duration = Duration::from_secs(2);

/// For how long a refused login keeps its place, whatever its check took; more than one of these where a machine is too
/// busy. Two of the dearest checks that a hash may ask for take less on a core that they share (1.3 s). So whoever waits for the place waits equally long behind
/// every kind of hash, and behind a user who is not there. It is a little less than [`REFUSAL_STEP`], so that a login
/// that found a free place is answered after the first step.
const PLACE_STEP: Duration = Duration::from_millis(1900);

/// A hash of bcrypt's usual cost whose password nobody knows: 48 random characters, thrown away.
const NOBODY: &str = "$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq";

/// Too many logins wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

/// How many logins are under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checks {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
}

/// Checks the passwords of a whole server.
#[derive(Debug)]
pub(crate) struct Logins {
    places: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Logins {
    pub(crate) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(MAX_CHECKS)), waiting: Semaphore::new(MAX_WAITING) }
    }

    /// The logins that are under way now.
    pub(crate) fn checks(&self) -> Checks {
        Checks {
            running: MAX_CHECKS - self.places.available_permits(),
            waiting: MAX_WAITING - self.waiting.available_permits(),
        }
    }

    /// Whether a login is good. `began` is when its request was there, before its user was looked up: that takes its
    /// time, too. `None` stands for whoever cannot log in: a user who is not there, is blocked, or has a hash that
    /// cannot be read. That is as much work, and false.
    ///
    /// A good login is answered at once; for a refusal see [`REFUSAL_STEP`].
    ///
    /// # Errors
    /// [`Busy`], before anything of the login was looked at.
    pub(crate) async fn check(
        &self,
        began: Instant,
        hash: Option<&PasswordHash>,
        password: SecretString,
    ) -> Result<bool, Busy> {
        let may_log_in = hash.is_some();
        let hash = hash.cloned().unwrap_or_else(|| PasswordHash(Kind::Bcrypt(NOBODY.to_owned())));
        let place = {
            let _waits = self.waiting.try_acquire().map_err(|_| Busy)?;
            Arc::clone(&self.places).acquire_owned().await.map_err(|_| Busy)?
        };
        // A task of its own: who hangs up ends neither the work nor the time that the place is kept.
        let check = tokio::spawn(async move {
            let taken = Instant::now();
            let work = tokio::task::spawn_blocking(move || hash.verify(password.expose_secret()));
            // A check that came to nothing, since the server ends, is no good login.
            let good = work.await.unwrap_or(false) && may_log_in;
            if !good {
                end_of_step(taken, PLACE_STEP).await;
            }
            drop(place);
            good
        });
        let good = check.await.unwrap_or(false);
        if !good {
            end_of_step(began, REFUSAL_STEP).await;
        }
        Ok(good)
    }
}

/// Waits for the end of a whole step after `begun`. Milliseconds are fine enough for seconds: `pacer` is for shorter ones.
async fn end_of_step(begun: Instant, step: Duration) {
    tokio::time::sleep_until(begun + whole_steps(begun.elapsed(), step)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of "correct horse", by PHP 8.2.
    const CHEAP: &str = "$2y$04$eMaAUqVuDYvQ2Eqa3Rbjye6QR2t5ByU.WNaLcN8Wtj4ZyC/7WymXS";

    /// The answer and after how many milliseconds it came.
    async fn timed(hash: Option<&str>, password: &str, busy_for: Duration) -> (bool, u128) {
        let hash = hash.map(|hash| PasswordHash::parse(hash).unwrap());
        let began = Instant::now();
        tokio::time::advance(busy_for).await;
        let good = Logins::new().check(began, hash.as_ref(), password.into()).await.unwrap();
        (good, began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_login_is_answered_at_once() {
        assert_eq!(timed(Some(CHEAP), "correct horse", Duration::ZERO).await, (true, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_answered_after_a_whole_step() {
        let phpass = "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11";
        for (busy_for, answered_after) in [(0, 2000), (99, 2000), (101, 4000), (1001, 4000), (2300, 6000)] {
            for hash in [CHEAP, phpass] {
                let answer = timed(Some(hash), "wrong", Duration::from_millis(busy_for)).await;
                assert_eq!(answer, (false, answered_after), "{busy_for}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_is_not_there_is_refused_like_a_wrong_password() {
        assert_eq!(timed(None, "wrong", Duration::ZERO).await, (false, 2000));
    }

    #[tokio::test]
    async fn nobodys_hash_is_worked_through() {
        let nobody = PasswordHash::parse(NOBODY).unwrap();
        assert!(matches!(nobody.0, Kind::Bcrypt(_)));
        assert!(!nobody.verify("wrong"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_waits_while_all_places_are_taken() {
        let logins = Logins::new();
        let hash = PasswordHash::parse(CHEAP).unwrap();
        let taken = Arc::clone(&logins.places).try_acquire_many_owned(2).unwrap();
        assert!(logins.places.try_acquire().is_err());
        let check = logins.check(Instant::now(), Some(&hash), "correct horse".into());
        tokio::pin!(check);
        assert!(tokio::time::timeout(Duration::from_secs(9), &mut check).await.is_err());
        drop(taken);
        assert_eq!(check.await, Ok(true));
        assert_eq!(logins.places.available_permits(), 2);
    }

    /// When each of many logins at a time is answered, in seconds.
    async fn answers_of_ten(hash: Option<&str>) -> Vec<u64> {
        let logins = Arc::new(Logins::new());
        let hash = hash.map(|hash| PasswordHash::parse(hash).unwrap());
        let began = Instant::now();
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (logins, hash) = (Arc::clone(&logins), hash.clone());
            tries.spawn(async move {
                assert_eq!(logins.check(began, hash.as_ref(), "wrong".into()).await, Ok(false));
                began.elapsed().as_secs()
            });
        }
        let mut answers = tries.join_all().await;
        answers.sort_unstable();
        answers
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_others_learns_nothing_of_their_hashes() {
        // Two places of 1.9 s each: five rounds, the last of which ends after 9.5 s.
        let expected = [2, 2, 4, 4, 6, 6, 8, 8, 10, 10];
        for hash in [None, Some(CHEAP), Some("3cb4e732631f47e6eb961f34554b7cde")] {
            assert_eq!(answers_of_ten(hash).await, expected, "{hash:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn logins_beyond_those_that_may_wait_are_sent_away() {
        let logins = Logins::new();
        let _places = Arc::clone(&logins.places).try_acquire_many_owned(2).unwrap();
        let _waiting = logins.waiting.try_acquire_many(u32::try_from(MAX_WAITING).unwrap()).unwrap();
        assert_eq!(logins.check(Instant::now(), None, "wrong".into()).await, Err(Busy));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_who_hangs_up_leaves_the_place_taken_for_as_long() {
        let logins = Logins::new();
        let check = logins.check(Instant::now(), None, "wrong".into());
        assert!(tokio::time::timeout(Duration::from_millis(1), check).await.is_err());
        tokio::time::sleep(PLACE_STEP - Duration::from_millis(10)).await;
        assert_eq!(logins.places.available_permits(), 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(logins.places.available_permits(), 2);
    }
}
