//! `license import`: users, licenses and keys of another system, all or nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::error::Error;
use crate::import::{self, Count, Counts, Format, Problem, Terms};
use crate::imported_key::KeyHasher;
use crate::offer::Offer;
use crate::secrets;
use crate::store::Store;

use super::{expiry, known_group, now, print_json};

/// Largest file that is imported: lists of a million customers and the dumps of most sites. Of a larger site the two tables
/// that matter can be dumped by themselves.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Room for a file of unknown length at first.
const FIRST_CAPACITY_BYTES: u64 = 64 << 10;

#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ImportArgs {
    /// What kind of file it is
    #[arg(long, value_name = "FORMAT")]
    from: Format,
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Grant everybody in the file a license for this group, unless one is there that ends no earlier; may come several times
    #[arg(long, value_name = "GROUP")]
    grant: Vec<String>,
    /// The end of licenses for which the file says none: a date, on which they are no longer good (UTC), or a time; without it
    /// never
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Say what would be imported, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

const HELP: &str = "\
Formats:
  csv       A table in UTF-8 with a header line and `,` or `;` between the fields. Columns in any order: `email`
            (required), `group`, `key`, `expires`, `state` (active, canceled, refunded, suspended, expired), `state_since`,
            `username`, `password_hash`. A key without a group opens whatever its holder has licenses for.
  ars       An SQL dump of a Joomla with Akeeba Release System 5 to 7, of which the tables `…_ars_dlidlabels` and `…_users`
            are read. Download IDs bring no licenses: say which with `--grant`, or import them from a table.
  jbackend  Lines `package group;email;key[;user name[;password hash]]`; each is a license for the group, too.

Either the whole file is imported or, with all its problems told, nothing. Importing it again changes nothing. Keys are
kept as hashes only; password hashes must be of a form that Joomla accepts.";

pub(super) async fn run(args: &ImportArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let grants = args.grant.iter().map(|group| known_group(&config, group)).collect::<Result<_, _>>()?;
    let expires_at = args.expires.as_deref().map(expiry).transpose()?;
    let offer = Offer::load(&config.catalog)?;
    let store = Store::open(&config.licenses).await?;
    let now = now();
    let terms = Terms {
        groups: offer.groups().collect(),
        grants,
        expires_at,
        hasher: KeyHasher::new(&secrets::read_seeds(&config.seeds)?.imported_keys),
        now,
    };
    let content = read(&args.file)?;
    let import::Read { rows, mut problems, skipped } = import::read(args.from, &content, &terms);
    drop(content);
    let plan = |known| {
        let plan = import::plan(&rows, skipped, known, args.from.name());
        // Problems of single lines and those between lines are told in one run.
        if let Err(more) = &plan {
            problems.extend(more.iter().cloned());
        }
        plan.ok().filter(|_| problems.is_empty()).ok_or_else(|| refusal(&args.file, problems))
    };
    let counts = store.import(plan, args.dry_run, now).await?;
    if args.json { print_json(&json(&counts, args.dry_run)) } else { print(&text(&counts, args.dry_run)) }
}

/// The whole of a file, wiped from memory when it is dropped.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (length, mut source): (u64, Box<dyn Read>) = match path.as_os_str() == "-" {
        true => (FIRST_CAPACITY_BYTES, Box::new(io::stdin().lock())),
        false => {
            let file = File::open(path).map_err(Error::io("read", path))?;
            (file.metadata().map_err(Error::io("read", path))?.len(), Box::new(file))
        }
    };
    let too_long = || {
        Error::Usage(format!(
            "`{}`: found more than {MAX_FILE_BYTES} bytes, expected at most that many: import it in parts, or dump only the \
             tables that are needed",
            path.display()
        ))
    };
    if length > MAX_FILE_BYTES {
        return Err(too_long());
    }
    // With room for all of it and the end, since a vector that grows leaves copies behind.
    let capacity = usize::try_from(length + 2).unwrap_or_default();
    let mut content = Zeroizing::new(Vec::with_capacity(capacity));
    source.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut content).map_err(Error::io("read", path))?;
    if content.len() as u64 > MAX_FILE_BYTES { Err(too_long()) } else { Ok(content) }
}

/// All problems, by line.
fn refusal(file: &Path, mut problems: Vec<Problem>) -> Error {
    problems.sort();
    problems.dedup();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Error::Usage(format!(
        "`{}`: nothing was imported, found problems: {}\n{}",
        file.display(),
        problems.len(),
        lines.join("\n")
    ))
}

fn json(counts: &Counts, is_dry_run: bool) -> serde_json::Value {
    let Counts { users, accounts, licenses, keys, skipped } = counts;
    serde_json::json!({
        "dry_run": is_dry_run, "users": users, "accounts": accounts, "licenses": licenses, "keys": keys,
        "skipped": skipped
    })
}

fn text(counts: &Counts, is_dry_run: bool) -> String {
    let line = |name: &str, count: &Count| {
        let changed = if count.changed > 0 { format!("{} changed, ", count.changed) } else { String::new() };
        format!("{name}: {} new, {changed}{} there already", count.new, count.there)
    };
    let mut lines = vec![
        line("users", &counts.users),
        line("user names", &counts.accounts),
        line("licenses", &counts.licenses),
        line("keys", &counts.keys),
    ];
    lines.extend(counts.skipped.iter().map(|(skip, count)| format!("skipped: {count} {}", skip.text())));
    if is_dry_run {
        lines.push("a dry run: nothing was written".to_owned());
    }
    lines.join("\n")
}
