//! Update feeds for Joomla: an extension feed for each product and one collection over all. Written by an XML writer, so
//! that no value can break out of its place; the rules are those of Joomla 3.10 to 6
//! (`libraries/src/Updater/Adapter/ExtensionAdapter.php`, `CollectionAdapter.php`, `libraries/src/Updater/Update.php`).

use std::io;

use bandari_catalog::v1::{Databases, Digests, Extension};
use quick_xml::events::BytesText;

use crate::config::Config;
use crate::joomla_range::JoomlaRange;
use crate::product::{Product, Release};
use crate::retention;
use crate::xml::{XmlWriter, document, text};

/// One `<update>`: a release as sites of one range of versions see it.
struct Entry<'r> {
    release: &'r Release,
    joomla: JoomlaRange,
    databases: Option<&'r Databases>,
}

/// The feed of one extension: releases that are offered, newest first. Older ones stay listed, since a site takes the newest
/// that fits its own Joomla and PHP; which of them may leave is [`crate::retention`]'s business.
pub(crate) fn extension_feed(product: &Product, extension: &Extension, config: &Config) -> Vec<u8> {
    document("updates", &[], |writer| {
        for entry in retention::listed(product, config.retention).into_iter().flat_map(entries) {
            write_entry(writer, product, extension, &entry, config)?;
        }
        Ok(())
    })
}

/// The feed over all extensions. Joomla tests neither stability nor PHP here, so only stable releases are in it: for each
/// range of Joomla versions the newest.
pub(crate) fn collection_feed(products: &[Product], config: &Config) -> Vec<u8> {
    document("extensionset", &[], |writer| {
        for product in products {
            let Some(extension) = &product.extension else { continue };
            let mut seen: Vec<&JoomlaRange> = Vec::new();
            for release in
                product.offered().filter(|r| r.stability == bandari_catalog::version::Stability::Stable)
            {
                let Some(joomla) = release.joomla.as_deref() else { continue };
                if !seen.contains(&joomla) {
                    seen.push(joomla);
                    write_collection_row(writer, product, extension, release, joomla, config)?;
                }
            }
        }
        Ok(())
    })
}

/// On Joomla 3 an entry with `<supported_databases>` is hidden from every site, so a release that reaches 3 and 4 gets two
/// entries. On 3 the databases go unchecked.
fn entries(release: &Release) -> Vec<Entry<'_>> {
    let Some(joomla) = release.joomla.as_deref().cloned() else { return Vec::new() };
    let Some(databases) = release.databases.as_deref() else {
        return vec![Entry { release, joomla, databases: None }];
    };
    let newer = joomla.since_joomla_4().map(|joomla| Entry { release, joomla, databases: Some(databases) });
    let older = joomla.before_joomla_4().map(|joomla| Entry { release, joomla, databases: None });
    newer.into_iter().chain(older).collect()
}

/// Writes one entry. Elements are never nested or repeated: Joomla reads them by name at any depth, and the last wins.
fn write_entry(
    writer: &mut XmlWriter,
    product: &Product,
    extension: &Extension,
    entry: &Entry<'_>,
    config: &Config,
) -> io::Result<()> {
    let release = entry.release;
    let regex = entry.joomla.to_regex();
    writer.create_element("update").write_inner_content(|writer| {
        text(writer, "name", &release.name)?;
        text(writer, "description", &description(product, release))?;
        text(writer, "element", &extension.element)?;
        text(writer, "type", extension.kind.as_str())?;
        if let Some(folder) = &extension.folder {
            text(writer, "folder", folder)?;
        }
        // Without it Joomla takes the administrator, and the update of anything else is never shown.
        text(writer, "client", extension.client.as_str())?;
        text(writer, "version", release.version.as_str())?;
        text(writer, "infourl", &info_address(product, config))?;
        if let Some(address) = changelog_address(product, release, config) {
            text(writer, "changelogurl", &address)?;
        }
        writer
            .create_element("targetplatform")
            .with_attributes([("name", "joomla"), ("version", regex.as_str())])
            .write_empty()?;
        if let Some(php) = &release.php {
            text(writer, "php_minimum", php)?;
        }
        if let Some(databases) = entry.databases {
            write_databases(writer, databases)?;
        }
        writer
            .create_element("tags")
            .write_inner_content(|writer| text(writer, "tag", release.stability.as_str()))?;
        writer.create_element("downloads").write_inner_content(|writer| {
            writer
                .create_element("downloadurl")
                .with_attributes([("type", "full"), ("format", "zip")])
                .write_text_content(BytesText::new(&product.download_address(release, config)))?;
            Ok(())
        })?;
        write_digests(writer, &release.digests)?;
        text(writer, "maintainer", product.maintainer.as_ref().unwrap_or(&config.vendor))
    })?;
    Ok(())
}

fn write_databases(writer: &mut XmlWriter, databases: &Databases) -> io::Result<()> {
    let Databases { mysql, mariadb, postgresql } = databases;
    let named = [("mysql", mysql), ("mariadb", mariadb), ("postgresql", postgresql)];
    let attributes = named.into_iter().filter_map(|(name, version)| Some((name, version.as_deref()?)));
    writer.create_element("supported_databases").with_attributes(attributes).write_empty()?;
    Ok(())
}

fn write_digests(writer: &mut XmlWriter, digests: &Digests) -> io::Result<()> {
    text(writer, "sha256", &digests.sha256.to_string())?;
    if let Some(sha384) = &digests.sha384 {
        text(writer, "sha384", &sha384.to_string())?;
    }
    if let Some(sha512) = &digests.sha512 {
        text(writer, "sha512", &sha512.to_string())?;
    }
    Ok(())
}

/// Joomla prints the description as HTML, so it is escaped twice: once as HTML here, once as XML by the writer.
fn description(product: &Product, release: &Release) -> String {
    let plain = product.summary.as_ref().unwrap_or(&release.name);
    quick_xml::escape::escape(plain.replace('\n', " ")).into_owned()
}

fn info_address(product: &Product, config: &Config) -> String {
    product.infourl.clone().unwrap_or_else(|| format!("{}/{}/", config.public_url, product.id))
}

/// Where Joomla reads what a release changed. Only a release with an entry has it: for any other Joomla would show a button
/// that opens an empty window.
fn changelog_address(product: &Product, release: &Release, config: &Config) -> Option<String> {
    release.changes().map(|_| product.changelog_address(config))
}

fn write_collection_row(
    writer: &mut XmlWriter,
    product: &Product,
    extension: &Extension,
    release: &Release,
    joomla: &JoomlaRange,
    config: &Config,
) -> io::Result<()> {
    let feed = product.feed_address(config);
    let (description, regex) = (description(product, release), joomla.to_regex());
    let infourl = info_address(product, config);
    let changelog = changelog_address(product, release, config);
    let mut attributes = vec![("name", release.name.as_str()), ("element", &extension.element)];
    attributes.push(("type", extension.kind.as_str()));
    if let Some(folder) = &extension.folder {
        attributes.push(("folder", folder));
    }
    attributes.extend([
        ("client", extension.client.as_str()),
        ("version", release.version.as_str()),
        ("description", &description),
        ("infourl", &infourl),
    ]);
    attributes.extend(changelog.as_ref().map(|address| ("changelogurl", address.as_str())));
    attributes.extend([
        ("detailsurl", feed.as_str()),
        ("targetplatform", "joomla"),
        ("targetplatformversion", &regex),
    ]);
    writer.create_element("extension").with_attributes(attributes).write_empty()?;
    Ok(())
}

#[cfg(test)]
mod as_sites_read_it;
