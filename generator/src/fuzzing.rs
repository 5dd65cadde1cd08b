//! What fuzzers reach the readers of strangers' bytes by: each function reads as a build does, and tells in plain values what was
//! understood and what is published of it. Nothing here belongs to the library's interface.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use bandari_catalog::names::{FileName, HexDigest, PackageId, ProductId};
use bandari_catalog::v1::{Client, Digests, ExtensionType};
use bandari_catalog::version::Version;

use crate::archive::ArchiveReader;
use crate::changelog::Changelog;
use crate::changelog_xml;
use crate::config::Config;
use crate::contents::Contents;
use crate::error::{Flaw, Problem};
use crate::feed;
use crate::image::ImagePath;
use crate::init::{jbackend, options};
use crate::joomla_range::JoomlaRange;
use crate::manifest::{self, Manifest};
use crate::product::{Product, Release};
use crate::product_file::ProductFile;
use crate::source::Source;
use crate::stamp::Stamp;
use crate::updater::xml_calls;
use crate::version_range::VersionRange;
use crate::zip_directory::verdict;

pub use crate::updater::XmlCall;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("there is room for a configuration");
    let path = folder.path().join("bandari.toml");
    let text = "title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example'\n";
    std::fs::write(&path, text).expect("there is room for a configuration");
    Config::read(&path, None).expect("the configuration is good")
});

/// An extension, and its feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// As a manifest's `type` has it.
    pub kind: &'static str,
    /// As Joomla's installer stores it.
    pub element: String,
    /// Of plug-ins only.
    pub folder: Option<String>,
    /// `site` or `administrator`.
    pub client: &'static str,
    /// For people.
    pub name: String,
    /// As the manifest has it.
    pub version: String,
    /// Path of the manifest in its archive.
    pub path: String,
    /// What a feed with nothing but this has.
    pub feed: Vec<u8>,
}

/// A package that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What it is.
    pub extension: Extension,
    /// What is inside of it: where, and what it is or what is wrong with it.
    pub inner: Vec<(String, Result<Package, String>)>,
    /// Whether the cache gives back what it was given.
    pub is_kept_whole: bool,
}

/// Reads a zip.
///
/// # Errors
/// The problem, as people read it.
pub fn package(zip: &[u8]) -> Result<Package, String> {
    let read = ArchiveReader::new().read(&zip, zip.len() as u64).map(Box::new);
    match verdict(read).expect("memory does not fail") {
        Ok(contents) => Ok(package_of(&contents)),
        Err(flaw) => Err(problem(flaw.entry.as_deref().unwrap_or("a.zip"), flaw.flaw)),
    }
}

fn package_of(contents: &Contents) -> Package {
    let kept = postcard::to_stdvec(contents).expect("contents can be written");
    let inner = contents.inner.iter().map(|file| match &file.contents {
        Ok(inner) => (file.path.clone(), Ok(package_of(inner))),
        Err(flaw) => (file.path.clone(), Err(problem(&file.path, flaw.flaw.clone()))),
    });
    Package {
        extension: extension_of(&contents.manifest, &contents.name),
        inner: inner.collect(),
        is_kept_whole: postcard::from_bytes::<Contents>(&kept).is_ok_and(|read| read == *contents),
    }
}

/// Reads a manifest that lies at `path` in its archive.
///
/// # Errors
/// The problem, as people read it.
pub fn manifest(bytes: &[u8], path: &str) -> Result<Extension, String> {
    let manifest = manifest::read(bytes, path).map_err(|flaw| problem(path, flaw))?;
    Ok(extension_of(&manifest, &manifest.name))
}

fn extension_of(manifest: &Manifest, name: &str) -> Extension {
    let product = product_with(manifest.extension.clone(), vec![release(name, &manifest.version)]);
    let feed = feed::extension_feed(&product, &manifest.extension, &CONFIG);
    let extension = &manifest.extension;
    Extension {
        kind: extension.kind.as_str(),
        element: extension.element.clone(),
        folder: extension.folder.clone(),
        client: extension.client.as_str(),
        name: name.to_owned(),
        version: manifest.version.to_string(),
        path: manifest.details.path.clone(),
        feed,
    }
}

/// What Joomla's parser of XML calls back with for these bytes; nothing when it takes them for no whole XML.
#[must_use]
pub fn calls(xml: &[u8]) -> Option<Vec<XmlCall>> {
    xml_calls(xml)
}

/// The items of each section, by the section's element.
pub type Sections = Vec<(&'static str, Vec<String>)>;

/// A changelog that was read.
#[derive(Clone, Debug)]
pub struct ReadChangelog {
    /// Versions, newest first, with the HTML of their items.
    pub entries: Vec<(String, Sections)>,
    /// What could not be understood, as people read it.
    pub flaws: Vec<String>,
    /// Joomla's changelog file, of a product that has a release for each entry.
    pub xml: Vec<u8>,
}

/// Reads a `CHANGELOG.md`.
///
/// # Errors
/// The problem, as people read it.
pub fn changelog(bytes: &[u8]) -> Result<ReadChangelog, String> {
    let read = Changelog::parse(bytes).map_err(|flaw| problem("CHANGELOG.md", flaw))?;
    let releases = read
        .entries()
        .iter()
        .map(|entry| Release { notes: Some(Arc::clone(entry)), ..release("Tides", &entry.version) });
    let extension = bandari_catalog::v1::Extension {
        kind: ExtensionType::Module,
        element: "mod_tides".to_owned(),
        folder: None,
        client: Client::Site,
    };
    let xml = changelog_xml::file(&product_with(extension.clone(), releases.collect()), &extension);
    let entries = read.entries().iter().map(|entry| {
        let sections = entry.sections.iter().map(|(section, items)| (section.element(), items.clone()));
        (entry.version.to_string(), sections.collect())
    });
    let flaws = read.flaws.iter().map(|flaw| flaw.in_file("CHANGELOG.md").to_string());
    Ok(ReadChangelog { entries: entries.collect(), flaws: flaws.collect(), xml })
}

/// A product file that was read, and what becomes of it with one release.
#[derive(Clone, Debug)]
pub struct ReadProduct {
    /// What is for people.
    pub summary: Option<String>,
    /// Who maintains it.
    pub maintainer: Option<String>,
    /// Where Joomla leads people.
    pub infourl: Option<String>,
    /// Lowest PHP for the release.
    pub php: Option<String>,
    /// The identifier of the release's package.
    pub package_id: Result<String, String>,
    /// Path of the icon.
    pub icon: Option<PathBuf>,
    /// Of a free extension of that description.
    pub feed: Vec<u8>,
}

/// Reads a `product.toml`, and makes the feed of a release of this version.
///
/// # Errors
/// All problems, as people read them.
///
/// # Panics
/// When `version` is none.
pub fn product(text: &str, version: &str) -> Result<ReadProduct, Vec<String>> {
    let told = |flaws: Vec<Flaw>| -> Vec<String> {
        flaws.into_iter().map(|flaw| problem("product.toml", flaw)).collect()
    };
    let file = ProductFile::parse(text).map_err(told)?;
    let version = Version::parse(version).expect("it is a version");
    let facts = file.release(&version);
    let id = file.id.clone().unwrap_or_else(product_id);
    let package_id = file.package_id(&id, "mod_tides", &version);
    let extension = bandari_catalog::v1::Extension {
        kind: ExtensionType::Module,
        element: "mod_tides".to_owned(),
        folder: None,
        client: Client::Site,
    };
    let release = Release {
        joomla: facts.joomla.or_else(|| Some(JoomlaRange::every().into())),
        php: facts.php.clone(),
        databases: file.databases.clone(),
        stability: facts.stability,
        ..release("Tides", &version)
    };
    let product = Product {
        id,
        summary: file.summary.clone(),
        maintainer: file.maintainer.clone(),
        infourl: file.infourl.clone(),
        ..product_with(extension.clone(), vec![release])
    };
    Ok(ReadProduct {
        summary: file.summary,
        maintainer: file.maintainer,
        infourl: file.infourl,
        php: facts.php.map(|php| php.to_string()),
        package_id: package_id.map(|id| id.to_string()).map_err(|flaw| problem("product.toml", flaw)),
        icon: file.icon.map(|icon| icon.as_path().to_owned()),
        feed: feed::extension_feed(&product, &extension, &CONFIG),
    })
}

/// The expression that a feed has for a range of Joomla versions.
///
/// # Errors
/// What was expected.
pub fn joomla_expression(range: &str) -> Result<String, String> {
    let range = JoomlaRange::parse(range)?;
    let _ = (range.for_people(), range.first(), range.end());
    Ok(range.to_regex())
}

/// Whether a version is in the range that a `[[releases]]` has.
///
/// # Errors
/// The problem, as people read it.
///
/// # Panics
/// When `version` is none.
pub fn is_in_version_range(range: &str, version: &str) -> Result<bool, String> {
    let range = VersionRange::parse(range).map_err(|flaw| problem("product.toml", flaw))?;
    Ok(range.contains(&Version::parse(version).expect("it is a version")))
}

/// Checks an image of this name.
///
/// # Errors
/// The problem, as people read it.
pub fn image(name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = ImagePath::parse("icon", name).map_err(|flaw| problem("product.toml", flaw))?;
    path.check(bytes).map_err(|flaw| problem(name, flaw))
}

/// What jBackend's options say.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Problems and notes, as people read them.
    pub told: Vec<String>,
    /// Groups and packages as a log could show them.
    pub debug: String,
    /// Paths of packages, below the folder.
    pub paths: Vec<String>,
}

/// Reads the options of jBackend's plug-in "Release System".
#[must_use]
pub fn jbackend_options(text: &str) -> ReadOptions {
    let options = options::read("old", text);
    let system = jbackend::understand(&options);
    let problems = options.problems.iter().chain(&system.problems).map(ToString::to_string);
    ReadOptions {
        told: problems.chain(options.notes.iter().cloned()).collect(),
        debug: format!("{:?} {:?}", system.groups, system.packages),
        paths: system.packages.iter().map(|package| package.path.clone()).collect(),
    }
}

fn problem(file: &str, flaw: Flaw) -> String {
    Problem::of_flaw(file, flaw).to_string()
}

fn product_id() -> ProductId {
    ProductId::parse("tides").expect("it is an identifier")
}

fn product_with(extension: bandari_catalog::v1::Extension, releases: Vec<Release>) -> Product {
    Product {
        id: product_id(),
        name: "Tides".to_owned(),
        group: None,
        renew_url: None,
        after_expiry: bandari_catalog::v1::AfterExpiry::Nothing,
        summary: None,
        homepage: None,
        infourl: None,
        maintainer: None,
        icon: None,
        extension: Some(extension),
        releases,
        product_file: None,
        unused_overrides: Vec::new(),
    }
}

fn release(name: &str, version: &Version) -> Release {
    Release {
        id: PackageId::parse("tides-1").expect("it is an identifier"),
        version: version.clone(),
        name: name.to_owned(),
        stability: version.stability(),
        withdrawn: false,
        file: FileName::parse("tides.zip").expect("it is a file's name"),
        contents: None,
        source: Source::new(Path::new(""), PathBuf::from("tides.zip")),
        stamp: Stamp::default(),
        digests: Digests { sha256: HexDigest::new([0; 32]), sha384: None, sha512: None },
        joomla: Some(JoomlaRange::every().into()),
        php: None,
        databases: None,
        changelog: None,
        notes: None,
    }
}
