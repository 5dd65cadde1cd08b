//! Files and archives.

use super::*;

/// With a text that is no extension, in three editions.
fn handbook() -> Site {
    sound()
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.txt'")
        .with("handbook/handbook-1.0.txt", "How to moor\n")
}

fn linked() -> Site {
    let site = sound();
    symlink("mod_tides-1.0.0.zip", site.path("packages/tides/link.zip")).unwrap();
    site
}

fn locked() -> Site {
    let site = sound().with("locked/notes.txt", "");
    site.permit("packages/locked", 0o000);
    site
}

const SCRIPT: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";

/// With a picture for the module.
fn with_icon(name: &str, picture: Option<&str>) -> Site {
    let site = sound().with("tides/product.toml", format!("{PRODUCT}icon = '{name}'"));
    picture.into_iter().fold(site, |site, picture| site.with(&format!("tides/{name}"), picture))
}

fn with_template() -> Site {
    let site = sound().config(&format!("{CONFIG}templates = 'design'\n"));
    // What only a page with products asks for.
    site.put("design/pages/index.html", "{% for product in products %}{{ product.price }}{% endfor %}");
    site
}

pub(super) fn seeds() -> Vec<Seed> {
    let cut = {
        let whole = module("1.0.0").bytes();
        whole[..whole.len() / 2].to_owned()
    };
    vec![
        seed("BND001", "locked", locked()),
        seed("BND002", "tides/link.zip", linked()),
        seed("BND003", "tides/my tides.zip", sound().with("tides/my tides.zip", module("1.1.0").bytes())),
        seed("BND004", "tides/mod_tides-1.1.0.zip", sound().with("tides/mod_tides-1.1.0.zip", "")),
        seed("BND005", "waves/Product.toml", sound().with("waves/Product.toml", PRODUCT)),
        seed("BND006", "tides/product.toml", sound().with("tides/product.toml", "joomla = '>=5")),
        seed("BND007", "tides/product.toml", sound().with("tides/product.toml", "php = 'eight'")),
        seed("BND008", "handbook/handbook-1.0-.txt", handbook().with("handbook/handbook-1.0-.txt", "1")),
        seed("BND009", "handbook/notes.txt", handbook().with("handbook/notes.txt", "Rope")),
        seed("BND010", "design/pages/index.html", with_template()),
        seed("BND011", "tides/art/icon.png", with_icon("art/icon.png", None)),
        seed("BND012", "tides/icon.png", with_icon("icon.png", Some("a picture"))),
        seed("BND013", "tides/icon.svg", with_icon("icon.svg", Some(SCRIPT))),
        seed("BND101", PACKAGE, sound().with(PACKAGE, cut)),
        seed(
            "BND102",
            PACKAGE,
            tides(module("1.0.0").claiming("tmpl/default.php", Claim::UnpackedBytes, 3 << 30)),
        ),
        seed(
            "BND103",
            "tides/mod_tides-1.0.0.zip > ../../default.ph",
            tides(module("1.0.0").renamed("tmpl/default.php", "../../default.ph")),
        ),
        seed(
            "BND104",
            "tides/mod_tides-1.0.0.zip > tmpl/link.php",
            tides(module("1.0.0").link("tmpl/link.php", "default.php")),
        ),
        seed(
            "BND105",
            PACKAGE,
            tides(module("1.0.0").file("waves.php", "<?php").overlapping("waves.php", "tmpl/default.php")),
        ),
        seed("BND106", PACKAGE, tides(Zip::new().file("readme.txt", "Ahoy"))),
        seed(
            "BND107",
            PACKAGE,
            tides(module("1.0.0").file("mod_waves.xml", manifest(MODULE, "Waves", "1.0.0", FILES))),
        ),
    ]
}
