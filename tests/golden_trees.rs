//! Everything that a build writes for the example site and for a site with all types of extension, as it is kept in
//! `tests/golden`.

use std::path::{Path, PathBuf};

use bandari_tests::example_site::lay_out;
use bandari_tests::golden::assert_golden;
use bandari_tests::site::Site;

use crate::programs;

fn folder(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// A scratch folder with this site, built without a problem and without a warning.
#[track_caller]
fn built(site: &str) -> Site {
    let scratch = Site::new(programs().bandari);
    lay_out(&folder(site), &scratch.path("")).unwrap();
    let run = scratch.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    scratch
}

#[test]
fn the_example_site_is_its_golden_tree() {
    assert_golden(&folder("golden/site"), &built("../site").tree("output"));
}

#[test]
fn the_site_of_all_types_is_its_golden_tree() {
    assert_golden(&folder("golden/eight_types"), &built("fixtures/eight_types").tree("output"));
}

#[test]
fn each_site_built_in_another_folder_has_the_same_bytes() {
    for site in ["../site", "fixtures/eight_types"] {
        assert_eq!(built(site).tree("output"), built(site).tree("output"), "{site}");
    }
}
