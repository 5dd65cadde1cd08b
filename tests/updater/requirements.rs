//! `<php_minimum>`, `<supported_databases>` and stability.

use bandari_catalog::version::Stability;
use bandari_generator::updater::{Outcome, Profile, Reason};

use super::feeds::{
    ALL, JOOMLA_3, SINCE_4, assert_hidden, assert_offered, database, decide, entry, feed, offered, php, site,
    told, with_stability,
};

fn databases(attributes: &str) -> String {
    feed([entry("1.1.0").xml("supported_databases", &format!("<supported_databases {attributes}/>"))])
}

/// The database hides the entry, and the administrator is told so.
#[track_caller]
fn assert_refused(attributes: &str, site: &Profile, why: &str) {
    let decision = decide(databases(attributes), site);
    assert_eq!(decision.outcome, Outcome::NothingFits, "on {}", site.joomla);
    let message =
        format!("For the extension Tides version 1.1.0 is available, but your current database {why}");
    assert_eq!(told(&decision), [message.as_str()], "on {}", site.joomla);
}

#[test]
fn php_must_not_be_older() {
    for joomla in ALL {
        let with_php = |version| Profile { php: php(version), ..site(joomla) };
        let feed = feed([entry("1.1.0").with("php_minimum", "8.1.0")]);
        assert_eq!(offered(&decide(&feed, &with_php("8.1.0"))), Some("1.1.0"), "on {joomla}");
        assert_eq!(offered(&decide(&feed, &with_php("8.2.10"))), Some("1.1.0"), "on {joomla}");
        let decision = decide(&feed, &with_php("8.0.30"));
        assert_eq!(decision.outcome, Outcome::NothingFits, "on {joomla}");
        let message = "For the extension Tides version 1.1.0 is available, but it requires at least PHP version 8.1.0 while \
            your system only has 8.0.30";
        assert_eq!(told(&decision), [message], "on {joomla}");
    }
}

/// The parser hands over a text in pieces, and the check keeps the last one.
#[test]
fn an_entity_in_the_php_version_disables_the_test() {
    assert_offered(feed([entry("1.1.0").with("php_minimum", "9&#46;0")]), &ALL, "1.1.0");
}

#[test]
fn blanks_before_the_php_version_disable_the_test() {
    for minimum in [" 9.0", "\n9.0\n", "\t9.0"] {
        assert_offered(feed([entry("1.1.0").with("php_minimum", minimum)]), &ALL, "1.1.0");
    }
}

#[test]
fn a_database_with_its_attribute_is_supported() {
    let all = databases(r#"mysql="8.0" mariadb="10.6" postgresql="12.0""#);
    assert_offered(&all, &SINCE_4, "1.1.0");
    for joomla in SINCE_4 {
        for server in ["mysql:8.0.36", "postgresql:16.2"] {
            let site = Profile { database: database(server), ..site(joomla) };
            assert_eq!(offered(&decide(&all, &site)), Some("1.1.0"), "{server} on {joomla}");
        }
    }
}

#[test]
fn a_database_without_its_attribute_is_refused() {
    for joomla in SINCE_4 {
        assert_refused(r#"mysql="5.7""#, &site(joomla), "MariaDB is not supported anymore.");
        let mysql = Profile { database: database("mysql:8.0.36"), ..site(joomla) };
        assert_refused(r#"mariadb="10.0""#, &mysql, "MySQL is not supported anymore.");
        let postgresql = Profile { database: database("postgresql:16.2"), ..site(joomla) };
        assert_refused(r#"mysql="5.7""#, &postgresql, "PostgreSQL is not supported anymore.");
    }
}

#[test]
fn without_attributes_every_database_is_refused() {
    for joomla in SINCE_4 {
        assert_refused("", &site(joomla), "MariaDB is not supported anymore.");
    }
}

#[test]
fn the_version_of_a_database_is_compared_with_its_suffix() {
    for joomla in SINCE_4 {
        let why = "MariaDB is version 10.11.19-MariaDB and is not supported. Please contact your web host to update your \
            Database version to at least version 10.11.20.";
        assert_refused(r#"mariadb="10.11.20""#, &site(joomla), why);
    }
    assert_offered(databases(r#"mariadb="10.11.18""#), &SINCE_4, "1.1.0");
    assert_offered(databases(r#"mariadb="10.11""#), &SINCE_4, "1.1.0");
}

/// A word behind the number is lower than none, so the very version is too old.
#[test]
fn mariadb_is_older_than_its_own_number() {
    for joomla in SINCE_4 {
        let decision = decide(databases(r#"mariadb="10.11.19""#), &site(joomla));
        assert_eq!(decision.outcome, Outcome::NothingFits, "on {joomla}");
    }
}

#[test]
fn attributes_of_databases_may_be_in_any_case() {
    assert_offered(databases(r#"MariaDB="10.6""#), &SINCE_4, "1.1.0");
    assert_offered(databases(r#"MARIADB="10.6""#), &SINCE_4, "1.1.0");
}

#[test]
fn the_element_hides_the_entry_from_every_joomla_3() {
    for joomla in JOOMLA_3 {
        for server in ["mysql:8.0.36", "mariadb:10.11.19-MariaDB", "postgresql:16.2"] {
            for attributes in ["", r#"mysql="5.0" mariadb="5.0" postgresql="9.0""#, r#"mariadb="5.0""#] {
                let site = Profile { database: database(server), ..site(joomla) };
                let decision = decide(databases(attributes), &site);
                assert_eq!(decision.outcome, Outcome::NothingFits, "{attributes} with {server}");
                assert_eq!(decision.entries[0].reasons, [Reason::AnyDatabase], "{attributes} with {server}");
                let name = match server.split_once(':').map(|(kind, _)| kind) {
                    Some("postgresql") => "PostgreSQL (PDO)",
                    _ => "MySQLi",
                };
                let message = format!(
                    "For the extension Tides version 1.1.0 is available, but your current database {name} is not supported \
                     anymore."
                );
                assert_eq!(told(&decision), [message.as_str()], "{attributes} with {server}");
            }
        }
    }
}

fn tagged(tag: &str) -> String {
    feed([entry("1.1.0").with("tag", tag)])
}

#[test]
fn tags_are_held_to_the_minimum_stability() {
    use Stability::{Alpha, Beta, Dev, Rc, Stable};
    let words = [("dev", Dev), ("alpha", Alpha), ("beta", Beta), ("rc", Rc), ("stable", Stable)];
    for (word, stability) in words {
        for minimum in [Dev, Alpha, Beta, Rc, Stable] {
            for joomla in ALL {
                let decision = decide(tagged(word), &with_stability(joomla, minimum));
                let is_offered = offered(&decision).is_some();
                assert_eq!(is_offered, stability >= minimum, "{word} for {minimum:?} on {joomla}");
            }
        }
    }
}

#[test]
fn a_pre_release_is_hidden_from_sites_as_joomla_sets_them_up() {
    for word in ["dev", "alpha", "beta", "rc", "Beta", "BETA", "RC"] {
        assert_hidden(tagged(word), &ALL);
    }
    assert_eq!(
        decide(tagged("rc"), &site("5.3.4")).entries[0].reasons,
        [Reason::LowStability { stability: Stability::Rc, minimum: Stability::Stable }]
    );
}

#[test]
fn every_other_word_is_stable() {
    for word in ["sts", "lts", "", " beta ", "\nbeta\n", "beta1", "release candidate", "stable"] {
        assert_offered(tagged(word), &ALL, "1.1.0");
    }
}

#[test]
fn the_last_tag_wins() {
    assert_offered(
        feed([entry("1.1.0").xml("tags", "<tags><tag>beta</tag><tag>stable</tag></tags>")]),
        &ALL,
        "1.1.0",
    );
    assert_hidden(feed([entry("1.1.0").xml("tags", "<tags><tag>stable</tag><tag>beta</tag></tags>")]), &ALL);
}

#[test]
fn the_version_itself_says_nothing_of_the_stability() {
    assert_offered(feed([entry("1.1.0-beta1")]), &ALL, "1.1.0-beta1");
}
