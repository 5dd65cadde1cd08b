//! What sites make of the feeds that a build would write, as [`crate::updater`] models it: releases that none of them sees, and
//! pre-releases that reach sites which take stable ones only.
//!
//! Whether some site sees a release is a matter of what it asks for alone, and many ask for the same: the model is asked once
//! for each demand of the whole site.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bandari_catalog::v1::{Databases, Extension};
use bandari_catalog::version::Stability;

use super::{current, ranges, versions};
use crate::config::Config;
use crate::coverage::today::NEXT_MAJOR;
use crate::coverage::{self, Axes, Cell, Habits};
use crate::error::Problem;
use crate::feed;
use crate::joomla_range::{JoomlaRange, LAST_MINORS};
use crate::product::{Product, Release};
use crate::rules::Code;
use crate::updater::{Download, DownloadKey, Feed, JoomlaVersion, Profile, Reason};

/// What is wrong with what the products' feeds would offer.
pub(super) fn of_products(products: &[Product], config: &Config) -> Vec<Problem> {
    let mut demands = Demands::default();
    let mut findings = Vec::new();
    for product in products {
        if let Some(extension) = &product.extension {
            demands.learn(product, extension, config);
            findings.extend(unseen(product, &demands));
            findings.extend(betas_for_all(product, extension, config));
        }
    }
    findings
}

/// What a release asks for: Joomla, PHP, and MySQL, MariaDB and PostgreSQL.
type Demand<'p> = (&'p str, Option<&'p str>, Option<[Option<&'p str>; 3]>);

fn demand(release: &Release) -> Demand<'_> {
    let databases = release.databases.as_deref().map(|databases| {
        let Databases { mysql, mariadb, postgresql } = databases;
        [mysql, mariadb, postgresql].map(Option::as_deref)
    });
    (release.joomla.as_deref().map_or("", JoomlaRange::as_str), release.php.as_deref(), databases)
}

/// What of a site keeps it from seeing what asks for something; none where some site sees it.
#[derive(Default)]
struct Demands<'p>(HashMap<Demand<'p>, Option<Hurdle>>);

impl<'p> Demands<'p> {
    /// Asks the model for what is not known yet.
    fn learn(&mut self, product: &'p Product, extension: &Extension, config: &Config) {
        let mut unknown: Vec<&Release> = Vec::new();
        for release in product.offered() {
            if let Entry::Vacant(vacant) = self.0.entry(demand(release)) {
                vacant.insert(None);
                unknown.push(release);
            }
        }
        if unknown.is_empty() {
            return;
        }
        let of_unknown = Product { releases: unknown.iter().copied().cloned().collect(), ..product.clone() };
        let unseen = unseen_versions(&read_feed(&of_unknown, extension, config));
        for release in unknown {
            self.0.insert(demand(release), unseen.get(release.version.as_str()).copied());
        }
    }

    fn hurdle(&self, release: &Release) -> Option<Hurdle> {
        self.0.get(&demand(release)).copied().flatten()
    }
}

/// The feed that a build would write, as sites read it.
fn read_feed(product: &Product, extension: &Extension, config: &Config) -> Feed {
    Feed::read(&feed::extension_feed(product, extension, config), &product.feed_address(config))
}

/// What of a site keeps it from seeing a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hurdle {
    Joomla,
    Php,
    Database,
}

impl Hurdle {
    fn of(reason: &Reason) -> Self {
        match reason {
            Reason::OldPhp { .. } => Self::Php,
            Reason::OldDatabase { .. } | Reason::OtherDatabase { .. } => Self::Database,
            _ => Self::Joomla,
        }
    }
}

/// Releases that no site sees, whatever it has and however little stability it asks for. Those for a Joomla before or after all
/// that this project knows are none of its business.
fn unseen(product: &Product, demands: &Demands<'_>) -> Vec<Problem> {
    let mut told: BTreeMap<String, Vec<&Release>> = BTreeMap::new();
    for release in product.offered() {
        let asked = demands.hurdle(release).and_then(|hurdle| asked(product, release, hurdle));
        if let Some(asked) = asked {
            told.entry(asked).or_default().push(release);
        }
    }
    let problem = |(asked, releases): (String, Vec<&Release>)| {
        let newest = releases[0];
        let place = product.product_file.clone().unwrap_or_else(|| newest.place().into_owned());
        let others = match releases.len() - 1 {
            0 => String::new(),
            others => format!(" and {others} older"),
        };
        let found = format!("{asked} for version {}{others}, which no site has", newest.version);
        Problem::new(Code::OfferedToNobody, place, found, "what sites have, or will have soon")
    };
    told.into_iter().map(problem).collect()
}

/// The demand that no site meets, unless it is told otherwise or beyond what is known.
fn asked(product: &Product, release: &Release, hurdle: Hurdle) -> Option<String> {
    match hurdle {
        Hurdle::Php => Some(format!("`php = \"{}\"`", release.php.as_deref()?)),
        Hurdle::Database => {
            let databases = release.databases.as_deref()?;
            let named = [
                ("mysql", &databases.mysql),
                ("mariadb", &databases.mariadb),
                ("postgresql", &databases.postgresql),
            ];
            let written = named
                .into_iter()
                .filter_map(|(name, version)| Some(format!("{name} = \"{}\"", version.as_deref()?)));
            Some(format!("`databases = {{ {} }}`", written.collect::<Vec<_>>().join(", ")))
        }
        Hurdle::Joomla => {
            let range = release.joomla.as_deref()?;
            let is_known =
                !range.reaches([0, 0, 0], Some([3, 10, 0])) && !range.reaches([NEXT_MAJOR, 0, 0], None);
            (is_known && !ranges::is_told_as_too_old(product, release))
                .then(|| format!("`joomla = \"{range}\"`"))
        }
    }
}

/// Sites that are offered whatever any site is offered, as far as PHP and databases go: one for each Joomla that a feed tells
/// apart and each database, the newest releases of Joomla first, as most feeds are for them.
fn well_kept(feed: &Feed, habits: Habits) -> impl Iterator<Item = Profile> {
    let axes = Axes::of_sites(&feed.demands());
    let newest = LAST_MINORS.iter().rev().map(|&(major, minor)| JoomlaVersion::newest_of([major, minor]));
    let all: Vec<JoomlaVersion> =
        newest.chain(axes.joomla.iter().map(|segment| segment.probe.clone())).collect();
    all.into_iter().flat_map(move |joomla| {
        axes.newest().map(|(php, database)| habits.site(&joomla, php, database)).collect::<Vec<_>>()
    })
}

/// What the first site that is offered an update requests with this key.
pub(super) fn download(product: &Product, key: DownloadKey, config: &Config) -> Option<Download> {
    let extension = product.extension.as_ref()?;
    let feed = read_feed(product, extension, config).condensed();
    let installed = Some(coverage::installed(extension));
    let habits = Habits { minimum_stability: Stability::Dev, installed, key: Some(key) };
    well_kept(&feed, habits).filter_map(|site| feed.decide(&site).install?.download).next()
}

/// Versions of a feed that are hidden from every site, and why from the one that comes nearest.
pub(super) fn unseen_versions(feed: &Feed) -> BTreeMap<String, Hurdle> {
    // Nothing is installed: nobody asks what comes after the first parse.
    let habits = Habits { minimum_stability: Stability::Dev, installed: None, key: None };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut unseen: BTreeMap<String, Hurdle> = BTreeMap::new();
    for site in well_kept(feed, habits) {
        for entry in feed.decide(&site).entries {
            let Some(version) = entry.version else { continue };
            let Some(hurdle) = entry.reasons.iter().map(Hurdle::of).max() else {
                unseen.remove(&version);
                seen.insert(version);
                continue;
            };
            if !seen.contains(&version) {
                let nearest = unseen.entry(version).or_insert(hurdle);
                *nearest = hurdle.max(*nearest);
            }
        }
        if unseen.is_empty() {
            break;
        }
    }
    unseen
}

/// Pre-releases that are called stable and are not among the current releases, yet are the newest that some site is offered.
fn betas_for_all(product: &Product, extension: &Extension, config: &Config) -> Vec<Problem> {
    let older = product.offered().skip(current(product).count());
    let called_stable: Vec<&Release> = older.filter(|release| versions::is_called_stable(release)).collect();
    if called_stable.is_empty() {
        return Vec::new();
    }
    let feed = read_feed(product, extension, config).condensed();
    let axes = Axes::of_sites(&feed.demands());
    let installed = Some(coverage::installed(extension));
    let habits = Habits { minimum_stability: Stability::Stable, installed, key: None };
    let answers = axes.cells(&habits, |site| feed.decide(site).offered().map(str::to_owned));
    let finding = |release: &Release| {
        let version = Some(release.version.as_str());
        let gets = answers.iter().filter(|(_, offered)| offered.as_deref() == version);
        let cells: BTreeSet<Cell> = gets.map(|(cell, _)| *cell).collect();
        let sites = || format!(" for {}", coverage::names(&axes.sites(&cells)));
        (!cells.is_empty()).then(|| versions::called_stable(release, &sites()))
    };
    called_stable.into_iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::sample::{self, module_for as module};
    use super::*;

    fn told(product: &Product) -> Vec<(&'static str, String)> {
        let findings = of_products(std::slice::from_ref(product), &sample::config());
        findings.into_iter().map(|problem| (problem.rule().code, problem.found)).collect()
    }

    fn unseen(found: &str) -> Vec<(&'static str, String)> {
        vec![("BND616", format!("{found}, which no site has"))]
    }

    #[test]
    fn what_some_site_sees_is_fine_however_old_it_is() {
        let fine = [
            ("3.0.0-alpha1", ">=6.2"),
            ("2.0.0", ">=4.4, <7"),
            ("1.2.0", ">=4.4, <7"),
            ("1.1.0", "5.3.2"),
            ("1.0.0", "4.1 || 3.10"),
        ];
        assert_eq!(told(&module(&fine)), []);
    }

    #[test]
    fn a_range_of_versions_that_never_come_is_told() {
        assert_eq!(
            told(&module(&[("1.1.0", "5.6"), ("1.0.0", ">=4.4")])),
            unseen("`joomla = \"5.6\"` for version 1.1.0")
        );
        assert_eq!(
            told(&module(&[("1.1.0", ">=4.4"), ("1.0.0", ">=4.5, <5")])),
            unseen("`joomla = \">=4.5, <5\"` for version 1.0.0")
        );
    }

    #[test]
    fn what_is_for_a_joomla_beyond_those_that_are_known_is_left_alone() {
        let others = [("1.2.0", ">=7.1"), ("1.1.0", ">=8"), ("1.0.0", "<3.10"), ("0.9.0", "2.5")];
        assert_eq!(told(&module(&others)), []);
    }

    #[test]
    fn a_range_that_is_told_as_too_old_is_not_told_again() {
        assert_eq!(told(&module(&[("1.0.0", "4.5")])), []);
    }

    #[test]
    fn a_php_that_never_comes_is_told_once_for_all_releases() {
        let mut product = module(&[("1.2.0", ">=5"), ("1.1.0", ">=4.4"), ("1.0.0", ">=4.4")]);
        for release in &mut product.releases[..2] {
            release.php = Some("8.10".into());
        }
        assert_eq!(told(&product), unseen("`php = \"8.10\"` for version 1.2.0 and 1 older"));
        for php in ["8.9", "8.4.1", "7.4.33"] {
            product.releases[0].php = Some(php.into());
            product.releases[1].php = None;
            assert_eq!(told(&product), [], "{php}");
        }
    }

    #[test]
    fn a_database_that_sites_cannot_have_is_told_where_no_other_helps() {
        let mut product = module(&[("1.0.0", ">=4.4")]);
        let mut with = |mysql: &str, mariadb: Option<&str>| {
            let databases = Databases {
                mysql: Some(mysql.into()),
                mariadb: mariadb.map(str::to_owned),
                postgresql: None,
            };
            product.releases[0].databases = Some(Arc::new(databases));
            told(&product)
        };
        assert_eq!(with("10.6", None), unseen("`databases = { mysql = \"10.6\" }` for version 1.0.0"));
        assert_eq!(with("10.6", Some("10.6")), []);
        assert_eq!(with("8.4", None), []);
    }

    #[test]
    fn a_release_for_joomla_3_only_is_seen_though_databases_are_asked_for() {
        let mut product = module(&[("1.0.0", "3.10")]);
        let databases = Databases { mysql: Some("5.6".into()), mariadb: None, postgresql: None };
        product.releases[0].databases = Some(Arc::new(databases));
        assert_eq!(told(&product), []);
    }

    #[test]
    fn an_older_pre_release_that_is_called_stable_is_told_where_it_is_the_newest() {
        let mut product = module(&[("2.0.0", ">=5"), ("1.2.0-beta1", ">=4.4"), ("1.0.0", ">=3.10, <5")]);
        product.releases[1].stability = Stability::Stable;
        let found =
            "version 1.2.0-beta1 with `stability = \"stable\"` for Joomla 4.4 with PHP 8.1+".to_owned();
        assert_eq!(told(&product), [("BND605", found)]);
        product.releases[1].stability = Stability::Beta;
        assert_eq!(told(&product), []);
    }

    #[test]
    fn an_older_pre_release_that_is_called_stable_and_reaches_nobody_is_left_alone() {
        let mut product = module(&[("2.0.0", ">=4.4"), ("1.2.0-beta1", ">=4.4")]);
        product.releases[1].stability = Stability::Stable;
        assert_eq!(told(&product), []);
    }
}
