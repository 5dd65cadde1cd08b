//! What a build would do to what is published already.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use bandari_catalog::names::ProductId;
use bandari_catalog::v1;

use super::lost::behind_newer;
use crate::config::Config;
use crate::error::{Error, Problem};
use crate::given_away::given_away;
use crate::history::{History, Kept};
use crate::layout;
use crate::product::{Product, Release};
use crate::publish::{changed_packages, moved_products};
use crate::rules::Code;
use crate::scan::PRODUCT_FILE;

/// Compares products with the output directory, which is only read. None of that when nothing was built there.
///
/// # Errors
/// [`Error::PublishedRecord`] when what is there cannot be understood.
pub(crate) fn against_published(products: &[Product], config: &Config) -> Result<Vec<Problem>, Error> {
    let history = History::load(&config.output, false, Kept::Packages)?;
    let mut findings = changed(products, &history);
    findings.extend(moved(products, &history.products));
    findings.extend(given_away(products, &history).into_iter().map(|given| {
        let expected = format!("what is licensed under a `{PRODUCT_FILE}` with its `group`");
        Problem::new(Code::LicensedGivenAway, given.place, given.found, expected)
    }));
    findings.extend(behind(products, &history.products));
    findings.extend(products.iter().flat_map(|product| behind_newer(product, &history.products, config)));
    Ok(findings)
}

fn changed(products: &[Product], history: &History) -> Vec<Problem> {
    let mut places: BTreeMap<String, Cow<'_, str>> = BTreeMap::new();
    let mut packages = Vec::new();
    for product in products {
        for release in product.offered() {
            let path = layout::package(&product.id, product.group.is_some(), &release.file);
            places.insert(path.clone(), release.place());
            packages.push((path, release.digests.sha256));
        }
    }
    let changed = changed_packages(packages.into_iter(), history).into_iter();
    changed
        .filter_map(|path| {
            let found = format!("other bytes than those that are published as `{path}`");
            let expected = "the same bytes, or a new version in a file of its own name";
            Some(Problem::new(Code::PublishedFileChanges, &**places.get(&path)?, found, expected))
        })
        .collect()
}

fn moved(products: &[Product], published: &[v1::Product]) -> Vec<Problem> {
    let place = |id: &ProductId| products.iter().find(|product| product.id == *id).map(newest_place);
    moved_products(products, published)
        .into_iter()
        .filter_map(|(before, now)| {
            let found = format!("the id `{now}` for an extension that is published as `{before}`");
            let expected = format!("`id = \"{before}\"` in its `{PRODUCT_FILE}`");
            Some(Problem::new(Code::PublishedFeedMoves, place(now)?, found, expected))
        })
        .collect()
}

fn newest_place(product: &Product) -> Cow<'_, str> {
    product.releases.first().map_or(Cow::Borrowed(""), Release::place)
}

/// A version that was taken back on purpose is still there as withdrawn.
fn behind(products: &[Product], published: &[v1::Product]) -> Vec<Problem> {
    let mut findings = Vec::new();
    for product in products {
        let newest_published = published
            .iter()
            .filter(|before| before.id == product.id && before.extension == product.extension)
            .flat_map(|before| &before.packages)
            .filter(|package| !package.withdrawn)
            .map(|package| &package.version)
            .max_by(|a, b| a.compare(b));
        if let (Some(newest), Some(before)) = (product.releases.first(), newest_published)
            && newest.version.compare(before) == Ordering::Less
        {
            let found = format!("version {} as the newest, where {before} is published", newest.version);
            let expected = format!("a version above {before}, or {before} marked as `withdrawn`");
            findings.push(Problem::new(Code::BehindPublished, newest.place(), found, expected));
        }
    }
    findings
}
