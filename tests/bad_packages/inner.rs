//! Packages whose inner extensions are missing or bad: no Joomla could install them.

use bandari_tests::zips::package;

use super::*;

/// A package of these inner files, each with its `<file>`, in its own archive to spoil.
fn fleet(files: &[&str]) -> Zip {
    let files: String = files.iter().map(|file| format!("<file>{file}</file>")).collect();
    let body = format!("<packagename>fleet</packagename><files folder=\"packages\">{files}</files>");
    Zip::new().file("pkg_fleet.xml", manifest("type='package'", "Fleet", "1.0.0", &body))
}

/// A package in a package in …, so many times, around a module; all called `next.zip`.
fn nested(packages: usize) -> Vec<u8> {
    (0..packages).fold(module("mod_tides", "1.0.0"), |inner, _| {
        fleet(&["next.zip"]).stored("packages/next.zip", inner).bytes()
    })
}

#[track_caller]
fn assert_published_with(package: Vec<u8>, warning: &str) {
    let site = site().with("product.toml", "joomla = '>=5'").with("fleet.zip", package);
    let run = site.build(&[]);
    assert_eq!((run.code, run.stderr), (0, format!("{warning}\n")));
    assert!(site.path("output/public/files/pkg_fleet/fleet.zip").exists());
}

#[test]
fn an_inner_zip_that_is_missing_is_refused() {
    assert_package_refused(
        fleet(&["mod_tides.zip"]).stored("mod_tides.zip", module("mod_tides", "1.0.0")).bytes(),
        "`tides.zip > packages/mod_tides.zip`: found nothing of this name, \
         expected the file or folder that the manifest names",
    );
}

#[test]
fn every_inner_extension_that_is_bad_is_told() {
    let site = site().with(
        "tides.zip",
        fleet(&["a.zip", "b.zip", "c.zip", "d.zip"])
            .stored("packages/b.zip", "404 Not Found")
            .file("packages/c.zip", Zip::new().file("readme.txt", "Ahoy").bytes())
            .file(
                "packages/d.zip",
                Zip::new().file("mod_tides.xml", manifest("type='modul'", "x", "1", "")).bytes(),
            )
            .bytes(),
    );
    assert_refused(
        &site,
        &[
            "`tides.zip > packages/a.zip`: found nothing of this name, \
             expected the file or folder that the manifest names",
            "`tides.zip > packages/b.zip`: found no whole zip file (Missing end of central directory), \
             expected a complete zip archive",
            "`tides.zip > packages/c.zip`: found no manifest (no XML file in its root or one level below), \
             expected a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
            "`tides.zip > packages/d.zip > mod_tides.xml`: found `<extension type=\"modul\">`, \
             expected one of component, file, language, library, module, package, plugin, template",
        ],
    );
}

#[test]
fn a_bad_package_inside_of_a_package_is_told_with_the_whole_way_to_it() {
    let inner = fleet(&["lost.zip"]).bytes();
    assert_package_refused(
        fleet(&["pkg.zip"]).file("packages/pkg.zip", inner).bytes(),
        "`tides.zip > packages/pkg.zip > packages/lost.zip`: found nothing of this name, \
         expected the file or folder that the manifest names",
    );
}

#[test]
fn a_hostile_inner_zip_is_refused_like_an_outer_one() {
    let climber = tides().renamed("aa/tides.php", "../tides.php").bytes();
    assert_package_refused(
        fleet(&["mod_tides.zip"]).stored("packages/mod_tides.zip", climber).bytes(),
        "`tides.zip > packages/mod_tides.zip > ../tides.php`: found a name with `..`, \
         expected a relative name with `/` between folders",
    );
}

#[test]
fn blanks_around_the_name_of_an_inner_file_make_it_another_file() {
    assert_package_refused(
        fleet(&[" mod_tides.zip"]).stored("packages/mod_tides.zip", module("mod_tides", "1.0.0")).bytes(),
        "`tides.zip > packages/ mod_tides.zip`: found nothing of this name, \
         expected the file or folder that the manifest names",
    );
}

#[test]
fn an_inner_file_that_is_no_archive_is_refused() {
    assert_package_refused(
        fleet(&["readme.txt"]).file("packages/readme.txt", "Ahoy").bytes(),
        "`tides.zip > packages/readme.txt`: found a file that is no archive, expected a zip or a folder",
    );
}

#[test]
fn an_inner_folder_without_a_manifest_is_refused() {
    assert_package_refused(
        fleet(&["mod_tides"]).file("packages/mod_tides/readme.txt", "Ahoy").bytes(),
        "`tides.zip > packages/mod_tides`: found no manifest (no XML file in its root or one level below), \
         expected a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    );
}

#[test]
fn a_package_without_inner_extensions_is_refused() {
    assert_package_refused(
        fleet(&[]).bytes(),
        "`tides.zip > pkg_fleet.xml`: found a package without inner extensions, \
         expected a `<file>` or `<folder>` for each in `<files>`",
    );
}

#[test]
fn two_inner_zips_of_one_name_are_refused() {
    assert_package_refused(
        fleet(&["a.zip"])
            .stored("packages/a.zip", module("mod_tides", "1.0.0"))
            .stored("packages/b.zip", module("mod_waves", "1.0.0"))
            .renamed("packages/b.zip", "packages/a.zip")
            .bytes(),
        "`tides.zip > packages/a.zip`: found two entries of this name, \
         expected one: which of them is unpacked last, nobody can tell",
    );
}

#[test]
fn an_inner_zip_that_does_not_fit_its_checksum_or_size_is_refused() {
    // One that is unpacked in memory, and one that goes to a temporary file.
    for filler in [0, 2 << 20] {
        let inner = tides().stored("aa/filler", vec![b'x'; filler]).bytes();
        let length = u32::try_from(inner.len()).unwrap();
        let fleet = || fleet(&["a.zip"]).file("packages/a.zip", &inner);
        for (claim, value, word) in [
            (Claim::Crc32, 1, "checksum"),
            (Claim::UnpackedBytes, length - 1, "size"),
            (Claim::UnpackedBytes, length + 1, "size"),
        ] {
            assert_package_refused(
                fleet().claiming("packages/a.zip", claim, value).bytes(),
                &format!(
                    "`tides.zip > packages/a.zip`: found data that does not fit its {word}, expected a sound zip file"
                ),
            );
        }
    }
}

#[test]
fn a_stored_inner_zip_with_a_false_size_is_refused() {
    let inner = module("mod_tides", "1.0.0");
    let length = u32::try_from(inner.len()).unwrap();
    assert_package_refused(
        fleet(&["a.zip"])
            .stored("packages/a.zip", inner)
            .claiming("packages/a.zip", Claim::UnpackedBytes, length + 1)
            .bytes(),
        "`tides.zip > packages/a.zip`: found data that does not fit its size, expected a sound zip file",
    );
}

#[test]
fn over_five_hundred_inner_extensions_are_refused() {
    let files = vec!["a.zip"; 501];
    assert_package_refused(
        fleet(&files).stored("packages/a.zip", module("mod_tides", "1.0.0")).bytes(),
        "`tides.zip > pkg_fleet.xml`: found 501 inner extensions after those before it, \
         expected at most 500 in one archive, at all depths",
    );
}

#[test]
fn one_large_file_that_is_named_many_times_is_not_unpacked_without_end() {
    let liar = fleet(&["a.zip"; 35])
        .file("packages/a.zip", module("mod_tides", "1.0.0"))
        .claiming("packages/a.zip", Claim::UnpackedBytes, 63 << 20)
        .bytes();
    assert_refused(
        &site().with("tides.zip", liar),
        &[
            "`tides.zip > packages/a.zip`: found data that does not fit its size, expected a sound zip file",
            "`tides.zip > packages/a.zip`: found over 2147483648 bytes to read to see what is in the package, \
             expected inner extensions that are smaller, all together",
        ],
    );
}

#[test]
fn one_large_stored_zip_that_is_named_many_times_is_not_read_without_end() {
    let inner = tides().stored("aa/filler", vec![b'x'; 5 << 20]).bytes();
    assert_package_refused(
        fleet(&["a.zip"; 500]).stored("packages/a.zip", inner).bytes(),
        "`tides.zip > packages/a.zip`: found over 2147483648 bytes to read to see what is in the package, \
         expected inner extensions that are smaller, all together",
    );
}

#[test]
fn one_large_directory_that_is_named_many_times_is_not_walked_over_without_end() {
    // A directory of 4 MB that is refused at its second entry.
    let climber = (0..100).fold(tides().renamed("aa/tides.php", "../tides.php"), |zip, number| {
        zip.stored(&format!("{number}{}", "x".repeat(40_000)), "")
    });
    assert_refused(
        &site().with("tides.zip", fleet(&["a.zip"; 40]).stored("packages/a.zip", climber.bytes()).bytes()),
        &[
            "`tides.zip > packages/a.zip`: found over 134217728 bytes of directories to see what is in the package, \
             expected inner extensions with fewer files, all together",
            "`tides.zip > packages/a.zip > ../tides.php`: found a name with `..`, \
             expected a relative name with `/` between folders",
        ],
    );
}

#[test]
fn a_package_three_packages_deep_is_looked_into_and_no_deeper() {
    let site = site().with("product.toml", "joomla = '>=5'").with("fleet.zip", nested(3));
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert_published_with(
        nested(4),
        "warning[BND803]: `fleet.zip > packages/next.zip > packages/next.zip > packages/next.zip > packages/next.zip`: \
         found an extension more than 3 packages deep, expected packages that are less deep",
    );
}

#[test]
fn an_inner_archive_of_another_kind_is_published_with_a_warning() {
    assert_published_with(
        fleet(&["mod_tides.tar.gz"]).file("packages/mod_tides.tar.gz", "\u{1f}").bytes(),
        "warning[BND803]: `fleet.zip > packages/mod_tides.tar.gz`: found an archive of the kind `.gz`, \
         expected a zip or a folder, which can be looked into",
    );
}

#[test]
fn a_broken_inner_zip_keeps_only_its_own_package_from_being_published() {
    let site = site()
        .with("product.toml", "joomla = '>=5'")
        .with("one/product.toml", "joomla = '>=5'")
        .with("one/bad.zip", fleet(&["lost.zip"]).bytes())
        .with("two/product.toml", "joomla = '>=5'")
        .with("two/good.zip", package("ferry", "1.0.0"));
    assert_eq!(site.build(&["--keep-going", "--quiet"]).code, 1);
    assert!(site.path("output/public/files/two/good.zip").exists());
    assert!(!site.path("output/public/one").exists());
}

#[test]
fn a_machine_without_room_for_temporary_files_is_told_and_not_remembered() {
    let inner = tides().stored("aa/filler", vec![b'x'; 2 << 20]).bytes();
    let site = site()
        .with("product.toml", "joomla = '>=5'")
        .with("fleet.zip", fleet(&["a.zip"]).file("packages/a.zip", &inner).bytes());
    assert_reported(
        &site,
        &site.build_without_temporary_files(&[]),
        &[&format!(
            "`fleet.zip`: found no way to read it (no temporary file for the {} bytes of `packages/a.zip`: \
             No such file or directory (os error 2)), expected a readable file",
            inner.len()
        )],
    );
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
}
