//! What earlier builds did to an output directory: which files are ours to remove, and which bytes each package's name stands
//! for. The catalog alone cannot tell: a build that was killed may have written files that no catalog names, and a package
//! that left the catalog may still be in caches all over the world.
//!
//! The record is a JSON file beside `public/` and the other folders, so it is never served. Where it is missing, as in the first
//! build of a pipeline that starts with the published site, the catalog stands in for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::{Package, Product};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::layout::{self, PageFolder};
use crate::place::place_written;

/// Where the record is, below the output directory.
pub(crate) const RECORD: &str = ".bandari-history.json";

/// The version of the record's form.
const VERSION: u32 = 1;

/// The record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    /// Files that a build wrote or was about to write, below the output directory.
    files: BTreeSet<String>,
    /// Every package that was ever published, with its digest.
    packages: BTreeMap<String, HexDigest<32>>,
}

/// What is wanted of the published catalog besides files and digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Products without their packages.
    Identities,
    /// Products with all of their packages: many times as much.
    Packages,
}

/// What the published catalog lists and the record does not have: nearly always no files and no packages.
#[derive(Default)]
struct Listed {
    files: BTreeSet<String>,
    packages: Vec<(String, HexDigest<32>)>,
    products: Vec<Product>,
}

impl Listed {
    fn read(json: impl io::Read, record: Option<&Record>, kept: Kept) -> Result<Self, String> {
        let mut listed = Self::default();
        let is_unknown = |file: &String| record.is_none_or(|record| !record.files.contains(file));
        let missing = |products: &[Product]| {
            // Pages in further languages are in the record only.
            let files = layout::all(products.iter(), &[PageFolder::Main], None);
            files.into_iter().filter(is_unknown)
        };
        listed.files.extend(missing(&[]));
        let read = bandari_catalog::read_products(json, |mut product| {
            listed.files.extend(missing(std::slice::from_ref(&product)));
            // The record knows which of the withdrawn ones were published before. Without it, all may have been.
            let packages = product.packages.iter().filter(|package| record.is_none() || !package.withdrawn);
            let digest =
                |package: &Package| (layout::catalog_package(&product, package), package.digests.sha256);
            let is_missing = |path: &String| record.is_none_or(|record| !record.packages.contains_key(path));
            listed.packages.extend(packages.map(digest).filter(|(path, _)| is_missing(path)));
            if kept == Kept::Identities {
                product.packages = Vec::new();
            }
            listed.products.push(product);
        });
        let site = read.map_err(|error| error.to_string())?;
        let is_published = |logo: &String| site.logo.as_deref() == Some(layout::below_root(logo));
        listed.files.extend(layout::logos().filter(is_published).filter(is_unknown));
        Ok(listed)
    }
}

/// What earlier builds did.
pub(crate) struct History {
    path: PathBuf,
    record: Record,
    /// Whether the disk has it as it is here.
    is_stored: bool,
    /// The products of the catalog that is published now, as far as they are wanted.
    pub(crate) products: Vec<Product>,
}

impl History {
    /// Reads the record and the published catalog.
    ///
    /// # Errors
    /// [`Error::PublishedRecord`] when one of them cannot be understood; `force` goes on without it.
    pub(crate) fn load(folder: &Path, force: bool, kept: Kept) -> Result<Self, Error> {
        let path = folder.join(RECORD);
        let stored = load_part(&path, force, |json| {
            let record: Record = serde_json::from_reader(json).map_err(|error| error.to_string())?;
            if record.version != VERSION {
                return Err(format!("found version {}, expected {VERSION}", record.version));
            }
            // What stands here may be removed, so nothing else may stand here.
            match record.files.iter().find(|path| !layout::is_below(path)) {
                None => Ok(record),
                Some(path) => {
                    Err(format!("found `{path}`, expected files of `public/`, `protected/` and `hosting/`"))
                }
            }
        })?;
        let catalog = folder.join(layout::CATALOG);
        let catalog = load_part(&catalog, force, |json| Listed::read(json, stored.as_ref(), kept))?;
        let empty = || Record { version: VERSION, files: BTreeSet::new(), packages: BTreeMap::new() };
        let is_stored = stored.is_some();
        let record = stored.unwrap_or_else(empty);
        let mut history = Self { path, record, is_stored, products: Vec::new() };
        if let Some(Listed { files, packages, products }) = catalog {
            history.is_stored &= files.is_empty() && packages.is_empty();
            history.record.files.extend(files);
            history.record.packages.extend(packages);
            history.products = products;
        }
        Ok(history)
    }

    /// The digest under which a package was published.
    pub(crate) fn digest(&self, path: &str) -> Option<HexDigest<32>> {
        self.record.packages.get(path).copied()
    }

    /// Paths and digests of packages that were published for those with a license.
    pub(crate) fn licensed_packages(&self) -> impl Iterator<Item = (&str, HexDigest<32>)> {
        let from_first = self.record.packages.range(layout::PROTECTED.to_owned()..);
        let licensed = from_first.take_while(|(path, _)| path.starts_with(layout::PROTECTED));
        licensed.map(|(path, sha256)| (path.as_str(), *sha256))
    }

    /// Files that are ours.
    pub(crate) fn files(&self) -> &BTreeSet<String> {
        &self.record.files
    }

    /// Notes, before anything is written, what will be: so that even a build that is killed leaves nothing that nobody
    /// would ever remove.
    pub(crate) fn begin(&mut self, files: &BTreeSet<String>) -> Result<(), Error> {
        for file in files {
            if !self.record.files.contains(file) {
                self.is_stored = false;
                self.record.files.insert(file.clone());
            }
        }
        self.store()
    }

    /// Notes packages that are in their places, before a feed names them: from then on their names stand for their bytes.
    pub(crate) fn published(
        &mut self,
        packages: impl Iterator<Item = (String, HexDigest<32>)>,
    ) -> Result<(), Error> {
        for (path, sha256) in packages {
            self.is_stored &= self.record.packages.insert(path, sha256) == Some(sha256);
        }
        self.store()
    }

    /// Notes that only these files are left.
    pub(crate) fn end(&mut self, files: &BTreeSet<String>) -> Result<(), Error> {
        let before = self.record.files.len();
        self.record.files.retain(|file| files.contains(file));
        self.is_stored &= self.record.files.len() == before;
        self.store()
    }

    fn store(&mut self) -> Result<(), Error> {
        if self.is_stored {
            return Ok(());
        }
        place_written(&self.path, |file| {
            serde_json::to_writer_pretty(&mut *file, &self.record)?;
            file.write_all(b"\n")
        })?;
        self.is_stored = true;
        Ok(())
    }
}

/// Reads and understands a file; nothing when it is not there.
fn load_part<T>(
    path: &Path,
    force: bool,
    understand: impl FnOnce(BufReader<File>) -> Result<T, String>,
) -> Result<Option<T>, Error> {
    let json = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    match understand(json) {
        Ok(part) => Ok(Some(part)),
        Err(_) if force => Ok(None),
        Err(message) => Err(Error::PublishedRecord { file: path.to_owned(), message }),
    }
}
