//! How Joomla fetches a feed, as far as the feed's bytes and its address show it.

use bandari_generator::updater::Feed;

use super::feeds::{ALL, assert_unreadable, entry, feed, site, told};

fn second_address(address: &str) -> Option<String> {
    Feed::read(b"", address).second_address()
}

#[test]
fn an_address_that_does_not_end_in_xml_is_tried_once_more() {
    let tried = |address, second: &str| assert_eq!(second_address(address).as_deref(), Some(second));
    tried("https://example.org/feed", "https://example.org/feed/extension.xml");
    tried("https://example.org/feed?id=1", "https://example.org/feed?id=1/extension.xml");
    tried("https://example.org/tides.xml?id=1", "https://example.org/tides.xml?id=1/extension.xml");
    tried("https://example.org/tides.XML", "https://example.org/tides.XML/extension.xml");
    assert_eq!(second_address("https://example.org/tides.xml"), None);
    assert_eq!(second_address("https://example.org/feed?file=tides.xml"), None);
}

#[test]
fn a_feed_that_cannot_be_parsed_is_told_with_the_second_address() {
    for joomla in ALL {
        let decision =
            Feed::read(b"<updates>&nbsp;</updates>", "https://example.org/feed?id=1").decide(&site(joomla));
        let message = "Update: :Extension: Could not parse https://example.org/feed?id=1/extension.xml";
        assert_eq!(told(&decision), [message], "on {joomla}");
    }
}

/// Joomla asks for no compression. What `gzip` makes of an empty file stands for a server that compresses regardless.
#[test]
fn a_compressed_feed_cannot_be_parsed() {
    let gzip = *b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    assert_unreadable(gzip, &ALL);
}

/// The feed is read twice, by two classes.
#[test]
fn the_installation_reads_the_feed_once_more() {
    for joomla in ALL {
        let install = super::feeds::install(feed([entry("1.1.0"), entry("1.2.0")]), &site(joomla));
        assert_eq!(install.version.as_deref(), Some("1.2.0"), "on {joomla}");
        assert_eq!(install.entries.len(), 2, "on {joomla}");
    }
}
