//! The server may have no more files open.

use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{customers, target};
use bandari_tests::http;
use bandari_tests::shop::Shop;

use crate::connections::{connect_from, raise_open_files};
use crate::row::Trial;

/// What the server may open: a hundred are kept for all else, so thirty customers have room at a time.
const OPEN_FILES: u32 = 160;

/// How many come.
const FLOOD: usize = 600;

/// How long the server may take to get well.
const PATIENCE: Duration = Duration::from_secs(30);

/// For how long there are none at all.
const WITHOUT: Duration = Duration::from_millis(500);

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    raise_open_files(FLOOD as u64 + 100)?;
    let mut shop = Shop::closed(trial.programs.clone());
    let key = customers(&shop, 1).remove(0);
    shop.serve_with_open_files(OPEN_FILES, OPEN_FILES);
    trial.with_shop(&mut shop, |shop| {
        for _ in 0..trial.tries {
            let flood =
                (0..FLOOD).map(|number| connect_from(number, shop.port)).collect::<Result<Vec<_>>>()?;
            let status = http::get(shop.private_port, "/healthz", &[]).status;
            ensure!(status == 200, "monitoring is answered with {status} during the flood");
            // Now even what is kept for all else is taken.
            limit_open_files(shop, 3)?;
            let late: Vec<_> =
                (0..20).map(|_| TcpStream::connect(("127.0.0.1", shop.private_port))).collect();
            sleep(WITHOUT);
            limit_open_files(shop, OPEN_FILES)?;
            drop((flood, late));
            gets_well(shop, &key)?;
            trial.keep();
        }
        Ok(())
    })
}

/// Customers and monitoring are answered.
fn gets_well(shop: &Shop, key: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        // What waited in the flood may still be in the way: a connection that is closed without a word is no answer.
        let asked = std::panic::catch_unwind(|| {
            (shop.get(&target(key)).status, http::get(shop.private_port, "/healthz", &[]).status)
        });
        if asked.is_ok_and(|statuses| statuses == (302, 200)) {
            return Ok(());
        }
        (begun.elapsed() < PATIENCE).then_some(()).context("it does not get well")?;
        sleep(Duration::from_millis(100));
    }
}

fn limit_open_files(shop: &Shop, files: u32) -> Result<()> {
    let limit = format!("--nofile={files}:{OPEN_FILES}");
    let output = Command::new("prlimit").args(["--pid", &shop.server_id().to_string(), &limit]).output()?;
    ensure!(output.status.success(), "prlimit: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
