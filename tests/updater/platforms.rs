//! `<targetplatform>`: which versions of Joomla an entry is for.

use bandari_generator::updater::{InstallOutcome, Reason};

use super::feeds::{
    ALL, JOOMLA_3, SINCE_4, assert_hidden, assert_offered, decide, entry, feed, install, offered, site,
};

/// Whether an entry with this expression is offered.
#[track_caller]
fn assert_takes(expression: &str, joomla: &str, takes: bool) {
    let decision = decide(feed([entry("1.1.0").platform(expression)]), &site(joomla));
    assert_eq!(offered(&decision).is_some(), takes, "{expression} on {joomla}");
}

/// The expression is none: nothing matches, and PHP warns.
#[track_caller]
fn assert_broken(broken: &str) {
    let feed = feed([entry("1.1.0").platform(broken)]);
    assert_hidden(&feed, &ALL);
    for joomla in ALL {
        let reasons = &decide(&feed, &site(joomla)).entries[0].reasons;
        let [Reason::BrokenExpression { expression, warning }] = &reasons[..] else {
            panic!("on {joomla}: {reasons:?}")
        };
        assert_eq!(expression, broken);
        assert!(warning.starts_with("preg_match(): "), "{warning}");
    }
}

#[test]
fn the_name_must_be_joomla_to_the_letter() {
    for name in ["Joomla", "joomla!", "joomla ", "JOOMLA", ""] {
        let platform = format!(r#"<targetplatform name="{name}" version=".*"/>"#);
        let feed = feed([entry("1.1.0").xml("targetplatform", &platform)]);
        assert_hidden(&feed, &ALL);
        let reasons = &decide(&feed, &site("5.3.4")).entries[0].reasons;
        assert_eq!(*reasons, [Reason::OtherPlatform { name: Some(name.to_owned()) }]);
    }
}

#[test]
fn the_expression_is_bound_to_the_start_of_the_whole_version() {
    assert_takes("5", "5.3.4", true);
    assert_takes("5", "50.1.0", true);
    assert_takes("5", "4.4.5", false);
    assert_takes("5.1", "5.1.0", true);
    assert_takes("5.1", "5.10.0", true);
    assert_takes("5.1", "5.19.2", true);
    assert_takes("5.1", "501.0.0", true);
    assert_takes("5.1", "5.2.1", false);
    assert_takes("3.1", "3.10.12", true);
    assert_takes("3.1", "4.3.1", false);
    assert_takes("5\\.3\\.4", "5.3.4", true);
    assert_takes("5\\.3\\.4$", "5.3.40", false);
    assert_takes("6\\.1\\.0$", "6.1.0-rc4-dev", false);
    assert_takes("6\\.1\\.0-rc", "6.1.0-rc4-dev", true);
}

#[test]
fn stars_behind_something_work() {
    for expression in ["5.*", ".*", "(5|4).*", "5[.][0-9]+"] {
        assert_takes(expression, "5.3.4", true);
    }
    for expression in ["((4\\.4)|(5\\.[0-9]+)|(6\\.[0-9]+))", ".*"] {
        for joomla in SINCE_4 {
            assert_takes(expression, joomla, true);
        }
    }
    assert_takes("((4\\.4)|(5\\.[0-9]+)|(6\\.[0-9]+))", "3.10.12", false);
}

#[test]
fn broken_expressions_match_nothing() {
    assert_broken("*");
    assert_broken("(5");
    assert_broken("[456]/");
    assert_broken("4/5");
    assert_broken("/5/");
}

#[test]
fn only_the_first_alternative_is_bound_to_the_start() {
    assert_takes("9|4.3", "5.4.3", true);
    assert_takes("(9|4.3)", "5.4.3", false);
    assert_takes("3|4", "6.0.4", true);
}

#[test]
fn without_version_every_joomla_matches() {
    let bare = entry("1.1.0").xml("targetplatform", r#"<targetplatform name="joomla"/>"#);
    assert_offered(feed([bare]), &ALL, "1.1.0");
}

#[test]
fn without_the_element_none_matches() {
    let feed = feed([entry("1.1.0").without("targetplatform")]);
    assert_hidden(&feed, &ALL);
    for joomla in ALL {
        assert_eq!(decide(&feed, &site(joomla)).entries[0].reasons, [Reason::NoPlatform], "on {joomla}");
    }
}

#[test]
fn of_several_the_last_counts() {
    let [any, none] =
        [".*", "99"].map(|version| format!(r#"<targetplatform name="joomla" version="{version}"/>"#));
    assert_hidden(feed([entry("1.1.0").xml("targetplatform", &format!("{any}{none}"))]), &ALL);
    assert_offered(feed([entry("1.1.0").xml("targetplatform", &format!("{none}{any}"))]), &ALL, "1.1.0");
}

#[test]
fn bounds_of_the_patch_number_let_joomla_3_show_what_it_cannot_install() {
    for bound in [r#"min_dev_level="13""#, r#"max_dev_level="11""#] {
        let platform = format!(r#"<targetplatform name="joomla" version=".*" {bound}/>"#);
        let feed = feed([entry("1.1.0").xml("targetplatform", &platform)]);
        assert_offered(&feed, &ALL, "1.1.0");
        for joomla in JOOMLA_3 {
            let install = install(&feed, &site(joomla));
            assert_eq!(install.outcome, InstallOutcome::NothingFits);
            let messages: Vec<&str> = install.messages.iter().map(|message| message.text.as_str()).collect();
            assert_eq!(messages, ["Invalid extension update"]);
        }
        for joomla in SINCE_4 {
            assert_eq!(install(&feed, &site(joomla)).outcome, InstallOutcome::Downloads, "on {joomla}");
        }
    }
    let within = r#"<targetplatform name="joomla" version=".*" min_dev_level="12" max_dev_level="12"/>"#;
    let install = install(feed([entry("1.1.0").xml("targetplatform", within)]), &site("3.10.12"));
    assert_eq!(install.outcome, InstallOutcome::Downloads);
}
