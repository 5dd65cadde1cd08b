//! What a file's name tells when a package is taken over: a name that an address may hold, and the version in it.

use bandari_catalog::names::FileName;

/// The last part of a path, with `_` for what a file's name in an address may not have.
pub(crate) fn file_name(path: &str) -> Result<FileName, &'static str> {
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
    let good =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-') { c } else { '_' };
    let mut name: String = name.chars().map(good).collect();
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    FileName::parse(&name).map_err(|error| error.expected())
}

/// The first run of digits and dots, and what is before and after it.
pub(crate) fn split_at_version(name: &str) -> Option<(&str, &str, &str)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let is_inside = |c: char| c.is_ascii_digit() || c == '.';
    let length = name[start..].find(|c| !is_inside(c)).unwrap_or(name.len() - start);
    let version = name[start..start + length].trim_end_matches('.');
    Some((&name[..start], version, &name[start + version.len()..]))
}

/// What to call files by, and what they are.
pub(crate) fn stem_and_ending<'n>(before: &'n str, after: &'n str) -> (&'n str, &'n str) {
    let (rest, ending) = after.rsplit_once('.').unwrap_or((after, "files"));
    let separators = ['-', '_', '.', '~'];
    let stem = before.trim_matches(separators);
    if stem.is_empty() { (rest.trim_matches(separators), ending) } else { (stem, ending) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digits_and_dots_of_a_name_are_its_version() {
        for (name, parts) in [
            ("ReDJ1.9.0.zip", Some(("ReDJ", "1.9.0", ".zip"))),
            ("handbook-2.0_en.pdf", Some(("handbook-", "2.0", "_en.pdf"))),
            ("jbackend370.zip", Some(("jbackend", "370", ".zip"))),
            ("2.1-book.pdf", Some(("", "2.1", "-book.pdf"))),
            ("notes7", Some(("notes", "7", ""))),
            ("notes.txt", None),
        ] {
            assert_eq!(split_at_version(name), parts, "{name}");
        }
    }

    #[test]
    fn files_are_called_by_the_text_around_their_version() {
        assert_eq!(stem_and_ending("handbook-", ".pdf"), ("handbook", "pdf"));
        assert_eq!(stem_and_ending("", "-book_en.pdf"), ("book_en", "pdf"));
        assert_eq!(stem_and_ending("notes", ""), ("notes", "files"));
        assert_eq!(stem_and_ending("", ".zip"), ("", "zip"));
    }

    #[test]
    fn a_file_gets_a_name_that_an_address_may_hold() {
        for (path, name) in [
            ("a/b/My Über-file+1.0.zip", "My__ber-file_1.0.zip"),
            (".hidden-1.zip", "_hidden-1.zip"),
            ("a/", "a"),
        ] {
            assert_eq!(file_name(path).unwrap().as_str(), name);
        }
        assert!(file_name(&"x".repeat(201)).is_err());
    }
}
