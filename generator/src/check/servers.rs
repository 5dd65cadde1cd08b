//! Where sites look for updates: the addresses of `bandari.toml`, and the update servers of manifests
//! (`plugins/extension/joomla/src/Extension/Joomla.php` stores them, `libraries/src/Updater/Updater.php` asks them).

use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::names::ProductId;

use super::Subject;
use crate::config::Config;
use crate::contents::UpdateServer;
use crate::error::{Flaw, Problem};
use crate::product::Product;
use crate::rules::Code;

/// Longest name of an update site (`#__update_sites.name`).
const MAX_SERVER_NAME_CHARS: usize = 100;

/// The addresses of the configuration that others on the way could change.
pub(crate) fn addresses(config: &Config) -> Vec<Problem> {
    let named = [
        ("public_url", Some(&config.public_url)),
        ("download_url", config.download_url.as_ref()),
        ("protected_url", config.protected_url.as_ref()),
    ];
    let plain = named.into_iter().filter_map(|(key, url)| Some((key, url?))).filter(|(_, url)| {
        url.strip_prefix("http://").is_some_and(|rest| !is_loopback(rest.split('/').next().unwrap_or(rest)))
    });
    let place = config.file.display().to_string();
    plain
        .map(|(key, url)| {
            let expected = "an address that begins with `https://`";
            Problem::new(Code::PlainAddress, &place, format!("`{key} = {url:?}`"), expected)
        })
        .collect()
}

/// Whether a host, with or without its port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || name == "[::1]"
}

/// Whose feed each address is: of the product for which it is written, and of those whose manifests name it.
pub(super) struct Owners<'p>(BTreeMap<String, BTreeSet<&'p ProductId>>);

impl<'p> Owners<'p> {
    pub(super) fn of(products: &'p [Product], subjects: &[Subject<'p>], config: &Config) -> Self {
        let written = products.iter().filter(|product| product.extension.is_some());
        let written = written.map(|product| (product.feed_address(config), &product.id));
        let named = subjects.iter().flat_map(|subject| {
            let servers = subject.contents.manifest.details.update_servers.iter();
            servers.map(|server| (server.address.trim().to_owned(), &subject.product.id))
        });
        let mut owners: BTreeMap<String, BTreeSet<&ProductId>> = BTreeMap::new();
        for (address, product) in written.chain(named) {
            owners.entry(address).or_default().insert(product);
        }
        Self(owners)
    }

    /// The first other product that the address belongs to.
    fn other(&self, address: &str, product: &ProductId) -> Option<&'p ProductId> {
        self.0.get(address)?.iter().copied().find(|owner| *owner != product)
    }
}

/// What is wrong with the update servers of a manifest.
pub(super) fn of_manifest(subject: Subject<'_>, owners: &Owners<'_>, config: &Config) -> Vec<Flaw> {
    let servers = &subject.contents.manifest.details.update_servers;
    let feed = subject.product.feed_address(config);
    if servers.is_empty() {
        let expected =
            format!("`<updateservers><server type=\"extension\" name=\"…\">{feed}</server></updateservers>`");
        return vec![Flaw::new(Code::NoUpdateServer, "no update server", expected)];
    }
    let mut flaws = Vec::new();
    if servers.len() > 1 {
        let found = format!("{} update servers", servers.len());
        flaws.push(Flaw::new(Code::SeveralServers, found, format!("one: `{feed}`")));
    }
    for server in servers {
        flaws.extend(wrong_name(server));
        flaws.extend(wrong_target(server, subject.product, &feed, owners, config));
    }
    flaws
}

/// Where the site's collection is.
pub(super) fn collection_address(config: &Config) -> String {
    format!("{}/collection.xml", config.public_url)
}

fn wrong_name(server: &UpdateServer) -> Option<Flaw> {
    let chars = server.name.chars().count();
    (chars > MAX_SERVER_NAME_CHARS).then(|| {
        let found = format!("an update server with a name of {chars} characters");
        Flaw::new(Code::ServerName, found, format!("at most {MAX_SERVER_NAME_CHARS}"))
    })
}

/// A server of another kind, or at another place, than the feed that we write. Blanks around the address do no harm: Joomla
/// trims it.
fn wrong_target(
    server: &UpdateServer,
    product: &Product,
    feed: &str,
    owners: &Owners<'_>,
    config: &Config,
) -> Option<Flaw> {
    let address = server.address.trim();
    let is_our_collection = address == collection_address(config);
    // Joomla finds the adapter of a type in any letter case.
    match server.kind.to_ascii_lowercase().as_str() {
        "extension" => {}
        "collection" if is_our_collection => return None,
        _ => {
            let found = format!("an update server with `type=\"{}\"`", server.kind);
            return Some(Flaw::new(Code::ServerType, found, "`type=\"extension\"`"));
        }
    }
    if address == feed {
        return None;
    }
    let expected = format!("`{feed}`");
    if let Some(other) = owners.other(address, &product.id) {
        let found = format!("the update server `{address}`, which product `{other}` has, too");
        return Some(Flaw::new(Code::SharedFeedAddress, found, expected));
    }
    let code = if address.ends_with(".xml") { Code::ServerAddress } else { Code::FeedAddressEnd };
    let found = format!("the update server `{address}` ({})", difference(address, feed));
    Some(Flaw::new(code, found, expected))
}

/// What tells two addresses apart, in words: a long address with one wrong letter is read over.
fn difference(address: &str, feed: &str) -> &'static str {
    let without_scheme = |url: &str| url.split_once("://").map(|(_, rest)| rest.to_owned());
    let host = |url: &str| without_scheme(url).and_then(|rest| rest.split('/').next().map(str::to_lowercase));
    if address.is_empty() {
        "no address"
    } else if without_scheme(address).is_none() {
        "no `https://` before it"
    } else if without_scheme(address) == without_scheme(feed) {
        "another scheme"
    } else if address.eq_ignore_ascii_case(feed) {
        "other letter case"
    } else if address.starts_with(feed) {
        "something behind its end"
    } else if host(address) == host(feed) {
        "another path"
    } else {
        "another host"
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// What is told of a module whose only server has this type and address.
    fn told(kind: &str, address: &str) -> Vec<(&'static str, String)> {
        let mut product = sample::module("tides", &["1.0.0"]);
        let server = &mut sample::details(&mut product.releases[0]).update_servers[0];
        (server.kind, server.address) = (kind.to_owned(), address.to_owned());
        let products = [product, sample::module("waves", &["1.0.0"])];
        told_of_first(&products)
    }

    fn told_of_first(products: &[Product]) -> Vec<(&'static str, String)> {
        let subjects: Vec<_> = products.iter().flat_map(super::super::subjects).collect();
        let config = sample::config();
        let owners = Owners::of(products, &subjects, &config);
        let flaws = of_manifest(subjects[0], &owners, &config);
        flaws.into_iter().map(|flaw| (flaw.code.rule().code, flaw.found)).collect()
    }

    #[test]
    fn the_feed_that_we_write_is_right_with_blanks_around_it_too() {
        assert_eq!(told("extension", "https://u.example/tides/updates.xml"), []);
        assert_eq!(told("extension", "\n  https://u.example/tides/updates.xml\n"), []);
        assert_eq!(told("collection", "https://u.example/collection.xml"), []);
    }

    #[test]
    fn the_letter_case_of_a_type_does_not_count() {
        assert_eq!(told("Extension", "https://u.example/tides/updates.xml"), []);
        assert_eq!(told("Collection", "https://u.example/collection.xml"), []);
    }

    #[test]
    fn what_is_different_about_an_address_is_said() {
        for (address, difference) in [
            ("http://u.example/tides/updates.xml", "another scheme"),
            ("https://u.example/Tides/updates.xml", "other letter case"),
            ("https://u.example/tide/updates.xml", "another path"),
            ("https://updates.example/tides/updates.xml", "another host"),
            ("u.example/tides/updates.xml", "no `https://` before it"),
        ] {
            let found = format!("the update server `{address}` ({difference})");
            assert_eq!(told("extension", address), [("BND402", found)]);
        }
    }

    #[test]
    fn an_address_that_does_not_end_in_xml_is_told_as_that() {
        for (address, difference) in [
            ("https://u.example/tides/updates.xml?x=1", "something behind its end"),
            ("https://u.example/tides/updates.XML", "other letter case"),
            ("https://u.example/tides/", "another path"),
        ] {
            let found = format!("the update server `{address}` ({difference})");
            assert_eq!(told("extension", address), [("BND403", found)]);
        }
    }

    #[test]
    fn another_type_than_extension_is_told() {
        for kind in ["", "tuf", " extension", "extension ", "collection"] {
            let found = format!("an update server with `type=\"{kind}\"`");
            assert_eq!(told(kind, "https://u.example/tides/updates.xml"), [("BND404", found)]);
        }
    }

    #[test]
    fn the_feed_of_another_product_is_told_as_that() {
        let address = "https://u.example/waves/updates.xml";
        let found = format!("the update server `{address}`, which product `waves` has, too");
        assert_eq!(told("extension", address), [("BND407", found)]);
    }

    #[test]
    fn two_products_that_name_one_foreign_address_are_told() {
        let mut products = [sample::module("tides", &["1.0.0"]), sample::module("waves", &["1.0.0"])];
        for product in &mut products {
            let server = &mut sample::details(&mut product.releases[0]).update_servers[0];
            server.address = "https://old.example/all.xml".to_owned();
        }
        assert_eq!(told_of_first(&products)[0].0, "BND407");
    }

    #[test]
    fn no_server_several_servers_and_long_names_are_told() {
        let mut product = sample::module("tides", &["1.0.0"]);
        let servers = &mut sample::details(&mut product.releases[0]).update_servers;
        servers.push(UpdateServer { name: "n".repeat(101), ..servers[0].clone() });
        let found = told_of_first(std::slice::from_ref(&product));
        let named = "an update server with a name of 101 characters".to_owned();
        assert_eq!(found, [("BND405", "2 update servers".to_owned()), ("BND406", named)]);
        sample::details(&mut product.releases[0]).update_servers.clear();
        assert_eq!(told_of_first(&[product]), [("BND401", "no update server".to_owned())]);
    }

    #[test]
    fn only_this_machine_may_be_asked_without_https() {
        let told = |url: &str| {
            let config = Config { public_url: url.to_owned(), ..sample::config() };
            addresses(&config).iter().map(|problem| problem.found.clone()).collect::<Vec<_>>()
        };
        for fine in ["https://u.example", "http://127.0.0.1:8480", "http://localhost", "http://[::1]:80"] {
            assert_eq!(told(fine), [] as [&str; 0], "{fine}");
        }
        assert_eq!(told("http://u.example/x"), ["`public_url = \"http://u.example/x\"`"]);
        assert_eq!(told("http://localhost.example").len(), 1);
    }
}
