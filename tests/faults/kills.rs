//! `bandari build` is killed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::row::Trial;
use crate::vendor::Vendor;

/// Between two looks whether writing has begun.
const GLANCE: Duration = Duration::from_micros(200);

/// Where a build notes what it is about to write, before it does.
const RECORD: &str = "output/.bandari-history.json";

/// At moments of the whole build and, in every other try, of its writing, which is the shorter part.
pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    let begun = Instant::now();
    vendor.completes()?;
    looks_closely(&vendor)?;
    let (mut whole, mut writing) = (begun.elapsed() / 2, begun.elapsed() / 4);
    while trial.kept() < trial.tries {
        vendor.change(&mut chance)?;
        let is_of_writing = chance.percent(50);
        let longest = if is_of_writing { &mut writing } else { &mut whole };
        let wait = chance.part_of(*longest);
        if killed_after(&vendor, is_of_writing, wait)? {
            vendor.holds().with_context(|| format!("after a kill at {wait:?}, writing: {is_of_writing}"))?;
            vendor.completes()?;
            trial.keep();
            *longest = longest.mul_f64(1.05);
        } else {
            // It was done before, so all of its time is less.
            vendor.holds()?;
            *longest = longest.mul_f64(0.8);
        }
    }
    Ok(())
}

/// Whether it was killed before it was done.
fn killed_after(vendor: &Vendor, is_of_writing: bool, wait: Duration) -> Result<bool> {
    let record =
        || fs::metadata(vendor.path(RECORD)).map(|now| (now.ino(), now.mtime(), now.mtime_nsec())).ok();
    let before = record();
    let mut build = vendor.command("output").spawn()?;
    while is_of_writing && record() == before && build.try_wait()?.is_none() {
        sleep(GLANCE);
    }
    sleep(wait);
    // No error when it has ended.
    build.kill()?;
    let status = build.wait()?;
    ensure!(status.success() || status.signal() == Some(9), "the build failed by itself: {status}");
    Ok(!status.success())
}

/// Who finds nothing may have looked at nothing: a package that is missing has to be found.
fn looks_closely(vendor: &Vendor) -> Result<()> {
    let (package, aside) = (first_package(vendor)?, vendor.path("aside"));
    fs::rename(&package, &aside)?;
    ensure!(vendor.holds().is_err(), "nobody misses {}", package.display());
    Ok(fs::rename(aside, package)?)
}

fn first_package(vendor: &Vendor) -> Result<std::path::PathBuf> {
    let files = crate::tree::files(&vendor.path("output"))?;
    let name = files.into_keys().find(|path| path.starts_with("public/files/") && path.ends_with(".zip"));
    Ok(vendor.path("output").join(name.context("no package is published")?))
}
