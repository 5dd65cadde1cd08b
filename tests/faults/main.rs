//! What is lost when things break: each row of the table is a fault, made many times, and after each time it is looked at whether
//! everything is there that was promised. `sh tests/faults/run.sh` builds and runs it; README.md tells of each row.
//!
//! Whatever is left to chance comes from one number, so that a run can be repeated.

mod builds_at_once;
mod catalogs;
mod chance;
mod changing_packages;
mod clocks;
mod connections;
mod databases;
mod disks;
mod kills;
mod logs;
mod malformed;
mod open_files;
mod outputs;
mod row;
mod signals;
mod stores;
mod tree;
mod vendor;
mod xml;

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use bandari_tests::shop::Programs;

use chance::Chance;
use row::{End, ROWS, Row, Trial};

/// The environment's variable for the number from which all chance comes.
const SEED: &str = "BANDARI_FAULTS_SEED";

const USAGE: &str = "usage: sh tests/faults/run.sh [--quick] [PART OF A NAME…]";

/// What a run is to do.
struct Wanted {
    is_quick: bool,
    rows: Vec<&'static Row>,
    seed: u64,
}

fn main() -> ExitCode {
    let wanted = match wanted() {
        Ok(wanted) => wanted,
        Err(message) => {
            eprintln!("error: {message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let here = env::current_exe().expect("a path of this program");
    let beside = |name: &str| here.with_file_name(name);
    let programs =
        Programs { bandari: beside("bandari-under-test"), validator: beside("bandari-validator-under-test") };
    let scratch = here.ancestors().nth(2).expect("a folder that cargo builds in").join("tmp/faults");
    println!("chance begins with {SEED}={}", wanted.seed);
    println!(
        "{:<34} {:>9}  {:<62} {:<26} {:>7}",
        "fault", "tries", "nothing is lost when", "result", "seconds"
    );
    let mut lost = 0;
    for row in &wanted.rows {
        let tries = if wanted.is_quick { row.quick_tries } else { row.tries };
        let folder = scratch.join(row.name.replace([' ', ','], "-"));
        let mut trial = Trial::new(programs.clone(), tries, Chance::of(wanted.seed, row.name), folder);
        let begun = Instant::now();
        let end = trial.run(row);
        let result = match &end {
            End::Kept => format!("kept {} of {tries}", trial.kept()),
            End::Skipped(_) => "skipped".to_owned(),
            End::Lost(_) => format!("LOST: kept {} of {tries}", trial.kept()),
        };
        let seconds = begun.elapsed().as_secs_f64();
        println!("{:<34} {tries:>9}  {:<62} {result:<26} {seconds:>7.1}", row.name, row.nothing_lost);
        match end {
            End::Kept => {}
            End::Skipped(why) => eprintln!("skipped {}: {why}", row.name),
            End::Lost(what) => {
                lost += 1;
                let at = match trial.kept() {
                    kept if kept < tries => format!("in try {}", kept + 1),
                    _ => "on the whole".to_owned(),
                };
                eprintln!("lost by {} {at}: {what}", row.name);
                eprintln!("    to look at: {}", trial.folder().display());
                let quick = if wanted.is_quick { "--quick " } else { "" };
                eprintln!(
                    "    once more: {SEED}={} sh tests/faults/run.sh {quick}'{}'",
                    wanted.seed, row.name
                );
            }
        }
    }
    if lost == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// # Errors
/// Tells what is wrong with the arguments.
fn wanted() -> Result<Wanted, String> {
    let (flags, parts): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|word| word.starts_with('-'));
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--quick") {
        return Err(format!("found `{unknown}`, expected `--quick` or part of a name"));
    }
    let is_of = |row: &Row, part: &String| row.name.contains(part.as_str());
    if let Some(unknown) = parts.iter().find(|part| !ROWS.iter().any(|row| is_of(row, part))) {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("found `{unknown}`, expected part of one of: {}", names.join("; ")));
    }
    let is_wanted = |row: &&Row| parts.is_empty() || parts.iter().any(|part| is_of(row, part));
    let seed = match env::var(SEED) {
        Ok(seed) => seed.parse().map_err(|_| format!("`{SEED}`: found `{seed}`, expected a number"))?,
        Err(_) => Chance::seed_of_this_moment(),
    };
    Ok(Wanted { is_quick: !flags.is_empty(), rows: ROWS.iter().filter(is_wanted).collect(), seed })
}
