//! The page of one product.

use std::slice;

use bandari_catalog::v1::Databases;
use serde::Serialize;

use super::index_view::{icon, kind};
use super::texts::Texts;
use super::{key_view, structured_data};
use crate::changelog::Section;
use crate::compatibility::{self, Cell, Matrix};
use crate::config::Config;
use crate::monogram::{Monogram, monogram};
use crate::product::{Product, Release};

/// A product as its page shows it.
#[derive(Serialize)]
pub(super) struct ProductView<'v> {
    id: &'v str,
    name: &'v str,
    summary: Option<&'v str>,
    /// Below the root.
    icon: Option<String>,
    /// Stands in for an icon.
    monogram: Monogram,
    homepage: Option<&'v str>,
    is_licensed: bool,
    /// What its license opens, as the page about keys names it.
    group: Option<&'v str>,
    /// `plugin`, … ; `download` when it is not for Joomla.
    kind: &'static str,
    kind_label: &'v str,
    element: Option<&'v str>,
    folder: Option<&'v str>,
    client: Option<&'static str>,
    feed: Option<String>,
    changelog: Option<String>,
    renew_url: Option<&'v str>,
    /// Where the validator tells what a key is worth.
    check_action: Option<String>,
    /// The newest stable release, else the newest.
    latest: Option<ReleaseView<'v>>,
    /// The newest release, where it is newer than that and not stable.
    preview: Option<ReleaseView<'v>>,
    /// Majors of Joomla in which some site gets a release: steps are told for those.
    joomla: Vec<String>,
    matrix: Option<MatrixView>,
    releases: Vec<ReleaseView<'v>>,
    /// JSON-LD that may stand in a `<script>`.
    json_ld: String,
}

/// A release among the others.
#[derive(Serialize)]
struct ReleaseView<'v> {
    version: &'v str,
    /// What links to the release lead to: the version, unless it could be an id of the page's own. None of those has a digit,
    /// and every version in a changelog has one.
    anchor: Option<&'v str>,
    is_stable: bool,
    stability_label: Option<&'v str>,
    is_withdrawn: bool,
    is_latest: bool,
    file: &'v str,
    address: String,
    size: String,
    date: Option<DateView>,
    joomla: Option<String>,
    php: Option<&'v str>,
    databases: Vec<String>,
    digests: Vec<DigestView>,
    changes: Vec<ChangesView<'v>>,
}

/// A day, for programs and for people.
#[derive(Serialize)]
pub(super) struct DateView {
    iso: String,
    text: String,
}

#[derive(Serialize)]
struct ChangesView<'v> {
    /// Joomla's word for the kind of change.
    kind: &'static str,
    title: &'v str,
    /// HTML: escaped already, and with no elements but those that `changelog` makes.
    texts: &'v [String],
}

#[derive(Serialize)]
struct DigestView {
    name: &'static str,
    value: String,
}

/// Which release works with which Joomla.
#[derive(Serialize)]
struct MatrixView {
    columns: Vec<String>,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    /// `2.1.0`, or `2.0.0 – 2.1.0` of several that ask for the same.
    versions: String,
    is_stable: bool,
    /// `newest`, `works` or `none`, one for each column.
    cells: Vec<&'static str>,
    php: Option<String>,
    databases: Vec<String>,
}

impl<'v> ProductView<'v> {
    /// One of all `products`; `url` is the address of the page.
    pub(super) fn new(
        product: &'v Product,
        products: &'v [Product],
        url: &str,
        texts: &'v Texts,
        config: &'v Config,
    ) -> Self {
        let extension = product.extension.as_ref();
        let latest = product.latest();
        let newest = product.offered().next();
        let preview = newest.filter(|newest| latest.is_some_and(|latest| newest.version != latest.version));
        let view = |release: &'v Release| release_view(product, release, texts, config);
        let check = |url: &String| format!("{url}/check/{}", product.id);
        Self {
            id: product.id.as_str(),
            name: &product.name,
            summary: product.summary.as_deref(),
            icon: icon(product),
            monogram: monogram(&product.id, &product.name),
            homepage: product.homepage.as_deref(),
            is_licensed: product.group.is_some(),
            group: product.group.as_ref().map(|group| key_view::asked(group.as_str(), products)),
            kind: kind(product),
            kind_label: texts.word("kinds", kind(product)).unwrap_or_default(),
            element: extension.map(|extension| extension.element.as_str()),
            folder: extension.and_then(|extension| extension.folder.as_deref()),
            client: extension.map(|extension| extension.client.as_str()),
            feed: extension.map(|_| product.feed_address(config)),
            changelog: product.changes().next().map(|_| product.changelog_address(config)),
            renew_url: product.renew_url.as_ref().or(config.renew_url.as_ref()).map(String::as_str),
            check_action: product.group.as_ref().and(config.download_url.as_ref()).map(check),
            latest: latest.map(view),
            preview: preview.map(view),
            joomla: compatibility::majors(product, &compatibility::majors_of_all(slice::from_ref(product))),
            matrix: compatibility::matrix(product).map(matrix_view),
            releases: product
                .releases
                .iter()
                .map(|release| ReleaseView { changes: changes_view(release, texts), ..view(release) })
                .collect(),
            json_ld: structured_data::of_product(product, url, config),
        }
    }
}

fn release_view<'v>(
    product: &'v Product,
    release: &'v Release,
    texts: &'v Texts,
    config: &'v Config,
) -> ReleaseView<'v> {
    let digests = &release.digests;
    let mut views = vec![DigestView { name: "SHA-256", value: digests.sha256.to_string() }];
    views.extend(
        digests.sha384.as_ref().map(|digest| DigestView { name: "SHA-384", value: digest.to_string() }),
    );
    views.extend(
        digests.sha512.as_ref().map(|digest| DigestView { name: "SHA-512", value: digest.to_string() }),
    );
    let version = release.version.as_str();
    ReleaseView {
        version,
        anchor: Some(version).filter(|version| version.contains(|c: char| c.is_ascii_digit())),
        is_stable: release.is_stable(),
        stability_label: texts.word("stability", release.stability.as_str()),
        is_withdrawn: release.withdrawn,
        is_latest: product.latest().is_some_and(|latest| std::ptr::eq(latest, release)),
        file: release.file.as_str(),
        address: product.download_address(release, config),
        size: texts.size(release.stamp.size_bytes),
        date: released(release, texts),
        joomla: release.joomla.as_ref().map(|range| range.for_people()),
        php: release.php.as_deref(),
        databases: databases_for_people(release.databases.as_deref()),
        digests: views,
        changes: Vec::new(),
    }
}

/// The day on which a release came out.
pub(super) fn released(release: &Release, texts: &Texts) -> Option<DateView> {
    release.date().map(|date| DateView { iso: date.to_string(), text: texts.date(date) })
}

fn changes_view<'v>(release: &'v Release, texts: &'v Texts) -> Vec<ChangesView<'v>> {
    let sections = release.changes().into_iter().flat_map(|entry| &entry.sections);
    let view = |(section, items): (&Section, &'v Vec<String>)| ChangesView {
        kind: section.element(),
        title: texts.section(*section),
        texts: items,
    };
    sections.map(view).collect()
}

fn matrix_view(matrix: Matrix<'_>) -> MatrixView {
    let word = |cell: Cell| match cell {
        Cell::Newest => "newest",
        Cell::Works => "works",
        Cell::None => "none",
    };
    let row = |row: compatibility::Row<'_>| RowView {
        versions: match (row.oldest_version, row.newest_version) {
            (oldest, newest) if oldest == newest => newest.to_string(),
            (oldest, newest) => format!("{oldest} – {newest}"),
        },
        is_stable: row.is_stable,
        cells: row.cells.into_iter().map(word).collect(),
        php: row.php.map(str::to_owned),
        databases: databases_for_people(row.databases),
    };
    MatrixView { columns: matrix.columns, rows: matrix.rows.into_iter().map(row).collect() }
}

/// `MySQL 8.0`, `MariaDB 10.6`: the lowest versions.
fn databases_for_people(databases: Option<&Databases>) -> Vec<String> {
    let Some(databases) = databases else { return Vec::new() };
    let named =
        [("MySQL", &databases.mysql), ("MariaDB", &databases.mariadb), ("PostgreSQL", &databases.postgresql)];
    named.into_iter().filter_map(|(name, version)| Some(format!("{name} {}", version.as_ref()?))).collect()
}
