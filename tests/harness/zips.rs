//! Archives in memory, good and bad, and the manifests that go into them.
//!
//! The crate `zip` writes sound archives only. So a bad one is a sound one whose bytes are changed at the end:
//! [`Zip::renamed`], [`Zip::claiming`] and their neighbors note the change, [`Zip::bytes`] makes it.

use std::io::{Cursor, Write};
use std::ops::Range;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What the local header of an entry begins with.
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";

/// What the central directory's header of an entry begins with.
const CENTRAL_HEADER: &[u8] = b"PK\x01\x02";

/// What the end record begins with.
const END_RECORD: &[u8] = b"PK\x05\x06";

/// An archive in the making: `Zip::new().file("mod_tides.xml", manifest).bytes()`.
pub struct Zip {
    writer: ZipWriter<Cursor<Vec<u8>>>,
    lies: Vec<Lie>,
}

/// A number that an entry's headers claim.
#[derive(Clone, Copy, Debug)]
pub enum Claim {
    /// Bit 0 says that the entry is encrypted.
    Flags,
    /// 0 is Store, 8 is Deflate.
    Method,
    /// Checksum of the unpacked bytes.
    Crc32,
    /// Bytes in the archive.
    PackedBytes,
    /// Bytes after unpacking.
    UnpackedBytes,
}

impl Claim {
    /// Where the number is in the local and in the central header.
    fn places(self) -> (Range<usize>, Range<usize>) {
        match self {
            Self::Flags => (6..8, 8..10),
            Self::Method => (8..10, 10..12),
            Self::Crc32 => (14..18, 16..20),
            Self::PackedBytes => (18..22, 20..24),
            Self::UnpackedBytes => (22..26, 24..28),
        }
    }
}

/// A change to the finished bytes.
enum Lie {
    Name { entry: String, name: Vec<u8> },
    Number { entry: String, claim: Claim, value: u32 },
    Place { entry: String, of: String },
    Count { entries: u16 },
}

impl Default for Zip {
    fn default() -> Self {
        Self::new()
    }
}

impl Zip {
    /// An archive with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self { writer: ZipWriter::new(Cursor::new(Vec::new())), lies: Vec::new() }
    }

    /// Adds a file, deflated.
    #[must_use]
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.add(name, bytes.as_ref(), CompressionMethod::Deflated)
    }

    /// Adds a file as it is.
    #[must_use]
    pub fn stored(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.add(name, bytes.as_ref(), CompressionMethod::Stored)
    }

    fn add(mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Self {
        let options = SimpleFileOptions::default().compression_method(method);
        self.writer.start_file(name, options).unwrap();
        self.writer.write_all(bytes).unwrap();
        self
    }

    /// Adds another copy of an entry as it was packed, without packing it again.
    #[must_use]
    pub fn copy(mut self, entry: &str, name: &str) -> Self {
        self.writer.deep_copy_file(entry, name).unwrap();
        self
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn link(mut self, name: &str, target: &str) -> Self {
        self.writer.add_symlink(name, target, SimpleFileOptions::default()).unwrap();
        self
    }

    /// Gives an entry a name that the writer would refuse or clean; it must be as long as the one before.
    #[must_use]
    pub fn renamed(mut self, entry: &str, name: impl AsRef<[u8]>) -> Self {
        let name = name.as_ref().to_owned();
        assert_eq!(entry.len(), name.len(), "another length would move all that follows");
        self.lies.push(Lie::Name { entry: entry.to_owned(), name });
        self
    }

    /// Makes both headers of an entry claim a number, true or not.
    #[must_use]
    pub fn claiming(mut self, entry: &str, claim: Claim, value: u32) -> Self {
        self.lies.push(Lie::Number { entry: entry.to_owned(), claim, value });
        self
    }

    /// Makes the directory say that an entry lies where another does.
    #[must_use]
    pub fn overlapping(mut self, entry: &str, of: &str) -> Self {
        self.lies.push(Lie::Place { entry: entry.to_owned(), of: of.to_owned() });
        self
    }

    /// Makes the end record count so many entries.
    #[must_use]
    pub fn counting(mut self, entries: u16) -> Self {
        self.lies.push(Lie::Count { entries });
        self
    }

    /// The finished archive.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = self.writer.finish().unwrap().into_inner();
        for lie in self.lies {
            match lie {
                Lie::Name { entry, name } => rename(&mut bytes, &entry, &name),
                Lie::Number { entry, claim, value } => {
                    let found = headers(&bytes, &entry);
                    let (in_local, in_central) = claim.places();
                    put_number(&mut bytes[found.local..][in_local], value);
                    put_number(&mut bytes[found.central..][in_central], value);
                }
                Lie::Place { entry, of } => {
                    let (entry, of) = (headers(&bytes, &entry), headers(&bytes, &of));
                    put_number(&mut bytes[entry.central + 42..][..4], u32::try_from(of.local).unwrap());
                }
                Lie::Count { entries } => {
                    let end = end_record(&bytes);
                    bytes[end + 8..][..2].copy_from_slice(&entries.to_le_bytes());
                    bytes[end + 10..][..2].copy_from_slice(&entries.to_le_bytes());
                }
            }
        }
        bytes
    }
}

/// Where the two headers of an entry begin.
struct Headers {
    local: usize,
    central: usize,
}

/// Finds the headers of an entry by its name, as the directory has it.
fn headers(bytes: &[u8], entry: &str) -> Headers {
    let number = |at: usize, length: usize| {
        bytes[at..][..length].iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
    };
    let mut central = number(end_record(bytes) + 16, 4);
    while bytes[central..].starts_with(CENTRAL_HEADER) {
        let name_length = number(central + 28, 2);
        let local = number(central + 42, 4);
        if bytes[central + 46..][..name_length] == *entry.as_bytes() {
            assert!(bytes[local..].starts_with(LOCAL_HEADER), "`{entry}` is not where the directory says");
            return Headers { local, central };
        }
        central += 46 + name_length + number(central + 30, 2) + number(central + 32, 2);
    }
    panic!("the archive has no entry `{entry}`")
}

fn end_record(bytes: &[u8]) -> usize {
    bytes.windows(END_RECORD.len()).rposition(|window| window == END_RECORD).expect("a finished archive")
}

fn rename(bytes: &mut [u8], entry: &str, name: &[u8]) {
    let found = headers(bytes, entry);
    bytes[found.local + 30..][..name.len()].copy_from_slice(name);
    bytes[found.central + 46..][..name.len()].copy_from_slice(name);
}

/// Writes the low bytes of a number into its place, which has two or four.
fn put_number(place: &mut [u8], value: u32) {
    let length = place.len();
    place.copy_from_slice(&value.to_le_bytes()[..length]);
}

/// The package of a site module, with a template beside its manifest.
#[must_use]
pub fn module(element: &str, version: &str) -> Vec<u8> {
    Zip::new()
        .file(&format!("{element}.xml"), module_manifest(element, version))
        .file("tmpl/default.php", format!("<?php // {element} {version}\n"))
        .bytes()
}

/// The manifest of a site module named like its element.
#[must_use]
pub fn module_manifest(element: &str, version: &str) -> String {
    manifest(r#"type="module" client="site""#, element, version, &format!("<element>{element}</element>"))
}

/// The package of a plug-in.
#[must_use]
pub fn plugin(group: &str, element: &str, version: &str) -> Vec<u8> {
    let attributes = format!(r#"type="plugin" group="{group}""#);
    let files = format!(r#"<files><folder plugin="{element}">services</folder></files>"#);
    let manifest = manifest(&attributes, element, version, &files);
    Zip::new().file(&format!("{element}.xml"), manifest).bytes()
}

/// The package of a component; `element` without `com_`.
#[must_use]
pub fn component(element: &str, version: &str) -> Vec<u8> {
    Zip::new().file(&format!("{element}.xml"), manifest(r#"type="component""#, element, version, "")).bytes()
}

/// A package of packages, with one module in it; `name` without `pkg_`.
#[must_use]
pub fn package(name: &str, version: &str) -> Vec<u8> {
    let body = format!(
        r#"<packagename>{name}</packagename><files><file type="module" client="site">mod_{name}.zip</file></files>"#
    );
    Zip::new()
        .file(&format!("pkg_{name}.xml"), manifest(r#"type="package""#, name, version, &body))
        .stored(&format!("mod_{name}.zip"), module(&format!("mod_{name}"), version))
        .bytes()
}

/// A manifest of any kind. Texts are put in as they are, so that a test can put in what is no XML.
#[must_use]
pub fn manifest(attributes: &str, name: &str, version: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <extension {attributes} method=\"upgrade\">\n\
         <name>{name}</name>\n<version>{version}</version>\n{body}\n</extension>\n"
    )
}
