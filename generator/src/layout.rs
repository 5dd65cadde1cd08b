//! Where each file of the output is, below the output directory, with `/`. Writing, removing and remembering all ask here, so
//! that what is written is always known as ours.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use bandari_catalog::names::{FileName, ProductId};
use bandari_catalog::v1::{Package, Product};

/// The catalog.
pub(crate) const CATALOG: &str = "public/catalog.json";

/// The feed over all extensions.
pub(crate) const COLLECTION: &str = "public/collection.xml";

/// The page over all products.
pub(crate) const INDEX: &str = "public/index.html";

/// The feed over the releases of all products, for people.
pub(crate) const RELEASES: &str = "public/releases.atom";

/// The style sheet of all pages.
pub(crate) const STYLE: &str = "public/assets/style.css";

/// What the paths of licensed packages begin with.
pub(crate) const PROTECTED: &str = "protected/";

/// A package: free ones and licensed ones are never below the same folder.
pub(crate) fn package(product: &ProductId, is_licensed: bool, file: &FileName) -> String {
    let folder = if is_licensed { PROTECTED } else { "public/files/" };
    format!("{folder}{product}/{file}")
}

/// A product's page.
pub(crate) fn page(product: &ProductId) -> String {
    format!("public/{product}/index.html")
}

/// A product's digests.
pub(crate) fn sums(product: &ProductId) -> String {
    format!("public/{product}/SHA256SUMS")
}

/// An extension's feed.
pub(crate) fn feed(product: &ProductId) -> String {
    format!("public/{product}/updates.xml")
}

/// What changed in an extension, for Joomla.
pub(crate) fn changelog(product: &ProductId) -> String {
    format!("public/{product}/changelog.xml")
}

/// A package of a catalog.
pub(crate) fn catalog_package(product: &Product, of_product: &Package) -> String {
    package(&product.id, product.group.is_some(), &of_product.file)
}

/// Every file that a build with these products in its catalog writes.
pub(crate) fn all(products: impl Iterator<Item: Borrow<Product>>) -> BTreeSet<String> {
    let mut paths: BTreeSet<String> = [CATALOG, COLLECTION, INDEX, STYLE].map(str::to_owned).into();
    for product in products {
        let product = product.borrow();
        let offered = || product.packages.iter().filter(|package| !package.withdrawn);
        paths.extend(offered().map(|package| catalog_package(product, package)));
        paths.extend(offered().find(|package| package.released.is_some()).map(|_| RELEASES.to_owned()));
        paths.extend([page(&product.id), sums(&product.id)]);
        paths.extend(product.extension.as_ref().map(|_| feed(&product.id)));
        paths.extend(product.changelog.then(|| changelog(&product.id)));
    }
    paths
}

/// Whether a path is one that this module could have made: below one of the two folders, and never out of them again.
pub(crate) fn is_below(path: &str) -> bool {
    let mut segments = path.split('/');
    matches!(segments.next(), Some("public" | "protected"))
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_two_folders_is_ours() {
        assert!(is_below("public/files/tides/mod_tides-1.0.0.zip"));
        for foreign in
            ["", "/etc/passwd", "public/../validator.toml", "bandari.toml", "public//x", "public2/x"]
        {
            assert!(!is_below(foreign), "{foreign}");
        }
    }
}
