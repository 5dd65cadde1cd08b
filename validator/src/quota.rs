//! How often something may be done: key mails for each address and each sender, wrong keys and refused logins for each
//! sender.
//! Counted in memory by this process alone; several validators behind a balancer each count for themselves.
//!
//! A quota is "so many at once, and then one more each so long" (GCRA, by the crate `governor`). What is remembered
//! of a key is one number, in a [`Table`] of bounded size; numbers that no longer matter are let go every
//! [`SWEEP_EVERY`] checks.

mod table;

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};

use crate::email::EmailAddress;
use crate::sender::Sender;
use table::Table;

/// Key mails to one address: three for whoever looks into the wrong mail box first, and one each 20 minutes. More
/// would only annoy the one whose address it is.
const KEY_MAILS_TO_ADDRESS: Quota = Quota::per_hour(NonZeroU32::new(3).expect("three is not zero"));

/// Key mails asked for by one sender, a whole office perhaps: ten, and one each minute. It keeps the vendor's mail
/// server from sending to long lists of addresses.
const KEY_MAILS_BY_SENDER: Quota =
    Quota::per_minute(NonZeroU32::MIN).allow_burst(NonZeroU32::new(10).expect("ten is not zero"));

/// Refused logins of one sender: ten, and one each 6 seconds, so 14 400 guesses a day at most.
const REFUSED_LOGINS: Quota = Quota::per_minute(NonZeroU32::new(10).expect("ten is not zero"));

/// Wrong keys of one sender, an agency with the sites of all its customers perhaps: sixty, and one each 10 seconds, so
/// 8 640 guesses a day at most.
const WRONG_KEYS: Quota = Quota::per_minute(NonZeroU32::new(6).expect("six is not zero"))
    .allow_burst(NonZeroU32::new(60).expect("sixty is not zero"));

/// After how many checks of a quota the numbers that no longer matter are let go: seldom enough that it costs a check
/// little, often enough that a table is hardly larger than it must be.
const SWEEP_EVERY: usize = 1_000;

/// After how many seconds what was refused for its quota may be tried again: at least 1, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryAfter {
    pub(crate) seconds: u64,
}

/// SHA-256 of a mail address: what is counted needs no address to be remembered.
type AddressDigest = [u8; 32];

/// The quotas of a whole server.
#[derive(Debug)]
pub(crate) struct Quotas<C: Clock = DefaultClock> {
    key_mails_to_address: Counted<AddressDigest, C>,
    key_mails_by_sender: Counted<Sender, C>,
    refused_logins: Counted<Sender, C>,
    wrong_keys: Counted<Sender, C>,
}

impl Quotas {
    pub(crate) fn new() -> Self {
        Self::with_clock(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Quotas<C> {
    fn with_clock(clock: &C) -> Self {
        Self {
            key_mails_to_address: Counted::new(KEY_MAILS_TO_ADDRESS, clock),
            key_mails_by_sender: Counted::new(KEY_MAILS_BY_SENDER, clock),
            refused_logins: Counted::new(REFUSED_LOGINS, clock),
            wrong_keys: Counted::new(WRONG_KEYS, clock),
        }
    }
}

impl<C: Clock> Quotas<C> {
    /// Counts a wish for a key mail. Ask before the address is looked up: a refusal then says nothing of who is a
    /// customer.
    ///
    /// # Errors
    /// [`RetryAfter`] when sender or address had their share. A wish for an address that had its share counts for the
    /// sender.
    pub(crate) fn key_mail(&self, sender: Sender, address: &EmailAddress) -> Result<(), RetryAfter> {
        // The sender first: who is over the quota fills no table with addresses.
        self.key_mails_by_sender.take(&sender)?;
        self.key_mails_to_address.take(&Sha256::digest(address.expose()).into())
    }

    /// Begins a login. Ask before the password is checked. It counts as a refused one from now on, until
    /// [`Attempt::forgive`] takes it back: so a sender cannot try many passwords at the same time, and a
    /// client who does not wait for the answer is counted.
    ///
    /// # Errors
    /// [`RetryAfter`] when the sender had too many logins refused, or has too many under way. Nothing is counted then.
    pub(crate) fn login(&self, sender: Sender) -> Result<Attempt<'_, C>, RetryAfter> {
        Attempt::begin(&self.refused_logins, sender)
    }

    /// Begins a try of a key, in the same way. Ask before the key is looked up.
    ///
    /// # Errors
    /// [`RetryAfter`] when the sender tried too many wrong keys. Nothing is counted then.
    pub(crate) fn key_try(&self, sender: Sender) -> Result<Attempt<'_, C>, RetryAfter> {
        Attempt::begin(&self.wrong_keys, sender)
    }
}

/// A login or a try of a key, under way.
#[derive(Debug)]
#[must_use = "an attempt that is good is counted as a wrong one unless it is told"]
pub(crate) struct Attempt<'a, C: Clock> {
    counted: &'a Counted<Sender, C>,
    sender: Sender,
}

impl<'a, C: Clock> Attempt<'a, C> {
    fn begin(counted: &'a Counted<Sender, C>, sender: Sender) -> Result<Self, RetryAfter> {
        counted.take(&sender)?;
        Ok(Self { counted, sender })
    }

    /// This attempt does not count: password or key was right, or nobody could look.
    pub(crate) fn forgive(self) {
        self.counted.give_back(&self.sender);
    }
}

/// One quota for each key, and what is used of it.
#[derive(Debug)]
struct Counted<K: Hash + Eq + Clone, C: Clock> {
    limiter: RateLimiter<K, Table<K>, C, NoOpMiddleware<C::Instant>>,
    table: Table<K>,
    /// What one use costs, in time.
    interval: Duration,
    checks: AtomicUsize,
}

impl<K: Hash + Eq + Clone, C: Clock> Counted<K, C> {
    fn new(quota: Quota, clock: &C) -> Self
    where
        C: Clone,
    {
        let table = Table::new();
        let limiter = RateLimiter::new(quota, table.clone(), clock.clone());
        Self { limiter, table, interval: quota.replenish_interval(), checks: AtomicUsize::new(0) }
    }

    /// Uses one of a key's quota, if there is one.
    fn take(&self, key: &K) -> Result<(), RetryAfter> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|refusal| {
            let wait = refusal.wait_time_from(self.limiter.clock().now());
            let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            RetryAfter { seconds: rounded_up.max(1) }
        })
    }

    /// Undoes one [`Counted::take`].
    fn give_back(&self, key: &K) {
        self.table.give_back(key, self.interval.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use hyper::header::HeaderMap;
    use std::net::{IpAddr, Ipv4Addr};

    fn quotas() -> (Quotas<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Quotas::with_clock(&clock), clock)
    }

    fn sender(number: u32) -> Sender {
        let peer = IpAddr::V4(Ipv4Addr::from_bits(number));
        Sender::of(peer, &HeaderMap::new(), &crate::sender::TrustedProxies::default())
    }

    fn email(number: u32) -> EmailAddress {
        EmailAddress::parse(&format!("customer{number}@example.org")).unwrap()
    }

    fn retry_after<T>(seconds: u64) -> Result<T, RetryAfter> {
        Err(RetryAfter { seconds })
    }

    #[test]
    fn an_address_gets_three_key_mails_and_one_more_each_20_minutes() {
        let (quotas, clock) = quotas();
        for from in 0..3 {
            assert_eq!(quotas.key_mail(sender(from), &email(1)), Ok(()));
        }
        assert_eq!(quotas.key_mail(sender(3), &email(1)), retry_after(1_200));
        assert_eq!(quotas.key_mail(sender(3), &email(2)), Ok(()));
        clock.advance(Duration::from_millis(500));
        assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1_200));
        clock.advance(Duration::from_millis(1_199_000));
        assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!(quotas.key_mail(sender(4), &email(1)), Ok(()));
        assert_eq!(quotas.key_mail(sender(4), &email(1)), retry_after(1_200));
    }

    #[test]
    fn one_address_in_upper_and_lower_case_has_one_quota() {
        let (quotas, _) = quotas();
        for text in ["ada@example.org", "Ada@Example.org", " ADA@EXAMPLE.ORG "] {
            assert_eq!(quotas.key_mail(sender(1), &EmailAddress::parse(text).unwrap()), Ok(()));
        }
        assert!(quotas.key_mail(sender(1), &EmailAddress::parse("ada@example.org").unwrap()).is_err());
    }

    #[test]
    fn a_sender_asks_for_ten_key_mails_and_one_more_a_minute() {
        let (quotas, clock) = quotas();
        for to in 0..10 {
            assert_eq!(quotas.key_mail(sender(1), &email(to)), Ok(()));
        }
        assert_eq!(quotas.key_mail(sender(1), &email(10)), retry_after(60));
        assert_eq!(quotas.key_mail(sender(2), &email(10)), Ok(()));
        clock.advance(Duration::from_secs(60));
        assert_eq!(quotas.key_mail(sender(1), &email(11)), Ok(()));
        assert_eq!(quotas.key_mail(sender(1), &email(12)), retry_after(60));
    }

    #[test]
    fn a_sender_over_the_quota_uses_up_no_address() {
        let (quotas, _) = quotas();
        for to in 0..10 {
            quotas.key_mail(sender(1), &email(to)).unwrap();
        }
        for _ in 0..5 {
            quotas.key_mail(sender(1), &email(99)).unwrap_err();
        }
        for _ in 0..3 {
            assert_eq!(quotas.key_mail(sender(2), &email(99)), Ok(()));
        }
    }

    #[test]
    fn a_sender_has_ten_logins_refused_and_one_more_each_6_seconds() {
        let (quotas, clock) = quotas();
        for _ in 0..10 {
            drop(quotas.login(sender(1)).unwrap());
        }
        assert_eq!(quotas.login(sender(1)).unwrap_err(), RetryAfter { seconds: 6 });
        assert!(quotas.login(sender(2)).is_ok());
        clock.advance(Duration::from_secs(6));
        assert!(quotas.login(sender(1)).is_ok());
        assert_eq!(quotas.login(sender(1)).unwrap_err(), RetryAfter { seconds: 6 });
    }

    #[test]
    fn good_logins_do_not_count() {
        let (quotas, clock) = quotas();
        for _ in 0..9 {
            drop(quotas.login(sender(1)).unwrap());
        }
        for _ in 0..100 {
            quotas.login(sender(1)).unwrap().forgive();
        }
        drop(quotas.login(sender(1)).unwrap());
        assert!(quotas.login(sender(1)).is_err());
        // However late it is told, a good login gives back what it took and no more.
        clock.advance(Duration::from_secs(6));
        let late = quotas.login(sender(1)).unwrap();
        clock.advance(Duration::from_secs(3_600));
        late.forgive();
        for _ in 0..10 {
            drop(quotas.login(sender(1)).unwrap());
        }
        assert!(quotas.login(sender(1)).is_err());
    }

    #[test]
    fn logins_at_the_same_time_count_while_they_are_under_way() {
        let (quotas, _) = quotas();
        let mut under_way: Vec<_> = (0..10).map(|_| quotas.login(sender(1)).unwrap()).collect();
        assert!(quotas.login(sender(1)).is_err());
        under_way.pop().unwrap().forgive();
        assert!(quotas.login(sender(1)).is_ok());
    }

    #[test]
    fn senders_who_do_not_matter_any_more_are_let_go() {
        let (quotas, clock) = quotas();
        for number in 0..100_000 {
            // Ten a second: each is forgotten between 6 and 12 seconds and one sweep after its only login.
            drop(quotas.login(sender(number)).unwrap());
            clock.advance(Duration::from_millis(100));
            let remembered = quotas.refused_logins.limiter.len();
            assert!(remembered <= 120 + SWEEP_EVERY, "{remembered} after {number}");
        }
    }

    #[test]
    fn who_still_matters_is_not_let_go() {
        let (quotas, clock) = quotas();
        for _ in 0..10 {
            drop(quotas.login(sender(0)).unwrap());
        }
        for number in 1..=5_000 {
            drop(quotas.login(sender(number)).unwrap());
        }
        assert_eq!(quotas.login(sender(0)).unwrap_err(), RetryAfter { seconds: 6 });
        clock.advance(Duration::from_secs(6));
        assert!(quotas.login(sender(0)).is_ok());
        assert!(quotas.login(sender(0)).is_err());
    }

    #[test]
    fn nothing_of_senders_and_addresses_shows_in_debug() {
        let (quotas, _) = quotas();
        quotas.key_mail(sender(0xc000_0209), &email(1)).unwrap();
        let shown = format!("{quotas:?}");
        let digest = format!("{:?}", Sha256::digest("customer1@example.org"));
        assert!(!shown.contains("192.0.2.9") && !shown.contains("customer"), "{shown}");
        assert!(!shown.contains(digest.trim_matches(['[', ']'])), "{shown}");
    }
}
