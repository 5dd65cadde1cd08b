//! Addresses of feeds that a person gave, and how they are shown: what is printed ends up in logs, and an address can hold a
//! password or a download key.

use crate::shown::quoted;
use crate::updater::KEY;

/// Parameters of Joomla's own addresses and of what delivers feeds; no key goes by such a name.
const PLAIN_PARAMETERS: [&str; 16] = [
    "option",
    "view",
    "task",
    "layout",
    "format",
    "id",
    "catid",
    "category",
    "element",
    "type",
    "name",
    "extension",
    "version",
    "lang",
    "file",
    "dummy",
];

/// Whether a word is an address, whatever its scheme.
pub(super) fn is_address(word: &str) -> bool {
    word.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

/// # Errors
/// What was expected.
pub(super) fn require_https(address: &str) -> Result<(), String> {
    let is_https = address.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    if is_https {
        return Ok(());
    }
    Err(format!(
        "found {}, expected a file or an address that begins with `https://`, as nobody vouches for what comes without TLS",
        quoted(&without_secrets(address))
    ))
}

/// The address as it may be printed: in place of a password, and of every value that may be a key, it has [`KEY`].
pub(super) fn without_secrets(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or(authority.to_owned(), |(_, host)| format!("{KEY}@{host}"));
    let Some((path, query)) = rest.split_once('?') else { return format!("{scheme}://{host}{rest}") };
    let parameters: Vec<String> = query.split('&').map(parameter).collect();
    format!("{scheme}://{host}{path}?{}", parameters.join("&"))
}

/// What follows the last parameter stays with it: Joomla looks whether an address ends in `.xml`.
fn parameter(parameter: &str) -> String {
    let (name, value) = match parameter.split_once('=') {
        Some((name, _)) if PLAIN_PARAMETERS.contains(&name) => return parameter.to_owned(),
        Some((name, value)) => (format!("{name}="), value),
        None => (String::new(), parameter),
    };
    let end = if value.ends_with(".xml") { ".xml" } else { "" };
    if value.is_empty() { name } else { format!("{name}{KEY}{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_keys_and_passwords() {
        for (address, shown) in [
            ("https://example.org/updates.xml", "https://example.org/updates.xml"),
            ("https://example.org/u.xml?dlid=4711&f=", "https://example.org/u.xml?dlid=KEY&f="),
            ("https://ada:secret@example.org/u.xml", "https://KEY@example.org/u.xml"),
            ("https://ada:s@cret@example.org?4711", "https://KEY@example.org?KEY"),
            (
                "https://example.org/index.php?option=com_ars&view=update&id=3&token=4711&dummy=extension.xml",
                "https://example.org/index.php?option=com_ars&view=update&id=3&token=KEY&dummy=extension.xml",
            ),
            ("https://example.org/?token=4711.xml", "https://example.org/?token=KEY.xml"),
            ("https://example.org/a?b=c?d=4711#4711", "https://example.org/a?b=KEY"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
    }

    #[test]
    fn an_address_that_is_refused_is_told_without_its_key() {
        let message = require_https("http://example.org/u.xml?dlid=4711").unwrap_err();
        assert!(message.starts_with("found `http://example.org/u.xml?dlid=KEY`, expected "), "{message}");
    }
}
