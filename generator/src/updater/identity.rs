//! Which extension a feed is meant for, where nobody says it: the one that a vendor who wrote it has, not the one that Joomla
//! takes it for.
//!
//! Type and element say where an extension is installed (`libraries/src/Installer/Adapter/`), so a feed with a wrong or no
//! `<client>` is found out.

use bandari_catalog::v1::{Client, ExtensionType};

use super::feed::Feed;
use super::profile::Installed;
use super::sax::EventKind;

impl Feed {
    /// The extension of the first entry that names an element and a type. It is installed in a version older than everything.
    #[must_use]
    pub fn likely_installed(&self) -> Option<Installed> {
        self.written_identities().into_iter().find_map(|written| written.installed())
    }

    /// All extensions that a collection names, each once.
    #[must_use]
    pub fn collected(&self) -> Vec<Installed> {
        let mut all: Vec<Installed> = Vec::new();
        for installed in self.written_identities().iter().filter_map(Written::installed) {
            if !all.contains(&installed) {
                all.push(installed);
            }
        }
        all
    }

    /// The extension of each row of a collection, in their order.
    #[must_use]
    pub fn row_extensions(&self) -> Vec<Option<Installed>> {
        self.written_identities().iter().map(Written::installed).collect()
    }

    fn written_identities(&self) -> Vec<Written> {
        let mut all: Vec<Written> = Vec::new();
        let mut element = "";
        for event in &self.document.events {
            match event.kind {
                EventKind::Start { name, attributes } => {
                    element = name;
                    if name == "UPDATE" {
                        all.push(Written::default());
                    }
                    if name == "EXTENSION" {
                        all.push(Written::default());
                        for (name, value) in attributes.iter() {
                            add(&mut all, name, value);
                        }
                    }
                }
                EventKind::Text(text) => add(&mut all, element, text),
                EventKind::End { .. } => element = "",
            }
        }
        all
    }
}

/// What an entry says of its extension.
#[derive(Default)]
struct Written {
    element: String,
    kind: String,
    folder: String,
    client: String,
}

fn add(all: &mut [Written], name: &str, text: &str) {
    let Some(written) = all.last_mut() else { return };
    match name {
        "ELEMENT" => written.element.push_str(text),
        "TYPE" => written.kind.push_str(text),
        "FOLDER" => written.folder.push_str(text),
        "CLIENT" => written.client.push_str(text),
        _ => {}
    }
}

impl Written {
    fn installed(&self) -> Option<Installed> {
        let element = self.element.trim();
        let kind = ExtensionType::from_word(&self.kind.trim().to_ascii_lowercase())?;
        if element.is_empty() {
            return None;
        }
        let folder =
            if kind == ExtensionType::Plugin { likely_folder(self.folder.trim(), element) } else { "" };
        Some(Installed {
            kind,
            element: likely_element(kind, element, folder),
            folder: folder.to_owned(),
            client: self.likely_client(kind),
            version: None,
        })
    }

    /// Only modules, templates and languages can be of either client; theirs is what the feed says, else the site.
    fn likely_client(&self, kind: ExtensionType) -> Client {
        match kind {
            ExtensionType::Component => Client::Administrator,
            ExtensionType::Module | ExtensionType::Template | ExtensionType::Language => {
                let client = self.client.trim();
                let is_administrator = client == "1" || client.eq_ignore_ascii_case("administrator");
                if is_administrator { Client::Administrator } else { Client::Site }
            }
            _ => Client::Site,
        }
    }
}

/// Every plugin has a group. Where an entry does not name it, `plg_` and what follows may, and most are of `system`.
fn likely_folder<'e>(folder: &'e str, element: &'e str) -> &'e str {
    let named = element.strip_prefix("plg_").and_then(|rest| Some(rest.split_once('_')?.0));
    if folder.is_empty() { named.filter(|group| !group.is_empty()).unwrap_or("system") } else { folder }
}

/// The names that Joomla's installer gives, from what vendors write instead.
fn likely_element(kind: ExtensionType, element: &str, folder: &str) -> String {
    let with = |prefix: &str| match element.strip_prefix(prefix) {
        Some(_) => element.to_owned(),
        None => format!("{prefix}{element}"),
    };
    match kind {
        ExtensionType::Component => with("com_").to_lowercase(),
        ExtensionType::Package => with("pkg_"),
        ExtensionType::Plugin => {
            let prefix = format!("plg_{folder}_");
            element
                .strip_prefix(&prefix)
                .or_else(|| element.strip_prefix("plg_"))
                .unwrap_or(element)
                .to_owned()
        }
        _ => element.to_owned(),
    }
}
