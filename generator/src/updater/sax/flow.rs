//! What stands next, and whether enough of it is there to go on: the loop of a push parser.

use super::Unfinished;
use super::character::is_blank;
use super::cursor::{Cursor, State};
use super::fault::Fault;
use super::text::PIECE;

/// Whether the parser can go on, or for what it waits.
type Step = Result<(), Unfinished>;

impl Cursor {
    /// Reads until nothing is left, something is missing, or a mistake ends it. Says what is missing.
    pub(super) fn run(&mut self) -> Option<Unfinished> {
        if self.text.len() < 4 {
            return Some(Unfinished::Empty);
        }
        self.detect();
        while !self.halted() && !self.failed {
            if self.state != State::Start {
                let mut text = std::mem::take(&mut self.text);
                self.source.convert_rest(&mut text);
                self.text = text;
            }
            if let Err(why) = self.go_on() {
                return Some(why);
            }
        }
        None
    }

    fn left(&self) -> usize {
        self.text.len().saturating_sub(self.at)
    }

    fn go_on(&mut self) -> Step {
        match self.state {
            State::Start => self.at_start(),
            State::Misc | State::Prolog => self.before_root(),
            State::Subset => self.at_subset(),
            State::StartTag => self.at_start_tag(),
            State::Content => self.in_content(),
            State::EndTag => {
                self.need_tag_end()?;
                self.end_tag();
                Ok(())
            }
            State::CData => {
                if self.section() {
                    Ok(())
                } else {
                    Err(Unfinished::CData)
                }
            }
            State::Epilog => self.behind_root(),
            State::Halted => Ok(()),
        }
    }

    fn at_start(&mut self) -> Step {
        if self.left() < 2 {
            return Err(Unfinished::Empty);
        }
        if self.byte() == 0 {
            self.fail(Fault::DocumentEmpty);
            self.halt();
            return Ok(());
        }
        if self.follows(b"<?") {
            if self.left() < 5 || !self.has(0, b"?>") {
                return Err(Unfinished::Declaration);
            }
            if self.follows(b"<?xml") && is_blank(self.peek(5)) {
                self.xml_declaration();
                if self.fault == Some(Fault::UnsupportedEncoding) {
                    self.halt();
                }
            }
        }
        self.begin();
        Ok(())
    }

    /// Whether bytes follow at this distance or behind it.
    fn has(&self, distance: usize, bytes: &[u8]) -> bool {
        let rest = self.rest().get(distance..).unwrap_or_default();
        match bytes {
            [byte] => rest.contains(byte),
            _ => rest.windows(bytes.len()).any(|window| window == bytes),
        }
    }

    /// A comment or an instruction, if one is here.
    fn aside(&mut self) -> Option<Step> {
        if self.follows(b"<?") {
            return Some(if self.has(0, b"?>") {
                self.instruction();
                Ok(())
            } else {
                Err(Unfinished::Instruction)
            });
        }
        if !self.follows(b"<!--") {
            return None;
        }
        // In content, `<!-->` is no whole comment.
        let distance = if self.state == State::Content { 4 } else { 0 };
        Some(if self.has(distance, b"-->") {
            self.comment();
            Ok(())
        } else {
            Err(Unfinished::Comment)
        })
    }

    fn before_root(&mut self) -> Step {
        self.skip_blanks();
        if self.left() < 2 {
            return Err(Unfinished::Empty);
        }
        if let Some(step) = self.aside() {
            return step;
        }
        let is_misc = self.state == State::Misc;
        if is_misc && self.follows(b"<!DOCTYPE") {
            if !self.has(0, b">") {
                return Err(Unfinished::Doctype);
            }
            self.doctype();
        } else if self.follows(b"<!") && self.left() < if is_misc { 9 } else { 4 } {
            return Err(Unfinished::Doctype);
        } else {
            self.state = State::StartTag;
            self.find_last_tag();
        }
        Ok(())
    }

    fn at_subset(&mut self) -> Step {
        if !self.subset_has_end() {
            return Err(Unfinished::Doctype);
        }
        self.subset();
        Ok(())
    }

    fn at_start_tag(&mut self) -> Step {
        if self.left() < 2 {
            return Err(Unfinished::Root);
        }
        if self.byte() != b'<' {
            self.fail(Fault::DocumentEmpty);
            self.halt();
            return Ok(());
        }
        self.need_tag_end()?;
        self.start_tag();
        Ok(())
    }

    /// Before the last `>` of the text every tag is taken to be whole.
    fn need_tag_end(&self) -> Step {
        match self.last_close {
            Some(close) if self.at < close => Ok(()),
            _ => Err(Unfinished::Tag),
        }
    }

    /// Finds the last `<`, and the `>` that ends the tag there, or else the last one before it.
    fn find_last_tag(&mut self) {
        self.last_open = self.text.iter().rposition(|byte| *byte == b'<');
        self.last_close = self.last_open.and_then(|open| {
            let mut quote = None;
            let tag = self.bytes(open + 1..self.text.len());
            let close = tag.iter().position(|byte| match (quote, byte) {
                (Some(open), byte) => {
                    if open == *byte {
                        quote = None;
                    }
                    false
                }
                (None, b'"' | b'\'') => {
                    quote = Some(*byte);
                    false
                }
                (None, byte) => *byte == b'>',
            });
            close
                .map(|close| open + 1 + close)
                .or_else(|| self.bytes(0..open).iter().rposition(|byte| *byte == b'>'))
        });
    }

    fn in_content(&mut self) -> Step {
        if self.left() < 2 {
            return Err(Unfinished::Root);
        }
        let before = self.at;
        match (self.byte(), self.peek(1)) {
            (b'<', b'/') => {
                self.state = State::EndTag;
                return Ok(());
            }
            (b'<', b'!') if self.follows(b"<![CDATA[") => {
                self.at += 9;
                self.state = State::CData;
                return Ok(());
            }
            (b'<', b'?' | b'!') => match self.aside() {
                Some(step) => step?,
                None if self.left() < 9 => return Err(Unfinished::Root),
                None => self.text_in_content()?,
            },
            (b'<', _) => {
                self.state = State::StartTag;
                return Ok(());
            }
            (b'&', _) => {
                if !self.has(0, b";") {
                    return Err(Unfinished::Reference);
                }
                self.reference();
            }
            _ => self.text_in_content()?,
        }
        if self.at == before {
            self.fail(Fault::Internal);
            self.halt();
        }
        Ok(())
    }

    /// A short text at the end of all is not called back before the `<` behind it is there.
    fn text_in_content(&mut self) -> Step {
        if self.left() < PIECE && self.last_open.is_none_or(|open| self.at > open) {
            return Err(Unfinished::Root);
        }
        self.plain_text();
        Ok(())
    }

    fn behind_root(&mut self) -> Step {
        self.skip_blanks();
        if self.left() < 2 || self.follows(b"<!") && self.left() < 4 {
            return Err(Unfinished::BehindRoot);
        }
        match self.aside() {
            Some(step) => step.map_err(|_| Unfinished::BehindRoot),
            None => {
                self.fail(Fault::DocumentEnd);
                self.halt();
                Ok(())
            }
        }
    }
}
