//! Which changelog's entry tells of which package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changelog::Changelog;
use crate::error::Problem;
use crate::product::Release;
use crate::rules::Code;
use crate::scan::{CHANGELOG_FILE, PRODUCT_FILE};

use super::{Identity, Pieces};

/// Gives each package the entry of its version. A changelog that several products would share is given to none of them: it
/// tells of one's versions, and nobody can tell of whose. Returns a warning for each of these.
pub(super) fn give(changelogs: &BTreeMap<PathBuf, Changelog>, pieces: &mut Pieces) -> Vec<Problem> {
    let mut products_of: BTreeMap<&Arc<Path>, BTreeSet<&Identity>> = BTreeMap::new();
    for (identity, of_product) in &*pieces {
        for folder in of_product.iter().filter_map(|piece| piece.package.changelog_folder.as_ref()) {
            products_of.entry(folder).or_default().insert(identity);
        }
    }
    let shared: BTreeSet<Arc<Path>> =
        products_of.into_iter().filter(|(_, of)| of.len() > 1).map(|(folder, _)| folder.clone()).collect();
    let places: BTreeMap<&PathBuf, Arc<str>> =
        changelogs.keys().map(|folder| (folder, place(folder).into())).collect();
    for piece in pieces.values_mut().flatten() {
        let folder = piece.package.changelog_folder.as_ref().filter(|folder| !shared.contains(*folder));
        let Some((folder, changelog)) = folder.and_then(|folder| changelogs.get_key_value(&**folder)) else {
            continue;
        };
        piece.changelog = Some(places[folder].clone());
        piece.notes = changelog.entry(&piece.version).cloned();
    }
    let told = |folder: &Arc<Path>| {
        Problem::new(
            Code::SharedChangelog,
            place(folder),
            "one changelog for several products",
            "a folder with a changelog for each: this one is left out",
        )
    };
    shared.iter().map(told).collect()
}

fn place(folder: &Path) -> String {
    folder.join(CHANGELOG_FILE).to_string_lossy().into_owned()
}

/// Only the product file takes a release back: a word in a text for people is no order to remove files.
pub(super) fn yanked_but_offered(release: &Release) -> Option<Problem> {
    release.notes.as_ref().filter(|entry| entry.is_yanked && !release.withdrawn)?;
    Some(Problem::new(
        Code::YankedButOffered,
        release.place(),
        format!("version {} marked as yanked in its changelog", release.version),
        format!("`withdrawn = true` for it in `{PRODUCT_FILE}`: without that it is offered"),
    ))
}
