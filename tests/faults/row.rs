//! A row of the table: a fault, and how it is made.

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use bandari_tests::shop::{Programs, Shop};

use crate::chance::Chance;
use crate::{
    builds_at_once, catalogs, changing_packages, clocks, connections, databases, disks, kills, logs,
    malformed, open_files, outputs, signals, stores,
};

/// A fault.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// What the row looks at after each try.
    pub(crate) nothing_lost: &'static str,
    pub(crate) tries: u32,
    /// With `--quick`.
    pub(crate) quick_tries: u32,
    run: fn(&mut Trial) -> Result<()>,
}

/// A row of the table.
const fn row(
    name: &'static str,
    nothing_lost: &'static str,
    (tries, quick_tries): (u32, u32),
    run: fn(&mut Trial) -> Result<()>,
) -> Row {
    Row { name, nothing_lost, tries, quick_tries, run }
}

/// All faults, in the order in which they are made.
pub(crate) const ROWS: [Row; 22] = [
    row("build killed", "what is named is there, and a rerun makes a new tree", (200, 20), kills::run),
    row(
        "build with its disk full",
        "one sentence, what is named is there, a rerun completes",
        (40, 6),
        disks::run,
    ),
    row(
        "build to a read-only output",
        "one sentence, nothing changes, a rerun completes",
        (20, 2),
        outputs::read_only,
    ),
    row(
        "build whose output vanishes",
        "an error or a whole tree, and a rerun completes",
        (40, 5),
        outputs::vanishing,
    ),
    row("build with a clock that jumps", "what is built is what a new folder gets", (40, 4), clocks::run),
    row(
        "package changed while read",
        "what is named has the bytes that are told of",
        (40, 4),
        changing_packages::run,
    ),
    row(
        "two builds at once",
        "one builds, the others wait or name it, nothing is mixed",
        (40, 4),
        builds_at_once::run,
    ),
    row(
        "MariaDB killed",
        "each answer is right or an honest 503, and it recovers",
        (20, 2),
        databases::mariadb,
    ),
    row(
        "PostgreSQL killed",
        "each answer is right or an honest 503, and it recovers",
        (20, 2),
        databases::postgresql,
    ),
    row("license store locked", "each answer is right or an honest 503", (20, 3), stores::locked),
    row(
        "license store replaced",
        "from SIGHUP on the restored one counts, no answer is cut",
        (20, 3),
        stores::replaced,
    ),
    row(
        "license store truncated",
        "no wrong answer, an honest 503, a restored one counts",
        (20, 2),
        stores::truncated,
    ),
    row(
        "catalog replaced by rubbish",
        "the last good one goes on, and the next good one counts",
        (100, 10),
        catalogs::run,
    ),
    row(
        "signing key removed",
        "the old one signs on, the log says so, a new one counts",
        (20, 3),
        signals::key_removed,
    ),
    row(
        "slow heads",
        "customers are served, memory stays within bounds",
        (2_000, 400),
        connections::slow_heads,
    ),
    row(
        "slow bodies",
        "customers are served, memory stays within bounds",
        (2_000, 400),
        connections::slow_bodies,
    ),
    row(
        "connections that ask nothing",
        "customers are served, memory stays within bounds",
        (20_000, 2_000),
        connections::silent,
    ),
    row(
        "malformed requests",
        "no answer of 5xx, memory is flat, good requests are served",
        (1_000_000, 20_000),
        malformed::run,
    ),
    row("SIGTERM under load", "no answer is cut, and the server ends well", (50, 3), signals::stop),
    row("SIGHUP under load", "no answer is cut, none is wrong", (200, 10), signals::hang_up),
    row("log that takes nothing", "every request is answered", (4, 4), logs::run),
    row(
        "every file descriptor taken",
        "monitoring is answered, customers are when it is over",
        (20, 2),
        open_files::run,
    ),
];

/// How a row ended.
pub(crate) enum End {
    Kept,
    /// It cannot be tried here, and why.
    Skipped(String),
    /// What was lost.
    Lost(String),
}

/// Cannot be tried on this machine.
#[derive(Debug)]
pub(crate) struct Skipped(pub(crate) String);

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Skipped {}

/// What a row has to work with.
pub(crate) struct Trial {
    pub(crate) programs: Programs,
    /// How often the fault is to be made.
    pub(crate) tries: u32,
    pub(crate) chance: Chance,
    folder: PathBuf,
    kept: Cell<u32>,
}

impl Trial {
    pub(crate) fn new(programs: Programs, tries: u32, chance: Chance, folder: PathBuf) -> Self {
        Self { programs, tries, chance, folder, kept: Cell::new(0) }
    }

    /// A folder of the row's own. It stays when something is lost.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How often nothing was lost.
    pub(crate) fn kept(&self) -> u32 {
        self.kept.get()
    }

    /// Nothing was lost once more.
    pub(crate) fn keep(&self) {
        self.keep_many(1);
    }

    /// Nothing was lost so many times more.
    pub(crate) fn keep_many(&self, times: u32) {
        self.kept.set(self.kept.get() + times);
    }

    /// Runs a row. What the tests' own tools find wrong, they panic about.
    pub(crate) fn run(&mut self, row: &Row) -> End {
        if let Err(error) = anew(&self.folder) {
            return End::Lost(format!("{error:#}"));
        }
        let run = catch_unwind(AssertUnwindSafe(|| (row.run)(self)));
        let end = match run {
            Ok(Ok(())) if self.kept() >= self.tries => End::Kept,
            Ok(Ok(())) => End::Lost("the row made fewer tries than it should".to_owned()),
            Ok(Err(error)) => match error.downcast::<Skipped>() {
                Ok(Skipped(why)) if std::env::var_os("CI").is_none() => End::Skipped(why),
                Ok(Skipped(why)) => End::Lost(format!("it cannot be tried, and `CI` is set: {why}")),
                Err(error) => End::Lost(format!("{error:#}")),
            },
            Err(panic) => End::Lost(text_of(&*panic)),
        };
        if !matches!(end, End::Lost(_)) {
            // Whatever stays is taken by the next run.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
        end
    }

    /// Does something to a shop, whose folder is kept when something is lost.
    pub(crate) fn with_shop(
        &self,
        shop: &mut Shop,
        work: impl FnOnce(&mut Shop) -> Result<()>,
    ) -> Result<()> {
        let done = catch_unwind(AssertUnwindSafe(|| work(shop)));
        if matches!(done, Ok(Ok(()))) {
            return Ok(());
        }
        let copied = Command::new("cp").arg("-a").arg(shop.path("")).arg(self.folder.join("shop")).status();
        if !copied.is_ok_and(|status| status.success()) {
            eprintln!("the folder of the shop could not be kept");
        }
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// An empty folder.
pub(crate) fn anew(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}

/// What a panic said.
fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic".into())
}
