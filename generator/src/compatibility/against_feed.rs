//! Holds the matrix to the feed: what a site reads in one, it is offered by the other, as the model of Joomla's updater has it.

use bandari_catalog::version::Stability;
use proptest::prelude::*;

use super::tests::product;
use super::*;
use crate::check::sample;
use crate::config::Config;
use crate::coverage::Habits;
use crate::feed;
use crate::updater::{Database, Decision, Feed, Installed, JoomlaVersion, Outcome, PhpVersion, Reason};

/// The feed of a product, as sites read it.
fn read(product: &Product, config: &Config) -> Feed {
    let bytes = feed::extension_feed(product, product.extension.as_ref().unwrap(), config);
    Feed::read(&bytes, &product.feed_address(config))
}

/// A site with default settings that has the PHP and the database for everything, and the extension in an old version.
fn decide(feed: &Feed, product: &Product, joomla: &str) -> Decision {
    let extension = product.extension.as_ref().unwrap();
    let installed = Installed {
        kind: extension.kind,
        element: extension.element.clone(),
        folder: String::new(),
        client: extension.client,
        version: None,
    };
    let habits = Habits { minimum_stability: Stability::Stable, installed: Some(installed), key: None };
    let php = PhpVersion::parse("8.3").unwrap();
    let database = Database::parse("mysql:8.4").unwrap();
    feed.decide(&habits.site(&JoomlaVersion::parse(joomla).unwrap(), &php, &database))
}

fn offered(decision: &Decision) -> Option<&str> {
    match &decision.outcome {
        Outcome::Offered { version, .. } => Some(version),
        _ => None,
    }
}

/// Whether a release would be seen by a site that takes every stability.
fn fits(decision: &Decision, version: &str) -> bool {
    let is_stability = |reason: &Reason| matches!(reason, Reason::LowStability { .. });
    decision
        .entries
        .iter()
        .any(|entry| entry.version.as_deref() == Some(version) && entry.reasons.iter().all(is_stability))
}

/// Every Joomla there is or may be, within reason.
fn every_joomla() -> impl Iterator<Item = Triple> {
    let minors = [(3, 10..11), (4, 0..5), (5, 0..5), (6, 0..5), (7, 0..7), (8, 0..7), (10, 0..7)];
    minors.into_iter().flat_map(|(major, minors)| {
        minors.flat_map(move |minor| (0..6).map(move |patch| [major, minor, patch]))
    })
}

pub(crate) fn range() -> impl Strategy<Value = String> {
    let version = || {
        let below_6 = || prop_oneof![3 => Just(0), 4 => 0..6_u32];
        (prop_oneof![9 => 3..8_u32, 1 => 8..11_u32], prop_oneof![9 => below_6(), 1 => 9..12_u32], below_6())
    };
    let dotted = |(major, minor, patch): (u32, u32, u32)| format!("{major}.{minor}.{patch}");
    let alternative = prop_oneof![
        Just(">=3.10".to_owned()),
        Just(">=4.4, <7".to_owned()),
        (3..8_u32).prop_map(|major| major.to_string()),
        (3..8_u32, 0..6_u32).prop_map(|(major, minor)| format!("{major}.{minor}")),
        version().prop_map(move |start| format!(">={}", dotted(start))),
        (version(), version()).prop_map(move |(one, other)| match one < other {
            true => format!(">={}, <{}", dotted(one), dotted(other)),
            false => format!(">={}, <={}", dotted(other), dotted(one)),
        }),
    ];
    proptest::collection::vec(alternative, 1..4).prop_map(|alternatives| alternatives.join(" || "))
}

/// What a release asks of a site, and what became of it.
#[derive(Debug)]
struct Asks {
    range: String,
    is_beta: bool,
    php: Option<&'static str>,
    mysql: Option<&'static str>,
    is_withdrawn: bool,
}

/// Products whose releases often ask for the same, since only such share a row.
fn any_product() -> impl Strategy<Value = Product> {
    proptest::collection::vec(range(), 1..4)
        .prop_flat_map(|ranges| {
            let range = proptest::sample::select(ranges);
            let minimum = |version| prop_oneof![2 => Just(None), 1 => Just(Some(version))];
            let is_beta = proptest::bool::weighted(0.4);
            let is_withdrawn = proptest::bool::weighted(0.2);
            let asks = (range, is_beta, minimum("8.1"), minimum("8.0"), is_withdrawn).prop_map(
                |(range, is_beta, php, mysql, is_withdrawn)| Asks {
                    range,
                    is_beta,
                    php,
                    mysql,
                    is_withdrawn,
                },
            );
            proptest::collection::vec(asks, 1..9)
        })
        .prop_map(|releases| product_of(&releases))
}

/// A product of such releases, the first the newest. Versions count down to 1.0.
fn product_of(releases: &[Asks]) -> Product {
    let version = |(index, asks): (usize, &Asks)| {
        format!("{}.0{}", releases.len() - index, if asks.is_beta { "-beta" } else { "" })
    };
    let versions: Vec<String> = releases.iter().enumerate().map(version).collect();
    let ranges = releases.iter().map(|asks| asks.range.as_str());
    let mut product = product(&versions.iter().map(String::as_str).zip(ranges).collect::<Vec<_>>());
    for (release, asks) in product.releases.iter_mut().zip(releases) {
        let databases =
            |mysql: &str| Databases { mysql: Some(mysql.into()), mariadb: None, postgresql: None };
        release.databases = asks.mysql.map(|mysql| Arc::new(databases(mysql)));
        release.php = asks.php.map(Arc::from);
        release.withdrawn = asks.is_withdrawn;
    }
    product
}

proptest! {
    // Each case asks hundreds of sites.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_matrix_says_what_the_feed_does(product in any_product()) {
        let mut config = sample::config();
        let all = read(&product, &config);
        // What is newest must be in the shortest feed, too.
        config.retention = Some(0);
        let kept = read(&product, &config);
        let Some(matrix) = matrix(&product) else {
            prop_assert_eq!(decide(&all, &product, "5.3").entries, []);
            return Ok(());
        };
        let segments = segments(&runs(&product));
        prop_assert_eq!(segments.len(), matrix.columns.len());
        let rows = rows_of_releases(&product, &matrix);
        for [major, minor, patch] in every_joomla() {
            let in_columns: Vec<usize> =
                (0..segments.len()).filter(|&column| segments[column].has([major, minor, patch])).collect();
            if in_columns.is_empty() && major > 6 {
                continue;
            }
            prop_assert_eq!(in_columns.len(), 1);
            let column = in_columns[0];
            // Development versions and releases.
            let suffix = if patch % 2 == 0 { "" } else { "-rc1-dev" };
            let joomla = format!("{major}.{minor}.{patch}{suffix}");
            let decision = decide(&all, &product, &joomla);
            for (version, row) in &rows {
                let cell = matrix.rows[*row].cells[column];
                prop_assert_eq!(cell != Cell::None, fits(&decision, version), "{} on {}", version, joomla);
            }
            let offered_now = offered(&decision);
            let in_the_shortest = decide(&kept, &product, &joomla);
            prop_assert_eq!(offered(&in_the_shortest), offered_now);
            let row_of = |version: &str| rows.iter().find(|(of, _)| of == version).unwrap().1;
            let offered = offered_now.map(row_of);
            let newest: Vec<usize> = (0..matrix.rows.len())
                .filter(|&row| matrix.rows[row].cells[column] == Cell::Newest)
                .collect();
            prop_assert_eq!(newest, Vec::from_iter(offered), "on {}", joomla);
        }
    }

    #[test]
    fn neighbors_of_one_major_differ(product in any_product()) {
        let Some(matrix) = matrix(&product) else { return Ok(()) };
        let segments = segments(&runs(&product));
        for (column, pair) in segments.windows(2).enumerate() {
            if pair[0].start[0] == pair[1].start[0] {
                prop_assert!(matrix.rows.iter().any(|row| row.cells[column] != row.cells[column + 1]));
            }
        }
        let labels: BTreeSet<&String> = matrix.columns.iter().collect();
        prop_assert_eq!(labels.len(), matrix.columns.len());
    }
}

/// Each offered release with its row: rows hold all of them, each once and in order.
fn rows_of_releases(product: &Product, matrix: &Matrix<'_>) -> Vec<(String, usize)> {
    let mut offered = product.offered();
    let mut rows = Vec::new();
    for (index, row) in matrix.rows.iter().enumerate() {
        let mut release = offered.next().unwrap();
        assert_eq!(&release.version, row.newest_version);
        assert_eq!(release.stability == Stability::Stable, row.is_stable);
        loop {
            let demands = (release.php.as_deref(), release.databases.as_deref());
            assert_eq!(demands, (row.php, row.databases));
            rows.push((release.version.to_string(), index));
            if &release.version == row.oldest_version {
                break;
            }
            release = offered.next().unwrap();
        }
    }
    assert!(offered.next().is_none());
    rows
}
