//! What `license import` says when it is done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::import::{Count, Counts, OtherwiseHere, Skip, Skipped};

use super::first::{first, grouped};

/// Of what is skipped the number of all, but only the first lines and licenses.
pub(crate) fn json(counts: &Counts, is_dry_run: bool) -> Value {
    let Counts { users, accounts, licenses, keys, users_without_license, skipped } = counts;
    let numbers: BTreeMap<&Skip, u64> =
        skipped.places.iter().map(|(skip, places)| (skip, places.count)).collect();
    let lines: BTreeMap<&Skip, Vec<u64>> = skipped
        .places
        .iter()
        .map(|(skip, places)| (skip, first(&places.lines.iter().copied().collect::<Vec<_>>()).0.to_vec()))
        .collect();
    let (told, _) = first(&skipped.licenses);
    json!({
        "dry_run": is_dry_run, "users": users, "accounts": accounts, "licenses": licenses, "keys": keys,
        "users_without_license": users_without_license, "skipped": numbers, "skipped_lines": lines,
        "skipped_licenses": told.iter().map(license_json).collect::<Vec<_>>()
    })
}

/// What the file does not say is absent.
fn license_json(skipped: &OtherwiseHere) -> Value {
    let mut license =
        json!({ "line": skipped.line, "license": skipped.license, "here": skipped.here.name() });
    if let (Some(listed), Some(command)) = (skipped.listed, skipped.command()) {
        license["listed"] = listed.name().into();
        license["command"] = command.into();
    }
    license
}

pub(crate) fn text(counts: &Counts, is_dry_run: bool) -> String {
    let line = |name: &str, count: &Count| {
        let changed = if count.changed > 0 { format!("{} changed, ", count.changed) } else { String::new() };
        format!("{name}: {} new, {changed}{} there already", count.new, count.there)
    };
    let mut lines = vec![
        line("users", &counts.users),
        line("user names", &counts.accounts),
        line("licenses", &counts.licenses),
        line("keys", &counts.keys),
    ];
    skipped_text(&counts.skipped, &mut lines);
    if counts.users_without_license > 0 {
        lines.push(format!(
            "users of the file without a license: {}; `--grant <group>` gives everybody in the file one",
            counts.users_without_license
        ));
    }
    if is_dry_run {
        lines.push("a dry run: nothing was written".to_owned());
    }
    lines.join("\n")
}

/// A line for each kind; licenses have their own lines, since there is something to do about them.
fn skipped_text(skipped: &Skipped, lines: &mut Vec<String>) {
    for (skip, places) in &skipped.places {
        let what = format!("skipped: {} {}", places.count, skip.text());
        if *skip == Skip::LicensesOtherwiseHere {
            lines.push(what);
            let (told, more) = first(&skipped.licenses);
            lines.extend(told.iter().map(license_text));
            lines.extend(more.map(|more| format!("  and {} more", grouped(more))));
            continue;
        }
        let all: Vec<String> = places.lines.iter().map(ToString::to_string).collect();
        let (told, more) = first(&all);
        let name = if all.len() == 1 { "line" } else { "lines" };
        let more = more.map(|more| format!(" and {} more", grouped(more))).unwrap_or_default();
        lines.push(format!("{what} ({name} {}{more})", told.join(", ")));
    }
}

fn license_text(skipped: &OtherwiseHere) -> String {
    let start =
        format!("  line {}: license {} is {} here", skipped.line, skipped.license, skipped.here.name());
    match (skipped.listed, skipped.command()) {
        (Some(listed), Some(command)) => {
            format!("{start} and stays so, {} in the file: `{command}` follows the file", listed.name())
        }
        _ => format!("{start} and stays so: no other one is granted"),
    }
}

#[cfg(test)]
mod tests {
    use crate::import::Places;
    use crate::store::LicenseState;

    use super::*;

    fn counts(skipped: Skipped) -> Counts {
        Counts { skipped, ..Counts::default() }
    }

    #[test]
    fn fifty_lines_are_told_of_each_kind() {
        let places = |lines: u64| Places { count: 70, lines: (1..=lines).collect() };
        let skipped = Skipped {
            places: BTreeMap::from([(Skip::BlockedUsers, places(1)), (Skip::RevokedKeys, places(1_060))]),
            licenses: Vec::new(),
        };
        let text = text(&counts(skipped.clone()), false);
        assert!(text.contains("\nskipped: 70 blocked users (line 1)\n"), "{text}");
        assert!(text.contains("\nskipped: 70 keys that were reset here (lines 1, 2, "), "{text}");
        assert!(text.ends_with(", 49, 50 and 1,010 more)"), "{text}");
        let json = json(&counts(skipped), false);
        assert_eq!(json["skipped"], json!({ "blocked_users": 70, "revoked_keys": 70 }));
        assert_eq!(json["skipped_lines"]["revoked_keys"].as_array().unwrap().len(), 50);
    }

    #[test]
    fn fifty_licenses_in_another_state_are_told() {
        let license = |line: u64| OtherwiseHere {
            line,
            license: 7,
            here: LicenseState::Active,
            listed: Some(LicenseState::Refunded),
        };
        let lines = 1..=20_000;
        let places = Places { count: 20_000, lines: lines.clone().collect() };
        let skipped = Skipped {
            places: BTreeMap::from([(Skip::LicensesOtherwiseHere, places)]),
            licenses: lines.map(license).collect(),
        };
        let text = text(&counts(skipped.clone()), false);
        assert!(
            text.contains(
                "\n  line 50: license 7 is active here and stays so, refunded in the file: `license refund 7` follows the \
                 file\n  and 19,950 more"
            ),
            "{text}"
        );
        let licenses = &json(&counts(skipped), false)["skipped_licenses"];
        assert_eq!(licenses.as_array().unwrap().len(), 50);
        assert_eq!(
            licenses[0],
            json!({
                "line": 1, "license": 7, "here": "active", "listed": "refunded", "command": "license refund 7"
            })
        );
    }
}
