//! Runs a scenario: a script of Node, with what it is told on its standard input.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bandari_tests::npm;
use bandari_tests::server::installed;
use bandari_tests::skipping::skip;
use serde_json::{Value, json};

/// What a scenario runs with.
pub(super) struct Node {
    program: PathBuf,
    packages: PathBuf,
    chromium: PathBuf,
}

impl Node {
    /// Nothing when something of it is not installed.
    pub(super) fn installed() -> Option<Self> {
        let Some(program) = installed("node") else {
            skip("node");
            return None;
        };
        let Some(chromium) = installed("chromium") else {
            skip("chromium");
            return None;
        };
        let Some(packages) = npm::packages_with("playwright-core") else {
            skip("playwright-core");
            return None;
        };
        Some(Self { program, packages, chromium })
    }

    /// Runs a script of this folder.
    ///
    /// # Panics
    /// With what it has said, when it fails.
    #[track_caller]
    pub(super) fn run(&self, script: &str, told: Value) {
        let mut told = told;
        told["packages"] = json!(self.packages);
        told["chromium"] = json!(self.chromium);
        told["pictures"] = json!(Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages"));
        let mut child = Command::new(&self.program)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("pages").join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A script that cannot be read ends before it reads.
        let _ = child.stdin.take().unwrap().write_all(told.to_string().as_bytes());
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{script}: {}\n{}", output.status, said.concat());
        print!("{}", said.concat());
    }
}
