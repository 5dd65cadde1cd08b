//! One pass over each package file: size, digests and, for a zip, its manifest. Many at a time, largest first, since a
//! large file begun last would keep one core busy while the others wait.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::Digests;
use rawzip::FileReader;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::archive::ArchiveReader;
use crate::config::DigestName;
use crate::contents::Contents;
use crate::zip_directory::ArchiveFlaw;

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
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    /// As the directory told; only for the order of work.
    pub(crate) size_bytes: u64,
}

/// Tells whether a file is still the one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size_bytes: u64,
    pub(crate) modified: SystemTime,
}

impl Stamp {
    pub(crate) fn of(metadata: &std::fs::Metadata) -> io::Result<Self> {
        Ok(Self { size_bytes: metadata.len(), modified: metadata.modified()? })
    }
}

/// What one pass over a file tells.
pub(crate) struct Inspected {
    pub(crate) stamp: Stamp,
    pub(crate) digests: Digests,
    /// For [`Kind::Archive`] only.
    pub(crate) contents: Option<Result<Contents, ArchiveFlaw>>,
}

/// Looks at all files, on as many threads as there are cores. Answers are in the order of the tasks.
pub(crate) fn inspect(tasks: &[Task], digests: &BTreeSet<DigestName>) -> Vec<io::Result<Inspected>> {
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(tasks[index].size_bytes));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut inspector = Inspector::new(digests);
        let mut done = Vec::new();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((index, inspector.inspect(&tasks[index])));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(tasks.len());
    let mut answers: Vec<Option<io::Result<Inspected>>> = tasks.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (index, answer) in worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                answers[index] = Some(answer);
            }
        }
    });
    answers.into_iter().map(|answer| answer.expect("the counter passed every index to one worker")).collect()
}

/// One thread's buffers.
struct Inspector<'d> {
    digests: &'d BTreeSet<DigestName>,
    buffer: Vec<u8>,
    archives: ArchiveReader,
}

impl<'d> Inspector<'d> {
    fn new(digests: &'d BTreeSet<DigestName>) -> Self {
        Self { digests, buffer: vec![0; BUFFER_BYTES], archives: ArchiveReader::new() }
    }

    fn inspect(&mut self, task: &Task) -> io::Result<Inspected> {
        let mut file = File::open(&task.path)?;
        let stamp = Stamp::of(&file.metadata()?)?;
        let mut states = DigestStates::new(self.digests);
        let mut size_bytes = 0_u64;
        let mut in_buffer;
        loop {
            in_buffer = fill(&mut file, &mut self.buffer)?;
            states.update(&self.buffer[..in_buffer]);
            size_bytes += in_buffer as u64;
            if in_buffer < BUFFER_BYTES {
                break;
            }
        }
        let whole = size_bytes == in_buffer as u64;
        let contents = match task.kind {
            Kind::Plain => None,
            Kind::Archive if whole => Some(self.archives.read(&&self.buffer[..in_buffer], size_bytes)),
            Kind::Archive => Some(self.archives.read(&FileReader::from(file), size_bytes)),
        };
        Ok(Inspected { stamp: Stamp { size_bytes, ..stamp }, digests: states.finish(), contents })
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
    let task = Task { path: path.to_owned(), kind: Kind::Plain, size_bytes: 0 };
    Ok(Inspector::new(digests).inspect(&task)?.digests)
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
            sha384: self.sha384.map(|state| HexDigest::new(state.finalize().into())),
            sha512: self.sha512.map(|state| HexDigest::new(state.finalize().into())),
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
