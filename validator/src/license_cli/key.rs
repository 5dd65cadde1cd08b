//! `license key`, which is the one command that prints a key, and `license reset`.

use clap::Args;
use secrecy::ExposeSecret;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::customers::Place;
use crate::error::Error;
use crate::license_key::{KeyHolder, LicenseKeys};
use crate::secrets;

use super::{known_group, no_such_user, now, offer, print_json};

/// The key of a user for a group.
#[derive(Args)]
pub(crate) struct UserKeyArgs {
    /// The group of the catalog that the key is for
    group: String,
    /// The user's id, as `license list` shows it, or a Joomla site's list of users
    #[arg(long, value_name = "ID")]
    user: u32,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run_key(args: &UserKeyArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let group = known_group(&*offer(&config).await?, &args.group)?;
    let place = Place::open(&config).await?;
    let holder = place.customers().holder(args.user, &group).await?;
    let holder = holder.ok_or_else(|| no_such_user(&place, args.user))?;
    if holder.licenses.is_empty() {
        return Err(Error::Usage(format!("user {} has no license for the group `{group}`", args.user)));
    }
    let keys = LicenseKeys::new(&secrets::read_seeds(&config.seeds)?.groups);
    let holder = KeyHolder { user: args.user, serial: holder.serial };
    let key = keys.derive(&group, holder).ok_or_else(|| Error::Configuration {
        file: config.seeds.clone(),
        message: format!("found no seed for the group `{group}`: `bandari-validator init` makes it"),
    })?;
    let key = key.expose_secret();
    if args.json { print_json(&serde_json::json!({ "key": key })) } else { print(key) }
}

pub(super) async fn run_reset(args: &UserKeyArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let group = known_group(&*offer(&config).await?, &args.group)?;
    let place = Place::open(&config).await?;
    let user = args.user;
    // Those of a Joomla site have no row in the file.
    if place.customers().holder(user, &group).await?.is_none() {
        return Err(no_such_user(&place, user));
    }
    let reset =
        place.store.reset_keys(user, &group, now()).await?.ok_or_else(|| no_such_user(&place, user))?;
    let (serial, imported) = (reset.serial, reset.imported_keys);
    match args.json {
        true => print_json(&serde_json::json!({
            "user": user, "group": group.as_str(), "serial": serial, "imported_keys_revoked": imported
        })),
        false => print(&format!(
            "user {user}: the old key for `{group}` is worthless now, and with it imported keys: {imported}\n\
             `license key {group} --user {user}` prints the new one"
        )),
    }
}
