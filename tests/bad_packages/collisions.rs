//! Packages that cannot stand beside each other.

use super::*;

#[test]
fn the_same_version_twice_is_refused() {
    let site = site()
        .with("new/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("old/tides.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`old/tides.zip`: found version 1.0.0 again, after `new/mod_tides-1.0.0.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn versions_that_joomla_takes_for_equal_are_one_version() {
    let site = site()
        .with("tides-a.zip", module("mod_tides", "1.2.3"))
        .with("tides-b.zip", module("mod_tides", "01.2.3"));
    assert_refused(
        &site,
        &["`tides-b.zip`: found version 01.2.3 again, after `tides-a.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn one_file_name_for_two_versions_is_refused() {
    let site = site()
        .with("1/mod_tides.zip", module("mod_tides", "1.0.0"))
        .with("2/mod_tides.zip", module("mod_tides", "2.0.0"));
    assert_refused(
        &site,
        &["`1/mod_tides.zip`: found the file name `mod_tides.zip` again, after `2/mod_tides.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn two_products_of_one_id_are_refused() {
    let site = site()
        .with("tides/product.toml", "id = 'water'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("waves/product.toml", "id = 'water'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`tides/mod_tides-1.0.0.zip`: found one product id `water` for `mod_tides-1.0.0.zip` and `mod_waves-1.0.0.zip`, \
           expected one extension for each `id`: give each its own `product.toml`",
        ],
    );
}

#[test]
fn two_packages_of_one_id_are_refused() {
    let site = site()
        .with("tides/product.toml", "package_id = 'water_{compact}'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("waves/product.toml", "package_id = 'water_{compact}'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`tides/mod_tides-1.0.0.zip`: found one package id `water_100` for `mod_tides-1.0.0.zip` and `mod_waves-1.0.0.zip`, \
           expected a `package_id` pattern that differs for each",
        ],
    );
}

#[test]
fn one_extension_under_two_product_files_is_refused() {
    let site = site()
        .with("a/product.toml", "group = 'harbor'")
        .with("a/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("b/product.toml", "")
        .with("b/mod_tides-2.0.0.zip", module("mod_tides", "2.0.0"));
    assert_refused(
        &site,
        &["`a/mod_tides-1.0.0.zip`: found `b/mod_tides-2.0.0.zip` of the same extension \
             under another `product.toml`, expected all versions of an extension under one `product.toml`"],
    );
}

#[test]
fn versions_that_joomla_cannot_order_are_refused() {
    // PHP: version_compare('1.0-', '1.0-') is -1.
    assert_package_refused(
        module("mod_tides", "1.0-"),
        "`tides.zip > mod_tides.xml`: found `<version>` \"1.0-\", expected 1 to 32 characters of A-Z a-z 0-9 . - _ + ~, \
         the last a letter or digit, such as `2.0.0-beta1`",
    );
}
