//! Mistakes by libxml2's names (`include/libxml/xmlerror.h`), with the texts that PHP has for them.

/// A mistake. What a document says last before it is given up on is what Joomla tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Internal,
    NoMemory,
    DocumentEmpty,
    DocumentEnd,
    HexReference,
    DecimalReference,
    InvalidCharacter,
    ReferenceSemicolon,
    ParameterReferenceName,
    ParameterReferenceSemicolon,
    UndeclaredEntity,
    /// Not declared here, but perhaps in a file that is not read.
    UnknownEntity,
    ExternalEntityInAttribute,
    UnsupportedEncoding,
    StringNotStarted,
    StringNotClosed,
    EntityNotFinished,
    LessThanInAttribute,
    AttributeNotStarted,
    AttributeNotFinished,
    AttributeWithoutValue,
    AttributeTwice,
    LiteralNotStarted,
    LiteralNotFinished,
    CommentNotFinished,
    InstructionNotStarted,
    InstructionNotFinished,
    NotationNotStarted,
    NotationNotFinished,
    AttributeListNotStarted,
    AttributeListNotFinished,
    MixedNotStarted,
    ElementContentNotStarted,
    ElementContentNotFinished,
    DeclarationNotFinished,
    DoctypeNotFinished,
    SectionEndInText,
    ReservedName,
    SpaceRequired,
    SeparatorRequired,
    NameTokenRequired,
    NameRequired,
    UriRequired,
    PublicIdRequired,
    GreaterThanRequired,
    EqualsRequired,
    TagMismatch,
    StandaloneValue,
    EncodingName,
    HyphensInComment,
    InvalidEncoding,
    ValueRequired,
    EntityCharacter,
    ParameterReferenceInValue,
    EntityLoop,
    InvalidUri,
    UriFragment,
    ParameterReferenceInMarkup,
    VersionMissing,
    /// One that PHP has no text for: a version that is not 1.x, a name of more than 50 000 bytes, a colon in a name that
    /// must not have one, bytes that do not fit an encoding known by its first bytes.
    Unnamed,
}

impl Fault {
    /// The text of `xml_error_string` for it.
    pub(super) fn message(self) -> &'static str {
        match self {
            Fault::Internal => "No memory",
            Fault::NoMemory => "Invalid document start",
            Fault::DocumentEmpty => "Not well-formed (invalid token)",
            Fault::DocumentEnd => "Invalid document end",
            Fault::HexReference => "Invalid hexadecimal character reference",
            Fault::DecimalReference => "Invalid decimal character reference",
            Fault::InvalidCharacter => "Invalid character",
            Fault::ReferenceSemicolon => "EntityRef: expecting ';'",
            Fault::ParameterReferenceName => "PEReference: no name",
            Fault::ParameterReferenceSemicolon => "PEReference: expecting ';'",
            Fault::UndeclaredEntity => "Undeclared entity error",
            Fault::UnknownEntity => "Undeclared entity warning",
            Fault::ExternalEntityInAttribute => "XML_ERR_ENTITY_IS_EXTERNAL",
            Fault::UnsupportedEncoding => "Unsupported encoding",
            Fault::StringNotStarted => "String not started expecting ' or \"",
            Fault::StringNotClosed => "String not closed expecting \" or '",
            Fault::EntityNotFinished => "EntityValue: \" or ' expected",
            Fault::LessThanInAttribute => "< in attribute",
            Fault::AttributeNotStarted => "Attribute not started",
            Fault::AttributeNotFinished => "Attribute not finished",
            Fault::AttributeWithoutValue => "Attribute without value",
            Fault::AttributeTwice => "Attribute redefined",
            Fault::LiteralNotStarted | Fault::LiteralNotFinished => "SystemLiteral \" or ' expected",
            Fault::CommentNotFinished => "Comment not finished",
            Fault::InstructionNotStarted => "Processing Instruction not started",
            Fault::InstructionNotFinished => "Processing Instruction not finished",
            Fault::NotationNotStarted => "NOTATION: Name expected here",
            Fault::NotationNotFinished => "'>' required to close NOTATION declaration",
            Fault::AttributeListNotStarted | Fault::AttributeListNotFinished => {
                "'(' required to start ATTLIST enumeration"
            }
            Fault::MixedNotStarted => "MixedContentDecl : '|' or ')*' expected",
            Fault::ElementContentNotStarted => "ELEMENT in DTD not started",
            Fault::ElementContentNotFinished => "ELEMENT in DTD not finished",
            Fault::DeclarationNotFinished => "XML declaration not finished",
            Fault::DoctypeNotFinished => "DOCTYPE not finished",
            Fault::SectionEndInText => "Sequence ']]>' not allowed in content",
            Fault::ReservedName => "Reserved XML Name",
            Fault::SpaceRequired => "Space required",
            Fault::SeparatorRequired => "XML_ERR_SEPARATOR_REQUIRED",
            Fault::NameTokenRequired => "NmToken expected in ATTLIST enumeration",
            Fault::NameRequired => "XML_ERR_NAME_REQUIRED",
            Fault::UriRequired => "SYSTEM or PUBLIC, the URI is missing",
            Fault::PublicIdRequired => "PUBLIC, the Public Identifier is missing",
            Fault::GreaterThanRequired => "> required",
            Fault::EqualsRequired => "= required",
            Fault::TagMismatch => "Mismatched tag",
            Fault::StandaloneValue => "standalone accepts only 'yes' or 'no'",
            Fault::EncodingName => "Invalid XML encoding name",
            Fault::HyphensInComment => "Comment must not contain '--' (double-hyphen)",
            Fault::InvalidEncoding => "Invalid encoding",
            Fault::ValueRequired => "Entity value required",
            Fault::EntityCharacter => "XML_ERR_ENTITY_CHAR_ERROR",
            Fault::ParameterReferenceInValue => "PEReferences forbidden in internal subset",
            Fault::EntityLoop => "Detected an entity reference loop",
            Fault::InvalidUri => "Invalid URI",
            Fault::UriFragment => "Fragment not allowed",
            Fault::ParameterReferenceInMarkup => {
                "PEReference: forbidden within markup decl in internal subset"
            }
            Fault::VersionMissing => "Version in XML Declaration missing",
            Fault::Unnamed => "Unknown",
        }
    }

    /// The same as part of a sentence for people who mend it; mistakes of document type declarations, which hardly anybody
    /// writes, in common words.
    pub(super) fn described(self) -> &'static str {
        match self {
            Fault::Internal | Fault::NoMemory => "more than a parser reads",
            Fault::DocumentEmpty => "something else than an element",
            Fault::DocumentEnd => "something behind the end of the root element",
            Fault::HexReference | Fault::DecimalReference => "a reference to a character without its number",
            Fault::InvalidCharacter => {
                "a character that XML does not have, or bytes that do not fit the encoding"
            }
            Fault::ReferenceSemicolon => "an entity without its `;`",
            Fault::UndeclaredEntity | Fault::UnknownEntity => "an entity that is not declared",
            Fault::ExternalEntityInAttribute | Fault::EntityLoop => "an entity that must not stand there",
            Fault::UnsupportedEncoding => "an encoding that parsers do not know",
            Fault::InvalidEncoding | Fault::EncodingName => "a wrong encoding in the XML declaration",
            Fault::LessThanInAttribute => "a `<` in the value of an attribute",
            Fault::AttributeNotStarted => "an attribute without quotes around its value",
            Fault::AttributeNotFinished => "an attribute whose value does not end",
            Fault::AttributeWithoutValue => "an attribute without a value",
            Fault::AttributeTwice => "the same attribute twice in an element",
            Fault::CommentNotFinished => "a comment without its end",
            Fault::HyphensInComment => "`--` in a comment",
            Fault::InstructionNotStarted | Fault::InstructionNotFinished => "a wrong instruction",
            Fault::ReservedName => "an XML declaration that is not at the very beginning",
            Fault::SectionEndInText => "`]]>` in a text",
            Fault::SpaceRequired => "two parts of a tag or declaration without a blank between them",
            Fault::NameRequired => "a `<` or `&` before something that is no name",
            Fault::GreaterThanRequired => {
                "a tag with something in it that is no attribute, or without its `>`"
            }
            Fault::EqualsRequired => "something without the `=` before its value",
            Fault::TagMismatch => "an end tag of another element than the one that is open",
            Fault::StandaloneValue | Fault::VersionMissing | Fault::DeclarationNotFinished => {
                "a wrong XML declaration"
            }
            Fault::StringNotStarted | Fault::StringNotClosed => "a value without quotes around it",
            Fault::Unnamed => "a wrong name, version or encoding",
            Fault::ParameterReferenceName
            | Fault::ParameterReferenceSemicolon
            | Fault::EntityNotFinished
            | Fault::LiteralNotStarted
            | Fault::LiteralNotFinished
            | Fault::NotationNotStarted
            | Fault::NotationNotFinished
            | Fault::AttributeListNotStarted
            | Fault::AttributeListNotFinished
            | Fault::MixedNotStarted
            | Fault::ElementContentNotStarted
            | Fault::ElementContentNotFinished
            | Fault::DoctypeNotFinished
            | Fault::SeparatorRequired
            | Fault::NameTokenRequired
            | Fault::UriRequired
            | Fault::PublicIdRequired
            | Fault::ValueRequired
            | Fault::EntityCharacter
            | Fault::ParameterReferenceInValue
            | Fault::InvalidUri
            | Fault::UriFragment
            | Fault::ParameterReferenceInMarkup => "a wrong document type declaration",
        }
    }
}
