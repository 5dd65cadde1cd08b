//! Licensed packages that are broken, and the free ones that look like copies of them. A copy that strayed out of its
//! product's folder is noticed by its extension's identity as long as both are sound; where the original is not, only
//! the names of the files are left to tell.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bandari_catalog::names::{FileName, GroupId};

use crate::error::Problem;
use crate::product_file::ProductFile;
use crate::rules::Code;
use crate::scan::{PRODUCT_FILE, PackageFile};

use super::{Identity, Piece};

/// Licensed packages that are broken.
#[derive(Default)]
pub(super) struct BrokenLicensed {
    /// The first of each stem, by its path below the package directory.
    place_of_stem: BTreeMap<String, String>,
}

impl BrokenLicensed {
    pub(super) fn note(&mut self, name: &FileName, place: String) {
        self.place_of_stem.entry(stem(name.as_str())).or_insert(place);
    }

    /// The package that a free one of this name may be a copy of.
    pub(super) fn original_of(&self, name: &FileName) -> Option<&str> {
        self.place_of_stem.get(&stem(name.as_str())).map(String::as_str)
    }
}

/// The group of the product that a package belongs to, if it is licensed.
pub(super) fn group_of<'f>(
    package: &PackageFile,
    product_files: &'f BTreeMap<PathBuf, ProductFile>,
) -> Option<&'f GroupId> {
    product_files.get(package.product_folder.as_ref()?)?.group.as_ref()
}

/// Takes out free packages that look like copies of licensed ones.
pub(super) fn refuse(
    broken_licensed: &BrokenLicensed,
    pieces: &mut BTreeMap<Identity, Vec<Piece>>,
    product_files: &BTreeMap<PathBuf, ProductFile>,
    problems: &mut Vec<Problem>,
) {
    pieces.retain(|_, of_product| {
        of_product.retain(|Piece { package, .. }| {
            let original = broken_licensed
                .original_of(&package.name)
                .filter(|_| group_of(package, product_files).is_none());
            let Some(original) = original else { return true };
            problems.push(Problem::new(
                Code::LicensedCopy,
                &package.place,
                format!("a free package named like the licensed `{original}`, which is broken"),
                format!("all packages of a licensed product under its `{PRODUCT_FILE}`"),
            ));
            false
        });
        !of_product.is_empty()
    });
}

/// What comes before the version in the name of a file, in lower case: `mod_tides` of `Mod_Tides-v1.0.zip`.
fn stem(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let is_version =
        |part: &str| part.strip_prefix('v').unwrap_or(part).starts_with(|c: char| c.is_ascii_digit());
    let mut separators = name.match_indices(['-', '_', '.']).map(|(index, _)| index);
    let end = separators.find(|&index| is_version(&name[index + 1..]));
    let whole = name.strip_suffix(".zip").unwrap_or(&name);
    end.map_or(whole, |end| &name[..end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_without_its_version_tells_what_it_is() {
        for name in ["mod_tides-1.0.zip", "Mod_Tides_v2.zip", "mod_tides.zip", "mod_tides.10-beta1.ZIP"] {
            assert_eq!(stem(name), "mod_tides", "{name}");
        }
        assert_eq!(stem("mod_tides_pro-1.0.zip"), "mod_tides_pro");
        assert_eq!(stem("vendor-1.0.zip"), "vendor");
    }
}
