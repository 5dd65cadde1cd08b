//! What an archive holds: its manifest, found in Joomla's way of looking, and then what else is wanted of it. Whether the
//! archive may be unpacked at all is [`crate::zip_directory`]'s business, what the manifest says [`crate::manifest`]'s.

use rawzip::{ReaderAt, ZipArchive};

use crate::contents::{Contents, ScriptMinimums};
use crate::error::Flaw;
use crate::inner::Descent;
use crate::installer_script;
use crate::language;
use crate::manifest::{self, Manifest};
use crate::manifest_xml;
use crate::rules::Code;
use crate::second_look::{Findings, Wanted};
use crate::unpack::Unpacker;
use crate::zip_directory::{ArchiveFlaw, Entry, ZipDirectory};

/// Longest comment that a zip can have after its end record, and the record itself.
const MAX_COMMENT_BYTES: u64 = 65_535 + 22;

/// Largest manifest. Real ones are under 20 KB.
const MAX_MANIFEST_BYTES: usize = 1 << 20;

/// Largest installer script that is read. Real ones are under 100 KB.
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// Largest language file that is read. The largest of Joomla itself have 100 KB.
const MAX_LANGUAGE_BYTES: usize = 1 << 20;

/// An archive in a file, in memory, or inside of another one.
pub(crate) type Archive<'r> = ZipArchive<&'r dyn ReaderAt>;

/// Reads archives one after the other, keeping its inflater and buffers: new ones for each archive would fragment the heap.
pub(crate) struct ArchiveReader {
    pub(crate) unpacker: Unpacker,
    /// For the central directory.
    directory: Vec<u8>,
}

impl ArchiveReader {
    pub(crate) fn new() -> Self {
        Self { unpacker: Unpacker::new(), directory: vec![0; rawzip::RECOMMENDED_BUFFER_SIZE] }
    }

    /// Looks at an archive of `size` bytes and reads what it holds.
    pub(crate) fn read(&mut self, reader: &dyn ReaderAt, size: u64) -> Result<Contents, ArchiveFlaw> {
        self.read_archive(reader, size, &mut Descent::new())
    }

    /// The same for an archive that may be inside of another one.
    pub(crate) fn read_archive(
        &mut self,
        reader: &dyn ReaderAt,
        size: u64,
        descent: &mut Descent,
    ) -> Result<Contents, ArchiveFlaw> {
        let archive = ZipArchive::with_max_search_space(MAX_COMMENT_BYTES)
            .locate_in_reader(reader, &mut self.directory, size)
            .map_err(|(_, error)| error)?;
        let directory = ZipDirectory::read(&archive, &mut self.directory, size)?;
        let base = directory.base();
        self.read_tree(&archive, &base, directory.candidates, descent)
    }

    /// Reads the extension whose files lie below `base`, which is empty or ends in `/`; `candidates` are the XML files
    /// among them.
    pub(crate) fn read_tree(
        &mut self,
        archive: &Archive<'_>,
        base: &str,
        candidates: Vec<Entry>,
        descent: &mut Descent,
    ) -> Result<Contents, ArchiveFlaw> {
        let manifest = self.find_manifest(archive, base, candidates)?;
        descent.enter(&manifest)?;
        let contents = self.look_again(archive, base, manifest, descent);
        descent.leave();
        contents
    }

    /// Reads what the manifest leaves open. Most archives have nothing of the kind, and are walked over only once.
    fn look_again(
        &mut self,
        archive: &Archive<'_>,
        base: &str,
        manifest: Manifest,
        descent: &mut Descent,
    ) -> Result<Contents, ArchiveFlaw> {
        let wanted = Wanted::of(&manifest, base, descent.language_bases());
        let findings = wanted.search(archive, &mut self.directory)?;
        let minimums = self.minimums(archive, &findings, descent)?;
        self.resolve_names(archive, &findings, descent)?;
        let inner = self.read_inner(archive, &manifest, &findings, descent);
        let (name, name_is_unresolved) = match descent.own_text() {
            Some(text) => (text.to_owned(), false),
            None => (manifest.name.clone(), language::is_key(&manifest.name)),
        };
        Ok(Contents { manifest, name, name_is_unresolved, minimums, inner })
    }

    fn minimums(
        &mut self,
        archive: &Archive<'_>,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<ScriptMinimums, ArchiveFlaw> {
        let Some(entry) = &findings.script else { return Ok(ScriptMinimums::default()) };
        let script = self.small_file(archive, entry, MAX_SCRIPT_BYTES, descent)?;
        Ok(script.map_or_else(ScriptMinimums::default, |bytes| {
            installer_script::minimums(&String::from_utf8_lossy(&bytes))
        }))
    }

    /// Looks for the words of every name that is still a key, this extension's and those of the packages around it.
    fn resolve_names(
        &mut self,
        archive: &Archive<'_>,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<(), ArchiveFlaw> {
        for (_, entry) in &findings.languages {
            if !descent.has_open_key() {
                break;
            }
            let Some(bytes) = self.small_file(archive, entry, MAX_LANGUAGE_BYTES, descent)? else { continue };
            // Joomla's language files are UTF-8; the words of another would come out garbled.
            let Ok(ini) = std::str::from_utf8(&bytes) else { continue };
            descent.resolve(ini).map_err(|flaw| ArchiveFlaw::of_entry(&entry.name, flaw))?;
        }
        Ok(())
    }

    /// The bytes of a file, unless it is larger than `limit`: then it is not what it should be, and left alone.
    fn small_file(
        &mut self,
        archive: &Archive<'_>,
        entry: &Entry,
        limit: usize,
        descent: &mut Descent,
    ) -> Result<Option<Vec<u8>>, ArchiveFlaw> {
        if entry.unpacked_bytes > limit as u64 {
            return Ok(None);
        }
        descent
            .spend(entry.unpacked_bytes)
            .and_then(|()| self.unpacker.bytes_of(archive, entry, limit))
            .map(|bytes| Some(bytes).filter(|bytes| bytes.len() <= limit))
            .map_err(|flaw| ArchiveFlaw::of_entry(&entry.name, flaw))
    }

    /// Joomla looks at the XML files of the base folder first, then at those one level below, and takes the first
    /// whose root is `<extension>` (`libraries/src/Installer/Installer.php::findManifest`). But the type of a package
    /// is detected by names alone (`InstallerHelper::detectType`), so a manifest below the base that sorts before the
    /// one in it breaks the installation.
    fn find_manifest(
        &mut self,
        archive: &Archive<'_>,
        base: &str,
        mut candidates: Vec<Entry>,
    ) -> Result<Manifest, ArchiveFlaw> {
        let depth = |candidate: &Entry| candidate.name[base.len()..].matches('/').count();
        candidates.retain(|candidate| candidate.name.starts_with(base) && depth(candidate) <= 1);
        candidates.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));

        if let Some(pair) = candidates.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(ArchiveFlaw::of_entry(&pair[0].name, two_of_one_name()));
        }
        let mut manifest: Option<(&Entry, String)> = None;
        let mut not_xml: Option<ArchiveFlaw> = None;
        for candidate in &candidates {
            let is_harmless = |(first, _): &(&Entry, String)| {
                depth(first) == 0 && depth(candidate) == 1 && first.name < candidate.name
            };
            if manifest.as_ref().is_some_and(is_harmless) {
                continue;
            }
            match self.extension_text(archive, candidate) {
                Ok(None) => {}
                Ok(Some(text)) => match &manifest {
                    None => manifest = Some((candidate, text)),
                    Some((first, _)) => return Err(two_manifests(first, candidate).into()),
                },
                Err(flaw) => {
                    not_xml.get_or_insert(ArchiveFlaw::of_entry(&candidate.name, flaw));
                }
            }
        }
        let Some((candidate, text)) = manifest else {
            return Err(not_xml.unwrap_or_else(|| no_manifest(candidates.len()).into()));
        };
        manifest::parse(&text, &candidate.name).map_err(|flaw| ArchiveFlaw::of_entry(&candidate.name, flaw))
    }

    /// The text of an XML file when its root is `<extension>`.
    fn extension_text(&mut self, archive: &Archive<'_>, candidate: &Entry) -> Result<Option<String>, Flaw> {
        let bytes = self.unpacker.bytes_of(archive, candidate, MAX_MANIFEST_BYTES)?;
        if bytes.len() > MAX_MANIFEST_BYTES {
            // What there is of it still tells whether it is something else; if not even that, it may be the manifest.
            return match manifest_xml::root_element(&String::from_utf8_lossy(&bytes)) {
                Ok(root) if root != "extension" => Ok(None),
                _ => Err(Flaw::new(
                    Code::ManifestSize,
                    format!("a manifest of over {MAX_MANIFEST_BYTES} bytes"),
                    "a smaller one: real manifests have under 20,000",
                )),
            };
        }
        let text = manifest_xml::decode(&bytes)?;
        Ok((manifest_xml::root_element(&text)? == "extension").then_some(text))
    }
}

pub(crate) fn two_of_one_name() -> Flaw {
    Flaw::new(
        Code::OverlappingEntries,
        "two entries of this name",
        "one: which of them is unpacked last, nobody can tell",
    )
}

fn two_manifests(first: &Entry, second: &Entry) -> Flaw {
    Flaw::new(
        Code::TwoManifests,
        format!("two manifests, `{}` and `{}`", first.name, second.name),
        "one XML file with the root `<extension>`",
    )
}

fn no_manifest(candidates: usize) -> Flaw {
    let looked_at = match candidates {
        0 => "no XML file".to_owned(),
        count => format!("{count} XML files, none with the root `<extension>`"),
    };
    Flaw::new(
        Code::NoManifest,
        format!("no manifest ({looked_at} in its root or one level below)"),
        "a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    )
}
