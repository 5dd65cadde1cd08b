//! Texts of strangers as they may be printed: they steer no terminal, hide nothing and turn no letters around.

use std::borrow::Cow;

/// Most of a value that is repeated. The longest that a vendor may want to see is a list of file names; a manifest's attribute
/// may have a megabyte.
const MAX_SHOWN_CHARS: usize = 500;

/// A text in a sentence: fit to be printed, and of a long one only the beginning.
pub(crate) fn shown(text: &str) -> String {
    visible(&shortened(text))
}

/// A value as it is, told apart from our own words.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}

/// The text, or the beginning of a long one and how long it is.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        None => Cow::Borrowed(text),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()).into(),
    }
}

/// The whole text, with what is not seen and yet does something written as escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_mark(c) { visible.extend(c.escape_default()) } else { visible.push(c) }
    }
    visible
}

/// Marks that change the direction of what follows (UAX 9, section 2), have no width, or separate lines and paragraphs. To
/// Unicode they are no control characters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_told_by_its_beginning() {
        assert_eq!(shortened(&"ä".repeat(500)), "ä".repeat(500));
        assert_eq!(shortened(&"ä".repeat(501)), format!("{}… (501 characters)", "ä".repeat(500)));
    }

    #[test]
    fn a_text_cannot_steer_a_terminal() {
        assert_eq!(quoted("\u{1b}]0;x\u{7}\r\n"), r"`\u{1b}]0;x\u{7}\r\n`");
        assert_eq!(quoted("a\u{202e}b"), r"`a\u{202e}b`");
        assert_eq!(visible("Ebbe & Flut – „Gezeiten“"), "Ebbe & Flut – „Gezeiten“");
    }
}
