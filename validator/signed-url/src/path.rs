//! Paths that need no encoding: what is signed, what travels and what the file is called are the same text.

use std::error::Error;
use std::fmt;

use crate::origin::MAX_ORIGIN_LENGTH;
use crate::query::MAX_QUERY_LENGTH;

/// The longest path, in bytes.
///
/// With the longest origin (267) and the longest query (`?` and 188) a URL has at most 1,480 bytes. Its request line has
/// at most 1,229: `HEAD`, two spaces, 1,213 bytes of target, `HTTP/1.1` and the line end. Both are well inside the
/// 8,000 bytes that RFC 9110, section 4.1, asks everybody to take, and no verifier need look at a longer text.
pub const MAX_PATH_LENGTH: usize = 1024;

const _: () = assert!(MAX_ORIGIN_LENGTH + MAX_PATH_LENGTH + 1 + MAX_QUERY_LENGTH == 1480);

/// The path of a signed URL: `/` and a segment, once or more.
///
/// A segment is one or more of `A-Z a-z 0-9 . _ ~ -`, the unreserved characters of RFC 3986, section 2.3, and is not
/// `.` or `..`. None of these is ever percent-encoded, decoded, folded or resolved on the way, so no two programs can
/// read the path differently. At most [`MAX_PATH_LENGTH`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlPath(String);

impl UrlPath {
    /// Takes `text` as it is; nothing is decoded or tidied.
    ///
    /// # Errors
    ///
    /// When `text` is anything but such a path: no leading `/`, an empty segment (so `//` and a trailing `/`), a dot
    /// segment, another character, or more than [`MAX_PATH_LENGTH`] bytes.
    pub fn parse(text: &str) -> Result<UrlPath, InvalidPath> {
        match check(text) {
            Ok(()) => Ok(UrlPath(text.to_owned())),
            // A path that is too long is not worth keeping, nor printing.
            Err(flaw @ Flaw::TooLong { .. }) => Err(InvalidPath { found: String::new(), flaw }),
            Err(flaw) => Err(InvalidPath { found: text.to_owned(), flaw }),
        }
    }

    /// The whole path, with its leading `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment: the name of the file. Safe between the quotes of a `Content-Disposition` as it is.
    pub fn file_name(&self) -> &str {
        // Every path starts with `/`, so the alternative is never taken.
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }
}

impl fmt::Display for UrlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(text: &str) -> Result<(), Flaw> {
    if text.len() > MAX_PATH_LENGTH {
        return Err(Flaw::TooLong { found_bytes: text.len() });
    }
    let segments = text.strip_prefix('/').ok_or(Flaw::NotAbsolute)?;
    if let Some(found) =
        segments.chars().find(|&character| character != '/' && !is_segment_character(character))
    {
        return Err(Flaw::Character { found });
    }
    for segment in segments.split('/') {
        match segment {
            "" => return Err(Flaw::EmptySegment),
            "." | ".." => return Err(Flaw::DotSegment),
            _ => {}
        }
    }
    Ok(())
}

fn is_segment_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '~' | '-')
}

/// A text that is no [`UrlPath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath {
    found: String,
    flaw: Flaw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Flaw {
    TooLong { found_bytes: usize },
    NotAbsolute,
    Character { found: char },
    EmptySegment,
    DotSegment,
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Flaw::TooLong { found_bytes } = self.flaw {
            return write!(f, "path of {found_bytes} bytes: expected at most {MAX_PATH_LENGTH}");
        }
        // Escaped, since a line end in a message would let a path forge a line of a log.
        write!(f, "path `{}`: ", self.found.escape_debug())?;
        match self.flaw {
            Flaw::Character { found } => {
                write!(
                    f,
                    "character `{}` found, expected `A-Z a-z 0-9 . _ ~ -` between the `/`",
                    found.escape_debug()
                )
            }
            Flaw::EmptySegment => f.write_str("empty segment found, expected no `//` and no `/` at the end"),
            Flaw::DotSegment => f.write_str("dot segment found, expected no `.` or `..` between the `/`"),
            Flaw::NotAbsolute | Flaw::TooLong { .. } => f.write_str("expected a leading `/`"),
        }
    }
}

impl Error for InvalidPath {}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        UrlPath::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn a_plain_path_is_kept_as_it_is() {
        for text in ["/a", "/joomla/pkg_demo-1.2.3.zip", "/.well-known/x", "/...", "/~a/b..c/-_"] {
            assert_eq!(UrlPath::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_file_name_is_the_last_segment() {
        assert_eq!(UrlPath::parse("/joomla/pkg_demo-1.2.3.zip").unwrap().file_name(), "pkg_demo-1.2.3.zip");
        assert_eq!(UrlPath::parse("/a.zip").unwrap().file_name(), "a.zip");
    }

    #[test]
    fn the_message_says_what_was_found_and_what_was_expected() {
        assert_eq!(message("a.zip"), "path `a.zip`: expected a leading `/`");
        assert_eq!(
            message("/a//b"),
            "path `/a//b`: empty segment found, expected no `//` and no `/` at the end"
        );
        assert_eq!(
            message("/a/../b"),
            "path `/a/../b`: dot segment found, expected no `.` or `..` between the `/`"
        );
        assert_eq!(
            message("/%2e"),
            "path `/%2e`: character `%` found, expected `A-Z a-z 0-9 . _ ~ -` between the `/`"
        );
    }

    #[test]
    fn a_message_stays_on_one_line() {
        assert!(!message("/a\nb").contains('\n'));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "/", "//", "//host/a", "/a/", "/a//b", "/.", "/a/..", "/a b", "/ü", "/a\0", "*", "/a?b"]
        {
            assert!(UrlPath::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_length_ends_exactly_at_the_limit() {
        let longest = format!("/{}", "a".repeat(MAX_PATH_LENGTH - 1));
        assert!(UrlPath::parse(&longest).is_ok());
        assert_eq!(message(&format!("{longest}a")), "path of 1025 bytes: expected at most 1024");
    }
}
