//! Entities of the internal subset: where they are declared, and what stands in their place.
//!
//! In text PHP itself calls back the value as it is, markup and references in it included; libxml2 replaces entities in
//! attributes only, and guards against those that multiply each other.

use std::rc::Rc;

use super::character::{is_character, is_name, is_name_start, loose_sequence};
use super::cursor::Cursor;
use super::fault::Fault;

/// Deepest nesting of entities; `xmlStringLenDecodeEntities` stops there.
const MAX_DEPTH: usize = 40;

/// How many times more text than was read entities may make (`XML_PARSER_NON_LINEAR`), once they make so much text
/// (`XML_PARSER_BIG_ENTITY`).
const MAX_FACTOR: usize = 10;
const BIG: usize = 1000;

/// References to unknown entities that are borne with.
const MAX_UNKNOWN: usize = 10_000;

/// Higher counts of references are not told apart (`INT_MAX / 2`).
const MAX_WEIGHT: usize = 0x3FFF_FFFF;

/// What a replacement costs besides its text, in bytes.
const EFFORT: usize = 64;

/// A general entity.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    /// With character references replaced; none when it stands in another file, or when its value was wrong.
    content: Option<Rc<[u8]>>,
    is_external: bool,
    is_predefined: bool,
    /// How many references its replacement takes, once that is known, and whether it has a `<`.
    weight: Option<(usize, bool)>,
}

impl Entity {
    pub(super) fn internal(content: Option<Vec<u8>>) -> Entity {
        Entity { content: content.map(Rc::from), is_external: false, is_predefined: false, weight: None }
    }

    pub(super) fn external() -> Entity {
        Entity { content: None, is_external: true, is_predefined: false, weight: None }
    }

    fn predefined(name: &[u8]) -> Option<Entity> {
        let content: &[u8] = match name {
            b"lt" => b"<",
            b"gt" => b">",
            b"amp" => b"&",
            b"quot" => b"\"",
            b"apos" => b"'",
            _ => return None,
        };
        Some(Entity { is_predefined: true, ..Entity::internal(Some(content.to_vec())) })
    }

    fn has_less_than(&self) -> bool {
        !self.is_predefined && self.content.as_deref().is_some_and(|content| content.contains(&b'<'))
    }
}

impl Cursor {
    /// What a name stands for. Nothing is found within the internal subset, not even `amp`.
    fn entity(&self, name: &[u8]) -> Option<Entity> {
        if self.in_subset {
            return None;
        }
        Entity::predefined(name).or_else(|| self.entities.get(name).cloned())
    }

    /// What the reference here stands for; in text it is called back.
    pub(super) fn entity_reference(&mut self) -> Option<Entity> {
        let start = self.at;
        self.at += 1;
        let Some(name) = self.name() else {
            self.fail(Fault::NameRequired);
            return None;
        };
        if self.byte() != b';' {
            self.fail(Fault::ReferenceSemicolon);
            return None;
        }
        self.at += 1;
        self.references += 1;
        let name = self.bytes(name).to_vec();
        let Some(entity) = self.entity(&name) else {
            self.unknown_entity();
            return None;
        };
        if let (false, Some(content)) = (self.in_attribute, &entity.content) {
            if !entity.is_predefined {
                self.add(content.len());
            }
            self.emit_text(start, content);
        } else if self.in_attribute {
            let may_have = entity.weight.is_none_or(|(_, has)| has);
            if entity.is_external {
                self.fail(Fault::ExternalEntityInAttribute);
            } else if may_have && entity.has_less_than() {
                self.fail(Fault::LessThanInAttribute);
            }
        }
        Some(entity)
    }

    /// A mistake, unless it might be declared in a file that is not read.
    fn unknown_entity(&mut self) {
        if self.standalone || !self.external_subset && !self.parameter_references {
            self.fail(Fault::UndeclaredEntity);
        } else {
            self.complain(Fault::UnknownEntity);
        }
        self.check_unknown();
    }

    /// Gives up after too many references to nothing; the latest complaint is of one.
    pub(super) fn check_unknown(&mut self) {
        if self.references > MAX_UNKNOWN {
            self.fail(Fault::EntityLoop);
        }
    }

    /// The reference here, replaced in an attribute's value.
    pub(super) fn entity_in_value(&mut self, text: &mut Vec<u8>) {
        let reference = self.entity_reference();
        self.references += 1;
        let Some(entity) = reference else { return };
        let Some(content) = entity.content else { return };
        if entity.is_predefined {
            text.extend_from_slice(&content);
            return;
        }
        self.depth += 1;
        let replacement = self.replace(&content);
        self.depth -= 1;
        let replacement = replacement.unwrap_or_default();
        self.add(replacement.len());
        for byte in replacement {
            text.push(if matches!(byte, b'\t' | b'\n' | b'\r') { b' ' } else { byte });
        }
    }

    /// Replaces all references of a value; none when that fails.
    fn replace(&mut self, content: &Rc<[u8]>) -> Option<Vec<u8>> {
        if self.depth > MAX_DEPTH {
            self.fail(Fault::EntityLoop);
            return None;
        }
        self.add(content.len() + EFFORT);
        let mut text = Text::default();
        let mut at = 0;
        while let Some(&byte) = content.get(at) {
            if self.halted() {
                return None;
            }
            if byte != b'&' {
                text.bytes.push(byte);
                text.grow();
                at += 1;
            } else if content.get(at + 1) == Some(&b'#') {
                let character = self.reference_in(content, &mut at)?;
                text.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                text.grow();
            } else {
                self.replace_entity(content, &mut at, &mut text)?;
            }
        }
        Some(text.bytes)
    }

    /// Appends what the entity reference at an offset stands for.
    fn replace_entity(&mut self, content: &[u8], at: &mut usize, text: &mut Text) -> Option<()> {
        let Some((name, mut entity)) = self.entity_reference_in(content, at) else { return Some(()) };
        if !entity.is_predefined {
            self.weigh(&name);
            entity = self.entities.get(&name).cloned().unwrap_or(entity);
        }
        let weight = entity.weight.map_or(0, |(weight, _)| weight);
        self.check_weight(weight);
        self.references = self.references.saturating_add(weight);
        let Some(inner) = entity.content else {
            text.bytes.push(b'&');
            text.bytes.extend_from_slice(&name);
            text.bytes.push(b';');
            return Some(());
        };
        if entity.is_predefined {
            text.bytes.extend_from_slice(&inner);
            text.grow();
            return Some(());
        }
        self.depth += 1;
        let replacement = self.replace(&inner);
        self.depth -= 1;
        let Some(replacement) = replacement else {
            self.clear(&name);
            return None;
        };
        self.add(replacement.len());
        for byte in replacement {
            text.bytes.push(byte);
            if text.is_full() && self.is_too_big(text.bytes.len()) {
                return None;
            }
            text.grow();
        }
        Some(())
    }

    /// An entity that failed is empty from then on.
    fn clear(&mut self, name: &[u8]) {
        if let Some(entity) = self.entities.get_mut(name) {
            entity.content = Some(Rc::from([]));
        }
    }

    /// Counts, the first time, how many references the replacement of an entity takes.
    fn weigh(&mut self, name: &[u8]) {
        let Some(entity) = self.entities.get_mut(name) else { return };
        let (None, Some(content)) = (entity.weight, entity.content.clone()) else { return };
        if self.fault == Some(Fault::EntityLoop) {
            return;
        }
        entity.weight = Some((0, true));
        let before = self.references;
        self.depth += 1;
        let replacement = self.replace(&content);
        self.depth -= 1;
        if replacement.is_none() || self.fault == Some(Fault::EntityLoop) {
            self.clear(name);
        }
        let weight = (self.references - before + 1).min(MAX_WEIGHT);
        if let Some(entity) = self.entities.get_mut(name) {
            entity.weight = Some((weight, replacement.is_some_and(|text| text.contains(&b'<'))));
        }
    }

    /// Whether so many references are too many for what was read.
    fn check_weight(&mut self, weight: usize) {
        if weight.saturating_mul(3) >= self.at * MAX_FACTOR {
            self.fail(Fault::EntityLoop);
        }
    }

    fn is_too_big(&mut self, size: usize) -> bool {
        if self.fault == Some(Fault::EntityLoop) {
            return true;
        }
        let limit = self.at * MAX_FACTOR;
        let too_big = size >= BIG && (size >= limit || self.references.saturating_mul(3) >= limit);
        if too_big {
            self.fail(Fault::EntityLoop);
        }
        too_big
    }

    /// The entity reference at an offset of a value.
    fn entity_reference_in(&mut self, content: &[u8], at: &mut usize) -> Option<(Vec<u8>, Entity)> {
        let start = *at + 1;
        let end = name_end(content, start, self.bytewise);
        *at = end;
        if end == start {
            self.fail(Fault::NameRequired);
            return None;
        }
        if content.get(end) != Some(&b';') {
            self.fail(Fault::ReferenceSemicolon);
            return None;
        }
        *at = end + 1;
        self.references += 1;
        let name = content.get(start..end).unwrap_or_default().to_vec();
        let Some(entity) = self.entity(&name) else {
            self.unknown_entity();
            return None;
        };
        if entity.is_external {
            self.fail(Fault::ExternalEntityInAttribute);
        } else if entity.has_less_than() {
            self.fail(Fault::LessThanInAttribute);
        }
        Some((name, entity))
    }

    /// The character reference at an offset of a value.
    pub(super) fn reference_in(&mut self, content: &[u8], at: &mut usize) -> Option<char> {
        let (prefix, radix, fault) = match content.get(*at + 2) {
            Some(b'x') => (3, 16, Fault::HexReference),
            _ => (2, 10, Fault::DecimalReference),
        };
        *at += prefix;
        let mut value: u32 = 0;
        loop {
            let byte = content.get(*at).copied().unwrap_or(0);
            if byte == b';' {
                *at += 1;
                break;
            }
            let Some(digit) = char::from(byte).to_digit(radix) else {
                self.fail(fault);
                value = 0;
                break;
            };
            value = (value * radix + digit).min(0x11_0000);
            *at += 1;
        }
        let character = char::from_u32(value).filter(|_| is_character(value));
        if character.is_none() {
            self.fail(Fault::InvalidCharacter);
        }
        character
    }
}

/// Where a name ends that begins at an offset; there, when none does.
pub(super) fn name_end(content: &[u8], start: usize, bytewise: bool) -> usize {
    let mut end = start;
    loop {
        let rest = content.get(end..).unwrap_or_default();
        let (value, length) = match rest.first() {
            Some(&byte) if bytewise || byte < 0x80 => (u32::from(byte), 1),
            _ => loose_sequence(rest).unwrap_or((0, 1)),
        };
        if !(if end == start { is_name_start(value) } else { is_name(value) }) {
            return end;
        }
        end += length;
    }
}

/// A buffer that grows as libxml2's does, which looks for too much text only then.
struct Text {
    bytes: Vec<u8>,
    capacity: usize,
}

impl Default for Text {
    fn default() -> Self {
        Text { bytes: Vec::new(), capacity: 300 }
    }
}

impl Text {
    fn is_full(&self) -> bool {
        self.bytes.len() + 100 > self.capacity
    }

    fn grow(&mut self) {
        if self.is_full() {
            self.capacity = self.capacity * 2 + 100;
        }
    }
}
