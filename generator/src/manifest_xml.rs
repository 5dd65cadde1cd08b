//! The text of a manifest: bytes to text, text to [`Raw`] values. What they mean is [`crate::manifest`]'s business.
//!
//! Joomla reads manifests with SimpleXML, so names of elements are case-sensitive, only direct children of
//! `<extension>` count, and of several elements of one name the first (`libraries/src/Installer/Installer.php`).

use std::borrow::Cow;

use bandari_catalog::v1::ExtensionType;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::contents::{DownloadKeyField, PackagePart, UpdateServer};
use crate::error::Flaw;
use crate::rules::Code;
use crate::xml_form;

/// Deepest nesting of elements that is read: real manifests have about six levels.
const MAX_DEPTH: usize = 64;

/// The bytes as text: by their byte order mark, else by the encoding that the XML declaration names, else UTF-8.
///
/// # Errors
/// When the bytes do not fit the encoding, or nobody knows it.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Flaw> {
    let encoding = match (encoding_rs::Encoding::for_bom(bytes), bytes) {
        (Some((encoding, _)), _) => encoding,
        // UTF-16 without a mark is known by its first character, which is `<` (XML 1.0, appendix F.1).
        (None, [b'<', 0, ..]) => encoding_rs::UTF_16LE,
        (None, [0, b'<', ..]) => encoding_rs::UTF_16BE,
        (None, _) => match declared_encoding(bytes) {
            Some(name) => encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| {
                Flaw::new(
                    Code::ManifestText,
                    format!("encoding `{name}`"),
                    "one that XML readers know, such as UTF-8",
                )
            })?,
            None => encoding_rs::UTF_8,
        },
    };
    let (text, _, has_errors) = encoding.decode(bytes);
    if has_errors {
        return Err(Flaw::new(
            Code::ManifestText,
            format!("bytes that are not {}", encoding.name()),
            "XML in the encoding that it declares",
        ));
    }
    Ok(text.into_owned())
}

/// Whether Joomla can read the bytes at all; `text` is what [`decode`] makes of them.
///
/// # Errors
/// When they are no well-formed XML.
pub(crate) fn check_form(bytes: &[u8], text: &str) -> Result<(), Flaw> {
    let in_utf8 = match declared_encoding(text.as_bytes()) {
        Some(encoding) => Cow::Owned(text.replacen(&encoding, "UTF-8", 1)),
        None => Cow::Borrowed(text),
    };
    let expected = "a well-formed manifest: Joomla cannot read it otherwise";
    xml_form::check_whole(bytes, &in_utf8, Code::ManifestText, expected)
}

/// The value of `encoding` in the XML declaration, when the text begins with one.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_owned())
}

/// The name of the root element, when the text gets that far as XML.
///
/// # Errors
/// When it is not XML.
pub(crate) fn root_element(text: &str) -> Result<String, Flaw> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|error| not_xml(&error))? {
            Event::Start(start) | Event::Empty(start) => return Ok(start.name().as_ref().to_owned()),
            Event::Eof => {
                return Err(Flaw::new(
                    Code::ManifestText,
                    "no element",
                    "XML with the root element `<extension>`",
                ));
            }
            _ => {}
        }
    }
}

fn not_xml(error: &quick_xml::Error) -> Flaw {
    Flaw::new(Code::ManifestText, format!("text that is not XML: {error}"), "a well-formed manifest")
}

/// The values of a manifest as they are written, blanks included, before anything is concluded from them. An
/// element's text is what stands directly in it, as SimpleXML gives it.
#[derive(Default)]
pub(crate) struct Raw {
    pub(crate) kind: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) element: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) package_name: Option<String>,
    pub(crate) library_name: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) changelog_url: Option<String>,
    pub(crate) script_file: Option<String>,
    pub(crate) download_key: Option<DownloadKeyField>,
    /// The children of `<updateservers>`, whatever their names.
    pub(crate) update_servers: Vec<UpdateServer>,
    /// The text that stands directly in `<updateservers>`.
    pub(crate) update_servers_text: Option<String>,
    /// `plugin="…"` of the first child of `<files>` that has it.
    pub(crate) plugin: Option<String>,
    /// `module="…"` of the first child of `<files>` that has it.
    pub(crate) module: Option<String>,
    /// `folder` of `<files>`.
    pub(crate) files_folder: Option<String>,
    /// The children of `<files>`, whatever their names, their paths as written; of packages only, where each is an extension.
    pub(crate) package_files: Vec<PackagePart>,
    /// The texts of those children of `<files>` that are no `<folder>`; of languages only.
    pub(crate) language_files: Vec<String>,
    /// How many `<files>` and `<updateservers>` have begun: only the first of each counts.
    files_begun: usize,
    update_servers_begun: usize,
}

/// An element that has begun and not ended.
struct Open {
    name: String,
    /// What stood directly in it so far.
    text: String,
}

/// Reads the values of a manifest.
///
/// # Errors
/// When it is not XML, nested too deep, or has entities of its own.
pub(crate) fn read(text: &str) -> Result<Raw, Flaw> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut raw = Raw::default();
    let mut open: Vec<Open> = Vec::new();
    let mut root_closed = false;
    loop {
        let is_first = reader.buffer_position() == 0;
        let event = reader.read_event().map_err(|error| not_xml(&error))?;
        check_place(&event, open.len(), root_closed, is_first)?;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                check_attributes(start)?;
                raw.begin(&open, start)?;
                open.push(Open { name: start.name().as_ref().to_owned(), text: String::new() });
            }
            Event::Text(part) => add_text(&mut open, &part.xml10_content()),
            Event::CData(part) => add_text(&mut open, &part.xml10_content()),
            Event::GeneralRef(reference) => {
                add_text(&mut open, resolve(reference)?.encode_utf8(&mut [0; 4]));
            }
            Event::Eof if !root_closed => {
                return Err(Flaw::new(
                    Code::ManifestText,
                    "text that ends inside an element",
                    "a well-formed manifest",
                ));
            }
            Event::Eof => return Ok(raw),
            Event::End(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        if matches!(event, Event::End(_) | Event::Empty(_)) {
            if let Some(Open { name, text }) = open.pop() {
                raw.end(&open, &name, text);
            }
            root_closed = open.is_empty();
        }
    }
}

/// Refuses what is well-formed as a piece and not where it stands; `depth` elements are open around it. Joomla's parser does
/// so, and then finds no manifest in the package.
fn check_place(event: &Event<'_>, depth: usize, root_closed: bool, is_first: bool) -> Result<(), Flaw> {
    match event {
        Event::Start(_) if root_closed || depth == MAX_DEPTH => Err(Flaw::new(
            Code::ManifestSize,
            "elements too deep or after the root",
            "one root with at most 64 levels",
        )),
        Event::Empty(_) if depth == 0 => Err(Flaw::new(
            Code::ManifestText,
            "an element without content as the root or after it",
            "one root with elements in it",
        )),
        Event::Text(part) if depth == 0 && !part.xml10_content().trim().is_empty() => {
            Err(Flaw::new(Code::ManifestText, "text outside of the root", "a well-formed manifest"))
        }
        Event::Decl(_) if !is_first => {
            let expected = "it at the very beginning: Joomla cannot read the manifest otherwise";
            Err(Flaw::new(Code::ManifestText, "something before the XML declaration", expected))
        }
        _ => Ok(()),
    }
}

fn add_text(open: &mut [Open], text: &str) {
    if let Some(innermost) = open.last_mut() {
        innermost.text.push_str(text);
    }
}

/// The character behind `&amp;`, `&#228;` and the like. Entities of a document type are refused: expanding them is
/// how a few lines become gigabytes.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Flaw> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    let name = reference.xml10_content();
    match quick_xml::escape::resolve_xml_entity(&name).and_then(|text| text.chars().next()) {
        Some(character) => Ok(character),
        None => Err(Flaw::new(
            Code::ManifestText,
            format!("the entity `&{name};`"),
            "only `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbers",
        )),
    }
}

/// Joomla's parser reads the attributes of every element, so one that is no XML makes it refuse the manifest.
fn check_attributes(start: &BytesStart<'_>) -> Result<(), Flaw> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| wrong_attribute(&error))?;
        attribute.normalized_value(XmlVersion::default()).map_err(|error| not_xml(&error))?;
    }
    Ok(())
}

fn wrong_attribute(error: &AttrError) -> Flaw {
    Flaw::new(Code::ManifestText, format!("a wrong attribute: {error}"), "well-formed XML")
}

/// The value of an attribute; an empty one counts as missing, as it does for PHP's conditions.
fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, Flaw> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| wrong_attribute(&error))?;
        if attribute.key.as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::default()).map_err(|error| not_xml(&error))?;
            return Ok(Some(value.into_owned()).filter(|value| !value.is_empty()));
        }
    }
    Ok(None)
}

/// A part of a package, without its path.
fn package_part(start: &BytesStart<'_>) -> Result<PackagePart, Flaw> {
    let value = |name| Ok::<_, Flaw>(attribute(start, name)?.unwrap_or_default());
    Ok(PackagePart {
        path: String::new(),
        kind: value("type")?,
        id: value("id")?,
        group: value("group")?,
        client: value("client")?,
    })
}

impl Raw {
    /// Takes the attributes of an element that begins inside `open`.
    fn begin(&mut self, open: &[Open], start: &BytesStart<'_>) -> Result<(), Flaw> {
        match open {
            [] => {
                self.kind = attribute(start, "type")?;
                self.client = attribute(start, "client")?;
                self.group = attribute(start, "group")?;
                self.method = attribute(start, "method")?;
            }
            [_] => self.begin_child(start)?,
            [_, parent] if parent.name == "files" && self.files_begun == 1 => {
                if self.plugin.is_none() {
                    self.plugin = attribute(start, "plugin")?;
                }
                if self.module.is_none() {
                    self.module = attribute(start, "module")?;
                }
                if self.is_of(ExtensionType::Package) {
                    self.package_files.push(package_part(start)?);
                }
            }
            [_, parent] if parent.name == "updateservers" && self.update_servers_begun == 1 => {
                self.update_servers.push(UpdateServer {
                    kind: attribute(start, "type")?.unwrap_or_default(),
                    name: attribute(start, "name")?.unwrap_or_default(),
                    address: String::new(),
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_child(&mut self, start: &BytesStart<'_>) -> Result<(), Flaw> {
        match start.name().as_ref() {
            "files" => {
                self.files_begun += 1;
                if self.files_begun == 1 {
                    self.files_folder = attribute(start, "folder")?;
                }
            }
            "updateservers" => self.update_servers_begun += 1,
            "dlid" if self.download_key.is_none() => {
                self.download_key = Some(DownloadKeyField {
                    prefix: attribute(start, "prefix")?.unwrap_or_default(),
                    suffix: attribute(start, "suffix")?.unwrap_or_default(),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes the text of an element that ends inside `open`.
    fn end(&mut self, open: &[Open], name: &str, text: String) {
        match open {
            [_] => self.end_child(name, text),
            [_, parent] if parent.name == "files" && self.files_begun == 1 => self.end_file(name, text),
            [_, parent] if parent.name == "updateservers" && self.update_servers_begun == 1 => {
                if let Some(server) = self.update_servers.last_mut() {
                    server.address = text;
                }
            }
            _ => {}
        }
    }

    fn end_file(&mut self, name: &str, text: String) {
        if self.is_of(ExtensionType::Language) && name != "folder" {
            self.language_files.push(text);
        } else if self.is_of(ExtensionType::Package)
            && let Some(part) = self.package_files.last_mut()
        {
            part.path = text;
        }
    }

    fn is_of(&self, kind: ExtensionType) -> bool {
        self.kind.as_deref() == Some(kind.as_str())
    }

    fn end_child(&mut self, name: &str, text: String) {
        let place = match name {
            "name" => &mut self.name,
            "element" => &mut self.element,
            "version" => &mut self.version,
            "packagename" => &mut self.package_name,
            "libraryname" => &mut self.library_name,
            "tag" => &mut self.tag,
            "author" => &mut self.author,
            "changelogurl" => &mut self.changelog_url,
            "scriptfile" => &mut self.script_file,
            "updateservers" => &mut self.update_servers_text,
            _ => return,
        };
        place.get_or_insert(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(body: &str) -> Raw {
        read(&format!("<extension type='package'>{body}</extension>")).unwrap()
    }

    fn refusal(text: &str) -> String {
        read(text).err().unwrap().found
    }

    #[test]
    fn a_name_with_an_entity_keeps_every_character() {
        assert_eq!(raw("<name>Foo &amp; Bar &#228; <![CDATA[<b>]]></name>").name.unwrap(), "Foo & Bar ä <b>");
    }

    #[test]
    fn the_text_of_an_element_is_what_stands_directly_in_it() {
        assert_eq!(raw("<name>Foo <b>bold</b>Bar</name>").name.unwrap(), "Foo Bar");
    }

    #[test]
    fn of_two_elements_of_one_name_the_first_counts() {
        let raw = raw("<name/><name>Late</name><files folder='a'><file>x.zip</file></files>\
             <files folder='b'><file plugin='late'>y.zip</file></files>");
        assert_eq!(raw.name.unwrap(), "");
        assert_eq!(raw.files_folder.as_deref(), Some("a"));
        assert_eq!(raw.package_files, [PackagePart { path: "x.zip".to_owned(), ..PackagePart::default() }]);
        assert_eq!(raw.plugin, None);
    }

    #[test]
    fn the_files_of_a_language_are_those_that_are_no_folders() {
        let files = "<files><filename>install.xml</filename><folder>help</folder><file>a.ini</file></files>\
                     <files><filename>late.ini</filename></files>";
        let files_of = |kind: &str| {
            read(&format!("<extension type='{kind}'>{files}</extension>")).unwrap().language_files
        };
        assert_eq!(files_of("language"), ["install.xml", "a.ini"]);
        assert_eq!(files_of("module"), [] as [&str; 0]);
    }

    #[test]
    fn only_direct_children_of_the_root_count() {
        assert_eq!(raw("<author><name>Joe</name></author><name>N</name>").name.unwrap(), "N");
    }

    #[test]
    fn every_child_of_the_update_servers_is_one() {
        let raw =
            raw("<updateservers> <server type='extension' name='A'> https://a.example/x.xml\n</server>\
             <mirror type='collection'>https://b.example/</mirror></updateservers>");
        let server = |kind: &str, name: &str, address: &str| UpdateServer {
            kind: kind.into(),
            name: name.into(),
            address: address.into(),
        };
        let expected = [
            server("extension", "A", " https://a.example/x.xml\n"),
            server("collection", "", "https://b.example/"),
        ];
        assert_eq!(raw.update_servers, expected);
    }

    #[test]
    fn a_declared_encoding_is_read() {
        let name = |bytes: &[u8]| read(&decode(bytes).unwrap()).unwrap().name.unwrap();
        let latin =
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><extension><name>K\xfcste</name></extension>";
        assert_eq!(name(latin), "Küste");
        let utf16: Vec<u8> = "\u{feff}<extension><name>Küste</name></extension>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(name(&utf16), "Küste");
    }

    #[test]
    fn a_whole_manifest_is_whole_in_every_encoding() {
        let is_whole = |bytes: &[u8]| check_form(bytes, &decode(bytes).unwrap()).is_ok();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let declared =
            "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\" standalone=\"yes\"?><extension></extension>";
        assert!(is_whole(&utf16(declared)));
        assert!(!is_whole(&utf16(&declared.replace("</extension>", "<"))), "cut off");
        assert!(!is_whole(&utf16(&declared.replace("standalone", "stand-alone"))), "a wrong declaration");
        // What grows when it is made UTF-8 comes to the model in pieces that end in the middle of tags.
        let thai = [b"<a>", &[0xA1; 400][..], b"</a>"].concat().repeat(100);
        let thai = |end: &[u8]| {
            [b"<?xml version=\"1.0\" encoding=\"windows-874\"?><extension>", &thai[..], end].concat()
        };
        assert!(is_whole(&thai(b"</extension>")));
        assert!(!is_whole(&thai(b"</extensio")), "cut off");
    }

    #[test]
    fn bytes_outside_the_encoding_are_refused() {
        assert_eq!(decode(b"<extension>\xff</extension>").unwrap_err().found, "bytes that are not UTF-8");
    }

    #[test]
    fn an_entity_of_the_documents_own_is_refused() {
        let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><extension type='file'><name>&a;</name></extension>";
        assert_eq!(refusal(text), "the entity `&a;`");
    }

    #[test]
    fn an_element_left_open_is_refused() {
        assert_eq!(refusal("<extension type='file'><name>N</name>"), "text that ends inside an element");
    }

    #[test]
    fn elements_after_the_root_are_refused() {
        assert_eq!(refusal("<a>1</a><b>2</b>"), "elements too deep or after the root");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert_eq!(refusal(&"<a>".repeat(100)), "elements too deep or after the root");
    }
}
