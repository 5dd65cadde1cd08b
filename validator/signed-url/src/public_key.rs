//! Public keys as text: base64url, as Media CDN's key sets write them.

use std::error::Error;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{PUBLIC_KEY_LENGTH, VerifyingKey};

/// How many characters 32 bytes take in base64url without padding: 42 for 31.5 bytes, one more for the last 4 bits.
const TEXT_LENGTH: usize = 43;

/// Reads a public key: the 32 bytes of RFC 8032, section 5.1.5, in base64url, 43 characters or 44 with one `=`.
///
/// Both lengths are taken because Media CDN takes both ("Keys overview"). Whether the key is fit for verifying is
/// judged by [`KeySet::new`](crate::KeySet::new), which keys from any source pass.
///
/// # Errors
///
/// When the length is another one, a character is outside `A-Z a-z 0-9 - _`, the two spare bits of the last character
/// are set, or the bytes are no point of the curve.
pub fn public_key_from_base64url(text: &str) -> Result<VerifyingKey, InvalidPublicKey> {
    let unpadded = match text.strip_suffix('=') {
        Some(unpadded) if unpadded.len() == TEXT_LENGTH => unpadded,
        _ => text,
    };
    if !text.is_ascii() {
        return Err(InvalidPublicKey::NotBase64url);
    }
    if unpadded.len() != TEXT_LENGTH {
        return Err(InvalidPublicKey::Length { found: text.len() });
    }
    let decoded = URL_SAFE_NO_PAD.decode(unpadded).map_err(|_| InvalidPublicKey::NotBase64url)?;
    let bytes: [u8; PUBLIC_KEY_LENGTH] = decoded.try_into().map_err(|_| InvalidPublicKey::NotBase64url)?;
    VerifyingKey::from_bytes(&bytes).map_err(|_| InvalidPublicKey::NotAPoint)
}

/// Writes a public key as 43 characters of base64url without padding, the form that [`public_key_from_base64url`]
/// and Media CDN read.
pub fn public_key_to_base64url(key: &VerifyingKey) -> String {
    URL_SAFE_NO_PAD.encode(key.as_bytes())
}

/// A text that is no public key. The messages leave the text out: a private key pasted by mistake has the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidPublicKey {
    /// The text has another length than 43, or 44 with `=`.
    Length {
        /// Its length in characters.
        found: usize,
    },
    /// The length is right, but the text is not base64url (RFC 4648, section 5) with its spare bits zero (section 3.5).
    NotBase64url,
    /// The 32 bytes do not decode to a point of the curve (RFC 8032, section 5.1.3).
    NotAPoint,
}

impl fmt::Display for InvalidPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidPublicKey::Length { found } => {
                write!(f, "public key of {found} characters: expected 43 characters of base64url, or 44 with `=`")
            }
            InvalidPublicKey::NotBase64url => f.write_str(
                "public key is not base64url: expected `A-Z a-z 0-9 - _`, and a last character whose spare bits are 0",
            ),
            InvalidPublicKey::NotAPoint => {
                f.write_str("public key is no point of the curve: expected the 32 bytes of an Ed25519 public key")
            }
        }
    }
}

impl Error for InvalidPublicKey {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public key of RFC 8032, section 7.1, TEST 1.
    const TEST_1: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn a_public_key_is_read_with_and_without_padding_and_written_without() {
        let key = public_key_from_base64url(TEST_1).unwrap();
        assert_eq!(public_key_from_base64url(&format!("{TEST_1}=")).unwrap(), key);
        assert_eq!(public_key_to_base64url(&key), TEST_1);
    }

    #[test]
    fn a_wrong_length_is_named() {
        for (text, found) in
            [("", 0), (&TEST_1[1..], 42), ("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo==", 45)]
        {
            assert_eq!(public_key_from_base64url(text), Err(InvalidPublicKey::Length { found }));
        }
    }

    #[test]
    fn another_alphabet_and_spare_bits_are_refused() {
        for text in [TEST_1.replace('_', "/"), TEST_1.replace("URo", "URp"), TEST_1.replace("URo", "UR=")] {
            assert_eq!(public_key_from_base64url(&text), Err(InvalidPublicKey::NotBase64url), "{text}");
        }
    }

    #[test]
    fn bytes_off_the_curve_are_refused() {
        let no_point = "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(public_key_from_base64url(no_point), Err(InvalidPublicKey::NotAPoint));
    }
}
