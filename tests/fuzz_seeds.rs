//! The inputs with which fuzzers begin, and those that one of them found: what must hold, holds for each.

use std::fs;
use std::path::Path;

use bandari_fuzz::{Shop, feed, key, request, signed_url};

/// Runs all inputs of a target, in the order of their names.
fn run_all(target: &str, run: impl Fn(&[u8])) {
    run_folder(&Path::new("fuzz/seeds").join(target), run);
}

fn run_folder(folder: &Path, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn what_fuzzers_begin_with_holds_for_requests() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::make(&folder.path().join("shop"));
    run_all("request", |input| request::run(&shop, input));
}

#[test]
fn what_fuzzers_begin_with_holds_for_keys() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::make(&folder.path().join("shop"));
    run_all("key", |input| key::run(&shop, input));
}

#[test]
fn what_fuzzers_begin_with_holds_for_signed_urls() {
    run_all("signed_url", signed_url::run);
}

#[test]
fn what_fuzzers_begin_with_holds_for_feeds() {
    run_all("feed", feed::run);
    run_folder(Path::new("fixtures/feeds"), feed::run);
}
