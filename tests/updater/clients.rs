//! Whose update it is: element, type, folder and client of each type of extension.

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_generator::updater::Outcome;

use super::feeds::{
    ALL, JOOMLA_3, SINCE_4, assert_aborted, assert_offered, decide, entry, feed, offered, site,
    with_extension,
};

/// Where a row and the installed module differ, and what the client was taken for.
#[track_caller]
fn assert_client_differs(client: &str, joomla: &[&str], taken_as: &str) {
    for joomla in joomla {
        let decision = decide(feed([entry("1.1.0").xml("client", client)]), &site(joomla));
        let Outcome::NotInstalled { mismatches, .. } = decision.outcome else {
            panic!("on {joomla}: {:?}", decision.outcome)
        };
        let [client] = &mismatches[..] else { panic!("on {joomla}: {mismatches:?}") };
        assert_eq!((client.field, client.taken_as.as_deref()), ("client", Some(taken_as)), "on {joomla}");
    }
}

/// The rows that the installer makes of each type, and the `<client>` that matches them.
const TYPES: [(ExtensionType, &str, &str, Client); 9] = [
    (ExtensionType::Component, "com_tides", "", Client::Administrator),
    (ExtensionType::Module, "mod_tides", "", Client::Site),
    (ExtensionType::Module, "mod_tides_admin", "", Client::Administrator),
    (ExtensionType::Plugin, "tides", "system", Client::Site),
    (ExtensionType::Library, "harbor/tides", "", Client::Site),
    (ExtensionType::Template, "standtpl", "", Client::Site),
    (ExtensionType::File, "tides", "", Client::Site),
    (ExtensionType::Package, "pkg_Tides", "", Client::Site),
    (ExtensionType::Language, "de-DE", "", Client::Site),
];

#[test]
fn each_type_is_found_by_what_the_installer_stores() {
    for (kind, element, folder, client) in TYPES {
        let client_name = if client == Client::Site { "site" } else { "administrator" };
        let entry = entry("1.1.0")
            .with("type", kind.as_str())
            .with("element", element)
            .with("client", client_name)
            .with("folder", folder);
        for joomla in ALL {
            let site = with_extension(joomla, kind, element, folder, client);
            assert_eq!(
                offered(&decide(feed([entry.clone()]), &site)),
                Some("1.1.0"),
                "{element} on {joomla}"
            );
        }
    }
}

/// Without `<client>` it is the administrator, so all types but components need it.
#[test]
fn without_client_only_what_belongs_to_the_administrator_is_shown() {
    for (kind, element, folder, client) in TYPES {
        let entry = entry("1.1.0")
            .with("type", kind.as_str())
            .with("element", element)
            .without("client")
            .with("folder", folder);
        for joomla in ALL {
            let site = with_extension(joomla, kind, element, folder, client);
            let decision = decide(feed([entry.clone()]), &site);
            let is_shown = client == Client::Administrator;
            assert_eq!(offered(&decision).is_some(), is_shown, "{element} on {joomla}");
            let is_stored = matches!(decision.outcome, Outcome::NotInstalled { .. });
            assert_eq!(is_stored, !is_shown, "{element} on {joomla}");
        }
    }
}

#[test]
fn a_client_goes_by_its_name_in_any_case_or_its_number() {
    for client in ["site", "Site", "SITE", "0"] {
        assert_offered(feed([entry("1.1.0").with("client", client)]), &ALL, "1.1.0");
    }
    for client in ["administrator", "Administrator", "1"] {
        assert_client_differs(&format!("<client>{client}</client>"), &ALL, "administrator");
    }
    assert_client_differs("<client>installation</client>", &ALL, "installation");
    assert_client_differs("<client>2</client>", &ALL, "installation");
}

#[test]
fn the_clients_of_joomla_4_have_names_and_numbers() {
    assert_client_differs("<client>api</client>", &SINCE_4, "api");
    assert_client_differs("<client>3</client>", &SINCE_4, "api");
    assert_client_differs("<client>cli</client>", &SINCE_4, "cli");
}

#[test]
fn a_missing_client_is_the_administrator() {
    assert_client_differs("", &ALL, "administrator");
}

#[test]
fn an_unknown_client_becomes_the_site_by_accident() {
    assert_offered(feed([entry("1.1.0").with("client", "frontend")]), &ALL, "1.1.0");
}

#[test]
fn an_empty_client_is_the_administrator_since_joomla_4() {
    assert_client_differs("<client></client>", &SINCE_4, "administrator");
    assert_client_differs("<client/>", &SINCE_4, "administrator");
}

#[test]
fn an_empty_client_ends_the_whole_check_of_joomla_3() {
    assert_aborted(feed([entry("1.1.0").with("client", "")]), &JOOMLA_3);
}

#[test]
fn a_plugin_is_not_found_without_its_folder_or_by_another() {
    let plugin = entry("1.1.0").with("type", "plugin").with("element", "tides");
    for joomla in ALL {
        let site = with_extension(joomla, ExtensionType::Plugin, "tides", "system", Client::Site);
        for (entry, feed_has) in
            [(plugin.clone(), None), (plugin.clone().with("folder", "content"), Some("content"))]
        {
            let outcome = decide(feed([entry]), &site).outcome;
            let Outcome::NotInstalled { mismatches, .. } = outcome else {
                panic!("on {joomla}: {outcome:?}")
            };
            let [folder] = &mismatches[..] else { panic!("on {joomla}: {mismatches:?}") };
            assert_eq!((folder.field, folder.feed.as_deref()), ("folder", feed_has), "on {joomla}");
            assert_eq!(folder.installed, "system", "on {joomla}");
        }
    }
}

#[test]
fn a_plugin_is_not_found_by_plg_and_its_group() {
    let plugin =
        entry("1.1.0").with("type", "plugin").with("element", "plg_system_tides").with("folder", "system");
    for joomla in ALL {
        let site = with_extension(joomla, ExtensionType::Plugin, "tides", "system", Client::Site);
        assert_eq!(offered(&decide(feed([plugin.clone()]), &site)), None, "on {joomla}");
    }
}

#[test]
fn a_module_with_a_folder_is_not_found() {
    for joomla in ALL {
        let decision = decide(feed([entry("1.1.0").with("folder", "mod_tides")]), &site(joomla));
        assert!(matches!(decision.outcome, Outcome::NotInstalled { .. }), "on {joomla}");
    }
    assert_offered(feed([entry("1.1.0").with("folder", "")]), &ALL, "1.1.0");
}

#[test]
fn a_component_is_not_found_without_com() {
    let component = entry("1.1.0").with("type", "component").with("element", "tides").without("client");
    for joomla in ALL {
        let site = with_extension(joomla, ExtensionType::Component, "com_tides", "", Client::Administrator);
        assert_eq!(offered(&decide(feed([component.clone()]), &site)), None, "on {joomla}");
    }
}
