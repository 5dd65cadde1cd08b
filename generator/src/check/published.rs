//! What a build would do to what is published already.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::names::ProductId;
use bandari_catalog::v1::{self, Extension};

use super::lost;
use crate::config::Config;
use crate::error::{Error, Problem};
use crate::given_away::given_away;
use crate::history::{History, Kept};
use crate::layout;
use crate::product::{Product, Release};
use crate::publish::{changed_packages, moved_products};
use crate::rules::Code;
use crate::scan::PRODUCT_FILE;
use crate::workers;

/// What is wrong in the light of what is published.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// About packages; places are below the package directory.
    pub(crate) of_packages: Vec<Problem>,
    /// About published files that no package stands for any more.
    pub(crate) of_site: Vec<Problem>,
}

/// Compares products with the output directory, which is only read. None of that when nothing was built there. What sites would
/// lose is only known when the products are whole.
///
/// # Errors
/// [`Error::PublishedRecord`] when what is there cannot be understood.
pub(crate) fn against_published(
    products: &[Product],
    are_whole: bool,
    config: &Config,
) -> Result<Compared, Error> {
    let history = History::load(&config.output, false, Kept::Packages)?;
    let mut findings = changed(products, &history);
    findings.extend(moved(products, &history.products));
    findings.extend(given_away(products, &history).into_iter().map(|given| {
        let expected = format!("what is licensed under a `{PRODUCT_FILE}` with its `group`");
        Problem::new(Code::LicensedGivenAway, given.place, given.found, expected)
    }));
    findings.extend(behind(products, &history.products));
    let mut compared = Compared { of_packages: findings, of_site: Vec::new() };
    if are_whole {
        compared.of_packages.extend(offered_less(products, &history.products, config));
        compared.of_site = gone(products, &history.products, config);
    }
    Ok(compared)
}

/// Published feeds of extensions that are in no package any more. One that moved is told of as that.
fn gone(products: &[Product], published: &[v1::Product], config: &Config) -> Vec<Problem> {
    let there: BTreeSet<&Extension> =
        products.iter().filter_map(|product| product.extension.as_ref()).collect();
    let is_gone = |before: &&v1::Product| {
        before.extension.as_ref().is_some_and(|extension| !there.contains(extension))
            && before.packages.iter().any(|package| !package.withdrawn)
    };
    let gone = published.iter().filter(is_gone);
    gone.map(|before| {
        let place = config.output.join(layout::feed(&before.id)).display().to_string();
        let found = format!("no package of `{}`, whose sites are offered updates there", before.id);
        Problem::new(Code::FeedGone, place, found, "its packages, withdrawn ones if nothing else")
    })
    .collect()
}

fn offered_less(products: &[Product], published: &[v1::Product], config: &Config) -> Vec<Problem> {
    let published: BTreeMap<&ProductId, &v1::Product> =
        published.iter().map(|product| (&product.id, product)).collect();
    let pairs = products.iter().filter_map(|product| Some((product, *published.get(&product.id)?)));
    let offers = |(product, before)| lost::of_product(product, before, config);
    workers::map(pairs, offers).into_iter().flatten().collect()
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
