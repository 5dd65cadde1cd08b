//! Two feeds, or two sites' worth of them, compared by what Joomla sites out there see: which are offered what instead.
//!
//! `input` finds the feeds of an output folder and reads them. A `side` is one feed, and tells what a site makes of it: an
//! `answer`. `compare` holds two of them to all sites that they can tell apart; `notice` tells what sites notice besides versions. `text` and `markdown` print it; as JSON it is what it is.
//!
//! Feeds are not trusted: what is taken from them goes through [`crate::shown`]. Bytes that say the same are no difference.

mod answer;
mod compare;
mod input;
mod markdown;
mod notice;
mod side;
mod text;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::bounds::{self, Audience};
use crate::coverage::Sites;
use crate::error::Error;
use crate::shown::shown;
use crate::updater::{Feed, FeedKind, Installed};
use crate::workers;
use answer::Answer;
use compare::{Pair, Said};
use input::{Product, Source, Tree};
use notice::Notice;
use side::Side;

/// What sites see of the difference between two output folders or feeds.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// Whether any site sees one.
    pub(crate) differs: bool,
    /// Those with differences, by name; of two feeds the only one.
    pub(crate) products: Vec<ProductDifference>,
    /// How many others there are.
    pub(crate) unchanged_products: usize,
    /// Feeds that are where no build puts one, with what is in front of `updates.xml`.
    pub(crate) not_read: Vec<String>,
}

/// What sites see of the difference between two feeds.
#[derive(Debug, Serialize)]
pub(crate) struct ProductDifference {
    /// None: two feeds were given.
    pub(crate) product: Option<String>,
    pub(crate) status: Status,
    /// Sites with another answer, those that lose something first.
    pub(crate) changes: Vec<Change>,
    /// What else sites notice.
    pub(crate) notices: Vec<Noticed>,
    /// Sites with the same answer.
    pub(crate) unchanged: Vec<Kept>,
}

/// Whether a product has a feed in both folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Only in the new one.
    Came,
    /// Only in the old one.
    Went,
    Stayed,
}

/// Some sites and what they are told now.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) effect: Effect,
    pub(crate) sites: Sites,
    pub(crate) old: Answer,
    pub(crate) new: Answer,
}

/// What a change is for a site, what hurts most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// It had an update and has none.
    Lost,
    /// It had none and has one.
    First,
    /// It has none and sees something else, such as an error.
    StillNone,
    /// It is offered an older version.
    Older,
    /// It is offered a newer version.
    Newer,
}

/// Some sites and what they notice. All: those that are offered the version that it tells of.
#[derive(Debug, Serialize)]
pub(crate) struct Noticed {
    pub(crate) sites: Sites,
    #[serde(flatten)]
    pub(crate) notice: Notice,
}

/// Some sites and what they are told as before.
#[derive(Debug, Serialize)]
pub(crate) struct Kept {
    pub(crate) sites: Sites,
    pub(crate) answer: Answer,
}

/// Compares two output folders (or their `public/`), or two files with feeds.
///
/// # Errors
/// What cannot be read, and when the two are not of a kind.
pub(crate) fn diff(old: &Path, new: &Path) -> Result<Comparison, Error> {
    match (input::open(old)?, input::open(new)?) {
        (Source::Tree(old), Source::Tree(new)) => of_trees(&old, &new),
        (Source::Feed(old_feed), Source::Feed(new_feed)) => {
            let name = format!("`{}` and `{}`", old.display(), new.display());
            of_files(&name, &old_feed, &new_feed)
        }
        _ => Err(Error::NotOfAKind { old: old.to_owned(), new: new.to_owned() }),
    }
}

/// # Errors
/// [`Error::NoFeed`], see [`require_bounds`].
fn of_files(name: &str, old_bytes: &[u8], new_bytes: &[u8]) -> Result<Comparison, Error> {
    let mut products = Vec::new();
    if old_bytes != new_bytes {
        let (old, new) = (Side::read(old_bytes), Side::read(new_bytes));
        let pair = Pair { old: Some(&old), new: Some(&new), kind: kind(&old, &new) };
        require_bounds(name, pair)?;
        match pair.kind {
            FeedKind::Extension => products.push(pair.compare(None).0),
            FeedKind::Collection => {
                products.extend(of_collections([Some(old_bytes), Some(new_bytes)], &[], None));
            }
            FeedKind::Changelog => products.push(pair.compare_changelogs()),
        }
    }
    Ok(Comparison::of(products, 0, Vec::new()))
}

/// # Errors
/// [`Error::NoFeed`]: one of two feeds, or both together, are beyond what is held to sites.
fn require_bounds(name: &str, pair: Pair<'_>) -> Result<(), Error> {
    let feeds: Vec<&Feed> = [pair.old, pair.new].into_iter().flatten().map(|side| &side.feed).collect();
    let calls = feeds.iter().map(|feed| feed.call_count()).sum();
    let excess = bounds::excess(&feeds, pair.kind, calls, Audience::AllSites);
    excess.map_or(Ok(()), |message| Err(Error::NoFeed { feed: name.to_owned(), message }))
}

/// Sites go on reading as they are used to, whatever the new feed looks like.
fn kind(old: &Side, new: &Side) -> FeedKind {
    if old.feed.unread().is_some() { new.feed.kind() } else { old.feed.kind() }
}

fn of_trees(old: &Tree, new: &Tree) -> Result<Comparison, Error> {
    let names: BTreeSet<&str> = old.products().chain(new.products()).collect();
    let count = names.len();
    let compared = workers::map(names.into_iter(), |name| of_products(name, old, new));
    let mut products = Vec::new();
    let mut said: Vec<Said> = Vec::new();
    for compared in compared {
        let Some((difference, said_of_it)) = compared? else { continue };
        products.push(difference);
        said.extend(said_of_it);
    }
    products.retain(ProductDifference::is_any);
    let unchanged = count - products.len();
    let (old_collection, new_collection) = (old.collection()?, new.collection()?);
    if old_collection != new_collection {
        let collections = [old_collection.as_deref(), new_collection.as_deref()];
        let [old, new] = collections.map(|bytes| bytes.map(Side::read));
        let pair = Pair { old: old.as_ref(), new: new.as_ref(), kind: FeedKind::Collection };
        require_bounds("collection.xml", pair)?;
        products.extend(of_collections(collections, &said, Some("collection.xml")));
    }
    let not_read: BTreeSet<String> = old.not_read().chain(new.not_read()).collect();
    Ok(Comparison::of(products, unchanged, not_read.into_iter().collect()))
}

/// None: there is no difference in any byte.
fn of_products(name: &str, old: &Tree, new: &Tree) -> Result<Option<(ProductDifference, Vec<Said>)>, Error> {
    let (old, new) = (old.product(name)?, new.product(name)?);
    if old == new {
        return Ok(None);
    }
    let side = |product: Product| {
        Side::read(&product.feed).with_changelog(product.changelog_path, product.changelog.as_deref())
    };
    let (old, new) = (old.map(side), new.map(side));
    let pair = Pair { old: old.as_ref(), new: new.as_ref(), kind: FeedKind::Extension };
    require_bounds(&shown(&format!("{name}/updates.xml")), pair)?;
    Ok(Some(pair.compare(Some(name.to_owned()))))
}

/// Each extension of two collections, as far as its own feed did not say the same. What is so for all of them is told once.
fn of_collections(
    collections: [Option<&[u8]>; 2],
    said: &[Said],
    name: Option<&str>,
) -> Vec<ProductDifference> {
    let read = || collections.map(|bytes| bytes.map(Side::read));
    let sides = read();
    let of_all = pair_of_collections(&sides).difference(name.map(str::to_owned));
    if of_all.status != Status::Stayed {
        return vec![of_all];
    }
    let mut all: Vec<Installed> = Vec::new();
    for installed in sides.iter().flatten().flat_map(|side| side.feed.collected()) {
        if !all.contains(&installed) {
            all.push(installed);
        }
    }
    // A feed remembers what it was asked, so each thread has its own.
    let mut compared = workers::map_with(all.iter(), read, |sides, installed| {
        of_collected(pair_of_collections(sides), installed, said, name)
    });
    let ends = |answer: &Answer| matches!(answer, Answer::Unreadable | Answer::Aborted { .. });
    let ends = |change: &Change| ends(&change.old) || ends(&change.new);
    if let Some(at) = compared.iter().position(|difference| difference.changes.iter().any(ends)) {
        let mut difference = compared.swap_remove(at);
        difference.product = name.map(str::to_owned);
        return vec![difference];
    }
    compared.insert(0, of_all);
    compared.retain(ProductDifference::is_any);
    compared
}

fn pair_of_collections([old, new]: &[Option<Side>; 2]) -> Pair<'_> {
    Pair { old: old.as_ref(), new: new.as_ref(), kind: FeedKind::Collection }
}

/// One extension of two collections.
fn of_collected(
    pair: Pair<'_>,
    installed: &Installed,
    said: &[Said],
    name: Option<&str>,
) -> ProductDifference {
    let extension = installed.word();
    let product = name.map_or_else(|| extension.clone(), |name| format!("{name}, {extension}"));
    let mut difference = pair.compare_collected(product, installed, said);
    difference.notices.clear();
    if name.is_some() {
        difference.unchanged.clear();
    }
    difference
}

impl Comparison {
    fn of(mut products: Vec<ProductDifference>, unchanged_products: usize, not_read: Vec<String>) -> Self {
        products.retain(ProductDifference::is_any);
        Self { differs: !products.is_empty(), products, unchanged_products, not_read }
    }
}

impl ProductDifference {
    fn is_any(&self) -> bool {
        self.status != Status::Stayed || !self.changes.is_empty() || !self.notices.is_empty()
    }
}
