//! Bandari's generator: a folder of packages becomes a download site of plain files.
//!
//! # The pipeline
//!
//! [`build`] runs these stages; each knows its input and its output and no other stage.
//!
//! 1. `config` reads `bandari.toml`, and the build takes the `lock` of its output.
//! 2. `tree` walks the package directory, `scan` understands what is in it: which files are packages, which `product.toml`
//!    (`product_file`) speaks for each, which `CHANGELOG.md` (`changelog`) tells what it changed, and which `image` is its icon.
//! 3. `inspect` passes over each package once, many at a time: digests, and for a zip that `zip_directory`
//!    allows, the manifest that `archive` finds and `manifest` reads. What the manifest leaves open, `second_look`
//!    finds in the archive: words for a name that is a `language` key, the demands of the `installer_script`, and the
//!    extensions that are `inner` to a package.
//!    What the `cache` knows already is not read again; when nothing at all changed since the last build, this one ends
//!    here.
//! 4. `collect` joins all that into products and releases (`product`), and reports what cannot stand together.
//! 5. `feed`, `changelog_xml`, `releases_atom`, `pages` and `published` turn products into bytes: update feeds (which releases
//!    stay in them, `retention` says) and changelogs for Joomla (`xml`), news and HTML for people (which release fits which
//!    Joomla, `compatibility` says), the catalog and digests. Pages get their look from the vendor's `theme`, products without
//!    an icon a `monogram`. `sitemap` and `hosting` make what search engines and hosts ask for.
//!    `plan` has each of them made when its turn to be written comes; `workers` does many at a time.
//! 6. `publish` makes the output directory equal to them, file by file (`place`), each where `layout` says, and with an eye on
//!    what earlier builds did (`history`), so that nothing licensed is `given_away`. Nothing else writes there.
//!
//! Before the first build, `init` writes what a vendor would write by hand; it scans and inspects in the same way.
//!
//! `client_plugin` makes a package of templates, for what stages 1 to 4 find licensed; the next build publishes it like any other,
//! and has the pages about keys link to it.
//!
//! Problems of the input are gathered through stages 2 to 4 and reported together; nothing is written while there are any,
//! unless the caller asks to go on without the packages that have them.
//!
//! Beside all that, `updater` is a model of Joomla's own updater: what a site makes of a feed, from its bytes on. `coverage` cuts
//! all sites out there into as few as a feed can tell apart, and names them; `diff` holds them to two feeds. `explain` tells in
//! sentences and tables what it decides, of any feed. What they have in common to say stands in `troubles`; texts of feeds are
//! printed by `shown`.
//!
//! [`check`](crate::check()) runs stages 1 to 4 and then, in place of the others, the rules of the module `check`; it writes
//! nothing. What every finding means stands in one table (`rules`).

mod archive;
mod bounds;
mod cache;
mod changelog;
mod changelog_xml;
mod check;
#[cfg(test)]
mod checks_page;
pub mod cli;
mod client_plugin;
mod collect;
mod compatibility;
mod config;
mod contents;
mod coverage;
mod diff;
mod error;
mod explain;
mod feed;
mod feed_file;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod given_away;
mod history;
mod hosting;
mod image;
mod init;
mod inner;
mod inspect;
mod installer_script;
mod joomla_range;
mod language;
mod layout;
mod lock;
mod manifest;
mod manifest_xml;
mod monogram;
mod observer;
mod pages;
mod place;
mod plan;
mod product;
mod product_file;
mod publish;
mod published;
mod releases_atom;
mod retention;
mod rules;
mod scan;
mod second_look;
mod shown;
mod sitemap;
mod source;
mod stamp;
mod theme;
mod tree;
mod troubles;
mod unpack;
pub mod updater;
mod version_range;
mod workers;
mod xml;
mod xml_form;
mod zip_directory;

pub use config::{ClientPlugin, Config, DigestName, LanguageTag, Theme};
pub use error::{Error, Problem};
pub use observer::{Observer, Work};
pub use publish::Written;
pub use rules::{CODES, Code, Rule, Severity};

use std::io;
use std::panic::resume_unwind;
use std::thread;

use cache::{Cache, Inputs, Known, LastBuild, Recorder};
use collect::Collection;
use history::{History, Kept};
use image::Image;
use inspect::{Detail, Inspected, Inspection, Task};
use lock::Lock;
use plan::Plan;
use publish::{Policy, Published};
use published::Catalog;
use scan::PackageFile;
use tree::Tree;

/// What to do about problems and about what is published already. The safe choice is the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Publish the packages without problems instead of nothing.
    pub keep_going: bool,
    /// Let published files change their bytes under the same name, published feeds their addresses, and what is published as
    /// licensed become free.
    pub force: bool,
    /// Neither use nor write the cache, and read every published package, too.
    pub no_cache: bool,
}

/// What a build did.
#[derive(Debug, serde::Serialize)]
pub struct Summary {
    /// Products in the catalog.
    pub products: usize,
    /// Packages in the catalog.
    pub packages: usize,
    /// Package files whose bytes were read; what the cache knows of the others is beyond doubt.
    pub packages_read: usize,
    /// What was done to the output directory.
    #[serde(flatten)]
    pub written: Written,
    /// Things that are allowed, yet perhaps not meant.
    pub warnings: Vec<Problem>,
    /// Problems of packages that were left out; empty unless [`Options::keep_going`] is set.
    pub problems: Vec<Problem>,
}

/// Builds a site. `observer` is told how it gets on.
///
/// # Errors
/// [`Error::Problems`] with every problem of the packages, before anything is written; other errors name what could not be
/// read or written.
pub fn build(config: &Config, options: Options, observer: &dyn Observer) -> Result<Summary, Error> {
    let run = Run { config, options, output: Lock::take(&config.output)?, observer };
    let tree = Tree::read(&config.packages);
    if options.no_cache {
        return run.build(tree, Known::default(), None).map(|(summary, _)| summary);
    }
    let mut cache = Cache::open(&config.output, observer);
    let inputs = Inputs::of(&tree, config);
    // Be it forced: what is there was made of the same, so nothing is in the way of anything.
    if let Some(summary) = inputs.as_ref().and_then(|inputs| unchanged(&mut cache, inputs, config)) {
        return Ok(summary);
    }
    let recorder = cache.begin();
    let built = run.build(tree, cache.known(), recorder.as_ref());
    if let Some(recorder) = recorder {
        let last = built.as_ref().ok().zip(inputs).and_then(|((summary, published), inputs)| {
            // What may change unseen is looked at the next time.
            let is_sure = summary.problems.is_empty() && !recorder.is_doubtful(inputs.tells_from);
            let said = (summary.products, summary.packages, published.files.len());
            is_sure.then(|| (LastBuild::new(&inputs, said, &summary.warnings), published))
        });
        let written = recorder.finish(|writer| match last {
            Some((last, published)) => last.write(&config.output, published.paths(), writer),
            None => Ok(()),
        });
        written.unwrap_or_else(|error| cache.tell_unwritten(&error));
    }
    built.map(|(summary, _)| summary)
}

/// What there is to say when nothing changed since the last build, neither what went in nor what came out.
fn unchanged(cache: &mut Cache<'_>, inputs: &Inputs, config: &Config) -> Option<Summary> {
    let last = cache.last_build(inputs, &config.output)?;
    Some(Summary {
        products: last.products,
        packages: last.packages,
        packages_read: 0,
        written: Written { files_unchanged: last.files, ..Written::default() },
        warnings: last.warnings,
        problems: Vec::new(),
    })
}

/// A build that may write.
struct Run<'r> {
    config: &'r Config,
    options: Options,
    output: Lock,
    observer: &'r dyn Observer,
}

impl Run<'_> {
    /// Builds a site of what the walk over its packages found.
    fn build(
        &self,
        tree: Tree,
        known: Known,
        recorder: Option<&Recorder>,
    ) -> Result<(Summary, Published), Error> {
        let &Self { config, options, ref output, observer } = self;
        let load = |kept| History::load(output.folder(), options.force, kept);
        // Mostly there are no problems, and it takes as long as to join what was read.
        let (gathered, history) = thread::scope(|scope| {
            let history = scope.spawn(|| load(Kept::Identities));
            let gathered = gather(config, tree, Detail::Identity, known, recorder, observer);
            (gathered, history.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let packages_read = gathered.packages_read;
        let Collection { products, mut problems, warnings, claims } = gathered.collection;
        let logo = gathered.logo.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if !problems.is_empty() && (products.is_empty() || !options.keep_going) {
            return Err(Error::Problems { problems });
        }
        if products.is_empty() {
            return Err(Error::NoPackages { packages: config.packages.clone() });
        }
        let plan = Plan::new(&products, logo.as_ref(), config)?;
        let catalog = Catalog::new(&products, &claims, logo.as_ref(), config);
        let policy = Policy { force: options.force, remove: problems.is_empty(), compare: options.no_cache };
        let history = if policy.remove { history } else { load(Kept::Packages) }?;
        let published = publish::publish(&plan, catalog, history, output, policy, observer)?;
        let packages = products.iter().map(|product| product.releases.len()).sum();
        let written = published.written;
        let products = products.len();
        Ok((Summary { products, packages, packages_read, written, warnings, problems }, published))
    }
}

/// What a check found, and where.
#[derive(Debug)]
pub struct Checked {
    /// About the configuration and what is published, which no package can help. Here `file` is a path as the configuration
    /// gives it, not one below the package directory.
    pub of_site: Vec<Problem>,
    /// About packages, products and changelogs, sorted by file.
    pub of_packages: Vec<Problem>,
    /// Files that were looked at, good or not.
    pub packages: usize,
}

/// Looks for everything that a build would refuse or warn of, and for what vendors get wrong; writes nothing.
///
/// # Errors
/// [`Error::NoPackages`] when there is nothing to look at; other errors name what could not be read.
pub fn check(config: &Config) -> Result<Checked, Error> {
    let known = Cache::open(&config.output, &()).known();
    let gathered = gather(config, Tree::read(&config.packages), Detail::Everything, known, None, &());
    let Gathered { collection: Collection { products, problems, warnings, .. }, logo, packages, .. } =
        gathered;
    if packages == 0 && problems.is_empty() {
        return Err(Error::NoPackages { packages: config.packages.clone() });
    }
    let mut of_site = check::addresses(config);
    let logo = logo.unwrap_or_else(|problem| {
        of_site.push(problem);
        None
    });
    // What is left out of a build that is refused is lost to nobody.
    let is_whole = problems.is_empty();
    let mut of_packages = problems;
    of_packages.extend(warnings);
    of_site.extend(check::templates(&products, logo.as_ref(), config)?);
    of_packages.extend(check::findings(&products, config));
    match check::against_published(&products, is_whole, config) {
        Ok(compared) => {
            of_packages.extend(compared.of_packages);
            of_site.extend(compared.of_site);
        }
        Err(Error::PublishedRecord { file, message }) => {
            of_site.push(check::unusable_record(&file, &message))
        }
        Err(error) => return Err(error),
    }
    of_packages.sort();
    of_packages.dedup();
    Ok(Checked { of_site, of_packages, packages })
}

/// Everything below the package directory, read and joined.
struct Gathered {
    collection: Collection,
    /// The site's, where it has one.
    logo: Result<Option<Image>, Problem>,
    /// Files that are packages, good or not.
    packages: usize,
    /// How many of them were read for this.
    packages_read: usize,
}

/// Reads and joins what the walk over the package directory found.
fn gather(
    config: &Config,
    tree: Tree,
    detail: Detail,
    known: Known,
    recorder: Option<&Recorder>,
    observer: &dyn Observer,
) -> Gathered {
    let scan = scan::scan(&config.packages, tree);
    let tasks: Vec<Task<'_>> = scan.packages.iter().map(PackageFile::task).collect();
    let digests = &config.digests;
    let inspection =
        Inspection { packages: &config.packages, digests, detail, known: &known, recorder, observer };
    let inspected = inspection.run(&tasks);
    // As large as the cache, and of no use from here on.
    drop(known);
    let packages = tasks.len();
    let is_read =
        |answer: &&io::Result<Box<Inspected>>| answer.as_ref().is_ok_and(|inspected| inspected.is_read);
    let packages_read = inspected.iter().filter(is_read).count();
    let logo = look_at_logo(config);
    Gathered { collection: collect::collect(scan, inspected, config), logo, packages, packages_read }
}

/// # Errors
/// What is wrong with it; the file is a path as the configuration gives it.
fn look_at_logo(config: &Config) -> Result<Option<Image>, Problem> {
    let Some(path) = &config.theme.logo else { return Ok(None) };
    let place = || config.folder().join(path.as_path()).display().to_string();
    path.look_at(config.folder()).map(Some).map_err(|flaw| Problem::of_flaw(place(), flaw))
}
