//! Packages that change while they are read.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bandari_tests::zips::{Zip, module_manifest};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::row::{Trial, anew};

/// Takes a while to read and to copy.
const FILLER_BYTES: usize = 2_000_000;

/// Between two changes.
const PAUSE: Duration = Duration::from_millis(3);

const PACKAGE: &str = "packages/tides/tides-1.0.0.zip";

/// Somebody writes one of two archives of the same size over the same file, again and again, while builds run.
pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let folder = trial.folder().join("vendor");
    let mut archive = || {
        Zip::new()
            .file("tides.xml", module_manifest("mod_tides", "1.0.0"))
            .stored("filler", chance.bytes(FILLER_BYTES))
            .bytes()
    };
    let archives = [archive(), archive()];
    let known = archives.each_ref().map(|bytes| HEXLOWER.encode(&Sha256::digest(bytes)));
    for number in 0..trial.tries {
        // A new folder each time: what is published may not change, and that would be all that is said.
        anew(&folder)?;
        fs::create_dir_all(folder.join("packages/tides"))?;
        fs::write(folder.join("bandari.toml"), bandari_tests::site::CONFIG)?;
        fs::write(folder.join("packages/tides/product.toml"), "joomla = '>=5'")?;
        fs::write(folder.join(PACKAGE), &archives[0])?;
        let is_over = AtomicBool::new(false);
        let is_by_rename = number % 2 == 1;
        let built = scope(|scope| {
            scope.spawn(|| {
                for bytes in archives.iter().cycle() {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let target = folder.join(if is_by_rename { "packages/.new" } else { PACKAGE });
                    fs::write(&target, bytes).expect("a place to write");
                    if is_by_rename {
                        fs::rename(target, folder.join(PACKAGE)).expect("a place to write");
                    }
                    sleep(PAUSE);
                }
            });
            let built = build(trial, &folder);
            is_over.store(true, Ordering::Relaxed);
            built
        })?;
        if !built.status.success() {
            let told = String::from_utf8_lossy(&built.stderr);
            ensure!(built.status.code() == Some(1) && told.contains("tides-1.0.0.zip"), "it says: {told}");
        }
        names_what_is_there(&folder, &known, is_by_rename)?;
        // Once it is left alone, all is well, unless what was published is not what is there now.
        fs::write(folder.join(PACKAGE), &archives[1])?;
        let again = build(trial, &folder)?;
        let told = String::from_utf8_lossy(&again.stderr);
        ensure!(again.status.success() || told.contains("would change under the same name"), "{told}");
        names_what_is_there(&folder, &known, true)?;
        trial.keep();
    }
    Ok(())
}

fn build(trial: &Trial, folder: &std::path::Path) -> Result<std::process::Output> {
    let mut command = std::process::Command::new(&trial.programs.bandari);
    command.args(["build", "--quiet"]).current_dir(folder).output().context("running `bandari build`")
}

/// What the feed tells is what is published; and, where somebody changes packages by renaming, it is a whole one.
fn names_what_is_there(folder: &std::path::Path, known: &[String; 2], is_whole: bool) -> Result<()> {
    let published = crate::tree::files(&folder.join("output"))?;
    let mut digests = std::collections::BTreeMap::new();
    for (path, bytes) in &published {
        let digest = HEXLOWER.encode(&Sha256::digest(bytes));
        if path.ends_with(".zip") {
            ensure!(!is_whole || known.contains(&digest), "`{path}` is a mixture");
            digests.insert(path.rsplit('/').next().expect("a name").to_owned(), digest);
        }
    }
    crate::tree::check(&folder.join("output"), &digests)
}
