//! Where a package's bytes are. There are as many of these as there are packages, so the path is kept once, for reading and for
//! messages.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file of the package directory.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    path: Box<Path>,
    /// Bytes of the path up to where it is below the package directory.
    root_bytes: usize,
}

impl Source {
    /// `path` begins with `root`, the package directory.
    pub(crate) fn new(root: &Path, path: PathBuf) -> Self {
        let below = path.strip_prefix(root).unwrap_or(&path).as_os_str().len();
        Self { root_bytes: path.as_os_str().len() - below, path: path.into_boxed_path() }
    }

    /// For reading it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path below the package directory, for messages.
    pub(crate) fn place(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path.as_os_str().as_bytes()[self.root_bytes..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_tell_the_path_below_the_package_directory() {
        for root in ["", ".", "/srv/packages", "/srv/packages/", "päckages"] {
            let source = Source::new(Path::new(root), Path::new(root).join("tides/mod_tides-1.0.zip"));
            assert_eq!(source.place(), "tides/mod_tides-1.0.zip", "{root}");
            assert_eq!(source.path(), Path::new(root).join("tides/mod_tides-1.0.zip"));
        }
    }
}
