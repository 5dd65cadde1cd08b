//! Ed25519-signed URLs: one file, one expiry, one signature, in one spelling.
//!
//! The format is the exact-URL format of Google Media CDN ("Generate signatures"), narrowed to a profile in which every
//! part can be written in one way only. `FORMAT.md` beside this crate defines it, `vectors/` holds good and bad URLs
//! for edges in other languages. Signatures are pure Ed25519 (RFC 8032) in unpadded base64url (RFC 4648, section 5).
//!
//! [`Verifier`] is what an edge needs; `Signer`, behind the feature `sign`, makes the URLs. Neither reads a clock, a
//! socket or a file: the time, the keys and the request come in as arguments, and parsing HTTP is the caller's.
//!
//! ```
//! use bandari_signed_url::{KeySet, KeySetName, Origin, Refusal, Verifier, public_key_from_base64url};
//!
//! let origin = Origin::parse("https://dl.example.com")?;
//! let key = public_key_from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")?;
//! let verifier = Verifier::new(origin, vec![KeySet::new(KeySetName::parse("jus-2026a")?, vec![key])?]);
//!
//! let target = "/joomla/pkg_demo-1.2.3.zip?Expires=1800000000&KeyName=jus-2026a&Signature=\
//!               viEVW5QwdFTTqUUTOGlcAbUa6PNUGS8sqQamJAmJePnEYhSPGkYS-NZXAjVNoTaGbih3K5BBJHM-FSoZ7Tl8Bw";
//! let verified = verifier.verify("GET", target, 1_799_999_700)?;
//! assert_eq!(verified.path().file_name(), "pkg_demo-1.2.3.zip");
//! assert_eq!(verifier.verify("GET", target, 1_800_000_000), Err(Refusal::Expired));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod expires;
mod key_set;
mod origin;
mod path;
mod public_key;
mod query;
mod refusal;
#[cfg(feature = "sign")]
mod signer;
mod verifier;

pub use expires::{Expires, InvalidExpires};
pub use key_set::{InvalidKeySet, InvalidKeySetName, KeySet, KeySetName, MAX_KEY_SET_NAME_LENGTH, MAX_KEYS};
pub use origin::{InvalidOrigin, MAX_ORIGIN_LENGTH, Origin};
pub use path::{InvalidPath, MAX_PATH_LENGTH, UrlPath};
pub use public_key::{InvalidPublicKey, public_key_from_base64url, public_key_to_base64url};
pub use refusal::Refusal;
#[cfg(feature = "sign")]
pub use signer::Signer;
pub use verifier::{Verified, Verifier};
