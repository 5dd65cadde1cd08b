//! Two builds to one output, and a lock that a killed one left.

use std::fs;
use std::process::Output;

use anyhow::{Context, Result, ensure};

use crate::row::Trial;
use crate::vendor::Vendor;

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let vendor = Vendor::new(&trial.programs, trial.folder().join("vendor"), &mut chance)?;
    vendor.change(&mut chance)?;
    vendor.completes()?;
    for _ in 0..trial.tries {
        vendor.change(&mut chance)?;
        // What a build left that was killed, on a machine that was never heard of again.
        fs::write(vendor.path("output/.bandari.lock"), "process 1 on harbor.example\n")?;
        let first = vendor.command("output").spawn()?;
        let others: Vec<_> = (0..2).map(|_| vendor.command("output").spawn()).collect::<Result<_, _>>()?;
        let mut ends = vec![first.wait_with_output()?];
        for other in others {
            ends.push(other.wait_with_output()?);
        }
        let (done, refused): (Vec<Output>, Vec<Output>) =
            ends.into_iter().partition(|end| end.status.success());
        ensure!(!done.is_empty(), "nobody built: {}", String::from_utf8_lossy(&refused[0].stderr));
        for end in refused {
            let told = String::from_utf8(end.stderr)?;
            let is_told =
                told.contains("another build") && told.contains("process ") && told.contains("since ");
            ensure!(is_told, "a build that is locked out says: {told}");
            ensure!(!told.contains("harbor.example"), "who is gone is named: {told}");
        }
        vendor.is_whole().context("after builds at once")?;
        trial.keep();
    }
    Ok(())
}
