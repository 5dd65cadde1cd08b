//! Feeds that end the check of a whole site: update servers behind them are not asked any more.

use bandari_generator::updater::{InstallOutcome, Outcome};

use super::feeds::{
    ALL, JOOMLA_3, SINCE_4, assert_aborted, assert_offered, collect, decide, entry, feed, install, site,
    updates,
};

/// The columns of `#__updates`. Joomla 3 has no `changelogurl`.
const COLUMNS: [&str; 9] =
    ["name", "version", "description", "element", "type", "folder", "client", "infourl", "extra_query"];

#[test]
fn an_element_named_like_a_column_before_the_first_entry_ends_the_check() {
    for column in COLUMNS {
        assert_aborted(updates(&format!("<{column}>x</{column}>{}", entry("1.1.0"))), &ALL);
    }
    let changelog = updates(&format!("<changelogurl>x</changelogurl>{}", entry("1.1.0")));
    assert_aborted(&changelog, &SINCE_4);
    assert_offered(&changelog, &JOOMLA_3, "1.1.0");
}

#[test]
fn the_same_element_behind_the_last_entry_does_not() {
    let behind = updates(&format!("{}<infourl>https://example.org</infourl>", entry("1.1.0")));
    assert_offered(behind, &ALL, "1.1.0");
}

/// It is the entry's still. What is no column of the table is too much for the one of Joomla 3.
#[test]
fn what_stands_behind_an_entry_belongs_to_it() {
    let behind = |xml: &str| updates(&format!("{}{xml}", entry("1.1.0")));
    assert_offered(behind("<version>1.3.0</version>"), &ALL, "1.3.0");
    assert_offered(behind("<php_minimum>99</php_minimum>"), &SINCE_4, "1.1.0");
    for joomla in JOOMLA_3 {
        let outcome = decide(behind("<php_minimum>8.1</php_minimum>"), &site(joomla)).outcome;
        let Outcome::Aborted(aborted) = outcome else { panic!("{outcome:?}") };
        assert!(aborted.error.starts_with("Unknown column 'php_minimum' in "), "{}", aborted.error);
    }
}

#[test]
fn an_entry_within_an_entry_is_the_newer_one_of_both() {
    let inner = entry("1.2.0");
    assert_offered(feed([entry("1.1.0").xml("inner", &inner.to_string())]), &ALL, "1.2.0");
}

/// There is no entry any more that it could belong to.
#[test]
fn an_element_behind_an_inner_root_ends_the_installation() {
    let nested = updates(&format!("<updates>{}</updates><title>Tides</title>", entry("1.1.0")));
    assert_offered(&nested, &ALL, "1.1.0");
    for joomla in ALL {
        let outcome = install(&nested, &site(joomla)).outcome;
        assert!(matches!(outcome, InstallOutcome::Aborted(_)), "on {joomla}: {outcome:?}");
    }
}

/// The check passes over elements that are no columns; the second parser keeps them all.
#[test]
fn another_element_before_the_first_entry_ends_the_installation() {
    let entry = entry("1.1.0").to_string();
    for (before, property) in [
        (updates(&format!("<title>Tides</title>{entry}")), "title"),
        (updates(&format!("<all>{entry}</all>")), "all"),
        (updates(&entry).replace("updates>", "releases>"), "releases"),
    ] {
        assert_offered(&before, &ALL, "1.1.0");
        for joomla in ALL {
            let outcome = install(&before, &site(joomla)).outcome;
            let InstallOutcome::Aborted(aborted) = outcome else { panic!("on {joomla}: {outcome:?}") };
            let error = format!("Attempt to assign property \"{property}\" on null");
            assert_eq!(aborted.error, error, "on {joomla}");
        }
    }
}

/// No element is called `update` then, and its children have no prefix.
#[test]
fn a_prefixed_namespace_ends_the_check() {
    let prefixed = feed([entry("1.1.0")])
        .replace("<updates>", "<j:updates xmlns:j=\"https://example.org/updates\">")
        .replace("</updates>", "</j:updates>")
        .replace("<update>", "<j:update>")
        .replace("</update>", "</j:update>");
    assert_aborted(prefixed, &ALL);
}

#[test]
fn the_error_names_what_php_says_and_where() {
    for joomla in ALL {
        let outcome = decide(updates("\n\n<version>1</version>"), &site(joomla)).outcome;
        let Outcome::Aborted(aborted) = outcome else { panic!("on {joomla}: {outcome:?}") };
        assert_eq!(aborted.error, "Attempt to assign property \"version\" on null", "on {joomla}");
        assert_eq!(aborted.line, Some(4), "on {joomla}");
    }
}

#[test]
fn a_category_without_address_ends_the_check() {
    let nested = "<extensionset><category name=\"Modules\"><extension name=\"Tides\" element=\"mod_tides\" type=\"module\" \
        version=\"1.1.0\" detailsurl=\"https://example.org/tides.xml\"/></category></extensionset>";
    for joomla in ALL {
        let outcome = collect(nested, &site(joomla)).outcome;
        assert!(matches!(outcome, Outcome::Aborted(_)), "on {joomla}: {outcome:?}");
    }
}
