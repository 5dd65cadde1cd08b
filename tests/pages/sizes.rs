//! Pages stay small, whatever a vendor has.

use std::fs;

use bandari_tests::site::{CONFIG, Site};

use super::products::{self, LONG_HISTORY, Source};
use crate::programs;

/// Of the page of a product with [`LONG_HISTORY`] releases, in bytes.
const PRODUCT_PAGE: u64 = 300_000;

/// Of the start page with [`MANY`] products, in bytes.
const START_PAGE: u64 = 400_000;

/// A vendor with more products is not known.
const MANY: usize = 500;

/// Builds a site with these lines more in its configuration, and gives the size of one of its files.
fn size(sources: Vec<Source>, settings: &str, file: &str) -> u64 {
    let site = Site::new(programs().bandari).config(&format!("{CONFIG}{settings}"));
    for (path, bytes) in sources {
        site.put(&format!("packages/{path}"), bytes);
    }
    let run = site.build(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let path = site.path(&format!("output/public/{file}"));
    fs::metadata(path).unwrap().len()
}

#[test]
fn the_page_of_a_product_with_a_long_history_is_small() {
    let size = size(products::with_history(LONG_HISTORY), "", "mod_tides/index.html");
    assert!((LONG_HISTORY as u64 * 500..PRODUCT_PAGE).contains(&size), "{size} bytes");
}

#[test]
fn it_is_small_with_all_digests_and_another_language_too() {
    let settings = "digests = ['sha256', 'sha384', 'sha512']\nlanguages = ['en', 'de']\n";
    let size = size(products::with_history(LONG_HISTORY), settings, "de/mod_tides/index.html");
    assert!((LONG_HISTORY as u64 * 700..PRODUCT_PAGE).contains(&size), "{size} bytes");
}

#[test]
fn the_start_page_of_a_vendor_with_many_products_is_small() {
    let size = size(products::many(MANY), "", "index.html");
    assert!((MANY as u64 * 100..START_PAGE).contains(&size), "{size} bytes");
}
