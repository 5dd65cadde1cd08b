//! The commands `bandari-validator license …`, one file for each kind. They print licenses and what became of them, but no
//! hash, and a key only when `key` is asked for it. Where licenses live in a Joomla site's database, they change nothing of them. Mail
//! addresses come on standard input, so that no process list shows them.

mod changes;
mod first;
mod grant;
mod import;
pub(crate) mod import_report;
mod key;
mod list;
mod log;
mod show;

use std::sync::Arc;

use bandari_catalog::names::GroupId;
use clap::{Args, Subcommand};

#[cfg(feature = "fuzzing")]
pub(crate) use import::refusal as import_refusal;

use crate::cli::{ConfigArgs, print_json};
use crate::config::Config;
use crate::customers::Place;
use crate::dates;
use crate::error::Error;
use crate::offer::Offer;
use crate::server::unix_seconds;
use crate::store::{LicenseState, Store, Users};

#[derive(Subcommand)]
pub(crate) enum LicenseCommand {
    /// Grant a license for a group; the mail address comes on standard input, so that no process list shows it
    Grant(grant::GrantArgs),
    /// List all licenses, and at the end the users who have none
    List(list::ListArgs),
    /// Show a license: whose it is, what it is worth now, and all that happened to it
    Show(LicenseArgs),
    /// Cancel a license at once (when only its renewal was canceled, do nothing: it is good until it expires)
    Cancel(LicenseArgs),
    /// Mark a license as refunded: the payment went back
    Refund(LicenseArgs),
    /// Suspend a license: it opens nothing until it is restored
    Suspend(LicenseArgs),
    /// Revoke a license that was granted by mistake: it counts as if it had never been granted
    Revoke(LicenseArgs),
    /// Take back what `cancel`, `refund`, `suspend` or `revoke` did
    Restore(LicenseArgs),
    /// Print the license key of a user for a group
    Key(key::UserKeyArgs),
    /// Reset the key of a user for a group: the old one and those that were imported open nothing any more
    Reset(key::UserKeyArgs),
    /// Import users, licenses and keys of another system
    Import(import::ImportArgs),
    /// Print every change that was ever made, the oldest first
    Log(log::LogArgs),
}

/// One license.
#[derive(Args)]
pub(crate) struct LicenseArgs {
    /// The license's id, as `license list` shows it
    #[arg(value_name = "LICENSE ID")]
    license: i64,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs one of the commands.
pub(crate) async fn run(command: LicenseCommand) -> Result<(), Error> {
    match command {
        LicenseCommand::Grant(args) => grant::run(&args).await,
        LicenseCommand::List(args) => list::run(&args).await,
        LicenseCommand::Show(args) => show::run(&args).await,
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

/// What the site offers, by the catalog that the configuration names.
async fn offer(config: &Config) -> Result<Arc<Offer>, Error> {
    Ok(config.catalog.read().await?.offer)
}

/// The file, for a command that changes what it holds only when licenses live there.
async fn own_store(config: &Config, command: &str) -> Result<Store, Error> {
    if config.joomla.is_some() {
        return Err(Error::Usage(format!(
            "`license {command}`: with `[joomla]` licenses live in the site's database: change them there"
        )));
    }
    Store::open(&config.licenses, Users::Own).await
}

fn no_such_user(place: &Place, user: u32) -> Error {
    match place.site() {
        Some(_) => {
            Error::Usage(format!("found no user {user} in the Joomla site: its list of users shows the ids"))
        }
        None => Error::NoSuchUser(user),
    }
}

fn known_group(offer: &Offer, id: &str) -> Result<GroupId, Error> {
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
    dates::parse(text).map_err(|message| Error::Usage(format!("`--expires`: {message}")))
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
