//! A small shop in the process of its fuzzer. Its secrets and its clock are the same each time: what was found once can be
//! run again.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use bandari_validator::{App, Config};
use ed25519_dalek::SigningKey;
use tokio::runtime::Runtime;

use bandari_signed_url::{KeySet, KeySetName, Origin, Signer, Verifier};

/// When everything happens, in Unix seconds: in January 2027.
pub(crate) const NOW: u64 = 1_800_000_000;

/// Where the shop's packages are, licensed ones below `/protected`.
pub(crate) const ORIGIN: &str = "https://shop.example.org";

/// Ada's own key for the group `harbor`.
pub(crate) const DERIVED_KEY: &str = "aeaqa4e2tsf6zvdphuupqn6tzteejpy";

/// Ada's keys from other systems for it: a Download ID, and any other.
pub(crate) const DOWNLOAD_ID: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const OPAQUE_KEY: &str = "Planted-opaque-key-1";

/// Opens what came out before 2020.
pub(crate) const EXPIRED_KEY: &str = "Planted-expired-key-2";

/// What mail addresses of all customers have in common.
pub(crate) const MAIL_MARK: &str = ".planted@example.org";

/// Ada's password; its hash is in the list of customers.
pub(crate) const PASSWORD: &str = "correct horse";

/// The content of every licensed package.
pub(crate) const LICENSED_CONTENT: &str = "planted-licensed-bytes";

/// The content of a file beside the public folder.
const OUTSIDE_CONTENT: &str = "planted-outside-of-the-public-folder";

/// What no answer may ever hold: what lies outside, the seeds, and the key that signs.
pub(crate) const SECRETS: [&str; 5] = [
    OUTSIDE_CONTENT,
    "cGxhbnRlZC1zZWVkLW9mLXRoZS1mZXJyeS1ncm91cC4",
    "cGxhbnRlZC1zZWVkLW9mLXRoZS1oYXJib3ItZ3JvdXA",
    "cGxhbnRlZC1zZWVkLW9mLWFsbC1mb3JlaWduLWtleXM",
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v",
];

/// The secret key of RFC 8032, section 7.1, TEST 1.
const SIGNING_KEY: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
    0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

/// A shop that answers.
#[derive(Debug)]
pub struct Shop {
    pub(crate) runtime: Runtime,
    pub(crate) app: App,
    peers: AtomicU32,
}

impl Shop {
    /// Makes a shop in a folder, in place of the one that was made there before.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn make(folder: &Path) -> Self {
        write_files(folder).expect("a folder to write to");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app = runtime.block_on(async {
            let config = folder.join("validator.toml");
            for command in
                [&["init"][..], &["license", "import", "--from", "csv", &path(folder, "customers.csv")]]
            {
                let arguments =
                    [&["bandari-validator"], command, &["--config", &path(folder, "validator.toml")]];
                bandari_validator::cli::run_in_process(arguments.concat())
                    .await
                    .expect("a command that succeeds");
            }
            App::load(&Config::load(&config).expect("a configuration")).await.expect("a shop")
        });
        Self { runtime, app, peers: AtomicU32::new(0) }
    }

    /// Who asks next: always somebody else, so that nobody has to wait for what was tried before.
    pub(crate) fn next_peer(&self) -> IpAddr {
        let number = self.peers.fetch_add(1, Ordering::Relaxed) % (1 << 24);
        Ipv4Addr::from_bits(u32::from_be_bytes([10, 0, 0, 0]) + number).into()
    }
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a folder with a name in UTF-8").to_owned()
}

fn write_files(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for below in ["protected/ferry", "protected/lantern", "public/files/kit"] {
        fs::create_dir_all(folder.join(below))?;
    }
    for name in ["ferry/ferry-1.0.0.zip", "lantern/lantern-1.0.0.zip", "lantern/lantern-2.0.0.zip"] {
        fs::write(folder.join("protected").join(name), LICENSED_CONTENT)?;
    }
    for (name, content) in [
        ("public/index.html", "<h1>Fuzzed</h1>"),
        ("public/files/kit/kit-1.0.0.zip", "free bytes"),
        ("outside.txt", OUTSIDE_CONTENT),
        ("catalog.json", include_str!("../shop/catalog.json")),
        ("customers.csv", include_str!("../shop/customers.csv")),
        ("validator.toml", include_str!("../shop/validator.toml")),
    ] {
        fs::write(folder.join(name), content)?;
    }
    fs::DirBuilder::new().mode(0o700).create(folder.join("secrets"))?;
    for (name, content) in [
        ("seeds.toml", include_str!("../shop/seeds.toml")),
        ("signing-key.pem", include_str!("../shop/signing-key.pem")),
    ] {
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join("secrets").join(name))?;
        io::Write::write_all(&mut file, content.as_bytes())?;
    }
    Ok(())
}

/// Who signs the shop's links.
pub(crate) fn signer() -> Signer {
    Signer::new(origin(), key_set(), SigningKey::from_bytes(&SIGNING_KEY))
}

/// Who checks the shop's links.
pub(crate) fn verifier() -> Verifier {
    let set = KeySet::new(key_set(), vec![SigningKey::from_bytes(&SIGNING_KEY).verifying_key()]);
    Verifier::new(origin(), vec![set.expect("one key makes a set")])
}

fn origin() -> Origin {
    Origin::parse(ORIGIN).expect("the shop's origin is one")
}

fn key_set() -> KeySetName {
    KeySetName::parse("fuzz").expect("the shop's key set has a name")
}
