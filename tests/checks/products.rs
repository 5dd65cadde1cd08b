//! Products, and what of them is published.

use super::*;

fn with_waves(product: &str) -> Site {
    sound().with("waves/product.toml", product).with("waves/mod_waves-1.0.0.zip", extension("waves"))
}

/// Two modules under one product file, which are both told of.
fn with_two() -> Site {
    with_waves(PRODUCT).with("waves/mod_buoy-1.0.0.zip", extension("buoy"))
}

/// A site that was built, to be changed afterwards.
fn built(site: Site) -> Site {
    let run = site.build(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    site
}

/// The package under another id: its new address is the one that its manifest names.
fn moved() -> Site {
    let whole = manifest(MODULE, "Tides", "1.0.0", &[FILES, &SERVER.replace("tides", "water")].concat());
    built(sound())
        .with("tides/product.toml", format!("{PRODUCT}id = 'water'"))
        .with(PACKAGE, with_manifest(whole).bytes())
}

fn without_newest() -> Site {
    let site = built(sound().with("tides/mod_tides-1.1.0.zip", module("1.1.0").bytes()));
    fs::remove_file(site.path("packages/tides/mod_tides-1.1.0.zip")).unwrap();
    site
}

/// Two releases that are published, whose product file says something else since.
fn changed_to(product: &str) -> Site {
    let site = sound().with("tides/mod_tides-1.1.0.zip", module("1.1.0").bytes());
    built(site).with("tides/product.toml", product)
}

/// Of two products one was removed.
fn without_waves() -> Site {
    let site = built(with_waves(PRODUCT));
    fs::remove_dir_all(site.path("packages/waves")).unwrap();
    site
}

fn with_broken_record() -> Site {
    let site = built(sound());
    site.put("output/.bandari-history.json", "{");
    site
}

/// Without a package that cannot be read there is no copy of it.
fn with_copy() -> Site {
    sound()
        .with("waves/product.toml", format!("{PRODUCT}group = 'sea'"))
        .with("waves/mod_waves-1.1.0.zip", "")
        .with("attic/mod_waves-1.0.0.zip", extension("waves"))
}

pub(super) fn seeds() -> Vec<Seed> {
    let only_public = "title = 'T'\nvendor = 'V'\npublic_url = 'https://updates.example.org'\n";
    let licensed = format!("{PRODUCT}group = 'sea'");
    let waves_package = "waves/mod_waves-1.0.0.zip";
    let withdrawn = format!("{PRODUCT}[[releases]]\nversions = '1.1.0'\nwithdrawn = true");
    vec![
        seed("BND301", PACKAGE, sound().with("tides/copy.zip", module("1.0.0").bytes())),
        seed(
            "BND302",
            "attic/mod_tides-1.1.0.zip",
            sound()
                .with("attic/product.toml", PRODUCT)
                .with("attic/mod_tides-1.1.0.zip", module("1.1.0").bytes()),
        ),
        Seed {
            others: &[("BND303", "waves/mod_buoy-1.0.0.zip")],
            ..seed("BND303", waves_package, with_two())
        },
        seed("BND304", PACKAGE, with_waves(&format!("{PRODUCT}id = 'tides'"))),
        seed("BND305", waves_package, with_waves(&format!("{PRODUCT}id = 'download'"))),
        seed("BND306", PACKAGE, with_waves(&format!("{PRODUCT}package_id = 'tides-{{version}}'"))),
        seed("BND307", waves_package, with_waves(&format!("{PRODUCT}group = 'sea'")).config(only_public)),
        seed("BND308", waves_package, with_waves("")),
        Seed {
            others: &[("BND004", "waves/mod_waves-1.1.0.zip")],
            ..seed("BND309", "attic/mod_waves-1.0.0.zip", with_copy())
        },
        seed("BND321", PACKAGE, built(sound()).with(PACKAGE, module("1.0.0").file("a.php", "<?php").bytes())),
        seed("BND322", PACKAGE, moved()),
        seed("BND323", "output/.bandari-history.json", with_broken_record()),
        seed("BND324", PACKAGE, without_newest()),
        seed("BND325", waves_package, built(with_waves(&licensed)).with("waves/product.toml", PRODUCT)),
        seed("BND326", "tides/product.toml", changed_to("joomla = '>=5, <7'\nphp = '8.1'\n")),
        seed("BND327", "tides/product.toml", changed_to(&withdrawn)),
        seed("BND328", "output/public/waves/updates.xml", without_waves()),
    ]
}

#[test]
fn what_a_broken_package_takes_from_sites_is_not_told_as_lost() {
    let site = built(sound().with("tides/mod_tides-1.1.0.zip", module("1.1.0").bytes()));
    let site = site.with("tides/product.toml", "joomla = '>=5, <7'").with(PACKAGE, "");
    let run = site.run(&["check", "--json"]);
    assert_eq!(findings(&run), [("BND004".to_owned(), PACKAGE.to_owned())]);
}

#[test]
fn a_product_that_ends_on_purpose_is_told_as_withdrawn() {
    let site = built(sound())
        .with("tides/product.toml", format!("{PRODUCT}[[releases]]\nversions = '>=0'\nwithdrawn = true"));
    let run = site.run(&["check", "--quiet", "--strict"]);
    let found = "found no update where 1.0.0 is published for Joomla 4.4 – 6 with PHP 8.1+, \
                 expected a newer release for these sites, in time";
    assert_eq!(run.stdout, format!("warning[BND327]: `tides/product.toml`: {found}\n"));
    assert_eq!(site.build(&[]).code, 0);
    assert_eq!(site.run(&["check", "--strict"]).code, 0);
}
