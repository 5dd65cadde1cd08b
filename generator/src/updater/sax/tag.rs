//! Start and end tags.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::character::is_character;
use super::cursor::{Cursor, MAX_TEXT, State};
use super::fault::Fault;

/// How many attributes are compared with each other one by one.
const FEW: usize = 16;

/// Attributes of one element. libxml2 compares each with all before it (`xmlParseStartTag`), so that more of them take longer
/// than the 30 seconds that PHP has for a page.
const MAX_ATTRIBUTES: usize = 100_000;

impl Cursor {
    /// The start tag here, and the end of an element that is empty.
    pub(super) fn start_tag(&mut self) {
        let start = self.at;
        self.at += 1;
        let Some(name) = self.name() else {
            self.fail(Fault::NameRequired);
            self.halt();
            return;
        };
        let attributes = self.attributes();
        if !self.failed {
            self.emit_start(start, name.clone(), &attributes.folded());
        }
        if self.halted() {
            return;
        }
        if self.follows(b"/>") {
            let end = self.at;
            self.at += 2;
            if !self.failed {
                self.emit_end(end, name);
            }
            self.leave();
            return;
        }
        if self.byte() == b'>' {
            self.at += 1;
        } else {
            self.fail(Fault::GreaterThanRequired);
        }
        self.open.push(name);
        self.state = State::Content;
    }

    /// Behind the end of an element.
    fn leave(&mut self) {
        self.state = if self.open.is_empty() { State::Epilog } else { State::Content };
    }

    fn attributes(&mut self) -> Attributes {
        let mut attributes = Attributes::default();
        self.skip_blanks();
        while !self.at_tag_end() && matches!(self.byte(), b'\t' | b'\n' | b'\r' | 0x20..) && !self.halted() {
            let before = self.at;
            let (name, value) = self.attribute();
            let nothing = name.is_none() && value.is_none();
            if let (Some(name), Some(value)) = (name, value)
                && !attributes.add(self.bytes(name), value)
            {
                self.fail(Fault::AttributeTwice);
            }
            if attributes.list.len() > MAX_ATTRIBUTES {
                self.fail(Fault::NoMemory);
                self.halt();
            }
            if self.at_tag_end() {
                break;
            }
            self.need_blanks();
            if nothing && self.at == before {
                self.fail(Fault::Internal);
                break;
            }
        }
        attributes
    }

    fn at_tag_end(&self) -> bool {
        self.byte() == b'>' || self.follows(b"/>")
    }

    /// Name and value of the attribute here; both can be missing.
    fn attribute(&mut self) -> (Option<Range<usize>>, Option<Vec<u8>>) {
        let Some(name) = self.name() else {
            self.fail(Fault::NameRequired);
            return (None, None);
        };
        self.skip_blanks();
        if self.byte() != b'=' {
            self.fail(Fault::AttributeWithoutValue);
            return (None, None);
        }
        self.at += 1;
        self.skip_blanks();
        let value = self.attribute_value();
        (Some(name), value)
    }

    /// The value here, with references replaced and each blank a space.
    pub(super) fn attribute_value(&mut self) -> Option<Vec<u8>> {
        let quote = self.byte();
        if !matches!(quote, b'"' | b'\'') {
            self.fail(Fault::AttributeNotStarted);
            return None;
        }
        let content = self.bytes(self.at + 1..self.text.len());
        let simple = content
            .iter()
            .take_while(|byte| {
                matches!(byte, 0x20..=0x7F) && !matches!(**byte, b'&' | b'<') && **byte != quote
            })
            .count();
        if simple > MAX_TEXT {
            self.fail(Fault::AttributeNotFinished);
            return None;
        }
        if content.get(simple) == Some(&quote) {
            let value = content.get(..simple).unwrap_or_default().to_vec();
            self.at += simple + 2;
            return Some(value);
        }
        self.in_attribute = true;
        let value = self.copied_value(quote);
        self.in_attribute = false;
        value
    }

    /// A value that has references or anything but ASCII in it.
    fn copied_value(&mut self, quote: u8) -> Option<Vec<u8>> {
        self.at += 1;
        let mut text = Vec::new();
        let (mut value, mut length) = self.character();
        while self.byte() != quote && is_character(value) && value != u32::from(b'<') && !self.halted() {
            if text.len() > MAX_TEXT {
                self.fail(Fault::NoMemory);
                self.halt();
                return None;
            }
            if value == u32::from(b'&') {
                self.value_reference(&mut text);
            } else {
                let value = if matches!(value, 0x09 | 0x0A | 0x0D) { 0x20 } else { value };
                self.push(&mut text, value, length);
                self.at += length;
            }
            (value, length) = self.character();
        }
        if self.halted() {
            return None;
        }
        if self.byte() == b'<' {
            self.fail(Fault::LessThanInAttribute);
        } else if self.byte() == quote {
            self.at += 1;
        } else if value != 0 && !is_character(value) {
            self.fail(Fault::InvalidCharacter);
        } else {
            self.fail(Fault::AttributeNotFinished);
        }
        Some(text)
    }

    fn value_reference(&mut self, text: &mut Vec<u8>) {
        if self.peek(1) != b'#' {
            self.entity_in_value(text);
        } else if let Some(character) = self.character_reference() {
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// The end tag here, which must be that of the innermost open element.
    pub(super) fn end_tag(&mut self) {
        let start = self.at;
        self.at += 2;
        let open = self.open.last().cloned().unwrap_or_default();
        let found = self.name();
        let matches = found.is_some_and(|found| self.bytes(found) == self.bytes(open.clone()));
        self.skip_blanks();
        if self.byte() == b'>' {
            self.at += 1;
        } else {
            self.fail(Fault::GreaterThanRequired);
        }
        if !matches {
            self.fail(Fault::TagMismatch);
        }
        if !self.failed {
            self.emit_end(start, open);
        }
        self.open.pop();
        if !self.halted() {
            self.leave();
        }
    }
}

/// The attributes of one tag.
#[derive(Default)]
struct Attributes {
    list: Vec<(Vec<u8>, Vec<u8>)>,
    /// Names, once there are more than a few.
    names: HashSet<Vec<u8>>,
}

impl Attributes {
    /// False when there is one of that name.
    fn add(&mut self, name: &[u8], value: Vec<u8>) -> bool {
        if self.list.len() == FEW {
            self.names = self.list.iter().map(|(name, _)| name.clone()).collect();
        }
        let known = match self.list.len() {
            0..FEW => self.list.iter().any(|(known, _)| known == name),
            _ => !self.names.insert(name.to_vec()),
        };
        if !known {
            self.list.push((name.to_vec(), value));
        }
        !known
    }

    /// As a PHP array with keys in upper case.
    fn folded(self) -> Vec<(String, String)> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut folded: Vec<(String, String)> = Vec::with_capacity(self.list.len());
        for (name, value) in self.list {
            let mut name = String::from_utf8_lossy(&name).into_owned();
            name.make_ascii_uppercase();
            let value = String::from_utf8_lossy(&value).into_owned();
            let place = match folded.len() {
                0..FEW => folded.iter().position(|(known, _)| *known == name),
                _ => places.get(&name).copied(),
            };
            if let Some((_, earlier)) = place.and_then(|place| folded.get_mut(place)) {
                *earlier = value;
                continue;
            }
            folded.push((name.clone(), value));
            if folded.len() == FEW {
                places = folded.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
            } else if folded.len() > FEW {
                places.insert(name, folded.len() - 1);
            }
        }
        folded
    }
}
