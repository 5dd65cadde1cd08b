//! An output that cannot be written to, or is gone in the middle of a build.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::disks::{Mount, one_sentence, snapshot};
use crate::row::Trial;
use crate::vendor::Vendor;

/// Permissions mean nothing to root, so the file system is read-only.
pub(crate) fn read_only(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    vendor.completes()?;
    for _ in 0..trial.tries {
        vendor.change(&mut chance)?;
        let before = snapshot(&vendor)?;
        {
            let _mount = Mount::read_only(&vendor.path("output"))?;
            one_sentence(&vendor.build()?, "Read-only file system")?;
        }
        ensure!(snapshot(&vendor)? == before, "something has changed");
        vendor.completes()?;
        trial.keep();
    }
    Ok(())
}

/// Somebody takes the whole output away while a build writes there.
pub(crate) fn vanishing(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    let begun = Instant::now();
    vendor.completes()?;
    let longest = begun.elapsed() / 2;
    for _ in 0..trial.tries {
        vendor.change(&mut chance)?;
        let mut build = vendor.command("output").spawn()?;
        sleep(chance.part_of(longest).max(Duration::from_millis(1)));
        fs::rename(vendor.path("output"), vendor.path("aside"))?;
        let status = build.wait()?;
        ensure!(status.code().is_some_and(|code| code < 2), "the build ended with {status}");
        vendor.holds()?;
        vendor.completes()?;
        fs::remove_dir_all(vendor.path("aside"))?;
        trial.keep();
    }
    Ok(())
}
