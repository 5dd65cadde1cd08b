//! The only module that writes. It is handed the whole output and makes the folder equal to it, in an order that keeps every
//! feed true at every instant: packages, pages, feeds, the catalog, and removals last; each file by rename. A process killed
//! anywhere leaves a tree in which each feed is whole and each file that it names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::{Catalog, Package, Product};

use crate::config::DigestName;
use crate::error::Error;
use crate::inspect::{Stamp, digests_of};
use crate::published::keep_left_out;

/// Where the catalog is, below the output directory.
pub(crate) const CATALOG: &str = "public/catalog.json";

/// Held while a build writes; beside `public/` and `protected/`, so that it is never served.
const LOCK: &str = ".bandari.lock";

/// When a file is written; the order of the variants is the order of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Package,
    Page,
    Feed,
    Catalog,
}

/// What a file of the output holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// The bytes of a package, as they were when its digest was made.
    Package {
        source: PathBuf,
        stamp: Stamp,
        sha256: HexDigest<32>,
    },
}

/// The whole output: paths below the output directory, with `/`.
#[derive(Debug, Default)]
pub(crate) struct Output {
    files: BTreeMap<String, (Phase, Content)>,
}

impl Output {
    pub(crate) fn add(&mut self, path: String, phase: Phase, content: Content) {
        let before = self.files.insert(path, (phase, content));
        debug_assert!(before.is_none(), "product ids and file names are unique");
    }
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Files that are new or have new bytes.
    pub files_written: usize,
    /// Files that were there already.
    pub files_unchanged: usize,
    /// Files that earlier builds wrote and nobody needs any more.
    pub files_removed: usize,
}

/// How to treat what is published already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Whether published packages may change their bytes.
    pub(crate) force: bool,
    /// Whether files that are no longer needed go. Not in a run that left out packages for their problems: what was good
    /// yesterday and cannot be read today must not vanish. Such files stay in the catalog, or the next build would not know
    /// that they are ours.
    pub(crate) remove: bool,
}

/// Makes the output directory equal to `output` and `catalog`.
///
/// # Errors
/// [`Error::PublishedFilesChange`] before anything is written; [`Error::Io`] names the file.
pub(crate) fn publish(
    mut output: Output,
    mut catalog: Catalog,
    folder: &Path,
    policy: Policy,
) -> Result<Written, Error> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let _lock = lock(folder)?;
    let published = published_packages(folder, policy)?;
    refuse_changed_packages(&output, &published, policy)?;
    if !policy.remove {
        keep_left_out(&mut catalog, &published.products);
    }
    let json = Content::Bytes(bandari_catalog::write(&catalog));
    output.add(CATALOG.to_owned(), Phase::Catalog, json);

    let mut written = Written::default();
    let mut folders = BTreeSet::new();
    for phase in [Phase::Package, Phase::Page, Phase::Feed, Phase::Catalog] {
        if phase == Phase::Feed && written.files_written > 0 {
            sync(folder)?;
        }
        for (path, (_, content)) in output.files.iter().filter(|(_, (of, _))| *of == phase) {
            let target = folder.join(path);
            if is_published(&target, content)? {
                written.files_unchanged += 1;
                continue;
            }
            let parent = target.parent().unwrap_or(folder);
            if folders.insert(parent.to_owned()) {
                fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
            }
            write(&target, content)?;
            written.files_written += 1;
        }
    }
    let needed = all_paths(&catalog);
    debug_assert!(output.files.keys().all(|path| needed.contains(path)), "what is written is known as ours");
    written.files_removed = remove_what_is_left(&needed, &published, folder)?;
    Ok(written)
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(Error::io("open the lock", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { output: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
    }
}

/// What the last build published, by its own catalog.
struct Published {
    /// Packages with their digest, withdrawn ones, too.
    packages: BTreeMap<String, HexDigest<32>>,
    /// Every file of that build.
    files: BTreeSet<String>,
    products: Vec<Product>,
}

fn published_packages(folder: &Path, policy: Policy) -> Result<Published, Error> {
    let path = folder.join(CATALOG);
    let none = Published { packages: BTreeMap::new(), files: BTreeSet::new(), products: Vec::new() };
    let json = match fs::read(&path) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(none),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    match bandari_catalog::read(&json) {
        Ok(catalog) => Ok(Published {
            packages: package_digests(&catalog),
            files: all_paths(&catalog),
            products: catalog.products,
        }),
        Err(_) if policy.force => Ok(none),
        Err(error) => Err(Error::PublishedCatalog { file: path, message: error.to_string() }),
    }
}

/// Path and digest of each package of a catalog. Withdrawn ones have no file, but their names stand for their bytes for
/// ever, too.
fn package_digests(catalog: &Catalog) -> BTreeMap<String, HexDigest<32>> {
    let digests = catalog.products.iter().flat_map(|product| {
        product.packages.iter().map(|package| (package_path(product, package), package.digests.sha256))
    });
    digests.collect()
}

/// Where a package is, below the output directory.
fn package_path(product: &Product, package: &Package) -> String {
    match product.group {
        Some(_) => format!("protected/{}/{}", product.id, package.file),
        None => format!("public/files/{}/{}", product.id, package.file),
    }
}

/// Every path that a build with this catalog writes.
pub(crate) fn all_paths(catalog: &Catalog) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for product in &catalog.products {
        let offered = product.packages.iter().filter(|package| !package.withdrawn);
        paths.extend(offered.map(|package| package_path(product, package)));
        let id = &product.id;
        paths.extend([format!("public/{id}/index.html"), format!("public/{id}/SHA256SUMS")]);
        if product.extension.is_some() {
            paths.insert(format!("public/{id}/updates.xml"));
        }
    }
    let of_the_site = ["public/index.html", "public/assets/style.css", "public/collection.xml", CATALOG];
    paths.extend(of_the_site.map(str::to_owned));
    paths
}

/// Joomla caches nothing, but CDNs, mirrors and customers' digests do: a published name stands for its bytes for ever.
fn refuse_changed_packages(output: &Output, published: &Published, policy: Policy) -> Result<(), Error> {
    let changed = |(path, (_, content)): &(&String, &(Phase, Content))| match content {
        Content::Package { sha256, .. } => {
            published.packages.get(*path).is_some_and(|before| before != sha256)
        }
        Content::Bytes(_) => false,
    };
    let files: Vec<String> = output.files.iter().filter(changed).map(|(path, _)| path.clone()).collect();
    if files.is_empty() || policy.force { Ok(()) } else { Err(Error::PublishedFilesChange { files }) }
}

/// Whether the file is there with these bytes. A package of the same size and time is taken as the same, as rsync does:
/// [`write()`] gives a published package the time of its source. With another time its digest decides.
fn is_published(target: &Path, content: &Content) -> Result<bool, Error> {
    let metadata = match fs::metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("read", target)(error)),
    };
    let read = Error::io("read", target);
    match content {
        Content::Bytes(bytes) => {
            Ok(metadata.len() == bytes.len() as u64 && fs::read(target).map_err(read)? == *bytes)
        }
        Content::Package { stamp, sha256, .. } => {
            let found = Stamp::of(&metadata).map_err(read)?;
            if found == *stamp {
                return Ok(true);
            }
            let only = BTreeSet::from([DigestName::Sha256]);
            Ok(found.size_bytes == stamp.size_bytes
                && digests_of(target, &only).map_err(Error::io("read", target))?.sha256 == *sha256)
        }
    }
}

/// Writes aside in the same folder, then renames.
fn write(target: &Path, content: &Content) -> Result<(), Error> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let aside = target.with_file_name(format!(".{name}.tmp-{}", std::process::id()));
    let done = match content {
        Content::Bytes(bytes) => File::create(&aside)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(Error::io("write", &aside)),
        Content::Package { source, stamp, .. } => copy_package(source, *stamp, &aside),
    };
    done.and_then(|()| fs::rename(&aside, target).map_err(Error::io("write", target))).inspect_err(|_| {
        // What went wrong is told already; a leftover is taken by the next build.
        let _ = fs::remove_file(&aside);
    })
}

fn copy_package(source: &Path, stamp: Stamp, aside: &Path) -> Result<(), Error> {
    fs::copy(source, aside).map_err(Error::io("copy", source))?;
    let now =
        fs::metadata(source).and_then(|metadata| Stamp::of(&metadata)).map_err(Error::io("read", source))?;
    if now != stamp {
        return Err(Error::ChangedWhileRead { file: source.to_owned() });
    }
    // The source may be for its owner's eyes only; a published file is for the web server's.
    fs::set_permissions(aside, fs::Permissions::from_mode(0o644)).map_err(Error::io("write", aside))?;
    File::options()
        .write(true)
        .open(aside)
        .and_then(|file| file.set_modified(stamp.modified))
        .map_err(Error::io("write", aside))
}

/// Removes what the last build wrote and nobody needs any more, and what builds left that were killed. Files that we never
/// wrote are not touched.
fn remove_what_is_left(
    needed: &BTreeSet<String>,
    published: &Published,
    folder: &Path,
) -> Result<usize, Error> {
    let mut removed = 0;
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for path in published.files.union(needed) {
        folders.extend(folder.join(path).parent().map(Path::to_owned));
    }
    for path in published.files.difference(needed) {
        let target = folder.join(path);
        match fs::remove_file(&target) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("remove", &target)(error)),
        }
    }
    for folder in folders {
        removed += remove_leftovers(&folder)?;
        // Fails when anything is in it, which is just when it must stay.
        let _ = fs::remove_dir(&folder);
    }
    Ok(removed)
}

/// Removes our own files in the making. The lock tells that no other build is at work.
fn remove_leftovers(folder: &Path) -> Result<usize, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(Error::io("read", folder)(error)),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_leftover = name.starts_with('.')
            && name.rsplit_once(".tmp-").is_some_and(|(_, pid)| pid.bytes().all(|b| b.is_ascii_digit()));
        if is_leftover {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Brings the packages to the disk before a feed names them: one call for the whole file system, since one for each file
/// takes twenty times as long.
fn sync(folder: &Path) -> Result<(), Error> {
    let directory = File::open(folder).map_err(Error::io("open", folder))?;
    rustix::fs::syncfs(&directory).map_err(|error| Error::io("sync", folder)(error.into()))
}
