//! Joomla's changelog file of an extension, which Joomla 4 and later show beside an update and in the list of what is installed.
//!
//! It is read by `libraries/src/Changelog/Changelog.php`, with PHP's SAX parser, and shown by
//! `layouts/joomla/installer/changelog.php`. From these the form: the version alone selects an entry, by `version_compare`
//! and untrimmed; of a section that comes twice the last is shown; each chunk of text becomes an item of its own, and only a
//! CDATA section with nothing around it is one chunk; what is in it is printed as HTML.

use std::io;

use bandari_catalog::v1::Extension;
use quick_xml::events::BytesCData;

use crate::changelog::Entry;
use crate::product::{Product, Release};
use crate::xml::{XmlWriter, document, text};

/// The file of a product in which a release that is offered has an entry with text.
pub(crate) fn file(product: &Product, extension: &Extension) -> Vec<u8> {
    document("changelogs", &[], |writer| {
        product.changes().try_for_each(|(release, entry)| write_entry(writer, extension, release, entry))
    })
}

/// The version is the package's own, whatever the heading says: it is compared with that of the feed.
fn write_entry(
    writer: &mut XmlWriter,
    extension: &Extension,
    release: &Release,
    entry: &Entry,
) -> io::Result<()> {
    writer.create_element("changelog").write_inner_content(|writer| {
        text(writer, "element", &extension.element)?;
        text(writer, "type", extension.kind.as_str())?;
        if let Some(folder) = &extension.folder {
            text(writer, "folder", folder)?;
        }
        text(writer, "version", release.version.as_str())?;
        for (section, items) in &entry.sections {
            writer
                .create_element(section.element())
                .write_inner_content(|writer| items.iter().try_for_each(|html| write_item(writer, html)))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// In escaped HTML there is no `]]>` that would end the section.
fn write_item(writer: &mut XmlWriter, html: &str) -> io::Result<()> {
    writer.create_element("item").write_cdata_content(BytesCData::new(html))?;
    Ok(())
}
