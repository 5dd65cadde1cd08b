//! The elements of an entry, and what the columns of `#__updates` take.

use bandari_generator::updater::{InstallOutcome, Misfit, Outcome};

use super::feeds::{
    ALL, JOOMLA_3, PACKAGE, SINCE_4, assert_hidden, assert_offered, decide, entry, feed, install, offered,
    site, told, updates, with_key,
};

/// Since Joomla 4 a row that does not fit is dropped, and nobody is told.
#[track_caller]
fn assert_dropped(feed: &str, because: &Misfit) {
    for joomla in SINCE_4 {
        let decision = decide(feed, &site(joomla));
        let Outcome::Dropped { because: found, .. } = &decision.outcome else {
            panic!("on {joomla}: {:?}", decision.outcome)
        };
        assert_eq!(found, because, "on {joomla}");
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
    }
}

fn too_long(column: &'static str, length: usize, limit: usize) -> Misfit {
    Misfit::TooLong { column, length, limit }
}

#[test]
fn a_plain_feed_is_offered_and_installed() {
    let feed = feed([entry("1.1.0")]);
    assert_offered(&feed, &ALL, "1.1.0");
    for joomla in ALL {
        let install = install(&feed, &site(joomla));
        let messages: Vec<&str> = install.messages.iter().map(|message| message.text.as_str()).collect();
        assert_eq!(messages, ["Updating module was successful."], "on {joomla}");
        assert_eq!(install.download.unwrap().request, PACKAGE, "on {joomla}");
    }
}

#[test]
fn names_of_elements_and_attributes_may_be_in_any_case() {
    let upper = entry("1.1.0")
        .xml("version", "<VERSION>1.1.0</VERSION>")
        .xml("element", "<Element>mod_tides</Element>")
        .xml("targetplatform", r#"<TargetPlatform NAME="joomla" Version=".*"/>"#)
        .xml("downloads", &format!("<DOWNLOADS><DownloadURL>{PACKAGE}</DownloadURL></DOWNLOADS>"));
    let feed = feed([upper]);
    assert_offered(&feed, &ALL, "1.1.0");
    for joomla in ALL {
        assert_eq!(install(&feed, &site(joomla)).download.unwrap().request, PACKAGE, "on {joomla}");
    }
}

#[test]
fn a_nested_name_renames_the_extension() {
    let nested = entry("1.1.0").xml("maintainer", "<maintainer><name>Joe</name></maintainer>");
    for joomla in ALL {
        let decision = decide(feed([nested.clone()]), &site(joomla));
        assert_eq!(offered(&decision), Some("1.1.0"), "on {joomla}");
        assert_eq!(decision.entries[0].name.as_deref(), Some("Joe"), "on {joomla}");
    }
}

#[test]
fn a_nested_version_changes_the_version() {
    let nested = entry("1.1.0").xml("requires", "<requires><version>3.0.0</version></requires>");
    assert_offered(feed([nested]), &ALL, "3.0.0");
}

#[test]
fn a_repeated_element_overwrites_the_first() {
    let repeated = entry("1.1.0").xml("again", "<version>1.2.0</version>");
    assert_offered(feed([repeated]), &ALL, "1.2.0");
}

#[test]
fn a_name_is_needed_since_joomla_4() {
    assert_dropped(&feed([entry("1.1.0").without("name")]), &Misfit::Blank { column: "name" });
    assert_dropped(&feed([entry("1.1.0").with("name", "")]), &Misfit::Blank { column: "name" });
}

#[test]
fn a_language_key_stays_what_it_is() {
    for joomla in ALL {
        let decision = decide(feed([entry("1.1.0").with("name", "MOD_TIDES")]), &site(joomla));
        assert_eq!(decision.entries[0].name.as_deref(), Some("MOD_TIDES"), "on {joomla}");
    }
}

#[test]
fn a_name_has_at_most_100_characters() {
    // Characters, not bytes.
    assert_offered(feed([entry("1.1.0").with("name", &"ü".repeat(100))]), &ALL, "1.1.0");
    let feed = feed([entry("1.1.0").with("name", &"n".repeat(101))]);
    assert_dropped(&feed, &too_long("name", 101, 100));
    assert_offered(&feed, &JOOMLA_3, "1.1.0");
}

#[test]
fn a_version_has_at_most_32_characters() {
    let longest = format!("1.1.0.{}", "1".repeat(26));
    assert_offered(feed([entry(&longest)]), &ALL, &longest);
    let longer = format!("{longest}1");
    assert_dropped(&feed([entry(&longer)]), &too_long("version", 33, 32));
    // Cut when it is stored.
    assert_offered(feed([entry(&longer)]), &JOOMLA_3, &longest);
}

#[test]
fn a_description_has_at_most_65535_bytes() {
    assert_offered(feed([entry("1.1.0").with("description", &"d".repeat(65_535))]), &ALL, "1.1.0");
    let feed = feed([entry("1.1.0").with("description", &"d".repeat(65_536))]);
    assert_dropped(&feed, &too_long("description", 65_536, 65_535));
    assert_offered(&feed, &JOOMLA_3, "1.1.0");
}

#[test]
fn a_description_may_be_missing() {
    assert_offered(feed([entry("1.1.0").without("description")]), &ALL, "1.1.0");
}

#[test]
fn blanks_at_the_end_that_are_too_many_are_cut() {
    for (element, blank) in [("name", " "), ("name", "\n"), ("description", " ")] {
        let padded = format!("x{}", blank.repeat(65_535));
        assert_offered(feed([entry("1.1.0").with(element, &padded)]), &ALL, "1.1.0");
    }
}

/// As if nothing were there; a tab is something.
#[test]
fn a_character_of_no_width_in_an_element_does_no_harm_with_mysql() {
    assert_offered(feed([entry("1.1.0").with("element", "mod_tides\u{200b}")]), &ALL, "1.1.0");
    for joomla in ALL {
        let decision = decide(feed([entry("1.1.0").with("element", "mod_tides\t")]), &site(joomla));
        assert_eq!(offered(&decision), None, "on {joomla}");
    }
}

/// Rows that are no installed extension's are not looked at, so their length is only told where the element is right.
#[test]
fn too_long_an_element_type_or_folder_is_not_offered() {
    for element in ["element", "type", "folder"] {
        let feed = feed([entry("1.1.0").with(element, &"x".repeat(101))]);
        for joomla in ALL {
            assert_eq!(offered(&decide(&feed, &site(joomla))), None, "{element} on {joomla}");
        }
    }
}

#[test]
fn blanks_are_never_cut_off() {
    for joomla in ALL {
        let element = decide(feed([entry("1.1.0").with("element", " mod_tides ")]), &site(joomla));
        assert_eq!(offered(&element), None, "on {joomla}");
        let version = decide(feed([entry("1.1.0").with("version", "\n1.1.0\n")]), &site(joomla));
        assert_eq!(offered(&version), None, "on {joomla}");
        let kind = decide(feed([entry("1.1.0").with("type", " module ")]), &site(joomla));
        assert_eq!(offered(&kind), None, "on {joomla}");
    }
}

#[test]
fn without_element_name_or_version_there_is_no_update() {
    for element in ["element", "version"] {
        for joomla in ALL {
            let decision = decide(feed([entry("1.1.0").without(element)]), &site(joomla));
            assert_eq!(offered(&decision), None, "{element} on {joomla}");
        }
    }
    for joomla in SINCE_4 {
        let decision = decide(feed([entry("1.1.0").without("name")]), &site(joomla));
        assert_eq!(offered(&decision), None, "on {joomla}");
    }
}

#[test]
fn without_a_type_the_update_is_stored_and_not_shown() {
    for joomla in ALL {
        let decision = decide(feed([entry("1.1.0").without("type")]), &site(joomla));
        let Outcome::NotInstalled { mismatches, .. } = decision.outcome else { panic!("on {joomla}") };
        let fields: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.field).collect();
        assert_eq!(fields, ["type"], "on {joomla}");
    }
}

#[test]
fn the_type_may_be_in_upper_case_on_mysql() {
    assert_offered(feed([entry("1.1.0").with("type", "Module")]), &ALL, "1.1.0");
}

#[test]
fn elements_that_joomla_does_not_know_have_no_effect() {
    let more = "<maintainer>Joe</maintainer><maintainerurl>https://example.org</maintainerurl>\
        <section>Updates</section><category>1</category><relationships>2</relationships>\
        <security>high</security><md5>00000000000000000000000000000000</md5><anything>else</anything>";
    let feed = feed([entry("1.1.0").xml("more", more)]);
    assert_offered(&feed, &ALL, "1.1.0");
    for joomla in ALL {
        assert_eq!(install(&feed, &site(joomla)).download.unwrap().request, PACKAGE, "on {joomla}");
    }
}

#[test]
fn the_element_stability_is_not_the_stability_of_the_check() {
    assert_offered(feed([entry("1.1.0").with("stability", "alpha")]), &ALL, "1.1.0");
}

/// The second parser keeps it where it keeps the stability, and PHP takes it for alpha.
#[test]
fn the_element_stability_hides_the_entry_from_the_installation() {
    let [element, tag] = ["<stability>stable</stability>", "<tag>stable</tag>"];
    for joomla in ALL {
        let install = |xml: &str| install(feed([entry("1.1.0").xml("more", xml)]), &site(joomla)).outcome;
        assert_eq!(install(element), InstallOutcome::NothingFits, "on {joomla}");
        assert_eq!(install(&format!("{element}{tag}")), InstallOutcome::Downloads, "on {joomla}");
        let behind_tag = install(&format!("{tag}{element}"));
        assert!(matches!(behind_tag, InstallOutcome::Aborted(_)), "on {joomla}: {behind_tag:?}");
    }
}

/// What the parser keeps of the element is no text, and PHP cannot make one of it.
#[test]
fn an_extra_query_in_the_feed_ends_the_installation_of_sites_without_key() {
    let feed = feed([entry("1.1.0").with("extra_query", "dlid=1")]);
    assert_offered(&feed, &ALL, "1.1.0");
    for joomla in ["3.10.12", "4.4.3", "5.2.1"] {
        let outcome = install(&feed, &site(joomla)).outcome;
        assert!(matches!(outcome, InstallOutcome::Aborted(_)), "on {joomla}: {outcome:?}");
    }
    // Newer versions catch the error, and tell it.
    for joomla in ["5.2.2", "5.3.4", "6.0.0"] {
        let install = install(&feed, &site(joomla));
        assert!(matches!(install.outcome, InstallOutcome::Failed(_)), "on {joomla}: {:?}", install.outcome);
        let messages: Vec<&str> = install.messages.iter().map(|message| message.text.as_str()).collect();
        let error = "Error updating: Tides<br />Object of class stdClass could not be converted to string<br /><br />";
        assert_eq!(messages, [error], "on {joomla}");
    }
    for joomla in ALL {
        let download = install(&feed, &with_key(joomla, "dlid=", "")).download.unwrap();
        assert_eq!(download.request, format!("{PACKAGE}?dlid=KEY"), "on {joomla}");
    }
}

#[test]
fn the_last_address_of_the_package_wins() {
    let two = "<downloads><downloadurl>https://example.org/a.zip</downloadurl>\
        <downloadurl type=\"upgrade\" format=\"tar\">https://example.org/b.zip</downloadurl></downloads>";
    for joomla in ALL {
        let install = install(feed([entry("1.1.0").xml("downloads", two)]), &site(joomla));
        // Type and format have no effect either.
        assert_eq!(install.download.unwrap().request, "https://example.org/b.zip", "on {joomla}");
    }
}

#[test]
fn wrappers_are_not_needed() {
    let bare = format!("<downloadurl>{PACKAGE}</downloadurl><tag>stable</tag>");
    let feed = feed([entry("1.1.0").xml("downloads", &bare)]);
    assert_offered(&feed, &ALL, "1.1.0");
    for joomla in ALL {
        assert_eq!(install(&feed, &site(joomla)).download.unwrap().request, PACKAGE, "on {joomla}");
    }
}

#[test]
fn a_site_without_the_extension_is_never_shown_its_update() {
    for joomla in ALL {
        let mut site = site(joomla);
        site.installed = None;
        let outcome = decide(feed([entry("1.1.0")]), &site).outcome;
        let expected = Outcome::NotInstalled { version: "1.1.0".into(), entry: 1, mismatches: Vec::new() };
        assert_eq!(outcome, expected, "on {joomla}");
    }
}

#[test]
fn a_feed_without_entries_offers_nothing() {
    assert_hidden(updates(""), &ALL);
}
