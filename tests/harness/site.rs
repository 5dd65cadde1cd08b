//! A site in a scratch folder, and `bandari` run on it as a process.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use tempfile::TempDir;
use walkdir::WalkDir;

/// A configuration with everything that a licensed product needs.
pub const CONFIG: &str = "\
title = 'Harbor Downloads'
vendor = 'Harbor Works'
public_url = 'https://updates.example.org'
download_url = 'https://get.example.org'
protected_url = 'https://cdn.example.org'
";

/// User and group `nobody`: whom no folder opens for.
const NOBODY: u32 = 65_534;

/// A site: `bandari.toml`, `packages/` and, once built, `output/`. Gone when dropped.
pub struct Site {
    program: PathBuf,
    folder: TempDir,
}

/// What a run of the program left for its user to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// What tells that a file was written again, even with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Another one after a rename.
    pub inode: u64,
    /// Seconds and nanoseconds of the last change of bytes.
    pub modified: (i64, i64),
    /// Seconds and nanoseconds of the last change of anything, which no program can set back.
    pub changed: (i64, i64),
}

impl Site {
    /// A site with [`CONFIG`] and no packages, to be built by `program`.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let site = Self { program: program.into(), folder: tempfile::tempdir().unwrap() };
        fs::create_dir(site.path("packages")).unwrap();
        site.config(CONFIG)
    }

    /// A folder with nothing in it.
    #[must_use]
    pub fn empty(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), folder: tempfile::tempdir().unwrap() }
    }

    /// Replaces `bandari.toml`.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        fs::write(self.path("bandari.toml"), text).unwrap();
        self
    }

    /// Puts a file into `packages/`, and the folders that it needs.
    #[must_use]
    pub fn with(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.put(&format!("packages/{path}"), bytes);
        self
    }

    /// Puts a file anywhere into the site's folder.
    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A path in the site's folder.
    #[must_use]
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The text of a file in the site's folder.
    ///
    /// # Panics
    /// When it is not there or no UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs `bandari build` in the site's folder, so that paths in messages are relative.
    #[must_use]
    pub fn build(&self, arguments: &[&str]) -> Run {
        self.run(&[&["build"], arguments].concat())
    }

    /// Runs `bandari` in the site's folder, with nothing to read on its standard input.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(Command::new(&self.program).args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()))
    }

    /// Runs `bandari build` on a machine that has no folder for temporary files.
    #[must_use]
    pub fn build_without_temporary_files(&self, arguments: &[&str]) -> Run {
        run(Command::new(&self.program)
            .arg("build")
            .args(arguments)
            .env("TMPDIR", self.path("no-such-folder"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null()))
    }

    /// Runs `bandari build` with so much address space and no more: it is killed where it would take all that a file asks for.
    #[must_use]
    pub fn build_within(&self, address_space_kib: u32, arguments: &[&str]) -> Run {
        run(Command::new("sh")
            .args(["-c", "ulimit -v \"$1\" && shift && exec \"$@\"", "sh", &address_space_kib.to_string()])
            .arg(&self.program)
            .arg("build")
            .args(arguments)
            .current_dir(self.folder.path()))
    }

    /// Runs `bandari build` as somebody to whom permissions apply.
    #[must_use]
    pub fn build_unprivileged(&self, arguments: &[&str]) -> Run {
        self.run_unprivileged(&[&["build"], arguments].concat())
    }

    /// Runs `bandari` as somebody to whom permissions apply. They do not apply to root, as whom tests in
    /// containers run; there the site is given to `nobody` and the program runs as `nobody`.
    #[must_use]
    pub fn run_unprivileged(&self, arguments: &[&str]) -> Run {
        // A new file belongs to the one who made it.
        let is_root = fs::metadata(self.folder.path()).unwrap().uid() == 0;
        if !is_root {
            return self.run(arguments);
        }
        let programs = tempfile::tempdir().unwrap();
        let copy = programs.path().join("bandari");
        // Copied by another process: while this one has a file open for writing, a child that another thread starts
        // at that moment has it open too, and what is open for writing cannot be run.
        assert!(Command::new("cp").arg(&self.program).arg(&copy).status().unwrap().success());
        give_to_nobody(programs.path());
        give_to_nobody(self.folder.path());
        run(Command::new(&copy).args(arguments).current_dir(self.folder.path()).gid(NOBODY).uid(NOBODY))
    }

    /// Sets the permissions of a file or folder in the site's folder.
    pub fn permit(&self, path: &str, mode: u32) {
        set_mode(&self.path(path), mode);
    }

    /// Sets the time of a file in the site's folder; a file just written may else have the time of the one before.
    pub fn set_modified(&self, path: &str, time: SystemTime) {
        let file = fs::File::options().write(true).open(self.path(path)).unwrap();
        file.set_modified(time).unwrap();
    }

    /// Every file below a folder of the site, with its bytes; nothing when the folder is not there.
    #[must_use]
    pub fn tree(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        self.files(below, |path| fs::read(path).unwrap())
    }

    /// Every file below a folder of the site, with its stamp: all but the lock, in which each build notes itself.
    #[must_use]
    pub fn stamps(&self, below: &str) -> BTreeMap<String, Stamp> {
        let mut stamps = self.files(below, |path| {
            let metadata = fs::symlink_metadata(path).unwrap();
            Stamp {
                inode: metadata.ino(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            }
        });
        stamps.retain(|path, _| !path.ends_with(".bandari.lock"));
        stamps
    }

    fn files<T>(&self, below: &str, look: impl Fn(&Path) -> T) -> BTreeMap<String, T> {
        let root = self.path(below);
        if !root.exists() {
            return BTreeMap::new();
        }
        WalkDir::new(&root)
            .into_iter()
            .map(|entry| entry.unwrap())
            .filter(|entry| !entry.file_type().is_dir())
            .map(|entry| {
                let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                (path, look(entry.path()))
            })
            .collect()
    }
}

fn give_to_nobody(folder: &Path) {
    for entry in WalkDir::new(folder) {
        lchown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Run {
        code: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
