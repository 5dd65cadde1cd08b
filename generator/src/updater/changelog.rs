//! The window with what a release changed: `libraries/src/Changelog/Changelog.php`, filled by
//! `ManageModel::loadChangelog`. Joomla 3 has none.

use std::collections::BTreeMap;

use bandari_catalog::version::php_version_compare;
use serde::Serialize;

use super::decision::Aborted;
use super::feed::Feed;
use super::sax::EventKind;
use super::texts;

/// Elements whose items are shown, in the window's order.
const SECTIONS: [&str; 7] = ["security", "fix", "addition", "change", "remove", "language", "note"];

/// What the window shows for a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// In the window's order; those without items are not shown. Each text is a bullet, printed as HTML.
    pub sections: Vec<(&'static str, Vec<String>)>,
    /// The versions that the file tells of, as it writes them.
    pub versions: Vec<String>,
    /// Why there is nothing but an error, if so.
    pub aborted: Option<Aborted>,
}

/// What an element holds: a text, or the items of a section.
#[derive(Clone, Default)]
struct Held {
    text: String,
    items: Vec<String>,
}

type Properties = BTreeMap<String, Held>;

#[derive(Default)]
struct Reader<'f> {
    stack: Vec<&'f str>,
    /// None once a `</changelogs>` was read.
    current: Option<Properties>,
    items: Vec<String>,
    latest: Option<Properties>,
    taken: Properties,
    versions: Vec<String>,
}

impl Feed {
    /// What the window shows for a version. Joomla looks at nothing but the version; of several entries with it the last counts.
    #[must_use]
    pub fn changes(&self, version: &str) -> Changes {
        let mut reader = Reader { current: Some(Properties::new()), ..Reader::default() };
        let mut aborted = None;
        for event in &self.document.events {
            match event.kind {
                EventKind::Start { name, .. } => {
                    reader.stack.push(name);
                    if let Err(error) = reader.start(name) {
                        aborted = Some(Aborted { line: Some(event.line), error });
                        break;
                    }
                }
                EventKind::End { name } => {
                    reader.stack.pop();
                    reader.end(name, version);
                }
                EventKind::Text(text) => reader.text(text),
            }
        }
        let sections = SECTIONS.iter().filter_map(|&section| {
            let held = reader.taken.get(section).filter(|held| !held.items.is_empty())?;
            Some((section, held.items.clone()))
        });
        let sections = if aborted.is_none() { sections.collect() } else { Vec::new() };
        Changes { sections, versions: reader.versions, aborted }
    }
}

/// An item of which the window makes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutItem {
    /// Where it begins, from 1.
    pub line: u32,
    /// What becomes of it.
    pub pieces: Vec<String>,
}

impl Feed {
    /// Items that the parser hands over in pieces, each of which becomes an item of its own.
    #[must_use]
    pub fn cut_items(&self) -> Vec<CutItem> {
        let mut items: Vec<CutItem> = Vec::new();
        let mut is_in_item = false;
        for event in &self.document.events {
            match event.kind {
                EventKind::Start { name, .. } => {
                    is_in_item = name == "ITEM";
                    if is_in_item {
                        items.push(CutItem { line: event.line, pieces: Vec::new() });
                    }
                }
                EventKind::Text(text) if is_in_item => {
                    if let Some(item) = items.last_mut() {
                        item.pieces.push(text.to_owned());
                    }
                }
                EventKind::Text(_) => {}
                EventKind::End { .. } => is_in_item = false,
            }
        }
        items.retain(|item| item.pieces.len() > 1);
        items
    }
}

impl<'f> Reader<'f> {
    /// # Errors
    /// What PHP says when it is to set a property of nothing.
    fn start(&mut self, name: &str) -> Result<(), String> {
        if matches!(name, "CHANGELOGS" | "CHANGELOG" | "ITEM") {
            return Ok(());
        }
        let name = name.to_ascii_lowercase();
        let current = self.current.as_mut().ok_or_else(|| texts::property_of_null(&name))?;
        let held = current.entry(name).or_default();
        held.text.clear();
        held.items.clear();
        Ok(())
    }

    fn end(&mut self, name: &str, version: &str) {
        match name {
            "CHANGELOG" => {
                let changelog = self.current.replace(Properties::new()).unwrap_or_default();
                let own = changelog.get("version").map(|held| held.text.clone()).unwrap_or_default();
                if php_version_compare(&own, version).is_eq() {
                    self.latest = Some(changelog);
                }
                self.versions.push(own);
            }
            "CHANGELOGS" => {
                if let Some(latest) = self.latest.take() {
                    self.taken.extend(latest);
                }
                self.current = None;
            }
            _ => {
                let section = name.to_ascii_lowercase();
                if SECTIONS.contains(&section.as_str()) {
                    let items = std::mem::take(&mut self.items);
                    if let Some(held) = self.current.as_mut().and_then(|current| current.get_mut(&section)) {
                        held.items = items;
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        let Some(&name) = self.stack.last() else { return };
        if name == "ITEM" {
            self.items.push(text.to_owned());
            return;
        }
        let name = name.to_ascii_lowercase();
        if !SECTIONS.contains(&name.as_str())
            && let Some(held) = self.current.as_mut().and_then(|current| current.get_mut(&name))
        {
            held.text.push_str(text);
        }
    }
}
