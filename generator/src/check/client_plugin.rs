//! The client plug-in among the packages, held to what the site is by now: it knows the groups and feeds of the day on which it was
//! made.

use bandari_catalog::names::HexDigest;
use sha2::{Digest, Sha256};

use crate::client_plugin;
use crate::config::Config;
use crate::error::Problem;
use crate::product::Product;
use crate::rules::Code;

/// How many files are named of those that differ.
const MAX_FILES: usize = 4;

/// Whether the newest release of the plug-in is what would be made now, under the same name. Templates that cannot be used are told
/// elsewhere.
pub(super) fn of_products(products: &[Product], config: &Config) -> Option<Problem> {
    if let Some(other) = client_plugin::of_other_name(products, config) {
        let place = other.offered().next()?.place();
        return Some(Problem::of_flaw(place, client_plugin::called_otherwise(other, config)));
    }
    let (release, made) = client_plugin::made_anew(products, config).ok().flatten()?;
    let is_same = HexDigest::new(Sha256::digest(&made).into()) == release.digests.sha256;
    if is_same {
        return None;
    }
    let files = files(&client_plugin::differences(release, &made));
    let found =
        format!("version {} with other files than `bandari client-plugin` makes now{files}", release.version);
    let expected = "a newer version, made of the groups, addresses and templates that the site has now";
    Some(Problem::new(Code::ClientPluginOutdated, release.place(), found, expected))
}

/// Some of these files, for people: they show whether it is the site that changed, or what the plug-in does.
fn files(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(MAX_FILES).map(|name| format!("`{name}`")).collect();
    match (shown.is_empty(), names.len() > MAX_FILES) {
        (true, _) => String::new(),
        (_, false) => format!(" ({})", shown.join(", ")),
        (_, true) => format!(" ({}, …)", shown.join(", ")),
    }
}
