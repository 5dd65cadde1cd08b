//! Which release a site gets on which Joomla: a matrix for people, of the ranges that `feed` publishes.
//!
//! Columns are parts of Joomla's major versions, cut wherever the range of some release begins or ends, so each release
//! either fits all of a part or nothing of it. Rows are runs of releases that ask for the same.

use std::collections::BTreeSet;
use std::iter;
use std::sync::Arc;

use bandari_catalog::v1::Databases;
use bandari_catalog::version::{Stability, Version};

use crate::joomla_range::{Interval, LAST_MINORS, Triple};
use crate::product::{Product, Release};

/// Joomla versions × releases of one extension.
#[derive(Debug)]
pub(crate) struct Matrix<'p> {
    /// Joomla versions, lowest first: `3.10`, `4.0–4.3`, `4.4`, `5`, `6`.
    pub(crate) columns: Vec<String>,
    /// Newest first.
    pub(crate) rows: Vec<Row<'p>>,
}

/// Releases that follow one another and ask for the same Joomla, PHP and databases.
#[derive(Debug)]
pub(crate) struct Row<'p> {
    pub(crate) newest_version: &'p Version,
    /// The same as the newest when it is the only one.
    pub(crate) oldest_version: &'p Version,
    /// Whether the newest is stable; otherwise none of them is.
    pub(crate) is_stable: bool,
    /// One for each column.
    pub(crate) cells: Vec<Cell>,
    pub(crate) php: Option<&'p str>,
    pub(crate) databases: Option<&'p Databases>,
}

/// What a row's releases are to the Joomla versions of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// One of them is what a site is offered that takes stable releases only and has the PHP and the database for it.
    Newest,
    /// They fit, and none of them is offered to such a site.
    Works,
    /// They do not fit.
    None,
}

/// The matrix of the releases that are offered; nothing without any, and for what is no extension.
pub(crate) fn matrix(product: &Product) -> Option<Matrix<'_>> {
    let runs = runs(product);
    if runs.is_empty() {
        return None;
    }
    let segments = segments(&runs);
    let newest: Vec<Option<usize>> = segments
        .iter()
        .map(|segment| runs.iter().position(|run| run.is_stable() && run.fits(segment)))
        .collect();
    let cell = |row: usize, column: usize| match runs[row].fits(&segments[column]) {
        true if newest[column] == Some(row) => Cell::Newest,
        true => Cell::Works,
        false => Cell::None,
    };
    let row = |row: usize| Row {
        newest_version: &runs[row].newest.version,
        oldest_version: &runs[row].oldest.version,
        is_stable: runs[row].is_stable(),
        cells: (0..segments.len()).map(|column| cell(row, column)).collect(),
        php: runs[row].newest.php.as_deref(),
        databases: runs[row].newest.databases.as_deref(),
    };
    Some(Matrix {
        columns: segments.iter().map(Interval::label_in_its_major).collect(),
        rows: (0..runs.len()).map(row).collect(),
    })
}

/// The major versions that are worth a choice over all these products: those that are out, and each that a release begins in.
/// Nobody else knows when the next one is.
pub(crate) fn majors_of_all(products: &[Product]) -> BTreeSet<u32> {
    let runs: Vec<Run<'_>> = products.iter().flat_map(runs).collect();
    shown_majors(&runs)
}

/// Which of these major versions have a version that is offered a stable release of the product, or any when none is stable:
/// `3.10`, `4`, `5`.
pub(crate) fn majors(product: &Product, shown: &BTreeSet<u32>) -> Vec<String> {
    let mut runs = runs(product);
    if runs.iter().any(Run::is_stable) {
        runs.retain(Run::is_stable);
    }
    shown
        .iter()
        .map(|&major| Interval::major(major))
        .filter(|major| runs.iter().flat_map(|run| &run.spans).any(|span| span.meets(major)))
        .map(|major| major.label_in_its_major())
        .collect()
}

/// Releases that follow one another and ask for the same.
struct Run<'p> {
    newest: &'p Release,
    oldest: &'p Release,
    spans: Vec<Interval>,
}

impl<'p> Run<'p> {
    fn of(release: &'p Release) -> Self {
        let spans = release.joomla.as_ref().map(|joomla| joomla.spans()).unwrap_or_default();
        Self { newest: release, oldest: release, spans }
    }

    fn is_stable(&self) -> bool {
        is_stable(self.newest)
    }

    /// Whether the releases fit all versions of a segment. They fit all or none.
    fn fits(&self, segment: &Interval) -> bool {
        self.spans.iter().any(|span| span.has(segment.start))
    }

    /// Whether an older release belongs to the run. A pre-release that a stable one stands above parts no run: otherwise each
    /// beta of the past would be a row.
    fn takes(&self, older: &Release) -> bool {
        (self.is_stable() || !is_stable(older))
            && older.php == self.newest.php
            && older.databases == self.newest.databases
            && self.has_range_of(older)
    }

    /// Ranges are the same when their versions are, however they are written.
    fn has_range_of(&self, older: &Release) -> bool {
        match (&self.oldest.joomla, &older.joomla) {
            (Some(own), Some(other)) => {
                Arc::ptr_eq(own, other) || own == other || self.spans == other.spans()
            }
            (own, other) => own == other,
        }
    }
}

fn is_stable(release: &Release) -> bool {
    release.stability == Stability::Stable
}

/// The offered releases of an extension, newest first.
fn runs(product: &Product) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for release in product.extension.iter().flat_map(|_| product.offered()) {
        match runs.last_mut().filter(|run| run.takes(release)) {
            Some(run) => run.oldest = release,
            None => runs.push(Run::of(release)),
        }
    }
    runs
}

/// Those that this project knows, and newer ones that some release begins in: the vendor knows them.
fn shown_majors(runs: &[Run<'_>]) -> BTreeSet<u32> {
    let begun = runs.iter().flat_map(|run| &run.spans).map(|span| span.start[0]);
    LAST_MINORS.iter().map(|&(major, _)| major).chain(begun).collect()
}

/// The columns: each major version, cut where a range begins or ends. Two neighbors of one major always differ, since a range
/// begins or ends between them.
fn segments(runs: &[Run<'_>]) -> Vec<Interval> {
    let spans = runs.iter().flat_map(|run| &run.spans);
    let cuts: BTreeSet<Triple> = spans.flat_map(|span| iter::once(span.start).chain(span.end)).collect();
    let mut segments = Vec::new();
    for major in shown_majors(runs).into_iter().map(Interval::major) {
        let mut start = major.start;
        for &cut in cuts.iter().filter(|&&cut| major.start < cut && major.has(cut)) {
            segments.push(Interval { start, end: Some(cut) });
            start = cut;
        }
        segments.push(Interval { start, end: major.end });
    }
    segments
}

#[cfg(test)]
pub(crate) mod against_feed;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::joomla_range::JoomlaRange;

    /// A product of releases for these ranges, the newest first.
    pub(super) fn product(releases: &[(&str, &str)]) -> Product {
        let versions: Vec<&str> = releases.iter().map(|&(version, _)| version).collect();
        let mut product = sample::module("tides", &versions);
        for (release, (_, range)) in product.releases.iter_mut().zip(releases) {
            release.joomla = Some(JoomlaRange::parse(range).unwrap().into());
        }
        product
    }

    /// The columns, then each row as its versions and a letter for each cell.
    fn drawn(product: &Product) -> Vec<String> {
        let Some(matrix) = matrix(product) else { return Vec::new() };
        let row = |row: &Row<'_>| {
            let cells = row.cells.iter().map(|cell| match cell {
                Cell::Newest => 'N',
                Cell::Works => 'w',
                Cell::None => '-',
            });
            format!("{} {} {}", row.newest_version, row.oldest_version, cells.collect::<String>())
        };
        iter::once(matrix.columns.join(" | ")).chain(matrix.rows.iter().map(row)).collect()
    }

    #[test]
    fn a_major_has_as_many_columns_as_differ() {
        assert_eq!(
            drawn(&product(&[("1.0.0", ">=4.4, <7")])),
            ["3.10 | 4.0–4.3 | 4.4 | 5 | 6", "1.0.0 1.0.0 --NNN"]
        );
    }

    #[test]
    fn each_joomla_has_one_newest() {
        let releases =
            [("3.0.0", ">=5.3, <7"), ("2.0.0", ">=4.4"), ("1.1.0", ">=3.10, <5"), ("1.0.0", ">=3.10, <5")];
        assert_eq!(
            drawn(&product(&releases)),
            [
                "3.10 | 4.0–4.3 | 4.4 | 5.0–5.2 | 5.3–5.4 | 6",
                "3.0.0 3.0.0 ----NN",
                "2.0.0 2.0.0 --NNww",
                "1.1.0 1.0.0 NNw---",
            ]
        );
    }

    #[test]
    fn cuts_at_patches_are_told_as_patches() {
        let releases = [("2.0.0", ">=5.3.4"), ("1.0.0", "5.3 || >=6.1")];
        assert_eq!(
            drawn(&product(&releases)),
            [
                "3.10 | 4 | 5.0–5.2 | 5.3.0–5.3.3 | 5.3.4–5.3.x | 5.4 | 6.0 | 6.1+",
                "2.0.0 2.0.0 ----NNNN",
                "1.0.0 1.0.0 ---Nw--w",
            ]
        );
    }

    #[test]
    fn a_newer_joomla_is_shown_when_a_release_begins_in_it() {
        assert_eq!(
            drawn(&product(&[("1.1.0", ">=7.1"), ("1.0.0", ">=5")])),
            ["3.10 | 4 | 5 | 6 | 7.0 | 7.1+", "1.1.0 1.1.0 -----N", "1.0.0 1.0.0 --NNNw"]
        );
    }

    #[test]
    fn many_releases_that_ask_for_the_same_are_one_row() {
        let versions: Vec<String> = (0..200).rev().map(|minor| format!("1.{minor}.0")).collect();
        let releases: Vec<(&str, &str)> =
            versions.iter().map(|version| (version.as_str(), ">=5, <7")).collect();
        let mut product = product(&releases);
        product.releases[1].joomla = Some(JoomlaRange::parse(">=5,<=6").unwrap().into());
        assert_eq!(drawn(&product), ["3.10 | 4 | 5 | 6", "1.199.0 1.0.0 --NN"]);
    }

    #[test]
    fn a_row_ends_where_php_or_databases_change() {
        let mut product = product(&[("4", ">=5"), ("3", ">=5"), ("2", ">=5"), ("1", ">=5")]);
        let databases = Databases { mysql: Some("8.0".into()), mariadb: None, postgresql: None };
        product.releases[0].databases = Some(Arc::new(databases.clone()));
        product.releases[3].php = None;
        assert_eq!(drawn(&product)[1..], ["4 4 --NN", "3 2 --ww", "1 1 --ww"]);
        let demands: Vec<_> =
            matrix(&product).unwrap().rows.iter().map(|row| (row.php, row.databases)).collect();
        assert_eq!(demands, [(Some("8.1"), Some(&databases)), (Some("8.1"), None), (None, None)]);
    }

    #[test]
    fn a_pre_release_is_newest_for_nobody() {
        let releases = [("2.0.0-beta2", ">=5"), ("2.0.0-beta1", ">=5"), ("1.0.0", ">=5, <6")];
        let product = product(&releases);
        assert_eq!(drawn(&product)[1..], ["2.0.0-beta2 2.0.0-beta1 --ww", "1.0.0 1.0.0 --N-"]);
        assert_eq!(
            matrix(&product).unwrap().rows.iter().map(|row| row.is_stable).collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn a_pre_release_that_became_a_stable_one_is_no_row_of_its_own() {
        let releases = [("2.1.0-rc1", ">=5"), ("2.0.0", ">=5"), ("2.0.0-rc1", ">=5"), ("1.0.0", ">=5")];
        assert_eq!(drawn(&product(&releases))[1..], ["2.1.0-rc1 2.1.0-rc1 --ww", "2.0.0 1.0.0 --NN"]);
    }

    #[test]
    fn what_is_withdrawn_or_no_extension_has_no_matrix() {
        let mut withdrawn = product(&[("1.1.0", ">=6"), ("1.0.0", ">=5")]);
        withdrawn.releases[0].withdrawn = true;
        assert_eq!(drawn(&withdrawn), ["3.10 | 4 | 5 | 6", "1.0.0 1.0.0 --NN"]);
        withdrawn.releases[1].withdrawn = true;
        assert!(matrix(&withdrawn).is_none());
        let mut handbook = product(&[("1.0.0", ">=5")]);
        handbook.extension = None;
        assert!(matrix(&handbook).is_none());
    }

    #[test]
    fn the_majors_of_a_product_are_those_with_a_stable_release() {
        let products = [
            product(&[("2.0.0-beta1", ">=6"), ("1.0.0", ">=4.4, <5.1")]),
            product(&[("1.0.0-beta1", "3.10 || >=6.1")]),
            product(&[("1.0.0", ">=5")]),
            product(&[("1.0.0", "3.9")]),
        ];
        let shown = majors_of_all(&products);
        let told: Vec<String> = products.iter().map(|product| majors(product, &shown).join(" ")).collect();
        assert_eq!(told, ["4 5", "3.10 6", "5 6", ""]);
    }

    #[test]
    fn a_major_that_one_product_begins_in_is_one_of_all_that_reach_it() {
        let products =
            [product(&[("1.0.0", ">=7")]), product(&[("1.0.0", ">=6")]), product(&[("1.0.0", "6")])];
        let shown = majors_of_all(&products);
        let told: Vec<String> = products.iter().map(|product| majors(product, &shown).join(" ")).collect();
        assert_eq!(told, ["7", "6 7", "6"]);
    }

    #[test]
    fn many_releases_are_joined_in_no_time() {
        let mut product = product(&[("1.0.0", ">=4.4, <7")]);
        product.releases = vec![product.releases[0].clone(); 20_000];
        assert_eq!(matrix(&product).unwrap().rows.len(), 1);
    }
}
