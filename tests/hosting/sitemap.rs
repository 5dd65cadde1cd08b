//! `sitemap.xml` and `robots.txt`.

use bandari_tests::site::Site;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{built, served_files};

/// Address, date and languages of each page in it.
fn pages(site: &Site) -> Vec<(String, Option<String>, Vec<String>)> {
    let text = site.text("output/public/sitemap.xml");
    let mut reader = Reader::from_str(&text);
    let (mut pages, mut element) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => element = start.name().as_ref().to_owned(),
            Event::End(_) => element.clear(),
            Event::Text(value) => {
                let value = value.to_string();
                match &*element {
                    "loc" => pages.push((value, None, Vec::new())),
                    "lastmod" => pages.last_mut().unwrap().1 = Some(value),
                    _ => assert_eq!(value.trim(), ""),
                }
            }
            Event::Empty(link) => {
                assert_eq!(link.name().as_ref(), "xhtml:link");
                let attribute = |name: &str| {
                    let attribute = link.try_get_attribute(name).unwrap().unwrap();
                    attribute.value.into_owned()
                };
                assert_eq!(attribute("rel"), "alternate");
                let language = format!("{} {}", attribute("hreflang"), attribute("href"));
                pages.last_mut().unwrap().2.push(language);
            }
            Event::Eof => return pages,
            _ => {}
        }
    }
}

#[test]
fn every_page_is_in_the_sitemap_once_but_those_for_what_is_not_there() {
    let site = built("https://updates.example.org");
    let is_page = |file: &str| file.ends_with("index.html");
    let files = served_files(&site).into_iter().filter(|(file, _)| is_page(file));
    let mut expected: Vec<String> =
        files.map(|(_, address)| format!("https://updates.example.org{address}")).collect();
    expected.sort();
    let mut found: Vec<String> = pages(&site).into_iter().map(|(address, ..)| address).collect();
    assert_eq!(found[..2], ["https://updates.example.org/", "https://updates.example.org/de/"]);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_page_has_the_day_of_its_newest_release_and_its_languages() {
    let site = built("https://updates.example.org");
    let pages = pages(&site);
    let page = |address: &str| pages.iter().find(|(found, ..)| found == address).unwrap().clone();
    let (_, changed, languages) = page("https://updates.example.org/de/mod_openinghours/");
    assert_eq!(changed.as_deref(), Some("2026-09-14"));
    assert_eq!(
        languages,
        [
            "en https://updates.example.org/mod_openinghours/",
            "de https://updates.example.org/de/mod_openinghours/",
            "x-default https://updates.example.org/mod_openinghours/",
        ]
    );
    let newest = site.text("packages/plg_system_lighthouse/CHANGELOG.md");
    assert!(newest.contains("2026-10-26"), "the newest release of all");
    assert_eq!(page("https://updates.example.org/").1.as_deref(), Some("2026-10-26"));
    assert_eq!(page("https://updates.example.org/key/").1, None);
}

#[test]
fn crawlers_may_read_everything_and_are_told_of_the_sitemap() {
    let robots = built("https://www.example.org/downloads").text("output/public/robots.txt");
    let rules: Vec<&str> = robots.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        rules,
        ["User-agent: *", "Allow: /", "", "Sitemap: https://www.example.org/downloads/sitemap.xml"]
    );
}
