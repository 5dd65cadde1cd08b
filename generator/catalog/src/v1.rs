//! Version 1 of the catalog: the published types, separate from what the generator works with inside.

use serde::{Deserialize, Serialize};

use crate::names::{FileName, GroupId, HexDigest, PackageId, ProductId};
use crate::version::{Stability, Version};

/// The value of the file's `version` field.
pub const VERSION: u32 = 1;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Always [`crate::FORMAT`].
    pub format: String,
    /// Always [`VERSION`].
    pub version: u32,
    /// The site as a whole.
    pub site: Site,
    /// All products, sorted by id.
    pub products: Vec<Product>,
}

/// What holds for the site as a whole. Addresses have no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Title of the download site.
    pub title: String,
    /// Who publishes it.
    pub vendor: String,
    /// Where `public/` is served.
    pub public_url: String,
    /// Where the validator answers; always there when something is licensed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_url: Option<String>,
    /// Where `protected/` is served by an edge that honors signed URLs; always there when something is licensed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_url: Option<String>,
    /// Where a customer renews a license, unless a product has an address of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_url: Option<String>,
    /// Where a customer finds keys and licenses in an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_url: Option<String>,
    /// Where a customer asks for help: `http`, `https` or `mailto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
    /// The site's logo, as a path below `public/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
}

/// One extension, or one download that is not for Joomla, with all its packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Identifier, unique in the catalog; its folder under `public/` and `protected/`.
    pub id: ProductId,
    /// Name for people: the newest package's.
    pub name: String,
    /// What one license opens; absent for a free product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Where a customer renews a license for it, in place of the site's address; licensed products only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_url: Option<String>,
    /// What holders of an expired license may still download; licensed products only.
    #[serde(default, skip_serializing_if = "AfterExpiry::is_nothing")]
    pub after_expiry: AfterExpiry,
    /// One or two sentences about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its home on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Its icon, a file in its folder under `public/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<FileName>,
    /// How Joomla knows it; absent when it is not a Joomla extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// True when Joomla's changelog file of it is published; extensions only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changelog: bool,
    /// Packages, newest first in Joomla's order of versions.
    pub packages: Vec<Package>,
}

/// What holders of an expired license may still download.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterExpiry {
    /// The versions that were out before their license ended, by [`Package::released`]; a version without that date is none
    /// of them.
    OlderReleases,
    /// Nothing. A word that did not exist when this reader was built opens nothing, either.
    #[default]
    #[serde(other)]
    Nothing,
}

impl AfterExpiry {
    /// Left out of the file, which then means the same.
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// The identity of an extension in `#__extensions`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Extension {
    /// `type` of the manifest.
    #[serde(rename = "type")]
    pub kind: ExtensionType,
    /// `element` as Joomla's installer derives it.
    pub element: String,
    /// Plug-in group; plug-ins only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Which application it belongs to.
    pub client: Client,
}

/// The eight kinds of extension that Joomla installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "Joomla's own words")]
pub enum ExtensionType {
    Component,
    File,
    Language,
    Library,
    Module,
    Package,
    Plugin,
    Template,
}

impl ExtensionType {
    /// The word that manifests and feeds use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::File => "file",
            Self::Language => "language",
            Self::Library => "library",
            Self::Module => "module",
            Self::Package => "package",
            Self::Plugin => "plugin",
            Self::Template => "template",
        }
    }

    /// Reads the word as Joomla does: in lower case only.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Component,
            Self::File,
            Self::Language,
            Self::Library,
            Self::Module,
            Self::Package,
            Self::Plugin,
            Self::Template,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}

/// The application that an extension belongs to (`client_id` 0 and 1 in `#__extensions`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// The front end, 0; also plug-ins, packages, libraries and files.
    Site,
    /// The back end, 1; also components.
    Administrator,
}

impl Client {
    /// The word that manifests and feeds use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Administrator => "administrator",
        }
    }
}

/// One file of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Identifier, unique in the catalog; the validator's download addresses use it.
    pub id: PackageId,
    /// Version, as the manifest writes it.
    pub version: Version,
    /// Stability that the feed announces.
    pub stability: Stability,
    /// File name: under `public/files/<product>/` when free, under `protected/<product>/` when licensed.
    pub file: FileName,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// Digests of the file.
    pub digests: Digests,
    /// The Joomla versions it is for, as a range such as `>=4.4, <7`; absent when it is not for Joomla.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joomla: Option<String>,
    /// Lowest PHP version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub php: Option<String>,
    /// Lowest database versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub databases: Option<Databases>,
    /// The day on which it came out, `YYYY-MM-DD`; absent when its changelog does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// True when the vendor took it back: it is in no feed and its file is not published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// Digests of a file, as lower-case hex. There are as many of these as packages, and two of the three are large and seldom there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Always there.
    pub sha256: HexDigest<32>,
    /// On the site's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha384: Option<Box<HexDigest<48>>>,
    /// On the site's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha512: Option<Box<HexDigest<64>>>,
}

/// Lowest version of each database that a package runs on; a database that is not named is not supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Databases {
    /// MySQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<String>,
    /// MariaDB, which Joomla tells apart from MySQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mariadb: Option<String>,
    /// PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgresql: Option<String>,
}
