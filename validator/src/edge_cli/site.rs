//! What an edge has to know of this site: the variables of the templates in `templates/edge/`. Each value is of letters, digits and
//! a few signs that mean nothing in any of the languages there, so nothing has to be escaped.

use bandari_signed_url::KeySet;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use serde::Serialize;

use crate::config::{Config, MAX_LINK_LIFETIME_SECONDS};
use crate::error::Error;
use crate::health::reachable;
use crate::offer::Offer;
use crate::signing_keys::{LINK_SLACK_SECONDS, NamedKey, SigningKeys};

use super::Target;

/// How far ahead an expiry may be: as far as that of any link that a validator can make, whatever its
/// `link_lifetime_seconds`. So no edge has to be put up anew when that changes.
const MAX_LIFETIME_SECONDS: u64 = MAX_LINK_LIFETIME_SECONDS + LINK_SLACK_SECONDS;

/// The variables.
#[derive(Debug, Serialize)]
pub(super) struct EdgeSite {
    /// What stands before each signed path: `https://packages.example.org`.
    base: String,
    /// `https` or `http`.
    scheme: String,
    /// The name or address in `base`.
    host: String,
    /// Also when it is the scheme's own.
    port: u16,
    /// With what each signed path begins, such as `/protected`; perhaps empty.
    path: String,
    key_set: String,
    /// The one that signs comes first.
    keys: Vec<EdgeKey>,
    max_lifetime_seconds: u64,
    /// For edges that ask the validator.
    verify: Option<Verify>,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EdgeKey {
    /// For people.
    pub(crate) name: String,
    /// For CDNs, whose names begin with a letter: at most 63 letters, digits, `_` and `-`.
    pub(crate) id: String,
    /// 43 characters of base64url.
    pub(crate) public_key: String,
    #[serde(skip)]
    key: VerifyingKey,
}

/// Where and how an edge asks whether a link is good.
#[derive(Debug, Serialize)]
struct Verify {
    /// The header that holds the target.
    header: String,
    /// Address and port of the validator.
    address: String,
    /// Whether it speaks TLS there.
    tls: bool,
    /// Its name in its certificate.
    name: String,
}

/// Longest id of a key in a key set of Media CDN, in characters. Its documentation says 63 in one place and 64 in another.
const MAX_ID_CHARS: usize = 63;

/// Of a public key in the id of a key whose name is too long: enough that no two are alike.
const ID_FROM_PUBLIC_KEY_CHARS: usize = 16;

impl EdgeKey {
    fn new(key: &NamedKey) -> Self {
        let (name, public_key) = (key.name.to_string(), key.public_key());
        let mut id = format!("key-{name}");
        if id.len() > MAX_ID_CHARS {
            id = format!("key-{}", &public_key[..ID_FROM_PUBLIC_KEY_CHARS]);
        }
        Self { name, id, public_key, key: key.key.verifying_key() }
    }

    /// The keys that an edge has to know at `now`: those of which a link may be good now or later. The one that signs comes first.
    pub(crate) fn of(keys: &SigningKeys, config: &Config, now: u64) -> Vec<Self> {
        keys.needed_at(config.link_lifetime_seconds, now).into_iter().map(Self::new).collect()
    }

    /// As PEM (RFC 8410, section 4).
    pub(crate) fn to_pem(&self) -> String {
        self.key
            .to_public_key_pem(LineEnding::LF)
            .expect("a 32-byte key has a SubjectPublicKeyInfo (RFC 8410)")
    }
}

impl EdgeSite {
    /// # Errors
    /// [`Error::Configuration`] when the catalog names no place of licensed packages, when the keys are none for an edge, or when
    /// the target asks the validator and that does not answer such questions.
    pub(super) fn of(
        config: &Config,
        offer: &Offer,
        keys: &SigningKeys,
        target: Target,
        now: u64,
    ) -> Result<Self, Error> {
        let wrong =
            |message: &str| Error::Configuration { file: config.file.clone(), message: message.to_owned() };
        let Some(address) = &offer.edge else {
            return Err(wrong(
                "found no `protected_url` in the catalog, expected the address where the edge serves licensed packages: write it \
                 into `bandari.toml` and build the site",
            ));
        };
        let keys = EdgeKey::of(keys, config, now);
        // What no edge may be configured with, no edge is given.
        KeySet::new(config.key_set.clone(), keys.iter().map(|key| key.key).collect()).map_err(|error| {
            Error::Configuration { file: config.signing_key.clone(), message: error.to_string() }
        })?;
        let base = address.origin.as_str().to_owned();
        let (scheme, authority) = base.split_once("://").unwrap_or_default();
        let (host, port) = split_port(authority);
        Ok(Self {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port: port.unwrap_or(if scheme == "https" { 443 } else { 80 }),
            path: address.prefix.clone(),
            key_set: config.key_set.as_str().to_owned(),
            keys,
            max_lifetime_seconds: MAX_LIFETIME_SECONDS,
            verify: verify(config, offer, target).map_err(wrong)?,
            base,
        })
    }
}

/// The port of an authority, which in an IPv6 address is behind the bracket.
fn split_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

fn verify(config: &Config, offer: &Offer, target: Target) -> Result<Option<Verify>, &'static str> {
    if !target.asks_the_validator() {
        return Ok(None);
    }
    let Some(header) = &config.edge_verify else {
        return Err(
            "found no table `[edge_verify]`, expected one with `header = \"X-Original-URI\"`: this edge asks \
             `/edge/verify`, and the address is there only then",
        );
    };
    // A site with licensed packages has one; the listening address is a name as good as any otherwise.
    let download_url = offer.site.download_url.as_deref().unwrap_or_default();
    let authority = download_url.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let address = reachable(config.listen).to_string();
    Ok(Some(Verify {
        header: header.as_str().to_owned(),
        tls: config.tls.is_some(),
        name: authority.map_or(address.as_str(), |authority| split_port(authority).0).to_owned(),
        address,
    }))
}
