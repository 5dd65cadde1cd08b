//! The releases of all products as an Atom feed (RFC 4287): news for people and their feed readers. Joomla does not read it.
//!
//! Atom demands a date of every entry, and no clock is printed here: so it has the releases whose day a changelog tells. There is
//! one for all languages of the site, with the words of the main one.

use std::io;

use jiff::civil::Date;
use quick_xml::escape::partial_escape;
use quick_xml::events::BytesText;

use crate::changelog::Entry;
use crate::config::Config;
use crate::pages::Texts;
use crate::product::{Product, Release};
use crate::xml::{XmlWriter, document, text};

/// Most entries: a feed is fetched whole and often, and who reads it wants to know what is new.
const MAX_ENTRIES: usize = 100;

/// A release that the feed can have.
struct Dated<'p> {
    date: Date,
    product: &'p Product,
    release: &'p Release,
}

/// All of them, by product.
fn dated(products: &[Product]) -> impl Iterator<Item = Dated<'_>> {
    products.iter().flat_map(|product| {
        product.offered().filter_map(move |release| Some(Dated { date: release.date()?, product, release }))
    })
}

/// Whether there is a feed.
pub(crate) fn has_entries(products: &[Product]) -> bool {
    dated(products).next().is_some()
}

/// The feed, in the main language, whose texts these are; nothing when no release that is offered has a date.
pub(crate) fn feed(products: &[Product], texts: &Texts, config: &Config) -> Option<Vec<u8>> {
    let mut releases: Vec<Dated<'_>> = dated(products).collect();
    // Of one day: by product, as products are sorted, and of one product the newest first, as releases are.
    releases.sort_by_key(|dated| std::cmp::Reverse(dated.date));
    releases.truncate(MAX_ENTRIES);
    let newest = releases.first()?;
    let address = format!("{}/releases.atom", config.public_url);
    let attributes = [("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", texts.tag.as_str())];
    Some(document("feed", &attributes, |writer| {
        text(writer, "id", &address)?;
        text(writer, "title", &config.title)?;
        text(writer, "updated", &timestamp(newest.date))?;
        link(writer, "self", "application/atom+xml", &address)?;
        link(writer, "alternate", "text/html", &format!("{}/", config.public_url))?;
        writer.create_element("author").write_inner_content(|writer| text(writer, "name", &config.vendor))?;
        releases.iter().try_for_each(|dated| write_entry(writer, dated, texts, config))
    }))
}

/// A changelog tells the day and not the hour: the beginning of the day, in UTC.
fn timestamp(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// An entry's id is the address of the release on the product's page, made of nothing that may change once published: neither
/// the product's id, nor the version, nor where the site is served.
fn write_entry(writer: &mut XmlWriter, dated: &Dated<'_>, texts: &Texts, config: &Config) -> io::Result<()> {
    let Dated { date, product, release } = *dated;
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
            .write_text_content(BytesText::new(&html(entry, texts)))?;
        Ok(())
    })?;
    Ok(())
}

fn link(writer: &mut XmlWriter, relation: &str, kind: &str, address: &str) -> io::Result<()> {
    let attributes = [("rel", relation), ("type", kind), ("href", address)];
    writer.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

/// The text of the product's page. Items are HTML already, words are not.
fn html(entry: &Entry, texts: &Texts) -> String {
    let mut html = String::new();
    for (section, items) in &entry.sections {
        html.extend(["<h3>", &partial_escape(texts.section(*section)), "</h3><ul>"]);
        items.iter().for_each(|item| html.extend(["<li>", item, "</li>"]));
        html.push_str("</ul>");
    }
    html
}
