//! `bandari init`: what it writes into a new site, what it takes over from jBackend, and what it leaves alone.

use std::fs;

use bandari_tests::site::{Run, Site};
use bandari_tests::zips::{module, plugin};
use serde_json::{Value, json};

use crate::programs;

mod from_packages;
mod jbackend;
mod jbackend_refusals;
mod new_site;

fn site() -> Site {
    Site::empty(programs().bandari)
}

/// A run without a problem.
#[track_caller]
fn init(site: &Site, arguments: &[&str]) -> String {
    let run = site.run(&[&["init"], arguments].concat());
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout
}

/// A run that was refused and changed nothing. The lines on standard error, without codes.
#[track_caller]
fn refused(site: &Site, arguments: &[&str], code: i32) -> Vec<String> {
    let before = site.stamps("");
    let run = site.run(&[&["init"], arguments].concat());
    assert_eq!((run.code, &*run.stdout), (code, ""));
    assert_eq!(site.stamps(""), before, "something was written");
    run.stderr.lines().map(without_code).collect()
}

/// The line with `error: ` for `error[BND…]: `.
fn without_code(line: &str) -> String {
    match line.split_once("]: ") {
        Some((code, problem)) if code.starts_with("error[BND") => format!("error: {problem}"),
        _ => line.to_owned(),
    }
}

/// The catalog's product with this id.
#[track_caller]
fn product(site: &Site, id: &str) -> Value {
    let catalog: Value = serde_json::from_str(&site.text("output/public/catalog.json")).unwrap();
    let products = catalog["products"].as_array().unwrap();
    products
        .iter()
        .find(|product| product["id"] == id)
        .unwrap_or_else(|| panic!("no {id}: {catalog}"))
        .clone()
}

/// `id version file` of each package of a product in the catalog, newest first.
#[track_caller]
fn packages(site: &Site, id: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let shown = |package: &Value| ["id", "version", "file"].map(|key| text(&package[key])).join(" ");
    product(site, id)["packages"].as_array().unwrap().iter().map(shown).collect()
}
