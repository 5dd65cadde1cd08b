//! The XML declaration, and how the first bytes of a document tell its encoding.

use super::character::is_blank;
use super::cursor::{Cursor, State};
use super::encoding::{Detected, Encoding};
use super::fault::Fault;

/// How much of a document is converted at first when its declaration names an encoding, in bytes of it; the declaration
/// must end there.
const FIRST_BYTES: usize = 180;

impl Cursor {
    /// Looks at the first four bytes, of which there must be so many.
    pub(super) fn detect(&mut self) {
        match Encoding::detect(self.rest()) {
            Detected::Bytes { mark } => self.at += mark,
            Detected::Converted { encoding, mark, first } => {
                self.at += mark;
                if self.switch(encoding, first).is_err() {
                    self.fail(Fault::Unnamed);
                    self.halt();
                }
            }
            Detected::Unsupported => {
                self.fail(Fault::Unnamed);
                self.halt();
            }
        }
    }

    /// From here on the text has to be converted; so many bytes are at once.
    fn switch(&mut self, encoding: Encoding, first: usize) -> Result<(), ()> {
        if self.source.is_converting() {
            self.source.set_encoding(encoding);
            return Ok(());
        }
        let raw = self.rest().to_vec();
        self.source.begin(raw, encoding);
        let mut text = Vec::new();
        let converted = self.source.convert_first(first, &mut text);
        self.replace_text(text);
        if !converted {
            self.fail(Fault::Internal);
            return Err(());
        }
        Ok(())
    }

    /// The XML declaration, of which `<?xml` and a blank are there.
    pub(super) fn xml_declaration(&mut self) {
        self.at += 5;
        self.skip_blanks();
        match self.version() {
            None => self.fail(Fault::VersionMissing),
            Some(version) if version.starts_with(b"1.") => {}
            Some(_) => self.fail(Fault::Unnamed),
        }
        if !is_blank(self.byte()) {
            if self.follows(b"?>") {
                self.at += 2;
                return;
            }
            self.fail(Fault::SpaceRequired);
        }
        let converted = self.encoding_declaration();
        if self.fault == Some(Fault::UnsupportedEncoding) || self.halted() {
            return;
        }
        if converted && !is_blank(self.byte()) {
            if self.follows(b"?>") {
                self.at += 2;
                return;
            }
            self.fail(Fault::SpaceRequired);
        }
        self.skip_blanks();
        self.standalone_declaration();
        self.skip_blanks();
        if self.follows(b"?>") {
            self.at += 2;
            return;
        }
        self.fail(Fault::DeclarationNotFinished);
        self.skip_uncounted(self.rest().iter().take_while(|byte| !matches!(byte, 0 | b'>')).count());
        self.step();
    }

    /// `=` and a quote, or the fault.
    fn quote(&mut self) -> Option<u8> {
        self.skip_blanks();
        if self.byte() != b'=' {
            self.fail(Fault::EqualsRequired);
            return None;
        }
        self.at += 1;
        self.skip_blanks();
        let quote = self.byte();
        if !matches!(quote, b'"' | b'\'') {
            self.fail(Fault::StringNotStarted);
            return None;
        }
        self.at += 1;
        Some(quote)
    }

    fn unquote(&mut self, quote: u8) -> bool {
        let closed = self.byte() == quote;
        if closed {
            self.at += 1;
        } else {
            self.fail(Fault::StringNotClosed);
        }
        closed
    }

    fn version(&mut self) -> Option<Vec<u8>> {
        if !self.follows(b"version") {
            return None;
        }
        self.at += 7;
        let quote = self.quote()?;
        let start = self.at;
        let mut number = None;
        if self.byte().is_ascii_digit() {
            self.at += 1;
            if self.byte() == b'.' {
                self.at += 1;
                self.at += self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
                number = Some(self.bytes(start..self.at).to_vec());
            }
        }
        self.unquote(quote);
        number
    }

    /// Whether an encoding is named that the text is converted from.
    fn encoding_declaration(&mut self) -> bool {
        self.skip_blanks();
        if !self.follows(b"encoding") {
            return false;
        }
        self.at += 8;
        let Some(quote) = self.quote() else { return false };
        let name = self.encoding_name();
        if !self.unquote(quote) {
            return false;
        }
        let Some(name) = name else { return false };
        match name.to_ascii_uppercase().as_str() {
            "UTF-16" | "UTF16" => {
                if !self.source.is_converting() {
                    self.fail(Fault::InvalidEncoding);
                }
                false
            }
            "UTF-8" | "UTF8" => false,
            upper => {
                let switched = Encoding::named(upper).is_some_and(|encoding| {
                    self.source.is(encoding) || self.switch(encoding, FIRST_BYTES).is_ok()
                });
                if !switched {
                    self.fail(Fault::UnsupportedEncoding);
                }
                true
            }
        }
    }

    fn encoding_name(&mut self) -> Option<String> {
        if !self.byte().is_ascii_alphabetic() {
            self.fail(Fault::EncodingName);
            return None;
        }
        let length = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
            .count();
        let name = self.string(self.at..self.at + length);
        self.at += length;
        Some(name)
    }

    fn standalone_declaration(&mut self) {
        if !self.follows(b"standalone") {
            return;
        }
        self.at += 10;
        let Some(quote) = self.quote() else { return };
        if self.follows(b"no") {
            self.at += 2;
        } else if self.follows(b"yes") {
            self.standalone = true;
            self.at += 3;
        } else {
            self.fail(Fault::StandaloneValue);
        }
        self.unquote(quote);
    }

    /// Behind the declaration, or where none is.
    pub(super) fn begin(&mut self) {
        if !self.halted() {
            self.state = State::Misc;
        }
    }
}
