//! The commands `bandari-validator keys …`: which keys sign links and from which seeds license keys come, and how the next ones
//! take their place. They print public keys, names and dates, never a secret.

mod list;
mod rotate;
mod rotate_seed;
mod show;

use clap::{Args, Subcommand};

use crate::cli::ConfigArgs;
use crate::error::Error;
use crate::server::unix_seconds;

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// List the keys that sign links, with what becomes of them, and old seeds of license keys
    List(list::ListArgs),
    /// Print the public keys that edges have to know, the one that signs first
    Show(show::ShowArgs),
    /// Make the next key that signs links, or with `--group` the next seed of a group's license keys
    Rotate(RotateArgs),
}

#[derive(Args)]
pub(crate) struct RotateArgs {
    /// When the new key begins to sign, such as 30m, 24h or 7d from now: edges have to know it by then
    #[arg(long, value_name = "TIME", default_value = "24h", conflicts_with = "group")]
    signs_in: String,
    /// Rotate the seed of this group's license keys instead
    #[arg(long, value_name = "GROUP", requires = "old_until")]
    group: Option<String>,
    /// Until when the group's present keys are good: a date, or `now` when they must open nothing any more
    #[arg(long, value_name = "DATE", requires = "group")]
    old_until: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs one of the commands.
pub(crate) fn run(command: &KeysCommand) -> Result<(), Error> {
    let now = unix_seconds();
    match command {
        KeysCommand::List(args) => list::run(args, now),
        KeysCommand::Show(args) => show::run(args, now),
        KeysCommand::Rotate(args) => match (&args.group, &args.old_until) {
            (Some(group), Some(old_until)) => rotate_seed::run(args, group, old_until, now),
            _ => rotate::run(args, now),
        },
    }
}
