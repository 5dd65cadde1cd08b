//! Gives the program an identity: a digest of all that it is built of. What one program found in a package another may see
//! differently, and a version number alone does not tell apart the builds of those who work on it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Sources, templates and the versions of what both stand on, from this folder.
const SOURCES: [&str; 5] = ["src", "catalog/src", "../templates", "../Cargo.lock", "Cargo.toml"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = BTreeSet::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        find_files(Path::new(source), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(&file)?.hash(&mut hasher);
        file.hash(&mut hasher);
    }
    println!("cargo::rustc-env=BANDARI_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn find_files(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            find_files(&entry?.path(), files)?;
        }
    } else {
        files.insert(path.to_owned());
    }
    Ok(())
}
