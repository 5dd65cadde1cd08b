//! Where each file of the output is, below the output directory, with `/`. Writing, removing and remembering all ask here, so
//! that what is written is always known as ours.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use bandari_catalog::names::{FileName, ProductId};
use bandari_catalog::v1::{Package, Product};

use crate::config::{Config, LanguageTag};
use crate::image::ImageFormat;

/// The catalog.
pub(crate) const CATALOG: &str = "public/catalog.json";

/// The feed over all extensions.
pub(crate) const COLLECTION: &str = "public/collection.xml";

/// The feed over the releases of all products, for people.
pub(crate) const RELEASES: &str = "public/releases.atom";

/// The style sheet of all pages.
pub(crate) const STYLE: &str = "public/assets/style.css";

/// The script of all pages.
pub(crate) const SCRIPT: &str = "public/assets/script.js";

/// The icon of the site.
pub(crate) const ICON: &str = "public/assets/icon.svg";

/// The list of all pages, for search engines.
pub(crate) const SITEMAP: &str = "public/sitemap.xml";

/// What crawlers may read.
pub(crate) const ROBOTS: &str = "public/robots.txt";

/// Headers, for Netlify and Cloudflare Pages.
pub(crate) const HEADERS: &str = "public/_headers";

/// Addresses that lead elsewhere, for the same.
pub(crate) const REDIRECTS: &str = "public/_redirects";

/// The same for nginx, which no visitor needs.
pub(crate) const NGINX: &str = "hosting/nginx.conf";

/// The same for Caddy.
pub(crate) const CADDY: &str = "hosting/Caddyfile";

/// What every site has, whatever its products and languages.
const OF_EVERY_SITE: [&str; 11] =
    [CATALOG, COLLECTION, STYLE, SCRIPT, ICON, SITEMAP, ROBOTS, HEADERS, REDIRECTS, NGINX, CADDY];

/// What the paths of licensed packages begin with.
pub(crate) const PROTECTED: &str = "protected/";

/// What the paths of free packages begin with.
const FREE_PACKAGES: &str = "public/files/";

/// The names of an extension's feed and of a product's digests.
const FEED: &str = "updates.xml";
const SUMS: &str = "SHA256SUMS";

/// A package: free ones and licensed ones are never below the same folder.
pub(crate) fn package(product: &ProductId, is_licensed: bool, file: &FileName) -> String {
    let folder = if is_licensed { PROTECTED } else { FREE_PACKAGES };
    format!("{folder}{product}/{file}")
}

/// Where the pages of a language are, below the folder of all that is public: the main language's in that folder itself, each
/// other's in one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageFolder<'t> {
    Main,
    Of(&'t LanguageTag),
}

impl<'t> PageFolder<'t> {
    /// One for each language of a site.
    pub(crate) fn all(config: &'t Config) -> impl Iterator<Item = Self> {
        let of = |(at, tag)| if at == 0 { Self::Main } else { Self::Of(tag) };
        config.languages.iter().enumerate().map(of)
    }

    /// Before the path of a page of this language, relative to the site's root: empty, or `de/`.
    pub(crate) fn prefix(self) -> String {
        match self {
            Self::Main => String::new(),
            Self::Of(tag) => format!("{tag}/"),
        }
    }

    /// The page over all products.
    pub(crate) fn index(self) -> String {
        self.file("index.html")
    }

    /// A product's page.
    pub(crate) fn page(self, product: &ProductId) -> String {
        self.file(&format!("{product}/index.html"))
    }

    /// The page about license keys.
    pub(crate) fn key(self) -> String {
        self.file("key/index.html")
    }

    /// The page for addresses that lead nowhere. Static hosts know it by this name.
    pub(crate) fn not_found(self) -> String {
        self.file("404.html")
    }

    fn file(self, below: &str) -> String {
        format!("public/{}{below}", self.prefix())
    }
}

/// A product's digests.
pub(crate) fn sums(product: &ProductId) -> String {
    format!("public/{product}/{SUMS}")
}

/// An extension's feed.
pub(crate) fn feed(product: &ProductId) -> String {
    format!("public/{product}/{FEED}")
}

/// What changed in an extension, for Joomla.
pub(crate) fn changelog(product: &ProductId) -> String {
    format!("public/{product}/changelog.xml")
}

/// What is asked for below the root of the site, where a file of it lies below `public/`.
pub(crate) fn below_root(path: &str) -> &str {
    path.strip_prefix("public/").unwrap_or(path)
}

/// A product's icon: its folder has no other one.
pub(crate) fn icon(product: &ProductId, format: ImageFormat) -> String {
    format!("public/{product}/{}", icon_name(format))
}

/// The name of a product's icon in its folder.
pub(crate) fn icon_name(format: ImageFormat) -> FileName {
    FileName::parse(&format!("icon.{}", format.extension())).expect("letters and a dot are a file name")
}

/// The site's logo.
pub(crate) fn logo(format: ImageFormat) -> String {
    format!("public/assets/logo.{}", format.extension())
}

/// Where the site's logo may be: one place for each format.
pub(crate) fn logos() -> impl Iterator<Item = String> {
    ImageFormat::ALL.into_iter().map(logo)
}

/// A package of a catalog.
pub(crate) fn catalog_package(product: &Product, of_product: &Package) -> String {
    package(&product.id, product.group.is_some(), &of_product.file)
}

/// Every file that a build with these products in its catalog writes, with pages in these folders and with such a logo.
pub(crate) fn all(
    products: impl Iterator<Item: Borrow<Product>>,
    folders: &[PageFolder<'_>],
    logo_format: Option<ImageFormat>,
) -> BTreeSet<String> {
    let mut paths: BTreeSet<String> = OF_EVERY_SITE.map(str::to_owned).into();
    paths.extend(folders.iter().flat_map(|folder| [folder.index(), folder.not_found()]));
    paths.extend(logo_format.map(logo));
    for product in products {
        let product = product.borrow();
        let offered = || product.packages.iter().filter(|package| !package.withdrawn);
        paths.extend(offered().map(|package| catalog_package(product, package)));
        paths.extend(offered().find(|package| package.released.is_some()).map(|_| RELEASES.to_owned()));
        paths.insert(sums(&product.id));
        paths.extend(folders.iter().map(|folder| folder.page(&product.id)));
        if product.group.is_some() {
            paths.extend(folders.iter().map(|folder| folder.key()));
        }
        paths.extend(product.extension.as_ref().map(|_| feed(&product.id)));
        paths.extend(product.icon.as_ref().map(|icon| format!("public/{}/{icon}", product.id)));
        paths.extend(product.changelog.then(|| changelog(&product.id)));
    }
    paths
}

/// When a file goes that nobody needs any more, compared with others: feeds go before the pages and changelogs that they name, and
/// all that names packages before these, so that at no instant a package is named that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TurnToGo {
    /// What Joomla and feed readers follow.
    Feeds,
    /// What people follow.
    Pages,
    /// What both name: changelogs, pictures, and the digests of packages.
    Named,
    Packages,
}

impl TurnToGo {
    /// Of a file by its path.
    pub(crate) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path.starts_with(PROTECTED) || path.starts_with(FREE_PACKAGES) {
            Self::Packages
        } else if name == FEED || [COLLECTION, RELEASES, SITEMAP].contains(&path) {
            Self::Feeds
        } else if name.ends_with(".html") {
            Self::Pages
        } else {
            Self::Named
        }
    }
}

/// Whether a path is one that this module could have made: below one of the three folders, and never out of them again.
pub(crate) fn is_below(path: &str) -> bool {
    let mut segments = path.split('/');
    matches!(segments.next(), Some("public" | "protected" | "hosting"))
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_names_something_goes_before_it() {
        let in_turn = [
            "public/tides/updates.xml",
            "public/releases.atom",
            "public/de/tides/index.html",
            "public/tides/index.html",
            "public/tides/SHA256SUMS",
            "public/tides/changelog.xml",
            "public/tides/icon.svg",
            "public/files/almanac/updates.xml",
            "public/files/tides/mod_tides-1.0.0.zip",
            "protected/beacon/plg_beacon-2.0.0.zip",
        ];
        let turns: Vec<TurnToGo> = in_turn.iter().map(|path| TurnToGo::of(path)).collect();
        use TurnToGo::{Feeds, Named, Packages, Pages};
        let expected = [Feeds, Feeds, Pages, Pages, Named, Named, Named, Packages, Packages, Packages];
        assert_eq!(turns, expected);
        assert!(turns.is_sorted());
    }

    #[test]
    fn nothing_outside_of_the_three_folders_is_ours() {
        assert!(is_below("public/files/tides/mod_tides-1.0.0.zip"));
        assert!(is_below("hosting/nginx.conf"));
        for foreign in
            ["", "/etc/passwd", "public/../validator.toml", "bandari.toml", "public//x", "public2/x"]
        {
            assert!(!is_below(foreign), "{foreign}");
        }
    }
}
