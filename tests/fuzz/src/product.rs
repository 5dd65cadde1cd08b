//! Product files: what is accepted can be published, and the feed says it; what is not is told in sentences.
//!
//! The first line of an input may be a comment with a version, `# 1.2.0`, which the product file is asked about.

use std::path::Component;

use bandari_catalog::version::Version;
use bandari_generator::fuzzing;
use bandari_generator::updater::Feed;

use crate::text::assert_message;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let comment = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or("1.0.0");
    let version = if Version::parse(comment).is_ok() { comment } else { "1.0.0" };
    let product = match fuzzing::product(text, version) {
        Ok(product) => product,
        Err(messages) => {
            assert!(!messages.is_empty());
            return messages.iter().for_each(|message| assert_message(message));
        }
    };
    if let Err(message) = &product.package_id {
        assert_message(message);
    }
    if let Some(php) = &product.php {
        assert!(php.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{php}");
    }
    if let Some(icon) = &product.icon {
        assert!(icon.components().all(|part| matches!(part, Component::Normal(_))), "{}", icon.display());
    }
    let feed = Feed::read(&product.feed, "https://u.example/tides/updates.xml");
    assert_eq!(feed.unread(), None);
    // One entry, or two where databases are told to Joomla 4 and later only.
    let entries = feed.texts(&["VERSION", "MAINTAINER", "INFOURL", "PHP_MINIMUM", "DESCRIPTION"]);
    assert!((1..=2).contains(&entries.len()), "{entries:?}");
    for entry in &entries {
        assert_eq!(entry["VERSION"], version);
        assert_eq!(entry.get("PHP_MINIMUM"), product.php.as_ref());
        assert_eq!(entry["MAINTAINER"], product.maintainer.as_deref().unwrap_or("V"));
        if let Some(infourl) = &product.infourl {
            assert_eq!(entry["INFOURL"], *infourl);
        }
        // It is printed as HTML, and dropped when it is too long.
        let description = &entry["DESCRIPTION"];
        assert!(!description.contains(['<', '>', '"']) && description.len() <= 65_535, "{description}");
        if let Some(summary) = &product.summary {
            let plain = quick_xml::escape::unescape(description).expect("it was escaped");
            assert_eq!(plain, summary.replace('\n', " "));
        }
    }
}
