//! The number of a refusal: it is all of an answer that Joomla shows to a person ("Error connecting to the server: 403").

use hyper::StatusCode;
use serde::Deserialize;

use crate::decision::State;

/// How many numbers a vendor's customers see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalStatus {
    /// 403 for every reason, as Joomla's world expects.
    #[default]
    Uniform,
    /// Each reason its own, so that the number can be looked up.
    ByReason,
}

/// The status of a download that is not allowed. Numbers that tell of a license are for known keys only; every other key
/// gets 403.
pub(crate) fn status(state: State, how: RefusalStatus) -> StatusCode {
    if how == RefusalStatus::Uniform {
        return StatusCode::FORBIDDEN;
    }
    match state {
        State::Missing => StatusCode::UNAUTHORIZED,
        State::Expired { .. } => StatusCode::PAYMENT_REQUIRED,
        State::Canceled { .. } | State::Refunded => StatusCode::GONE,
        State::Suspended => StatusCode::LOCKED,
        State::Invalid | State::NotCovered => StatusCode::FORBIDDEN,
        // No refusals; the caller redirects. Should it ever not, nothing opens.
        State::Valid | State::Expiring { .. } | State::KeptRelease => StatusCode::FORBIDDEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSALS: [(State, u16); 7] = [
        (State::Missing, 401),
        (State::Invalid, 403),
        (State::Expired { at: 1 }, 402),
        (State::NotCovered, 403),
        (State::Canceled { at: Some(1) }, 410),
        (State::Refunded, 410),
        (State::Suspended, 423),
    ];

    #[test]
    fn each_reason_has_its_number_where_the_vendor_wants_it() {
        for (state, number) in REFUSALS {
            assert_eq!(status(state, RefusalStatus::ByReason), number, "{state:?}");
        }
    }

    #[test]
    fn every_refusal_is_a_403_otherwise() {
        for (state, _) in REFUSALS {
            assert_eq!(status(state, RefusalStatus::default()), 403, "{state:?}");
        }
    }
}
