//! Text between tags: plain text, CDATA sections and references.

use super::character::{is_character, loose_sequence};
use super::cursor::{Cursor, State};
use super::fault::Fault;

/// Text with anything but ASCII in it comes in pieces of so many bytes, up to three more for the last character;
/// libxml2's `XML_PARSER_BIG_BUFFER_SIZE`.
pub(super) const PIECE: usize = 300;

impl Cursor {
    /// Text up to the next `<` or `&`. ASCII comes in one piece, but for line ends of two characters: the carriage return
    /// is left out by cutting there. The first other character ends the piece, and from there on text is copied.
    pub(super) fn plain_text(&mut self) {
        let mut ahead = self.at;
        loop {
            loop {
                ahead +=
                    self.bytes(ahead..self.text.len()).iter().take_while(|byte| is_plain(**byte)).count();
                if self.byte_at(ahead) != b']' {
                    break;
                }
                if self.bytes(ahead..self.text.len()).starts_with(b"]]>") {
                    self.fail(Fault::SectionEndInText);
                    self.at = ahead + 1;
                    return;
                }
                ahead += 1;
            }
            if ahead > self.at {
                self.emit_range(self.at..ahead);
                self.at = ahead;
            }
            if self.byte_at(ahead) == b'\r' && self.byte_at(ahead + 1) == b'\n' {
                self.at = ahead + 1;
                ahead += 2;
            } else if matches!(self.byte(), b'<' | b'&') {
                return;
            }
            if !matches!(self.byte_at(ahead), 0x20..=0x7F | b'\t' | b'\n') {
                break;
            }
        }
        self.copied_text();
    }

    fn byte_at(&self, offset: usize) -> u8 {
        self.text.get(offset).copied().unwrap_or(0)
    }

    /// Text that is copied character by character, and called back a piece at a time.
    fn copied_text(&mut self) {
        let mut piece = Vec::with_capacity(PIECE + 5);
        let mut start = self.at;
        let (mut value, mut length) = self.character();
        while value != u32::from(b'<') && value != u32::from(b'&') && is_character(value) {
            if value == u32::from(b']') && self.follows(b"]]>") {
                self.fail(Fault::SectionEndInText);
            }
            self.push(&mut piece, value, length);
            self.at += length;
            (value, length) = self.character();
            if piece.len() >= PIECE {
                self.emit_piece(start, &piece);
                piece.clear();
                start = self.at;
            }
        }
        if !piece.is_empty() {
            self.emit_piece(start, &piece);
        }
        if value != 0 && !is_character(value) {
            self.fail(Fault::InvalidCharacter);
            self.at += length;
        }
    }

    fn emit_piece(&mut self, start: usize, piece: &[u8]) {
        if !self.failed {
            self.emit_text(start, piece);
        }
    }

    /// Appends a character of so many bytes in the text.
    pub(super) fn push(&self, text: &mut Vec<u8>, value: u32, length: usize) {
        if length == 1 {
            // A line end or a byte that stands for itself: both are less than 256.
            text.push(u8::try_from(value).unwrap_or(b'?'));
        } else if let Some(character) = char::from_u32(value) {
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            text.extend_from_slice(self.rest().get(..length).unwrap_or_default());
        }
    }

    /// What stands between `<![CDATA[` and `]]>`, in one piece, however long, carriage returns and all; its bytes are hardly
    /// checked. Says whether the end is there: without, the first piece of a long section is called back all the same.
    pub(super) fn section(&mut self) -> bool {
        let content = self.rest();
        let Some(length) = content.windows(3).position(|bytes| bytes == b"]]>") else {
            self.unfinished_section();
            return false;
        };
        let checked = check_section(self.bytes(self.at..self.at + length), true);
        if checked != Checked::Good(length) {
            self.skip_uncounted(checked.length());
            self.fail(Fault::InvalidCharacter);
            return true;
        }
        if !self.failed {
            self.emit_range(self.at..self.at + length);
        }
        self.at += length + 3;
        self.state = State::Content;
        true
    }

    fn unfinished_section(&mut self) {
        if self.rest().len() < PIECE + 2 {
            return;
        }
        match check_section(self.bytes(self.at..self.at + PIECE), false) {
            Checked::Bad(at) if at > 0 => {
                self.skip_uncounted(at);
                self.fail(Fault::InvalidCharacter);
            }
            // No length is PHP's sign for "up to the end": it calls back all that is there.
            Checked::Bad(_) | Checked::Good(0) => {
                let rest = self.rest();
                let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
                self.emit_range(self.at..self.at + end);
            }
            Checked::Good(length) => {
                self.emit_range(self.at..self.at + length);
                self.at += length;
            }
        }
    }

    /// A character or entity reference.
    pub(super) fn reference(&mut self) {
        let start = self.at;
        if self.peek(1) != b'#' {
            self.entity_reference();
        } else if let Some(character) = self.character_reference()
            && !self.failed
        {
            self.emit_text(start, character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// The character of `&#…;`. Mistakes leave the cursor where the digits end.
    pub(super) fn character_reference(&mut self) -> Option<char> {
        let (prefix, radix, fault) = match self.peek(2) {
            b'x' => (3, 16, Fault::HexReference),
            _ => (2, 10, Fault::DecimalReference),
        };
        self.at += prefix;
        let mut value: u32 = 0;
        // Counts as libxml2 does: letters are no digits when they stand too far behind.
        let mut count = 0;
        while self.byte() != b';' {
            count = if count > 20 { 0 } else { count + 1 };
            let digit = char::from(self.byte())
                .to_digit(radix)
                .filter(|_| self.byte().is_ascii_digit() || count < 20);
            let Some(digit) = digit else {
                self.fail(fault);
                value = 0;
                break;
            };
            value = (value * radix + digit).min(0x11_0000);
            self.at += 1;
            count += 1;
        }
        if self.byte() == b';' {
            self.at += 1;
        }
        let character = char::from_u32(value).filter(|_| is_character(value));
        if character.is_none() {
            self.fail(Fault::InvalidCharacter);
        }
        character
    }
}

/// ASCII that text may have without a second look.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x20..=0x7F) && !matches!(byte, b'<' | b'&' | b']')
}

/// How far the bytes of a section are good.
#[derive(PartialEq, Eq)]
enum Checked {
    /// So many, whole characters all.
    Good(usize),
    /// A wrong one stands behind so many.
    Bad(usize),
}

impl Checked {
    fn length(&self) -> usize {
        match self {
            Checked::Good(length) | Checked::Bad(length) => *length,
        }
    }
}

/// Looks for bytes that a section must not have; more lenient than anywhere else in a document.
fn check_section(bytes: &[u8], complete: bool) -> Checked {
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let length = match first {
            b'\t' | b'\n' | b'\r' | 0x20..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0..0xF8 => 4,
            _ => return Checked::Bad(at),
        };
        let Some(sequence) = bytes.get(at..at + length) else {
            return if complete { Checked::Bad(at) } else { Checked::Good(at) };
        };
        if length > 1 && !section_sequence(sequence).is_some_and(is_character) {
            return Checked::Bad(at);
        }
        at += length;
    }
    Checked::Good(at)
}

fn section_sequence(sequence: &[u8]) -> Option<u32> {
    if sequence.first() == Some(&0xC0) {
        return sequence.get(1).filter(|byte| *byte & 0xC0 == 0x80).map(|byte| u32::from(byte & 0x3F));
    }
    loose_sequence(sequence).map(|(value, _)| value)
}
