//! Manifests, and the inner extensions of packages.

use super::*;

/// A site whose module has another manifest.
fn with_text(text: impl AsRef<[u8]>) -> Site {
    tides(with_manifest(text))
}

fn with_name(name: &str) -> Site {
    with_text(manifest(MODULE, name, "1.0.0", &[FILES, SERVER].concat()))
}

fn with_attributes(attributes: &str) -> Site {
    with_text(manifest(attributes, "Tides", "1.0.0", &[FILES, SERVER].concat()))
}

/// The module's manifest without one of its parts.
fn without(part: &str) -> Site {
    let whole = manifest(MODULE, "Tides", "1.0.0", &[FILES, SERVER].concat());
    assert!(whole.contains(part));
    with_text(whole.replace(part, ""))
}

/// A site with a package of this inner module beside others.
fn with_package(files: &str, inner: &[(&str, Vec<u8>)]) -> Site {
    with_package_manifest("pkg_harbor.xml", files, inner)
}

fn with_package_manifest(name: &str, files: &str, inner: &[(&str, Vec<u8>)]) -> Site {
    let server = SERVER.replace("tides", "harbor");
    let body = format!("<packagename>harbor</packagename>{files}{server}");
    let manifest = manifest("type='package'", "Harbor", "1.0.0", &body);
    let zip = inner.iter().fold(Zip::new().file(name, manifest), |zip, (name, bytes)| zip.file(name, bytes));
    sound().with("harbor/product.toml", PRODUCT).with("harbor/pkg_harbor-1.0.0.zip", zip.bytes())
}

/// A site with a plug-in beside the module.
fn with_group(group: &str) -> Site {
    let files = "<files><folder plugin='beacon'>services</folder></files>";
    let body = [files, &SERVER.replace("tides", "beacon")].concat();
    let text = manifest(&format!("type='plugin' group='{group}'"), "Beacon", "1.0.0", &body);
    let zip = Zip::new().file("beacon.xml", text);
    sound().with("beacon/product.toml", PRODUCT).with("beacon/plg_beacon-1.0.0.zip", zip.bytes())
}

const LANGUAGE_FILES: &str = "<filename>install.xml</filename><filename>langmetadata.xml</filename>";

/// A site with a language beside the module.
fn with_language(files: &str, metadata_version: &str) -> Site {
    let server = SERVER.replace("tides", "de-ch");
    let body = format!("<tag>de-CH</tag><files>{files}</files>{server}");
    let metadata = format!("<metafile><name>German</name><version>{metadata_version}</version></metafile>");
    let zip = Zip::new()
        .file("install.xml", manifest("type='language' client='site'", "German", "1.0.0", &body))
        .file("langmetadata.xml", metadata);
    sound()
        .with("de-ch/product.toml", format!("{PRODUCT}id = 'de-ch'"))
        .with("de-ch/de-CH-1.0.0.zip", zip.bytes())
}

const ONE_FILE: &str = "<files><file type='module' id='mod_buoy' client='site'>mod_buoy.zip</file></files>";

/// A site with a package whose only part has this name.
fn with_package_of(name: &str) -> Site {
    with_package(&ONE_FILE.replace("mod_buoy.zip", name), &[(name, b"Ahoy".to_vec())])
}

/// An inner module with this in its manifest.
fn buoy(body: &str) -> Vec<u8> {
    let files = "<files><folder module='mod_buoy'>tmpl</folder></files>";
    let manifest = manifest(MODULE, "Buoy", "1.0.0", &format!("{files}{body}"));
    Zip::new().file("mod_buoy.xml", manifest).bytes()
}

pub(super) fn seeds() -> Vec<Seed> {
    let deep = format!("<extension type='module'>{}", "<a>".repeat(100));
    let plugin = "<files><folder plugin='tides'>tmpl</folder></files>";
    let plugin = |attributes| tides(with_manifest(manifest(attributes, "Tides", "1.0.0", plugin)));
    let in_package = "harbor/pkg_harbor-1.0.0.zip > mod_buoy.zip";
    vec![
        seed("BND201", MANIFEST, without("</name>")),
        seed("BND202", MANIFEST, with_text(deep)),
        seed("BND203", MANIFEST, without("<version>1.0.0</version>")),
        seed("BND204", MANIFEST, with_text(manifest(MODULE, "Tides", "1.0-", FILES))),
        seed("BND205", MANIFEST, with_attributes("type='gadget'")),
        seed("BND206", MANIFEST, without(" module='mod_tides'")),
        seed("BND207", MANIFEST, plugin("type='plugin'")),
        seed("BND208", MANIFEST, with_attributes("type='module' client='0'")),
        seed("BND209", MANIFEST, with_name(&"n".repeat(101))),
        seed("BND210", MANIFEST, with_name("a&#7;b")),
        seed("BND801", in_package, with_package(ONE_FILE, &[])),
        seed("BND802", "harbor/pkg_harbor-1.0.0.zip > mod_buoy.txt", with_package_of("mod_buoy.txt")),
        seed("BND803", "harbor/pkg_harbor-1.0.0.zip > mod_buoy.tgz", with_package_of("mod_buoy.tgz")),
        seed("BND804", "harbor/pkg_harbor-1.0.0.zip > pkg_harbor.xml", with_package("<files/>", &[])),
        seed("BND811", in_package, with_package(ONE_FILE, &[("mod_buoy.zip", buoy(SERVER))])),
        seed(
            "BND812",
            "harbor/pkg_harbor-1.0.0.zip > pkg_harbor.xml",
            with_package(&ONE_FILE.replace("id='mod_buoy'", "id='buoy'"), &[("mod_buoy.zip", buoy(""))]),
        ),
        seed("BND221", MANIFEST, without(" method=\"upgrade\"")),
        seed("BND222", MANIFEST, with_attributes("type='module' client='site' group='mod_tides'")),
        seed("BND224", MANIFEST, with_text(manifest(MODULE, "Tides", " 1.0.0 ", &[FILES, SERVER].concat()))),
        seed("BND226", "beacon/plg_beacon-1.0.0.zip > beacon.xml", with_group(" system")),
        seed(
            "BND227",
            "harbor/pkg_harbor-1.0.0.zip > harbor.xml",
            with_package_manifest("harbor.xml", ONE_FILE, &[("mod_buoy.zip", buoy(""))]),
        ),
        seed("BND228", "de-ch/de-CH-1.0.0.zip > install.xml", with_language(LANGUAGE_FILES, "0.9.0")),
        seed(
            "BND225",
            "tides/mod_tides-1.0.0.zip > manifest.xml",
            tides(
                Zip::new()
                    .file("manifest.xml", manifest(MODULE, "Tides", "1.0.0", &[FILES, SERVER].concat()))
                    .file("tmpl/default.php", "<?php"),
            ),
        ),
    ]
}

#[test]
fn a_language_has_to_name_its_manifest_among_its_files() {
    let told = |files| findings(&with_language(files, "1.0.0").run(&["check", "--json"]));
    let place = "de-ch/de-CH-1.0.0.zip > install.xml";
    assert_eq!(told("<filename>langmetadata.xml</filename>"), [("BND225".to_owned(), place.to_owned())]);
    assert_eq!(told(LANGUAGE_FILES), []);
}
