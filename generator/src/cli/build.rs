//! `bandari build`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::progress::Terminal;
use super::{print_failure, print_problems};
use crate::{Config, Error, Options, Summary};

#[derive(Args)]
pub(super) struct BuildArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
    /// Where to write, in place of the configuration's `output`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Languages of the pages, the main one first, in place of the configuration's `languages`
    #[arg(long = "lang", value_name = "TAG", value_delimiter = ',')]
    languages: Vec<String>,
    /// Leave out packages that have problems instead of writing nothing; the exit code is still 1
    #[arg(long)]
    keep_going: bool,
    /// Let published files change their bytes under the same name, published feeds their addresses, and licensed packages become
    /// free
    #[arg(long)]
    force: bool,
    /// Read every package again, and what is published of it: neither use nor write the cache beside the output
    #[arg(long)]
    no_cache: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &BuildArgs) -> io::Result<u8> {
    let options = Options { keep_going: args.keep_going, force: args.force, no_cache: args.no_cache };
    let terminal = Terminal::new(args.quiet, args.json);
    let built = load(args)
        .and_then(|config| crate::build(&config, options, &terminal).map(|summary| (config, summary)));
    let (config, summary) = match built {
        Ok(built) => built,
        Err(error) => return print_failure(&error, args.json),
    };
    let mut err = io::stderr().lock();
    if !args.quiet {
        print_problems(&mut err, &summary.warnings)?;
    }
    print_problems(&mut err, &summary.problems)?;
    print_summary(args, &config, &summary)?;
    Ok(u8::from(!summary.problems.is_empty()))
}

fn load(args: &BuildArgs) -> Result<Config, Error> {
    let config = Config::load(&args.config, args.output.as_deref())?;
    match args.languages.as_slice() {
        [] => Ok(config),
        tags => config.in_languages(tags),
    }
}

fn print_summary(args: &BuildArgs, config: &Config, summary: &Summary) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        return writeln!(out, "{}", serde_json::to_string(summary)?);
    }
    if args.quiet {
        return Ok(());
    }
    let count = crate::error::count;
    let written = &summary.written;
    write!(
        out,
        "{} with {} in `{}`: {} written, {} unchanged, {} removed",
        count(summary.products, "product"),
        count(summary.packages, "package"),
        config.output.display(),
        written.files_written,
        written.files_unchanged,
        written.files_removed,
    )?;
    match summary.problems.len() {
        0 => writeln!(out),
        left_out => writeln!(out, "; left out for {}", count(left_out, "problem")),
    }
}
