//! `bandari.toml`: what holds for the site as a whole. Read, checked and resolved in one step; behind it nobody
//! looks at a raw value again.

mod client_plugin;
mod language_tag;
mod theme;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Flaw, is_line_of_text, wrong_value};
use crate::rules::Code;

use client_plugin::FileClientPlugin;
use theme::FileTheme;

pub use client_plugin::ClientPlugin;
pub(crate) use client_plugin::Element;
#[cfg(test)]
pub(crate) use client_plugin::{OF_PLUGIN, Sent};
pub use language_tag::LanguageTag;
pub use theme::Theme;

/// Longest address. Joomla keeps those of a feed in columns of 65,535 bytes (`#__updates.infourl` and the like) and drops an
/// update whose address does not fit; browsers and servers on the way take 2,000 characters and some of them no more.
const MAX_ADDRESS_CHARS: usize = 2_000;

/// Longest mail address: a path of SMTP is 256 bytes with its angle brackets (RFC 5321, section 4.5.3.1.3).
const MAX_MAIL_ADDRESS_BYTES: usize = 254;

/// The file as written; keys that it does not know are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    vendor: String,
    public_url: String,
    download_url: Option<String>,
    protected_url: Option<String>,
    renew_url: Option<String>,
    account_url: Option<String>,
    support_url: Option<String>,
    #[serde(default = "default_packages")]
    packages: PathBuf,
    #[serde(default = "default_output")]
    output: PathBuf,
    #[serde(default = "default_digests")]
    digests: Vec<DigestName>,
    templates: Option<PathBuf>,
    #[serde(default = "default_languages")]
    languages: Vec<String>,
    #[serde(default)]
    key_mails: bool,
    retention: Option<toml::Value>,
    theme: Option<FileTheme>,
    client_plugin: Option<FileClientPlugin>,
}

/// The package directory of a configuration that names none.
pub(crate) const DEFAULT_PACKAGES: &str = "packages";

fn default_packages() -> PathBuf {
    DEFAULT_PACKAGES.into()
}

fn default_output() -> PathBuf {
    "output".into()
}

fn default_digests() -> Vec<DigestName> {
    vec![DigestName::Sha256]
}

fn default_languages() -> Vec<String> {
    vec![LanguageTag::english().to_string()]
}

/// A digest that Joomla checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestName {
    /// Always made: Joomla needs one, and `SHA256SUMS` is made of it.
    Sha256,
    /// On request.
    Sha384,
    /// On request.
    Sha512,
}

/// A site's configuration, complete and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The configuration file itself, for messages.
    pub file: PathBuf,
    /// Title of the download site.
    pub title: String,
    /// Who publishes it.
    pub vendor: String,
    /// Where `public/` will be served; no slash at the end.
    pub public_url: String,
    /// Where the validator answers; needed once a product is licensed.
    pub download_url: Option<String>,
    /// Where `protected/` will be served; needed once a product is licensed.
    pub protected_url: Option<String>,
    /// Where a customer renews a license, unless a product has an address of its own.
    pub renew_url: Option<String>,
    /// Where a customer finds keys and licenses in an account.
    pub account_url: Option<String>,
    /// Where a customer asks for help; it may be `mailto:`.
    pub support_url: Option<String>,
    /// The package directory.
    pub packages: PathBuf,
    /// The output directory, holding `public/` and `protected/`.
    pub output: PathBuf,
    /// Which digests to make.
    pub digests: BTreeSet<DigestName>,
    /// Folder with the vendor's own templates, which replace ours file by file.
    pub templates: Option<PathBuf>,
    /// Languages of the pages, the main one first; never empty.
    pub languages: Vec<LanguageTag>,
    /// Whether the validator sends keys by mail, so that pages may offer it.
    pub key_mails: bool,
    /// How many releases of each product stay in its feed besides those that some site needs; `None`: all do.
    pub retention: Option<usize>,
    /// The look of the pages.
    pub theme: Theme,
    /// The plug-in that customers install.
    pub client_plugin: ClientPlugin,
}

impl Config {
    /// Reads a configuration file. Relative paths in it count from its folder; `output`, where given, replaces
    /// the file's and counts from the working directory.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file, the key and what was expected.
    pub fn load(path: &Path, output: Option<&Path>) -> Result<Self, Error> {
        let config = Self::read(path, output)?;
        let wrong = |flaw: Flaw| Error::Configuration { file: path.to_owned(), message: flaw.to_string() };
        config.check_folders().map_err(wrong)?;
        Ok(config)
    }

    /// The same with other languages for its pages.
    ///
    /// # Errors
    /// As [`Config::load`], of languages.
    pub fn in_languages(self, tags: &[String]) -> Result<Self, Error> {
        let wrong = |flaw: Flaw| Error::Configuration { file: self.file.clone(), message: flaw.to_string() };
        let languages = language_tag::languages(tags).map_err(wrong)?;
        Ok(Self { languages, ..self })
    }

    /// The same without a look at the folders that it names: `bandari init` makes them.
    pub(crate) fn read(path: &Path, output: Option<&Path>) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
        let flawed = |flaw: Flaw| wrong(flaw.to_string());
        let text =
            std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let file: File =
            toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let config = Self {
            file: path.to_owned(),
            title: text_value("title", file.title).map_err(flawed)?,
            vendor: text_value("vendor", file.vendor).map_err(flawed)?,
            public_url: url_value("public_url", &file.public_url).map_err(flawed)?,
            download_url: file
                .download_url
                .map(|url| url_value("download_url", &url))
                .transpose()
                .map_err(flawed)?,
            protected_url: file.protected_url.map(|url| edge_url(&url)).transpose().map_err(flawed)?,
            renew_url: file.renew_url.map(|url| page_value("renew_url", &url)).transpose().map_err(flawed)?,
            account_url: file
                .account_url
                .map(|url| page_value("account_url", &url))
                .transpose()
                .map_err(flawed)?,
            support_url: file.support_url.map(|url| support_url(&url)).transpose().map_err(flawed)?,
            packages: folder.join(file.packages),
            output: output.map_or_else(|| folder.join(file.output), Path::to_owned),
            digests: file.digests.into_iter().collect(),
            templates: file.templates.map(|templates| folder.join(templates)),
            languages: language_tag::languages(&file.languages).map_err(flawed)?,
            key_mails: file.key_mails,
            retention: file.retention.map(|value| retention_value(&value)).transpose().map_err(flawed)?,
            theme: file.theme.map(Theme::new).transpose().map_err(flawed)?.unwrap_or_default(),
            client_plugin: file
                .client_plugin
                .map(ClientPlugin::new)
                .transpose()
                .map_err(flawed)?
                .unwrap_or_default(),
        };
        if !config.digests.contains(&DigestName::Sha256) {
            return Err(flawed(Flaw::new(
                Code::WrongValue,
                "`digests` without `sha256`",
                "it and, as wanted, `sha384`, `sha512`",
            )));
        }
        Ok(config)
    }

    /// Where the configuration is, and what it names counts from.
    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    fn check_folders(&self) -> Result<(), Flaw> {
        let shown = |path: &Path| path.display().to_string();
        if !self.packages.is_dir() {
            let found = format!("no folder `{}`", shown(&self.packages));
            return Err(Flaw::new(
                Code::WrongValue,
                found,
                "the folder with the packages, as `packages` says",
            ));
        }
        // Ours would quietly stand in for all of them.
        if let Some(templates) = self.templates.as_ref().filter(|templates| !templates.is_dir()) {
            let found = format!("no folder `{}`", shown(templates));
            let expected = "the folder with your own templates, as `templates` says";
            return Err(Flaw::new(Code::WrongValue, found, expected));
        }
        // An output inside the packages would publish itself in the next run, and the other way round.
        let packages = real_path(&self.packages);
        let output = real_path(&self.output);
        if output.starts_with(&packages) || packages.starts_with(&output) {
            let expected = format!("a folder apart from the packages in `{}`", shown(&self.packages));
            return Err(wrong_value("output", &shown(&self.output), &expected));
        }
        Ok(())
    }
}

/// The path without links and dots, as far as it exists.
pub(crate) fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in absolute.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            let rest = absolute.strip_prefix(ancestor).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    absolute
}

pub(crate) fn text_value(key: &str, text: String) -> Result<String, Flaw> {
    if text.trim().is_empty() || !is_line_of_text(&text) {
        return Err(wrong_value(key, &text, "a line of text"));
    }
    Ok(text)
}

/// Read as any value first: TOML's own message would tell a vendor of the types of this program.
fn retention_value(value: &toml::Value) -> Result<usize, Flaw> {
    value.as_integer().and_then(|number| usize::try_from(number).ok()).ok_or_else(|| {
        Flaw::new(
            Code::WrongValue,
            format!("`retention = {value}`"),
            "a whole number from 0 on: how many releases stay in a feed besides those that some site needs",
        )
    })
}

/// The address of the edge is part of what is signed, so it has one spelling: that of `bandari-signed-url`'s `FORMAT.md`.
pub(crate) fn edge_url(url: &str) -> Result<String, Flaw> {
    let trimmed = url_value("protected_url", url)?;
    let (scheme, rest) = trimmed.split_once("://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._~-/".contains(c);
    if host.chars().any(|c| c.is_ascii_uppercase() || c == '@')
        || host.ends_with(default_port)
        || !path.chars().all(plain)
    {
        let expected =
            "an address in lower case, without a default port, with a path of `A-Za-z0-9._~-` only";
        return Err(wrong_value("protected_url", url, expected));
    }
    Ok(trimmed)
}

/// Accepts the address of a page for people: with query and fragment, as shops have them.
pub(crate) fn page_value(key: &str, url: &str) -> Result<String, Flaw> {
    let Some((before, after)) = url.split_once(['?', '#']) else { return url_value(key, url) };
    let chars = url.chars().count();
    let good = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%@!$'()*,?&=;+#".contains(c);
    // What comes before counts without a slash at its end, which the address keeps.
    url_value(key, before)?;
    match after.chars().all(good) && chars <= MAX_ADDRESS_CHARS {
        true => Ok(url.to_owned()),
        false => Err(wrong_value(key, url, "an address such as `https://shop.example.org/?view=renew`")),
    }
}

/// Accepts a mail address as `mailto:` as well, without the header fields that RFC 6068 allows behind it.
fn support_url(url: &str) -> Result<String, Flaw> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return page_value("support_url", url);
    }
    if !url.strip_prefix("mailto:").is_some_and(is_mail_address) {
        let expected = "an address such as `https://www.example.org/support` or `mailto:support@example.org`";
        return Err(wrong_value("support_url", url, expected));
    }
    Ok(url.to_owned())
}

/// Whether a mail address may stand in a `mailto:` as it is: what RFC 6068, section 2, wants encoded is not in it.
fn is_mail_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let of = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    address.len() <= MAX_MAIL_ADDRESS_BYTES
        && local.split('.').all(|atom| of(atom, "-_~+"))
        && domain.split('.').all(|label| of(label, "-"))
}

/// Accepts an absolute `http` or `https` address without query and fragment, and drops slashes at its end.
pub(crate) fn url_value(key: &str, url: &str) -> Result<String, Flaw> {
    let chars = url.chars().count();
    if chars > MAX_ADDRESS_CHARS {
        let found = format!("`{key}` with {chars} characters");
        return Err(Flaw::new(Code::WrongValue, found, format!("at most {MAX_ADDRESS_CHARS}")));
    }
    let wrong = || wrong_value(key, url, "an address such as `https://updates.example.org`");
    let trimmed = url.trim_end_matches('/');
    let rest =
        trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://")).ok_or_else(wrong)?;
    let good = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%@!$'()*,".contains(c);
    if rest.is_empty() || rest.starts_with('/') || !rest.chars().all(good) {
        return Err(wrong());
    }
    Ok(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("packages")).unwrap();
        let path = folder.path().join("bandari.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path, None)
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "SITE"))
    }

    const GOOD: &str = "title = 'T'\nvendor = 'V'\npublic_url = 'https://u.example/'\n";

    #[test]
    fn addresses_lose_the_slash_at_their_end() {
        assert_eq!(load(GOOD).unwrap().public_url, "https://u.example");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_shows_the_line_and_the_known_ones() {
        let error = load(&format!("{GOOD}protectd_url = 'https://p.example'\n")).unwrap_err();
        assert!(error.starts_with("configuration `SITE/bandari.toml`:"), "{error}");
        assert!(
            error.contains("unknown field `protectd_url`") && error.contains("`protected_url`"),
            "{error}"
        );
        assert!(error.contains("line 4"), "{error}");
    }

    #[test]
    fn an_address_with_a_query_is_refused() {
        let error = load(&GOOD.replace("u.example/", "u.example/?a=1")).unwrap_err();
        assert!(
            error.contains("found `public_url = \"https://u.example/?a=1\"`, expected an address"),
            "{error}"
        );
    }

    #[test]
    fn an_address_that_joomla_could_not_keep_is_refused() {
        let address = |chars: usize| format!("https://u.example/{}", "a".repeat(chars - 18));
        assert_eq!(url_value("infourl", &address(2_000)), Ok(address(2_000)));
        assert_eq!(
            url_value("infourl", &address(2_001)).unwrap_err().to_string(),
            "found `infourl` with 2001 characters, expected at most 2000"
        );
    }

    #[test]
    fn addresses_for_customers_are_optional_and_checked_like_the_others() {
        let config = load(GOOD).unwrap();
        assert_eq!((config.renew_url, config.account_url, config.support_url), (None, None, None));
        let keys = "renew_url = 'https://s.example/renew/'\naccount_url = 'http://s.example/me'\n\
                    support_url = 'https://s.example/help'\n";
        let config = load(&format!("{GOOD}{keys}")).unwrap();
        assert_eq!(config.renew_url.as_deref(), Some("https://s.example/renew"));
        assert_eq!(config.account_url.as_deref(), Some("http://s.example/me"));
        assert_eq!(config.support_url.as_deref(), Some("https://s.example/help"));
        for key in ["renew_url", "account_url", "support_url"] {
            for wrong in ["s.example/renew", "/renew", "https://s.example /", "javascript:alert(1)", ""] {
                let error = load(&format!("{GOOD}{key} = '{wrong}'\n")).unwrap_err();
                let expected = format!("found `{key} = \"{wrong}\"`, expected an address such as `https://");
                assert!(error.contains(&expected), "{error}");
            }
        }
    }

    #[test]
    fn an_address_for_people_may_have_a_query_and_one_for_programs_may_not() {
        let with = |key: &str, url: &str| load(&format!("{GOOD}{key} = '{url}'\n"));
        let renew = "https://s.example/index.php?option=com_shop&view=renew#top";
        assert_eq!(with("renew_url", renew).unwrap().renew_url.as_deref(), Some(renew));
        assert!(with("support_url", renew).is_ok() && with("account_url", "https://s.example/?me").is_ok());
        assert!(with("download_url", renew).is_err());
        for wrong in ["https://s.example/?a b", "https://s.example/?<x>", "javascript:alert(1)?"] {
            assert!(with("renew_url", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_for_help_a_mail_address_will_do() {
        let with = |key: &str, url: &str| load(&format!("{GOOD}{key} = '{url}'\n"));
        let mail = "mailto:the.harbor-master+help@mail.example.org";
        assert_eq!(with("support_url", mail).unwrap().support_url.as_deref(), Some(mail));
        assert!(with("renew_url", mail).is_err() && with("account_url", mail).is_err());
        let longest = format!("mailto:{}@s.example", "a".repeat(244));
        assert!(with("support_url", &longest).is_ok());
        assert!(with("support_url", &longest.replace("@s.", "@ss.")).is_err());
        for wrong in [
            "help@s.example",
            "mailto:help",
            "mailto:@s.example",
            "mailto:help@",
            "mailto:help@s..example",
            "mailto:help@s.example?subject=x",
            "mailto:help@s.example,me@s.example",
            "mailto:Help <help@s.example>",
        ] {
            let error = with("support_url", wrong).unwrap_err();
            assert!(error.contains("or `mailto:support@example.org`"), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_output_inside_the_packages_is_refused() {
        let error = load(&format!("{GOOD}output = 'packages/out'\n")).unwrap_err();
        assert!(error.contains("found `output = \"SITE/packages/out\"`, expected a folder apart"), "{error}");
    }

    #[test]
    fn digests_without_sha256_are_refused() {
        let error = load(&format!("{GOOD}digests = ['sha512']\n")).unwrap_err();
        assert!(error.contains("found `digests` without `sha256`, expected it"), "{error}");
    }

    #[test]
    fn every_release_stays_in_the_feed_unless_a_retention_is_set() {
        assert_eq!(load(GOOD).unwrap().retention, None);
        assert_eq!(load(&format!("{GOOD}retention = 0\n")).unwrap().retention, Some(0));
    }

    #[test]
    fn a_retention_that_is_no_count_is_refused() {
        for wrong in ["-1", "\"x\"", "1.5", "true"] {
            let error = load(&format!("{GOOD}retention = {wrong}\n")).unwrap_err();
            let expected = "a whole number from 0 on: how many releases stay in a feed besides those that some site needs";
            assert_eq!(
                error,
                format!(
                    "configuration `SITE/bandari.toml`: found `retention = {wrong}`, expected {expected}"
                )
            );
        }
    }

    #[test]
    fn a_missing_folder_of_templates_is_refused_instead_of_using_ours() {
        let error = load(&format!("{GOOD}templates = 'gone'\n")).unwrap_err();
        assert!(error.contains("found no folder `SITE/gone`, expected the folder with your own"), "{error}");
        assert!(load(&format!("{GOOD}templates = '.'\n")).is_ok());
    }

    #[test]
    fn a_missing_package_folder_is_refused_instead_of_emptying_the_site() {
        let error = load(&format!("{GOOD}packages = 'gone'\n")).unwrap_err();
        assert!(
            error.contains("found no folder `SITE/gone`, expected the folder with the packages"),
            "{error}"
        );
    }
}
