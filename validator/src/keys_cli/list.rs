//! `keys list`: the keys that sign links and what becomes of them, and old seeds.

use clap::Args;
use serde::Serialize;

use crate::cli::{ConfigArgs, print, print_json};
use crate::config::Config;
use crate::dates;
use crate::error::Error;
use crate::secrets;
use crate::signing_keys::{KeyState, NamedKey};

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Everything, as JSON.
#[derive(Serialize)]
struct KeysJson<'c> {
    key_set: &'c str,
    signing_keys: Vec<KeyJson>,
    old_seeds: Vec<OldSeedJson>,
}

#[derive(Serialize)]
struct KeyJson {
    name: String,
    state: &'static str,
    /// When it begins to sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    signs_from: Option<String>,
    /// When the last link that it signed expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_until: Option<String>,
    public_key: String,
}

#[derive(Serialize)]
struct OldSeedJson {
    group: String,
    good_until: String,
    is_good: bool,
}

impl KeyJson {
    fn new((key, state): (&NamedKey, KeyState)) -> Self {
        let word = match state {
            KeyState::Signs => "signs",
            KeyState::Next { .. } => "next",
            KeyState::Accepted { .. } => "accepted",
            KeyState::Expired { .. } => "expired",
        };
        let accepted_until = match state {
            KeyState::Accepted { until } => Some(until),
            KeyState::Expired { since } => Some(since),
            KeyState::Signs | KeyState::Next { .. } => None,
        };
        Self {
            name: key.name.to_string(),
            state: word,
            signs_from: key.signs_from.map(dates::print_unsigned),
            accepted_until: accepted_until.map(dates::print_unsigned),
            public_key: key.public_key(),
        }
    }
}

pub(super) fn run(args: &ListArgs, now: u64) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let keys = secrets::read_signing_keys(&config.signing_key)?;
    let states = keys.states(config.link_lifetime_seconds, now);
    let seeds = secrets::read_seeds(&config.seeds)?;
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let old_seeds: Vec<OldSeedJson> = seeds
        .groups
        .iter()
        .flat_map(|(group, seed)| seed.old.iter().map(move |old| (group, old.good_until)))
        .map(|(group, good_until)| OldSeedJson {
            group: group.to_string(),
            good_until: dates::print(good_until),
            is_good: now < good_until,
        })
        .collect();
    if args.json {
        let signing_keys = states.into_iter().map(KeyJson::new).collect();
        return print_json(&KeysJson { key_set: config.key_set.as_str(), signing_keys, old_seeds });
    }
    for (key, state) in states {
        print(&format!("key {}\t{}\tpublic key {}", key.name, describe(state), key.public_key()))?;
    }
    for old in old_seeds {
        let word = if old.is_good { "good until" } else { "worthless since" };
        print(&format!("old seed\t{}\tits keys are {word} {}", old.group, old.good_until))?;
    }
    Ok(())
}

/// A key's state for people.
fn describe(state: KeyState) -> String {
    match state {
        KeyState::Signs => "signs".to_owned(),
        KeyState::Next { from } => format!("signs from {}", dates::print_unsigned(from)),
        KeyState::Accepted { until } => format!("accepted until {}", dates::print_unsigned(until)),
        KeyState::Expired { since } => format!("expired since {}", dates::print_unsigned(since)),
    }
}
