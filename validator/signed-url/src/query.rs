//! The query of a signed URL: one fixed pattern, read as text.
//!
//! It is not parsed as form data: no decoding, no other parameter before, between or after, no other order or case.
//! Parsers disagree about doubled parameters and about what they skip; a fixed pattern leaves nothing to disagree about.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{SIGNATURE_LENGTH, Signature};

use crate::expires::Expires;
use crate::key_set::{MAX_KEY_SET_NAME_LENGTH, is_key_set_name};
use crate::refusal::Refusal;

// The three parameters in their order (Media CDN, "Generate signatures").
pub(crate) const EXPIRES: &str = "Expires=";
pub(crate) const KEY_NAME: &str = "&KeyName=";
pub(crate) const SIGNATURE: &str = "&Signature=";

/// How many characters 64 bytes take in base64url without padding: 84 for 63 bytes, two more for the last one.
const SIGNATURE_TEXT_LENGTH: usize = 86;

/// The longest query, in bytes, without its `?`.
pub(crate) const MAX_QUERY_LENGTH: usize = query_length(MAX_KEY_SET_NAME_LENGTH);

/// How long a query is, in bytes, without its `?`: the three names, ten digits, a key set name, a signature.
pub(crate) const fn query_length(key_set_length: usize) -> usize {
    EXPIRES.len() + 10 + KEY_NAME.len() + key_set_length + SIGNATURE.len() + SIGNATURE_TEXT_LENGTH
}

/// A query of the right form. Whether it is in time, and whose signature it carries, is for the verifier to say.
pub(crate) struct SignedQuery<'a> {
    /// The part that is signed: everything before `&Signature=`, as it came.
    pub(crate) signed: &'a str,
    pub(crate) expires: Expires,
    /// A name of the right form, known or not.
    pub(crate) key_set: &'a str,
    pub(crate) signature: Signature,
}

impl<'a> SignedQuery<'a> {
    /// Reads what stands after the `?`.
    pub(crate) fn parse(query: &'a str) -> Result<SignedQuery<'a>, Refusal> {
        let (signed, signature) = query.split_once(SIGNATURE).ok_or(Refusal::QueryForm)?;
        let (expires, key_set) = signed
            .strip_prefix(EXPIRES)
            .and_then(|rest| rest.split_once(KEY_NAME))
            .ok_or(Refusal::QueryForm)?;
        if [expires, key_set, signature].iter().any(|value| value.contains('&')) {
            return Err(Refusal::QueryForm);
        }
        let expires = Expires::from_digits(expires).ok_or(Refusal::ExpiresForm)?;
        if !is_key_set_name(key_set) {
            return Err(Refusal::KeySetForm);
        }
        let signature = signature_from_text(signature).ok_or(Refusal::SignatureForm)?;
        Ok(SignedQuery { signed, expires, key_set, signature })
    }
}

/// Reads 86 characters of base64url; `None` for any other spelling of the same bytes.
///
/// The last character carries two bits of the signature and four that mean nothing. RFC 4648, section 3.5, lets a
/// decoder ignore these, which would give each signature 16 spellings; encoding again and comparing leaves one, however
/// the decoder is set up.
fn signature_from_text(text: &str) -> Option<Signature> {
    if text.len() != SIGNATURE_TEXT_LENGTH {
        return None;
    }
    let bytes: [u8; SIGNATURE_LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let signature = Signature::from_bytes(&bytes);
    let mut again = String::with_capacity(SIGNATURE_TEXT_LENGTH);
    push_signature(&mut again, &signature);
    (again == text).then_some(signature)
}

/// Adds the 64 bytes of a signature (RFC 8032, section 5.1.6) in base64url without padding.
pub(crate) fn push_signature(text: &mut String, signature: &Signature) {
    URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), text);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE_OF_ZEROS: &str =
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn refusal(query: &str) -> Option<Refusal> {
        SignedQuery::parse(query).err()
    }

    #[test]
    fn the_signed_part_is_the_text_before_the_signature() {
        let query = format!("Expires=1800000000&KeyName=a&Signature={SIGNATURE_OF_ZEROS}");
        let parsed = SignedQuery::parse(&query).ok().unwrap();
        assert_eq!(parsed.signed, "Expires=1800000000&KeyName=a");
        assert_eq!(parsed.expires.unix_seconds(), 1_800_000_000);
        assert_eq!(parsed.key_set, "a");
        let mut text = String::new();
        push_signature(&mut text, &parsed.signature);
        assert_eq!(text, SIGNATURE_OF_ZEROS);
    }

    #[test]
    fn the_longest_query_has_the_stated_length() {
        let key_set = "a".repeat(MAX_KEY_SET_NAME_LENGTH);
        let query = format!("Expires=1800000000&KeyName={key_set}&Signature={SIGNATURE_OF_ZEROS}");
        assert!(SignedQuery::parse(&query).is_ok());
        assert_eq!(query.len(), MAX_QUERY_LENGTH);
    }

    #[test]
    fn the_form_of_the_whole_is_judged_before_the_form_of_its_parts() {
        assert_eq!(refusal("Expires=x&KeyName=1&Signature="), Some(Refusal::ExpiresForm));
        assert_eq!(refusal("Expires=1800000000&KeyName=1&Signature="), Some(Refusal::KeySetForm));
        assert_eq!(refusal("Expires=1800000000&KeyName=a&Signature="), Some(Refusal::SignatureForm));
        assert_eq!(refusal("Expires=x&KeyName=1&Signature=&"), Some(Refusal::QueryForm));
        assert_eq!(refusal("Expires=x&KeyName=1"), Some(Refusal::QueryForm));
        assert_eq!(refusal("Expires=x&x=1&KeyName=1&Signature="), Some(Refusal::QueryForm));
    }
}
