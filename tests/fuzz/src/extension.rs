//! What holds for an extension that was read: its feed is XML for every reader, and says the same.

use bandari_generator::fuzzing::{Extension, XmlCall, calls};
use bandari_generator::updater::Feed;
use quick_xml::Reader;
use quick_xml::events::Event;

/// What a feed says of an extension.
const ELEMENTS: [&str; 6] = ["NAME", "ELEMENT", "TYPE", "FOLDER", "CLIENT", "VERSION"];

/// What of it each release has.
pub(crate) fn check(extension: &Extension) {
    let written = [
        Some(extension.name.as_str()),
        Some(&extension.element),
        Some(extension.kind),
        extension.folder.as_deref(),
        Some(extension.client),
        Some(&extension.version),
    ];
    for text in written.iter().flatten() {
        assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
        // What is longer, Joomla drops without a word.
        assert!(text.chars().count() <= 100, "{text}");
        assert_eq!(text.trim(), *text);
    }
    let feed = Feed::read(&extension.feed, "https://u.example/tides/updates.xml");
    assert_eq!(feed.unread(), None);
    let texts = feed.texts(&ELEMENTS);
    assert_eq!(texts.len(), 1);
    for (element, written) in ELEMENTS.iter().zip(written) {
        assert_eq!(texts[0].get(element).map(String::as_str), written, "{element}");
    }
    assert_same_calls(&extension.feed, std::str::from_utf8(&extension.feed).expect("feeds are UTF-8"));
}

/// Asserts that Joomla's parser and the one that this project reads manifests with see the same in a document: `text` is that of
/// `bytes`.
pub(crate) fn assert_same_calls(bytes: &[u8], text: &str) {
    let theirs = calls(bytes).expect("it is XML for Joomla");
    let ours = quick_xml_calls(text);
    assert_eq!(ours, theirs);
}

fn quick_xml_calls(text: &str) -> Vec<XmlCall> {
    let mut calls: Vec<XmlCall> = Vec::new();
    let mut depth = 0;
    let add = |calls: &mut Vec<XmlCall>, depth: usize, text: &str| match calls.last_mut() {
        _ if text.is_empty() || depth == 0 => {}
        Some(XmlCall::Text(before)) => before.push_str(text),
        _ => calls.push(XmlCall::Text(text.to_owned())),
    };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().expect("it is XML for Joomla") {
            Event::Start(start) | Event::Empty(start) => {
                depth += 1;
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.expect("it is one for Joomla");
                    let value = attribute.normalized_value(quick_xml::XmlVersion::default());
                    let value = value.expect("it is one for Joomla").into_owned();
                    (attribute.key.as_ref().to_ascii_uppercase(), value)
                });
                let attributes = attributes.collect();
                calls.push(XmlCall::Start(start.name().as_ref().to_ascii_uppercase(), attributes));
            }
            Event::End(end) => {
                depth -= 1;
                calls.push(XmlCall::End(end.name().as_ref().to_ascii_uppercase()));
            }
            Event::Text(part) => add(&mut calls, depth, &part.xml10_content()),
            Event::CData(part) => add(&mut calls, depth, &part.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => add(&mut calls, depth, character.encode_utf8(&mut [0; 4])),
                _ => {
                    let name = reference.xml10_content();
                    let text = quick_xml::escape::resolve_xml_entity(&name).expect("it is one of XML's own");
                    add(&mut calls, depth, text);
                }
            },
            Event::Eof => return calls,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}
