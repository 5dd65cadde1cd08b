//! The extensions inside of a package: found where its manifest says, opened without holding large ones in memory, and read
//! like any other. Joomla installs each by its own manifest (`libraries/src/Installer/Adapter/PackageAdapter.php`).

use bandari_catalog::v1::ExtensionType;
use rawzip::{CompressionMethod, FileReader};

use crate::archive::{Archive, ArchiveReader, two_of_one_name};
use crate::contents::{Contents, InnerFile, PackagePart};
use crate::error::{Flaw, count};
use crate::language;
use crate::manifest::{self, Manifest};
use crate::rules::Code;
use crate::second_look::{Findings, InnerPlace};
use crate::unpack::{self, Section};
use crate::zip_directory::{
    ArchiveFlaw, Entry, MAX_CANDIDATES, MAX_UNPACKED_BYTES, Unread, too_many_candidates, verdict,
};

/// How deep packages in packages are looked into: an extension in a package in a package in a package is the last.
const MAX_NESTING: usize = 3;

/// Most inner extensions of an archive, at all depths. Packages of language packs have about 80.
const MAX_INNER_FILES: usize = 500;

/// Largest inner zip that is unpacked in memory; larger ones go to a temporary file. Most are smaller, and every thread may
/// hold one for each level of nesting.
const MAX_IN_MEMORY_BYTES: usize = 1 << 20;

/// Most bytes of zip directories that are walked over to look at one archive, all depths together. The directory of 10,000
/// entries has a megabyte, and a package of 80 languages in folders walks over its own for each of them. A zip of 8 MB may be
/// nearly all directory, and a manifest may name it 500 times.
const MAX_DIRECTORY_BYTES: u64 = 128 << 20;

/// What Joomla can unpack besides zips (`libraries/vendor/joomla/archive/src/Archive.php`).
const OTHER_ARCHIVES: [&str; 7] = ["tar", "tgz", "gz", "gzip", "tbz2", "bz2", "bzip2"];

/// The way from an archive down into its inner extensions: what may still be spent on them, and the names on it.
pub(crate) struct Descent {
    inner_files_left: usize,
    bytes_left: u64,
    directory_bytes_left: u64,
    /// One for the archive itself and for each package below it that is being read.
    levels: Vec<Level>,
}

struct Level {
    /// What the extension's language files are called.
    language_base: Option<String>,
    /// The name in capitals, if it may be a key.
    key: Option<String>,
    /// The words for it, once they are found.
    text: Option<String>,
}

impl Level {
    fn open_key(&self) -> Option<&str> {
        self.key.as_deref().filter(|_| self.text.is_none())
    }
}

impl Descent {
    pub(crate) fn new() -> Self {
        Self {
            inner_files_left: MAX_INNER_FILES,
            bytes_left: MAX_UNPACKED_BYTES,
            directory_bytes_left: MAX_DIRECTORY_BYTES,
            levels: Vec::new(),
        }
    }

    /// Goes one level down; [`Self::leave`] must follow when this was allowed.
    ///
    /// # Errors
    /// When there is nothing in the package, or more than may be.
    pub(crate) fn enter(&mut self, manifest: &Manifest) -> Result<(), ArchiveFlaw> {
        let details = &manifest.details;
        let files = details.package_files.len();
        if files == 0 && manifest.extension.kind == ExtensionType::Package {
            let flaw = Flaw::new(
                Code::PackageWithoutFiles,
                "a package without inner extensions",
                "a `<file>` or `<folder>` for each in `<files>`",
            );
            return Err(ArchiveFlaw::of_entry(&details.path, flaw));
        }
        self.inner_files_left = self.inner_files_left.checked_sub(files).ok_or_else(|| {
            let found = format!("{} after those before it", count(files, "inner extension"));
            let expected = format!("at most {MAX_INNER_FILES} in one archive, at all depths");
            ArchiveFlaw::of_entry(&details.path, Flaw::new(Code::ArchiveSize, found, expected))
        })?;
        let key = language::may_be_key(&manifest.name).then(|| manifest.name.to_ascii_uppercase());
        self.levels.push(Level { language_base: language::base(&manifest.extension), key, text: None });
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.levels.pop();
    }

    /// Takes bytes from what may be read to look at one archive, all depths together: as many as the archive itself may
    /// unpack to. A manifest may name one file many times over.
    pub(crate) fn spend(&mut self, bytes: u64) -> Result<(), Flaw> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(|| {
            let found = format!("over {MAX_UNPACKED_BYTES} bytes to read to see what is in the package");
            Flaw::new(Code::ArchiveSize, found, "inner extensions that are smaller, all together")
        })?;
        Ok(())
    }

    /// Takes the directory of an archive, which is about to be walked over, from what may be.
    ///
    /// # Errors
    /// When it is more than what is left.
    pub(crate) fn walk(&mut self, archive: &Archive<'_>) -> Result<(), Flaw> {
        let bytes = archive.eocd_offset().saturating_sub(archive.directory_offset());
        self.directory_bytes_left = self.directory_bytes_left.checked_sub(bytes).ok_or_else(|| {
            let found =
                format!("over {MAX_DIRECTORY_BYTES} bytes of directories to see what is in the package");
            Flaw::new(Code::ArchiveSize, found, "inner extensions with fewer files, all together")
        })?;
        Ok(())
    }

    pub(crate) fn has_open_key(&self) -> bool {
        self.levels.iter().any(|level| level.open_key().is_some())
    }

    /// What the language files are called that may resolve names which are still keys: those of the packages whose names
    /// they are, and the extension's own, which may say a word for the package around it.
    pub(crate) fn language_bases(&self) -> Vec<String> {
        if !self.has_open_key() {
            return Vec::new();
        }
        let with_key = self.levels.iter().filter(|level| level.open_key().is_some());
        let mut bases: Vec<String> =
            with_key.chain(self.levels.last()).filter_map(|level| level.language_base.clone()).collect();
        bases.sort();
        bases.dedup();
        bases
    }

    /// Takes from a language file what it says for names that are still keys.
    ///
    /// # Errors
    /// When it says what cannot be a name.
    pub(crate) fn resolve(&mut self, ini: &str) -> Result<(), Flaw> {
        for level in &mut self.levels {
            let Some(key) = level.open_key() else { continue };
            let Some(text) = language::text_of(ini, key) else { continue };
            manifest::check_name(&format!("`{key}`"), &text)?;
            level.text = Some(text);
        }
        Ok(())
    }

    /// The words for the name of the extension that is being read.
    pub(crate) fn own_text(&self) -> Option<&str> {
        self.levels.last()?.text.as_deref()
    }
}

impl ArchiveReader {
    /// Reads the inner extensions of a package, in the manifest's order. What is wrong with one of them is kept with it.
    ///
    /// # Errors
    /// When the machine fails.
    pub(crate) fn read_inner(
        &mut self,
        archive: &Archive<'_>,
        manifest: &Manifest,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<Vec<InnerFile>, Unread> {
        let read = |PackagePart { path, .. }: &PackagePart| {
            let place = findings.inner.get(path.as_str());
            let contents = self.read_place(archive, path, place, descent).map(Box::new);
            let contents = verdict(contents).map_err(Unread::Failure)?;
            Ok(InnerFile { path: path.clone(), contents })
        };
        manifest.details.package_files.iter().map(read).collect()
    }

    fn read_place(
        &mut self,
        archive: &Archive<'_>,
        path: &str,
        place: Option<&InnerPlace>,
        descent: &mut Descent,
    ) -> Result<Contents, Unread> {
        let Some(place) = place else {
            let expected = "the file or folder that the manifest names";
            return Err(Flaw::new(Code::InnerMissing, "nothing of this name", expected).into());
        };
        if descent.levels.len() > MAX_NESTING {
            let found = format!("an extension more than {MAX_NESTING} packages deep");
            return Err(Flaw::new(Code::InnerNotRead, found, "packages that are less deep").into());
        }
        match place {
            InnerPlace::Twice => Err(two_of_one_name().into()),
            InnerPlace::Folder(candidates) if candidates.len() > MAX_CANDIDATES => {
                Err(too_many_candidates().into())
            }
            InnerPlace::Folder(candidates) => {
                self.read_tree(archive, &format!("{path}/"), candidates.clone(), descent)
            }
            InnerPlace::File(entry) => self.read_file(archive, entry, descent),
        }
    }

    /// A stored zip is read where it is, a deflated one is unpacked first. The checksum of a stored one is not looked at: what
    /// is read of it has checksums of its own.
    fn read_file(
        &mut self,
        archive: &Archive<'_>,
        entry: &Entry,
        descent: &mut Descent,
    ) -> Result<Contents, Unread> {
        check_ending(&entry.name)?;
        descent.spend(entry.unpacked_bytes)?;
        if entry.method == CompressionMethod::STORE {
            let (start, end) = unpack::place_of(archive, entry)?;
            return self.read_archive(&Section { reader: *archive.get_ref(), start, end }, descent);
        }
        if entry.unpacked_bytes > MAX_IN_MEMORY_BYTES as u64 {
            let file = FileReader::from(self.unpacker.file_of(archive, entry)?);
            return self.read_archive(&Section::whole(&file, entry.unpacked_bytes), descent);
        }
        let bytes = self.unpacker.bytes_of(archive, entry, MAX_IN_MEMORY_BYTES)?;
        self.read_archive(&Section::whole(&bytes, bytes.len() as u64), descent)
    }
}

/// Joomla takes the kind of an archive from the end of its name.
fn check_ending(name: &str) -> Result<(), Flaw> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
    match ending.as_str() {
        "zip" => Ok(()),
        other if OTHER_ARCHIVES.contains(&other) => {
            let found = format!("an archive of the kind `.{other}`");
            Err(Flaw::new(Code::InnerNotRead, found, "a zip or a folder, which can be looked into"))
        }
        _ => Err(Flaw::new(Code::InnerUnreadable, "a file that is no archive", "a zip or a folder")),
    }
}
