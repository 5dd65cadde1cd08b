//! What the package directory holds: which files are packages, and which `product.toml` and `CHANGELOG.md` speak for each.
//! Nothing is skipped without a reason that stands here or in [`crate::tree`], and what cannot be read is a problem, not a
//! missing file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bandari_catalog::names::FileName;
use bandari_catalog::version::Version;

use crate::changelog::{Changelog, MAX_FILE_BYTES};
use crate::error::{Flaw, Problem};
use crate::image::Image;
use crate::inspect::{Kind, Task};
use crate::product_file::ProductFile;
use crate::rules::Code;
use crate::source::Source;
use crate::stamp::Stamp;
use crate::tree::{Tree, TreeEntry, TreeError};
use crate::workers;

/// Name of the file that says what a manifest cannot.
pub(crate) const PRODUCT_FILE: &str = "product.toml";

/// Name of the file that says what changed. Exactly this one: more than one of a folder could be meant otherwise.
pub(crate) const CHANGELOG_FILE: &str = "CHANGELOG.md";

/// What the walk found.
#[derive(Default)]
pub(crate) struct Scan {
    /// Sorted by path.
    pub(crate) packages: Vec<PackageFile>,
    /// The product files that could be read, by their folder below the package directory.
    pub(crate) product_files: BTreeMap<PathBuf, ProductFile>,
    /// The icons that they name and that can be published, likewise.
    pub(crate) icons: BTreeMap<PathBuf, Image>,
    /// The changelogs that speak for any package and could be read, likewise.
    pub(crate) changelogs: BTreeMap<PathBuf, Changelog>,
    /// Paths below the package directory of files that are no packages for what is wrong with them or with their product file,
    /// and that may be licensed: by name, something else may be a copy of them.
    pub(crate) left_out: Vec<String>,
    /// The first place that nobody can look into: a licensed product may be there.
    pub(crate) hidden: Option<String>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// A file that will be published.
#[derive(Clone, Debug)]
pub(crate) struct PackageFile {
    pub(crate) source: Source,
    pub(crate) name: FileName,
    pub(crate) stamp: Stamp,
    /// Folder of the nearest product file, a key of [`Scan::product_files`].
    pub(crate) product_folder: Option<Arc<Path>>,
    /// Folder of the nearest changelog, unless that is above the product file: then it is of more than this product. A key of
    /// [`Scan::changelogs`], if it could be read.
    pub(crate) changelog_folder: Option<Arc<Path>>,
    /// Set when the product file says what the file is; else its manifest does.
    pub(crate) plain_version: Option<Version>,
}

impl PackageFile {
    pub(crate) fn kind(&self) -> Kind {
        if self.plain_version.is_some() { Kind::Plain } else { Kind::Archive }
    }

    /// What is to be found out about it.
    pub(crate) fn task(&self) -> Task<'_> {
        Task { path: self.source.path(), kind: self.kind(), stamp: self.stamp }
    }
}

/// Understands what the walk over the package directory found.
pub(crate) fn scan(packages: &Path, tree: Tree) -> Scan {
    let mut walk = Walk {
        root: packages,
        scan: Scan::default(),
        files: Vec::new(),
        unusual: Vec::new(),
        product_files: Vec::new(),
        product_folders: BTreeMap::new(),
        changelog_files: BTreeMap::new(),
    };
    tree.errors.iter().for_each(|error| walk.take_error(error));
    tree.entries.into_iter().for_each(|entry| walk.take(entry));
    walk.finish()
}

fn unusual(kind: FileType) -> &'static str {
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_dir() {
        "a folder"
    } else {
        "a device, pipe or socket"
    }
}

/// Whether something that is neither file nor folder leads to a folder, or to what may not be looked at.
fn may_be_folder(path: &Path) -> bool {
    match path.metadata() {
        Ok(metadata) => metadata.is_dir(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

struct Walk<'r> {
    root: &'r Path,
    scan: Scan,
    /// Regular files that are no product files.
    files: Vec<TreeEntry>,
    /// Links and the like.
    unusual: Vec<PathBuf>,
    /// Regular files that are product files.
    product_files: Vec<PathBuf>,
    /// Whether the product file of each folder could be read.
    product_folders: BTreeMap<Arc<Path>, bool>,
    /// The changelog of each folder that has one.
    changelog_files: BTreeMap<Arc<Path>, PathBuf>,
}

impl Walk<'_> {
    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.root).unwrap_or(path)
    }

    /// The folder of a file, below the package directory.
    fn folder<'p>(&self, path: &'p Path) -> &'p Path {
        self.relative(path).parent().unwrap_or(Path::new(""))
    }

    fn place(&self, path: &Path) -> String {
        let relative = self.relative(path);
        if relative.as_os_str().is_empty() { ".".to_owned() } else { relative.to_string_lossy().into_owned() }
    }

    fn take_error(&mut self, TreeError { path, error }: &TreeError) {
        let place = self.place(path);
        self.problem(Code::Unreadable, &place, &error.to_string(), "a file or folder that may be read");
        // Of a folder only a part of which was listed, the product file may be missing.
        let is_product_file = path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(PRODUCT_FILE));
        let folder = if is_product_file { self.folder(path) } else { self.relative(path) };
        self.product_folders.insert(folder.into(), false);
        self.scan.hidden.get_or_insert(place);
    }

    fn take(&mut self, entry: TreeEntry) {
        let place = self.place(entry.path());
        let kind = entry.file_type();
        if entry.file_name().eq_ignore_ascii_case(PRODUCT_FILE) {
            if entry.file_name() != PRODUCT_FILE {
                let expected = format!("`{PRODUCT_FILE}`");
                self.problem(Code::ProductFileName, &place, "a name in other letter case", &expected);
                self.note_product_file(entry.path(), None);
            } else if !kind.is_file() {
                self.problem(Code::ProductFileName, &place, unusual(kind), "a regular file");
                self.note_product_file(entry.path(), None);
            } else {
                self.product_files.push(entry.into_path());
            }
        } else if kind.is_file() && entry.file_name().eq_ignore_ascii_case(CHANGELOG_FILE) {
            self.take_changelog(entry.path(), &place);
        } else if kind.is_file() {
            self.files.push(entry);
        } else if !kind.is_dir() {
            // A link out of the tree publishes what nobody meant to publish; one within it publishes a file twice.
            self.problem(Code::UnusualFile, &place, unusual(kind), "a regular file or a folder");
            if may_be_folder(entry.path()) {
                self.scan.hidden.get_or_insert(place);
            }
            self.unusual.push(entry.path().to_owned());
        }
    }

    fn problem(&mut self, code: Code, place: &str, found: &str, expected: &str) {
        self.scan.problems.push(Problem::new(code, place, found, expected));
    }

    fn read_product_files(&mut self) {
        let paths = std::mem::take(&mut self.product_files);
        let read = workers::map(paths.iter(), |path| match std::fs::read_to_string(path) {
            Ok(text) => ProductFile::parse(&text),
            Err(error) => {
                let expected = "a readable UTF-8 text file";
                Err(vec![Flaw::new(Code::ProductFileText, error.to_string(), expected)])
            }
        });
        for (path, read) in paths.iter().zip(read) {
            let place = self.place(path);
            let product = match read {
                Ok(product) => Some(product),
                Err(wrong) => {
                    self.scan.problems.extend(wrong.into_iter().map(|flaw| Problem::of_flaw(&place, flaw)));
                    None
                }
            };
            self.note_product_file(path, product);
        }
    }

    fn note_product_file(&mut self, path: &Path, product: Option<ProductFile>) {
        let folder = self.folder(path).to_owned();
        self.product_folders.insert(folder.as_path().into(), product.is_some());
        if let Some(product) = product {
            self.scan.product_files.insert(folder, product);
        }
    }

    fn take_changelog(&mut self, path: &Path, place: &str) {
        if path.ends_with(CHANGELOG_FILE) {
            self.changelog_files.insert(self.folder(path).into(), path.to_owned());
        } else {
            let problem = Problem::new(
                Code::ChangelogName,
                place,
                "a name in other letter case",
                format!("`{CHANGELOG_FILE}`: under any other name it is not read"),
            );
            self.scan.warnings.push(problem);
        }
    }

    /// The folder of the changelog that speaks for the files of a folder.
    fn changelog_folder(&self, folder: &Path, product_folder: Option<&Path>) -> Option<Arc<Path>> {
        let top = product_folder.unwrap_or(Path::new(""));
        let mut within = folder.ancestors().take_while(|folder| folder.starts_with(top));
        within.find_map(|folder| Some(self.changelog_files.get_key_value(folder)?.0.clone()))
    }

    /// Reads the changelogs of packages. Others may lie in folders that came along with something else.
    fn read_changelogs(&mut self) {
        let folders: BTreeSet<Arc<Path>> =
            self.scan.packages.iter().filter_map(|package| package.changelog_folder.clone()).collect();
        let read = workers::map(folders.iter(), |folder| {
            read_at_most(&self.changelog_files[folder], MAX_FILE_BYTES + 1)
                .map_err(|error| Flaw::new(Code::Unreadable, error.to_string(), "a readable file"))
                .and_then(|bytes| Changelog::parse(&bytes))
        });
        for (folder, read) in folders.iter().zip(read) {
            let place = self.place(&self.changelog_files[folder]);
            match read {
                Err(flaw) => self.scan.problems.push(Problem::of_flaw(place, flaw)),
                Ok(changelog) => {
                    let flaws = changelog.flaws.iter().map(|flaw| flaw.in_file(&place));
                    self.scan.warnings.extend(flaws);
                    self.scan.changelogs.insert(folder.to_path_buf(), changelog);
                }
            }
        }
    }

    /// Looks at the icons that product files name, whether or not there is a package.
    fn look_at_icons(&mut self) {
        let named =
            self.scan.product_files.iter().filter_map(|(folder, file)| Some((folder, file.icon.as_ref()?)));
        let named: Vec<_> = named.collect();
        let looked_at = workers::map(named.iter(), |(folder, icon)| icon.look_at(&self.root.join(folder)));
        for ((folder, icon), image) in named.into_iter().zip(looked_at) {
            match image {
                Ok(image) => {
                    self.scan.icons.insert(folder.clone(), image);
                }
                Err(flaw) => {
                    let place = folder.join(icon.as_path()).to_string_lossy().into_owned();
                    self.scan.problems.push(Problem::of_flaw(place, flaw));
                }
            }
        }
    }

    /// With all product files known, finds the nearest for each file.
    fn finish(mut self) -> Scan {
        self.read_product_files();
        self.look_at_icons();
        for entry in std::mem::take(&mut self.files) {
            let nearest = self.product_folder(entry.path());
            // A package whose product file is wrong is left out even when the run goes on: without its `group` a
            // licensed package would be published for free.
            if nearest.is_some_and(|(_, is_read)| !is_read) {
                self.scan.left_out.push(self.place(entry.path()));
                continue;
            }
            let product_folder = nearest.map(|(folder, _)| folder.clone());
            self.take_file(entry, product_folder);
        }
        for path in std::mem::take(&mut self.unusual) {
            self.leave_out(&path);
        }
        self.read_changelogs();
        self.scan
    }

    /// The folder of the product file that speaks for a file, and whether that could be read.
    fn product_folder(&self, path: &Path) -> Option<(&Arc<Path>, bool)> {
        let mut folders = self.folder(path).ancestors();
        let nearest = folders.find_map(|folder| self.product_folders.get_key_value(folder))?;
        Some((nearest.0, *nearest.1))
    }

    /// Notes a file that is no package for what is wrong with it, unless it is known to be free.
    fn leave_out(&mut self, path: &Path) {
        let Some((folder, _)) = self.product_folder(path) else { return };
        if self.scan.product_files.get(&**folder).is_none_or(|product| product.group.is_some()) {
            self.scan.left_out.push(self.place(path));
        }
    }

    fn take_file(&mut self, entry: TreeEntry, product_folder: Option<Arc<Path>>) {
        let place = self.place(entry.path());
        let name = entry.file_name().to_string_lossy().into_owned();
        let product_file = product_folder.as_deref().map(|folder| (folder, &self.scan.product_files[folder]));
        let plain = product_file.and_then(|(_, file)| file.plain_file.as_ref());
        let is_icon = product_file.is_some_and(|(folder, file)| {
            let icon = file.icon.as_ref().map(|icon| folder.join(icon.as_path()));
            icon.as_deref() == Some(self.relative(entry.path()))
        });
        // Joomla looks at the ending in lower case, too.
        let is_zip = name.to_ascii_lowercase().ends_with(".zip");
        let plain_version = match plain {
            None if !is_zip => return,
            None => None,
            Some(plain) => match plain.version_in(&name) {
                None if name.ends_with(".md") || is_icon => return,
                None => {
                    let expected = format!("a name that fits the pattern `{}`", plain.pattern());
                    let problem = Problem::new(
                        Code::PlainFileLeftOut,
                        place,
                        format!("the file name {name:?}"),
                        expected,
                    );
                    self.scan.warnings.push(problem);
                    return;
                }
                Some(version) => match Version::parse(version) {
                    Ok(version) => Some(version),
                    Err(error) => {
                        let found = format!("version {version:?} in the file name");
                        self.problem(Code::PlainFileVersion, &place, &found, error.expected());
                        self.leave_out(entry.path());
                        return;
                    }
                },
            },
        };
        match FileName::parse(&name) {
            Ok(name) => self.scan.packages.push(PackageFile {
                name,
                stamp: entry.stamp(),
                changelog_folder: self.changelog_folder(self.folder(entry.path()), product_folder.as_deref()),
                product_folder,
                source: Source::new(self.root, entry.into_path()),
                plain_version,
            }),
            Err(error) => {
                let found = format!("the file name {name:?}");
                self.problem(Code::FileName, &place, &found, error.expected());
                self.leave_out(entry.path());
            }
        }
    }
}

fn read_at_most(path: &Path, bytes: usize) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    File::open(path)?.take(bytes as u64).read_to_end(&mut read)?;
    Ok(read)
}
