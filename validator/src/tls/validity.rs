//! From when until when a certificate is good (RFC 5280, section 4.1). rustls leaves that to clients.

use ed25519_dalek::pkcs8::spki::der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use ed25519_dalek::pkcs8::spki::der::{self, Decode, Reader, Tag, Tagged};

/// Both in Unix seconds, and both still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begins: i64,
    pub(super) ends: i64,
}

impl Validity {
    /// Of a certificate in DER; nothing for what is none.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        Self::read(certificate).ok()
    }

    fn read(certificate: &[u8]) -> der::Result<Self> {
        AnyRef::from_der(certificate)?.sequence(|certificate| {
            let signed: AnyRef<'_> = certificate.decode()?;
            let validity = signed.sequence(|fields| {
                // The version comes first, in a tag of its own, unless it is 1.
                let first: AnyRef<'_> = fields.decode()?;
                if first.tag().is_context_specific() {
                    let _serial_number: AnyRef<'_> = fields.decode()?;
                }
                let _algorithm: AnyRef<'_> = fields.decode()?;
                let _issuer: AnyRef<'_> = fields.decode()?;
                let validity: AnyRef<'_> = fields.decode()?;
                fields.drain(fields.remaining_len())?;
                Ok::<_, der::Error>(validity)
            })?;
            certificate.drain(certificate.remaining_len())?;
            validity
                .sequence(|times| Ok(Self { begins: time(times.decode()?)?, ends: time(times.decode()?)? }))
        })
    }
}

/// Dates up to 2049 are written with two digits for the year, later ones with four (RFC 5280, section 4.1.2.5).
fn time(value: AnyRef<'_>) -> der::Result<i64> {
    let since = match value.tag() {
        Tag::UtcTime => value.decode_as::<UtcTime>()?.to_unix_duration(),
        _ => value.decode_as::<GeneralizedTime>()?.to_unix_duration(),
    };
    // The last second of the year 9999 at most.
    Ok(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
