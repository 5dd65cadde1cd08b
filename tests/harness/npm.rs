//! Packages of npm that tests use. `tests/run.sh` installs what `tests/package.json` names.

use std::path::PathBuf;

/// The folder of packages, below the folder that cargo builds in, like its programs; nothing when this path is not in it.
///
/// # Panics
/// When the system does not tell where the test's own program is.
#[must_use]
pub fn packages_with(path: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().unwrap();
    let mut folders = test.ancestors().map(|above| above.join("tests-node/node_modules"));
    folders.find(|packages| packages.join(path).exists())
}
