//! A feed without the entries that no site can ever be offered: of entries that ask the same of a site, all but the newest are
//! hidden whenever that one is, and older when it is not. What is left gives every site the same answer, sooner.

use std::collections::HashMap;
use std::iter;
use std::ops::Range;

use bandari_catalog::version::php_version_compare;

use super::expressions::Expressions;
use super::feed::Feed;
use super::sax::{Document, Event, EventKind, Events};

/// Elements that decide whether a site sees an entry.
const DEMANDS: [&str; 5] = ["TARGETPLATFORM", "PHP_MINIMUM", "SUPPORTED_DATABASES", "TAG", "STABILITY"];

/// An entry's events, and what of them matters here.
struct Span<'f> {
    /// Their numbers, from 0.
    events: Range<usize>,
    /// What it asks of a site, to the letter.
    demands: Vec<EventKind<'f>>,
    version: String,
    /// Whether it matters though it is not the newest: an address in it is a mirror of every entry, and an odd version is a
    /// mistake to be told.
    is_kept: bool,
}

impl Feed {
    /// The same feed without entries that are never offered. Only what is in entries that stand apart from each other is left
    /// out; every other feed stays whole. Numbers of entries change, their lines do not.
    #[must_use]
    pub fn condensed(&self) -> Self {
        let events = self.condensed_events().unwrap_or_else(|| self.document.events.clone());
        let document = Document { events, end: self.document.end.clone() };
        Self { address: self.address().to_owned(), document, expressions: Expressions::default() }
    }

    /// None when entries are not plainly one after the other in one root element.
    fn condensed_events(&self) -> Option<Events> {
        let events = &self.document.events;
        let first = events.iter().position(|event| begins(&event, "UPDATE"))?;
        let mut rest = first;
        let mut spans: Vec<Span<'_>> = Vec::new();
        while events.from(rest).next().is_some_and(|event| begins(&event, "UPDATE")) {
            let Some(end) = events.from(rest).position(|event| ends(&event, "UPDATE")) else { break };
            let behind = rest + end + 1;
            if events.range(rest + 1..behind).any(|event| begins(&event, "UPDATE")) {
                return None;
            }
            spans.push(Span::of(events, rest..behind));
            let is_text = |event: &Event<'_>| matches!(event.kind, EventKind::Text(_));
            rest = behind + events.from(behind).take_while(is_text).count();
        }
        // An entry that is cut off may follow, else nothing but ends.
        let is_cut_off = events.from(rest).next().is_some_and(|event| begins(&event, "UPDATE"));
        if !is_cut_off && events.from(rest).any(|event| matches!(event.kind, EventKind::Start { .. })) {
            return None;
        }
        let newest = newest_of_each(&spans).map(|span| span.events.clone());
        Some(events.only(iter::once(0..first).chain(newest).chain(iter::once(rest..events.len()))))
    }
}

fn begins(event: &Event<'_>, element: &str) -> bool {
    matches!(event.kind, EventKind::Start { name, .. } if name == element)
}

fn ends(event: &Event<'_>, element: &str) -> bool {
    matches!(event.kind, EventKind::End { name } if name == element)
}

impl<'f> Span<'f> {
    fn of(all: &'f Events, events: Range<usize>) -> Self {
        let within = all.range(events.clone());
        let mut span = Self { events, demands: Vec::new(), version: String::new(), is_kept: false };
        let mut stack: Vec<&str> = Vec::new();
        for event in within {
            match event.kind {
                EventKind::Start { name, .. } => {
                    stack.push(name);
                    if name == "VERSION" {
                        span.version.clear();
                    }
                    span.is_kept |= name == "DOWNLOADSOURCE";
                    if DEMANDS.contains(&name) {
                        span.demands.push(event.kind);
                    }
                }
                EventKind::End { .. } => {
                    stack.pop();
                }
                EventKind::Text(text) => match stack.last() {
                    Some(&"VERSION") => span.version.push_str(text),
                    Some(name) if DEMANDS.contains(name) => span.demands.push(event.kind),
                    _ => {}
                },
            }
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-+_~".contains(c);
        let begins_plainly = span.version.starts_with(|c: char| c.is_ascii_digit());
        span.is_kept |= !begins_plainly || !span.version.chars().all(is_plain);
        span
    }
}

/// In the feed's order; of equal versions the first.
fn newest_of_each<'s, 'f>(spans: &'s [Span<'f>]) -> impl Iterator<Item = &'s Span<'f>> {
    let mut newest: HashMap<String, usize> = HashMap::new();
    for (at, span) in spans.iter().enumerate().filter(|(_, span)| !span.is_kept) {
        let best = newest.entry(format!("{:?}", span.demands)).or_insert(at);
        if php_version_compare(&span.version, &spans[*best].version).is_gt() {
            *best = at;
        }
    }
    let mut kept: Vec<usize> = newest.into_values().collect();
    kept.extend((0..spans.len()).filter(|&at| spans[at].is_kept));
    kept.sort_unstable();
    kept.into_iter().map(|at| &spans[at])
}

#[cfg(test)]
mod tests {
    use super::super::{Database, JoomlaVersion, Outcome, PhpVersion, Profile};
    use super::*;

    fn entry(version: &str, php: &str) -> String {
        format!(
            "<update><name>T</name><element>mod_t</element><type>module</type><client>site</client><version>{version}</version>\
             <targetplatform name='joomla' version='5'/><php_minimum>{php}</php_minimum></update>\n"
        )
    }

    fn lines(feed: &Feed, php: &str) -> (Outcome, Vec<u32>) {
        let site = Profile {
            joomla: JoomlaVersion::parse("5.3.4").unwrap(),
            php: PhpVersion::parse(php).unwrap(),
            database: Database::parse("mariadb:10.11").unwrap(),
            minimum_stability: bandari_catalog::version::Stability::Stable,
            installed: feed.likely_installed(),
            key: None,
        };
        let decision = feed.decide(&site);
        (decision.outcome, decision.entries.iter().map(|entry| entry.line).collect())
    }

    #[track_caller]
    fn assert_condensed(entries: &[String], lines_left: &[u32]) {
        let feed = Feed::read(format!("<updates>\n{}</updates>", entries.concat()).as_bytes(), "a.xml");
        let condensed = feed.condensed();
        for php in ["8.0", "8.1", "8.3"] {
            let ((whole, _), (left, lines)) = (lines(&feed, php), lines(&condensed, php));
            let version = |outcome: &Outcome| match outcome {
                Outcome::Offered { version, .. } => Some(version.clone()),
                _ => None,
            };
            assert_eq!((version(&left), &*lines), (version(&whole), lines_left), "PHP {php}");
        }
    }

    #[test]
    fn of_entries_that_ask_the_same_the_newest_is_left() {
        let entries =
            [("1.0.0", "8.0"), ("1.2.0", "8.0"), ("1.1.0", "8.0"), ("2.0.0", "8.1"), ("1.9.0", "8.1")];
        assert_condensed(&entries.map(|(version, php)| entry(version, php)), &[3, 5]);
    }

    #[test]
    fn of_equal_versions_the_first_is_left() {
        assert_condensed(&[entry("1.0.0", "8.0"), entry("1.0.0", "8.0")], &[2]);
    }

    #[test]
    fn an_odd_version_and_what_stands_between_entries_stay() {
        assert_condensed(&[entry("1.0.0", "8.0"), entry("v0.9.0", "8.0")], &[2, 3]);
        let between = format!("{}<tag>beta</tag>{}", entry("1.0.0", "8.0"), entry("0.9.0", "8.0"));
        assert_condensed(&[between], &[2, 3]);
    }
}
