//! The place in the text: bytes, characters and names from here on, and what was called back so far.

use std::collections::HashMap;
use std::ops::Range;

use super::character::{
    is_ascii_name, is_blank, is_character, is_name, is_name_start, loose_sequence, sequence,
};
use super::encoding::Source;
use super::entity::Entity;
use super::events::Record;
use super::fault::Fault;
use super::{Document, End, Unfinished};

/// Longest name in bytes; libxml2's `XML_MAX_NAME_LENGTH`.
pub(super) const MAX_NAME: usize = 50_000;

/// Longest attribute value and comment in bytes; libxml2's `XML_MAX_TEXT_LENGTH`. No more than this may be before or
/// behind the place where the parser stops (`XML_MAX_LOOKUP_LIMIT`), so longer documents are read and then refused.
pub(super) const MAX_TEXT: usize = 10_000_000;

/// Bytes that entities may add to a document in all. libxml2 would go on, but not PHP: its `memory_limit`, 128 MB if
/// nothing else is set, holds what Joomla keeps of the text.
const MAX_ADDED: usize = 32 << 20;

/// What stands next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Start,
    /// Before the document type declaration.
    Misc,
    /// Behind it.
    Prolog,
    /// Between `[` and `]` of it.
    Subset,
    StartTag,
    Content,
    EndTag,
    CData,
    Epilog,
    /// The parser has halted: nothing is read any more.
    Halted,
}

/// The parser. Offsets count bytes of `text`.
pub(super) struct Cursor {
    pub(super) source: Source,
    /// As UTF-8, as far as it was converted. May have any bytes as long as no encoding is converted.
    pub(super) text: Vec<u8>,
    pub(super) at: usize,
    pub(super) state: State,
    /// The text was found not to be UTF-8, from then on a byte is a character. Comes with a fault.
    pub(super) bytewise: bool,
    /// The latest fault, which PHP reports.
    pub(super) fault: Option<Fault>,
    /// A fault forbids to go on.
    pub(super) failed: bool,
    /// The line of the first fault, which is the one to be mended.
    pub(super) first: Option<(u32, Fault)>,
    /// Names of open elements, as ranges of the text.
    pub(super) open: Vec<Range<usize>>,
    /// The last `<` of the text, and the `>` that ends the last tag.
    pub(super) last_open: Option<usize>,
    pub(super) last_close: Option<usize>,
    pub(super) standalone: bool,
    pub(super) external_subset: bool,
    pub(super) parameter_references: bool,
    pub(super) in_subset: bool,
    pub(super) in_attribute: bool,
    pub(super) entities: HashMap<Vec<u8>, Entity>,
    /// How many references to entities were read, and how deep their replacement is nested now.
    pub(super) references: usize,
    pub(super) depth: usize,
    added: usize,
    /// Nothing where only the form is checked.
    record: Option<Record>,
    /// The line of an offset that was asked for before.
    counted: (usize, u32),
}

/// A name as PHP gives it to handlers.
fn in_upper_case(text: &[u8], name: Range<usize>) -> String {
    String::from_utf8_lossy(text.get(name).unwrap_or_default()).to_ascii_uppercase()
}

impl Cursor {
    pub(super) fn new(bytes: &[u8]) -> Self {
        // A carriage return at the end is kept back: a line feed might follow.
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Cursor {
            source: Source::default(),
            text: bytes.to_vec(),
            at: 0,
            state: State::Start,
            bytewise: false,
            fault: None,
            failed: false,
            first: None,
            open: Vec::new(),
            last_open: None,
            last_close: None,
            standalone: false,
            external_subset: false,
            parameter_references: false,
            in_subset: false,
            in_attribute: false,
            entities: HashMap::new(),
            references: 0,
            depth: 0,
            added: 0,
            record: Some(Record::default()),
            counted: (0, 1),
        }
    }

    /// The same for whom nothing is recorded that is called back: how it ends is all that counts.
    pub(super) fn without_record(bytes: &[u8]) -> Self {
        Cursor { record: None, ..Self::new(bytes) }
    }

    /// The byte at a distance from here; 0 behind the end.
    pub(super) fn peek(&self, distance: usize) -> u8 {
        self.text.get(self.at + distance).copied().unwrap_or(0)
    }

    pub(super) fn byte(&self) -> u8 {
        self.peek(0)
    }

    /// All from here on.
    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn follows(&self, word: &[u8]) -> bool {
        self.rest().starts_with(word)
    }

    /// A mistake after which nothing is called back any more. The function that found it still reads to its end, and may
    /// find others, of which the last one is told.
    pub(super) fn fail(&mut self, fault: Fault) {
        if self.state == State::Halted && self.failed {
            return;
        }
        self.note(fault);
        self.failed = true;
    }

    /// A mistake that lets the reading go on, although `xml_parse` returns 0 in the end.
    pub(super) fn complain(&mut self, fault: Fault) {
        if self.state == State::Halted && self.failed {
            return;
        }
        self.note(fault);
    }

    fn note(&mut self, fault: Fault) {
        self.fault = Some(fault);
        if self.first.is_none() {
            self.first = Some((self.line(self.at), fault));
        }
    }

    pub(super) fn halt(&mut self) {
        self.state = State::Halted;
        self.failed = true;
    }

    pub(super) fn halted(&self) -> bool {
        self.state == State::Halted
    }

    /// The character here and how many bytes it has: (0, 0) where one is cut off at the end. A carriage return with a line
    /// feed behind it is stepped over, and a lone one is a line feed.
    pub(super) fn character(&mut self) -> (u32, usize) {
        if self.halted() {
            return (0, 0);
        }
        let byte = self.byte();
        if (0x20..0x80).contains(&byte) {
            return (byte.into(), 1);
        }
        if byte == b'\r' {
            if self.peek(1) == b'\n' {
                self.at += 1;
            }
            return (0x0A, 1);
        }
        if self.bytewise {
            return (byte.into(), 1);
        }
        if byte < 0x80 {
            if byte == 0 && self.at < self.text.len() {
                self.fail(Fault::InvalidCharacter);
            }
            return (byte.into(), 1);
        }
        match sequence(self.rest()) {
            Some((value, length)) => {
                if !is_character(value) {
                    self.fail(Fault::InvalidCharacter);
                }
                (value, length)
            }
            None if self.text.len() - self.at < 4 => (0, 0),
            None => {
                self.fail(Fault::InvalidCharacter);
                self.bytewise = true;
                (byte.into(), 1)
            }
        }
    }

    /// Steps over the character here; stays where a NUL or the end is.
    pub(super) fn step(&mut self) {
        if self.halted() || self.byte() == 0 {
            return;
        }
        if self.bytewise || self.byte() < 0x80 {
            self.at += 1;
            return;
        }
        match loose_sequence(self.rest()) {
            Some((value, length)) => {
                self.at += length;
                if (0xD800..0xE000).contains(&value)
                    || (0xFFFE..0x1_0000).contains(&value)
                    || value > 0x10_FFFF
                {
                    self.fail(Fault::InvalidCharacter);
                }
            }
            None => {
                self.fail(Fault::InvalidCharacter);
                self.bytewise = true;
                self.at += 1;
            }
        }
    }

    /// How many blanks were stepped over.
    pub(super) fn skip_blanks(&mut self) -> usize {
        let blanks = self.rest().iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks;
        blanks
    }

    /// A mistake unless blanks stand here; whether they did.
    pub(super) fn need_blanks(&mut self) -> bool {
        let found = self.skip_blanks() > 0;
        if !found {
            self.fail(Fault::SpaceRequired);
        }
        found
    }

    /// The range of the name that begins here.
    pub(super) fn name(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let (first, length) = self.character();
        if !is_name_start(first) {
            return None;
        }
        self.at += length;
        let end = self.name_characters();
        if end - start > MAX_NAME {
            self.fail(Fault::Unnamed);
            return None;
        }
        Some(start..end)
    }

    /// Steps over characters of names, and says where they end. One byte less than where the cursor is then, when a
    /// carriage return was stepped over.
    pub(super) fn name_characters(&mut self) -> usize {
        loop {
            while is_ascii_name(self.byte()) {
                self.at += 1;
            }
            let end = self.at;
            if self.byte() < 0x80 && !matches!(self.byte(), 0 | b'\r') {
                return end;
            }
            let (next, length) = self.character();
            if !is_name(next) {
                return end;
            }
            self.at += length;
        }
    }

    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.text.get(range).unwrap_or_default()
    }

    /// The text of a range as Joomla gets it.
    pub(super) fn string(&self, range: Range<usize>) -> String {
        String::from_utf8_lossy(self.bytes(range)).into_owned()
    }

    /// The line of an offset.
    pub(super) fn line(&mut self, offset: usize) -> u32 {
        let (known, line) = self.counted;
        let count = |bytes: &[u8]| {
            u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX)
        };
        let offset = offset.min(self.text.len());
        let line = if offset >= known {
            line.saturating_add(count(self.bytes(known..offset)))
        } else {
            line.saturating_sub(count(self.bytes(offset..known)))
        };
        self.counted = (offset, line);
        line
    }

    /// Steps over bytes the line ends of which are not counted.
    pub(super) fn skip_uncounted(&mut self, bytes: usize) {
        let line = self.line(self.at);
        self.at += bytes;
        self.counted = (self.at, line);
    }

    /// Goes on with another text, of which nothing is read yet.
    pub(super) fn replace_text(&mut self, text: Vec<u8>) {
        let line = self.line(self.at);
        self.text = text;
        self.at = 0;
        self.counted = (0, line);
    }

    /// A start tag at an offset, its name by its place.
    pub(super) fn emit_start(&mut self, offset: usize, name: Range<usize>, attributes: &[(String, String)]) {
        let line = self.line(offset);
        if let Some(record) = &mut self.record {
            record.start(line, &in_upper_case(&self.text, name), attributes);
        }
    }

    /// The end of an element, of which the start tag has the name.
    pub(super) fn emit_end(&mut self, offset: usize, name: Range<usize>) {
        let line = self.line(offset);
        if let Some(record) = &mut self.record {
            record.end(line, &in_upper_case(&self.text, name));
        }
    }

    /// Text that begins at an offset.
    pub(super) fn emit_text(&mut self, offset: usize, text: &[u8]) {
        let line = self.line(offset);
        if let Some(record) = &mut self.record {
            record.text(line, &String::from_utf8_lossy(text));
        }
    }

    /// The text of a range, which begins there.
    pub(super) fn emit_range(&mut self, range: Range<usize>) {
        let line = self.line(range.start);
        if let Some(record) = &mut self.record {
            record.text(line, &String::from_utf8_lossy(self.text.get(range).unwrap_or_default()));
        }
    }

    /// Takes note of text that an entity adds; gives up when it gets too much.
    pub(super) fn add(&mut self, bytes: usize) {
        self.added = self.added.saturating_add(bytes);
        if self.added > MAX_ADDED {
            self.fail(Fault::NoMemory);
            self.halt();
        }
    }

    /// What came of it all.
    pub(super) fn close(mut self, wait: Option<Unfinished>) -> Document {
        let unread = self.text.len().saturating_sub(self.at);
        if !self.halted() && (unread > MAX_TEXT || self.at > MAX_TEXT) {
            self.fail(Fault::Internal);
        }
        let line = self.line(self.at);
        let end = match (self.fault, wait) {
            (Some(fault), _) => End::Malformed { line, message: fault.message() },
            (_, Some(why)) if self.source.is_stuck() && why != Unfinished::Declaration => {
                End::Unfinished { line, why: Unfinished::Encoding }
            }
            (_, Some(Unfinished::BehindRoot)) if unread == 0 => End::Whole,
            (_, Some(why)) => End::Unfinished { line, why },
            (_, None) => End::Whole,
        };
        Document { events: self.record.unwrap_or_default().finish(), end }
    }
}
