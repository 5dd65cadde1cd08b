//! A site whose licensed packages are served by an edge at `http://packages.shop.test/protected`.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use bandari_tests::shop::{KEY_SET, Shop};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;

use crate::programs;

/// What stands before each signed path.
pub(super) const BASE: &str = "http://packages.shop.test";

/// With what every path of a licensed file begins.
pub(super) const FOLDER: &str = "/protected/";

/// A licensed file.
pub(super) const FILE: &str = "/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";

/// Another one.
pub(super) const OTHER_FILE: &str = "/protected/plg_system_lighthouse/plg_system_lighthouse-1.0.0.zip";

/// The site, built. Its validator answers `/edge/verify` when it is started.
pub(super) struct Fixture {
    shop: Shop,
}

impl Fixture {
    /// With two keys: one that signs and one that will.
    pub(super) fn new() -> Self {
        Self::with_base(BASE)
    }

    /// The same with another scheme, host or port in front.
    pub(super) fn with_base(base: &str) -> Self {
        Self::with_protected_url(&format!("{base}/protected"))
    }

    /// The same with another address of licensed packages.
    pub(super) fn with_protected_url(address: &str) -> Self {
        let shop = Shop::closed(programs());
        let config = fs::read_to_string(shop.path("bandari.toml")).unwrap();
        let before = format!("protected_url = \"http://127.0.0.1:{}/protected\"", shop.port);
        assert!(config.contains(&before), "{config}");
        let config = config.replace(&before, &format!("protected_url = \"{address}\""));
        fs::write(shop.path("bandari.toml"), config).unwrap();
        shop.build();
        let mut file = File::options().append(true).open(shop.path("validator.toml")).unwrap();
        write!(file, "\n[edge_verify]\nheader = 'X-Original-URI'\n").unwrap();
        let _ = shop.validator_prints(&["keys", "rotate"], "");
        Self { shop }
    }

    pub(super) fn shop(&self) -> &Shop {
        &self.shop
    }

    pub(super) fn shop_mut(&mut self) -> &mut Shop {
        &mut self.shop
    }

    /// Writes the files of a target and gives their folder.
    pub(super) fn generate(&self, target: &str) -> PathBuf {
        let folder = self.shop.path("edge").join(target);
        let _ = self.shop.validator_prints(&["edge", target, "--output", folder.to_str().unwrap()], "");
        folder
    }

    /// The folder in which the folder `protected` is, in the place of `/srv/bandari`.
    pub(super) fn root(&self) -> PathBuf {
        self.shop.path("output")
    }

    /// The folder of licensed packages, served as `/protected`.
    pub(super) fn protected(&self) -> PathBuf {
        self.root().join("protected")
    }

    /// The bytes of a file by its signed path.
    pub(super) fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path.trim_start_matches('/'))).unwrap()
    }

    /// The target of a good link to a path, for this many seconds from now (less than none: it has expired).
    pub(super) fn sign(&self, path: &str, expires_in_seconds: i64) -> String {
        let expires = unix_seconds() + expires_in_seconds;
        self.sign_text(0, BASE, &format!("{path}?Expires={expires}&KeyName={KEY_SET}"))
    }

    /// A target with a signature of this very text, with the key at a place of the file.
    pub(super) fn sign_text(&self, place: usize, base: &str, text: &str) -> String {
        let file = fs::read_to_string(self.shop.path("secrets/signing-key.pem")).unwrap();
        let pem = file.split_inclusive("-----END PRIVATE KEY-----\n").nth(place).expect("a key");
        let key = SigningKey::from_pkcs8_pem(&pem[pem.find("-----BEGIN").unwrap()..]).unwrap();
        signed(&key, base, text)
    }
}

/// A target with a signature of this very text.
pub(super) fn signed(key: &SigningKey, base: &str, text: &str) -> String {
    let signature = key.sign(format!("{base}{text}").as_bytes()).to_bytes();
    format!("{text}&Signature={}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[expect(clippy::disallowed_methods, reason = "the edges that are tested read the clock, too")]
pub(super) fn unix_seconds() -> i64 {
    Timestamp::now().as_second()
}
