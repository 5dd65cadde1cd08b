//! `bandari explain`: what sites make of a feed, told to the one who publishes it.
//!
//! `source` finds the feed: at an `address` (`fetch`), in a file, or made of a product of this site. [`crate::updater`] decides;
//! nothing here knows a rule of Joomla's. What it decides becomes
//!
//! - for one site (`site`: what was said of it, `installed`, and what is assumed) a page of sentences: the answer (`verdict`),
//!   mistakes and how to mend them (`mistakes`), each entry with its reasons (`entries`, `reasons`), and what happens at the
//!   installation (`installation`);
//! - for all sites a table (`matrix`) of short words (`cell`);
//! - for a `collection` one line or row for each extension, for a `changelog` what its window shows.
//!
//! A page is written with `ink`; `words` are what things are called.

mod address;
mod cell;
mod changelog;
mod collection;
mod entries;
mod fetch;
mod ink;
mod installation;
mod installed;
mod matrix;
mod mistakes;
mod reasons;
mod site;
mod source;
mod verdict;
mod words;

use std::cell::RefCell;
use std::path::Path;

use bandari_catalog::version::Stability;
use serde_json::{Value, json};

use crate::bounds::Audience;
use crate::error::Error;
use crate::shown::quoted;
use crate::updater::{Database, FeedKind, Installed, JoomlaVersion, PhpVersion, Profile};
pub(crate) use ink::Page;
pub(crate) use installed::InstalledAs;
use matrix::Table;
use site::Asked;
use source::Source;

/// What is to be explained.
#[derive(Debug)]
pub(crate) struct Question<'q> {
    /// An address, a file, or the id of a product.
    pub(crate) feed: &'q str,
    /// The configuration of the site with the product.
    pub(crate) config: &'q Path,
    /// One site's Joomla; without it all of them.
    pub(crate) joomla: Option<&'q JoomlaVersion>,
    pub(crate) php: Option<&'q PhpVersion>,
    pub(crate) database: Option<&'q Database>,
    pub(crate) installed: Option<&'q InstalledAs>,
    pub(crate) minimum_stability: Stability,
    pub(crate) has_key: bool,
}

/// For whom the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Person,
    Program,
}

/// The answer, in one of its two forms.
#[derive(Debug)]
pub(crate) enum Answer {
    /// For people.
    Page(Page),
    /// For programs.
    Json(Value),
}

/// Explains a feed.
///
/// # Errors
/// [`Error::NoFeed`] when it cannot be had, [`Error::Usage`] and [`Error::Configuration`] for a question that cannot be asked.
pub(crate) fn explain(question: &Question<'_>, reader: Reader) -> Result<Answer, Error> {
    let source = Source::find(question.feed, question.config)?;
    let kind = source.feed.kind();
    let audience = if question.joomla.is_some() { Audience::OneSite } else { Audience::AllSites };
    source.require_bounds(kind, audience)?;
    Ok(match reader {
        Reader::Person => Answer::Page(match (kind, question.joomla) {
            (FeedKind::Changelog, _) => changelog_page(question, &source),
            (FeedKind::Extension, Some(joomla)) => site_page(joomla, question, &source),
            (FeedKind::Extension, None) => table_page(question, &source),
            (FeedKind::Collection, Some(joomla)) => collection_site_page(joomla, question, &source),
            (FeedKind::Collection, None) => collection_table_page(question, &source),
        }),
        Reader::Program => {
            let mut json = json(question, &source);
            json["feed"] = json!(source.feed.address());
            json["kind"] = json!(kind);
            Answer::Json(json)
        }
    })
}

/// The answer but for what was asked.
fn json(question: &Question<'_>, source: &Source) -> Value {
    let feed = &source.feed;
    match (feed.kind(), question.joomla) {
        (FeedKind::Changelog, _) => json!({ "versions": changelog::json(question, feed) }),
        (FeedKind::Extension, Some(joomla)) => {
            let asked = Asked::new(joomla, question, source);
            let decision = feed.decide(&asked.profile);
            json!({ "site": asked.json(), "offered": decision.offered(), "decision": decision })
        }
        (FeedKind::Extension, None) => {
            let condensed = feed.condensed();
            json!({ "rows": Table::new(question, source).json(|site: &Profile| condensed.decide(site)) })
        }
        (FeedKind::Collection, Some(joomla)) => {
            let asked = Asked::new(joomla, question, source);
            json!({ "site": asked.json(), "extensions": collection::site_json(&asked, feed) })
        }
        (FeedKind::Collection, None) => {
            json!({ "extensions": collection::table_json(&Table::new(question, source), feed) })
        }
    }
}

fn site_page(joomla: &JoomlaVersion, question: &Question<'_>, source: &Source) -> Page {
    let asked = Asked::new(joomla, question, source);
    let (feed, site) = (&source.feed, &asked.profile);
    let decision = feed.decide(site);
    let mut page = Page::default();
    page.say(verdict::sentence(&decision, site));
    page.say(format!("The feed is {}.", quoted(feed.address())));
    let mut mistakes = mistakes::of_feed(source);
    mistakes.extend(mistakes::of_decision(&decision, site));
    mistakes.extend(mistakes::of_address(feed));
    mistakes.extend(site::key_remark(question, source, site.installed.as_ref()));
    write_mistakes(&mut page, &mistakes);
    asked.write(&mut page, feed);
    if !decision.entries.is_empty() {
        page.head("The entries, newest first");
        entries::write(&mut page, &decision, site);
    }
    installation::write_check(&mut page, &decision, site);
    let has_edge = source.product.as_ref().is_some_and(|product| product.is_licensed);
    installation::write(&mut page, &decision, site, has_edge);
    if let (Some(version), Some(changelog)) = (decision.offered(), changelog_of(source, joomla)) {
        let title = format!("What Joomla shows of the changes in {}", words::version(version));
        changelog::write_version(&mut page, &changelog.changes(version), version, &title);
    }
    page
}

/// The changelog of a product, where the site shows one.
fn changelog_of<'s>(source: &'s Source, joomla: &JoomlaVersion) -> Option<&'s crate::updater::Feed> {
    let changelog = source.product.as_ref()?.changelog.as_ref();
    changelog.filter(|_| joomla.line().has_changelogs)
}

fn table_page(question: &Question<'_>, source: &Source) -> Page {
    let table = Table::new(question, source);
    let feed = &source.feed;
    let condensed = feed.condensed();
    let seen = RefCell::new(mistakes::of_feed(source));
    let decide = |site: &Profile| {
        let decision = condensed.decide(site);
        note(&mut seen.borrow_mut(), mistakes::of_decision(&decision, site));
        decision
    };
    let by_php = table.by_php();
    let rows = table.rows(&by_php, decide);
    let by_database = table.by_database();
    let database_rows = table.rows(&by_database, decide);
    let installed = table.installed();
    let mut mistakes = seen.take();
    note(&mut mistakes, mistakes::of_address(feed));
    note(&mut mistakes, site::key_remark(question, source, installed));

    let mut page = Page::default();
    page.say(format!("What each Joomla is offered by {}.", quoted(feed.address())));
    page.say(who(installed, question));
    write_mistakes(&mut page, &mistakes);
    page.head(&title(question.database));
    matrix::write(&mut page, &by_php, &rows);
    if !matrix::is_all_the_same(&database_rows) {
        let php = if question.php.is_some() { "" } else { ", with a PHP that is new enough" };
        page.head(&format!("By database{php}"));
        matrix::write(&mut page, &by_database, &database_rows);
    }
    matrix::write_meanings(&mut page, rows.iter().chain(&database_rows).flat_map(|row| &row.cells));
    page
}

/// Each mistake is told once.
fn note(told: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for mistake in more {
        if !told.contains(&mistake) {
            told.push(mistake);
        }
    }
}

fn title(database: Option<&Database>) -> String {
    match database {
        Some(database) => format!("By PHP, with {}", words::database(database)),
        None => "By PHP".into(),
    }
}

/// Of whom a table tells.
fn who(installed: Option<&Installed>, question: &Question<'_>) -> String {
    let wanted = site::wanted(question.minimum_stability);
    let Some(installed) = installed else {
        return "No entry that can be read names an element and a type, so none is an update of what is installed.".into();
    };
    let version = match &installed.version {
        Some(version) => format!("in version {}", words::version(version)),
        None => "in a version older than all of these".into(),
    };
    format!("It is for sites that have the {} {version}, and want {wanted}.", words::extension(installed))
}

fn collection_site_page(joomla: &JoomlaVersion, question: &Question<'_>, source: &Source) -> Page {
    let asked = Asked::new(joomla, question, source);
    let mut page = Page::default();
    collection::write_site(&mut page, &asked, &source.feed);
    write_mistakes(&mut page, &mistakes::of_feed(source));
    page
}

fn collection_table_page(question: &Question<'_>, source: &Source) -> Page {
    let mut page = Page::default();
    collection::write_table(&mut page, &Table::new(question, source), &source.feed);
    write_mistakes(&mut page, &mistakes::of_feed(source));
    page
}

fn changelog_page(question: &Question<'_>, source: &Source) -> Page {
    let mut page = Page::default();
    changelog::write(&mut page, question, &source.feed);
    let mut mistakes = mistakes::of_feed(source);
    mistakes.extend(changelog::mistakes(question, &source.feed));
    write_mistakes(&mut page, &mistakes);
    page
}

fn write_mistakes(page: &mut Page, mistakes: &[String]) {
    if mistakes.is_empty() {
        return;
    }
    page.head("Look at this");
    for mistake in mistakes {
        page.item(installation::doubt(mistake));
    }
}
