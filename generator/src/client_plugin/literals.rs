//! How a value gets into a file of the plug-in: the filters `php` and `ini` of its templates, and what XML wants escaped. Each
//! value stays the same words, whatever is in it.

use std::io::{self, Write};

/// Joins two characters that mean something only side by side, and is never seen (Unicode Standard, section 23.2).
const WORD_JOINER: char = '\u{2060}';

/// A PHP literal in single quotes, in which only the quote and the backslash mean anything
/// (<https://www.php.net/manual/en/language.types.string.php>).
pub(crate) fn php(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Text for the double quotes of a value in a language file. Joomla 3.10 reads such files in PHP's normal mode, later ones in its raw
/// mode (`libraries/src/Language/LanguageHelper.php::parseIniFile`), fills some texts in by `sprintf`, turns `\n` into a line
/// end (`libraries/src/Language/Text.php`), and shows most of them as HTML. What would mean anything on that way is replaced by
/// a character that looks alike, so that a text is the same in all of them, escaped or not.
pub(crate) fn ini(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match c {
            '"' => written.push(if before.is_alphanumeric() || ".,;:!?)".contains(before) {
                '”'
            } else {
                '“'
            }),
            '\'' => written.push('’'),
            '<' => written.push('‹'),
            '>' => written.push('›'),
            '\\' => written.push('∖'),
            '%' => written.push('％'),
            c if c.is_control() => written.push(' '),
            c => written.push(c),
        }
        let next = chars.peek().copied().unwrap_or(' ');
        // An entity, and a value of PHP's configuration.
        if (c == '&' && (next.is_ascii_alphanumeric() || next == '#')) || (c == '$' && next == '{') {
            written.push(WORD_JOINER);
        }
        before = c;
    }
    written
}

/// Text and attributes of XML, in either kind of quotes (XML 1.0, section 2.4).
pub(crate) fn escape_xml(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = [0; 4];
    text.chars().try_for_each(|c| {
        out.write_all(match c {
            '&' => b"&amp;",
            '<' => b"&lt;",
            '>' => b"&gt;",
            '"' => b"&quot;",
            '\'' => b"&#39;",
            c => c.encode_utf8(&mut buffer).as_bytes(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_php_literal_ends_where_its_text_ends() {
        assert_eq!(php("Harbor Works"), "'Harbor Works'");
        assert_eq!(php("O'Hara"), r"'O\'Hara'");
        assert_eq!(php(r"a\"), r"'a\\'");
        assert_eq!(php(r"\'; die(); ?> ${x} {$y} Гавань ⚓"), r"'\\\'; die(); ?> ${x} {$y} Гавань ⚓'");
    }

    #[test]
    fn what_would_mean_anything_in_a_language_file_has_a_stand_in() {
        for (text, written) in [
            ("Smith & Sons; 100 €", "Smith & Sons; 100 €"),
            ("\"Sea\" \"and\" (\"sky\")", "“Sea” “and” (“sky”)"),
            ("O'Hara", "O’Hara"),
            ("<b>x</b>", "‹b›x‹/b›"),
            (r"C:\new\", "C:∖new∖"),
            ("100%s", "100％s"),
            ("AT&T &lt; &#60; &", "AT&\u{2060}T &\u{2060}lt; &\u{2060}#60; &"),
            ("${x} $5", "$\u{2060}{x} $5"),
            ("a\tb", "a b"),
        ] {
            assert_eq!(ini(text), written);
        }
    }

    #[test]
    fn xml_is_escaped_for_both_kinds_of_quotes_and_addresses_stay_as_they_are() {
        let escaped = |text: &str| {
            let mut out = Vec::new();
            escape_xml(text, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            escaped("<a b='c' d=\"e\">&amp; ⚓"),
            "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp; ⚓"
        );
        assert_eq!(escaped("https://u.example/a/b"), "https://u.example/a/b");
    }
}
