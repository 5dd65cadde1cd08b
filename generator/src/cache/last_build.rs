//! The section about the last whole build: what went in, what came out, and what was said about it. When both are still the
//! same, a build has nothing to do. Anything odd, and the build goes its way as if this were not there.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::file::{CacheFile, CacheWriter};
use crate::config::Config;
use crate::error::Problem;
use crate::rules::Code;
use crate::stamp::{Moment, Stamp};
use crate::tree::Tree;
use crate::workers;

/// Everything that a build is made of, as far as it can be told without reading it.
#[derive(Clone, Copy)]
pub(crate) struct Inputs {
    fingerprint: [u8; 32],
    /// From when on a change of any file would show.
    pub(crate) tells_from: Moment,
}

impl Inputs {
    /// All that is in the package directory and among the vendor's templates, the logo, and the whole configuration. Nothing
    /// when there is anything that could not be looked at, or a link, whose target may change unseen.
    pub(crate) fn of(packages: &Tree, config: &Config) -> Option<Self> {
        let mut sha256 = Sha256::new();
        // Holds every value, and a new one cannot be forgotten.
        sha256.update(format!("{config:?}"));
        let mut tells_from = take_tree(packages, &mut sha256)?;
        if let Some(folder) = &config.templates {
            tells_from = tells_from.max(take_tree(&Tree::read(folder), &mut sha256)?);
        }
        if let Some(logo) = &config.theme.logo {
            tells_from = tells_from.max(Some(take_file(&config.folder().join(logo.as_path()), &mut sha256)?));
        }
        Some(Self { fingerprint: sha256.finalize().into(), tells_from: tells_from? })
    }
}

/// Adds a folder, and tells from when on a change of any of its files would show: nothing inside when it has none, nothing at all
/// when it is odd.
fn take_tree(tree: &Tree, sha256: &mut Sha256) -> Option<Option<Moment>> {
    if !tree.errors.is_empty() {
        return None;
    }
    let mut tells_from = None;
    for entry in &tree.entries {
        // No name has a NUL in it, so no two trees look the same.
        sha256.update(entry.path().as_os_str().as_bytes());
        let kind = entry.file_type();
        if kind.is_file() {
            let stamp = entry.stamp();
            tells_from = tells_from.max(Some(stamp.tells_from()));
            sha256.update(b"\0f");
            sha256.update(postcard::to_stdvec(&stamp).ok()?);
        } else if kind.is_dir() {
            sha256.update(b"\0d");
        } else {
            return None;
        }
    }
    Some(tells_from)
}

/// Adds a file, and tells from when on a change of it would show: nothing when it is odd.
fn take_file(path: &Path, sha256: &mut Sha256) -> Option<Moment> {
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let stamp = Stamp::of(&metadata);
    sha256.update(postcard::to_stdvec(&stamp).ok()?);
    Some(stamp.tells_from())
}

/// What is said about a build in which nothing changed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastBuild {
    fingerprint: [u8; 32],
    pub(crate) products: usize,
    pub(crate) packages: usize,
    /// Files of the output.
    pub(crate) files: usize,
    #[serde(with = "problems")]
    pub(crate) warnings: Vec<Problem>,
}

/// A problem's JSON form tells more than it is made of, and nothing reads it back.
mod problems {
    use serde::{Deserializer, Serializer};

    use super::{Code, Deserialize, Problem};

    pub(super) fn serialize<S: Serializer>(problems: &[Problem], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            problems.iter().map(|Problem { file, found, expected, code }| (code, file, found, expected)),
        )
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Problem>, D::Error> {
        let parts: Vec<(Code, String, String, String)> = Vec::deserialize(deserializer)?;
        let problem = |(code, file, found, expected)| Problem { file, found, expected, code };
        Ok(parts.into_iter().map(problem).collect())
    }
}

impl LastBuild {
    pub(crate) fn new(
        inputs: &Inputs,
        (products, packages, files): (usize, usize, usize),
        warnings: &[Problem],
    ) -> Self {
        Self { fingerprint: inputs.fingerprint, products, packages, files, warnings: warnings.to_vec() }
    }

    /// Writes the section: what is said, then each path of the output with its stamp. A path is a file or a folder, below the
    /// output directory.
    pub(crate) fn write<'p>(
        &self,
        output: &Path,
        paths: impl Iterator<Item = &'p str>,
        writer: &mut CacheWriter,
    ) -> io::Result<()> {
        let mut bytes = postcard::to_stdvec(self).map_err(io::Error::other)?;
        writer.write(&bytes)?;
        for path in paths {
            let stamp = Stamp::of(&fs::symlink_metadata(output.join(path))?);
            bytes.clear();
            bytes = postcard::to_extend(&(path, stamp), bytes).map_err(io::Error::other)?;
            writer.write(&bytes)?;
        }
        Ok(())
    }

    /// What was said about the last build, when it was made of the same and all of its output is there as it was left.
    pub(crate) fn read(
        file: &mut CacheFile,
        inputs: &Inputs,
        output: &Path,
    ) -> Result<Option<Self>, &'static str> {
        let section = file.last_build()?;
        let Ok((last, mut rest)) = postcard::take_from_bytes::<Self>(&section) else { return Ok(None) };
        if last.fingerprint != inputs.fingerprint {
            return Ok(None);
        }
        let mut stamps: Vec<(&str, Stamp)> = Vec::new();
        while !rest.is_empty() {
            let Ok((stamp, next)) = postcard::take_from_bytes(rest) else { return Ok(None) };
            stamps.push(stamp);
            rest = next;
        }
        Ok(are_as_left(&stamps, output).then_some(last))
    }
}

/// How many stamps a thread takes at once: to look at one takes no longer than to take it.
const PART: usize = 512;

/// A file or folder is not as it was left.
struct Changed;

/// Whether each file and folder still has its stamp.
fn are_as_left(stamps: &[(&str, Stamp)], output: &Path) -> bool {
    let is_as_left = |(path, stamp): &(&str, Stamp)| {
        fs::symlink_metadata(output.join(path)).is_ok_and(|now| Stamp::of(&now) == *stamp)
    };
    let look = |(): &mut (), part: &[(&str, Stamp)]| part.iter().all(is_as_left).then_some(()).ok_or(Changed);
    workers::share(stamps.chunks(PART), || (), look).is_ok()
}
