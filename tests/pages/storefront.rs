//! A whole shop with its pages in three languages: on the validator itself, or on a plain static server beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandari_tests::ports::free_port;
use bandari_tests::server::{Server, installed};
use bandari_tests::shop::Shop;
use bandari_tests::skipping::skip;
use serde_json::{Value, json};

use super::products::{self, Source};
use crate::programs;

/// A customer with a license for [`GROUP`].
pub(super) const CUSTOMER: &str = "ada.lovelace@example.org";

/// Licensed: the example site's plug-in, and half of the products with hostile names.
const GROUP: &str = "lighthouse";

/// Languages of the pages; the last is written from right to left, and made here.
pub(super) const LANGUAGES: [&str; 3] = ["en", "de", "fa"];

/// What serves the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// The validator, with its `serve_public`: one origin for everything.
    Validator,
    /// Python's `http.server`, on an origin of its own.
    Python,
}

/// A shop that is open, and its pages.
pub(super) struct Storefront {
    shop: Shop,
    /// Serves the pages where the validator does not.
    _server: Option<Server>,
    /// Of the pages, without a slash at the end.
    pub(super) pages_url: String,
    key: String,
    /// Of a license that has ended.
    old_key: String,
}

impl Storefront {
    /// Builds the example site with further products and opens it. Nothing when the server is not installed.
    ///
    /// # Panics
    /// When something of that fails.
    pub(super) fn open(host: Host, sources: Vec<Source>) -> Option<Self> {
        let python = installed("python3");
        if host == Host::Python && python.is_none() {
            skip("python3");
            return None;
        }
        let mut shop = Shop::closed(programs());
        for (path, bytes) in sources {
            let path = shop.path("packages").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let port = if host == Host::Validator { shop.port } else { free_port() };
        let pages_url = format!("http://127.0.0.1:{port}");
        configure(&shop, &pages_url);
        write_language(&shop.path("templates"));
        let made = Command::new(&programs().bandari)
            .args(["client-plugin", "--quiet", "--config"])
            .arg(shop.path("bandari.toml"))
            .status();
        assert!(made.unwrap().success());
        shop.build();
        shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
        let key = shop.key_for(CUSTOMER, GROUP, Some("2099-02-28"));
        let old_key = shop.key_for("charles@example.org", GROUP, Some("2026-01-31"));
        let server = python.filter(|_| host == Host::Python).map(|python| serve_by(&python, &shop, port));
        if server.is_some() {
            shop.reconfigure("serve_public = 'output/public'\n", "");
        }
        shop.serve();
        Some(Self { shop, _server: server, pages_url, key, old_key })
    }

    /// A path in the folder of the shop.
    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.shop.path(below)
    }

    /// What a scenario is told of it.
    pub(super) fn told(&self) -> Value {
        let words = LANGUAGES.map(|tag| (tag.to_owned(), words(tag)));
        let names = products::NAMES.map(|(id, name)| (id.to_owned(), name.into()));
        json!({
            "pages": self.pages_url,
            "validator": format!("http://127.0.0.1:{}", self.shop.port),
            "public": self.path("output/public"),
            "protected": self.path("output/protected"),
            "mails": self.path("mails"),
            "customer": CUSTOMER,
            "key": self.key,
            "oldKey": self.old_key,
            "languages": LANGUAGES,
            "words": serde_json::Map::from_iter(words),
            "names": serde_json::Map::from_iter(names),
        })
    }
}

/// Sets in `bandari.toml` what the pages need.
fn configure(shop: &Shop, pages_url: &str) {
    let path = shop.path("bandari.toml");
    let mut config: toml::Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    config.insert("public_url".into(), pages_url.into());
    config.insert("languages".into(), LANGUAGES.to_vec().into());
    config.insert("key_mails".into(), true.into());
    config.insert("templates".into(), "templates".into());
    fs::write(path, toml::to_string(&config).unwrap()).unwrap();
}

/// The words of a language as a scenario looks for them in pages.
fn words(tag: &str) -> Value {
    let words: toml::Table = toml::from_str(&language_file(tag)).unwrap();
    serde_json::to_value(words).unwrap()
}

/// The file of a language. Ours has English words and is written from right to left, as Persian is.
fn language_file(tag: &str) -> String {
    let own = |tag: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/pages/languages");
        fs::read_to_string(folder.join(format!("{tag}.toml"))).unwrap()
    };
    if tag != LANGUAGES[2] {
        return own(tag);
    }
    let english = own("en");
    assert!(english.contains("name = \"English\"\ndirection = \"ltr\"\n"), "{english}");
    english.replace("name = \"English\"\ndirection = \"ltr\"\n", "name = \"فارسی\"\ndirection = \"rtl\"\n")
}

fn write_language(templates: &Path) {
    let folder = templates.join("pages/languages");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.toml", LANGUAGES[2])), language_file(LANGUAGES[2])).unwrap();
}

/// Serves the pages by Python, which knows nothing of them.
fn serve_by(python: &Path, shop: &Shop, port: u16) -> Server {
    let (public, port_text) = (shop.path("output/public"), port.to_string());
    let folder = public.to_str().unwrap();
    let arguments = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, &port_text];
    Server::start(port, &shop.path("python.log"), python, &arguments)
}
