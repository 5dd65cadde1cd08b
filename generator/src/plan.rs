//! Which files the output has, and what is in each. A file's content is made when its turn has come and let go of once it is
//! written, so that a site of any size needs the memory of its largest page.

use std::iter::once;

use bandari_catalog::names::HexDigest;
use bandari_catalog::v1::Extension;

use crate::config::Config;
use crate::error::Error;
use crate::hosting::{Hosting, HostingFile};
use crate::image::Image;
use crate::layout::PageFolder;
use crate::pages::{Pages, SiteFacts};
use crate::place::Content;
use crate::product::{Product, Release};
use crate::{changelog_xml, client_plugin, feed, layout, published, releases_atom, sitemap, theme, workers};

/// The output but the catalog. Paths are below the output directory, with `/`.
pub(crate) struct Plan<'p> {
    pub(crate) products: &'p [Product],
    /// The site's, where it has one.
    pub(crate) logo: Option<&'p Image>,
    config: &'p Config,
    pages: Pages,
    hosting: Hosting,
    /// The feed of releases, where there is one. It is short, however many there are.
    releases: Option<Vec<u8>>,
}

/// A file of the output that is still to be made.
#[derive(Clone, Copy)]
pub(crate) enum Planned<'p> {
    Package(&'p Product, &'p Release),
    Index(PageFolder<'p>),
    Page(&'p Product, PageFolder<'p>),
    KeyPage(PageFolder<'p>),
    NotFoundPage(PageFolder<'p>),
    Sums(&'p Product),
    Style,
    Script,
    SiteIcon,
    Logo(&'p Image),
    Icon(&'p Product, &'p Image),
    Changelog(&'p Product, &'p Extension),
    Feed(&'p Product, &'p Extension),
    Collection,
    Releases(&'p [u8]),
    Sitemap,
    Hosting(HostingFile),
}

impl<'p> Plan<'p> {
    /// Gets the templates ready. The vendor's are tried on every page, so that a wrong one is told before anything is written;
    /// ours fit.
    ///
    /// # Errors
    /// As of [`Pages::load`].
    pub(crate) fn new(
        products: &'p [Product],
        logo: Option<&'p Image>,
        config: &'p Config,
    ) -> Result<Self, Error> {
        let client_plugin = client_plugin::of_site(products, config);
        let facts = SiteFacts::of(products, logo.map(|logo| logo.format), client_plugin);
        let pages = Pages::load(config, facts)?;
        let releases = releases_atom::feed(products, pages.main_texts(), config);
        let hosting = Hosting::load(products, config)?;
        let plan = Self { products, logo, config, pages, hosting, releases };
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

    /// What people read, the digests, what Joomla shows of a release before an update, and what hosts have to know. First what is
    /// over all products: the largest page, begun last, would keep one thread busy while the others wait.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Planned<'p>> + use<'p> {
        let folders = self.folders();
        let has_key_page = self.pages.has_key_page();
        let over_all = folders.clone().into_iter().flat_map(move |folder| {
            let key = has_key_page.then_some(Planned::KeyPage(folder));
            [Planned::Index(folder), Planned::NotFoundPage(folder)].into_iter().chain(key)
        });
        let of_product = move |product: &'p Product| {
            let changelog = product.extension.as_ref().filter(|_| product.changes().next().is_some());
            let changelog = changelog.map(|extension| Planned::Changelog(product, extension));
            let pages = folders.clone().into_iter().map(move |folder| Planned::Page(product, folder));
            pages.chain([Planned::Sums(product)]).chain(changelog)
        };
        let of_site =
            [Planned::Style, Planned::Script].into_iter().chain(HostingFile::ALL.map(Planned::Hosting));
        over_all.chain(of_site).chain(self.products.iter().flat_map(of_product))
    }

    /// Where pages are, the main language first.
    pub(crate) fn folders(&self) -> Vec<PageFolder<'p>> {
        PageFolder::all(self.config).collect()
    }

    /// What pages show.
    pub(crate) fn images(&self) -> impl Iterator<Item = Planned<'p>> + use<'p> {
        let icon = |product: &'p Product| Some(Planned::Icon(product, product.icon.as_ref()?));
        once(Planned::SiteIcon)
            .chain(self.logo.map(Planned::Logo))
            .chain(self.products.iter().filter_map(icon))
    }

    /// What names packages and pages: the feeds of extensions.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = Planned<'p>> + use<'p> {
        let of_extension = |product: &'p Product| Some(Planned::Feed(product, product.extension.as_ref()?));
        self.products.iter().filter_map(of_extension)
    }

    /// What names those feeds, and pages.
    pub(crate) fn feeds_over_all(&self) -> impl Iterator<Item = Planned<'_>> {
        let releases = self.releases.as_deref().map(Planned::Releases);
        [Planned::Collection, Planned::Sitemap].into_iter().chain(releases)
    }

    /// Makes what is in a file.
    ///
    /// # Errors
    /// [`Error::Templates`] of what comes from templates, [`Error::Io`] and [`Error::ChangedWhileRead`] of images.
    pub(crate) fn content(&self, file: Planned<'_>) -> Result<Content, Error> {
        Ok(Content::Bytes(match file {
            Planned::Package(_, release) => {
                let (stamp, sha256) = (release.stamp, release.digests.sha256);
                return Ok(Content::Package { source: release.source.path().to_owned(), stamp, sha256 });
            }
            Planned::Index(folder) => self.pages.index(self.products, folder, self.config)?,
            Planned::Page(product, folder) => {
                self.pages.product(product, self.products, folder, self.config)?
            }
            Planned::KeyPage(folder) => self.pages.key(self.products, folder, self.config)?,
            Planned::NotFoundPage(folder) => self.pages.not_found(folder, self.config)?,
            Planned::Sums(product) => published::sha256sums(product),
            Planned::Style => [self.pages.style(), theme::css(&self.config.theme).into_bytes()].concat(),
            Planned::Script => self.pages.script(),
            Planned::SiteIcon => theme::site_icon(&self.config.title, &self.config.theme),
            Planned::Logo(image) | Planned::Icon(_, image) => image.bytes()?,
            Planned::Changelog(product, extension) => changelog_xml::file(product, extension),
            Planned::Feed(product, extension) => feed::extension_feed(product, extension, self.config),
            Planned::Collection => feed::collection_feed(self.products, self.config),
            Planned::Releases(feed) => feed.to_vec(),
            Planned::Sitemap => sitemap::file(self.products, self.config),
            Planned::Hosting(file) => self.hosting.file(file)?,
        }))
    }
}

impl Planned<'_> {
    /// Where it will be.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Package(product, release) => package_path(product, release),
            Self::Index(folder) => folder.index(),
            Self::Page(product, folder) => folder.page(&product.id),
            Self::KeyPage(folder) => folder.key(),
            Self::NotFoundPage(folder) => folder.not_found(),
            Self::Sums(product) => layout::sums(&product.id),
            Self::Style => layout::STYLE.to_owned(),
            Self::Script => layout::SCRIPT.to_owned(),
            Self::SiteIcon => layout::ICON.to_owned(),
            Self::Logo(logo) => layout::logo(logo.format),
            Self::Icon(product, icon) => layout::icon(&product.id, icon.format),
            Self::Changelog(product, _) => layout::changelog(&product.id),
            Self::Feed(product, _) => layout::feed(&product.id),
            Self::Collection => layout::COLLECTION.to_owned(),
            Self::Releases(_) => layout::RELEASES.to_owned(),
            Self::Sitemap => layout::SITEMAP.to_owned(),
            Self::Hosting(file) => file.path().to_owned(),
        }
    }
}

fn package_path(product: &Product, release: &Release) -> String {
    layout::package(&product.id, product.group.is_some(), &release.file)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bandari_catalog::names::GroupId;

    use super::*;
    use crate::changelog::Changelog;
    use crate::check::sample;
    use crate::collect::Claims;
    use crate::image::ImagePath;
    use crate::published::Catalog;

    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'/>";

    fn image(name: &'static str) -> (tempfile::TempDir, Image) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.svg"), SVG).unwrap();
        let image = ImagePath::parse(name, "a.svg").unwrap().look_at(folder.path()).unwrap();
        (folder, image)
    }

    fn tell(release: &mut Release, changelog: &str) {
        release.notes = Changelog::parse(changelog.as_bytes()).unwrap().entry(&release.version).cloned();
        assert!(release.notes.is_some());
    }

    /// Everything that is written is known as ours, and everything that is known as ours is written.
    #[track_caller]
    fn assert_all_is_known(products: &[Product], logo: Option<&Image>, languages: &[&str]) {
        let languages: Vec<String> = languages.iter().map(|tag| (*tag).to_owned()).collect();
        let config = sample::config().in_languages(&languages).unwrap();
        let plan = Plan::new(products, logo, &config).unwrap();
        let claims = Claims::default();
        let catalog = Catalog::new(products, &claims, logo, &config);
        let known = layout::all(catalog.products(), &plan.folders(), logo.map(|logo| logo.format));
        let planned = plan.packages().chain(plan.images()).chain(plan.pages()).chain(plan.feeds());
        let planned = planned.chain(plan.feeds_over_all());
        let mut planned: Vec<String> = planned.map(Planned::path).collect();
        planned.push(layout::CATALOG.to_owned());
        let files = planned.len();
        let planned: BTreeSet<String> = planned.into_iter().collect();
        assert_eq!(planned.len(), files, "a file is written twice");
        assert_eq!(planned, known);
    }

    #[test]
    fn the_files_that_are_known_as_ours_are_those_that_are_written() {
        let (_folder, picture) = image("icon");
        let free = || sample::module("tides", &["1.1.0", "1.0.0"]);
        let changed = |change: &dyn Fn(&mut Product)| {
            let mut product = free();
            change(&mut product);
            vec![product]
        };
        let constellations: Vec<Vec<Product>> = vec![
            vec![free()],
            vec![free(), sample::module("waves", &["2.0.0-beta1"])],
            changed(&|product| product.group = Some(GroupId::parse("harbor").unwrap())),
            changed(&|product| product.icon = Some(picture.clone())),
            changed(&|product| product.extension = None),
            changed(&|product| product.releases[0].withdrawn = true),
            changed(&|product| product.releases.iter_mut().for_each(|release| release.withdrawn = true)),
            changed(&|product| tell(&mut product.releases[1], "## 1.0.0 - 2026-05-01\n")),
            changed(&|product| tell(&mut product.releases[1], "## 1.0.0\n\n- New\n")),
            changed(&|product| {
                tell(&mut product.releases[0], "## 1.1.0 - 2026-05-01\n\n- New\n");
                product.releases[0].withdrawn = true;
            }),
            changed(&|product| {
                tell(&mut product.releases[0], "## 1.1.0 - 2026-05-01\n\n- New\n");
                product.extension = None;
            }),
        ];
        for products in constellations {
            for logo in [None, Some(&picture)] {
                for languages in [&["en"][..], &["de", "en"]] {
                    assert_all_is_known(&products, logo, languages);
                }
            }
        }
    }
}
