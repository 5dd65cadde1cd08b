//! A thousand packages in one run, sound ones and others.

use bandari_tests::zips::{Claim, manifest};

use super::*;

const PRODUCTS: usize = 50;

/// Of each product.
const VERSIONS: usize = 20;

/// The place of a package below the packages; `number` counts all of them.
fn path(number: usize) -> String {
    let product = number / VERSIONS;
    format!("mod_p{product:02}/mod_p{product:02}-{}.zip", version(number))
}

fn element(number: usize) -> String {
    format!("mod_p{:02}", number / VERSIONS)
}

fn version(number: usize) -> String {
    format!("1.{}.0", 10 + number % VERSIONS)
}

fn thousand(package: impl Fn(usize) -> Vec<u8>) -> Site {
    let products = (0..PRODUCTS).map(|product| format!("mod_p{product:02}/product.toml"));
    let site = products.fold(site(), |site, path| site.with(&path, "joomla = '>=4.4'"));
    (0..PRODUCTS * VERSIONS).fold(site, |site, number| site.with(&path(number), package(number)))
}

fn sound(number: usize) -> Vec<u8> {
    module(&element(number), &version(number))
}

#[test]
fn a_thousand_packages_are_built_in_one_run() {
    let site = thousand(sound);
    assert_eq!(
        build(&site),
        "50 products with 1000 packages in `output`: 1163 written, 0 unchanged, 0 removed\n"
    );
    assert_eq!(site.tree("output/public/files").len(), 1_000);
    for product in ["mod_p00", "mod_p49"] {
        let feed = feed(&site, product);
        let listed: Vec<&str> = feed.iter().map(|entry| &*entry["version"]).collect();
        let newest_first: Vec<String> = (10..30).rev().map(|minor| format!("1.{minor}.0")).collect();
        assert_eq!(listed, newest_first, "{product}");
    }
}

/// A problem's code, how the package of a module gets it, and what the report says behind the package's path.
type Damage = (&'static str, fn(&str, &str) -> Vec<u8>, &'static str);

fn with_manifest(manifest: impl AsRef<[u8]>) -> Vec<u8> {
    Zip::new().file("tides.xml", manifest).bytes()
}

fn zip(element: &str, version: &str) -> Zip {
    Zip::new().file("tides.xml", module_manifest(element, version)).file("aa/tides.php", "<?php")
}

const DAMAGES: [Damage; 20] = [
    ("BND004", |_, _| Vec::new(), "`: found 0 bytes, expected a package"),
    (
        "BND101",
        |_, _| b"404 Not Found".into(),
        "`: found no whole zip file (Missing end of central directory), expected a complete zip archive",
    ),
    (
        "BND106",
        |_, _| Zip::new().file("readme.txt", "").bytes(),
        "`: found no manifest (no XML file in its root or one level below), expected a Joomla extension, \
         or a `product.toml` with `kind = \"file\"` above it",
    ),
    (
        "BND106",
        |_, _| Zip::new().file("config.xml", "<config/>").bytes(),
        "`: found no manifest (1 XML files, none with the root `<extension>` in its root or one level below), \
         expected a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    ),
    (
        "BND107",
        |e, v| zip(e, v).file("waves.xml", module_manifest(e, v)).bytes(),
        "`: found two manifests, `tides.xml` and `waves.xml`, expected one XML file with the root `<extension>`",
    ),
    (
        "BND103",
        |e, v| zip(e, v).renamed("aa/tides.php", "../tides.php").bytes(),
        " > ../tides.php`: found a name with `..`, expected a relative name with `/` between folders",
    ),
    (
        "BND103",
        |e, v| zip(e, v).renamed("aa/tides.php", "/aa/tide.php").bytes(),
        " > /aa/tide.php`: found an absolute name, expected a relative name with `/` between folders",
    ),
    (
        "BND104",
        |e, v| zip(e, v).link("tides.php", "/etc").bytes(),
        " > tides.php`: found a symbolic link, expected files and folders only",
    ),
    (
        "BND104",
        |e, v| zip(e, v).claiming("aa/tides.php", Claim::Flags, 1).bytes(),
        " > aa/tides.php`: found an encrypted entry, expected a zip without a password: Joomla cannot open it",
    ),
    (
        "BND104",
        |e, v| zip(e, v).claiming("aa/tides.php", Claim::Method, 12).bytes(),
        " > aa/tides.php`: found compression method 12 (BZIP2), \
         expected Store or Deflate, which every Joomla can unpack",
    ),
    (
        "BND101",
        |e, v| zip(e, v).claiming("tides.xml", Claim::Crc32, 1).bytes(),
        " > tides.xml`: found data that does not fit its checksum, expected a sound zip file",
    ),
    (
        "BND101",
        |e, v| zip(e, v).counting(1).bytes(),
        "`: found 2 entries where its end record counts 1, expected a zip whose parts agree",
    ),
    (
        "BND105",
        |e, v| zip(e, v).overlapping("aa/tides.php", "tides.xml").bytes(),
        "`: found entries that overlap, expected a zip in which each entry has its own bytes",
    ),
    (
        "BND201",
        |_, _| with_manifest("tides"),
        " > tides.xml`: found no element, expected XML with the root element `<extension>`",
    ),
    (
        "BND201",
        |_, _| with_manifest(b"<extension>\xff</extension>"),
        " > tides.xml`: found bytes that are not UTF-8, expected XML in the encoding that it declares",
    ),
    (
        "BND201",
        |e, v| with_manifest(module_manifest(e, v).replace("</extension>", "")),
        " > tides.xml`: found text that ends inside an element, expected a well-formed manifest",
    ),
    (
        "BND206",
        |_, v| with_manifest(manifest("type=\"module\"", "Tides", v, "")),
        " > tides.xml`: found no element name for the module, \
         expected `<element>` or `module=\"…\"` on a child of `<files>`",
    ),
    (
        "BND208",
        |e, v| with_manifest(module_manifest(e, v).replace("client=\"site\"", "client=\"0\"")),
        " > tides.xml`: found `client=\"0\"`, expected `client=\"site\"` or `client=\"administrator\"`",
    ),
    (
        "BND204",
        |e, _| with_manifest(module_manifest(e, "one 0")),
        " > tides.xml`: found `<version>` \"one 0\", expected 1 to 32 characters of A-Z a-z 0-9 . - _ + ~, \
         the last a letter or digit, such as `2.0.0-beta1`",
    ),
    (
        "BND207",
        |_, v| {
            with_manifest(manifest(
                "type=\"plugin\"",
                "Tides",
                v,
                "<files><folder plugin=\"t\">s</folder></files>",
            ))
        },
        " > tides.xml`: found a plugin without `group`, expected `<extension type=\"plugin\" group=\"…\">`",
    ),
];

/// The damage of a package: each tenth has one, each time another.
fn damage(number: usize) -> Option<Damage> {
    (number % 10 == 3).then(|| DAMAGES[number / 10 % DAMAGES.len()])
}

/// A thousand packages of which a hundred are spoiled.
fn tenth_spoiled() -> Site {
    thousand(|number| match damage(number) {
        Some((_, spoil, _)) => spoil(&element(number), &version(number)),
        None => sound(number),
    })
}

/// The hundred lines of their problems, in the order of their paths.
fn problems() -> String {
    (0..PRODUCTS * VERSIONS)
        .filter_map(|number| Some((number, damage(number)?)))
        .map(|(number, (code, _, told))| format!("error[{code}]: `{}{told}\n", path(number)))
        .collect()
}

#[test]
fn a_hundred_problems_in_a_thousand_packages_are_told_in_one_run() {
    let site = tenth_spoiled();
    let stderr = format!("{}error: 100 problems in the packages: nothing was written\n", problems());
    assert_eq!(site.build(&[]), Run { code: 1, stdout: String::new(), stderr });
    assert!(!site.path("output").exists(), "something was written");
}

#[test]
fn the_other_nine_hundred_packages_are_published_by_a_build_that_goes_on() {
    let site = tenth_spoiled();
    let run = site.build(&["--keep-going"]);
    let stdout = "50 products with 900 packages in `output`: 1063 written, 0 unchanged, 0 removed; \
                  left out for 100 problems\n";
    assert_eq!(run, Run { code: 1, stdout: stdout.into(), stderr: problems() });
    let published: Vec<String> = site.tree("output/public/files").into_keys().collect();
    let expected: Vec<String> =
        (0..PRODUCTS * VERSIONS).filter(|&number| damage(number).is_none()).map(path).collect();
    assert_eq!(published, expected);
}
