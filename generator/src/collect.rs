//! Files become products: what manifests and product files say is joined, versions are put in order, and everything that
//! cannot stand together (twice the same version, two products with one id) is reported together. Pure: nothing is read
//! or written here.

mod claims;
mod collisions;
mod copies;
mod notes;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bandari_catalog::names::{PackageId, ProductId};
use bandari_catalog::v1::{Digests, Extension};
use bandari_catalog::version::Version;

use crate::changelog::Entry;
use crate::config::Config;
use crate::contents::Contents;
use crate::error::{Flaw, Problem};
use crate::image::Image;
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
const RESERVED_IDS: [&str; 22] = [
    "404.html",
    "_headers",
    "_redirects",
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
    "key",
    "metrics",
    "post",
    "protected",
    "readyz",
    "releases.atom",
    "robots.txt",
    "send-key",
    "sitemap.xml",
];

/// Whether a product or the folder of a language may not be called so. Case does not count in the names of some file systems, nor
/// in addresses of some hosts.
pub(crate) fn is_reserved(id: &str) -> bool {
    RESERVED_IDS.iter().any(|reserved| reserved.eq_ignore_ascii_case(id))
}

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
    digests: Digests,
    version: Version,
    /// Absent for a plain file.
    name: Option<String>,
    contents: Option<Box<Contents>>,
    /// Path of the changelog that speaks for it.
    changelog: Option<Arc<str>>,
    /// What the changelog tells of this version.
    notes: Option<Arc<Entry>>,
}

/// The pieces of one product. Each is large, and of a list that grows nearly half may be empty.
type PieceList = Vec<Box<Piece>>;

/// The pieces of each product.
type Pieces = BTreeMap<Identity, PieceList>;

/// What makes files one product: the extension's identity, or the folder whose product file names plain files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Extension(Extension),
    PlainFiles(Option<Arc<Path>>),
}

/// Joins what the scan and the inspection found; `inspected` answers `scan.packages` one by one.
pub(crate) fn collect(scan: Scan, inspected: Vec<io::Result<Box<Inspected>>>, config: &Config) -> Collection {
    let claims = Claims::of(&scan.product_files);
    let mut collection =
        Collection { products: Vec::new(), problems: scan.problems, warnings: scan.warnings, claims };
    let mut pieces = Pieces::new();
    let mut left_out = copies::LeftOut::new(scan.left_out, scan.hidden);
    for (package, answer) in scan.packages.into_iter().zip(inspected) {
        let licensed = copies::group_of(&package, &scan.product_files).map(|_| {
            let sha256 = answer.as_ref().ok().map(|file| file.digests.sha256);
            (package.source.place().into_owned(), sha256)
        });
        let is_refused = match piece(package, answer) {
            Ok((identity, piece)) if collection.accept(&piece) => {
                pieces.entry(identity).or_default().push(Box::new(piece));
                false
            }
            Ok(_) => true,
            Err(problem) => {
                collection.problems.push(problem);
                true
            }
        };
        if let Some((place, sha256)) = licensed.filter(|_| is_refused) {
            left_out.note(place, sha256);
        }
    }
    copies::refuse(&left_out, &mut pieces, &scan.product_files, &mut collection.problems);
    let warnings = notes::give(&scan.changelogs, &mut pieces);
    collection.warnings.extend(warnings);
    let mut products_under: BTreeMap<Arc<Path>, usize> = BTreeMap::new();
    for of_product in pieces.values() {
        if let Some(folder) = &of_product[0].package.product_folder {
            *products_under.entry(folder.clone()).or_default() += 1;
        }
    }
    let context = Context {
        product_files: &scan.product_files,
        icons: &scan.icons,
        products_under: &products_under,
        config,
    };
    for (identity, of_product) in pieces {
        let place = of_product[0].package.source.place().into_owned();
        match context.product(identity, of_product, &mut collection) {
            Ok(product) => collection.products.extend(product),
            Err(flaw) => collection.problems.push(Problem::of_flaw(place, flaw)),
        }
    }
    collisions::refuse_shared_product_ids(&mut collection);
    collisions::refuse_shared_package_ids(&mut collection);
    collection.problems.sort();
    collection.problems.dedup();
    collection
}

fn piece(mut package: PackageFile, answer: io::Result<Box<Inspected>>) -> Result<(Identity, Piece), Problem> {
    let (inspected, identified) = sound(&package.source.place(), answer)?;
    package.stamp = inspected.stamp;
    let (identity, version, name, contents) = match (identified, package.plain_version.take()) {
        (Some(Identified { extension, version, name, contents }), _) => {
            (Identity::Extension(extension), version, Some(name), contents)
        }
        (None, Some(version)) => (Identity::PlainFiles(package.product_folder.clone()), version, None, None),
        (None, None) => unreachable!("an archive without a manifest is a problem and no piece"),
    };
    let digests = inspected.digests;
    Ok((identity, Piece { package, digests, version, name, contents, changelog: None, notes: None }))
}

/// A file that could be read and, where it is an archive, which extension is in it.
///
/// # Errors
/// What is wrong with it; `place` is what the problem calls it.
pub(crate) fn sound(
    place: &str,
    answer: io::Result<Box<Inspected>>,
) -> Result<(Box<Inspected>, Option<Identified>), Problem> {
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
    icons: &'c BTreeMap<PathBuf, Image>,
    /// How many products each product file speaks for.
    products_under: &'c BTreeMap<Arc<Path>, usize>,
    config: &'c Config,
}

impl Context<'_> {
    /// Makes a product. Wrong releases go to the collection's problems and are left out; without any, there is no
    /// product.
    fn product(
        &self,
        identity: Identity,
        pieces: PieceList,
        collection: &mut Collection,
    ) -> Result<Option<Product>, Flaw> {
        let folder = one_folder(&pieces)?;
        let place = pieces[0].package.source.place().into_owned();
        let default_file = ProductFile::default();
        let file = folder.as_deref().map_or(&default_file, |folder| &self.product_files[folder]);
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
        let versions: Vec<Version> = pieces.iter().map(|piece| piece.version.clone()).collect();
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
            renew_url: file.renew_url.clone(),
            after_expiry: file.after_expiry,
            summary: file.summary.clone(),
            homepage: file.homepage.clone(),
            infourl: file.infourl.clone(),
            maintainer: file.maintainer.clone(),
            icon: folder.as_deref().and_then(|folder| self.icons.get(folder).cloned()),
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
        if is_reserved(id.as_str()) {
            let found = format!("the product id `{id}`, which is an address of the site itself");
            return Err(Flaw::new(Code::ProductIdForm, found, format!("another `id` in `{PRODUCT_FILE}`")));
        }
        let folders = self.config.languages.iter().skip(1);
        if let Some(tag) = folders.into_iter().find(|tag| tag.as_str().eq_ignore_ascii_case(id.as_str())) {
            let found = format!("the product id `{id}`, which is the folder of the pages in `{tag}`");
            let expected = format!("another `id` in `{PRODUCT_FILE}`, or `languages` with `{tag}` in front");
            return Err(Flaw::new(Code::ProductIdForm, found, expected));
        }
        Ok(id)
    }
}

/// The folder of the one product file that speaks for all pieces.
fn one_folder(pieces: &[Box<Piece>]) -> Result<Option<Arc<Path>>, Flaw> {
    let folder = &pieces[0].package.product_folder;
    match pieces.iter().find(|piece| piece.package.product_folder != *folder) {
        None => Ok(folder.clone()),
        Some(other) => Err(Flaw::new(
            Code::SplitProduct,
            format!(
                "`{}` of the same extension under another `{PRODUCT_FILE}`",
                other.package.source.place()
            ),
            format!("all versions of an extension under one `{PRODUCT_FILE}`"),
        )),
    }
}

/// The releases of a product, newest first, without those that cannot stand together.
fn releases(
    mut pieces: PieceList,
    file: &ProductFile,
    id: &ProductId,
    element: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Release> {
    pieces.sort_by(|a, b| b.version.compare(&a.version));
    collisions::refuse_repetitions(&mut pieces, problems);
    let mut releases = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let package_id = file.package_id(id, element, &piece.version);
        match package_id {
            Ok(package_id) => releases.push(release(*piece, package_id, file, id)),
            Err(flaw) => problems.push(Problem::of_flaw(piece.package.source.place(), flaw)),
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
    let every = Arc::new(JoomlaRange::every());
    untold.for_each(|release| release.joomla = Some(every.clone()));
}

fn release(piece: Piece, id: PackageId, file: &ProductFile, product: &ProductId) -> Release {
    let ReleaseFacts { joomla, php, stability, withdrawn } = file.release(&piece.version);
    Release {
        id,
        name: piece.name.unwrap_or_else(|| product.to_string()),
        contents: piece.contents,
        version: piece.version,
        stability,
        withdrawn,
        file: piece.package.name,
        source: piece.package.source,
        stamp: piece.package.stamp,
        digests: piece.digests,
        joomla,
        php,
        databases: file.databases.clone(),
        changelog: piece.changelog,
        notes: piece.notes,
    }
}

impl Collection {
    /// Reports what is wrong with the extensions inside of a package, and tells whether it can be published with that.
    fn accept(&mut self, piece: &Piece) -> bool {
        let mut is_sound = true;
        let flaws = piece.contents.as_deref().map(Contents::inner_flaws).unwrap_or_default();
        for (place, flaw) in flaws {
            let place = format!("{} > {place}", piece.package.source.place());
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
}
