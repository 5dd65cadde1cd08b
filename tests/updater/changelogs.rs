//! The window with what a release changed, of Joomla 4 and later.

use bandari_generator::updater::Feed;

use super::feeds::{ADDRESS, ALL, site};

/// What the window shows of a file for version 1.1.0.
fn sections(xml: &str) -> Vec<(&'static str, Vec<String>)> {
    let changes = Feed::read(xml.as_bytes(), ADDRESS).changes("1.1.0");
    assert_eq!(changes.aborted, None);
    changes.sections
}

fn changelog(version: &str, sections: &str) -> String {
    format!(
        "<changelog><element>mod_tides</element><type>module</type><version>{version}</version>{sections}</changelog>"
    )
}

/// A file with version 1.1.0 alone.
fn file(sections: &str) -> String {
    format!("<changelogs>{}</changelogs>", changelog("1.1.0", sections))
}

#[track_caller]
fn assert_fixes(xml: &str, items: &[&str]) {
    let found = sections(xml);
    let [("fix", fixes)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(fixes, items);
}

#[test]
fn joomla_3_has_none() {
    for joomla in ALL {
        assert_eq!(site(joomla).joomla.line().has_changelogs, !joomla.starts_with('3'));
    }
}

#[test]
fn sections_are_shown_in_an_order_of_their_own() {
    let reversed: String = ["note", "language", "remove", "change", "addition", "fix", "security"]
        .map(|name| format!("<{name}><item>{name}</item></{name}>"))
        .concat();
    let shown: Vec<&str> = sections(&file(&reversed)).into_iter().map(|(name, _)| name).collect();
    assert_eq!(shown, ["security", "fix", "addition", "change", "remove", "language", "note"]);
}

#[test]
fn only_the_version_selects() {
    let other =
        file("<fix><item>x</item></fix>").replace("mod_tides", "mod_other").replace("module", "plugin");
    assert_fixes(&other, &["x"]);
    for version in [" 1.1.0", "1.1", "1.1.0 ", "1.2.0"] {
        assert!(
            sections(&file("<fix><item>x</item></fix>").replace("1.1.0", version)).is_empty(),
            "{version}"
        );
    }
    assert_fixes(&file("<fix><item>x</item></fix>").replace("1.1.0", "01.1.0"), &["x"]);
}

#[test]
fn of_several_with_the_version_the_last_counts() {
    let [one, two] = ["<fix><item>one</item></fix>", "<fix><item>two</item></fix>"];
    let file = format!("<changelogs>{}{}</changelogs>", changelog("1.1.0", one), changelog("1.1.0", two));
    assert_fixes(&file, &["two"]);
}

#[test]
fn each_piece_of_text_is_a_bullet_of_its_own() {
    assert_fixes(&file("<fix><item>a &amp; b</item></fix>"), &["a ", "&", " b"]);
    assert_fixes(&file("<fix><item>a &#38; b</item></fix>"), &["a ", "&", " b"]);
    assert_fixes(&file("<fix><item>Büsum</item></fix>"), &["B", "üsum"]);
}

#[test]
fn a_cdata_section_is_one_bullet() {
    let long = format!("{}\nü 😀 &amp; <b>", "tides ".repeat(3_000));
    assert_fixes(&file(&format!("<fix><item><![CDATA[{long}]]></item></fix>")), &[&long]);
}

#[test]
fn blanks_around_a_cdata_section_are_bullets() {
    assert_fixes(&file("<fix><item> <![CDATA[x]]></item></fix>"), &[" ", "x"]);
}

#[test]
fn a_section_twice_shows_the_last() {
    assert_fixes(&file("<fix><item>one</item></fix><fix><item>two</item></fix>"), &["two"]);
}

#[test]
fn items_of_an_unknown_section_leak_into_the_next_one() {
    assert_fixes(&file("<misc><item>one</item></misc><fix><item>two</item></fix>"), &["one", "two"]);
    let [older, newer] = ["<misc><item>one</item></misc>", "<fix><item>two</item></fix>"];
    let file = format!("<changelogs>{}{}</changelogs>", changelog("1.0.0", older), changelog("1.1.0", newer));
    assert_fixes(&file, &["one", "two"]);
}

#[test]
fn empty_items_vanish() {
    assert_fixes(&file("<fix><item/><item></item><item>x</item></fix>"), &["x"]);
}

#[test]
fn markup_within_an_item_is_lost() {
    assert_fixes(&file("<fix><item>a <b>bold</b> word</item></fix>"), &["a ", " word"]);
}

#[test]
fn another_root_or_broken_xml_show_nothing() {
    let one = changelog("1.1.0", "<fix><item>x</item></fix>");
    assert!(sections(&format!("<log>{one}</log>")).is_empty());
    assert!(sections(&format!("<changelogs>{one}&nbsp;</changelogs>")).is_empty());
    assert!(sections("").is_empty());
}
