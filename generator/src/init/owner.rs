//! Which extension a `product.toml` stands for that has several below it, as when a new one came into a folder of its own there.
//! The others can get product files of their own.

use std::collections::BTreeMap;
use std::path::Path;

use bandari_catalog::v1::Extension;

use crate::init::product_ids::full_name;
use crate::product_file::ProductFile;

/// The extension that keeps the product file of `folder`, with the folder and extension of each package that it speaks for, in
/// the order of paths: the one that its id names, else one with packages in the folder itself, else the one with most
/// packages, else the first. Nothing when the file is meant for whatever is below it: without an `id`, and in the package
/// directory itself, whose name is no id either.
pub(crate) fn owner<'e>(
    folder: &Path,
    file: &ProductFile,
    packages: &[(&Path, &'e Extension)],
) -> Option<&'e Extension> {
    if file.plain_file.is_some() || file.id.is_none() && folder.as_os_str().is_empty() {
        return None;
    }
    let folder_name = || folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let id = file.id.as_ref().map(ToString::to_string).or_else(folder_name).unwrap_or_default();
    let mut claims: BTreeMap<&Extension, (bool, bool, usize)> = BTreeMap::new();
    for (place, extension) in packages {
        let (is_named, is_beside, number) = claims.entry(extension).or_default();
        *is_named = id == extension.element || id == full_name(extension);
        *is_beside |= *place == folder;
        *number += 1;
    }
    let best = claims.values().max()?;
    packages.iter().map(|(_, extension)| *extension).find(|extension| claims[extension] == *best)
}

#[cfg(test)]
mod tests {
    use bandari_catalog::v1::{Client, ExtensionType};

    use super::*;

    /// The element of the owner of `folder`, of modules given by `folder element`.
    fn owner_of(folder: &str, file: &str, packages: &[(&str, &str)]) -> Option<String> {
        let extension = |element: &str| Extension {
            kind: ExtensionType::Module,
            element: element.to_owned(),
            folder: None,
            client: Client::Site,
        };
        let packages: Vec<_> =
            packages.iter().map(|(place, element)| (Path::new(*place), extension(element))).collect();
        let packages: Vec<_> = packages.iter().map(|(place, extension)| (*place, extension)).collect();
        let file = ProductFile::parse(file).unwrap();
        owner(Path::new(folder), &file, &packages).map(|extension| extension.element.clone())
    }

    #[test]
    fn a_product_file_is_of_the_extension_that_its_id_names() {
        let packages = [("x", "a"), ("x", "a"), ("x/b", "b")];
        assert_eq!(owner_of("x", "id = 'b'", &packages).as_deref(), Some("b"));
        assert_eq!(owner_of("x", "id = 'module_b_site'", &packages).as_deref(), Some("b"));
        assert_eq!(owner_of("b", "", &[("b/1", "a"), ("b/1", "a"), ("b/2", "b")]).as_deref(), Some("b"));
    }

    #[test]
    fn a_product_file_is_of_the_extension_beside_it_then_of_most_packages_then_of_the_first() {
        let beside = [("x/a", "a"), ("x/a", "a"), ("x", "b")];
        assert_eq!(owner_of("x", "", &beside).as_deref(), Some("b"));
        let most = [("x/a", "a"), ("x/b", "b"), ("x/b", "b")];
        assert_eq!(owner_of("x", "", &most).as_deref(), Some("b"));
        assert_eq!(owner_of("x", "", &[("x/1", "b"), ("x/2", "a")]).as_deref(), Some("b"));
    }

    #[test]
    fn a_product_file_over_all_packages_and_one_of_plain_files_have_no_owner() {
        let packages = [("a", "a"), ("b", "b")];
        assert_eq!(owner_of("", "joomla = '>=5'", &packages), None);
        assert_eq!(owner_of("", "id = 'b'", &packages).as_deref(), Some("b"));
        assert_eq!(owner_of("x", "kind = 'file'\npattern = 'a-{version}.zip'", &packages), None);
    }
}
