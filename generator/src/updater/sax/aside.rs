//! Comments and processing instructions: nothing is called back for them, but they can hold mistakes.

use std::ops::Range;

use super::character::is_character;
use super::cursor::{Cursor, MAX_TEXT};
use super::fault::Fault;

impl Cursor {
    /// The comment here. Its end is the first `-->` in which the hyphens are not behind another pair of them.
    pub(super) fn comment(&mut self) {
        self.at += 4;
        let start = self.at;
        loop {
            self.at += self
                .rest()
                .iter()
                .take_while(|byte| matches!(byte, b'\t' | b'\n' | 0x20..=0x7F) && **byte != b'-')
                .count();
            if self.at - start > MAX_TEXT {
                self.fail(Fault::CommentNotFinished);
                return;
            }
            if self.follows(b"-->") {
                self.at += 3;
                return;
            } else if self.follows(b"--") {
                self.fail(Fault::HyphensInComment);
                self.at += 2;
            } else if self.byte() == b'-' {
                self.at += 1;
            } else if self.follows(b"\r\n") {
                self.at += 2;
            } else {
                break;
            }
        }
        self.comment_by_character();
    }

    /// The rest of a comment with anything but ASCII in it. Its end is looked for from here on: hyphens before do not count.
    fn comment_by_character(&mut self) {
        let start = self.at;
        let mut before = [0, 0];
        for place in &mut before {
            let (value, length) = self.character();
            if value == 0 {
                self.fail(Fault::CommentNotFinished);
                return;
            }
            if !is_character(value) {
                self.fail(Fault::InvalidCharacter);
                return;
            }
            *place = value;
            self.at += length;
        }
        const HYPHEN: u32 = b'-' as u32;
        let (mut value, mut length) = self.character();
        while is_character(value) && (value != u32::from(b'>') || before != [HYPHEN, HYPHEN]) {
            if before == [HYPHEN, HYPHEN] {
                self.fail(Fault::HyphensInComment);
            }
            if self.at - start > MAX_TEXT {
                self.fail(Fault::CommentNotFinished);
                return;
            }
            before = [before[1], value];
            self.at += length;
            (value, length) = self.character();
        }
        match value {
            0 => self.fail(Fault::CommentNotFinished),
            value if is_character(value) => self.at += 1,
            _ => self.fail(Fault::InvalidCharacter),
        }
    }

    /// The processing instruction here.
    pub(super) fn instruction(&mut self) {
        self.at += 2;
        if self.instruction_target().is_none() {
            self.fail(Fault::InstructionNotStarted);
            return;
        }
        if self.follows(b"?>") {
            self.at += 2;
            return;
        }
        self.need_blanks();
        let start = self.at;
        let (mut value, mut length) = self.character();
        while is_character(value) && !(value == u32::from(b'?') && self.peek(1) == b'>') {
            self.at += length;
            (value, length) = self.character();
        }
        if self.at - start > MAX_TEXT || value != u32::from(b'?') {
            self.fail(Fault::InstructionNotFinished);
        } else {
            self.at += 2;
        }
    }

    /// The name that an instruction begins with; a mistake when it is XML's own.
    fn instruction_target(&mut self) -> Option<Range<usize>> {
        let name = self.name()?;
        let target = self.bytes(name.clone());
        if target.eq_ignore_ascii_case(b"xml") {
            self.fail(Fault::ReservedName);
        } else if target.contains(&b':') {
            self.complain(Fault::Unnamed);
        }
        Some(name)
    }
}
