//! The command line `bandari`: arguments in, report and exit code out.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::{Config, Error, Options, Problem, Summary};

/// An update server for Joomla extensions that is mostly files.
#[derive(Parser)]
#[command(name = "bandari", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or configuration.";

#[derive(Subcommand)]
enum Command {
    /// Write feeds, checksums, pages and the catalog for a folder of packages
    Build(BuildArgs),
}

#[derive(Args)]
struct BuildArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
    /// Where to write, in place of the configuration's `output`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Leave out packages that have problems instead of writing nothing; the exit code is still 1
    #[arg(long)]
    keep_going: bool,
    /// Let published files change their bytes under the same name, and published feeds their addresses
    #[arg(long)]
    force: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

/// What `--json` prints when a build fails.
#[derive(Serialize)]
struct Failure<'e> {
    error: String,
    problems: &'e [Problem],
}

/// Runs the command line and tells the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { command: Command::Build(args) } = Cli::parse();
    let code = match run_build(&args) {
        Ok(code) => code,
        // Nobody reads any more; there is nothing left to do.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 1,
        Err(error) => {
            eprintln!("error: cannot write the result: {error}");
            1
        }
    };
    ExitCode::from(code)
}

fn run_build(args: &BuildArgs) -> io::Result<u8> {
    let options = Options { keep_going: args.keep_going, force: args.force };
    let built = Config::load(&args.config, args.output.as_deref())
        .and_then(|config| crate::build(&config, options).map(|summary| (config, summary)));
    let mut err = io::stderr().lock();
    match built {
        Ok((config, summary)) => {
            if !args.quiet {
                print_problems(&mut err, &summary.warnings)?;
            }
            print_problems(&mut err, &summary.problems)?;
            print_summary(args, &config, &summary)?;
            Ok(u8::from(!summary.problems.is_empty()))
        }
        Err(error) => {
            if let Error::Problems { problems } = &error {
                print_problems(&mut err, problems)?;
            }
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            writeln!(err, "error: {error}{cause}")?;
            if args.json {
                let problems = if let Error::Problems { problems } = &error { &problems[..] } else { &[] };
                let failure = Failure { error: format!("{error}{cause}"), problems };
                writeln!(io::stdout(), "{}", serde_json::to_string(&failure)?)?;
            }
            Ok(if matches!(error, Error::Configuration { .. }) { 2 } else { 1 })
        }
    }
}

/// One line for each: severity, code, and what the problem says of itself.
fn print_problems(out: &mut impl Write, problems: &[Problem]) -> io::Result<()> {
    problems.iter().try_for_each(|problem| {
        writeln!(out, "{}[{}]: {problem}", problem.rule().severity.as_str(), problem.code)
    })
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
