//! A zip archive from a stranger: is it safe to unpack, and which file in it is the manifest? The format itself is
//! the business of `rawzip` and `flate2`; here are the limits, the refusals and Joomla's way of looking.

use flate2::{Decompress, FlushDecompress, Status};
use rawzip::{CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord};

use crate::error::Flaw;
use crate::manifest::{self, Manifest};

/// Most entries of an archive. Large real packages have about 10,000; the list of places that is kept while an
/// archive is checked takes 16 bytes for each.
pub(crate) const MAX_ENTRIES: u64 = 100_000;

/// Most bytes that an archive may unpack to. Joomla keeps the zip in memory and unpacks to disk within a web
/// request; the largest real packages unpack to about 200 MB.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 2 << 30;

/// From this size on the ratio below is looked at: small archives may be as empty as they like.
pub(crate) const BOMB_FLOOR_BYTES: u64 = 64 << 20;

/// Unpacked bytes for each packed one. PHP, JavaScript and language files pack to about a fifth; deflate itself
/// ends at 1,032.
pub(crate) const MAX_RATIO: u64 = 200;

/// Largest manifest. Real ones are under 20 KB.
pub(crate) const MAX_MANIFEST_BYTES: usize = 1 << 20;

/// Most XML files that are opened in the search for the manifest.
pub(crate) const MAX_CANDIDATES: usize = 500;

/// What the limits of Joomla's own unpacker and ours make of an archive.
pub(crate) enum Verdict {
    /// A Joomla package.
    Manifest(Box<Manifest>),
    /// Something is wrong: the entry's name where it is about one, and the flaw.
    Flaw(Option<String>, Flaw),
}

impl From<Flaw> for Verdict {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(None, flaw)
    }
}

/// Reads archives one after the other, keeping its inflater and buffers: a new inflater for each archive would
/// fragment the heap.
pub(crate) struct ArchiveReader {
    inflater: Decompress,
    /// For the central directory.
    directory: Vec<u8>,
    packed: Vec<u8>,
}

/// An XML file that may be the manifest.
struct Candidate {
    name: String,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    crc32: u32,
    unpacked_bytes: u64,
}

/// What one walk over the central directory tells.
#[derive(Default)]
struct Directory {
    candidates: Vec<Candidate>,
    /// The one folder in the root, as long as there is nothing else in it.
    only_folder: Option<String>,
    has_other_roots: bool,
    entries: u64,
    unpacked_bytes: u64,
    /// Start and end of each entry, as the directory claims.
    places: Vec<(u64, u64)>,
}

impl ArchiveReader {
    pub(crate) fn new() -> Self {
        Self {
            inflater: Decompress::new(false),
            directory: vec![0; rawzip::RECOMMENDED_BUFFER_SIZE],
            packed: Vec::new(),
        }
    }

    /// Looks at an archive of `size` bytes.
    pub(crate) fn read<R: ReaderAt>(&mut self, reader: R, size: u64) -> Verdict {
        match self.try_read(reader, size) {
            Ok(manifest) => Verdict::Manifest(Box::new(manifest)),
            Err(verdict) => verdict,
        }
    }

    fn try_read<R: ReaderAt>(&mut self, reader: R, size: u64) -> Result<Manifest, Verdict> {
        let archive = ZipArchive::with_max_search_space(66_000)
            .locate_in_reader(reader, &mut self.directory, size)
            .map_err(|(_, error)| broken(&error))?;
        let directory = self.walk(&archive, size)?;
        self.find_manifest(&archive, directory)
    }

    fn walk<R: ReaderAt>(&mut self, archive: &ZipArchive<R>, size: u64) -> Result<Directory, Verdict> {
        if archive.entries_hint() > MAX_ENTRIES {
            return Err(too_many(archive.entries_hint()).into());
        }
        let mut directory = Directory::default();
        let mut entries = archive.entries(&mut self.directory);
        while let Some(entry) = entries.next_entry().map_err(|error| broken(&error))? {
            directory.entries += 1;
            if directory.entries > MAX_ENTRIES {
                return Err(too_many(directory.entries).into());
            }
            let name = entry_name(&entry).map_err(|flaw| {
                Verdict::Flaw(Some(String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned()), flaw)
            })?;
            check_entry(&entry).map_err(|flaw| Verdict::Flaw(Some(name.clone()), flaw))?;
            directory.take(&entry, name)?;
        }
        if directory.entries != archive.entries_hint() {
            return Err(Flaw::new(
                format!(
                    "{} entries where its end record counts {}",
                    directory.entries,
                    archive.entries_hint()
                ),
                "a zip whose parts agree",
            )
            .into());
        }
        directory.check_sizes(size)?;
        directory.check_places(archive.directory_offset())?;
        Ok(directory)
    }

    /// Joomla looks at the XML files of the base folder first, then at those one level below, and takes the first
    /// whose root is `<extension>` (`libraries/src/Installer/Installer.php::findManifest`). But the type of a package
    /// is detected by names alone (`InstallerHelper::detectType`), so a manifest below the base that sorts before the
    /// one in it breaks the installation.
    fn find_manifest<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        mut directory: Directory,
    ) -> Result<Manifest, Verdict> {
        let base = directory.base();
        let depth = |candidate: &Candidate| candidate.name[base.len()..].matches('/').count();
        directory.candidates.retain(|candidate| candidate.name.starts_with(&base) && depth(candidate) <= 1);
        directory.candidates.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));

        if let Some(pair) = directory.candidates.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let flaw =
                Flaw::new("two entries of this name", "one: which of them is unpacked last, nobody can tell");
            return Err(Verdict::Flaw(Some(pair[0].name.clone()), flaw));
        }
        let mut manifest: Option<(&Candidate, String)> = None;
        let mut not_xml: Option<Verdict> = None;
        for candidate in &directory.candidates {
            let is_harmless = |(first, _): &(&Candidate, String)| {
                depth(first) == 0 && depth(candidate) == 1 && first.name < candidate.name
            };
            if manifest.as_ref().is_some_and(is_harmless) {
                continue;
            }
            match self.extension_text(archive, candidate) {
                Ok(None) => {}
                Ok(Some(text)) => match &manifest {
                    None => manifest = Some((candidate, text)),
                    Some((first, _)) => return Err(two_manifests(first, candidate).into()),
                },
                Err(flaw) => {
                    not_xml.get_or_insert(Verdict::Flaw(Some(candidate.name.clone()), flaw));
                }
            }
        }
        let Some((candidate, text)) = manifest else {
            return Err(not_xml.unwrap_or_else(|| no_manifest(&directory).into()));
        };
        let file_name = candidate.name.rsplit('/').next().unwrap_or(&candidate.name);
        manifest::parse(&text, file_name.trim_end_matches(".xml"))
            .map_err(|flaw| Verdict::Flaw(Some(candidate.name.clone()), flaw))
    }

    /// The text of an XML file when its root is `<extension>`.
    fn extension_text<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        candidate: &Candidate,
    ) -> Result<Option<String>, Flaw> {
        let bytes = self.inflate(archive, candidate)?;
        if bytes.len() > MAX_MANIFEST_BYTES {
            // What there is of it still tells whether it is a manifest at all.
            let is_manifest =
                manifest::root_element(&String::from_utf8_lossy(&bytes)).is_ok_and(|r| r == "extension");
            return if is_manifest {
                Err(Flaw::new(
                    format!("a manifest of over {MAX_MANIFEST_BYTES} bytes"),
                    "a smaller one: real manifests have under 20,000",
                ))
            } else {
                Ok(None)
            };
        }
        let text = manifest::decode(&bytes)?;
        Ok((manifest::root_element(&text)? == "extension").then_some(text))
    }

    /// Inflates at most one byte more than [`MAX_MANIFEST_BYTES`]; sizes in the archive are claims and not trusted.
    fn inflate<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        candidate: &Candidate,
    ) -> Result<Vec<u8>, Flaw> {
        let entry = archive.get_entry(candidate.place).map_err(|error| broken_flaw(&error))?;
        let (start, end) = entry.compressed_data_range();
        let limit = MAX_MANIFEST_BYTES + 1;
        let packed_bytes = usize::try_from(end - start).unwrap_or(usize::MAX).min(limit);
        self.packed.resize(packed_bytes, 0);
        archive.get_ref().read_exact_at(&mut self.packed, start).map_err(|_| ends_too_early())?;
        let bytes = match candidate.method {
            CompressionMethod::STORE => self.packed.clone(),
            _ => self.inflate_packed(limit)?,
        };
        if bytes.len() < limit && candidate.crc32 != rawzip::crc32(&bytes) {
            return Err(Flaw::new("data that does not fit its checksum", "a sound zip file"));
        }
        // Some unpackers stop at the size that the archive claims, so they would read another manifest than this one.
        if bytes.len() < limit && candidate.unpacked_bytes != bytes.len() as u64 {
            return Err(Flaw::new("data that does not fit its size", "a sound zip file"));
        }
        Ok(bytes)
    }

    /// Inflates what was read of an entry, up to `limit` bytes.
    fn inflate_packed(&mut self, limit: usize) -> Result<Vec<u8>, Flaw> {
        self.inflater.reset(false);
        let mut out = Vec::with_capacity(16 * 1024);
        loop {
            let used = usize::try_from(self.inflater.total_in()).unwrap_or(usize::MAX);
            let made = out.len();
            let status =
                self.inflater.decompress_vec(&self.packed[used..], &mut out, FlushDecompress::None).map_err(
                    |error| Flaw::new(format!("data that does not inflate: {error}"), "a sound zip file"),
                )?;
            if status == Status::StreamEnd || out.len() >= limit {
                out.truncate(limit);
                return Ok(out);
            }
            if out.len() == out.capacity() {
                out.reserve(out.len().min(limit + 1 - out.len()));
            } else if out.len() == made {
                return Err(ends_too_early());
            }
        }
    }
}

impl Directory {
    fn take(&mut self, entry: &ZipFileHeaderRecord<'_>, name: String) -> Result<(), Verdict> {
        match name.split_once('/') {
            Some((folder, _)) if !self.has_other_roots => match &self.only_folder {
                None => self.only_folder = Some(folder.to_owned()),
                Some(only) if only == folder => {}
                Some(_) => self.has_other_roots = true,
            },
            Some(_) => {}
            None => self.has_other_roots = true,
        }
        self.unpacked_bytes = self.unpacked_bytes.saturating_add(entry.uncompressed_size_hint());
        // A local header has 30 bytes and repeats the name, byte by byte: ours is longer when it is not UTF-8.
        let start = entry.local_header_offset();
        let header_bytes = 30 + entry.file_path().as_bytes().len() as u64;
        let end = start.saturating_add(header_bytes).saturating_add(entry.compressed_size_hint());
        self.places.push((start, end));
        if name.ends_with(".xml") && name.matches('/').count() <= 2 && !entry.is_dir() {
            if self.candidates.len() == MAX_CANDIDATES {
                return Err(Flaw::new(
                    format!("over {MAX_CANDIDATES} XML files near its root"),
                    "the manifest in the archive's root, data in folders below",
                )
                .into());
            }
            let method = entry.compression_method();
            let crc32 = entry.crc32();
            let unpacked_bytes = entry.uncompressed_size_hint();
            self.candidates.push(Candidate { name, place: entry.wayfinder(), method, crc32, unpacked_bytes });
        }
        Ok(())
    }

    fn check_sizes(&self, packed_bytes: u64) -> Result<(), Verdict> {
        let unpacked = self.unpacked_bytes;
        let is_bomb = unpacked > BOMB_FLOOR_BYTES && unpacked > packed_bytes.saturating_mul(MAX_RATIO);
        if is_bomb || unpacked > MAX_UNPACKED_BYTES {
            return Err(Flaw::new(
                format!("{packed_bytes} bytes that unpack to {unpacked}"),
                format!(
                    "at most {MAX_UNPACKED_BYTES} unpacked, and at most {MAX_RATIO} times the packed size"
                ),
            )
            .into());
        }
        Ok(())
    }

    /// Entries that share bytes are how a small archive unpacks to petabytes; no tool makes them by accident.
    fn check_places(&mut self, directory_offset: u64) -> Result<(), Verdict> {
        self.places.sort_unstable();
        let starts = self.places.iter().skip(1).map(|&(start, _)| start).chain([directory_offset]);
        if self.places.iter().zip(starts).any(|(&(_, end), next)| end > next) {
            return Err(
                Flaw::new("entries that overlap", "a zip in which each entry has its own bytes").into()
            );
        }
        Ok(())
    }

    /// Where Joomla looks: in the only folder of the root when the root holds nothing else, else in the root.
    fn base(&self) -> String {
        match &self.only_folder {
            Some(folder) if !self.has_other_roots => format!("{folder}/"),
            _ => String::new(),
        }
    }
}

/// The entry's name, when it is one that unpacks to the same place everywhere.
fn entry_name(entry: &ZipFileHeaderRecord<'_>) -> Result<String, Flaw> {
    let path = entry.file_path();
    let raw = path.as_bytes();
    // Names of old archives are in a code page; only the characters below 128 matter here.
    let name = String::from_utf8_lossy(raw).into_owned();
    let expected = "a relative name with `/` between folders";
    let found = if name.is_empty() {
        "an entry without a name"
    } else if name.chars().any(char::is_control) {
        "a name with a NUL or another control character"
    } else if name.contains('\\') {
        "a name with `\\`"
    } else if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        "an absolute name"
    } else if name.split('/').any(|segment| segment == "..") {
        "a name with `..`"
    } else {
        return Ok(name);
    };
    Err(Flaw::new(found, expected))
}

fn check_entry(entry: &ZipFileHeaderRecord<'_>) -> Result<(), Flaw> {
    if entry.mode().is_symlink() {
        return Err(Flaw::new("a symbolic link", "files and folders only"));
    }
    if entry.flags().is_encrypted() || entry.flags().has_strong_encryption() {
        return Err(Flaw::new("an encrypted entry", "a zip without a password: Joomla cannot open it"));
    }
    let method = entry.compression_method();
    if method != CompressionMethod::STORE && method != CompressionMethod::DEFLATE {
        return Err(Flaw::new(
            format!("compression method {method}"),
            "Store or Deflate, which every Joomla can unpack",
        ));
    }
    Ok(())
}

fn ends_too_early() -> Flaw {
    Flaw::new("data that ends too early", "a complete zip archive")
}

fn broken_flaw(error: &rawzip::Error) -> Flaw {
    Flaw::new(format!("no whole zip file ({error})"), "a complete zip archive")
}

fn broken(error: &rawzip::Error) -> Verdict {
    broken_flaw(error).into()
}

fn too_many(entries: u64) -> Flaw {
    Flaw::new(format!("{entries} entries"), format!("at most {MAX_ENTRIES}"))
}

fn two_manifests(first: &Candidate, second: &Candidate) -> Flaw {
    Flaw::new(
        format!("two manifests, `{}` and `{}`", first.name, second.name),
        "one XML file with the root `<extension>`",
    )
}

fn no_manifest(directory: &Directory) -> Flaw {
    let looked_at = match directory.candidates.len() {
        0 => "no XML file".to_owned(),
        count => format!("{count} XML files, none with the root `<extension>`"),
    };
    Flaw::new(
        format!("no manifest ({looked_at} in its root or one level below)"),
        "a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    )
}
