//! `license grant`.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::cli::{ConfigArgs, print, print_aside};
use crate::config::Config;
use crate::dates;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::store::{Grant, Grantee};

use super::show::LicenseJson;
use super::{expiry, known_group, now, offer, own_store, print_json};

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

pub(super) async fn run(args: &GrantArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let group = known_group(&*offer(&config).await?, &args.group)?;
    let expires_at = args.expires.as_deref().map(expiry).transpose()?;
    let store = own_store(&config, "grant").await?;
    let to = match args.user {
        Some(user) => Grantee::User(user),
        None => Grantee::Email(email_from_stdin()?),
    };
    let now = now();
    let row = store.grant(&Grant { to, group, expires_at }, now).await?;
    if let Some(end) = row.expires_at.filter(|end| *end <= now) {
        print_aside(&format!("warning: the license has ended already, at {}", dates::print(end)));
    }
    match args.json {
        true => print_json(&LicenseJson::new(&row, now)),
        false => print(&format!(
            "user {}: license {} for `{}`, ends {}",
            row.user,
            row.license,
            row.group,
            dates::print_or_never(row.expires_at)
        )),
    }
}

/// Asks on a terminal, else just reads.
fn email_from_stdin() -> Result<EmailAddress, Error> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        let _ = write!(io::stderr(), "Mail address: ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(Error::io("read", "standard input"))?;
    EmailAddress::parse(&line).ok_or_else(|| {
        Error::Usage("found no mail address on standard input, expected one such as `ada@example.org`".into())
    })
}
