//! Whether a text is well-formed XML to its very end, and what is in it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use quick_xml::Reader;
use quick_xml::events::Event;

/// An element without those below it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// As it stands, without references resolved: what is looked for here has none.
    pub(crate) text: String,
}

/// All elements in the order of their ends.
pub(crate) fn elements(text: &str) -> Result<Vec<Element>> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut ended): (Vec<Element>, Vec<Element>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().context("no well-formed XML")? {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => ended.push(element(&start)?),
            Event::Text(part) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&part.xml10_content());
                }
            }
            Event::End(_) => ended.extend(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    ensure!(open.is_empty(), "it ends within <{}>", open[open.len() - 1].name);
    ensure!(!ended.is_empty(), "it has no element");
    Ok(ended)
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Element> {
    let mut element = Element { name: start.name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.context("a broken attribute")?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::default())?.into_owned();
        element.attributes.insert(attribute.key.as_ref().to_owned(), value);
    }
    Ok(element)
}
