//! The lock of an output directory. A build takes it before it reads anything and keeps it to its end: what it reads of the last
//! build, in the cache and in the output, is then what it will replace, and whatever is half made there nobody is making any
//! more.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Beside `public/` and `protected/`, so that it is never served.
const LOCK: &str = ".bandari.lock";

/// An output directory to which nobody else builds as long as this is kept.
#[derive(Debug)]
pub(crate) struct Lock {
    folder: PathBuf,
    /// What there was not before of the folder and those above it, the innermost first.
    made: Vec<PathBuf>,
    _file: File,
}

impl Lock {
    /// Takes the lock of an output directory, which is made when it is missing.
    ///
    /// # Errors
    /// [`Error::Locked`] while another build has it; [`Error::Io`] names what cannot be made or locked.
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let made = folder.ancestors().take_while(is_missing).map(Path::to_owned).collect();
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let path = folder.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::io("open the lock", &path))?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &path).map_err(Error::io("lock", &path))? => {
                Ok(Self { folder: folder.to_owned(), made, _file: file })
            }
            // A build that wrote nothing has taken it away a moment ago.
            Ok(()) | Err(TryLockError::WouldBlock) => Err(Error::Locked { output: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
        }
    }

    /// The output directory.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Whether this is the file that a path leads to.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((held.dev(), held.ino()) == (found.dev(), found.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A build that wrote nothing leaves no folders either.
impl Drop for Lock {
    fn drop(&mut self) {
        let is_blank = !self.made.is_empty()
            && fs::read_dir(&self.folder).is_ok_and(|mut entries| {
                entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK))
            });
        if is_blank && fs::remove_file(self.folder.join(LOCK)).is_ok() {
            // Up to the first in which something else is, such as the cache.
            let _ = self.made.iter().try_for_each(fs::remove_dir);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_lock_has_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        assert!(matches!(Lock::take(folder.path()), Err(Error::Locked { .. })));
        drop(first);
        assert!(Lock::take(folder.path()).is_ok());
        assert!(folder.path().join(LOCK).exists(), "a folder that was there is left as it is");
    }

    #[test]
    fn folders_that_were_made_for_nothing_go_again() {
        let site = tempfile::tempdir().unwrap();
        let output = site.path().join("a/b/output");
        drop(Lock::take(&output).unwrap());
        assert!(!site.path().join("a").exists());
        let lock = Lock::take(&output).unwrap();
        fs::write(site.path().join("a/cache"), "").unwrap();
        drop(lock);
        assert!(site.path().join("a/cache").exists() && !site.path().join("a/b").exists());
        let lock = Lock::take(&output).unwrap();
        fs::write(output.join("index.html"), "").unwrap();
        drop(lock);
        assert!(output.join("index.html").exists() && output.join(LOCK).exists());
    }

    #[test]
    fn a_lock_that_was_taken_away_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        let file = File::create(&path).unwrap();
        assert!(is_at(&file, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&file, &path).unwrap());
        let _other = File::create(&path).unwrap();
        assert!(!is_at(&file, &path).unwrap());
    }
}
