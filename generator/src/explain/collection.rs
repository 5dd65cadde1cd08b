//! A collection: what it lists for each of its extensions. The rest, each extension's own feed decides.

use bandari_catalog::v1::Client;
use serde_json::{Value, json};

use super::cell::Cell;
use super::ink::Page;
use super::installation;
use super::matrix::{self, Table};
use super::site::Asked;
use super::words;
use crate::joomla_range::Interval;
use crate::shown::visible;
use crate::updater::{Decision, Entry, Feed, Installed, Outcome, Profile};

/// What one site makes of a collection, extension by extension.
fn decisions(feed: &Feed, site: &Profile) -> Vec<(Installed, Profile, Decision)> {
    let decide = |installed: Installed| {
        let site = Profile { installed: Some(installed.clone()), ..site.clone() };
        let decision = feed.decide_as_collection(&site);
        (installed, site, decision)
    };
    extensions(site.installed.as_ref(), feed).into_iter().map(decide).collect()
}

/// An answer for an extension. That a row of another extension fits is nothing to it.
fn cell(feed: &Feed, decision: &Decision, site: &Profile) -> Cell {
    let cell = Cell::of(decision, site);
    let Some(installed) = site.installed.as_ref().filter(|_| cell.result == "not_installed") else {
        return cell;
    };
    let own = feed.row_extensions();
    let is_own =
        |entry: &&Entry| own.get(entry.number - 1).is_some_and(|row| is_same(row.as_ref(), installed));
    let mut rows = decision.entries.iter().filter(is_own);
    if !rows.any(|entry| entry.reasons.is_empty()) {
        return Cell {
            text: "no row".into(),
            meaning: Some("No row of this extension is for this Joomla.".into()),
            ..cell
        };
    }
    let other = match installed.client {
        Client::Site => Client::Administrator,
        Client::Administrator => Client::Site,
    };
    let of_other_client =
        Profile { installed: Some(Installed { client: other, ..installed.clone() }), ..site.clone() };
    if let Outcome::NotInstalled { .. } = feed.decide_as_collection(&of_other_client).outcome {
        let meaning = "What a row says of `element`, `type` and `folder` is not what is installed: Joomla stores it and never shows it.";
        return Cell { text: "wrong row".into(), meaning: Some(meaning.into()), ..cell };
    }
    let meaning = format!(
        "Joomla takes a row without a `client` for the site's, and never shows one of another client. Write `client=\"{}\"` into the row \
         of the {}.",
        installed.client.as_str(),
        words::extension(installed)
    );
    Cell { text: "wrong client".into(), meaning: Some(meaning), ..cell }
}

/// Whether a row is meant for an extension, in whichever version.
fn is_same(row: Option<&Installed>, installed: &Installed) -> bool {
    row.is_some_and(|row| {
        (row.kind, &row.element, &row.folder, row.client)
            == (installed.kind, &installed.element, &installed.folder, installed.client)
    })
}

/// The address of the feed that decides about an offer.
fn details(feed: &Feed, decision: &Decision) -> Option<String> {
    let Outcome::Offered { entry, .. } = &decision.outcome else { return None };
    feed.row_addresses().into_iter().nth(entry - 1).flatten()
}

/// Writes a page for one site.
pub(super) fn write_site(page: &mut Page, asked: &Asked, feed: &Feed) {
    let site = &asked.profile;
    let decisions = decisions(feed, site);
    let offered =
        decisions.iter().filter(|(.., decision)| matches!(decision.outcome, Outcome::Offered { .. })).count();
    page.say(format!(
        "This is a collection of {}. {} is offered {offered} of them.",
        crate::error::count(feed.collected().len(), "extension"),
        words::site(site)
    ));
    page.say("For each that is offered, the extension's own feed decides once more when it is installed, by PHP, database and stability, too.");
    page.head("The extensions");
    if decisions.is_empty() {
        page.item("None: no row has an element and a type.");
    }
    for (installed, site, decision) in &decisions {
        let cell = cell(feed, decision, site);
        page.item(format!("{}: {}", words::extension(installed), cell.ink().write(&cell.text)));
        if let Some(meaning) = &cell.meaning {
            page.more(meaning.as_str());
        }
        match details(feed, decision) {
            Some(address) => page.more(format!("Its feed: {}", visible(&address))),
            None if cell.offered.is_some() => page.more(installation::doubt(
                "Its row has no `detailsurl`, so there is no feed to install it from. Write one.",
            )),
            None => {}
        }
    }
}

/// Writes the table: a row for each extension, a column for each run of Joomla versions with equal answers.
pub(super) fn write_table(page: &mut Page, table: &Table, feed: &Feed) {
    let extensions = extensions(table.installed(), feed);
    page.say(format!(
        "This is a collection of {}.",
        crate::error::count(feed.collected().len(), "extension")
    ));
    page.say("It decides what is listed; when an update is installed, the extension's own feed decides once more, by PHP, database and stability, too.");
    let answers = answers(table, &extensions, feed);
    page.head("What each Joomla is offered");
    let mut grid = vec![vec!["Extension".to_owned()]];
    grid[0].extend(answers.iter().map(|(interval, _)| matrix::label_for_people(interval)));
    for (at, installed) in extensions.iter().enumerate() {
        let mut row = vec![installed.word()];
        row.extend(answers.iter().map(|(_, cells)| cells[at].ink().write(&cells[at].text)));
        grid.push(row);
    }
    page.table(grid);
    matrix::write_meanings(page, answers.iter().flat_map(|(_, cells)| cells));
}

/// The extension that was said to be installed, else all.
fn extensions(installed: Option<&Installed>, feed: &Feed) -> Vec<Installed> {
    // One without a version is only the first that the collection names.
    match installed.filter(|installed| installed.version.is_some()) {
        Some(installed) => vec![installed.clone()],
        None => feed.collected(),
    }
}

/// For runs of Joomla versions, a cell for each extension.
fn answers(table: &Table, extensions: &[Installed], feed: &Feed) -> Vec<(Interval, Vec<Cell>)> {
    let columns = table.by_php();
    let Some(column) = columns.first() else { return Vec::new() };
    let cells = |site: &Profile| -> Vec<Cell> {
        let cell = |installed: &Installed| {
            let site = Profile { installed: Some(installed.clone()), ..site.clone() };
            self::cell(feed, &feed.decide_as_collection(&site), &site)
        };
        extensions.iter().map(cell).collect()
    };
    let rows = table.joined(std::slice::from_ref(column), cells);
    rows.into_iter().map(|(interval, row)| (interval, row.concat())).collect()
}

/// What one site is offered, as JSON.
pub(super) fn site_json(asked: &Asked, feed: &Feed) -> Value {
    let one = |(installed, _, decision): &(Installed, Profile, Decision)| json!({ "extension": installed, "offered": decision.offered(), "feed": details(feed, decision), "decision": decision });
    Value::Array(decisions(feed, &asked.profile).iter().map(one).collect())
}

/// What all sites are offered, as JSON.
pub(super) fn table_json(table: &Table, feed: &Feed) -> Value {
    let one = |installed: Installed| {
        let decide = |site: &Profile| {
            feed.decide_as_collection(&Profile { installed: Some(installed.clone()), ..site.clone() })
        };
        json!({ "extension": installed, "rows": table.json(decide) })
    };
    Value::Array(extensions(table.installed(), feed).into_iter().map(one).collect())
}
