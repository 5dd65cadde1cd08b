//! Images: what is accepted as an SVG is XML for every reader, and a picture that does nothing and loads nothing.
//!
//! The first byte of an input says which name it comes under.

use bandari_generator::fuzzing;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use crate::text::assert_message;

const NAMES: [&str; 4] = ["icon.svg", "icon.png", "icon.jpg", "icon.webp"];

/// Elements that run something or hold a web page, whatever their namespace is called.
const ACTIVE: [&str; 2] = ["script", "foreignobject"];

/// Of web pages.
const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let Some((choice, bytes)) = input.split_first() else { return };
    // An SVG begins with `<` or a blank, so that a seed may be one without a byte before it.
    let (name, bytes) = match choice {
        b'<' | b' ' | 0xef => ("icon.svg", input),
        _ => (NAMES[usize::from(*choice) % NAMES.len()], bytes),
    };
    match fuzzing::image(name, bytes) {
        Ok(()) if name == "icon.svg" => svg(bytes),
        Ok(()) => assert!(bytes.len() >= 3),
        Err(message) => assert_message(&message),
    }
}

fn svg(bytes: &[u8]) {
    assert!(fuzzing::calls(bytes).is_some(), "accepted, and no XML for a browser");
    let text = std::str::from_utf8(bytes).expect("accepted, and no UTF-8");
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_event().expect("it was read before") {
            Event::Start(start) | Event::Empty(start) => {
                let (namespace, _) = reader.resolver().resolve_element(start.name());
                assert!(
                    !matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == HTML_NAMESPACE),
                    "accepted: an element of web pages"
                );
                check(&start);
            }
            Event::PI(instruction) => panic!("accepted: {instruction:?}"),
            Event::DocType(kind) => assert!(!kind.xml10_content().contains('['), "accepted: {kind:?}"),
            Event::Eof => return,
            _ => {}
        }
    }
}

fn check(start: &BytesStart<'_>) {
    let name = start.local_name().as_ref().to_ascii_lowercase();
    assert!(!ACTIVE.contains(&name.as_str()), "accepted: <{name}>");
    for attribute in start.attributes() {
        let attribute = attribute.expect("it was read before");
        let value = attribute.normalized_value(quick_xml::XmlVersion::default()).expect("it was read before");
        let key = attribute.key.local_name().as_ref().to_ascii_lowercase();
        let value: String = value.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        assert!(!key.starts_with("on"), "accepted: {key}={value}");
        if key == "href" || key == "src" {
            let is_inside = value.is_empty() || value.starts_with('#') || value.starts_with("data:image/");
            assert!(is_inside && !value.starts_with("data:image/svg"), "accepted: {key}={value}");
        }
        for (at, _) in value.match_indices("url(") {
            let address = value[at + 4..].trim_start_matches(['"', '\'']);
            assert!(
                address.starts_with('#') || address.starts_with("data:image/"),
                "accepted: {key}={value}"
            );
        }
    }
}
