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
use crate::unpack::{Section, Unpacker};
use crate::zip_directory::{Entry, Unread, ZipDirectory};

/// Longest comment that a zip can have after its end record, and the record itself.
const MAX_COMMENT_BYTES: u64 = 65_535 + 22;

/// Largest manifest, and largest metadata of a language. Real ones are under 20 KB.
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
    pub(crate) fn read(&mut self, reader: &dyn ReaderAt, size: u64) -> Result<Contents, Unread> {
        self.read_archive(&Section::whole(reader, size), &mut Descent::new())
    }

    /// The same for an archive that may be inside of another one.
    pub(crate) fn read_archive(
        &mut self,
        section: &Section<'_>,
        descent: &mut Descent,
    ) -> Result<Contents, Unread> {
        let (reader, size): (&dyn ReaderAt, u64) = (section, section.size_bytes());
        let archive = ZipArchive::with_max_search_space(MAX_COMMENT_BYTES)
            .locate_in_reader(reader, &mut self.directory, size)
            .map_err(|(_, error)| error)?;
        descent.walk(&archive)?;
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
    ) -> Result<Contents, Unread> {
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
    ) -> Result<Contents, Unread> {
        let wanted = Wanted::of(&manifest, base, descent.language_bases());
        if !wanted.is_nothing() {
            descent.walk(archive)?;
        }
        let findings = wanted.search(archive, &mut self.directory)?;
        let minimums = self.minimums(archive, &findings, descent)?;
        let metadata_version = self.metadata_version(archive, &findings, descent)?;
        self.resolve_names(archive, &findings, descent)?;
        let inner = self.read_inner(archive, &manifest, &findings, descent)?;
        let (name, name_is_unresolved) = match descent.own_text() {
            Some(text) => (text.to_owned(), false),
            None => (manifest.name.clone(), language::is_key(&manifest.name)),
        };
        Ok(Contents { manifest, name, name_is_unresolved, minimums, metadata_version, inner })
    }

    fn minimums(
        &mut self,
        archive: &Archive<'_>,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<ScriptMinimums, Unread> {
        let Some(entry) = &findings.script else { return Ok(ScriptMinimums::default()) };
        let script = self.small_file(archive, entry, MAX_SCRIPT_BYTES, descent)?;
        Ok(script.map_or_else(ScriptMinimums::default, |bytes| {
            installer_script::minimums(&String::from_utf8_lossy(&bytes))
        }))
    }

    /// The version in a language's metadata. Whether they can be read at all is not what an installation depends on.
    fn metadata_version(
        &mut self,
        archive: &Archive<'_>,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<Option<String>, Unread> {
        let Some(entry) = &findings.metadata else { return Ok(None) };
        let bytes = self.small_file(archive, entry, MAX_MANIFEST_BYTES, descent)?;
        let raw = bytes.and_then(|bytes| {
            let text = manifest_xml::decode(&bytes).ok()?;
            manifest_xml::check_form(&bytes, &text).ok()?;
            manifest_xml::read(&text).ok()
        });
        Ok(raw.and_then(|raw| raw.version).map(|version| version.trim().to_owned()))
    }

    /// Looks for the words of every name that is still a key, this extension's and those of the packages around it.
    fn resolve_names(
        &mut self,
        archive: &Archive<'_>,
        findings: &Findings<'_>,
        descent: &mut Descent,
    ) -> Result<(), Unread> {
        for (_, entry) in &findings.languages {
            if !descent.has_open_key() {
                break;
            }
            let Some(bytes) = self.small_file(archive, entry, MAX_LANGUAGE_BYTES, descent)? else { continue };
            // Joomla's language files are UTF-8; the words of another would come out garbled.
            let Ok(ini) = std::str::from_utf8(&bytes) else { continue };
            descent.resolve(ini).map_err(|flaw| Unread::from(flaw).in_entry(&entry.name))?;
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
    ) -> Result<Option<Vec<u8>>, Unread> {
        if entry.unpacked_bytes > limit as u64 {
            return Ok(None);
        }
        descent
            .spend(entry.unpacked_bytes)
            .map_err(Unread::from)
            .and_then(|()| self.unpacker.bytes_of(archive, entry, limit))
            .map(|bytes| Some(bytes).filter(|bytes| bytes.len() <= limit))
            .map_err(|unread| unread.in_entry(&entry.name))
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
    ) -> Result<Manifest, Unread> {
        let depth = |candidate: &Entry| candidate.name[base.len()..].matches('/').count();
        candidates.retain(|candidate| candidate.name.starts_with(base) && depth(candidate) <= 1);
        candidates.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));

        if let Some(pair) = candidates.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(Unread::from(two_of_one_name()).in_entry(&pair[0].name));
        }
        let mut manifest: Option<(&Entry, Vec<u8>)> = None;
        let mut not_xml: Option<Unread> = None;
        for candidate in &candidates {
            let is_harmless = |(first, _): &(&Entry, Vec<u8>)| {
                depth(first) == 0 && depth(candidate) == 1 && first.name < candidate.name
            };
            if manifest.as_ref().is_some_and(is_harmless) {
                continue;
            }
            match self.extension_bytes(archive, candidate) {
                Ok(None) => {}
                Ok(Some(bytes)) => match &manifest {
                    None => manifest = Some((candidate, bytes)),
                    Some((first, _)) => return Err(two_manifests(first, candidate).into()),
                },
                Err(Unread::Failure(error)) => return Err(Unread::Failure(error)),
                Err(flaw) => {
                    not_xml.get_or_insert(flaw.in_entry(&candidate.name));
                }
            }
        }
        let Some((candidate, bytes)) = manifest else {
            return Err(not_xml.unwrap_or_else(|| no_manifest(candidates.len()).into()));
        };
        manifest::read(&bytes, &candidate.name).map_err(|flaw| Unread::from(flaw).in_entry(&candidate.name))
    }

    /// The bytes of an XML file when its root is `<extension>`.
    fn extension_bytes(
        &mut self,
        archive: &Archive<'_>,
        candidate: &Entry,
    ) -> Result<Option<Vec<u8>>, Unread> {
        let bytes = self.unpacker.bytes_of(archive, candidate, MAX_MANIFEST_BYTES)?;
        if bytes.len() > MAX_MANIFEST_BYTES {
            // What there is of it still tells whether it is something else; if not even that, it may be the manifest.
            return match manifest_xml::root_element(&String::from_utf8_lossy(&bytes)) {
                Ok(root) if root != "extension" => Ok(None),
                _ => Err(Flaw::new(
                    Code::ManifestSize,
                    format!("a manifest of over {MAX_MANIFEST_BYTES} bytes"),
                    "a smaller one: real manifests have under 20,000",
                )
                .into()),
            };
        }
        let text = manifest_xml::decode(&bytes)?;
        Ok((manifest_xml::root_element(&text)? == "extension").then_some(bytes))
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::{self, Write};

    use rawzip::{CompressionMethod, ZipArchiveWriter};

    use super::*;
    use crate::contents::InnerFile;

    /// An archive of files that are stored; those that end in `.deflated` are deflated, under the name before it.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        for (name, bytes) in files {
            let (name, method) = match name.strip_suffix(".deflated") {
                Some(name) => (name, CompressionMethod::DEFLATE),
                None => (*name, CompressionMethod::STORE),
            };
            let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
            let packed: &mut dyn Write = &mut entry;
            let descriptor = if method == CompressionMethod::DEFLATE {
                let encoder = flate2::write::DeflateEncoder::new(packed, flate2::Compression::fast());
                let mut writer = config.wrap(encoder);
                writer.write_all(bytes).unwrap();
                let (encoder, descriptor) = writer.finish().unwrap();
                encoder.finish().unwrap();
                descriptor
            } else {
                let mut writer = config.wrap(packed);
                writer.write_all(bytes).unwrap();
                writer.finish().unwrap().1
            };
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap()
    }

    fn manifest(attributes: &str, name: &str, body: &str) -> Vec<u8> {
        format!("<extension {attributes}><name>{name}</name><version>1.0</version>{body}</extension>")
            .into_bytes()
    }

    fn module(name: &str, body: &str) -> Vec<u8> {
        manifest("type='module'", name, &format!("<element>mod_tides</element>{body}"))
    }

    /// The package `pkg_fleet` of these files, in the folder `packages` of its archive.
    fn fleet(name: &str, files: &[&str]) -> Vec<u8> {
        let files: String = files.iter().map(|file| format!("<file>{file}</file>")).collect();
        let body = format!("<packagename>fleet</packagename><files folder='packages'>{files}</files>");
        manifest("type='package'", name, &body)
    }

    fn read(zip: &[u8]) -> Result<Contents, Unread> {
        ArchiveReader::new().read(&zip, zip.len() as u64)
    }

    fn names_of(inner: &[InnerFile]) -> Vec<String> {
        inner.iter().map(|file| file.contents.as_ref().unwrap().name.clone()).collect()
    }

    #[test]
    fn a_key_that_no_file_resolves_stays_the_name_and_is_told() {
        let named = |name: &str| {
            let contents = read(&zip(&[("mod_tides.xml", &module(name, ""))])).unwrap();
            (contents.name, contents.name_is_unresolved)
        };
        assert_eq!(named("MOD_TIDES"), ("MOD_TIDES".into(), true));
        // Names that people may have chosen.
        assert_eq!(named("TIDES24"), ("TIDES24".into(), false));
        assert_eq!(named("mod_tides"), ("mod_tides".into(), false));
        assert_eq!(named("Tides"), ("Tides".into(), false));
    }

    #[test]
    fn a_language_file_that_cannot_be_one_is_passed_over() {
        let large = vec![b' '; MAX_LANGUAGE_BYTES + 1];
        let contents = read(&zip(&[
            ("mod_tides.xml", &module("MOD_TIDES", "")),
            ("en-GB/mod_tides.sys.ini.deflated", &large),
            ("en-GB/mod_tides.ini", b"MOD_TIDES=\"K\xfcste\""),
            ("fr-FR/mod_tides.ini", b"MOD_TIDES=\"Les Mar\xc3\xa9es\""),
        ]));
        assert_eq!(contents.unwrap().name, "Les Marées");
    }

    #[test]
    fn the_installer_script_is_the_one_that_the_manifest_names() {
        let minimums = |name: &str| {
            let body = "<scriptfile>setup/script.php</scriptfile>";
            let script =
                b"<?php class S { protected $minimumJoomla = '4.4'; protected $minimumPhp = '8.1'; }";
            let contents =
                read(&zip(&[("top/mod_tides.xml", &module("Tides", body)), (name, script)])).unwrap();
            (contents.minimums.joomla, contents.minimums.php)
        };
        assert_eq!(minimums("top/setup/script.php.deflated"), (Some("4.4".into()), Some("8.1".into())));
        assert_eq!(minimums("top/script.php"), (None, None));
    }

    #[test]
    fn the_version_in_the_metadata_of_a_language_is_read_where_there_is_one() {
        let version = |attributes: &str, name: &str, metadata: &[u8]| {
            let manifest = manifest(attributes, "German", "<tag>de-CH</tag><element>x</element>");
            read(&zip(&[("top/install.xml", &manifest), (name, metadata)])).unwrap().metadata_version
        };
        let metadata = b"<metafile><name>German</name><version> 1.1 </version></metafile>";
        let place = "top/langmetadata.xml";
        assert_eq!(version("type='language'", place, metadata).as_deref(), Some("1.1"));
        assert_eq!(version("type='language'", place, b"<metafile><name>German</name></metafile>"), None);
        assert_eq!(version("type='language'", place, b"<metafile>"), None);
        assert_eq!(version("type='language'", "top/sub/langmetadata.xml", metadata), None);
        assert_eq!(version("type='module'", place, metadata), None);
    }

    #[test]
    fn inner_extensions_are_read_in_the_manifests_order_wherever_they_lie() {
        let tides = zip(&[("mod_tides.xml", &module("Tides", ""))]);
        let mut waves = vec![("mod_waves.xml", module("Waves", ""))];
        // Larger than what is unpacked in memory, and not to be deflated.
        let noise: Vec<u8> =
            (0..2_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        waves.push(("noise", noise));
        let waves: Vec<(&str, &[u8])> = waves.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
        let contents = read(&zip(&[
            ("pkg_fleet.xml", &fleet("Fleet", &["small.zip", "large.zip", "folder", "stored.ZIP"])),
            ("packages/stored.ZIP", &tides),
            ("packages/small.zip.deflated", &tides),
            ("packages/large.zip.deflated", &zip(&waves)),
            ("packages/folder/mod_x.xml", &module("Folder", "")),
            ("packages/folder/sub/other.xml", b"<config/>"),
        ]))
        .unwrap();
        assert_eq!(names_of(&contents.inner), ["Tides", "Waves", "Folder", "Tides"]);
        let paths: Vec<&str> = contents.inner.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            ["packages/small.zip", "packages/large.zip", "packages/folder", "packages/stored.ZIP"]
        );
        let folder = contents.inner[2].contents.as_ref().unwrap();
        assert_eq!(folder.manifest.details.path, "packages/folder/mod_x.xml");
    }

    #[test]
    fn the_key_of_a_package_is_found_in_what_is_inside_of_it() {
        let component = manifest("type='component'", "COM_FLEET", "<element>fleet</element>");
        let ini: &[u8] = b"COM_FLEET=\"Ships\"\nPKG_FLEET=\"The Fleet\"\n";
        for file in ["admin/language/en-GB/com_fleet.sys.ini", "en-GB.pkg_fleet.sys.ini.deflated"] {
            let inner = zip(&[("fleet.xml", &component), (file, ini)]);
            let outer = zip(&[
                ("pkg_fleet.xml", &fleet("PKG_FLEET", &["com_fleet.zip"])),
                ("packages/com_fleet.zip", &inner),
            ]);
            let contents = read(&outer).unwrap();
            assert_eq!((contents.name.as_str(), contents.name_is_unresolved), ("The Fleet", false), "{file}");
        }
    }

    #[test]
    fn an_extension_does_not_take_its_name_from_the_package_around_it() {
        let inner = zip(&[("mod_tides.xml", &module("MOD_TIDES", ""))]);
        let outer = zip(&[
            ("pkg_fleet.xml", &fleet("PKG_FLEET", &["mod_tides.zip"])),
            ("packages/mod_tides.zip", &inner),
            ("en-GB.pkg_fleet.sys.ini", b"PKG_FLEET=\"The Fleet\"\nMOD_TIDES=\"Tides\""),
        ]);
        let contents = read(&outer).unwrap();
        assert_eq!(contents.name, "The Fleet");
        assert_eq!(names_of(&contents.inner), ["MOD_TIDES"]);
        assert!(contents.inner[0].contents.as_ref().unwrap().name_is_unresolved);
    }

    /// A disk that fails after so many good reads.
    struct FailingDisk<'b> {
        bytes: &'b [u8],
        good_reads: Cell<usize>,
    }

    impl ReaderAt for FailingDisk<'_> {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let left = self.good_reads.get().checked_sub(1).ok_or_else(|| io::Error::other("bad sector"))?;
            self.good_reads.set(left);
            self.bytes.read_at(buffer, offset)
        }
    }

    #[test]
    fn a_disk_that_fails_is_never_a_flaw_of_the_archive() {
        let tides =
            zip(&[("mod_tides.xml", &module("MOD_TIDES", "")), ("en-GB/mod_tides.ini", b"MOD_TIDES=T")]);
        let package = zip(&[
            ("pkg_fleet.xml.deflated", &fleet("Fleet", &["stored.zip", "deflated.zip"])),
            ("packages/stored.zip", &tides),
            ("packages/deflated.zip.deflated", &tides),
        ]);
        let mut failures = 0;
        loop {
            let disk = FailingDisk { bytes: &package, good_reads: Cell::new(failures) };
            match ArchiveReader::new().read(&disk, package.len() as u64) {
                Ok(contents) => break assert_eq!(names_of(&contents.inner), ["T", "T"]),
                Err(Unread::Failure(error)) => assert_eq!(error.to_string(), "bad sector"),
                Err(Unread::Flaw(flaw)) => panic!("after {failures} reads: {flaw:?}"),
            }
            failures += 1;
        }
        assert!(failures > 10, "{failures}");
    }
}
