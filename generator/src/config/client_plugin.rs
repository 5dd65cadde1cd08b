//! `[client_plugin]` of `bandari.toml`: the Joomla plug-in that `bandari client-plugin` makes. What is made of it,
//! [`crate::client_plugin`] says.

use bandari_catalog::version::Version;
use serde::Deserialize;

use crate::error::{Flaw, wrong_value};
use crate::rules::Code;

/// Longest element: with `plg_installer_` before it and a version of [`MAX_VERSION_CHARS`] behind it, it stands in the identifier of
/// a package, which has 64 characters at most.
const MAX_ELEMENT_CHARS: usize = 30;

/// Longest version of the plug-in, for the same reason.
const MAX_VERSION_CHARS: usize = 19;

const DEFAULT_VERSION: &str = "1.0.0";

/// Installer plug-ins that come with Joomla (`plugins/installer/`): another one of that name would take their place.
const OF_JOOMLA: [&str; 5] =
    ["folderinstaller", "override", "packageinstaller", "urlinstaller", "webinstaller"];

/// Words that PHP lets no class have as its name, and no namespace before PHP 8
/// (<https://www.php.net/manual/en/reserved.php>): the element is the name of both.
const OF_PHP: &str = "\
    abstract and array as bool break callable case catch class clone const continue declare default \
    die do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum eval \
    exit extends false final finally float fn for foreach function global goto if implements \
    include instanceof insteadof int interface isset iterable list match mixed namespace never new \
    null object or parent print private protected public readonly require resource return self \
    static string switch throw trait true try unset use var void while xor yield";

/// What the plug-in itself has by that name: a file beside the one that is called like the element, and classes that are imported where
/// the plug-in's own is declared or imported. To PHP their names have no letter case.
pub(crate) const OF_PLUGIN: [&str; 15] = [
    "beforepackagedownloadevent",
    "cmsplugin",
    "container",
    "databaseinterface",
    "dispatcherinterface",
    "event",
    "factory",
    "gate",
    "keyfields",
    "pluginhelper",
    "plugininterface",
    "priority",
    "script",
    "serviceproviderinterface",
    "subscriberinterface",
];

/// The table as written; keys that it does not know are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileClientPlugin {
    element: Option<String>,
    version: Option<String>,
    #[serde(default)]
    sends: Vec<Sent>,
}

/// What the plug-in of a vendor is.
#[derive(Clone, Debug)]
pub struct ClientPlugin {
    /// As the vendor says; else it is made of the vendor's name.
    element: Option<Element>,
    pub(crate) version: Version,
    /// In the order of [`Sent`], each once.
    pub(crate) sends: Vec<Sent>,
}

impl Default for ClientPlugin {
    fn default() -> Self {
        let version = Version::parse(DEFAULT_VERSION).expect("three numbers are a version");
        Self { element: None, version, sends: Vec::new() }
    }
}

/// What the plug-in tells the validator besides the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sent {
    /// The site's Joomla version.
    Joomla,
    /// Major and minor version of the site's PHP.
    Php,
    /// Which version of the extension is installed.
    Extension,
}

impl Sent {
    /// The word for it, in the configuration and in requests.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Joomla => "joomla",
            Self::Php => "php",
            Self::Extension => "extension",
        }
    }
}

/// The name of an installer plug-in in Joomla: letters and digits, lower case, beginning with a letter, so that it is the name of a
/// file, of a PHP class and of a namespace alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element(String);

impl Element {
    /// # Errors
    /// What was found in place of such a name.
    fn parse(text: &str) -> Result<Self, Flaw> {
        let is_good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && text.len() <= MAX_ELEMENT_CHARS;
        if !is_good {
            let expected = format!(
                "1 to {MAX_ELEMENT_CHARS} lower-case letters and digits, beginning with a letter, such as \
                 `harborworks`"
            );
            return Err(wrong_value("element", text, &expected));
        }
        match of_others(text) {
            Some(owner) => Err(Flaw::new(Code::WrongValue, taken("element", text, owner), "another name")),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Of the vendor's letters and digits from the first letter on, as far as there is room.
    ///
    /// # Errors
    /// When there is no letter among them, or the name is another's: then the configuration must say one.
    fn of_vendor(vendor: &str) -> Result<Self, Flaw> {
        let letters = vendor.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
        let name: String = letters.skip_while(|c| !c.is_ascii_alphabetic()).take(MAX_ELEMENT_CHARS).collect();
        let expected = "`element` in `[client_plugin]`, such as `element = \"harborworks\"`";
        if name.is_empty() {
            let found = format!("`vendor = {vendor:?}`, in which no letter is one of a to z");
            return Err(Flaw::new(Code::WrongValue, found, expected));
        }
        match of_others(&name) {
            Some(owner) => Err(Flaw::new(Code::WrongValue, taken("vendor", vendor, owner), expected)),
            None => Ok(Self(name)),
        }
    }

    /// The name itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn taken(key: &str, value: &str, owner: &str) -> String {
    format!("`{key} = {value:?}`, a name that {owner}")
}

/// Whose a name is, if it is taken.
fn of_others(name: &str) -> Option<&'static str> {
    if OF_JOOMLA.contains(&name) {
        Some("an installer plug-in of Joomla's has")
    } else if OF_PHP.split(' ').any(|word| word == name) {
        Some("PHP lets no class have")
    } else if OF_PLUGIN.contains(&name) {
        Some("a part of the plug-in has")
    } else {
        None
    }
}

impl ClientPlugin {
    pub(super) fn new(file: FileClientPlugin) -> Result<Self, Flaw> {
        let mut sends = file.sends;
        sends.sort_unstable();
        sends.dedup();
        Ok(Self {
            element: file.element.map(|text| Element::parse(&text)).transpose()?,
            version: version(file.version.as_deref().unwrap_or(DEFAULT_VERSION))?,
            sends,
        })
    }

    /// The words for what it tells besides the key.
    pub(crate) fn sent_words(&self) -> Vec<&'static str> {
        self.sends.iter().copied().map(Sent::as_str).collect()
    }

    /// Whether the configuration says the plug-in's name.
    pub(crate) fn has_element(&self) -> bool {
        self.element.is_some()
    }

    /// The plug-in's name in Joomla.
    ///
    /// # Errors
    /// When the configuration says none and none can be made of the vendor's.
    pub(crate) fn element(&self, vendor: &str) -> Result<Element, Flaw> {
        self.element.clone().map_or_else(|| Element::of_vendor(vendor), Ok)
    }
}

fn version(text: &str) -> Result<Version, Flaw> {
    let is_good = |version: &Version| {
        let text = version.as_str();
        text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= MAX_VERSION_CHARS
    };
    Version::parse(text).ok().filter(is_good).ok_or_else(|| {
        let expected = format!(
            "a version of at most {MAX_VERSION_CHARS} characters, beginning with a digit, such as `1.0.0`"
        );
        wrong_value("version", text, &expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ClientPlugin, String> {
        let file = toml::from_str(text).map_err(|error| error.to_string());
        file.and_then(|file| ClientPlugin::new(file).map_err(|flaw| flaw.to_string()))
    }

    fn element(vendor: &str) -> Result<String, String> {
        let element = ClientPlugin::default().element(vendor);
        element.map(|element| element.as_str().to_owned()).map_err(|flaw| flaw.to_string())
    }

    #[test]
    fn the_element_is_made_of_the_vendors_letters_and_digits() {
        assert_eq!(element("Harbor Works").unwrap(), "harborworks");
        assert_eq!(element("4Sea & Söhne 2").unwrap(), "seashne2");
        assert_eq!(element(&"Ab".repeat(50)).unwrap(), "ab".repeat(15));
    }

    #[test]
    fn a_vendor_without_a_latin_letter_is_asked_for_an_element() {
        for vendor in ["Гавань", "⚓", "1848"] {
            assert_eq!(
                element(vendor).unwrap_err(),
                format!(
                    "found `vendor = {vendor:?}`, in which no letter is one of a to z, expected `element` in \
                     `[client_plugin]`, such as `element = \"harborworks\"`"
                )
            );
        }
        assert_eq!(read("element = 'gavan'").unwrap().element("Гавань").unwrap().as_str(), "gavan");
    }

    #[test]
    fn a_vendor_called_like_something_of_joomla_or_php_is_asked_for_an_element() {
        for (vendor, owner) in [
            ("Web Installer", "an installer plug-in of Joomla's has"),
            ("Object", "PHP lets no class have"),
            ("Fn", "PHP lets no class have"),
            ("Script", "a part of the plug-in has"),
        ] {
            let told = element(vendor).unwrap_err();
            assert!(
                told.starts_with(&format!("found `vendor = {vendor:?}`, a name that {owner}, ")),
                "{told}"
            );
        }
    }

    #[test]
    fn an_element_is_a_word_of_lower_case_letters_and_digits_that_nobody_else_has() {
        assert!(read("element = 'h2o'").is_ok() && read(&format!("element = '{}'", "a".repeat(30))).is_ok());
        for wrong in ["", "2h", "Harbor", "harbor_works", "harbor-works", "hafenö", &"a".repeat(31)] {
            assert_eq!(
                read(&format!("element = '{wrong}'")).unwrap_err(),
                format!(
                    "found `element = {wrong:?}`, expected 1 to 30 lower-case letters and digits, beginning with a \
                     letter, such as `harborworks`"
                )
            );
        }
        assert_eq!(
            read("element = 'override'").unwrap_err(),
            "found `element = \"override\"`, a name that an installer plug-in of Joomla's has, expected another name"
        );
    }

    #[test]
    fn a_version_begins_with_a_digit() {
        assert_eq!(read("").unwrap().version.as_str(), "1.0.0");
        assert_eq!(read("version = '1.1.0-beta1'").unwrap().version.as_str(), "1.1.0-beta1");
        for wrong in ["", "v1.0", "1 0", "1.0.", "1.0.0-20260101123456"] {
            assert_eq!(
                read(&format!("version = '{wrong}'")).unwrap_err(),
                format!(
                    "found `version = {wrong:?}`, expected a version of at most 19 characters, beginning with a digit, \
                     such as `1.0.0`"
                )
            );
        }
    }

    #[test]
    fn what_is_sent_is_nothing_unless_the_vendor_says_it() {
        assert_eq!(read("").unwrap().sends, []);
        let sends = read("sends = ['php', 'joomla', 'php']").unwrap().sends;
        assert_eq!(sends.iter().map(|sent| sent.as_str()).collect::<Vec<_>>(), ["joomla", "php"]);
        let told = read("sends = ['mail']").unwrap_err();
        assert!(
            told.contains("unknown variant `mail`, expected one of `joomla`, `php`, `extension`"),
            "{told}"
        );
    }

    #[test]
    fn the_words_of_php_stand_in_their_order() {
        assert!(OF_PHP.split(' ').is_sorted());
    }
}
