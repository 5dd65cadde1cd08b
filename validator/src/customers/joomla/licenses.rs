//! From what a Joomla site says of a user to the licenses that the decision knows. Pure.
//!
//! | the group has | the user | is known to have |
//! |---|---|---|
//! | user groups alone | is a member | one license without an end |
//! | | is none | none |
//! | a query, too | is a member, and it has rows | what the rows say |
//! | | is a member, and it has no row | one license without an end |
//! | | is none | of the rows those that are over: they tell the reason, and releases may stay with who has one that has expired |
//! | a query alone | | what the rows say |
//!
//! All that a blocked account has is suspended.

use jiff::Timestamp;

use crate::dates;
use crate::decision::{License, Standing};
use crate::state_word::Named;
use crate::store::LicenseState;

/// Words for a license that never came about: it does not count.
const NO_LICENSE: [&str; 3] = ["missing", "invalid", "not_found"];

/// How MySQL shows a date that is none, with or without a time (`NO_ZERO_DATE` of its manual).
const NO_DATE: &str = "0000-00-00";

/// A date that never comes (PostgreSQL, "Date/Time Types", special values).
const INFINITY: &str = "infinity";

/// Whether a user is in one of a group's user groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    Member,
    NoMember,
    /// The group has no user groups.
    NotAsked,
}

/// What a query for licenses gave for one of them.
pub(super) struct LicenseRow<'r> {
    pub(super) state: Option<&'r str>,
    pub(super) expires: Option<&'r str>,
    pub(super) canceled: Option<&'r str>,
}

/// What somebody holds at `now` (Unix seconds); `rows` are nothing where there is no query.
///
/// # Errors
/// The column that cannot be read, and what was expected of it. The content is not shown: nobody knows what it is.
pub(super) fn held(
    membership: Membership,
    rows: Option<&[LicenseRow<'_>]>,
    is_blocked: bool,
    now: i64,
) -> Result<Vec<License>, String> {
    let without_end = License { standing: Standing::Active, expires_at: None };
    let rows = rows.unwrap_or_default();
    let mut licenses = match (membership, rows) {
        (Membership::Member, []) => vec![without_end],
        _ => rows.iter().filter_map(|row| license(row, now).transpose()).collect::<Result<_, _>>()?,
    };
    if membership == Membership::NoMember {
        // Leaving the group ends the right, whatever else is there. Shops take out of the group whose subscription has ended, so
        // what the vendor leaves to holders of expired licenses is left to them.
        licenses.retain(|license| is_over(license, now));
    }
    if is_blocked {
        for license in &mut licenses {
            license.standing = Standing::Suspended;
        }
    }
    Ok(licenses)
}

fn is_over(license: &License, now: i64) -> bool {
    license.standing != Standing::Active || license.expires_at.is_some_and(|end| end <= now)
}

/// A row as the decision knows it; nothing for one that does not count.
fn license(row: &LicenseRow<'_>, now: i64) -> Result<Option<License>, String> {
    let word = row.state.unwrap_or_default().trim();
    if NO_LICENSE.iter().any(|none| none.eq_ignore_ascii_case(word)) {
        return Ok(None);
    }
    let named = Named::of(word)
        .ok_or_else(|| format!("column `state`: found something else, expected one of {}", Named::known()))?;
    let expires_at = moment("expires", row.expires)?;
    let standing = match named {
        Named::State(LicenseState::Active) => Standing::Active,
        Named::State(LicenseState::Canceled) => Standing::Canceled { at: moment("canceled", row.canceled)? },
        Named::State(LicenseState::Refunded) => Standing::Refunded,
        Named::State(LicenseState::Suspended | LicenseState::Revoked) => Standing::Suspended,
        Named::Expired if expires_at.is_some_and(|end| end <= now) => Standing::Active,
        // Over before its date, or without one: somebody ended it. A date that nobody knows is not made up.
        Named::Expired => Standing::Canceled { at: None },
    };
    Ok(Some(License { standing, expires_at }))
}

/// Unix seconds of a date, of a date and time, or of Unix seconds; nothing for never.
fn moment(column: &str, text: Option<&str>) -> Result<Option<i64>, String> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() || text.starts_with(NO_DATE) || text == INFINITY {
        return Ok(None);
    }
    let at = unix_seconds(text).or_else(|| dates::parse(text).ok());
    at.map(Some).ok_or_else(|| {
        format!("column `{column}`: found no date, expected one such as 2027-01-31 or Unix seconds")
    })
}

/// Whole seconds of a number, which may have a fraction (`EXTRACT(EPOCH FROM …)` of PostgreSQL). Nothing for one that is past
/// the year 9999: milliseconds, or a date without its strokes, would be a license that never ends.
fn unix_seconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = seconds.parse().ok().filter(|_| is_number(seconds) && is_number(fraction))?;
    Timestamp::from_second(seconds).ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15 08:00, whatever it is.
    const NOW: i64 = 1_800_000_000;
    const LATER: &str = "2027-01-31 00:00:00";
    const LATER_SECONDS: i64 = 1_801_353_600;
    const EARLIER: &str = "2026-01-31 00:00:00";
    const EARLIER_SECONDS: i64 = 1_769_817_600;

    fn row<'r>(state: &'r str, expires: &'r str) -> LicenseRow<'r> {
        LicenseRow { state: Some(state), expires: Some(expires), canceled: Some(EARLIER) }
    }

    fn of(standing: Standing, expires_at: Option<i64>) -> License {
        License { standing, expires_at }
    }

    fn active(expires_at: impl Into<Option<i64>>) -> License {
        of(Standing::Active, expires_at.into())
    }

    fn by_rows(rows: &[LicenseRow<'_>]) -> Vec<License> {
        held(Membership::NotAsked, Some(rows), false, NOW).unwrap()
    }

    #[test]
    fn members_hold_a_license_without_an_end_and_nobody_else_any() {
        assert_eq!(held(Membership::Member, None, false, NOW), Ok(vec![active(None)]));
        assert_eq!(held(Membership::NoMember, None, false, NOW), Ok(vec![]));
    }

    #[test]
    fn a_member_without_a_row_holds_a_license_without_an_end() {
        assert_eq!(held(Membership::Member, Some(&[]), false, NOW), Ok(vec![active(None)]));
        let rows = [row("active", LATER)];
        assert_eq!(held(Membership::Member, Some(&rows), false, NOW), Ok(vec![active(LATER_SECONDS)]));
        // There is a row, only that it never became a license.
        assert_eq!(held(Membership::Member, Some(&[row("not_found", "")]), false, NOW), Ok(vec![]));
    }

    #[test]
    fn who_left_the_group_has_no_license_but_a_reason() {
        let rows = [
            row("active", LATER),
            row("active", ""),
            row("active", EARLIER),
            row("refunded", LATER),
            row("suspended", ""),
            row("canceled", ""),
        ];
        assert_eq!(
            held(Membership::NoMember, Some(&rows), false, NOW),
            Ok(vec![
                active(EARLIER_SECONDS),
                of(Standing::Refunded, Some(LATER_SECONDS)),
                of(Standing::Suspended, None),
                of(Standing::Canceled { at: Some(EARLIER_SECONDS) }, None),
            ])
        );
    }

    #[test]
    fn without_user_groups_rows_alone_decide() {
        assert_eq!(by_rows(&[row("active", LATER)]), [active(LATER_SECONDS)]);
        assert_eq!(by_rows(&[]), []);
    }

    #[test]
    fn whatever_a_blocked_account_has_is_suspended() {
        let suspended = of(Standing::Suspended, None);
        assert_eq!(held(Membership::Member, None, true, NOW), Ok(vec![suspended]));
        let rows = [row("active", LATER), row("refunded", "")];
        assert_eq!(
            held(Membership::NotAsked, Some(&rows), true, NOW),
            Ok(vec![of(Standing::Suspended, Some(LATER_SECONDS)), suspended])
        );
        assert_eq!(held(Membership::NoMember, None, true, NOW), Ok(vec![]));
    }

    #[test]
    fn words_of_shops_are_understood() {
        for (word, standing) in [
            ("Active", Standing::Active),
            (" valid ", Standing::Active),
            ("cancelled", Standing::Canceled { at: Some(EARLIER_SECONDS) }),
            ("chargebacked", Standing::Refunded),
            ("on-hold", Standing::Suspended),
            ("disabled", Standing::Suspended),
            ("revoked", Standing::Suspended),
        ] {
            assert_eq!(by_rows(&[row(word, "")]), [of(standing, None)], "{word}");
        }
        for word in ["missing", "Invalid", "not_found"] {
            assert_eq!(by_rows(&[row(word, "")]), [], "{word}");
        }
    }

    #[test]
    fn an_expired_license_never_opens_anything_whatever_its_date() {
        assert_eq!(by_rows(&[row("expired", EARLIER)]), [active(EARLIER_SECONDS)]);
        let ended = Standing::Canceled { at: None };
        assert_eq!(by_rows(&[row("expired", LATER)]), [of(ended, Some(LATER_SECONDS))]);
        assert_eq!(by_rows(&[row("subscription_ended", "")]), [of(ended, None)]);
    }

    #[test]
    fn dates_come_in_every_form_that_databases_give_them() {
        for (text, expected) in [
            ("2027-01-31 00:00:00", Some(LATER_SECONDS)),
            ("2027-01-31 00:00:00.000000", Some(LATER_SECONDS)),
            ("2027-01-31 00:00:00+00", Some(LATER_SECONDS)),
            ("2027-01-31 01:00:00+01", Some(LATER_SECONDS)),
            ("2027-01-31", Some(LATER_SECONDS)),
            ("1801353600", Some(LATER_SECONDS)),
            ("1801353600.000000", Some(LATER_SECONDS)),
            // As never is written where a column takes no NULL.
            ("9999-12-31 23:59:59", Some(253_402_207_200)),
            ("0", Some(0)),
            ("", None),
            ("0000-00-00", None),
            ("0000-00-00 00:00:00", None),
            ("infinity", None),
        ] {
            assert_eq!(moment("expires", Some(text)), Ok(expected), "{text}");
        }
        assert_eq!(moment("expires", None), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_the_column_and_not_the_content() {
        let paid = row("paid by ada@example.org", "");
        let error = held(Membership::NotAsked, Some(&[paid]), false, NOW).unwrap_err();
        assert!(
            error.starts_with("column `state`: found something else, expected one of `active`, "),
            "{error}"
        );
        assert!(!error.contains("ada"), "{error}");
        let state = LicenseRow { state: None, expires: None, canceled: None };
        assert!(held(Membership::Member, Some(&[state]), false, NOW).is_err());
        for (state, expires, canceled, column) in [
            ("active", "soon", "", "expires"),
            ("active", "2027-02-30", "", "expires"),
            ("active", "-infinity", "", "expires"),
            // Milliseconds, and a date and time as MySQL's numbers.
            ("active", "1801353600000", "", "expires"),
            ("active", "20270131000000", "", "expires"),
            ("active", "1801353600.", "", "expires"),
            ("active", "1.8e9", "", "expires"),
            ("active", "+1801353600", "", "expires"),
            ("canceled", "", "99999999999999999999", "canceled"),
        ] {
            let row = LicenseRow { state: Some(state), expires: Some(expires), canceled: Some(canceled) };
            assert_eq!(
                held(Membership::NotAsked, Some(&[row]), false, NOW),
                Err(format!(
                    "column `{column}`: found no date, expected one such as 2027-01-31 or Unix seconds"
                ))
            );
        }
    }

    #[test]
    fn one_row_that_cannot_be_read_spoils_the_others() {
        assert!(held(Membership::Member, Some(&[row("active", ""), row("?", "")]), false, NOW).is_err());
    }
}
