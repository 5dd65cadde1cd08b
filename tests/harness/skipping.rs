//! Tests that need what is not installed.

use std::io::{self, Write};

/// Tells that a test cannot be run, which is an error where everything should be tested.
///
/// # Panics
/// When `CI` is set.
pub fn skip(missing: &str) {
    assert!(std::env::var_os("CI").is_none(), "no {missing}: `sh tests/run.sh` installs it");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Written past the test runner, which would keep to itself what a test says that does not fail.
    let _ = writeln!(io::stderr(), "skipped {test}: no {missing}, which `sh tests/run.sh` installs");
}
