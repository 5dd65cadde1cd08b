//! Manifests whose update server is the site's collection. Joomla asks neither PHP, database nor stability of a collection's rows;
//! what it installs is what the product's feed has for the site (`libraries/src/Updater/Adapter/CollectionAdapter.php`). Where
//! that is older or nothing, the update stays in the list whatever the administrator does.

use std::collections::BTreeSet;

use bandari_catalog::version::{Stability, php_version_compare};

use super::Subject;
use super::servers;
use crate::config::Config;
use crate::coverage::{self, Axes, Cell, Habits};
use crate::error::Flaw;
use crate::feed;
use crate::rules::Code;
use crate::updater::Feed;

/// Tells of sites that the collection offers more than the feed does.
pub(super) fn of_manifest(subject: Subject<'_>, config: &Config) -> Option<Flaw> {
    let Subject { product, extension, contents, .. } = subject;
    let address = servers::collection_address(config);
    let is_asked = |server: &crate::contents::UpdateServer| {
        server.kind.eq_ignore_ascii_case("collection") && server.address.trim() == address
    };
    if !contents.manifest.details.update_servers.iter().any(is_asked) {
        return None;
    }
    let of_product = product.feed_address(config);
    let feed = Feed::read(&feed::extension_feed(product, extension, config), &of_product);
    let collection = feed::collection_feed(std::slice::from_ref(product), config);
    let collection = Feed::read(&collection, &address);
    let mut demands = feed.demands();
    demands.extend(collection.demands());
    let axes = Axes::of_sites(&demands);
    let feed = feed.condensed();
    let installed = Some(coverage::installed(extension));
    let habits = Habits { minimum_stability: Stability::Stable, installed, key: None };
    let answers = axes.cells(&habits, |site| {
        let listed = collection.decide_as_collection(site);
        let installs = feed.decide(site);
        listed.offered().is_some_and(|listed| {
            installs.offered().is_none_or(|installs| php_version_compare(installs, listed).is_lt())
        })
    });
    let stuck: BTreeSet<Cell> = answers.into_iter().filter(|(_, is)| *is).map(|(cell, _)| cell).collect();
    (!stuck.is_empty()).then(|| {
        let sites = coverage::names(&axes.sites(&stuck));
        let found = format!("the collection as update server, which offers {sites} an update for ever");
        Flaw::new(
            Code::CollectionOffersMore,
            found,
            format!("`<server type=\"extension\">` with `{of_product}`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::joomla_range::JoomlaRange;

    /// What is told of a product that asks for the collection, with this demand of its newest release.
    fn told(range: &str, php: Option<&str>) -> Vec<(&'static str, String)> {
        let mut product = sample::module("tides", &["1.1.0", "1.0.0"]);
        let newest = &mut product.releases[0];
        newest.joomla = Some(JoomlaRange::parse(range).unwrap().into());
        newest.php = php.map(Into::into);
        product.releases[1].php = None;
        let server = &mut sample::details(&mut product.releases[0]).update_servers[0];
        server.kind = "Collection".to_owned();
        server.address = " https://u.example/collection.xml".to_owned();
        let flaw = of_manifest(sample::subject(&product), &sample::config());
        flaw.into_iter().map(|flaw| (flaw.code.rule().code, flaw.found)).collect()
    }

    fn for_ever(sites: &str) -> Vec<(&'static str, String)> {
        vec![("BND413", format!("the collection as update server, which offers {sites} an update for ever"))]
    }

    #[test]
    fn a_collection_over_releases_without_further_demands_is_fine() {
        assert_eq!(told(">=5", None), []);
        assert_eq!(told(">=5", Some("8.1")), []);
    }

    #[test]
    fn sites_that_the_collection_offers_what_the_feed_does_not_are_named() {
        assert_eq!(told(">=4.4", Some("8.1")), for_ever("Joomla 4.4 with PHP below 8.1"));
        assert_eq!(told(">=5, <7", Some("8.2")), for_ever("Joomla 5 with PHP below 8.2"));
    }

    #[test]
    fn who_asks_for_the_feed_is_not_told() {
        let product = sample::module("tides", &["1.0.0"]);
        assert_eq!(of_manifest(sample::subject(&product), &sample::config()), None);
    }
}
