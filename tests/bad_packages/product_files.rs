//! Product files that are wrong.

use super::*;

#[test]
fn an_address_of_the_site_as_a_product_id_is_refused() {
    let site = site()
        .with("product.toml", "id = 'download'")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`mod_tides-1.0.0.zip`: found the product id `download`, which is an address of the site itself, \
           expected another `id` in `product.toml`"],
    );
}

#[test]
fn a_licensed_product_without_a_validator_is_refused() {
    let site = site()
        .config("title = 'T'\nvendor = 'V'\npublic_url = 'https://updates.example.org'\n")
        .with("product.toml", "id = 'tides'\ngroup = 'harbor'")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`mod_tides-1.0.0.zip`: found a licensed product `tides`, \
           expected `download_url` and `protected_url` in the site's configuration"],
    );
}

#[test]
fn an_unknown_key_in_a_product_file_is_refused() {
    let site = site()
        .with("product.toml", "id = 'tides'\ngruop = 'harbor'\n")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`product.toml`: found unknown field `gruop` in line 2, expected one of `id`, `kind`, `pattern`, \
             `name`, `group`, `summary`, `homepage`, `infourl`, `maintainer`, `joomla`, `php`, `databases`, \
             `package_id`, `releases`"],
    );
}

#[test]
fn all_that_is_wrong_in_a_product_file_is_told() {
    let site = site()
        .with("product.toml", "id = 'a b'\njoomla = 'four'\nphp = 'eight'\n")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`product.toml`: found `id = \"a b\"`, expected 1 to 64 characters of A-Z a-z 0-9 _ - ., \
             beginning with a letter or digit",
            "`product.toml`: found `joomla = \"four\"`, \
             expected a range such as `>=4.4, <7` or `4.4 || >=5.1`; `four` is none",
            "`product.toml`: found `php = \"eight\"`, expected a version such as `8.1`",
        ],
    );
}

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

#[test]
fn a_copy_of_a_broken_licensed_package_is_not_given_away() {
    let site = site_with_a_licensed_module()
        .with("tides/mod_tides-1.0.0.zip", "404 Not Found")
        .with("attic/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    let run = site.build(&["--keep-going", "--quiet"]);
    let problems = "error: `attic/mod_tides-1.1.0.zip`: found a free package named like the licensed \
                    `tides/mod_tides-1.0.0.zip`, which is broken, \
                    expected all packages of a licensed product under its `product.toml`\n\
                    error: `tides/mod_tides-1.0.0.zip`: found no whole zip file (Missing end of central directory), \
                    expected a complete zip archive\n";
    assert_eq!((run.code, without_codes(&run.stderr)), (1, problems.to_owned()));
    assert_eq!(
        site.tree("output/public/files").into_keys().collect::<Vec<_>>(),
        ["mod_waves/mod_waves-1.0.0.zip"]
    );
}

#[test]
fn several_extensions_under_one_product_file_need_one_each() {
    // Which of them had the folder's name as its id would change with the other's coming and going.
    let site = site()
        .with("sea/product.toml", "joomla = '>=5'")
        .with("sea/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("sea/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    let wrong =
        "found several extensions under one `product.toml`, expected a folder with a `product.toml` for each";
    assert_refused(
        &site,
        &[&format!("`sea/mod_tides-1.0.0.zip`: {wrong}"), &format!("`sea/mod_waves-1.0.0.zip`: {wrong}")],
    );
}
