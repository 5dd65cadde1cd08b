//! What a build does that goes on in spite of problems.

use super::*;

#[test]
fn a_build_that_goes_on_publishes_what_is_good_and_leaves_out_what_is_not() {
    let site =
        tides().with("waves/mod_waves-1.0.0.zip", "").with("tides/mod_tides-2.0.0.zip", "404 Not Found");
    let run = site.build(&["--keep-going"]);
    assert_eq!(
        run,
        Run {
            code: 1,
            stdout: "1 product with 1 package in `output`: 17 written, 0 unchanged, 0 removed; left out for 2 problems\n"
                .into(),
            stderr: "error[BND101]: `tides/mod_tides-2.0.0.zip`: found no whole zip file \
                     (Missing end of central directory), expected a complete zip archive\n\
                     error[BND004]: `waves/mod_waves-1.0.0.zip`: found 0 bytes, expected a package\n"
                .into(),
        }
    );
    assert_eq!(
        site.tree("output/public/files").into_keys().collect::<Vec<_>>(),
        ["tides/mod_tides-1.0.0.zip"]
    );
    assert_eq!(feed(&site, "tides").len(), 1);
}

#[test]
fn a_build_that_goes_on_removes_nothing_that_was_published() {
    let site = harbor();
    build(&site);
    let before = site.tree("output");
    let site = site.with("beacon/plg_beacon-2.0.0.zip", "404 Not Found");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let after = site.tree("output");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for path in ["protected/beacon/plg_beacon-2.0.0.zip", "public/beacon/updates.xml"] {
        assert_eq!(after[path], before[path], "{path}");
    }
}

#[test]
fn packages_that_become_licensed_leave_the_public_folder_even_when_a_build_goes_on() {
    let site = tides().with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    build(&site);
    let site = site
        .with("tides/product.toml", "joomla = '>=5'\ngroup = 'harbor'")
        .with("tides/mod_tides-1.1.0.zip", "404 Not Found");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    assert_eq!(site.tree("output/public/files"), [].into());
    assert_eq!(site.tree("output/protected").into_keys().collect::<Vec<_>>(), ["tides/mod_tides-1.0.0.zip"]);
    assert!(!site.text("output/public/catalog.json").contains("mod_tides-1.1.0.zip"), "it is nowhere now");
}

/// A free module of which every package is broken once it is licensed, and another that is good.
fn broken_when_licensed(product_file: &str) -> Site {
    let site = tides()
        .with("waves/product.toml", "joomla = '>=5'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    fs::rename(site.path("packages/tides"), site.path("packages/in")).unwrap();
    let free = site.with("in/product.toml", "id = 'mod_tides'\njoomla = '>=5'");
    build(&free);
    fs::remove_file(free.path("packages/in/product.toml")).unwrap();
    fs::remove_file(free.path("packages/in/mod_tides-1.0.0.zip")).unwrap();
    free.with(product_file, "group = 'harbor'\njoomla = '>=5'")
}

#[track_caller]
fn assert_no_longer_public(site: &Site) {
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let left: Vec<String> = site.tree("output/public/files").into_keys().collect();
    assert_eq!(left, ["waves/mod_waves-1.0.0.zip"]);
    assert!(!site.text("output/public/catalog.json").contains("mod_tides"), "it is in the catalog");
}

#[test]
fn a_product_that_becomes_licensed_leaves_the_public_folder_even_when_none_of_its_packages_is_good() {
    let site = broken_when_licensed("mod_tides/product.toml");
    assert_no_longer_public(&site.with("mod_tides/mod_tides-1.0.0.zip", "404 Not Found"));
}

#[test]
fn a_product_that_becomes_licensed_by_the_product_file_of_the_root_leaves_the_public_folder() {
    let site = broken_when_licensed("product.toml");
    assert_no_longer_public(&site.with("mod_tides-1.0.0.zip", "404 Not Found"));
}

#[test]
fn what_a_build_that_goes_on_left_standing_is_removed_by_the_next_good_one() {
    let site = harbor();
    build(&site);
    let site = site.with("beacon/plg_beacon-2.0.0.zip", "404 Not Found");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    build(&site);
    let left: Vec<String> = site
        .tree("output")
        .into_keys()
        .filter(|path| path.contains("beacon") || path.contains("mod_tides-1.0.0"))
        .collect();
    assert_eq!(left, [] as [&str; 0]);
}

#[test]
fn a_build_that_goes_on_does_not_forget_which_bytes_were_published() {
    let site = tides()
        .with("waves/product.toml", "joomla = '>=5'")
        .with("waves/w.zip", module("mod_waves", "1.0.0"));
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", "404 Not Found");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let site = site.with("tides/mod_tides-1.0.0.zip", changed_tides());
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.starts_with("error: 1 published file would change under the same name"),
        "{}",
        run.stderr
    );
}
