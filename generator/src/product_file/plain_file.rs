//! Products that are no Joomla extensions: their product file says what their files are called.

use serde::Deserialize;

use crate::error::{Flaw, wrong_value};
use crate::rules::Code;

/// What a product file calls its files: the one kind besides Joomla extensions.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileKind {
    File,
}

/// How the files of a product that is not a Joomla extension are named.
#[derive(Clone, Debug)]
pub(crate) struct PlainFile {
    pub(crate) name: Option<String>,
    before: String,
    after: String,
}

impl PlainFile {
    /// The version in a file's name, when the name fits the pattern.
    pub(crate) fn version_in<'n>(&self, file_name: &'n str) -> Option<&'n str> {
        let version = file_name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        (!version.is_empty()).then_some(version)
    }

    /// The pattern as written.
    pub(crate) fn pattern(&self) -> String {
        format!("{}{{version}}{}", self.before, self.after)
    }
}

/// What `kind`, `pattern` and `name` say together; nothing when none of them is there.
pub(super) fn plain_file(
    kind: Option<FileKind>,
    pattern: Option<String>,
    name: Option<String>,
) -> Option<Result<PlainFile, Flaw>> {
    let example = "a file name with `{version}` once in it, such as `handbook-{version}.pdf`";
    match (kind, pattern) {
        (None, None) if name.is_none() => None,
        (None, _) => Some(Err(Flaw::new(
            Code::WrongValue,
            "`pattern` or `name` without `kind = \"file\"`",
            "neither for a Joomla extension: its own manifest says its name and version",
        ))),
        (Some(FileKind::File), None) => {
            Some(Err(Flaw::new(Code::WrongValue, "`kind = \"file\"` without `pattern`", example)))
        }
        (Some(FileKind::File), Some(pattern)) => {
            Some(match pattern.split("{version}").collect::<Vec<_>>()[..] {
                [before, after] if !pattern.contains('/') => {
                    Ok(PlainFile { name, before: before.to_owned(), after: after.to_owned() })
                }
                _ => Err(wrong_value("pattern", &pattern, example)),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::product_file::ProductFile;

    #[test]
    fn a_pattern_gives_the_version_of_a_file() {
        let file = ProductFile::parse("kind = 'file'\npattern = 'handbook-{version}.pdf'").unwrap();
        let plain = file.plain_file.unwrap();
        assert_eq!(plain.version_in("handbook-1.2.pdf"), Some("1.2"));
        assert_eq!(plain.version_in("handbook-.pdf"), None);
        assert_eq!(plain.version_in("notes.txt"), None);
    }

    #[test]
    fn a_pattern_needs_one_version_in_it() {
        for bad in ["handbook.pdf", "{version}-{version}.pdf", "a/{version}.pdf"] {
            assert!(ProductFile::parse(&format!("kind = 'file'\npattern = '{bad}'")).is_err(), "{bad}");
        }
    }
}
