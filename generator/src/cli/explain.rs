//! `bandari explain`: a page for one site, a table for all of them, or the same as JSON.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use bandari_catalog::version::Stability;
use clap::Args;

use super::{exit, print_failure};
use crate::explain::{self, Answer, InstalledAs, Question, Reader};
use crate::updater::{Database, JoomlaVersion, PhpVersion};

/// Longer lines are hard to read.
const MAX_COLUMNS: usize = 110;

/// Narrower ones, too.
const MIN_COLUMNS: usize = 40;

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ExplainArgs {
    /// An update feed, collection or changelog: an https address or a file; or a product of the site in this folder, by its id
    #[arg(value_name = "FEED|PRODUCT")]
    feed: String,
    /// The site's Joomla, such as 5.3.4, or 5.3 for the newest of it. Without it: a table of all
    #[arg(long, value_name = "VERSION", value_parser = JoomlaVersion::parse)]
    joomla: Option<JoomlaVersion>,
    /// The site's PHP, such as 8.2 or 8.2.10
    #[arg(long, value_name = "VERSION", value_parser = PhpVersion::parse)]
    php: Option<PhpVersion>,
    /// The site's database: mysql, mariadb or postgresql, and its version, such as mariadb:10.11
    #[arg(long = "db", value_name = "DATABASE:VERSION", value_parser = Database::parse)]
    database: Option<Database>,
    /// What is installed: a version of the feed's extension such as 1.2.0, or another extension, such as
    /// plugin:system/tides@1.2.0. Without it: the feed's extension, older than every release. For a changelog: the version whose
    /// changes are shown
    #[arg(long, value_name = "[EXTENSION@]VERSION", value_parser = InstalledAs::parse)]
    installed: Option<InstalledAs>,
    /// The least stable releases that the site wants ("Minimum stability")
    #[arg(long, value_name = "STABILITY", value_parser = stability, default_value = "stable")]
    stability: Stability,
    /// The site has a download key; addresses show KEY in its place
    #[arg(long)]
    key: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// The configuration of the site whose product it is
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
}

const AFTER_HELP: &str = "\
Examples:
  bandari explain https://updates.example.org/tides/updates.xml
  bandari explain tides --joomla 5.3.4 --php 8.2 --installed 1.1.0
  bandari explain updates.xml --joomla 4.4 --installed plugin:system/tides@1.0.0

Exit codes: 0 there is an answer, whatever it is, 1 the feed cannot be had, 2 wrong usage or configuration.";

fn stability(word: &str) -> Result<Stability, String> {
    use Stability::{Alpha, Beta, Dev, Rc, Stable};
    let all = [Dev, Alpha, Beta, Rc, Stable];
    let known = all.into_iter().find(|stability| stability.as_str() == word);
    known.ok_or_else(|| format!("found `{word}`, expected `dev`, `alpha`, `beta`, `rc` or `stable`"))
}

pub(super) fn run(args: &ExplainArgs) -> io::Result<u8> {
    let question = Question {
        feed: &args.feed,
        config: &args.config,
        joomla: args.joomla.as_ref(),
        php: args.php.as_ref(),
        database: args.database.as_ref(),
        installed: args.installed.as_ref(),
        minimum_stability: args.stability,
        has_key: args.key,
    };
    let reader = if args.json { Reader::Program } else { Reader::Person };
    match explain::explain(&question, reader) {
        Ok(Answer::Json(json)) => writeln!(io::stdout().lock(), "{json}")?,
        // Takes the colors out where they do not belong: in pipes, and where `NO_COLOR` is set.
        Ok(Answer::Page(page)) => {
            anstream::stdout().lock().write_all(page.print(terminal_columns()).as_bytes())?;
        }
        Err(error) => return print_failure(&error, args.json),
    }
    Ok(exit::DONE)
}

/// How wide lines may be; nothing for who is no terminal, and takes each sentence as one line.
fn terminal_columns() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&out).ok()?;
    Some(usize::from(size.ws_col).clamp(MIN_COLUMNS, MAX_COLUMNS)).filter(|_| size.ws_col > 0)
}
