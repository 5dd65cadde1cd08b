//! Which product of the site is the plug-in. A vendor may have an installer plug-in of his own making, with the very name that ours
//! would have, so names do not tell: the namespace in the manifest does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek};

use bandari_catalog::v1::{Extension, ExtensionType};
use zip::ZipArchive;

use super::groups::is_plugin;
use crate::config::{Config, Element};
use crate::product::{Product, Release};

/// What the namespace of every plug-in that is made here begins with.
pub(super) const NAMESPACE: &str = "Bandari\\ClientPlugin\\";

/// As much of a manifest as is looked at: those that are made here have a line for each group.
const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// The plug-in of the site that sites can get, whatever it is called: that of the name which the configuration says comes first.
pub(crate) fn of_site<'p>(products: &'p [Product], config: &Config) -> Option<&'p Product> {
    let element = config.client_plugin.element(&config.vendor).ok();
    let is_current = |product: &&Product| is_called(product, element.as_ref());
    let made_here = || products.iter().filter(|product| is_made_here(product));
    made_here().find(is_current).or_else(|| made_here().next())
}

/// A plug-in that was made here under another name than the vendor's would give it now, where the configuration says none.
pub(crate) fn of_other_name<'p>(products: &'p [Product], config: &Config) -> Option<&'p Product> {
    let element = config.client_plugin.element(&config.vendor).ok();
    let is_other = |product: &&Product| !is_called(product, element.as_ref());
    of_site(products, config).filter(is_other).filter(|_| !config.client_plugin.has_element())
}

/// The release that sites of this plug-in have or get instead of one that is made now, be it not made here.
pub(super) fn newer_release<'p>(
    products: &'p [Product],
    config: &Config,
    element: &Element,
) -> Option<&'p Release> {
    let own = products.iter().find(|product| is_called(product, Some(element)))?;
    own.latest().filter(|latest| latest.version.compare(&config.client_plugin.version).is_gt())
}

fn is_called(product: &Product, element: Option<&Element>) -> bool {
    let extension = product.extension.as_ref();
    extension.zip(element).is_some_and(|(extension, element)| is_plugin(extension, element))
}

fn is_made_here(product: &Product) -> bool {
    let is_installer = |extension: &&Extension| {
        extension.kind == ExtensionType::Plugin && extension.folder.as_deref() == Some("installer")
    };
    let extension = product.extension.as_ref().filter(is_installer);
    let newest = product.offered().next();
    extension.zip(newest).is_some_and(|(extension, newest)| {
        let file = format!("{}.xml", extension.element);
        let manifest = File::open(newest.source.path()).ok().and_then(|package| manifest(package, &file));
        manifest.is_some_and(|manifest| manifest.contains(NAMESPACE))
    })
}

fn manifest(package: File, name: &str) -> Option<String> {
    let mut archive = ZipArchive::new(package).ok()?;
    let mut text = String::new();
    archive.by_name(name).ok()?.take(MAX_MANIFEST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The files that a release has otherwise than what was `made` now, or that only one of them has, sorted.
pub(crate) fn differences(release: &Release, made: &[u8]) -> Vec<String> {
    let Ok(package) = File::open(release.source.path()) else { return Vec::new() };
    let (Some(before), Some(now)) = (checksums(package), checksums(Cursor::new(made))) else {
        return Vec::new();
    };
    let mut names: Vec<String> = before.keys().chain(now.keys()).cloned().collect();
    names.retain(|name| before.get(name) != now.get(name));
    names.sort_unstable();
    names.dedup();
    names
}

/// CRC-32 of each file of an archive.
fn checksums(archive: impl Read + Seek) -> Option<BTreeMap<String, u32>> {
    let mut archive = ZipArchive::new(archive).ok()?;
    let mut checksums = BTreeMap::new();
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).ok()?;
        checksums.insert(file.name().ok()?.into_owned(), file.crc32());
    }
    Some(checksums)
}
