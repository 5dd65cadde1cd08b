//! What earlier builds found out, so that it need not be found out again: for each package file what was read in it
//! ([`records`]), and for the last whole build what went in and what came out ([`last_build`]).
//!
//! The cache is one file beside the output directory ([`mod@file`]), neither in it, where it might be uploaded, nor among the
//! packages. It may be deleted at any time. It is believed only as far as it can be checked: a file with a wrong digest, or of a
//! program that would read packages differently, is thrown away as a whole; a record counts for a file with the same size and
//! times only, and where these cannot tell, the file's digest does. Failing to write it fails no build.

mod file;
mod last_build;
mod records;

pub(crate) use last_build::{Inputs, LastBuild};
pub(crate) use records::{Known, Record, Recorder};

use std::path::{Path, PathBuf};

use crate::observer::Observer;
use crate::place::remove_leftovers_of;
use file::{CacheFile, Opened};

/// The cache of an output directory: `.output.bandari-cache` beside `output`.
pub(crate) fn beside(output: &Path) -> PathBuf {
    // `.` and `a/..` have no name of their own, and what is beside a link is beside what it leads to.
    let output = crate::config::real_path(output);
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!(".{name}.bandari-cache"))
}

/// The cache as a build finds it. One that cannot be used is as good as none; the observer is told once.
pub(crate) struct Cache<'c> {
    path: PathBuf,
    /// None when there is none that can be used.
    file: Option<CacheFile>,
    observer: &'c dyn Observer,
}

impl<'c> Cache<'c> {
    /// Opens the cache of an output directory for reading.
    pub(crate) fn open(output: &Path, observer: &'c dyn Observer) -> Self {
        let path = beside(output);
        let opened = CacheFile::open(&path);
        let mut cache = Self { path, file: None, observer };
        match opened {
            Opened::Missing => {}
            Opened::Unusable(reason) => cache.throw_away(reason),
            Opened::Usable(file) => cache.file = Some(file),
        }
        cache
    }

    /// What was read in packages.
    pub(crate) fn known(&mut self) -> Known {
        match self.file.as_mut().map(Known::read) {
            None => Known::default(),
            Some(Ok(known)) => known,
            Some(Err(reason)) => {
                self.throw_away(reason);
                Known::default()
            }
        }
    }

    /// What was said about the last build of the same inputs, when its whole output is there as it was left.
    pub(crate) fn last_build(&mut self, inputs: &Inputs, output: &Path) -> Option<LastBuild> {
        let last = self.file.as_mut().map(|file| LastBuild::read(file, inputs, output))?;
        last.unwrap_or_else(|reason| {
            self.throw_away(reason);
            None
        })
    }

    /// Begins the cache that will be in the place of this one; what stops that is told, and the build goes on without. What a
    /// killed build left of its own is removed: the lock of the output tells that no other build is at work.
    pub(crate) fn begin(&self) -> Option<Recorder> {
        let begun = remove_leftovers_of(&self.path).and_then(|()| Recorder::begin(&self.path));
        begun.inspect_err(|error| self.tell_unwritten(error)).ok()
    }

    /// Tells why a cache was not written.
    pub(crate) fn tell_unwritten(&self, error: &std::io::Error) {
        self.observer.notice(&format!("no cache is kept in `{}`: {error}", self.path.display()));
    }

    fn throw_away(&mut self, reason: &str) {
        self.file = None;
        self.observer.notice(&format!("the cache `{}` is thrown away: {reason}", self.path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_output_of_a_folder_has_a_cache_of_its_own_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("site")).unwrap();
        assert_eq!(beside(&folder.path().join("output")), real.join(".output.bandari-cache"));
        assert_eq!(beside(&folder.path().join("site/../test")), real.join(".test.bandari-cache"));
    }
}
