//! Points in time as people and other systems write them, and as commands print them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Unix seconds of a date (its first second in UTC), of a date and time (in UTC), or of a timestamp with an offset; nothing
/// for anything else. `2027-01-31`, `2027-01-31 12:00:00` and `2027-01-31T12:00:00+01:00` are all fine.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let of_civil =
        || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>().ok().or_else(of_civil).map(Timestamp::as_second)
}

/// The form that commands print: RFC 3339, in UTC.
pub(crate) fn print(unix_seconds: i64) -> String {
    match Timestamp::from_second(unix_seconds) {
        Ok(time) => time.to_string(),
        Err(_) => "at a time out of range".to_owned(),
    }
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
            ("2027-01-31", Some(1_801_353_600)),
            ("2027-01-31T00:00:01Z", Some(1_801_353_601)),
            ("2027-01-31 00:00:01", Some(1_801_353_601)),
            ("2027-01-31T01:00:01+01:00", Some(1_801_353_601)),
            ("2027-02-30", None),
            ("31.01.2027", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_time_is_printed_as_rfc_3339_says() {
        assert_eq!(print_or_never(Some(1_801_353_600)), "2027-01-31T00:00:00Z");
        assert_eq!(print_or_never(None), "never");
        assert_eq!(print(i64::MAX), "at a time out of range");
    }
}
