//! Versions and ranges.

use super::*;

/// A site whose only package is of this version.
fn only(version: &str) -> Site {
    Site::new(programs().bandari)
        .with("tides/product.toml", PRODUCT)
        .with("tides/mod_tides.zip", module(version).bytes())
}

fn with_product(text: &str) -> Site {
    sound().with("tides/product.toml", text)
}

/// A site whose module has an installer script with this property.
fn with_script(property: &str) -> Site {
    let body = [FILES, SERVER, "<scriptfile>script.php</scriptfile>"].concat();
    let script =
        format!("<?php\nclass mod_tidesInstallerScript extends InstallerScript\n{{\n    {property}\n}}\n");
    tides(with_manifest(manifest(MODULE, "Tides", "1.0.0", &body)).file("script.php", script))
}

/// A site whose second major version was published before the last release of the first one, for the same sites.
fn with_late_branch() -> Site {
    let site = sound().with("tides/mod_tides-2.0.0.zip", module("2.0.0").bytes());
    assert_eq!(site.build(&[]).code, 0);
    site.with("tides/mod_tides-1.0.1.zip", module("1.0.1").bytes())
}

pub(super) fn seeds() -> Vec<Seed> {
    let package = "tides/mod_tides.zip";
    let product = "tides/product.toml";
    let tagged = format!("{PRODUCT}[[releases]]\nversions = '2.0.0-beta1'\nstability = 'stable'");
    let unused = format!("{PRODUCT}[[releases]]\nversions = '>=2'\nwithdrawn = true");
    vec![
        seed(
            "BND601",
            "tides/mod_tides-1.1.0.zip",
            sound().with("tides/mod_tides-1.1.0.zip", module("v1.1.0").bytes()),
        ),
        seed("BND602", package, only("1.1.0-stable")),
        seed("BND603", package, only("2.0.0-preview1")),
        seed("BND604", PACKAGE, sound().with("tides/mod_tides-1.0.zip", module("1.0").bytes())),
        seed("BND605", package, only("2.0.0-beta1").with("tides/product.toml", tagged)),
        seed("BND606", product, with_product(&unused)),
        seed(
            "BND607",
            "tides/mod_tides-1.2.0.zip",
            sound().with("tides/mod_tides-1.2.0.zip", module("1.1.0").bytes()),
        ),
        seed("BND611", product, with_product("joomla = '>=4.4, <5.4'")),
        seed("BND612", product, with_product("joomla = '3.1 || >=4.4'")),
        seed("BND613", product, with_product("joomla = '<=3.9'")),
        seed("BND614", PACKAGE, with_script("protected $minimumJoomla = '5.0';")),
        seed("BND615", PACKAGE, with_script("protected $minimumPhp = '8.2';")),
        seed("BND616", product, with_product("joomla = '>=4.4, <7'\nphp = '8.10'")),
        seed("BND617", "tides/mod_tides-1.0.1.zip", with_late_branch()),
    ]
}
