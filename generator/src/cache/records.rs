//! The section of records: what was read in each package. Only the places of records are known at first; a record itself is
//! understood when its package is asked for.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::Digests;
use serde::{Deserialize, Serialize};

use super::file::{CacheFile, CacheWriter};
use crate::config::DigestName;
use crate::contents::Contents;
use crate::inspect::{Kind, Seen};
use crate::stamp::{Moment, Stamp};
use crate::zip_directory::ArchiveFlaw;

/// What comes before each record: the bytes of the path and of the record, four each with the lowest first.
const LENGTHS_BYTES: usize = 8;

/// What was read in a package.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    stamp: Stamp,
    /// Whether the file was so young when it was read that it may have changed since with the same times.
    is_doubtful: bool,
    sha256: HexDigest<32>,
    sha384: Option<Box<HexDigest<48>>>,
    sha512: Option<Box<HexDigest<64>>>,
    contents: Option<Result<Box<Contents>, ArchiveFlaw>>,
}

impl Record {
    /// Whether a file with this stamp holds, beyond doubt, what the record says. The time of the last change of anything counts:
    /// bytes may have been changed and the old time given back.
    pub(crate) fn is_sure_of(&self, stamp: &Stamp) -> bool {
        self.stamp == *stamp && !self.is_doubtful
    }

    /// Whether the bytes may be those that were read: then their digest tells.
    pub(crate) fn has_size_of(&self, stamp: &Stamp) -> bool {
        self.stamp.size_bytes == stamp.size_bytes
    }

    /// Whether bytes with this digest are those that were read.
    pub(crate) fn is_of(&self, digests: &Digests) -> bool {
        self.sha256 == digests.sha256
    }

    /// The digests that are wanted now, where all of them are known, and of an archive what is in it.
    pub(crate) fn answer(&self, kind: Kind, wanted: &BTreeSet<DigestName>) -> Option<Digests> {
        let keep = |name| wanted.contains(&name);
        let has_all = (self.sha384.is_some() || !keep(DigestName::Sha384))
            && (self.sha512.is_some() || !keep(DigestName::Sha512))
            && (self.contents.is_some() || kind == Kind::Plain);
        has_all.then(|| Digests {
            sha256: self.sha256,
            sha384: self.sha384.clone().filter(|_| keep(DigestName::Sha384)),
            sha512: self.sha512.clone().filter(|_| keep(DigestName::Sha512)),
        })
    }

    /// What the archive was found to hold.
    pub(crate) fn into_contents(self, kind: Kind) -> Option<Result<Box<Contents>, ArchiveFlaw>> {
        self.contents.filter(|_| kind == Kind::Archive)
    }
}

/// The records of earlier builds.
#[derive(Default)]
pub(crate) struct Known {
    section: Vec<u8>,
    /// Paths and records in the section, sorted by path.
    rows: Vec<(Range<usize>, Range<usize>)>,
}

impl Known {
    /// Reads the records of a cache.
    pub(crate) fn read(file: &mut CacheFile) -> Result<Self, &'static str> {
        let section = file.records()?;
        let mut rows = Vec::new();
        let mut rest = 0..section.len();
        while let Some((path, record)) = row(&section, rest.clone()) {
            rest.start = record.end;
            rows.push((path, record));
        }
        rows.sort_unstable_by(|(a, _), (b, _)| section[a.clone()].cmp(&section[b.clone()]));
        Ok(Self { section, rows })
    }

    /// The record of a file, by its path below the package directory.
    pub(crate) fn record(&self, path: &Path) -> Option<Record> {
        let path = path.as_os_str().as_bytes();
        let found = self.rows.binary_search_by(|(row, _)| self.section[row.clone()].cmp(path)).ok()?;
        let (_, record) = &self.rows[found];
        postcard::from_bytes(&self.section[record.clone()]).ok()
    }
}

/// The places of a path and its record; nothing at the end.
fn row(section: &[u8], rest: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let (lengths, _) = section.get(rest.clone())?.split_first_chunk::<LENGTHS_BYTES>()?;
    let (path, record) = lengths.split_at(4);
    let bytes = |lengths: &[u8]| Some(u32::from_le_bytes(lengths.try_into().ok()?) as usize);
    let start = rest.start + LENGTHS_BYTES;
    let middle = start + bytes(path)?;
    let end = middle + bytes(record)?;
    (end <= rest.end).then_some((start..middle, middle..end))
}

/// Takes down what is read, for the builds to come.
pub(crate) struct Recorder {
    /// Nothing any more once writing has failed.
    writer: Mutex<io::Result<CacheWriter>>,
    /// When reading began, by the clock of the file system.
    began: Moment,
}

impl Recorder {
    /// Begins a cache; before anything is read, so that its time is the earliest at which a file may have been.
    pub(crate) fn begin(target: &Path) -> io::Result<Self> {
        let writer = CacheWriter::begin(target)?;
        let began = writer.began;
        Ok(Self { writer: Mutex::new(Ok(writer)), began })
    }

    /// Whether a file whose stamp tells of changes from this moment on may have changed unseen since it was read.
    pub(crate) fn is_doubtful(&self, tells_from: Moment) -> bool {
        tells_from >= self.began
    }

    /// Takes down what was read in a file, by its path below the package directory.
    pub(crate) fn take(&self, path: &Path, seen: &Seen) {
        let Digests { sha256, sha384, sha512 } = &seen.digests;
        let is_doubtful = self.is_doubtful(seen.stamp.tells_from());
        // In the order of a record's fields.
        let record = (&seen.stamp, is_doubtful, (sha256, sha384, sha512), &seen.contents);
        let path = path.as_os_str().as_bytes();
        let mut row = vec![0; LENGTHS_BYTES];
        row.extend_from_slice(path);
        let Ok(mut row) = postcard::to_extend(&record, row) else { return };
        let record_bytes = row.len() - LENGTHS_BYTES - path.len();
        let lengths = u32::try_from(path.len()).and_then(|path| Ok((path, u32::try_from(record_bytes)?)));
        let Ok((path_bytes, record_bytes)) = lengths else { return };
        row[..4].copy_from_slice(&path_bytes.to_le_bytes());
        row[4..8].copy_from_slice(&record_bytes.to_le_bytes());
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(open) = &mut *writer
            && let Err(error) = open.write(&row)
        {
            *writer = Err(error);
        }
    }

    /// Ends the records and puts the cache in its place, with what is to be said about the build.
    pub(crate) fn finish(
        self,
        last_build: impl FnOnce(&mut CacheWriter) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut writer = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        writer.end_section();
        last_build(&mut writer)?;
        writer.end_section();
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::super::file::Opened;
    use super::*;
    use crate::error::Flaw;
    use crate::rules::Code;

    const OLD: Duration = Duration::from_secs(1_700_000_000);

    fn seen(path: &Path) -> Seen {
        Seen {
            stamp: Stamp::of(&fs::metadata(path).unwrap()),
            digests: Digests {
                sha256: HexDigest::new([1; 32]),
                sha384: None,
                sha512: Some(Box::new(HexDigest::new([5; 64]))),
            },
            is_read: true,
            contents: Some(Err(ArchiveFlaw::of_entry(
                "mod_tides.xml",
                Flaw::new(Code::NoManifest, "nothing", "a manifest"),
            ))),
        }
    }

    /// The record of a file that was read, after it was written to a cache and read again.
    fn kept(file: &Path) -> Record {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let recorder = Recorder::begin(&cache).unwrap();
        recorder.take(Path::new("b/2.zip"), &seen(file));
        recorder.take(Path::new("a/1.zip"), &seen(file));
        recorder.finish(|_| Ok(())).unwrap();
        let Opened::Usable(mut file) = CacheFile::open(&cache) else { panic!("the cache is not usable") };
        let known = Known::read(&mut file).unwrap();
        assert!(known.record(Path::new("a/3.zip")).is_none());
        assert!(known.record(Path::new("a/1.zip")).is_some());
        known.record(Path::new("b/2.zip")).unwrap()
    }

    fn old_file() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH + OLD).unwrap();
        // Longer than a tick of the file system's clock.
        std::thread::sleep(Duration::from_millis(50));
        file
    }

    #[test]
    fn a_record_is_read_as_it_was_taken_down() {
        let file = old_file();
        let record = kept(file.path());
        let stamp = Stamp::of(&file.as_file().metadata().unwrap());
        assert!(record.is_sure_of(&stamp) && record.is_of(&seen(file.path()).digests));
        let Some(Err(flaw)) = record.into_contents(Kind::Archive) else { panic!("the flaw is lost") };
        assert_eq!((flaw.entry.as_deref(), flaw.flaw.code), (Some("mod_tides.xml"), Code::NoManifest));
    }

    #[test]
    fn a_file_that_was_just_written_when_it_was_read_is_doubtful() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let stamp = Stamp::of(&file.as_file().metadata().unwrap());
        assert!(!kept(file.path()).is_sure_of(&stamp));
    }

    #[test]
    fn bytes_changed_under_the_old_time_are_noticed_by_the_time_of_the_change() {
        let file = old_file();
        let record = kept(file.path());
        fs::write(file.path(), "").unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH + OLD).unwrap();
        assert!(!record.is_sure_of(&Stamp::of(&file.as_file().metadata().unwrap())));
    }

    #[test]
    fn a_record_without_a_digest_that_is_wanted_now_does_not_answer() {
        let record = kept(old_file().path());
        let answer = |wanted: &[DigestName]| record.answer(Kind::Archive, &wanted.iter().copied().collect());
        assert!(answer(&[DigestName::Sha256, DigestName::Sha384]).is_none());
        let only = answer(&[DigestName::Sha256]).unwrap();
        assert_eq!((only.sha384, only.sha512), (None, None), "digests that nobody wants are not told");
        assert!(answer(&[DigestName::Sha256, DigestName::Sha512]).unwrap().sha512.is_some());
    }
}
