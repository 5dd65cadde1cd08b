//! The files of a jBackend Release System become products: each package is found, looked into and put with the others of
//! its extension, in a way that leaves its identifier what it was. Files are read here, none is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bandari_catalog::names::{FileName, GroupId, PackageId, ProductId};
use bandari_catalog::v1::Extension;
use bandari_catalog::version::Version;

use crate::collect::sound;
use crate::config::DigestName;
use crate::contents::ScriptMinimums;
use crate::error::Problem;
use crate::init::file_names::{file_name, split_at_version, stem_and_ending};
use crate::init::jbackend::Package;
use crate::init::product_ids::ProductIds;
use crate::init::product_text::{KnownProduct, PackageIds, product_text};
use crate::init::products::author_and_minimums;
use crate::inspect::{Identified, Inspected, Kind, Task, inspect};
use crate::place::Content;
use crate::product_file::ProductFile;
use crate::rules::Code;
use crate::stamp::Stamp;

/// A product as it will be.
#[derive(Debug)]
pub(crate) struct TakenProduct {
    pub(crate) id: ProductId,
    /// For its package identifiers; empty for files that are no extension.
    pub(crate) element: String,
    pub(crate) group: Option<GroupId>,
    /// Of its `product.toml`.
    pub(crate) text: String,
    /// Of its newest package.
    pub(crate) author: Option<String>,
    /// Oldest first.
    pub(crate) packages: Vec<TakenPackage>,
}

/// A package as it will be.
#[derive(Clone, Debug)]
pub(crate) struct TakenPackage {
    /// Where the plug-in's options speak of it.
    pub(crate) place: String,
    pub(crate) id: PackageId,
    pub(crate) version: Version,
    /// Where it was, below the Release System's folder.
    pub(crate) path: String,
    pub(crate) file: FileName,
    pub(crate) content: Content,
    group: Option<GroupId>,
    /// Name for people: the extension's, else the file's.
    name: String,
    author: Option<String>,
    minimums: ScriptMinimums,
}

/// What makes packages one product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Extension(Extension),
    /// The file name before and after the version.
    Files {
        before: String,
        after: String,
    },
}

/// Makes products of packages. What is wrong is gathered; the products are for nothing then.
pub(crate) fn products(
    packages: Vec<Package>,
    folder: &Path,
    ids: &mut ProductIds,
    problems: &mut Vec<Problem>,
) -> Vec<TakenProduct> {
    let mut by_identity: BTreeMap<Identity, Vec<TakenPackage>> = BTreeMap::new();
    for (package, source, answer) in inspected(packages, folder, problems) {
        match taken_package(package, source, answer) {
            Ok((identity, taken)) => by_identity.entry(identity).or_default().push(taken),
            Err(problem) => problems.push(problem),
        }
    }
    by_identity.retain(|_, packages| {
        packages.sort_by(|a, b| a.version.compare(&b.version));
        let before = problems.len();
        refuse_what_is_no_single_product(packages, problems);
        problems.len() == before
    });
    let extensions = ids.of_extensions(by_identity.keys().filter_map(|identity| match identity {
        Identity::Extension(extension) => Some(extension),
        Identity::Files { .. } => None,
    }));
    let mut products = Vec::new();
    for (identity, packages) in by_identity {
        let product = match identity {
            Identity::Extension(extension) => {
                let id = extensions[&extension].clone();
                taken_product(id, extension.element, None, packages)
            }
            Identity::Files { before, after } => {
                let (stem, ending) = stem_and_ending(&before, &after);
                let id = ids.of_files(stem, ending);
                taken_product(id, String::new(), Some(format!("{before}{{version}}{after}")), packages)
            }
        };
        products.push(product);
    }
    products.sort_by(|a, b| a.id.cmp(&b.id));
    products
}

/// The packages that are there, looked into.
fn inspected(
    packages: Vec<Package>,
    folder: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<(Package, PathBuf, std::io::Result<Box<Inspected>>)> {
    let mut found = Vec::new();
    for package in packages {
        match source_file(&package, folder) {
            Ok((path, stamp)) => found.push((package, path, stamp)),
            Err(problem) => problems.push(problem),
        }
    }
    let kind = |package: &Package| {
        if package.path.to_ascii_lowercase().ends_with(".zip") { Kind::Archive } else { Kind::Plain }
    };
    let tasks: Vec<Task<'_>> = found
        .iter()
        .map(|(package, path, stamp)| Task { path, kind: kind(package), stamp: *stamp })
        .collect();
    let answers = inspect(&tasks, &BTreeSet::from([DigestName::Sha256]));
    found.into_iter().zip(answers).map(|((package, path, _), answer)| (package, path, answer)).collect()
}

/// The file of a package and its stamp. A path that is not there is not quoted: in a line with its fields in wrong order it
/// may be a seed.
fn source_file(package: &Package, folder: &Path) -> Result<(PathBuf, Stamp), Problem> {
    let shown = folder.display();
    let problem =
        |found: String, expected: &str| Problem::new(Code::TakeoverFile, &package.place, found, expected);
    let unreadable = |error: &std::io::Error| {
        problem(format!("no file of that path in `{shown}` ({error})"), "the package")
    };
    let real_folder = folder.canonicalize().map_err(|error| unreadable(&error))?;
    let path = folder.join(&package.path).canonicalize().map_err(|error| unreadable(&error))?;
    if !path.starts_with(&real_folder) {
        return Err(problem(format!("a link that leads out of `{shown}`"), "a file in it"));
    }
    let metadata = path.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(problem(format!("`{}`, which is no regular file", package.path), "the package"));
    }
    Ok((path, Stamp::of(&metadata)))
}

fn taken_package(
    package: Package,
    source: PathBuf,
    answer: std::io::Result<Box<Inspected>>,
) -> Result<(Identity, TakenPackage), Problem> {
    let Package { place, id, path, group } = package;
    let place_of_file = format!("{place} > {path}");
    let (inspected, identified) = sound(&place_of_file, answer.map(plain_unless_extension))?;
    let file = file_name(&path).map_err(|expected| {
        Problem::new(Code::TakeoverFile, &place_of_file, "a file name that is too long".to_owned(), expected)
    })?;
    let Inspected { stamp, digests, .. } = *inspected;
    let content = Content::Package { source, stamp, sha256: digests.sha256 };
    let taken = |version, name, author, minimums| TakenPackage {
        place,
        id,
        version,
        path,
        file: file.clone(),
        content,
        group,
        name,
        author,
        minimums,
    };
    match identified {
        Some(Identified { extension, version, name, contents }) => {
            let (author, minimums) = author_and_minimums(contents);
            Ok((Identity::Extension(extension), taken(version, name, author, minimums)))
        }
        None => {
            let (identity, version) = plain_identity(&file, &place_of_file)?;
            Ok((identity, taken(version, file.to_string(), None, ScriptMinimums::default())))
        }
    }
}

/// What the name of a file says that is no extension.
fn plain_identity(file: &FileName, place: &str) -> Result<(Identity, Version), Problem> {
    let (before, version, after) = split_at_version(file.as_str()).ok_or_else(|| {
        let found = "no Joomla extension, and no version in the file's name";
        let expected = "a name with the version in it, such as `handbook-1.0.pdf`";
        Problem::new(Code::TakeoverFile, place, found, expected)
    })?;
    let version = Version::parse(version).map_err(|error| {
        let found = format!("the version `{version}` in the file's name");
        Problem::new(Code::TakeoverFile, place, found, error.expected())
    })?;
    Ok((Identity::Files { before: before.to_owned(), after: after.to_owned() }, version))
}

/// A sound zip without a manifest is a file like any other.
fn plain_unless_extension(mut inspected: Box<Inspected>) -> Box<Inspected> {
    inspected.identified = inspected.identified.filter(|identified| match identified {
        Ok(_) => true,
        Err(flaw) => flaw.flaw.code != Code::NoManifest,
    });
    inspected
}

/// Reports what keeps packages from being one product: `packages` are sorted by version.
fn refuse_what_is_no_single_product(packages: &[TakenPackage], problems: &mut Vec<Problem>) {
    let first = &packages[0];
    let mut first_of_name: BTreeMap<&FileName, &str> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        let mut problem = |found: String, expected: &str| {
            problems.push(Problem::new(Code::TakeoverProduct, &package.place, found, expected))
        };
        if package.group != first.group {
            let shown = |package: &TakenPackage| match &package.group {
                Some(group) => format!("in the package group `{group}`"),
                None => "free".to_owned(),
            };
            problem(
                format!("`{}` {}, but {} in `{}`", package.name, shown(package), shown(first), first.place),
                "all packages of one extension in the same package group, or all free: they are one product",
            );
        }
        let before = index.checked_sub(1).map(|index| &packages[index]);
        if let Some(before) = before.filter(|before| before.version.compare(&package.version).is_eq()) {
            problem(
                format!("version {} of `{}` again, after `{}`", package.version, package.name, before.place),
                "each version of an extension once",
            );
        }
        match first_of_name.get(&package.file) {
            Some(other) => problem(
                format!("the file name `{}` again, after `{other}`", package.file),
                "a name of its own for each package of an extension",
            ),
            None => {
                first_of_name.insert(&package.file, &package.place);
            }
        }
    }
}

fn taken_product(
    id: ProductId,
    element: String,
    pattern: Option<String>,
    packages: Vec<TakenPackage>,
) -> TakenProduct {
    let identified: Vec<(&Version, &PackageId)> = packages.iter().map(|p| (&p.version, &p.id)).collect();
    let newest = &packages[packages.len() - 1];
    let group = newest.group.clone();
    let known = KnownProduct {
        name: &newest.name,
        id: &id,
        newest: &newest.version,
        minimums: &newest.minimums,
        group: group.as_ref(),
        pattern: pattern.as_deref(),
        package_ids: PackageIds::that_give(&identified),
    };
    let text = product_text(&known);
    let author = newest.author.clone();
    TakenProduct { id, element, group, text, author, packages }
}

impl TakenProduct {
    /// Refuses a product file, be it ours or one that is there already, under which a package would become another's, free
    /// of charge or not, or get another identifier; `shown` is what problems call it.
    pub(crate) fn check(&self, text: &str, shown: &str, problems: &mut Vec<Problem>) {
        // One that cannot be read is told by the scan.
        let Ok(file) = ProductFile::parse(text) else { return };
        let named = |what: Option<&str>| what.map_or_else(|| "none".to_owned(), |text| format!("`{text}`"));
        if file.group != self.group {
            let [found, expected] =
                [&file.group, &self.group].map(|group| named(group.as_ref().map(GroupId::as_str)));
            problems.push(Problem::new(
                Code::PlaceTaken,
                shown,
                format!("the group {found}"),
                format!("{expected}, as in jBackend"),
            ));
        }
        for package in &self.packages {
            let version = &package.version;
            let is_file = self.element.is_empty();
            let version_there = file.plain_file.as_ref().map(|plain| plain.version_in(package.file.as_str()));
            if version_there != is_file.then_some(Some(version.as_str())) {
                let found = format!("no `pattern` for `{}`", package.file);
                problems.push(Problem::new(
                    Code::PlaceTaken,
                    shown,
                    found,
                    format!("one that finds {version} in a file's name, and none for an extension"),
                ));
            }
            let product = file.id.as_ref().unwrap_or(&self.id);
            let id = file.package_id(product, &self.element, version).ok();
            if id.as_ref() != Some(&package.id) {
                let found = format!(
                    "the package id {} for version {version}",
                    named(id.as_ref().map(PackageId::as_str))
                );
                problems.push(Problem::new(
                    Code::PlaceTaken,
                    shown,
                    found,
                    format!("`{}`, as in jBackend", package.id),
                ));
            }
        }
    }
}
