//! `license show`, and how a license is shown: as the server would judge it now.

use serde::Serialize;

use crate::cli::print;
use crate::config::Config;
use crate::dates;
use crate::decision::{self, State};
use crate::error::Error;
use crate::store::{HistoryLine, HistoryOf, KeyFacts, LicenseRow, Store, Users};

use super::{LicenseArgs, log, now, print_json};

/// What a license is worth by itself.
pub(super) struct Worth {
    /// The word for it in all answers; `revoked` is known here only.
    pub(super) state: &'static str,
    /// Since when, in Unix seconds, where that is known.
    since: Option<i64>,
    /// Whole days that are left of one that is good and ends.
    days_left: Option<i64>,
}

/// Asks the decision that answers customers, so that both always say the same.
pub(super) fn worth(row: &LicenseRow, now: i64) -> Worth {
    let Some(license) = row.license() else {
        return Worth { state: row.state.name(), since: row.state_since, days_left: None };
    };
    let verdict = decision::worth(&[license], None, now);
    let since = match verdict.state {
        State::Expired { at } => Some(at),
        _ => row.state_since,
    };
    Worth { state: verdict.state.word(), since, days_left: verdict.days_left(now) }
}

/// A license as JSON; what does not apply to it is absent, and no end means never.
#[derive(Serialize)]
pub(super) struct LicenseJson<'r> {
    license: i64,
    user: u32,
    email: &'r str,
    group: &'r str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<i64>,
    granted: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

impl<'r> LicenseJson<'r> {
    /// At `now` (Unix seconds).
    pub(super) fn new(row: &'r LicenseRow, now: i64) -> Self {
        let worth = worth(row, now);
        Self {
            license: row.license,
            user: row.user,
            email: row.email.expose(),
            group: &row.group,
            state: worth.state,
            since: worth.since.map(dates::print),
            days_left: worth.days_left,
            granted: dates::print(row.granted_at),
            expires: row.expires_at.map(dates::print),
        }
    }
}

/// A license with everything that is known of it but its keys.
#[derive(Serialize)]
struct ShownJson<'r> {
    #[serde(flatten)]
    license: LicenseJson<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'r str>,
    serial: u32,
    imported_keys: u32,
    history: Vec<log::LineJson<'r>>,
}

pub(super) async fn run(args: &LicenseArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    if config.joomla.is_some() {
        return Err(Error::Usage(
            "`license show`: with `[joomla]` licenses have no ids: `license list --user <id>` shows those of a user".into(),
        ));
    }
    let store = Store::open(&config.licenses, Users::Own).await?;
    let row = store.license(args.license).await?.ok_or(Error::NoSuchLicense(args.license))?;
    let facts = store.key_facts(row.user, &row.group).await?;
    let history = store.history(HistoryOf::License(&row)).await?;
    let now = now();
    if !args.json {
        return print(&text(&row, &facts, &history, now));
    }
    print_json(&ShownJson {
        license: LicenseJson::new(&row, now),
        username: facts.username.as_deref(),
        serial: facts.serial,
        imported_keys: facts.imported_keys,
        history: history.iter().map(log::LineJson::new).collect(),
    })
}

fn text(row: &LicenseRow, facts: &KeyFacts, history: &[HistoryLine], now: i64) -> String {
    let worth = worth(row, now);
    let since = worth.since.map(|since| format!(" since {}", dates::print(since)));
    let days_left = worth.days_left.map(|days| format!(", whole days left: {days}"));
    let username = facts.username.as_ref().map(|name| format!(", user name `{}`", name.escape_debug()));
    let mut lines = vec![
        format!("license {} for `{}`", row.license, row.group),
        format!("user: {}, {}{}", row.user, row.email.expose(), username.unwrap_or_default()),
        format!("state: {}{}{}", worth.state, since.unwrap_or_default(), days_left.unwrap_or_default()),
        format!("granted: {}", dates::print(row.granted_at)),
        format!("ends: {}", dates::print_or_never(row.expires_at)),
        format!("serial of the key: {}", facts.serial),
        format!("imported keys: {}", facts.imported_keys),
        "history:".to_owned(),
    ];
    lines.extend(history.iter().map(|line| format!("  {}", log::text(line))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use crate::email::EmailAddress;
    use crate::store::LicenseState;

    use super::*;

    const DAY: i64 = 86_400;
    /// 2027-01-15, whatever it is.
    const NOW: i64 = 1_800_000_000;

    fn shown(state: LicenseState, state_since: Option<i64>, expires_at: Option<i64>) -> String {
        let row = LicenseRow {
            license: 3,
            user: 7,
            email: EmailAddress::parse("ada@example.org").unwrap(),
            group: "lighthouse".to_owned(),
            granted_at: NOW - 400 * DAY,
            state,
            state_since,
            expires_at,
        };
        let facts = KeyFacts { username: Some("ada".to_owned()), serial: 2, imported_keys: 1 };
        text(&row, &facts, &[], NOW)
    }

    #[test]
    fn a_license_is_shown_with_everything_but_its_keys() {
        assert_eq!(
            shown(LicenseState::Active, None, Some(NOW + 12 * DAY + 5)),
            "license 3 for `lighthouse`\nuser: 7, ada@example.org, user name `ada`\n\
             state: valid, whole days left: 12\ngranted: 2025-12-11T08:00:00Z\nends: 2027-01-27T08:00:05Z\n\
             serial of the key: 2\nimported keys: 1\nhistory:"
        );
    }

    #[test]
    fn the_state_is_the_one_that_the_server_would_tell_a_customer() {
        for (state, since, ends, expected) in [
            (LicenseState::Active, None, None, "state: valid\n"),
            (LicenseState::Active, None, Some(NOW), "state: expired since 2027-01-15T08:00:00Z\n"),
            (
                LicenseState::Canceled,
                Some(NOW - DAY),
                Some(NOW - 5),
                "state: canceled since 2027-01-14T08:00:00Z\n",
            ),
            (LicenseState::Canceled, None, None, "state: canceled\n"),
            (LicenseState::Refunded, Some(NOW - DAY), None, "state: refunded since 2027-01-14T08:00:00Z\n"),
            (LicenseState::Suspended, Some(NOW - DAY), None, "state: suspended since 2027-01-14T08:00:00Z\n"),
            (LicenseState::Revoked, Some(NOW - DAY), None, "state: revoked since 2027-01-14T08:00:00Z\n"),
        ] {
            let text = shown(state, since, ends);
            assert!(text.contains(expected), "{text}");
        }
    }
}
