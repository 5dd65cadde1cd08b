//! What can go wrong: [`Error`] ends a run, a [`Problem`] is one finding about one file of the input. A run
//! gathers every problem before it gives up, so that a vendor with nine mistakes sees nine.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize};

use crate::rules::{Code, Rule};
use crate::shown::{shown, visible};

/// What is wrong with a value, a text or an archive, before it is known in which file it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flaw {
    pub(crate) code: Code,
    pub(crate) found: String,
    pub(crate) expected: String,
}

impl Flaw {
    pub(crate) fn new(code: Code, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { code, found: found.into(), expected: expected.into() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

/// A key whose value is not what it should be.
pub(crate) fn wrong_value(key: &str, value: &str, expected: &str) -> Flaw {
    Flaw::new(Code::WrongValue, format!("`{key} = {value:?}`"), expected)
}

/// TOML's own message draws a picture of several lines; a problem is one line. `expected` stands in where the message does not say
/// what was.
pub(crate) fn not_toml(code: Code, error: &toml::de::Error, text: &str, expected: &str) -> Flaw {
    let lines_before = error.span().map_or(0, |span| text[..span.start].matches('\n').count());
    let message = error.message().replace('\n', " ");
    let (message, expected) = message.split_once(", expected ").unwrap_or((&message, expected));
    Flaw::new(code, format!("{message} in line {}", lines_before + 1), expected)
}

/// One thing that is wrong with one file or folder of the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path below the package directory, with ` > ` and the entry's name when it is inside an archive; or of a file that
    /// `bandari init` reads, with `:` and the line; or, of the logo and the texts of pages, as the configuration gives it.
    pub file: String,
    /// What is there.
    pub found: String,
    /// What should be there.
    pub expected: String,
    /// The rule that it breaks.
    pub code: Code,
}

impl Problem {
    /// Control characters in names are shown escaped: a report must not be able to rewrite a terminal. Nor to flood it, so only
    /// the beginning of a long finding is shown.
    pub(crate) fn new(
        code: Code,
        file: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            code,
            file: visible(&file.into()),
            found: shown(&found.into()),
            expected: visible(&expected.into()),
        }
    }

    pub(crate) fn of_flaw(file: impl Into<String>, flaw: Flaw) -> Self {
        Self::new(flaw.code, file, flaw.found, flaw.expected)
    }

    /// What the problem's code stands for.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        self.code.rule()
    }
}

/// With all that is to be known of it, so that a program that reads a report needs no table.
impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { file, found, expected, code } = self;
        let rule = code.rule();
        let mut object = serializer.serialize_struct("Problem", 7)?;
        object.serialize_field("code", code)?;
        object.serialize_field("severity", &rule.severity)?;
        object.serialize_field("file", file)?;
        object.serialize_field("found", found)?;
        object.serialize_field("expected", expected)?;
        object.serialize_field("effect", rule.effect)?;
        object.serialize_field("mend", rule.mend)?;
        object.end()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: found {}, expected {}", self.file, self.found, self.expected)
    }
}

/// Whether a text is one line that may stand in XML: no control characters, and none of the two that XML 1.0 forbids besides
/// (section 2.2). A single one would make a feed unreadable, and with it the collection over all products.
pub(crate) fn is_line_of_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Why a run ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used as it is.
    #[error("configuration `{}`: {message}", file.display())]
    Configuration {
        /// The configuration file.
        file: PathBuf,
        /// What is wrong and what was expected.
        message: String,
    },
    /// Packages have problems, so nothing was written.
    #[error("{} in the packages: nothing was written", count(problems.len(), "problem"))]
    Problems {
        /// All of them, sorted by file.
        problems: Vec<Problem>,
    },
    /// What `bandari init` was given has problems, so nothing was written.
    #[error("{}: nothing was written", count(problems.len(), "problem"))]
    NotBegun {
        /// All of them, in the order in which they were found.
        problems: Vec<Problem>,
    },
    /// The package directory holds nothing to publish; going on would empty the site.
    #[error("no package in `{}`: nothing was written", packages.display())]
    NoPackages {
        /// The package directory.
        packages: PathBuf,
    },
    /// Something is already published under the same name with other bytes.
    #[error(
        "{} would change under the same name: nothing was written. Give the package a new version, or use `--force`: {}",
        count(files.len(), "published file"),
        files.join(", ")
    )]
    PublishedFilesChange {
        /// The files, below the output directory.
        files: Vec<String>,
    },
    /// An extension is already published under another id, and with it at another address.
    #[error(
        "{} would move: {}. Sites that installed it ask at the old address. Give it its `id` back in `product.toml`, or use \
         `--force`",
        count(moves.len(), "published feed"),
        moves.join(", ")
    )]
    PublishedProductsMove {
        /// From which id to which.
        moves: Vec<String>,
    },
    /// What is published for those with a license would be public.
    #[error(
        "{} would become public: nothing was written. Found {}. Put what is licensed under a `product.toml` with its `group`, or \
         use `--force` to give it away",
        count(given.len(), "licensed package or product"),
        given.join("; ")
    )]
    LicensedGivenAway {
        /// Which, and as what it is published.
        given: Vec<String>,
    },
    /// The published catalog, or the record of earlier builds, cannot be understood, so it is unknown which files are ours.
    #[error("`{}`: {message}. Put the file right, or use `--force` to replace it", file.display())]
    PublishedRecord {
        /// The file.
        file: PathBuf,
        /// Why it cannot be understood.
        message: String,
    },
    /// The client plug-in is there in the same version with other bytes.
    #[error(
        "`{}` is there with other bytes: nothing was written. Raise `version` in `[client_plugin]`, or remove the file if nobody \
         has it yet",
        file.display()
    )]
    ClientPluginChanges {
        /// The package.
        file: PathBuf,
    },
    /// Another build is writing to the same output.
    #[error("another build is writing to `{}`{owner}", output.display())]
    Locked {
        /// The output directory.
        output: PathBuf,
        /// Which process on which host, since when and for how long, after a colon; empty where that is not known.
        owner: String,
    },
    /// Somebody moved or replaced the output while a build wrote there.
    #[error("`{}` was taken away or replaced while it was being written: run the build again", output.display())]
    OutputTakenAway {
        /// The output directory.
        output: PathBuf,
    },
    /// A package changed between the reading of its digest and the copying of its bytes.
    #[error("`{}` changed while it was being read: run the build again", file.display())]
    ChangedWhileRead {
        /// The package.
        file: PathBuf,
    },
    /// A template cannot be used.
    #[error("templates: {0}")]
    Templates(String),
    /// The texts of a language are not there or cannot be used, so nothing was written.
    #[error("{} in the texts of the pages: nothing was written", count(problems.len(), "problem"))]
    Texts {
        /// All of them; files are paths as the configuration gives them.
        problems: Vec<Problem>,
    },
    /// A folder is to be compared that is no output folder.
    #[error("no feed in `{}`: expected an output folder, its `public/`, or a file with a feed", folder.display())]
    NoFeeds {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder is to be compared to a file.
    #[error("`{}` and `{}` are a folder and a file: expected two output folders or two feeds", old.display(), new.display())]
    NotOfAKind {
        /// The one.
        old: PathBuf,
        /// The other.
        new: PathBuf,
    },
    /// A feed that is to be explained or compared cannot be.
    #[error("{feed}: {message}")]
    NoFeed {
        /// As it was asked for.
        feed: String,
        /// Why.
        message: String,
    },
    /// What was asked for cannot be.
    #[error("{0}")]
    Usage(String),
    /// A file or folder cannot be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    /// The problems of the input that ended the run; empty when something else did.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Problems { problems } | Self::NotBegun { problems } | Self::Texts { problems } => problems,
            _ => &[],
        }
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

/// `1 problem`, `2 problems`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_may_repeat_what_was_found_and_is_shown_as_harmless() {
        let problem = Problem::new(Code::WrongValue, "a.toml", "x", "no `\u{1b}[2J`");
        assert_eq!(problem.to_string(), r"`a.toml`: found x, expected no `\u{1b}[2J`");
    }

    #[test]
    fn a_problem_cannot_write_control_characters_to_a_terminal() {
        let problem = Problem::new(Code::BrokenArchive, "a\u{1b}[2Jb.zip", "nothing", "a zip");
        assert_eq!(problem.to_string(), r"`a\u{1b}[2Jb.zip`: found nothing, expected a zip");
    }
}
