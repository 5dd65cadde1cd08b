//! The inputs with which fuzzers begin, and those that one of them found: what must hold, holds for each.

use std::fs;
use std::path::Path;

use bandari_fuzz::{Run, ShopPlace, TARGETS};

/// Runs all inputs of a folder, in the order of their names.
fn run_folder(folder: &Path, run: Run) {
    let shop = tempfile::tempdir().unwrap();
    let place = ShopPlace::new(shop.path().join("shop"));
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        println!("{}", file.display());
        run(&place, &fs::read(file).unwrap());
    }
}

fn seeds() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds")
}

/// A test for each target, so that they run at a time and one that fails is named.
macro_rules! seeds_hold {
    ($($name:ident: $target:literal,)*) => {
        const TESTED: &[&str] = &[$($target),*];
        $(
            #[test]
            fn $name() {
                let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == $target).unwrap();
                run_folder(&seeds().join($target), run);
            }
        )*
    };
}

seeds_hold! {
    what_fuzzers_begin_with_holds_for_catalogs: "catalog",
    what_fuzzers_begin_with_holds_for_changelogs: "changelog",
    what_fuzzers_begin_with_holds_for_feeds: "feed",
    what_fuzzers_begin_with_holds_for_images: "image",
    what_fuzzers_begin_with_holds_for_imports: "import",
    what_fuzzers_begin_with_holds_for_jbackend: "jbackend",
    what_fuzzers_begin_with_holds_for_keys: "key",
    what_fuzzers_begin_with_holds_for_manifests: "manifest",
    what_fuzzers_begin_with_holds_for_packages: "package",
    what_fuzzers_begin_with_holds_for_products: "product",
    what_fuzzers_begin_with_holds_for_ranges: "range",
    what_fuzzers_begin_with_holds_for_requests: "request",
    what_fuzzers_begin_with_holds_for_signed_urls: "signed-url",
}

#[test]
fn every_target_has_seeds_and_a_test() {
    let mut folders: Vec<_> = fs::read_dir(seeds())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, TARGETS.map(|(name, _)| name));
    assert_eq!(folders, TESTED);
}

#[test]
fn what_fuzzers_begin_with_holds_for_the_feeds_of_other_tests() {
    let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == "feed").unwrap();
    run_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/feeds"), run);
}
