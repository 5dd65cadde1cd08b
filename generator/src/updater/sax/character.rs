//! Characters: how they are made of bytes, and which may stand where.

/// The character of a UTF-8 sequence and its length, with only the checks that libxml2 makes.
pub(super) fn sequence(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = *bytes.first()?;
    if first & 0x40 == 0 {
        return None;
    }
    let (value, length) = loose_sequence(bytes)?;
    let least = [0x80, 0x800, 0x1_0000].get(length - 2)?;
    (value >= *least).then_some((value, length))
}

/// The same with fewer checks still: characters may have more bytes than they need.
pub(super) fn loose_sequence(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = *bytes.first()?;
    if first == 0xC0 {
        return None;
    }
    let following = |index: usize| {
        bytes.get(index).filter(|byte| **byte & 0xC0 == 0x80).map(|byte| u32::from(byte & 0x3F))
    };
    let second = following(1)?;
    if first & 0xE0 != 0xE0 {
        return Some((u32::from(first & 0x1F) << 6 | second, 2));
    }
    let third = following(2)?;
    if first & 0xF0 != 0xF0 {
        return Some((u32::from(first & 0x0F) << 12 | second << 6 | third, 3));
    }
    let fourth = following(3).filter(|_| first & 0xF8 == 0xF0)?;
    Some((u32::from(first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4))
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Characters that may stand in a document (XML 1.0, production 2).
pub(super) fn is_character(value: u32) -> bool {
    matches!(value, 0x09 | 0x0A | 0x0D | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

pub(super) fn is_ascii_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.')
}

/// Characters that names begin with (XML 1.0 fifth edition, production 4).
pub(super) fn is_name_start(value: u32) -> bool {
    matches!(value,
        0x3A | 0x41..=0x5A | 0x5F | 0x61..=0x7A | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x2FF | 0x370..=0x37D
        | 0x37F..=0x1FFF | 0x200C..=0x200D | 0x2070..=0x218F | 0x2C00..=0x2FEF | 0x3001..=0xD7FF
        | 0xF900..=0xFDCF | 0xFDF0..=0xFFFD | 0x1_0000..=0xE_FFFF)
}

/// Characters within names (production 4a).
pub(super) fn is_name(value: u32) -> bool {
    is_name_start(value)
        || matches!(value, 0x2D | 0x2E | 0x30..=0x39 | 0xB7 | 0x300..=0x36F | 0x203F..=0x2040)
}
