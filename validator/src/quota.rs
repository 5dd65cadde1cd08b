//! How often something may be done: key mails for each address and each sender, wrong keys and refused logins for each
//! sender. Wrong keys are counted by how they begin, too, since many senders may look for one key together.
//! Counted in memory by this process alone; several validators behind a balancer each count for themselves.
//!
//! A quota is "so many at once, and then one more each so long" (GCRA, by the crate `governor`). What is remembered
//! of a key is one number, in a [`table`] of bounded size; numbers that no longer matter are let go from time to time.
//! Who has an IPv6 network has many senders, so each network has a larger quota beside theirs (`counted`).

mod counted;
mod table;

use std::num::NonZeroU32;

use governor::Quota;
use governor::clock::{Clock, DefaultClock};
use sha2::{Digest, Sha256};

use crate::email::EmailAddress;
use crate::imported_key::KeyPrefix;
use crate::sender::Sender;
use counted::{Counted, CountedSenders};

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

/// Wrong keys that begin alike, whoever sends them: a hundred, and one each 10 seconds. That is more than one sender has,
/// so it takes several to use it up.
const WRONG_KEYS_THAT_BEGIN_ALIKE: Quota = Quota::per_minute(NonZeroU32::new(6).expect("six is not zero"))
    .allow_burst(NonZeroU32::new(100).expect("a hundred is not zero"));

/// Up to how many tries, wrong or under way, a sender is no suspect: as many as somebody mistypes, or as the sites of one
/// server have under way at once. Suspects alone are held back for what others tried.
const TRIES_WITHOUT_SUSPICION: u32 = 10;

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
    key_mails_by_sender: CountedSenders<C>,
    refused_logins: CountedSenders<C>,
    wrong_keys: CountedSenders<C>,
    wrong_keys_that_begin_alike: Counted<KeyPrefix, C>,
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
            key_mails_by_sender: CountedSenders::new(KEY_MAILS_BY_SENDER, clock),
            refused_logins: CountedSenders::new(REFUSED_LOGINS, clock),
            wrong_keys: CountedSenders::new(WRONG_KEYS, clock),
            wrong_keys_that_begin_alike: Counted::new(WRONG_KEYS_THAT_BEGIN_ALIKE, clock),
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
        self.key_mails_by_sender.take(sender)?;
        self.key_mails_to_address.take(&Sha256::digest(address.expose()).into()).map(drop)
    }

    /// Begins a login. Ask before the password is checked. It counts as a refused one from now on, until
    /// [`Attempt::forgive`] takes it back: so a sender cannot try many passwords at the same time, and a
    /// client who does not wait for the answer is counted.
    ///
    /// # Errors
    /// [`RetryAfter`] when the sender had too many logins refused, or has too many under way. Nothing is counted then.
    pub(crate) fn login(&self, sender: Sender) -> Result<Attempt<'_, C>, RetryAfter> {
        self.refused_logins.take(sender)?;
        Ok(Attempt { senders: &self.refused_logins, sender, beginning: None })
    }

    /// Begins a try of a key that begins so, in the same way. Ask before the key is looked up.
    ///
    /// # Errors
    /// [`RetryAfter`] when the sender tried too many wrong keys, or when it tried some and too many of those that begin
    /// alike were wrong, whoever tried them. Nothing is counted then. A sender without suspicion is never held back for
    /// what others tried, or a customer could be locked out by them.
    pub(crate) fn key_try(&self, sender: Sender, beginning: KeyPrefix) -> Result<Attempt<'_, C>, RetryAfter> {
        let tries = self.wrong_keys.take(sender)?;
        let alike = &self.wrong_keys_that_begin_alike;
        let is_counted = match alike.take(&beginning) {
            Ok(_) => true,
            Err(_) if tries <= TRIES_WITHOUT_SUSPICION => false,
            Err(retry_after) => {
                self.wrong_keys.give_back(sender);
                return Err(retry_after);
            }
        };
        let beginning = is_counted.then_some((alike, beginning));
        Ok(Attempt { senders: &self.wrong_keys, sender, beginning })
    }
}

/// A login or a try of a key, under way.
#[derive(Debug)]
#[must_use = "an attempt that is good is counted as a wrong one unless it is told"]
pub(crate) struct Attempt<'a, C: Clock> {
    senders: &'a CountedSenders<C>,
    sender: Sender,
    /// How the key begins, when it is counted by that, too.
    beginning: Option<(&'a Counted<KeyPrefix, C>, KeyPrefix)>,
}

impl<C: Clock> Attempt<'_, C> {
    /// This attempt does not count: password or key was right, or nobody could look.
    pub(crate) fn forgive(self) {
        self.senders.give_back(self.sender);
        if let Some((alike, beginning)) = &self.beginning {
            alike.give_back(beginning);
        }
    }
}

#[cfg(test)]
mod tests;
