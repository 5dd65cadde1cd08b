//! The text of a new `product.toml`: what is known as settings, every other key as a comment with what it would say.

use std::fmt::Write;

use bandari_catalog::names::{GroupId, PackageId, ProductId};
use bandari_catalog::version::Version;
use toml::Value;

use crate::contents::ScriptMinimums;
use crate::init::requirements::requirements;
use crate::product_file::version_in_id;

/// What is known of a product.
pub(crate) struct KnownProduct<'k> {
    /// For the comment on top; one line.
    pub(crate) name: &'k str,
    pub(crate) id: &'k ProductId,
    /// Version of the newest package.
    pub(crate) newest: &'k Version,
    /// What its installer script demands.
    pub(crate) minimums: &'k ScriptMinimums,
    pub(crate) group: Option<&'k GroupId>,
    /// `handbook-{version}.pdf`, for files that are no extension.
    pub(crate) pattern: Option<&'k str>,
    pub(crate) package_ids: PackageIds,
}

/// Which identifiers the packages have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PackageIds {
    /// Nobody knows them yet, so they are made as usual.
    Usual,
    /// All fit one pattern.
    Pattern(String),
    /// No pattern fits, so each is told.
    Listed(Vec<(Version, PackageId)>),
}

impl PackageIds {
    /// The simplest rule that gives each of these versions its identifier.
    pub(crate) fn that_give(packages: &[(&Version, &PackageId)]) -> Self {
        let candidates = packages.first().map(|(version, id)| patterns(version, id)).unwrap_or_default();
        let fits =
            |pattern: &String| packages.iter().all(|(version, id)| filled(pattern, version) == id.as_str());
        candidates.into_iter().find(fits).map_or_else(
            || {
                Self::Listed(
                    packages.iter().map(|(version, id)| ((*version).clone(), (*id).clone())).collect(),
                )
            },
            Self::Pattern,
        )
    }
}

/// The patterns that make this identifier of this version: `{version}` before `{compact}`, and what stands last in the
/// identifier before what stands earlier, since a version mostly comes last.
fn patterns(version: &Version, id: &PackageId) -> Vec<String> {
    let texts = [("{version}", version_in_id(version)), ("{compact}", version.compact())];
    texts
        .iter()
        .flat_map(|(placeholder, text)| {
            id.as_str().rmatch_indices(text.as_str()).map(move |(start, found)| {
                let (before, after) = (&id.as_str()[..start], &id.as_str()[start + found.len()..]);
                format!("{before}{placeholder}{after}")
            })
        })
        .collect()
}

fn filled(pattern: &str, version: &Version) -> String {
    pattern.replace("{version}", &version_in_id(version)).replace("{compact}", &version.compact())
}

/// The file's text.
pub(crate) fn product_text(product: &KnownProduct<'_>) -> String {
    let mut text = String::new();
    text.push_str(&head(product));
    text.push_str(&group(product.group));
    text.push_str(OF_LICENSES);
    if product.pattern.is_none() {
        text.push_str(&requirements(product.newest, product.minimums));
    }
    text.push_str(FOR_PEOPLE);
    text.push_str(&package_ids(&product.package_ids));
    text
}

fn head(product: &KnownProduct<'_>) -> String {
    let name = product.name;
    let mut text = format!(
        "# {name}: what the packages cannot say themselves. It holds for all packages in this folder and below it.\n\n\
         # Name of the product in addresses. It must not change once published.\n\
         id = {}\n\n",
        value(product.id.as_str())
    );
    if let Some(pattern) = product.pattern {
        let name = value(product.id.as_str());
        let pattern = value(pattern);
        text.push_str(&format!(
            "# No Joomla extension: the version is taken from the file's name.\n\
             kind = \"file\"\n\
             pattern = {pattern}\n\
             # Name for people.\n\
             # name = {name}\n\n"
        ));
    }
    text
}

fn group(group: Option<&GroupId>) -> String {
    let about = "# What a license opens; without it the product is free.\n";
    match group {
        Some(group) => format!("{about}group = {}\n\n", value(group.as_str())),
        None => format!("{about}# group = \"premium\"\n\n"),
    }
}

const OF_LICENSES: &str = r#"# With a `group` only: where its licenses are renewed, if elsewhere than `bandari.toml` says, and what holders of an expired one
# may still download: "nothing", or with "older-releases" what was released before it ended, by the dates in `CHANGELOG.md`.
# renew_url = "https://www.example.org/product/renew"
# after_expiry = "nothing"

"#;

const FOR_PEOPLE: &str = r#"# For people; `infourl` is otherwise the product's page, `maintainer` the vendor. An `icon` is an svg, png, webp or jpg beside
# this file or below.
# summary = "What it does, in a sentence or two."
# homepage = "https://www.example.org/product"
# infourl = "https://www.example.org/product/news"
# maintainer = "Example Extensions"
# icon = "icon.svg"

"#;

fn package_ids(ids: &PackageIds) -> String {
    let about = "# Identifiers of the packages: of `{version}`, `{compact}` (without dots), `{product}`, `{element}`.\n";
    let pattern = match ids {
        PackageIds::Pattern(pattern) => format!("{about}package_id = {}\n\n", value(pattern)),
        PackageIds::Usual | PackageIds::Listed(_) => {
            format!("{about}# package_id = \"{{product}}-{{version}}\"\n\n")
        }
    };
    let mut text =
        pattern + "# What holds for some versions only; the first that fits counts, with all it says.\n";
    if let PackageIds::Listed(listed) = ids {
        for (version, id) in listed {
            let (version, id) = (value(version.as_str()), value(id.as_str()));
            writeln!(text, "[[releases]]\nversions = {version}\npackage_id = {id}\n")
                .expect("a text takes what is written to it");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    } else {
        text.push_str(RELEASES);
    }
    text
}

const RELEASES: &str = r#"# [[releases]]
# versions = ">=2, <3"
# joomla = ">=5"
# php = "8.2"
# stability = "rc"
# withdrawn = true
"#;

/// A string as TOML writes it.
fn value(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product_file::ProductFile;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn id(text: &str) -> PackageId {
        PackageId::parse(text).unwrap()
    }

    fn rule(packages: &[(&str, &str)]) -> PackageIds {
        let packages: Vec<_> = packages.iter().map(|(v, i)| (version(v), id(i))).collect();
        PackageIds::that_give(&packages.iter().map(|(v, i)| (v, i)).collect::<Vec<_>>())
    }

    #[test]
    fn one_pattern_is_found_where_one_fits_all() {
        for (packages, pattern) in [
            (&[("1.9.0", "redj_ent_190"), ("1.10.0", "redj_ent_1100")][..], "redj_ent_{compact}"),
            (&[("1.9.0", "redj-1.9.0"), ("2.0", "redj-2.0")][..], "redj-{version}"),
            (&[("370", "jback_370")][..], "jback_{version}"),
            (&[("1.0+b1", "a-1.0_b1-x")][..], "a-{version}-x"),
            (&[("1", "v1_1"), ("2", "v1_2")][..], "v1_{version}"),
            (&[("1", "v1_1"), ("2", "v2_1")][..], "v{version}_1"),
        ] {
            assert_eq!(rule(packages), PackageIds::Pattern(pattern.to_owned()), "{packages:?}");
        }
    }

    #[test]
    fn identifiers_that_fit_no_pattern_are_listed() {
        assert_eq!(
            rule(&[("1.9.0", "redj_ent_190"), ("2.0.0", "redj_latest")]),
            PackageIds::Listed(vec![
                (version("1.9.0"), id("redj_ent_190")),
                (version("2.0.0"), id("redj_latest"))
            ])
        );
    }

    static NO_MINIMUMS: ScriptMinimums = ScriptMinimums { joomla: None, php: None };

    fn product<'k>(
        newest: &'k Version,
        id: &'k ProductId,
        pattern: Option<&'k str>,
        package_ids: PackageIds,
    ) -> KnownProduct<'k> {
        KnownProduct { name: "ReDJ", id, newest, minimums: &NO_MINIMUMS, group: None, pattern, package_ids }
    }

    fn all_texts() -> Vec<String> {
        let redj = ProductId::parse("redj").unwrap();
        let group = GroupId::parse("redj_ent").unwrap();
        let newest = version("2.0.0");
        let minimums = ScriptMinimums { joomla: Some("4.4".into()), php: Some("8.1".into()) };
        let product = |pattern, package_ids| product(&newest, &redj, pattern, package_ids);
        let licensed = KnownProduct { group: Some(&group), ..product(None, PackageIds::Usual) };
        let demanding = KnownProduct { minimums: &minimums, ..product(None, PackageIds::Usual) };
        vec![
            product_text(&licensed),
            product_text(&product(Some("handbook-{version}.pdf"), PackageIds::Usual)),
            product_text(&product(None, rule(&[("1.9.0", "redj_ent_190")]))),
            product_text(&product(None, rule(&[("1.9.0", "old"), ("2.0.0", "new")]))),
            product_text(&demanding),
        ]
    }

    /// With every commented setting put in force.
    fn uncommented(text: &str) -> String {
        text.lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") || setting == "[[releases]]" => setting,
                _ => line,
            })
            .map(|line| format!("{line}\n"))
            .collect()
    }

    #[test]
    fn what_is_written_is_a_product_file_with_comments_and_without() {
        for text in all_texts() {
            assert!(ProductFile::parse(&text).is_ok(), "{text}");
            let text = uncommented(&text);
            assert!(ProductFile::parse(&text).is_ok(), "{:?}\n{text}", ProductFile::parse(&text));
        }
    }

    #[test]
    fn what_is_written_gives_the_identifiers_that_were_told() {
        let redj = ProductId::parse("redj").unwrap();
        let texts = all_texts();
        for (text, versions) in [
            (&texts[2], [("1.9.0", "redj_ent_190")].as_slice()),
            (&texts[3], &[("1.9.0", "old"), ("2.0.0", "new")]),
        ] {
            let file = ProductFile::parse(text).unwrap();
            for (number, expected) in versions {
                assert_eq!(file.package_id(&redj, "", &version(number)).unwrap().as_str(), *expected);
            }
        }
    }

    #[test]
    fn every_key_of_a_product_file_is_mentioned() {
        let all = all_texts().concat();
        for unknown in ["unknown = 1", "[[releases]]\nversions = '1'\nunknown = 1"] {
            let wrong = ProductFile::parse(unknown).unwrap_err()[0].to_string();
            let (_, known) = wrong.split_once(", expected one of ").unwrap();
            for key in known.split(", ").map(|key| key.trim_matches('`')) {
                let is_set = ["", "# "].iter().any(|comment| all.contains(&format!("\n{comment}{key} = ")));
                assert!(is_set || all.contains(&format!("\n# [[{key}]]\n")), "{key}");
            }
        }
    }
}
