//! The list of all pages for search engines, by the protocol of sitemaps.org, with the languages of each page as Google reads
//! them (`xhtml:link`). No clock is printed: a page has the day of its newest release, as far as a changelog tells.

use std::io;

use jiff::civil::Date;

use crate::config::Config;
use crate::layout::PageFolder;
use crate::product::{Product, Release};
use crate::xml::{XmlWriter, document, text};

/// Most addresses that search engines read of one file. With more, an index over several files would be needed; but what is left
/// out is one link away from a page that is listed, and no vendor has that many pages.
const MAX_ADDRESSES: usize = 50_000;

/// Most bytes that they read: less than the 50 MB of the protocol by more than the last entry can have.
const MAX_BYTES: usize = 49_000_000;

/// A page in all its languages.
struct Page {
    /// Below the folder of its language, with a slash at its end.
    path: String,
    changed: Option<Date>,
}

/// The list, the start page first. Pages for addresses that lead nowhere are not in it.
pub(crate) fn file(products: &[Product], config: &Config) -> Vec<u8> {
    list(pages(products), config)
}

fn list(pages: impl Iterator<Item = Page>, config: &Config) -> Vec<u8> {
    let attributes = [
        ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9"),
        ("xmlns:xhtml", "http://www.w3.org/1999/xhtml"),
    ];
    // One language has nothing to refer to.
    let attributes = if config.languages.len() > 1 { &attributes[..] } else { &attributes[..1] };
    document("urlset", attributes, |writer| {
        let most = MAX_ADDRESSES / config.languages.len();
        for page in pages.take(most) {
            for folder in PageFolder::all(config) {
                if writer.get_ref().len() < MAX_BYTES {
                    write_page(writer, &page, folder, config)?;
                }
            }
        }
        Ok(())
    })
}

fn pages(products: &[Product]) -> impl Iterator<Item = Page> {
    let changed = |product: &Product| product.offered().filter_map(Release::date).max();
    let start = Page { path: String::new(), changed: products.iter().filter_map(changed).max() };
    let is_licensed = products.iter().any(|product| product.group.is_some());
    let key = is_licensed.then(|| Page { path: "key/".to_owned(), changed: None });
    let of_product =
        move |product: &Product| Page { path: format!("{}/", product.id), changed: changed(product) };
    [start].into_iter().chain(key).chain(products.iter().map(of_product))
}

fn write_page(
    writer: &mut XmlWriter,
    page: &Page,
    folder: PageFolder<'_>,
    config: &Config,
) -> io::Result<()> {
    let address = |folder: PageFolder<'_>| format!("{}/{}{}", config.public_url, folder.prefix(), page.path);
    writer.create_element("url").write_inner_content(|writer| {
        text(writer, "loc", &address(folder))?;
        if let Some(date) = page.changed {
            text(writer, "lastmod", &date.to_string())?;
        }
        if config.languages.len() < 2 {
            return Ok(());
        }
        for (tag, folder) in config.languages.iter().zip(PageFolder::all(config)) {
            write_language(writer, tag.as_str(), &address(folder))?;
        }
        // For those whose language is none of these.
        write_language(writer, "x-default", &address(PageFolder::Main))
    })?;
    Ok(())
}

fn write_language(writer: &mut XmlWriter, tag: &str, address: &str) -> io::Result<()> {
    let attributes = [("rel", "alternate"), ("hreflang", tag), ("href", address)];
    writer.create_element("xhtml:link").with_attributes(attributes).write_empty()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(languages: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("packages")).unwrap();
        let config = folder.path().join("bandari.toml");
        let text = "title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example/d'\nlanguages = ";
        std::fs::write(&config, format!("{text}{languages}")).unwrap();
        Config::load(&config, None).unwrap()
    }

    fn sitemap(languages: &str) -> String {
        String::from_utf8(file(&[], &config(languages))).unwrap()
    }

    #[test]
    fn a_site_in_one_language_has_no_others() {
        assert_eq!(
            sitemap("['en']"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n  \
             <url>\n    <loc>https://u.example/d/</loc>\n  </url>\n</urlset>\n"
        );
    }

    #[test]
    fn each_page_names_itself_in_all_languages() {
        let sitemap = sitemap("['de', 'en']");
        let links = "    <xhtml:link rel=\"alternate\" hreflang=\"de\" href=\"https://u.example/d/\"/>\n    \
                     <xhtml:link rel=\"alternate\" hreflang=\"en\" href=\"https://u.example/d/en/\"/>\n    \
                     <xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"https://u.example/d/\"/>\n";
        for address in ["https://u.example/d/", "https://u.example/d/en/"] {
            let entry = format!("  <url>\n    <loc>{address}</loc>\n{links}  </url>\n");
            assert!(sitemap.contains(&entry), "{sitemap}");
        }
    }

    #[test]
    fn no_more_is_listed_than_search_engines_read() {
        let pages = |path_chars: usize| {
            (0..60_000).map(move |_| Page { path: "x".repeat(path_chars), changed: None })
        };
        let listed = |text: Vec<u8>| String::from_utf8(text).unwrap().matches("<loc>").count();
        assert_eq!(listed(list(pages(1), &config("['en']"))), 50_000);
        // Each page in all its languages or not at all.
        assert_eq!(listed(list(pages(1), &config("['en', 'de', 'fr']"))), 49_998);
        let long = list(pages(1_000), &config("['en', 'de', 'fr']"));
        assert!((48_900_000..50_000_000).contains(&long.len()), "{}", long.len());
    }
}
