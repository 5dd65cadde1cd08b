//! The central directory of a zip from a stranger: is the archive safe to unpack, and what is in it? The format is
//! `rawzip`'s business; here are the limits and the refusals.

use std::borrow::Cow;
use std::io;

use rawzip::{
    CompressionMethod, ErrorKind, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord,
};
use serde::{Deserialize, Serialize};

use crate::error::Flaw;
use crate::rules::Code;
use crate::shown::shortened;

/// Most entries of an archive. Large real packages have about 10,000; the list of places that is kept while an
/// archive is checked takes 16 bytes for each.
const MAX_ENTRIES: u64 = 100_000;

/// Most bytes that an archive may unpack to. Joomla keeps the zip in memory and unpacks to disk within a web
/// request; the largest real packages unpack to about 200 MB.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 2 << 30;

/// From this size on the ratio below is looked at: small archives may be as empty as they like.
const BOMB_FLOOR_BYTES: u64 = 64 << 20;

/// Unpacked bytes for each packed one. PHP, JavaScript and language files pack to about a fifth; deflate itself
/// ends at 1,032.
const MAX_RATIO: u64 = 200;

/// Most XML files that are opened in the search for a manifest.
pub(crate) const MAX_CANDIDATES: usize = 500;

/// What is wrong with an archive, and with which of its entries where it is about one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchiveFlaw {
    pub(crate) entry: Option<String>,
    pub(crate) flaw: Flaw,
}

impl ArchiveFlaw {
    pub(crate) fn of_entry(entry: &str, flaw: Flaw) -> Self {
        // A name in a zip may have 65,535 bytes.
        Self { entry: Some(shortened(entry).into_owned()), flaw }
    }
}

impl From<Flaw> for ArchiveFlaw {
    fn from(flaw: Flaw) -> Self {
        Self { entry: None, flaw }
    }
}

/// Why an archive, or a file in it, could not be read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is not as it should be, whenever it is read.
    Flaw(ArchiveFlaw),
    /// The machine failed: its disk, or the room for temporary files. That says nothing of the archive, so it must never be
    /// remembered as something that is wrong with it.
    Failure(io::Error),
}

impl Unread {
    /// A flaw that is not about an entry yet becomes one of this entry.
    pub(crate) fn in_entry(self, entry: &str) -> Self {
        match self {
            Self::Flaw(ArchiveFlaw { entry: None, flaw }) => Self::Flaw(ArchiveFlaw::of_entry(entry, flaw)),
            other => other,
        }
    }
}

/// What is known of an archive: what it holds, or what is wrong with it.
///
/// # Errors
/// When the machine failed, so that nothing is known.
pub(crate) fn verdict<T>(answer: Result<T, Unread>) -> io::Result<Result<T, ArchiveFlaw>> {
    match answer {
        Ok(contents) => Ok(Ok(contents)),
        Err(Unread::Flaw(flaw)) => Ok(Err(flaw)),
        Err(Unread::Failure(error)) => Err(error),
    }
}

impl From<ArchiveFlaw> for Unread {
    fn from(flaw: ArchiveFlaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<Flaw> for Unread {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw.into())
    }
}

impl From<rawzip::Error> for Unread {
    fn from(error: rawzip::Error) -> Self {
        match error.into_kind() {
            // An archive that ends too early is no failure of the machine.
            ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => Self::Failure(error),
            kind => {
                let found = format!("no whole zip file ({kind})");
                Flaw::new(Code::BrokenArchive, found, "a complete zip archive").into()
            }
        }
    }
}

/// A file of an archive that may be worth unpacking.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) place: ZipArchiveEntryWayfinder,
    pub(crate) method: CompressionMethod,
    pub(crate) crc32: u32,
    /// As the archive claims.
    pub(crate) unpacked_bytes: u64,
}

impl Entry {
    pub(crate) fn of(name: &str, record: &ZipFileHeaderRecord<'_>) -> Self {
        Self {
            name: name.to_owned(),
            place: record.wayfinder(),
            method: record.compression_method(),
            crc32: record.crc32(),
            unpacked_bytes: record.uncompressed_size_hint(),
        }
    }
}

/// Whether a path, counted from where the search for a manifest begins, is one that Joomla would look at: an XML file there
/// or one level below.
pub(crate) fn may_be_manifest(path: &str) -> bool {
    path.ends_with(".xml") && path.matches('/').count() <= 1
}

/// Walks over the directory of an archive that [`ZipDirectory::read`] found sound, once more: it keeps no list, and of most
/// archives nothing but the manifest is ever wanted.
pub(crate) fn for_each_entry<R: ReaderAt>(
    archive: &ZipArchive<R>,
    buffer: &mut [u8],
    mut take: impl FnMut(&str, &ZipFileHeaderRecord<'_>),
) -> Result<(), Unread> {
    let mut entries = archive.entries(buffer);
    while let Some(entry) = entries.next_entry()? {
        take(&name_of(&entry), &entry);
    }
    Ok(())
}

/// Names of old archives are in a code page; only the characters below 128 matter here.
fn name_of<'e>(entry: &ZipFileHeaderRecord<'e>) -> Cow<'e, str> {
    String::from_utf8_lossy(entry.file_path().as_bytes())
}

/// What one walk over the central directory tells of an archive that may be unpacked.
#[derive(Default)]
pub(crate) struct ZipDirectory {
    /// XML files in the first three levels, in the archive's order.
    pub(crate) candidates: Vec<Entry>,
    /// The one folder in the root, as long as there is nothing else in it.
    only_folder: Option<String>,
    has_other_roots: bool,
    unpacked_bytes: u64,
    /// Start and end of each entry, as the directory claims.
    places: Vec<(u64, u64)>,
}

impl ZipDirectory {
    /// Walks the directory of an archive of `size` bytes; `buffer` holds the part that is looked at.
    pub(crate) fn read<R: ReaderAt>(
        archive: &ZipArchive<R>,
        buffer: &mut [u8],
        size: u64,
    ) -> Result<Self, Unread> {
        // Refused before anything is gathered; the count below holds for archives that claim fewer than they have.
        if archive.entries_hint() > MAX_ENTRIES {
            return Err(too_many(archive.entries_hint()).into());
        }
        let mut directory = Self::default();
        let mut entries = archive.entries(buffer);
        let mut count = 0;
        while let Some(entry) = entries.next_entry()? {
            count += 1;
            if count > MAX_ENTRIES {
                return Err(too_many(count).into());
            }
            directory.take(&entry)?;
        }
        if count != archive.entries_hint() {
            let found = format!("{count} entries where its end record counts {}", archive.entries_hint());
            return Err(Flaw::new(Code::BrokenArchive, found, "a zip whose parts agree").into());
        }
        directory.check_sizes(size)?;
        directory.check_places(archive.directory_offset())?;
        Ok(directory)
    }

    fn take(&mut self, entry: &ZipFileHeaderRecord<'_>) -> Result<(), ArchiveFlaw> {
        let name = name_of(entry);
        check_name(&name)
            .and_then(|()| check_kind(entry))
            .map_err(|flaw| ArchiveFlaw::of_entry(&name, flaw))?;
        self.note_root(&name);
        self.unpacked_bytes = self.unpacked_bytes.saturating_add(entry.uncompressed_size_hint());
        // A local header has 30 bytes and repeats the name, byte by byte: ours is longer when it is not UTF-8.
        let start = entry.local_header_offset();
        let header_bytes = 30 + entry.file_path().as_bytes().len() as u64;
        let end = start.saturating_add(header_bytes).saturating_add(entry.compressed_size_hint());
        self.places.push((start, end));
        if name.ends_with(".xml") && name.matches('/').count() <= 2 && !entry.is_dir() {
            if self.candidates.len() == MAX_CANDIDATES {
                return Err(too_many_candidates().into());
            }
            self.candidates.push(Entry::of(&name, entry));
        }
        Ok(())
    }

    fn note_root(&mut self, name: &str) {
        match (name.split_once('/'), &self.only_folder) {
            (Some((folder, _)), None) => self.only_folder = Some(folder.to_owned()),
            (Some((folder, _)), Some(only)) if folder == only => {}
            _ => self.has_other_roots = true,
        }
    }

    fn check_sizes(&self, packed_bytes: u64) -> Result<(), Flaw> {
        let unpacked = self.unpacked_bytes;
        let is_bomb = unpacked > BOMB_FLOOR_BYTES && unpacked > packed_bytes.saturating_mul(MAX_RATIO);
        if !is_bomb && unpacked <= MAX_UNPACKED_BYTES {
            return Ok(());
        }
        let expected =
            format!("at most {MAX_UNPACKED_BYTES} unpacked, and at most {MAX_RATIO} times the packed size");
        Err(Flaw::new(Code::ArchiveSize, format!("{packed_bytes} bytes that unpack to {unpacked}"), expected))
    }

    /// Entries that share bytes are how a small archive unpacks to petabytes; no tool makes them by accident.
    fn check_places(&mut self, directory_offset: u64) -> Result<(), Flaw> {
        self.places.sort_unstable();
        let next_starts = self.places.iter().skip(1).map(|&(start, _)| start).chain([directory_offset]);
        if self.places.iter().zip(next_starts).any(|(&(_, end), next)| end > next) {
            return Err(Flaw::new(
                Code::OverlappingEntries,
                "entries that overlap",
                "a zip in which each entry has its own bytes",
            ));
        }
        Ok(())
    }

    /// Where Joomla looks: in the only folder of the root when the root holds nothing else, else in the root.
    pub(crate) fn base(&self) -> String {
        match &self.only_folder {
            Some(folder) if !self.has_other_roots => format!("{folder}/"),
            _ => String::new(),
        }
    }
}

/// A name must unpack to the same place everywhere.
fn check_name(name: &str) -> Result<(), Flaw> {
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
        return Ok(());
    };
    Err(Flaw::new(Code::EntryName, found, "a relative name with `/` between folders"))
}

fn check_kind(entry: &ZipFileHeaderRecord<'_>) -> Result<(), Flaw> {
    if entry.mode().is_symlink() {
        return Err(Flaw::new(Code::EntryKind, "a symbolic link", "files and folders only"));
    }
    if entry.flags().is_encrypted() || entry.flags().has_strong_encryption() {
        return Err(Flaw::new(
            Code::EntryKind,
            "an encrypted entry",
            "a zip without a password: Joomla cannot open it",
        ));
    }
    let method = entry.compression_method();
    if method != CompressionMethod::STORE && method != CompressionMethod::DEFLATE {
        return Err(Flaw::new(
            Code::EntryKind,
            format!("compression method {method}"),
            "Store or Deflate, which every Joomla can unpack",
        ));
    }
    Ok(())
}

pub(crate) fn too_many_candidates() -> Flaw {
    let found = format!("over {MAX_CANDIDATES} XML files near its root");
    Flaw::new(Code::ArchiveSize, found, "the manifest in the archive's root, data in folders below")
}

fn too_many(entries: u64) -> Flaw {
    Flaw::new(Code::ArchiveSize, format!("{entries} entries"), format!("at most {MAX_ENTRIES}"))
}
