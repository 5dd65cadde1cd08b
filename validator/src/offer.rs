//! The catalog as the validator asks it: packages by id, groups, and which file each licensed package is.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use bandari_catalog::names::{GroupId, HexDigest, PackageId};
use bandari_catalog::v1::{AfterExpiry, Catalog, Package, Product, Site};
use bandari_signed_url::{Origin, UrlPath};
use foldhash::fast::RandomState;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cors::PublicOrigin;

/// Of a group with more products than these, not all are named: sentences have to stay readable.
const MAX_NAMES: usize = 5;

/// The path under which the built-in edge serves licensed packages.
pub(crate) const PROTECTED_PATH: &str = "/protected";

/// What the site offers.
#[derive(Debug)]
pub struct Offer {
    /// When it was read.
    pub(crate) read_at: Instant,
    pub(crate) site: Site,
    /// The origin of the public site.
    pub(crate) public_origin: PublicOrigin,
    products: Vec<OfferedProduct>,
    packages: HashMap<PackageId, OfferedPackage, RandomState>,
    /// Places in `products`.
    product_places: HashMap<String, usize, RandomState>,
    groups: BTreeMap<GroupId, OfferedGroup>,
    /// Licensed files by their signed path.
    protected: HashMap<String, ProtectedFile, RandomState>,
    /// Where licensed packages are; always there when there are any.
    pub(crate) edge: Option<EdgeAddress>,
}

/// Scheme and host of the edge, and the path before `/<product>/<file>`.
#[derive(Clone, Debug)]
pub(crate) struct EdgeAddress {
    pub(crate) origin: Origin,
    pub(crate) prefix: String,
}

/// One product.
#[derive(Debug)]
pub(crate) struct OfferedProduct {
    pub(crate) id: String,
    /// For people.
    pub(crate) name: String,
    pub(crate) group: Option<GroupId>,
    /// Where its license is renewed.
    pub(crate) renew_url: Option<String>,
    pub(crate) homepage: Option<String>,
    /// Where people ask what a key for it is worth; licensed products only.
    pub(crate) check_url: Option<String>,
    /// Its update feed, which names it to whoever has an update site of it; Joomla extensions only.
    pub(crate) feed: Option<String>,
    /// Whether holders of ended licenses keep what was released before.
    pub(crate) keeps_older_releases: bool,
}

/// What one license opens.
#[derive(Debug, Default)]
pub(crate) struct OfferedGroup {
    /// Names of its products, for people; the first ones and `…` when they are many.
    pub(crate) name: String,
    /// Where licenses of all its products are renewed; nothing when they differ.
    pub(crate) renew_url: Option<String>,
    /// The home of all its products; nothing when they differ.
    pub(crate) homepage: Option<String>,
    /// Whether holders of ended licenses keep what was released before, of all its products.
    pub(crate) keeps_older_releases: bool,
    /// Places in `products`.
    products: Vec<usize>,
}

/// One package.
#[derive(Debug)]
pub(crate) struct OfferedPackage {
    product: usize,
    pub(crate) place: Place,
}

/// Where a package is.
#[derive(Debug)]
pub(crate) enum Place {
    /// Free, at this address.
    Public(String),
    /// For holders of a license.
    Licensed(LicensedPlace),
    /// Nowhere: the vendor took it back.
    Withdrawn,
}

/// Where a licensed package is, and who may have it.
#[derive(Debug)]
pub(crate) struct LicensedPlace {
    pub(crate) group: GroupId,
    /// At the edge.
    pub(crate) path: UrlPath,
    /// When it came out, in Unix seconds, where holders of ended licenses keep what was released before.
    pub(crate) kept_if_released_at: Option<i64>,
}

/// A file of the built-in edge.
#[derive(Clone, Debug)]
pub(crate) struct ProtectedFile {
    /// Path below the folder of licensed packages.
    pub(crate) below: String,
    pub(crate) sha256: HexDigest<32>,
}

impl Offer {
    /// What a catalog offers.
    ///
    /// # Errors
    /// Tells what is wrong with the catalog.
    pub(crate) fn of(catalog: Catalog) -> Result<Self, String> {
        let edge = catalog.site.protected_url.as_deref().map(edge_address).transpose()?;
        let public_url = &catalog.site.public_url;
        let public_origin = PublicOrigin::of(public_url)
            .ok_or_else(|| format!("`site.public_url`: found `{public_url}`, expected an http(s) address"))?;
        let mut offer = Self {
            read_at: Instant::now(),
            site: catalog.site,
            public_origin,
            products: Vec::new(),
            packages: HashMap::default(),
            product_places: HashMap::default(),
            groups: BTreeMap::new(),
            protected: HashMap::default(),
            edge,
        };
        for product in catalog.products {
            offer.add(product)?;
        }
        offer.describe_groups();
        Ok(offer)
    }

    /// What people read of a group comes from its products.
    fn describe_groups(&mut self) {
        for group in self.groups.values_mut() {
            let products: Vec<_> = group.products.iter().map(|place| &self.products[*place]).collect();
            let common = |value: fn(&OfferedProduct) -> Option<&str>| {
                let first = value(products.first()?)?;
                products.iter().all(|product| value(product) == Some(first)).then(|| first.to_owned())
            };
            group.renew_url = common(|product| product.renew_url.as_deref());
            group.homepage = common(|product| product.homepage.as_deref());
            group.keeps_older_releases = products.iter().all(|product| product.keeps_older_releases);
            let names: Vec<&str> = products.iter().map(|product| product.name.as_str()).collect();
            group.name = match names.get(..MAX_NAMES) {
                Some(first) if first.len() < names.len() => format!("{} …", first.join(", ")),
                _ => names.join(", "),
            };
        }
    }

    fn add(&mut self, product: Product) -> Result<(), String> {
        let place = self.products.len();
        for package in &product.packages {
            let offered = OfferedPackage { product: place, place: self.place(&product, package)? };
            if self.packages.insert(package.id.clone(), offered).is_some() {
                return Err(format!("found the package id `{}` twice, expected it once", package.id));
            }
        }
        if let Some(group) = &product.group {
            self.groups.entry(group.clone()).or_default().products.push(place);
        }
        self.product_places.insert(product.id.to_string(), place);
        let download_url = self.site.download_url.as_ref().filter(|_| product.group.is_some());
        let public_url = product.extension.as_ref().map(|_| &self.site.public_url);
        self.products.push(OfferedProduct {
            id: product.id.to_string(),
            name: product.name,
            group: product.group,
            renew_url: product.renew_url.or_else(|| self.site.renew_url.clone()),
            homepage: product.homepage,
            check_url: download_url.map(|url| format!("{url}/check/{}", product.id)),
            // As the catalog's format has it.
            feed: public_url.map(|url| format!("{url}/{}/updates.xml", product.id)),
            keeps_older_releases: product.after_expiry == AfterExpiry::OlderReleases,
        });
        Ok(())
    }

    fn place(&mut self, product: &Product, package: &Package) -> Result<Place, String> {
        if package.withdrawn {
            return Ok(Place::Withdrawn);
        }
        let below = format!("{}/{}", product.id, package.file);
        let Some(group) = &product.group else {
            return Ok(Place::Public(format!("{}/files/{below}", self.site.public_url)));
        };
        let Some(edge) = &self.edge else {
            return Err(format!(
                "found the licensed product `{}`, expected `site.protected_url`",
                product.id
            ));
        };
        let path = UrlPath::parse(&format!("{}/{below}", edge.prefix)).map_err(|error| error.to_string())?;
        let file = ProtectedFile { below, sha256: package.digests.sha256 };
        self.protected.insert(path.as_str().to_owned(), file);
        let keeps = product.after_expiry == AfterExpiry::OlderReleases;
        let released = package.released.as_deref().filter(|_| keeps);
        let kept_if_released_at = released.map(first_second).transpose()?;
        Ok(Place::Licensed(LicensedPlace { group: group.clone(), path, kept_if_released_at }))
    }

    /// A package and its product.
    pub(crate) fn package(&self, id: &str) -> Option<(&OfferedPackage, &OfferedProduct)> {
        let package = self.packages.get(id)?;
        Some((package, self.products.get(package.product)?))
    }

    pub(crate) fn product(&self, id: &str) -> Option<&OfferedProduct> {
        self.products.get(*self.product_places.get(id)?)
    }

    /// The group of that name, when there is one.
    pub(crate) fn group(&self, id: &str) -> Option<(&GroupId, &OfferedGroup)> {
        self.groups.get_key_value(id)
    }

    /// Names of all that a group opens, for people, however many they are.
    pub(crate) fn product_names(&self, group: &OfferedGroup) -> String {
        let names: Vec<&str> =
            group.products.iter().map(|place| self.products[*place].name.as_str()).collect();
        names.join(", ")
    }

    /// All groups.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.groups.keys()
    }

    /// How many packages there are.
    #[must_use]
    pub fn package_count(&self) -> usize {
        self.packages.len()
    }

    pub(crate) fn protected_file(&self, path: &UrlPath) -> Option<&ProtectedFile> {
        self.protected.get(path.as_str())
    }
}

/// The first second of a day in UTC, in Unix seconds.
fn first_second(day: &str) -> Result<i64, String> {
    let day = day.parse::<Date>().map_err(|_| {
        format!("`released`: found `{}`, expected a day such as 2026-11-22", day.escape_debug())
    })?;
    let zoned = day.to_zoned(TimeZone::UTC).map_err(|error| format!("`released`: {error}"))?;
    Ok(zoned.timestamp().as_second())
}

/// Splits `https://dl.example.com/some/path` after the host.
fn edge_address(url: &str) -> Result<EdgeAddress, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("`site.protected_url`: {error}");
    let host_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[host_at..].find('/').map_or(url.len(), |at| host_at + at);
    let (origin, prefix) = url.split_at(path_at);
    let origin = Origin::parse(origin).map_err(|error| wrong(&error))?;
    if !prefix.is_empty() {
        UrlPath::parse(prefix).map_err(|error| wrong(&error))?;
    }
    Ok(EdgeAddress { origin, prefix: prefix.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(products: &str) -> Offer {
        let catalog = format!(
            r#"{{"format": "bandari-catalog", "version": 1, "site": {{"title": "t", "vendor": "v",
            "public_url": "https://u.example", "protected_url": "https://p.example"}}, "products": [{products}]}}"#
        );
        Offer::of(bandari_catalog::read(catalog.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_group_is_renewed_where_all_its_products_are() {
        let product = |id: &str, url: &str| {
            format!(r#"{{"id": "{id}", "name": "{id}", "group": "g", "renew_url": "{url}", "packages": []}}"#)
        };
        let renew_url = |one: &str, other: &str| {
            let offer = offer(&format!("{}, {}", product("a", one), product("b", other)));
            offer.group("g").unwrap().1.renew_url.clone()
        };
        assert_eq!(
            renew_url("https://s.example/1", "https://s.example/1").as_deref(),
            Some("https://s.example/1")
        );
        assert_eq!(renew_url("https://s.example/1", "https://s.example/2"), None);
    }

    #[test]
    fn a_group_is_called_by_its_products_or_the_first_of_many() {
        let product =
            |id: &str| format!(r#"{{"id": "{id}", "name": "N{id}", "group": "g", "packages": []}}"#);
        let name = |ids: &[&str]| {
            let products: Vec<String> = ids.iter().map(|id| product(id)).collect();
            offer(&products.join(", ")).group("g").unwrap().1.name.clone()
        };
        assert_eq!(name(&["a", "b", "c", "d", "e"]), "Na, Nb, Nc, Nd, Ne");
        assert_eq!(name(&["a", "b", "c", "d", "e", "f"]), "Na, Nb, Nc, Nd, Ne …");
    }

    #[test]
    fn an_extension_has_a_feed_and_nothing_else_has_one() {
        let extension = r#"{"type": "module", "element": "mod_a", "client": "site"}"#;
        let products = format!(
            r#"{{"id": "a", "name": "A", "extension": {extension}, "packages": []}}, {{"id": "b", "name": "B", "packages": []}}"#
        );
        let offer = offer(&products);
        let feed = |id: &str| offer.product(id).unwrap().feed.as_deref();
        assert_eq!(feed("a"), Some("https://u.example/a/updates.xml"));
        assert_eq!(feed("b"), None);
    }

    #[test]
    fn an_edge_may_live_below_a_path() {
        let edge = edge_address("https://cdn.example.com/paid/zips").unwrap();
        assert_eq!((edge.origin.as_str(), edge.prefix.as_str()), ("https://cdn.example.com", "/paid/zips"));
        assert_eq!(edge_address("https://cdn.example.com").unwrap().prefix, "");
    }

    #[test]
    fn an_edge_whose_path_would_need_encoding_is_refused() {
        assert!(edge_address("https://cdn.example.com/a b").is_err());
        assert!(edge_address("ftp://cdn.example.com").is_err());
    }
}
