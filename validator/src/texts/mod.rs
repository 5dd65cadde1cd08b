//! Everything that people read, in one file per language: `templates/languages/en.toml` and `de.toml` are part of the binary,
//! and a folder of the vendor's replaces them one by one or adds languages. Texts are no HTML; `pages` escapes them.

mod key_mail;
mod language;
mod text;
mod words;

use std::path::Path;
use std::{fs, io};

use fluent_langneg::negotiate::filter_matches;
use fluent_langneg::{LanguageIdentifier, NegotiationStrategy};

pub(crate) use language::{Language, Problem, StateText, Topic};
pub(crate) use text::{Nothing, OfDay, OfSite, OfVendor, Text};

use crate::error::Error;
use crate::templates;

/// Our own languages by their tags, the fallback first.
const OWN: [(&str, &str); 2] = [
    ("en", include_str!("../../../templates/languages/en.toml")),
    ("de", include_str!("../../../templates/languages/de.toml")),
];

/// The folder of language files among the templates.
const FOLDER: &str = "languages";

/// How many languages of an `Accept-Language` are looked at: more than anybody reads, few enough for any request.
const MAX_ACCEPTED: usize = 32;

/// All languages.
#[derive(Debug)]
pub(crate) struct Texts {
    /// English first, always.
    languages: Vec<Language>,
}

impl Texts {
    /// Takes our own languages, the vendor's in their place where `templates/languages` has a file of the same name, and what
    /// else is there.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file, and the key that is missing, unknown or has a wrong placeholder.
    pub(crate) fn load(templates: Option<&Path>) -> Result<Self, Error> {
        let mut languages = Vec::new();
        for (tag, own) in OWN {
            let name = format!("{FOLDER}/{tag}.toml");
            let text = templates::text(templates, &name, own)?;
            languages.push(language(tag, &text, &templates.unwrap_or(Path::new("templates")).join(&name))?);
        }
        for tag in added_tags(templates)? {
            let file = templates.unwrap_or(Path::new("")).join(FOLDER).join(format!("{tag}.toml"));
            let text = fs::read_to_string(&file).map_err(|error| templates::unreadable(&file, &error))?;
            let added = language(&tag, &text, &file)?;
            // `EN.toml` beside our `en`: one of the two would never be read.
            if languages.iter().any(|known: &Language| known.tag() == added.tag()) {
                let message = format!("found the language `{}` twice, expected one file for it", added.tag());
                return Err(Error::Configuration { file, message });
            }
            languages.push(added);
        }
        Ok(Self { languages })
    }

    /// The language that fits an `Accept-Language` header (RFC 9110, 12.5.4) best; English when none does.
    pub(crate) fn choose(&self, accept_language: Option<&str>) -> &Language {
        self.best(&accept_language.map(accepted).unwrap_or_default())
    }

    /// The language of a tag, `de` for `de-AT`; English when there is none.
    pub(crate) fn by_tag(&self, tag: &str) -> &Language {
        self.best(&tag.parse().into_iter().collect::<Vec<LanguageIdentifier>>())
    }

    fn best(&self, wanted: &[LanguageIdentifier]) -> &Language {
        let found = filter_matches(wanted, &self.languages, NegotiationStrategy::Lookup);
        found.first().copied().unwrap_or(&self.languages[0])
    }
}

/// The languages of a header, most wanted first. The crate's own reader of this header leaves the weights out.
fn accepted(header: &str) -> Vec<LanguageIdentifier> {
    let mut ranges: Vec<(f32, LanguageIdentifier)> = header
        .split(',')
        .take(MAX_ACCEPTED)
        .filter_map(|range| {
            let (tag, weight) = match range.split_once(';') {
                Some((tag, weight)) => {
                    let (name, value) = weight.split_once('=')?;
                    let value =
                        value.trim().parse().ok().filter(|_| name.trim().eq_ignore_ascii_case("q"))?;
                    (tag, value)
                }
                None => (range, 1.0),
            };
            // Weight 0 means: not this one.
            let is_wanted = weight > 0.0 && weight <= 1.0;
            Some((weight, tag.trim().parse().ok()?)).filter(|_| is_wanted)
        })
        .collect();
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.into_iter().map(|(_, tag)| tag).collect()
}

/// Tags of the files in the vendor's folder that are none of our own languages, sorted.
fn added_tags(templates: Option<&Path>) -> Result<Vec<String>, Error> {
    let Some(folder) = templates.map(|templates| templates.join(FOLDER)) else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| templates::unreadable(&folder, &error))?,
    };
    let mut tags = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| templates::unreadable(&folder, &error))?.file_name();
        // What editors leave behind has another ending.
        let Some(tag) = name.to_str().and_then(|name| name.strip_suffix(".toml")) else { continue };
        if OWN.iter().all(|(own, _)| *own != tag) {
            tags.push(tag.to_owned());
        }
    }
    tags.sort();
    Ok(tags)
}

/// Reads one language file.
fn language(tag: &str, text: &str, file: &Path) -> Result<Language, Error> {
    let wrong = |message: String| Error::Configuration { file: file.to_owned(), message };
    let identifier: LanguageIdentifier = tag.parse().map_err(|_| {
        wrong(format!("found the name `{tag}`, expected a language tag such as `fr` or `pt-BR`"))
    })?;
    let words = toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
    Ok(Language::new(identifier, words))
}

#[cfg(test)]
mod tests;
