//! The text of a new `bandari.toml`, and the few values in it that only the vendor knows.

use toml::Value;

use crate::config::{DEFAULT_PACKAGES, edge_url, text_value, url_value};
use crate::error::Flaw;

/// A value that only the vendor knows.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    /// What to ask for.
    pub(crate) question: &'static str,
    /// Taken unless somebody says another.
    pub(crate) value: String,
    /// Whether somebody said it, be it in the packages.
    pub(crate) is_told: bool,
    check: fn(&str) -> Result<String, Flaw>,
}

/// The site as a whole.
#[derive(Debug)]
pub(crate) struct Site {
    /// In the order in which they are asked for.
    pub(crate) settings: Vec<Setting>,
    /// Name of the package directory.
    packages: &'static str,
}

/// What is known before anybody is asked.
#[derive(Debug)]
pub(crate) struct KnownSite<'k> {
    /// Of the packages.
    pub(crate) author: Option<&'k str>,
    /// Name of the folder of the configuration, which is often that of its owner.
    pub(crate) folder_name: Option<&'k str>,
    /// Whether something is licensed.
    pub(crate) is_licensed: bool,
    /// Name of the package directory.
    pub(crate) packages: &'static str,
}

/// Stands in until the vendor says who they are.
const UNKNOWN_VENDOR: &str = "Example Extensions";

fn default_title(vendor: &str) -> String {
    format!("Downloads of {vendor}")
}

impl Site {
    /// With placeholders; `vendor` is the author of the packages, else a guess. Addresses for licensed packages are asked for
    /// where something is licensed.
    pub(crate) fn new(known: &KnownSite<'_>) -> Self {
        let is_good = |vendor: &&str| text_value("vendor", (*vendor).to_owned()).is_ok();
        let author = known.author.filter(is_good);
        let vendor = author.or(known.folder_name.filter(is_good)).unwrap_or(UNKNOWN_VENDOR);
        let setting = |key, question, value: &str, check| Setting {
            key,
            question,
            value: value.to_owned(),
            is_told: false,
            check,
        };
        let mut settings = vec![
            Setting {
                is_told: author.is_some(),
                ..setting("vendor", "Who publishes the extensions?", vendor, |text| {
                    text_value("vendor", text.to_owned())
                })
            },
            setting("title", "Title of the download site?", &default_title(vendor), |text| {
                text_value("title", text.to_owned())
            }),
            setting("public_url", "Address of the static host?", "https://updates.example.org", |text| {
                url_value("public_url", text)
            }),
        ];
        if known.is_licensed {
            settings.extend([
                setting(
                    "download_url",
                    "Address of the license check?",
                    "https://licenses.example.org",
                    |text| url_value("download_url", text),
                ),
                setting(
                    "protected_url",
                    "Address of the CDN of licensed packages?",
                    "https://cdn.example.org",
                    edge_url,
                ),
            ]);
        }
        Self { settings, packages: known.packages }
    }

    /// Takes the answer for the setting at `index`; an empty one leaves its value as it is.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub(crate) fn answer(&mut self, index: usize, answer: &str) -> Result<(), Flaw> {
        let setting = &mut self.settings[index];
        setting.is_told = true;
        if answer.trim().is_empty() {
            return Ok(());
        }
        setting.value = (setting.check)(answer.trim())?;
        if setting.key == "vendor" {
            let title = default_title(&setting.value);
            let untold =
                self.settings.iter_mut().filter(|setting| setting.key == "title" && !setting.is_told);
            untold.for_each(|setting| setting.value.clone_from(&title));
        }
        Ok(())
    }

    /// The keys whose values are placeholders.
    pub(crate) fn untold(&self) -> Vec<&'static str> {
        self.settings.iter().filter(|setting| !setting.is_told).map(|setting| setting.key).collect()
    }

    /// The line that sets a key, with a word on what is a placeholder; `example` stands in a comment where nothing is known.
    fn line(&self, key: &str, example: &str) -> String {
        match self.settings.iter().find(|setting| setting.key == key) {
            None => format!("# {key} = \"{example}\""),
            Some(setting) => {
                let to_do = if setting.is_told { "" } else { "  # a placeholder: put in your own" };
                format!("{key} = {}{to_do}", Value::from(setting.value.as_str()))
            }
        }
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let [title, vendor] = ["title", "vendor"].map(|key| self.line(key, ""));
        let public_url = self.line("public_url", "");
        let download_url = self.line("download_url", "https://licenses.example.org");
        let protected_url = self.line("protected_url", "https://cdn.example.org");
        let packages = format!("packages = {}", Value::from(self.packages));
        let packages = if self.packages == DEFAULT_PACKAGES { format!("# {packages}") } else { packages };
        format!(
            r##"# What holds for the site as a whole. Paths count from this file's folder.

# Title of the download site, and who publishes it.
{title}
{vendor}

# Where `output/public/` is served: any static host.
{public_url}

# Where bandari-validator answers, and where `output/protected/` is served by an edge that honors signed URLs. Both are
# needed as soon as a product has a `group`.
{download_url}
{protected_url}

# What a refused download tells the customer: where to renew a license, where to find keys and licenses in an account, and
# where to ask for help, which may be a mail address.
# renew_url = "https://www.example.org/renew"
# account_url = "https://www.example.org/account"
# support_url = "mailto:support@example.org"

# Folder of the packages, and folder for `public/` and `protected/`.
{packages}
# output = "output"

# Joomla needs one digest; "sha384" and "sha512" may be added.
# digests = ["sha256"]

# How many releases of each product stay in its feed besides those that some site needs; without it all do.
# retention = 3

# Languages of the pages, the main one first; "de" is there as well.
# languages = ["en"]

# Whether the validator sends keys by mail (`[mail]` in its validator.toml): then the pages offer it.
# key_mails = false

# Folder whose files below `pages/` and `client-plugin/` replace the built-in templates one by one, or add a language; without
# it there are only those.
# templates = "templates"

# The look of the pages: the color of links and buttons, fonts, and an image beside the title.
# [theme]
# accent = "#0b57a4"
# font = "Georgia, serif"
# logo = "logo.svg"

# The plug-in that `bandari client-plugin` makes for your customers' Joomlas. Whatever changes in it needs a new version; its name
# in Joomla, made of `vendor` unless it is told, must not change once published; "joomla", "php" and "extension" are versions that
# it may send.
# [client_plugin]
# version = "1.0.0"
# element = "harborworks"
# sends = []
"##
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, DigestName};

    fn site(folder_name: Option<&str>, is_licensed: bool) -> Site {
        Site::new(&KnownSite { author: None, folder_name, is_licensed, packages: "packages" })
    }

    fn load(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        for needed in ["packages", "products", "templates"] {
            std::fs::create_dir(folder.path().join(needed)).unwrap();
        }
        let path = folder.path().join("bandari.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path, None).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_a_configuration_with_the_default_settings() {
        let config = load(&site(Some("Mwambao"), false).text()).unwrap();
        assert_eq!((&*config.vendor, &*config.title), ("Mwambao", "Downloads of Mwambao"));
        assert_eq!(config.public_url, "https://updates.example.org");
        assert_eq!((config.download_url, config.protected_url), (None, None));
        assert!(config.packages.ends_with("packages") && config.output.ends_with("output"));
        assert!(config.digests.contains(&DigestName::Sha256) && config.digests.len() == 1);
    }

    #[test]
    fn a_site_with_licenses_gets_its_addresses() {
        let config = load(&site(None, true).text()).unwrap();
        assert_eq!(config.vendor, "Example Extensions");
        assert_eq!(config.download_url.as_deref(), Some("https://licenses.example.org"));
        assert_eq!(config.protected_url.as_deref(), Some("https://cdn.example.org"));
    }

    #[test]
    fn an_answer_is_written_as_toml_and_no_placeholder_any_more() {
        let mut site = site(Some("Mwambao"), false);
        site.answer(0, " it's \"odd\" \\ ").unwrap();
        site.answer(1, "").unwrap();
        assert_eq!(site.untold(), ["public_url"]);
        let config = load(&site.text()).unwrap();
        assert_eq!((&*config.vendor, &*config.title), ("it's \"odd\" \\", "Downloads of it's \"odd\" \\"));
        assert_eq!(site.text().matches("a placeholder").count(), 1);
        let wrong = site.answer(2, "updates.example.org").unwrap_err();
        assert!(wrong.found.contains("public_url"), "{wrong}");
    }

    #[test]
    fn the_author_of_the_packages_is_the_vendor_until_somebody_says_another() {
        let known = KnownSite {
            author: Some("Mwambao"),
            folder_name: Some("harbor"),
            is_licensed: false,
            packages: "packages",
        };
        let mut site = Site::new(&known);
        assert_eq!(site.untold(), ["title", "public_url"]);
        let config = load(&site.text()).unwrap();
        assert_eq!((&*config.vendor, &*config.title), ("Mwambao", "Downloads of Mwambao"));
        site.answer(0, "Beacon Ltd").unwrap();
        let config = load(&site.text()).unwrap();
        assert_eq!((&*config.vendor, &*config.title), ("Beacon Ltd", "Downloads of Beacon Ltd"));
    }

    #[test]
    fn another_package_directory_than_usual_is_a_setting() {
        let known = KnownSite { author: None, folder_name: None, is_licensed: false, packages: "products" };
        let text = Site::new(&known).text();
        assert!(text.contains("\npackages = \"products\"\n"), "{text}");
        assert!(load(&text).unwrap().packages.ends_with("products"));
    }

    #[test]
    fn a_folder_name_that_is_no_line_of_text_is_no_vendor() {
        assert_eq!(site(Some("a\nb"), false).settings[0].value, "Example Extensions");
    }

    #[test]
    fn every_key_of_the_configuration_is_mentioned_and_good_when_put_in_force() {
        let text: String = (site(None, false).text().lines())
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") || setting.starts_with('[') => {
                    format!("{setting}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        assert!(load(&text).is_ok(), "{:?}", load(&text));
        for with_unknown in [format!("unknown = 1\n{text}"), format!("{text}unknown = 1\n")] {
            let error = load(&with_unknown).unwrap_err();
            let (_, known) = error.split_once("expected one of ").unwrap();
            for key in known.split(", ").map(|key| key.trim_matches('`')) {
                let is_there =
                    text.contains(&format!("\n{key} = ")) || text.contains(&format!("\n[{key}]\n"));
                assert!(is_there, "{key}");
            }
        }
    }
}
