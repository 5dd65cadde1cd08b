//! `SECURITY.md`: each promise in it names tests, and a promise without one is a wish.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// Names of tests are sentences; shorter words in code are keys and files.
const LEAST_WORDS: usize = 4;

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(|code| is_name(code)).collect();
    assert!(named.len() > 30, "the page names its tests in backticks: {named:?}");
    let written = tests_below(root);
    let missing: Vec<_> = named.iter().filter(|name| !written.contains(**name)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}

fn is_name(code: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    code.split('_').all(is_word) && code.split('_').count() >= LEAST_WORDS
}

/// The functions that are tests, in all packages: those whose line before says so, whatever runs them.
fn tests_below(root: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["generator", "validator", "tests"] {
        for entry in WalkDir::new(root.join(folder)) {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(entry.path()).unwrap();
                names.extend(source.split("test]\n").skip(1).filter_map(name_of_first_function));
            }
        }
    }
    names
}

fn name_of_first_function(source: &str) -> Option<String> {
    let (_, rest) = source.split_once("fn ")?;
    rest.split_once('(').map(|(name, _)| name.to_owned())
}
