//! The site that is asked for: what was said of it, and what is assumed where nothing was.

use serde_json::{Value, json};

use super::Question;
use super::cell::Cell;
use super::ink::Page;
use super::matrix;
use super::source::Source;
use super::words;
use crate::coverage::{Axes, Habits};
use crate::updater::{
    Database, DatabaseKind, Demands, DownloadKey, Feed, FeedKind, Installed, JoomlaVersion, PhpVersion,
    Profile,
};

/// A PHP as many sites have it.
const USUAL_PHP: &str = "8.3";

/// A database as many sites have it.
const USUAL_MARIADB: &str = "10.11";

/// A site, and which options would tell what of it is assumed.
pub(super) struct Asked {
    pub(super) profile: Profile,
    assumed: Vec<(&'static str, String)>,
}

/// What all sites have in common, whatever their versions.
pub(super) fn habits(question: &Question<'_>, source: &Source) -> Habits {
    let likely = match &source.product {
        Some(product) => Some(product.installed.clone()),
        None => source.feed.likely_installed(),
    };
    let installed = match question.installed {
        Some(said) => said.of(likely),
        None => likely,
    };
    let key = question.has_key.then(|| match &source.product {
        Some(product) => product.key.clone(),
        None => Some(DownloadKey::default()),
    });
    Habits { minimum_stability: question.minimum_stability, installed, key: key.flatten() }
}

/// The PHP that is assumed: a usual one, or a newer one where the feed asks for that.
pub(super) fn usual_php(demands: &Demands) -> PhpVersion {
    let usual = PhpVersion::parse(USUAL_PHP).expect("the text is a constant and a version");
    let axes = Axes::of(demands);
    axes.php.into_iter().map(|span| span.probe).fold(usual, |one, other| {
        let is_newer =
            bandari_catalog::version::php_version_compare(other.compared(), one.compared()).is_gt();
        if is_newer { other } else { one }
    })
}

/// The database that is assumed, likewise.
pub(super) fn usual_database(demands: &Demands) -> Database {
    let usual =
        Database::new(DatabaseKind::Mariadb, USUAL_MARIADB).expect("the text is a constant and a version");
    let axes = Axes::of(demands);
    let probes = axes.databases.into_iter().map(|span| span.probe);
    probes.filter(|probe| probe.kind == DatabaseKind::Mariadb).fold(usual, |one, other| {
        let is_newer =
            bandari_catalog::version::php_version_compare(other.compared(), one.compared()).is_gt();
        if is_newer { other } else { one }
    })
}

impl Asked {
    pub(super) fn new(joomla: &JoomlaVersion, question: &Question<'_>, source: &Source) -> Self {
        let demands = source.feed.demands();
        let habits = habits(question, source);
        let mut assumed = Vec::new();
        if question.installed.is_none() {
            let what = match &habits.installed {
                None => "nothing is installed, as the feed names no element and type".to_owned(),
                Some(installed) => {
                    format!("the {} is installed, in a version older than all", words::extension(installed))
                }
            };
            assumed.push(("--installed", what));
        }
        let php = question.php.cloned().unwrap_or_else(|| {
            let php = usual_php(&demands);
            assumed.push(("--php", format!("PHP {}", php.as_str())));
            php
        });
        let database = question.database.cloned().unwrap_or_else(|| {
            let database = usual_database(&demands);
            assumed.push(("--db", words::database(&database)));
            database
        });
        if !question.has_key {
            assumed.push(("--key", "the site has no download key".to_owned()));
        }
        Self { profile: habits.site(joomla, &php, &database), assumed }
    }

    /// Only what can change the answer is told for PHP and database: what would it be elsewhere?
    pub(super) fn write(&self, page: &mut Page, feed: &Feed) {
        page.head("The site");
        if let Some(installed) = self.profile.installed.as_ref().filter(|_| !self.is_assumed("--installed")) {
            let version = installed.version.as_deref().map(words::version).unwrap_or_default();
            page.item(format!("Installed is the {}, {version}.", words::extension(installed)));
        }
        page.item(format!(
            "It wants {}.",
            match self.profile.minimum_stability.as_str() {
                "stable" => "stable releases only, as Joomla does unless told otherwise".to_owned(),
                word => format!("releases that are at least `{word}`"),
            }
        ));
        for (option, what) in &self.assumed {
            page.item(format!("Assumed, as there is no `{option}`: {what}.{}", self.elsewhere(option, feed)));
        }
    }

    fn is_assumed(&self, option: &str) -> bool {
        self.assumed.iter().any(|(assumed, _)| *assumed == option)
    }

    /// What other sites are offered that differ in what was assumed.
    fn elsewhere(&self, option: &str, feed: &Feed) -> String {
        if feed.kind() != FeedKind::Extension {
            return String::new();
        }
        let answer = |site: &Profile| Cell::of(&feed.decide(site), site).text;
        let here = answer(&self.profile);
        let axes = Axes::of(&feed.demands());
        let others: Vec<(String, Profile)> = match option {
            "--php" => axes
                .php
                .into_iter()
                .map(|span| (matrix::php_label(&span), Profile { php: span.probe, ..self.profile.clone() }))
                .collect(),
            "--db" => axes
                .databases
                .into_iter()
                .map(|span| {
                    (matrix::database_label(&span), Profile { database: span.probe, ..self.profile.clone() })
                })
                .collect(),
            _ => Vec::new(),
        };
        let differ: Vec<String> = others
            .into_iter()
            .map(|(label, site)| (label, answer(&site)))
            .filter(|(_, there)| *there != here)
            .map(|(label, there)| format!("{label}: {there}"))
            .collect();
        if differ.is_empty() {
            String::new()
        } else {
            format!(" Others get another answer: {}.", differ.join("; "))
        }
    }

    /// The site as JSON.
    pub(super) fn json(&self) -> Value {
        let Profile { joomla, php, database, minimum_stability, installed, key } = &self.profile;
        let assumed: Vec<&str> =
            self.assumed.iter().map(|(option, _)| option.trim_start_matches('-')).collect();
        json!({
            "joomla": joomla,
            "php": php,
            "database": database,
            "minimum_stability": minimum_stability,
            "installed": installed,
            "key": key.is_some(),
            "assumed": assumed,
        })
    }
}

/// What a download key does, and what is missing for it.
pub(super) fn key_remark(
    question: &Question<'_>,
    source: &Source,
    installed: Option<&Installed>,
) -> Option<String> {
    let product = source.product.as_ref().filter(|product| product.is_licensed)?;
    let kind = installed.map_or("extension", |installed| installed.kind.as_str());
    if product.key.is_none() {
        return Some(format!(
            "The {kind} is licensed, but the manifest of its newest package has no `<dlid>`: Joomla 4 and later show no field for the \
             key, and every download is refused. `bandari check` tells what to write."
        ));
    }
    (!question.has_key).then(|| {
        format!(
            "The {kind} is licensed. A site without a key sees the update without a checkbox and with \"The Download Key is missing\", \
             and cannot install it; `--key` tells of a site that has one."
        )
    })
}
