//! `keys rotate --group`: the next seed of a group's license keys. New keys come from it at once, keys of the old one are good
//! until a date, so that customers have time to put in their new ones.

use bandari_catalog::names::GroupId;

use crate::cli::{print, print_json};
use crate::config::Config;
use crate::dates;
use crate::error::Error;
use crate::secrets::{self, RotatedSeed};

use super::RotateArgs;

/// Instead of a date: the old keys have to go at once.
const NOW: &str = "now";

pub(super) fn run(args: &RotateArgs, group: &str, old_until: &str, now: u64) -> Result<(), Error> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let old_until =
        end(old_until, now).map_err(|message| Error::Usage(format!("`--old-until`: {message}")))?;
    let config = Config::load(&args.config.config)?;
    let group = GroupId::parse(group).map_err(|error| Error::Usage(format!("`--group`: {error}")))?;
    let rotated = secrets::rotate_seed(&config.seeds, &group, old_until, now)?;
    let RotatedSeed { old_good_until, shortened } = rotated;
    if args.json {
        return print_json(&serde_json::json!({
            "group": group.as_str(),
            "old_good_until": old_good_until.map(dates::print),
            "older_seeds_shortened": shortened,
        }));
    }
    let becomes = match old_good_until {
        Some(until) => format!("are good until {}", dates::print(until)),
        None => "are worthless from now on".to_owned(),
    };
    let older = match shortened {
        0 => "",
        _ => ", as are those of still older ones",
    };
    print(&format!(
        "made a new seed for the group `{group}`; keys of the old one {becomes}{older}\n\
         every validator needs this file: copy it to the others, then reload (SIGHUP) or restart all of them\n\
         `license key {group} --user <id>` and mails give the new keys"
    ))
}

/// When old keys end, in Unix seconds.
fn end(text: &str, now: i64) -> Result<i64, String> {
    if text == NOW {
        return Ok(now);
    }
    let until = dates::parse(text).map_err(|message| format!("{message}, or `{NOW}`"))?;
    if until > now {
        return Ok(until);
    }
    Err(format!(
        "found `{}`, expected a time to come, or `{NOW}` when the old keys must open nothing any more",
        text.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_keys_end_at_a_time_to_come_or_now() {
        let now = 1_801_353_600;
        assert_eq!(end("now", now), Ok(now));
        assert_eq!(end("2027-02-01", now), Ok(1_801_440_000));
        assert_eq!(
            end("2027-01-31", now).unwrap_err(),
            "found `2027-01-31`, expected a time to come, or `now` when the old keys must open nothing any more"
        );
        assert_eq!(
            end("soon", now).unwrap_err(),
            "found `soon`, expected a date such as 2027-01-31, or `now`"
        );
    }
}
