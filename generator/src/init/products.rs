//! Which folders of the package directory get a `product.toml`: those in which all packages are of one extension that no
//! `product.toml` speaks for yet. A folder with several is told and left as it is, since one file cannot speak for all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bandari_catalog::names::ProductId;
use bandari_catalog::v1::Extension;
use bandari_catalog::version::Version;

use crate::collect::sound;
use crate::config::DigestName;
use crate::contents::{Contents, ScriptMinimums};
use crate::error::Problem;
use crate::init::product_ids::ProductIds;
use crate::init::product_text::{KnownProduct, PackageIds, product_text};
use crate::inspect::{Identified, Task, inspect};
use crate::scan::{PRODUCT_FILE, PackageFile, Scan};

/// What to write for the packages that are there.
#[derive(Default)]
pub(crate) struct Found {
    /// New product files by their folder below the package directory.
    pub(crate) texts: BTreeMap<PathBuf, String>,
    /// Of the newest package of each extension, in the order of paths.
    pub(crate) authors: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// A package that no product file speaks for.
struct Stray {
    folder: PathBuf,
    /// Of the changelog that speaks for it so far.
    changelog_folder: Option<PathBuf>,
    extension: Extension,
    version: Version,
    name: String,
    author: Option<String>,
    minimums: ScriptMinimums,
}

/// Looks at the packages that `scan` found. Folders in `spoken_for` will have a product file of their own.
pub(crate) fn find(scan: Scan, spoken_for: &BTreeSet<PathBuf>, ids: &mut ProductIds) -> Found {
    let mut found = Found { problems: scan.problems, ..Found::default() };
    for (folder, file) in &scan.product_files {
        let folder_name =
            || folder.file_name().and_then(|name| ProductId::parse(&name.to_string_lossy()).ok());
        file.id.clone().or_else(folder_name).iter().for_each(|id| ids.take(id));
    }
    let strays = strays(scan.packages, spoken_for, &mut found.problems);
    let newest = newest(&strays);
    let authors = strays.iter().filter(|stray| std::ptr::eq(newest[&stray.extension], *stray));
    found.authors = authors.filter_map(|stray| stray.author.clone()).collect();
    let homes = homes(&strays, &mut found.notes);
    let new_ids = ids.of_extensions(homes.values().copied());
    for (folder, extension) in homes {
        let newest = newest[extension];
        let product = KnownProduct {
            name: &newest.name,
            id: &new_ids[extension],
            newest: &newest.version,
            minimums: &newest.minimums,
            group: None,
            pattern: None,
            package_ids: PackageIds::Usual,
        };
        found.texts.insert(folder, product_text(&product));
    }
    found
}

fn strays(
    packages: Vec<PackageFile>,
    spoken_for: &BTreeSet<PathBuf>,
    problems: &mut Vec<Problem>,
) -> Vec<Stray> {
    let folder =
        |package: &PackageFile| Path::new(&package.place).parent().unwrap_or(Path::new("")).to_owned();
    let packages: Vec<PackageFile> = packages
        .into_iter()
        .filter(|package| package.product_folder.is_none())
        .filter(|package| !folder(package).ancestors().any(|ancestor| spoken_for.contains(ancestor)))
        .collect();
    let tasks: Vec<Task<'_>> = packages.iter().map(PackageFile::task).collect();
    let inspected = inspect(&tasks, &BTreeSet::from([DigestName::Sha256]));
    let mut strays = Vec::new();
    for (package, answer) in packages.iter().zip(inspected) {
        let (_, identified) = match sound(&package.place, answer) {
            Ok(sound) => sound,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let Some(Identified { extension, version, name, contents }) = identified else { continue };
        let (author, minimums) = author_and_minimums(contents);
        strays.push(Stray {
            folder: folder(package),
            changelog_folder: package.changelog_folder.clone(),
            extension,
            version,
            name,
            author,
            minimums,
        });
    }
    strays
}

/// Who made an extension, and what its installer script demands.
pub(crate) fn author_and_minimums(contents: Option<Box<Contents>>) -> (Option<String>, ScriptMinimums) {
    contents.map(|contents| (contents.manifest.details.author, contents.minimums)).unwrap_or_default()
}

/// The newest package of each extension; of several of the same version, the last.
fn newest(strays: &[Stray]) -> BTreeMap<&Extension, &Stray> {
    let mut newest: BTreeMap<&Extension, &Stray> = BTreeMap::new();
    for stray in strays {
        let known = newest.entry(&stray.extension).or_insert(stray);
        if stray.version.compare(&known.version).is_ge() {
            *known = stray;
        }
    }
    newest
}

/// The folder of each extension: the deepest that holds all its packages and the changelog that speaks for this extension
/// alone, as long as no package below it has another extension as its nearest. A changelog above a product file would not
/// speak for it any more.
fn homes<'s>(strays: &'s [Stray], notes: &mut Vec<String>) -> BTreeMap<PathBuf, &'s Extension> {
    let own_changelogs = own_changelogs(strays);
    let mut folders: BTreeMap<&Extension, &Path> = BTreeMap::new();
    for stray in strays {
        let folder = folders.entry(&stray.extension).or_insert(&stray.folder);
        let changelog = stray.changelog_folder.as_deref().filter(|folder| own_changelogs.contains(folder));
        for needed in changelog.into_iter().chain([stray.folder.as_path()]) {
            while !needed.starts_with(&folder) {
                *folder = folder.parent().unwrap_or(Path::new(""));
            }
        }
    }
    let mut homes: BTreeMap<PathBuf, &Extension> = BTreeMap::new();
    let mut shared: BTreeSet<PathBuf> = BTreeSet::new();
    for (extension, folder) in folders {
        if homes.insert(folder.to_owned(), extension).is_some() {
            shared.insert(folder.to_owned());
        }
    }
    homes.retain(|folder, _| !shared.contains(folder));
    // What is left without a home may fall to a folder further up, and then that one holds several, too.
    while let Some(folder) = strays.iter().find_map(|stray| {
        let home = stray.folder.ancestors().find(|folder| homes.contains_key(*folder))?;
        (*homes[home] != stray.extension).then(|| home.to_owned())
    }) {
        homes.remove(&folder);
        shared.insert(folder);
    }
    notes.extend(shared.iter().map(|folder| note(folder, strays, &homes)));
    homes
}

/// The folders of changelogs that speak for one extension only.
fn own_changelogs(strays: &[Stray]) -> BTreeSet<&Path> {
    let mut spoken_for: BTreeMap<&Path, BTreeSet<&Extension>> = BTreeMap::new();
    for stray in strays {
        if let Some(folder) = &stray.changelog_folder {
            spoken_for.entry(folder).or_default().insert(&stray.extension);
        }
    }
    spoken_for.into_iter().filter(|(_, extensions)| extensions.len() == 1).map(|(folder, _)| folder).collect()
}

fn note(folder: &Path, strays: &[Stray], homes: &BTreeMap<PathBuf, &Extension>) -> String {
    let has_home = |stray: &Stray| stray.folder.ancestors().any(|folder| homes.contains_key(folder));
    let names: BTreeSet<String> = strays
        .iter()
        .filter(|stray| stray.folder.starts_with(folder) && !has_home(stray))
        .map(|stray| format!("`{}`", stray.extension.element))
        .collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let shown = if folder.as_os_str().is_empty() { ".".into() } else { folder.to_string_lossy() };
    let shown = crate::error::visible(&shown);
    format!(
        "`{shown}` below the packages holds several extensions ({names}): \
         give each a folder of its own, for its `{PRODUCT_FILE}`"
    )
}

#[cfg(test)]
mod tests {
    use bandari_catalog::v1::{Client, ExtensionType};

    use super::*;

    fn stray(folder: &str, element: &str) -> Stray {
        let extension = Extension {
            kind: ExtensionType::Module,
            element: element.to_owned(),
            folder: None,
            client: Client::Site,
        };
        Stray {
            folder: folder.into(),
            changelog_folder: None,
            extension,
            version: Version::parse("1.0").unwrap(),
            name: element.to_owned(),
            author: None,
            minimums: ScriptMinimums::default(),
        }
    }

    /// `folder element` of each home, and the folders that notes name.
    fn homes_of(strays: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let strays: Vec<Stray> = strays.iter().map(|(folder, element)| stray(folder, element)).collect();
        let mut notes = Vec::new();
        let homes = homes(&strays, &mut notes);
        let homes = homes.iter().map(|(folder, e)| format!("{} {}", folder.display(), e.element)).collect();
        (homes, notes.iter().map(|note| note.split('`').nth(1).unwrap().to_owned()).collect())
    }

    #[test]
    fn an_extensions_home_is_the_deepest_folder_with_all_its_packages() {
        let strays = [("tides", "t"), ("beacon/1", "b"), ("beacon/2/rc", "b"), ("deep/er", "d")];
        let homes = ["beacon b", "deep/er d", "tides t"].map(str::to_owned).to_vec();
        assert_eq!(homes_of(&strays), (homes, vec![]));
    }

    #[test]
    fn a_changelog_of_one_extension_stays_in_its_home() {
        let with_changelog =
            |folder, element| Stray { changelog_folder: Some("tides".into()), ..stray(folder, element) };
        let own = [with_changelog("tides/1", "t"), stray("beacon/1", "b")];
        let folders: Vec<_> = homes(&own, &mut Vec::new()).into_keys().collect();
        assert_eq!(folders, [Path::new("beacon/1"), Path::new("tides")]);
        let shared = [with_changelog("tides/1", "t"), with_changelog("tides/2", "u")];
        let folders: Vec<_> = homes(&shared, &mut Vec::new()).into_keys().collect();
        assert_eq!(folders, [Path::new("tides/1"), Path::new("tides/2")]);
    }

    #[test]
    fn a_folder_with_several_extensions_is_told() {
        assert_eq!(
            homes_of(&[("", "a"), ("x", "b"), ("x", "c")]),
            (vec![], vec![".".to_owned(), "x".to_owned()])
        );
        assert_eq!(
            homes_of(&[("1", "a"), ("1", "b"), ("2", "b")]),
            (vec![], vec![".".to_owned(), "1".to_owned()])
        );
    }

    #[test]
    fn a_folder_in_another_extensions_folder_is_a_home() {
        let homes = ["x a", "x/y b"].map(str::to_owned).to_vec();
        assert_eq!(homes_of(&[("x", "a"), ("x/y", "b")]), (homes, vec![]));
    }

    #[test]
    fn the_newest_package_is_that_of_the_highest_version_whatever_its_path() {
        let versioned =
            |folder, version| Stray { version: Version::parse(version).unwrap(), ..stray(folder, "t") };
        let strays = [versioned("1.10", "1.10"), versioned("1.9", "1.9"), versioned("copy", "1.10")];
        let newest = newest(&strays);
        assert_eq!(newest.len(), 1);
        assert_eq!(newest[&strays[0].extension].folder, Path::new("copy"));
    }
}
