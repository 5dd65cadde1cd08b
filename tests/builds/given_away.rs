//! What is published for those with a license does not become public by mistake.

use super::*;

const BEACON_ZIP: &str = "beacon/plg_beacon-2.0.0.zip";

fn beacon() -> Vec<u8> {
    plugin("system", "beacon", "2.0.0")
}

/// The build is refused for this, and what is published stays as it is.
#[track_caller]
fn assert_not_given_away(site: &Site, arguments: &[&str], found: &str) {
    let before = site.stamps("output");
    let run = site.build(arguments);
    let error = format!(
        "error: 1 licensed package or product would become public: nothing was written. Found {found}. \
         Put what is licensed under a `product.toml` with its `group`, or use `--force` to give it away\n"
    );
    assert_eq!(run, Run { code: 1, stdout: String::new(), stderr: error });
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn a_licensed_product_that_loses_its_product_file_is_not_given_away() {
    let site = harbor();
    build(&site);
    fs::remove_file(site.path("packages/beacon/product.toml")).unwrap();
    let found = "a free product `beacon`, which is published as licensed (`beacon/plg_beacon-2.0.0.zip`)";
    assert_not_given_away(&site, &[], found);
    assert_not_given_away(&site, &["--keep-going"], found);
    let newer = site.with("beacon/plg_beacon-2.1.0.zip", plugin("system", "beacon", "2.1.0"));
    assert_not_given_away(&newer, &[], &found.replace("2.0.0", "2.1.0"));
}

#[test]
fn another_extension_of_a_licensed_id_is_not_free() {
    let site = harbor();
    build(&site);
    fs::remove_file(site.path("packages").join(BEACON_ZIP)).unwrap();
    let site = site
        .with("beacon/product.toml", "joomla = '>=5'")
        .with("beacon/mod_beacon-3.0.0.zip", module("mod_beacon", "3.0.0"));
    let found = "a free product `beacon`, which is published as licensed (`beacon/mod_beacon-3.0.0.zip`)";
    assert_not_given_away(&site, &[], found);
}

#[test]
fn a_licensed_product_that_is_given_away_by_force_stays_free() {
    let site = harbor();
    build(&site);
    let site = site.with("beacon/product.toml", "joomla = '>=5'");
    assert_eq!(site.build(&["--force"]).code, 0);
    let site = site.with("beacon/plg_beacon-2.1.0.zip", plugin("system", "beacon", "2.1.0"));
    build(&site);
    assert_eq!(
        site.tree("output/public/files/beacon").into_keys().collect::<Vec<_>>(),
        ["plg_beacon-2.0.0.zip", "plg_beacon-2.1.0.zip"]
    );
}

/// The bytes of the licensed package, which is no longer there, among free files of other names.
fn strayed() -> Site {
    let site = harbor();
    build(&site);
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    site.with("lamps/product.toml", "kind = 'file'\npattern = 'lamp-{version}.zip'")
        .with("lamps/lamp-2.0.0.zip", beacon())
}

const STRAYED: &str = "a free package `public/files/lamps/lamp-2.0.0.zip` with the bytes that are published as \
                       `protected/beacon/plg_beacon-2.0.0.zip` (`lamps/lamp-2.0.0.zip`)";

#[test]
fn the_bytes_of_a_licensed_package_are_not_given_away_under_another_name() {
    let site = strayed();
    assert_not_given_away(&site, &[], STRAYED);
    assert_eq!(site.build(&["--force"]).code, 0);
    build(&site);
}

#[test]
fn the_bytes_of_a_licensed_package_are_known_where_only_the_catalog_is_left() {
    let site = strayed();
    fs::remove_file(site.path("output/.bandari-history.json")).unwrap();
    assert_not_given_away(&site, &[], STRAYED);
}

#[test]
fn the_bytes_of_a_licensed_package_that_was_removed_are_known_for_ever() {
    let site = strayed();
    fs::rename(site.path("packages/lamps"), site.path("lamps")).unwrap();
    build(&site);
    fs::rename(site.path("lamps"), site.path("packages/lamps")).unwrap();
    assert_not_given_away(&site, &[], STRAYED);
}

#[test]
fn a_check_tells_of_licensed_bytes_that_would_be_given_away() {
    let run = strayed().run(&["check", "--quiet"]);
    let found = STRAYED.split(" (").next().unwrap();
    assert_eq!(run.code, 3);
    assert!(
        run.stdout.contains(&format!(
            "error[BND325]: `lamps/lamp-2.0.0.zip`: found {found}, expected what is licensed under a `product.toml` \
             with its `group`\n"
        )),
        "{}",
        run.stdout
    );
}
