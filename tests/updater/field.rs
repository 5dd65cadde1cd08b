//! Feeds of the kinds that vendors publish, in `tests/fixtures/feeds/`: what each Joomla makes of them.

use std::fs;
use std::path::Path;

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::Stability;
use bandari_generator::updater::{Decision, Feed, FeedKind, InstallOutcome, Outcome, Profile};

use super::feeds::{ADDRESS, ALL, collect, decide, offered, php, site, told, with_extension, with_key};

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/feeds").join(name)).unwrap()
}

/// What a site sees in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Offers(&'static str),
    Nothing,
    Unreadable,
    /// Nor does it see any other update.
    Aborted,
}
use Seen::{Aborted, Nothing, Offers, Unreadable};

#[track_caller]
fn assert_seen(decision: &Decision, seen: Seen, context: &str) {
    let found = match &decision.outcome {
        Outcome::Offered { version, .. } => match seen {
            Offers(expected) if expected == version => seen,
            _ => panic!("{context}: offered {version}, expected {seen:?}"),
        },
        Outcome::NothingFits => Nothing,
        Outcome::Unreadable => Unreadable,
        Outcome::Aborted(_) => Aborted,
        other => panic!("{context}: {other:?}"),
    };
    assert_eq!(found, seen, "{context}");
}

/// What 3.10, 4.4, 5.3 and 6.0 make of a feed of the module.
#[track_caller]
fn assert_module(name: &str, seen: [Seen; 4]) {
    let feed = read(name);
    for (joomla, seen) in ALL.into_iter().zip(seen) {
        assert_seen(&decide(&feed, &site(joomla)), seen, &format!("{name} on {joomla}"));
    }
}

/// The releases of most of the feeds: one for Joomla 3.10, one for 4 and 5, one for 5 and 6.
const THREE_RELEASES: [Seen; 4] = [Offers("1.4.0"), Offers("2.1.0"), Offers("2.2.0"), Offers("2.2.0")];

#[test]
fn encodings_that_are_declared_are_read() {
    for (name, extension) in [
        ("iso-8859-1.xml", "Gezeiten für Büsum"),
        ("windows-1252.xml", "Gezeiten für Büsum – 5 €"),
        ("utf-16-le.xml", "Gezeiten für Büsum"),
        ("utf-16-be.xml", "Gezeiten für Büsum"),
        ("utf-8-bom.xml", "Gezeiten für Büsum"),
    ] {
        assert_module(name, THREE_RELEASES);
        for joomla in ALL {
            let decision = decide(read(name), &site(joomla));
            assert_eq!(decision.entries[1].name.as_deref(), Some(extension), "{name} on {joomla}");
        }
    }
}

#[test]
fn namespaces_and_upper_case_are_no_harm_and_prefixes_are() {
    assert_module("default-namespace.xml", THREE_RELEASES);
    assert_module("upper-case.xml", THREE_RELEASES);
    assert_module("prefixed-namespace.xml", [Aborted; 4]);
}

#[test]
fn what_is_no_xml_cannot_be_read() {
    assert_module("latin-1-undeclared.xml", [Unreadable; 4]);
    assert_module("text-before-declaration.xml", [Unreadable; 4]);
    assert_module("blank-line-before-declaration.xml", [Unreadable; 4]);
    assert_module("unescaped-ampersand-and-entity.xml", [Unreadable; 4]);
}

#[test]
fn an_unescaped_ampersand_that_nothing_ends_hides_all_that_follows() {
    assert_module("unescaped-ampersand.xml", [Nothing; 4]);
    for joomla in ALL {
        assert_eq!(told(&decide(read("unescaped-ampersand.xml"), &site(joomla))), [""; 0], "on {joomla}");
    }
}

/// The check goes by `</update>`, the installation by `</updates>`.
#[test]
fn a_feed_that_is_cut_off_shows_what_cannot_be_installed() {
    assert_module("cut-in-first-entry.xml", [Nothing; 4]);
    for (name, version) in [("cut-in-entry.xml", "2.1.0"), ("cut-behind-entry.xml", "2.2.0")] {
        assert_module(name, [Offers(version); 4]);
        for joomla in ALL {
            let install = decide(read(name), &site(joomla)).install.unwrap();
            assert_eq!(install.outcome, InstallOutcome::NeverTaken, "{name} on {joomla}");
            let messages: Vec<&str> = install.messages.iter().map(|message| message.text.as_str()).collect();
            assert_eq!(messages, ["Invalid extension update"], "{name} on {joomla}");
        }
    }
}

#[test]
fn cdata_sections_and_entities_of_a_document_type_are_read() {
    for (name, extension, request, saved_as) in [
        (
            "cdata.xml",
            "Tides & Moon",
            "https://packages.example.org/get?id=7&name=/mod_tides-2.1.0.zip",
            "mod_tides-2.1.0.zip",
        ),
        (
            "dtd-entities.xml",
            "Tides of Büsum",
            "https://shop.example.org/files/mod_tides.zip",
            "mod_tides.zip",
        ),
    ] {
        assert_module(name, [Offers("2.1.0"); 4]);
        for joomla in ALL {
            let decision = decide(read(name), &site(joomla));
            assert_eq!(decision.entries[0].name.as_deref(), Some(extension), "{name} on {joomla}");
            let download = decision.install.unwrap().download.unwrap();
            assert_eq!(download.request, request, "{name} on {joomla}");
            assert_eq!(download.saved_as.name.as_deref(), Some(saved_as), "{name} on {joomla}");
        }
    }
}

#[test]
fn a_maintainer_with_a_name_renames_the_extension() {
    assert_module("nested-maintainer-name.xml", [Offers("2.1.0"); 4]);
    for joomla in ALL {
        let decision = decide(read("nested-maintainer-name.xml"), &site(joomla));
        assert_eq!(decision.entries[0].name.as_deref(), Some("Joe Sailor"), "on {joomla}");
    }
}

#[test]
fn of_two_targetplatforms_the_last_counts() {
    assert_module("two-targetplatforms.xml", [Offers("1.9.0"), Offers("2.1.0"), Offers("2.1.0"), Nothing]);
}

#[test]
fn mirrors_are_for_joomla_3() {
    assert_module("mirrors.xml", [Offers("2.1.0"); 4]);
    for joomla in ALL {
        let mirrors = decide(read("mirrors.xml"), &site(joomla)).install.unwrap().download.unwrap().mirrors;
        let expected: &[&str] = match joomla {
            "3.10.12" => &[
                "https://eu.example.org/mod_tides-2.1.0.zip",
                "https://us.example.org/mod_tides-2.1.0.zip",
                "https://eu.example.org/mod_tides-2.0.0.zip",
            ],
            _ => &[],
        };
        assert_eq!(mirrors, expected, "on {joomla}");
    }
}

#[test]
fn a_collection_has_rows_for_each_joomla() {
    for (name, seen) in [
        ("collection.xml", [Offers("1.4.0"), Offers("2.2.0"), Offers("2.2.0"), Offers("2.2.0")]),
        ("collection-categories.xml", [Offers("2.2.0"); 4]),
        ("collection-nested-categories.xml", [Aborted; 4]),
    ] {
        for (joomla, seen) in ALL.into_iter().zip(seen) {
            assert_seen(&collect(read(name), &site(joomla)), seen, &format!("{name} on {joomla}"));
        }
        assert_eq!(Feed::read(&read(name), ADDRESS).kind(), FeedKind::Collection, "{name}");
    }
    let component =
        |joomla| with_extension(joomla, ExtensionType::Component, "com_harbor", "", Client::Administrator);
    for (joomla, seen) in ALL.into_iter().zip([Nothing, Nothing, Offers("7.0.0"), Offers("7.0.0")]) {
        let decision = collect(read("collection.xml"), &component(joomla));
        match seen {
            Nothing => assert_eq!(offered(&decision), None, "on {joomla}"),
            _ => assert_seen(&decision, seen, joomla),
        }
    }
}

/// A package of which the release system writes one entry for each release and Joomla version: `3.1` is `3.10`, too.
#[test]
fn a_feed_of_a_release_system_has_a_branch_for_each_joomla() {
    let package = |joomla| with_extension(joomla, ExtensionType::Package, "pkg_harbor", "", Client::Site);
    let feed = read("ars.xml");
    let sees = |site: &Profile, seen| assert_seen(&decide(&feed, site), seen, &format!("{site:?}"));
    for (joomla, seen) in ALL.into_iter().zip([Offers("5.2.0"), Offers("7.1.3"), Offers("7.1.3"), Nothing]) {
        sees(&package(joomla), seen);
    }
    for (joomla, seen) in
        ALL.into_iter().zip([Offers("5.2.0"), Offers("7.1.3"), Offers("7.1.3"), Offers("8.0.0")])
    {
        sees(&Profile { php: php("8.3.0"), ..package(joomla) }, seen);
    }
    for (joomla, seen) in ALL.into_iter().zip([Offers("5.2.0"), Nothing, Nothing, Nothing]) {
        sees(&Profile { php: php("7.4.33"), ..package(joomla) }, seen);
    }
    for (joomla, seen) in ALL.into_iter().zip([Offers("4.6.1"), Nothing, Nothing, Nothing]) {
        sees(&Profile { php: php("7.1.0"), ..package(joomla) }, seen);
    }
    let curious = Profile { php: php("8.3.0"), minimum_stability: Stability::Beta, ..package("5.3.4") };
    sees(&curious, Offers("7.2.0-beta1"));
    assert!(told(&decide(&feed, &package("6.0.0"))).contains(
        &"For the extension Harbor version 8.0.0 is available, but it requires at least PHP version 8.3.0 while your \
          system only has 8.2.10"
    ));
}

/// A component of many years, with expressions of several kinds and no `<client>`.
#[test]
fn a_feed_of_many_years_has_a_branch_for_each_joomla() {
    let feed = read("branches.xml");
    let newest = [Offers("3.7.0"), Offers("4.5.0"), Offers("5.1.0"), Offers("5.1.0")];
    for (joomla, seen) in ALL.into_iter().zip(newest) {
        let site =
            with_extension(joomla, ExtensionType::Component, "com_lighthouse", "", Client::Administrator);
        let decision = decide(&feed, &site);
        assert_seen(&decision, seen, joomla);
        let needs_newer_php = "For the extension Lighthouse version 5.2.0 is available, but it requires at least PHP \
            version 8.3 while your system only has 8.2.10";
        let expected: &[&str] = if seen == Offers("5.1.0") { &[needs_newer_php] } else { &[] };
        assert_eq!(told(&decision), expected, "on {joomla}");
    }
}

/// A plugin of which the shop hands out packages by an address with a query, as jBackend documents it.
#[test]
fn a_feed_with_addresses_of_a_shop_leads_to_a_file_that_cannot_be_unpacked() {
    let feed = read("jbackend.xml");
    let plugin = |joomla| with_extension(joomla, ExtensionType::Plugin, "moon", "content", Client::Site);
    let newest = [Offers("1.0.15"), Offers("2.0.15"), Offers("2.0.15"), Nothing];
    for (joomla, seen) in ALL.into_iter().zip(newest) {
        let site =
            Profile { key: with_key(joomla, "email=ada%40example.org&key=", "").key, ..plugin(joomla) };
        let decision = decide(&feed, &site);
        assert_seen(&decision, seen, joomla);
        let Some(install) = decision.install else { continue };
        let id = if joomla == "3.10.12" { "moon_1015" } else { "moon_2015" };
        let download = install.download.unwrap();
        let address =
            format!("https://moon.example.org/endpoint?action=post&module=release&resource=download&id={id}");
        assert_eq!(download.request, format!("{address}&email=ada%40example.org&key=KEY"), "on {joomla}");
        assert_eq!(download.address, format!("{address}&amp;email=ada%40example.org&key=KEY"), "on {joomla}");
        let name = format!(
            "endpoint_action_post_module_release_resource_download_id_{id}_amp_email_ada_40example.org_key_KEY"
        );
        assert_eq!(download.saved_as.name, Some(name), "on {joomla}");
        assert!(!download.saved_as.can_be_unpacked, "on {joomla}");
    }
}

#[test]
fn a_changelog_with_entities_and_umlauts_has_more_bullets_than_items() {
    let file = Feed::read(&read("changelog.xml"), ADDRESS);
    assert_eq!(file.kind(), FeedKind::Changelog);
    let shown = |version: &str| -> Vec<(&str, Vec<String>)> { file.changes(version).sections };
    let expected: [(&str, &[&str]); 4] = [
        ("security", &["<b>XSS</b> in the title & the caption (CVE-2026-0001)"]),
        ("fix", &["Times ", "&", " heights are right in B", "üsum", "Plain text"]),
        ("addition", &["H", "öhe über Normalnull"]),
        ("note", &["Danke für die Fische – 😀"]),
    ];
    let owned =
        |(name, items): (&'static str, &[&str])| (name, items.iter().map(|&item| item.to_owned()).collect());
    assert_eq!(shown("2.1.0"), expected.map(owned));
    let expected: [(&str, &[&str]); 1] = [("change", &["Faster", "Needs Joomla 4", ".", "4"])];
    assert_eq!(shown("2.0.0"), expected.map(owned));
    assert_eq!(shown("1.0.0"), []);
    assert_eq!(file.changes("").versions, ["2.1.0", "2.0.0"]);
}
