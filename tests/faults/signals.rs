//! Signals under load, and a key that is gone when one comes.

use std::fs;
use std::io::ErrorKind;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{add_customers, customers, target};
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::shop::Shop;

use crate::row::Trial;

const KEY: &str = "secrets/signing-key.pem";
const RELOADED: &str = " reloaded packages=";
const REFUSED: &str = "nothing is reloaded, everything stays as it was";

/// How long the server may take for a signal.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pause of clients that make connections all the time.
const BUSY: Duration = Duration::from_millis(2);

/// Sends SIGHUP and waits for the line that tells what came of it.
pub(crate) fn reload(shop: &Shop, expected: &str) -> Result<()> {
    let lines = || fs::read_to_string(shop.path("log")).map(|log| log.matches(expected).count());
    let before = lines()?;
    shop.hang_up();
    let begun = Instant::now();
    while lines()? == before {
        let is_in_time = begun.elapsed() < PATIENCE;
        is_in_time.then_some(()).with_context(|| format!("SIGHUP is not answered with `{expected}`"))?;
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Each SIGHUP reads everything anew, while customers ask.
pub(crate) fn hang_up(trial: &mut Trial) -> Result<()> {
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &keys, 6);
        for _ in 0..trial.tries {
            load.wait_for("customers", 20);
            reload(shop, RELOADED)?;
            trial.keep();
        }
        let counts = load.end();
        ensure!(counts["customers"].keys().all(|outcome| *outcome == Outcome::Answered(302)), "{counts:?}");
        Ok(())
    })
}

/// The server is told to stop while customers ask; those whom it has accepted are answered.
pub(crate) fn stop(trial: &mut Trial) -> Result<()> {
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    trial.with_shop(&mut shop, |shop| {
        let mut reset = 0;
        for _ in 0..trial.tries {
            shop.serve();
            let mut load = Load::new();
            add_customers(&mut load, "customers", shop.port, &keys, 4);
            for key in &keys {
                let (mut client, target) = (Client::new(shop.port).with_new_connections(), target(key));
                load.add("customers", BUSY, move || client.ask(&target));
            }
            load.wait_for("customers", 200);
            shop.ask_to_stop();
            let code = shop.exit_code();
            ensure!(code == Some(0), "it ended with {code:?}");
            for (outcome, count) in &load.end()["customers"] {
                match outcome {
                    Outcome::Answered(302) | Outcome::ClosedWhileIdle | Outcome::Refused => {}
                    // The system can accept one more between the server's last look and the end of the socket.
                    Outcome::Unanswered(ErrorKind::ConnectionReset) => reset += count,
                    wrong => anyhow::bail!("{wrong:?}, {count} times"),
                }
            }
            trial.keep();
        }
        ensure!(reset <= u64::from(trial.tries.div_ceil(3)), "{reset} connections were reset");
        Ok(())
    })
}

/// The signing key is gone when everything is read anew.
pub(crate) fn key_removed(trial: &mut Trial) -> Result<()> {
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &keys, 4);
        for _ in 0..trial.tries {
            fs::remove_file(shop.path(KEY))?;
            reload(shop, REFUSED)?;
            let log = shop.log();
            ensure!(log.contains("signing-key.pem"), "nobody says which file is missing");
            opens(shop, &keys[0]).context("with the key that is gone")?;
            load.wait_for("customers", 20);
            let _ = shop.validator_prints(&["init"], "");
            reload(shop, RELOADED)?;
            opens(shop, &keys[0]).context("with a new key")?;
            trial.keep();
        }
        let counts = load.end();
        ensure!(counts["customers"].keys().all(|outcome| *outcome == Outcome::Answered(302)), "{counts:?}");
        Ok(())
    })
}

/// A customer gets a link, and the link opens.
fn opens(shop: &Shop, key: &str) -> Result<()> {
    let answer = shop.get(&target(key));
    let link = answer.header("location").context("no link")?;
    let status = shop.get_address(link).status;
    ensure!(status == 200, "a link is answered with {status}");
    Ok(())
}
