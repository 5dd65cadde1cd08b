//! Products without mistakes, to be spoiled by tests.

use std::path::{Path, PathBuf};

use bandari_catalog::names::{FileName, GroupId, HexDigest, PackageId, ProductId};
use bandari_catalog::v1::{AfterExpiry, Client, Digests, Extension, ExtensionType};
use bandari_catalog::version::Version;

use super::Subject;
use crate::config::Config;
use crate::contents::{Contents, Details, DownloadKeyField, ScriptMinimums, UpdateServer};
use crate::error::{Flaw, Problem};
use crate::joomla_range::JoomlaRange;
use crate::manifest::Manifest;
use crate::product::{Product, Release};
use crate::source::Source;
use crate::stamp::Stamp;

pub(crate) fn config() -> Config {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("packages")).unwrap();
    let path = folder.path().join("bandari.toml");
    let text = "title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example'\n\
                download_url = 'https://get.example'\nprotected_url = 'https://cdn.example'\n";
    std::fs::write(&path, text).unwrap();
    Config::load(&path, None).unwrap()
}

/// A free site module; its versions newest first.
pub(crate) fn module(id: &str, versions: &[&str]) -> Product {
    let element = format!("mod_{id}");
    let extension = Extension { kind: ExtensionType::Module, element, folder: None, client: Client::Site };
    product(id, extension, versions)
}

/// A free site module of these versions and ranges of Joomla, the newest first.
pub(super) fn module_for(releases: &[(&str, &str)]) -> Product {
    let versions: Vec<&str> = releases.iter().map(|&(version, _)| version).collect();
    let mut product = module("tides", &versions);
    for (release, (_, range)) in product.releases.iter_mut().zip(releases) {
        release.joomla = Some(JoomlaRange::parse(range).unwrap().into());
    }
    product
}

/// A licensed plug-in.
pub(super) fn licensed(versions: &[&str]) -> Product {
    let extension = Extension {
        kind: ExtensionType::Plugin,
        element: "beacon".to_owned(),
        folder: Some("system".to_owned()),
        client: Client::Site,
    };
    let mut product = product("beacon", extension, versions);
    product.group = Some(GroupId::parse("lights").unwrap());
    let key = DownloadKeyField { prefix: "dlid=".to_owned(), suffix: "&f=.zip".to_owned() };
    for release in &mut product.releases {
        details(release).download_key = Some(key.clone());
    }
    product
}

fn product(id: &str, extension: Extension, versions: &[&str]) -> Product {
    Product {
        id: ProductId::parse(id).unwrap(),
        name: id.to_owned(),
        group: None,
        renew_url: None,
        after_expiry: AfterExpiry::Nothing,
        summary: None,
        homepage: None,
        infourl: None,
        maintainer: None,
        icon: None,
        releases: versions.iter().map(|version| release(id, &extension, version)).collect(),
        extension: Some(extension),
        product_file: Some(format!("{id}/product.toml")),
        unused_overrides: Vec::new(),
    }
}

fn release(id: &str, extension: &Extension, version: &str) -> Release {
    let file = format!("{}-{}.zip", extension.element, version.replace('+', "~"));
    let version = Version::parse(version).unwrap();
    Release {
        id: PackageId::parse(&format!("{id}-{}", version.compact())).unwrap(),
        name: id.to_owned(),
        stability: version.stability(),
        withdrawn: false,
        contents: Some(Box::new(contents(id, extension, &version))),
        source: Source::new(Path::new(""), PathBuf::from(format!("{id}/{file}"))),
        file: FileName::parse(&file).unwrap(),
        version,
        stamp: Stamp::default(),
        digests: Digests { sha256: HexDigest::new([0; 32]), sha384: None, sha512: None },
        joomla: Some(JoomlaRange::parse(">=4.4, <7").unwrap().into()),
        php: Some("8.1".into()),
        databases: None,
        notes: None,
        changelog: None,
    }
}

fn contents(id: &str, extension: &Extension, version: &Version) -> Contents {
    let server = UpdateServer {
        kind: "extension".to_owned(),
        name: id.to_owned(),
        address: format!("https://u.example/{id}/updates.xml"),
    };
    let details = Details {
        path: format!("{}.xml", extension.element),
        update_servers: vec![server],
        is_upgrade: true,
        ..Details::default()
    };
    let manifest =
        Manifest { extension: extension.clone(), name: id.to_owned(), version: version.clone(), details };
    Contents {
        manifest,
        name: id.to_owned(),
        name_is_unresolved: false,
        minimums: ScriptMinimums::default(),
        metadata_version: None,
        inner: Vec::new(),
    }
}

/// The archive of a release, to be spoiled.
pub(super) fn archive(release: &mut Release) -> &mut Contents {
    release.contents.as_mut().unwrap()
}

/// The details of a release's manifest, to be spoiled.
pub(super) fn details(release: &mut Release) -> &mut Details {
    &mut archive(release).manifest.details
}

/// The newest release, as rules see it.
pub(super) fn subject(product: &Product) -> Subject<'_> {
    super::subjects(product).next().unwrap()
}

/// Code and what was found.
pub(super) fn told(flaws: &[Flaw]) -> Vec<(&'static str, &str)> {
    flaws.iter().map(|flaw| (flaw.code.rule().code, &*flaw.found)).collect()
}

/// Code, place and what was found.
pub(super) fn placed(problems: &[Problem]) -> Vec<(&'static str, &str, &str)> {
    problems.iter().map(|p| (p.rule().code, &*p.file, &*p.found)).collect()
}
