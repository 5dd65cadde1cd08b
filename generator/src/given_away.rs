//! What is published for those with a license, and would be for everybody. A `product.toml` that was lost, or a package that
//! strayed out of its folder, looks like a free one; only what was published before tells.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use bandari_catalog::names::{HexDigest, ProductId};
use bandari_catalog::v1::{self, Extension};

use crate::history::History;
use crate::layout;
use crate::product::{Product, Release};

/// A product or a package that would be given away.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenAway<'p> {
    /// Path below the package directory of the package, or of a product's newest.
    pub(crate) place: Cow<'p, str>,
    /// What would become of it, and what it is now.
    pub(crate) found: String,
}

/// Which products are licensed as they are published and free now, and which free packages have the bytes of a licensed one.
/// A package that is public under the same name already has been given away before.
pub(crate) fn given_away<'p>(products: &'p [Product], history: &History) -> Vec<GivenAway<'p>> {
    let licensed = Licensed::of(&history.products);
    let (freed, free): (Vec<&Product>, Vec<&Product>) =
        products.iter().filter(|product| product.group.is_none()).partition(|product| licensed.has(product));
    let mut given: Vec<GivenAway<'p>> = freed.into_iter().map(freed_product).collect();
    if free.is_empty() {
        return given;
    }
    let paths: HashMap<HexDigest<32>, &str> =
        history.licensed_packages().map(|(path, sha256)| (sha256, path)).collect();
    for product in free {
        given.extend(product.offered().filter_map(|release| {
            let before = paths.get(&release.digests.sha256)?;
            freed_package(product, release, before, history)
        }));
    }
    given
}

/// What a catalog has for those with a license.
struct Licensed<'c> {
    ids: BTreeSet<&'c ProductId>,
    extensions: BTreeSet<&'c Extension>,
}

impl<'c> Licensed<'c> {
    fn of(published: &'c [v1::Product]) -> Self {
        let licensed = || published.iter().filter(|product| product.group.is_some());
        Self {
            ids: licensed().map(|product| &product.id).collect(),
            extensions: licensed().filter_map(|product| product.extension.as_ref()).collect(),
        }
    }

    fn has(&self, product: &Product) -> bool {
        self.ids.contains(&product.id)
            || product.extension.as_ref().is_some_and(|extension| self.extensions.contains(extension))
    }
}

fn freed_product(product: &Product) -> GivenAway<'_> {
    GivenAway {
        place: product.releases.first().map_or(Cow::Borrowed(""), Release::place),
        found: format!("a free product `{}`, which is published as licensed", product.id),
    }
}

fn freed_package<'p>(
    product: &Product,
    release: &'p Release,
    before: &str,
    history: &History,
) -> Option<GivenAway<'p>> {
    let path = layout::package(&product.id, false, &release.file);
    let is_public = history.digest(&path) == Some(release.digests.sha256);
    (!is_public).then(|| GivenAway {
        place: release.place(),
        found: format!("a free package `{path}` with the bytes that are published as `{before}`"),
    })
}
