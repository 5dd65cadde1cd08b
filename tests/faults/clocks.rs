//! Clocks that jump: files of tomorrow, a cache and a lock of next year, and a computer that believes that it is last year.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::chance::Chance;
use crate::row::Trial;
use crate::vendor::Vendor;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Beside the output.
const CACHE: &str = ".output.bandari-cache";

/// Files of the last build, and of this one, get times as if the clock had been changed between; then a package changes without
/// changing its size, and the build has to notice.
pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    vendor.completes()?;
    for _ in 0..trial.tries {
        vendor.change(&mut chance)?;
        let mut spoiled = vendor.packages()?;
        let output = crate::tree::files(&vendor.path("output"))?;
        spoiled.extend(output.into_keys().map(|file| vendor.path("output").join(file)));
        for file in ["output/.bandari.lock", "output/.bandari-history.json", CACHE] {
            spoiled.push(vendor.path(file));
        }
        for file in spoiled {
            if chance.percent(40) {
                set_time(&file, &mut chance).with_context(|| file.display().to_string())?;
            }
        }
        vendor.completes()?;
        // The same once more: what was remembered a moment ago is remembered with the times that it has.
        let again = vendor.build()?;
        ensure!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        vendor.is_whole()?;
        trial.keep();
    }
    Ok(())
}

/// A time of the past or of the future.
fn set_time(file: &Path, chance: &mut Chance) -> Result<()> {
    let far = chance.part_of(YEAR);
    let file = File::options().write(true).open(file)?;
    let before = file.metadata()?.modified()?;
    Ok(file.set_modified(if chance.percent(50) { before + far } else { before - far })?)
}
