//! Joomla's own fields for keys: while one is empty no update of its extension is offered, so keys of the settings are put there.

use super::*;

const HOST: &str = "https://get.example.org";

/// A site with these update sites, in a plug-in whose settings were `settings`; what is in the fields after `done`.
#[track_caller]
fn fields(joomla: &str, settings: &Value, sites: &Value, done: &Value) -> Option<Vec<String>> {
    let plugin = Plugin::asking(HOST, "");
    let mut scenario = done.clone();
    scenario["settings"] = settings.clone();
    scenario["update_sites"] = sites.clone();
    let outcome = plugin.run(joomla, &scenario)?;
    assert_eq!(outcome.messages(), []);
    assert_eq!(outcome.questions(), []);
    if let Some(saved) = done.get("saved") {
        assert_eq!(&outcome.0["saved"], saved, "what is saved is what was entered");
    }
    let found = outcome.0["extra_queries"].as_array().unwrap();
    Some(found.iter().map(|query| query.as_str().unwrap().to_owned()).collect())
}

/// The update site of Beacon, with a field for its key, and this in it.
fn beacon(extra_query: &str) -> Value {
    let feed = format!("{HOST}/beacon/updates.xml");
    json!({"location": feed, "extra_query": extra_query, "prefix": "dlid=", "suffix": "&amp;f=.zip"})
}

/// Somebody saves this key for the group of Beacon.
fn saving(key: &str) -> Value {
    json!({"saved": {"key_lights~pro": key}})
}

/// 4.1 saves settings in another way than all that came after it.
const NEWER: [&str; 5] = ["4.1.2", "4.4.12", "5.2.1", "5.3.4", "6.0.4"];

#[test]
fn a_key_that_is_saved_is_put_into_empty_fields() {
    for joomla in NEWER {
        for (key, expected) in [
            ("abc", "abc"),
            (" dlid=abc\u{a0}", "abc"),
            ("12:0123456789abcdef0123456789abcdef", "12:0123456789abcdef0123456789abcdef"),
            ("A+B&c#d", "A%2BB%26c%23d"),
        ] {
            let sites = json!([beacon(""), beacon("dlid=&amp;f=.zip")]);
            let Some(found) = fields(joomla, &json!({}), &sites, &saving(key)) else { return };
            assert_eq!(found, vec![format!("dlid={expected}&amp;f=.zip"); 2], "{joomla} {key}");
        }
    }
}

#[test]
fn what_is_no_text_is_put_into_no_field() {
    for joomla in NEWER {
        for value in [json!(["abc"]), json!({"key": "abc"}), json!(null), json!(7), json!(true)] {
            let done = json!({"saved": {"key_lights~pro": value}});
            let Some(found) = fields(joomla, &json!({}), &json!([beacon("")]), &done) else { return };
            assert_eq!(found, [""], "{joomla} {value}");
        }
    }
}

#[test]
fn a_key_that_is_not_saved_is_put_into_no_field() {
    let plugin = Plugin::asking(HOST, "");
    for joomla in NEWER {
        let mut scenario = saving("not to be saved");
        scenario["update_sites"] = json!([beacon("")]);
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert_eq!(
            (&outcome.0["saved"], &outcome.0["extra_queries"]),
            (&json!(null), &json!([""])),
            "{joomla}"
        );
    }
}

#[test]
fn a_key_that_is_changed_is_changed_where_it_was_put_and_nowhere_else() {
    let settings = json!({"key_lights~pro": "a+b"});
    let sites = json!([beacon("dlid=a%2Bb&amp;f=.zip"), beacon("dlid=own&amp;f=.zip")]);
    for joomla in NEWER {
        let Some(found) = fields(joomla, &settings, &sites, &saving("new")) else { return };
        assert_eq!(found, ["dlid=new&amp;f=.zip", "dlid=own&amp;f=.zip"], "{joomla}");
        let Some(found) = fields(joomla, &settings, &sites, &saving("")) else { return };
        assert_eq!(found, ["dlid=a%2Bb&amp;f=.zip", "dlid=own&amp;f=.zip"], "{joomla}");
    }
}

#[test]
fn no_field_of_another_extension_gets_the_key() {
    let mut without_field = beacon("");
    without_field["prefix"] = "".into();
    let mut orphan = beacon("");
    orphan["is_orphan"] = true.into();
    let mut shouted = beacon("");
    shouted["location"] = format!("{HOST}/BEACON/updates.xml").into();
    let mut other_product = beacon("");
    other_product["location"] = format!("{HOST}/tides/updates.xml").into();
    let mut stranger = beacon("");
    stranger["location"] = "https://elsewhere.example/beacon/updates.xml".into();
    let sites = json!([without_field, orphan, shouted, other_product, stranger]);
    for joomla in JOOMLAS {
        let Some(found) = fields(joomla, &json!({}), &sites, &saving("abc")) else { return };
        assert_eq!(found, [""; 5], "{joomla}");
    }
}

#[test]
fn an_extension_that_is_installed_later_gets_the_key_as_well() {
    let settings = json!({"key_lights~pro": "abc"});
    let sites = json!([beacon(""), beacon("dlid=own&amp;f=.zip")]);
    for joomla in NEWER {
        let Some(found) = fields(joomla, &settings, &sites, &json!({"installed": true})) else { return };
        assert_eq!(found, ["dlid=abc&amp;f=.zip", "dlid=own&amp;f=.zip"], "{joomla}");
        let Some(found) = fields(joomla, &json!({}), &sites, &json!({"installed": true})) else { return };
        assert_eq!(found, ["", "dlid=own&amp;f=.zip"], "{joomla}");
    }
}

#[test]
fn joomla_3_10_has_no_such_fields_and_saves_the_settings() {
    let Some(found) = fields("3.10.12", &json!({}), &json!([beacon("")]), &saving("abc")) else { return };
    assert_eq!(found, [""]);
}

#[test]
fn a_database_that_fails_keeps_nobody_from_saving_or_installing() {
    let plugin = Plugin::asking(HOST, "");
    for joomla in JOOMLAS {
        for done in [saving("abc"), json!({"installed": true})] {
            let mut scenario = done.clone();
            scenario["broken_database"] = true.into();
            scenario["settings"] = json!({"key_lights~pro": "abc"});
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            assert_eq!(outcome.0["saved"], done["saved"], "{joomla}");
        }
    }
}
