//! Holds our feeds to the model of Joomla's updater: every site reads each of them whole, is offered what the product says, can
//! install it, and is not offered it once more.

use std::sync::Arc;

use bandari_catalog::names::GroupId;
use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::{Stability, php_version_compare};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::check::sample;
use crate::compatibility::against_feed::range;
use crate::coverage::{Axes, Habits};
use crate::updater::{
    ChecksumResult, DatabaseKind, DownloadKey, Feed, InstallOutcome, Installed, Outcome, Profile,
};

/// What a release asks of a site, and what became of it.
#[derive(Clone, Debug)]
struct Asks {
    range: String,
    stability: Stability,
    php: Option<&'static str>,
    databases: Option<[Option<&'static str>; 3]>,
    is_withdrawn: bool,
}

fn asks() -> impl Strategy<Value = Asks> {
    let stability =
        select(vec![Stability::Stable, Stability::Stable, Stability::Rc, Stability::Beta, Stability::Dev]);
    let php = proptest::option::of(select(vec!["7.4", "8.1", "8.1.10", "8.2.0"]));
    let version = |versions: [&'static str; 2]| proptest::option::of(select(versions.to_vec()));
    let databases = (version(["5.7", "8.0.13"]), version(["10.4", "10.6"]), version(["12", "13.4"]));
    let databases = databases.prop_map(|(mysql, mariadb, postgresql)| [mysql, mariadb, postgresql]);
    // Without any, `product.toml` is refused.
    let databases = databases.prop_filter("one at least", |all| all.iter().any(Option::is_some));
    (range(), stability, php, proptest::option::of(databases), proptest::bool::weighted(0.1)).prop_map(
        |(range, stability, php, databases, is_withdrawn)| Asks {
            range,
            stability,
            php,
            databases,
            is_withdrawn,
        },
    )
}

/// Versions that sort in odd ways are among them; the newest first, as products have them.
fn versions() -> impl Strategy<Value = Vec<String>> {
    let version = prop_oneof![
        "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}",
        "[0-9]\\.[0-9](-(dev|alpha|beta|rc|pl|stable|preview)[0-9]?)?",
        "v?[0-9]\\.[0-9][+~_.-]?[a-z0-9]",
    ];
    proptest::collection::vec(version, 1..6).prop_map(|mut versions| {
        versions.sort_by(|one, other| php_version_compare(other, one));
        versions.dedup_by(|one, other| php_version_compare(one, other).is_eq());
        versions
    })
}

fn extension() -> impl Strategy<Value = Extension> {
    let kinds = [
        (ExtensionType::Component, "com_tides", None, Client::Administrator),
        (ExtensionType::Module, "mod_tides", None, Client::Site),
        (ExtensionType::Module, "mod_Tides", None, Client::Administrator),
        (ExtensionType::Plugin, "tides", Some("system"), Client::Site),
        (ExtensionType::Package, "pkg_tides", None, Client::Site),
        (ExtensionType::Library, "harbor/tides", None, Client::Site),
        (ExtensionType::File, "file_tides", None, Client::Site),
        (ExtensionType::Language, "de-DE", None, Client::Administrator),
        (ExtensionType::Template, "tides", None, Client::Site),
    ];
    select(kinds.to_vec()).prop_map(|(kind, element, folder, client)| Extension {
        kind,
        element: element.to_owned(),
        folder: folder.map(str::to_owned),
        client,
    })
}

/// Names are lines of text: whatever is no control character.
fn line_of_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9 ]{1,40}x", "[<>&\"'\\]äß€😀\\-;#]{1,40}x", "\\PC{1,60}x"]
        .prop_filter("a line of text", |text| crate::error::is_line_of_text(text))
        .prop_map(|text| text.trim().to_owned())
}

fn any_product() -> impl Strategy<Value = Product> {
    let releases = versions().prop_flat_map(|versions| {
        let count = versions.len();
        (Just(versions), proptest::collection::vec(asks(), count))
    });
    (releases, extension(), line_of_text(), proptest::option::of(line_of_text()), any::<bool>()).prop_map(
        |((versions, asks), extension, name, summary, is_licensed)| {
            let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
            let mut product = sample::module("tides", &versions);
            product.extension = Some(extension);
            product.summary = summary;
            product.group = is_licensed.then(|| GroupId::parse("sea").unwrap());
            for (release, asks) in product.releases.iter_mut().zip(asks) {
                name.clone_into(&mut release.name);
                release.joomla = Some(JoomlaRange::parse(&asks.range).unwrap().into());
                release.stability = asks.stability;
                release.php = asks.php.map(Arc::from);
                release.databases = asks.databases.map(|versions| {
                    let [mysql, mariadb, postgresql] = versions.map(|version| version.map(str::to_owned));
                    Arc::new(Databases { mysql, mariadb, postgresql })
                });
                release.withdrawn = asks.is_withdrawn;
            }
            product
        },
    )
}

/// What a site should be offered, from the product itself.
fn meant<'p>(product: &'p Product, site: &Profile) -> Option<&'p Release> {
    let is_reached = |version: &str, minimum: &str| php_version_compare(version, minimum).is_ge();
    let has_database = |databases: &Databases| {
        let minimum = match site.database.kind {
            DatabaseKind::Mysql => &databases.mysql,
            DatabaseKind::Mariadb => &databases.mariadb,
            DatabaseKind::Postgresql => &databases.postgresql,
        };
        minimum.as_ref().is_some_and(|minimum| is_reached(site.database.compared(), minimum))
    };
    let numbers = site.joomla.numbers();
    product.offered().find(|release| {
        let [major, minor, patch] = numbers;
        release.stability >= site.minimum_stability
            && release.joomla.as_ref().unwrap().reaches(numbers, Some([major, minor, patch + 1]))
            && release.php.as_deref().is_none_or(|php| is_reached(site.php.compared(), php))
            // Joomla 3 cannot be told of databases.
            && (major < 4 || release.databases.as_deref().is_none_or(has_database))
    })
}

proptest! {
    // Each case asks hundreds of sites.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_site_is_offered_what_is_meant_and_can_install_it(product in any_product()) {
        let config = sample::config();
        let extension = product.extension.clone().unwrap();
        let feed = Feed::read(&extension_feed(&product, &extension, &config), &product.feed_address(&config));
        prop_assert_eq!(feed.unread(), None);
        let axes = Axes::of(&feed.demands());
        let installed = Installed {
            kind: extension.kind,
            element: extension.element,
            folder: extension.folder.unwrap_or_default(),
            client: extension.client,
            version: None,
        };
        let key = product.group.as_ref();
        let key = key.map(|_| DownloadKey { prefix: "dlid=".into(), suffix: "&f=.zip".into() });
        for minimum_stability in [Stability::Stable, Stability::Beta, Stability::Dev] {
            let habits = Habits { minimum_stability, installed: Some(installed.clone()), key: key.clone() };
            for joomla in &axes.joomla {
                for php in &axes.php {
                    for database in &axes.databases {
                        let site = habits.site(&joomla.probe, &php.probe, &database.probe);
                        holds(&product, &feed, &site)?;
                    }
                }
            }
        }
    }
}

/// What must be so on each site.
fn holds(product: &Product, feed: &Feed, site: &Profile) -> Result<(), TestCaseError> {
    let decision = feed.decide(site);
    let Some(meant) = meant(product, site) else {
        prop_assert_eq!(decision.outcome, Outcome::NothingFits, "on {:?}", site);
        return Ok(());
    };
    let version = meant.version.as_str();
    let is_offered = matches!(&decision.outcome, Outcome::Offered { version: of, .. } if of == version);
    prop_assert!(is_offered, "{:?} on {:?}, where {} is meant", decision.outcome, site, version);
    let install = decision.install.unwrap();
    prop_assert_eq!(install.outcome, InstallOutcome::Downloads);
    prop_assert_eq!(install.version.as_deref(), Some(version));
    for (seen, again) in decision.entries.iter().zip(&install.entries) {
        let agree = seen.reasons.is_empty() == again.reasons.is_empty();
        prop_assert!(agree, "{:?} in the check, {:?} in the installation", seen, again);
    }
    let download = install.download.unwrap();
    prop_assert!(download.saved_as.can_be_unpacked, "{:?}", download.saved_as);
    let is_compared = matches!(download.checksum, ChecksumResult::Compared { .. });
    prop_assert!(is_compared, "{:?}", download.checksum);
    let mut updated = site.clone();
    updated.installed.as_mut().unwrap().version = Some(version.to_owned());
    let is_done = matches!(feed.decide(&updated).outcome, Outcome::UpToDate { .. });
    prop_assert!(is_done, "{} is offered for ever on {:?}", version, site);
    Ok(())
}
