//! Sites that would lose an update: what the published feed offers them, compared with what the next one would, by the model of
//! [`crate::updater`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::v1;
use bandari_catalog::version::{Stability, php_version_compare};

use super::offers::unseen_versions;
use super::versions;
use crate::config::Config;
use crate::coverage::{self, Axes, Cell, Habits, Sites};
use crate::error::Problem;
use crate::feed;
use crate::feed_file;
use crate::joomla_range::JoomlaRange;
use crate::layout;
use crate::product::{Product, Release};
use crate::rules::Code;
use crate::updater::{Decision, Feed, Reason};

/// The version that sites are offered now, and the one that they would be offered instead, if any.
type Change = (String, Option<String>);

/// What a site is offered now, and what it would be.
type Offers = (Option<String>, Option<String>);

/// What sites would be offered less than they are, and what they would never be offered.
pub(super) fn of_product(product: &Product, published: &v1::Product, config: &Config) -> Vec<Problem> {
    let Some(extension) = product.extension.as_ref() else { return Vec::new() };
    // Nearly always all releases are what they were, and so is what sites make of them.
    if published.extension.as_ref() != Some(extension) || asks_the_same(product, published) {
        return Vec::new();
    }
    let bytes = feed::extension_feed(product, extension, config);
    let new = Feed::read(&bytes, &product.feed_address(config));
    // One that cannot be read offers nobody anything.
    let old = feed_file::read(&config.output.join(layout::feed(&product.id))).ok().flatten();
    let old = old.map(|bytes| Feed::read(&bytes, new.address()));
    let mut findings = old.map(|old| losses_of(product, &old, &new)).unwrap_or_default();
    findings.extend(behind_newer(product, published, &new));
    findings
}

/// Whether the same releases ask for the same.
fn asks_the_same(product: &Product, published: &v1::Product) -> bool {
    let is_same = |(now, before): (&Release, &v1::Package)| {
        now.version == before.version
            && now.stability == before.stability
            && now.withdrawn == before.withdrawn
            && now.joomla.as_deref().map(JoomlaRange::as_str) == before.joomla.as_deref()
            && now.php.as_deref() == before.php.as_deref()
            && now.databases.as_deref() == before.databases.as_ref()
    };
    product.releases.len() == published.packages.len()
        && product.releases.iter().zip(&published.packages).all(is_same)
}

fn losses_of(product: &Product, old: &Feed, new: &Feed) -> Vec<Problem> {
    let mut demands = old.demands();
    demands.extend(new.demands());
    let axes = Axes::of_sites(&demands);
    let (old, new) = (old.condensed(), new.condensed());
    let mut findings = Vec::new();
    let mut told: BTreeSet<Change> = BTreeSet::new();
    let mut levels = BTreeSet::from([Stability::Stable]);
    // The stable level comes first: what it lost need not be told once more of sites that take less.
    while let Some(level) = levels.pop_last() {
        let habits = habits(product, level);
        let answers = axes.cells(&habits, |site| {
            let before = old.decide(site);
            levels.extend(lower_levels(&before));
            (before.offered().map(str::to_owned), new.decide(site).offered().map(str::to_owned))
        });
        for (change, cells) in losses(answers) {
            if told.insert(change.clone()) {
                let sites = axes.sites(&cells).into_iter();
                let sites: Vec<Sites> =
                    sites.map(|sites| Sites { minimum_stability: level, ..sites }).collect();
                findings.extend(finding(product, &change, &coverage::names(&sites)));
            }
        }
    }
    findings
}

fn habits(product: &Product, minimum_stability: Stability) -> Habits {
    let installed = product.extension.as_ref().map(coverage::installed);
    Habits { minimum_stability, installed, key: None }
}

/// Of what is hidden for its stability alone.
fn lower_levels(decision: &Decision) -> impl Iterator<Item = Stability> {
    decision.entries.iter().filter_map(|entry| match entry.reasons[..] {
        [Reason::LowStability { stability, .. }] => Some(stability),
        _ => None,
    })
}

/// Where sites are offered nothing any more, or something older.
fn losses(answers: BTreeMap<Cell, Offers>) -> BTreeMap<Change, BTreeSet<Cell>> {
    let mut losses: BTreeMap<Change, BTreeSet<Cell>> = BTreeMap::new();
    for (cell, (before, now)) in answers {
        let Some(before) = before else { continue };
        let is_loss = now.as_ref().is_none_or(|now| php_version_compare(now, &before).is_lt());
        if is_loss {
            losses.entry((before, now)).or_default().insert(cell);
        }
    }
    losses
}

fn finding(product: &Product, (before, now): &Change, sites: &str) -> Option<Problem> {
    let release = product.releases.iter().find(|release| release.version.as_str() == before);
    // What is behind the published version as a whole is told of already.
    let is_behind = product
        .releases
        .first()
        .is_none_or(|newest| php_version_compare(newest.version.as_str(), before).is_lt());
    if release.is_none() && is_behind {
        return None;
    }
    let instead = now.as_ref().map_or("no update".to_owned(), |now| format!("version {now}"));
    let place = product.product_file.as_deref().map(Cow::Borrowed);
    let place = place.or_else(|| Some(product.releases.first()?.place())).unwrap_or_default();
    let is_withdrawn = release.is_some_and(|release| release.withdrawn);
    let found = format!("{instead} where {before} is published for {sites}");
    Some(if is_withdrawn {
        Problem::new(Code::UpdateWithdrawn, place, found, "a newer release for these sites, in time")
    } else {
        Problem::new(Code::UpdateLost, place, found, format!("{before} or a newer version for them"))
    })
}

/// New releases that no site would ever be offered, since published ones with a higher version fit all the same sites: the
/// last of an older branch, after the newer branch was opened to its sites.
fn behind_newer(product: &Product, before: &v1::Product, feed: &Feed) -> Vec<Problem> {
    let out: Vec<&v1::Package> = before.packages.iter().filter(|package| !package.withdrawn).collect();
    let is_new =
        |release: &&Release| !before.packages.iter().any(|package| package.version == release.version);
    let is_behind =
        |release: &&Release| out.iter().any(|package| package.version.compare(&release.version).is_gt());
    let suspects: Vec<&Release> = product
        .offered()
        .filter(is_new)
        .filter(is_behind)
        .filter(|release| !versions::is_told(product, release))
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let (axes, condensed) = (Axes::of_sites(&feed.demands()), feed.condensed());
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // Where a release is the newest, it is so for sites that take nothing less stable.
    let levels: BTreeSet<Stability> = suspects.iter().map(|release| release.stability).collect();
    for level in levels {
        let answers = axes.cells(&habits(product, level), |site| condensed.decide(site));
        taken.extend(answers.values().filter_map(Decision::offered).map(str::to_owned));
    }
    let unseen = unseen_versions(feed);
    let is_behind_all = |version: &str| !taken.contains(version) && !unseen.contains_key(version);
    let finding = |release: &Release| {
        let found = format!(
            "the new version {}, where each site that it fits is offered a higher one",
            release.version
        );
        let expected = "a site that it fits and no higher version does";
        Problem::new(Code::BehindNewer, release.place(), found, expected)
    };
    let hidden = suspects.into_iter().filter(|release| is_behind_all(release.version.as_str()));
    hidden.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::super::sample::{self, module_for as module};
    use super::*;
    use crate::published::catalog_product;

    /// A module with its output folder.
    struct Site {
        product: Product,
        config: Config,
        _folder: tempfile::TempDir,
    }

    fn site(releases: &[(&str, &str)]) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let mut config = sample::config();
        config.output = folder.path().to_owned();
        let product = module(releases);
        let path = config.output.join(layout::feed(&product.id));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let feed = feed::extension_feed(&product, product.extension.as_ref().unwrap(), &config);
        fs::write(path, feed).unwrap();
        Site { product, config, _folder: folder }
    }

    impl Site {
        /// What is told of this product in place of the published one.
        fn told(&self, product: &Product) -> Vec<(&'static str, String)> {
            let findings = of_product(product, &catalog_product(&self.product), &self.config);
            findings.into_iter().map(|problem| (problem.rule().code, problem.found)).collect()
        }

        fn told_with(&self, change: impl FnOnce(&mut Product)) -> Vec<(&'static str, String)> {
            let mut product = self.product.clone();
            change(&mut product);
            self.told(&product)
        }
    }

    fn lost(found: &str) -> (&'static str, String) {
        ("BND326", found.to_owned())
    }

    #[test]
    fn newer_releases_and_wider_ranges_lose_nobody() {
        let site = site(&[("1.1.0", ">=5"), ("1.0.0", ">=4.4")]);
        assert_eq!(site.told(&module(&[("1.1.0", ">=5"), ("1.0.0", ">=4.4")])), []);
        assert_eq!(site.told(&module(&[("1.2.0", ">=4.4"), ("1.1.0", ">=5")])), []);
        assert_eq!(site.told(&module(&[("1.1.0", ">=4.4")])), []);
    }

    #[test]
    fn sites_that_get_an_older_release_or_none_are_named() {
        let site = site(&[("1.1.0", ">=4.4"), ("1.0.0", ">=5")]);
        assert_eq!(
            site.told(&module(&[("1.1.0", ">=6.0.2"), ("1.0.0", ">=5")])),
            [
                lost("no update where 1.1.0 is published for Joomla 4.4 with PHP 8.1+"),
                lost("version 1.0.0 where 1.1.0 is published for Joomla 5 – 6.0.1"),
            ]
        );
    }

    #[test]
    fn a_php_that_joomla_itself_asks_for_takes_nothing_from_anybody() {
        let site = site(&[("1.0.0", ">=4.4")]);
        let asks = |php: &'static str| site.told_with(|product| product.releases[0].php = Some(php.into()));
        // The sample's own is 8.1.
        assert_eq!(asks("7.4"), []);
        assert_eq!(
            asks("8.2"),
            [lost("no update where 1.0.0 is published for Joomla 4.4 – 5 with PHP 8.1 to below 8.2")]
        );
    }

    #[test]
    fn databases_that_are_lost_are_named() {
        let site = site(&[("1.0.0", ">=5")]);
        let told = site.told_with(|product| {
            let databases = bandari_catalog::v1::Databases {
                mysql: Some("8.0".into()),
                mariadb: Some("10.6".into()),
                postgresql: None,
            };
            product.releases[0].databases = Some(Arc::new(databases));
            product.releases[0].php = None;
        });
        assert_eq!(
            told,
            [lost(
                "no update where 1.0.0 is published for Joomla 5+ on MySQL below 8.0, MariaDB below 10.6 or PostgreSQL"
            )]
        );
    }

    #[test]
    fn what_is_withdrawn_on_purpose_is_told_as_that() {
        let site = site(&[("1.1.0", ">=4.4"), ("1.0.0", ">=5")]);
        let told = site.told_with(|product| product.releases[0].withdrawn = true);
        let withdrawn = |found: &str| ("BND327", found.to_owned());
        assert_eq!(
            told,
            [
                withdrawn("no update where 1.1.0 is published for Joomla 4.4 with PHP 8.1+"),
                withdrawn("version 1.0.0 where 1.1.0 is published for Joomla 5+"),
            ]
        );
    }

    #[test]
    fn who_takes_less_stable_releases_is_told_of_what_only_they_lose() {
        let site = site(&[("2.0.0-beta1", ">=5"), ("1.0.0", ">=5")]);
        let told = site.told_with(|product| {
            product.releases.remove(0);
            product.releases.insert(0, module(&[("2.0.0-beta1", ">=6")]).releases.remove(0));
        });
        assert_eq!(
            told,
            [lost("version 1.0.0 where 2.0.0-beta1 is published for Joomla 5 (minimum stability beta)")]
        );
        let told = site.told(&module(&[("2.0.0-beta1", ">=5"), ("1.0.0", ">=6")]));
        assert_eq!(told, [lost("no update where 1.0.0 is published for Joomla 5")]);
    }

    #[test]
    fn a_published_version_above_all_is_told_elsewhere() {
        let site = site(&[("1.1.0", ">=4.4"), ("1.0.0", ">=4.4")]);
        assert_eq!(site.told(&module(&[("1.0.0", ">=4.4")])), []);
    }

    #[test]
    fn where_nothing_or_nonsense_is_published_nobody_loses_anything() {
        let site = site(&[("1.0.0", ">=4.4")]);
        let other = module(&[("1.0.0", ">=5")]);
        let path = site.config.output.join("public/tides/updates.xml");
        fs::write(&path, b"<updates><update>").unwrap();
        assert_eq!(site.told(&other), []);
        fs::remove_file(&path).unwrap();
        assert_eq!(site.told(&other), []);
    }

    /// Versions that are told as behind newer ones when the first list is published.
    fn behind(published: &[(&str, &str)], now: &[(&str, &str)]) -> Vec<String> {
        let findings = of_product(&module(now), &catalog_product(&module(published)), &sample::config());
        findings.into_iter().map(|problem| problem.found).collect()
    }

    #[test]
    fn a_new_release_behind_a_published_one_for_all_of_its_sites_is_told() {
        let published = [("2.0.0", ">=4.4"), ("1.0.0", ">=4.4")];
        let now = [("2.0.0", ">=4.4"), ("1.0.1", ">=4.4, <6"), ("1.0.0", ">=4.4")];
        assert_eq!(
            behind(&published, &now),
            ["the new version 1.0.1, where each site that it fits is offered a higher one"]
        );
    }

    #[test]
    fn a_new_release_of_an_older_branch_with_sites_of_its_own_is_fine() {
        let published = [("2.0.0", ">=5"), ("1.0.0", ">=4.4")];
        let now = [("2.0.0", ">=5"), ("1.0.1", ">=4.4"), ("1.0.0", ">=4.4")];
        assert_eq!(behind(&published, &now), [] as [&str; 0]);
    }

    #[test]
    fn superseded_releases_and_those_that_come_together_are_fine() {
        let all = [("2.0.0", ">=4.4"), ("1.0.1", ">=4.4"), ("1.0.0", ">=4.4")];
        assert_eq!(behind(&all, &all), [] as [&str; 0]);
        assert_eq!(behind(&[("1.0.0", ">=4.4")], &all), [] as [&str; 0]);
    }

    #[test]
    fn what_sorts_oddly_is_told_as_that_only() {
        let published = [("1.0.0", ">=4.4")];
        for odd in ["v1.1.0", "1.0.0-stable", "1.0"] {
            assert_eq!(behind(&published, &[("1.0.0", ">=4.4"), (odd, ">=4.4")]), [] as [&str; 0], "{odd}");
        }
    }
}
