//! Declarations of entities.

use std::ops::Range;

use super::character::is_character;
use super::cursor::Cursor;
use super::entity::{Entity, name_end};
use super::fault::Fault;

impl Cursor {
    pub(super) fn complain_of_colon(&mut self, name: Range<usize>) {
        if self.bytes(name).contains(&b':') {
            self.complain(Fault::Unnamed);
        }
    }

    pub(super) fn entity_declaration(&mut self) {
        self.at += 8;
        self.need_blanks();
        let is_parameter = self.byte() == b'%';
        if is_parameter {
            self.step();
            self.need_blanks();
        }
        let Some(name) = self.name() else {
            self.fail(Fault::NameRequired);
            return;
        };
        self.complain_of_colon(name.clone());
        self.need_blanks();
        let entity = if matches!(self.byte(), b'"' | b'\'') {
            Some(Entity::internal(self.entity_value()))
        } else {
            self.external_entity(is_parameter)
        };
        if let Some(entity) = entity.filter(|_| !is_parameter) {
            let name = self.bytes(name).to_vec();
            self.entities.entry(name).or_insert(entity);
        }
        if self.halted() {
            return;
        }
        self.skip_blanks();
        if self.byte() == b'>' {
            self.step();
        } else {
            self.fail(Fault::EntityNotFinished);
            self.halt();
        }
    }

    /// An entity in another file, unless it is one of no text.
    fn external_entity(&mut self, is_parameter: bool) -> Option<Entity> {
        let id = self.external_id(true);
        if !id.public && id.system.is_none() {
            self.fail(Fault::ValueRequired);
        }
        if let Some(uri) = id.system {
            match check_uri(self.bytes(uri)) {
                Uri::Good => {}
                Uri::Invalid => self.complain(Fault::InvalidUri),
                Uri::WithFragment => self.fail(Fault::UriFragment),
            }
        }
        if is_parameter {
            return None;
        }
        if self.byte() != b'>' {
            self.need_blanks();
        }
        if !self.follows(b"NDATA") {
            return Some(Entity::external());
        }
        self.at += 5;
        self.need_blanks();
        self.name();
        None
    }

    /// The value of an entity, in which references to characters are replaced, and to entities are not.
    fn entity_value(&mut self) -> Option<Vec<u8>> {
        let quote = self.byte();
        self.step();
        let mut value = Vec::new();
        let (mut next, mut length) = self.character();
        while is_character(next) && next != u32::from(quote) && !self.halted() {
            self.push(&mut value, next, length);
            self.at += length;
            (next, length) = self.character();
        }
        if next != u32::from(quote) {
            self.fail(Fault::EntityNotFinished);
            return None;
        }
        self.step();
        self.check_value(&value)?;
        let mut text = Vec::with_capacity(value.len());
        let mut at = 0;
        while let Some(&byte) = value.get(at) {
            if byte == b'&' && value.get(at + 1) == Some(&b'#') {
                let character = self.reference_in(&value, &mut at)?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(byte);
                at += 1;
            }
        }
        Some(text)
    }

    /// `%` and `&` must begin references; those to parameter entities must not stand here.
    fn check_value(&mut self, value: &[u8]) -> Option<()> {
        let mut at = 0;
        while let Some(&byte) = value.get(at) {
            if byte == b'%' || byte == b'&' && value.get(at + 1) != Some(&b'#') {
                let end = name_end(value, at + 1, self.bytewise);
                if end == at + 1 || value.get(end) != Some(&b';') {
                    self.fail(Fault::EntityCharacter);
                    return None;
                }
                if byte == b'%' {
                    self.fail(Fault::ParameterReferenceInValue);
                    return None;
                }
                at = end;
            }
            at += 1;
        }
        Some(())
    }
}

/// What is to be said of the address of an entity.
enum Uri {
    Good,
    Invalid,
    WithFragment,
}

/// Looks at the form of an address (RFC 3986, appendix A), but for that of hosts and ports.
fn check_uri(uri: &[u8]) -> Uri {
    let (rest, fragment) = match uri.iter().position(|byte| *byte == b'#') {
        Some(at) => (uri.get(..at), uri.get(at + 1..)),
        None => (Some(uri), None),
    };
    let rest = rest.unwrap_or_default();
    let query = rest.iter().position(|byte| *byte == b'?').unwrap_or(rest.len());
    let before_query = rest.get(..query).unwrap_or_default();
    let segment = before_query.split(|byte| *byte == b'/').next().unwrap_or_default();
    let mut scheme = segment.splitn(2, |byte| *byte == b':');
    let has_good_scheme = scheme.next().is_some_and(|name| {
        let good = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        scheme.next().is_none() || name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(good)
    });
    let has_host = before_query.windows(2).any(|bytes| bytes == b"//");
    let is_good = has_good_scheme
        && has_uri_characters(before_query, if has_host { b"/[]" } else { b"/" })
        && has_uri_characters(rest.get(query..).unwrap_or_default(), b"/?")
        && fragment.is_none_or(|fragment| has_uri_characters(fragment, b"/?[]"));
    match fragment {
        _ if !is_good => Uri::Invalid,
        Some(_) => Uri::WithFragment,
        None => Uri::Good,
    }
}

/// Whether all are characters of paths or among some others; `%` needs two digits.
fn has_uri_characters(part: &[u8], others: &[u8]) -> bool {
    part.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => part.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        byte => byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=".contains(byte) || others.contains(byte),
    })
}
