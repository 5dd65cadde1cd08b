//! The command line `bandari-validator`: arguments in, result and exit code out.

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, Write};
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::customers::Place;
use crate::edge_cli::{self, EdgeArgs};
use crate::error::Error;
use crate::keys_cli::{self, KeysCommand};
use crate::license_cli::{self, LicenseCommand};
use crate::limits::connections_of_this_process;
use crate::log::{Log, LogFormat, WithCause};
use crate::reloads::Reloads;
use crate::{App, Live, health, init, server, service_manager};

/// Checks license keys and answers with signed download URLs.
#[derive(Parser)]
#[command(name = "bandari-validator", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or configuration.";

/// For how long work may go on that nobody waits for any more, such as a question to a host that does not answer.
const LAST_WORK: Duration = Duration::from_secs(1);

#[derive(Subcommand)]
enum Command {
    /// Make the configuration, the signing key, seeds and the license store, as far as they are missing
    Init(InitArgs),
    /// Answer requests until SIGTERM or SIGINT; SIGHUP reads everything anew
    Serve(ConfigArgs),
    /// Read everything that `serve` would read and tell whether it fits together
    CheckConfig(ConfigArgs),
    /// Ask the server that runs by this configuration whether it answers
    Health(ConfigArgs),
    /// Grant, change, show and import licenses; with `[joomla]` they live in the site's database and are changed there
    #[command(subcommand)]
    License(LicenseCommand),
    /// Show and rotate the keys that sign links and the seeds of license keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Write what a CDN or web server needs to honor this site's links, ready to be put up
    Edge(EdgeArgs),
}

#[derive(Args)]
pub(crate) struct ConfigArgs {
    /// The validator's configuration
    #[arg(long, value_name = "FILE", default_value = "validator.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Args)]
struct InitArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The catalog that a new configuration names: an https address, or a path that counts from the configuration's folder
    /// [default: output/public/catalog.json]
    #[arg(long, value_name = "FILE OR ADDRESS")]
    catalog: Option<String>,
}

/// Runs the command line and tells the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Of several crates that speak TLS each would choose for itself. It can fail only when one is chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let log = match Log::start(log_format(&cli.command)) {
        Ok(log) => log,
        Err(error) => {
            print_aside(&format!("error: {}", WithCause(&error)));
            return ExitCode::FAILURE;
        }
    };
    let run = run(cli.command);
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let result = runtime.block_on(run);
            runtime.shutdown_timeout(LAST_WORK);
            result
        }
        Err(error) => Err(Error::Threads(error)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.report(&error);
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

/// Only a server's log is for programs: what other commands say is for whoever typed them.
fn log_format(command: &Command) -> LogFormat {
    match command {
        Command::Serve(args) => Config::log_format(&args.config),
        _ => LogFormat::default(),
    }
}

/// Runs one command in a program that has threads already; `arguments` begin with a name for the program.
///
/// # Errors
/// [`Error::Usage`] for arguments that make no command, and whatever the command fails with.
pub async fn run_in_process<A>(arguments: impl IntoIterator<Item = A>) -> Result<(), Error>
where
    A: Into<OsString> + Clone,
{
    let cli = Cli::try_parse_from(arguments).map_err(|error| Error::Usage(error.to_string()))?;
    run(cli.command).await
}

async fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Init(args) => run_init(&args).await,
        Command::Serve(args) => run_serve(&args).await,
        Command::CheckConfig(args) => run_check_config(&args).await,
        Command::Health(args) => health::run(&args).await,
        Command::License(command) => license_cli::run(command).await,
        Command::Keys(command) => keys_cli::run(&command),
        Command::Edge(args) => edge_cli::run(&args).await,
    }
}

/// Writes the result to standard output.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    writeln!(io::stdout(), "{text}").map_err(Error::io("write", "standard output"))
}

/// The same as JSON, on one line.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(Error::Json)?;
    print(&json)
}

/// Writes what is no result to standard error. Whoever has closed that does not want to know.
pub(crate) fn print_aside(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

async fn run_init(args: &InitArgs) -> Result<(), Error> {
    let made = init::init(&args.config.config, args.catalog.as_deref()).await?;
    for file in &made.files {
        print(&format!("made `{}`", file.display()))?;
    }
    for group in &made.groups {
        print(&format!("made a seed for the group `{group}`"))?;
    }
    if made.files.is_empty() && made.groups.is_empty() {
        print("nothing was missing")?;
    }
    let keys = if made.public_keys.len() == 1 { "public key" } else { "public keys" };
    print(&format!("for the edge: key set `{}`, {keys} {}", made.key_set, made.public_keys.join(", ")))?;
    // Last, since what was made is good whatever a database says.
    let config = Config::load(&args.config.config)?;
    let place = Place::open(&config).await?;
    let offer = config.catalog.read().await?.offer;
    place.check_groups(&config, &offer)?;
    place.examine(&config, &offer).await
}

async fn run_check_config(args: &ConfigArgs) -> Result<(), Error> {
    let config = Config::load(&args.config)?;
    let app = App::load(&config).await?;
    app.place.examine(&config, &app.offer).await?;
    let (packages, groups) = (app.offer.package_count(), app.offer.groups().count());
    print(&format!("`{}` is good: packages {packages}, groups {groups}", config.file.display()))
}

async fn run_serve(args: &ConfigArgs) -> Result<(), Error> {
    // First of all: without somebody who waits for it, the signal ends a process.
    let hang_ups = signal(SignalKind::hangup()).map_err(Error::io("wait for", "signals"))?;
    let config = Config::load(&args.config)?;
    let app = App::load(&config).await?;
    let live = Arc::new(Live::new(app));
    let stop = stop_signal()?;
    let shutdown = async {
        stop.await;
        service_manager::stopping();
    };
    let bind = |address| server::listen(address).map_err(|source| Error::Listen { address, source });
    let (listener, private) = (bind(config.listen)?, bind(config.private_listen)?);
    let (listen, private_listen) = (address_of(&listener)?, address_of(&private)?);
    let most_connections = connections_of_this_process();
    let app = live.app();
    let (packages, max_connections) =
        (app.offer.package_count(), app.config.limits.connections.min(most_connections));
    tracing::info!(%listen, %private_listen, packages, max_connections, "serving");
    let reloads = tokio::spawn(Reloads::new(Arc::clone(&live)).run(hang_ups));
    service_manager::ready(&app);
    // Nothing of what is there now is to stay in memory after a reload.
    drop(app);
    // As a task: connections are accepted by the threads that serve them, and none of them has to be woken for that.
    let served = tokio::spawn(server::serve(listener, private, live, most_connections, shutdown)).await;
    reloads.abort();
    served.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()));
    Ok(())
}

fn address_of(listener: &TcpListener) -> Result<std::net::SocketAddr, Error> {
    listener.local_addr().map_err(Error::io("find the address of", "a socket"))
}

/// Done on the first SIGTERM or SIGINT; listening begins at once.
fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    let listen_for = |kind| signal(kind).map_err(Error::io("wait for", "signals"));
    let (mut terminate, mut interrupt) =
        (listen_for(SignalKind::terminate())?, listen_for(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
