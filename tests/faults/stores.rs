//! The license store, one SQLite file, is locked, replaced and damaged while customers ask.

use std::fs::{self, File};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{add_customers, customers, target};
use bandari_tests::http::Answer;
use bandari_tests::load::{Counts, Load, Outcome};
use bandari_tests::shop::Shop;
use sqlx::{ConnectOptions, Connection};

use crate::row::Trial;
use crate::signals::reload;

const STORE: &str = "secrets/licenses.sqlite";
const RELOADED: &str = " reloaded packages=";

/// Longest time for which the store is locked.
const LOCKED: Duration = Duration::from_secs(1);

/// Requests of customers during a fault, and after it.
const MEANWHILE: u64 = 50;

/// Somebody writes, and takes their time.
pub(crate) fn locked(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let load = begin(shop, &keys);
        for number in 0..trial.tries {
            let locked = chance.part_of(LOCKED);
            let email = format!("while-locked{number}@shop.test");
            let key = std::thread::scope(|scope| {
                // Whoever grants a license meanwhile waits for the lock.
                let granting = scope.spawn(|| shop.key_for(&email, "lighthouse", None));
                hold_lock(shop, locked);
                granting.join().expect("a license is granted once the lock is gone")
            });
            ensure!(shop.get(&target(&key)).status == 302, "what was granted while it was locked is lost");
            trial.keep();
        }
        ends_well(load)
    })
}

/// A backup takes the place of the store, as `mv` does it.
pub(crate) fn replaced(trial: &mut Trial) -> Result<()> {
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let load = begin(shop, &keys);
        for number in 0..trial.tries {
            back_up(shop)?;
            let key = shop.key_for(&format!("after-backup{number}@shop.test"), "lighthouse", None);
            ensure!(shop.get(&target(&key)).status == 302, "a license does not count");
            restore(shop)?;
            reload(shop, RELOADED)?;
            let status = shop.get(&target(&key)).status;
            ensure!(status == 403, "who is not in the backup is answered with {status}");
            let key = shop.key_for(&format!("after-restore{number}@shop.test"), "lighthouse", None);
            ensure!(shop.get(&target(&key)).status == 302, "what is granted after all that does not count");
            load.wait_for("customers", MEANWHILE);
            trial.keep();
        }
        ends_well(load)
    })
}

/// The store loses its end, as on a disk that was full, or all of it; a backup is restored.
pub(crate) fn truncated(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    let unknown = shop.key_for("unknown@shop.test", "lighthouse", None);
    trial.with_shop(&mut shop, |shop| {
        for _ in 0..trial.tries {
            back_up(shop)?;
            shop.serve();
            let load = begin(shop, &keys);
            let length = fs::metadata(shop.path(STORE))?.len();
            let left = *chance.one_of(&[0, 100, length / 2, length - 4_096]);
            // What is remembered in a log of writes goes first.
            let _ = fs::remove_file(shop.path(format!("{STORE}-wal")));
            File::options().write(true).open(shop.path(STORE))?.set_len(left)?;
            load.wait_for("customers", MEANWHILE);
            is_honest(&shop.get(&target(&unknown)))?;
            restore(shop)?;
            reload(shop, RELOADED)?;
            let status = shop.get(&target(&unknown)).status;
            ensure!(status == 302, "after it was restored, a license is answered with {status}");
            ends_well(load)?;
            shop.kill();
            trial.keep();
        }
        Ok(())
    })
}

fn begin(shop: &Shop, keys: &[String]) -> Load {
    for key in keys {
        assert_eq!(shop.get(&target(key)).status, 302);
    }
    let mut load = Load::new();
    add_customers(&mut load, "customers", shop.port, keys, 4);
    load.wait_for("customers", MEANWHILE);
    load
}

/// Everybody had their answer, or was told when to come again.
fn ends_well(load: Load) -> Result<()> {
    let counts: Counts = load.end();
    let is_right = |outcome: &Outcome| matches!(outcome, Outcome::Answered(302) | Outcome::ComeAgain);
    ensure!(counts["customers"].keys().all(is_right), "{counts:?}");
    Ok(())
}

/// The right answer to a good key, or none.
fn is_honest(answer: &Answer) -> Result<()> {
    let is_right = answer.status == 302 || answer.status == 503 && answer.header("retry-after").is_some();
    ensure!(is_right, "a good key is answered with {}", answer.status);
    Ok(())
}

fn hold_lock(shop: &Shop, time: Duration) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(shop.path(STORE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = options.connect().await.expect("a store");
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut connection).await.expect("a lock");
        sleep(time);
        connection.close().await.expect("an end");
    });
}

/// Copies the store as the handbook of SQLite says.
fn back_up(shop: &Shop) -> Result<()> {
    let backup = shop.path("secrets/backup.sqlite");
    if backup.exists() {
        fs::remove_file(&backup)?;
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(shop.path(STORE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let mut connection = options.connect().await?;
        sqlx::query("VACUUM INTO ?").bind(backup.to_str()).execute(&mut connection).await?;
        connection.close().await
    })?;
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o600)).context("a backup nobody else reads")
}

/// Puts the backup in the place of the store, as the validator's README says: while what belongs to the old one goes, there is no
/// store that anybody could open.
fn restore(shop: &Shop) -> Result<()> {
    fs::rename(shop.path(STORE), shop.path("secrets/old.sqlite"))?;
    for beside in ["-wal", "-shm"] {
        let file = shop.path(format!("{STORE}{beside}"));
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(fs::rename(shop.path("secrets/backup.sqlite"), shop.path(STORE))?)
}
