//! How much of a feed is held to sites. Feeds come from strangers, and one that asks thousands of different things of a site
//! would take hours to compare. Each limit is many times what feeds of hundreds of releases have.

use std::collections::BTreeSet;

use crate::coverage::Axes;
use crate::updater::{Demands, Feed, FeedKind, JoomlaVersion};

/// The largest file: of UTF-16 twice the 10 million bytes of text that Joomla's parser reads at most (libxml2's
/// `XML_MAX_LOOKUP_LIMIT`).
pub(crate) const MAX_BYTES: u64 = 20_000_000;

/// Entries, rows or changelogs, of which one answer tells each. The releases of a lifetime are some thousands.
const MAX_ENTRIES: usize = 20_000;

/// Different expressions: each is matched with some five hundred versions of Joomla. One for every minor version of Joomla that
/// there was makes forty.
const MAX_EXPRESSIONS: usize = 500;

/// Different values of another demand: there were as many versions of no PHP and of no database.
const MAX_VALUES: usize = 200;

/// Bytes of all expressions together.
const MAX_EXPRESSION_BYTES: usize = 100_000;

/// Elements, ends of elements and texts of one feed. Ten thousand entries with all there is have about six hundred thousand.
const MAX_CALLS_OF_ONE: usize = 1_000_000;

/// What a look at a collection's row or a changelog's entry costs more than one at an element.
const DEAR: usize = 20;

/// Elements and texts that are looked at for all sites together: some seconds of work.
const MAX_CALLS: usize = 500_000_000;

/// For how many sites an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// For one. Of an extension's feed, what others get is told, too.
    OneSite,
    /// For all.
    AllSites,
}

/// What of these feeds, which are told together, is beyond a limit, as a sentence without a full stop. `calls`: how many of
/// their elements and texts are looked at for each site.
pub(crate) fn excess(feeds: &[&Feed], kind: FeedKind, calls: usize, audience: Audience) -> Option<String> {
    let beyond = |found: String, limit: String| Some(format!("found {found}, expected at most {limit}"));
    let entries = feeds.iter().map(|feed| feed.entry_count()).max().unwrap_or_default();
    if entries > MAX_ENTRIES {
        return beyond(format!("{entries} entries"), MAX_ENTRIES.to_string());
    }
    let largest = feeds.iter().map(|feed| feed.call_count()).max().unwrap_or_default();
    if largest > MAX_CALLS_OF_ONE {
        return beyond(format!("{largest} elements and texts"), MAX_CALLS_OF_ONE.to_string());
    }
    let mut demands = Demands::default();
    for feed in feeds {
        demands.extend(feed.demands());
    }
    let values = [
        ("expressions for Joomla versions", demands.expressions.len(), MAX_EXPRESSIONS),
        ("values of `<php_minimum>`", demands.php.len(), MAX_VALUES),
        ("values of `<supported_databases>`", demands.databases.len(), MAX_VALUES),
    ];
    if let Some((what, number, limit)) = values.into_iter().find(|(_, number, limit)| number > limit) {
        return beyond(format!("{number} different {what}"), limit.to_string());
    }
    let bytes: usize = demands.expressions.iter().map(String::len).sum();
    if bytes > MAX_EXPRESSION_BYTES {
        return beyond(
            format!("{bytes} bytes of expressions for Joomla versions"),
            MAX_EXPRESSION_BYTES.to_string(),
        );
    }
    let alike = sites_alike(&demands);
    let sites = match kind {
        FeedKind::Extension => alike,
        // Each row and each version is asked for, and all are looked at for it.
        FeedKind::Collection if audience == Audience::OneSite => entries * DEAR,
        FeedKind::Collection => alike * entries * DEAR,
        FeedKind::Changelog => entries * DEAR,
    };
    if calls.saturating_mul(sites) > MAX_CALLS {
        return beyond(
            format!("{calls} elements and texts, to be looked at {sites} times"),
            format!("{MAX_CALLS} looks in all"),
        );
    }
    None
}

/// How many sites can get different answers.
fn sites_alike(demands: &Demands) -> usize {
    let axes = Axes::of(demands);
    let alike = |joomla: &JoomlaVersion| (demands.matching(joomla), joomla.line().since);
    let joomla: BTreeSet<_> = axes.joomla.iter().map(|segment| alike(&segment.probe)).collect();
    joomla.len() * axes.php.len() * axes.databases.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(feed: &str) -> Option<String> {
        let feed = Feed::read(feed.as_bytes(), "https://updates.example.org/updates.xml");
        excess(&[&feed], feed.kind(), feed.call_count(), Audience::AllSites)
    }

    fn updates(number: usize, entry: impl Fn(usize) -> String) -> String {
        let entries: String =
            (0..number).map(|number| format!("<update>{}</update>", entry(number))).collect();
        format!("<updates>{entries}</updates>")
    }

    #[track_caller]
    fn assert_beyond(feed: &str, message: &str) {
        assert_eq!(told(feed).as_deref(), Some(message));
    }

    #[test]
    fn a_feed_has_no_more_entries_than_a_lifetime_of_releases() {
        assert_eq!(told(&updates(MAX_ENTRIES, |_| String::new())), None);
        let message = "found 20001 entries, expected at most 20000";
        assert_beyond(&updates(MAX_ENTRIES + 1, |_| String::new()), message);
        let rows = "<extension targetplatformversion='5'/>".repeat(MAX_ENTRIES + 1);
        assert_beyond(&format!("<extensionset>{rows}</extensionset>"), message);
    }

    #[test]
    fn a_feed_asks_for_no_more_different_things_than_there_are() {
        let php = |number: usize| format!("<php_minimum>8.{number}</php_minimum>");
        assert_eq!(told(&updates(MAX_VALUES, php)), None);
        assert_beyond(
            &updates(MAX_VALUES + 1, php),
            "found 201 different values of `<php_minimum>`, expected at most 200",
        );
        assert_beyond(
            &updates(MAX_VALUES + 1, |number| format!("<supported_databases mysql='8.{number}'/>")),
            "found 201 different values of `<supported_databases>`, expected at most 200",
        );
        assert_beyond(
            &updates(MAX_EXPRESSIONS + 1, |number| format!("<targetplatform version='5.{number}'/>")),
            "found 501 different expressions for Joomla versions, expected at most 500",
        );
        assert_beyond(
            &updates(2, |number| format!("<targetplatform version='{}{number}'/>", "5|".repeat(30_000))),
            "found 120002 bytes of expressions for Joomla versions, expected at most 100000",
        );
    }

    #[test]
    fn a_feed_is_held_to_no_more_sites_than_can_be_in_some_seconds() {
        let feed = updates(MAX_VALUES - 1, |number| {
            format!(
                "<php_minimum>8.{number}</php_minimum><supported_databases mysql='8.{number}'/>{}",
                "<x/>".repeat(100)
            )
        });
        let message = told(&feed).unwrap();
        assert!(message.contains("elements and texts, to be looked at "), "{message}");
    }

    #[test]
    fn a_feed_has_no_more_elements_than_ten_thousand_entries_do() {
        let message = "found 1000002 elements and texts, expected at most 1000000";
        assert_beyond(&format!("<updates>{}</updates>", "<b/>".repeat(500_000)), message);
    }

    #[test]
    fn a_collection_may_be_larger_when_one_site_is_asked_for() {
        let row = "<extension name='x' element='x' type='module' version='1' targetplatformversion='5'/>";
        let feed = format!("<extensionset>{}</extensionset>", row.repeat(3000));
        let feed = Feed::read(feed.as_bytes(), "https://updates.example.org/collection.xml");
        let excess = |audience| excess(&[&feed], FeedKind::Collection, feed.call_count(), audience);
        assert_eq!(excess(Audience::OneSite), None);
        assert!(excess(Audience::AllSites).is_some());
    }

    #[test]
    fn a_changelog_is_read_for_each_of_its_versions() {
        let changelog = |number: usize| "<changelog><version>1</version></changelog>".repeat(number);
        assert_eq!(told(&format!("<changelogs>{}</changelogs>", changelog(1500))), None);
        assert_beyond(
            &format!("<changelogs>{}</changelogs>", changelog(20_000)),
            "found 100002 elements and texts, to be looked at 400000 times, expected at most 500000000 looks in all",
        );
    }
}
