//! Which of the entries wins, and what of it is newer than what is installed.

use bandari_generator::updater::Outcome;

use super::feeds::{ALL, SINCE_4, assert_offered, decide, entry, feed, offered, site, told, with_version};

/// What is offered of an entry with one version where another is installed.
#[track_caller]
fn assert_update(version: &str, installed: &str, is_one: bool) {
    for joomla in ALL {
        let decision = decide(feed([entry(version)]), &with_version(joomla, installed));
        let expected = is_one.then_some(version);
        assert_eq!(offered(&decision), expected, "{version} over {installed} on {joomla}");
    }
}

#[test]
fn the_highest_version_wins_in_whatever_order() {
    let [low, middle, high] = [entry("1.1.0"), entry("1.9.0"), entry("1.10.0")];
    assert_offered(feed([low.clone(), middle.clone(), high.clone()]), &ALL, "1.10.0");
    assert_offered(feed([high.clone(), low.clone(), middle.clone()]), &ALL, "1.10.0");
    assert_offered(feed([middle, high, low]), &ALL, "1.10.0");
}

#[test]
fn of_equal_versions_the_first_wins() {
    for joomla in ALL {
        let two = feed([entry("1.1.0"), entry("01.01.00").package("https://example.org/other.zip")]);
        let decision = decide(two, &site(joomla));
        assert_eq!(decision.outcome, Outcome::Offered { version: "1.1.0".into(), entry: 1 }, "on {joomla}");
        let request = decision.install.unwrap().download.unwrap().request;
        assert_eq!(request, "https://packages.example.org/mod_tides.zip", "on {joomla}");
    }
}

#[test]
fn what_is_not_newer_than_the_installed_version_is_not_stored() {
    for version in ["1.0.0", "0.9.9"] {
        for joomla in ALL {
            let decision = decide(feed([entry(version)]), &site(joomla));
            let expected = Outcome::UpToDate { version: version.into(), entry: 1, installed: "1.0.0".into() };
            assert_eq!(decision.outcome, expected, "on {joomla}");
            assert_eq!(told(&decision), [""; 0], "on {joomla}");
        }
    }
}

#[test]
fn what_only_php_hides_is_told_and_the_older_one_offered() {
    let newer = entry("1.2.0").with("php_minimum", "8.3");
    for joomla in ALL {
        let decision = decide(feed([newer.clone(), entry("1.1.0")]), &site(joomla));
        assert_eq!(offered(&decision), Some("1.1.0"), "on {joomla}");
        let message = "For the extension Tides version 1.2.0 is available, but it requires at least PHP version 8.3 while \
            your system only has 8.2.10";
        assert_eq!(told(&decision), [message], "on {joomla}");
    }
}

#[test]
fn what_only_the_database_hides_is_told_and_the_older_one_offered() {
    let newer = entry("1.2.0").xml("supported_databases", r#"<supported_databases mariadb="11.4"/>"#);
    for joomla in SINCE_4 {
        let decision = decide(feed([newer.clone(), entry("1.1.0")]), &site(joomla));
        assert_eq!(offered(&decision), Some("1.1.0"), "on {joomla}");
        let message = "For the extension Tides version 1.2.0 is available, but your current database MariaDB is version \
            10.11.19-MariaDB and is not supported. Please contact your web host to update your Database version to at \
            least version 11.4.";
        assert_eq!(told(&decision), [message], "on {joomla}");
    }
}

#[test]
fn the_same_message_is_told_once() {
    let twice = [entry("1.2.0"), entry("1.2.0")].map(|entry| entry.with("php_minimum", "8.3"));
    for joomla in ALL {
        assert_eq!(decide(feed(twice.clone()), &site(joomla)).messages.len(), 1, "on {joomla}");
    }
}

#[test]
fn what_joomla_version_or_stability_hides_is_passed_over_in_silence() {
    let hidden = [entry("1.3.0").platform("99"), entry("1.2.0").with("tag", "beta"), entry("1.1.0")];
    assert_offered(feed(hidden), &ALL, "1.1.0");
}

/// One row comes of a feed: the highest version of any element.
#[test]
fn another_extension_with_a_higher_version_hides_the_update() {
    let two = feed([entry("1.1.0"), entry("7.0.0").with("element", "mod_other")]);
    for joomla in ALL {
        let outcome = decide(&two, &site(joomla)).outcome;
        let Outcome::NotInstalled { version, entry, .. } = outcome else {
            panic!("on {joomla}: {outcome:?}")
        };
        assert_eq!((version.as_str(), entry), ("7.0.0", 2), "on {joomla}");
    }
}

#[test]
fn versions_compare_as_php_compares_them() {
    for (higher, lower) in [
        ("1.0.0", "1.0"),
        ("1.0.0", "v1.1.0"),
        ("1.1.0", "1.1.0-stable"),
        ("1.1.0-1", "1.1.0"),
        ("1.1.0+1", "1.1.0"),
        ("1.1.0", "1.1.0+build5"),
        ("1.1.0-dev", "1.1.0-whatever"),
        ("1.1.0-alpha", "1.1.0-dev"),
        ("1.1.0-beta", "1.1.0-alpha"),
        ("1.1.0-rc", "1.1.0-beta"),
        ("1.1.0", "1.1.0-rc"),
        ("1.1.0-pl", "1.1.0"),
        ("1.1.0", "\n1.1.0"),
    ] {
        assert_update(higher, lower, true);
        assert_update(lower, higher, false);
    }
    for (one, other) in [("01.02.03", "1.2.3"), ("1.1.0a", "1.1.0-alpha"), ("1.1.0-RC1", "1.1.0-rc1")] {
        assert_update(one, other, false);
        assert_update(other, one, false);
    }
}
