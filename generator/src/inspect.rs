//! One pass over each package file: size, digests and, for a zip, its manifest; or none, where [`crate::cache`] knows them. Many
//! at a time, largest first, since a large file begun last would keep one core busy while the others wait.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::{Digests, Extension};
use bandari_catalog::version::Version;
use rawzip::FileReader;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::archive::ArchiveReader;
use crate::cache::{Known, Record, Recorder};
use crate::config::DigestName;
use crate::contents::Contents;
use crate::observer::{Observer, Work};
use crate::stamp::Stamp;
use crate::workers;
use crate::zip_directory::{ArchiveFlaw, verdict};

/// Read at once: stays in a core's second-level cache, so that several digests read it from there. A file that
/// fits is read from the disk only once.
const BUFFER_BYTES: usize = 256 * 1024;

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A Joomla package: its manifest is wanted.
    Archive,
    /// Bytes whose meaning `product.toml` tells.
    Plain,
}

/// A file to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'t> {
    pub(crate) path: &'t Path,
    pub(crate) kind: Kind,
    /// As the walk found it.
    pub(crate) stamp: Stamp,
}

/// What one pass over a file tells, as far as it is asked for.
pub(crate) struct Inspected {
    pub(crate) stamp: Stamp,
    pub(crate) digests: Digests,
    /// Whether its bytes were read, and not only its stamp.
    pub(crate) is_read: bool,
    /// For [`Kind::Archive`] only.
    pub(crate) identified: Option<Result<Identified, Box<ArchiveFlaw>>>,
}

/// An extension in an archive.
pub(crate) struct Identified {
    pub(crate) extension: Extension,
    pub(crate) version: Version,
    /// For people.
    pub(crate) name: String,
    /// Everything that the archive holds, with [`Detail::Everything`] and where an inner extension has a flaw. Else a build of
    /// very many packages would need most of its memory for what nobody asks.
    pub(crate) contents: Option<Box<Contents>>,
}

impl Identified {
    fn of(contents: Box<Contents>, detail: Detail) -> Self {
        Self {
            extension: contents.manifest.extension.clone(),
            version: contents.manifest.version.clone(),
            name: contents.name.clone(),
            contents: (detail == Detail::Everything || contents.has_inner_flaw()).then_some(contents),
        }
    }
}

/// What one pass over a file tells.
pub(crate) struct Seen {
    pub(crate) stamp: Stamp,
    pub(crate) digests: Digests,
    pub(crate) is_read: bool,
    pub(crate) contents: Option<Result<Box<Contents>, ArchiveFlaw>>,
}

/// How much of what was seen is kept in memory. The cache keeps all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Identity, name and version, of which feeds and pages are made, and what is wrong with inner extensions.
    Identity,
    /// Everything: what `check` looks at.
    Everything,
}

/// How files are looked at.
pub(crate) struct Inspection<'i> {
    /// Paths are known to the cache by what comes below this folder.
    pub(crate) packages: &'i Path,
    pub(crate) digests: &'i BTreeSet<DigestName>,
    pub(crate) detail: Detail,
    /// What earlier builds read; without it, everything is read.
    pub(crate) known: &'i Known,
    /// Takes down what this one reads.
    pub(crate) recorder: Option<&'i Recorder>,
    pub(crate) observer: &'i dyn Observer,
}

impl Inspection<'_> {
    /// Looks at all files, on as many threads as there are cores. Answers are in the order of the tasks. They are large, so
    /// each is let go of when its turn has come, not all of them with the last.
    pub(crate) fn run(&self, tasks: &[Task<'_>]) -> Vec<io::Result<Box<Inspected>>> {
        let mut order: Vec<usize> = (0..tasks.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(tasks[index].stamp.size_bytes));
        let bytes = tasks.iter().map(|task| task.stamp.size_bytes).sum();
        self.observer.begin(Work::Reading, tasks.len() as u64, bytes);
        let answers: Vec<OnceLock<_>> = tasks.iter().map(|_| OnceLock::new()).collect();
        let begin = || Inspector::new(self.digests, self.observer);
        let Ok(_) = workers::share(order.into_iter(), begin, |inspector, index| {
            let answer = answers[index].set(self.look_at(&tasks[index], inspector));
            debug_assert!(answer.is_ok(), "the order has every index once");
            self.observer.advance(1, 0);
            Ok::<(), Infallible>(())
        });
        self.observer.end();
        let answer = |slot: OnceLock<_>| slot.into_inner().expect("the order has every index");
        answers.into_iter().map(answer).collect()
    }

    /// Takes what an earlier build read where that is beyond doubt; where only the digest can tell, the zip need not be
    /// looked into again.
    fn look_at(&self, task: &Task<'_>, inspector: &mut Inspector<'_>) -> io::Result<Box<Inspected>> {
        let path = task.path.strip_prefix(self.packages).unwrap_or(task.path);
        let record = self.known.record(path).and_then(|record| {
            let digests = record.answer(task.kind, self.digests)?;
            Some((record, digests))
        });
        let seen = match record {
            Some((record, digests)) if record.is_sure_of(&task.stamp) => {
                self.observer.advance(0, task.stamp.size_bytes);
                let contents = record.into_contents(task.kind);
                Seen { stamp: task.stamp, digests, is_read: false, contents }
            }
            Some((record, _)) if record.has_size_of(&task.stamp) => inspector.confirm(task, record)?,
            _ => inspector.inspect(task)?,
        };
        if let Some(recorder) = self.recorder {
            recorder.take(path, &seen);
        }
        let Seen { stamp, digests, is_read, contents } = seen;
        let identified = contents.map(|contents| match contents {
            Ok(contents) => Ok(Identified::of(contents, self.detail)),
            Err(flaw) => Err(Box::new(flaw)),
        });
        Ok(Box::new(Inspected { stamp, digests, is_read, identified }))
    }
}

/// Looks at all files for everything that is in them, without a cache.
pub(crate) fn inspect(tasks: &[Task<'_>], digests: &BTreeSet<DigestName>) -> Vec<io::Result<Box<Inspected>>> {
    let inspection = Inspection {
        packages: Path::new(""),
        digests,
        detail: Detail::Everything,
        known: &Known::default(),
        recorder: None,
        observer: &(),
    };
    inspection.run(tasks)
}

/// One thread's buffers.
struct Inspector<'d> {
    digests: &'d BTreeSet<DigestName>,
    buffer: Vec<u8>,
    archives: ArchiveReader,
    observer: &'d dyn Observer,
}

/// A file whose bytes went by once.
struct Hashed {
    file: File,
    stamp: Stamp,
    digests: Digests,
    /// How many of its bytes are in the buffer: the last ones.
    in_buffer: usize,
}

impl<'d> Inspector<'d> {
    fn new(digests: &'d BTreeSet<DigestName>, observer: &'d dyn Observer) -> Self {
        Self { digests, buffer: vec![0; BUFFER_BYTES], archives: ArchiveReader::new(), observer }
    }

    fn inspect(&mut self, task: &Task<'_>) -> io::Result<Seen> {
        let hashed = self.hash(task.path)?;
        self.look_into(hashed, task.kind)
    }

    /// Reads a file that seems to be the one of a record, and looks into it only where its digest says that it is not.
    fn confirm(&mut self, task: &Task<'_>, record: Record) -> io::Result<Seen> {
        let hashed = self.hash(task.path)?;
        if !record.is_of(&hashed.digests) {
            return self.look_into(hashed, task.kind);
        }
        let Hashed { stamp, digests, .. } = hashed;
        Ok(Seen { stamp, digests, is_read: true, contents: record.into_contents(task.kind) })
    }

    fn hash(&mut self, path: &Path) -> io::Result<Hashed> {
        let mut file = File::open(path)?;
        let stamp = Stamp::of(&file.metadata()?);
        let mut states = DigestStates::new(self.digests);
        let mut size_bytes = 0_u64;
        let mut in_buffer;
        loop {
            in_buffer = fill(&mut file, &mut self.buffer)?;
            states.update(&self.buffer[..in_buffer]);
            size_bytes += in_buffer as u64;
            self.observer.advance(0, in_buffer as u64);
            if in_buffer < BUFFER_BYTES {
                break;
            }
        }
        Ok(Hashed { file, stamp: Stamp { size_bytes, ..stamp }, digests: states.finish(), in_buffer })
    }

    fn look_into(&mut self, hashed: Hashed, kind: Kind) -> io::Result<Seen> {
        let Hashed { file, stamp, digests, in_buffer } = hashed;
        let is_whole = stamp.size_bytes == in_buffer as u64;
        let contents = match kind {
            Kind::Plain => None,
            Kind::Archive if is_whole => {
                Some(self.archives.read(&&self.buffer[..in_buffer], stamp.size_bytes))
            }
            Kind::Archive => Some(self.archives.read(&FileReader::from(file), stamp.size_bytes)),
        };
        let contents = contents.map(|read| verdict(read.map(Box::new))).transpose()?;
        Ok(Seen { stamp, digests, is_read: true, contents })
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The digests of a file, made in one pass.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn digests_of(path: &Path, digests: &BTreeSet<DigestName>) -> io::Result<Digests> {
    Ok(Inspector::new(digests, &()).hash(path)?.digests)
}

struct DigestStates {
    sha256: Sha256,
    sha384: Option<Sha384>,
    sha512: Option<Sha512>,
}

impl DigestStates {
    fn new(names: &BTreeSet<DigestName>) -> Self {
        Self {
            sha256: Sha256::new(),
            sha384: names.contains(&DigestName::Sha384).then(Sha384::new),
            sha512: names.contains(&DigestName::Sha512).then(Sha512::new),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(state) = &mut self.sha384 {
            state.update(bytes);
        }
        if let Some(state) = &mut self.sha512 {
            state.update(bytes);
        }
    }

    fn finish(self) -> Digests {
        Digests {
            sha256: HexDigest::new(self.sha256.finalize().into()),
            sha384: self.sha384.map(|state| Box::new(HexDigest::new(state.finalize().into()))),
            sha512: self.sha512.map(|state| Box::new(HexDigest::new(state.finalize().into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B and C: the digests of `abc`.
    const ABC_SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const ABC_SHA384: &str =
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
    const ABC_SHA512: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                              2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn a_file_gets_exactly_the_digests_that_were_asked_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let only = digests_of(file.path(), &BTreeSet::from([DigestName::Sha256])).unwrap();
        assert_eq!(only.sha256.to_string(), ABC_SHA256);
        assert_eq!((only.sha384, only.sha512), (None, None));
        let all = BTreeSet::from([DigestName::Sha256, DigestName::Sha384, DigestName::Sha512]);
        let all = digests_of(file.path(), &all).unwrap();
        assert_eq!(all.sha384.unwrap().to_string(), ABC_SHA384);
        assert_eq!(all.sha512.unwrap().to_string(), ABC_SHA512);
    }

    #[test]
    fn a_file_larger_than_the_buffer_gets_the_digest_of_all_its_bytes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // FIPS 180-2, appendix B.3: a million times `a`.
        std::fs::write(file.path(), "a".repeat(1_000_000)).unwrap();
        let digests = digests_of(file.path(), &BTreeSet::from([DigestName::Sha256])).unwrap();
        assert_eq!(
            digests.sha256.to_string(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }
}
