//! One file of the output: is it there with its bytes, and how does it get there? Always written aside in its own folder and
//! renamed, so that nobody ever sees half of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bandari_catalog::names::HexDigest;

use crate::config::DigestName;
use crate::error::Error;
use crate::inspect::digests_of;
use crate::stamp::{Moment, Stamp};

/// How the name of a file in the making begins.
const ASIDE: &str = ".bandari-tmp-";

/// What a file of the output holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// The bytes of a package, as they were when its digest was made.
    Package {
        source: PathBuf,
        stamp: Stamp,
        sha256: HexDigest<32>,
    },
}

/// Whether the file is there with these bytes. A package that was published with this digest and still has the size and time
/// that it was given is taken as the same, as rsync does. Else its bytes decide, and it is given the time of its source, so
/// that they need to be read only once.
pub(crate) fn is_there(
    target: &Path,
    content: &Content,
    published: Option<HexDigest<32>>,
) -> Result<bool, Error> {
    let found = match fs::metadata(target) {
        Ok(metadata) => Stamp::of(&metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("read", target)(error)),
    };
    let (stamp, sha256) = match content {
        Content::Bytes(bytes) => {
            return Ok(found.size_bytes == bytes.len() as u64
                && fs::read(target).map_err(Error::io("read", target))? == *bytes);
        }
        Content::Package { stamp, sha256, .. } => (stamp, sha256),
    };
    if found.is_alike(stamp) && published == Some(*sha256) {
        return Ok(true);
    }
    let is_same = found.size_bytes == stamp.size_bytes && sha256_of(target)? == *sha256;
    if is_same && !found.is_alike(stamp) {
        set_time(target, *stamp)?;
    }
    Ok(is_same)
}

/// Puts a file in its place.
pub(crate) fn place(target: &Path, content: &Content) -> Result<(), Error> {
    place_read_since(target, content, Moment::default())
}

/// The same, where packages were read after this moment. One whose stamp tells of changes only later may have changed since with
/// the same stamp, so its copy is read again.
pub(crate) fn place_read_since(target: &Path, content: &Content, began: Moment) -> Result<(), Error> {
    match content {
        Content::Bytes(bytes) => place_written(target, |file| file.write_all(bytes)),
        Content::Package { source, stamp, sha256 } => place_by(target, |aside| {
            copy_package(source, *stamp, aside)?;
            let is_sure = stamp.tells_from() < began;
            if is_sure || sha256_of(aside)? == *sha256 {
                Ok(())
            } else {
                Err(Error::ChangedWhileRead { file: source.clone() })
            }
        }),
    }
}

fn sha256_of(path: &Path) -> Result<HexDigest<32>, Error> {
    let only = BTreeSet::from([DigestName::Sha256]);
    Ok(digests_of(path, &only).map_err(Error::io("read", path))?.sha256)
}

/// Whether a file is there with the bytes that `write` writes. They are compared as they come, and as far as they are the same.
pub(crate) fn is_written(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<bool, Error> {
    let file = match File::open(target) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("read", target)(error)),
    };
    // What writes JSON does it word by word.
    let mut comparison = BufWriter::new(Comparison { file, buffer: Vec::new() });
    match write(&mut comparison).and_then(|()| comparison.flush()) {
        Ok(()) => comparison.get_mut().is_at_end().map_err(Error::io("read", target)),
        Err(error) if error.get_ref().is_some_and(|error| error.is::<Differs>()) => Ok(false),
        Err(error) => Err(Error::io("read", target)(error)),
    }
}

/// Takes the same bytes as a file has, and no others.
struct Comparison {
    file: BufReader<File>,
    buffer: Vec<u8>,
}

/// What was written is not what the file has.
#[derive(Debug, thiserror::Error)]
#[error("other bytes than before")]
struct Differs;

impl Comparison {
    fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.file.fill_buf()?.is_empty())
    }
}

impl Write for Comparison {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.resize(bytes.len(), 0);
        match self.file.read_exact(&mut self.buffer) {
            Ok(()) if self.buffer == bytes => Ok(bytes.len()),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Err(io::Error::other(Differs)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts in its place what `write` writes.
pub(crate) fn place_written(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    place_by(target, |aside| {
        let written = File::create(aside).and_then(|file| {
            let mut file = BufWriter::new(file);
            write(&mut file)?;
            file.flush()
        });
        written.map_err(Error::io("write", aside))
    })
}

/// Puts a file in its place that `write` has written aside, at the path that it is given.
pub(crate) fn place_by(target: &Path, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let aside = aside_of(target);
    let done = write(&aside).and_then(|()| fs::rename(&aside, target).map_err(Error::io("write", target)));
    done.inspect_err(|_| {
        // What went wrong is told already; a leftover is taken by the next build.
        let _ = fs::remove_file(&aside);
    })
}

/// Where a file is in the making.
pub(crate) fn aside_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!("{ASIDE}{}-{name}", std::process::id()))
}

/// Copies the bytes, not the permissions: a published file has those that the builder's umask gives, whatever its source has.
fn copy_package(source: &Path, stamp: Stamp, aside: &Path) -> Result<(), Error> {
    let mut from = File::open(source).map_err(Error::io("read", source))?;
    let mut to = File::create(aside).map_err(Error::io("write", aside))?;
    io::copy(&mut from, &mut to).map_err(Error::io("copy", source))?;
    let now = Stamp::of(&from.metadata().map_err(Error::io("read", source))?);
    if now != stamp {
        return Err(Error::ChangedWhileRead { file: source.to_owned() });
    }
    // Network file systems write what they have gathered before they take a time that is set (`futimens`).
    set_time_of(&to, stamp).map_err(Error::io("write", aside))
}

fn set_time(path: &Path, stamp: Stamp) -> Result<(), Error> {
    let file = File::options().write(true).open(path).map_err(Error::io("write", path))?;
    set_time_of(&file, stamp).map_err(Error::io("write", path))
}

fn set_time_of(file: &File, stamp: Stamp) -> io::Result<()> {
    stamp.modified_time().map_or(Ok(()), |modified| file.set_modified(modified))
}

/// Removes what runs that were killed left of one file in the making. Its folder must be there.
pub(crate) fn remove_leftovers_of(target: &Path) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    for entry in folder.unwrap_or(Path::new(".")).read_dir()? {
        let entry = entry?;
        let is_of_target = entry.file_name().to_str().is_some_and(|aside| {
            let process =
                aside.strip_prefix(ASIDE).and_then(|rest| rest.strip_suffix(&*name)?.strip_suffix('-'));
            process.is_some_and(|process| process.parse::<u32>().is_ok())
        });
        if is_of_target {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes files in the making that builds left which were killed, and tells how many. The lock tells that no other build is
/// at work.
pub(crate) fn remove_leftovers(folder: &Path) -> Result<usize, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(Error::io("read", folder)(error)),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().as_encoded_bytes().starts_with(ASIDE.as_bytes()) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_parts_is_compared_with_all_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog.json");
        let is_there = |parts: &[&str]| {
            is_written(&file, |out| parts.iter().try_for_each(|part| out.write_all(part.as_bytes()))).unwrap()
        };
        assert!(!is_there(&[]), "there is no file yet");
        fs::write(&file, "one two").unwrap();
        assert!(is_there(&["one ", "two"]) && is_there(&["o", "ne two"]));
        for other in [&["one "] as &[_], &["one ", "two", "!"], &["one ", "tw0"], &[]] {
            assert!(!is_there(other), "{other:?}");
        }
    }

    #[test]
    fn a_package_that_changed_unseen_after_it_was_read_is_not_published() {
        let folder = tempfile::tempdir().unwrap();
        let [source, target] = ["source.zip", "target.zip"].map(|name| folder.path().join(name));
        fs::write(&source, "before").unwrap();
        let sha256 = sha256_of(&source).unwrap();
        fs::write(&source, "change").unwrap();
        // As if it had been changed within the tick of a clock.
        let stamp = Stamp::of(&fs::metadata(&source).unwrap());
        let content = Content::Package { source, stamp, sha256 };
        let error = place_read_since(&target, &content, stamp.tells_from()).unwrap_err();
        assert!(matches!(error, Error::ChangedWhileRead { .. }), "{error}");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing is left of it");
    }

    #[test]
    fn an_error_of_the_writer_is_no_difference() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = is_written(file.path(), |_| Err(io::Error::other("no template"))).unwrap_err();
        assert!(matches!(error, Error::Io { action: "read", .. }), "{error}");
    }
}
