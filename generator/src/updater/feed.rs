//! A feed's bytes, as Joomla's parser told of them.

use super::decision::{FeedKind, Message, Unread};
use super::expressions::Expressions;
use super::sax::{self, End, Event, EventKind, Unfinished};
use super::{Decision, Outcome, Profile, check, collection, install, texts};

/// A feed and where it lies.
#[derive(Debug)]
pub struct Feed {
    pub(super) address: String,
    pub(super) document: sax::Document,
    pub(super) expressions: Expressions,
}

impl Feed {
    /// Reads a feed as Joomla's parser does, whatever its bytes are. The address is what Joomla prints in its messages.
    #[must_use]
    pub fn read(bytes: &[u8], address: &str) -> Self {
        Self {
            // As Joomla does, of the update site's `location`.
            address: address.trim().to_owned(),
            document: sax::parse(bytes),
            expressions: Expressions::default(),
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it looks like: Joomla goes by the update server's type, which is not in the feed.
    #[must_use]
    pub fn kind(&self) -> FeedKind {
        let mut starts = self.document.events.iter().filter_map(|event| match event.kind {
            EventKind::Start { name, .. } => Some(name),
            _ => None,
        });
        let known = starts.find_map(|name| match name {
            "UPDATE" | "UPDATES" => Some(FeedKind::Extension),
            "EXTENSIONSET" | "EXTENSION" | "CATEGORY" => Some(FeedKind::Collection),
            "CHANGELOGS" | "CHANGELOG" => Some(FeedKind::Changelog),
            _ => None,
        });
        known.unwrap_or(FeedKind::Extension)
    }

    /// How many elements, ends of elements and texts it has: what looking at it once takes.
    pub(crate) fn call_count(&self) -> usize {
        self.document.events.len()
    }

    /// How many entries, rows of a collection, or entries of a changelog.
    pub(crate) fn entry_count(&self) -> usize {
        let is_entry = |event: &Event<'_>| {
            matches!(event.kind, EventKind::Start { name: "UPDATE" | "EXTENSION" | "CHANGELOG", .. })
        };
        self.document.events.iter().filter(is_entry).count()
    }

    /// What of it was not read, and why.
    #[must_use]
    pub fn unread(&self) -> Option<Unread> {
        match &self.document.end {
            End::Whole => None,
            End::Unfinished { line, why } => {
                Some(Unread::Unfinished { line: *line, waits_for: waits_for(*why) })
            }
            End::Malformed { line, message } => {
                Some(Unread::Malformed { line: *line, error: message.to_string() })
            }
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        matches!(self.document.end, End::Malformed { .. })
    }

    /// What a site makes of it as an extension's feed.
    #[must_use]
    pub fn decide(&self, site: &Profile) -> Decision {
        let mut decision = check::check(self, site);
        if let Outcome::Offered { entry, .. } = decision.outcome {
            let name = decision.entries.get(entry - 1).and_then(|entry| entry.name.clone());
            decision.install = Some(install::install(self, site, name.unwrap_or_default()));
        }
        decision
    }

    /// What a site makes of it as a collection. What is installed afterwards, the feeds say that it names.
    #[must_use]
    pub fn decide_as_collection(&self, site: &Profile) -> Decision {
        collection::check(self, site)
    }

    /// What Joomla says when it cannot parse the feed. When the address does not end in `.xml`, it tries another one first
    /// (`UpdateAdapter::getUpdateSiteResponse`), and says it of that one.
    pub(super) fn cannot_parse(&self, kind: FeedKind) -> Message {
        let address = self.second_address().unwrap_or_else(|| self.address.clone());
        match kind {
            FeedKind::Collection => texts::cannot_parse_collection(&address),
            _ => texts::cannot_parse_extension(&address),
        }
    }

    /// Where Joomla looks once more when it cannot read the feed: `/extension.xml` behind every address that does not end in
    /// `.xml`.
    #[must_use]
    pub fn second_address(&self) -> Option<String> {
        let address = &self.address;
        let slash = if address.ends_with('/') { "" } else { "/" };
        (!address.ends_with(".xml")).then(|| format!("{address}{slash}extension.xml"))
    }
}

/// What the parser waits for when it reads no further.
fn waits_for(why: Unfinished) -> &'static str {
    match why {
        Unfinished::Empty => "a first element",
        Unfinished::Declaration => "the `?>` of the XML declaration",
        Unfinished::Doctype => "the end of the document type declaration",
        Unfinished::Tag => "the `>` of a tag",
        Unfinished::Comment => "the `-->` of a comment",
        Unfinished::CData => "the `]]>` of a CDATA section",
        Unfinished::Instruction => "the `?>` of an instruction",
        Unfinished::Reference => "the `;` of an `&`",
        Unfinished::Root => "the end tag of the root element",
        Unfinished::Encoding => "bytes that fit the encoding",
        Unfinished::BehindRoot => "more behind the root element",
    }
}
