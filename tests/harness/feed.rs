//! Reads an update feed as Joomla's parser does: elements by name, whatever their case and depth.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// One `<update>`: the text of each element, and `element@attribute` for attributes.
pub type Entry = BTreeMap<String, String>;

/// All entries of a feed, in its order.
///
/// # Panics
/// When it is no well-formed XML.
#[must_use]
pub fn entries(xml: &str) -> Vec<Entry> {
    let mut reader = Reader::from_str(xml);
    let mut entries = Vec::new();
    let mut current: Option<Entry> = None;
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) if start.name().as_ref() == "update" => current = Some(Entry::new()),
            Event::Start(start) | Event::Empty(start) => {
                text.clear();
                let element = start.name().as_ref().to_owned();
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let value =
                        attribute.normalized_value(quick_xml::XmlVersion::default()).unwrap().into_owned();
                    if let Some(entry) = &mut current {
                        entry.insert(format!("{element}@{}", attribute.key.as_ref()), value);
                    }
                }
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                match reference.resolve_char_ref().unwrap() {
                    Some(character) => text.push(character),
                    None => {
                        text.push_str(quick_xml::escape::resolve_xml_entity(&name).expect("a known entity"))
                    }
                }
            }
            Event::End(end) if end.name().as_ref() == "update" => entries.extend(current.take()),
            Event::End(end) => {
                if let Some(entry) = &mut current {
                    entry.insert(end.name().as_ref().to_owned(), std::mem::take(&mut text));
                }
            }
            Event::Eof => return entries,
            _ => {}
        }
    }
}
