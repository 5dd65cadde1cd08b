//! `[theme]` of `bandari.toml`: the look of the pages. What is made of it, [`crate::theme`] says.

use palette::Srgb;
use serde::Deserialize;

use crate::error::{Flaw, wrong_value};
use crate::image::ImagePath;

/// Longest list of fonts: browsers take the first that they have, and nobody needs a tenth one.
const MAX_FONT_CHARS: usize = 500;

/// Words that stand for no font of that name and lose their meaning in quotes: the generic families of CSS Fonts 4, and the
/// two by which older browsers know the font of their system.
const FONT_WORDS: [&str; 14] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "math",
    "emoji",
    "-apple-system",
    "BlinkMacSystemFont",
];

/// The table as written; keys that it does not know are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTheme {
    accent: Option<String>,
    font: Option<String>,
    logo: Option<String>,
}

/// The look of the pages, where the vendor says anything about it.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    /// The color of links and buttons, as the vendor has it.
    pub(crate) accent: Option<Srgb<u8>>,
    /// The value of `font-family`, fit to stand in a style sheet.
    pub(crate) font: Option<String>,
    /// Below the folder of the configuration.
    pub(crate) logo: Option<ImagePath>,
}

impl Theme {
    pub(super) fn new(file: FileTheme) -> Result<Self, Flaw> {
        Ok(Self {
            accent: file.accent.map(|text| accent(&text)).transpose()?,
            font: file.font.map(|text| font(&text)).transpose()?,
            logo: file.logo.map(|text| ImagePath::parse("logo", &text)).transpose()?,
        })
    }
}

fn accent(text: &str) -> Result<Srgb<u8>, Flaw> {
    let digits = text.strip_prefix('#').filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    let color = digits.and_then(|digits| digits.parse().ok());
    color.ok_or_else(|| wrong_value("accent", text, "a color such as `#0b57a4` or `#05a`"))
}

/// Names come out in quotes, whatever they went in with: in them a letter or digit is never part of the style sheet.
fn font(text: &str) -> Result<String, Flaw> {
    let names = text.split(',').map(|name| font_name(name.trim())).collect::<Option<Vec<_>>>();
    let names = names.filter(|_| text.chars().count() <= MAX_FONT_CHARS);
    let expected = "names of fonts such as `Georgia, serif`, with commas between them, of letters, digits, blanks and `-_.`";
    names.map(|names| names.join(",")).ok_or_else(|| wrong_value("font", text, expected))
}

fn font_name(name: &str) -> Option<String> {
    if let Some(word) = FONT_WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(name)) {
        return Some(word.to_owned());
    }
    let quoted = |quote| name.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(name);
    let is_good = |c: char| c.is_alphanumeric() || " -_.".contains(c);
    (name.chars().any(char::is_alphanumeric) && name.chars().all(is_good)).then(|| format!("\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_theme_leaves_out_is_ours_and_what_it_says_is_checked() {
        let theme = |text: &str| {
            let file = toml::from_str(text).map_err(|error| error.to_string());
            file.and_then(|file| Theme::new(file).map_err(|flaw| flaw.to_string()))
        };
        let good = theme("accent = '#05a'\nlogo = 'art/logo.PNG'").unwrap();
        assert_eq!((good.accent, good.font), (Some(Srgb::new(0x00, 0x55, 0xaa)), None));
        assert!(good.logo.is_some_and(|logo| logo.as_path().ends_with("art/logo.PNG")));
        for (line, told) in [
            ("accent = 'blue'", "found `accent = \"blue\"`, expected a color such as"),
            ("font = 'a;b'", "found `font = \"a;b\"`, expected names of fonts such as"),
            ("logo = '../logo.svg'", "found `logo = \"../logo.svg\"`, expected the path of an svg"),
            ("acent = '#05a'", "unknown field `acent`, expected one of `accent`, `font`, `logo`"),
        ] {
            let error = theme(line).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn an_accent_has_three_or_six_digits() {
        assert_eq!(accent("#0b57A4"), Ok(Srgb::new(0x0b, 0x57, 0xa4)));
        assert_eq!(accent("#05a"), Ok(Srgb::new(0x00, 0x55, 0xaa)));
        for wrong in
            ["", "#", "0b57a4", "#0b57a", "#0b57a4ff", "##0b57a", "#0g57a4", "#öä", "blue", "#000;}", " #000"]
        {
            assert_eq!(
                accent(wrong).unwrap_err().to_string(),
                format!("found `accent = {wrong:?}`, expected a color such as `#0b57a4` or `#05a`")
            );
        }
    }

    #[test]
    fn names_of_fonts_are_quoted_and_generic_families_are_not() {
        for (text, css) in [
            ("Georgia, serif", "\"Georgia\",serif"),
            ("'Source Sans 3' , \"Noto Sans\",SANS-SERIF", "\"Source Sans 3\",\"Noto Sans\",sans-serif"),
            ("-apple-system, BlinkMacSystemFont", "-apple-system,BlinkMacSystemFont"),
            ("inherit", "\"inherit\""),
            ("游ゴシック, St. Øyvind_2", "\"游ゴシック\",\"St. Øyvind_2\""),
        ] {
            assert_eq!(font(text).as_deref(), Ok(css));
        }
    }

    #[test]
    fn a_font_that_could_end_its_declaration_is_refused() {
        for wrong in [
            "",
            " ",
            "Georgia,",
            ",",
            "a;b",
            "a}b{",
            "a\"b",
            "'a\"",
            "\"a\\\"",
            "a\\62",
            "a/*",
            "</style>",
            "url(a)",
            "a\nb",
            "a!important",
            "''",
            "-",
        ] {
            let told = font(wrong).unwrap_err().to_string();
            assert!(
                told.starts_with(&format!("found `font = {wrong:?}`, expected names of fonts such as")),
                "{told}"
            );
        }
        assert!(font(&"a".repeat(500)).is_ok() && font(&"a".repeat(501)).is_err());
    }
}
