//! What cannot stand together: a version twice, two products or two packages with one id. Which of them is meant, nobody can
//! tell, so all of them are taken out and reported.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::names::FileName;

use super::{Collection, PieceList};
use crate::error::Problem;
use crate::product::Release;
use crate::rules::Code;
use crate::scan::PRODUCT_FILE;

/// Takes out every file that shares its version or its name with another of the product. `pieces` are sorted by version.
pub(super) fn refuse_repetitions(pieces: &mut PieceList, problems: &mut Vec<Problem>) {
    let mut refused = vec![false; pieces.len()];
    let mut first_of_name: BTreeMap<&FileName, usize> = BTreeMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        let same_version =
            index.checked_sub(1).filter(|&i| pieces[i].version.compare(&piece.version) == Ordering::Equal);
        let same_name = first_of_name.get(&piece.package.name).copied();
        first_of_name.entry(&piece.package.name).or_insert(index);
        let (first, shared) = match (same_version, same_name) {
            (Some(first), _) => (first, format!("version {}", piece.version)),
            (None, Some(first)) => (first, format!("the file name `{}`", piece.package.name)),
            (None, None) => continue,
        };
        problems.push(Problem::new(
            Code::VersionTwice,
            piece.package.source.place(),
            format!("{shared} again, after `{}`", pieces[first].package.source.place()),
            "each version of a product once, each in a file of its own name",
        ));
        refused[first] = true;
        refused[index] = true;
    }
    let mut refused = refused.into_iter();
    pieces.retain(|_| !refused.next().unwrap_or(false));
}

/// Takes out the products that share an id: one address cannot be the feed of two.
pub(super) fn refuse_shared_product_ids(collection: &mut Collection) {
    collection.products.sort_by(|a, b| a.id.cmp(&b.id));
    let mut shared = BTreeSet::new();
    for products in collection.products.chunk_by(|a, b| a.id == b.id).filter(|products| products.len() > 1) {
        let id = &products[0].id;
        shared.insert(id.clone());
        let names: Vec<String> = products.iter().map(|p| format!("`{}`", p.releases[0].file)).collect();
        collection.problems.push(Problem::new(
            Code::SharedProductId,
            products[0].releases[0].place(),
            format!("one product id `{id}` for {}", names.join(" and ")),
            format!("one extension for each `id`: give each its own `{PRODUCT_FILE}`"),
        ));
    }
    collection.products.retain(|product| !shared.contains(&product.id));
}

/// Takes out the packages that share an id, and products that have no others.
pub(super) fn refuse_shared_package_ids(collection: &mut Collection) {
    let mut releases: Vec<&Release> =
        collection.products.iter().flat_map(|product| &product.releases).collect();
    releases.sort_by(|a, b| a.id.cmp(&b.id));
    let mut shared = BTreeSet::new();
    for releases in releases.chunk_by(|a, b| a.id == b.id).filter(|releases| releases.len() > 1) {
        let id = &releases[0].id;
        shared.insert(id.clone());
        let files: Vec<String> = releases.iter().map(|release| format!("`{}`", release.file)).collect();
        collection.problems.push(Problem::new(
            Code::SharedPackageId,
            releases[0].place(),
            format!("one package id `{id}` for {}", files.join(" and ")),
            "a `package_id` pattern that differs for each",
        ));
    }
    for product in &mut collection.products {
        product.releases.retain(|release| !shared.contains(&release.id));
    }
    collection.products.retain(|product| !product.releases.is_empty());
}
