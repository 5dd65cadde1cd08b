//! What other systems call the state of a license: in the files that are imported, and in the tables of a Joomla site.

use crate::store::LicenseState;

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    State(LicenseState),
    /// Ended by its date.
    Expired,
}

/// The words that shops and license servers use: Easy Digital Downloads, Lemon Squeezy, Gumroad, Keygen, WooCommerce.
const STATE_WORDS: [(Named, &[&str]); 5] = [
    (Named::State(LicenseState::Active), &["active", "valid"]),
    (Named::State(LicenseState::Canceled), &["canceled", "cancelled"]),
    (Named::State(LicenseState::Refunded), &["refunded", "chargebacked", "disputed"]),
    (
        Named::State(LicenseState::Suspended),
        &["suspended", "disabled", "revoked", "banned", "on_hold", "blocked"],
    ),
    (Named::Expired, &["expired", "subscription_ended"]),
];

impl Named {
    /// Case does not matter, nor whether parts are joined by a blank, `-` or `_`.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase().replace(['-', ' '], "_");
        STATE_WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(named, _)| *named)
    }

    /// All words, for messages.
    pub(crate) fn known() -> String {
        let words = STATE_WORDS.iter().flat_map(|(_, words)| *words);
        words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_every_case_and_however_it_is_joined() {
        for word in ["on_hold", "On-Hold", "ON HOLD"] {
            assert_eq!(Named::of(word), Some(Named::State(LicenseState::Suspended)), "{word}");
        }
        for word in ["", "paid", "1", "act ive"] {
            assert_eq!(Named::of(word), None, "{word}");
        }
    }
}
