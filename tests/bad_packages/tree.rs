//! Things in the package directory that are no packages.

use super::*;

#[test]
fn a_symbolic_link_among_the_packages_is_refused_wherever_it_leads() {
    let site = site()
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    site.put("elsewhere/mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    symlink("tides/mod_tides-1.0.0.zip", site.path("packages/inside.zip")).unwrap();
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
        "warning[BND009]: `handbook/a\\u{1b}[2Jb.pdf`: found the file name \"a\\u{1b}[2Jb.pdf\", \
         expected a name that fits the pattern `handbook-{version}.pdf`\n"
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
