//! The vendor's color, logo and icons.

use super::*;

const PICTURE: &str = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0h9v9z'/></svg>";
const OTHER_PICTURE: &str = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M9 9h9v9z'/></svg>";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// With this in the configuration.
fn with_theme(site: Site, theme: &str) -> Site {
    site.config(&format!("{CONFIG}[theme]\n{theme}\n"))
}

/// The module, with this line in its product file.
fn with_product(line: &str) -> Site {
    tides().with("tides/product.toml", format!("joomla = '>=5'\n{line}"))
}

fn catalog(site: &Site) -> serde_json::Value {
    serde_json::from_str(&site.text("output/public/catalog.json")).unwrap()
}

#[test]
fn a_logo_and_an_icon_are_published_as_they_are_and_told_of() {
    let site = with_theme(with_product("icon = 'art/Tides.PNG'"), "logo = 'art/harbor.svg'");
    let site = site.with("tides/art/Tides.PNG", PNG);
    site.put("art/harbor.svg", PICTURE);
    build(&site);
    assert_eq!(site.tree("output/public/assets")["logo.svg"], PICTURE.as_bytes());
    assert_eq!(site.tree("output/public/tides")["icon.png"], PNG);
    let catalog = catalog(&site);
    assert_eq!(catalog["site"]["logo"], "assets/logo.svg");
    assert_eq!(catalog["products"][0]["icon"], "icon.png");
    let [start, page] =
        ["index.html", "tides/index.html"].map(|page| site.text(&format!("output/public/{page}")));
    assert!(start.contains("src=\"assets/logo.svg\"") && start.contains("src=\"tides/icon.png\""), "{start}");
    assert!(
        page.contains("src=\"../assets/logo.svg\"") && page.contains("src=\"../tides/icon.png\""),
        "{page}"
    );
    assert!(page.contains("<link rel=\"icon\" href=\"../assets/icon.svg\""), "{page}");
}

#[test]
fn without_images_the_catalog_says_nothing_of_them() {
    let site = tides();
    build(&site);
    let catalog = catalog(&site);
    assert!(catalog["site"].get("logo").is_none() && catalog["products"][0].get("icon").is_none());
    assert!(!site.path("output/public/tides/icon.svg").exists());
}

#[test]
fn a_changed_image_is_noticed_and_a_replaced_one_removed() {
    let site =
        with_theme(with_product("icon = 'icon.svg'"), "logo = 'logo.svg'").with("tides/icon.svg", PICTURE);
    site.put("logo.svg", PICTURE);
    build(&site);
    site.put("logo.svg", OTHER_PICTURE);
    assert!(build(&site).contains(": 1 written, "));
    assert_eq!(site.text("output/public/assets/logo.svg"), OTHER_PICTURE);
    let site = site.with("tides/icon.svg", OTHER_PICTURE);
    assert!(build(&site).contains(": 1 written, "));
    let site = with_theme(site, "logo = 'logo.png'");
    site.put("logo.png", PNG);
    build(&site);
    assert!(site.path("output/public/assets/logo.png").exists());
    assert!(!site.path("output/public/assets/logo.svg").exists());
}

#[test]
fn a_logo_of_before_goes_where_only_the_catalog_is_left_of_a_build() {
    let site = with_theme(tides(), "logo = 'logo.svg'");
    site.put("logo.svg", PICTURE);
    build(&site);
    fs::remove_file(site.path("output/.bandari-history.json")).unwrap();
    // What a vendor put there is none of ours.
    site.put("output/public/assets/logo.png", PNG);
    let site = site.config(CONFIG);
    build(&site);
    assert!(!site.path("output/public/assets/logo.svg").exists());
    assert!(site.path("output/public/assets/logo.png").exists());
}

#[test]
fn the_logo_on_a_page_that_was_left_out_stays_with_it() {
    let site = with_theme(tides(), "logo = 'logo.svg'")
        .with("waves/product.toml", "joomla = '>=5'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    site.put("logo.svg", PICTURE);
    build(&site);
    let site = site.with("waves/mod_waves-1.0.0.zip", "404 Not Found");
    site.put("logo.svg", "no picture");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    assert!(site.text("output/public/waves/index.html").contains("src=\"../assets/logo.svg\""));
    assert!(site.path("output/public/assets/logo.svg").exists());
    assert!(!site.text("output/public/tides/index.html").contains("logo.svg"));
    fs::remove_dir_all(site.path("packages/waves")).unwrap();
    let site = site.config(CONFIG);
    build(&site);
    assert!(!site.path("output/public/assets/logo.svg").exists());
}

#[test]
fn every_wrong_image_is_told_in_one_run() {
    let site = with_theme(with_product("icon = 'icon.svg'"), "logo = 'logo.png'");
    let site = site.with("tides/icon.svg", PICTURE.replace("<path", "<path onclick='alert(1)'"));
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("2 problems in the packages: nothing was written"), "{run:?}");
    assert!(
        run.stderr
            .contains("`tides/icon.svg`: found `onclick=\"alert(1)\"`, expected a picture and nothing else"),
        "{run:?}"
    );
    assert!(
        run.stderr.contains("logo.png`: found no such file, expected the image that `logo` names"),
        "{run:?}"
    );
    assert!(!site.path("output/public").exists());
}

#[test]
fn a_check_tells_of_a_wrong_logo_at_its_own_place() {
    let site = with_theme(tides(), "logo = 'logo.png'");
    site.put("logo.png", PICTURE);
    let run = site.run(&["check", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let told = |key: &str| {
        report["findings"].as_array().unwrap().iter().find(|f| f["code"] == "BND012").unwrap()[key].clone()
    };
    assert_eq!(told("found"), "something else");
    assert_eq!(told("expected"), "a PNG image");
    assert!(told("file").as_str().unwrap().ends_with("logo.png"));
}

#[test]
fn to_go_on_without_a_wrong_image_is_to_go_on() {
    let site = with_product("icon = 'icon.png'");
    let run = site.build(&["--keep-going"]);
    assert!(run.stdout.starts_with("1 product with 1 package"), "{run:?}");
    assert!(catalog(&site)["products"][0].get("icon").is_none());
}

#[test]
fn the_icon_of_files_that_are_no_extension_is_not_taken_for_one() {
    let site = site()
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.txt'\nicon = 'icon.svg'")
        .with("handbook/handbook-1.0.txt", "How to moor\n")
        .with("handbook/icon.svg", PICTURE);
    build(&site);
    assert_eq!(site.text("output/public/handbook/icon.svg"), PICTURE);
}

#[test]
fn a_path_out_of_the_folder_is_refused() {
    let run = with_product("icon = '../icon.svg'").build(&[]);
    assert!(run.stderr.contains("found `icon = \"../icon.svg\"`, expected the path of an svg"), "{run:?}");
    let run = with_theme(tides(), "logo = '/logo.svg'").build(&[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("found `logo = \"/logo.svg\"`, expected the path of an svg"), "{run:?}");
}

#[test]
fn the_accent_and_the_font_follow_the_style_sheet() {
    let site = with_theme(tides(), "accent = '#0b57a4'\nfont = 'Georgia, serif'");
    build(&site);
    let style = site.text("output/public/assets/style.css");
    let light = ":root{--accent:#0b57a4;--accent-text:#0b57a4;--on-accent:#ffffff;--font:\"Georgia\",serif;}";
    assert!(style.contains(light), "{style}");
    assert!(site.text("output/public/assets/icon.svg").contains("fill=\"#0b57a4\""));
}
