//! What is in a folder and below it, with the stamp of each file. Looked at by as many threads as there are cores, since asking
//! the file system is nearly all that a build does in which nothing changed.

use std::ffi::OsStr;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crate::stamp::Stamp;
use crate::workers;

/// A folder and all below it.
#[derive(Default)]
pub(crate) struct Tree {
    /// Each folder before what is in it, and what is in a folder by name.
    pub(crate) entries: Vec<TreeEntry>,
    /// What could not be looked at, in the same order.
    pub(crate) errors: Vec<TreeError>,
}

/// A file, a folder or something else. Links are not followed.
pub(crate) struct TreeEntry {
    path: PathBuf,
    kind: FileType,
    stamp: Stamp,
}

/// Why something could not be looked at.
pub(crate) struct TreeError {
    pub(crate) path: PathBuf,
    pub(crate) error: io::Error,
}

impl TreeEntry {
    /// Begins with the folder that was walked.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn into_path(self) -> PathBuf {
        self.path
    }

    pub(crate) fn file_name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    pub(crate) fn file_type(&self) -> FileType {
        self.kind
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// What one folder holds.
#[derive(Default)]
struct Folder {
    entries: Vec<(TreeEntry, Option<usize>)>,
    errors: Vec<TreeError>,
}

/// Folders that were found: those still to be looked at, how many are being looked at, and what was in the others.
struct Found {
    waiting: Vec<(usize, PathBuf)>,
    at_work: usize,
    /// By the number that each folder got when it was found.
    folders: Vec<Folder>,
}

impl Tree {
    /// Walks a folder. Files and folders whose names begin with a dot are left alone: they belong to version control and file
    /// managers.
    pub(crate) fn read(root: &Path) -> Self {
        let found = Mutex::new(Found {
            waiting: vec![(0, root.to_owned())],
            at_work: 0,
            folders: vec![Folder::default()],
        });
        let changed = Condvar::new();
        thread::scope(|scope| {
            for _ in 1..workers::threads() {
                scope.spawn(|| look_at_folders(&found, &changed));
            }
            look_at_folders(&found, &changed);
        });
        let mut folders = found.into_inner().unwrap_or_else(PoisonError::into_inner).folders;
        let mut tree = Self::default();
        tree.take(0, &mut folders);
        tree
    }

    /// Takes over a folder and, in their places, the folders in it.
    fn take(&mut self, number: usize, folders: &mut [Folder]) {
        let Folder { entries, errors } = std::mem::take(&mut folders[number]);
        self.errors.extend(errors);
        for (entry, folder) in entries {
            self.entries.push(entry);
            if let Some(number) = folder {
                self.take(number, folders);
            }
        }
    }
}

/// One thread's work: takes a waiting folder and puts down those that are in it, until none waits and no thread may find more.
fn look_at_folders(found: &Mutex<Found>, changed: &Condvar) {
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let mut at_hand = lock();
    loop {
        if let Some((number, path)) = at_hand.waiting.pop() {
            at_hand.at_work += 1;
            drop(at_hand);
            let mut folder = look_at(&path);
            at_hand = lock();
            at_hand.at_work -= 1;
            for (entry, number) in folder.entries.iter_mut().filter(|(entry, _)| entry.kind.is_dir()) {
                *number = Some(at_hand.folders.len());
                at_hand.folders.push(Folder::default());
                let next = (at_hand.folders.len() - 1, entry.path.clone());
                at_hand.waiting.push(next);
            }
            // Waking a thread is a call to the system, whether one sleeps or not.
            if at_hand.at_work == 0 || folder.entries.iter().any(|(_, number)| number.is_some()) {
                changed.notify_all();
            }
            at_hand.folders[number] = folder;
        } else if at_hand.at_work == 0 {
            return;
        } else {
            at_hand = changed.wait(at_hand).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Looks at one folder.
fn look_at(path: &Path) -> Folder {
    let mut folder = Folder::default();
    let entries = match path.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            folder.errors.push(TreeError { path: path.to_owned(), error });
            return folder;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) if entry.file_name().as_encoded_bytes().starts_with(b".") => continue,
            Ok(entry) => entry,
            Err(error) => {
                folder.errors.push(TreeError { path: path.to_owned(), error });
                continue;
            }
        };
        // Asked of the open folder, so that the system need not look for each file from the root.
        match entry.metadata() {
            Ok(metadata) => {
                let (kind, stamp) = (metadata.file_type(), Stamp::of(&metadata));
                folder.entries.push((TreeEntry { path: entry.path(), kind, stamp }, None));
            }
            Err(error) => folder.errors.push(TreeError { path: entry.path(), error }),
        }
    }
    // Of one folder, so whole paths are in the order of names.
    folder.entries.sort_unstable_by(|(a, _), (b, _)| a.path.as_os_str().cmp(b.path.as_os_str()));
    folder
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_folder_comes_before_what_is_in_it_and_all_is_sorted_by_name() {
        let root = tempfile::tempdir().unwrap();
        for file in ["b/z", "b/c/1", "b-1", "a", ".git/config", "b/.hidden"] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let tree = Tree::read(root.path());
        let paths: Vec<&str> = tree
            .entries
            .iter()
            .map(|entry| entry.path().strip_prefix(root.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(paths, ["a", "b", "b/c", "b/c/1", "b/z", "b-1"]);
        assert_eq!(tree.entries[0].stamp().size_bytes, 1);
        assert!(tree.errors.is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_no_empty_tree() {
        let tree = Tree::read(Path::new("no/such/folder"));
        assert_eq!((tree.entries.len(), tree.errors.len()), (0, 1));
        assert_eq!(tree.errors[0].path, Path::new("no/such/folder"));
    }
}
