//! Which files the output has, and what is in each. A file's content is made when its turn has come and let go of once it is
//! written, so that a site of any size needs the memory of its largest page.

use std::iter::once;

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::Extension;

use crate::config::Config;
use crate::error::Error;
use crate::pages::Pages;
use crate::place::Content;
use crate::product::{Product, Release};
use crate::{changelog_xml, feed, layout, published, releases_atom, workers};

/// The output but the catalog. Paths are below the output directory, with `/`.
pub(crate) struct Plan<'p> {
    pub(crate) products: &'p [Product],
    config: &'p Config,
    pages: Pages,
    /// The feed of releases, where there is one. It is short, however many there are.
    releases: Option<Vec<u8>>,
}

/// A file of the output that is still to be made.
#[derive(Clone, Copy)]
pub(crate) enum Planned<'p> {
    Package(&'p Product, &'p Release),
    Page(&'p Product),
    Sums(&'p Product),
    Index,
    Style,
    Changelog(&'p Product, &'p Extension),
    Feed(&'p Product, &'p Extension),
    Collection,
    Releases(&'p [u8]),
}

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
            workers::share(plan.pages(), || (), |(), page| plan.content(page).map(drop))?;
        }
        Ok(plan)
    }

    /// Every package that is offered.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Planned<'p>> + use<'p> {
        let packages =
            |product: &'p Product| product.offered().map(move |release| Planned::Package(product, release));
        self.products.iter().flat_map(packages)
    }

    /// The digest of every package that is offered.
    pub(crate) fn package_digests(&self) -> impl Iterator<Item = (String, HexDigest<32>)> {
        self.products.iter().flat_map(|product| {
            product.offered().map(|release| (package_path(product, release), release.digests.sha256))
        })
    }

    /// What people read, the digests, and what Joomla shows of a release before an update. First what is over all products:
    /// the largest page, begun last, would keep one thread busy while the others wait.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Planned<'p>> + use<'p> {
        let of_product = |product: &'p Product| {
            let changelog = product.extension.as_ref().filter(|_| product.changes().next().is_some());
            let changelog = changelog.map(|extension| Planned::Changelog(product, extension));
            [Planned::Page(product), Planned::Sums(product)].into_iter().chain(changelog)
        };
        [Planned::Index, Planned::Style].into_iter().chain(self.products.iter().flat_map(of_product))
    }

    /// What names packages and pages: feeds over all, then those of extensions.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = Planned<'_>> {
        let releases = self.releases.as_deref().map(Planned::Releases);
        let of_extension = |product: &'p Product| Some(Planned::Feed(product, product.extension.as_ref()?));
        once(Planned::Collection).chain(releases).chain(self.products.iter().filter_map(of_extension))
    }

    /// Makes what is in a file.
    ///
    /// # Errors
    /// [`Error::Templates`]; of pages only.
    pub(crate) fn content(&self, file: Planned<'_>) -> Result<Content, Error> {
        Ok(Content::Bytes(match file {
            Planned::Package(_, release) => {
                let (stamp, sha256) = (release.stamp, release.digests.sha256);
                return Ok(Content::Package { source: release.source.path().to_owned(), stamp, sha256 });
            }
            Planned::Page(product) => self.pages.product(product, self.config)?,
            Planned::Sums(product) => published::sha256sums(product),
            Planned::Index => self.pages.index(self.products, self.config)?,
            Planned::Style => self.pages.style(),
            Planned::Changelog(product, extension) => changelog_xml::file(product, extension),
            Planned::Feed(product, extension) => feed::extension_feed(product, extension, self.config),
            Planned::Collection => feed::collection_feed(self.products, self.config),
            Planned::Releases(feed) => feed.to_vec(),
        }))
    }
}

impl Planned<'_> {
    /// Where it will be.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Package(product, release) => package_path(product, release),
            Self::Page(product) => layout::page(&product.id),
            Self::Sums(product) => layout::sums(&product.id),
            Self::Index => layout::INDEX.to_owned(),
            Self::Style => layout::STYLE.to_owned(),
            Self::Changelog(product, _) => layout::changelog(&product.id),
            Self::Feed(product, _) => layout::feed(&product.id),
            Self::Collection => layout::COLLECTION.to_owned(),
            Self::Releases(_) => layout::RELEASES.to_owned(),
        }
    }
}

fn package_path(product: &Product, release: &Release) -> String {
    layout::package(&product.id, product.group.is_some(), &release.file)
}
