//! The releases of all products as an Atom feed (RFC 4287): news for people and their feed readers. Joomla does not read it.
//!
//! Atom demands a date of every entry, and no clock is printed here: so it has the releases whose day a changelog tells.

use std::io;

use jiff::civil::Date;
use quick_xml::events::BytesText;

use crate::changelog::Entry;
use crate::config::Config;
use crate::product::{Product, Release};
use crate::xml::{XmlWriter, document, text};

/// Most entries: a feed is fetched whole and often, and who reads it wants to know what is new.
const MAX_ENTRIES: usize = 100;

/// The feed; nothing when no release that is offered has a date.
pub(crate) fn feed(products: &[Product], config: &Config) -> Option<Vec<u8>> {
    let mut releases: Vec<(Date, &Product, &Release)> = products
        .iter()
        .flat_map(|product| product.offered().map(move |release| (product, release)))
        .filter_map(|(product, release)| Some((release.date()?, product, release)))
        .collect();
    // Of one day: by product, as products are sorted, and of one product the newest first, as releases are.
    releases.sort_by_key(|(date, ..)| std::cmp::Reverse(*date));
    releases.truncate(MAX_ENTRIES);
    let (newest, ..) = releases.first()?;
    let address = format!("{}/releases.atom", config.public_url);
    Some(document("feed", &[("xmlns", "http://www.w3.org/2005/Atom")], |writer| {
        text(writer, "id", &address)?;
        text(writer, "title", &config.title)?;
        text(writer, "updated", &timestamp(*newest))?;
        link(writer, "self", "application/atom+xml", &address)?;
        link(writer, "alternate", "text/html", &format!("{}/", config.public_url))?;
        writer.create_element("author").write_inner_content(|writer| text(writer, "name", &config.vendor))?;
        releases
            .iter()
            .try_for_each(|(date, product, release)| write_entry(writer, *date, product, release, config))
    }))
}

/// A changelog tells the day and not the hour: the beginning of the day, in UTC.
fn timestamp(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// An entry's id is the address of the release on the product's page, made of nothing that may change once published: neither
/// the product's id, nor the version, nor where the site is served.
fn write_entry(
    writer: &mut XmlWriter,
    date: Date,
    product: &Product,
    release: &Release,
    config: &Config,
) -> io::Result<()> {
    let address = format!("{}/{}/#{}", config.public_url, product.id, release.version);
    writer.create_element("entry").write_inner_content(|writer| {
        text(writer, "id", &address)?;
        text(writer, "title", &format!("{} {}", product.name, release.version))?;
        text(writer, "published", &timestamp(date))?;
        text(writer, "updated", &timestamp(date))?;
        link(writer, "alternate", "text/html", &address)?;
        writer
            .create_element("category")
            .with_attributes([("term", release.stability.as_str())])
            .write_empty()?;
        let Some(entry) = release.changes() else { return Ok(()) };
        writer
            .create_element("content")
            .with_attributes([("type", "html")])
            .write_text_content(BytesText::new(&html(entry)))?;
        Ok(())
    })?;
    Ok(())
}

fn link(writer: &mut XmlWriter, relation: &str, kind: &str, address: &str) -> io::Result<()> {
    let attributes = [("rel", relation), ("type", kind), ("href", address)];
    writer.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

/// The text of the product's page.
fn html(entry: &Entry) -> String {
    let mut html = String::new();
    for (section, items) in &entry.sections {
        html.extend(["<h3>", section.title(), "</h3><ul>"]);
        items.iter().for_each(|item| html.extend(["<li>", item, "</li>"]));
        html.push_str("</ul>");
    }
    html
}
