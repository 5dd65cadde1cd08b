//! What PHP's XML parser calls back with.

use quick_xml::Reader;
use quick_xml::events::Event as Xml;

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) events: Vec<Event>,
    pub(crate) end: End,
}

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) line: u32,
    pub(crate) kind: EventKind,
}

#[derive(Debug)]
pub(crate) enum EventKind {
    Start { name: String, attributes: Vec<(String, String)> },
    End { name: String },
    Text(String),
}

#[derive(Debug)]
pub(crate) enum End {
    Whole,
    Unfinished { line: u32, why: Unfinished },
    Malformed { line: u32, message: String },
}

#[derive(Debug)]
pub(crate) enum Unfinished {
    Markup,
}

impl Unfinished {
    pub(crate) fn waits_for(&self) -> &'static str {
        "the end of a tag"
    }
}

pub(crate) fn parse(bytes: &[u8]) -> Document {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut reader = Reader::from_str(&text);
    let mut events = Vec::new();
    let mut depth = 0;
    let attributes = |start: &quick_xml::events::BytesStart<'_>| {
        start
            .attributes()
            .filter_map(Result::ok)
            .map(|a| {
                (
                    a.key.as_ref().to_ascii_uppercase(),
                    quick_xml::escape::unescape(&a.value).unwrap_or_default().into_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    let end = loop {
        let line = 1 + text[..reader.buffer_position() as usize].matches('\n').count() as u32;
        let mut push = |kind| events.push(Event { line, kind });
        match reader.read_event() {
            Err(error) => break End::Malformed { line, message: error.to_string() },
            Ok(Xml::Eof) if depth > 0 => break End::Unfinished { line, why: Unfinished::Markup },
            Ok(Xml::Eof) => break End::Whole,
            Ok(Xml::Start(start)) => {
                depth += 1;
                push(EventKind::Start {
                    name: start.name().as_ref().to_ascii_uppercase(),
                    attributes: attributes(&start),
                });
            }
            Ok(Xml::Empty(start)) => {
                let name = start.name().as_ref().to_ascii_uppercase();
                push(EventKind::Start { name: name.clone(), attributes: attributes(&start) });
                push(EventKind::End { name });
            }
            Ok(Xml::End(end)) => {
                depth -= 1;
                push(EventKind::End { name: end.name().as_ref().to_ascii_uppercase() });
            }
            Ok(Xml::Text(t)) => push(EventKind::Text(t.into_inner().into_owned())),
            Ok(Xml::CData(t)) => push(EventKind::Text(t.into_inner().into_owned())),
            Ok(Xml::GeneralRef(r)) => {
                let r = format!("&{};", r.into_inner());
                push(EventKind::Text(quick_xml::escape::unescape(&r).unwrap_or_default().into_owned()))
            }
            _ => {}
        }
    };
    Document { events, end }
}
