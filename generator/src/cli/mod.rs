//! The command line `bandari`: one module for each command (arguments in, report and exit code out), and here what they
//! share.

mod build;
mod check;
mod client_plugin;
mod diff;
mod explain;
mod init;
mod progress;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::{Error, Problem};

/// An update server for Joomla extensions that is mostly files.
#[derive(Parser)]
#[command(name = "bandari", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or configuration, 3 `check` found errors, 4 `diff --exit-code` found \
     differences.";

/// Exit codes, as [`EXIT_CODES`] tells them.
mod exit {
    pub(super) const DONE: u8 = 0;
    pub(super) const FAILED: u8 = 1;
    /// Clap's own for what it refuses.
    pub(super) const USAGE: u8 = 2;
    pub(super) const FOUND_ERRORS: u8 = 3;
    pub(super) const DIFFERENCES: u8 = 4;
}

#[derive(Subcommand)]
enum Command {
    /// Write a first configuration for a folder of packages, or take over a jBackend Release System
    Init(init::InitArgs),
    /// Write feeds, checksums, pages and the catalog for a folder of packages
    Build(build::BuildArgs),
    /// Say what is wrong with the packages, what happens to which Joomla, and how to mend it; writes nothing
    Check(check::CheckArgs),
    /// Make the plug-in that tells your customers in their Joomla why a download is refused, and takes their keys along
    ClientPlugin(client_plugin::ClientPluginArgs),
    /// Tell which Joomla sites are offered something else by another output folder or feed
    Diff(diff::DiffArgs),
    /// Say what a Joomla site is offered by a feed, and why, or what each of them is; writes nothing
    Explain(explain::ExplainArgs),
}

/// What `--json` prints when a command fails.
#[derive(Serialize)]
struct Failure<'e> {
    error: String,
    problems: &'e [Problem],
}

/// Runs the command line and tells the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Init(args) => init::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Check(args) => check::run(&args),
        Command::ClientPlugin(args) => client_plugin::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Explain(args) => explain::run(&args),
    };
    let code = match done {
        Ok(code) => code,
        // Nobody reads any more; there is nothing left to do.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::FAILED,
        Err(error) => {
            eprintln!("error: cannot write the result: {error}");
            exit::FAILED
        }
    };
    ExitCode::from(code)
}

/// Prints why a command failed, with every problem it found, and tells the exit code.
fn print_failure(error: &Error, json: bool) -> io::Result<u8> {
    let mut err = io::stderr().lock();
    let problems = error.problems();
    print_problems(&mut err, problems)?;
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    writeln!(err, "error: {error}{cause}")?;
    if json {
        let failure = Failure { error: format!("{error}{cause}"), problems };
        writeln!(io::stdout(), "{}", serde_json::to_string(&failure)?)?;
    }
    let is_misused =
        matches!(error, Error::Configuration { .. } | Error::NotOfAKind { .. } | Error::Usage(_));
    Ok(if is_misused { exit::USAGE } else { exit::FAILED })
}

/// One line for each: severity, code, and what the problem says of itself.
fn print_problems(out: &mut impl Write, problems: &[Problem]) -> io::Result<()> {
    problems.iter().try_for_each(|problem| writeln!(out, "{}", headline(problem)))
}

fn headline(problem: &Problem) -> String {
    format!("{}[{}]: {problem}", problem.rule().severity.as_str(), problem.code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
