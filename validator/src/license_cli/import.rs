//! `license import`: users, licenses and keys of another system, all or nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::customers::Place;
use crate::error::Error;
use crate::import::{self, Format, Known, Problem, Terms};
use crate::imported_key::KeyHasher;
use crate::secrets;

use super::first::{first, grouped};
use super::{expiry, import_report as report, known_group, now, offer, print_json};

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
            (required), `group`, `key`, `expires`, `state` (active, canceled, refunded, suspended, expired), `state_since`
            (of licenses that are neither active nor expired), `username`, `password_hash`. A key without a group opens whatever its holder has licenses for.
  ars       An SQL dump of a Joomla with Akeeba Release System 5 to 7, of which the tables `…_ars_dlidlabels` and `…_users`
            are read. Download IDs bring no licenses: say which with `--grant`, or import them from a table.
  jbackend  Lines `package group;email;key[;user name[;password hash]]`; each is a license for the group, too.

Either the whole file is imported or, with all its problems told, nothing. Importing it again changes nothing. Keys are
kept as hashes only; password hashes must be of a form that Joomla accepts.

With `[joomla]` only keys are taken, from `csv` and `jbackend`: users are found by their address in the site's database, and
licenses and passwords live there.";

pub(super) async fn run(args: &ImportArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let offer = offer(&config).await?;
    let grants = args.grant.iter().map(|group| known_group(&offer, group)).collect::<Result<_, _>>()?;
    let expires_at = args.expires.as_deref().map(expiry).transpose()?;
    let place = Place::open(&config).await?;
    refuse_what_a_site_has(&place, args)?;
    let now = now();
    let terms = Terms {
        groups: offer.groups().collect(),
        grants,
        expires_at,
        key_parameters: &config.key_parameters,
        hasher: KeyHasher::new(&secrets::read_seeds(&config.seeds)?.imported_keys),
        now,
    };
    let content = read(&args.file)?;
    let mut read = import::read(args.from, &content, &terms);
    drop(content);
    let users_of_site = match place.site() {
        Some(site) => Some(site.users_of(&read.holders_of_keys()).await?),
        None => None,
    };
    if let Some(users) = &users_of_site {
        read.keep_keys_of(users);
    }
    let import::Read { rows, problems, skipped } = read;
    let plan = |mut known: Known| {
        if let Some(users) = &users_of_site {
            known.users.clone_from(users);
        }
        // Problems of single lines and those between lines are told in one run.
        match import::plan(&rows, skipped.clone(), known, args.from.name()) {
            Ok(mut plan) if problems.is_empty() => {
                if users_of_site.is_some() {
                    // The site knows who has licenses.
                    plan.counts.users_without_license = 0;
                }
                Ok(plan)
            }
            Ok(_) => Err(refusal(&args.file, problems.clone())),
            Err(more) => Err(refusal(&args.file, [&problems[..], &more].concat())),
        }
    };
    let counts = place.store.import(plan, args.dry_run, now).await?;
    match args.json {
        true => print_json(&report::json(&counts, args.dry_run)),
        false => print(&report::text(&counts, args.dry_run)),
    }
}

/// Where a Joomla site's database has users and licenses, only keys can be brought along.
fn refuse_what_a_site_has(place: &Place, args: &ImportArgs) -> Result<(), Error> {
    let refused = match () {
        () if place.site().is_none() => return Ok(()),
        () if args.from == Format::Ars => {
            "`--from ars`: with `[joomla]` Download IDs come straight from the site's database: \
            set `preset = \"ars\"` in `[joomla.download_ids]`"
        }
        () if !args.grant.is_empty() => {
            "`--grant`: with `[joomla]` licenses live in the site's database: change them there"
        }
        () if args.expires.is_some() => {
            "`--expires`: with `[joomla]` licenses live in the site's database: change them there"
        }
        () => return Ok(()),
    };
    Err(Error::Usage(refused.into()))
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
pub(crate) fn refusal(file: &Path, mut problems: Vec<Problem>) -> Error {
    problems.sort();
    problems.dedup();
    let (told, more) = first(&problems);
    let mut lines: Vec<String> = told.iter().map(ToString::to_string).collect();
    lines.extend(more.map(|more| format!("and {} more", grouped(more))));
    Error::Usage(format!(
        "`{}`: nothing was imported, found problems: {}\n{}",
        file.display(),
        grouped(problems.len()),
        lines.join("\n")
    ))
}
