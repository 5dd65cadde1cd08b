//! Makes the output directory equal to what the stages before made, in an order that keeps every feed true at every instant:
//! packages, pages, changelogs, feeds, the catalog, and removals last. A process killed anywhere leaves a tree in which each feed is whole
//! and each file that it names is there. Only this module, [`crate::place`] and [`crate::history`] write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bandari_catalog::names::{HexDigest, ProductId};
use bandari_catalog::v1;

use crate::error::Error;
use crate::given_away::{GivenAway, given_away};
use crate::history::{self, History, Kept};
use crate::layout;
use crate::lock::Lock;
use crate::observer::{Observer, Work};
use crate::place::{Content, is_there, is_written, place, place_written, remove_leftovers};
use crate::plan::Plan;
use crate::product::Product;
use crate::published::Catalog;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Files that are new or have new bytes.
    pub files_written: usize,
    /// Files that were there already.
    pub files_unchanged: usize,
    /// Files that earlier builds wrote and nobody needs any more.
    pub files_removed: usize,
}

/// How to treat what is published already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Whether published packages may change their bytes and published feeds their addresses.
    pub(crate) force: bool,
    /// Whether packages that are no longer there go. Not in a run that left out packages for their problems: feeds list what
    /// is good, but what was published yesterday and cannot be read today stays where it is, and in the catalog.
    pub(crate) remove: bool,
    /// Whether the bytes of packages that are there are compared, and not only their sizes and times.
    pub(crate) compare: bool,
}

/// An output directory that is as it should be.
pub(crate) struct Published {
    pub(crate) written: Written,
    /// Every file that is published, below the output directory.
    pub(crate) files: BTreeSet<String>,
}

impl Published {
    /// Files, their folders and the record of builds: whoever changes any of what is published changes one of these.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let folders = self.files.iter().filter_map(|file| Some(file.rsplit_once('/')?.0));
        let folders: BTreeSet<&str> = folders.collect();
        self.files.iter().map(String::as_str).chain(folders).chain([history::RECORD])
    }
}

/// Makes the output directory equal to `plan` and `catalog`. Who has its lock is the only one who writes to it.
///
/// # Errors
/// [`Error::PublishedFilesChange`], [`Error::PublishedProductsMove`] and [`Error::LicensedGivenAway`] before anything is
/// written; [`Error::Io`] names the file.
pub(crate) fn publish(
    plan: &Plan<'_>,
    mut catalog: Catalog<'_>,
    output: &Lock,
    policy: Policy,
    observer: &dyn Observer,
) -> Result<Published, Error> {
    let folder = output.folder();
    let kept = if policy.remove { Kept::Identities } else { Kept::Packages };
    let mut history = History::load(folder, policy.force, kept)?;
    if !policy.force {
        refuse_changed_packages(plan, &history)?;
        refuse_moved_products(plan.products, &history.products)?;
        refuse_to_give_away(plan.products, &history)?;
    }
    if !policy.remove {
        catalog.keep_left_out(&history.products);
    }
    history.products = Vec::new();
    let files = layout::all(catalog.products());
    history.begin(&files)?;
    let trusted = (!policy.compare).then_some(&history);
    let written = put_packages(plan, folder, &files, trusted, observer)?;
    let mut writer = Writer { written, ..Writer::new(folder, &files) };
    plan.pages().try_for_each(|page| page.and_then(|(path, page)| writer.put(&path, &page, None)))?;
    plan.changelogs().try_for_each(|(path, changelog)| writer.put(&path, &changelog, None))?;
    if writer.written.files_written > 0 {
        sync(folder)?;
    }
    history.published(plan.package_digests())?;
    plan.feeds().try_for_each(|(path, feed)| writer.put(&path, &feed, None))?;
    writer.put_written(layout::CATALOG, |out| catalog.write(out))?;
    let mut written = writer.written;
    written.files_removed = remove_what_is_left(&files, history.files(), folder)?;
    history.end(&files)?;
    Ok(Published { written, files })
}

fn refuse_changed_packages(plan: &Plan<'_>, history: &History) -> Result<(), Error> {
    let files: Vec<String> = changed_packages(plan.package_digests(), history);
    if files.is_empty() { Ok(()) } else { Err(Error::PublishedFilesChange { files }) }
}

/// Which packages are published already with other bytes. Joomla caches nothing, but CDNs, mirrors and customers' digests do: a
/// published name stands for its bytes for ever.
pub(crate) fn changed_packages<P: AsRef<str>>(
    packages: impl Iterator<Item = (P, HexDigest<32>)>,
    history: &History,
) -> Vec<P> {
    packages
        .filter(|(path, sha256)| history.digest(path.as_ref()).is_some_and(|before| before != *sha256))
        .map(|(path, _)| path)
        .collect()
}

fn refuse_moved_products(products: &[Product], published: &[v1::Product]) -> Result<(), Error> {
    let moves: Vec<String> = moved_products(products, published)
        .into_iter()
        .map(|(before, now)| format!("`{before}` to `{now}`"))
        .collect();
    if moves.is_empty() { Ok(()) } else { Err(Error::PublishedProductsMove { moves }) }
}

/// Which products are published already under another id: that one, and the id now. Sites that installed an extension ask for
/// updates where its manifest said. The id of a product is part of that address, so it stays, whatever becomes of folders and
/// product files.
pub(crate) fn moved_products<'p>(
    products: &'p [Product],
    published: &'p [v1::Product],
) -> Vec<(&'p ProductId, &'p ProductId)> {
    let before: BTreeMap<_, _> =
        published.iter().filter_map(|p| Some((p.extension.as_ref()?, &p.id))).collect();
    let of_other_id = |now: &'p Product| {
        let before = *before.get(now.extension.as_ref()?)?;
        (before != &now.id).then_some((before, &now.id))
    };
    products.iter().filter_map(of_other_id).collect()
}

fn refuse_to_give_away(products: &[Product], history: &History) -> Result<(), Error> {
    let told = |given: GivenAway<'_>| format!("{} (`{}`)", given.found, given.place);
    let given: Vec<String> = given_away(products, history).into_iter().map(told).collect();
    if given.is_empty() { Ok(()) } else { Err(Error::LicensedGivenAway { given }) }
}

/// Puts all packages in their places, on as many threads as there are cores: most of what it takes is the system's work for
/// each file. Those that `trusted` knows are not read again where size and time are as they were.
fn put_packages(
    plan: &Plan<'_>,
    folder: &Path,
    files: &BTreeSet<String>,
    trusted: Option<&History>,
    observer: &dyn Observer,
) -> Result<Written, Error> {
    let sizes = || plan.packages().map(|(_, package)| package.size_bytes());
    observer.begin(Work::Copying, sizes().count() as u64, sizes().sum());
    let packages = Mutex::new(plan.packages());
    let next = || packages.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut writer = Writer::new(folder, files);
        while let Some((path, package)) = next() {
            let put = writer.put(&path, &package, trusted.and_then(|history| history.digest(&path)));
            // The others stop with what they have at hand.
            put.inspect_err(|_| while next().is_some() {})?;
            observer.advance(1, package.size_bytes());
        }
        Ok(writer.written)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut written = Written::default();
    let done = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            let part = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            written.files_written += part.files_written;
            written.files_unchanged += part.files_unchanged;
            Ok(())
        })
    });
    observer.end();
    done.map(|()| written)
}

/// Writes files that are not there already.
struct Writer<'w> {
    folder: &'w Path,
    /// All that is to be written.
    files: &'w BTreeSet<String>,
    /// Folders that are there.
    folders: BTreeSet<PathBuf>,
    written: Written,
}

impl<'w> Writer<'w> {
    fn new(folder: &'w Path, files: &'w BTreeSet<String>) -> Self {
        Self { folder, files, folders: BTreeSet::new(), written: Written::default() }
    }

    /// `published` is the digest of a package that has this name already, if it need not be read again.
    fn put(&mut self, path: &str, content: &Content, published: Option<HexDigest<32>>) -> Result<(), Error> {
        let target = self.target(path);
        let is_there = is_there(&target, content, published)?;
        self.put_unless(is_there, &target, |target| place(target, content))
    }

    /// `write` is called once to compare and, when anything differs, a second time.
    fn put_written(
        &mut self,
        path: &str,
        write: impl Fn(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let target = self.target(path);
        let is_there = is_written(&target, &write)?;
        self.put_unless(is_there, &target, |target| place_written(target, &write))
    }

    fn target(&self, path: &str) -> PathBuf {
        debug_assert!(self.files.contains(path), "what is written is known as ours");
        self.folder.join(path)
    }

    fn put_unless(
        &mut self,
        is_there: bool,
        target: &Path,
        place: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if is_there {
            self.written.files_unchanged += 1;
            return Ok(());
        }
        let parent = target.parent().unwrap_or(self.folder);
        if self.folders.insert(parent.to_owned()) {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        place(target)?;
        self.written.files_written += 1;
        Ok(())
    }
}

/// Removes what earlier builds wrote and nobody needs any more, and what builds left that were killed. Files that we never
/// wrote are not touched.
fn remove_what_is_left(
    needed: &BTreeSet<String>,
    ours: &BTreeSet<String>,
    folder: &Path,
) -> Result<usize, Error> {
    let mut removed = 0;
    for path in ours.difference(needed) {
        let target = folder.join(path);
        match fs::remove_file(&target) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("remove", &target)(error)),
        }
    }
    let folders: BTreeSet<PathBuf> =
        ours.union(needed).filter_map(|path| folder.join(path).parent().map(Path::to_owned)).collect();
    // Beside the lock, builds make the record of what they did.
    removed += remove_leftovers(folder)?;
    for folder in folders {
        removed += remove_leftovers(&folder)?;
        // Fails when anything is in it, which is just when it must stay.
        let _ = fs::remove_dir(&folder);
    }
    Ok(removed)
}

/// Brings the packages to the disk before a feed names them: one call for the whole file system, since one for each file
/// takes twenty times as long.
fn sync(folder: &Path) -> Result<(), Error> {
    let directory = File::open(folder).map_err(Error::io("open", folder))?;
    rustix::fs::syncfs(&directory).map_err(|error| Error::io("sync", folder)(error.into()))
}
