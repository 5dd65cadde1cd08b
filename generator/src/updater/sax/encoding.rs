//! Documents that are not UTF-8: how they are known, and how they are converted as far as their bytes fit.

use encoding_rs::{Decoder, DecoderResult};

/// What the first four bytes say.
pub(super) enum Detected {
    /// Nothing has to be converted, so far; a mark of so many bytes is stepped over.
    Bytes {
        mark: usize,
    },
    /// This has to be; so many bytes of it are at first.
    Converted {
        encoding: Encoding,
        mark: usize,
        first: usize,
    },
    Unsupported,
}

/// What text is converted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf16Le,
    Utf16Be,
    Utf32Be,
    Latin1,
    Ascii,
    /// As browsers know it; see `holes`.
    Other(&'static encoding_rs::Encoding),
    /// The same but for 0x80 to 0x9F, which are control characters: what browsers take for windows-1254 or windows-874.
    Controls(&'static encoding_rs::Encoding),
}

impl Encoding {
    pub(super) fn detect(bytes: &[u8]) -> Detected {
        let (encoding, mark, first) = match bytes {
            [0, 0, 0, b'<', ..] => (Encoding::Utf32Be, 0, 180),
            // Taken for big-endian as well, which does not fit.
            [b'<', 0, 0, 0, ..] => (Encoding::Utf32Be, 0, 180),
            [0, 0, b'<', 0, ..] | [0, b'<', 0, 0, ..] | [0x4C, 0x6F, 0xA7, 0x94, ..] => {
                return Detected::Unsupported;
            }
            [b'<', 0, b'?', 0, ..] => (Encoding::Utf16Le, 0, 90),
            [0, b'<', 0, b'?', ..] => (Encoding::Utf16Be, 0, 90),
            [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2, 90),
            [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2, 90),
            [0xEF, 0xBB, 0xBF, ..] => return Detected::Bytes { mark: 3 },
            _ => return Detected::Bytes { mark: 0 },
        };
        Detected::Converted { encoding, mark, first }
    }

    /// The encoding that a declaration names, in upper case: one of those that browsers know and glibc, too. What glibc
    /// knows besides is not used for feeds.
    pub(super) fn named(upper: &str) -> Option<Encoding> {
        let encoding = match upper {
            "ISO-8859-1" | "ISO8859-1" | "ISO_8859-1" | "ISO88591" | "ISO-IR-100" | "LATIN1" | "L1"
            | "CSISOLATIN1" | "CP819" | "IBM819" => Encoding::Latin1,
            "ASCII" | "US-ASCII" | "ANSI_X3.4-1968" => Encoding::Ascii,
            "UTF-16LE" => Encoding::Utf16Le,
            "UTF-16BE" => Encoding::Utf16Be,
            "UTF-32BE" | "UCS-4BE" | "UCS-4" | "ISO-10646-UCS-4" => Encoding::Utf32Be,
            "ISO-8859-9" | "ISO8859-9" | "ISO_8859-9" | "ISO88599" | "ISO-IR-148" | "LATIN5" | "L5"
            | "CSISOLATIN5" => Encoding::Controls(encoding_rs::WINDOWS_1254),
            "ISO-8859-11" | "ISO8859-11" => Encoding::Controls(encoding_rs::WINDOWS_874),
            // Browsers mean something else by these, or glibc does not know them.
            "KOI" | "KOI8" | "KOI8-RU" | "LOGICAL" | "VISUAL" | "DOS-874" | "TIS-620" | "GB_2312"
            | "X-USER-DEFINED" | "X-MAC-UKRAINIAN" | "REPLACEMENT" => return None,
            other => Encoding::Other(encoding_rs::Encoding::for_label(other.as_bytes())?),
        };
        Some(encoding)
    }

    /// What the bytes from 0x80 on stand for, if each byte is a character; 0 where one stands for none.
    fn table(self) -> Option<[u32; 128]> {
        let (encoding, controls) = match self {
            Encoding::Other(encoding) => (encoding, false),
            Encoding::Controls(encoding) => (encoding, true),
            _ => return None,
        };
        let is_windows = encoding.name().starts_with("windows-");
        let mut table = [0; 128];
        for (place, byte) in table.iter_mut().zip(0x80..=0xFF_u8) {
            let bytes = [byte];
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
            *place = match text.as_deref().map(|text| text.chars().next()) {
                _ if controls && byte < 0xA0 => byte.into(),
                // glibc has nothing there; browsers take it for a control character.
                Some(Some('\u{80}'..='\u{9F}')) if is_windows => 0,
                Some(Some(character)) => character.into(),
                Some(None) | None => 0,
            };
        }
        encoding.is_single_byte().then_some(table)
    }
}

/// The bytes of a document that has to be converted.
#[derive(Default)]
pub(super) struct Source {
    raw: Vec<u8>,
    at: usize,
    encoding: Option<Encoding>,
    /// For an encoding of one byte a character.
    table: Option<[u32; 128]>,
    /// For one of several.
    decoder: Option<Decoder>,
    /// How large libxml2's buffer for the text is.
    capacity: usize,
    /// Bytes that do not fit: nothing behind them is ever converted.
    stuck: bool,
}

/// How large that buffer is at first (`BASE_BUFFER_SIZE`), and what it is made larger by besides what is needed.
const BUFFER: usize = 4096;
const MORE: usize = 100;

/// The first piece of a document is at most so long once it is converted.
const FIRST_TEXT: usize = 360;

impl Source {
    /// Starts to convert bytes, of which none is converted yet.
    pub(super) fn begin(&mut self, raw: Vec<u8>, encoding: Encoding) {
        self.raw = raw;
        self.at = 0;
        self.capacity = BUFFER;
        self.set_encoding(encoding);
    }

    /// The bytes that are left are of this encoding.
    pub(super) fn set_encoding(&mut self, encoding: Encoding) {
        self.encoding = Some(encoding);
        self.table = encoding.table();
        self.decoder = match (encoding, self.table) {
            (Encoding::Other(encoding), None) => Some(encoding.new_decoder_without_bom_handling()),
            _ => None,
        };
    }

    pub(super) fn is_converting(&self) -> bool {
        self.encoding.is_some()
    }

    pub(super) fn is(&self, encoding: Encoding) -> bool {
        self.encoding == Some(encoding)
    }

    /// Whether bytes were left behind because they do not fit, or because a character is cut off.
    pub(super) fn is_stuck(&self) -> bool {
        self.at < self.raw.len()
    }

    /// Converts so many bytes at most, or less when they make much text. False when nothing of them fits.
    pub(super) fn convert_first(&mut self, bytes: usize, text: &mut Vec<u8>) -> bool {
        let end = self.raw.len().min(self.at + bytes);
        self.convert(end, FIRST_TEXT, text);
        !text.is_empty() || !self.stuck || self.encoding == Some(Encoding::Ascii)
    }

    /// Converts what fits into the buffer, which gets room for two bytes of text for each that is left. Where characters
    /// take three, some are left for the next time. libxml2 has looked for the last tag by then, so that it stops at what was
    /// the last one; and as it keeps pointers into a buffer that has moved, it may stop anywhere.
    pub(super) fn convert_rest(&mut self, text: &mut Vec<u8>) {
        if !self.is_stuck() || self.stuck {
            return;
        }
        let needed = (self.raw.len() - self.at) * 2;
        let room = self.capacity.saturating_sub(text.len());
        if needed >= room {
            let is_small = self.capacity <= needed;
            self.capacity = if is_small { text.len() + needed + MORE } else { self.capacity * 2 };
        }
        let room = self.capacity.saturating_sub(text.len() + 1);
        self.convert(self.raw.len(), room, text);
    }

    fn convert(&mut self, end: usize, limit: usize, text: &mut Vec<u8>) {
        let Some(encoding) = self.encoding.filter(|_| !self.stuck) else { return };
        if let Some(decoder) = &mut self.decoder {
            let bytes = self.raw.get(self.at..end).unwrap_or_default();
            let (read, fits) = decode(decoder, bytes, limit, text);
            self.at += read;
            self.stuck = !fits;
            return;
        }
        let limit = text.len().saturating_add(limit);
        while self.at < end {
            match self.next(encoding, end) {
                Next::Character(value, length) => {
                    let before = text.len();
                    push(text, value);
                    if text.len() > limit {
                        text.truncate(before);
                        return;
                    }
                    self.at += length;
                }
                Next::CutOff => return,
                Next::Unfit => {
                    self.stuck = true;
                    return;
                }
            }
        }
    }

    fn next(&self, encoding: Encoding, end: usize) -> Next {
        let bytes = self.raw.get(self.at..end).unwrap_or_default();
        match (&self.table, bytes) {
            (Some(table), [byte @ 0x80..=0xFF, ..]) => {
                match table.get(usize::from(*byte) - 0x80).copied().unwrap_or(0) {
                    0 => Next::Unfit,
                    value => Next::Character(value, 1),
                }
            }
            _ => next(encoding, bytes),
        }
    }
}

/// Decodes bytes: how many were read, and whether they fit.
fn decode(decoder: &mut Decoder, bytes: &[u8], limit: usize, text: &mut Vec<u8>) -> (usize, bool) {
    let room =
        decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(usize::MAX).min(limit);
    let before = text.len();
    text.resize(before + room, 0);
    let target = text.get_mut(before..).unwrap_or_default();
    let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, target, false);
    text.truncate(before + written);
    match result {
        DecoderResult::Malformed(wrong, _) => (read - usize::from(wrong).min(read), false),
        DecoderResult::InputEmpty | DecoderResult::OutputFull => (read, true),
    }
}

/// What stands next in bytes of a simple encoding.
enum Next {
    /// A code point, which may be half of a pair, and its length.
    Character(u32, usize),
    CutOff,
    Unfit,
}

fn next(encoding: Encoding, bytes: &[u8]) -> Next {
    let unit = |index: usize| {
        let pair = <[u8; 2]>::try_from(bytes.get(index..index + 2)?).ok()?;
        Some(u32::from(match encoding {
            Encoding::Utf16Le => u16::from_le_bytes(pair),
            _ => u16::from_be_bytes(pair),
        }))
    };
    match (encoding, bytes) {
        (Encoding::Utf16Le | Encoding::Utf16Be, _) => match (unit(0), unit(2)) {
            (Some(high @ 0xD800..0xDC00), Some(low @ 0xDC00..0xE000)) => {
                Next::Character(0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF), 4)
            }
            (Some(0xD800..0xDC00), Some(_)) => Next::Unfit,
            (None, _) | (Some(0xD800..0xDC00), None) => Next::CutOff,
            (Some(value), _) => Next::Character(value, 2),
        },
        (Encoding::Utf32Be, &[a, b, c, d, ..]) => match u32::from_be_bytes([a, b, c, d]) {
            0xD800..0xE000 | 0x11_0000.. => Next::Unfit,
            value => Next::Character(value, 4),
        },
        (Encoding::Utf32Be, _) => Next::CutOff,
        (Encoding::Ascii, [0x80..=0xFF, ..]) => Next::Unfit,
        (_, [byte, ..]) => Next::Character((*byte).into(), 1),
        (_, []) => Next::CutOff,
    }
}

/// Appends a code point, even one that is none of a character.
fn push(text: &mut Vec<u8>, value: u32) {
    match char::from_u32(value) {
        Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.extend([12, 6, 0].iter().zip([0xE0, 0x80, 0x80]).map(|(shift, mark)| {
            let bits = if mark == 0xE0 { 0x0F } else { 0x3F };
            mark | u8::try_from((value >> shift) & bits).unwrap_or(0)
        })),
    }
}
