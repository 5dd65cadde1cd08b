//! Product files that are wrong.

use super::*;

#[test]
fn an_address_of_the_site_as_a_product_id_is_refused() {
    // Case does not count in the names of some file systems, nor in addresses of some hosts.
    for id in ["download", "key", "Assets"] {
        let site = site()
            .with("product.toml", format!("id = '{id}'"))
            .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
        let told = format!(
            "`mod_tides-1.0.0.zip`: found the product id `{id}`, which is an address of the site itself, expected \
             another `id` in `product.toml`"
        );
        assert_refused(&site, &[&told]);
    }
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
             `name`, `group`, `renew_url`, `after_expiry`, `summary`, `homepage`, `infourl`, `maintainer`, \
             `icon`, `joomla`, `php`, `databases`, `package_id`, `releases`"],
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

#[test]
fn what_speaks_of_licenses_is_refused_in_a_free_product() {
    let site = site()
        .with(
            "product.toml",
            "id = 'tides'\nrenew_url = 'https://shop.example.org'\nafter_expiry = 'nothing'\n",
        )
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`product.toml`: found `after_expiry` without `group`, \
             expected a `group`, or no `after_expiry` in a free product",
            "`product.toml`: found `renew_url` without `group`, \
             expected a `group`, or no `renew_url` in a free product",
        ],
    );
}

#[test]
fn texts_and_addresses_that_joomla_could_not_keep_are_refused() {
    let toml = format!("summary = '{}'\ninfourl = 'https://{}'\n", "x".repeat(2_001), "x".repeat(70_000));
    let site = site().with("product.toml", toml).with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`product.toml`: found `infourl` with 70008 characters, expected at most 2000",
            &format!(
                "`product.toml`: found `summary = \"{}\"`, expected 1 to 2000 characters of text, \
                 no control characters",
                "x".repeat(80)
            ),
        ],
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
