//! What a Joomla site's database says of a user, group by group. Its licenses have no ids, and nobody wants all users of a site.

use serde::Serialize;

use crate::cli::print;
use crate::config::Config;
use crate::customers::Place;
use crate::dates;
use crate::decision::{State, worth};
use crate::error::Error;

use super::super::{no_such_user, now, offer, print_json};
use super::ListArgs;

/// A user's licenses for a group, as the best of them is worth now.
#[derive(Serialize)]
struct HeldJson<'h> {
    user: u32,
    email: &'h str,
    group: &'h str,
    state: &'static str,
    serial: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

pub(super) async fn list(config: &Config, place: &Place, args: &ListArgs) -> Result<(), Error> {
    let Some(user) = args.user else {
        return Err(Error::Usage(
            "`license list`: with `[joomla]` users and licenses live in the site's database: `--user <id>` lists those of one"
                .into(),
        ));
    };
    let offer = offer(config).await?;
    let mut lines = Vec::new();
    let mut listed = Vec::new();
    for group in offer.groups() {
        let holder = place.customers().holder(user, group).await?.ok_or_else(|| no_such_user(place, user))?;
        let verdict = worth(&holder.licenses, None, now());
        let email = holder.email.expose().to_owned();
        let word = verdict.state.word();
        let has_license = verdict.state != State::NotCovered;
        let ends = has_license.then(|| format!("\tends {}", dates::print_or_never(verdict.expires_at)));
        lines.push(format!("user {user}\t{email}\t{group}\t{word}{}", ends.unwrap_or_default()));
        listed.push((email, group.as_str(), word, holder.serial, verdict.expires_at));
    }
    if !args.json {
        return lines.iter().try_for_each(|line| print(line));
    }
    let held = listed.iter().map(|(email, group, state, serial, expires_at)| HeldJson {
        user,
        email,
        group,
        state,
        serial: *serial,
        expires: expires_at.map(dates::print),
    });
    print_json(&held.collect::<Vec<_>>())
}
