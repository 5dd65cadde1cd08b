//! The client plug-in: a Joomla installer plug-in made for one vendor, which tells customers in their Joomla why a download is
//! refused and takes their keys along. It is one more product of the site: the next build publishes what is made here.
//!
//! [`groups`] are the licenses for which it has a setting each, [`templates`] what its files are made of, [`literals`] how values
//! get into PHP, INI and XML; [`packing`] makes one archive of them, and [`folder`] is where that is put. [`own`] finds it again
//! among the products.

mod folder;
mod groups;
mod literals;
mod own;
mod packing;
mod templates;

use std::path::{Path, PathBuf};

use bandari_catalog::names::FileName;
use serde::Serialize;

use crate::cache::Cache;
use crate::config::{Config, Element};
use crate::error::{Error, Flaw};
use crate::inspect::Detail;
use crate::product::{Product, Release};
use crate::rules::Code;
use crate::tree::Tree;
use folder::Folder;
use groups::Group;
pub(crate) use own::{differences, of_other_name, of_site};
pub(crate) use templates::FOLDER;
use templates::Facts;

/// What a run did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The plug-in's name in Joomla.
    pub(crate) element: String,
    pub(crate) version: String,
    /// Whether its name is made of the vendor's without some of its letters.
    #[serde(skip)]
    pub(crate) lacks_letters: bool,
    /// Its id among the products of the site, and the address of its feed.
    pub(crate) product: String,
    pub(crate) feed: String,
    /// The package, and whether it is where a build finds it.
    pub(crate) file: String,
    pub(crate) among_packages: bool,
    pub(crate) groups: Vec<Group>,
    pub(crate) languages: Vec<String>,
    /// What it tells the validator besides the key.
    pub(crate) sends: Vec<&'static str>,
    /// Files that were written, and files that were there.
    pub(crate) made: Vec<String>,
    pub(crate) kept: Vec<String>,
}

/// Makes the package of the plug-in, and beside it a product file and a changelog where there are none.
///
/// # Errors
/// [`Error::Configuration`] when something is not told that the plug-in needs or its version is below what is there,
/// [`Error::Problems`] of the packages whose groups it has to know, [`Error::Templates`], and [`Error::ClientPluginChanges`] when
/// the package is there with other bytes; before anything is written.
pub(crate) fn make(config: &Config, output: Option<&Path>) -> Result<Report, Error> {
    let wrong = |flaw: Flaw| Error::Configuration { file: config.file.clone(), message: flaw.to_string() };
    let download_url = config.download_url.as_deref().ok_or_else(|| wrong(no_validator()))?;
    let products = products(config)?;
    if let Some(other) = of_other_name(&products, config) {
        return Err(wrong(called_otherwise(other, config)));
    }
    let element = config.client_plugin.element(&config.vendor).map_err(wrong)?;
    let groups = groups::groups(&products, &element, config);
    if groups.is_empty() {
        return Err(wrong(no_groups()));
    }
    let folder = Folder::open(place(config, &element, output), &element)?;
    folder.check_products(&products, &element, config)?;
    if let Some(newer) = own::newer_release(&products, config, &element) {
        return Err(wrong(no_update(config, newer)));
    }
    let version = config.client_plugin.version.as_str();
    let facts = Facts::new(config, &element, folder.product(), download_url, &groups);
    let feed = facts.feed_url.clone();
    let files = templates::render(facts, config.templates.as_deref())?;
    let name = FileName::parse(&format!("{}-{version}.zip", folder::product_name(&element)))
        .expect("element and version are short and of such characters");
    let written = folder.write(&name, packing::archive(&files.contents), config)?;
    Ok(Report {
        element: element.as_str().to_owned(),
        version: version.to_owned(),
        lacks_letters: !config.client_plugin.has_element() && config.vendor.chars().any(is_foreign),
        product: folder.product().to_string(),
        feed,
        file: folder.file(&name).display().to_string(),
        among_packages: folder.is_among_packages(config),
        groups,
        languages: files.languages,
        sends: config.client_plugin.sent_words(),
        made: written.made,
        kept: written.kept,
    })
}

/// What the newest release of the plug-in among the products would be if it were made now, and that release. Nothing where the
/// site has no plug-in, or none could be made.
///
/// # Errors
/// [`Error::Templates`].
pub(crate) fn made_anew<'p>(
    products: &'p [Product],
    config: &Config,
) -> Result<Option<(&'p Release, Vec<u8>)>, Error> {
    let Ok(element) = config.client_plugin.element(&config.vendor) else { return Ok(None) };
    let groups = groups::groups(products, &element, config);
    let is_own =
        |own: &&Product| own.extension.as_ref().is_some_and(|known| groups::is_plugin(known, &element));
    let newest = of_site(products, config).filter(is_own).and_then(|own| Some((own, own.offered().next()?)));
    let (Some((own, newest)), Some(download_url), false) =
        (newest, config.download_url.as_deref(), groups.is_empty())
    else {
        return Ok(None);
    };
    let facts = Facts::new(config, &element, &own.id, download_url, &groups);
    let files = templates::render(facts.of_version(&newest.version), config.templates.as_deref())?;
    Ok(Some((newest, packing::archive(&files.contents))))
}

/// Where the package is put.
fn place(config: &Config, element: &Element, output: Option<&Path>) -> PathBuf {
    output.map_or_else(|| config.packages.join(folder::product_name(element)), Path::to_owned)
}

/// The products as a build knows them.
fn products(config: &Config) -> Result<Vec<Product>, Error> {
    let known = Cache::open(&config.output, &()).known();
    let tree = Tree::read(&config.packages);
    let collection = crate::gather(config, tree, Detail::Identity, known, None, &()).collection;
    if !collection.problems.is_empty() {
        return Err(Error::Problems { problems: collection.problems });
    }
    Ok(collection.products)
}

/// A letter that stands in no name of a plug-in.
fn is_foreign(c: char) -> bool {
    c.is_alphabetic() && !c.is_ascii()
}

fn no_validator() -> Flaw {
    let expected = "the address of the validator, which the plug-in asks about keys";
    Flaw::new(Code::WrongValue, "no `download_url`", expected)
}

fn no_groups() -> Flaw {
    let expected = "at least one: the plug-in is about keys of licensed extensions";
    Flaw::new(Code::WrongValue, "no extension with a `group` in its `product.toml`", expected)
}

/// A plug-in of another name beside the one that sites have.
pub(crate) fn called_otherwise(other: &Product, config: &Config) -> Flaw {
    let (vendor, id) = (&config.vendor, &other.id);
    let known = other.extension.as_ref().map_or("", |extension| &extension.element);
    let found = format!(
        "`vendor = {vendor:?}` and no `element`, while the plug-in of product `{id}` is called `{known}`"
    );
    let expected = format!("`element = {known:?}` in `[client_plugin]`, or sites would have two of them");
    Flaw::new(Code::ClientPluginOutdated, found, expected)
}

fn no_update(config: &Config, newer: &Release) -> Flaw {
    let version = &config.client_plugin.version;
    let found =
        format!("version {version}, older than `{}`, so that no Joomla would be offered it", newer.place());
    let expected = format!("`version` in `[client_plugin]` above {}", newer.version);
    Flaw::new(Code::WrongValue, found, expected)
}
