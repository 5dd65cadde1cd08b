//! What is looked for in an archive once its manifest is known: language files, the installer script, the metadata of a
//! language, and the inner extensions of a package. One walk over the directory finds them all; what is in them is [`crate::archive`]'s and
//! [`crate::inner`]'s business.

use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::v1::ExtensionType;
use rawzip::ZipFileHeaderRecord;

use crate::archive::Archive;
use crate::language::{self, Rank};
use crate::manifest::{self, Manifest};
use crate::zip_directory::{Entry, MAX_CANDIDATES, Unread, for_each_entry, may_be_manifest};

/// Most language files that are listed for the search for a name: two for each of a hundred languages.
const MAX_LANGUAGE_FILES: usize = 200;

/// What a language says of itself, beside its manifest.
pub(crate) const METADATA_FILE: &str = "langmetadata.xml";

/// What is wanted of one archive, or of one folder in it.
pub(crate) struct Wanted<'w> {
    /// Where the extension's files lie; empty, or with `/` at the end.
    base: &'w str,
    /// What the language files are called that are of interest.
    language_bases: Vec<String>,
    script: Option<String>,
    metadata: Option<String>,
    /// Places of inner extensions.
    inner: BTreeSet<&'w str>,
}

/// What the walk found.
#[derive(Default)]
pub(crate) struct Findings<'w> {
    /// In the order in which they are to be asked.
    pub(crate) languages: Vec<(Rank, Entry)>,
    pub(crate) script: Option<Entry>,
    pub(crate) metadata: Option<Entry>,
    /// By the places that the manifest names.
    pub(crate) inner: BTreeMap<&'w str, InnerPlace>,
}

/// What lies in the archive where an inner extension should.
pub(crate) enum InnerPlace {
    File(Entry),
    /// A folder, with the XML files of which one may be its manifest, one more at most than may be opened.
    Folder(Vec<Entry>),
    /// Two files of this name.
    Twice,
}

impl<'w> Wanted<'w> {
    pub(crate) fn of(manifest: &'w Manifest, base: &'w str, language_bases: Vec<String>) -> Self {
        let details = &manifest.details;
        let is_language = manifest.extension.kind == ExtensionType::Language;
        Self {
            base,
            language_bases,
            script: details.script_file.as_ref().map(|file| manifest::place_beside(&details.path, file)),
            metadata: is_language.then(|| manifest::place_beside(&details.path, METADATA_FILE)),
            inner: details.package_files.iter().map(|part| part.path.as_str()).collect(),
        }
    }

    /// Walks over the directory, unless nothing is wanted; `buffer` holds the part that is looked at.
    pub(crate) fn search(&self, archive: &Archive<'_>, buffer: &mut [u8]) -> Result<Findings<'w>, Unread> {
        let mut findings = Findings::default();
        if self.is_nothing() {
            return Ok(findings);
        }
        for_each_entry(archive, buffer, |name, record| {
            if !record.is_dir() && self.script.as_deref() == Some(name) {
                findings.script = Some(Entry::of(name, record));
            }
            if !record.is_dir() && self.metadata.as_deref() == Some(name) {
                findings.metadata = Some(Entry::of(name, record));
            }
            if !self.inner.is_empty() {
                self.take_inner(name, record, &mut findings);
            }
            self.take_language(name, record, &mut findings);
        })?;
        findings.languages.sort_by(|(a, x), (b, y)| (a, &x.name).cmp(&(b, &y.name)));
        Ok(findings)
    }

    pub(crate) fn is_nothing(&self) -> bool {
        let files = [&self.script, &self.metadata];
        files.iter().all(|file| file.is_none()) && self.language_bases.is_empty() && self.inner.is_empty()
    }

    fn take_inner(&self, name: &str, record: &ZipFileHeaderRecord<'_>, findings: &mut Findings<'w>) {
        if let Some(path) = self.inner.get(name) {
            findings
                .inner
                .entry(path)
                .and_modify(|place| *place = InnerPlace::Twice)
                .or_insert_with(|| InnerPlace::File(Entry::of(name, record)));
            return;
        }
        let mut folders = name.match_indices('/').map(|(end, _)| (&name[..end], &name[end + 1..]));
        let found = folders.find_map(|(folder, rest)| Some((self.inner.get(folder)?, rest)));
        let Some((path, rest)) = found else { return };
        let place = findings.inner.entry(path).or_insert_with(|| InnerPlace::Folder(Vec::new()));
        if let InnerPlace::Folder(candidates) = place
            && may_be_manifest(rest)
            && candidates.len() <= MAX_CANDIDATES
        {
            candidates.push(Entry::of(name, record));
        }
    }

    fn take_language(&self, name: &str, record: &ZipFileHeaderRecord<'_>, findings: &mut Findings<'w>) {
        if !name.ends_with(".ini") || !name.starts_with(self.base) {
            return;
        }
        let rank = self.language_bases.iter().filter_map(|base| language::rank(name, base)).min();
        if let Some(rank) = rank.filter(|_| findings.languages.len() < MAX_LANGUAGE_FILES) {
            findings.languages.push((rank, Entry::of(name, record)));
        }
    }
}
