//! Golden trees: everything that a build writes, kept in the repository and compared byte for byte. Texts are kept as they are;
//! packages, whose bytes say nothing to a reader, as lines of one listing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::diff;

/// Set to `1`, it makes a comparison write the golden tree instead.
const BLESS: &str = "BANDARI_BLESS";

/// The listing of packages in a golden tree.
const LISTING: &str = "packages.txt";

/// Folders of an output whose files are packages.
const PACKAGES: [&str; 2] = ["public/files/", "protected/"];

/// Files by their paths, with `/`.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// Compares what a build wrote with the golden tree in `golden`, or makes that anew when `BANDARI_BLESS` is `1`.
///
/// # Panics
/// When they differ: tells which files do, how the first of them does, and how to bless what is there now.
pub fn assert_golden(golden: &Path, output: &Tree) {
    let actual = listed(output);
    if std::env::var_os(BLESS).is_some_and(|value| value == "1") {
        write_tree(golden, &actual);
    }
    if let Some(report) = difference(&read_tree(golden), &actual) {
        let name = golden.file_name().unwrap_or_default().to_string_lossy();
        panic!(
            "the build differs from the golden tree `{name}`\n{report}\n\
             If that is meant, keep it with `{BLESS}=1 cargo test -p bandari-tests golden` and read the diff before you commit it."
        );
    }
}

/// The tree with one listing in place of all packages.
fn listed(output: &Tree) -> Tree {
    let is_package = |path: &str| PACKAGES.iter().any(|folder| path.starts_with(folder));
    let (packages, mut tree): (Tree, Tree) =
        output.clone().into_iter().partition(|(path, _)| is_package(path));
    let mut listing = String::new();
    for (path, bytes) in &packages {
        let sha256 = HEXLOWER.encode(&Sha256::digest(bytes));
        writeln!(listing, "{sha256} {:>6} {path}", bytes.len()).expect("writing to memory does not fail");
    }
    tree.insert(LISTING.to_owned(), listing.into());
    tree
}

fn read_tree(folder: &Path) -> Tree {
    if !folder.exists() {
        return Tree::new();
    }
    WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Makes the folder hold this tree and nothing else.
fn write_tree(folder: &Path, tree: &Tree) {
    for stale in read_tree(folder).keys().filter(|path| !tree.contains_key(*path)) {
        fs::remove_file(folder.join(stale)).unwrap();
    }
    for (path, bytes) in tree {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Which files differ, and how the first of them; nothing when none does.
fn difference(golden: &Tree, actual: &Tree) -> Option<String> {
    let paths: BTreeSet<&String> = golden.keys().chain(actual.keys()).collect();
    let different: Vec<&String> =
        paths.into_iter().filter(|path| golden.get(*path) != actual.get(*path)).collect();
    let first = different.first()?;
    let mut report = String::new();
    for path in &different {
        let how = match (golden.contains_key(*path), actual.contains_key(*path)) {
            (true, true) => "changed",
            (true, false) => "missing",
            (false, _) => "new    ",
        };
        writeln!(report, "  {how} {path}").expect("writing to memory does not fail");
    }
    let text =
        |tree: &Tree| String::from_utf8_lossy(tree.get(*first).map_or(&[][..], Vec::as_slice)).into_owned();
    report += &diff::unified(first, &text(golden), &text(actual));
    Some(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_owned())).collect()
    }

    #[test]
    fn equal_trees_have_no_difference() {
        let one = tree(&[("public/index.html", "Ahoy\n")]);
        assert_eq!(difference(&one, &one.clone()), None);
    }

    #[test]
    fn every_file_that_differs_is_named_and_the_first_is_shown() {
        let golden = tree(&[("a", "1\n"), ("b", "2\n"), ("c", "3\n")]);
        let actual = tree(&[("b", "two\n"), ("c", "3\n"), ("d", "4\n")]);
        let report = difference(&golden, &actual).unwrap();
        assert_eq!(report, "  missing a\n  changed b\n  new     d\n--- a\n+++ a\n@@ -1 +0,0 @@\n-1\n");
    }

    #[test]
    fn packages_are_one_listing() {
        let output =
            tree(&[("protected/b/b.zip", "abc"), ("public/files/a/a.zip", ""), ("public/a/x", "text")]);
        // FIPS 180-2, appendix B.1, and the digest of nothing.
        let listing = "\
            ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad      3 protected/b/b.zip\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855      0 public/files/a/a.zip\n";
        assert_eq!(listed(&output), tree(&[("packages.txt", listing), ("public/a/x", "text")]));
    }

    #[test]
    fn what_is_written_reads_back_without_what_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        write_tree(folder.path(), &tree(&[("old/x", "1"), ("a", "2")]));
        let new = tree(&[("new/y", "3"), ("a", "4")]);
        write_tree(folder.path(), &new);
        assert_eq!(read_tree(folder.path()), new);
    }
}
