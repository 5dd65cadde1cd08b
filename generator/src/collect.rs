//! Files become products: what manifests and product files say is joined, versions are put in order, and everything that
//! cannot stand together (twice the same version, two products with one id) is reported together. Pure: nothing is read
//! or written here.

mod claims;
mod copies;
mod notes;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bandari_catalog::names::{FileName, PackageId, ProductId};
use bandari_catalog::v1::Extension;
use bandari_catalog::version::Version;

use crate::changelog::Entry;
use crate::config::Config;
use crate::contents::Contents;
use crate::error::{Flaw, Problem};
use crate::inspect::{Identified, Inspected};
use crate::joomla_range::JoomlaRange;
use crate::product::{Product, Release};
use crate::product_file::{ProductFile, ReleaseFacts};
use crate::rules::{Code, Severity};
use crate::scan::{PRODUCT_FILE, PackageFile, Scan};
use crate::zip_directory::ArchiveFlaw;

pub(crate) use claims::Claims;

/// Names in the root of `public/` and the validator's own addresses: a product with one of them as its id would hide
/// it or be hidden by it.
pub(crate) const RESERVED_IDS: [&str; 16] = [
    "assets",
    "catalog.json",
    "check",
    "collection.xml",
    "download",
    "edge",
    "files",
    "get",
    "healthz",
    "index.html",
    "metrics",
    "post",
    "protected",
    "readyz",
    "releases.atom",
    "sitemap.xml",
];

/// Everything that a site offers.
#[derive(Default)]
pub(crate) struct Collection {
    /// Sorted by id.
    pub(crate) products: Vec<Product>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    /// What product files say of these products and of those that have no good package.
    pub(crate) claims: Claims,
}

/// A file that is good so far.
struct Piece {
    package: PackageFile,
    inspected: Inspected,
    /// Absent for a plain file.
    identified: Option<Identified>,
    /// Path of the changelog that speaks for it.
    changelog: Option<String>,
    /// What the changelog tells of this version.
    notes: Option<Arc<Entry>>,
}

impl Piece {
    fn version(&self) -> &Version {
        match (&self.identified, &self.package.plain_version) {
            (Some(identified), _) => &identified.version,
            (None, Some(version)) => version,
            (None, None) => unreachable!("an archive without a manifest is a problem and no piece"),
        }
    }
}

/// What makes files one product: the extension's identity, or the folder whose product file names plain files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Extension(Extension),
    PlainFiles(PathBuf),
}

/// Joins what the scan and the inspection found; `inspected` answers `scan.packages` one by one.
pub(crate) fn collect(scan: Scan, inspected: Vec<io::Result<Inspected>>, config: &Config) -> Collection {
    let claims = Claims::of(&scan.product_files);
    let mut collection =
        Collection { products: Vec::new(), problems: scan.problems, warnings: scan.warnings, claims };
    let mut pieces: BTreeMap<Identity, Vec<Piece>> = BTreeMap::new();
    let mut left_out = copies::LeftOut::new(scan.left_out, scan.hidden);
    for (package, answer) in scan.packages.into_iter().zip(inspected) {
        let (place, sha256) = (package.place.clone(), answer.as_ref().ok().map(|file| file.digests.sha256));
        let is_licensed = copies::group_of(&package, &scan.product_files).is_some();
        let is_refused = match piece(package, answer) {
            Ok((identity, piece)) if collection.accept(&piece) => {
                pieces.entry(identity).or_default().push(piece);
                false
            }
            Ok(_) => true,
            Err(problem) => {
                collection.problems.push(problem);
                true
            }
        };
        if is_refused && is_licensed {
            left_out.note(place, sha256);
        }
    }
    copies::refuse(&left_out, &mut pieces, &scan.product_files, &mut collection.problems);
    let warnings = notes::give(&scan.changelogs, &mut pieces);
    collection.warnings.extend(warnings);
    let mut products_under: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for of_product in pieces.values() {
        if let Some(folder) = &of_product[0].package.product_folder {
            *products_under.entry(folder.clone()).or_default() += 1;
        }
    }
    let context = Context { product_files: &scan.product_files, products_under: &products_under, config };
    for (identity, of_product) in pieces {
        let place = of_product[0].package.place.clone();
        match context.product(identity, of_product, &mut collection) {
            Ok(product) => collection.products.extend(product),
            Err(flaw) => collection.problems.push(Problem::of_flaw(place, flaw)),
        }
    }
    collection.refuse_shared_product_ids();
    collection.refuse_shared_package_ids();
    collection.products.sort_by(|a, b| a.id.cmp(&b.id));
    collection.problems.sort();
    collection.problems.dedup();
    collection
}

fn piece(package: PackageFile, answer: io::Result<Inspected>) -> Result<(Identity, Piece), Problem> {
    let (inspected, identified) = sound(&package.place, answer)?;
    let identity = match &identified {
        None => Identity::PlainFiles(package.product_folder.clone().unwrap_or_default()),
        Some(identified) => Identity::Extension(identified.extension.clone()),
    };
    let piece = Piece { package, inspected, identified, changelog: None, notes: None };
    Ok((identity, piece))
}

/// A file that could be read and, where it is an archive, which extension is in it.
///
/// # Errors
/// What is wrong with it; `place` is what the problem calls it.
pub(crate) fn sound(
    place: &str,
    answer: io::Result<Inspected>,
) -> Result<(Inspected, Option<Identified>), Problem> {
    let mut inspected = answer.map_err(|error| {
        Problem::new(Code::Unreadable, place, format!("no way to read it ({error})"), "a readable file")
    })?;
    if inspected.stamp.size_bytes == 0 {
        return Err(Problem::new(Code::EmptyFile, place, "0 bytes", "a package"));
    }
    let identified = inspected.identified.take().transpose().map_err(|flaw| {
        let ArchiveFlaw { entry, flaw } = *flaw;
        let place = entry.map_or_else(|| place.to_owned(), |entry| format!("{place} > {entry}"));
        Problem::of_flaw(place, flaw)
    })?;
    Ok((inspected, identified))
}

/// What is known while products are made.
struct Context<'c> {
    product_files: &'c BTreeMap<PathBuf, ProductFile>,
    /// How many products each product file speaks for.
    products_under: &'c BTreeMap<PathBuf, usize>,
    config: &'c Config,
}

impl Context<'_> {
    /// Makes a product. Wrong releases go to the collection's problems and are left out; without any, there is no
    /// product.
    fn product(
        &self,
        identity: Identity,
        pieces: Vec<Piece>,
        collection: &mut Collection,
    ) -> Result<Option<Product>, Flaw> {
        let folder = one_folder(&pieces)?;
        let place = pieces[0].package.place.clone();
        let default_file = ProductFile::default();
        let file = folder.as_ref().map_or(&default_file, |folder| &self.product_files[folder]);
        let extension = match identity {
            Identity::Extension(extension) => Some(extension),
            Identity::PlainFiles(_) => None,
        };
        let element = extension.as_ref().map_or("", |extension| &extension.element);
        let id = self.id(file, folder.as_deref(), element)?;
        if file.group.is_some() && (self.config.download_url.is_none() || self.config.protected_url.is_none())
        {
            let expected = "`download_url` and `protected_url` in the site's configuration";
            return Err(Flaw::new(
                Code::LicensedWithoutAddresses,
                format!("a licensed product `{id}`"),
                expected,
            ));
        }
        let versions: Vec<Version> = pieces.iter().map(|piece| piece.version().clone()).collect();
        let mut releases = releases(pieces, file, &id, element, &mut collection.problems);
        if extension.is_some() {
            offer_to_every_joomla_unless_told(&mut releases, place, &mut collection.warnings);
        }
        collection.warnings.extend(releases.iter().filter_map(notes::yanked_but_offered));
        let Some(newest) = releases.first() else { return Ok(None) };
        let plain_name = file.plain_file.as_ref().and_then(|plain| plain.name.clone());
        Ok(Some(Product {
            name: plain_name.unwrap_or_else(|| newest.name.clone()),
            id,
            group: file.group.clone(),
            summary: file.summary.clone(),
            homepage: file.homepage.clone(),
            infourl: file.infourl.clone(),
            maintainer: file.maintainer.clone(),
            extension,
            releases,
            product_file: folder.map(|folder| folder.join(PRODUCT_FILE).to_string_lossy().into_owned()),
            unused_overrides: file.unused_overrides(&versions),
        }))
    }

    /// The product's id: what its product file says, else that file's folder, else the element. A folder's name is given to
    /// one product only: which of several had it would change with the others' coming and going, and its feed's address
    /// with it.
    fn id(&self, file: &ProductFile, folder: Option<&Path>, element: &str) -> Result<ProductId, Flaw> {
        let own_folder = folder.filter(|folder| folder.file_name().is_some());
        if file.id.is_none() && own_folder.is_some_and(|folder| self.products_under.get(folder) != Some(&1)) {
            let found = format!("several extensions under one `{PRODUCT_FILE}`");
            return Err(Flaw::new(
                Code::SharedProductFile,
                found,
                format!("a folder with a `{PRODUCT_FILE}` for each"),
            ));
        }
        let folder_name =
            own_folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let id = match &file.id {
            Some(id) => id.clone(),
            None => ProductId::parse(folder_name.as_deref().unwrap_or(element)).map_err(|error| {
                Flaw::new(
                    Code::ProductIdForm,
                    error.to_string(),
                    format!("an `id` in a `{PRODUCT_FILE}` beside the packages"),
                )
            })?,
        };
        if RESERVED_IDS.contains(&id.as_str()) {
            let found = format!("the product id `{id}`, which is an address of the site itself");
            return Err(Flaw::new(Code::ProductIdForm, found, format!("another `id` in `{PRODUCT_FILE}`")));
        }
        Ok(id)
    }
}

/// The folder of the one product file that speaks for all pieces.
fn one_folder(pieces: &[Piece]) -> Result<Option<PathBuf>, Flaw> {
    let folder = &pieces[0].package.product_folder;
    match pieces.iter().find(|piece| piece.package.product_folder != *folder) {
        None => Ok(folder.clone()),
        Some(other) => Err(Flaw::new(
            Code::SplitProduct,
            format!("`{}` of the same extension under another `{PRODUCT_FILE}`", other.package.place),
            format!("all versions of an extension under one `{PRODUCT_FILE}`"),
        )),
    }
}

/// The releases of a product, newest first, without those that cannot stand together.
fn releases(
    mut pieces: Vec<Piece>,
    file: &ProductFile,
    id: &ProductId,
    element: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Release> {
    pieces.sort_by(|a, b| b.version().compare(a.version()));
    refuse_repetitions(&mut pieces, problems);
    let mut releases = Vec::new();
    for piece in pieces {
        let place = piece.package.place.clone();
        match release(piece, file, id, element) {
            Ok(release) => releases.push(release),
            Err(flaw) => problems.push(Problem::of_flaw(place, flaw)),
        }
    }
    releases
}

fn offer_to_every_joomla_unless_told(releases: &mut [Release], place: String, warnings: &mut Vec<Problem>) {
    let mut untold = releases.iter_mut().filter(|release| release.joomla.is_none()).peekable();
    if untold.peek().is_some() {
        warnings.push(Problem::new(
            Code::NoJoomlaRange,
            place,
            format!("no `joomla` range in a `{PRODUCT_FILE}`"),
            "one such as `joomla = \">=4.4, <7\"`: without it every Joomla from 3.10 on is offered the product",
        ));
    }
    untold.for_each(|release| release.joomla = Some(JoomlaRange::every()));
}

fn release(piece: Piece, file: &ProductFile, product: &ProductId, element: &str) -> Result<Release, Flaw> {
    let version = piece.version().clone();
    let id = file.package_id(product, element, &version)?;
    let ReleaseFacts { joomla, php, stability, withdrawn } = file.release(&version);
    let (name, contents) = match piece.identified {
        None => (product.to_string(), None),
        Some(Identified { name, contents, .. }) => (name, contents),
    };
    Ok(Release {
        id,
        name,
        contents,
        place: piece.package.place,
        version,
        stability,
        withdrawn,
        file: piece.package.name,
        source: piece.package.path,
        stamp: piece.inspected.stamp,
        digests: piece.inspected.digests,
        joomla,
        php,
        databases: file.databases.clone(),
        changelog: piece.changelog,
        notes: piece.notes,
    })
}

/// Takes out every file that shares its version or its name with another of the product: which of them is meant, nobody
/// can tell. `pieces` are sorted by version.
fn refuse_repetitions(pieces: &mut Vec<Piece>, problems: &mut Vec<Problem>) {
    let mut refused = vec![false; pieces.len()];
    let mut first_of_name: BTreeMap<&FileName, usize> = BTreeMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        let same_version =
            index.checked_sub(1).filter(|&i| pieces[i].version().compare(piece.version()) == Ordering::Equal);
        let same_name = first_of_name.get(&piece.package.name).copied();
        first_of_name.entry(&piece.package.name).or_insert(index);
        let (first, shared) = match (same_version, same_name) {
            (Some(first), _) => (first, format!("version {}", piece.version())),
            (None, Some(first)) => (first, format!("the file name `{}`", piece.package.name)),
            (None, None) => continue,
        };
        problems.push(Problem::new(
            Code::VersionTwice,
            &piece.package.place,
            format!("{shared} again, after `{}`", pieces[first].package.place),
            "each version of a product once, each in a file of its own name",
        ));
        refused[first] = true;
        refused[index] = true;
    }
    let mut refused = refused.into_iter();
    pieces.retain(|_| !refused.next().unwrap_or(false));
}

impl Collection {
    /// Reports what is wrong with the extensions inside of a package, and tells whether it can be published with that.
    fn accept(&mut self, piece: &Piece) -> bool {
        let mut is_sound = true;
        let contents = piece.identified.as_ref().and_then(|identified| identified.contents.as_deref());
        let flaws = contents.map(Contents::inner_flaws).unwrap_or_default();
        for (place, flaw) in flaws {
            let place = format!("{} > {place}", piece.package.place);
            let problem = Problem::of_flaw(place, flaw.clone());
            match problem.rule().severity {
                Severity::Error => {
                    is_sound = false;
                    self.problems.push(problem);
                }
                Severity::Warning => self.warnings.push(problem),
            }
        }
        is_sound
    }

    fn refuse_shared_product_ids(&mut self) {
        let mut by_id: BTreeMap<ProductId, Vec<Product>> = BTreeMap::new();
        for product in std::mem::take(&mut self.products) {
            by_id.entry(product.id.clone()).or_default().push(product);
        }
        for (id, mut products) in by_id {
            if products.len() == 1 {
                self.products.append(&mut products);
                continue;
            }
            let names: Vec<String> = products.iter().map(|p| format!("`{}`", p.releases[0].file)).collect();
            self.problems.push(Problem::new(
                Code::SharedProductId,
                &products[0].releases[0].place,
                format!("one product id `{id}` for {}", names.join(" and ")),
                format!("one extension for each `id`: give each its own `{PRODUCT_FILE}`"),
            ));
        }
    }

    fn refuse_shared_package_ids(&mut self) {
        let mut owners: BTreeMap<PackageId, Vec<&Release>> = BTreeMap::new();
        for release in self.products.iter().flat_map(|product| &product.releases) {
            owners.entry(release.id.clone()).or_default().push(release);
        }
        owners.retain(|_, releases| releases.len() > 1);
        for (id, releases) in &owners {
            let files: Vec<String> = releases.iter().map(|release| format!("`{}`", release.file)).collect();
            self.problems.push(Problem::new(
                Code::SharedPackageId,
                &releases[0].place,
                format!("one package id `{id}` for {}", files.join(" and ")),
                "a `package_id` pattern that differs for each",
            ));
        }
        let shared: BTreeSet<PackageId> = owners.into_keys().collect();
        for product in &mut self.products {
            product.releases.retain(|release| !shared.contains(&release.id));
        }
        self.products.retain(|product| !product.releases.is_empty());
    }
}
