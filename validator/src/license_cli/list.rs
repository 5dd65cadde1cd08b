//! `license list`: all licenses as the server would judge them now, and all users; of a Joomla site's users (`site`) those of one.

mod site;

use clap::Args;
use serde::Serialize;

use crate::cli::{ConfigArgs, print, print_aside};
use crate::config::Config;
use crate::customers::Place;
use crate::dates;
use crate::error::Error;
use crate::store::{LicenseRow, UserRow};

use super::show::{LicenseJson, worth};
use super::{now, print_json};

#[derive(Args)]
pub(crate) struct ListArgs {
    /// List all users instead, with how many licenses they have
    #[arg(long, conflicts_with = "user")]
    users: bool,
    /// List the licenses of this user only; what a Joomla site says of one is listed by user alone
    #[arg(long, value_name = "ID")]
    user: Option<u32>,
    /// Print the result as JSON; without `--users` it has licenses only
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A user as JSON.
#[derive(Serialize)]
struct UserJson<'u> {
    user: u32,
    email: &'u str,
    licenses: u32,
}

impl<'u> UserJson<'u> {
    fn new(row: &'u UserRow) -> Self {
        Self { user: row.user, email: row.email.expose(), licenses: row.licenses }
    }
}

pub(super) async fn run(args: &ListArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let place = Place::open(&config).await?;
    if place.site().is_some() {
        return site::list(&config, &place, args).await;
    }
    let store = &place.store;
    if let Some(user) = args.user
        && !store.has_user(user).await?
    {
        return Err(Error::NoSuchUser(user));
    }
    let users = store.users().await?;
    if args.users {
        return list_users(&users, args.json);
    }
    let mut licenses = store.licenses().await?;
    licenses.retain(|row| args.user.is_none_or(|user| row.user == user));
    let now = now();
    if args.json {
        return print_json(&licenses.iter().map(|row| LicenseJson::new(row, now)).collect::<Vec<_>>());
    }
    if licenses.is_empty() {
        print_aside("no licenses");
    }
    licenses.iter().try_for_each(|row| print(&license_line(row, now)))?;
    let without =
        users.iter().filter(|row| row.licenses == 0 && args.user.is_none_or(|user| row.user == user));
    without
        .map(|row| format!("no license\tuser {}\t{}", row.user, row.email.expose()))
        .try_for_each(|line| print(&line))
}

fn license_line(row: &LicenseRow, now: i64) -> String {
    let (license, user, email, group) = (row.license, row.user, row.email.expose(), &row.group);
    let (state, ends) = (worth(row, now).state, dates::print_or_never(row.expires_at));
    format!("license {license}\tuser {user}\t{email}\t{group}\t{state}\tends {ends}")
}

fn list_users(users: &[UserRow], is_json: bool) -> Result<(), Error> {
    if is_json {
        return print_json(&users.iter().map(UserJson::new).collect::<Vec<_>>());
    }
    if users.is_empty() {
        print_aside("no users");
    }
    users.iter().try_for_each(|row| {
        print(&format!("user {}\t{}\tlicenses: {}", row.user, row.email.expose(), row.licenses))
    })
}
