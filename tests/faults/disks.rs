//! File systems of a row's own: one that is full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

use crate::row::{Skipped, Trial};
use crate::tree;
use crate::vendor::Vendor;

/// The smallest disk that is tried, in kilobytes: folders have room, and hardly a package.
const SMALLEST_KB: usize = 200;

/// A file system in a folder. It goes when it is dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// An empty file system of so many kilobytes. It keeps everything in memory.
    pub(crate) fn of_size(folder: &Path, kilobytes: usize) -> Result<Self> {
        let size = format!("size={kilobytes}k");
        Self::new(folder, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// What is in a folder, in this very folder, to be read only.
    pub(crate) fn read_only(folder: &Path) -> Result<Self> {
        let mount = Self::new(folder, &["--bind", path(folder)?])?;
        mount.remount("remount,ro,bind")?;
        Ok(mount)
    }

    fn new(folder: &Path, arguments: &[&str]) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mounted = Command::new("mount").args(arguments).arg(folder).output();
        let mounted = mounted.map_err(|error| Skipped(format!("no `mount`: {error}")))?;
        if mounted.status.success() {
            return Ok(Self(folder.to_owned()));
        }
        let why = String::from_utf8_lossy(&mounted.stderr).trim().replace('\n', " ");
        Err(Skipped(format!("file systems can only be mounted by root: {why}")).into())
    }

    /// Gives it this size, in kilobytes.
    pub(crate) fn resize(&self, kilobytes: usize) -> Result<()> {
        self.remount(&format!("remount,size={kilobytes}k"))
    }

    fn remount(&self, options: &str) -> Result<()> {
        let output = Command::new("mount").args(["-o", options]).arg(&self.0).output()?;
        ensure!(output.status.success(), "mount: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Even while something in it is open, which a server may still be about to close.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// The output's disk is full, at once or later.
pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    vendor.completes()?;
    let output = vendor.path("output");
    // The cache is beside the output, and on the same disk with it, most of the time.
    let mount = Mount::of_size(&output, 1 << 16)?;
    while trial.kept() < trial.tries {
        vendor.change(&mut chance)?;
        let used = kilobytes(&output)?;
        mount.resize((used + chance.below(SMALLEST_KB * 8)).max(SMALLEST_KB))?;
        let built = vendor.build()?;
        if built.status.success() {
            vendor.holds()?;
            mount.resize(1 << 16)?;
            continue;
        }
        one_sentence(&built, "No space left on device")?;
        vendor.holds()?;
        mount.resize(1 << 16)?;
        vendor.completes()?;
        trial.keep();
    }
    Ok(())
}

/// How much is taken of a disk.
fn kilobytes(folder: &Path) -> Result<usize> {
    let output = Command::new("df").args(["--output=used", "-k"]).arg(folder).output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().nth(1).context("a number")?.trim().parse()?)
}

/// A build that failed has said why, once.
pub(crate) fn one_sentence(built: &Output, why: &str) -> Result<()> {
    let told = std::str::from_utf8(&built.stderr)?;
    ensure!(built.status.code() == Some(1), "it ends with {}: {told}", built.status);
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error: ")).collect();
    ensure!(errors.len() == 1 && errors[0].contains(why), "instead of one sentence with `{why}`: {told}");
    let of_us = told.lines().filter(|line| !line.starts_with("warning") && !line.starts_with("note")).count();
    ensure!(of_us == 1, "more than one sentence: {told}");
    Ok(())
}

/// Every file of a tree, with its bytes, to be compared later.
pub(crate) fn snapshot(vendor: &Vendor) -> Result<std::collections::BTreeMap<String, Vec<u8>>> {
    tree::files(&vendor.path("output"))
}
