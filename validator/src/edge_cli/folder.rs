//! Where the files of an edge go. Vendors adapt some of them, so what is replaced is kept.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

use super::files::EdgeFile;

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It was not there.
    Made,
    /// It was there with these bytes and was not touched.
    Unchanged,
    /// It was there with others.
    Replaced {
        /// Where these are now.
        kept: PathBuf,
    },
}

/// Writes the files into a folder, which is made where it is missing.
///
/// # Errors
/// [`Error::Io`] names the first file that could not be written; it is as it was, and those before it are whole.
pub(super) fn write(folder: &Path, files: &[EdgeFile]) -> Result<Vec<(PathBuf, Written)>, Error> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    files.iter().map(|file| write_file(folder.join(file.name), file.text.as_bytes())).collect()
}

fn write_file(path: PathBuf, content: &[u8]) -> Result<(PathBuf, Written), Error> {
    let before = match fs::read(&path) {
        Ok(before) if before == content => return Ok((path, Written::Unchanged)),
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    let written = match before {
        None => Written::Made,
        Some(before) => {
            let kept = keep(&path, &before)?;
            Written::Replaced { kept }
        }
    };
    put(&path, content)?;
    Ok((path, written))
}

/// Puts what a file holds beside it, under a name that nothing else has, and gives that name.
fn keep(path: &Path, content: &[u8]) -> Result<PathBuf, Error> {
    let endings = std::iter::once(".old".to_owned()).chain((2..).map(|number| format!(".old-{number}")));
    for kept in endings.map(|ending| with_ending(path, &ending)) {
        match fs::read(&kept) {
            Ok(there) if there == content => return Ok(kept),
            // Somebody's changes of last time, perhaps.
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                put(&kept, content)?;
                return Ok(kept);
            }
            Err(error) => return Err(Error::io("read", &kept)(error)),
        }
    }
    unreachable!("there is always one more number")
}

/// Puts a file in place as a whole.
fn put(path: &Path, content: &[u8]) -> Result<(), Error> {
    let aside = with_ending(path, &format!(".tmp-{}", std::process::id()));
    let put = fs::File::create(&aside)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&aside, path));
    put.map_err(|error| {
        // Half a file is of no use; that it cannot be removed either is no news.
        let _ = fs::remove_file(&aside);
        Error::io("write", path)(error)
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<EdgeFile> {
        ["a.conf", "b.conf"].map(|name| EdgeFile { name, text: text.to_owned() }).into()
    }

    /// What became of each file, by its name.
    fn written(folder: &Path, text: &str) -> Vec<(String, Written)> {
        let written = write(folder, &files(text)).unwrap();
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        written.into_iter().map(|(path, written)| (name(path), written)).collect()
    }

    #[test]
    fn files_are_made_with_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("edge/nginx");
        let expected = ["a.conf", "b.conf"].map(|name| (name.to_owned(), Written::Made));
        assert_eq!(written(&below, "one"), expected);
        assert_eq!(fs::read_to_string(below.join("b.conf")).unwrap(), "one");
        assert_eq!(fs::read_dir(below).unwrap().count(), 2);
    }

    #[test]
    fn a_file_with_these_bytes_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), "one");
        let modified = || fs::metadata(folder.path().join("a.conf")).unwrap().modified().unwrap();
        let before = modified();
        let expected = ["a.conf", "b.conf"].map(|name| (name.to_owned(), Written::Unchanged));
        assert_eq!(written(folder.path(), "one"), expected);
        assert_eq!(modified(), before);
    }

    #[test]
    fn what_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), "one");
        fs::write(folder.path().join("a.conf"), "mine").unwrap();
        let replaced = written(folder.path(), "two");
        assert_eq!(replaced[0].1, Written::Replaced { kept: folder.path().join("a.conf.old") });
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read("a.conf.old").as_str(), read("a.conf").as_str()), ("mine", "two"));
        assert_eq!((read("b.conf.old").as_str(), read("b.conf").as_str()), ("one", "two"));
    }

    #[test]
    fn what_was_kept_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["one", "two", "three", "two", "three"] {
            written(folder.path(), text);
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            ["a.conf", "a.conf.old", "a.conf.old-2", "a.conf.old-3"].map(read),
            ["three", "one", "two", "three"]
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 8);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a.conf")).unwrap();
        let error = write(folder.path(), &files("one")).unwrap_err().to_string();
        assert_eq!(error, format!("cannot read `{}`", folder.path().join("a.conf").display()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
