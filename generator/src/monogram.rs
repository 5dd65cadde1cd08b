//! What stands in for a product without an icon: the first letters of its name on one of twelve colors.

use bandari_catalog::names::ProductId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use unicode_segmentation::UnicodeSegmentation;

/// How many colors there are; which, the style sheet says.
const HUES: u8 = 12;

/// For a name without any letter.
const NO_LETTER: &str = "•";

/// Stands in for an icon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Monogram {
    /// One or two letters as people see them, each of one or more characters.
    pub(crate) letters: String,
    /// 0 to 11.
    pub(crate) hue: u8,
}

/// The monogram of a product: the color is always that of its id, whatever becomes of its name.
pub(crate) fn monogram(id: &ProductId, name: &str) -> Monogram {
    let letters: String = letters(name).take(2).collect();
    let letters = if letters.is_empty() { NO_LETTER.to_owned() } else { letters };
    Monogram { letters, hue: Sha256::digest(id.as_str())[0] % HUES }
}

/// The first letter of a name, as a capital.
pub(crate) fn first_letter(name: &str) -> String {
    letters(name).next().unwrap_or_else(|| NO_LETTER.to_owned())
}

/// The first letter or digit of each word, as a capital. Underscores part words, as in the names of extensions.
fn letters(name: &str) -> impl Iterator<Item = String> {
    let words = name.split('_').flat_map(UnicodeSegmentation::unicode_words);
    words
        .filter_map(|word| word.graphemes(true).find(|letter| letter.starts_with(char::is_alphanumeric)))
        .map(capital)
}

/// Of what becomes several letters the first: `ß` is `SS`. Georgian capitals are for whole texts, and few fonts have them.
fn capital(letter: &str) -> String {
    let capital = letter.to_uppercase();
    if capital.contains(|c| ('\u{1c90}'..='\u{1cbf}').contains(&c)) {
        return letter.to_owned();
    }
    capital.graphemes(true).next().unwrap_or(letter).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters_of(name: &str) -> String {
        monogram(&ProductId::parse("tides").unwrap(), name).letters
    }

    #[test]
    fn the_first_letters_of_the_first_two_words_are_the_monogram() {
        for (name, letters) in [
            ("Lighthouse", "L"),
            ("Opening Hours Pro", "OH"),
            ("plg_system_lighthouse", "PS"),
            ("ReDJ – the redirector", "RT"),
            ("JoomGallery 3.1", "J3"),
            ("  «tide»  ", "T"),
            ("ßtraße", "S"),
            ("ǆ", "Ǆ"),
            ("élan vital", "ÉV"),
            ("e\u{301}lan", "E\u{301}"),
            ("🚢 Harbor", "H"),
            ("Гавань моря", "ГМ"),
            ("हिन्दी भाषा", "हिभा"),
            ("მენიუ", "მ"),
            ("港口", "港口"),
        ] {
            assert_eq!(letters_of(name), letters, "{name}");
        }
    }

    #[test]
    fn a_name_without_letters_has_a_dot() {
        for name in ["", " ", "🚢", "👩\u{200d}🚀", "—", "<>&"] {
            assert_eq!(letters_of(name), "•", "{name}");
        }
    }

    #[test]
    fn the_hue_is_that_of_the_id() {
        let of = |id: &str, name| monogram(&ProductId::parse(id).unwrap(), name).hue;
        assert_eq!(of("tides", "Tides"), of("tides", "Water"));
        let hues: std::collections::BTreeSet<u8> = (0..200).map(|n| of(&format!("p{n}"), "")).collect();
        assert_eq!(hues, (0..12).collect());
    }
}
