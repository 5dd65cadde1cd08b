//! The commands `bandari-validator license …`, one file for each kind. They print licenses and what became of them, but no
//! hash, and a key only when `key` is asked for it. Mail addresses come on standard input, so that no process list shows them.

mod changes;
mod grant;
mod import;
mod key;
mod log;
mod show;

use bandari_catalog::names::GroupId;
use clap::Subcommand;
use serde::Serialize;

use crate::cli::print;
use crate::config::Config;
use crate::dates;
use crate::error::Error;
use crate::offer::Offer;
use crate::server::unix_seconds;
use crate::store::LicenseState;

#[derive(Subcommand)]
pub(crate) enum LicenseCommand {
    /// Grant a license for a group; the mail address comes on standard input, so that no process list shows it
    Grant(grant::GrantArgs),
    /// List all licenses
    List(show::ListArgs),
    /// Show a license: whose it is, what it is worth now, and all that happened to it
    Show(show::ShowArgs),
    /// Cancel a license at once (when only its renewal was canceled, do nothing: it is good until it expires)
    Cancel(changes::ChangeArgs),
    /// Mark a license as refunded: the payment went back
    Refund(changes::ChangeArgs),
    /// Suspend a license: it opens nothing until it is restored
    Suspend(changes::ChangeArgs),
    /// Revoke a license that was granted by mistake: it counts as if it had never been granted
    Revoke(changes::ChangeArgs),
    /// Take back what `cancel`, `refund`, `suspend` or `revoke` did
    Restore(changes::ChangeArgs),
    /// Print the license key of a user for a group
    Key(key::KeyArgs),
    /// Reset the key of a user for a group: the old one and those that were imported open nothing any more
    Reset(key::ResetArgs),
    /// Import users, licenses and keys of another system
    Import(import::ImportArgs),
    /// Print every change that was ever made, the oldest first
    Log(log::LogArgs),
}

/// Runs one of the commands.
pub(crate) async fn run(command: LicenseCommand) -> Result<(), Error> {
    match command {
        LicenseCommand::Grant(args) => grant::run(&args).await,
        LicenseCommand::List(args) => show::run_list(&args).await,
        LicenseCommand::Show(args) => show::run_show(&args).await,
        LicenseCommand::Cancel(args) => changes::run(&args, LicenseState::Canceled).await,
        LicenseCommand::Refund(args) => changes::run(&args, LicenseState::Refunded).await,
        LicenseCommand::Suspend(args) => changes::run(&args, LicenseState::Suspended).await,
        LicenseCommand::Revoke(args) => changes::run(&args, LicenseState::Revoked).await,
        LicenseCommand::Restore(args) => changes::run(&args, LicenseState::Active).await,
        LicenseCommand::Key(args) => key::run_key(&args).await,
        LicenseCommand::Reset(args) => key::run_reset(&args).await,
        LicenseCommand::Import(args) => import::run(&args).await,
        LicenseCommand::Log(args) => log::run(&args).await,
    }
}

/// Unix seconds, as the store keeps them.
fn now() -> i64 {
    i64::try_from(unix_seconds()).unwrap_or(i64::MAX)
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

/// What `--expires` says, in Unix seconds.
fn expiry(text: &str) -> Result<i64, Error> {
    dates::parse(text).ok_or_else(|| {
        Error::Usage(format!(
            "`--expires`: found `{}`, expected a date such as 2027-01-31",
            text.escape_debug()
        ))
    })
}

fn no_license(id: i64) -> Error {
    Error::Usage(format!("found no license {id}: `license list` shows the ids"))
}

fn no_user(id: u32) -> Error {
    Error::Usage(format!("found no user {id}: `license list` shows the ids"))
}

fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(|error| Error::Usage(error.to_string()))?;
    print(&json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_is_no_date_is_refused() {
        assert_eq!(expiry("2027-01-31").unwrap(), 1_801_353_600);
        assert_eq!(
            expiry("soon").unwrap_err().to_string(),
            "`--expires`: found `soon`, expected a date such as 2027-01-31"
        );
    }
}
