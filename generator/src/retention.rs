//! Which releases stay in an extension's feed: all that some site needs, and of the others the newest few.
//!
//! A site needs a release when it is the newest that fits its Joomla, its PHP, its database and its minimum stability: Joomla
//! installs that one (`libraries/src/Updater/Adapter/ExtensionAdapter.php`). Others are never installed from the feed again.
//! Yet Joomla's check before an upgrade of itself calls an extension incompatible whose installed version is older than all
//! that its feed lists for the new Joomla (`administrator/components/com_joomlaupdate/src/Model/UpdateModel.php`), and each
//! listed release that asks for more than a site has is a warning there at each check. So it is the vendor who says how many
//! may leave.

use bandari_catalog::v1::Databases;
use bandari_catalog::version::php_version_compare;

use crate::joomla_range::JoomlaRange;
use crate::product::{Product, Release};

/// What a release without a minimum asks for: no version that a minimum may say is lower.
const LOWEST: &str = "0";

/// A database by the attribute of `<supported_databases>` that stands for it.
type Database = fn(&Databases) -> Option<&str>;

/// The databases of Joomla 4 and later.
const DATABASES: [Database; 3] = [
    |databases| databases.mysql.as_deref(),
    |databases| databases.mariadb.as_deref(),
    |databases| databases.postgresql.as_deref(),
];

/// The releases that stay in the feed, newest first: every one that some site needs, and the newest `spare` of the others;
/// without `spare`, all that are offered.
pub(crate) fn listed(product: &Product, spare: Option<usize>) -> Vec<&Release> {
    let Some(mut spare) = spare else { return product.offered().collect() };
    let mut needed = Vec::new();
    let mut listed = Vec::new();
    for release in product.offered() {
        if is_needed(release, &needed) {
            needed.push(release);
        } else if spare > 0 {
            spare -= 1;
        } else {
            continue;
        }
        listed.push(release);
    }
    listed
}

/// Whether there is a site that `release` fits and none of the newer ones that are needed. Those are enough to look at: the
/// newest that fits a site is needed for that reason alone.
///
/// It is enough to think of sites that have no more than the release asks for: what fits such a site fits every better one.
fn is_needed(release: &Release, newer_needed: &[&Release]) -> bool {
    let Some(joomla) = &release.joomla else { return false };
    let rivals: Vec<&Release> = newer_needed
        .iter()
        .copied()
        .filter(|newer| newer.stability >= release.stability && is_no_higher(php(newer), php(release)))
        .collect();
    // On Joomla 3 the feed says nothing of databases.
    let needs_on_3 = joomla.before_joomla_4().is_some_and(|on_3| !is_covered(&on_3, rivals.iter().copied()));
    let needs_with = |database: &Database, since_4: &JoomlaRange| {
        lowest(release, *database).is_some_and(|own| {
            let fits = |rival: &&Release| lowest(rival, *database).is_some_and(|its| is_no_higher(its, own));
            !is_covered(since_4, rivals.iter().copied().filter(fits))
        })
    };
    needs_on_3
        || joomla
            .since_joomla_4()
            .is_some_and(|since_4| DATABASES.iter().any(|database| needs_with(database, &since_4)))
}

fn is_covered<'r>(range: &JoomlaRange, releases: impl Iterator<Item = &'r Release>) -> bool {
    range.is_covered_by(releases.filter_map(|release| release.joomla.as_deref()))
}

fn php(release: &Release) -> &str {
    release.php.as_deref().unwrap_or(LOWEST)
}

/// The lowest version of a database that a release runs on, if it runs on it at all.
fn lowest(release: &Release, database: Database) -> Option<&str> {
    release.databases.as_deref().map_or(Some(LOWEST), database)
}

fn is_no_higher(version: &str, than: &str) -> bool {
    php_version_compare(version, than).is_le()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use bandari_catalog::names::{FileName, HexDigest, PackageId, ProductId};
    use bandari_catalog::v1::{AfterExpiry, Digests};
    use bandari_catalog::version::{Stability, Version};
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::source::Source;
    use crate::stamp::Stamp;

    /// What a release asks of a site.
    #[derive(Clone, Debug)]
    struct Asks {
        stability: Stability,
        joomla: String,
        php: Option<&'static str>,
        databases: Option<Databases>,
    }

    impl Asks {
        fn joomla(range: &str) -> Self {
            Self { stability: Stability::Stable, joomla: range.into(), php: None, databases: None }
        }

        fn php(self, version: &'static str) -> Self {
            Self { php: Some(version), ..self }
        }

        fn stability(self, stability: Stability) -> Self {
            Self { stability, ..self }
        }

        fn databases(self, mysql: Option<&str>, postgresql: Option<&str>) -> Self {
            let [mysql, postgresql] = [mysql, postgresql].map(|version| version.map(str::to_owned));
            Self { databases: Some(Databases { mysql, mariadb: None, postgresql }), ..self }
        }
    }

    /// A product of releases that ask for this, the first the newest. Versions count down to 1.
    fn product(releases: &[Asks]) -> Product {
        let release = |(index, asks): (usize, &Asks)| Release {
            id: PackageId::parse(&format!("tides-{index}")).unwrap(),
            version: Version::parse(&(releases.len() - index).to_string()).unwrap(),
            name: "Tides".into(),
            stability: asks.stability,
            withdrawn: false,
            file: FileName::parse("tides.zip").unwrap(),
            source: Source::new(Path::new(""), PathBuf::new()),
            stamp: Stamp::default(),
            digests: Digests { sha256: HexDigest::new([0; 32]), sha384: None, sha512: None },
            joomla: Some(JoomlaRange::parse(&asks.joomla).unwrap().into()),
            php: asks.php.map(Arc::from),
            databases: asks.databases.clone().map(Arc::new),
            contents: None,
            changelog: None,
            notes: None,
        };
        Product {
            id: ProductId::parse("tides").unwrap(),
            name: "Tides".into(),
            group: None,
            renew_url: None,
            after_expiry: AfterExpiry::Nothing,
            summary: None,
            homepage: None,
            infourl: None,
            maintainer: None,
            icon: None,
            extension: None,
            product_file: None,
            unused_overrides: Vec::new(),
            releases: releases.iter().enumerate().map(release).collect(),
        }
    }

    fn versions(product: &Product, spare: Option<usize>) -> Vec<&str> {
        listed(product, spare).into_iter().map(|release| release.version.as_str()).collect()
    }

    #[track_caller]
    fn assert_needed(releases: &[Asks], expected: &[&str]) {
        assert_eq!(versions(&product(releases), Some(0)), expected);
    }

    #[test]
    fn without_a_retention_everything_stays() {
        let product = product(&[Asks::joomla(">=5"), Asks::joomla(">=5"), Asks::joomla(">=5")]);
        assert_eq!(versions(&product, None), ["3", "2", "1"]);
    }

    #[test]
    fn a_withdrawn_release_neither_stays_nor_stands_for_an_older_one() {
        let mut product = product(&[Asks::joomla(">=5"), Asks::joomla(">=5")]);
        product.releases[0].withdrawn = true;
        assert_eq!(versions(&product, Some(0)), ["1"]);
    }

    #[test]
    fn the_newest_of_the_others_stay_as_many_as_the_retention_says() {
        let releases = ["5", ">=4.4", ">=4.4", "3.10", ">=4.4", "3.10"].map(Asks::joomla);
        assert_eq!(versions(&product(&releases), Some(0)), ["6", "5", "3"]);
        assert_eq!(versions(&product(&releases), Some(1)), ["6", "5", "4", "3"]);
        assert_eq!(versions(&product(&releases), Some(2)), ["6", "5", "4", "3", "2"]);
        assert_eq!(versions(&product(&releases), Some(9)), ["6", "5", "4", "3", "2", "1"]);
    }

    #[test]
    fn the_last_release_for_an_old_joomla_stays() {
        assert_needed(&[Asks::joomla(">=5"), Asks::joomla(">=4.4"), Asks::joomla(">=4.4")], &["3", "2"]);
    }

    #[test]
    fn releases_that_only_together_reach_as_far_replace_an_older_one() {
        assert_needed(
            &[Asks::joomla(">=5.1"), Asks::joomla("4.4 || 5.0"), Asks::joomla(">=4.4, <7")],
            &["3", "2", "1"],
        );
        assert_needed(
            &[Asks::joomla(">=5.1"), Asks::joomla(">=4.4, <5.1"), Asks::joomla(">=4.4, <7")],
            &["3", "2"],
        );
    }

    #[test]
    fn the_last_release_for_an_old_php_stays() {
        let any = || Asks::joomla(">=5");
        assert_needed(&[any().php("8.3"), any().php("8.1"), any().php("8.1.0")], &["3", "2"]);
        assert_needed(&[any().php("8.1"), any()], &["2", "1"]);
        assert_needed(&[any(), any().php("8.1")], &["2"]);
        assert_needed(&[any().php("8.10"), any().php("8.9")], &["2", "1"]);
    }

    #[test]
    fn a_pre_release_does_not_replace_a_stable_one() {
        let any = || Asks::joomla(">=5");
        assert_needed(&[any().stability(Stability::Beta), any()], &["2", "1"]);
        assert_needed(&[any(), any().stability(Stability::Beta)], &["2"]);
    }

    #[test]
    fn the_last_release_for_a_database_stays() {
        let any = || Asks::joomla(">=5");
        assert_needed(
            &[any().databases(Some("8.0"), None), any().databases(Some("8.0"), Some("12"))],
            &["2", "1"],
        );
        assert_needed(&[any().databases(Some("8.0"), None), any().databases(Some("5.7"), None)], &["2", "1"]);
        assert_needed(
            &[any().databases(Some("8.0"), Some("12")), any().databases(Some("8.0"), None)],
            &["2"],
        );
        assert_needed(&[any().databases(Some("8.0"), Some("12")), any()], &["2", "1"]);
    }

    #[test]
    fn on_joomla_3_databases_do_not_count() {
        let old = || Asks::joomla("3.10");
        assert_needed(
            &[old().databases(Some("8.0"), None), old().databases(Some("5.7"), Some("12"))],
            &["2"],
        );
    }

    #[test]
    fn many_releases_are_looked_at_in_no_time() {
        let releases = vec![Asks::joomla(">=5"); 20_000];
        assert_eq!(versions(&product(&releases), Some(0)), ["20000"]);
    }

    /// A site that asks for updates.
    #[derive(Debug)]
    struct AskingSite {
        joomla: &'static str,
        php: &'static str,
        database: usize,
        database_version: &'static str,
        minimum_stability: Stability,
    }

    impl AskingSite {
        /// Joomla's own tests of an entry, by what the feed says of it.
        fn takes(&self, release: &Release, joomla: &Regex) -> bool {
            let at_least = |own: &str, asked: &str| php_version_compare(own, asked).is_ge();
            let has_database = || match &release.databases {
                None => true,
                Some(databases) => {
                    let versions = [&databases.mysql, &databases.mariadb, &databases.postgresql];
                    versions[self.database]
                        .as_ref()
                        .is_some_and(|asked| at_least(self.database_version, asked))
                }
            };
            joomla.is_match(self.joomla)
                && release.php.as_ref().is_none_or(|asked| at_least(self.php, asked))
                && (self.joomla.starts_with('3') || has_database())
                && release.stability >= self.minimum_stability
        }
    }

    /// One site for each part into which what the releases below ask for cuts all sites.
    fn sites() -> Vec<AskingSite> {
        let mut sites = Vec::new();
        for joomla in ["3.10.12", "3.11.0", "4.0.1", "4.4.0", "4.5.0", "5.0.3", "5.1.0", "6.0.0", "7.2.1"] {
            for php in ["7.2.0", "7.4.33", "8.1.2", "8.10.0"] {
                for database in 0..3 {
                    for database_version in ["5.5.1", "5.7.44", "8.0.36"] {
                        for minimum_stability in [Stability::Beta, Stability::Stable] {
                            sites.push(AskingSite {
                                joomla,
                                php,
                                database,
                                database_version,
                                minimum_stability,
                            });
                        }
                    }
                }
            }
        }
        sites
    }

    fn asks() -> impl Strategy<Value = Asks> {
        let joomla = prop_oneof![
            Just(">=3.10"),
            Just(">=3.10, <5"),
            Just("4.4"),
            Just(">=4.4, <5.1"),
            Just("3.10 || >=5.1"),
            Just(">=5"),
            Just("6"),
        ];
        let php = proptest::option::of(prop_oneof![Just("7.4"), Just("8.1"), Just("8.10")]);
        let minimum = || proptest::option::of(prop_oneof![Just("5.7"), Just("8.0")]);
        let databases = proptest::option::of([minimum(), minimum(), minimum()]);
        let stability = prop_oneof![Just(Stability::Beta), Just(Stability::Stable)];
        (joomla, php, databases, stability).prop_map(|(joomla, php, databases, stability)| {
            let databases = databases.map(|versions| {
                let [mysql, mariadb, postgresql] = versions.map(|version| version.map(str::to_owned));
                Databases { mysql, mariadb, postgresql }
            });
            Asks { stability, joomla: joomla.into(), php, databases }
        })
    }

    proptest! {
        #[test]
        fn what_stays_is_what_is_the_newest_for_some_site(releases in proptest::collection::vec(asks(), 1..7)) {
            let product = product(&releases);
            let joomla: Vec<Regex> = product
                .releases
                .iter()
                .map(|release| Regex::new(&format!("^{}", release.joomla.as_ref().unwrap().to_regex())).unwrap())
                .collect();
            let newest = |site: &AskingSite| {
                product.releases.iter().zip(&joomla).find(|(release, joomla)| site.takes(release, joomla))
            };
            let sites = sites();
            let needed: BTreeSet<&str> =
                sites.iter().filter_map(newest).map(|(release, _)| release.version.as_str()).collect();
            let listed: BTreeSet<&str> = versions(&product, Some(0)).into_iter().collect();
            prop_assert_eq!(listed, needed);
        }
    }
}
