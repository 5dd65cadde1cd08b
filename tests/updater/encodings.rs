//! What Joomla's XML parser takes for a feed, and what it breaks on.

use bandari_generator::updater::{Outcome, Unread};

use super::feeds::{
    ALL, PACKAGE, assert_hidden, assert_offered, assert_unreadable, decide, entry, feed, install, offered,
    site, told, updates,
};

/// The name of the first entry, as each Joomla reads it.
#[track_caller]
fn assert_name(feed: impl AsRef<[u8]>, name: &str) {
    for joomla in ALL {
        let decision = decide(&feed, &site(joomla));
        assert_eq!(offered(&decision), Some("1.1.0"), "on {joomla}: {:?}", decision.outcome);
        assert_eq!(decision.entries[0].name.as_deref(), Some(name), "on {joomla}");
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
        let request = decision.install.and_then(|install| install.download).map(|download| download.request);
        assert_eq!(request.as_deref(), Some(PACKAGE), "on {joomla}");
    }
}

fn named(name: &str) -> String {
    feed([entry("1.1.0").with("name", name)])
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn utf_8_needs_no_declaration() {
    let feed = named("Gezeiten für Büsum");
    assert_name(&feed, "Gezeiten für Büsum");
    let bare = feed.split_once("?>\n").unwrap().1;
    assert_name(bare, "Gezeiten für Büsum");
}

#[test]
fn a_byte_order_mark_is_no_harm() {
    assert_name(format!("\u{feff}{}", named("Büsum")), "Büsum");
}

#[test]
fn iso_8859_1_is_read_where_it_is_declared() {
    let feed = named("Büsum").replace("UTF-8", "ISO-8859-1");
    assert_name(latin_1(&feed), "Büsum");
}

#[test]
fn utf_16_is_read_where_it_is_declared() {
    let feed = format!("\u{feff}{}", named("Büsum").replace("UTF-8", "UTF-16"));
    let little: Vec<u8> = feed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = feed.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_name(little, "Büsum");
    assert_name(big, "Büsum");
}

#[test]
fn cdata_comments_and_entities_are_part_of_a_text() {
    assert_name(named("<![CDATA[Tides & <Co>]]>"), "Tides & <Co>");
    assert_name(named("Ti<!-- what comes and goes -->des"), "Tides");
    assert_name(named("Ti&#100;e&#x73;"), "Tides");
    assert_name(named("&lt;T&gt; &amp; &quot;C&quot; &apos;o&apos;"), "<T> & \"C\" 'o'");
}

#[test]
fn entities_of_an_internal_document_type_are_read() {
    let doctype = "?>\n<!DOCTYPE updates [<!ENTITY town \"B&#252;sum\">]>";
    assert_name(named("Tides of &town;").replace("?>", doctype), "Tides of Büsum");
}

#[test]
fn a_default_namespace_is_no_harm() {
    assert_name(
        named("Tides").replace("<updates>", "<updates xmlns=\"https://example.org/updates\">"),
        "Tides",
    );
}

#[test]
fn nothing_may_stand_before_the_declaration() {
    for before in ["\n", " ", "<!-- tides -->", "Notice: undefined index", "\r\n\r\n"] {
        assert_unreadable(format!("{before}{}", named("Tides")), &ALL);
    }
}

#[test]
fn entities_that_are_not_declared_break_the_feed() {
    assert_unreadable(named("Tides&nbsp;2"), &ALL);
    assert_unreadable(named("B&uuml;sum"), &ALL);
}

#[test]
fn bytes_that_do_not_fit_the_encoding_break_the_feed() {
    let mut feed = named("Tides").into_bytes();
    let at = feed.windows(5).position(|window| window == b"Tides").unwrap();
    feed.splice(at..at + 1, [0xff, 0xfe]);
    assert_unreadable(feed, &ALL);
}

#[test]
fn garbage_behind_the_root_breaks_the_feed() {
    assert_unreadable(format!("{}garbage", named("Tides")), &ALL);
    assert_unreadable(format!("{}<updates/>", named("Tides")), &ALL);
}

/// libxml2 takes ten million bytes and no more.
#[test]
fn a_text_of_more_than_ten_megabytes_breaks_the_feed() {
    let long = feed([entry("1.1.0").with("description", &"d".repeat(10_000_100))]);
    assert_unreadable(long, &["3.10.12", "6.0.0"]);
}

/// The parser waits for the `;`, in silence.
#[test]
fn an_unescaped_ampersand_gives_no_update_and_no_message() {
    let feed = named("Tides & Co");
    assert_hidden(&feed, &ALL);
    for joomla in ALL {
        let unread = decide(&feed, &site(joomla)).unread;
        assert!(matches!(unread, Some(Unread::Unfinished { .. })), "on {joomla}: {unread:?}");
    }
}

#[test]
fn an_empty_body_gives_no_update_and_no_message() {
    assert_hidden("", &ALL);
}

#[test]
fn a_feed_cut_off_behind_an_entry_is_taken() {
    let cut = format!("<?xml version=\"1.0\"?>\n<updates>{}<update><na", entry("1.1.0"));
    assert_offered(&cut, &ALL, "1.1.0");
}

#[test]
fn a_feed_cut_off_within_an_entry_has_none() {
    let whole = feed([entry("1.1.0")]);
    assert_hidden(&whole[..whole.find("</update>").unwrap()], &ALL);
}

#[test]
fn what_was_read_before_the_feed_broke_is_forgotten() {
    let broken = updates(&format!("{}<update>&nbsp;</update>", entry("1.1.0")));
    assert_unreadable(&broken, &ALL);
    for joomla in ALL {
        assert_eq!(decide(&broken, &site(joomla)).outcome, Outcome::Unreadable, "on {joomla}");
    }
}

#[test]
fn text_and_markup_between_elements_are_no_harm() {
    let spread = feed([entry("1.1.0")]).replace("><", ">\n  <!-- next --> <?skip this?>\n<");
    assert_offered(&spread, &ALL, "1.1.0");
    for joomla in ALL {
        assert_eq!(install(&spread, &site(joomla)).download.unwrap().request, PACKAGE, "on {joomla}");
    }
}
