//! `--installed`: a version, or an extension and its version.

use bandari_catalog::v1::{Client, ExtensionType};

use crate::shown::quoted;
use crate::updater::Installed;

const EXPECTED: &str = "expected a version such as `1.2.0`, or an extension and its version such as \
                        `plugin:system/tides@1.2.0` or `module:mod_tides:site@1.2.0`";

/// What of an installed extension was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InstalledAs {
    /// The feed's extension, in this version.
    Version(String),
    /// Another one.
    Extension(Installed),
}

impl InstalledAs {
    /// Reads `1.2.0`, or `[TYPE:][FOLDER/]ELEMENT[:CLIENT]@VERSION`. The type may be left out where the element tells it.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("found {}, {EXPECTED}", quoted(text));
        let Some((extension, version)) = text.rsplit_once('@') else {
            let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
            let is_version = digits.starts_with(|c: char| c.is_ascii_digit()) && !text.contains([':', '/']);
            return if is_version { Ok(Self::Version(text.to_owned())) } else { Err(wrong()) };
        };
        let (kind, rest) = match extension.split_once(':') {
            Some((word, rest)) if ExtensionType::from_word(word).is_some() => {
                (ExtensionType::from_word(word), rest)
            }
            _ => (None, extension),
        };
        let (name, client) = match rest.rsplit_once(':') {
            Some((name, word)) => (name, Some(client(word).ok_or_else(wrong)?)),
            None => (rest, None),
        };
        let kind = kind.or_else(|| kind_of(name)).ok_or_else(wrong)?;
        let (folder, element) = match name.split_once('/') {
            Some((folder, element)) if kind == ExtensionType::Plugin => (folder, element),
            _ => ("", name),
        };
        let lacks_folder = kind == ExtensionType::Plugin && folder.is_empty();
        if element.is_empty() || version.is_empty() || lacks_folder {
            return Err(wrong());
        }
        let usual = if kind == ExtensionType::Component { Client::Administrator } else { Client::Site };
        Ok(Self::Extension(Installed {
            kind,
            element: element.to_owned(),
            folder: folder.to_owned(),
            client: client.unwrap_or(usual),
            version: Some(version.to_owned()),
        }))
    }

    /// What is installed, of a feed that is likely for `likely`.
    pub(crate) fn of(&self, likely: Option<Installed>) -> Option<Installed> {
        match self {
            Self::Version(version) => {
                likely.map(|likely| Installed { version: Some(version.clone()), ..likely })
            }
            Self::Extension(installed) => Some(installed.clone()),
        }
    }
}

fn client(word: &str) -> Option<Client> {
    [Client::Site, Client::Administrator].into_iter().find(|client| client.as_str() == word)
}

/// The type that Joomla's names of elements tell.
fn kind_of(name: &str) -> Option<ExtensionType> {
    let by_prefix = [
        ("com_", ExtensionType::Component),
        ("mod_", ExtensionType::Module),
        ("pkg_", ExtensionType::Package),
    ];
    let of_prefix = by_prefix.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|&(_, kind)| kind);
    of_prefix.or_else(|| name.contains('/').then_some(ExtensionType::Plugin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(
        kind: ExtensionType,
        folder: &str,
        element: &str,
        client: Client,
        version: &str,
    ) -> InstalledAs {
        let (element, folder, version) = (element.to_owned(), folder.to_owned(), Some(version.to_owned()));
        InstalledAs::Extension(Installed { kind, element, folder, client, version })
    }

    #[test]
    fn a_version_is_that_of_the_feeds_extension() {
        assert_eq!(InstalledAs::parse("1.2.0"), Ok(InstalledAs::Version("1.2.0".into())));
        assert_eq!(InstalledAs::parse("v1.2.0"), Ok(InstalledAs::Version("v1.2.0".into())));
    }

    #[test]
    fn an_extension_is_named_as_far_as_its_element_does_not_tell() {
        use ExtensionType::{Component, Library, Module, Plugin};
        for (text, expected) in [
            ("plugin:system/tides@1.2.0", extension(Plugin, "system", "tides", Client::Site, "1.2.0")),
            ("system/tides@1.2.0", extension(Plugin, "system", "tides", Client::Site, "1.2.0")),
            ("mod_tides@1.0", extension(Module, "", "mod_tides", Client::Site, "1.0")),
            (
                "module:mod_tides:administrator@1.0",
                extension(Module, "", "mod_tides", Client::Administrator, "1.0"),
            ),
            ("com_tides@1.0", extension(Component, "", "com_tides", Client::Administrator, "1.0")),
            ("library:harbor/tides@1.0", extension(Library, "", "harbor/tides", Client::Site, "1.0")),
        ] {
            assert_eq!(InstalledAs::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_with_examples() {
        for text in [
            "tides",
            "",
            "tides@1.0",
            "plugin:tides@1.0",
            "mod_tides:shop@1.0",
            "mod_tides@",
            "plugin:system/@1",
        ] {
            assert_eq!(InstalledAs::parse(text), Err(format!("found `{text}`, {EXPECTED}")));
        }
    }
}
