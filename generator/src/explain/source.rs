//! Where the feed comes from: an address, a file, or a product of this site, whose feed is made without writing anything.

use std::io::ErrorKind;
use std::path::Path;

use bandari_catalog::v1::Extension;

use super::address;
use super::fetch::{Client, Fetched};
use crate::bounds::{self, Audience};
use crate::cache::Cache;
use crate::config::Config;
use crate::error::{Error, count};
use crate::inspect::Detail;
use crate::product::Product;
use crate::shown::{quoted, visible};
use crate::tree::Tree;
use crate::updater::{DownloadKey, Feed, FeedKind, Installed, Unread};
use crate::{Gathered, changelog_xml, coverage, feed, feed_file, gather};

/// A feed, and what is known of it besides its bytes.
pub(super) struct Source {
    pub(super) feed: Feed,
    pub(super) bytes: Vec<u8>,
    /// What happened on the way to it that its vendor should know, in sentences.
    pub(super) remarks: Vec<String>,
    /// Set when it is a product of this site.
    pub(super) product: Option<Owned>,
}

/// What is known of a product of this site.
pub(super) struct Owned {
    pub(super) installed: Installed,
    pub(super) is_licensed: bool,
    /// Of the newest package's `<dlid>`.
    pub(super) key: Option<DownloadKey>,
    /// What its feed sends Joomla to for what changed.
    pub(super) changelog: Option<Feed>,
}

impl Source {
    /// Finds the feed that a word on the command line means.
    ///
    /// # Errors
    /// [`Error::NoFeed`], [`Error::Usage`] for an address that is not asked, and what reading the site can end with.
    pub(super) fn find(word: &str, config: &Path) -> Result<Self, Error> {
        if address::is_address(word) {
            address::require_https(word).map_err(Error::Usage)?;
            return Self::at(word);
        }
        let path = Path::new(word);
        match path.metadata() {
            Ok(metadata) if !metadata.is_dir() => {
                let bytes = feed_file::read(path).and_then(|bytes| bytes.ok_or(ErrorKind::NotFound.into()));
                let bytes = bytes.map_err(Error::io("read", path))?;
                return Ok(Self::new(bytes, word));
            }
            Ok(_) if word.contains(['/', '\\']) || !config.exists() => {
                return Err(no_feed(word, "this is a folder; expected a file or an https address".into()));
            }
            _ => {}
        }
        let is_path = word.contains(['/', '\\']) || word.ends_with(".xml");
        if is_path || !config.exists() {
            let expected = if is_path {
                "a file or an https address"
            } else {
                "a file, an https address, or the id of a product of the `bandari.toml` in this folder"
            };
            let message = format!("there is no such file; expected {expected}");
            return Err(no_feed(word, message));
        }
        Self::of_product(word, &Config::load(config, None)?)
    }

    fn new(bytes: Vec<u8>, address: &str) -> Self {
        Self { feed: Feed::read(&bytes, address), bytes, remarks: Vec::new(), product: None }
    }

    /// # Errors
    /// [`Error::NoFeed`]: it is beyond what is held to sites.
    pub(super) fn require_bounds(&self, kind: FeedKind, audience: Audience) -> Result<(), Error> {
        let feed = &self.feed;
        let calls = match kind {
            FeedKind::Extension => feed.condensed().call_count(),
            _ => feed.call_count(),
        };
        let excess = bounds::excess(&[feed], kind, calls, audience);
        excess.map_or(Ok(()), |message| Err(no_feed(feed.address(), message)))
    }

    /// Asks as Joomla does: where an address that does not end in `.xml` has no feed, `extension.xml` below it is tried.
    /// The address is shown without keys.
    fn at(address: &str) -> Result<Self, Error> {
        let shown = address::without_secrets(address);
        let client = Client::new();
        let first = client.fetch(address);
        let second_address = Feed::read(b"", address).second_address();
        let (fetched, remark) = match (first, second_address) {
            (Ok(fetched), None) => (fetched, None),
            (Ok(fetched), Some(second)) => second_look(&client, fetched, &second),
            (Err(message), None) => return Err(no_feed(&shown, message)),
            (Err(message), Some(second)) => {
                let again = client.fetch(&second).map_err(|again| {
                    let message = format!(
                        "{message}; and {}, where Joomla looks next since the address does not end in `.xml`: {again}",
                        quoted(&address::without_secrets(&second))
                    );
                    no_feed(&shown, message)
                })?;
                let remark = format!(
                    "The address itself has no feed ({message}). Joomla looks for one at {} next, since the address does not \
                     end in `.xml`, and that is the feed below. Publish the address that has it.",
                    quoted(&address::without_secrets(&second))
                );
                (again, Some(remark))
            }
        };
        let mut source = Self::new(fetched.bytes, &shown);
        source.remarks.extend(remark);
        source.remarks.extend(fetched.encoding.filter(|encoding| encoding != "identity").map(|encoding| {
            format!(
                "The server packs the feed ({}) though nobody asked it to; Joomla does not unpack it. Let the server send it \
                 plainly to who sends no `Accept-Encoding`.",
                quoted(&format!("Content-Encoding: {encoding}"))
            )
        }));
        Ok(source)
    }

    fn of_product(word: &str, config: &Config) -> Result<Self, Error> {
        let known = Cache::open(&config.output, &()).known();
        let gathered = gather(config, Tree::read(&config.packages), Detail::Everything, known, None, &());
        let Gathered { collection, .. } = gathered;
        let products = &collection.products;
        let Some(product) = products.iter().find(|product| product.id.as_str() == word) else {
            return Err(no_feed(
                word,
                format!(
                    "found neither a file nor a product of this site of that name; {}",
                    what_there_is(products)
                ),
            ));
        };
        let Some(extension) = &product.extension else {
            return Err(no_feed(word, "this product is no Joomla extension, so it has no feed".into()));
        };
        let bytes = feed::extension_feed(product, extension, config);
        let mut source = Self::new(bytes, &product.feed_address(config));
        let problems = collection.problems.len();
        if problems > 0 {
            source.remarks.push(format!(
                "`bandari build` would write nothing now: the packages have {}. `bandari check` tells which.",
                count(problems, "problem")
            ));
        }
        source.product = Some(Owned::new(product, extension, config));
        Ok(source)
    }
}

impl Owned {
    fn new(product: &Product, extension: &Extension, config: &Config) -> Self {
        let fields = product.offered().filter_map(|release| release.contents.as_deref());
        let field = fields.map(|contents| &contents.manifest.details.download_key).next();
        let key = field
            .and_then(Option::as_ref)
            .map(|field| DownloadKey { prefix: field.prefix.clone(), suffix: field.suffix.clone() });
        let changelog = product.changes().next().map(|_| {
            let address = product.changelog_address(config);
            Feed::read(&changelog_xml::file(product, extension), &address)
        });
        let installed = coverage::installed(extension);
        Self { installed, is_licensed: product.group.is_some(), key, changelog }
    }
}

/// Joomla asks a second address, too, when what it got is no XML.
fn second_look(client: &Client, fetched: Fetched, second: &str) -> (Fetched, Option<String>) {
    let is_malformed =
        |bytes: &[u8]| matches!(Feed::read(bytes, "").unread(), Some(Unread::Malformed { .. }));
    if !is_malformed(&fetched.bytes) {
        return (fetched, None);
    }
    let what = format!(
        "What lies at the address is no XML. Joomla looks at {} next, since the address does not end in `.xml`",
        quoted(&address::without_secrets(second))
    );
    match client.fetch(second) {
        Ok(again) => {
            (again, Some(format!("{what}, and that is the feed below. Publish the address that has it.")))
        }
        Err(message) => (fetched, Some(format!("{what}, in vain: {message}."))),
    }
}

fn no_feed(word: &str, message: String) -> Error {
    Error::NoFeed { feed: format!("`{}`", visible(word)), message }
}

fn what_there_is(products: &[Product]) -> String {
    let extensions = products.iter().filter(|product| product.extension.is_some());
    let ids: Vec<String> = extensions.map(|product| format!("`{}`", product.id)).collect();
    if ids.is_empty() {
        "it has no extensions".into()
    } else {
        format!("its extensions are {}", ids.join(", "))
    }
}
