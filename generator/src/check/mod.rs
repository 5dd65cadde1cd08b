//! What vendors get wrong though it can be published: one module for each concern, pure functions over products that
//! [`crate::collect`] made. What each finding means is told in [`crate::rules`].
//!
//! What is out cannot be changed any more. So manifests are looked at in the newest stable release of a product and in
//! what is newer; product files and ranges, which can be changed at any time, for every release.

mod changelogs;
mod client_plugin;
mod collections;
mod inner;
mod licenses;
mod lost;
mod manifests;
mod offers;
mod published;
mod ranges;
#[cfg(test)]
pub(crate) mod sample;
mod servers;
mod templates;
mod versions;

use std::path::Path;

use bandari_catalog::v1::Extension;
use bandari_catalog::version::Stability;

use crate::config::Config;
use crate::contents::Contents;
use crate::error::{Flaw, Problem};
use crate::product::{Product, Release};
use crate::rules::Code;

pub(crate) use published::against_published;
pub(crate) use servers::addresses;
pub(crate) use templates::of_vendor as templates;

/// A release of an extension whose manifest can still be changed.
#[derive(Clone, Copy)]
struct Subject<'p> {
    product: &'p Product,
    extension: &'p Extension,
    release: &'p Release,
    contents: &'p Contents,
}

impl Subject<'_> {
    /// A problem of its manifest.
    fn of_manifest(&self, flaw: Flaw) -> Problem {
        Problem::of_flaw(format!("{} > {}", self.release.place(), self.contents.manifest.details.path), flaw)
    }
}

/// Everything that is wrong with these products, in no order.
pub(crate) fn findings(products: &[Product], config: &Config) -> Vec<Problem> {
    let mut findings = offers::of_products(products, config);
    findings.extend(client_plugin::of_products(products, config));
    for product in products {
        findings.extend(versions::of_product(product));
        findings.extend(ranges::of_product(product));
        findings.extend(changelogs::of_product(product));
        findings.extend(licenses::of_product(product));
    }
    let subjects: Vec<Subject<'_>> = products.iter().flat_map(subjects).collect();
    let owners = servers::Owners::of(products, &subjects, config);
    let requests = licenses::Requests::of(&subjects, config);
    let plugin = crate::client_plugin::of_site(products, config).and_then(|own| own.extension.as_ref());
    for subject in subjects {
        let flaws = servers::of_manifest(subject, &owners, config)
            .into_iter()
            .chain(collections::of_manifest(subject, config))
            .chain(changelogs::of_manifest(subject, config))
            .chain(licenses::of_manifest(subject, &requests))
            .chain(manifests::of_manifest(subject));
        findings.extend(flaws.map(|flaw| subject.of_manifest(flaw)));
        findings.extend(inner::of_package(subject, plugin));
    }
    findings
}

/// The published record, or the published catalog, is no such thing.
pub(crate) fn unusable_record(file: &Path, message: &str) -> Problem {
    let expected = "what a build wrote";
    Problem::new(Code::PublishedRecord, file.display().to_string(), message, expected)
}

/// The releases that are offered from the newest down to the newest stable one; all when none is stable.
fn current(product: &Product) -> impl Iterator<Item = &Release> {
    let mut is_behind = false;
    product.offered().take_while(move |release| {
        let is_told = !is_behind;
        is_behind |= release.stability == Stability::Stable;
        is_told
    })
}

fn newest_stable(product: &Product) -> Option<&Release> {
    product.offered().find(|release| release.stability == Stability::Stable)
}

fn subjects(product: &Product) -> impl Iterator<Item = Subject<'_>> {
    current(product).filter_map(|release| {
        let extension = product.extension.as_ref()?;
        let contents = release.contents.as_ref()?;
        Some(Subject { product, extension, release, contents })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_newest_stable_release_is_not_told_of() {
        let product = sample::module("tides", &["2.0.0-beta1", "1.1.0", "1.0.0"]);
        let current: Vec<&str> = current(&product).map(|release| release.version.as_str()).collect();
        assert_eq!(current, ["2.0.0-beta1", "1.1.0"]);
        assert_eq!(newest_stable(&product).unwrap().version.as_str(), "1.1.0");
    }

    #[test]
    fn a_product_without_mistakes_has_no_findings() {
        let products = [sample::module("tides", &["1.1.0", "1.0.0"]), sample::licensed(&["1.0.0"])];
        assert_eq!(findings(&products, &sample::config()), []);
    }
}
