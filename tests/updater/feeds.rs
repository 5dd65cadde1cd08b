//! Feeds and sites to ask about: what is plain stands here, and a case says what is not.

use std::fmt;

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::Stability;
use bandari_generator::updater::{
    Database, Decision, DownloadKey, Feed, Install, Installed, JoomlaVersion, Outcome, PhpVersion, Profile,
};

/// One Joomla of each line, on which the cases were seen.
pub(super) const ALL: [&str; 4] = ["3.10.12", "4.4.3", "5.3.4", "6.0.0"];
/// Those since Joomla 4.
pub(super) const SINCE_4: [&str; 3] = ["4.4.3", "5.3.4", "6.0.0"];
/// The one before it.
pub(super) const JOOMLA_3: [&str; 1] = ["3.10.12"];

/// Where the feeds lie.
pub(super) const ADDRESS: &str = "https://updates.example.org/tides.xml";
/// The package of every entry that says nothing else.
pub(super) const PACKAGE: &str = "https://packages.example.org/mod_tides.zip";
/// A digest that packages can have.
pub(super) const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// An `<update>`, of which an element can be replaced or left out.
#[derive(Clone, Debug)]
pub(super) struct Entry(Vec<(String, String)>);

/// A release of the module `mod_tides` that fits every site, with all that belongs to it.
pub(super) fn entry(version: &str) -> Entry {
    Entry(Vec::new())
        .with("name", "Tides")
        .with("description", "High water and low water.")
        .with("element", "mod_tides")
        .with("type", "module")
        .with("client", "site")
        .with("version", version)
        .with("infourl", "https://example.org/tides")
        .xml("downloads", &format!("<downloads><downloadurl>{PACKAGE}</downloadurl></downloads>"))
        .with("sha256", SHA256)
        .platform(".*")
}

impl Entry {
    /// With this text, which is XML, in an element.
    pub(super) fn with(self, element: &str, text: &str) -> Self {
        self.xml(element, &format!("<{element}>{text}</{element}>"))
    }

    /// With this XML in place of an element, or behind all others.
    pub(super) fn xml(mut self, element: &str, xml: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == element) {
            Some((_, known)) => xml.clone_into(known),
            None => self.0.push((element.to_owned(), xml.to_owned())),
        }
        self
    }

    /// Without an element.
    pub(super) fn without(mut self, element: &str) -> Self {
        self.0.retain(|(known, _)| known != element);
        self
    }

    /// For the versions of Joomla that an expression matches.
    pub(super) fn platform(self, expression: &str) -> Self {
        self.xml("targetplatform", &format!(r#"<targetplatform name="joomla" version="{expression}"/>"#))
    }

    /// With another address of the package, which is XML.
    pub(super) fn package(self, address: &str) -> Self {
        self.xml("downloads", &format!("<downloads><downloadurl>{address}</downloadurl></downloads>"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<update>")?;
        self.0.iter().try_for_each(|(_, xml)| f.write_str(xml))?;
        f.write_str("</update>\n")
    }
}

/// A feed of these entries.
pub(super) fn feed<const N: usize>(entries: [Entry; N]) -> String {
    updates(&entries.map(|entry| entry.to_string()).concat())
}

/// A feed with this XML in it.
pub(super) fn updates(xml: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>{xml}</updates>\n")
}

/// A site with PHP 8.2, MariaDB and version 1.0.0 of the module, as Joomla sets it up.
pub(super) fn site(joomla: &str) -> Profile {
    Profile {
        joomla: JoomlaVersion::parse(joomla).unwrap(),
        php: php("8.2.10"),
        database: database("mariadb:10.11.19-MariaDB"),
        minimum_stability: Stability::Stable,
        installed: installed(ExtensionType::Module, "mod_tides", "", Client::Site),
        key: None,
    }
}

/// The same site with version 1.0.0 of another extension.
pub(super) fn with_extension(
    joomla: &str,
    kind: ExtensionType,
    element: &str,
    folder: &str,
    client: Client,
) -> Profile {
    Profile { installed: installed(kind, element, folder, client), ..site(joomla) }
}

fn installed(kind: ExtensionType, element: &str, folder: &str, client: Client) -> Option<Installed> {
    let version = Some("1.0.0".to_owned());
    Some(Installed { kind, element: element.to_owned(), folder: folder.to_owned(), client, version })
}

/// The same site with another version of the module.
pub(super) fn with_version(joomla: &str, version: &str) -> Profile {
    let mut site = site(joomla);
    site.installed.as_mut().unwrap().version = Some(version.to_owned());
    site
}

/// The same site with a download key between this prefix and suffix.
pub(super) fn with_key(joomla: &str, prefix: &str, suffix: &str) -> Profile {
    Profile {
        key: Some(DownloadKey { prefix: prefix.to_owned(), suffix: suffix.to_owned() }),
        ..site(joomla)
    }
}

/// The same site with a lower minimum stability.
pub(super) fn with_stability(joomla: &str, minimum_stability: Stability) -> Profile {
    Profile { minimum_stability, ..site(joomla) }
}

pub(super) fn php(version: &str) -> PhpVersion {
    PhpVersion::parse(version).unwrap()
}

pub(super) fn database(text: &str) -> Database {
    Database::parse(text).unwrap()
}

/// What a site makes of a feed.
pub(super) fn decide(feed: impl AsRef<[u8]>, site: &Profile) -> Decision {
    Feed::read(feed.as_ref(), ADDRESS).decide(site)
}

/// What a site makes of a collection.
pub(super) fn collect(collection: impl AsRef<[u8]>, site: &Profile) -> Decision {
    Feed::read(collection.as_ref(), ADDRESS).decide_as_collection(site)
}

/// What is installed, where something is offered.
#[track_caller]
pub(super) fn install(feed: impl AsRef<[u8]>, site: &Profile) -> Install {
    let decision = decide(feed, site);
    decision.install.unwrap_or_else(|| panic!("on {}: {:?}", site.joomla, decision.outcome))
}

/// The version that is offered.
pub(super) fn offered(decision: &Decision) -> Option<&str> {
    match &decision.outcome {
        Outcome::Offered { version, .. } => Some(version),
        _ => None,
    }
}

/// What the administrator is told of the check.
pub(super) fn told(decision: &Decision) -> Vec<&str> {
    decision.messages.iter().map(|message| message.text.as_str()).collect()
}

/// Each of these Joomla versions is offered a version, and told nothing.
#[track_caller]
pub(super) fn assert_offered(feed: impl AsRef<[u8]>, joomla: &[&str], version: &str) {
    for joomla in joomla {
        let decision = decide(&feed, &site(joomla));
        assert_eq!(offered(&decision), Some(version), "on {joomla}: {:?}", decision.outcome);
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
    }
}

/// For each of these Joomla versions nothing fits, and nothing is told.
#[track_caller]
pub(super) fn assert_hidden(feed: impl AsRef<[u8]>, joomla: &[&str]) {
    for joomla in joomla {
        let decision = decide(&feed, &site(joomla));
        assert_eq!(decision.outcome, Outcome::NothingFits, "on {joomla}");
        assert_eq!(told(&decision), [""; 0], "on {joomla}");
    }
}

/// Each of these Joomla versions says that it cannot parse the feed.
#[track_caller]
pub(super) fn assert_unreadable(feed: impl AsRef<[u8]>, joomla: &[&str]) {
    for joomla in joomla {
        let decision = decide(&feed, &site(joomla));
        assert_eq!(decision.outcome, Outcome::Unreadable, "on {joomla}");
        let message = format!("Update: :Extension: Could not parse {ADDRESS}");
        assert_eq!(told(&decision), [message.as_str()], "on {joomla}");
    }
}

/// On each of these Joomla versions PHP ends the check.
#[track_caller]
pub(super) fn assert_aborted(feed: impl AsRef<[u8]>, joomla: &[&str]) {
    for joomla in joomla {
        let decision = decide(&feed, &site(joomla));
        assert!(matches!(decision.outcome, Outcome::Aborted(_)), "on {joomla}: {:?}", decision.outcome);
    }
}
