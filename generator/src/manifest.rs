//! A Joomla installation manifest: XML text in, facts out. How the text is read is [`crate::manifest_xml`]'s business, which
//! file of an archive is the manifest [`crate::archive`]'s.

mod padding;

use bandari_catalog::v1::{Client, Extension, ExtensionType};
use bandari_catalog::version::Version;
use serde::{Deserialize, Serialize};

use crate::contents::{Details, PackagePart, UpdateServer};
use crate::error::{Flaw, is_line_of_text};
use crate::manifest_xml::{self, Raw};
use crate::rules::Code;

/// Longest name that Joomla 4 and later store (`#__updates.name`, `.element`); longer ones vanish silently.
const MAX_NAME_CHARS: usize = 100;

/// Longest plug-in group that reaches the table of updates (`#__updates.folder`).
const MAX_FOLDER_CHARS: usize = 20;

/// What a manifest says of its extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    #[serde(with = "ExtensionFields")]
    pub(crate) extension: Extension,
    /// Name for people, or a language key.
    pub(crate) name: String,
    pub(crate) version: Version,
    /// What checks look at.
    pub(crate) details: Details,
}

/// An extension with all of its fields: the catalog leaves out those that are empty, which the cache's form cannot.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Extension")]
struct ExtensionFields {
    kind: ExtensionType,
    element: String,
    folder: Option<String>,
    client: Client,
}

/// Reads the bytes of a manifest.
///
/// # Errors
/// As [`parse`], and when the bytes are no well-formed XML: Joomla then finds no manifest at all.
pub(crate) fn read(bytes: &[u8], path: &str) -> Result<Manifest, Flaw> {
    let text = manifest_xml::decode(bytes)?;
    let manifest = parse(&text, path)?;
    // Last, since what is told of values is more to the point.
    manifest_xml::check_form(bytes, &text)?;
    Ok(manifest)
}

/// Reads the text of a manifest. `path` is its place in the archive: for an extension of type `file` its name is the element.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn parse(text: &str, path: &str) -> Result<Manifest, Flaw> {
    let raw = manifest_xml::read(text)?;
    let version = required("version", raw.version.as_deref())?;
    let version = Version::parse(version).map_err(|error| {
        Flaw::new(Code::ManifestVersion, format!("`<version>` {version:?}"), error.expected().to_owned())
    })?;
    let name = required("name", raw.name.as_deref())?.to_owned();
    check_name("`<name>`", &name)?;
    let extension = raw.extension(path)?;
    let details = raw.details(&extension, path);
    Ok(Manifest { extension, name, version, details })
}

fn required<'v>(element: &str, value: Option<&'v str>) -> Result<&'v str, Flaw> {
    value.map(str::trim).filter(|value| !value.is_empty()).ok_or_else(|| {
        Flaw::new(
            Code::ManifestElement,
            format!("no `<{element}>`"),
            format!("`<{element}>` with text, directly in `<extension>`"),
        )
    })
}

/// Whether a name can be stored and shown; `what` says in a message where it stands.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Flaw> {
    check_text(what, name, MAX_NAME_CHARS)
}

fn check_text(what: &str, text: &str, max_chars: usize) -> Result<(), Flaw> {
    if !is_line_of_text(text) {
        return Err(Flaw::new(
            Code::ControlCharacter,
            format!("{what} with a control character"),
            "a line of text",
        ));
    }
    let chars = text.chars().count();
    if chars > max_chars {
        return Err(Flaw::new(
            Code::ValueTooLong,
            format!("{what} of {chars} characters"),
            format!("at most {max_chars}: Joomla drops the update of a longer one without a word"),
        ));
    }
    Ok(())
}

impl Raw {
    /// The identity under which Joomla's installer stores the extension
    /// (`libraries/src/Installer/Adapter/*Adapter.php`).
    fn extension(&self, path: &str) -> Result<Extension, Flaw> {
        let word = self.kind.as_deref().unwrap_or_default();
        let kind = ExtensionType::from_word(word).ok_or_else(|| {
            Flaw::new(
                Code::ManifestType,
                format!("`<extension type=\"{word}\">`"),
                "one of component, file, language, library, module, package, plugin, template",
            )
        })?;
        let element = self.element(kind, path)?;
        check_name("`<element>`", &element)?;
        let folder = match kind {
            ExtensionType::Plugin => Some(self.plugin_group()?),
            _ => None,
        };
        Ok(Extension { kind, element, folder, client: self.client(kind)? })
    }

    /// Where Joomla takes a text verbatim, blanks around it are left out here: no feed could name an element with them, and
    /// [`Details::padded_values`] tells of them.
    fn element(&self, kind: ExtensionType, path: &str) -> Result<String, Flaw> {
        let verbatim = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let (element, source) = match kind {
            ExtensionType::Component => {
                let element = self.filtered_element();
                let prefixed = if element.starts_with("com_") { element } else { format!("com_{element}") };
                (prefixed, "`<element>` or `<name>`")
            }
            ExtensionType::Template => (self.filtered_element(), "`<element>` or `<name>`"),
            // 3.10 knows the attribute only, 4 and later look at the element first.
            ExtensionType::Module => {
                let element = self.element.as_ref().filter(|text| !text.is_empty());
                let attribute = || self.module.as_deref().unwrap_or_default().to_lowercase();
                let element = element.map_or_else(attribute, |text| text.trim().to_owned());
                (element, "`<element>` or `module=\"…\"` on a child of `<files>`")
            }
            ExtensionType::Plugin => (verbatim(&self.plugin), "`plugin=\"…\"` on a child of `<files>`"),
            ExtensionType::Library => (verbatim(&self.library_name), "`<libraryname>`"),
            ExtensionType::File => {
                (file_name(path).replace(".xml", ""), "a manifest with a name before its `.xml`")
            }
            ExtensionType::Package => {
                let name = filtered(self.package_name.as_deref().unwrap_or_default());
                (if name.is_empty() { name } else { format!("pkg_{name}") }, "`<packagename>`")
            }
            ExtensionType::Language => (verbatim(&self.tag), "`<tag>`"),
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

    /// `<element>`, else `<name>`, as components and templates take it.
    fn filtered_element(&self) -> String {
        let text = self.element.as_deref().filter(|text| !text.is_empty()).or(self.name.as_deref());
        filtered(text.unwrap_or_default()).to_lowercase()
    }

    fn plugin_group(&self) -> Result<String, Flaw> {
        let group = self.group.as_deref().map(str::trim).filter(|group| !group.is_empty());
        let group = group.ok_or_else(|| {
            Flaw::new(
                Code::PluginGroup,
                "a plugin without `group`",
                "`<extension type=\"plugin\" group=\"…\">`",
            )
        })?;
        check_text("`<extension group>`", group, MAX_FOLDER_CHARS)?;
        Ok(group.to_owned())
    }

    /// Letter case does not count (`libraries/src/Application/ApplicationHelper.php::getClientInfo`).
    fn client(&self, kind: ExtensionType) -> Result<Client, Flaw> {
        match kind {
            ExtensionType::Component => Ok(Client::Administrator),
            ExtensionType::Module | ExtensionType::Template | ExtensionType::Language => {
                match self.client.as_deref() {
                    None => Ok(Client::Site),
                    Some(name) if name.eq_ignore_ascii_case("site") => Ok(Client::Site),
                    Some(name) if name.eq_ignore_ascii_case("administrator") => Ok(Client::Administrator),
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

    fn details(self, extension: &Extension, path: &str) -> Details {
        let padded_values = self.padded_values(extension.kind);
        let bare_server = self
            .update_servers_text
            .filter(|text| self.update_servers.is_empty() && !text.trim().is_empty())
            .map(|address| UpdateServer { kind: "extension".to_owned(), name: String::new(), address });
        let author = self.author.as_deref().map(str::trim).filter(|author| !author.is_empty());
        let files_folder = self.files_folder.unwrap_or_default();
        let placed = |part: PackagePart| PackagePart {
            path: place_beside(path, &format!("{files_folder}/{}", part.path)),
            ..part
        };
        Details {
            path: path.to_owned(),
            update_servers: self.update_servers.into_iter().chain(bare_server).collect(),
            author: author.filter(|author| check_name("`<author>`", author).is_ok()).map(str::to_owned),
            download_key: self.download_key,
            changelog_url: self.changelog_url,
            script_file: self.script_file,
            package_files: match extension.kind {
                ExtensionType::Package => self.package_files.into_iter().map(placed).collect(),
                _ => Vec::new(),
            },
            lists_itself: self.language_files.iter().any(|file| file == file_name(path)),
            is_upgrade: self.method.as_deref() == Some("upgrade"),
            stray_group: self.group.filter(|_| extension.kind != ExtensionType::Plugin),
            padded_values,
        }
    }
}

/// The last part of a path in an archive.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where a file lies that a manifest names: Joomla looks beside the manifest. Empty parts and `.` lead nowhere, as for
/// a file system; a part `..` stays, and no entry of a sound archive has one.
pub(crate) fn place_beside(manifest_path: &str, file: &str) -> String {
    let folder = manifest_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let parts = folder.split('/').chain(file.split('/')).filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
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
        parse(&text, "manifest.xml")
    }

    fn identity(attributes: &str, body: &str) -> (String, Option<String>, Client) {
        let extension = manifest(attributes, body).unwrap().extension;
        (extension.element, extension.folder, extension.client)
    }

    fn details(attributes: &str, body: &str) -> Details {
        manifest(attributes, body).unwrap().details
    }

    #[test]
    fn a_component_is_filtered_lowered_and_prefixed() {
        let body = "<element>My Shop!</element>";
        assert_eq!(identity("type='component'", body), ("com_myshop".into(), None, Client::Administrator));
        assert_eq!(identity("type='component'", "<element>com_x</element>").0, "com_x");
        assert_eq!(identity("type='component'", "").0, "com_n");
        assert_eq!(identity("type='component'", "<element>..x.y</element>").0, "com_x.y");
    }

    #[test]
    fn a_module_takes_its_element_verbatim() {
        let body = "<element>mod_Tides</element><files><filename module='mod_waves'>x.php</filename></files>";
        assert_eq!(identity("type='module'", body).0, "mod_Tides");
    }

    #[test]
    fn a_module_without_an_element_takes_the_attribute_of_its_files() {
        let body = "<files><folder>src</folder><filename module='MOD_Tides'>x.php</filename></files>";
        assert_eq!(identity("type='module' client='administrator'", body).0, "mod_tides");
        assert_eq!(identity("type='module' client='administrator'", body).2, Client::Administrator);
        assert_eq!(identity("type='module'", body).2, Client::Site);
    }

    #[test]
    fn the_name_of_a_client_is_read_in_any_letter_case() {
        let client = |attributes: &str| identity(attributes, "<element>mod_a</element>").2;
        assert_eq!(client("type='module' client='Administrator'"), Client::Administrator);
        assert_eq!(client("type='module' client='SITE'"), Client::Site);
        assert_eq!(client("type='module' client=''"), Client::Site);
        let refused = manifest("type='module' client='1'", "<element>mod_a</element>").unwrap_err();
        assert_eq!(refused.found, "`client=\"1\"`");
    }

    #[test]
    fn an_empty_attribute_of_a_file_is_none() {
        let body =
            "<files><filename module=''>a.php</filename><filename module='mod_b'>b.php</filename></files>";
        assert_eq!(identity("type='module'", body).0, "mod_b");
    }

    #[test]
    fn a_plugin_keeps_its_case_and_has_a_folder() {
        let body = "<element>plg_system_x</element><files><folder plugin='reDJ'>services</folder></files>";
        let expected = ("reDJ".into(), Some("system".into()), Client::Site);
        assert_eq!(identity("type='plugin' group='system'", body), expected);
        let body = "<files><filename plugin='beacon'>beacon.php</filename></files>";
        assert_eq!(identity("type='plugin' group='system'", body).0, "beacon");
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
    fn a_type_that_joomla_does_not_know_is_refused() {
        assert_eq!(manifest("type='Plugin'", "").unwrap_err().found, "`<extension type=\"Plugin\">`");
    }

    #[test]
    fn a_name_that_joomla_would_drop_is_refused() {
        let name = "n".repeat(101);
        let text = format!("<extension type='file'><name>{name}</name><version>1</version></extension>");
        assert_eq!(parse(&text, "x.xml").unwrap_err().found, "`<name>` of 101 characters");
    }

    #[test]
    fn a_control_character_in_a_name_is_refused() {
        let text = "<extension type='file'><name>a&#7;b</name><version>1</version></extension>";
        assert!(parse(text, "x.xml").unwrap_err().found.contains("control character"));
        // No XML parser would read a feed with it.
        let text = text.replace("&#7;", "&#xFFFF;");
        assert!(parse(&text, "x.xml").unwrap_err().found.contains("control character"));
    }

    #[test]
    fn what_checks_look_at_is_kept_as_it_is_written() {
        let body = "<updateservers><server type='extension' name='A'> https://a.example/x.xml </server></updateservers>\
             <dlid prefix='dlid=' suffix='&amp;f=.zip'/><changelogurl>https://a.example/c.xml</changelogurl>\
             <scriptfile>script.php</scriptfile>";
        let details =
            details("type='module' group='odd' method='upgrade'", &format!("<element>mod_a</element>{body}"));
        assert_eq!(details.path, "manifest.xml");
        assert_eq!(details.update_servers[0].address, " https://a.example/x.xml ");
        assert_eq!(details.download_key.unwrap().suffix, "&f=.zip");
        assert_eq!(details.changelog_url.as_deref(), Some("https://a.example/c.xml"));
        assert_eq!(details.script_file.as_deref(), Some("script.php"));
        assert_eq!((details.is_upgrade, details.stray_group.as_deref()), (true, Some("odd")));
        assert_eq!((details.package_files, details.padded_values), (vec![], vec![]));
    }

    #[test]
    fn an_author_is_a_line_of_text() {
        let author = |text: &str| details("type='file'", &format!("<author>{text}</author>")).author;
        assert_eq!(author("\n  Mwambao &amp; Co. ").as_deref(), Some("Mwambao & Co."));
        assert_eq!(author(&"ä".repeat(100)), Some("ä".repeat(100)));
        assert_eq!(author(&"ä".repeat(101)), None);
        assert_eq!((author(" "), author("a&#7;b"), author("two\nlines")), (None, None, None));
        assert_eq!(details("type='file'", "").author, None);
    }

    #[test]
    fn an_update_server_without_an_element_of_its_own_is_an_extension_server() {
        let server = |address: &str| UpdateServer {
            kind: "extension".into(),
            name: String::new(),
            address: address.into(),
        };
        let body = "<updateservers>\n https://a.example/x.xml\n</updateservers>";
        assert_eq!(details("type='file'", body).update_servers, [server("\n https://a.example/x.xml\n")]);
        assert_eq!(details("type='file'", "<updateservers> </updateservers>").update_servers, []);
    }

    #[test]
    fn a_packages_files_lie_beside_its_manifest() {
        let body = "<packagename>p</packagename><files folder='./packages/'>\
             <file type='module' id='mod_a'>mod_a.zip</file><folder>plg_b</folder></files>";
        let text = format!("<extension type='package'><name>P</name><version>1</version>{body}</extension>");
        let files = |path: &str| {
            let parts = parse(&text, path).unwrap().details.package_files;
            parts.into_iter().map(|part| (part.path, part.id)).collect::<Vec<_>>()
        };
        let parts = |a: &str, b: &str| [(a.to_owned(), "mod_a".to_owned()), (b.to_owned(), String::new())];
        assert_eq!(files("pkg_p.xml"), parts("packages/mod_a.zip", "packages/plg_b"));
        assert_eq!(files("top/pkg_p.xml"), parts("top/packages/mod_a.zip", "top/packages/plg_b"));
    }

    #[test]
    fn a_language_that_names_its_manifest_among_its_files_is_known() {
        let lists_itself = |files: &str| {
            let text = format!(
                "<extension type='language'><name>N</name><version>1</version><tag>de-CH</tag>\
                 <files>{files}</files></extension>"
            );
            parse(&text, "top/install.xml").unwrap().details.lists_itself
        };
        assert!(lists_itself("<filename>joomla.ini</filename><filename>install.xml</filename>"));
        assert!(!lists_itself("<filename>joomla.ini</filename><folder>install.xml</folder>"));
        assert!(!lists_itself("<filename> install.xml</filename>"));
    }

    #[test]
    fn blanks_around_the_group_of_a_plugin_are_not_part_of_it() {
        let body = "<files><folder plugin=' beacon'>services</folder></files>";
        let expected = ("beacon".to_owned(), Some("system".to_owned()), Client::Site);
        assert_eq!(identity("type='plugin' group=' system '", body), expected);
        assert_eq!(manifest("type='plugin' group=' '", body).unwrap_err().found, "a plugin without `group`");
    }

    #[test]
    fn a_manifest_that_joomla_cannot_read_is_refused() {
        let text = "<extension type='file'><name>N</name><version>1</version>\n<x a='1'b='2'/></extension>";
        assert_eq!(
            read(text.as_bytes(), "n.xml").unwrap_err().to_string(),
            "found text that is no well-formed XML: two parts of a tag or declaration without a blank between them in \
             line 2, expected a well-formed manifest: Joomla cannot read it otherwise"
        );
    }

    #[test]
    fn a_file_without_a_name_before_its_ending_has_no_element() {
        let text = "<extension type='file'><name>N</name><version>1</version></extension>";
        assert_eq!(parse(text, ".xml").unwrap_err().found, "no element name for the file");
    }
}
