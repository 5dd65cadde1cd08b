//! Tags of the languages of pages, such as `de` or `pt-BR`: each names a file with texts and, but for the main language, a
//! folder of the site.

use std::fmt;

use crate::collect::is_reserved;
use crate::error::{Flaw, wrong_value};
use crate::rules::Code;

/// A tag in the form of RFC 5646: subtags of letters and digits joined by hyphens, the first of two or three letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageTag(String);

/// Longest tag: language, script, region and a variant have 20 characters.
const MAX_CHARS: usize = 35;

impl LanguageTag {
    /// English.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// Reads a tag. Case does not count in one, so its letters are put as is customary: `pt-BR`, `zh-Hant`.
    pub(crate) fn parse(text: &str) -> Result<Self, Flaw> {
        let wrong = || wrong_value("languages", text, "tags of languages such as `en`, `de` or `pt-BR`");
        let mut subtags = text.split('-');
        let first = subtags.next().unwrap_or_default();
        let is_language = matches!(first.len(), 2 | 3) && first.bytes().all(|b| b.is_ascii_alphabetic());
        let is_subtag =
            |subtag: &str| matches!(subtag.len(), 1..=8) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_language || text.len() > MAX_CHARS || !subtags.clone().all(is_subtag) {
            return Err(wrong());
        }
        let mut tag = first.to_ascii_lowercase();
        for subtag in subtags {
            tag.push('-');
            match subtag.len() {
                2 => tag.push_str(&subtag.to_ascii_uppercase()),
                4 => {
                    tag.push_str(&subtag[..1].to_ascii_uppercase());
                    tag.push_str(&subtag[1..].to_ascii_lowercase());
                }
                _ => tag.push_str(&subtag.to_ascii_lowercase()),
            }
        }
        Ok(Self(tag))
    }

    /// The tag as it is written in pages and folders.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the languages of a site, the main one first.
///
/// # Errors
/// None, one twice, one that is no tag, and a further one whose folder would be in the way of an address of the site.
pub(super) fn languages(tags: &[String]) -> Result<Vec<LanguageTag>, Flaw> {
    let mut languages: Vec<LanguageTag> = Vec::new();
    for text in tags {
        let tag = LanguageTag::parse(text)?;
        if languages.contains(&tag) {
            let found = format!("`languages` with `{tag}` twice");
            return Err(Flaw::new(Code::WrongValue, found, "each language once"));
        }
        if is_reserved(tag.as_str()) {
            let found = format!("`languages` with `{tag}`, which is an address of the site itself");
            return Err(Flaw::new(
                Code::WrongValue,
                found,
                "tags of languages such as `en`, `de` or `pt-BR`",
            ));
        }
        languages.push(tag);
    }
    if languages.is_empty() {
        return Err(Flaw::new(Code::WrongValue, "`languages` without any", "at least one, such as `en`"));
    }
    Ok(languages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tags: &[&str]) -> Result<Vec<String>, String> {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        languages(&tags)
            .map(|tags| tags.iter().map(ToString::to_string).collect())
            .map_err(|flaw| flaw.to_string())
    }

    #[test]
    fn tags_get_their_customary_case() {
        assert_eq!(read(&["DE", "pt-br", "zh-hant-TW"]).unwrap(), ["de", "pt-BR", "zh-Hant-TW"]);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for wrong in ["", "e", "english", "en_GB", "../en", "en-", "1n"] {
            assert_eq!(
                read(&[wrong]).unwrap_err(),
                format!(
                    "found `languages = \"{wrong}\"`, expected tags of languages such as `en`, `de` or `pt-BR`"
                )
            );
        }
    }

    #[test]
    fn a_language_twice_none_at_all_and_one_that_hides_an_address_are_refused() {
        assert_eq!(
            read(&["en", "EN"]).unwrap_err(),
            "found `languages` with `en` twice, expected each language once"
        );
        assert_eq!(
            read(&[]).unwrap_err(),
            "found `languages` without any, expected at least one, such as `en`"
        );
        assert!(read(&["en", "key"]).unwrap_err().contains("`key`, which is an address of the site itself"));
    }
}
