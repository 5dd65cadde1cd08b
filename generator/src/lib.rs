//! Bandari's generator: a folder of packages becomes a download site of plain files.
//!
//! # The pipeline
//!
//! [`build`] runs these stages; each knows its input and its output and no other stage.
//!
//! 1. `config` reads `bandari.toml`.
//! 2. `scan` walks the package directory: which files are packages, which `product.toml` (`product_file`) speaks for
//!    each, and which `CHANGELOG.md` (`changelog`) tells what it changed.
//! 3. `inspect` passes over each package once, many at a time: digests, and for a zip that `zip_directory`
//!    allows, the manifest that `archive` finds and `manifest` reads. What the manifest leaves open, `second_look`
//!    finds in the archive: words for a name that is a `language` key, the demands of the `installer_script`, and the
//!    extensions that are `inner` to a package.
//! 4. `collect` joins all that into products and releases (`product`), and reports what cannot stand together.
//! 5. `feed`, `changelog_xml`, `releases_atom`, `pages` and `published` turn products into bytes: update feeds (which releases
//!    stay in them, `retention` says) and changelogs for Joomla (`xml`), news and HTML for people, the catalog and digests.
//! 6. `publish` makes the output directory equal to them, file by file (`place`), each where `layout` says, and with an eye on
//!    what earlier builds did (`history`). Nothing else writes.
//!
//! Before the first build, `init` writes what a vendor would write by hand; it scans and inspects in the same way.
//!
//! Problems of the input are gathered through stages 2 to 4 and reported together; nothing is written while there are any,
//! unless the caller asks to go on without the packages that have them.
//!
//! [`check`](crate::check()) runs stages 1 to 4 and then, in place of the others, the rules of the module `check`; it writes
//! nothing. What every finding means stands in one table (`rules`).

mod archive;
mod changelog;
mod changelog_xml;
mod check;
#[cfg(test)]
mod checks_page;
pub mod cli;
mod collect;
mod config;
mod contents;
mod error;
mod feed;
mod history;
mod init;
mod inner;
mod inspect;
mod installer_script;
mod joomla_range;
mod language;
mod layout;
mod manifest;
mod manifest_xml;
mod pages;
mod place;
mod product;
mod product_file;
mod publish;
mod published;
mod releases_atom;
mod retention;
mod rules;
mod scan;
mod second_look;
mod unpack;
mod version_range;
mod xml;
mod zip_directory;

pub use config::{Config, DigestName};
pub use error::{Error, Problem};
pub use publish::Written;
pub use rules::{CODES, Code, Rule, Severity};

use collect::Collection;
use inspect::Task;
use pages::Pages;
use place::Content;
use product::Product;
use publish::{Output, Phase, Policy};

/// What to do about problems and about what is published already. The safe choice is the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Publish the packages without problems instead of nothing.
    pub keep_going: bool,
    /// Let published files change their bytes under the same name, and published feeds their addresses.
    pub force: bool,
}

/// What a build did.
#[derive(Debug, serde::Serialize)]
pub struct Summary {
    /// Products in the catalog.
    pub products: usize,
    /// Packages in the catalog.
    pub packages: usize,
    /// What was done to the output directory.
    #[serde(flatten)]
    pub written: Written,
    /// Things that are allowed, yet perhaps not meant.
    pub warnings: Vec<Problem>,
    /// Problems of packages that were left out; empty unless [`Options::keep_going`] is set.
    pub problems: Vec<Problem>,
}

/// Builds a site.
///
/// # Errors
/// [`Error::Problems`] with every problem of the packages, before anything is written; other errors name what could not be
/// read or written.
pub fn build(config: &Config, options: Options) -> Result<Summary, Error> {
    let (Collection { products, problems, warnings }, _) = gather(config);
    if !problems.is_empty() && (products.is_empty() || !options.keep_going) {
        return Err(Error::Problems { problems });
    }
    if products.is_empty() {
        return Err(Error::NoPackages { packages: config.packages.clone() });
    }
    let output = output(&products, config)?;
    let catalog = published::catalog(&products, config);
    let policy = Policy { force: options.force, remove: problems.is_empty() };
    let written = publish::publish(output, catalog, &config.output, policy)?;
    let packages = products.iter().map(|product| product.releases.len()).sum();
    Ok(Summary { products: products.len(), packages, written, warnings, problems })
}

/// What a check found, and where.
#[derive(Debug)]
pub struct Checked {
    /// About the configuration and what is published, which no package can help. Here `file` is a path as the configuration
    /// gives it, not one below the package directory.
    pub of_site: Vec<Problem>,
    /// About packages, products and changelogs, sorted by file.
    pub of_packages: Vec<Problem>,
    /// Files that were looked at, good or not.
    pub packages: usize,
}

/// Looks for everything that a build would refuse or warn of, and for what vendors get wrong; writes nothing.
///
/// # Errors
/// [`Error::NoPackages`] when there is nothing to look at; other errors name what could not be read.
pub fn check(config: &Config) -> Result<Checked, Error> {
    let (Collection { products, problems, warnings }, packages) = gather(config);
    if packages == 0 && problems.is_empty() {
        return Err(Error::NoPackages { packages: config.packages.clone() });
    }
    let mut of_site = check::addresses(config);
    let mut of_packages = problems;
    of_packages.extend(warnings);
    of_packages.extend(check::findings(&products, config));
    match check::against_published(&products, config) {
        Ok(findings) => of_packages.extend(findings),
        Err(Error::PublishedRecord { file, message }) => {
            of_site.push(check::unusable_record(&file, &message))
        }
        Err(error) => return Err(error),
    }
    of_packages.sort();
    of_packages.dedup();
    Ok(Checked { of_site, of_packages, packages })
}

/// Reads and joins everything below the package directory, and tells how many packages there are, good or not.
fn gather(config: &Config) -> (Collection, usize) {
    let scan = scan::scan(&config.packages);
    let tasks: Vec<Task> = scan
        .packages
        .iter()
        .map(|package| Task {
            path: package.path.clone(),
            kind: package.kind(),
            size_bytes: package.size_bytes,
        })
        .collect();
    let inspected = inspect::inspect(&tasks, &config.digests);
    (collect::collect(scan, inspected, config), tasks.len())
}

/// The whole output but the catalog in memory, packages by reference.
fn output(products: &[Product], config: &Config) -> Result<Output, Error> {
    let mut output = Output::default();
    let releases = releases_atom::feed(products, config);
    let pages = Pages::load(config.templates.as_deref(), releases.is_some())?;
    if let Some(releases) = releases {
        output.add(layout::RELEASES.to_owned(), Phase::Feed, Content::Bytes(releases));
    }
    for product in products {
        let id = &product.id;
        for release in product.offered() {
            let content = Content::Package {
                source: release.source.clone(),
                stamp: release.stamp,
                sha256: release.digests.sha256,
            };
            let path = layout::package(id, product.group.is_some(), &release.file);
            output.add(path, Phase::Package, content);
        }
        output.add(layout::page(id), Phase::Page, Content::Bytes(pages.product(product, config)?));
        output.add(layout::sums(id), Phase::Page, Content::Bytes(published::sha256sums(product)));
        if let Some(extension) = &product.extension {
            let feed = Content::Bytes(feed::extension_feed(product, extension, config));
            output.add(layout::feed(id), Phase::Feed, feed);
            if let Some(changelog) = changelog_xml::file(product, extension) {
                output.add(layout::changelog(id), Phase::Changelog, Content::Bytes(changelog));
            }
        }
    }
    let index = Content::Bytes(pages.index(products, config)?);
    output.add(layout::INDEX.to_owned(), Phase::Page, index);
    output.add(layout::STYLE.to_owned(), Phase::Page, Content::Bytes(pages.style()));
    let collection = Content::Bytes(feed::collection_feed(products, config));
    output.add(layout::COLLECTION.to_owned(), Phase::Feed, collection);
    Ok(output)
}
