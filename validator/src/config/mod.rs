//! `validator.toml`: where this validator listens and where its files are. What it needs to know of the site travels in
//! the catalog.

mod starting_text;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bandari_signed_url::KeySetName;
use hyper::header::HeaderName;
use serde::Deserialize;

use crate::catalog::CatalogPlace;
use crate::customers::{JoomlaConfig, JoomlaTable, LookUpConfig, LookUpTable};
use crate::edge_verify::EdgeVerifyTable;
use crate::error::Error;
use crate::limits::{LimitTable, Limits};
use crate::log::LogFormat;
use crate::mail::{MailConfig, MailTable};
use crate::parameters::KEY_PARAMETERS;
use crate::refusal::RefusalStatus;
use crate::sender::TrustedProxies;
use crate::tls::{TlsConfig, TlsTable};

pub(crate) use starting_text::starting_text;

/// Shortest life of a link in seconds: clocks differ, and Google advises a minute at least (Media CDN, "Signed
/// requests").
const MIN_LINK_LIFETIME_SECONDS: u64 = 60;

/// Longest life of a link in seconds. A link opens its file to whoever has it; a day is already generous.
pub(crate) const MAX_LINK_LIFETIME_SECONDS: u64 = 86_400;

/// Longest time between two looks at the catalog, in seconds: a new release should not wait for longer.
const MAX_CATALOG_CHECK_SECONDS: u64 = 3_600;

/// Parameters with a meaning of their own.
const OTHER_PARAMETERS: [&str; 8] =
    ["action", "module", "resource", "id", "email", "username", "password", "format"];

/// The file as written; keys that it does not know are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: SocketAddr,
    private_listen: SocketAddr,
    catalog: String,
    #[serde(default = "default_catalog_check_seconds")]
    catalog_check_seconds: u64,
    key_set: String,
    #[serde(default = "default_signing_key")]
    signing_key: PathBuf,
    #[serde(default = "default_seeds")]
    seeds: PathBuf,
    #[serde(default = "default_licenses")]
    licenses: PathBuf,
    #[serde(default = "default_link_lifetime_seconds")]
    link_lifetime_seconds: u64,
    #[serde(default)]
    refusal_status: RefusalStatus,
    #[serde(default = "default_key_parameters")]
    key_parameters: Vec<String>,
    templates: Option<PathBuf>,
    serve_protected: Option<PathBuf>,
    serve_public: Option<PathBuf>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    #[serde(default)]
    log_format: LogFormat,
    #[serde(default)]
    look_ups: LookUpTable,
    edge_verify: Option<EdgeVerifyTable>,
    #[serde(default)]
    limits: LimitTable,
    tls: Option<TlsTable>,
    mail: Option<MailTable>,
    joomla: Option<JoomlaTable>,
}

fn default_key_parameters() -> Vec<String> {
    KEY_PARAMETERS.map(str::to_owned).to_vec()
}

fn default_catalog_check_seconds() -> u64 {
    10
}

fn default_signing_key() -> PathBuf {
    "secrets/signing-key.pem".into()
}

fn default_seeds() -> PathBuf {
    "secrets/seeds.toml".into()
}

fn default_licenses() -> PathBuf {
    "secrets/licenses.sqlite".into()
}

fn default_link_lifetime_seconds() -> u64 {
    300
}

/// A validator's configuration, complete and checked. It holds no secrets, only the places where they are.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file itself, for messages.
    pub file: PathBuf,
    /// Where customers' Joomlas ask.
    pub listen: SocketAddr,
    /// Where the vendor's own monitoring asks; not to be reached from outside.
    pub private_listen: SocketAddr,
    /// Where the catalog lies that `bandari build` wrote.
    pub catalog: CatalogPlace,
    /// How often to look whether it has changed.
    pub catalog_check: Duration,
    /// Name of the key set at the edge: `KeyName` of every signed URL.
    pub key_set: KeySetName,
    /// Ed25519 private keys, PKCS#8 in PEM.
    pub signing_key: PathBuf,
    /// Seeds of the groups' license keys.
    pub seeds: PathBuf,
    /// SQLite file with users and licenses.
    pub licenses: PathBuf,
    /// For how long a signed URL is good, at least.
    pub link_lifetime_seconds: u64,
    /// How many numbers a refused download has.
    pub refusal_status: RefusalStatus,
    /// Names under which a key may come; the first that holds one counts.
    pub key_parameters: Vec<String>,
    /// Folder with the vendor's own texts and pages, which replace ours file by file.
    pub templates: Option<PathBuf>,
    /// Folder of licensed packages when the built-in edge is switched on.
    pub serve_protected: Option<PathBuf>,
    /// Folder of the public site when it is served, too.
    pub serve_public: Option<PathBuf>,
    /// Proxies in front of this validator that name their clients in `X-Forwarded-For`.
    pub(crate) trusted_proxies: TrustedProxies,
    /// What log lines look like.
    pub(crate) log_format: LogFormat,
    /// For how long what is known of a customer counts.
    pub(crate) look_ups: LookUpConfig,
    /// The header in which proxies send targets to `/edge/verify`; without it there is no such address.
    pub(crate) edge_verify: Option<HeaderName>,
    /// What clients may take.
    pub(crate) limits: Limits,
    /// Certificate and key of the address for customers; without them it speaks plain HTTP.
    pub(crate) tls: Option<TlsConfig>,
    /// How mails with keys leave; without it none are sent.
    pub(crate) mail: Option<MailConfig>,
    /// The Joomla site whose database knows users and licenses; without it the file of licenses does.
    pub(crate) joomla: Option<JoomlaConfig>,
}

impl Config {
    /// Reads a configuration file. Relative paths in it count from its folder.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file, the key and what was expected.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
        let text =
            std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(in_words(&error)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let allowed = MIN_LINK_LIFETIME_SECONDS..=MAX_LINK_LIFETIME_SECONDS;
        if !allowed.contains(&file.link_lifetime_seconds) {
            return Err(wrong(format!(
                "`link_lifetime_seconds`: found {}, expected {MIN_LINK_LIFETIME_SECONDS} to {MAX_LINK_LIFETIME_SECONDS}",
                file.link_lifetime_seconds
            )));
        }
        for (key, named) in [
            ("templates", &file.templates),
            ("serve_protected", &file.serve_protected),
            ("serve_public", &file.serve_public),
        ] {
            if let Some(named) = named.as_ref().map(|named| folder.join(named))
                && !named.is_dir()
            {
                return Err(wrong(format!("`{key}`: found no folder `{}`", named.display())));
            }
        }
        let config = Self {
            file: path.to_owned(),
            listen: file.listen,
            private_listen: file.private_listen,
            catalog: CatalogPlace::parse(&file.catalog, folder)
                .map_err(|error| wrong(format!("`catalog`: {error}")))?,
            catalog_check: catalog_check(file.catalog_check_seconds).map_err(wrong)?,
            key_set: KeySetName::parse(&file.key_set)
                .map_err(|error| wrong(format!("`key_set`: {error}")))?,
            signing_key: folder.join(file.signing_key),
            seeds: folder.join(file.seeds),
            licenses: folder.join(file.licenses),
            link_lifetime_seconds: file.link_lifetime_seconds,
            refusal_status: file.refusal_status,
            key_parameters: checked_key_parameters(file.key_parameters).map_err(wrong)?,
            templates: file.templates.map(|templates| folder.join(templates)),
            serve_protected: file.serve_protected.map(|served| folder.join(served)),
            serve_public: file.serve_public.map(|served| folder.join(served)),
            trusted_proxies: TrustedProxies::parse(&file.trusted_proxies)
                .map_err(|error| wrong(format!("`trusted_proxies`: {error}")))?,
            log_format: file.log_format,
            look_ups: LookUpConfig::of(&file.look_ups).map_err(wrong)?,
            edge_verify: file.edge_verify.map(|table| table.header()).transpose().map_err(wrong)?,
            limits: Limits::of(&file.limits).map_err(wrong)?,
            tls: file.tls.map(|tls| TlsConfig::of(tls, folder)),
            mail: file.mail.map(|mail| MailConfig::of(mail, folder)).transpose().map_err(wrong)?,
            joomla: file.joomla.map(|joomla| JoomlaConfig::of(joomla, folder)).transpose().map_err(wrong)?,
        };
        config.refuse_to_publish_secrets()?;
        Ok(config)
    }

    /// The format in which a server with this configuration logs, also what is wrong with the configuration.
    pub(crate) fn log_format(path: &Path) -> LogFormat {
        Self::load(path).map_or_else(
            |_| LogFormat::in_broken_configuration(&std::fs::read_to_string(path).unwrap_or_default()),
            |config| config.log_format,
        )
    }

    /// The public folder is served to everybody, whatever is in it.
    fn refuse_to_publish_secrets(&self) -> Result<(), Error> {
        let Some(public) = &self.serve_public else { return Ok(()) };
        let folder = public.canonicalize().map_err(Error::io("find", public))?;
        let secret =
            [("signing_key", &self.signing_key), ("seeds", &self.seeds), ("licenses", &self.licenses)];
        let protected = self.serve_protected.as_ref().map(|path| ("serve_protected", path));
        let mail = self.mail.as_ref().and_then(MailConfig::secret_path);
        let tls = self.tls.as_ref().map(|tls| ("tls.key", &tls.key));
        let joomla = self.joomla.as_ref().and_then(JoomlaConfig::secret_path);
        for (key, path) in secret.into_iter().chain(protected).chain(mail).chain(tls).chain(joomla) {
            if lies_below(path, &folder).map_err(Error::io("find", path))? {
                return Err(Error::Configuration {
                    file: self.file.clone(),
                    message: format!(
                        "`{key}`: found `{}`, expected a place outside of `serve_public`, `{}`: what is there is public",
                        path.display(),
                        public.display()
                    ),
                });
            }
        }
        Ok(())
    }
}

fn catalog_check(seconds: u64) -> Result<Duration, String> {
    match seconds {
        1..=MAX_CATALOG_CHECK_SECONDS => Ok(Duration::from_secs(seconds)),
        found => {
            Err(format!("`catalog_check_seconds`: found {found}, expected 1 to {MAX_CATALOG_CHECK_SECONDS}"))
        }
    }
}

/// What is wrong in a TOML file, and where. The line itself, which TOML's own words show, may hold a password in a place where
/// none is expected, and what is wrong with a configuration stands in logs.
fn in_words(error: &toml::de::Error) -> String {
    let shown = error.to_string();
    let message = error.message().trim_end().replace('\n', ", ");
    match error.span().and_then(|_| shown.lines().next()) {
        Some(place) => format!("{place}: {message}"),
        None => shown.trim_end().replace('\n', ", "),
    }
}

/// Names that other things come under cannot be those of keys.
fn checked_key_parameters(names: Vec<String>) -> Result<Vec<String>, String> {
    let wrong = |found: String| format!("`key_parameters`: found {found}, expected names such as `dlid`");
    if names.is_empty() {
        return Err(wrong("none".to_owned()));
    }
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    let bad = names.iter().find(|name| !is_name(name) || OTHER_PARAMETERS.contains(&name.as_str()));
    match bad {
        Some(bad) => Err(wrong(format!("`{}`", bad.escape_debug()))),
        None => Ok(names),
    }
}

/// Whether a path, which need not exist yet, leads through a folder (canonicalized) or into it.
fn lies_below(path: &Path, folder: &Path) -> io::Result<bool> {
    let path = std::path::absolute(path)?;
    // Each step is looked at, since links lead both ways: out of the folder and into it. What comes before a `..` does not
    // count.
    let mut steps = std::iter::successors(Some(path.as_path()), |step| step.file_name().and(step.parent()));
    Ok(steps.any(|step| step.canonicalize().is_ok_and(|step| step.starts_with(folder))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("validator.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_init_writes_is_a_good_configuration() {
        let config = load(&starting_text("output/public/catalog.json")).unwrap();
        assert_eq!(config.link_lifetime_seconds, 300);
        assert!(config.catalog.to_string().ends_with("output/public/catalog.json"));
        assert_eq!(config.catalog_check, Duration::from_secs(10));
        let odd = "it's \"odd\"\t\u{1}";
        assert!(load(&starting_text(odd)).unwrap().catalog.to_string().ends_with(odd));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = load(&format!("{}\nlissen = 1\n", starting_text("c"))).unwrap_err();
        assert!(error.contains("unknown field `lissen`"), "{error}");
    }

    /// Loads a configuration with these folders, and a link `link` to `output/public`, beside it.
    fn load_with_folders(lines: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        for made in ["output/public/deep", "output/protected", "secrets"] {
            std::fs::create_dir_all(folder.path().join(made)).unwrap();
        }
        std::os::unix::fs::symlink("output/public", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink("../../secrets", folder.path().join("output/public/out")).unwrap();
        let path = folder.path().join("validator.toml");
        let required =
            "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'c'\nkey_set = 'k'\n";
        std::fs::write(&path, format!("{required}{lines}")).unwrap();
        Config::load(&path).map_err(|error| {
            assert!(error.is_usage(), "{error}");
            error.to_string().replace(&format!("{}/", folder.path().display()), "")
        })
    }

    #[test]
    fn a_secret_in_the_public_folder_is_refused() {
        for (key, place) in [
            ("signing_key", "output/public/key.pem"),
            ("seeds", "output/public/deep/not/yet/there/seeds.toml"),
            ("licenses", "link/licenses.sqlite"),
            ("seeds", "output/public/out/seeds.toml"),
            ("seeds", "secrets/../output/public/seeds.toml"),
            ("serve_protected", "output/public/deep"),
            ("serve_protected", "output/public"),
        ] {
            let error =
                load_with_folders(&format!("serve_public = 'output/public'\n{key} = '{place}'")).unwrap_err();
            let expected = format!(
                "configuration `validator.toml`: `{key}`: found `{place}`, expected a place outside of `serve_public`, \
                 `output/public`: what is there is public"
            );
            assert_eq!(error, expected);
        }
        let above = "serve_public = 'output'\nserve_protected = 'output/protected'";
        assert!(load_with_folders(above).unwrap_err().contains("`serve_protected`: found"));
        assert!(load_with_folders("serve_public = '.'").unwrap_err().contains("`signing_key`: found"));
    }

    #[test]
    fn secrets_beside_the_public_folder_are_good() {
        for good in [
            "serve_public = 'output/public'\nserve_protected = 'output/protected'",
            "serve_public = 'link'\nseeds = 'output/public-seeds.toml'",
            "serve_public = 'output/public'\nseeds = 'output/public/../../secrets/seeds.toml'",
            "serve_protected = 'output/protected'\nseeds = 'output/public/seeds.toml'",
        ] {
            assert!(load_with_folders(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn an_address_that_others_could_change_is_refused_for_the_catalog() {
        for (address, expected) in [
            (
                "http://downloads.example.org/c",
                "`catalog`: found `http://downloads.example.org/c`, expected `https://`",
            ),
            ("http://127.0.0.1.example.org/c", "found `http://127.0.0.1.example.org/c`, expected `https://`"),
            ("ftp://127.0.0.1/c", "found `ftp://127.0.0.1/c`, expected a path or an address such as"),
            ("https:///c", "found `https:///c`, expected a path or an address"),
            ("https://d.example/c?t=s3cret", "found a query in an address, expected a path or an address"),
            ("https://ada:s3cret@d.example/c", "found a user in an address, expected a path or an address"),
        ] {
            let error = load(&starting_text(address)).unwrap_err();
            assert!(error.contains(expected) && !error.contains("s3cret"), "{error}");
        }
        for good in ["https://d.example/c", "http://127.0.0.1:8080/c", "http://[::1]/c", "http://localhost/c"]
        {
            assert_eq!(load(&starting_text(good)).unwrap().catalog.to_string(), good);
        }
    }

    #[test]
    fn a_catalog_that_is_hardly_ever_looked_at_is_refused() {
        for found in ["0", "3601"] {
            let lines = starting_text("c")
                .replace("catalog_check_seconds = 10", &format!("catalog_check_seconds = {found}"));
            let error = load(&lines).unwrap_err();
            assert!(
                error.ends_with(&format!("`catalog_check_seconds`: found {found}, expected 1 to 3600")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_name_that_means_something_else_is_refused_for_keys() {
        let with =
            |names: &str| {
                load(&format!("{}\n", starting_text("c").replace(
            r#"["dlid", "key", "download_id", "download_key", "token", "license", "license_key"]"#,
            names,
        )))
            };
        assert_eq!(with(r#"["tid"]"#).unwrap().key_parameters, ["tid"]);
        for (names, found) in [("[]", "none"), (r#"["dlid", "email"]"#, "`email`"), (r#"["a&b"]"#, "`a&b`")] {
            let error = with(names).unwrap_err();
            let expected = format!("`key_parameters`: found {found}, expected names such as `dlid`");
            assert!(error.ends_with(&expected), "{error}");
        }
    }

    #[test]
    fn a_refusal_status_that_nobody_knows_is_refused() {
        let text = starting_text("c").replace("\"uniform\"", "\"teapot\"");
        assert!(
            load(&text).unwrap_err().contains("unknown variant `teapot`, expected `uniform` or `by-reason`")
        );
    }

    #[test]
    fn a_log_format_that_nobody_knows_is_refused() {
        let error = load(&starting_text("c").replace("\"plain\"", "\"xml\"")).unwrap_err();
        assert!(error.contains("unknown variant `xml`, expected `plain` or `json`"), "{error}");
    }

    #[test]
    fn a_missing_folder_of_templates_is_refused_instead_of_using_ours() {
        let error = load_with_folders("templates = 'gone'").unwrap_err();
        assert_eq!(error, "configuration `validator.toml`: `templates`: found no folder `gone`");
        assert!(load_with_folders("templates = 'output'").is_ok());
    }

    #[test]
    fn a_link_that_lives_for_seconds_is_refused() {
        let error = load(&starting_text("c").replace("seconds = 300", "seconds = 5")).unwrap_err();
        assert!(error.contains("`link_lifetime_seconds`: found 5, expected 60 to 86400"), "{error}");
    }

    #[test]
    fn proxies_are_trusted_only_when_they_are_named() {
        assert_eq!(load(&starting_text("c")).unwrap().trusted_proxies, TrustedProxies::default());
        let switched_on = starting_text("c").replace("# trusted_proxies", "trusted_proxies");
        let expected = TrustedProxies::parse(&["127.0.0.1", "10.0.0.0/8"]).unwrap();
        assert_eq!(load(&switched_on).unwrap().trusted_proxies, expected);
        let error = load(&switched_on.replace("10.0.0.0/8", "proxy.example")).unwrap_err();
        assert!(
            error.contains("`trusted_proxies`: found `proxy.example`, expected an address or a network"),
            "{error}"
        );
    }
}
