//! The catalog is replaced by rubbish.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use bandari_tests::customers::{add_customers, customers, target};
use bandari_tests::load::{Load, Outcome};
use bandari_tests::shop::Shop;

use crate::chance::Chance;
use crate::row::Trial;
use crate::signals::reload;

const CATALOG: &str = "output/public/catalog.json";
const RELOADED: &str = " reloaded packages=";

/// Nobody was told of this one, so nobody asks for it under load.
const WITHDRAWN: &str = "/download/lighthouse_100";

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let mut chance = trial.chance.clone();
    let mut shop = Shop::closed(trial.programs.clone());
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let good = fs::read_to_string(shop.path(CATALOG))?;
        let other = good.replace("\"lighthouse_100\"", "\"lighthouse_001\"");
        ensure!(good != other, "no such package");
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &keys, 4);
        let has_old_one = || shop.get(&format!("{WITHDRAWN}?dlid={}", keys[0])).status == 302;
        for number in 0..trial.tries {
            put(&shop.path(CATALOG), &rubbish(&good, &mut chance), &mut chance)?;
            reload(shop, RELOADED)?;
            ensure!(has_old_one() == (number % 2 == 0), "the last good catalog does not count any more");
            ensure!(
                shop.get(&target(&keys[0])).status == 302,
                "the last good catalog does not count any more"
            );
            put(&shop.path(CATALOG), if number % 2 == 0 { &other } else { &good }.as_bytes(), &mut chance)?;
            reload(shop, RELOADED)?;
            ensure!(has_old_one() == (number % 2 == 1), "a good catalog does not count");
            trial.keep();
        }
        let counts = load.end();
        ensure!(counts["customers"].keys().all(|outcome| *outcome == Outcome::Answered(302)), "{counts:?}");
        Ok(())
    })
}

/// Something in the place of a catalog.
fn rubbish(good: &str, chance: &mut Chance) -> Vec<u8> {
    match chance.below(6) {
        0 => Vec::new(),
        1 => good.as_bytes()[..chance.below(good.len())].to_vec(),
        2 => {
            let length = 1 + chance.below(10_000);
            chance.bytes(length)
        }
        3 => good.replace("\"version\": 1,", "\"version\": 9,").into_bytes(),
        4 => b"{\"format\": \"bandari-catalog\", \"version\": 1}".to_vec(),
        _ => good.replace("sha256", "sha000").into_bytes(),
    }
}

/// Over the file that is there, as editors do, or by renaming.
fn put(target: &Path, bytes: &[u8], chance: &mut Chance) -> Result<()> {
    if chance.percent(50) {
        return Ok(fs::write(target, bytes)?);
    }
    let aside = target.with_extension("aside");
    fs::write(&aside, bytes)?;
    Ok(fs::rename(aside, target)?)
}
