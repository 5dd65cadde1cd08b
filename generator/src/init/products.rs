//! Which folders of the package directory get a `product.toml`: those in which all packages are of one extension that no
//! `product.toml` speaks for yet, or one that stands for another extension. A folder with several is told and left as it is,
//! since one file cannot speak for all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bandari_catalog::names::{GroupId, ProductId};
use bandari_catalog::v1::Extension;
use bandari_catalog::version::Version;

use crate::collect::sound;
use crate::config::DigestName;
use crate::contents::{Contents, ScriptMinimums};
use crate::error::Problem;
use crate::init::owner::owner;
use crate::init::product_ids::ProductIds;
use crate::init::product_text::{KnownProduct, PackageIds, product_text};
use crate::inspect::{Identified, Task, inspect};
use crate::product_file::ProductFile;
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

/// A package of an extension.
struct Stray {
    folder: PathBuf,
    /// Of the product file that speaks for it so far.
    product_folder: Option<PathBuf>,
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
    let homes = all_homes(&strays, &scan.product_files, &mut found.notes);
    let new_ids = ids.of_extensions(homes.values().map(|home| home.extension));
    for (folder, Home { extension, group }) in homes {
        let newest = newest[extension];
        let product = KnownProduct {
            name: &newest.name,
            id: &new_ids[extension],
            newest: &newest.version,
            minimums: &newest.minimums,
            group,
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
    let folder = |package: &PackageFile| {
        Path::new(&*package.source.place()).parent().unwrap_or(Path::new("")).to_owned()
    };
    let packages: Vec<PackageFile> = packages
        .into_iter()
        .filter(|package| package.plain_version.is_none())
        .filter(|package| !folder(package).ancestors().any(|ancestor| spoken_for.contains(ancestor)))
        .collect();
    let tasks: Vec<Task<'_>> = packages.iter().map(PackageFile::task).collect();
    let inspected = inspect(&tasks, &BTreeSet::from([DigestName::Sha256]));
    let mut strays = Vec::new();
    for (package, answer) in packages.iter().zip(inspected) {
        let (_, identified) = match sound(&package.source.place(), answer) {
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
            product_folder: package.product_folder.as_deref().map(Path::to_owned),
            changelog_folder: package.changelog_folder.as_deref().map(Path::to_owned),
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

/// A folder that gets a product file.
struct Home<'s> {
    extension: &'s Extension,
    group: Option<&'s GroupId>,
}

/// The homes of extensions that no product file speaks for yet, and of those that came below another's. These keep its group:
/// what lies among licensed packages is not given away because it got a file of its own.
fn all_homes<'s>(
    strays: &'s [Stray],
    product_files: &'s BTreeMap<PathBuf, ProductFile>,
    notes: &mut Vec<String>,
) -> BTreeMap<PathBuf, Home<'s>> {
    let mut spoken_for: BTreeMap<Option<&Path>, Vec<&Stray>> = BTreeMap::new();
    for stray in strays {
        spoken_for.entry(stray.product_folder.as_deref()).or_default().push(stray);
    }
    let mut all = BTreeMap::new();
    for (product_folder, strays) in spoken_for {
        let Some(above) = product_folder else {
            let homes = homes(&strays, None, notes).into_iter();
            all.extend(homes.map(|(folder, extension)| (folder, Home { extension, group: None })));
            continue;
        };
        let file = &product_files[above];
        let packages: Vec<_> =
            strays.iter().map(|stray| (stray.folder.as_path(), &stray.extension)).collect();
        let Some(owner) = owner(above, file, &packages) else { continue };
        for (folder, extension) in homes(&strays, Some((above, owner)), notes) {
            let group = file.group.as_ref();
            notes.extend(group.map(|group| group_note(&folder, group, above, extension)));
            all.insert(folder, Home { extension, group });
        }
    }
    all
}

fn group_note(folder: &Path, group: &GroupId, above: &Path, extension: &Extension) -> String {
    let [own, above] = [folder, above].map(shown_file);
    format!(
        "`{own}` below the packages has the group `{group}` of `{above}`: without it, `{}` would be free",
        extension.element
    )
}

/// The product file of a folder, as people see it.
fn shown_file(folder: &Path) -> String {
    crate::shown::visible(&folder.join(PRODUCT_FILE).to_string_lossy())
}

/// The folder of each extension that holds all of it, as long as no package below that has another extension as its nearest. The
/// owner of a product file above all of these has its home there, which is not among those returned.
fn homes<'s>(
    strays: &[&'s Stray],
    owner: Option<(&Path, &'s Extension)>,
    notes: &mut Vec<String>,
) -> BTreeMap<PathBuf, &'s Extension> {
    let above = owner.map(|(above, _)| above);
    let mut folders = folders(strays, above);
    folders.extend(owner.map(|(above, owner)| (owner, above)));
    let mut homes: BTreeMap<PathBuf, &Extension> = BTreeMap::new();
    let mut shared: BTreeSet<PathBuf> = BTreeSet::new();
    for (extension, folder) in folders {
        if homes.insert(folder.to_owned(), extension).is_some() {
            shared.insert(folder.to_owned());
        }
    }
    homes.retain(|folder, _| !shared.contains(folder) && Some(folder.as_path()) != above);
    // What is left without a home may fall to a folder further up, and then that one holds several, too.
    while let Some(folder) = strays.iter().find_map(|stray| {
        let home = stray.folder.ancestors().find(|folder| homes.contains_key(*folder))?;
        (*homes[home] != stray.extension).then(|| home.to_owned())
    }) {
        homes.remove(&folder);
        shared.insert(folder);
    }
    notes.extend(shared.iter().map(|folder| match owner {
        Some((above, owner)) if folder == above => owner_note(above, owner, strays, &homes),
        _ => note(folder, strays, &homes),
    }));
    homes
}

/// For each extension the deepest folder that holds all its packages and the changelog that speaks for this extension alone. A
/// changelog above a product file would not speak for it any more; one beside the product file `above` stays with that.
fn folders<'s>(strays: &[&'s Stray], above: Option<&Path>) -> BTreeMap<&'s Extension, &'s Path> {
    let mut own_changelogs = own_changelogs(strays);
    own_changelogs.retain(|folder| Some(*folder) != above);
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
    folders
}

/// The folders of changelogs that speak for one extension only.
fn own_changelogs<'s>(strays: &[&'s Stray]) -> BTreeSet<&'s Path> {
    let mut spoken_for: BTreeMap<&Path, BTreeSet<&Extension>> = BTreeMap::new();
    for stray in strays {
        if let Some(folder) = &stray.changelog_folder {
            spoken_for.entry(folder).or_default().insert(&stray.extension);
        }
    }
    spoken_for.into_iter().filter(|(_, extensions)| extensions.len() == 1).map(|(folder, _)| folder).collect()
}

/// The names of extensions without a home.
fn homeless<'s>(
    strays: impl Iterator<Item = &'s &'s Stray>,
    homes: &BTreeMap<PathBuf, &Extension>,
) -> String {
    let has_home = |stray: &Stray| stray.folder.ancestors().any(|folder| homes.contains_key(folder));
    let names: BTreeSet<String> = strays
        .filter(|stray| !has_home(stray))
        .map(|stray| format!("`{}`", stray.extension.element))
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn owner_note(
    above: &Path,
    owner: &Extension,
    strays: &[&Stray],
    homes: &BTreeMap<PathBuf, &Extension>,
) -> String {
    let names = homeless(strays.iter().filter(|stray| stray.extension != *owner), homes);
    format!(
        "`{}` below the packages speaks for `{}`: give a folder of its own to each of {names}, and run \
         `bandari init` again",
        shown_file(above),
        owner.element
    )
}

fn note(folder: &Path, strays: &[&Stray], homes: &BTreeMap<PathBuf, &Extension>) -> String {
    let names = homeless(strays.iter().filter(|stray| stray.folder.starts_with(folder)), homes);
    let shown = if folder.as_os_str().is_empty() { ".".into() } else { folder.to_string_lossy() };
    let shown = crate::shown::visible(&shown);
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
            product_folder: None,
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
        homes_below(None, strays)
    }

    /// The same below a product file, given by its folder and its extension's element.
    fn homes_below(owner: Option<(&str, &str)>, strays: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let strays: Vec<Stray> = strays.iter().map(|(folder, element)| stray(folder, element)).collect();
        let owner = owner.map(|(folder, element)| (folder, stray(folder, element).extension));
        let owner = owner.as_ref().map(|(folder, extension)| (Path::new(folder), extension));
        let mut notes = Vec::new();
        let homes = homes(&strays.iter().collect::<Vec<_>>(), owner, &mut notes);
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
        let folders = |strays: &[Stray]| -> Vec<PathBuf> {
            homes(&strays.iter().collect::<Vec<_>>(), None, &mut Vec::new()).into_keys().collect()
        };
        assert_eq!(folders(&own), [Path::new("beacon/1"), Path::new("tides")]);
        let shared = [with_changelog("tides/1", "t"), with_changelog("tides/2", "u")];
        assert_eq!(folders(&shared), [Path::new("tides/1"), Path::new("tides/2")]);
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
    fn below_a_product_file_only_folders_of_other_extensions_are_homes() {
        let owner = Some(("x", "a"));
        for (strays, homes, notes) in [
            (&[("x/1", "a"), ("x/b", "b"), ("x/b/2", "b")][..], &["x/b b"][..], &[][..]),
            (&[("x", "a"), ("x", "b"), ("x/c", "c")], &["x/c c"], &["x/product.toml"]),
            (&[("x", "a"), ("x/1", "b"), ("x/2", "b")], &[], &["x/product.toml"]),
            (&[("x", "a"), ("x/b", "b"), ("x/b/old", "a")], &[], &["x/b"]),
            (&[("x", "a"), ("x/y", "b"), ("x/y", "c")], &[], &["x/y"]),
        ] {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            assert_eq!(homes_below(owner, strays), (owned(homes), owned(notes)), "{strays:?}");
        }
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
