//! What Joomla's readers of feeds are called back with, for any bytes.
//!
//! Every version of Joomla reads feeds, update lists and changelogs with `xml_parser_create('')` and one call of
//! `xml_parse($parser, $body)` that does not say that this was all (`libraries/src/Updater/Adapter/ExtensionAdapter.php`,
//! `libraries/src/Updater/Adapter/CollectionAdapter.php`, `libraries/src/Updater/Update.php`,
//! `libraries/src/Changelog/Changelog.php`). PHP's `ext/xml/compat.c` hands that to the push parser of libxml2
//! (`parser.c`), with SAX1 callbacks, entities replaced and names in upper case. So:
//!
//! - A mistake ends the reading ([`End::Malformed`]), after all callbacks before it.
//! - What is cut off is waited for, in silence ([`End::Unfinished`]): `xml_parse` says that all is well.
//! - Text comes in pieces; where they are cut is part of what Joomla does, as some of its readers keep the last one only.
//!
//! `quick-xml`, which reads the project's own manifests, is no model of that: it does not know when a push parser waits, where
//! that one cuts texts, which mistakes it bears with, or that it hands over entities of text unread. So the bytes are read
//! here, in the order of these functions of libxml2:
//!
//! | file | what it reads | after |
//! |---|---|---|
//! | `flow` | what stands next, and whether enough of it is there | `xmlParseTryOrFinish`, `xmlParseGetLasts` |
//! | `declaration` | the XML declaration | `xmlParseXMLDecl`, `xmlSwitchEncoding` |
//! | `encoding` | what is not UTF-8 | `xmlDetectCharEncoding`, `xmlCharEncInput` (`encoding.c`) |
//! | `tag` | start and end tags | `xmlParseStartTag`, `xmlParseAttValueInternal`, `xmlParseEndTag1` |
//! | `text` | text, sections and references | `xmlParseCharData`, `xmlCheckCdataPush`, `xmlParseReference` |
//! | `aside` | comments and instructions | `xmlParseComment`, `xmlParsePI` |
//! | `doctype` | the document type declaration | `xmlParseDocTypeDecl`, `xmlParseInternalSubset` |
//! | `markup` | what it declares without effect | `xmlParseElementDecl`, `xmlParseAttributeListDecl`, `xmlParseNotationDecl` |
//! | `entity_declaration` | its entities | `xmlParseEntityDecl`, `xmlParseEntityValue` |
//! | `entity` | what they stand for | `xmlParseEntityRef`, `xmlStringLenDecodeEntities`, `xmlParserEntityCheck` |
//!
//! `cursor` steps through the text `character` by character (`xmlCurrentChar`, `xmlNextChar`, `xmlParseName`), `fault` names
//! mistakes, and `events` keeps what is called back.
//!
//! The version that speaks here is libxml2 2.9.14 under PHP 8.2. Where it is known to differ: encodings that glibc and
//! browsers do not both know are refused; bytes that do not fit UTF-32 or an encoding of China, Japan or Korea may be taken;
//! the size of a document is counted with its document type declaration; and entities may not add more text than PHP has
//! memory for.

mod aside;
mod character;
mod cursor;
mod declaration;
mod doctype;
mod encoding;
mod entity;
mod entity_declaration;
mod events;
mod fault;
mod flow;
mod markup;
mod tag;
#[cfg(test)]
mod tests;
mod text;

use cursor::{Cursor, MAX_TEXT};
pub(crate) use events::{Attributes, Event, EventKind, Events};

/// More bytes than that are not looked at: even where each character takes four, half of them are more than libxml2 reads, and
/// the document is refused.
const MAX_DOCUMENT: usize = 8 * (MAX_TEXT + 1);

/// Parses a feed as PHP's `xml_parse` does that is called once and not told that this was all.
pub(crate) fn parse(bytes: &[u8]) -> Document {
    let mut cursor = Cursor::new(bytes.get(..MAX_DOCUMENT).unwrap_or(bytes));
    let wait = cursor.run();
    cursor.close(wait)
}

/// Why bytes are no whole XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Of the first mistake; where something is cut off, the one in which it begins to be unread.
    pub(crate) line: u32,
    /// What is wrong, as part of a sentence.
    pub(crate) what: &'static str,
    /// Nothing is wrong but that the parser waits for more.
    pub(crate) is_waiting: bool,
}

/// Whether bytes are well-formed XML from beginning to end.
///
/// # Errors
/// The first mistake, in our own words: PHP's are not always to the point.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Mistake> {
    let mut cursor = Cursor::without_record(bytes.get(..MAX_DOCUMENT).unwrap_or(bytes));
    let wait = cursor.run();
    let first = cursor.first;
    match (first, cursor.close(wait).end) {
        (Some((line, fault)), _) => Err(Mistake { line, what: fault.described(), is_waiting: false }),
        (None, End::Whole) => Ok(()),
        (None, End::Unfinished { line, why }) => {
            Err(Mistake { line, what: why.described(), is_waiting: true })
        }
        (None, End::Malformed { line, .. }) => {
            Err(Mistake { line, what: "more than a parser reads", is_waiting: false })
        }
    }
}

/// What was called back, and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// In the order of the calls; nothing of what stands behind a mistake or a stop.
    pub(crate) events: Events,
    pub(crate) end: End,
}

/// How the reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// All was read.
    Whole,
    /// The parser waits for more, which never comes: what stands from this line on was not read, and nobody is told.
    Unfinished { line: u32, why: Unfinished },
    /// `xml_parse` returns 0, and Joomla says that it could not parse. The message is `xml_error_string` of the code,
    /// which is not always to the point: PHP's list of texts is older than libxml2's list of codes.
    Malformed { line: u32, message: &'static str },
}

/// What the parser waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// Nothing but blanks, or fewer than four bytes: no element has begun.
    Empty,
    /// The XML declaration has no `?>`; in UTF-16 and UTF-32, none within its first 45 characters.
    Declaration,
    /// A document type declaration has no end.
    Doctype,
    /// A start or end tag has no `>`.
    Tag,
    Comment,
    CData,
    Instruction,
    /// An `&` with no `;` anywhere behind it.
    Reference,
    /// The root element has no end tag. Text behind the last `<` is not called back, unless it is long.
    Root,
    /// Bytes that do not fit the encoding; some of the text before them may be unread, too.
    Encoding,
    /// All elements were read; what stands behind the root is cut off or a single character.
    BehindRoot,
}

impl Unfinished {
    /// As part of a sentence.
    fn described(self) -> &'static str {
        match self {
            Self::Empty => "no element",
            Self::Declaration => {
                "an XML declaration without its end, or one that is too long for its encoding"
            }
            Self::Doctype => "a document type declaration without its end",
            Self::Tag => "a tag without its end",
            Self::Comment => "a comment without its end",
            Self::CData => "a CDATA section without its end",
            Self::Instruction => "an instruction without its end",
            Self::Reference => "an `&` that begins no entity",
            Self::Root => "an element without its end tag",
            Self::Encoding => "bytes that do not fit the encoding",
            Self::BehindRoot => "something behind the end of the root element",
        }
    }
}
