//! The words of pages: one file for each language, ours or the vendor's. Every file has the same keys, with the same words in
//! braces, so that a template that fits one language fits all.

use std::path::Path;
use std::{fs, io};

use jiff::civil::Date;
use serde::Deserialize;
use tera::{Kwargs, State, Value};
use toml::Table;

use crate::config::{Config, LanguageTag};
use crate::error::Error;

/// Our own files. The first says which keys there are.
const OWN: [(&str, &str); 2] = [
    ("en", include_str!("../../../templates/pages/languages/en.toml")),
    ("de", include_str!("../../../templates/pages/languages/de.toml")),
];

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) tag: LanguageTag,
    words: Words,
    table: Table,
    /// All of the file, for templates.
    pub(crate) all: Value,
}

/// Those that are put together here and not by templates.
#[derive(Debug, Deserialize)]
struct Words {
    name: String,
    direction: Direction,
    decimal_mark: String,
    date: DateWords,
    size: SizeWords,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Ltr,
    Rtl,
}

#[derive(Debug, Deserialize)]
struct DateWords {
    pattern: String,
    /// Twelve, from January on.
    months: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct SizeWords {
    bytes: String,
    kilobytes: String,
    megabytes: String,
}

impl Texts {
    /// The words of a language: the vendor's below `folder`, else ours.
    ///
    /// # Errors
    /// [`Error::Templates`] when there are none, and when the file has not what ours have.
    pub(crate) fn load(tag: &LanguageTag, folder: Option<&Path>) -> Result<Self, Error> {
        let name = format!("pages/languages/{tag}.toml");
        let wrong = |what: String| Error::Templates(format!("`{name}`: {what}"));
        let path = folder.map(|folder| folder.join(&name));
        let text = match path.as_ref().map(fs::read_to_string) {
            Some(Ok(text)) => text,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                return Err(wrong(format!("cannot be read: {error}")));
            }
            _ => own(tag).map(str::to_owned).ok_or_else(|| wrong(absence()))?,
        };
        let read = |text: &str| text.parse::<Table>().map_err(|error| wrong(error.to_string()));
        let (table, expected) = (read(&text)?, read(OWN[0].1)?);
        if let Some(difference) = difference("", &expected, &table) {
            return Err(wrong(difference));
        }
        let all = Value::from_serializable(&table);
        let words: Words =
            table.clone().try_into().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        Ok(Self { tag: tag.clone(), words, table, all })
    }

    /// What the language calls itself.
    pub(crate) fn name(&self) -> &str {
        &self.words.name
    }

    /// `ltr` or `rtl`, for `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        match self.words.direction {
            Direction::Ltr => "ltr",
            Direction::Rtl => "rtl",
        }
    }

    pub(crate) fn date(&self, date: Date) -> String {
        let DateWords { pattern, months } = &self.words.date;
        // Twelve are sure: our own file has as many.
        let month = usize::try_from(date.month()).ok().and_then(|month| months.get(month.checked_sub(1)?));
        let (day, year) = (date.day().to_string(), date.year().to_string());
        fill(pattern, |word| match word {
            "day" => Some(day.clone()),
            "month" => month.cloned(),
            "year" => Some(year.clone()),
            _ => None,
        })
    }

    /// `812 bytes`, `4.5 KB`, `12.0 MB`: decimal units, as file managers of the day show them.
    pub(crate) fn size(&self, bytes: u64) -> String {
        let SizeWords { bytes: plain, kilobytes, megabytes } = &self.words.size;
        let tenths = |whole: u64, tenth: u64| format!("{whole}{}{tenth}", self.words.decimal_mark);
        let (text, number) = match bytes {
            0..1_000 => (plain, bytes.to_string()),
            1_000..1_000_000 => (kilobytes, tenths(bytes / 1_000, bytes % 1_000 / 100)),
            _ => (megabytes, tenths(bytes / 1_000_000, bytes % 1_000_000 / 100_000)),
        };
        fill(text, |word| (word == "number").then(|| number.clone()))
    }

    /// The word for one of a few, such as `kinds` and `module`; nothing when there is none.
    pub(crate) fn word(&self, of: &str, which: &str) -> Option<&str> {
        self.table.get(of)?.get(which)?.as_str()
    }
}

fn own(tag: &LanguageTag) -> Option<&'static str> {
    OWN.iter().find(|(own, _)| *own == tag.as_str()).map(|(_, text)| *text)
}

fn absence() -> String {
    let own: Vec<String> = OWN.iter().map(|(tag, _)| format!("`{tag}`")).collect();
    format!(
        "found no such file in the `templates` folder, expected one, or `languages` with {} only",
        own.join(", ")
    )
}

/// How a file differs from what it has to have; `place` is the key of the tables, with a point behind it.
fn difference(place: &str, expected: &Table, found: &Table) -> Option<String> {
    if let Some(key) = found.keys().find(|key| !expected.contains_key(*key)) {
        return Some(format!("found `{place}{key}`, which no page has a place for"));
    }
    expected.iter().find_map(|(key, expected)| {
        let place = format!("{place}{key}");
        match (expected, found.get(key)) {
            (toml::Value::Table(expected), Some(toml::Value::Table(found))) => {
                difference(&format!("{place}."), expected, found)
            }
            (toml::Value::String(expected), Some(toml::Value::String(found))) => {
                let (expected, found) = (placeholders(expected), placeholders(found));
                (expected != found)
                    .then(|| format!("`{place}`: found {}, expected {}", listed(&found), listed(&expected)))
            }
            (toml::Value::Array(expected), Some(toml::Value::Array(found))) => {
                let (expected, is_text) = (expected.len(), found.iter().all(toml::Value::is_str));
                (found.len() != expected || !is_text)
                    .then(|| format!("`{place}`: found {} values, expected {expected} texts", found.len()))
            }
            (expected, Some(found)) => Some(format!(
                "`{place}`: found a value of type {}, expected {}",
                found.type_str(),
                expected.type_str()
            )),
            (_, None) => Some(format!("found no `{place}`, which pages need")),
        }
    })
}

/// The words in braces of a text, in order and each once.
fn placeholders(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => "no words in braces".to_owned(),
        words => words.iter().map(|word| format!("`{{{word}}}`")).collect::<Vec<_>>().join(", "),
    }
}

/// The text with its words in braces filled in. What is filled in is not looked at again, and a word without a value stays.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        rest = behind;
        match behind.split_once('}').and_then(|(word, after)| Some((value(word)?, after))) {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => filled.push('{'),
        }
    }
    filled.push_str(rest);
    filled
}

/// The filter `fill` of templates: `{{ t.download | fill(version="1.2.0") }}`.
pub(crate) fn fill_filter(text: &str, values: Kwargs, _: &State) -> String {
    fill(text, |word| {
        values.iter().find(|(key, _)| key.as_str() == Some(word)).map(|(_, value)| value.to_string())
    })
}

/// A text about the site: `{title}` and `{vendor}` are filled in.
pub(super) fn about_site(text: &str, config: &Config) -> String {
    fill(text, |word| match word {
        "title" => Some(config.title.clone()),
        "vendor" => Some(config.vendor.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tag: &str) -> Texts {
        Texts::load(&LanguageTag::parse(tag).unwrap(), None).unwrap()
    }

    fn load(tag: &str, file: &str) -> Result<Texts, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("pages/languages")).unwrap();
        fs::write(folder.path().join("pages/languages/fr.toml"), file).unwrap();
        Texts::load(&LanguageTag::parse(tag).unwrap(), Some(folder.path())).map_err(|error| error.to_string())
    }

    #[test]
    fn sizes_are_told_in_units_that_people_read() {
        let (english, german) = (texts("en"), texts("de"));
        assert_eq!(english.size(999), "999 bytes");
        assert_eq!(english.size(4_590), "4.5 KB");
        assert_eq!(english.size(12_040_000), "12.0 MB");
        assert_eq!(german.size(4_590), "4,5 KB");
    }

    #[test]
    fn dates_are_told_as_the_language_tells_them() {
        let date = Date::constant(2027, 1, 31);
        assert_eq!(texts("en").date(date), "31 January 2027");
        assert_eq!(texts("de").date(date), "31. Januar 2027");
    }

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        let value = |word: &str| match word {
            "a" => Some("{b}".to_owned()),
            "b" => Some("!".to_owned()),
            _ => None,
        };
        assert_eq!(fill("{a} {b} {c} {", value), "{b} ! {c} {");
    }

    #[test]
    fn a_language_file_has_the_keys_of_ours_and_their_words_in_braces() {
        let own = OWN[0].1;
        assert!(load("fr", own).is_ok());
        let wrong = |from: &str, to: &str| {
            assert!(own.contains(from), "{from}");
            load("fr", &own.replace(from, to)).unwrap_err()
        };
        let error = wrong("kilobytes = \"{number} KB\"\n", "");
        assert!(
            error.contains("`pages/languages/fr.toml`: found no `size.kilobytes`, which pages need"),
            "{error}"
        );
        let error = wrong("{number} KB", "KB");
        assert!(error.contains("`size.kilobytes`: found no words in braces, expected `{number}`"), "{error}");
        let error = wrong("[size]", "[size]\npetabytes = \"{number} PB\"");
        assert!(error.contains("found `size.petabytes`, which no page has a place for"), "{error}");
        let error = wrong("\"November\", ", "");
        assert!(error.contains("`date.months`: found 11 values, expected 12 texts"), "{error}");
        let error = wrong("direction = \"ltr\"", "direction = \"up\"");
        assert!(error.contains("`up`"), "{error}");
    }

    #[test]
    fn a_language_that_nobody_wrote_is_an_error_that_says_what_to_do() {
        let Err(error) = Texts::load(&LanguageTag::parse("sw").unwrap(), None) else { panic!("Swahili") };
        assert!(
            error.to_string().contains(
                "`pages/languages/sw.toml`: found no such file in the `templates` folder, \
                 expected one, or `languages` with `en`, `de` only"
            ),
            "{error}"
        );
    }

    #[test]
    fn our_own_files_have_the_same_keys() {
        let tables: Vec<Table> = OWN.iter().map(|(_, text)| text.parse().unwrap()).collect();
        for table in &tables[1..] {
            assert_eq!(difference("", &tables[0], table), None);
        }
    }
}
