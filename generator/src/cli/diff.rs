//! `bandari diff`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print_failure};

#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 done, 1 something cannot be read, 2 wrong usage, 4 `--exit-code` was given and some site sees a difference.

Of a folder, feeds and changelogs of products and `collection.xml` are read. Packages, pages, the catalog and products that are no \
Joomla extensions are not.")]
pub(super) struct DiffArgs {
    /// What is published now: an output folder, its `public/`, or a file with a feed
    old: PathBuf,
    /// What takes its place
    new: PathBuf,
    /// Exit with 4 when any site sees a difference
    #[arg(long)]
    exit_code: bool,
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print the result as JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// A comment on a pull request
    Markdown,
}

pub(super) fn run(args: &DiffArgs) -> io::Result<u8> {
    let comparison = match crate::diff::diff(&args.old, &args.new) {
        Ok(comparison) => comparison,
        Err(error) => return print_failure(&error, args.json),
    };
    let mut out = io::stdout().lock();
    match args.format {
        _ if args.json => writeln!(out, "{}", serde_json::to_string(&comparison)?)?,
        Format::Text => write!(out, "{comparison}")?,
        Format::Markdown => out.write_all(comparison.to_markdown().as_bytes())?,
    }
    Ok(if args.exit_code && comparison.differs { exit::DIFFERENCES } else { exit::DONE })
}
