//! Which file of an archive is the manifest: Joomla's way of looking. Whether the archive may be unpacked at all is
//! [`crate::zip_directory`]'s business, what the manifest says [`crate::manifest`]'s.

use flate2::{Decompress, FlushDecompress, Status};
use rawzip::{CompressionMethod, ReaderAt, ZipArchive};

use crate::contents::{Contents, ScriptMinimums};
use crate::error::Flaw;
use crate::manifest::{self, Manifest};
use crate::rules::Code;
use crate::zip_directory::{ArchiveFlaw, Candidate, ZipDirectory};

/// Longest comment that a zip can have after its end record, and the record itself.
const MAX_COMMENT_BYTES: u64 = 65_535 + 22;

/// Largest manifest. Real ones are under 20 KB.
const MAX_MANIFEST_BYTES: usize = 1 << 20;

/// Reads archives one after the other, keeping its inflater and buffers: a new inflater for each archive would
/// fragment the heap.
pub(crate) struct ArchiveReader {
    inflater: Decompress,
    /// For the central directory.
    directory: Vec<u8>,
    packed: Vec<u8>,
}

impl ArchiveReader {
    pub(crate) fn new() -> Self {
        Self {
            inflater: Decompress::new(false),
            directory: vec![0; rawzip::RECOMMENDED_BUFFER_SIZE],
            packed: Vec::new(),
        }
    }

    /// Looks at an archive of `size` bytes and reads what it holds.
    pub(crate) fn read<R: ReaderAt>(&mut self, reader: R, size: u64) -> Result<Contents, ArchiveFlaw> {
        let archive = ZipArchive::with_max_search_space(MAX_COMMENT_BYTES)
            .locate_in_reader(reader, &mut self.directory, size)
            .map_err(|(_, error)| error)?;
        let directory = ZipDirectory::read(&archive, &mut self.directory, size)?;
        let manifest = self.find_manifest(&archive, directory)?;
        let name = manifest.name.clone();
        Ok(Contents {
            manifest,
            name,
            name_is_unresolved: false,
            minimums: ScriptMinimums::default(),
            inner: Vec::new(),
        })
    }

    /// Joomla looks at the XML files of the base folder first, then at those one level below, and takes the first
    /// whose root is `<extension>` (`libraries/src/Installer/Installer.php::findManifest`). But the type of a package
    /// is detected by names alone (`InstallerHelper::detectType`), so a manifest below the base that sorts before the
    /// one in it breaks the installation.
    fn find_manifest<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        mut directory: ZipDirectory,
    ) -> Result<Manifest, ArchiveFlaw> {
        let base = directory.base();
        let depth = |candidate: &Candidate| candidate.name[base.len()..].matches('/').count();
        directory.candidates.retain(|candidate| candidate.name.starts_with(&base) && depth(candidate) <= 1);
        directory.candidates.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));

        if let Some(pair) = directory.candidates.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let flaw = Flaw::new(
                Code::OverlappingEntries,
                "two entries of this name",
                "one: which of them is unpacked last, nobody can tell",
            );
            return Err(ArchiveFlaw::of_entry(&pair[0].name, flaw));
        }
        let mut manifest: Option<(&Candidate, String)> = None;
        let mut not_xml: Option<ArchiveFlaw> = None;
        for candidate in &directory.candidates {
            let is_harmless = |(first, _): &(&Candidate, String)| {
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
            return Err(not_xml.unwrap_or_else(|| no_manifest(&directory).into()));
        };
        let file_name = candidate.name.rsplit('/').next().unwrap_or(&candidate.name);
        manifest::parse(&text, file_name.trim_end_matches(".xml"))
            .map_err(|flaw| ArchiveFlaw::of_entry(&candidate.name, flaw))
    }

    /// The text of an XML file when its root is `<extension>`.
    fn extension_text<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        candidate: &Candidate,
    ) -> Result<Option<String>, Flaw> {
        let bytes = self.inflate(archive, candidate)?;
        if bytes.len() > MAX_MANIFEST_BYTES {
            // What there is of it still tells whether it is something else; if not even that, it may be the manifest.
            return match manifest::root_element(&String::from_utf8_lossy(&bytes)) {
                Ok(root) if root != "extension" => Ok(None),
                _ => Err(Flaw::new(
                    Code::ManifestSize,
                    format!("a manifest of over {MAX_MANIFEST_BYTES} bytes"),
                    "a smaller one: real manifests have under 20,000",
                )),
            };
        }
        let text = manifest::decode(&bytes)?;
        Ok((manifest::root_element(&text)? == "extension").then_some(text))
    }

    /// Inflates at most one byte more than [`MAX_MANIFEST_BYTES`]; sizes in the archive are claims and not trusted.
    fn inflate<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        candidate: &Candidate,
    ) -> Result<Vec<u8>, Flaw> {
        let entry = archive.get_entry(candidate.place).map_err(|error| ArchiveFlaw::from(error).flaw)?;
        let (start, end) = entry.compressed_data_range();
        let limit = MAX_MANIFEST_BYTES + 1;
        let packed_bytes = usize::try_from(end - start).unwrap_or(usize::MAX).min(limit);
        self.packed.resize(packed_bytes, 0);
        archive.get_ref().read_exact_at(&mut self.packed, start).map_err(|_| ends_too_early())?;
        let bytes = match candidate.method {
            CompressionMethod::STORE => self.packed.clone(),
            _ => self.inflate_packed(limit)?,
        };
        if bytes.len() < limit && candidate.crc32 != rawzip::crc32(&bytes) {
            return Err(Flaw::new(
                Code::BrokenArchive,
                "data that does not fit its checksum",
                "a sound zip file",
            ));
        }
        // Some unpackers stop at the size that the archive claims, so they would read another manifest than this one.
        if bytes.len() < limit && candidate.unpacked_bytes != bytes.len() as u64 {
            return Err(Flaw::new(
                Code::BrokenArchive,
                "data that does not fit its size",
                "a sound zip file",
            ));
        }
        Ok(bytes)
    }

    /// Inflates what was read of an entry, up to `limit` bytes.
    fn inflate_packed(&mut self, limit: usize) -> Result<Vec<u8>, Flaw> {
        self.inflater.reset(false);
        let mut out = Vec::with_capacity(16 * 1024);
        loop {
            let used = usize::try_from(self.inflater.total_in()).unwrap_or(usize::MAX);
            let made = out.len();
            let status = self
                .inflater
                .decompress_vec(&self.packed[used..], &mut out, FlushDecompress::None)
                .map_err(|error| {
                    Flaw::new(
                        Code::BrokenArchive,
                        format!("data that does not inflate: {error}"),
                        "a sound zip file",
                    )
                })?;
            if status == Status::StreamEnd || out.len() >= limit {
                out.truncate(limit);
                return Ok(out);
            }
            if out.len() == out.capacity() {
                out.reserve(out.len().min(limit + 1 - out.len()));
            } else if out.len() == made {
                return Err(ends_too_early());
            }
        }
    }
}

fn ends_too_early() -> Flaw {
    Flaw::new(Code::BrokenArchive, "data that ends too early", "a complete zip archive")
}

fn two_manifests(first: &Candidate, second: &Candidate) -> Flaw {
    Flaw::new(
        Code::TwoManifests,
        format!("two manifests, `{}` and `{}`", first.name, second.name),
        "one XML file with the root `<extension>`",
    )
}

fn no_manifest(directory: &ZipDirectory) -> Flaw {
    let looked_at = match directory.candidates.len() {
        0 => "no XML file".to_owned(),
        count => format!("{count} XML files, none with the root `<extension>`"),
    };
    Flaw::new(
        Code::NoManifest,
        format!("no manifest ({looked_at} in its root or one level below)"),
        "a Joomla extension, or a `product.toml` with `kind = \"file\"` above it",
    )
}
