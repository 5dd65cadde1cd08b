//! The site that is asked for: what was said of it, and what is assumed where nothing was.

use bandari_catalog::version::Stability;
use serde_json::{Value, json};

use super::Question;
use super::cell::Cell;
use super::ink::Page;
use super::matrix::Column;
use super::source::Source;
use super::words;
use crate::coverage::today::{USUAL_MARIADB, USUAL_PHP};
use crate::coverage::{Axes, Habits};
use crate::updater::{
    Database, DatabaseKind, Demands, DownloadKey, Feed, FeedKind, Installed, JoomlaVersion, PhpVersion,
    Profile,
};

/// A site, and which options would tell what of it is assumed.
pub(super) struct Asked {
    pub(super) profile: Profile,
    assumed: Vec<(&'static str, String)>,
}

/// What a site takes, as the end of a sentence.
pub(super) fn wanted(minimum: Stability) -> String {
    match minimum {
        Stability::Stable => "stable releases only".into(),
        _ => format!("releases that are at least `{}`", minimum.as_str()),
    }
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
                None => "nothing is installed, as no entry names an element and a type".to_owned(),
                Some(installed) => {
                    format!(
                        "the {} is installed, in a version older than all of these",
                        words::extension(installed)
                    )
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

    /// Writes what is known of the site, and what is assumed.
    pub(super) fn write(&self, page: &mut Page, feed: &Feed) {
        page.head("The site");
        if let Some(installed) = self.profile.installed.as_ref().filter(|_| !self.is_assumed("--installed")) {
            let version = installed.version.as_deref().map(words::version).unwrap_or_default();
            page.item(format!("It has the {}, {version}.", words::extension(installed)));
        }
        page.item(format!("It wants {} (`--stability`).", wanted(self.profile.minimum_stability)));
        if self.assumed.is_empty() {
            return;
        }
        page.item("Assumed, as nothing was said of it:");
        for (option, what) in &self.assumed {
            page.more(format!("{what} (`{option}`).{}", self.elsewhere(option, feed)));
        }
    }

    fn is_assumed(&self, option: &str) -> bool {
        self.assumed.iter().any(|(assumed, _)| *assumed == option)
    }

    /// What sites are offered that have another PHP, or another database, than was assumed.
    fn elsewhere(&self, option: &str, feed: &Feed) -> String {
        if feed.kind() != FeedKind::Extension {
            return String::new();
        }
        let Profile { php, database, .. } = &self.profile;
        let axes = Axes::of(&feed.demands());
        let others: Vec<Column> = match option {
            "--php" => axes.php.iter().map(|span| Column::of_php(span, database)).collect(),
            "--db" => axes.databases.iter().map(|span| Column::of_database(span, php)).collect(),
            _ => return String::new(),
        };
        let condensed = feed.condensed();
        let answer = |site: &Profile| {
            let cell = Cell::of(&condensed.decide(site), site);
            match &cell.offered {
                Some(version) => words::version(version),
                None => format!("nothing ({})", cell.text),
            }
        };
        let here = answer(&self.profile);
        let differ: Vec<String> = others
            .into_iter()
            .filter_map(|other| {
                let label = other.in_words();
                let site = Profile { php: other.php, database: other.database, ..self.profile.clone() };
                let there = answer(&site);
                (there != here).then(|| format!("{label} gets {there}"))
            })
            .collect();
        if differ.is_empty() { String::new() } else { format!(" {}.", differ.join(", ")) }
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
