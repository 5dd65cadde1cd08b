//! The check of a collection: `libraries/src/Updater/Adapter/CollectionAdapter.php`. Everything is in attributes; neither PHP,
//! database nor stability are asked for here.

use std::cmp::Ordering;

use bandari_catalog::version::php_version_compare;

use super::decision::{Aborted, Decision, Entry, FeedKind, Outcome, Reason};
use super::feed::Feed;
use super::profile::Profile;
use super::requirements::{self, Demands, Platform};
use super::row::{Client, Row};
use super::sax::{Attributes, Event, EventKind};

/// What a site makes of a collection, for the extension that is installed there.
pub(super) fn check(feed: &Feed, site: &Profile) -> Decision {
    let mut entries: Vec<Entry> = Vec::new();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut aborted = None;
    let mut has_nameless_category = false;
    for event in &feed.document.events {
        match event.kind {
            EventKind::Start { name: "EXTENSION", attributes } => {
                let number = entries.len() + 1;
                let reasons = reasons(feed, attributes, site);
                if reasons.is_empty() {
                    outcomes.push(row(number, attributes, site).outcome(site));
                }
                entries.push(Entry {
                    number,
                    line: event.line,
                    name: attributes.value("NAME").map(str::to_owned),
                    version: attributes.value("VERSION").map(str::to_owned),
                    reasons,
                    is_newest: false,
                });
            }
            EventKind::Start { name: "CATEGORY", attributes } => {
                has_nameless_category = attributes.value("REF").is_none();
            }
            EventKind::End { name: "CATEGORY" } if has_nameless_category => {
                // `array_pop` of what the adapter's parent class keeps under the same name.
                let error = "array_pop(): Argument #1 ($array) must be of type array".to_owned();
                aborted = Some(Aborted { line: Some(event.line), error });
                break;
            }
            _ => {}
        }
    }
    let mut messages = Vec::new();
    let outcome = match aborted {
        Some(aborted) => Outcome::Aborted(aborted),
        None if feed.is_malformed() => {
            messages.push(feed.cannot_parse(FeedKind::Collection));
            Outcome::Unreadable
        }
        None => of_all(outcomes),
    };
    if let Outcome::Offered { entry, .. } = outcome {
        entries[entry - 1].is_newest = true;
    }
    Decision { outcome, entries, unread: feed.unread(), messages, install: None }
}

impl Feed {
    /// `detailsurl` of each row of a collection: the feed that says what is installed.
    #[must_use]
    pub fn row_addresses(&self) -> Vec<Option<String>> {
        let address = |event: Event<'_>| match event.kind {
            EventKind::Start { name: "EXTENSION", attributes } => {
                Some(attributes.value("DETAILSURL").map(str::to_owned))
            }
            _ => None,
        };
        self.document.events.iter().filter_map(address).collect()
    }
}

fn reasons(feed: &Feed, attributes: Attributes<'_>, site: &Profile) -> Vec<Reason> {
    // Without a version it is the site's own.
    let [major, minor, _] = site.joomla.numbers();
    let own = format!("{major}.{minor}");
    let platform = Platform {
        name: Some(attributes.value("TARGETPLATFORM").unwrap_or("joomla")),
        version: Some(attributes.value("TARGETPLATFORMVERSION").unwrap_or(&own)),
    };
    let demands = Demands { platform: Some(platform), ..Demands::default() };
    requirements::reasons(&demands, site, &feed.expressions, || None)
}

fn row<'e>(entry: usize, attributes: Attributes<'e>, site: &Profile) -> Row<'e> {
    let text = |name| Some(attributes.value(name).unwrap_or_default());
    Row {
        entry,
        name: text("NAME"),
        element: text("ELEMENT"),
        kind: text("TYPE"),
        folder: attributes.value("FOLDER").unwrap_or_default(),
        client: Client::of_attribute(attributes.value("CLIENT"), site.joomla.line()),
        stranger: None,
        version: text("VERSION"),
        texts: [
            ("description", text("DESCRIPTION")),
            // No default stands in for it.
            ("detailsurl", attributes.value("DETAILSURL")),
            ("infourl", text("INFOURL")),
            ("changelogurl", text("CHANGELOGURL")),
        ],
    }
}

/// What the update screen shows of all rows. Each is stored for itself; of several that are listed, the newest.
fn of_all(outcomes: Vec<Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Aborted(_) => 0,
        Outcome::Offered { .. } => 1,
        Outcome::Dropped { .. } => 2,
        Outcome::UpToDate { .. } => 3,
        _ => 4,
    };
    let is_newer = |one: &Outcome, other: &Outcome| match (one, other) {
        (Outcome::Offered { version: one, .. }, Outcome::Offered { version: other, .. }) => {
            php_version_compare(other, one)
        }
        _ => Ordering::Equal,
    };
    let best =
        outcomes.into_iter().min_by(|one, other| rank(one).cmp(&rank(other)).then(is_newer(one, other)));
    best.unwrap_or(Outcome::NothingFits)
}
