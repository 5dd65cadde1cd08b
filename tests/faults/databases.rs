//! The database of the licenses is killed while customers ask.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{PAUSE, add_customers, keep_licenses_in, members, target};
use bandari_tests::database::{DatabaseServer, Engine};
use bandari_tests::http;
use bandari_tests::load::{Client, Load, Outcome};
use bandari_tests::shop::Shop;

use crate::row::{Skipped, Trial};

/// How long the server may take to notice that its database went, or came back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests of known customers during each outage, and after it.
const MEANWHILE: u64 = 50;

pub(crate) fn mariadb(trial: &mut Trial) -> Result<()> {
    run(trial, Engine::MariaDb)
}

pub(crate) fn postgresql(trial: &mut Trial) -> Result<()> {
    run(trial, Engine::PostgreSql)
}

fn run(trial: &mut Trial, engine: Engine) -> Result<()> {
    let server = DatabaseServer::start(engine);
    let mut database = server.ok_or_else(|| Skipped(format!("{engine:?} is not installed")))?;
    let mut shop = Shop::closed(trial.programs.clone());
    keep_licenses_in(&shop, &database);
    let known = members(&shop, &database, 100..104);
    let strangers = members(&shop, &database, 150..152);
    let newcomers = members(&shop, &database, 200..200 + trial.tries);
    database.execute("DELETE FROM #__user_usergroup_map WHERE user_id BETWEEN 150 AND 152");
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        for key in &known {
            ensure!(shop.get(&target(key)).status == 302, "a license does not count");
        }
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &known, 4);
        for key in &strangers {
            let (mut client, target) = (Client::new(shop.port), target(key));
            load.add("strangers", PAUSE * 10, move || client.ask(&target));
        }
        for newcomer in &newcomers {
            load.wait_for("customers", MEANWHILE);
            database.kill();
            // Who is asked for the first time cannot be known, and is told when to come again.
            wait_for(shop, newcomer, 503)?;
            load.wait_for("customers", MEANWHILE);
            database.start_again();
            wait_for(shop, newcomer, 302)?;
            trial.keep();
        }
        let counts = load.end();
        let is_right = |name: &str, outcome: &Outcome| match name {
            "customers" => *outcome == Outcome::Answered(302),
            _ => matches!(outcome, Outcome::Answered(403) | Outcome::ComeAgain),
        };
        let wrong = counts.iter().find(|(name, found)| !found.keys().all(|outcome| is_right(name, outcome)));
        ensure!(wrong.is_none(), "{wrong:?}");
        Ok(())
    })
}

/// Asks with a key that is good until there is this answer. Until then there are the other one and no third.
fn wait_for(shop: &Shop, key: &str, expected: u16) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = http::get(shop.port, &target(key), &[]);
        match answer.status {
            503 => {
                ensure!(answer.header("retry-after").is_some(), "a 503 that does not say when to come again")
            }
            302 => {}
            status => anyhow::bail!("a good key is answered with {status}"),
        }
        if answer.status == expected {
            return Ok(());
        }
        (begun.elapsed() < PATIENCE)
            .then_some(())
            .with_context(|| format!("no {expected} after a minute"))?;
        sleep(PAUSE);
    }
}
