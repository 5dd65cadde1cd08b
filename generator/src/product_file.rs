//! `product.toml`: what a manifest cannot say. Read and checked here, used by [`crate::collect`].

mod plain_file;

use std::collections::BTreeSet;
use std::sync::Arc;

use bandari_catalog::names::{GroupId, InvalidName, PackageId, ProductId};
use bandari_catalog::v1::{AfterExpiry, Databases};
use bandari_catalog::version::{Stability, Version};
use serde::Deserialize;

use crate::config::{page_value, url_value};
use crate::error::{Flaw, is_line_of_text, not_toml, wrong_value};
use crate::image::ImagePath;
use crate::joomla_range::JoomlaRange;
use crate::rules::Code;
use crate::version_range::VersionRange;

use plain_file::{FileKind, PlainFile, plain_file};

/// Longest text for people: Joomla 4 and later drop an update whose description has more than 65,535 bytes, and escaping
/// may make a character thirty of them.
const MAX_TEXT_CHARS: usize = 2_000;

/// The file as written; keys that it does not know are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Option<String>,
    kind: Option<FileKind>,
    pattern: Option<String>,
    name: Option<String>,
    group: Option<String>,
    renew_url: Option<String>,
    after_expiry: Option<String>,
    summary: Option<String>,
    homepage: Option<String>,
    infourl: Option<String>,
    maintainer: Option<String>,
    icon: Option<String>,
    joomla: Option<String>,
    php: Option<String>,
    databases: Option<FileDatabases>,
    package_id: Option<String>,
    #[serde(default)]
    releases: Vec<FileRelease>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDatabases {
    mysql: Option<String>,
    mariadb: Option<String>,
    postgresql: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRelease {
    versions: String,
    joomla: Option<String>,
    php: Option<String>,
    stability: Option<Stability>,
    #[serde(default)]
    withdrawn: bool,
    package_id: Option<String>,
}

/// What a `product.toml` says, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProductFile {
    pub(crate) id: Option<ProductId>,
    /// Set for a product that is not a Joomla extension.
    pub(crate) plain_file: Option<PlainFile>,
    pub(crate) group: Option<GroupId>,
    /// Set for licensed products only.
    pub(crate) renew_url: Option<String>,
    /// [`AfterExpiry::Nothing`] for free products.
    pub(crate) after_expiry: AfterExpiry,
    pub(crate) summary: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) infourl: Option<String>,
    pub(crate) maintainer: Option<String>,
    /// Below its own folder.
    pub(crate) icon: Option<ImagePath>,
    joomla: Option<Arc<JoomlaRange>>,
    php: Option<Arc<str>>,
    pub(crate) databases: Option<Arc<Databases>>,
    package_id: PackageIdPattern,
    releases: Vec<ReleaseOverride>,
}

#[derive(Clone, Debug)]
struct ReleaseOverride {
    versions: VersionRange,
    joomla: Option<Arc<JoomlaRange>>,
    php: Option<Arc<str>>,
    stability: Option<Stability>,
    withdrawn: bool,
    /// As it is, without placeholders: what another system called a package stays its name.
    package_id: Option<PackageId>,
}

/// What holds for one version: the overrides of the first `[[releases]]` that names it, else the product's own.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseFacts {
    pub(crate) joomla: Option<Arc<JoomlaRange>>,
    pub(crate) php: Option<Arc<str>>,
    pub(crate) stability: Stability,
    pub(crate) withdrawn: bool,
}

impl ProductFile {
    /// Reads the text of a `product.toml`.
    ///
    /// # Errors
    /// Each thing that is wrong; TOML's own message when it cannot be read at all.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Flaw>> {
        let file: File = toml::from_str(text)
            .map_err(|error| vec![not_toml(Code::ProductFileText, &error, text, "what the README lists")])?;
        let mut wrong: Vec<Flaw> = without_group(&file).collect();
        let product = Self {
            id: keep(file.id.map(|id| named("id", ProductId::parse(&id))), &mut wrong),
            plain_file: keep(plain_file(file.kind, file.pattern, file.name), &mut wrong),
            group: keep(file.group.map(|group| named("group", GroupId::parse(&group))), &mut wrong),
            renew_url: keep(file.renew_url.map(|url| page_value("renew_url", &url)), &mut wrong),
            after_expiry: keep(file.after_expiry.map(|word| after_expiry(&word)), &mut wrong)
                .unwrap_or_default(),
            summary: keep(file.summary.map(|text| plain_text("summary", text)), &mut wrong),
            homepage: keep(file.homepage.map(|url| url_value("homepage", &url)), &mut wrong),
            infourl: keep(file.infourl.map(|url| url_value("infourl", &url)), &mut wrong),
            maintainer: keep(file.maintainer.map(|text| plain_text("maintainer", text)), &mut wrong),
            icon: keep(file.icon.map(|path| ImagePath::parse("icon", &path)), &mut wrong),
            joomla: keep(joomla(file.joomla), &mut wrong).map(Arc::new),
            php: keep(file.php.map(|version| number("php", version)), &mut wrong).map(Arc::from),
            databases: keep(file.databases.map(databases), &mut wrong).map(Arc::new),
            package_id: keep(file.package_id.map(PackageIdPattern::parse), &mut wrong).unwrap_or_default(),
            releases: file.releases.into_iter().filter_map(|r| keep(Some(release(r)), &mut wrong)).collect(),
        };
        if wrong.is_empty() { Ok(product) } else { Err(wrong) }
    }

    /// What holds for `version`.
    pub(crate) fn release(&self, version: &Version) -> ReleaseFacts {
        let fitting = self.fitting(version);
        ReleaseFacts {
            joomla: fitting.and_then(|r| r.joomla.clone()).or_else(|| self.joomla.clone()),
            php: fitting.and_then(|r| r.php.clone()).or_else(|| self.php.clone()),
            stability: fitting.and_then(|r| r.stability).unwrap_or_else(|| version.stability()),
            withdrawn: fitting.is_some_and(|r| r.withdrawn),
        }
    }

    /// `versions` of those `[[releases]]` that hold for none of these: nothing fits, or an earlier one takes it all.
    pub(crate) fn unused_overrides(&self, versions: &[Version]) -> Vec<String> {
        let first_fitting = |version| self.releases.iter().position(|r| r.versions.contains(version));
        let used: BTreeSet<usize> = versions.iter().filter_map(first_fitting).collect();
        let unused = self.releases.iter().enumerate().filter(|(index, _)| !used.contains(index));
        unused.map(|(_, release)| release.versions.as_str().to_owned()).collect()
    }

    fn fitting(&self, version: &Version) -> Option<&ReleaseOverride> {
        self.releases.iter().find(|release| release.versions.contains(version))
    }

    /// The identifier of a package: that of the first `[[releases]]` that names its version, where it has one, else what the
    /// product's pattern makes.
    ///
    /// # Errors
    /// What was made of the pattern, and what an identifier is.
    pub(crate) fn package_id(
        &self,
        product: &ProductId,
        element: &str,
        version: &Version,
    ) -> Result<PackageId, Flaw> {
        if let Some(id) = self.fitting(version).and_then(|release| release.package_id.clone()) {
            return Ok(id);
        }
        let text = (self.package_id.0)
            .replace("{version}", &version_in_id(version))
            .replace("{compact}", &version.compact())
            .replace("{product}", product.as_str())
            .replace("{element}", element);
        named("package_id", PackageId::parse(&text))
    }
}

/// What `{version}` in a pattern of package identifiers stands for: the version, without what it may hold and an identifier
/// may not.
pub(crate) fn version_in_id(version: &Version) -> String {
    version.as_str().replace(['+', '~'], "_")
}

/// How package identifiers are made.
#[derive(Clone, Debug)]
struct PackageIdPattern(String);

impl Default for PackageIdPattern {
    fn default() -> Self {
        Self("{product}-{version}".to_owned())
    }
}

impl PackageIdPattern {
    fn parse(text: String) -> Result<Self, Flaw> {
        if text.contains("{version}") || text.contains("{compact}") {
            Ok(Self(text))
        } else {
            Err(wrong_value("package_id", &text, "`{version}` or `{compact}` in it"))
        }
    }
}

/// Unwraps a checked value; what is wrong goes to the list, so that all of it is reported together.
fn keep<T>(value: Option<Result<T, Flaw>>, wrong: &mut Vec<Flaw>) -> Option<T> {
    value?.map_err(|flaw| wrong.push(flaw)).ok()
}

fn named<T>(key: &str, result: Result<T, InvalidName>) -> Result<T, Flaw> {
    result.map_err(|error| wrong_value(key, error.found(), error.expected()))
}

/// Keys that speak of licenses, where a `group` may have been forgotten.
fn without_group(file: &File) -> impl Iterator<Item = Flaw> + use<> {
    let is_free = file.group.is_none();
    let keys = [("renew_url", file.renew_url.is_some()), ("after_expiry", file.after_expiry.is_some())];
    keys.into_iter().filter(move |&(_, is_there)| is_free && is_there).map(|(key, _)| {
        let expected = format!("a `group`, or no `{key}` in a free product");
        Flaw::new(Code::GroupMissing, format!("`{key}` without `group`"), expected)
    })
}

fn after_expiry(word: &str) -> Result<AfterExpiry, Flaw> {
    match word {
        "nothing" => Ok(AfterExpiry::Nothing),
        "older-releases" => Ok(AfterExpiry::OlderReleases),
        _ => Err(wrong_value("after_expiry", word, "`nothing` or `older-releases`")),
    }
}

fn plain_text(key: &str, text: String) -> Result<String, Flaw> {
    let chars = text.trim().chars().count();
    if chars == 0 || chars > MAX_TEXT_CHARS || !text.trim().lines().all(is_line_of_text) {
        let expected = format!("1 to {MAX_TEXT_CHARS} characters of text, no control characters");
        let beginning: String = text.chars().take(80).collect();
        return Err(wrong_value(key, &beginning, &expected));
    }
    Ok(text.trim().to_owned())
}

/// A version for `php_minimum` and the like: numbers only, since whitespace or words there disable the test.
pub(crate) fn number(key: &str, text: String) -> Result<String, Flaw> {
    let good = !text.is_empty()
        && text.len() <= 20
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if good { Ok(text) } else { Err(wrong_value(key, &text, "a version such as `8.1`")) }
}

fn joomla(text: Option<String>) -> Option<Result<JoomlaRange, Flaw>> {
    let text = text?;
    Some(JoomlaRange::parse(&text).map_err(|expected| wrong_value("joomla", &text, &expected)))
}

fn databases(file: FileDatabases) -> Result<Databases, Flaw> {
    let FileDatabases { mysql, mariadb, postgresql } = file;
    if mysql.is_none() && mariadb.is_none() && postgresql.is_none() {
        // Joomla would refuse the update to everybody.
        return Err(Flaw::new(
            Code::WrongValue,
            "`databases` without any",
            "`mysql`, `mariadb` or `postgresql` in it",
        ));
    }
    let check = |key: &str, version: Option<String>| version.map(|v| number(key, v)).transpose();
    Ok(Databases {
        mysql: check("databases.mysql", mysql)?,
        mariadb: check("databases.mariadb", mariadb)?,
        postgresql: check("databases.postgresql", postgresql)?,
    })
}

fn release(file: FileRelease) -> Result<ReleaseOverride, Flaw> {
    let within =
        |flaw: Flaw| Flaw::new(flaw.code, format!("{} in `[[releases]]`", flaw.found), flaw.expected);
    Ok(ReleaseOverride {
        versions: VersionRange::parse(&file.versions).map_err(within)?,
        joomla: joomla(file.joomla).transpose().map_err(within)?.map(Arc::new),
        php: file.php.map(|version| number("php", version)).transpose().map_err(within)?.map(Arc::from),
        stability: file.stability,
        withdrawn: file.withdrawn,
        package_id: file
            .package_id
            .map(|id| named("package_id", PackageId::parse(&id)))
            .transpose()
            .map_err(within)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn first_wrong(text: &str) -> String {
        ProductFile::parse(text).unwrap_err()[0].to_string()
    }

    #[test]
    fn the_first_release_override_that_names_a_version_wins() {
        let file = ProductFile::parse(
            "joomla = '>=4'\nphp = '8.1'\n\
             [[releases]]\nversions = '>=2, <3'\njoomla = '>=5'\n\
             [[releases]]\nversions = '>=1'\nwithdrawn = true\n",
        )
        .unwrap();
        let of = |text| file.release(&version(text));
        assert_eq!(of("2.5.0").joomla.unwrap().to_string(), ">=5");
        assert_eq!(of("2.5.0").php.as_deref(), Some("8.1"));
        assert!(!of("2.5.0").withdrawn);
        assert!(of("3.0.0").withdrawn);
        assert_eq!(of("0.9").joomla.unwrap().to_string(), ">=4");
    }

    #[test]
    fn an_override_that_fits_nothing_or_comes_too_late_is_unused() {
        let file = ProductFile::parse(
            "[[releases]]\nversions = '>=2'\n[[releases]]\nversions = '2.1.0'\n[[releases]]\nversions = '<1'\n",
        )
        .unwrap();
        assert_eq!(file.unused_overrides(&[version("2.1.0"), version("1.0.0")]), ["2.1.0", "<1"]);
        assert_eq!(file.unused_overrides(&[version("2.1.0"), version("0.9")]), ["2.1.0"]);
    }

    #[test]
    fn a_package_id_is_made_of_the_pattern() {
        let file = ProductFile::parse("package_id = 'redj_ent_{compact}'").unwrap();
        let product = ProductId::parse("redj").unwrap();
        assert_eq!(
            file.package_id(&product, "com_redj", &version("1.9.0")).unwrap().as_str(),
            "redj_ent_190"
        );
        let default = ProductFile::default();
        assert_eq!(
            default.package_id(&product, "com_redj", &version("1.9.0")).unwrap().as_str(),
            "redj-1.9.0"
        );
    }

    #[test]
    fn the_package_id_of_a_release_counts_before_the_pattern() {
        let file = ProductFile::parse(
            "package_id = 'redj_{compact}'\n\
             [[releases]]\nversions = '1.9.0'\npackage_id = 'redj_ent_final'\n\
             [[releases]]\nversions = '<2'\nwithdrawn = true\n\
             [[releases]]\nversions = '1.8.0'\npackage_id = 'never'\n",
        )
        .unwrap();
        let product = ProductId::parse("redj").unwrap();
        let id = |text| file.package_id(&product, "com_redj", &version(text)).unwrap().to_string();
        assert_eq!(id("1.9.0"), "redj_ent_final");
        assert_eq!(id("1.8.0"), "redj_180", "the first that fits counts, and it names no identifier");
        assert_eq!(id("2.0.0"), "redj_200");
    }

    #[test]
    fn the_package_id_of_a_release_has_no_placeholders() {
        assert_eq!(
            first_wrong("[[releases]]\nversions = '1.9.0'\npackage_id = 'redj_{compact}'"),
            "found `package_id = \"redj_{compact}\"` in `[[releases]]`, \
             expected 1 to 64 characters of A-Z a-z 0-9 _ - ., beginning with a letter or digit"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = ProductFile::parse("id = 'a b'\njoomla = 'four'\nphp = 'eight'\n").unwrap_err();
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].starts_with("found `id = \"a b\"`, expected 1 to 64 characters"), "{}", wrong[0]);
        assert!(wrong[1].starts_with("found `joomla = \"four\"`, expected a range such as"), "{}", wrong[1]);
        assert_eq!(wrong[2], "found `php = \"eight\"`, expected a version such as `8.1`");
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        assert!(
            first_wrong("joomal = '>=4'")
                .starts_with("found unknown field `joomal` in line 1, expected one of")
        );
        assert!(
            first_wrong("[[releases]]\nversions = '1'\ntag = 'rc'").contains("unknown field `tag` in line 3")
        );
        assert!(first_wrong("databases = { oracle = '1' }").contains("unknown field `oracle` in line 1"));
    }

    #[test]
    fn what_an_expired_license_opens_is_nothing_unless_the_file_says_more() {
        let after_expiry = |line: &str| {
            ProductFile::parse(&format!("group = 'lights'\n{line}")).map(|file| file.after_expiry)
        };
        assert_eq!(after_expiry("").unwrap(), AfterExpiry::Nothing);
        assert_eq!(after_expiry("after_expiry = 'nothing'").unwrap(), AfterExpiry::Nothing);
        assert_eq!(after_expiry("after_expiry = 'older-releases'").unwrap(), AfterExpiry::OlderReleases);
        assert_eq!(
            after_expiry("after_expiry = 'everything'").unwrap_err()[0].to_string(),
            "found `after_expiry = \"everything\"`, expected `nothing` or `older-releases`"
        );
    }

    #[test]
    fn what_speaks_of_licenses_wants_a_group() {
        for (line, key) in [
            ("renew_url = 'https://s.example'", "renew_url"),
            ("after_expiry = 'older-releases'", "after_expiry"),
            ("after_expiry = 'nothing'", "after_expiry"),
        ] {
            assert!(ProductFile::parse(&format!("{line}\ngroup = 'lights'")).is_ok(), "{line}");
            let wrong = &ProductFile::parse(line).unwrap_err()[0];
            assert_eq!(
                (wrong.code.rule().code, wrong.to_string()),
                (
                    "BND509",
                    format!(
                        "found `{key}` without `group`, expected a `group`, or no `{key}` in a free product"
                    )
                )
            );
        }
    }

    #[test]
    fn databases_without_any_would_refuse_every_site() {
        assert_eq!(
            first_wrong("databases = {}"),
            "found `databases` without any, expected `mysql`, `mariadb` or `postgresql` in it"
        );
    }

    #[test]
    fn a_package_id_without_the_version_would_be_one_for_all() {
        assert_eq!(
            first_wrong("package_id = 'redj'"),
            "found `package_id = \"redj\"`, expected `{version}` or `{compact}` in it"
        );
    }

    #[test]
    fn a_text_that_joomla_would_drop_for_its_length_is_refused() {
        let wrong = first_wrong(&format!("summary = '{}'", "x".repeat(2_001)));
        assert!(wrong.ends_with("expected 1 to 2000 characters of text, no control characters"), "{wrong}");
    }
}
