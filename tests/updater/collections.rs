//! Collections: many extensions in one file, all in attributes.

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_generator::updater::{Misfit, Outcome};

use super::feeds::{ALL, SINCE_4, collect, offered, site, told, with_extension};

const TIDES: &str = r#"name="Tides" element="mod_tides" type="module" version="1.1.0"
    detailsurl="https://example.org/tides.xml""#;

fn collection(extensions: &[&str]) -> String {
    let rows: String = extensions.iter().map(|row| format!("  <extension {row}/>\n")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<extensionset name=\"All\">\n{rows}</extensionset>\n"
    )
}

#[track_caller]
fn assert_collected(collection: &str, version: Option<&str>) {
    for joomla in ALL {
        let decision = collect(collection, &site(joomla));
        assert_eq!(offered(&decision), version, "on {joomla}: {:?}", decision.outcome);
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
    }
}

#[test]
fn a_missing_client_is_the_site() {
    assert_collected(&collection(&[TIDES]), Some("1.1.0"));
    assert_collected(&collection(&[&format!("{TIDES} client=\"site\"")]), Some("1.1.0"));
    assert_collected(&collection(&[&format!("{TIDES} client=\"administrator\"")]), None);
}

#[test]
fn any_root_is_no_harm() {
    assert_collected(&collection(&[TIDES]).replace("extensionset", "everything"), Some("1.1.0"));
}

#[test]
fn a_missing_expression_is_the_joomla_of_the_site() {
    for expression in [".*", "[3456]"] {
        assert_collected(
            &collection(&[&format!("{TIDES} targetplatformversion=\"{expression}\"")]),
            Some("1.1.0"),
        );
    }
    assert_collected(&collection(&[&format!("{TIDES} targetplatformversion=\"99\"")]), None);
}

#[test]
fn another_platform_is_passed_over() {
    assert_collected(&collection(&[&format!("{TIDES} targetplatform=\"joomla\"")]), Some("1.1.0"));
    assert_collected(&collection(&[&format!("{TIDES} targetplatform=\"Joomla\"")]), None);
}

#[test]
fn one_file_has_rows_of_many_extensions() {
    let rows = [
        TIDES,
        r#"name="Moon" element="moon" type="plugin" folder="content" version="2.0.0" detailsurl="https://example.org/m.xml""#,
        r#"name="Harbor" element="com_harbor" type="component" client="administrator" version="3.0.0"
            detailsurl="https://example.org/h.xml""#,
    ];
    let all = collection(&rows);
    assert_collected(&all, Some("1.1.0"));
    for joomla in ALL {
        let plugin = with_extension(joomla, ExtensionType::Plugin, "moon", "content", Client::Site);
        assert_eq!(offered(&collect(&all, &plugin)), Some("2.0.0"), "on {joomla}");
        let component =
            with_extension(joomla, ExtensionType::Component, "com_harbor", "", Client::Administrator);
        assert_eq!(offered(&collect(&all, &component)), Some("3.0.0"), "on {joomla}");
    }
}

#[test]
fn neither_php_nor_database_nor_stability_are_asked_for() {
    let asks =
        format!("{TIDES} php_minimum=\"99\" tag=\"dev\" stability=\"dev\" supported_databases=\"none\"");
    assert_collected(&collection(&[&asks]), Some("1.1.0"));
}

#[test]
fn without_the_address_of_the_feed_the_row_is_dropped_since_joomla_4() {
    let row = TIDES.split(" version").next().unwrap();
    let bare = collection(&[&format!("{row} version=\"1.1.0\"")]);
    for joomla in SINCE_4 {
        let decision = collect(&bare, &site(joomla));
        let because = Misfit::Blank { column: "detailsurl" };
        assert_eq!(
            decision.outcome,
            Outcome::Dropped { version: "1.1.0".into(), entry: 1, because },
            "on {joomla}"
        );
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
    }
}

/// Each row is stored for itself.
#[test]
fn a_row_that_is_dropped_does_not_hide_another() {
    let newer = TIDES.replace("1.1.0", "2.0.0").replace("\"Tides\"", "\"\"");
    let older = TIDES.replace("1.1.0", "1.0.0");
    for joomla in SINCE_4 {
        let both = collect(collection(&[&newer, TIDES]), &site(joomla));
        assert_eq!(both.outcome, Outcome::Offered { version: "1.1.0".into(), entry: 2 }, "on {joomla}");
        let nothing_else = collect(collection(&[&older, &newer]), &site(joomla));
        assert!(matches!(nothing_else.outcome, Outcome::Dropped { entry: 2, .. }), "on {joomla}");
    }
}

#[test]
fn a_name_is_needed_since_joomla_4() {
    for nameless in [TIDES.replace("name=\"Tides\" ", ""), TIDES.replace("\"Tides\"", "\"\"")] {
        for joomla in SINCE_4 {
            let outcome = collect(collection(&[&nameless]), &site(joomla)).outcome;
            let because = Misfit::Blank { column: "name" };
            assert_eq!(
                outcome,
                Outcome::Dropped { version: "1.1.0".into(), entry: 1, because },
                "on {joomla}"
            );
        }
    }
}

#[test]
fn a_category_with_an_address_is_never_followed() {
    let category =
        "<extensionset><category name=\"Modules\" ref=\"https://example.org/modules.xml\"/></extensionset>";
    assert_collected(category, None);
    for joomla in ALL {
        assert_eq!(collect(category, &site(joomla)).outcome, Outcome::NothingFits, "on {joomla}");
    }
}

#[test]
fn a_collection_that_cannot_be_parsed_is_told() {
    for joomla in ALL {
        let decision = collect("<extensionset>&nbsp;</extensionset>", &site(joomla));
        assert_eq!(decision.outcome, Outcome::Unreadable, "on {joomla}");
        assert_eq!(
            told(&decision),
            ["Update: :Collection: Could not parse https://updates.example.org/tides.xml"],
            "on {joomla}"
        );
    }
}
