//! Packs the sources of the example site (`site/sources`), and of fixtures that are laid out like it, into the files that
//! `bandari build` publishes.
//!
//! The bytes are the same on any machine, whatever its clock, umask or file system: entries sorted, one fixed
//! time, one fixed mode, no extra fields. So the zips need not be in the repository, and tests can count on their
//! digests as if they were. What the files are for is said in `site/sources/releases.toml`; what becomes of them
//! is the generator's business.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The list of what is packed, in the folder of the sources.
const RELEASES_FILE: &str = "releases.toml";

/// Stands in the sources wherever the version is to be written.
const VERSION_WORD: &str = "@VERSION@";

/// What a folder's name ends in that becomes an inner zip.
const INNER_ZIP_SUFFIX: &str = ".zip";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Releases {
    product: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    /// A folder to pack or a file to copy, below the folder of the sources.
    source: PathBuf,
    /// The file to make, below the folder of the packages; `{version}` is replaced.
    output: String,
    versions: Vec<String>,
}

/// Packs every version of every product that `releases.toml` in `sources` lists, into `packages`.
///
/// Returns the files that were written, in the order of the list. A file that is there already with the same
/// bytes is left alone and not returned, so packing twice writes once.
///
/// # Errors
/// When the list cannot be read or asks for what cannot be; when a source cannot be read or a file not be
/// written. The message names the path.
pub fn pack(sources: &Path, packages: &Path) -> anyhow::Result<Vec<PathBuf>> {
    pack_by(CompressionMethod::Deflated, sources, packages)
}

/// Lays out a site like the example site's in another folder, ready to be built: `bandari.toml`, what people wrote below
/// `packages`, and the packages from `sources`. They are not compressed, so that their digests stay the same with another
/// version of the library that deflates.
///
/// # Errors
/// Those of [`pack`], and when a file cannot be copied.
pub fn lay_out(site: &Path, target: &Path) -> anyhow::Result<()> {
    for file in ["bandari.toml", "logo.svg"].into_iter().filter(|file| site.join(file).exists()) {
        fs::copy(site.join(file), target.join(file))
            .with_context(|| format!("cannot copy `{}`", site.join(file).display()))?;
    }
    copy_texts(&site.join("packages"), &target.join("packages"))?;
    pack_by(CompressionMethod::Stored, &site.join("sources"), &target.join("packages"))?;
    Ok(())
}

/// Copies what people wrote below `packages`: product files, changelogs and icons, but nothing that was packed there before.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy_texts(packages: &Path, target: &Path) -> anyhow::Result<()> {
    for found in WalkDir::new(packages) {
        let found = found.with_context(|| format!("cannot read `{}`", packages.display()))?;
        let written = ["toml", "md", "svg"];
        if found.path().extension().is_some_and(|extension| written.iter().any(|kind| extension == *kind)) {
            let bytes = fs::read(found.path())
                .with_context(|| format!("cannot read `{}`", found.path().display()))?;
            put_in_place(&target.join(entry_name(packages, found.path())?), &bytes)?;
        }
    }
    Ok(())
}

fn pack_by(method: CompressionMethod, sources: &Path, packages: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for product in read_releases(&sources.join(RELEASES_FILE))? {
        let source = sources.join(&product.source);
        for version in &product.versions {
            let bytes = package_bytes(&source, version, method)?;
            let output = packages.join(product.output.replace("{version}", version));
            if put_in_place(&output, &bytes)? {
                written.push(output);
            }
        }
    }
    Ok(written)
}

fn read_releases(path: &Path) -> anyhow::Result<Vec<Product>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let releases: Releases =
        toml::from_str(&text).with_context(|| format!("`{}` is not as expected", path.display()))?;
    for product in &releases.product {
        product.check().with_context(|| format!("`{}` is not as expected", path.display()))?;
    }
    Ok(releases.product)
}

impl Product {
    /// A slip in the list must not write outside of the folder, nor one version over another.
    fn check(&self) -> anyhow::Result<()> {
        let Self { source, output, versions } = self;
        let stays_below =
            |path: &Path| path.components().all(|component| matches!(component, Component::Normal(_)));
        ensure!(
            stays_below(source),
            "`source`: found `{}`, expected a path below this folder",
            source.display()
        );
        ensure!(
            stays_below(Path::new(output)),
            "`output`: found `{output}`, expected a path below the packages"
        );
        ensure!(output.contains("{version}"), "`output`: found `{output}`, expected `{{version}}` in it");
        for version in versions {
            ensure!(
                !version.is_empty() && !version.contains(['/', '\\']),
                "`versions` of `{output}`: found `{version}`, expected a version"
            );
        }
        Ok(())
    }
}

fn package_bytes(source: &Path, version: &str, method: CompressionMethod) -> anyhow::Result<Vec<u8>> {
    if source.is_dir() { zip_folder(source, version, method) } else { read_source(source, version) }
}

/// The bytes of a source file. Only text can hold the word for the version: in an image the same bytes would
/// be an accident.
fn read_source(path: &Path, version: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains(VERSION_WORD) => text.replace(VERSION_WORD, version).into_bytes(),
        _ => bytes,
    })
}

fn zip_folder(folder: &Path, version: &str, method: CompressionMethod) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(method)
        // The level is said so that another default of the library is not another digest.
        .compression_level((method == CompressionMethod::Deflated).then_some(9))
        // 1980-01-01, the earliest time that a zip can say.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        // Otherwise the zip would tell on which system it was made.
        .system(System::Unix);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries(folder)? {
        let bytes = match entry.kind {
            EntryKind::File => read_source(&entry.path, version)?,
            EntryKind::InnerZip => zip_folder(&entry.path, version, method)?,
        };
        archive
            .start_file(entry.name, options)
            .and_then(|()| archive.write_all(&bytes).map_err(Into::into))
            .with_context(|| format!("cannot pack `{}`", entry.path.display()))?;
    }
    let packed = archive.finish().with_context(|| format!("cannot pack `{}`", folder.display()))?;
    Ok(packed.into_inner())
}

struct Entry {
    /// Path inside the zip, with forward slashes.
    name: String,
    path: PathBuf,
    kind: EntryKind,
}

enum EntryKind {
    File,
    InnerZip,
}

/// What goes into the zip of a folder, sorted by name. Folders have no entries of their own: Joomla makes them.
fn entries(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    // Hidden files are what editors and file managers leave behind.
    let mut walk = WalkDir::new(folder).min_depth(1).into_iter().filter_entry(|found| !is_hidden(found));
    while let Some(found) = walk.next() {
        let found = found.with_context(|| format!("cannot read `{}`", folder.display()))?;
        let name = entry_name(folder, found.path())?;
        let file_type = found.file_type();
        let kind = if file_type.is_file() {
            EntryKind::File
        } else if file_type.is_dir() && name.ends_with(INNER_ZIP_SUFFIX) {
            // What is in it belongs to the inner zip.
            walk.skip_current_dir();
            EntryKind::InnerZip
        } else if file_type.is_dir() {
            continue;
        } else {
            bail!("`{}`: found neither a file nor a folder, expected one of them", found.path().display());
        };
        entries.push(Entry { name, path: found.into_path(), kind });
    }
    ensure!(!entries.is_empty(), "`{}`: found no files, expected some to pack", folder.display());
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn is_hidden(found: &walkdir::DirEntry) -> bool {
    // The folder itself (depth 0) may have any name: a temporary folder's begins with a dot.
    found.depth() > 0 && found.file_name().as_encoded_bytes().starts_with(b".")
}

fn entry_name(folder: &Path, path: &Path) -> anyhow::Result<String> {
    let below = path.strip_prefix(folder).expect("walkdir yields paths below the folder that it walks");
    let parts = below.components().map(|part| part.as_os_str().to_str());
    let parts: Option<Vec<_>> = parts.collect();
    let parts = parts.with_context(|| format!("`{}`: expected a name in UTF-8", path.display()))?;
    Ok(parts.join("/"))
}

/// Writes the file unless it is there with these bytes; says whether it did. It is written aside and renamed,
/// so that nobody ever reads half of it.
fn put_in_place(path: &Path, bytes: &[u8]) -> anyhow::Result<bool> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    let cannot_write = || format!("cannot write `{}`", path.display());
    let folder = path.parent().with_context(cannot_write)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    // Made like any new file, that is with the umask's permissions: those of a temporary file would let nobody
    // else read it, not even the web server.
    let mut aside = tempfile::Builder::new()
        .prefix(".packing-")
        .make_in(folder, |aside| fs::File::create_new(aside))
        .with_context(cannot_write)?;
    aside.write_all(bytes).with_context(cannot_write)?;
    aside.persist(path).with_context(cannot_write)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use zip::ZipArchive;

    use super::*;

    /// Folders of sources and of packages that are removed at the end of the test.
    struct Site(tempfile::TempDir);

    impl Site {
        fn with_files(files: &[(&str, &[u8])]) -> Self {
            let site = Self(tempfile::tempdir().unwrap());
            for (path, bytes) in files {
                let path = site.sources().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            site
        }

        /// A module with what the packer treats specially, in version 1.0 and 1.1.
        fn example() -> Self {
            Self::with_files(&[
                (
                    "releases.toml",
                    b"[[product]]\nsource = 'box'\noutput = 'box/box-{version}.zip'\nversions = ['1.0', '1.1']\n",
                ),
                ("box/tmpl/default.php", b"<?php // no version"),
                ("box/box.xml", b"<version>@VERSION@</version>"),
                ("box/.DS_Store", b"left behind"),
                ("box/photo.jpg", b"\xff\xd8@VERSION@"),
                ("box/packages/inner.zip/inner.xml", b"inner @VERSION@"),
            ])
        }

        fn with_releases(text: &str) -> Self {
            Self::with_files(&[("releases.toml", text.as_bytes()), ("box/box.xml", b"x")])
        }

        fn sources(&self) -> PathBuf {
            self.0.path().join("sources")
        }

        fn packages(&self) -> PathBuf {
            self.0.path().join("packages")
        }

        fn pack(&self) -> anyhow::Result<Vec<PathBuf>> {
            pack(&self.sources(), &self.packages())
        }

        /// What is refused, causes included.
        fn refusal(&self) -> String {
            format!("{:#}", self.pack().unwrap_err())
        }

        fn packed(&self, path: &str) -> Vec<u8> {
            self.pack().unwrap();
            fs::read(self.packages().join(path)).unwrap()
        }
    }

    fn contents(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
        (0..archive.len())
            .map(|index| {
                let mut entry = archive.by_index(index).unwrap();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                (entry.name().unwrap().into_owned(), bytes)
            })
            .collect()
    }

    fn example_sources() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/sources")
    }

    #[test]
    fn the_example_site_packs_to_equal_bytes_in_two_folders() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let written = pack(&example_sources(), one.path()).unwrap();
        pack(&example_sources(), other.path()).unwrap();
        assert_eq!(written.len(), 9);
        for path in written {
            let below = path.strip_prefix(one.path()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), fs::read(other.path().join(below)).unwrap(), "{below:?}");
        }
    }

    #[test]
    fn inner_folders_of_the_example_package_are_zips_with_their_manifests() {
        let folder = tempfile::tempdir().unwrap();
        pack(&example_sources(), folder.path()).unwrap();
        let package = contents(&fs::read(folder.path().join("pkg_dockyard/pkg_dockyard-2.1.0.zip")).unwrap());
        assert!(package.contains_key("pkg_dockyard.xml"));
        for inner in ["packages/com_dockyard.zip", "packages/plg_content_dockyard.zip"] {
            let manifest = &contents(&package[inner])["dockyard.xml"];
            assert!(String::from_utf8_lossy(manifest).contains("<version>2.1.0</version>"), "{inner}");
        }
    }

    #[test]
    fn no_placeholder_is_left_in_the_example_handbook() {
        let folder = tempfile::tempdir().unwrap();
        pack(&example_sources(), folder.path()).unwrap();
        let handbook = fs::read_to_string(folder.path().join("handbook/handbook-2.0.txt")).unwrap();
        assert!(handbook.contains("Edition 2.0\n"));
        assert!(!handbook.contains(VERSION_WORD));
    }

    #[test]
    fn entries_are_sorted_and_hidden_files_left_out() {
        let zip = Site::example().packed("box/box-1.0.zip");
        let archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
        // `file_names` is in the order of the central directory.
        let names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
        assert_eq!(names, ["box.xml", "packages/inner.zip", "photo.jpg", "tmpl/default.php"]);
    }

    #[test]
    fn every_entry_has_the_same_time_and_mode_and_no_extra_field() {
        let zip = Site::example().packed("box/box-1.0.zip");
        let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
        for index in 0..archive.len() {
            let entry = archive.by_index(index).unwrap();
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode(), Some(0o100_644));
            assert_eq!(entry.compression(), CompressionMethod::Deflated);
            assert!(entry.extra_data().unwrap_or_default().is_empty());
        }
    }

    #[test]
    fn the_version_is_written_into_texts_and_inner_zips_but_not_into_images() {
        let zip = Site::example().packed("box/box-1.1.zip");
        let outer = contents(&zip);
        assert_eq!(outer["box.xml"], b"<version>1.1</version>");
        assert_eq!(outer["photo.jpg"], b"\xff\xd8@VERSION@");
        assert_eq!(contents(&outer["packages/inner.zip"])["inner.xml"], b"inner 1.1");
    }

    #[test]
    fn a_file_with_the_same_bytes_is_left_untouched() {
        let site = Site::example();
        assert_eq!(site.pack().unwrap().len(), 2);
        let modified = || fs::metadata(site.packages().join("box/box-1.0.zip")).unwrap().modified().unwrap();
        let before = modified();
        assert_eq!(site.pack().unwrap(), Vec::<PathBuf>::new());
        assert_eq!(modified(), before);
    }

    #[test]
    fn a_file_with_other_bytes_is_replaced_and_nothing_is_left_beside_it() {
        let site = Site::example();
        site.pack().unwrap();
        let file = site.packages().join("box/box-1.0.zip");
        fs::write(&file, b"cut off").unwrap();
        assert_eq!(site.pack().unwrap(), [file]);
        assert_eq!(fs::read_dir(site.packages().join("box")).unwrap().count(), 2);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let site = Site::with_releases(
            "[[product]]\nsource = 'box'\noutput = '{version}'\nversions = []\nlevel = 9\n",
        );
        let refusal = site.refusal();
        assert!(refusal.contains("releases.toml") && refusal.contains("unknown field `level`"), "{refusal}");
    }

    #[test]
    fn an_output_outside_of_the_packages_is_refused() {
        let site = Site::with_releases(
            "[[product]]\nsource = 'box'\noutput = '../{version}.zip'\nversions = ['1.0']\n",
        );
        assert!(
            site.refusal()
                .ends_with("`output`: found `../{version}.zip`, expected a path below the packages")
        );
    }

    #[test]
    fn an_output_that_is_the_same_for_all_versions_is_refused() {
        let site =
            Site::with_releases("[[product]]\nsource = 'box'\noutput = 'box.zip'\nversions = ['1.0']\n");
        assert!(site.refusal().ends_with("`output`: found `box.zip`, expected `{version}` in it"));
    }

    #[test]
    fn a_missing_source_is_named() {
        let site = Site::with_releases(
            "[[product]]\nsource = 'crate'\noutput = '{version}.zip'\nversions = ['1.0']\n",
        );
        let path = site.sources().join("crate");
        assert!(site.refusal().starts_with(&format!("cannot read `{}`", path.display())));
    }
}
