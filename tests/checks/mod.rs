//! What `bandari check` finds and how it says so. For every code of the table there is one site with just that mistake.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

use bandari_generator::CODES;
use bandari_tests::site::{CONFIG, Run, Site};
use bandari_tests::zips::{Claim, Zip, manifest};
use serde_json::Value;

use crate::programs;

mod feeds;
mod files;
mod licenses;
mod manifests;
mod products;
mod reports;
mod versions;

/// A site with one mistake.
struct Seed {
    /// What is told of it.
    code: &'static str,
    /// Where.
    place: &'static str,
    site: Site,
    /// Codes and places of what cannot be had without.
    others: &'static [(&'static str, &'static str)],
}

fn seed(code: &'static str, place: &'static str, site: Site) -> Seed {
    Seed { code, place, site, others: &[] }
}

/// Of the module in [`tides`].
const PACKAGE: &str = "tides/mod_tides-1.0.0.zip";
const MANIFEST: &str = "tides/mod_tides-1.0.0.zip > mod_tides.xml";
const CHANGELOG: &str = "tides/CHANGELOG.md";

const PRODUCT: &str = "joomla = '>=4.4, <7'\nphp = '8.1'\n";
const SERVER: &str = "<updateservers><server type='extension' name='Tides'>\
                      https://updates.example.org/tides/updates.xml</server></updateservers>";
const FILES: &str = "<files><folder module='mod_tides'>tmpl</folder></files>";
const CHANGELOG_URL: &str = "<changelogurl>https://updates.example.org/tides/changelog.xml</changelogurl>";
const MODULE: &str = "type='module' client='site'";

/// A module's archive with this manifest.
fn with_manifest(manifest: impl AsRef<[u8]>) -> Zip {
    Zip::new().file("mod_tides.xml", manifest).file("tmpl/default.php", "<?php // high and low")
}

/// A sound archive of a version of the module.
fn module(version: &str) -> Zip {
    with_manifest(manifest(MODULE, "Tides", version, &[FILES, SERVER].concat()))
}

/// The package of another module, all right in a product of this id.
fn extension(id: &str) -> Vec<u8> {
    let text = manifest(MODULE, "Water", "1.0.0", &[FILES, SERVER].concat());
    Zip::new().file(&format!("mod_{id}.xml"), text.replace("tides", id)).bytes()
}

/// A site with this archive as its only package.
fn tides(archive: Zip) -> Site {
    Site::new(programs().bandari).with("tides/product.toml", PRODUCT).with(PACKAGE, archive.bytes())
}

/// A site whose only package is sound.
fn sound() -> Site {
    tides(module("1.0.0"))
}

/// A site whose module has this in its manifest besides its files.
fn with_body(body: &str) -> Site {
    tides(with_manifest(manifest(MODULE, "Tides", "1.0.0", &[FILES, body].concat())))
}

/// Code and place of each finding.
#[track_caller]
fn findings(run: &Run) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["file"]))).collect()
}

fn seeds() -> Vec<Seed> {
    [
        files::seeds(),
        manifests::seeds(),
        products::seeds(),
        feeds::seeds(),
        licenses::seeds(),
        versions::seeds(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_code_is_told_of_its_mistake_and_no_other() {
    let mut wrong = Vec::new();
    for Seed { code, place, site, others } in seeds() {
        let run = site.run_unprivileged(&["check", "--json"]);
        let found: BTreeSet<(String, String)> = findings(&run).into_iter().collect();
        let owned = |(code, place): &(&str, &str)| ((*code).to_owned(), (*place).to_owned());
        let mut expected: BTreeSet<(String, String)> = others.iter().map(owned).collect();
        expected.insert(owned(&(code, place)));
        if found != expected {
            wrong.push(format!("{code} at `{place}`: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_one_site_with_its_mistake() {
    let mut seeded: Vec<&str> = seeds().iter().map(|seed| seed.code).collect();
    seeded.sort_unstable();
    // What begins with a nine, `bandari init` says of what it is given.
    let codes: Vec<&str> =
        CODES.iter().map(|code| code.rule().code).filter(|code| !code.starts_with("BND9")).collect();
    assert_eq!(seeded, codes);
}

#[test]
fn a_sound_package_has_no_findings() {
    let run = sound().run(&["check"]);
    let stdout = "no findings in 1 package\n".to_owned();
    assert_eq!(run, Run { code: 0, stdout, stderr: String::new() });
}
