//! A Joomla installation manifest: XML text in, facts out. No file is opened here; which file of an archive is
//! the manifest is [`crate::archive`]'s business.
//!
//! Joomla reads manifests with SimpleXML, so names of elements are case-sensitive and only direct children of
//! `<extension>` count (`libraries/src/Installer/Installer.php`).

use bandari_catalog::v1::{Client, Extension, ExtensionType};
use bandari_catalog::version::Version;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::contents::Details;
use crate::error::{Flaw, is_line_of_text};
use crate::rules::Code;

/// Deepest nesting of elements that is read: real manifests have about six levels.
const MAX_DEPTH: usize = 64;

/// Longest name that Joomla 4 and later store (`#__updates.name`, `.element`); longer ones vanish silently.
const MAX_NAME_CHARS: usize = 100;

/// Longest plug-in group that reaches the table of updates (`#__updates.folder`).
const MAX_FOLDER_CHARS: usize = 20;

/// What a manifest says of its extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) extension: Extension,
    /// Name for people.
    pub(crate) name: String,
    pub(crate) version: Version,
    /// What checks look at.
    pub(crate) details: Details,
}

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

/// The raw values of a manifest, before anything is concluded from them.
#[derive(Default)]
struct Raw {
    kind: Option<String>,
    client: Option<String>,
    group: Option<String>,
    name: Option<String>,
    element: Option<String>,
    version: Option<String>,
    package_name: Option<String>,
    library_name: Option<String>,
    tag: Option<String>,
    /// `plugin="…"` of the first child of `<files>` that has it.
    plugin: Option<String>,
    /// `module="…"` of the first child of `<files>` that has it.
    module: Option<String>,
}

/// Reads a manifest. `file_stem` is the manifest's own file name without `.xml`: the element of an extension of
/// type `file`.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn parse(text: &str, file_stem: &str) -> Result<Manifest, Flaw> {
    let raw = read(text)?;
    let version = required("version", raw.version.as_deref())?;
    let version = Version::parse(version).map_err(|error| {
        Flaw::new(Code::ManifestVersion, format!("`<version>` {version:?}"), error.expected().to_owned())
    })?;
    let name = required("name", raw.name.as_deref())?;
    check_text("name", name, MAX_NAME_CHARS)?;
    Ok(Manifest {
        extension: raw.extension(file_stem)?,
        name: name.to_owned(),
        version,
        details: Details::default(),
    })
}

fn required<'v>(element: &str, value: Option<&'v str>) -> Result<&'v str, Flaw> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        Flaw::new(
            Code::ManifestElement,
            format!("no `<{element}>`"),
            format!("`<{element}>` with text, directly in `<extension>`"),
        )
    })
}

fn check_text(what: &str, text: &str, max_chars: usize) -> Result<(), Flaw> {
    if !is_line_of_text(text) {
        return Err(Flaw::new(
            Code::ControlCharacter,
            format!("`<{what}>` with a control character"),
            "a line of text",
        ));
    }
    let chars = text.chars().count();
    if chars > max_chars {
        return Err(Flaw::new(
            Code::ValueTooLong,
            format!("`<{what}>` of {chars} characters"),
            format!("at most {max_chars}: Joomla drops the update of a longer one without a word"),
        ));
    }
    Ok(())
}

fn read(text: &str) -> Result<Raw, Flaw> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut raw = Raw::default();
    let mut open: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut root_closed = false;
    loop {
        let is_first = reader.buffer_position() == 0;
        let event = reader.read_event().map_err(|error| not_xml(&error))?;
        check_place(&event, open.len(), root_closed, is_first)?;
        match event {
            Event::Start(start) => {
                check_attributes(&start)?;
                raw.take_attributes(&open, &start)?;
                open.push(start.name().as_ref().to_owned());
                value.clear();
            }
            Event::Empty(start) => {
                check_attributes(&start)?;
                raw.take_attributes(&open, &start)?;
            }
            Event::Text(part) => value.push_str(&part.xml10_content()),
            Event::CData(part) => value.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => value.push(resolve(&reference)?),
            Event::End(_) => {
                raw.take_value(&open, value.trim());
                value.clear();
                open.pop();
                root_closed = open.is_empty();
            }
            Event::Eof if !root_closed => {
                return Err(Flaw::new(
                    Code::ManifestText,
                    "text that ends inside an element",
                    "a well-formed manifest",
                ));
            }
            Event::Eof => return Ok(raw),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
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

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, Flaw> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| wrong_attribute(&error))?;
        if attribute.key.as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::default()).map_err(|error| not_xml(&error))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

impl Raw {
    fn take_attributes(&mut self, open: &[String], start: &BytesStart<'_>) -> Result<(), Flaw> {
        match open {
            [] => {
                self.kind = attribute(start, "type")?;
                self.client = attribute(start, "client")?;
                self.group = attribute(start, "group")?;
            }
            [_, files] if files == "files" => {
                if self.plugin.is_none() {
                    self.plugin = attribute(start, "plugin")?;
                }
                if self.module.is_none() {
                    self.module = attribute(start, "module")?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes the text of a direct child of the root; the first of several counts, as in SimpleXML.
    fn take_value(&mut self, open: &[String], value: &str) {
        let [_, child] = open else { return };
        let place = match child.as_str() {
            "name" => &mut self.name,
            "element" => &mut self.element,
            "version" => &mut self.version,
            "packagename" => &mut self.package_name,
            "libraryname" => &mut self.library_name,
            "tag" => &mut self.tag,
            _ => return,
        };
        place.get_or_insert_with(|| value.to_owned());
    }

    /// The identity under which Joomla's installer stores the extension
    /// (`libraries/src/Installer/Adapter/*Adapter.php`).
    fn extension(&self, file_stem: &str) -> Result<Extension, Flaw> {
        let word = self.kind.as_deref().unwrap_or_default();
        let kind = ExtensionType::from_word(word).ok_or_else(|| {
            Flaw::new(
                Code::ManifestType,
                format!("`<extension type=\"{word}\">`"),
                "one of component, file, language, library, module, package, plugin, template",
            )
        })?;
        let element = self.element(kind, file_stem)?;
        check_text("element", &element, MAX_NAME_CHARS)?;
        let folder = match kind {
            ExtensionType::Plugin => Some(self.plugin_group()?),
            _ => None,
        };
        Ok(Extension { kind, element, folder, client: self.client(kind)? })
    }

    fn element(&self, kind: ExtensionType, file_stem: &str) -> Result<String, Flaw> {
        let name_or_element = || {
            let text = self.element.as_deref().filter(|text| !text.is_empty()).or(self.name.as_deref());
            filtered(text.unwrap_or_default()).to_lowercase()
        };
        let (element, source) = match kind {
            ExtensionType::Component => {
                let element = name_or_element();
                let prefixed = if element.starts_with("com_") { element } else { format!("com_{element}") };
                (prefixed, "`<element>` or `<name>`")
            }
            ExtensionType::Template => (name_or_element(), "`<element>` or `<name>`"),
            ExtensionType::Module => {
                let element = self.element.clone().filter(|text| !text.is_empty());
                let attribute = || self.module.as_deref().unwrap_or_default().to_lowercase();
                (element.unwrap_or_else(attribute), "`<element>` or `module=\"…\"` on a child of `<files>`")
            }
            ExtensionType::Plugin => {
                (self.plugin.clone().unwrap_or_default(), "`plugin=\"…\"` on a child of `<files>`")
            }
            ExtensionType::Library => (self.library_name.clone().unwrap_or_default(), "`<libraryname>`"),
            ExtensionType::File => (file_stem.to_owned(), "a manifest with a name"),
            ExtensionType::Package => {
                let name = filtered(self.package_name.as_deref().unwrap_or_default());
                (if name.is_empty() { name } else { format!("pkg_{name}") }, "`<packagename>`")
            }
            ExtensionType::Language => (self.tag.clone().unwrap_or_default(), "`<tag>`"),
        };
        if element.is_empty() || element == "com_" {
            return Err(Flaw::new(
                Code::NoElement,
                format!("no element name for the {}", kind.as_str()),
                source,
            ));
        }
        Ok(element)
    }

    fn plugin_group(&self) -> Result<String, Flaw> {
        let group = self.group.as_deref().filter(|group| !group.is_empty());
        let group = group.ok_or_else(|| {
            Flaw::new(
                Code::PluginGroup,
                "a plugin without `group`",
                "`<extension type=\"plugin\" group=\"…\">`",
            )
        })?;
        check_text("extension group", group, MAX_FOLDER_CHARS)?;
        Ok(group.to_owned())
    }

    fn client(&self, kind: ExtensionType) -> Result<Client, Flaw> {
        match kind {
            ExtensionType::Component => Ok(Client::Administrator),
            ExtensionType::Module | ExtensionType::Template | ExtensionType::Language => {
                match self.client.as_deref() {
                    None | Some("" | "site") => Ok(Client::Site),
                    Some("administrator") => Ok(Client::Administrator),
                    Some(other) => Err(Flaw::new(
                        Code::ClientName,
                        format!("`client=\"{other}\"`"),
                        "`client=\"site\"` or `client=\"administrator\"`",
                    )),
                }
            }
            _ => Ok(Client::Site),
        }
    }
}

/// Joomla's input filter `cmd`: `A-Za-z0-9._-` only, no dots at the beginning.
fn filtered(text: &str) -> String {
    let kept: String =
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect();
    kept.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(attributes: &str, body: &str) -> Result<Manifest, Flaw> {
        let text = format!("<extension {attributes}><name>N</name><version>1.0</version>{body}</extension>");
        parse(&text, "manifest")
    }

    fn identity(attributes: &str, body: &str) -> (String, Option<String>, Client) {
        let extension = manifest(attributes, body).unwrap().extension;
        (extension.element, extension.folder, extension.client)
    }

    #[test]
    fn a_component_is_filtered_lowered_and_prefixed() {
        let body = "<element>My Shop!</element>";
        assert_eq!(identity("type='component'", body), ("com_myshop".into(), None, Client::Administrator));
        assert_eq!(identity("type='component'", "<element>com_x</element>").0, "com_x");
        assert_eq!(identity("type='component'", "").0, "com_n");
    }

    #[test]
    fn a_module_without_an_element_takes_the_attribute_of_its_files() {
        let body = "<files><folder>src</folder><filename module='MOD_Tides'>x.php</filename></files>";
        assert_eq!(identity("type='module' client='administrator'", body).0, "mod_tides");
        assert_eq!(identity("type='module' client='administrator'", body).2, Client::Administrator);
        assert_eq!(identity("type='module'", body).2, Client::Site);
    }

    #[test]
    fn a_plugin_keeps_its_case_and_has_a_folder() {
        let body = "<element>plg_system_x</element><files><folder plugin='reDJ'>services</folder></files>";
        let expected = ("reDJ".into(), Some("system".into()), Client::Site);
        assert_eq!(identity("type='plugin' group='system'", body), expected);
    }

    #[test]
    fn the_other_types_find_their_element_where_joomla_does() {
        assert_eq!(identity("type='library'", "<libraryname>vendor/name</libraryname>").0, "vendor/name");
        assert_eq!(identity("type='file'", "").0, "manifest");
        assert_eq!(identity("type='package'", "<packagename>Big Thing</packagename>").0, "pkg_BigThing");
        assert_eq!(identity("type='language' client='administrator'", "<tag>de-DE</tag>").0, "de-DE");
        assert_eq!(identity("type='template'", "<element>Stand Tpl</element>").0, "standtpl");
    }

    #[test]
    fn a_name_with_an_entity_keeps_every_character() {
        let text = "<extension type='file'><name> Foo &amp; Bar &#228; <![CDATA[<b>]]></name><version>1</version></extension>";
        assert_eq!(parse(text, "x").unwrap().name, "Foo & Bar ä <b>");
    }

    #[test]
    fn a_nested_name_is_not_the_extensions_name() {
        let body = "<author><name>Joe</name></author>";
        assert_eq!(manifest("type='file'", body).unwrap().name, "N");
    }

    #[test]
    fn a_declared_encoding_is_read() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><extension type='file'><name>K\xfcste</name><version>1</version></extension>";
        assert_eq!(parse(&decode(latin).unwrap(), "x").unwrap().name, "Küste");
        let utf16: Vec<u8> =
            "\u{feff}<extension type='file'><name>Küste</name><version>1</version></extension>"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
        assert_eq!(parse(&decode(&utf16).unwrap(), "x").unwrap().name, "Küste");
    }

    #[test]
    fn bytes_outside_the_encoding_are_refused() {
        assert_eq!(decode(b"<extension>\xff</extension>").unwrap_err().found, "bytes that are not UTF-8");
    }

    #[test]
    fn an_entity_of_the_documents_own_is_refused() {
        let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><extension type='file'><name>&a;</name><version>1</version></extension>";
        assert_eq!(parse(text, "x").unwrap_err().found, "the entity `&a;`");
    }

    #[test]
    fn an_element_left_open_is_refused() {
        let found =
            parse("<extension type='file'><name>N</name><version>1</version>", "x").unwrap_err().found;
        assert!(found.contains("ends inside an element"), "{found}");
    }

    #[test]
    fn a_type_that_joomla_does_not_know_is_refused() {
        assert_eq!(manifest("type='Plugin'", "").unwrap_err().found, "`<extension type=\"Plugin\">`");
    }

    #[test]
    fn a_name_that_joomla_would_drop_is_refused() {
        let text = format!(
            "<extension type='file'><name>{}</name><version>1</version></extension>",
            "n".repeat(101)
        );
        assert_eq!(parse(&text, "x").unwrap_err().found, "`<name>` of 101 characters");
    }

    #[test]
    fn a_control_character_in_a_name_is_refused() {
        let text = "<extension type='file'><name>a&#7;b</name><version>1</version></extension>";
        assert!(parse(text, "x").unwrap_err().found.contains("control character"));
        // No XML parser would read a feed with it.
        let text = text.replace("&#7;", "&#xFFFF;");
        assert!(parse(&text, "x").unwrap_err().found.contains("control character"));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let text = format!("<extension type='file'>{}", "<a>".repeat(100));
        assert!(parse(&text, "x").unwrap_err().found.contains("too deep"));
    }
}
