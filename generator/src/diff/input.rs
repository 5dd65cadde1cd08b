//! Where feeds are: in a file, or below an output folder as [`crate::layout`] places them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bandari_catalog::names::ProductId;

use crate::error::Error;
use crate::feed_file;
use crate::layout;
use crate::shown::shown;

const FEED: &str = "updates.xml";

pub(super) enum Source {
    Tree(Tree),
    Feed(Vec<u8>),
}

/// All that is public of a site.
pub(super) struct Tree {
    public: PathBuf,
    products: BTreeMap<String, ProductId>,
    not_read: Vec<String>,
}

/// What a tree has of a product with a feed.
#[derive(PartialEq, Eq)]
pub(super) struct Product {
    pub(super) feed: Vec<u8>,
    pub(super) changelog: Option<Vec<u8>>,
    /// What the address of the changelog ends in.
    pub(super) changelog_path: String,
}

/// Finds out what a path leads to.
///
/// # Errors
/// It cannot be read, or is a folder without feeds.
pub(super) fn open(path: &Path) -> Result<Source, Error> {
    let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
    if metadata.is_dir() {
        return Tree::open(path).map(Source::Tree);
    }
    let feed = feed_file::read(path).and_then(|bytes| bytes.ok_or_else(|| io::ErrorKind::NotFound.into()));
    feed.map(Source::Feed).map_err(Error::io("read", path))
}

impl Tree {
    fn open(path: &Path) -> Result<Self, Error> {
        let is_public = [layout::COLLECTION, layout::CATALOG]
            .iter()
            .any(|file| path.join(layout::below_root(file)).is_file());
        let below = path.join("public");
        let public = if !is_public && below.is_dir() { below } else { path.to_owned() };
        let mut tree = Self { public, products: BTreeMap::new(), not_read: Vec::new() };
        let entries = fs::read_dir(&tree.public).map_err(Error::io("read", &tree.public))?;
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &tree.public))?;
            if !entry.path().join(FEED).is_file() {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            match ProductId::parse(&name) {
                Ok(id) => {
                    tree.products.insert(name, id);
                }
                Err(_) => tree.not_read.push(shown(&name)),
            }
        }
        let has_any = !tree.products.is_empty() || tree.collection()?.is_some();
        if has_any { Ok(tree) } else { Err(Error::NoFeeds { folder: path.to_owned() }) }
    }

    pub(super) fn products(&self) -> impl Iterator<Item = &str> {
        self.products.keys().map(String::as_str)
    }

    /// Folders with a feed that have the name of no product.
    pub(super) fn not_read(&self) -> impl Iterator<Item = String> {
        self.not_read.iter().cloned()
    }

    /// # Errors
    /// It is there and cannot be read.
    pub(super) fn product(&self, name: &str) -> Result<Option<Product>, Error> {
        let Some(id) = self.products.get(name) else { return Ok(None) };
        let changelog = layout::changelog(id);
        let changelog_path = format!("/{}", layout::below_root(&changelog));
        let Some(feed) = self.read(&layout::feed(id))? else { return Ok(None) };
        Ok(Some(Product { feed, changelog: self.read(&changelog)?, changelog_path }))
    }

    /// # Errors
    /// It is there and cannot be read.
    pub(super) fn collection(&self) -> Result<Option<Vec<u8>>, Error> {
        self.read(layout::COLLECTION)
    }

    fn read(&self, file: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.public.join(layout::below_root(file));
        feed_file::read(&path).map_err(Error::io("read", path))
    }
}
