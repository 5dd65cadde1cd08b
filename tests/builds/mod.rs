//! Whole builds of sound packages: what is published where, what a second build does, and what a build must not do.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use bandari_catalog::v1::{AfterExpiry, Package};
use bandari_tests::feed::{Entry, entries};
use bandari_tests::site::{CONFIG, Run, Site};
use bandari_tests::zips::{Zip, component, module, module_manifest, package, plugin};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::programs;

mod changelogs;
mod command_line;
mod feeds;
mod given_away;
mod images;
mod incremental;
mod keep_going;
mod names;
mod output;
mod products;
mod rebuilds;
mod scale;

fn site() -> Site {
    Site::new(programs().bandari)
}

/// A free module of two versions, a licensed plug-in, and a handbook that is no extension.
fn harbor() -> Site {
    site()
        .with("tides/product.toml", "joomla = '>=4.4, <7'\nphp = '8.1'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"))
        .with("beacon/product.toml", "group = 'lights'\njoomla = '>=5'")
        .with("beacon/plg_beacon-2.0.0.zip", plugin("system", "beacon", "2.0.0"))
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.txt'\nname = 'Handbook'")
        .with("handbook/handbook-1.0.txt", "How to moor\n")
}

/// One free module.
fn tides() -> Site {
    site()
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
}

const TIDES_ZIP: &str = "output/public/files/tides/mod_tides-1.0.0.zip";

/// A build without a problem and without a warning.
#[track_caller]
fn build(site: &Site) -> String {
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The entries of a product's feed, without the elements that only hold others.
fn feed(site: &Site, product: &str) -> Vec<Entry> {
    let mut entries = entries(&site.text(&format!("output/public/{product}/updates.xml")));
    for entry in &mut entries {
        entry.retain(|name, _| !["tags", "downloads"].contains(&name.as_str()));
    }
    entries
}

/// The same module and version with other bytes.
fn changed_tides() -> Vec<u8> {
    Zip::new()
        .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
        .file("tmpl/default.php", "<?php // changed in secret")
        .bytes()
}

/// For the module of [`harbor`], whose first release was a mistake.
const WITHDRAWN: &str = "joomla = '>=4.4, <7'\n[[releases]]\nversions = '1.0.0'\nwithdrawn = true";
