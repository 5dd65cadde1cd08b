//! What people read when a download is refused, each text in one place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::decision::{State, Verdict};

/// A download without a package's id.
pub(crate) const NO_PACKAGE: &str = "The address names no package.";

/// A package that the catalog does not list.
pub(crate) const UNKNOWN_PACKAGE: &str = "There is no package with this name.";

/// A package that the vendor took back.
pub(crate) fn withdrawn(product: &str) -> String {
    format!("{product}: this release was withdrawn. Please take another one.")
}

/// The license store does not answer.
pub(crate) const STORE_AWAY: &str =
    "The license check is not available just now. Please try again in a minute.";

/// One sentence or two for the person behind the request; `product` is a name for people.
pub(crate) fn refusal(product: &str, verdict: &Verdict) -> String {
    match verdict.state {
        State::Missing => format!(
            "{product}: no download key is stored for this site. Enter it in Joomla under System → Update Sites."
        ),
        State::Invalid => {
            format!("{product}: the download key is not valid. Compare it with the one in your account.")
        }
        State::Expired { at } => match date(at) {
            Some(date) => format!("{product}: your license expired on {date}. Renew it to get this update."),
            None => format!("{product}: your license expired. Renew it to get this update."),
        },
        _ => format!("{product}: your license does not include this package."),
    }
}

/// `31 January 2027`, in UTC.
fn date(unix_seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(unix_seconds).ok()?.to_zoned(TimeZone::UTC);
    Some(time.strftime("%-d %B %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_product_stands_in_front_and_the_date_is_one_that_people_read() {
        assert_eq!(
            refusal(
                "Dockyard",
                &Verdict { state: State::Expired { at: 1_801_353_600 }, expires_at: Some(1_801_353_600) }
            ),
            "Dockyard: your license expired on 31 January 2027. Renew it to get this update."
        );
    }
}
