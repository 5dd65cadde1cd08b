//! `keys show`: the public keys that edges have to know, in the forms that edges and programs take.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::edge_cli::EdgeKey;
use crate::error::Error;
use crate::secrets;

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// How to write the keys
    #[arg(long, value_enum)]
    format: KeyFormat,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A form of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KeyFormat {
    /// One PEM block for each key, as OpenSSL reads them
    Pem,
    /// A JSON Web Key Set, as WebCrypto and programs that check JWT read it
    Jwk,
    /// A key set for `gcloud edge-cache keysets import`
    MediaCdn,
    /// 43 characters of base64url on a line for each key
    Raw,
}

/// A JSON Web Key Set (RFC 7517, section 5).
#[derive(Serialize)]
struct JwkSet<'k> {
    keys: Vec<Jwk<'k>>,
}

/// An Ed25519 key in it (RFC 8037, section 2). Its `alg` is left out: programs do not agree on its name.
#[derive(Serialize)]
struct Jwk<'k> {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
    kid: &'k str,
    x: &'k str,
}

pub(super) fn run(args: &ShowArgs, now: u64) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let keys = EdgeKey::of(&secrets::read_signing_keys(&config.signing_key)?, &config, now);
    let text = match args.format {
        KeyFormat::Pem => keys.iter().map(EdgeKey::to_pem).collect(),
        KeyFormat::Raw => keys.iter().map(|key| format!("{}\n", key.public_key)).collect(),
        KeyFormat::Jwk => jwk_set(&keys)?,
        KeyFormat::MediaCdn => media_cdn(config.key_set.as_str(), &keys),
    };
    print(text.trim_end())
}

fn jwk_set(keys: &[EdgeKey]) -> Result<String, Error> {
    let keys = keys.iter().map(|key| Jwk {
        kty: "OKP",
        crv: "Ed25519",
        purpose: "sig",
        kid: &key.name,
        x: &key.public_key,
    });
    serde_json::to_string_pretty(&JwkSet { keys: keys.collect() }).map_err(Error::Json)
}

/// In quotes, since YAML takes names such as `no` and `on` for something else.
fn media_cdn(key_set: &str, keys: &[EdgeKey]) -> String {
    let keys: String =
        keys.iter().map(|key| format!("- id: \"{}\"\n  value: \"{}\"\n", key.id, key.public_key)).collect();
    format!("name: \"{key_set}\"\npublicKeys:\n{keys}")
}
