//! The words of pages: one file for each language, ours or the vendor's. Every file has the same keys, with the same words in
//! braces, so that a template that fits one language fits all.

use std::borrow::Cow;
use std::path::Path;
use std::{fs, io};

use jiff::civil::Date;
use serde::Deserialize;
use tera::{Kwargs, State, Value};
use toml::Table;

use crate::changelog::Section;
use crate::config::{Config, LanguageTag};
use crate::error::{Flaw, Problem, not_toml};
use crate::rules::Code;

/// Our own files. The first says which keys there are.
const OWN: [(&str, &str); 2] = [
    ("en", include_str!("../../../templates/pages/languages/en.toml")),
    ("de", include_str!("../../../templates/pages/languages/de.toml")),
];

/// What a file without one of them, or with another one, should have.
const EXPECTED_KEYS: &str = "the keys of our `en.toml`";

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
    /// The words of a language: the vendor's where the `templates` folder has a file of it, else ours.
    ///
    /// # Errors
    /// That there are none, or all in which the file differs from ours.
    pub(crate) fn load(tag: &LanguageTag, config: &Config) -> Result<Self, Vec<Problem>> {
        let name = format!("pages/languages/{tag}.toml");
        let path = config.templates.as_ref().map(|folder| folder.join(&name));
        let problem = |file: &Path, flaw| Problem::of_flaw(file.display().to_string(), flaw);
        let text = match path.as_ref().map(fs::read_to_string) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(vec![unreadable(&error)]),
            Some(Ok(text)) => Ok(Cow::Owned(text)),
            _ => match own(tag) {
                Some(text) => Ok(Cow::Borrowed(text)),
                None => return Err(vec![problem(&config.file, absence(tag, &name))]),
            },
        };
        text.and_then(|text| Self::read(tag, &text)).map_err(|flaws| {
            let file = path.unwrap_or(name.into());
            flaws.into_iter().map(|flaw| problem(&file, flaw)).collect()
        })
    }

    fn read(tag: &LanguageTag, text: &str) -> Result<Self, Vec<Flaw>> {
        let read = |text: &str| {
            text.parse::<Table>()
                .map_err(|error| vec![not_toml(Code::Templates, &error, text, EXPECTED_KEYS)])
        };
        let (table, expected) = (read(text)?, read(OWN[0].1)?);
        let mut differences = Vec::new();
        compare("", &expected, &table, &mut differences);
        if !differences.is_empty() {
            return Err(differences);
        }
        let all = Value::from_serializable(&table);
        // Of what has the types of ours, one thing may still be wrong.
        let words: Words = table.clone().try_into().map_err(|_| {
            let found = table.get("direction").map(ToString::to_string).unwrap_or_default();
            vec![Flaw::new(Code::Templates, format!("`direction = {found}`"), "`ltr` or `rtl`")]
        })?;
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

    /// The heading of a section of a changelog.
    pub(crate) fn section(&self, section: Section) -> &str {
        self.word("changes", section.element()).unwrap_or_default()
    }
}

fn own(tag: &LanguageTag) -> Option<&'static str> {
    OWN.iter().find(|(own, _)| *own == tag.as_str()).map(|(_, text)| *text)
}

fn unreadable(error: &io::Error) -> Flaw {
    Flaw::new(Code::Templates, error.to_string(), "a readable UTF-8 text file")
}

fn absence(tag: &LanguageTag, name: &str) -> Flaw {
    let own: Vec<String> = OWN.iter().map(|(tag, _)| format!("`{tag}`")).collect();
    let expected = format!("{}, or its texts in `{name}` of the `templates` folder", own.join(", "));
    Flaw::new(Code::Templates, format!("`{tag}` among the languages of the pages"), expected)
}

/// Notes how a file differs from what it has to have; `place` is the key of the tables, with a point behind it.
fn compare(place: &str, expected: &Table, found: &Table, differences: &mut Vec<Flaw>) {
    let flaw = |found: String, expected: &str| Flaw::new(Code::Templates, found, expected);
    let unknown = found.keys().filter(|key| !expected.contains_key(*key));
    differences.extend(
        unknown.map(|key| flaw(format!("`{place}{key}`, which no page has a place for"), EXPECTED_KEYS)),
    );
    for (key, expected) in expected {
        let place = format!("{place}{key}");
        match (expected, found.get(key)) {
            (toml::Value::Table(expected), Some(toml::Value::Table(found))) => {
                compare(&format!("{place}."), expected, found, differences);
            }
            (toml::Value::String(expected), Some(toml::Value::String(found))) => {
                let (expected, found) = (placeholders(expected), placeholders(found));
                if expected != found {
                    differences.push(flaw(format!("`{place}` with {}", listed(&found)), &listed(&expected)));
                }
            }
            (toml::Value::Array(expected), Some(toml::Value::Array(found))) => {
                let texts = found.iter().filter(|value| value.is_str()).count();
                if (texts, found.len()) != (expected.len(), expected.len()) {
                    let found = format!("`{place}` with {} values, {texts} of them texts", found.len());
                    differences.push(flaw(found, &format!("{} texts", expected.len())));
                }
            }
            (expected, Some(found)) => {
                let found = format!("`{place}` with a value of type {}", found.type_str());
                differences.push(flaw(found, expected.type_str()));
            }
            (_, None) => differences.push(flaw(format!("no `{place}`, which pages need"), EXPECTED_KEYS)),
        }
    }
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
        let (_, value) = values.iter().find(|(key, _)| key.as_str() == Some(word))?;
        Some(isolated(text, value.to_string()))
    })
}

/// The value in marks that keep its own order, where letters of both directions meet: without them `1.2.0-beta1` in an Arabic
/// text reads `beta1-1.2.0` (Unicode Standard Annex #9, first strong isolate). Digits and signs keep theirs anyway.
fn isolated(text: &str, value: String) -> String {
    let has_letters = value.chars().any(char::is_alphabetic);
    let is_mixed = text.chars().chain(value.chars()).any(is_from_right_to_left);
    if has_letters && is_mixed { format!("\u{2068}{value}\u{2069}") } else { value }
}

/// Letters of Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam and others, by their blocks.
fn is_from_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
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
    use proptest::prelude::*;

    use super::*;
    use crate::check::sample;

    fn texts(tag: &str) -> Texts {
        Texts::load(&LanguageTag::parse(tag).unwrap(), &sample::config()).unwrap()
    }

    fn told(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    /// What is wrong with a vendor's file for French, in the folder `t`.
    fn told_of(file: &str) -> Vec<String> {
        load(file).err().unwrap_or_default()
    }

    /// A vendor's file for French, or that.
    fn load(file: &str) -> Result<Texts, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("pages/languages")).unwrap();
        fs::write(folder.path().join("pages/languages/fr.toml"), file).unwrap();
        let config = Config { templates: Some(folder.path().to_owned()), ..sample::config() };
        let shown = |told: &String| told.replace(folder.path().to_str().unwrap(), "t");
        let texts = Texts::load(&LanguageTag::parse("fr").unwrap(), &config);
        texts.map_err(|problems| told(&problems).iter().map(shown).collect())
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
    fn where_directions_meet_a_value_keeps_its_own() {
        let isolated = |text, value: &str| isolated(text, value.to_owned());
        assert_eq!(isolated("تنزيل {version}", "1.2.0-beta1"), "\u{2068}1.2.0-beta1\u{2069}");
        assert_eq!(isolated("More about {product}", "לוח (2.0)"), "\u{2068}לוח (2.0)\u{2069}");
        assert_eq!(isolated("تنزيل {version}", "1.2.0"), "1.2.0");
        assert_eq!(isolated("Download {version}", "1.2.0-beta1"), "1.2.0-beta1");
    }

    #[test]
    fn a_language_file_has_the_keys_of_ours_and_their_words_in_braces() {
        let own = OWN[0].1;
        assert_eq!(told_of(own), [""; 0]);
        for (from, to, found) in [
            (
                "kilobytes = \"{number} KB\"\n",
                "",
                "no `size.kilobytes`, which pages need, expected the keys of our `en.toml`",
            ),
            (
                "[size]",
                "[size]\npetabytes = \"{number} PB\"",
                "`size.petabytes`, which no page has a place for, expected the keys of our `en.toml`",
            ),
            ("{number} KB", "KB", "`size.kilobytes` with no words in braces, expected `{number}`"),
            ("\"Search\"", "\"{word}\"", "`start.search` with `{word}`, expected no words in braces"),
            ("\"November\", ", "", "`date.months` with 11 values, 11 of them texts, expected 12 texts"),
            ("\"November\"", "11", "`date.months` with 12 values, 11 of them texts, expected 12 texts"),
            ("\"Search\"", "1", "`start.search` with a value of type integer, expected string"),
            ("\"ltr\"", "\"up\"", "`direction = \"up\"`, expected `ltr` or `rtl`"),
            (
                "name = \"English\"",
                "name = ",
                "string values must be quoted in line 4, expected literal string",
            ),
        ] {
            assert!(own.contains(from), "{from}");
            let expected = format!("`t/pages/languages/fr.toml`: found {found}");
            assert_eq!(told_of(&own.replacen(from, to, 1)), [expected]);
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_language_file_is_told_at_once() {
        let own = OWN[0].1.replace("kilobytes = ", "petabytes = ").replace("\"Search\"", "\"{word}\"");
        let keys = "expected the keys of our `en.toml`";
        assert_eq!(
            told_of(&own),
            [
                &format!("`size.petabytes`, which no page has a place for, {keys}"),
                &format!("no `size.kilobytes`, which pages need, {keys}"),
                "`start.search` with `{word}`, expected no words in braces",
            ]
            .map(|found| format!("`t/pages/languages/fr.toml`: found {found}"))
        );
    }

    proptest! {
        #[test]
        fn a_spoiled_language_file_is_told_or_does_no_harm(
            line in 0..OWN[0].1.lines().count(),
            with in prop::sample::select(&["", "[", "[date]", "a.b = 1", "x = \"{\"", "{}", "= []", "\u{0}", "\u{202e}"][..]),
            is_added: bool,
        ) {
            let own: Vec<&str> = OWN[0].1.lines().collect();
            let spoiled = if is_added { format!("{}{with}", own[line]) } else { with.to_owned() };
            let lines = [&own[..line], &[&*spoiled], &own[line + 1..]].concat();
            if let Ok(texts) = load(&lines.join("\n")) {
                prop_assert!(texts.date(Date::constant(2027, 12, 31)).contains("December"));
                prop_assert!(texts.size(4_590).contains("4.5"));
            }
        }
    }

    /// Keys of texts without a word.
    fn empty(place: &str, table: &Table) -> Vec<String> {
        let of_one = |(key, value): (&String, &toml::Value)| match value {
            toml::Value::Table(table) => empty(&format!("{place}{key}."), table),
            value => value
                .as_str()
                .filter(|text| text.trim().is_empty())
                .map(|_| format!("{place}{key}"))
                .into_iter()
                .collect(),
        };
        table.iter().flat_map(of_one).collect()
    }

    #[test]
    fn our_own_files_have_no_text_without_a_word() {
        for (tag, text) in OWN {
            assert_eq!(empty("", &text.parse().unwrap()), [""; 0], "{tag}");
        }
    }

    #[test]
    fn a_language_that_nobody_wrote_is_a_problem_that_says_what_to_do() {
        let config = sample::config();
        let problems = Texts::load(&LanguageTag::parse("sw").unwrap(), &config).unwrap_err();
        let found = "found `sw` among the languages of the pages, expected `en`, `de`, or its texts in \
                     `pages/languages/sw.toml` of the `templates` folder";
        assert_eq!(told(&problems), [format!("`{}`: {found}", config.file.display())]);
    }

    #[test]
    fn our_own_files_have_the_same_keys() {
        let [english, german] = OWN.map(|(_, text)| text.parse::<Table>().unwrap());
        let mut differences = Vec::new();
        compare("", &english, &german, &mut differences);
        assert_eq!(differences, []);
    }
}
