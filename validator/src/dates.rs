//! Points in time as people and other systems write them, and as commands print them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Unix seconds of a date (its first second in UTC), of a date and time (in UTC), or of a timestamp with an offset:
/// `2027-01-31`, `2027-01-31 12:00:00` and `2027-01-31T12:00:00+01:00` are all fine. The last day of the year 9999, which stands
/// for never in many tables, is past the last [`Timestamp`] and means that.
///
/// # Errors
/// What was found and what was expected, as part of a sentence.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    let last = TimeZone::UTC.to_datetime(Timestamp::MAX);
    let of_civil = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?.min(last)).ok();
    let time = text.parse::<Timestamp>().ok().or_else(of_civil);
    time.map(Timestamp::as_second).ok_or_else(|| {
        let no_such_day = if is_no_day(text) { ", but there is no such day" } else { "" };
        format!("found `{}`{no_such_day}, expected a date such as 2027-01-31", text.escape_debug())
    })
}

/// Whether it begins as dates do, and is none: `2027-02-30`.
fn is_no_day(text: &str) -> bool {
    let Some(day) = text.get(..10) else { return false };
    let has_form = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    has_form && day.parse::<Date>().is_err()
}

/// The form that commands print: RFC 3339, in UTC.
pub(crate) fn print(unix_seconds: i64) -> String {
    match Timestamp::from_second(unix_seconds) {
        Ok(time) => time.to_string(),
        Err(_) => "at a time out of range".to_owned(),
    }
}

/// The same for a time that cannot lie before 1970.
pub(crate) fn print_unsigned(unix_seconds: u64) -> String {
    print(i64::try_from(unix_seconds).unwrap_or(i64::MAX))
}

/// The same for an end; nothing means never.
pub(crate) fn print_or_never(unix_seconds: Option<i64>) -> String {
    unix_seconds.map_or_else(|| "never".to_owned(), print)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_its_first_second_in_utc() {
        for (text, expected) in [
            ("2027-01-31", 1_801_353_600),
            ("2027-01-31T00:00:01Z", 1_801_353_601),
            ("2027-01-31 00:00:01", 1_801_353_601),
            ("2027-01-31T01:00:01+01:00", 1_801_353_601),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_last_day_that_databases_know_is_a_day_that_can_be_printed() {
        for text in
            ["9999-12-31", "9999-12-31 23:59:59", "9999-12-31 23:59:59+00", "9999-12-31T23:59:59+00:00"]
        {
            assert_eq!(parse(text).map(print), Ok("9999-12-30T22:00:00Z".to_owned()), "{text}");
        }
        assert!(parse("10000-01-01").is_err());
    }

    #[test]
    fn a_day_that_is_none_and_what_is_no_date_are_told_apart() {
        for text in ["2027-02-30", "2027-13-45", "2027-13-45 12:00:00"] {
            assert_eq!(
                parse(text),
                Err(format!("found `{text}`, but there is no such day, expected a date such as 2027-01-31"))
            );
        }
        for text in ["31.01.2027", "soon", "", "2027-01-31 25:00:00", "2027-1-31"] {
            assert_eq!(parse(text), Err(format!("found `{text}`, expected a date such as 2027-01-31")));
        }
    }

    #[test]
    fn a_time_is_printed_as_rfc_3339_says() {
        assert_eq!(print_or_never(Some(1_801_353_600)), "2027-01-31T00:00:00Z");
        assert_eq!(print_or_never(None), "never");
        assert_eq!(print(i64::MAX), "at a time out of range");
    }
}
