//! `bandari init`: a first configuration, and a product file beside each package that has none; or the takeover of a
//! jBackend Release System with all its packages, identifiers and secrets.
//!
//! Two steps: [`prepare`] reads and checks everything and tells every problem; [`Prepared::write`] writes what is missing. A
//! file that is there is never replaced. Product files are written before the packages beside them, since without its
//! `group` a licensed package would be published for free by a build that comes in between.

mod file_names;
pub(crate) mod jbackend;
pub(crate) mod options;
mod owner;
mod product_ids;
mod product_text;
mod products;
mod report;
mod requirements;
mod route;
mod seeds;
mod site;
mod takeover;
mod vendor;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::{Config, DEFAULT_PACKAGES, DigestName};
use crate::error::{Error, Problem};
use crate::inspect::digests_of;
use crate::place::{Content, place, remove_leftovers_of};
use crate::rules::Code;
use crate::scan::{PRODUCT_FILE, scan};
use crate::tree::Tree;
use product_ids::ProductIds;
pub(crate) use report::Report;
use report::{ReportedPackage, ReportedProduct};
use route::{Route, route};
use seeds::SeedsFile;
pub(crate) use site::{KnownSite, Site};
use takeover::TakenProduct;

/// The package directory of a new site where [`DEFAULT_PACKAGES`] is jBackend's own folder, which is left as it is.
const PACKAGES_BESIDE_JBACKEND: &str = "products";

/// Where the validator looks for its seeds unless it is told otherwise, beside its configuration.
const SEEDS_FILE: &str = "secrets/seeds.toml";

/// Largest file with jBackend's options that is read: over ten thousand packages.
const MAX_OPTIONS_BYTES: u64 = 1 << 20;

/// Everything that a run will write, checked.
pub(crate) struct Prepared {
    config_file: PathBuf,
    /// Absent when there is a configuration.
    pub(crate) site: Option<Site>,
    /// Created when it is missing.
    packages: PathBuf,
    secrets: Option<SeedsFile>,
    /// In the order of writing.
    files: Vec<(PathBuf, Content)>,
    report: Report,
}

/// Reads and checks everything that a run needs; nothing is written.
///
/// # Errors
/// [`Error::NotBegun`] with every problem of the packages and of jBackend's options; [`Error::Configuration`] when an existing
/// configuration, the file with the options or the file with the secrets cannot be used.
pub(crate) fn prepare(config_file: &Path, from_jbackend: Option<&Path>) -> Result<Prepared, Error> {
    let folder = config_file.parent().unwrap_or(Path::new(""));
    let config = existing_config(config_file)?;
    let wishes = match &config {
        Some(config) => vec![config.packages.clone()],
        None => [DEFAULT_PACKAGES, PACKAGES_BESIDE_JBACKEND].map(|name| folder.join(name)).to_vec(),
    };
    let mut preparation = Preparation::new(wishes[0].clone());
    let mut ids = ProductIds::default();
    // First, so that a second run finds the ids of the first.
    let secrets = match from_jbackend {
        Some(file) => preparation.take_over(file, folder, &wishes, &mut ids)?,
        None => None,
    };
    preparation.look_at_packages(&mut ids);
    let Preparation { packages, mut files, mut report, problems, is_licensed, authors, .. } = preparation;
    if !problems.is_empty() {
        return Err(Error::NotBegun { problems });
    }
    files.sort_by_key(|(_, content)| matches!(content, Content::Package { .. }));
    if let Some(config) = &config {
        report.kept.insert(0, shown(config_file));
        if is_licensed && (config.download_url.is_none() || config.protected_url.is_none()) {
            let file = shown(config_file);
            let note =
                format!("`{file}` needs `download_url` and `protected_url`, since a product is licensed");
            report.notes.push(note);
        }
    }
    report.next = next_commands(config_file, is_licensed);
    let site = config.is_none().then(|| {
        Site::new(&KnownSite {
            author: vendor::vendor(&authors),
            folder_name: folder_name(folder).as_deref(),
            is_licensed,
            packages: packages_name(&packages),
        })
    });
    Ok(Prepared { config_file: config_file.to_owned(), site, packages, secrets, files, report })
}

/// The configuration that is there. A package directory that it names and that is not there will be made.
fn existing_config(config_file: &Path) -> Result<Option<Config>, Error> {
    if !is_there(config_file) {
        return Ok(None);
    }
    let config = Config::read(config_file, None)?;
    if is_there(&config.packages) { Config::load(config_file, None).map(Some) } else { Ok(Some(config)) }
}

/// What to run after this, as it has to be typed in the same place.
fn next_commands(config_file: &Path, is_licensed: bool) -> Vec<String> {
    let command = |command: &str, usual: &str, file: &Path| {
        if file == Path::new(usual) {
            command.to_owned()
        } else {
            format!("{command} --config {}", shown(file))
        }
    };
    let mut commands = vec![command("bandari build", "bandari.toml", config_file)];
    if is_licensed {
        let file = config_file.with_file_name("validator.toml");
        commands.push(command("bandari-validator init", "validator.toml", &file));
    }
    commands
}

/// Whether there is something, be it a link to nowhere.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The name of a folder, which is often that of its owner.
fn folder_name(folder: &Path) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = crate::config::real_path(folder);
    real.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// The name of a new site's package directory.
fn packages_name(packages: &Path) -> &'static str {
    if packages.ends_with(PACKAGES_BESIDE_JBACKEND) { PACKAGES_BESIDE_JBACKEND } else { DEFAULT_PACKAGES }
}

/// A path as people see it.
fn shown(path: &Path) -> String {
    crate::shown::visible(&path.to_string_lossy())
}

/// What is known so far of what will be written.
struct Preparation {
    /// The package directory.
    packages: PathBuf,
    files: Vec<(PathBuf, Content)>,
    /// Folders below the package directory that will have a product file.
    spoken_for: BTreeSet<PathBuf>,
    is_licensed: bool,
    /// Of the newest package of each extension that was looked into.
    authors: Vec<String>,
    report: Report,
    problems: Vec<Problem>,
}

impl Preparation {
    fn new(packages: PathBuf) -> Self {
        Self {
            packages,
            files: Vec::new(),
            spoken_for: BTreeSet::new(),
            is_licensed: false,
            authors: Vec::new(),
            report: Report::default(),
            problems: Vec::new(),
        }
    }

    /// Prepares what is there without a product file, and notes what is kept.
    fn look_at_packages(&mut self, ids: &mut ProductIds) {
        if !is_there(&self.packages) {
            return;
        }
        if !self.packages.is_dir() {
            let problem = Problem::new(
                Code::PlaceTaken,
                shown(&self.packages),
                "something else than a folder",
                "the package directory",
            );
            return self.problems.push(problem);
        }
        let scan = scan(&self.packages, Tree::read(&self.packages));
        for (folder, file) in &scan.product_files {
            self.report.kept.push(shown(&self.packages.join(folder).join(PRODUCT_FILE)));
            self.is_licensed |= file.group.is_some();
        }
        let found = products::find(scan, &self.spoken_for, ids);
        self.problems.extend(found.problems);
        self.report.notes.extend(found.notes);
        self.authors.extend(found.authors);
        for (folder, text) in found.texts {
            let path = self.packages.join(folder).join(PRODUCT_FILE);
            self.files.push((path, Content::Bytes(text.into_bytes())));
        }
    }

    /// Prepares the takeover of a Release System whose options are in `file`; `folder` is that of the configuration, `wishes`
    /// are what may be the package directory, the best first.
    fn take_over(
        &mut self,
        file: &Path,
        folder: &Path,
        wishes: &[PathBuf],
        ids: &mut ProductIds,
    ) -> Result<Option<SeedsFile>, Error> {
        let text = options_text(file)?;
        let options = options::read(&shown(file), &text);
        let system = jbackend::understand(&options);
        // What could not be understood may have been what is missing.
        let is_understood = options.problems.is_empty();
        let is_blank = is_understood && options.packages.is_empty();
        let lacks_folder = is_understood && options.folder.is_empty();
        self.problems.extend(options.problems);
        self.report.notes.extend(options.notes);
        self.problems.extend(system.problems);
        if is_blank {
            self.problems.push(Problem::new(
                Code::TakeoverOption,
                shown(file),
                "no package",
                "lines in `Packages`",
            ));
        }
        let roots = [folder, file.parent().unwrap_or(Path::new(""))];
        match system.folder.map(|source| route(&source, &roots, wishes)) {
            None if lacks_folder => {
                let expected = "the directory of the packages, relative to Joomla's root";
                self.problems.push(Problem::new(Code::TakeoverOption, shown(file), "no `Folder`", expected));
            }
            None => {}
            Some(Err(problem)) => self.problems.push(problem),
            Some(Ok(Route { source, packages })) => {
                self.settle(packages);
                for product in takeover::products(system.packages, &source, ids, &mut self.problems) {
                    self.take(product);
                }
            }
        }
        if system.groups.is_empty() {
            return Ok(None);
        }
        match seeds::prepare(&folder.join(SEEDS_FILE), system.groups) {
            Err(Error::NotBegun { problems }) => {
                self.problems.extend(problems);
                Ok(None)
            }
            prepared => prepared,
        }
    }

    /// Takes another package directory than was wished for most.
    fn settle(&mut self, packages: PathBuf) {
        if packages != self.packages {
            let (theirs, ours) = (shown(&self.packages), shown(&packages));
            let note = format!(
                "`{theirs}` is left to the Release System: the packages of this site are in `{ours}`"
            );
            self.report.notes.push(note);
            self.packages = packages;
        }
    }

    fn take(&mut self, product: TakenProduct) {
        let folder = self.packages.join(product.id.as_str());
        self.spoken_for.insert(product.id.as_str().into());
        self.is_licensed |= product.group.is_some();
        self.authors.extend(product.author.clone());
        let product_file = folder.join(PRODUCT_FILE);
        let name = shown(&product_file);
        if !is_there(&product_file) {
            product.check(&product.text, &name, &mut self.problems);
            self.files.push((product_file, Content::Bytes(product.text.clone().into_bytes())));
        } else if let Ok(text) = fs::read_to_string(&product_file) {
            product.check(&text, &name, &mut self.problems);
        }
        let mut packages = Vec::new();
        for package in product.packages {
            if !package.path.ends_with(package.file.as_str()) {
                self.report.notes.push(format!("`{}` is taken over as `{}`", package.path, package.file));
            }
            self.take_file(folder.join(package.file.as_str()), package.content);
            packages.push(ReportedPackage { id: package.id, version: package.version, file: package.file });
        }
        self.report.products.push(ReportedProduct { id: product.id, group: product.group, packages });
    }

    /// Prepares the copy of a package, unless it is there already.
    fn take_file(&mut self, target: PathBuf, content: Content) {
        if !is_there(&target) {
            return self.files.push((target, content));
        }
        let Content::Package { sha256, .. } = content else { return };
        match digests_of(&target, &BTreeSet::from([DigestName::Sha256])) {
            Ok(digests) if digests.sha256 == sha256 => self.report.kept.push(shown(&target)),
            Ok(_) => self.problems.push(Problem::new(
                Code::PlaceTaken,
                shown(&target),
                "other bytes than the package to take over",
                "the same, or nothing yet",
            )),
            Err(error) => self.problems.push(Problem::new(
                Code::Unreadable,
                shown(&target),
                error.to_string(),
                "a readable file",
            )),
        }
    }
}

/// The text of the file with jBackend's options.
fn options_text(file: &Path) -> Result<Zeroizing<String>, Error> {
    let wrong = |message: String| Error::Configuration { file: file.to_owned(), message };
    let mut text = Zeroizing::new(String::new());
    File::open(file)
        .and_then(|opened| opened.take(MAX_OPTIONS_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if text.len() as u64 > MAX_OPTIONS_BYTES {
        return Err(wrong(format!(
            "found more than {MAX_OPTIONS_BYTES} bytes, expected jBackend's three options"
        )));
    }
    Ok(text)
}

impl Prepared {
    /// Writes what is missing.
    ///
    /// # Errors
    /// [`Error::Io`] names the file; [`Error::ChangedWhileRead`] when a package is being changed. Another run goes on from
    /// there, and takes away what one that was killed left half made.
    pub(crate) fn write(self) -> Result<Report, Error> {
        let Self { config_file, site, packages, secrets, mut files, mut report } = self;
        if let Some(secrets) = secrets {
            secrets.write()?;
            let list = if secrets.is_new() { &mut report.made } else { &mut report.extended };
            list.push(shown(secrets.path()));
        }
        if !is_there(&packages) {
            fs::create_dir_all(&packages).map_err(Error::io("create", &packages))?;
            report.made.push(shown(&packages));
        }
        // Last, since without it nothing is built.
        if let Some(site) = site {
            report.placeholders = site.untold();
            files.push((config_file, Content::Bytes(site.text().into_bytes())));
        }
        for (path, content) in files {
            let folder = path.parent().unwrap_or(Path::new(""));
            if !folder.as_os_str().is_empty() {
                fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            }
            remove_leftovers_of(&path).map_err(Error::io("clear the way for", &path))?;
            place(&path, &content)?;
            report.made.push(shown(&path));
        }
        Ok(report)
    }
}
