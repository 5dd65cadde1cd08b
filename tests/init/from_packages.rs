//! What packages tell about a new site: who the vendor is, and what their installer scripts demand.

use bandari_tests::zips::{Zip, manifest};

use super::*;

/// A module with `about` in its manifest.
fn module_with(element: &str, version: &str, about: &str) -> Zip {
    let body = format!("<element>{element}</element>{about}");
    Zip::new().file("manifest.xml", manifest(r#"type="module" client="site""#, element, version, &body))
}

/// A module by `author`.
fn module_by(author: &str, element: &str, version: &str) -> Vec<u8> {
    module_with(element, version, &format!("<author>{author}</author>")).bytes()
}

/// `vendor` and `title`, with their comments.
fn vendor_and_title(site: &Site) -> [String; 2] {
    let text = site.text("bandari.toml");
    ["vendor", "title"]
        .map(|key| text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap().to_owned())
}

#[test]
fn the_author_of_the_newest_packages_is_the_vendor() {
    let site = site()
        .with("tides/mod_tides-1.9.0.zip", module_by("Old Harbor", "mod_tides", "1.9.0"))
        .with("tides/mod_tides-1.10.0.zip", module_by(" Mwambao &amp; Co. ", "mod_tides", "1.10.0"))
        .with("waves/mod_waves-1.0.zip", module_by("Mwambao &amp; Co.", "mod_waves", "1.0"))
        .with("calm/mod_calm-1.0.zip", module("mod_calm", "1.0"));
    let printed = init(&site, &[]);
    assert!(printed.contains("\nto change in `bandari.toml`: `title`, `public_url`\n"), "{printed}");
    assert_eq!(
        vendor_and_title(&site),
        [r#""Mwambao & Co.""#, r#""Downloads of Mwambao & Co."  # a placeholder: put in your own"#]
    );
    assert_eq!(site.build(&["--quiet"]).code, 0);
}

#[test]
fn of_several_authors_that_of_most_extensions_is_the_vendor() {
    let site = site()
        .with("a/mod_a-1.0.zip", module_by("Guest", "mod_a", "1.0"))
        .with("b/mod_b-1.0.zip", module_by("Mwambao", "mod_b", "1.0"))
        .with("c/mod_c-1.0.zip", module_by("Mwambao", "mod_c", "1.0"));
    init(&site, &[]);
    assert_eq!(vendor_and_title(&site)[0], r#""Mwambao""#);
}

#[test]
fn an_author_that_is_no_line_of_text_is_no_vendor() {
    let site = site().with("a/mod_a-1.0.zip", module_by("two\nlines", "mod_a", "1.0"));
    assert!(init(&site, &[]).contains("\nto change in `bandari.toml`: `vendor`, `title`, `public_url`\n"));
    assert!(!site.text("bandari.toml").contains("lines"));
}

#[test]
fn the_author_of_packages_that_are_taken_over_is_the_vendor() {
    let site = site();
    site.put("files/tides-1.0.zip", module_by("Old Harbor", "mod_tides", "1.0"));
    site.put("files/tides-2.0.zip", module_by("Mwambao", "mod_tides", "2.0"));
    site.put("options.txt", "Folder files\nPackages\nt_2;tides-2.0.zip\nt_1;tides-1.0.zip\n");
    init(&site, &["--from-jbackend", "options.txt"]);
    assert_eq!(vendor_and_title(&site)[0], r#""Mwambao""#);
}

/// A module whose installer script has these lines.
fn module_demanding(version: &str, demands: &str) -> Vec<u8> {
    let script = format!("<?php\nreturn new class () extends InstallerScript {{\n{demands}\n}};\n");
    module_with("mod_tides", version, "<scriptfile>script.php</scriptfile>")
        .file("script.php", script)
        .bytes()
}

/// The settings of a product file that are no comments, but for its id.
fn requirements(site: &Site, product_file: &str) -> Vec<String> {
    let text = site.text(product_file);
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter(|line| !line.starts_with("id = ")).map(str::to_owned).collect()
}

const DEMANDS: &str = "protected $minimumJoomla = '4.4.0';\nprotected $minimumPhp = '8.1';";

#[test]
fn what_the_newest_installer_script_demands_is_written() {
    let site = site()
        .with("tides/a/mod_tides-1.9.0.zip", module_demanding("1.9.0", "protected $minimumJoomla = '3.10';"))
        .with("tides/1/mod_tides-1.10.0.zip", module_demanding("1.10.0", DEMANDS));
    init(&site, &[]);
    let product_file = "packages/tides/product.toml";
    assert_eq!(requirements(&site, product_file), [r#"joomla = ">=4.4""#, r#"php = "8.1""#]);
    assert!(site.text(product_file).contains("the installer script of 1.10.0 says so"));
    // No warning of a missing range.
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    assert!(site.text("output/public/mod_tides/updates.xml").contains("<php_minimum>8.1</php_minimum>"));
}

#[test]
fn a_demand_that_is_no_plain_version_is_left_to_the_vendor() {
    let site = site().with(
        "tides/mod_tides-1.0.zip",
        module_demanding(
            "1.0",
            "protected $minimumJoomla = '5.0.0-rc1';\nprotected $minimumPhp = '8.3.0RC1';",
        ),
    );
    init(&site, &[]);
    let product_file = "packages/tides/product.toml";
    assert!(requirements(&site, product_file).is_empty());
    assert!(site.text(product_file).contains("\n# joomla = \">=4.4, <7\"\n"));
    assert_eq!(site.build(&["--quiet"]).code, 0);
}

#[test]
fn what_the_installer_script_demands_is_written_in_a_takeover_too() {
    let site = site();
    site.put("files/tides-2.0.zip", module_demanding("2.0", DEMANDS));
    site.put("files/tides-1.0.zip", module("mod_tides", "1.0"));
    site.put("options.txt", "Folder files\nPackages\ntides-2.0;tides-2.0.zip\ntides-1.0;tides-1.0.zip\n");
    init(&site, &["--from-jbackend", "options.txt"]);
    assert_eq!(
        requirements(&site, "packages/mod_tides/product.toml"),
        [r#"joomla = ">=4.4""#, r#"php = "8.1""#, r#"package_id = "tides-{version}""#]
    );
    assert_eq!(site.build(&["--quiet"]).code, 0);
}
