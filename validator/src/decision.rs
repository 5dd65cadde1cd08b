//! May this key have this package? One pure function; every status, code and sentence is derived from its answer, each in
//! one place.

use crate::email::EmailAddress;
use crate::license_key::KeyHolder;

/// The serial of a key that was never reset.
pub(crate) const FIRST_SERIAL: u32 = 0;

/// What the store knows of a user with respect to one group.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) email: EmailAddress,
    pub(crate) licenses: Vec<License>,
}

/// One license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct License {
    /// First second in which it is no longer good, in Unix seconds; nothing means never.
    pub(crate) expires_at: Option<i64>,
}

/// What is known of a request for something licensed. It holds a mail address as it came, so it has no `Debug`.
pub(crate) struct Claim<'c> {
    /// A key was sent.
    pub(crate) has_key: bool,
    /// What arithmetic says of the key: whose it is, and whether it is one of the group that is asked for.
    pub(crate) key: Option<(KeyHolder, KeyScope)>,
    /// The mail address that was sent with it.
    pub(crate) email: Option<&'c str>,
    /// What the store knows of the key's holder, for the key's own group.
    pub(crate) holder: Option<&'c Holder>,
}

/// What a genuine key opens, by arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyScope {
    /// The group that is asked for.
    Wanted,
    /// Another one.
    Other,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The download may begin.
    Allowed,
    /// It may not.
    Refused(Reason),
}

/// Why a download is refused, in the order of testing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No key was sent.
    Missing,
    /// The key is malformed, forged, mistyped or nobody's, or the mail address is not its holder's. All of these look the
    /// same from outside.
    Invalid,
    /// The holder's best license is over.
    Expired {
        /// Since when, in Unix seconds.
        at: i64,
    },
    /// A genuine key, but not for this group.
    NotCovered,
}

/// Decides at `now` (Unix seconds).
pub(crate) fn decide(claim: &Claim<'_>, now: i64) -> Decision {
    if !claim.has_key {
        return Decision::Refused(Reason::Missing);
    }
    let (Some((key, scope)), Some(holder)) = (claim.key, claim.holder) else {
        return Decision::Refused(Reason::Invalid);
    };
    let email_fits = claim.email.is_none_or(|email| holder.email.is_meant_by(email));
    if key.serial != FIRST_SERIAL || !email_fits {
        return Decision::Refused(Reason::Invalid);
    }
    match (scope, best(&holder.licenses)) {
        (KeyScope::Other, _) | (KeyScope::Wanted, None) => Decision::Refused(Reason::NotCovered),
        (KeyScope::Wanted, Some(License { expires_at: Some(at) })) if now >= at => {
            Decision::Refused(Reason::Expired { at })
        }
        (KeyScope::Wanted, Some(_)) => Decision::Allowed,
    }
}

/// The license by which a customer with several is judged: one without an end, else the one that ends last.
fn best(licenses: &[License]) -> Option<License> {
    licenses.iter().copied().max_by_key(|license| (license.expires_at.is_none(), license.expires_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const KEY: KeyHolder = KeyHolder { user: 1, serial: FIRST_SERIAL };

    fn holder(expiries: &[Option<i64>]) -> Holder {
        let licenses = expiries.iter().map(|&expires_at| License { expires_at }).collect();
        Holder { email: EmailAddress::parse("ada@example.org").unwrap(), licenses }
    }

    fn claim<'c>(holder: &'c Holder) -> Claim<'c> {
        Claim { has_key: true, key: Some((KEY, KeyScope::Wanted)), email: None, holder: Some(holder) }
    }

    fn decide_for(expiries: &[Option<i64>]) -> Decision {
        decide(&claim(&holder(expiries)), NOW)
    }

    #[test]
    fn a_license_is_good_until_the_second_it_ends() {
        assert_eq!(decide_for(&[Some(NOW + 1)]), Decision::Allowed);
        assert_eq!(decide_for(&[Some(NOW)]), Decision::Refused(Reason::Expired { at: NOW }));
    }

    #[test]
    fn the_best_of_several_licenses_counts() {
        assert_eq!(decide_for(&[Some(NOW - 9), Some(NOW + 9), Some(NOW - 5)]), Decision::Allowed);
        assert_eq!(decide_for(&[Some(NOW - 9), None]), Decision::Allowed);
        assert_eq!(
            decide_for(&[Some(NOW - 9), Some(NOW - 5)]),
            Decision::Refused(Reason::Expired { at: NOW - 5 })
        );
    }

    #[test]
    fn no_key_is_another_matter_than_a_wrong_one() {
        let nobody = Claim { has_key: false, key: None, email: None, holder: None };
        assert_eq!(decide(&nobody, NOW), Decision::Refused(Reason::Missing));
        assert_eq!(decide(&Claim { has_key: true, ..nobody }, NOW), Decision::Refused(Reason::Invalid));
    }

    #[test]
    fn a_genuine_key_of_a_user_who_is_gone_is_invalid() {
        let claim = Claim { has_key: true, key: Some((KEY, KeyScope::Wanted)), email: None, holder: None };
        assert_eq!(decide(&claim, NOW), Decision::Refused(Reason::Invalid));
    }

    #[test]
    fn a_mail_address_that_is_not_the_holders_makes_the_key_invalid() {
        let holder = holder(&[None]);
        let wrong = Claim { email: Some("eve@example.org"), ..claim(&holder) };
        assert_eq!(decide(&wrong, NOW), Decision::Refused(Reason::Invalid));
        let right = Claim { email: Some("ADA@example.org"), ..claim(&holder) };
        assert_eq!(decide(&right, NOW), Decision::Allowed);
    }

    #[test]
    fn a_key_for_another_group_does_not_cover_this_one() {
        let holder = holder(&[None]);
        let other = Claim { key: Some((KEY, KeyScope::Other)), ..claim(&holder) };
        assert_eq!(decide(&other, NOW), Decision::Refused(Reason::NotCovered));
    }

    #[test]
    fn a_user_without_a_license_for_the_group_is_not_covered() {
        assert_eq!(decide_for(&[]), Decision::Refused(Reason::NotCovered));
    }

    #[test]
    fn a_key_that_was_reset_is_invalid() {
        let holder = holder(&[None]);
        let reset = KeyHolder { serial: FIRST_SERIAL + 1, ..KEY };
        let claim = Claim { key: Some((reset, KeyScope::Wanted)), ..claim(&holder) };
        assert_eq!(decide(&claim, NOW), Decision::Refused(Reason::Invalid));
    }
}
