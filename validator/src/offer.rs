//! The catalog as the validator asks it: packages by id, groups, and which file each licensed package is.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use bandari_catalog::names::{GroupId, HexDigest, PackageId};
use bandari_catalog::v1::{Catalog, Package, Product};
use bandari_signed_url::{Origin, UrlPath};

use crate::error::Error;

/// The path under which the built-in edge serves licensed packages.
pub(crate) const PROTECTED_PATH: &str = "/protected";

/// What the site offers.
#[derive(Debug)]
pub struct Offer {
    packages: HashMap<PackageId, OfferedPackage>,
    groups: BTreeSet<GroupId>,
    /// Licensed files by their signed path.
    protected: HashMap<String, ProtectedFile>,
    /// Where licensed packages are; always there when there are any.
    pub(crate) edge: Option<EdgeAddress>,
}

/// Scheme and host of the edge, and the path before `/<product>/<file>`.
#[derive(Clone, Debug)]
pub(crate) struct EdgeAddress {
    pub(crate) origin: Origin,
    pub(crate) prefix: String,
}

/// One package.
#[derive(Debug)]
pub(crate) struct OfferedPackage {
    /// Name of its product, for people.
    pub(crate) product: String,
    pub(crate) place: Place,
}

/// Where a package is.
#[derive(Debug)]
pub(crate) enum Place {
    /// Free, at this address.
    Public(String),
    /// For holders of a license of the group, at this path of the edge.
    Licensed(GroupId, UrlPath),
    /// Nowhere: the vendor took it back.
    Withdrawn,
}

/// A file of the built-in edge.
#[derive(Clone, Debug)]
pub(crate) struct ProtectedFile {
    /// Path below the folder of licensed packages.
    pub(crate) below: String,
    pub(crate) sha256: HexDigest<32>,
}

impl Offer {
    /// Reads a catalog file.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
        let json = std::fs::read(path)
            .map_err(|error| wrong(format!("cannot be read: {error}. `bandari build` writes the catalog")))?;
        let catalog = bandari_catalog::read(&json).map_err(|error| wrong(error.to_string()))?;
        Self::of(&catalog).map_err(wrong)
    }

    fn of(catalog: &Catalog) -> Result<Self, String> {
        let edge = catalog.site.protected_url.as_deref().map(edge_address).transpose()?;
        let mut offer =
            Self { packages: HashMap::new(), groups: BTreeSet::new(), protected: HashMap::new(), edge };
        for product in &catalog.products {
            offer.groups.extend(product.group.clone());
            for package in &product.packages {
                let place = offer.place(catalog, product, package)?;
                let offered = OfferedPackage { product: product.name.clone(), place };
                if offer.packages.insert(package.id.clone(), offered).is_some() {
                    return Err(format!("found the package id `{}` twice, expected it once", package.id));
                }
            }
        }
        Ok(offer)
    }

    fn place(&mut self, catalog: &Catalog, product: &Product, package: &Package) -> Result<Place, String> {
        if package.withdrawn {
            return Ok(Place::Withdrawn);
        }
        let below = format!("{}/{}", product.id, package.file);
        let Some(group) = &product.group else {
            return Ok(Place::Public(format!("{}/files/{below}", catalog.site.public_url)));
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
        Ok(Place::Licensed(group.clone(), path))
    }

    pub(crate) fn package(&self, id: &str) -> Option<&OfferedPackage> {
        self.packages.get(id)
    }

    /// The group of that name, when there is one.
    pub(crate) fn group(&self, id: &str) -> Option<&GroupId> {
        self.groups.get(id)
    }

    /// All groups.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.groups.iter()
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
