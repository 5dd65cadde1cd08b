//! What Joomla's parser calls back with, for fuzzers: what else reads the same text must read the same.

use super::sax::{self, End, EventKind};

/// One call, with names in upper case as PHP has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlCall {
    /// An element begins: its name and attributes.
    Start(String, Vec<(String, String)>),
    /// An element ends.
    End(String),
    /// All text between two tags.
    Text(String),
}

/// All calls for these bytes, texts in one piece each; nothing unless they are whole XML.
pub(crate) fn xml_calls(bytes: &[u8]) -> Option<Vec<XmlCall>> {
    let document = sax::parse(bytes);
    if document.end != End::Whole {
        return None;
    }
    let mut calls: Vec<XmlCall> = Vec::new();
    for event in &document.events {
        match (event.kind, calls.last_mut()) {
            (EventKind::Text(""), _) => {}
            (EventKind::Text(text), Some(XmlCall::Text(before))) => before.push_str(text),
            (EventKind::Text(text), _) => calls.push(XmlCall::Text(text.to_owned())),
            (EventKind::End { name }, _) => calls.push(XmlCall::End(name.to_owned())),
            (EventKind::Start { name, attributes }, _) => {
                let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                calls.push(XmlCall::Start(name.to_owned(), attributes.iter().map(owned).collect()));
            }
        }
    }
    Some(calls)
}
