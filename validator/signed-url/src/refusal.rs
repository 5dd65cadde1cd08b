//! Why a request was refused.

use std::error::Error;
use std::fmt;

/// Why a request was refused: the first rule, in the order below, that it breaks.
///
/// The answer to each of them is 403 with `Cache-Control: no-store`, as Media CDN answers ("Signed requests"). The reason is
/// for people with an old link, logs, counters and the test vectors; it holds nothing of the request, so it can stand where a
/// signed query must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The method is neither `GET` nor `HEAD`, in upper case (methods are case-sensitive: RFC 9110, section 9.1).
    Method,
    /// What stands before the first `?` is no [`UrlPath`](crate::UrlPath).
    Path,
    /// What stands after the first `?` is not `Expires=…&KeyName=…&Signature=…` from end to end.
    QueryForm,
    /// The value of `Expires` is not ten digits, the first one not 0.
    ExpiresForm,
    /// The value of `KeyName` is no [`KeySetName`](crate::KeySetName).
    KeySetForm,
    /// The value of `Signature` is not the one base64url spelling of 64 bytes (RFC 4648, sections 3.5 and 5).
    SignatureForm,
    /// The time is at or past `Expires`.
    Expired,
    /// `Expires` lies further ahead than the verifier allows.
    TooFarAhead,
    /// No key set of that name is configured.
    UnknownKeySet,
    /// No key of the set made this signature for this URL (RFC 8032, section 5.1.7, strict).
    Signature,
}

impl Refusal {
    /// Every refusal, in the order in which the rules are checked.
    pub const ALL: [Refusal; 10] = [
        Refusal::Method,
        Refusal::Path,
        Refusal::QueryForm,
        Refusal::ExpiresForm,
        Refusal::KeySetForm,
        Refusal::SignatureForm,
        Refusal::Expired,
        Refusal::TooFarAhead,
        Refusal::UnknownKeySet,
        Refusal::Signature,
    ];

    /// The name of the broken rule, as used in FORMAT.md and in the test vectors. It never changes.
    pub fn rule(self) -> &'static str {
        match self {
            Refusal::Method => "method",
            Refusal::Path => "path",
            Refusal::QueryForm => "query-form",
            Refusal::ExpiresForm => "expires-form",
            Refusal::KeySetForm => "key-set-form",
            Refusal::SignatureForm => "signature-form",
            Refusal::Expired => "expired",
            Refusal::TooFarAhead => "too-far-ahead",
            Refusal::UnknownKeySet => "unknown-key-set",
            Refusal::Signature => "signature",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Method => "the request method is neither `GET` nor `HEAD`",
            Refusal::Path => "the path is not a plain path of letters, digits and `.` `_` `~` `-`",
            Refusal::QueryForm => {
                "the query is not exactly `Expires`, `KeyName` and `Signature`, in this order"
            }
            Refusal::ExpiresForm => "the value of `Expires` is not a Unix time of ten digits",
            Refusal::KeySetForm => {
                "the value of `KeyName` is not a letter followed by up to 63 letters, digits, `_` or `-`"
            }
            Refusal::SignatureForm => {
                "the value of `Signature` is not 64 bytes in 86 characters of base64url"
            }
            Refusal::Expired => "the link has expired",
            Refusal::TooFarAhead => "the link expires further ahead than this server allows",
            Refusal::UnknownKeySet => "the link names a key set that this server does not know",
            Refusal::Signature => "the signature was not made for this link by a key that this server trusts",
        })
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_refusal_has_its_own_kebab_case_name() {
        let names: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.rule()).collect();
        assert_eq!(names.len(), Refusal::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }

    #[test]
    fn every_refusal_is_one_sentence_in_lower_case_without_full_stop() {
        for refusal in Refusal::ALL {
            let sentence = refusal.to_string();
            assert!(sentence.starts_with("the "), "{sentence}");
            assert!(!sentence.ends_with('.'), "{sentence}");
        }
    }
}
