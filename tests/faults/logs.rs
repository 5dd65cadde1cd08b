//! Nobody takes what the server logs: the disk is full, a pipe is closed, or nobody reads it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{add_customers, customers, target};
use bandari_tests::load::{Load, Outcome};
use bandari_tests::shop::Shop;

use crate::disks::Mount;
use crate::row::Trial;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Enough for more lines than a pipe holds.
const REQUESTS: u64 = 800;

/// Where standard error leads.
enum Log {
    /// A device on which there is never room.
    Full,
    /// A file on a file system without room.
    FullDisk { _disk: Mount, path: PathBuf },
    /// A pipe whose reader has gone.
    Closed(PathBuf),
    /// A pipe that nobody reads.
    Unread(PathBuf),
}

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let disk = trial.folder().join("disk");
    let mount = Mount::of_size(&disk, 64)?;
    // Writes as much as there is room for.
    let _ = fs::write(disk.join("filler"), vec![0; 1 << 20]);
    let pipe = |name: &str| -> Result<PathBuf> {
        let path = trial.folder().join(name);
        ensure!(Command::new("mkfifo").arg(&path).status()?.success(), "no pipe");
        Ok(path)
    };
    let (closed, unread) = (Log::Closed(pipe("closed")?), Log::Unread(pipe("unread")?));
    for log in [Log::Full, Log::FullDisk { _disk: mount, path: disk.join("log") }, closed, unread] {
        let mut shop = Shop::closed(trial.programs.clone());
        let keys = customers(&shop, 4);
        trial.with_shop(&mut shop, |shop| serves_on(shop, &keys, &log))?;
        trial.keep();
    }
    Ok(())
}

fn serves_on(shop: &mut Shop, keys: &[String], log: &Log) -> Result<()> {
    let path = match log {
        Log::Full => PathBuf::from("/dev/full"),
        Log::FullDisk { path, .. } | Log::Closed(path) | Log::Unread(path) => path.clone(),
    };
    // Opened for both, since opening a pipe for reading alone waits for who writes.
    let is_pipe = matches!(log, Log::Closed(_) | Log::Unread(_));
    let reader = is_pipe.then(|| File::options().read(true).write(true).open(&path)).transpose()?;
    shop.serve_logging_to(&path);
    wait_until_it_answers(shop, &keys[0])?;
    let mut reader = reader.filter(|_| matches!(log, Log::Unread(_)));
    let mut load = Load::new();
    add_customers(&mut load, "customers", shop.port, keys, 8);
    load.wait_for("customers", REQUESTS);
    let counts = load.end();
    ensure!(counts["customers"].keys().all(|outcome| *outcome == Outcome::Answered(302)), "{counts:?}");
    // At its end it waits a moment for who reads, and not for ever.
    shop.ask_to_stop();
    let code = shop.exit_code();
    drop(reader.take());
    ensure!(code == Some(0), "it ends with {code:?}");
    Ok(())
}

fn wait_until_it_answers(shop: &Shop, key: &str) -> Result<()> {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", shop.port)).is_err() {
        (begun.elapsed() < PATIENCE).then_some(()).context("no server")?;
        sleep(Duration::from_millis(20));
    }
    ensure!(shop.get(&target(key)).status == 302, "it does not answer");
    Ok(())
}
