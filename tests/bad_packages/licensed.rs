//! Licensed packages that something is wrong with, and what looks like copies of them: a build that goes on publishes neither
//! them nor those for free.

use super::*;

/// A free module, and a licensed one whose product file a test spoils.
fn site_with_a_licensed_module() -> Site {
    site()
        .with("mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"))
        .with("tides/product.toml", "group = 'harbor'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
}

/// The run went on and published the free module, and the licensed one neither as free nor as licensed.
#[track_caller]
fn assert_not_given_away(site: &Site, run: &Run, problem: &str) {
    assert_eq!((run.code, without_codes(&run.stderr)), (1, format!("error: {problem}\n")));
    let packages = |below| site.tree(below).into_keys().collect::<Vec<_>>();
    assert_eq!(packages("output/public/files"), ["mod_waves/mod_waves-1.0.0.zip"]);
    assert_eq!(packages("output/protected"), [] as [&str; 0]);
    assert!(!site.text("output/public/catalog.json").contains("mod_tides"));
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_broken() {
    let site = site_with_a_licensed_module().with("tides/product.toml", "group = 'harbor");
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found invalid literal string in line 1, expected `'`",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_may_not_be_read() {
    let site = site_with_a_licensed_module();
    site.permit("packages/tides/product.toml", 0o000);
    assert_not_given_away(
        &site,
        &site.build_unprivileged(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found Permission denied (os error 13), expected a readable UTF-8 text file",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_a_link() {
    let site = site_with_a_licensed_module();
    site.put("shared.toml", "group = 'harbor'");
    fs::remove_file(site.path("packages/tides/product.toml")).unwrap();
    symlink("../../shared.toml", site.path("packages/tides/product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found a symbolic link, expected a regular file",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_misspelled() {
    let site = site_with_a_licensed_module();
    fs::rename(site.path("packages/tides/product.toml"), site.path("packages/tides/Product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/Product.toml`: found a name in other letter case, expected `product.toml`",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_a_folder() {
    let site = site_with_a_licensed_module();
    fs::remove_file(site.path("packages/tides/product.toml")).unwrap();
    fs::create_dir(site.path("packages/tides/product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found a folder, expected a regular file",
    );
}

/// The build went on, and refused as a copy what is told with this file and this finding; `others` are told besides.
#[track_caller]
fn assert_copy_not_given_away(site: &Site, run: &Run, file: &str, found: &str, others: &[&str]) {
    let expected = "expected all packages of a licensed product under its `product.toml`";
    let mut lines = vec![format!("error: `{file}`: found {found}, {expected}\n")];
    lines.extend(others.iter().map(|problem| format!("error: {problem}\n")));
    lines.sort_by_key(|line| line.split('`').nth(1).map(str::to_owned));
    assert_eq!((run.code, without_codes(&run.stderr)), (1, lines.concat()));
    let published = |below: &str| site.tree(below).into_keys().collect::<Vec<_>>();
    assert_eq!(published("output/public/files"), ["mod_waves/mod_waves-1.0.0.zip"]);
    assert_eq!(published("output/protected"), [] as [&str; 0]);
}

const GOES_ON: [&str; 2] = ["--keep-going", "--quiet"];

#[test]
fn a_copy_of_a_broken_licensed_package_is_not_given_away() {
    let site = site_with_a_licensed_module()
        .with("tides/mod_tides-1.0.0.zip", "404 Not Found")
        .with("attic/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "attic/mod_tides-1.1.0.zip",
        "a free package named like `tides/mod_tides-1.0.0.zip`, which is left out and may be licensed",
        &["`tides/mod_tides-1.0.0.zip`: found no whole zip file (Missing end of central directory), \
           expected a complete zip archive"],
    );
}

#[test]
fn a_copy_that_was_renamed_is_known_by_its_extension() {
    let site = site_with_a_licensed_module()
        .with("tides/mod_tides-1.0.0.zip", "404 Not Found")
        .with("attic/tides-module-1.1.0.zip", module("mod_tides", "1.1.0"));
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "attic/tides-module-1.1.0.zip",
        "a free package named like `tides/mod_tides-1.0.0.zip`, which is left out and may be licensed",
        &["`tides/mod_tides-1.0.0.zip`: found no whole zip file (Missing end of central directory), \
           expected a complete zip archive"],
    );
}

#[test]
fn a_copy_of_a_plug_in_that_was_renamed_is_known_by_its_group_and_element() {
    let site = site_with_a_licensed_module()
        .with("beacon/product.toml", "group = 'lights'")
        .with("beacon/plg_system_beacon-1.0.0.zip", "")
        .with("attic/lamp.zip", plugin("system", "beacon", "1.1.0"));
    fs::remove_dir_all(site.path("packages/tides")).unwrap();
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "attic/lamp.zip",
        "a free package named like `beacon/plg_system_beacon-1.0.0.zip`, which is left out and may be licensed",
        &["`beacon/plg_system_beacon-1.0.0.zip`: found 0 bytes, expected a package"],
    );
}

#[test]
fn a_copy_of_a_package_under_a_broken_product_file_is_not_given_away() {
    let site = site_with_a_licensed_module()
        .with("tides/product.toml", "group = 'harbor")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "mod_tides-1.0.0.zip",
        "a free package named like `tides/mod_tides-1.0.0.zip`, which is left out and may be licensed",
        &["`tides/product.toml`: found invalid literal string in line 1, expected `'`"],
    );
}

#[test]
fn a_copy_of_a_licensed_package_with_a_bad_name_is_not_given_away() {
    let site = site_with_a_licensed_module().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    fs::rename(
        site.path("packages/tides/mod_tides-1.0.0.zip"),
        site.path("packages/tides/mod_tides (1).zip"),
    )
    .unwrap();
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "mod_tides-1.0.0.zip",
        "a free package named like `tides/mod_tides (1).zip`, which is left out and may be licensed",
        &["`tides/mod_tides (1).zip`: found the file name \"mod_tides (1).zip\", \
           expected 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot"],
    );
}

#[test]
fn a_copy_of_a_licensed_file_with_a_version_that_is_none_is_not_given_away() {
    let site = site_with_a_licensed_module()
        .with("tides/product.toml", "group = 'harbor'\nkind = 'file'\npattern = 'mod_tides-{version}.zip'")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    fs::rename(
        site.path("packages/tides/mod_tides-1.0.0.zip"),
        site.path("packages/tides/mod_tides-1.0_.zip"),
    )
    .unwrap();
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "mod_tides-1.0.0.zip",
        "a free package named like `tides/mod_tides-1.0_.zip`, which is left out and may be licensed",
        &["`tides/mod_tides-1.0_.zip`: found version \"1.0_\" in the file name, \
           expected 1 to 32 characters of A-Z a-z 0-9 . - _ + ~, the last a letter or digit, such as `2.0.0-beta1`"],
    );
}

#[test]
fn a_copy_of_a_licensed_package_that_is_a_link_is_not_given_away() {
    let site = site_with_a_licensed_module().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    symlink("../mod_tides-1.0.0.zip", site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "mod_tides-1.0.0.zip",
        "a free package named like `tides/mod_tides-1.0.0.zip`, which is left out and may be licensed",
        &["`tides/mod_tides-1.0.0.zip`: found a symbolic link, expected a regular file or a folder"],
    );
}

/// A licensed module, a free one with a product file, and what may be a copy.
fn site_with_a_stray_module() -> Site {
    site()
        .with("tides/product.toml", "group = 'harbor'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("mod_waves/product.toml", "")
        .with("mod_waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"))
        .with("tides-of-1.0.0.zip", module("mod_tides", "1.0.0"))
}

const HIDDEN: &str = "a free package without a `product.toml` of its own, while nobody can look into `tides`";

#[test]
fn while_a_folder_cannot_be_read_only_packages_with_a_product_file_are_published() {
    let site = site_with_a_stray_module();
    site.permit("packages/tides", 0o000);
    let run = site.build_unprivileged(&GOES_ON);
    site.permit("packages/tides", 0o700);
    assert_copy_not_given_away(
        &site,
        &run,
        "tides-of-1.0.0.zip",
        HIDDEN,
        &["`tides`: found Permission denied (os error 13), expected a file or folder that may be read"],
    );
}

#[test]
fn while_a_folder_is_a_link_only_packages_with_a_product_file_are_published() {
    let site = site_with_a_stray_module();
    fs::rename(site.path("packages/tides"), site.path("elsewhere")).unwrap();
    symlink("../elsewhere", site.path("packages/tides")).unwrap();
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "tides-of-1.0.0.zip",
        HIDDEN,
        &["`tides`: found a symbolic link, expected a regular file or a folder"],
    );
}

#[test]
fn a_product_file_in_the_root_tells_of_no_package_that_it_is_free() {
    let site = site_with_a_stray_module().with("product.toml", "joomla = '>=5'");
    site.permit("packages/tides", 0o000);
    let run = site.build_unprivileged(&GOES_ON);
    site.permit("packages/tides", 0o700);
    assert_copy_not_given_away(
        &site,
        &run,
        "tides-of-1.0.0.zip",
        HIDDEN,
        &["`tides`: found Permission denied (os error 13), expected a file or folder that may be read"],
    );
}

#[test]
fn the_bytes_of_a_licensed_package_are_not_free_under_another_name() {
    let site = site_with_a_licensed_module()
        .with("docs/product.toml", "kind = 'file'\npattern = 'guide-{version}.zip'")
        .with("docs/guide-1.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`docs/guide-1.0.zip`: found a free package with the bytes of the licensed `tides/mod_tides-1.0.0.zip`, \
           expected all packages of a licensed product under its `product.toml`",
        ],
    );
}

#[test]
fn the_bytes_of_a_licensed_package_that_is_refused_are_not_free_under_another_name() {
    let site = site_with_a_licensed_module()
        .with("tides/mod_tides-1.0.0.zip", "404 Not Found")
        .with("docs/product.toml", "kind = 'file'\npattern = 'guide-{version}.zip'")
        .with("docs/guide-1.0.zip", "404 Not Found");
    assert_copy_not_given_away(
        &site,
        &site.build(&GOES_ON),
        "docs/guide-1.0.zip",
        "a free package with the bytes of the licensed `tides/mod_tides-1.0.0.zip`",
        &["`tides/mod_tides-1.0.0.zip`: found no whole zip file (Missing end of central directory), \
           expected a complete zip archive"],
    );
}
