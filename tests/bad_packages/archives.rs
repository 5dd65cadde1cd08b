//! Archives that are broken or hostile.

use super::*;

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
