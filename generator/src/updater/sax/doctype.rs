//! The document type declaration. Only its entities matter to Joomla, but any mistake in it ends the reading.
//! What stands between its brackets is read by `markup` and `entity_declaration`.

use std::ops::Range;

use super::character::{is_blank, is_character};
use super::cursor::{Cursor, MAX_NAME, State};
use super::fault::Fault;

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

    /// `SYSTEM` or `PUBLIC` and what belongs to it; in a notation (not strict) the address may be missing.
    pub(super) fn external_id(&mut self, strict: bool) -> ExternalId {
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
}

/// Where something outside of the document is said to be.
#[derive(Default)]
pub(super) struct ExternalId {
    pub(super) public: bool,
    pub(super) system: Option<Range<usize>>,
}

fn is_public_character(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\n')
        || byte.is_ascii_alphanumeric()
        || b"-'()+,./:=?;!*#@$_%".contains(&byte)
}
