//! The commands `bandari-validator license …`.

use std::io::{self, BufRead, IsTerminal};

use bandari_catalog::names::GroupId;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::license_key::{KeyHolder, LicenseKeys};
use crate::offer::Offer;
use crate::secrets;
use crate::server::unix_seconds;
use crate::store::{Grant, Grantee, LicenseRow, Store};

#[derive(Subcommand)]
pub(crate) enum LicenseCommand {
    /// Grant a license for a group; the mail address comes on standard input, so that no process list shows it
    Grant(GrantArgs),
    /// List all licenses
    List(ListArgs),
    /// Print the license key of a user for a group
    Key(KeyArgs),
}

#[derive(Args)]
pub(crate) struct GrantArgs {
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
pub(crate) struct ListArgs {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
pub(crate) struct KeyArgs {
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

/// Runs one of the commands.
pub(crate) async fn run(command: LicenseCommand) -> Result<(), Error> {
    match command {
        LicenseCommand::Grant(args) => run_grant(&args).await,
        LicenseCommand::List(args) => run_list(&args).await,
        LicenseCommand::Key(args) => run_key(&args).await,
    }
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
    let holder = store.look_up(args.user, &group).await?.filter(|holder| !holder.licenses.is_empty());
    let holder = holder
        .ok_or_else(|| Error::Usage(format!("user {} has no license for the group `{group}`", args.user)))?;
    let keys = LicenseKeys::new(&secrets::read_seeds(&config.seeds)?.groups);
    let holder = KeyHolder { user: args.user, serial: holder.serial };
    let key = keys.derive(&group, holder).ok_or_else(|| Error::Configuration {
        file: config.seeds.clone(),
        message: format!("found no seed for the group `{group}`: `bandari-validator init` makes it"),
    })?;
    let key = key.expose_secret();
    if args.json { print_json(&serde_json::json!({ "key": key })) } else { print(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
