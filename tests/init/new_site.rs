//! A first configuration, and product files beside the packages that are there.

use super::*;

/// A module of two versions in folders of their own, and a plug-in with the same element as another.
fn harbor() -> Site {
    site()
        .with("tides/1/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("tides/2/mod_tides-2.0.0.zip", module("mod_tides", "2.0.0"))
        .with("light/plg_system_light-1.0.zip", plugin("system", "light", "1.0"))
        .with("lamp/plg_content_light-1.0.zip", plugin("content", "light", "1.0"))
}

#[test]
fn init_in_an_empty_folder_makes_a_configuration_and_a_place_for_packages() {
    let site = site();
    assert_eq!(
        init(&site, &[]),
        "made `packages`\nmade `bandari.toml`\nto change in `bandari.toml`: `vendor`, `title`, `public_url`\n\
         next: bandari build\n"
    );
    let site = site.with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
}

#[test]
fn init_writes_a_product_file_for_each_extension_and_the_site_builds() {
    let site = harbor();
    let printed = init(&site, &[]);
    assert!(
        printed.starts_with(
            "made `packages/lamp/product.toml`\nmade `packages/light/product.toml`\nmade `packages/tides/product.toml`\n\
             made `bandari.toml`\nto change in"
        ),
        "{printed}"
    );
    let run = site.build(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    let warnings: Vec<&str> = run.stderr.lines().map(|line| line.split("`: ").next().unwrap()).collect();
    // The range of Joomla versions is all that a vendor has to add.
    assert_eq!(
        warnings,
        ["tides/1/mod_tides-1.0.0.zip", "lamp/plg_content_light-1.0.zip", "light/plg_system_light-1.0.zip"]
            .map(|file| format!("warning[BND308]: `{file}"))
    );
    assert_eq!(
        packages(&site, "mod_tides"),
        ["mod_tides-2.0.0 2.0.0 mod_tides-2.0.0.zip", "mod_tides-1.0.0 1.0.0 mod_tides-1.0.0.zip"]
    );
}

#[test]
fn init_changes_no_address_of_a_site_that_is_built_already() {
    let site = site().with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    site.put("bandari.toml", bandari_tests::site::CONFIG);
    assert_eq!(site.build(&["--quiet"]).code, 0);
    let before = site.tree("output/public");
    assert!(init(&site, &[]).starts_with("made `packages/tides/product.toml`\nkept `bandari.toml`\n"));
    assert_eq!(site.build(&["--quiet"]).code, 0);
    assert_eq!(site.tree("output/public"), before);
}

#[test]
fn init_again_keeps_everything() {
    let site = harbor();
    init(&site, &[]);
    let before = site.stamps("");
    assert_eq!(
        init(&site, &[]),
        "kept `bandari.toml`\nkept `packages/lamp/product.toml`\nkept `packages/light/product.toml`\n\
         kept `packages/tides/product.toml`\nnext: bandari build\n"
    );
    assert_eq!(site.stamps(""), before);
}

#[test]
fn several_extensions_in_one_folder_are_told() {
    let site = site()
        .with("all/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("all/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    let printed = init(&site, &[]);
    assert!(
        printed.contains(
            "note: `all` below the packages holds several extensions (`mod_tides`, `mod_waves`): \
             give each a folder of its own, for its `product.toml`\n"
        ),
        "{printed}"
    );
    assert!(!site.path("packages/all/product.toml").exists());
    assert_eq!(site.build(&["--quiet"]).code, 0);
}

#[test]
fn every_bad_package_is_told_and_nothing_is_written() {
    let site =
        harbor().with("empty.zip", "").with("tides/3/no.zip", "no zip").with("x/product.toml", "idd = 1");
    let lines = refused(&site, &[], 1);
    assert!(lines[0].starts_with("error: `x/product.toml`: found unknown field `idd`"), "{lines:?}");
    assert_eq!(lines[1], "error: `empty.zip`: found 0 bytes, expected a package");
    assert!(lines[2].starts_with("error: `tides/3/no.zip`: found no whole zip file"), "{lines:?}");
    assert_eq!(lines[3..], ["error: 3 problems: nothing was written"]);
}

#[test]
fn a_configuration_that_is_there_must_be_good() {
    let site = harbor();
    site.put("bandari.toml", "title = 'T'\n");
    let lines = refused(&site, &[], 2);
    assert!(lines[0].starts_with("error: configuration `bandari.toml`: TOML parse error"), "{lines:?}");
}

#[test]
fn a_licensed_product_asks_for_two_more_addresses() {
    let site = site()
        .with("light/light-1.0.zip", plugin("system", "light", "1.0"))
        .with("light/product.toml", "group = 'lights'\njoomla = '>=5'");
    let printed = init(&site, &[]);
    assert!(
        printed.ends_with(
            "to change in `bandari.toml`: `vendor`, `title`, `public_url`, `download_url`, `protected_url`\n\
             next: bandari build\n      bandari-validator init\n"
        ),
        "{printed}"
    );
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
}

/// The id that a product file says.
fn id_in(site: &Site, product_file: &str) -> String {
    let file: toml::Table = toml::from_str(&site.text(product_file)).unwrap();
    file["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_extension_that_comes_into_a_folder_below_anothers_gets_a_product_file_of_its_own() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    init(&site, &[]);
    assert_eq!(site.build(&["--quiet"]).code, 0);
    let before = site.text("packages/product.toml");
    let site = site
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"))
        .with("waves/mod_waves-1.1.0.zip", module("mod_waves", "1.1.0"));
    assert_eq!(
        init(&site, &[]),
        "made `packages/waves/product.toml`\nkept `bandari.toml`\nkept `packages/product.toml`\nnext: bandari build\n"
    );
    assert_eq!(
        (id_in(&site, "packages/waves/product.toml"), site.text("packages/product.toml")),
        ("mod_waves".into(), before)
    );
    assert_eq!(site.build(&["--quiet"]).code, 0);
    assert_eq!(packages(&site, "mod_tides"), ["mod_tides-1.0.0 1.0.0 mod_tides-1.0.0.zip"]);
    assert_eq!(packages(&site, "mod_waves").len(), 2);
    assert!(init(&site, &[]).starts_with("kept "), "a second run has nothing to do");
}

#[test]
fn an_extension_that_comes_into_the_very_folder_of_another_is_named() {
    let site = site().with("acme/pro/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    init(&site, &[]);
    let site = site
        .with("acme/pro/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"))
        .with("acme/pro/mod_waves-1.1.0.zip", module("mod_waves", "1.1.0"));
    assert_eq!(
        init(&site, &[]),
        "kept `bandari.toml`\nkept `packages/acme/pro/product.toml`\n\
         note: `acme/pro/product.toml` below the packages speaks for `mod_tides`: give a folder of its own to each of \
         `mod_waves`, and run `bandari init` again\n\
         next: bandari build\n"
    );
}

#[test]
fn an_extension_that_comes_below_a_licensed_one_is_not_given_away() {
    let site = site()
        .with("light/product.toml", "group = 'lights'\njoomla = '>=5'")
        .with("light/plg_light-1.0.zip", plugin("system", "light", "1.0"))
        .with("light/lamp/plg_lamp-1.0.zip", plugin("system", "lamp", "1.0"));
    let printed = init(&site, &[]);
    assert!(
        printed.contains(
            "\nnote: `light/lamp/product.toml` below the packages has the group `lights` of `light/product.toml`: \
             without it, `lamp` would be free\n"
        ),
        "{printed}"
    );
    assert_eq!(site.build(&["--quiet"]).code, 0);
    assert!(site.path("output/protected/lamp/plg_lamp-1.0.zip").exists());
}

#[test]
fn a_product_file_over_all_packages_stays_that_of_all() {
    let site = site()
        .with("product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    let printed = init(&site, &[]);
    assert!(printed.starts_with("made `bandari.toml`\nkept `packages/product.toml`\nto change"), "{printed}");
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
}

#[test]
fn the_configuration_may_be_elsewhere() {
    let site = site();
    assert!(
        init(&site, &["--config", "new/site.toml"]).ends_with("next: bandari build --config new/site.toml\n")
    );
    assert!(site.path("new/packages").is_dir() && site.path("new/site.toml").exists());
}

#[test]
fn the_package_folder_of_a_configuration_is_made_where_it_says() {
    let site = site();
    site.put("bandari.toml", format!("{}packages = 'zips'\n", bandari_tests::site::CONFIG));
    assert_eq!(init(&site, &[]), "made `zips`\nkept `bandari.toml`\nnext: bandari build\n");
    assert!(site.path("zips").is_dir());
}

#[test]
fn the_report_may_be_json_or_nothing() {
    let site = site().with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let report: Value = serde_json::from_str(&init(&site, &["--json"])).unwrap();
    assert_eq!(
        report,
        json!({
            "made": ["packages/tides/product.toml", "bandari.toml"],
            "kept": [],
            "extended": [],
            "products": [],
            "placeholders": ["vendor", "title", "public_url"],
            "notes": [],
            "next": ["bandari build"],
        })
    );
    assert_eq!(init(&site, &["--quiet"]), "");
}

#[test]
fn something_else_in_the_place_of_the_packages_is_told() {
    let site = site();
    site.put("packages", "");
    assert_eq!(
        refused(&site, &[], 1),
        [
            "error: `packages`: found something else than a folder, expected the package directory",
            "error: 1 problem: nothing was written"
        ]
    );
}
