//! Changelogs: what is accepted becomes XML that Joomla's parser reads, with the same items for each version, in which nothing is
//! but text and four harmless elements.

use bandari_generator::fuzzing;
use bandari_generator::updater::Feed;

use crate::text::assert_message;

/// What an item may hold besides text.
const ELEMENTS: [&str; 3] = ["code", "em", "strong"];

/// Bytes of `changelog.xml` from which libxml2 has its limits.
const MAX_XML_BYTES: usize = 10_000_000;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let changelog = match fuzzing::changelog(input) {
        Ok(changelog) => changelog,
        Err(message) => return assert_message(&message),
    };
    changelog.flaws.iter().for_each(|flaw| assert_message(flaw));
    assert!(changelog.flaws.len() < 100);
    assert!(changelog.xml.len() < MAX_XML_BYTES);
    let file = Feed::read(&changelog.xml, "https://u.example/tides/changelog.xml");
    assert_eq!(file.unread(), None);
    for (version, sections) in &changelog.entries {
        for item in sections.iter().flat_map(|(_, items)| items) {
            check_item(item);
        }
        if !sections.is_empty() {
            assert_eq!(file.changes(version).sections, *sections, "{version}");
        }
    }
}

fn check_item(html: &str) {
    assert!(!html.is_empty() && !html.chars().any(char::is_control), "{html:?}");
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        assert!(!before.contains(['>', '"', '\'']), "{html}");
        let (tag, behind) = tag.split_once('>').expect("each tag has an end");
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
        } else if let Some(address) = tag.strip_prefix("a href=\"") {
            let address = address.strip_suffix('"').expect("the address is quoted");
            assert!(!address.contains(['"', '\'', '<']), "{html}");
            let scheme = address.to_ascii_lowercase();
            assert!(["http:", "https:", "mailto:"].iter().any(|good| scheme.starts_with(good)), "{html}");
            open.push("a");
        } else {
            assert!(ELEMENTS.contains(&tag), "{html}");
            open.push(tag);
        }
    }
    assert!(!rest.contains(['>', '"', '\'']), "{html}");
    assert!(open.is_empty(), "{html}");
}
