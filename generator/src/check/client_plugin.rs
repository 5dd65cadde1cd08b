//! The client plug-in among the packages, held to what the site is by now: it knows the groups and feeds of the day on which it was
//! made.

use bandari_catalog::names::HexDigest;
use sha2::{Digest, Sha256};

use crate::client_plugin;
use crate::config::Config;
use crate::error::Problem;
use crate::product::Product;
use crate::rules::Code;

/// Whether the newest release of the plug-in is what would be made now, under the same name. Templates that cannot be used are told
/// elsewhere.
pub(super) fn of_products(products: &[Product], config: &Config) -> Option<Problem> {
    if let Some(other) = client_plugin::of_other_name(products, config) {
        let place = other.offered().next()?.place();
        return Some(Problem::of_flaw(place, client_plugin::called_otherwise(other, config)));
    }
    let (release, made) = client_plugin::made_anew(products, config).ok().flatten()?;
    let is_same = HexDigest::new(Sha256::digest(&made).into()) == release.digests.sha256;
    let found =
        format!("version {} with other files than `bandari client-plugin` makes now", release.version);
    let expected = "a newer version, made of the groups, addresses and templates that the site has now";
    (!is_same).then(|| Problem::new(Code::ClientPluginOutdated, release.place(), found, expected))
}
