//! The page over all products.

use std::collections::BTreeSet;

use serde::Serialize;

use super::product_view::{DateView, released};
use super::texts::Texts;
use crate::compatibility;
use crate::layout;
use crate::monogram::{Monogram, monogram};
use crate::product::{Product, Release};

/// A product in the list.
#[derive(Serialize)]
pub(super) struct CardView<'v> {
    id: &'v str,
    /// From the start page of the language.
    href: String,
    name: &'v str,
    summary: Option<&'v str>,
    /// Below the root.
    icon: Option<String>,
    /// Stands in for an icon.
    monogram: Monogram,
    kind: &'static str,
    kind_label: &'v str,
    is_licensed: bool,
    /// Majors of Joomla in which some site gets a release.
    joomla: Vec<String>,
    latest: Option<LatestView<'v>>,
}

#[derive(Serialize)]
struct LatestView<'v> {
    version: &'v str,
    is_stable: bool,
    stability_label: Option<&'v str>,
    date: Option<DateView>,
    joomla: Option<String>,
    php: Option<&'v str>,
}

/// What the list can be narrowed to.
#[derive(Serialize)]
pub(super) struct FiltersView<'v> {
    joomla: Vec<String>,
    kinds: Vec<KindView<'v>>,
    /// Whether some products are free and some licensed.
    has_both: bool,
}

#[derive(Serialize)]
struct KindView<'v> {
    word: &'static str,
    label: &'v str,
}

/// What a product is, as a word for scripts and for [`Texts::word`].
pub(super) fn kind(product: &Product) -> &'static str {
    product.extension.as_ref().map_or("download", |extension| extension.kind.as_str())
}

/// Where a product's icon is, below the root.
pub(super) fn icon(product: &Product) -> Option<String> {
    let icon = product.icon.as_ref()?;
    Some(layout::below_root(&layout::icon(&product.id, icon.format)).to_owned())
}

/// Every product, by name as people sort: without regard to case.
pub(super) fn cards<'v>(products: &'v [Product], texts: &'v Texts) -> Vec<CardView<'v>> {
    let majors = compatibility::majors_of_all(products);
    let mut sorted: Vec<&Product> = products.iter().collect();
    sorted.sort_by_cached_key(|product| (product.name.to_lowercase(), product.id.as_str()));
    sorted.into_iter().map(|product| card(product, &majors, texts)).collect()
}

fn card<'v>(product: &'v Product, majors: &BTreeSet<u32>, texts: &'v Texts) -> CardView<'v> {
    CardView {
        id: product.id.as_str(),
        href: format!("{}/", product.id),
        name: &product.name,
        summary: product.summary.as_deref(),
        icon: icon(product),
        monogram: monogram(&product.id, &product.name),
        kind: kind(product),
        kind_label: texts.word("kinds", kind(product)).unwrap_or_default(),
        is_licensed: product.group.is_some(),
        joomla: compatibility::majors(product, majors),
        latest: product.latest().map(|release| latest(release, texts)),
    }
}

fn latest<'v>(release: &'v Release, texts: &'v Texts) -> LatestView<'v> {
    LatestView {
        version: release.version.as_str(),
        is_stable: release.is_stable(),
        stability_label: texts.word("stability", release.stability.as_str()),
        date: released(release, texts),
        joomla: release.joomla.as_ref().map(|range| range.for_people()),
        php: release.php.as_deref(),
    }
}

/// What can be chosen of these products.
pub(super) fn filters<'v>(cards: &[CardView<'v>], texts: &'v Texts) -> FiltersView<'v> {
    let mut joomla: Vec<String> = cards.iter().flat_map(|card| &card.joomla).cloned().collect();
    joomla.sort_by_cached_key(|label| label.split('.').next().and_then(|major| major.parse::<u32>().ok()));
    joomla.dedup();
    let kinds: BTreeSet<&'static str> = cards.iter().map(|card| card.kind).collect();
    let kind = |word| KindView { word, label: texts.word("kinds", word).unwrap_or_default() };
    let licensed = cards.iter().filter(|card| card.is_licensed).count();
    FiltersView {
        joomla,
        kinds: kinds.into_iter().map(kind).collect(),
        has_both: (1..cards.len()).contains(&licensed),
    }
}
