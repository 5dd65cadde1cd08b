//! The cache's file: a header, a section with a record for each package, and one about the last build. The header holds the
//! length and digest of both, so a flipped bit or a missing end is noticed. It is written aside and renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::place::aside_of;
use crate::stamp::{Moment, Stamp};

/// What the file begins with; the number is that of its form.
const MAGIC: [u8; 16] = *b"bandari-cache 1\n";

/// Tells a program that reads packages in another way: its version, and for those who work on it a digest of its sources.
const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("BANDARI_SOURCES"));

/// Magic, digest of [`PROGRAM`], then length and digest of each section.
const HEADER_BYTES: usize = 16 + 32 + 2 * (8 + 32);

/// One part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Section {
    bytes: u64,
    sha256: [u8; 32],
}

/// What looking for the cache came to.
pub(crate) enum Opened {
    /// There is none.
    Missing,
    /// It cannot be used, for this reason.
    Unusable(&'static str),
    /// So far it can; each section is checked when it is read.
    Usable(CacheFile),
}

/// A cache with a header that can be used.
pub(crate) struct CacheFile {
    file: File,
    records: Section,
    last_build: Section,
}

/// Why the digests in the header are not those of the sections.
const DAMAGED: &str = "it is damaged";

impl CacheFile {
    /// Opens a cache and reads its header.
    pub(crate) fn open(path: &Path) -> Opened {
        // Looked at before it is opened: to open a pipe is to wait for somebody who writes to it.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Opened::Unusable("it is no regular file");
        }
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Opened::Missing,
            Err(_) => return Opened::Unusable("it cannot be read"),
        };
        let mut header = [0; HEADER_BYTES];
        if file.read_exact(&mut header).is_err() || header[..16] != MAGIC {
            return Opened::Unusable(DAMAGED);
        }
        if header[16..48] != program_digest() {
            return Opened::Unusable("it is of another version");
        }
        let (records, last_build) = (section(&header[48..88]), section(&header[88..]));
        match file.metadata() {
            // Checked before memory is set aside for a length that is a flipped bit.
            Ok(metadata) if Some(metadata.len()) == whole_bytes(&records, &last_build) => {
                Opened::Usable(Self { file, records, last_build })
            }
            _ => Opened::Unusable(DAMAGED),
        }
    }

    /// The section of records.
    pub(crate) fn records(&mut self) -> Result<Vec<u8>, &'static str> {
        self.read(HEADER_BYTES as u64, self.records)
    }

    /// The section about the last build; empty when that was not whole.
    pub(crate) fn last_build(&mut self) -> Result<Vec<u8>, &'static str> {
        self.read(HEADER_BYTES as u64 + self.records.bytes, self.last_build)
    }

    fn read(&mut self, start: u64, section: Section) -> Result<Vec<u8>, &'static str> {
        let mut bytes = vec![0; usize::try_from(section.bytes).map_err(|_| DAMAGED)?];
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|_| DAMAGED)?;
        if Sha256::digest(&bytes)[..] != section.sha256 {
            return Err(DAMAGED);
        }
        Ok(bytes)
    }
}

fn program_digest() -> [u8; 32] {
    Sha256::digest(PROGRAM).into()
}

fn whole_bytes(records: &Section, last_build: &Section) -> Option<u64> {
    records.bytes.checked_add(last_build.bytes)?.checked_add(HEADER_BYTES as u64)
}

/// Reads a length, eight bytes with the lowest first, and a digest.
fn section(header: &[u8]) -> Section {
    let (bytes, sha256) = header.split_at(8);
    Section {
        bytes: u64::from_le_bytes(bytes.try_into().expect("the split left eight bytes")),
        sha256: sha256.try_into().expect("a section's part of the header has forty bytes"),
    }
}

/// A cache in the making. Dropped before it is finished, it leaves nothing.
pub(crate) struct CacheWriter {
    target: PathBuf,
    aside: PathBuf,
    file: BufWriter<File>,
    /// When writing began, by the clock of the file system.
    pub(crate) began: Moment,
    section: (u64, Sha256),
    finished: Vec<Section>,
}

impl CacheWriter {
    pub(crate) fn begin(target: &Path) -> io::Result<Self> {
        let aside = aside_of(target);
        let mut file = File::create(&aside)?;
        file.write_all(&[0; HEADER_BYTES])?;
        let began = Stamp::of(&file.metadata()?).modified;
        Ok(Self {
            target: target.to_owned(),
            aside,
            file: BufWriter::new(file),
            began,
            section: (0, Sha256::new()),
            finished: Vec::new(),
        })
    }

    /// Adds to the section at hand.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (length, sha256) = &mut self.section;
        *length += bytes.len() as u64;
        sha256.update(bytes);
        self.file.write_all(bytes)
    }

    /// Closes the section at hand: the first is that of the records, the second that about the last build.
    pub(crate) fn end_section(&mut self) {
        let (bytes, sha256) = std::mem::replace(&mut self.section, (0, Sha256::new()));
        self.finished.push(Section { bytes, sha256: sha256.finalize().into() });
    }

    /// Puts the cache in its place.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.extend(program_digest());
        for section in &self.finished {
            header.extend(section.bytes.to_le_bytes());
            header.extend(section.sha256);
        }
        debug_assert_eq!(header.len(), HEADER_BYTES, "both sections are closed");
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.flush()?;
        fs::rename(&self.aside, &self.target)
    }
}

impl Drop for CacheWriter {
    fn drop(&mut self) {
        // Renamed away when all went well; else what went wrong is told already.
        let _ = fs::remove_file(&self.aside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join(".output.bandari-cache");
        let mut writer = CacheWriter::begin(&path).unwrap();
        writer.write(b"rec").unwrap();
        writer.write(b"ords").unwrap();
        writer.end_section();
        writer.write(b"last build").unwrap();
        writer.end_section();
        writer.finish().unwrap();
        path
    }

    /// What reading all of a cache comes to.
    fn read(path: &Path) -> Result<(Vec<u8>, Vec<u8>), &'static str> {
        match CacheFile::open(path) {
            Opened::Missing => Err("missing"),
            Opened::Unusable(reason) => Err(reason),
            Opened::Usable(mut file) => Ok((file.records()?, file.last_build()?)),
        }
    }

    #[test]
    fn sections_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        assert_eq!(read(&path), Ok((b"records".to_vec(), b"last build".to_vec())));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left aside");
    }

    #[test]
    fn a_cache_in_the_making_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = CacheWriter::begin(&folder.path().join(".output.bandari-cache")).unwrap();
        writer.write(b"records").unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn every_flipped_bit_and_every_missing_end_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = fs::read(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, flipped).unwrap();
            assert!(read(&path).is_err(), "bit {bit}");
        }
        for bytes in 0..whole.len() {
            fs::write(&path, &whole[..bytes]).unwrap();
            assert_eq!(read(&path), Err(DAMAGED), "{bytes} bytes");
        }
    }

    #[test]
    fn a_cache_of_another_program_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let mut other = fs::read(&path).unwrap();
        other[16..48].copy_from_slice(&Sha256::digest("0.0.9"));
        fs::write(&path, other).unwrap();
        assert_eq!(read(&path), Err("it is of another version"));
    }
}
