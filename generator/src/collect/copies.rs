//! Free packages that are, or may be, copies of licensed ones. A copy that strayed out of its product's folder is noticed by
//! its extension's identity as long as both are sound, and wherever it has the same bytes. Where the original is broken or
//! left out, only names are left to tell; where nobody can see it, only product files are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::once;
use std::path::PathBuf;

use bandari_catalog::names::{GroupId, HexDigest};
use bandari_catalog::v1::Extension;

use crate::error::Problem;
use crate::product_file::ProductFile;
use crate::rules::Code;
use crate::scan::{PRODUCT_FILE, PackageFile};

use super::{Identity, Piece, Pieces};

/// What is licensed, or may be, and is no piece of a product.
pub(super) struct LeftOut {
    /// The first of each stem, by its path below the package directory.
    place_of_stem: BTreeMap<String, String>,
    place_of_digest: HashMap<HexDigest<32>, String>,
    /// A place that nobody can look into.
    hidden: Option<String>,
}

impl LeftOut {
    /// With the files that the scan left out, by their paths below the package directory.
    pub(super) fn new(files: Vec<String>, hidden: Option<String>) -> Self {
        let mut left_out = Self { place_of_stem: BTreeMap::new(), place_of_digest: HashMap::new(), hidden };
        files.into_iter().for_each(|place| left_out.note(place, None));
        left_out
    }

    /// Adds a file; its digest, if it could be read.
    pub(super) fn note(&mut self, place: String, sha256: Option<HexDigest<32>>) {
        let name = place.rsplit('/').next().unwrap_or(&place);
        self.place_of_stem.entry(stem(name)).or_insert_with(|| place.clone());
        if let Some(sha256) = sha256 {
            self.place_of_digest.insert(sha256, place);
        }
    }

    /// Why a free package may be a copy.
    fn found(&self, identity: &Identity, piece: &Piece, speaks_for_one: bool) -> Option<String> {
        if let Some(original) = self.place_of_digest.get(&piece.digests.sha256) {
            return Some(same_bytes(original));
        }
        if let Some(original) = self.named_like(identity, piece) {
            return Some(format!(
                "a free package named like `{original}`, which is left out and may be licensed"
            ));
        }
        let hidden = self.hidden.as_ref().filter(|_| !speaks_for_one)?;
        Some(format!(
            "a free package without a `{PRODUCT_FILE}` of its own, while nobody can look into `{hidden}`"
        ))
    }

    fn named_like(&self, identity: &Identity, piece: &Piece) -> Option<&str> {
        // In nearly every build, nothing is left out.
        if self.place_of_stem.is_empty() {
            return None;
        }
        let mut names = once(stem(piece.package.name.as_str())).chain(usual_names(identity));
        names.find_map(|name| self.place_of_stem.get(&name)).map(String::as_str)
    }
}

fn same_bytes(original: &str) -> String {
    format!("a free package with the bytes of the licensed `{original}`")
}

/// What packages of an extension are mostly named, in lower case: its element, and a plug-in's with its group.
fn usual_names(identity: &Identity) -> impl Iterator<Item = String> {
    let extension = match identity {
        Identity::Extension(extension) => Some(extension),
        Identity::PlainFiles(_) => None,
    };
    extension.into_iter().flat_map(|Extension { element, folder, .. }| {
        let with_group = folder.as_ref().map(|group| format!("plg_{group}_{element}"));
        with_group.into_iter().chain(once(element.clone())).map(|name| name.to_ascii_lowercase())
    })
}

/// The group of the product that a package belongs to, if it is licensed.
pub(super) fn group_of<'f>(
    package: &PackageFile,
    product_files: &'f BTreeMap<PathBuf, ProductFile>,
) -> Option<&'f GroupId> {
    product_files.get(package.product_folder.as_deref()?)?.group.as_ref()
}

/// Whether a product file speaks for a package and for one product only, so that it is free because somebody said so. One in
/// the root may be there for what it says of the Joomla versions of all.
fn speaks_for_one(package: &PackageFile, product_files: &BTreeMap<PathBuf, ProductFile>) -> bool {
    let Some(folder) = &package.product_folder else { return false };
    folder.file_name().is_some() || product_files.get(&**folder).is_some_and(|file| file.id.is_some())
}

/// Takes out free packages that may be copies of licensed ones.
pub(super) fn refuse(
    left_out: &LeftOut,
    pieces: &mut Pieces,
    product_files: &BTreeMap<PathBuf, ProductFile>,
    problems: &mut Vec<Problem>,
) {
    let is_licensed = |piece: &Piece| group_of(&piece.package, product_files).is_some();
    let licensed: HashMap<HexDigest<32>, Cow<'_, str>> = (pieces.values().flatten())
        .filter(|piece| is_licensed(piece))
        .map(|piece| (piece.digests.sha256, piece.package.source.place()))
        .collect();
    let mut refused: BTreeSet<String> = BTreeSet::new();
    for (identity, of_product) in &*pieces {
        for piece in of_product.iter().filter(|piece| !is_licensed(piece)) {
            let original = licensed.get(&piece.digests.sha256);
            let found = original
                .map(|original| same_bytes(original))
                .or_else(|| left_out.found(identity, piece, speaks_for_one(&piece.package, product_files)));
            let Some(found) = found else { continue };
            let expected = format!("all packages of a licensed product under its `{PRODUCT_FILE}`");
            let place = piece.package.source.place();
            problems.push(Problem::new(Code::LicensedCopy, &*place, found, expected));
            refused.insert(place.into_owned());
        }
    }
    pieces.retain(|_, of_product| {
        of_product.retain(|piece| !refused.contains(&*piece.package.source.place()));
        !of_product.is_empty()
    });
}

/// What comes before the version in the name of a file, in lower case: `mod_tides` of `Mod_Tides-v1.0.zip`, and of
/// `mod_tides (1).zip` as a browser names what it saves a second time.
fn stem(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let is_version =
        |part: &str| part.strip_prefix('v').unwrap_or(part).starts_with(|c: char| c.is_ascii_digit());
    let mut separators = name.match_indices(['-', '_', '.', '(']).map(|(index, _)| index);
    let end = separators.find(|&index| is_version(&name[index + 1..]));
    let whole = name.strip_suffix(".zip").unwrap_or(&name);
    end.map_or(whole, |end| &name[..end]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_without_its_version_tells_what_it_is() {
        for name in [
            "mod_tides-1.0.zip",
            "Mod_Tides_v2.zip",
            "mod_tides.zip",
            "mod_tides.10-beta1.ZIP",
            "mod_tides (2).zip",
        ] {
            assert_eq!(stem(name), "mod_tides", "{name}");
        }
        assert_eq!(stem("mod_tides_pro-1.0.zip"), "mod_tides_pro");
        assert_eq!(stem("vendor-1.0.zip"), "vendor");
    }
}
