//! The client plug-in: how `bandari client-plugin` makes it, and what it does inside of a Joomla.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use ::zip::ZipArchive;
use bandari_tests::site::{CONFIG, Run, Site};
use bandari_tests::zips::{Zip, manifest, module};
use serde_json::{Value, json};

use crate::programs;

mod changes;
mod command_line;
mod inside_joomla;
mod zip;

/// Where the plug-in of [`harbor`] is put.
const FOLDER: &str = "packages/plg_installer_harborworks";
const PACKAGE: &str = "packages/plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip";

/// A licensed plug-in of which `bandari check` finds nothing wrong.
fn beacon() -> Vec<u8> {
    let body = "<files><folder plugin='beacon'>services</folder></files><dlid prefix='dlid=' suffix='&amp;f=.zip'/>\
                <updateservers><server type='extension' name='Beacon'>\
                https://updates.example.org/beacon/updates.xml</server></updateservers>";
    Zip::new()
        .file("beacon.xml", manifest("type='plugin' group='system'", "Beacon", "2.0.0", body))
        .file("services/provider.php", "<?php // dark and bright")
        .bytes()
}

/// A vendor with one licensed plug-in.
fn harbor() -> Site {
    Site::new(programs().bandari)
        .with("beacon/product.toml", "group = 'lights.pro'\njoomla = '>=4.4, <7'\nphp = '8.1'")
        .with("beacon/plg_beacon-2.0.0.zip", beacon())
}

/// A run that does what it is asked for.
#[track_caller]
fn make(site: &Site, arguments: &[&str]) -> String {
    let run = site.run(&[&["client-plugin"], arguments].concat());
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout
}

/// The files of an archive, by their names.
#[track_caller]
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// The files of the plug-in of [`harbor`].
#[track_caller]
fn made(site: &Site) -> BTreeMap<String, Vec<u8>> {
    unpacked(&site.tree("packages")["plg_installer_harborworks/plg_installer_harborworks-1.0.0.zip"])
}
