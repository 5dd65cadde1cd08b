//! Declarations of elements, attributes and notations: nothing comes of them but mistakes.

use super::cursor::{Cursor, MAX_NAME};
use super::fault::Fault;

/// Deepest nesting of a content model (`xmlParseElementChildrenContentDeclPriv`).
const MAX_MODEL_DEPTH: usize = 128;

impl Cursor {
    pub(super) fn notation(&mut self) {
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

    pub(super) fn attribute_list(&mut self) {
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

    pub(super) fn element_declaration(&mut self) {
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
