//! `bandari explain`, from the feed to what a vendor reads.

use bandari_tests::site::{Run, Site};
use serde_json::Value;

use crate::programs;

mod all_sites;
mod one_site;
mod other_feeds;
mod sources;

/// A folder with this feed in it.
fn with_feed(feed: &str) -> Site {
    let site = Site::empty(programs().bandari);
    site.put("updates.xml", feed);
    site
}

/// What `bandari explain updates.xml` says of it.
#[track_caller]
fn explain(feed: &str, arguments: &[&str]) -> String {
    answered(&with_feed(feed).run(&[&["explain", "updates.xml"], arguments].concat()))
}

#[track_caller]
fn explain_as_json(feed: &str, arguments: &[&str]) -> Value {
    serde_json::from_str(&explain(feed, &[arguments, &["--json"]].concat())).unwrap()
}

#[track_caller]
fn answered(run: &Run) -> String {
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout.clone()
}

#[track_caller]
fn assert_says(page: &str, line: &str) {
    assert!(page.lines().any(|known| known == line), "no line `{line}` in\n{page}");
}

/// An entry for a plug-in, with this besides name and identity.
fn entry(version: &str, joomla: &str, more: &str) -> String {
    format!(
        "<update><name>Tides</name><description>High and low</description>\
         <infourl>https://d.example.org</infourl><element>tides</element><type>plugin</type><folder>system</folder><client>site</client>\
         <version>{version}</version><targetplatform name=\"joomla\" version=\"{joomla}\"/>\
         <downloads><downloadurl>https://d.example.org/tides.zip</downloadurl></downloads>\
         <sha256>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</sha256>{more}</update>\n"
    )
}

/// Its entries are in lines 2, 3, …
fn updates(entries: &[String]) -> String {
    format!("<updates>\n{}</updates>\n", entries.concat())
}

const PHP: &str = "<php_minimum>8.1</php_minimum>";
const BETA: &str = "<tags><tag>beta</tag></tags>";
const DATABASES: &str = r#"<supported_databases mysql="8.0" mariadb="10.6"/>"#;

/// A beta for 5 and 6, a release for 4.4 and 5 that needs newer PHP and databases, and an old one.
fn tides() -> String {
    updates(&[
        entry("2.0.0-beta1", r"(5|6)\.", BETA),
        entry("1.2.0", r"(4\.4|5\.)", &[PHP, DATABASES].concat()),
        entry("1.0.0", r"(3\.10|4\.|5\.)", ""),
    ])
}
