//! What `bandari diff` tells of two builds of a site, and of two feeds.

use std::fs;

use bandari_tests::site::{CONFIG, Run, Site};
use bandari_tests::zips::{module, plugin};

use crate::programs;

mod feeds;
mod reports;

const PRODUCT: &str = "joomla = '>=4.4, <7'\nphp = '8.1'\n";

/// A free module of two versions and a licensed plug-in, built into `old`.
fn harbor() -> Site {
    let site = Site::new(programs().bandari)
        .with("tides/product.toml", PRODUCT)
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"))
        .with("beacon/product.toml", "group = 'lights'\njoomla = '>=5'")
        .with("beacon/plg_beacon-2.0.0.zip", plugin("system", "beacon", "2.0.0"));
    build(&site, "old");
    site
}

#[track_caller]
fn build(site: &Site, output: &str) {
    let run = site.build(&["--output", output, "--quiet"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// Builds the site as it is now into `new` and tells what is said of it.
#[track_caller]
fn difference(site: &Site) -> String {
    build(site, "new");
    let run = site.run(&["diff", "old", "new"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout
}

#[test]
fn a_new_release_is_told_to_those_that_are_offered_it() {
    let site = harbor().with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"));
    assert_eq!(
        difference(&site),
        "Sites that are offered a newer release:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0 → 1.2.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn a_release_that_demands_more_leaves_some_sites_where_they_are() {
    let site = harbor()
        .with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"))
        .with("tides/product.toml", format!("{PRODUCT}[[releases]]\nversions = '>=1.2'\nphp = '8.3'\n"));
    assert_eq!(
        difference(&site),
        "Sites that are offered a newer release:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.3+: 1.1.0 → 1.2.0\n\
         Unchanged:\n  \
           tides, Joomla 4.4 – 5 with PHP 8.1 to below 8.3: 1.1.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn sites_that_lose_their_update_come_first_and_then_those_that_get_their_first_one() {
    let site = harbor()
        .with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"))
        .with("tides/product.toml", "joomla = '>=5.1, <7'\nphp = '8.1'\n")
        .with("beacon/product.toml", "group = 'lights'\njoomla = '>=4'");
    assert_eq!(
        difference(&site),
        "Sites that lose their update:\n  \
           tides, Joomla 4.4 – 5.0 with PHP 8.1+: 1.1.0 → no update\n\
         Sites that get an update for the first time:\n  \
           beacon, Joomla 4: no update → 2.0.0\n\
         Sites that are offered a newer release:\n  \
           tides, Joomla 5.1 – 6: 1.1.0 → 1.2.0\n\
         Unchanged:\n  \
           beacon, Joomla 5+: 2.0.0\n"
    );
}

#[test]
fn a_demand_of_databases_is_told_by_their_names() {
    let databases = "[databases]\nmariadb = '10.6'\nmysql = '8.0'\n";
    let site = harbor().with("tides/product.toml", format!("{PRODUCT}{databases}"));
    assert_eq!(
        difference(&site),
        "Sites that lose their update:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+ on MySQL below 8.0, MariaDB below 10.6 or PostgreSQL: 1.1.0 → no update\n\
         Unchanged:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+ on MySQL 8.0+ or MariaDB 10.6+: 1.1.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn a_withdrawn_release_gives_an_older_one() {
    let site = harbor()
        .with("tides/product.toml", format!("{PRODUCT}[[releases]]\nversions = '1.1.0'\nwithdrawn = true\n"));
    assert_eq!(
        difference(&site),
        "Sites that are offered an older release:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0 → 1.0.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn a_beta_is_told_to_those_that_take_betas() {
    let site = harbor().with("tides/mod_tides-1.2.0-beta1.zip", module("mod_tides", "1.2.0-beta1"));
    assert_eq!(
        difference(&site),
        "Sites that are offered a newer release:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+ (minimum stability beta): 1.1.0 → 1.2.0-beta1\n\
         Unchanged:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn products_that_come_and_go_are_named() {
    let site = harbor()
        .with("waves/product.toml", "joomla = '>=5'")
        .with("waves/mod_waves-3.0.0.zip", module("mod_waves", "3.0.0"));
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    assert_eq!(
        difference(&site),
        "Sites that lose their update:\n  \
           beacon, Joomla 5+: 2.0.0 → no update\n\
         Sites that get an update for the first time:\n  \
           waves, Joomla 5+: no update → 3.0.0\n\
         Came and went:\n  \
           new: waves\n  \
           gone: beacon\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn packages_that_move_are_told_once_for_each_version_that_sites_are_offered() {
    let site = harbor().config(&CONFIG.replace("https://updates.example.org", "https://new.example.org"));
    assert_eq!(
        difference(&site),
        "What else sites notice:\n  \
           beacon, 2.0.0 is listed with another link\n  \
           tides, 1.1.0 is downloaded from https://new.example.org/files/tides/mod_tides-1.1.0.zip, \
         before from https://updates.example.org/files/tides/mod_tides-1.1.0.zip\n  \
           tides, 1.1.0 is listed with another link\n\
         Unchanged:\n  \
           beacon, Joomla 5+: 2.0.0\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0\n"
    );
}

#[test]
fn changelogs_that_come_change_and_go_are_told() {
    let kept = "Unchanged:\n  \
                  tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0\n\
                no site sees a difference in 1 product more\n";
    let site = harbor().with("tides/CHANGELOG.md", "## 1.1.0\n\n- Ebb\n\n## 1.0.0\n\n- First\n");
    let came =
        "What else sites notice:\n  tides, 1.1.0 has a changelog, what came before had none\n".to_owned();
    assert_eq!(difference(&site), came + kept);

    build(&site, "old");
    let site = site.with("tides/CHANGELOG.md", "## 1.1.0\n\n- Ebb and flow\n\n## 1.0.0\n\n- First\n");
    let changed =
        "What else sites notice:\n  tides, the changelog tells something else of 1.1.0\n".to_owned();
    assert_eq!(difference(&site), changed + kept);

    fs::remove_file(site.path("packages/tides/CHANGELOG.md")).unwrap();
    let went =
        "What else sites notice:\n  tides, 1.1.0 has no changelog, what came before had one\n".to_owned();
    assert_eq!(difference(&site), went + kept);
}

#[test]
fn a_collection_is_told_where_it_says_what_no_feed_says() {
    let site = harbor().with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"));
    build(&site, "new");
    let collection = site.text("new/public/collection.xml");
    site.put("new/public/collection.xml", collection.replace("version=\"2.0.0\"", "version=\"1.9.0\""));
    assert_eq!(
        site.run(&["diff", "old", "new"]).stdout,
        "Sites that are offered an older release:\n  \
           collection.xml, plugin:system/beacon, Joomla 5+: 2.0.0 → 1.9.0\n\
         Sites that are offered a newer release:\n  \
           tides, Joomla 4.4 – 6 with PHP 8.1+: 1.1.0 → 1.2.0\n\
         no site sees a difference in 1 product more\n"
    );
}

#[test]
fn a_collection_that_goes_is_named() {
    let site = harbor();
    build(&site, "new");
    fs::remove_file(site.path("new/public/collection.xml")).unwrap();
    assert_eq!(
        site.run(&["diff", "old", "new"]).stdout,
        "Came and went:\n  gone: collection.xml\nno site sees a difference in 2 products more\n"
    );
}

#[test]
fn the_public_folder_itself_may_be_given() {
    let site = harbor();
    build(&site, "new");
    let run = site.run(&["diff", "old/public", "new/public"]);
    let stdout = "no site sees a difference in 2 products\n".to_owned();
    assert_eq!(run, Run { code: 0, stdout, stderr: String::new() });
}

#[test]
fn a_feed_where_no_product_has_one_is_told_and_not_read() {
    let site = harbor();
    build(&site, "new");
    site.put("new/public/.hidden/updates.xml", "<updates/>");
    assert_eq!(
        site.run(&["diff", "old", "new"]).stdout,
        "no site sees a difference in 2 products\n\
         not read: `.hidden/updates.xml`, since no product has such a name\n"
    );
}
