//! What is wrong with packages and how the program says so: the whole line, the exit code, and nothing written.

use std::fs;
use std::os::unix::fs::symlink;

use bandari_tests::site::{Run, Site};
use bandari_tests::zips::{Claim, Zip, manifest, module, module_manifest};

use crate::programs;

fn site() -> Site {
    Site::new(programs().bandari)
}

/// A sound archive to spoil: a manifest and one file beside it.
fn tides() -> Zip {
    Zip::new()
        .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
        .file("aa/tides.php", "<?php // high and low")
}

/// The run ended with these problems and no others, and nothing was written.
#[track_caller]
fn assert_refused(site: &Site, problems: &[&str]) {
    assert_reported(site, &site.build(&[]), problems);
}

#[track_caller]
fn assert_reported(site: &Site, run: &Run, problems: &[&str]) {
    let lines: String = problems.iter().map(|problem| format!("error: {problem}\n")).collect();
    let count = if problems.len() == 1 { "1 problem".into() } else { format!("{} problems", problems.len()) };
    let stderr = format!("{lines}error: {count} in the packages: nothing was written\n");
    assert_eq!(*run, Run { code: 1, stdout: String::new(), stderr });
    assert!(!site.path("output").exists(), "something was written");
}

/// A site with nothing but this package is refused for this problem.
#[track_caller]
fn assert_package_refused(package: impl AsRef<[u8]>, problem: &str) {
    assert_refused(&site().with("tides.zip", package), &[problem]);
}

// Manifests

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

// Archives

#[test]
fn an_archive_cut_short_is_refused() {
    let whole = tides().bytes();
    assert_package_refused(
        &whole[..whole.len() / 2],
        "`tides.zip`: found no whole zip file (Missing end of central directory), expected a complete zip archive",
    );
}

#[test]
fn an_archive_cut_short_anywhere_is_refused() {
    let whole = tides().bytes();
    let site =
        (0..whole.len()).fold(site(), |site, length| site.with(&format!("{length}.zip"), &whole[..length]));
    let last = site.build(&[]).stderr.lines().last().unwrap().to_owned();
    assert_eq!(last, format!("error: {} problems in the packages: nothing was written", whole.len()));
}

#[test]
fn an_archive_with_any_byte_changed_ends_no_run() {
    let whole = tides().bytes();
    let spoiled = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        bytes
    };
    let site =
        (0..whole.len()).fold(site(), |site, place| site.with(&format!("{place}.zip"), spoiled(place)));
    let run = site.build(&[]);
    // A crash would have another code. That some are sound and so are one version many times over is no matter here.
    assert_eq!(run.code, 1);
    assert!(run.stderr.ends_with(" problems in the packages: nothing was written\n"), "{}", run.stderr);
}

#[test]
fn a_file_that_is_no_archive_is_refused() {
    assert_package_refused(
        "404 Not Found",
        "`tides.zip`: found no whole zip file (Missing end of central directory), expected a complete zip archive",
    );
}

#[test]
fn an_empty_file_is_refused() {
    assert_package_refused("", "`tides.zip`: found 0 bytes, expected a package");
}

#[test]
fn an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused() {
    let mut bomb = tides().file("0", vec![0; 1 << 20]);
    for copy in 1..300 {
        bomb = bomb.copy("0", &copy.to_string());
    }
    let bomb = bomb.bytes();
    assert_package_refused(
        &bomb,
        &format!(
            "`tides.zip`: found {} bytes that unpack to 314573007, \
             expected at most 2147483648 unpacked, and at most 200 times the packed size",
            bomb.len()
        ),
    );
}

#[test]
fn an_archive_that_claims_to_unpack_to_gigabytes_is_refused() {
    let liar = tides().claiming("aa/tides.php", Claim::UnpackedBytes, 3 << 30).bytes();
    assert_package_refused(
        &liar,
        &format!(
            "`tides.zip`: found {} bytes that unpack to 3221225658, \
             expected at most 2147483648 unpacked, and at most 200 times the packed size",
            liar.len()
        ),
    );
}

#[test]
fn an_entry_that_climbs_out_of_its_folder_is_refused() {
    assert_package_refused(
        tides().renamed("aa/tides.php", "../tides.php").bytes(),
        "`tides.zip > ../tides.php`: found a name with `..`, expected a relative name with `/` between folders",
    );
    assert_package_refused(
        tides().renamed("aa/tides.php", "a/../des.php").bytes(),
        "`tides.zip > a/../des.php`: found a name with `..`, expected a relative name with `/` between folders",
    );
}

#[test]
fn an_entry_with_an_absolute_name_is_refused() {
    assert_package_refused(
        tides().renamed("aa/tides.php", "/etc/tide.sh").bytes(),
        "`tides.zip > /etc/tide.sh`: found an absolute name, expected a relative name with `/` between folders",
    );
}

#[test]
fn an_entry_with_a_drive_letter_is_refused() {
    assert_package_refused(
        tides().renamed("aa/tides.php", "C:/tides.php").bytes(),
        "`tides.zip > C:/tides.php`: found an absolute name, expected a relative name with `/` between folders",
    );
}

#[test]
fn an_entry_with_a_backslash_is_refused() {
    assert_package_refused(
        tides().renamed("aa/tides.php", r"..\tides.php").bytes(),
        r"`tides.zip > ..\tides.php`: found a name with `\`, expected a relative name with `/` between folders",
    );
}

#[test]
fn a_control_character_in_the_name_of_an_entry_is_refused_and_shown_escaped() {
    assert_package_refused(
        tides().renamed("aa/tides.php", "aa/tides\0php").bytes(),
        "`tides.zip > aa/tides\\u{0}php`: found a name with a NUL or another control character, \
         expected a relative name with `/` between folders",
    );
    assert_package_refused(
        tides().renamed("aa/tides.php", "aaa/\u{1b}[2J.php").bytes(),
        "`tides.zip > aaa/\\u{1b}[2J.php`: found a name with a NUL or another control character, \
         expected a relative name with `/` between folders",
    );
}

#[test]
fn an_entry_without_a_name_is_refused() {
    assert_package_refused(
        tides().file("", "").bytes(),
        "`tides.zip > `: found an entry without a name, expected a relative name with `/` between folders",
    );
}

#[test]
fn a_symbolic_link_in_an_archive_is_refused() {
    assert_package_refused(
        tides().link("configuration.php", "../../configuration.php").bytes(),
        "`tides.zip > configuration.php`: found a symbolic link, expected files and folders only",
    );
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    assert_package_refused(
        tides().file("waves.php", "<?php").overlapping("waves.php", "aa/tides.php").bytes(),
        "`tides.zip`: found entries that overlap, expected a zip in which each entry has its own bytes",
    );
}

#[test]
fn an_entry_that_reaches_into_the_directory_is_refused() {
    assert_package_refused(
        tides().claiming("aa/tides.php", Claim::PackedBytes, 1_000_000).bytes(),
        "`tides.zip`: found entries that overlap, expected a zip in which each entry has its own bytes",
    );
}

#[test]
fn an_encrypted_entry_is_refused() {
    assert_package_refused(
        tides().claiming("aa/tides.php", Claim::Flags, 1).bytes(),
        "`tides.zip > aa/tides.php`: found an encrypted entry, \
         expected a zip without a password: Joomla cannot open it",
    );
}

#[test]
fn a_compression_that_joomla_cannot_unpack_is_refused() {
    assert_package_refused(
        tides().claiming("aa/tides.php", Claim::Method, 12).bytes(),
        "`tides.zip > aa/tides.php`: found compression method 12 (BZIP2), \
         expected Store or Deflate, which every Joomla can unpack",
    );
}

#[test]
fn a_manifest_that_does_not_fit_its_checksum_is_refused() {
    assert_package_refused(
        tides().claiming("mod_tides.xml", Claim::Crc32, 0xdead_beef).bytes(),
        "`tides.zip > mod_tides.xml`: found data that does not fit its checksum, expected a sound zip file",
    );
}

#[test]
fn a_manifest_longer_than_its_archive_claims_is_refused() {
    assert_package_refused(
        tides().claiming("mod_tides.xml", Claim::UnpackedBytes, 60).bytes(),
        "`tides.zip > mod_tides.xml`: found data that does not fit its size, expected a sound zip file",
    );
}

#[test]
fn a_manifest_whose_data_is_cut_is_refused() {
    assert_package_refused(
        tides().claiming("mod_tides.xml", Claim::PackedBytes, 60).bytes(),
        "`tides.zip > mod_tides.xml`: found data that ends too early, expected a complete zip archive",
    );
}

#[test]
fn an_end_record_that_counts_other_entries_than_there_are_is_refused() {
    assert_package_refused(
        tides().counting(1).bytes(),
        "`tides.zip`: found 2 entries where its end record counts 1, expected a zip whose parts agree",
    );
    assert_package_refused(
        tides().counting(3).bytes(),
        "`tides.zip`: found 2 entries where its end record counts 3, expected a zip whose parts agree",
    );
}

#[test]
fn an_archive_of_too_many_entries_is_refused() {
    let crowd = (2..=100_000).fold(tides(), |zip, number| zip.stored(&number.to_string(), ""));
    assert_package_refused(crowd.bytes(), "`tides.zip`: found 100001 entries, expected at most 100000");
}

#[test]
fn an_archive_of_the_most_entries_is_fine() {
    let crowd = (3..=100_000).fold(tides(), |zip, number| zip.stored(&number.to_string(), ""));
    assert_eq!(site().with("tides.zip", crowd.bytes()).build(&["--quiet"]).stderr, "");
}

#[test]
fn names_in_an_old_code_page_do_no_harm() {
    let zip = tides().renamed("aa/tides.php", b"\x81\x82\x83\x84\x85\x86\x87\x88.php");
    assert_eq!(site().with("tides.zip", zip.bytes()).build(&["--quiet"]).stderr, "");
}

// The tree

#[test]
fn a_symbolic_link_among_the_packages_is_refused_wherever_it_leads() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    site.put("elsewhere/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    symlink("mod_tides-1.0.0.zip", site.path("packages/inside.zip")).unwrap();
    symlink("../elsewhere/mod_waves-1.0.0.zip", site.path("packages/outside.zip")).unwrap();
    symlink("../elsewhere", site.path("packages/folder")).unwrap();
    symlink("nowhere", site.path("packages/dangling.zip")).unwrap();
    assert_refused(
        &site,
        &[
            "`dangling.zip`: found a symbolic link, expected a regular file or a folder",
            "`folder`: found a symbolic link, expected a regular file or a folder",
            "`inside.zip`: found a symbolic link, expected a regular file or a folder",
            "`outside.zip`: found a symbolic link, expected a regular file or a folder",
        ],
    );
}

#[test]
fn a_file_name_that_needs_encoding_is_refused() {
    assert_refused(
        &site().with("my ext (1).zip", module("mod_tides", "1.0.0")),
        &["`my ext (1).zip`: found the file name \"my ext (1).zip\", \
           expected 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot"],
    );
}

#[test]
fn a_control_character_in_a_file_name_is_refused_and_shown_escaped() {
    assert_refused(
        &site().with("a\u{1b}[2Jb.zip", module("mod_tides", "1.0.0")),
        &["`a\\u{1b}[2Jb.zip`: found the file name \"a\\u{1b}[2Jb.zip\", \
             expected 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot"],
    );
}

#[test]
fn a_control_character_in_the_name_of_a_file_left_out_is_shown_escaped() {
    let site = site()
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.pdf'")
        .with("handbook/handbook-1.0.pdf", "%PDF")
        .with("handbook/a\u{1b}[2Jb.pdf", "%PDF");
    assert_eq!(
        site.build(&[]).stderr,
        "warning: `handbook/a\\u{1b}[2Jb.pdf` is left out: it does not fit the pattern `handbook-{version}.pdf`\n"
    );
}

#[test]
fn a_folder_that_may_not_be_read_is_refused() {
    let site = site().with("locked/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    site.permit("packages/locked", 0o000);
    let run = site.build_unprivileged(&[]);
    site.permit("packages/locked", 0o755);
    assert_reported(
        &site,
        &run,
        &["`locked`: found Permission denied (os error 13), expected a file or folder that may be read"],
    );
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    site.permit("packages/mod_tides-1.0.0.zip", 0o000);
    assert_reported(
        &site,
        &site.build_unprivileged(&[]),
        &["`mod_tides-1.0.0.zip`: found no way to read it (Permission denied (os error 13)), \
             expected a readable file"],
    );
}

// Packages beside each other

#[test]
fn the_same_version_twice_is_refused() {
    let site = site()
        .with("new/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("old/tides.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`old/tides.zip`: found version 1.0.0 again, after `new/mod_tides-1.0.0.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn versions_that_joomla_takes_for_equal_are_one_version() {
    let site = site()
        .with("tides-a.zip", module("mod_tides", "1.2.3"))
        .with("tides-b.zip", module("mod_tides", "01.2.3"));
    assert_refused(
        &site,
        &["`tides-b.zip`: found version 01.2.3 again, after `tides-a.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn one_file_name_for_two_versions_is_refused() {
    let site = site()
        .with("1/mod_tides.zip", module("mod_tides", "1.0.0"))
        .with("2/mod_tides.zip", module("mod_tides", "2.0.0"));
    assert_refused(
        &site,
        &["`1/mod_tides.zip`: found the file name `mod_tides.zip` again, after `2/mod_tides.zip`, \
           expected each version of a product once, each in a file of its own name"],
    );
}

#[test]
fn two_products_of_one_id_are_refused() {
    let site = site()
        .with("tides/product.toml", "id = 'water'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("waves/product.toml", "id = 'water'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    assert_refused(
        &site,
        &["`water`: found one product id for `mod_tides-1.0.0.zip` and `mod_waves-1.0.0.zip`, \
           expected one extension for each `id`: give each its own `product.toml`"],
    );
}

#[test]
fn two_packages_of_one_id_are_refused() {
    let site = site()
        .with("tides/product.toml", "package_id = 'water_{compact}'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("waves/product.toml", "package_id = 'water_{compact}'")
        .with("waves/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    assert_refused(
        &site,
        &["`water_100`: found one package id for `mod_tides-1.0.0.zip` and `mod_waves-1.0.0.zip`, \
           expected a `package_id` pattern that differs for each"],
    );
}

#[test]
fn one_extension_under_two_product_files_is_refused() {
    let site = site()
        .with("a/product.toml", "group = 'harbor'")
        .with("a/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("b/product.toml", "")
        .with("b/mod_tides-2.0.0.zip", module("mod_tides", "2.0.0"));
    assert_refused(
        &site,
        &["`a/mod_tides-1.0.0.zip`: found `b/mod_tides-2.0.0.zip` of the same extension \
             under another `product.toml`, expected all versions of an extension under one `product.toml`"],
    );
}

#[test]
fn versions_that_joomla_cannot_order_are_refused() {
    // PHP: version_compare('1.0-', '1.0-') is -1.
    assert_package_refused(
        module("mod_tides", "1.0-"),
        "`tides.zip > mod_tides.xml`: found `<version>` \"1.0-\", expected 1 to 32 characters of A-Z a-z 0-9 . - _ + ~, \
         the last a letter or digit, such as `2.0.0-beta1`",
    );
}

// What `product.toml` says

#[test]
fn an_address_of_the_site_as_a_product_id_is_refused() {
    let site = site()
        .with("product.toml", "id = 'download'")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`mod_tides-1.0.0.zip`: found the product id `download`, which is an address of the site itself, \
           expected another `id` in `product.toml`"],
    );
}

#[test]
fn a_licensed_product_without_a_validator_is_refused() {
    let site = site()
        .config("title = 'T'\nvendor = 'V'\npublic_url = 'https://updates.example.org'\n")
        .with("product.toml", "id = 'tides'\ngroup = 'harbor'")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`mod_tides-1.0.0.zip`: found a licensed product `tides`, \
           expected `download_url` and `protected_url` in the site's configuration"],
    );
}

#[test]
fn an_unknown_key_in_a_product_file_is_refused() {
    let site = site()
        .with("product.toml", "id = 'tides'\ngruop = 'harbor'\n")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &["`product.toml`: found unknown field `gruop` in line 2, expected one of `id`, `kind`, `pattern`, \
             `name`, `group`, `summary`, `homepage`, `infourl`, `maintainer`, `joomla`, `php`, `databases`, \
             `package_id`, `releases`"],
    );
}

#[test]
fn all_that_is_wrong_in_a_product_file_is_told() {
    let site = site()
        .with("product.toml", "id = 'a b'\njoomla = 'four'\nphp = 'eight'\n")
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_refused(
        &site,
        &[
            "`product.toml`: found `id = \"a b\"`, expected 1 to 64 characters of A-Z a-z 0-9 _ - ., \
             beginning with a letter or digit",
            "`product.toml`: found `joomla = \"four\"`, \
             expected a range such as `>=4.4, <7` or `4.4 || >=5.1`; `four` is none",
            "`product.toml`: found `php = \"eight\"`, expected a version such as `8.1`",
        ],
    );
}

/// A free module, and a licensed one whose product file a test spoils.
fn site_with_a_licensed_module() -> Site {
    site()
        .with("mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"))
        .with("tides/product.toml", "group = 'harbor'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
}

/// The run went on and published the free module, and the licensed one neither as free nor as licensed.
#[track_caller]
fn assert_not_given_away(site: &Site, run: &Run, problem: &str) {
    assert_eq!((run.code, &*run.stderr), (1, &*format!("error: {problem}\n")));
    let packages = |below| site.tree(below).into_keys().collect::<Vec<_>>();
    assert_eq!(packages("output/public/files"), ["mod_waves/mod_waves-1.0.0.zip"]);
    assert_eq!(packages("output/protected"), [] as [&str; 0]);
    assert!(!site.text("output/public/catalog.json").contains("mod_tides"));
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_broken() {
    let site = site_with_a_licensed_module().with("tides/product.toml", "group = 'harbor");
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found invalid literal string in line 1, expected `'`",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_may_not_be_read() {
    let site = site_with_a_licensed_module();
    site.permit("packages/tides/product.toml", 0o000);
    assert_not_given_away(
        &site,
        &site.build_unprivileged(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found Permission denied (os error 13), expected a readable UTF-8 text file",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_a_link() {
    let site = site_with_a_licensed_module();
    site.put("shared.toml", "group = 'harbor'");
    fs::remove_file(site.path("packages/tides/product.toml")).unwrap();
    symlink("../../shared.toml", site.path("packages/tides/product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found a symbolic link, expected a regular file",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_misspelled() {
    let site = site_with_a_licensed_module();
    fs::rename(site.path("packages/tides/product.toml"), site.path("packages/tides/Product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/Product.toml`: found a name in other letter case, expected `product.toml`",
    );
}

#[test]
fn a_licensed_package_is_not_given_away_when_its_product_file_is_a_folder() {
    let site = site_with_a_licensed_module();
    fs::remove_file(site.path("packages/tides/product.toml")).unwrap();
    fs::create_dir(site.path("packages/tides/product.toml")).unwrap();
    assert_not_given_away(
        &site,
        &site.build(&["--keep-going", "--quiet"]),
        "`tides/product.toml`: found a folder, expected a regular file",
    );
}

#[test]
fn several_extensions_under_one_product_file_need_one_each() {
    // Which of them had the folder's name as its id would change with the other's coming and going.
    let site = site()
        .with("sea/product.toml", "joomla = '>=5'")
        .with("sea/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("sea/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    let wrong =
        "found several extensions under one `product.toml`, expected a folder with a `product.toml` for each";
    assert_refused(
        &site,
        &[&format!("`sea/mod_tides-1.0.0.zip`: {wrong}"), &format!("`sea/mod_waves-1.0.0.zip`: {wrong}")],
    );
}

// All together

#[test]
fn every_problem_of_a_run_is_told_in_it_sorted() {
    let site = site()
        .with("zeta.zip", "")
        .with("my ext.zip", module("mod_ext", "1.0.0"))
        .with("climber.zip", tides().renamed("aa/tides.php", "../tides.php").bytes())
        .with("good.zip", module("mod_good", "1.0.0"))
        .with("again.zip", module("mod_good", "1.0.0"))
        .with("deep/product.toml", "php = 'eight'")
        .with("deep/mod_deep-1.0.0.zip", module("mod_deep", "1.0.0"));
    symlink("good.zip", site.path("packages/link.zip")).unwrap();
    assert_refused(
        &site,
        &[
            "`climber.zip > ../tides.php`: found a name with `..`, expected a relative name with `/` between folders",
            "`deep/product.toml`: found `php = \"eight\"`, expected a version such as `8.1`",
            "`good.zip`: found version 1.0.0 again, after `again.zip`, \
             expected each version of a product once, each in a file of its own name",
            "`link.zip`: found a symbolic link, expected a regular file or a folder",
            "`my ext.zip`: found the file name \"my ext.zip\", \
             expected 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot",
            "`zeta.zip`: found 0 bytes, expected a package",
        ],
    );
}

#[test]
fn nothing_but_bad_packages_is_told_as_that_even_when_the_run_goes_on() {
    let site = site().with("tides.zip", "");
    assert_reported(
        &site,
        &site.build(&["--keep-going"]),
        &["`tides.zip`: found 0 bytes, expected a package"],
    );
}
