//! The command line `bandari-validator`: arguments in, result and exit code out.

use std::future::Future;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use bandari_catalog::names::GroupId;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::decision::FIRST_SERIAL;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::license_key::{KeyHolder, LicenseKeys};
use crate::offer::Offer;
use crate::server::unix_seconds;
use crate::store::{Grant, Grantee, LicenseRow, Store};
use crate::{App, init, secrets, server};

/// Checks license keys and answers with signed download URLs.
#[derive(Parser)]
#[command(name = "bandari-validator", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or configuration.";

#[derive(Subcommand)]
enum Command {
    /// Make the configuration, the signing key, seeds and the license store, as far as they are missing
    Init(InitArgs),
    /// Answer requests until SIGTERM or SIGINT
    Serve(ConfigArgs),
    /// Read everything that `serve` would read and tell whether it fits together
    CheckConfig(ConfigArgs),
    /// Grant and show licenses
    #[command(subcommand)]
    License(LicenseCommand),
}

#[derive(Args)]
struct ConfigArgs {
    /// The validator's configuration
    #[arg(long, value_name = "FILE", default_value = "validator.toml")]
    config: PathBuf,
}

#[derive(Args)]
struct InitArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The catalog that a new configuration names; counts from the configuration's folder
    #[arg(long, value_name = "FILE", default_value = "output/public/catalog.json")]
    catalog: String,
}

#[derive(Subcommand)]
enum LicenseCommand {
    /// Grant a license for a group; the mail address comes on standard input, so that no process list shows it
    Grant(GrantArgs),
    /// List all licenses
    List(ListArgs),
    /// Print the license key of a user for a group
    Key(KeyArgs),
}

#[derive(Args)]
struct GrantArgs {
    /// The group of the catalog that the license opens
    group: String,
    /// A user who is there already, by id, in place of a mail address
    #[arg(long, value_name = "ID")]
    user: Option<u32>,
    /// When it ends: a date, on which it is no longer good (UTC), or a time such as 2027-01-31T12:00:00Z; without it never
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
struct ListArgs {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
struct KeyArgs {
    /// The group of the catalog that the key opens
    group: String,
    /// The user's id, as `license list` shows it
    #[arg(long, value_name = "ID")]
    user: u32,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs the command line and tells the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("BANDARI_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .init();
    let run = run(cli.command);
    let result = match &mut tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run),
        Err(error) => Err(Error::Usage(format!("cannot start: {error}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("error: {error}{cause}");
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

async fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Init(args) => run_init(&args).await,
        Command::Serve(args) => run_serve(&args).await,
        Command::CheckConfig(args) => run_check_config(&args).await,
        Command::License(LicenseCommand::Grant(args)) => run_grant(&args).await,
        Command::License(LicenseCommand::List(args)) => run_list(&args).await,
        Command::License(LicenseCommand::Key(args)) => run_key(&args).await,
    }
}

/// Writes the result to standard output.
fn print(text: &str) -> Result<(), Error> {
    writeln!(io::stdout(), "{text}").map_err(Error::io("write", "standard output"))
}

async fn run_init(args: &InitArgs) -> Result<(), Error> {
    let made = init::init(&args.config.config, &args.catalog).await?;
    for file in &made.files {
        print(&format!("made `{}`", file.display()))?;
    }
    for group in &made.groups {
        print(&format!("made a seed for the group `{group}`"))?;
    }
    if made.files.is_empty() && made.groups.is_empty() {
        print("nothing was missing")?;
    }
    print(&format!("for the edge: key set `{}`, public key {}", made.key_set, made.public_key))
}

async fn run_check_config(args: &ConfigArgs) -> Result<(), Error> {
    let config = Config::load(&args.config)?;
    let app = App::load(&config).await?;
    let (packages, groups) = (app.offer.package_count(), app.offer.groups().count());
    print(&format!("`{}` is good: packages {packages}, groups {groups}", config.file.display()))
}

async fn run_serve(args: &ConfigArgs) -> Result<(), Error> {
    let config = Config::load(&args.config)?;
    let app = Arc::new(App::load(&config).await?);
    let shutdown = stop_signal()?;
    let bind =
        async |address| TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source });
    let (listener, private) = (bind(config.listen).await?, bind(config.private_listen).await?);
    let (listen, private_listen) = (address_of(&listener)?, address_of(&private)?);
    tracing::info!(%listen, %private_listen, packages = app.offer.package_count(), "serving");
    server::serve(listener, private, app, shutdown).await;
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

async fn run_grant(args: &GrantArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let group = known_group(&config, &args.group)?;
    let expires_at = args.expires.as_deref().map(expiry).transpose()?;
    let to = match args.user {
        Some(user) => Grantee::User(user),
        None => Grantee::Email(email_from_stdin()?),
    };
    let store = Store::open(&config.licenses).await?;
    let now = i64::try_from(unix_seconds()).unwrap_or(i64::MAX);
    let row = store.grant(&Grant { to, group, expires_at }, now).await?;
    match args.json {
        true => print_json(&row_json(&row)),
        false => print(&format!(
            "user {}: license {} for `{}`, ends {}",
            row.user,
            row.license,
            row.group,
            time_or_never(row.expires_at)
        )),
    }
}

/// Asks on a terminal, else just reads.
fn email_from_stdin() -> Result<EmailAddress, Error> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprint!("Mail address: ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(Error::io("read", "standard input"))?;
    EmailAddress::parse(&line).ok_or_else(|| {
        Error::Usage("found no mail address on standard input, expected one such as `ada@example.org`".into())
    })
}

fn known_group(config: &Config, id: &str) -> Result<GroupId, Error> {
    let offer = Offer::load(&config.catalog)?;
    if let Some((group, _)) = offer.group(id) {
        return Ok(group.clone());
    }
    let known: Vec<String> = offer.groups().map(|group| format!("`{group}`")).collect();
    Err(Error::Usage(format!(
        "found the group `{}`, expected one of the catalog: {}",
        id.escape_debug(),
        known.join(", ")
    )))
}

/// A date means its first second in UTC.
fn expiry(text: &str) -> Result<i64, Error> {
    let of_date = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>().ok().or_else(of_date).map(Timestamp::as_second).ok_or_else(|| {
        Error::Usage(format!(
            "`--expires`: found `{}`, expected a date such as 2027-01-31",
            text.escape_debug()
        ))
    })
}

fn time_or_never(unix_seconds: Option<i64>) -> String {
    match unix_seconds.map(Timestamp::from_second) {
        None => "never".to_owned(),
        Some(Ok(time)) => time.to_string(),
        Some(Err(_)) => "at a time out of range".to_owned(),
    }
}

#[derive(Serialize)]
struct RowJson<'r> {
    user: u32,
    email: &'r str,
    license: i64,
    group: &'r str,
    granted: String,
    /// Absent means never.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

fn row_json(row: &LicenseRow) -> RowJson<'_> {
    RowJson {
        user: row.user,
        email: row.email.expose(),
        license: row.license,
        group: &row.group,
        granted: time_or_never(Some(row.granted_at)),
        expires: row.expires_at.map(|expires_at| time_or_never(Some(expires_at))),
    }
}

fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(|error| Error::Usage(error.to_string()))?;
    print(&json)
}

async fn run_list(args: &ListArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let rows = Store::open(&config.licenses).await?.licenses().await?;
    if args.json {
        return print_json(&rows.iter().map(row_json).collect::<Vec<_>>());
    }
    for row in &rows {
        let (user, email, group, ends) =
            (row.user, row.email.expose(), &row.group, time_or_never(row.expires_at));
        print(&format!("user {user}\t{email}\t{group}\tends {ends}"))?;
    }
    Ok(())
}

async fn run_key(args: &KeyArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let group = known_group(&config, &args.group)?;
    let store = Store::open(&config.licenses).await?;
    if store.look_up(args.user, &group).await?.is_none_or(|holder| holder.licenses.is_empty()) {
        return Err(Error::Usage(format!("user {} has no license for the group `{group}`", args.user)));
    }
    let keys = LicenseKeys::new(&secrets::read_seeds(&config.seeds)?);
    let holder = KeyHolder { user: args.user, serial: FIRST_SERIAL };
    let key = keys.derive(&group, holder).ok_or_else(|| Error::Configuration {
        file: config.seeds.clone(),
        message: format!("found no seed for the group `{group}`: `bandari-validator init` makes it"),
    })?;
    let key = key.expose_secret();
    if args.json { print_json(&serde_json::json!({ "key": key })) } else { print(key) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_date_means_its_first_second_in_utc() {
        assert_eq!(expiry("2027-01-31").unwrap(), 1_801_353_600);
        assert_eq!(expiry("2027-01-31T00:00:01Z").unwrap(), 1_801_353_601);
        assert_eq!(
            expiry("soon").unwrap_err().to_string(),
            "`--expires`: found `soon`, expected a date such as 2027-01-31"
        );
    }
}
