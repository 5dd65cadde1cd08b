//! Names that are language keys are shown in the words of the extension's own language files.

use bandari_tests::zips::manifest;

use super::*;

/// The archive of a module with this `<name>`, to add language files to.
fn tides_named(name: &str) -> Zip {
    Zip::new().file("mod_tides.xml", manifest("type='module'", name, "1.0.0", "<element>mod_tides</element>"))
}

/// The name in the feed of the only package.
#[track_caller]
fn name_in_feed(package: Vec<u8>) -> String {
    let site = site().with("tides/product.toml", "joomla = '>=5'").with("tides/tides-1.0.0.zip", package);
    build(&site);
    feed(&site, "tides")[0]["name"].clone()
}

#[test]
fn a_name_that_is_a_language_key_is_shown_in_words() {
    let package = tides_named("MOD_TIDES")
        .file("language/en-GB/mod_tides.sys.ini", "; Names\r\nMOD_TIDES=\"Ebb & \\\"Flow\\\"\"\r\n")
        .bytes();
    let site = site().with("tides/product.toml", "joomla = '>=5'").with("tides/tides-1.0.0.zip", package);
    build(&site);
    assert_eq!(feed(&site, "tides")[0]["name"], "Ebb & \"Flow\"");
    let catalog = bandari_catalog::read(site.text("output/public/catalog.json").as_bytes()).unwrap();
    assert_eq!(catalog.products[0].name, "Ebb & \"Flow\"");
    let page = site.text("output/public/tides/index.html");
    assert!(page.contains("<h1 dir=\"auto\">Ebb &amp; &quot;Flow&quot;</h1>"), "{page}");
    assert!(site.text("output/public/collection.xml").contains("name=\"Ebb &amp; &quot;Flow&quot;\""));
}

#[test]
fn language_files_with_the_tag_in_their_name_are_read() {
    let package = tides_named("MOD_TIDES").file("en-GB.mod_tides.sys.ini", "MOD_TIDES=\"Tides\"").bytes();
    assert_eq!(name_in_feed(package), "Tides");
}

#[test]
fn a_plain_language_file_helps_where_the_system_one_does_not() {
    let package = tides_named("MOD_TIDES")
        .file("language/en-GB/mod_tides.sys.ini", "MOD_TIDES_LAYOUT=\"Default\"")
        .file("language/en-GB/mod_tides.ini", "MOD_TIDES=\"Tides\"")
        .bytes();
    assert_eq!(name_in_feed(package), "Tides");
}

#[test]
fn english_is_preferred_and_else_the_first_language() {
    let german = |zip: Zip| zip.file("language/de-DE/mod_tides.sys.ini", "MOD_TIDES=\"Gezeiten\"");
    let french = tides_named("MOD_TIDES").file("language/fr-FR/mod_tides.sys.ini", "MOD_TIDES=\"Marées\"");
    let both = german(french);
    let english =
        german(tides_named("MOD_TIDES")).file("language/en-GB/mod_tides.ini", "MOD_TIDES=\"Tides\"");
    assert_eq!(name_in_feed(both.bytes()), "Gezeiten");
    assert_eq!(name_in_feed(english.bytes()), "Tides");
}

#[test]
fn a_component_keeps_its_language_files_where_it_likes() {
    let package = Zip::new()
        .file("tides.xml", manifest("type='component'", "COM_TIDES", "1.0.0", "<element>tides</element>"))
        .file("admin/language/en-GB/com_tides.sys.ini", "COM_TIDES=\"Tide Tables\"")
        .bytes();
    assert_eq!(name_in_feed(package), "Tide Tables");
}

#[test]
fn a_plugin_has_its_group_in_the_name_of_its_language_files() {
    let files = "<files><folder plugin='beacon'>services</folder></files>";
    let package = Zip::new()
        .file("beacon.xml", manifest("type='plugin' group='system'", "PLG_SYSTEM_BEACON", "1.0.0", files))
        .file("language/en-GB/plg_beacon.sys.ini", "PLG_SYSTEM_BEACON=\"Another\"")
        .file("language/en-GB/plg_system_beacon.sys.ini", "PLG_SYSTEM_BEACON=\"System - Beacon\"")
        .bytes();
    assert_eq!(name_in_feed(package), "System - Beacon");
}

#[test]
fn a_name_in_small_letters_is_a_key_where_a_language_file_says_so() {
    let package = || tides_named("mod_tides");
    assert_eq!(name_in_feed(package().bytes()), "mod_tides");
    let with_words = package().file("language/en-GB/mod_tides.sys.ini", "MOD_TIDES=\"Tides\"");
    assert_eq!(name_in_feed(with_words.bytes()), "Tides");
}

#[test]
fn the_key_of_a_package_is_found_in_an_inner_zip() {
    let inner =
        tides_named("Tides").file("language/en-GB/pkg_fleet.sys.ini", "PKG_FLEET=\"The Fleet\"").bytes();
    let body = "<packagename>fleet</packagename><files><file>mod_tides.zip</file></files>";
    let outer = |inner: Zip| {
        inner.file("pkg_fleet.xml", manifest("type='package'", "PKG_FLEET", "1.0.0", body)).bytes()
    };
    assert_eq!(name_in_feed(outer(Zip::new().file("mod_tides.zip", &inner))), "The Fleet");
    assert_eq!(name_in_feed(outer(Zip::new().stored("mod_tides.zip", &inner))), "The Fleet");
}

#[test]
fn a_key_without_words_stays_as_it_is() {
    let package =
        tides_named("MOD_TIDES").file("language/en-GB/mod_waves.sys.ini", "MOD_TIDES=\"Waves\"").bytes();
    assert_eq!(name_in_feed(package), "MOD_TIDES");
}

#[test]
fn a_name_in_capitals_that_is_no_key_stays_as_it_is() {
    assert_eq!(name_in_feed(tides_named("TIDES24").bytes()), "TIDES24");
}

#[test]
fn a_version_of_letters_takes_no_id_of_the_pages_own() {
    let site = site()
        .with("tides/product.toml", "kind = 'file'\npattern = 'tides-{version}.zip'")
        .with("tides/tides-1.0.0.zip", "a file")
        .with("tides/tides-said.zip", "another");
    build(&site);
    let page = site.text("output/public/tides/index.html");
    let ids = |id: &str| page.matches(&format!(" id=\"{id}\"")).count();
    assert_eq!((ids("said"), ids("1.0.0")), (1, 1), "{page}");
    assert!(page.contains("<p class=\"unseen\" id=\"said\""), "{page}");
    assert!(page.contains("tides-said.zip</a>"), "{page}");
}
