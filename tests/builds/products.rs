//! How files become products and releases.

use super::*;

#[test]
fn a_withdrawn_release_stays_in_the_catalog_and_on_the_page_only() {
    let site = harbor().with("tides/product.toml", WITHDRAWN);
    build(&site);
    let versions: Vec<String> = feed(&site, "tides").iter().map(|entry| entry["version"].clone()).collect();
    assert_eq!(versions, ["1.1.0"]);
    assert!(!site.path(TIDES_ZIP).exists());
    assert!(!site.text("output/public/tides/SHA256SUMS").contains("1.0.0"));
    let catalog = bandari_catalog::read(site.text("output/public/catalog.json").as_bytes()).unwrap();
    let tides = catalog.products.iter().find(|product| product.id.as_str() == "tides").unwrap();
    let withdrawn: Vec<_> = tides.packages.iter().map(|p| (p.version.as_str(), p.withdrawn)).collect();
    assert_eq!(withdrawn, [("1.1.0", false), ("1.0.0", true)]);
    assert!(
        site.text("output/public/tides/index.html").contains("mod_tides-1.0.0.zip is no longer published.")
    );
}

#[test]
fn the_catalog_tells_what_refusals_tell_customers() {
    let customers = "renew_url = 'https://shop.example.org/renew'\naccount_url = 'https://shop.example.org/account'\n\
                     support_url = 'mailto:help@example.org'\n";
    let site = harbor().config(&format!("{CONFIG}{customers}")).with(
        "beacon/product.toml",
        "group = 'lights'\njoomla = '>=5'\nrenew_url = 'https://beacon.example/renew'\nafter_expiry = 'older-releases'",
    );
    build(&site);
    let catalog = bandari_catalog::read(site.text("output/public/catalog.json").as_bytes()).unwrap();
    assert_eq!(catalog.site.renew_url.as_deref(), Some("https://shop.example.org/renew"));
    assert_eq!(catalog.site.account_url.as_deref(), Some("https://shop.example.org/account"));
    assert_eq!(catalog.site.support_url.as_deref(), Some("mailto:help@example.org"));
    let of_products: Vec<_> = (catalog.products.iter())
        .map(|product| (product.id.as_str(), product.renew_url.as_deref(), product.after_expiry))
        .collect();
    assert_eq!(
        of_products,
        [
            ("beacon", Some("https://beacon.example/renew"), AfterExpiry::OlderReleases),
            ("handbook", None, AfterExpiry::Nothing),
            ("tides", None, AfterExpiry::Nothing),
        ]
    );
}

#[test]
fn a_version_with_a_plus_has_a_package_id_without() {
    let site = tides().with("tides/mod_tides-2.0.0.zip", module("mod_tides", "2.0.0+hotfix1"));
    build(&site);
    assert!(site.text("output/public/catalog.json").contains(r#""id": "tides-2.0.0_hotfix1""#));
}

#[test]
fn a_zip_named_in_capitals_is_a_package_too() {
    let site =
        site().with("product.toml", "joomla = '>=5'").with("MOD_TIDES.ZIP", module("mod_tides", "1.0.0"));
    build(&site);
    assert!(site.path("output/public/files/mod_tides/MOD_TIDES.ZIP").exists());
}

#[test]
fn a_product_that_is_no_extension_has_files_and_a_page_but_no_feed() {
    let site = site()
        .with(
            "handbook/product.toml",
            "kind = 'file'\npattern = 'handbook-{version}.txt'\nname = 'The Handbook'",
        )
        .with("handbook/handbook-1.0.txt", "How to moor\n")
        .with("handbook/handbook-2.0.txt", "How to moor and cast off\n")
        .with("handbook/CHANGELOG.md", "# Changelog\n");
    build(&site);
    let published: Vec<String> = site.tree("output/public/files").into_keys().collect();
    assert_eq!(published, ["handbook/handbook-1.0.txt", "handbook/handbook-2.0.txt"]);
    assert!(!site.path("output/public/handbook/updates.xml").exists());
    assert!(!site.text("output/public/collection.xml").contains("<extension "));
    assert!(site.text("output/public/handbook/index.html").contains("<h1 dir=\"auto\">The Handbook</h1>"));
}

#[test]
fn the_nearest_product_file_speaks_for_a_package() {
    let site = site()
        .with("product.toml", "group = 'lights'\njoomla = '4.4'")
        .with("lights/plg_beacon-2.0.0.zip", plugin("system", "beacon", "2.0.0"))
        .with("tides/product.toml", "joomla = '5.3'")
        .with("tides/old/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    build(&site);
    assert_eq!(
        site.tree("output/public/files").into_keys().collect::<Vec<_>>(),
        ["tides/mod_tides-1.0.0.zip"]
    );
    assert_eq!(feed(&site, "tides")[0]["targetplatform@version"], r"(5\.3)([^0-9]|$)");
    assert_eq!(feed(&site, "beacon")[0]["targetplatform@version"], r"(4\.4)([^0-9]|$)");
}

#[test]
fn a_package_without_a_product_file_is_published_under_its_element_with_a_warning() {
    let site = site().with("somewhere/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let run = site.build(&[]);
    assert_eq!(
        run,
        Run {
            code: 0,
            stdout: "1 product with 1 package in `output`: 17 written, 0 unchanged, 0 removed\n".into(),
            stderr: "warning[BND308]: `somewhere/mod_tides-1.0.0.zip`: found no `joomla` range in a `product.toml`, \
                     expected one such as `joomla = \">=4.4, <7\"`: \
                     without it every Joomla from 3.10 on is offered the product\n"
                .into(),
        }
    );
    assert_eq!(
        feed(&site, "mod_tides")[0]["targetplatform@version"],
        r"(3\.([1-9][0-9]|[1-9][0-9][0-9]+)|([4-9]|[1-9][0-9]+))([^0-9]|$)"
    );
}

#[test]
fn hidden_files_and_folders_are_left_alone() {
    let site = tides().with(".git/mod_waves.zip", "").with("tides/.mod_waves.zip", "");
    assert_eq!(build(&site), "1 product with 1 package in `output`: 17 written, 0 unchanged, 0 removed\n");
}

#[test]
fn a_product_of_which_nobody_gets_a_release_has_a_page_without_steps_to_install() {
    let page = |product: &str| {
        let site = tides().with("tides/product.toml", product);
        build(&site);
        assert!(site.text("output/public/index.html").contains("href=\"tides/\""));
        site.text("output/public/tides/index.html")
    };
    assert!(page("joomla = '>=5'").contains("id=\"install\""));
    let too_old = page("joomla = '3.9'");
    assert!(too_old.contains("Download 1.0.0") && !too_old.contains("#install"), "{too_old}");
    let withdrawn = page("joomla = '>=5'\n[[releases]]\nversions = '1.0.0'\nwithdrawn = true");
    assert!(withdrawn.contains("There is nothing to download at the moment."), "{withdrawn}");
    assert!(withdrawn.contains("mod_tides-1.0.0.zip is no longer published."), "{withdrawn}");
    for absent in ["#install", "#compatibility", "/files/"] {
        assert!(!withdrawn.contains(absent), "{absent}");
    }
}
