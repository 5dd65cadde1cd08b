//! What entries say in plain elements, as it is written: no part of the model, for who compares two feeds.

use std::collections::BTreeMap;

use super::feed::Feed;
use super::sax::EventKind;

impl Feed {
    /// The text of each of these elements (in upper case), for every `<update>` in its order. Of an element that an entry has
    /// several times the last one counts; what stands behind an entry is its, too.
    #[must_use]
    pub fn texts(&self, elements: &[&'static str]) -> Vec<BTreeMap<&'static str, String>> {
        let mut entries: Vec<BTreeMap<&'static str, String>> = Vec::new();
        let mut open: Option<&'static str> = None;
        for event in &self.document.events {
            match event.kind {
                EventKind::Start { name, .. } => {
                    if name == "UPDATE" {
                        entries.push(BTreeMap::new());
                    }
                    open = elements.iter().find(|element| **element == name).copied();
                    if let (Some(element), Some(entry)) = (open, entries.last_mut()) {
                        entry.insert(element, String::new());
                    }
                }
                EventKind::Text(text) => {
                    let held = open.and_then(|element| entries.last_mut()?.get_mut(element));
                    if let Some(held) = held {
                        held.push_str(text);
                    }
                }
                EventKind::End { .. } => open = None,
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_elements_counts() {
        let feed = Feed::read(
            b"<updates><update><sha256>a</sha256><name>Tides</name><sha256>b</sha256></update><update/></updates>",
            "https://updates.example.org/updates.xml",
        );
        assert_eq!(
            feed.texts(&["SHA256", "INFOURL"]),
            [BTreeMap::from([("SHA256", "b".to_owned())]), BTreeMap::new()]
        );
    }
}
