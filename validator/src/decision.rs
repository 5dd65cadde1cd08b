//! May this key have this package? One pure function; every status, code and sentence is derived from its verdict, each in
//! one place: `refusal` has the numbers, `jbackend` its codes, `texts` the words.

use crate::email::EmailAddress;

/// A license that ends in less than this is about to expire: 30 days, and exactly 30 days are not less.
const EXPIRING_SECONDS: i64 = 30 * DAY_SECONDS;

const DAY_SECONDS: i64 = 86_400;

/// What the store knows of a user with respect to one group.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) email: EmailAddress,
    /// The serial that the user's own key for the group has now.
    pub(crate) serial: u32,
    /// Licenses for the group, those that were revoked left out.
    pub(crate) licenses: Vec<License>,
}

/// One license. Times are in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct License {
    pub(crate) standing: Standing,
    /// First second in which it is no longer good; nothing means never.
    pub(crate) expires_at: Option<i64>,
}

/// What the vendor has made of a license. A renewal that was canceled is none of these: what is paid for stays good until
/// its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing: dates alone count.
    Active,
    /// Ended at once by owner or vendor.
    Canceled {
        /// When, in Unix seconds, where that is known.
        at: Option<i64>,
    },
    /// The payment went back.
    Refunded,
    /// Blocked by the vendor.
    Suspended,
}

/// What is known of a request for something licensed. It holds a mail address as it came, so it has no `Debug`.
pub(crate) struct Claim<'c> {
    /// A key was sent.
    pub(crate) has_key: bool,
    /// A key that this site gave out or imported, and what it opens.
    pub(crate) key: Option<KnownKey>,
    /// The mail address that was sent with it.
    pub(crate) email: Option<&'c str>,
    /// What the store knows of the key's holder, for the key's own group.
    pub(crate) holder: Option<&'c Holder>,
    /// When the package came out, in Unix seconds, if holders of ended licenses keep what was released before.
    pub(crate) kept_if_released_at: Option<i64>,
}

/// A key that is not a stranger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownKey {
    pub(crate) scope: KeyScope,
    /// The serial in the key; nothing for an imported key, which has none.
    pub(crate) serial: Option<u32>,
}

/// What a known key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyScope {
    /// The group that is asked for.
    Wanted,
    /// Another one.
    Other,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    /// The end of the license that decided, in Unix seconds; nothing when it has none, or when there is no license.
    pub(crate) expires_at: Option<i64>,
}

/// What a key is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Good.
    Valid,
    /// Good, but for less than 30 days.
    Expiring {
        /// Whole days that are left, 0 to 29.
        days_left: i64,
    },
    /// The license has ended; this release came out before that and stays its holder's.
    KeptRelease,
    /// No key was sent.
    Missing,
    /// The key is malformed, forged, mistyped or nobody's, or the mail address is not its holder's. All of these look the
    /// same from outside.
    Invalid,
    /// The payment went back.
    Refunded,
    /// Ended at once.
    Canceled {
        /// When, in Unix seconds, where that is known.
        at: Option<i64>,
    },
    /// Blocked.
    Suspended,
    /// Over.
    Expired {
        /// Since when, in Unix seconds.
        at: i64,
    },
    /// A known key whose holder has no license for this group.
    NotCovered,
}

impl State {
    /// Whether the download may begin.
    pub(crate) fn is_allowed(self) -> bool {
        matches!(self, Self::Valid | Self::Expiring { .. } | Self::KeptRelease)
    }

    /// The word for it in JSON and in the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Valid | Self::Expiring { .. } => "valid",
            Self::KeptRelease => "kept_release",
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Refunded => "refunded",
            Self::Canceled { .. } => "canceled",
            Self::Suspended => "suspended",
            Self::Expired { .. } => "expired",
            Self::NotCovered => "not_covered",
        }
    }

    /// Whether a known key was sent. Nobody else learns anything of a license.
    pub(crate) fn is_of_known_key(self) -> bool {
        !matches!(self, Self::Missing | Self::Invalid)
    }
}

impl Verdict {
    fn without_license(state: State) -> Self {
        Self { state, expires_at: None }
    }

    /// Whole days until the license ends, while it is good.
    pub(crate) fn days_left(&self, now: i64) -> Option<i64> {
        let is_good = matches!(self.state, State::Valid | State::Expiring { .. });
        self.expires_at.filter(|_| is_good).map(|at| at.saturating_sub(now) / DAY_SECONDS)
    }
}

/// Decides at `now` (Unix seconds).
pub(crate) fn decide(claim: &Claim<'_>, now: i64) -> Verdict {
    if !claim.has_key {
        return Verdict::without_license(State::Missing);
    }
    let (Some(key), Some(holder)) = (claim.key, claim.holder) else {
        return Verdict::without_license(State::Invalid);
    };
    let email_fits = claim.email.is_none_or(|email| holder.email.is_meant_by(email));
    let is_current = key.serial.is_none_or(|serial| serial == holder.serial);
    if !is_current || !email_fits {
        return Verdict::without_license(State::Invalid);
    }
    match key.scope {
        KeyScope::Other => Verdict::without_license(State::NotCovered),
        KeyScope::Wanted => worth(&holder.licenses, claim.kept_if_released_at, now),
    }
}

/// What licenses for one group are worth to whoever is known to hold them, at `now` (Unix seconds); see
/// [`Claim::kept_if_released_at`].
pub(crate) fn worth(licenses: &[License], kept_if_released_at: Option<i64>, now: i64) -> Verdict {
    let judged = licenses.iter().map(|license| judge(license, kept_if_released_at, now));
    judged.max_by_key(goodness).unwrap_or(Verdict::without_license(State::NotCovered))
}

/// One license by itself. The order of the tests is the order of what people should hear first.
fn judge(license: &License, kept_if_released_at: Option<i64>, now: i64) -> Verdict {
    let state = match (license.standing, license.expires_at) {
        (Standing::Refunded, _) => State::Refunded,
        (Standing::Canceled { at }, _) => State::Canceled { at },
        (Standing::Suspended, _) => State::Suspended,
        (Standing::Active, Some(end)) if now >= end => match kept_if_released_at {
            Some(released_at) if released_at < end => State::KeptRelease,
            _ => State::Expired { at: end },
        },
        (Standing::Active, Some(end)) if end - now < EXPIRING_SECONDS => {
            State::Expiring { days_left: (end - now) / DAY_SECONDS }
        }
        (Standing::Active, _) => State::Valid,
    };
    Verdict { state, expires_at: license.expires_at }
}

/// A customer with several licenses is judged by the best: one that allows the download, of these the one that ends last. A
/// warning about an old license although the renewal is there would be worse than none.
fn goodness(verdict: &Verdict) -> (bool, bool, bool, Option<i64>) {
    let is_good = matches!(verdict.state, State::Valid | State::Expiring { .. });
    (is_good, verdict.state.is_allowed(), verdict.expires_at.is_none(), verdict.expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15, whatever it is.
    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 86_400;
    /// Of a key that was never reset.
    const FIRST_SERIAL: u32 = 0;
    const KEY: KnownKey = KnownKey { scope: KeyScope::Wanted, serial: Some(FIRST_SERIAL) };

    fn holder(licenses: &[License]) -> Holder {
        Holder {
            email: EmailAddress::parse("ada@example.org").unwrap(),
            serial: FIRST_SERIAL,
            licenses: licenses.to_vec(),
        }
    }

    fn ends(expires_at: impl Into<Option<i64>>) -> License {
        License { standing: Standing::Active, expires_at: expires_at.into() }
    }

    fn standing(standing: Standing, expires_at: impl Into<Option<i64>>) -> License {
        License { standing, expires_at: expires_at.into() }
    }

    fn claim(holder: &Holder) -> Claim<'_> {
        Claim { has_key: true, key: Some(KEY), email: None, holder: Some(holder), kept_if_released_at: None }
    }

    fn state_of(licenses: &[License]) -> State {
        decide(&claim(&holder(licenses)), NOW).state
    }

    #[test]
    fn a_license_is_good_until_the_second_it_ends() {
        assert_eq!(state_of(&[ends(NOW + 1)]), State::Expiring { days_left: 0 });
        assert_eq!(state_of(&[ends(NOW)]), State::Expired { at: NOW });
    }

    #[test]
    fn exactly_thirty_days_are_not_less_than_thirty_days() {
        assert_eq!(state_of(&[ends(NOW + 30 * DAY)]), State::Valid);
        assert_eq!(state_of(&[ends(NOW + 30 * DAY - 1)]), State::Expiring { days_left: 29 });
        assert_eq!(state_of(&[ends(NOW + DAY)]), State::Expiring { days_left: 1 });
        assert_eq!(state_of(&[ends(None)]), State::Valid);
    }

    #[test]
    fn whole_days_are_counted_while_the_license_is_good() {
        let days_left = |license| decide(&claim(&holder(&[license])), NOW).days_left(NOW);
        assert_eq!(days_left(ends(NOW + 40 * DAY + 5)), Some(40));
        assert_eq!(days_left(ends(NOW + DAY - 1)), Some(0));
        assert_eq!(days_left(ends(None)), None);
        assert_eq!(days_left(ends(NOW - DAY)), None);
    }

    #[test]
    fn what_the_vendor_has_made_of_a_license_comes_before_its_date() {
        let ended = NOW - 9;
        assert_eq!(state_of(&[standing(Standing::Refunded, ended)]), State::Refunded);
        for at in [Some(5), None] {
            assert_eq!(state_of(&[standing(Standing::Canceled { at }, ended)]), State::Canceled { at });
        }
        assert_eq!(state_of(&[standing(Standing::Suspended, ended)]), State::Suspended);
        assert_eq!(state_of(&[standing(Standing::Suspended, None)]), State::Suspended);
    }

    #[test]
    fn the_best_of_several_licenses_counts() {
        assert_eq!(state_of(&[ends(NOW - 9), ends(NOW + 90 * DAY), ends(NOW + 9)]), State::Valid);
        assert_eq!(state_of(&[ends(NOW - 9), ends(None)]), State::Valid);
        assert_eq!(state_of(&[standing(Standing::Refunded, None), ends(NOW + 9)]), {
            State::Expiring { days_left: 0 }
        });
    }

    #[test]
    fn of_licenses_that_are_all_over_the_last_one_speaks() {
        assert_eq!(state_of(&[ends(NOW - 9), ends(NOW - 5)]), State::Expired { at: NOW - 5 });
        let refunded = standing(Standing::Refunded, NOW + DAY);
        assert_eq!(state_of(&[refunded, ends(NOW - 5)]), State::Refunded);
        let verdict = decide(&claim(&holder(&[refunded])), NOW);
        assert_eq!(verdict.expires_at, Some(NOW + DAY));
    }

    #[test]
    fn a_release_from_before_the_end_stays_its_holders_where_the_product_says_so() {
        let holder = holder(&[ends(NOW - 9)]);
        let state =
            |released_at| decide(&Claim { kept_if_released_at: released_at, ..claim(&holder) }, NOW).state;
        assert_eq!(state(Some(NOW - 10)), State::KeptRelease);
        assert_eq!(state(Some(NOW - 9)), State::Expired { at: NOW - 9 });
        assert_eq!(state(None), State::Expired { at: NOW - 9 });
    }

    #[test]
    fn a_refunded_license_keeps_no_release() {
        let holder = holder(&[standing(Standing::Refunded, NOW - 9)]);
        let claim = Claim { kept_if_released_at: Some(1), ..claim(&holder) };
        assert_eq!(decide(&claim, NOW).state, State::Refunded);
    }

    #[test]
    fn an_ended_license_that_covers_the_release_beats_a_later_one_that_was_refunded() {
        let holder = holder(&[ends(NOW - 9), standing(Standing::Refunded, NOW + DAY)]);
        let claim = Claim { kept_if_released_at: Some(NOW - 10), ..claim(&holder) };
        assert_eq!(decide(&claim, NOW).state, State::KeptRelease);
    }

    #[test]
    fn no_key_is_another_matter_than_a_wrong_one() {
        let nobody =
            Claim { has_key: false, key: None, email: None, holder: None, kept_if_released_at: None };
        assert_eq!(decide(&nobody, NOW).state, State::Missing);
        assert_eq!(decide(&Claim { has_key: true, ..nobody }, NOW).state, State::Invalid);
    }

    #[test]
    fn a_genuine_key_of_a_user_who_is_gone_is_invalid() {
        let holder = holder(&[]);
        let claim = Claim { holder: None, ..claim(&holder) };
        assert_eq!(decide(&claim, NOW).state, State::Invalid);
    }

    #[test]
    fn a_mail_address_that_is_not_the_holders_makes_the_key_invalid() {
        let holder = holder(&[ends(None)]);
        let wrong = Claim { email: Some("eve@example.org"), ..claim(&holder) };
        assert_eq!(decide(&wrong, NOW).state, State::Invalid);
        let right = Claim { email: Some("ADA@example.org"), ..claim(&holder) };
        assert_eq!(decide(&right, NOW).state, State::Valid);
    }

    #[test]
    fn a_mail_address_counts_for_keys_of_other_groups_as_well() {
        let holder = holder(&[ends(None)]);
        let other = KnownKey { scope: KeyScope::Other, ..KEY };
        let claim = Claim { key: Some(other), email: Some("eve@example.org"), ..claim(&holder) };
        assert_eq!(decide(&claim, NOW).state, State::Invalid);
    }

    #[test]
    fn a_key_for_another_group_does_not_cover_this_one() {
        let holder = holder(&[ends(None)]);
        let other = Claim { key: Some(KnownKey { scope: KeyScope::Other, ..KEY }), ..claim(&holder) };
        assert_eq!(decide(&other, NOW).state, State::NotCovered);
    }

    #[test]
    fn a_user_without_a_license_for_the_group_is_not_covered() {
        assert_eq!(state_of(&[]), State::NotCovered);
    }

    #[test]
    fn a_key_that_was_reset_is_invalid_and_its_successor_is_good() {
        let holder = Holder { serial: 1, ..holder(&[ends(None)]) };
        assert_eq!(decide(&claim(&holder), NOW).state, State::Invalid);
        let successor = Claim { key: Some(KnownKey { serial: Some(1), ..KEY }), ..claim(&holder) };
        assert_eq!(decide(&successor, NOW).state, State::Valid);
    }

    #[test]
    fn an_imported_key_has_no_serial_to_compare() {
        let holder = Holder { serial: 7, ..holder(&[ends(None)]) };
        let imported = Claim { key: Some(KnownKey { serial: None, ..KEY }), ..claim(&holder) };
        assert_eq!(decide(&imported, NOW).state, State::Valid);
    }

    #[test]
    fn only_a_known_key_learns_of_a_license() {
        assert!(!State::Missing.is_of_known_key() && !State::Invalid.is_of_known_key());
        assert!(State::NotCovered.is_of_known_key() && State::Refunded.is_of_known_key());
    }
}
