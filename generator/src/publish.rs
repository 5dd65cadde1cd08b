//! Makes the output directory equal to what the stages before made, in an order that keeps every feed true at every instant:
//! packages, pages and changelogs, feeds, the catalog, and removals last. A process killed anywhere leaves a tree in which each
//! feed is whole and each file that it names is there. Only this module, [`crate::place`] and [`crate::history`] write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bandari_catalog::names::{HexDigest, ProductId};
use bandari_catalog::v1;

use crate::error::Error;
use crate::given_away::{GivenAway, given_away};
use crate::history::{self, History};
use crate::layout::{self, TurnToGo};
use crate::lock::Lock;
use crate::observer::{Observer, Work};
use crate::place::{Content, is_there, is_written, place_read_since, place_written, remove_leftovers};
use crate::plan::{Plan, Planned};
use crate::product::Product;
use crate::published::Catalog;
use crate::workers;

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

impl Written {
    fn and(self, other: Self) -> Self {
        Self {
            files_written: self.files_written + other.files_written,
            files_unchanged: self.files_unchanged + other.files_unchanged,
            files_removed: self.files_removed + other.files_removed,
        }
    }
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
        self.files.iter().map(String::as_str).chain(folders_of(&self.files)).chain([history::RECORD])
    }
}

/// Makes the output directory equal to `plan` and `catalog`. Who has its lock is the only one who writes to it. `history` was loaded
/// under that lock, with the packages of products where nothing is to be removed.
///
/// # Errors
/// [`Error::PublishedFilesChange`], [`Error::PublishedProductsMove`] and [`Error::LicensedGivenAway`] before anything is
/// written; [`Error::OutputTakenAway`]; [`Error::Io`] names the file.
pub(crate) fn publish(
    plan: &Plan<'_>,
    mut catalog: Catalog<'_>,
    mut history: History,
    output: &Lock,
    policy: Policy,
    observer: &dyn Observer,
) -> Result<Published, Error> {
    let folder = output.folder();
    if !policy.force {
        refuse_changed_packages(plan, &history)?;
        refuse_moved_products(plan.products, &history.products)?;
        refuse_to_give_away(plan.products, &history)?;
    }
    if !policy.remove {
        catalog.keep_left_out(&history.products);
    }
    history.products = Vec::new();
    let mut files = layout::all(catalog.products(), &plan.folders(), plan.logo.map(|logo| logo.format));
    if !policy.remove {
        // Pages of what was left out show it.
        files.extend(layout::logos().filter(|logo| history.files().contains(logo)));
    }
    history.begin(&files)?;
    let trusted = (!policy.compare).then_some(&history);
    let placing = Placing { plan, output, files: &files, trusted, observer };
    let written = placing.packages()?.and(placing.all(plan.images().chain(plan.pages()))?);
    if written.files_written > 0 {
        sync(folder)?;
    }
    output.check_in_place()?;
    history.published(plan.package_digests())?;
    let placing = Placing { plan, output, files: &files, trusted: None, observer };
    let written = written.and(placing.all(plan.feeds())?).and(placing.all(plan.feeds_over_all())?);
    let mut writer = Writer { written, ..Writer::new(output, &files) };
    writer.put_written(layout::CATALOG, |out| catalog.write(out))?;
    let mut written = writer.written;
    output.check_in_place()?;
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

/// Puts files in their places; several at once, since most of what it takes is the system's work for each file.
struct Placing<'p> {
    plan: &'p Plan<'p>,
    output: &'p Lock,
    /// All that is to be written.
    files: &'p BTreeSet<String>,
    /// Packages that it knows are not read again where size and time are as they were.
    trusted: Option<&'p History>,
    observer: &'p dyn Observer,
}

impl Placing<'_> {
    fn packages(&self) -> Result<Written, Error> {
        let (mut files, mut bytes) = (0, 0);
        for release in self.plan.products.iter().flat_map(Product::offered) {
            files += 1;
            bytes += release.stamp.size_bytes;
        }
        self.observer.begin(Work::Copying, files, bytes);
        let written = self.all(self.plan.packages());
        self.observer.end();
        written
    }

    /// One phase: none of its files needs another one of it.
    fn all<'f>(&self, files: impl Iterator<Item = Planned<'f>> + Send) -> Result<Written, Error> {
        let begin = || Writer::new(self.output, self.files);
        let writers = workers::share(files, begin, |writer, file| {
            let path = file.path();
            // Only packages have one.
            let published = self.trusted.and_then(|history| history.digest(&path));
            writer.put(&path, &self.plan.content(file)?, published)?;
            if let Planned::Package(_, release) = file {
                self.observer.advance(1, release.stamp.size_bytes);
            }
            Ok(())
        })?;
        Ok(writers.into_iter().fold(Written::default(), |sum, writer| sum.and(writer.written)))
    }
}

/// Writes files that are not there already.
struct Writer<'w> {
    output: &'w Lock,
    /// All that is to be written.
    files: &'w BTreeSet<String>,
    /// The folder of the last file that was written. It is there, and the next one is mostly of the same.
    last_folder: PathBuf,
    written: Written,
}

impl<'w> Writer<'w> {
    fn new(output: &'w Lock, files: &'w BTreeSet<String>) -> Self {
        Self { output, files, last_folder: PathBuf::new(), written: Written::default() }
    }

    /// `published` is the digest of a package that has this name already, if it need not be read again.
    fn put(&mut self, path: &str, content: &Content, published: Option<HexDigest<32>>) -> Result<(), Error> {
        let target = self.target(path);
        let is_there = is_there(&target, content, published)?;
        // Before any package was read.
        let began = self.output.began();
        self.put_unless(is_there, &target, |target| place_read_since(target, content, began))
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
        self.output.folder().join(path)
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
        let output = self.output.folder();
        let parent = target.parent().unwrap_or(output);
        if self.last_folder != parent {
            self.output.check_in_place()?;
            create_below(output, parent)?;
            parent.clone_into(&mut self.last_folder);
        }
        place(target)?;
        self.written.files_written += 1;
        Ok(())
    }
}

/// Makes a folder below the output directory, and those between, where they are missing. The output itself is never made anew:
/// with one that vanished went the packages, and feeds that are yet to be written would name them.
fn create_below(output: &Path, folder: &Path) -> Result<(), Error> {
    let below = folder.strip_prefix(output).unwrap_or(Path::new(""));
    let mut path = output.to_owned();
    for part in below {
        path.push(part);
        match fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::io("create", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes what earlier builds wrote and nobody needs any more, each file after all that names it, and what builds left that were
/// killed. Files that we never wrote are not touched. `ours` has all that is needed, too.
fn remove_what_is_left(
    needed: &BTreeSet<String>,
    ours: &BTreeSet<String>,
    folder: &Path,
) -> Result<usize, Error> {
    let mut removed = 0;
    let mut unneeded: Vec<&String> = ours.difference(needed).collect();
    unneeded.sort_by_key(|path| TurnToGo::of(path));
    for path in unneeded {
        let target = folder.join(path);
        match fs::remove_file(&target) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("remove", &target)(error)),
        }
    }
    // Beside the lock, builds make the record of what they did.
    removed += remove_leftovers(folder)?;
    let stay = folders_of(needed);
    let leftovers = workers::share(folders_of(ours).into_iter(), usize::default, |removed, of_ours| {
        let path = folder.join(of_ours);
        *removed += remove_leftovers(&path)?;
        if stay.binary_search(&of_ours).is_err() {
            // Fails when anything is in it, which is just when it must stay.
            let _ = fs::remove_dir(&path);
        }
        Ok(())
    })?;
    Ok(removed + leftovers.into_iter().sum::<usize>())
}

/// The folders of files, sorted, each once.
fn folders_of(files: &BTreeSet<String>) -> Vec<&str> {
    let mut folders: Vec<&str> = Vec::new();
    for (folder, _) in files.iter().filter_map(|file| file.rsplit_once('/')) {
        // Nearly always of the file before, which keeps the list short.
        if folders.last() != Some(&folder) {
            folders.push(folder);
        }
    }
    folders.sort_unstable();
    folders.dedup();
    folders
}

/// Brings the packages to the disk before a feed names them: one call for the whole file system, since one for each file
/// takes twenty times as long.
fn sync(folder: &Path) -> Result<(), Error> {
    let directory = File::open(folder).map_err(Error::io("open", folder))?;
    rustix::fs::syncfs(&directory).map_err(|error| Error::io("sync", folder)(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_into_another_output_than_the_one_that_was_locked() {
        let site = tempfile::tempdir().unwrap();
        let output = site.path().join("output");
        let lock = Lock::take(&output).unwrap();
        let files = BTreeSet::from(["public/a/x".to_owned(), "public/b/x".to_owned()]);
        let mut writer = Writer::new(&lock, &files);
        let mut write = |path| writer.put_written(path, |out| out.write_all(b"x"));
        write("public/a/x").unwrap();
        fs::rename(&output, site.path().join("aside")).unwrap();
        fs::create_dir(&output).unwrap();
        assert!(matches!(write("public/b/x"), Err(Error::OutputTakenAway { .. })));
        assert_eq!(fs::read_dir(&output).unwrap().count(), 0);
    }

    #[test]
    fn an_output_that_vanished_is_not_made_anew() {
        let site = tempfile::tempdir().unwrap();
        let output = site.path().join("output");
        let folder = output.join("public/tides");
        assert!(create_below(&output, &folder).is_err());
        assert!(!output.exists());
        fs::create_dir(&output).unwrap();
        create_below(&output, &folder).unwrap();
        create_below(&output, &folder).unwrap();
        assert!(folder.is_dir());
    }
}
