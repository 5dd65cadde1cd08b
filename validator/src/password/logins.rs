//! What a login costs, and what a refused one tells: few checks at a time, and the same answer after the same time
//! for a wrong password and for a user who is not there.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::{Kind, PasswordHash};

/// Most checks at a time: each takes a core and up to 128 MiB for up to a second, and customers' downloads need some,
/// too.
const MAX_CHECKS: usize = 2;

/// A refused login is answered a whole number of these after its beginning. The dearest check that a hash may ask for
/// takes less, so kinds of hashes and users who are not there cannot be told apart; a machine too busy for it answers
/// at the next one.
const REFUSAL_STEP: Duration = Duration::from_secs(1);

/// A hash of bcrypt's usual cost whose password nobody knows: 48 random characters, thrown away.
const NOBODY: &str = "$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq";

/// Checks the passwords of a whole server.
#[derive(Debug)]
pub(crate) struct Logins {
    places: Arc<Semaphore>,
}

impl Logins {
    pub(crate) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(MAX_CHECKS)) }
    }

    /// Whether a login is good. `began` is when its request was there, before its user was looked up: that takes its
    /// time, too. `None` stands for whoever cannot log in: a user who is not there, is blocked, or has a hash that
    /// cannot be read. That is as much work, and false.
    ///
    /// A good login is answered at once; for a refusal see [`REFUSAL_STEP`].
    pub(crate) async fn check(
        &self,
        began: Instant,
        hash: Option<&PasswordHash>,
        password: SecretString,
    ) -> bool {
        let may_log_in = hash.is_some();
        let hash = hash.cloned().unwrap_or_else(|| PasswordHash(Kind::Bcrypt(NOBODY.to_owned())));
        let good = self.verify(hash, password).await && may_log_in;
        if !good {
            let steps = began.elapsed().as_millis().div_ceil(REFUSAL_STEP.as_millis()).max(1);
            // More steps than a `u32` are a hundred years.
            let delay = REFUSAL_STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
            tokio::time::sleep_until(began + delay).await;
        }
        good
    }

    /// Waits for a place, and checks on a thread where nobody else waits.
    async fn verify(&self, hash: PasswordHash, password: SecretString) -> bool {
        // Nobody closes the semaphore; if it were, a refusal is the safe answer.
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return false };
        let check = tokio::task::spawn_blocking(move || {
            // The place is given back when the work is done, also for a client who has not waited for it.
            let _place = place;
            hash.verify(password.expose_secret())
        });
        // A check that came to nothing, since the server ends, is no good login.
        check.await.unwrap_or(false)
    }
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
        let good = Logins::new().check(began, hash.as_ref(), password.into()).await;
        (good, began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_login_is_answered_at_once() {
        assert_eq!(timed(Some(CHEAP), "correct horse", Duration::ZERO).await, (true, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_answered_after_a_whole_step() {
        let phpass = "$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11";
        for (busy_for, answered_after) in [(0, 1000), (1, 1000), (999, 1000), (1001, 2000), (2300, 3000)] {
            for hash in [CHEAP, phpass] {
                let answer = timed(Some(hash), "wrong", Duration::from_millis(busy_for)).await;
                assert_eq!(answer, (false, answered_after), "{busy_for}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_is_not_there_is_refused_like_a_wrong_password() {
        assert_eq!(timed(None, "wrong", Duration::ZERO).await, (false, 1000));
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
        assert!(check.await);
        assert_eq!(logins.places.available_permits(), 2);
    }

    #[test]
    fn a_client_who_does_not_wait_gives_no_place_back_before_the_work_is_done() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let one_thread = runtime.enable_time().max_blocking_threads(1).build().unwrap();
        one_thread.block_on(async {
            let (go_on, wait) = std::sync::mpsc::channel::<()>();
            let others_work = tokio::task::spawn_blocking(move || wait.recv());
            let logins = Logins::new();
            let check = logins.check(Instant::now(), None, "wrong".into());
            assert!(tokio::time::timeout(Duration::from_millis(1), check).await.is_err());
            assert_eq!(logins.places.available_permits(), 1);
            go_on.send(()).unwrap();
            others_work.await.unwrap().unwrap();
            assert!(logins.places.acquire_many(2).await.is_ok());
        });
    }
}
