//! The bytes of one entry of an archive: inflated piece by piece, and held against the checksum and the size that the archive
//! claims. Which entries are worth it is [`crate::archive`]'s business.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};

use flate2::{Decompress, FlushDecompress, Status};
use rawzip::{CompressionMethod, Crc32, ReaderAt, ZipArchive};

use crate::error::Flaw;
use crate::rules::Code;
use crate::zip_directory::{Entry, Unread};

/// Read, and inflated, at once.
const PIECE_BYTES: usize = 32 * 1024;

/// The bytes that are an archive, in a file, in memory, or inside of another archive. Whatever place an archive claims, a
/// disk is never asked for one that cannot be: its refusal would look like a failure of the machine.
pub(crate) struct Section<'r> {
    pub(crate) reader: &'r dyn ReaderAt,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl<'r> Section<'r> {
    pub(crate) fn whole(reader: &'r dyn ReaderAt, size_bytes: u64) -> Self {
        Self { reader, start: 0, end: size_bytes }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.end - self.start
    }
}

impl ReaderAt for Section<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = self.start.saturating_add(offset).min(self.end);
        let bytes = usize::try_from(self.end - from).unwrap_or(usize::MAX).min(buffer.len());
        self.reader.read_at(&mut buffer[..bytes], from)
    }
}

/// Unpacks entries one after the other, keeping its inflater and buffers: a new inflater for each archive would fragment
/// the heap.
pub(crate) struct Unpacker {
    inflater: Decompress,
    packed: Vec<u8>,
    unpacked: Vec<u8>,
}

/// Whether more of an entry is wanted.
enum Wish {
    More,
    Enough,
}

impl Unpacker {
    pub(crate) fn new() -> Self {
        Self {
            inflater: Decompress::new(false),
            packed: vec![0; PIECE_BYTES],
            unpacked: vec![0; PIECE_BYTES],
        }
    }

    /// An entry's bytes, but at most one more than `limit`: sizes in the archive are claims and not trusted. What is
    /// longer is not held against its checksum.
    pub(crate) fn bytes_of<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entry: &Entry,
        limit: usize,
    ) -> Result<Vec<u8>, Unread> {
        let claimed = usize::try_from(entry.unpacked_bytes).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(claimed.min(limit));
        self.hand_on(archive, entry, &mut |piece| {
            let room = limit + 1 - bytes.len();
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            Ok(if bytes.len() > limit { Wish::Enough } else { Wish::More })
        })?;
        Ok(bytes)
    }

    /// An entry's bytes in a file without a name, which is gone when it is closed. It never grows beyond the size that the
    /// archive claims for the entry.
    pub(crate) fn file_of<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entry: &Entry,
    ) -> Result<File, Unread> {
        let mut file = tempfile::tempfile().map_err(|error| no_room(entry, &error))?;
        let mut bytes = 0;
        self.hand_on(archive, entry, &mut |piece| {
            bytes += piece.len() as u64;
            if bytes > entry.unpacked_bytes {
                return Err(wrong_size().into());
            }
            file.write_all(piece).map_err(|error| no_room(entry, &error))?;
            Ok(Wish::More)
        })?;
        Ok(file)
    }

    /// Hands on an entry's bytes until they end or are enough. Bytes that end are held against their checksum and their
    /// size: some unpackers stop at the size that the archive claims, so they would read another file than this one.
    fn hand_on<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entry: &Entry,
        take: &mut dyn FnMut(&[u8]) -> Result<Wish, Unread>,
    ) -> Result<(), Unread> {
        let (start, end) = range_of(archive, entry)?;
        let mut crc32 = Crc32::new();
        let mut bytes = 0;
        let mut take = |piece: &[u8]| {
            crc32.update(piece);
            bytes += piece.len() as u64;
            take(piece)
        };
        let wish = match entry.method {
            CompressionMethod::STORE => self.copy(archive.get_ref(), start, end, &mut take)?,
            _ => self.inflate(archive.get_ref(), start, end, &mut take)?,
        };
        match wish {
            Wish::Enough => Ok(()),
            Wish::More if crc32.checksum() != entry.crc32 => {
                Err(broken("data that does not fit its checksum").into())
            }
            Wish::More if bytes != entry.unpacked_bytes => Err(wrong_size().into()),
            Wish::More => Ok(()),
        }
    }

    fn copy(
        &mut self,
        reader: &impl ReaderAt,
        mut start: u64,
        end: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<Wish, Unread>,
    ) -> Result<Wish, Unread> {
        while start < end {
            let piece = read_piece(reader, &mut self.packed, start, end)?;
            start += piece.len() as u64;
            if let Wish::Enough = take(piece)? {
                return Ok(Wish::Enough);
            }
        }
        Ok(Wish::More)
    }

    fn inflate(
        &mut self,
        reader: &impl ReaderAt,
        mut start: u64,
        end: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<Wish, Unread>,
    ) -> Result<Wish, Unread> {
        self.inflater.reset(false);
        while start < end {
            let mut packed = read_piece(reader, &mut self.packed, start, end)?;
            start += packed.len() as u64;
            loop {
                let (before_in, before_out) = (self.inflater.total_in(), self.inflater.total_out());
                let status = self
                    .inflater
                    .decompress(packed, &mut self.unpacked, FlushDecompress::None)
                    .map_err(|error| broken(&format!("data that does not inflate: {error}")))?;
                // Neither is more than the buffers that were given.
                let used = (self.inflater.total_in() - before_in) as usize;
                let made = (self.inflater.total_out() - before_out) as usize;
                packed = &packed[used..];
                if let Wish::Enough = take(&self.unpacked[..made])? {
                    return Ok(Wish::Enough);
                }
                if status == Status::StreamEnd {
                    return Ok(Wish::More);
                }
                // With room left in the buffer, the inflater waits for more to read.
                if made < self.unpacked.len() {
                    break;
                }
            }
        }
        Err(ends_too_early().into())
    }
}

/// Where a stored entry's bytes begin and end in the archive.
pub(crate) fn place_of<R: ReaderAt>(archive: &ZipArchive<R>, entry: &Entry) -> Result<(u64, u64), Unread> {
    let (start, end) = range_of(archive, entry)?;
    if end - start == entry.unpacked_bytes { Ok((start, end)) } else { Err(wrong_size().into()) }
}

fn range_of<R: ReaderAt>(archive: &ZipArchive<R>, entry: &Entry) -> Result<(u64, u64), Unread> {
    let found = archive.get_entry(entry.place)?;
    Ok(found.compressed_data_range())
}

/// Fills the buffer from a place on, as far as the entry reaches.
fn read_piece<'b>(
    reader: &impl ReaderAt,
    buffer: &'b mut [u8],
    start: u64,
    end: u64,
) -> Result<&'b [u8], Unread> {
    let bytes = usize::try_from(end - start).unwrap_or(usize::MAX).min(buffer.len());
    let piece = &mut buffer[..bytes];
    match reader.read_exact_at(piece, start) {
        Ok(()) => Ok(piece),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(ends_too_early().into()),
        Err(error) => Err(Unread::Failure(error)),
    }
}

fn ends_too_early() -> Flaw {
    Flaw::new(Code::BrokenArchive, "data that ends too early", "a complete zip archive")
}

fn wrong_size() -> Flaw {
    broken("data that does not fit its size")
}

fn broken(found: &str) -> Flaw {
    Flaw::new(Code::BrokenArchive, found, "a sound zip file")
}

/// Says what there was no room for; without the name of the temporary file, which is another in each run.
fn no_room(entry: &Entry, error: &io::Error) -> Unread {
    let reason =
        error.get_ref().and_then(Error::source).map_or_else(|| error.to_string(), ToString::to_string);
    let (name, bytes) = (&entry.name, entry.unpacked_bytes);
    let message = format!("no temporary file for the {bytes} bytes of `{name}`: {reason}");
    Unread::Failure(io::Error::new(error.kind(), message))
}
