//! The check: the first parse of an extension feed, as `libraries/src/Updater/Adapter/ExtensionAdapter.php` does it.
//!
//! The parser goes by the names of elements, at any depth. What stands between two entries belongs to the one before it, even
//! when that one was judged already.

use std::borrow::Cow;
use std::cmp::Ordering;

use bandari_catalog::version::php_version_compare;

use super::decision::{Aborted, Decision, Entry, FeedKind, Message, Outcome, Reason};
use super::feed::Feed;
use super::profile::Profile;
use super::requirements::{self, Demands, Platform, Told};
use super::row::{self, Row};
use super::sax::{Attributes, EventKind};
use super::texts;

/// Elements that are columns of `#__updates` (`UpdateAdapter::$updatecols`), and where their values are kept.
const COLUMNS: [&str; 10] = [
    "NAME",
    "ELEMENT",
    "TYPE",
    "FOLDER",
    "CLIENT",
    "VERSION",
    "DESCRIPTION",
    "INFOURL",
    "CHANGELOGURL",
    "EXTRA_QUERY",
];
const NAME: usize = 0;
const ELEMENT: usize = 1;
const TYPE: usize = 2;
const FOLDER: usize = 3;
const CLIENT: usize = 4;
const VERSION: usize = 5;
const DESCRIPTION: usize = 6;
const INFOURL: usize = 7;
const CHANGELOGURL: usize = 8;

/// What the adapter keeps of an `<update>`.
#[derive(Default)]
struct Update<'f> {
    line: u32,
    columns: [Option<Cow<'f, str>>; COLUMNS.len()],
    platform: Option<Attributes<'f>>,
    php_minimum: Option<&'f str>,
    databases: Option<Attributes<'f>>,
    stability: Option<Told>,
    /// What was in its way when it ended.
    reasons: Vec<Reason>,
    /// Whether it ever ended.
    is_judged: bool,
}

impl<'f> Update<'f> {
    fn column(&self, column: usize) -> Option<&str> {
        self.columns[column].as_deref()
    }

    /// A property that is left in the row and is no column: an empty `<client>`, and what stands behind `</update>`.
    fn stranger(&self) -> Option<&'static str> {
        if self.column(CLIENT) == Some("") {
            return Some("client");
        }
        self.php_minimum.map(|_| "php_minimum").or(self.stability.map(|_| "stability"))
    }

    fn demands(&self) -> Demands<'_> {
        Demands {
            name: self.column(NAME).unwrap_or_default(),
            version: self.column(VERSION).unwrap_or_default(),
            platform: self.platform.map(|attributes| Platform {
                name: attributes.value("NAME"),
                version: attributes.value("VERSION"),
            }),
            php_minimum: self.php_minimum,
            databases: self.databases.as_ref().map(std::slice::from_ref),
            stability: self.stability,
        }
    }
}

/// The adapter, walking.
struct Adapter<'f> {
    site: &'f Profile,
    feed: &'f Feed,
    stack: Vec<&'f str>,
    /// Elements and texts go to the last one.
    updates: Vec<Update<'f>>,
    latest: Option<usize>,
    messages: Vec<Message>,
}

/// What a site makes of an extension feed, up to the list of updates.
pub(super) fn check(feed: &Feed, site: &Profile) -> Decision {
    let mut adapter =
        Adapter { site, feed, stack: Vec::new(), updates: Vec::new(), latest: None, messages: Vec::new() };
    let aborted = adapter.walk();
    let outcome = match aborted {
        Some(aborted) => Outcome::Aborted(aborted),
        None if feed.is_malformed() => {
            adapter.messages.push(feed.cannot_parse(FeedKind::Extension));
            Outcome::Unreadable
        }
        None => adapter.outcome(),
    };
    adapter.decision(outcome)
}

impl<'f> Adapter<'f> {
    fn walk(&mut self) -> Option<Aborted> {
        let feed = self.feed;
        for event in &feed.document.events {
            let done = match event.kind {
                EventKind::Start { name, attributes } => {
                    self.stack.push(name);
                    self.start(event.line, name, attributes)
                }
                EventKind::End { name } => {
                    self.stack.pop();
                    if name == "UPDATE" {
                        self.judge();
                    }
                    Ok(())
                }
                EventKind::Text(text) => self.text(text),
            };
            if let Err(property) = done {
                return Some(Aborted { line: Some(event.line), error: texts::property_of_null(property) });
            }
        }
        None
    }

    /// # Errors
    /// The property that PHP would set of nothing, in upper case: there is no `<update>` yet.
    fn start(&mut self, line: u32, name: &'f str, attributes: Attributes<'f>) -> Result<(), &'static str> {
        match name {
            "UPDATE" => {
                let mut update = Update { line, ..Update::default() };
                update.columns[FOLDER] = Some(Cow::Borrowed(""));
                self.updates.push(update);
            }
            "TARGETPLATFORM" => self.current("TARGETPLATFORM")?.platform = Some(attributes),
            "PHP_MINIMUM" => self.current("PHP_MINIMUM")?.php_minimum = Some(""),
            "SUPPORTED_DATABASES" => self.current("SUPPORTED_DATABASES")?.databases = Some(attributes),
            _ => {
                if let Some(column) = self.column(name) {
                    self.current(COLUMNS[column])?.columns[column] = Some(Cow::Borrowed(""));
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &'f str) -> Result<(), &'static str> {
        match self.stack.last().copied() {
            // Only the last piece counts.
            Some("PHP_MINIMUM") => self.current("PHP_MINIMUM")?.php_minimum = Some(text),
            Some("TAG") => {
                let stability = requirements::stability_of_tag(text);
                self.current("STABILITY")?.stability = Some(Told::Tag(stability));
            }
            Some(name) => {
                if let Some(column) = self.column(name) {
                    match &mut self.current(COLUMNS[column])?.columns[column] {
                        Some(value) if !value.is_empty() => value.to_mut().push_str(text),
                        value => *value = Some(Cow::Borrowed(text)),
                    }
                }
            }
            None => {}
        }
        Ok(())
    }

    /// The column of an element; that of changelogs came with them.
    fn column(&self, name: &str) -> Option<usize> {
        let column = COLUMNS.iter().position(|column| *column == name)?;
        (column != CHANGELOGURL || self.site.joomla.line().has_changelogs).then_some(column)
    }

    fn current(&mut self, property: &'static str) -> Result<&mut Update<'f>, &'static str> {
        self.updates.last_mut().ok_or(property)
    }

    /// `</update>`: the one that began last is held to the site.
    fn judge(&mut self) {
        let Some(current) = self.updates.len().checked_sub(1) else { return };
        let line = self.site.joomla.line();
        let update = &self.updates[current];
        let demands = update.demands();
        let mut reasons = requirements::reasons(&demands, self.site, &self.feed.expressions, || None);
        if !line.finds_databases {
            let is_here = demands.databases.is_some() && !reasons.iter().any(is_about_platform);
            reasons.retain(|reason| {
                !matches!(reason, Reason::OldDatabase { .. } | Reason::OtherDatabase { .. })
            });
            if is_here {
                let after_php = reasons.iter().take_while(|r| matches!(r, Reason::OldPhp { .. })).count();
                reasons.insert(after_php, Reason::AnyDatabase);
            }
        }
        for message in requirements::messages(&reasons, &demands, self.site) {
            // Joomla shows the same message once.
            if !self.messages.contains(&message) {
                self.messages.push(message);
            }
        }
        let is_for_us = !reasons.iter().any(is_about_platform);
        let fits = reasons.is_empty();
        let update = &mut self.updates[current];
        // An entry around another one is judged twice; it may have been taken the first time.
        if !update.is_judged {
            update.reasons = reasons;
        }
        update.is_judged = true;
        if is_for_us {
            (update.platform, update.php_minimum, update.databases, update.stability) =
                (None, None, None, None);
        }
        if fits && self.latest.is_none_or(|latest| self.is_newer(current, latest)) {
            self.latest = Some(current);
        }
    }

    fn is_newer(&self, one: usize, other: usize) -> bool {
        let version = |index: usize| self.updates[index].column(VERSION).unwrap_or_default();
        php_version_compare(version(one), version(other)) == Ordering::Greater
    }

    /// What becomes of the newest that fits.
    fn outcome(&self) -> Outcome {
        let Some(latest) = self.latest else { return Outcome::NothingFits };
        let update = &self.updates[latest];
        let row = Row {
            entry: latest + 1,
            name: update.column(NAME),
            element: update.column(ELEMENT),
            kind: update.column(TYPE),
            folder: update.column(FOLDER).unwrap_or_default(),
            client: row::Client::of_element(update.column(CLIENT), self.site.joomla.line()),
            stranger: update.stranger(),
            version: update.column(VERSION),
            texts: [
                ("description", update.column(DESCRIPTION)),
                ("detailsurl", Some(self.feed.address())),
                ("infourl", update.column(INFOURL)),
                ("changelogurl", update.column(CHANGELOGURL)),
            ],
        };
        row.outcome(self.site)
    }

    fn decision(self, outcome: Outcome) -> Decision {
        let latest = self.latest;
        let entry = |(index, update): (usize, Update<'_>)| Entry {
            number: index + 1,
            line: update.line,
            name: update.column(NAME).map(str::to_owned),
            version: update.column(VERSION).map(str::to_owned),
            is_newest: latest == Some(index),
            reasons: if update.is_judged { update.reasons } else { vec![Reason::NotRead] },
        };
        Decision {
            outcome,
            entries: self.updates.into_iter().enumerate().map(entry).collect(),
            unread: self.feed.unread(),
            messages: self.messages,
            install: None,
        }
    }
}

fn is_about_platform(reason: &Reason) -> bool {
    use Reason::{BrokenExpression, NoPlatform, OtherJoomla, OtherPatch, OtherPlatform};
    matches!(
        reason,
        NoPlatform | OtherPlatform { .. } | OtherJoomla { .. } | BrokenExpression { .. } | OtherPatch { .. }
    )
}
