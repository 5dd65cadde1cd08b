//! Which files the output has, and what is in each. A file's content is made when its turn has come and let go of once it is
//! written, so that a site of any size needs the memory of its largest page.

use std::iter::once_with;

use bandari_catalog::names::HexDigest;

use crate::config::Config;
use crate::error::Error;
use crate::pages::Pages;
use crate::place::Content;
use crate::product::{Product, Release};
use crate::{changelog_xml, feed, layout, published, releases_atom};

/// The output but the catalog. Paths are below the output directory, with `/`.
pub(crate) struct Plan<'p> {
    pub(crate) products: &'p [Product],
    config: &'p Config,
    pages: Pages,
    /// The feed of releases, where there is one. It is short, however many there are.
    releases: Option<Vec<u8>>,
}

/// Path and content of a file.
pub(crate) type Made = (String, Content);

impl<'p> Plan<'p> {
    /// Gets the templates ready. The vendor's are tried on every page, so that a wrong one is told before anything is written;
    /// ours fit.
    ///
    /// # Errors
    /// [`Error::Templates`] names the template and what is wrong with it.
    pub(crate) fn new(products: &'p [Product], config: &'p Config) -> Result<Self, Error> {
        let releases = releases_atom::feed(products, config);
        let pages = Pages::load(config.templates.as_deref(), releases.is_some())?;
        let plan = Self { products, config, pages, releases };
        if config.templates.is_some() {
            plan.pages().try_for_each(|page| page.map(drop))?;
        }
        Ok(plan)
    }

    /// Every package that is offered.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Made> {
        self.products.iter().flat_map(|product| {
            product.offered().map(|release| {
                let (stamp, sha256) = (release.stamp, release.digests.sha256);
                (
                    package_path(product, release),
                    Content::Package { source: release.source.clone(), stamp, sha256 },
                )
            })
        })
    }

    /// The digest of every package that is offered.
    pub(crate) fn package_digests(&self) -> impl Iterator<Item = (String, HexDigest<32>)> {
        self.products.iter().flat_map(|product| {
            product.offered().map(|release| (package_path(product, release), release.digests.sha256))
        })
    }

    /// What people read, and the digests.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Result<Made, Error>> {
        let of_products = self.products.iter().flat_map(move |product| {
            let page = move || made(layout::page(&product.id), self.pages.product(product, self.config));
            let sums = move || made(layout::sums(&product.id), Ok(published::sha256sums(product)));
            once_with(page).chain(once_with(sums))
        });
        let index = || made(layout::INDEX.to_owned(), self.pages.index(self.products, self.config));
        let style = || made(layout::STYLE.to_owned(), Ok(self.pages.style()));
        of_products.chain(once_with(index)).chain(once_with(style))
    }

    /// What Joomla shows of a release before an update.
    pub(crate) fn changelogs(&self) -> impl Iterator<Item = Made> {
        self.products.iter().filter_map(|product| {
            let changelog = changelog_xml::file(product, product.extension.as_ref()?)?;
            Some((layout::changelog(&product.id), Content::Bytes(changelog)))
        })
    }

    /// What names packages and pages: feeds of extensions, then those over all.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = Made> {
        let of_extensions = self.products.iter().filter_map(|product| {
            let feed = feed::extension_feed(product, product.extension.as_ref()?, self.config);
            Some((layout::feed(&product.id), Content::Bytes(feed)))
        });
        let collection = || {
            let feed = feed::collection_feed(self.products, self.config);
            (layout::COLLECTION.to_owned(), Content::Bytes(feed))
        };
        let releases = self.releases.iter().cloned();
        let releases = releases.map(|feed| (layout::RELEASES.to_owned(), Content::Bytes(feed)));
        of_extensions.chain(once_with(collection)).chain(releases)
    }
}

fn made(path: String, bytes: Result<Vec<u8>, Error>) -> Result<Made, Error> {
    Ok((path, Content::Bytes(bytes?)))
}

fn package_path(product: &Product, release: &Release) -> String {
    layout::package(&product.id, product.group.is_some(), &release.file)
}
