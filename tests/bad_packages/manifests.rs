//! Manifests that say nothing, too much or something impossible.

use super::*;

#[test]
fn an_archive_without_a_manifest_is_refused() {
    assert_package_refused(
        Zip::new().file("readme.txt", "Ahoy").bytes(),
        "`tides.zip`: found no manifest (no XML file in its root or one level below), expected a Joomla extension, \
         or a `product.toml` with `kind = \"file\"` above it",
    );
}

#[test]
fn xml_files_that_are_no_manifests_are_counted() {
    assert_package_refused(
        Zip::new().file("config.xml", "<config/>").file("admin/access.xml", "<access/>").bytes(),
        "`tides.zip`: found no manifest (2 XML files, none with the root `<extension>` in its root \
         or one level below), expected a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    );
}

#[test]
fn a_manifest_two_folders_down_is_not_found_as_joomla_does_not_find_it() {
    assert_package_refused(
        tides().renamed("mod_tides.xml", "a/b/tides.xml").bytes(),
        "`tides.zip`: found no manifest (no XML file in its root or one level below), expected a Joomla extension, \
         or a `product.toml` with `kind = \"file\"` above it",
    );
}

#[test]
fn two_manifests_in_the_root_are_refused() {
    assert_package_refused(
        tides().file("mod_waves.xml", module_manifest("mod_waves", "1.0.0")).bytes(),
        "`tides.zip`: found two manifests, `mod_tides.xml` and `mod_waves.xml`, \
         expected one XML file with the root `<extension>`",
    );
}

#[test]
fn two_manifests_of_one_name_are_refused() {
    assert_package_refused(
        tides()
            .file("mod_waves.xml", module_manifest("mod_waves", "1.0.0"))
            .renamed("mod_waves.xml", "mod_tides.xml")
            .bytes(),
        "`tides.zip > mod_tides.xml`: found two entries of this name, \
         expected one: which of them is unpacked last, nobody can tell",
    );
}

#[test]
fn a_manifest_in_a_folder_that_sorts_before_the_right_one_is_refused() {
    assert_package_refused(
        tides().file("demo/waves.xml", module_manifest("mod_waves", "1.0.0")).bytes(),
        "`tides.zip`: found two manifests, `mod_tides.xml` and `demo/waves.xml`, \
         expected one XML file with the root `<extension>`",
    );
}

#[test]
fn a_manifest_in_a_folder_that_sorts_after_the_right_one_does_no_harm() {
    let site = site()
        .with("tides.zip", tides().file("samples/waves.xml", module_manifest("mod_waves", "1.0.0")).bytes());
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    assert!(site.text("output/public/mod_tides/updates.xml").contains("<element>mod_tides</element>"));
}

#[test]
fn a_package_zipped_with_its_folder_is_as_good_as_one_without() {
    let manifest = module_manifest("mod_tides", "1.0.0");
    for beside in ["mod_tides/sql/a/more.xml", "__MACOSX/mod_tides"] {
        let zip = Zip::new().file("mod_tides/mod_tides.xml", &manifest).file(beside, "<extension/>");
        let site = site().with("tides.zip", zip.bytes());
        assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    }
}

#[test]
fn a_folder_around_a_package_counts_as_its_root() {
    // Two levels below the root, yet one below the only folder in it.
    assert_package_refused(
        Zip::new()
            .file("mod_tides/mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
            .file("mod_tides/demo/waves.xml", module_manifest("mod_waves", "1.0.0"))
            .bytes(),
        "`tides.zip`: found two manifests, `mod_tides/mod_tides.xml` and `mod_tides/demo/waves.xml`, \
         expected one XML file with the root `<extension>`",
    );
}

#[test]
fn a_manifest_that_is_no_xml_is_refused() {
    assert_package_refused(
        Zip::new().file("mod_tides.xml", "element = mod_tides").bytes(),
        "`tides.zip > mod_tides.xml`: found no element, expected XML with the root element `<extension>`",
    );
}

#[test]
fn a_manifest_with_an_element_left_open_is_refused() {
    let open = module_manifest("mod_tides", "1.0.0").replace("</name>", "");
    assert_package_refused(
        Zip::new().file("mod_tides.xml", open).bytes(),
        "`tides.zip > mod_tides.xml`: found text that is not XML: ill-formed document: \
         expected `</name>`, but `</extension>` was found, expected a well-formed manifest",
    );
}

#[test]
fn a_manifest_that_ends_inside_an_element_is_refused() {
    let open = module_manifest("mod_tides", "1.0.0").replace("</extension>", "");
    assert_package_refused(
        Zip::new().file("mod_tides.xml", open).bytes(),
        "`tides.zip > mod_tides.xml`: found text that ends inside an element, expected a well-formed manifest",
    );
}

#[test]
fn a_manifest_of_over_a_mebibyte_is_refused() {
    let body = format!("<!--{}-->", "x".repeat(1 << 20));
    assert_package_refused(
        Zip::new().file("mod_tides.xml", manifest("type='module'", "mod_tides", "1.0.0", &body)).bytes(),
        "`tides.zip > mod_tides.xml`: found a manifest of over 1048576 bytes, \
         expected a smaller one: real manifests have under 20,000",
    );
}

#[test]
fn a_version_that_joomla_cannot_store_is_refused() {
    let version = "1".repeat(33);
    assert_package_refused(
        module("mod_tides", &version),
        "`tides.zip > mod_tides.xml`: found `<version>` \"111111111111111111111111111111111\", \
         expected 1 to 32 characters of A-Z a-z 0-9 . - _ + ~, the last a letter or digit, such as `2.0.0-beta1`",
    );
}

#[test]
fn a_name_that_joomla_cannot_store_is_refused() {
    let manifest = manifest("type='file'", &"n".repeat(101), "1.0.0", "");
    assert_package_refused(
        Zip::new().file("tides.xml", manifest).bytes(),
        "`tides.zip > tides.xml`: found `<name>` of 101 characters, \
         expected at most 100: Joomla drops the update of a longer one without a word",
    );
}

#[test]
fn a_control_character_in_a_manifest_is_refused_and_not_printed() {
    for name in ["\u{1b}[2Jtides", "&#27;[2Jtides"] {
        assert_package_refused(
            Zip::new().file("tides.xml", manifest("type='file'", name, "1.0.0", "")).bytes(),
            "`tides.zip > tides.xml`: found `<name>` with a control character, expected a line of text",
        );
    }
    assert_package_refused(
        Zip::new().file("tides.xml", manifest("type='\u{1b}[2J'", "tides", "1.0.0", "")).bytes(),
        "`tides.zip > tides.xml`: found `<extension type=\"\\u{1b}[2J\">`, \
         expected one of component, file, language, library, module, package, plugin, template",
    );
}

/// A module whose name is a key, with this language file.
fn module_with_language_file(ini: &str) -> Zip {
    Zip::new()
        .file(
            "mod_tides.xml",
            manifest("type='module'", "MOD_TIDES", "1.0.0", "<element>mod_tides</element>"),
        )
        .file("language/en-GB/mod_tides.sys.ini", ini)
}

#[test]
fn words_for_a_name_that_joomla_cannot_store_are_refused() {
    for (words, found) in [
        (
            "n".repeat(101),
            "`MOD_TIDES` of 101 characters, \
                           expected at most 100: Joomla drops the update of a longer one without a word",
        ),
        ("\u{1b}[2J".into(), "`MOD_TIDES` with a control character, expected a line of text"),
    ] {
        assert_package_refused(
            module_with_language_file(&format!("MOD_TIDES=\"{words}\"")).bytes(),
            &format!("`tides.zip > language/en-GB/mod_tides.sys.ini`: found {found}"),
        );
    }
}

#[test]
fn a_language_file_that_does_not_fit_its_checksum_is_refused_when_it_is_needed() {
    assert_package_refused(
        module_with_language_file("MOD_TIDES=\"Tides\"")
            .claiming("language/en-GB/mod_tides.sys.ini", Claim::Crc32, 1)
            .bytes(),
        "`tides.zip > language/en-GB/mod_tides.sys.ini`: found data that does not fit its checksum, \
         expected a sound zip file",
    );
}
