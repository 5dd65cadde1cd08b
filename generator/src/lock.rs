//! The lock of an output directory. A build takes it before it reads anything and keeps it to its end: what it reads of the last
//! build, in the cache and in the output, is then what it will replace, and whatever is half made there nobody is making any
//! more.
//!
//! The system lets go of the lock when its process ends, however that comes about: a lock that is stale is free. Who has it notes
//! that in it, for those who wait.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::shown::visible;
use crate::stamp::{Moment, Stamp};

/// Beside `public/` and `protected/`, so that it is never served.
const LOCK: &str = ".bandari.lock";

/// For how long another build is waited for. It may be about to end; and until it has noted who it is, what stands there may be
/// of a build that was killed.
const PATIENCE: Duration = Duration::from_millis(100);

/// The same where nobody has noted anything: builds that end and begin all the time.
const PATIENCE_WITHOUT_NOTE: Duration = Duration::from_secs(1);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Longest note: a number, and the name of a host, which has 255 bytes at most (RFC 1035, section 2.3.4).
const MAX_NOTE_BYTES: u64 = 300;

/// An output directory to which nobody else builds as long as this is kept.
#[derive(Debug)]
pub(crate) struct Lock {
    folder: PathBuf,
    /// What there was not before of the folder and those above it, the innermost first.
    made: Vec<PathBuf>,
    file: File,
    began: Moment,
}

impl Lock {
    /// Takes the lock of an output directory, which is made when it is missing.
    ///
    /// # Errors
    /// [`Error::Locked`] while another build has it and does not end soon; [`Error::Io`] names what cannot be made or locked.
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = Self::take_free(folder)? {
                return Ok(lock);
            }
            let waited = begun.elapsed();
            if waited >= PATIENCE {
                let owner = owner(&folder.join(LOCK)).unwrap_or_default();
                if !owner.is_empty() || waited >= PATIENCE_WITHOUT_NOTE {
                    return Err(Error::Locked { output: folder.to_owned(), owner });
                }
            }
            sleep(PAUSE);
        }
    }

    /// The lock, if nobody has it.
    fn take_free(folder: &Path) -> Result<Option<Self>, Error> {
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let made = folder.ancestors().take_while(is_missing).map(Path::to_owned).collect();
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let path = folder.join(LOCK);
        let file = match File::options().create(true).truncate(false).write(true).open(&path) {
            Ok(file) => file,
            // Another build, which wrote nothing, has just taken away the folder that it had made.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => return Ok(None),
            Err(error) => return Err(Error::io("open the lock", &path)(error)),
        };
        match file.try_lock() {
            Ok(()) if is_at(&file, &path).map_err(Error::io("lock", &path))? => {
                // A disk that is full is told of where it matters. Without the note no moment is known, so nothing is sure.
                let noted = note_owner(&file).and_then(|()| file.metadata());
                let began = noted.map_or_else(|_| Moment::default(), |noted| Stamp::of(&noted).modified);
                Ok(Some(Self { folder: folder.to_owned(), made, file, began }))
            }
            // A build that wrote nothing has taken it away a moment ago.
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
        }
    }

    /// Sees that the output directory is still the one that was locked.
    ///
    /// # Errors
    /// [`Error::OutputTakenAway`] when it is not: whatever is there now lacks what this build has put into its own, and may be
    /// another build's. [`Error::Io`] when nobody can tell.
    pub(crate) fn check_in_place(&self) -> Result<(), Error> {
        let path = self.folder.join(LOCK);
        match is_at(&self.file, &path).map_err(Error::io("look at the lock", &path))? {
            true => Ok(()),
            false => Err(Error::OutputTakenAway { output: self.folder.clone() }),
        }
    }

    /// When it was taken, by the clock of the file system.
    pub(crate) fn began(&self) -> Moment {
        self.began
    }

    /// The output directory.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn note_owner(mut file: &File) -> io::Result<()> {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    file.set_len(0)?;
    file.write_all(format!("process {} on {host}\n", std::process::id()).as_bytes())
}

/// Who has the lock, since when and for how long, in the words of [`Error::Locked`]; nothing where nobody has noted it.
fn owner(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let since = file.metadata()?.modified()?;
    let mut note = String::new();
    file.take(MAX_NOTE_BYTES).read_to_string(&mut note)?;
    let note = visible(note.trim_end());
    if note.is_empty() {
        return Ok(note);
    }
    let begun = jiff::Timestamp::try_from(since).map_err(io::Error::other)?;
    // A clock that was put back tells no age.
    let age = since.elapsed().map_or_else(|_| String::new(), |age| format!(", for {} s", age.as_secs()));
    Ok(format!(": {note}, since {begun:.0}{age}"))
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
        // A note that stays is of a build that was killed, and the next one writes over it.
        let _ = self.file.set_len(0);
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
        let told = Lock::take(folder.path()).unwrap_err().to_string();
        let beginning = format!(
            "another build is writing to `{}`: process {} on ",
            folder.path().display(),
            std::process::id()
        );
        assert!(told.starts_with(&beginning) && told.contains(", since 2") && told.ends_with(" s"), "{told}");
        drop(first);
        assert_eq!(fs::read_to_string(folder.path().join(LOCK)).unwrap(), "", "nobody has it any more");
        assert!(Lock::take(folder.path()).is_ok());
        assert!(folder.path().join(LOCK).exists(), "a folder that was there is left as it is");
    }

    #[test]
    fn a_build_that_is_about_to_end_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        // As if it had not come to its note yet: then there is a second for what takes a moment.
        fs::write(folder.path().join(LOCK), "").unwrap();
        let ends = std::thread::spawn(move || {
            sleep(PAUSE * 2);
            drop(first);
        });
        assert!(Lock::take(folder.path()).is_ok());
        ends.join().unwrap();
    }

    #[test]
    fn the_lock_of_a_build_that_was_killed_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK), "process 1 on a-host-that-is-gone.example.org\n").unwrap();
        let _lock = Lock::take(folder.path()).unwrap();
        let note = fs::read_to_string(folder.path().join(LOCK)).unwrap();
        assert!(note.starts_with(&format!("process {} on ", std::process::id())), "{note}");
        assert!(!note.contains("gone"), "{note}");
    }

    #[test]
    fn an_output_that_was_taken_away_or_replaced_is_not_the_one_that_was_locked() {
        let site = tempfile::tempdir().unwrap();
        let (output, aside) = (site.path().join("output"), site.path().join("aside"));
        let lock = Lock::take(&output).unwrap();
        lock.check_in_place().unwrap();
        fs::rename(&output, &aside).unwrap();
        let told = lock.check_in_place().unwrap_err().to_string();
        let shown = output.display();
        assert_eq!(
            told,
            format!("`{shown}` was taken away or replaced while it was being written: run the build again")
        );
        let _another = Lock::take(&output).unwrap();
        assert!(matches!(lock.check_in_place(), Err(Error::OutputTakenAway { .. })));
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
