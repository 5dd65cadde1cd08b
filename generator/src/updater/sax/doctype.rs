//! The document type declaration. Only its entities matter to Joomla, but any mistake in it ends the reading.

use std::ops::Range;

use super::cursor::{Cursor, MAX_NAME, State, is_blank, is_character};
use super::entity::{Entity, name_end};
use super::fault::Fault;

/// Deepest nesting of a content model (`xmlParseElementChildrenContentDeclPriv`).
const MAX_MODEL_DEPTH: usize = 128;

impl Cursor {
    /// `<!DOCTYPE` up to the internal subset, or all when there is none.
    pub(super) fn doctype(&mut self) {
        self.at += 9;
        self.skip_blanks();
        if self.name().is_none() {
            self.fail(Fault::NameRequired);
        }
        self.skip_blanks();
        let id = self.external_id(true);
        self.external_subset = id.public || id.system.is_some();
        self.skip_blanks();
        if self.byte() == b'[' {
            self.in_subset = true;
            self.state = State::Subset;
            return;
        }
        if self.byte() != b'>' {
            self.fail(Fault::DoctypeNotFinished);
        }
        self.step();
        self.state = State::Prolog;
    }

    /// Whether a `]` with `>` behind it follows, out of quotes and comments.
    pub(super) fn subset_has_end(&self) -> bool {
        let text = self.rest();
        let mut quote = None;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if let Some(open) = quote {
                if byte == open {
                    quote = None;
                }
            } else if byte == b'<' && at + 4 < text.len() && text.get(at..at + 4) == Some(b"<!--") {
                // As in libxml2, `<!-->` is a whole comment here.
                let rest = text.get(at..).unwrap_or_default();
                let Some(end) = rest.windows(3).position(|bytes| bytes == b"-->") else { return false };
                at += end + 2;
            } else if matches!(byte, b'"' | b'\'') {
                quote = Some(byte);
            } else if byte == b']' {
                match text.get(at + 1..).and_then(|rest| rest.iter().find(|byte| !is_blank(**byte))) {
                    None => return false,
                    Some(b'>') => return true,
                    Some(b']') if text.get(at + 1) == Some(&b']') => at += 1,
                    Some(_) => {}
                }
            }
            at += 1;
        }
        false
    }

    /// The internal subset, and the `>` behind it.
    pub(super) fn subset(&mut self) {
        self.step();
        while self.byte() != b']' && !self.halted() {
            let before = self.at;
            self.skip_blanks();
            self.markup_declaration();
            self.parameter_reference();
            if self.at == before {
                self.fail(Fault::Internal);
                break;
            }
        }
        if self.byte() == b']' {
            self.step();
            self.skip_blanks();
        }
        if self.byte() == b'>' {
            self.step();
        } else {
            self.fail(Fault::DoctypeNotFinished);
        }
        if !self.halted() {
            self.in_subset = false;
            self.state = State::Prolog;
        }
    }

    fn markup_declaration(&mut self) {
        if self.follows(b"<!--") {
            self.comment();
        } else if self.follows(b"<?") {
            self.instruction();
        } else if self.follows(b"<!ELEMENT") {
            self.element_declaration();
        } else if self.follows(b"<!ENTITY") {
            self.entity_declaration();
        } else if self.follows(b"<!ATTLIST") {
            self.attribute_list();
        } else if self.follows(b"<!NOTATION") {
            self.notation();
        }
    }

    /// A reference to a parameter entity; PHP never finds one.
    fn parameter_reference(&mut self) {
        if self.byte() != b'%' {
            return;
        }
        self.step();
        if self.name().is_none() {
            self.fail(Fault::ParameterReferenceName);
            return;
        }
        if self.byte() != b';' {
            self.fail(Fault::ParameterReferenceSemicolon);
            return;
        }
        self.step();
        self.references += 1;
        if self.standalone || !self.external_subset && !self.parameter_references {
            self.fail(Fault::UndeclaredEntity);
        }
        self.check_unknown();
        self.parameter_references = true;
    }

    fn external_id(&mut self, strict: bool) -> ExternalId {
        let mut id = ExternalId::default();
        if self.follows(b"SYSTEM") {
            self.at += 6;
            self.need_blanks();
        } else if self.follows(b"PUBLIC") {
            self.at += 6;
            self.need_blanks();
            id.public = self.public_literal();
            if !id.public {
                self.fail(Fault::PublicIdRequired);
            }
            if strict {
                self.need_blanks();
            } else if self.skip_blanks() == 0 || !matches!(self.byte(), b'\'' | b'"') {
                return id;
            }
        } else {
            return id;
        }
        id.system = self.system_literal();
        if id.system.is_none() {
            self.fail(Fault::UriRequired);
        }
        id
    }

    fn system_literal(&mut self) -> Option<Range<usize>> {
        let quote = self.byte();
        if !matches!(quote, b'"' | b'\'') {
            self.fail(Fault::LiteralNotStarted);
            return None;
        }
        self.step();
        let start = self.at;
        let (mut value, mut length) = self.character();
        while is_character(value) && value != u32::from(quote) {
            if self.at - start > 2 * MAX_NAME {
                self.fail(Fault::Unnamed);
                return None;
            }
            self.at += length;
            (value, length) = self.character();
        }
        let end = self.at;
        if is_character(value) {
            self.step();
        } else {
            self.fail(Fault::LiteralNotFinished);
        }
        Some(start..end)
    }

    fn public_literal(&mut self) -> bool {
        let quote = self.byte();
        if !matches!(quote, b'"' | b'\'') {
            self.fail(Fault::LiteralNotStarted);
            return false;
        }
        self.step();
        while is_public_character(self.byte()) && self.byte() != quote {
            self.at += 1;
        }
        if self.byte() == quote {
            self.step();
        } else {
            self.fail(Fault::LiteralNotFinished);
        }
        true
    }

    fn notation(&mut self) {
        self.at += 10;
        if !self.need_blanks() {
            return;
        }
        let Some(name) = self.name() else {
            self.fail(Fault::NotationNotStarted);
            return;
        };
        self.complain_of_colon(name);
        if !self.need_blanks() {
            return;
        }
        self.external_id(false);
        self.skip_blanks();
        if self.byte() == b'>' {
            self.step();
        } else {
            self.fail(Fault::NotationNotFinished);
        }
    }

    fn complain_of_colon(&mut self, name: Range<usize>) {
        if self.bytes(name).contains(&b':') {
            self.complain(Fault::Unnamed);
        }
    }

    fn entity_declaration(&mut self) {
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

    fn attribute_list(&mut self) {
        self.at += 9;
        self.need_blanks();
        if self.name().is_none() {
            self.fail(Fault::NameRequired);
            return;
        }
        self.skip_blanks();
        while self.byte() != b'>' && !self.halted() {
            if self.attribute_declaration().is_none() {
                break;
            }
        }
        if self.byte() == b'>' {
            self.step();
        }
    }

    /// One attribute of a list; none when the rest of the list cannot be read.
    fn attribute_declaration(&mut self) -> Option<()> {
        if self.name().is_none() {
            self.fail(Fault::NameRequired);
            return None;
        }
        if !self.need_blanks() {
            return None;
        }
        self.attribute_type()?;
        if !self.need_blanks() {
            return None;
        }
        self.default_declaration();
        if self.byte() != b'>' && !self.need_blanks() {
            return None;
        }
        Some(())
    }

    fn attribute_type(&mut self) -> Option<()> {
        const TYPES: [&[u8]; 8] =
            [b"CDATA", b"IDREFS", b"IDREF", b"ID", b"ENTITY", b"ENTITIES", b"NMTOKENS", b"NMTOKEN"];
        if let Some(word) = TYPES.iter().find(|word| self.follows(word)) {
            self.at += word.len();
            return Some(());
        }
        let is_notation = self.follows(b"NOTATION");
        if is_notation {
            self.at += 8;
            if !self.need_blanks() {
                return None;
            }
        }
        if self.byte() != b'(' {
            self.fail(if is_notation { Fault::NotationNotStarted } else { Fault::AttributeListNotStarted });
            return None;
        }
        let mut found = None;
        loop {
            self.step();
            self.skip_blanks();
            if is_notation && self.name().is_none() {
                self.fail(Fault::NameRequired);
                return None;
            } else if !is_notation && !self.name_token() {
                self.fail(Fault::NameTokenRequired);
                return found;
            }
            found = Some(());
            self.skip_blanks();
            if self.byte() != b'|' {
                break;
            }
        }
        if self.byte() == b')' {
            self.step();
            return found;
        }
        if is_notation {
            self.fail(Fault::NotationNotFinished);
            return None;
        }
        self.fail(Fault::AttributeListNotFinished);
        found
    }

    fn name_token(&mut self) -> bool {
        let start = self.at;
        let end = self.name_characters();
        if end - start > MAX_NAME {
            self.fail(Fault::Unnamed);
            return false;
        }
        end > start
    }

    fn default_declaration(&mut self) {
        if self.follows(b"#REQUIRED") {
            self.at += 9;
            return;
        }
        if self.follows(b"#IMPLIED") {
            self.at += 8;
            return;
        }
        if self.follows(b"#FIXED") {
            self.at += 6;
            self.need_blanks();
        }
        if self.attribute_value().is_none()
            && let Some(fault) = self.fault
        {
            self.fail(fault);
        }
    }

    fn element_declaration(&mut self) {
        self.at += 9;
        if !self.need_blanks() {
            return;
        }
        if self.name().is_none() {
            self.fail(Fault::NameRequired);
            return;
        }
        self.need_blanks();
        if self.follows(b"EMPTY") {
            self.at += 5;
        } else if self.follows(b"ANY") {
            self.at += 3;
        } else if self.byte() == b'(' {
            self.content_model();
        } else {
            self.fail(match self.byte() {
                b'%' => Fault::ParameterReferenceInMarkup,
                _ => Fault::ElementContentNotStarted,
            });
            return;
        }
        self.skip_blanks();
        if self.byte() == b'>' {
            self.step();
        } else {
            self.fail(Fault::GreaterThanRequired);
        }
    }

    fn content_model(&mut self) {
        self.step();
        self.skip_blanks();
        if self.follows(b"#PCDATA") {
            self.mixed_content();
        } else {
            self.children(1);
        }
        self.skip_blanks();
    }

    fn mixed_content(&mut self) {
        self.at += 7;
        self.skip_blanks();
        if self.byte() == b')' {
            self.step();
            if self.byte() == b'*' {
                self.step();
            }
            return;
        }
        while self.byte() == b'|' && !self.halted() {
            self.step();
            self.skip_blanks();
            if self.name().is_none() {
                self.fail(Fault::NameRequired);
                return;
            }
            self.skip_blanks();
        }
        if self.follows(b")*") {
            self.at += 2;
        } else {
            self.fail(Fault::MixedNotStarted);
        }
    }

    /// What stands in parentheses, of which the first is read. None after a mistake.
    fn children(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_MODEL_DEPTH {
            self.fail(Fault::ElementContentNotFinished);
            return None;
        }
        let mut separator = None;
        self.skip_blanks();
        self.particle(depth)?;
        self.skip_blanks();
        while self.byte() != b')' && !self.halted() {
            let byte = self.byte();
            if !matches!(byte, b',' | b'|') {
                self.fail(Fault::ElementContentNotFinished);
                return None;
            }
            if *separator.get_or_insert(byte) != byte {
                self.fail(Fault::SeparatorRequired);
                return None;
            }
            self.step();
            self.skip_blanks();
            self.particle(depth)?;
            self.skip_blanks();
        }
        self.step();
        self.occurrence();
        Some(())
    }

    fn particle(&mut self, depth: usize) -> Option<()> {
        if self.byte() == b'(' {
            self.step();
            self.skip_blanks();
            return self.children(depth + 1);
        }
        if self.name().is_none() {
            self.fail(Fault::ElementContentNotStarted);
            return None;
        }
        self.occurrence();
        Some(())
    }

    fn occurrence(&mut self) {
        if matches!(self.byte(), b'?' | b'*' | b'+') {
            self.step();
        }
    }
}

/// Where something outside of the document is said to be.
#[derive(Default)]
struct ExternalId {
    public: bool,
    system: Option<Range<usize>>,
}

fn is_public_character(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\n')
        || byte.is_ascii_alphanumeric()
        || b"-'()+,./:=?;!*#@$_%".contains(&byte)
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
