//! `license log`: the history of all changes.

use clap::Args;
use serde::Serialize;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::customers::Place;
use crate::dates;
use crate::error::Error;
use crate::store::{HistoryLine, HistoryOf};

use super::print_json;

#[derive(Args)]
pub(crate) struct LogArgs {
    /// Only what happened to this user
    #[arg(long, value_name = "ID")]
    user: Option<u32>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A line as JSON; what does not apply to it is absent.
#[derive(Serialize)]
pub(super) struct LineJson<'l> {
    time: String,
    action: &'l str,
    user: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'l str>,
}

impl<'l> LineJson<'l> {
    pub(super) fn new(line: &'l HistoryLine) -> Self {
        Self {
            time: dates::print(line.at),
            action: &line.action,
            user: line.user,
            group: line.group.as_deref(),
            license: line.license,
            detail: line.detail.as_deref(),
        }
    }
}

pub(super) async fn run(args: &LogArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let place = Place::open(&config).await?;
    let store = &place.store;
    let lines = match args.user {
        // What was done to users of a Joomla site stays, whatever became of them there.
        Some(user) if place.site().is_none() && !store.has_user(user).await? => {
            return Err(Error::NoSuchUser(user));
        }
        Some(user) => store.history(HistoryOf::User(user)).await?,
        None => store.history(HistoryOf::Everybody).await?,
    };
    if args.json {
        return print_json(&lines.iter().map(LineJson::new).collect::<Vec<_>>());
    }
    lines.iter().try_for_each(|line| print(&text(line)))
}

/// Columns with tabs between them; `-` is what does not apply.
pub(super) fn text(line: &HistoryLine) -> String {
    let (time, action, user) = (dates::print(line.at), &line.action, line.user);
    let group = line.group.as_deref().unwrap_or("-");
    let license = line.license.map_or_else(|| "-".to_owned(), |license| format!("license {license}"));
    let detail = line.detail.as_deref().unwrap_or("-");
    format!("{time}\t{action}\tuser {user}\t{group}\t{license}\t{detail}")
}
