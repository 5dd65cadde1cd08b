//! Changelogs: versions that nothing is told of, and what manifests say of the address. What is wrong in their texts,
//! [`crate::changelog`] tells.

use super::{Subject, current};
use crate::config::Config;
use crate::error::{Flaw, Problem};
use crate::product::Product;
use crate::rules::Code;

/// Releases without an entry, where there is a changelog.
pub(super) fn of_product(product: &Product) -> impl Iterator<Item = Problem> {
    current(product).filter(|release| release.changes().is_none()).filter_map(|release| {
        let place = release.changelog.as_deref()?;
        let found = match &release.notes {
            None => format!("no entry for version {}", release.version),
            Some(entry) => {
                format!("nothing below the heading of version {} in line {}", release.version, entry.line)
            }
        };
        Some(Problem::new(
            Code::NoChangelogEntry,
            place,
            found,
            format!("`## [{}]` and what changed", release.version),
        ))
    })
}

/// From the installed manifest Joomla 4 and later take the address for the list of installed extensions, Joomla 4 and early
/// releases of 5 that for the list of updates as well, which later ones take from the feed
/// (`administrator/components/com_installer/src/Model/ManageModel.php`, `loadChangelog`).
pub(super) fn of_manifest(subject: Subject<'_>, config: &Config) -> Option<Flaw> {
    let Subject { product, contents, .. } = subject;
    let ours = product.changelog_address(config);
    let is_written = product.changes().next().is_some();
    let Some(named) = &contents.manifest.details.changelog_url else {
        let element = format!("`<changelogurl>{ours}</changelogurl>` directly in `<extension>`");
        return is_written.then(|| Flaw::new(Code::ChangelogUnnamed, "no `<changelogurl>`", element));
    };
    // Blanks around it are told of with those around other values.
    let named = named.trim();
    if is_written && named != ours {
        let found = format!("`<changelogurl>` with `{named}`");
        Some(Flaw::new(Code::ChangelogAddress, found, format!("`{ours}`")))
    } else if !is_written && named == ours {
        let found = format!("`<changelogurl>` with `{named}`, which is not written");
        Some(Flaw::new(
            Code::ChangelogAddress,
            found,
            "a `CHANGELOG.md` beside the packages that tells of them",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use bandari_catalog::version::Version;

    use super::super::sample;
    use super::*;
    use crate::changelog::{Entry, Section};

    const OURS: &str = "https://u.example/tides/changelog.xml";

    fn entry(version: &str, items: &[&str]) -> Arc<Entry> {
        let items: Vec<String> = items.iter().map(|&item| item.to_owned()).collect();
        let sections =
            if items.is_empty() { BTreeMap::new() } else { BTreeMap::from([(Section::Fix, items)]) };
        let version = Version::parse(version).unwrap();
        Arc::new(Entry { version, date: None, is_yanked: false, line: 3, sections })
    }

    /// Two releases; the changelog has an entry of the older one.
    fn product() -> Product {
        let mut product = sample::module("tides", &["1.1.0", "1.0.0"]);
        for release in &mut product.releases {
            release.changelog = Some("tides/CHANGELOG.md".into());
        }
        product.releases[1].notes = Some(entry("1.0.0", &["Ebb"]));
        product
    }

    fn told(product: &Product) -> Vec<Problem> {
        of_product(product).collect()
    }

    #[test]
    fn a_release_without_an_entry_is_told_of_the_changelog() {
        let mut product = product();
        let found = "no entry for version 1.1.0";
        assert_eq!(sample::placed(&told(&product)), [("BND711", "tides/CHANGELOG.md", found)]);
        product.releases[0].notes = Some(entry("1.1.0", &[]));
        let found = "nothing below the heading of version 1.1.0 in line 3";
        assert_eq!(sample::placed(&told(&product)), [("BND711", "tides/CHANGELOG.md", found)]);
        product.releases[0].notes = Some(entry("1.1.0", &["Flow"]));
        assert_eq!(told(&product), []);
    }

    #[test]
    fn a_product_without_a_changelog_needs_no_entries() {
        assert_eq!(told(&sample::module("tides", &["1.1.0"])), []);
    }

    fn told_of_address(mut product: Product, address: Option<&str>) -> Option<(&'static str, String)> {
        sample::details(&mut product.releases[0]).changelog_url = address.map(str::to_owned);
        let flaw = of_manifest(sample::subject(&product), &sample::config())?;
        Some((flaw.code.rule().code, flaw.found))
    }

    #[test]
    fn the_changelog_that_we_write_is_to_be_named() {
        assert_eq!(told_of_address(product(), Some(OURS)), None);
        assert_eq!(told_of_address(product(), None), Some(("BND410", "no `<changelogurl>`".to_owned())));
        let other = "https://u.example/c.xml";
        let found = format!("`<changelogurl>` with `{other}`");
        assert_eq!(told_of_address(product(), Some(other)), Some(("BND409", found)));
    }

    #[test]
    fn without_a_changelog_of_ours_another_may_be_named() {
        let product = || sample::module("tides", &["1.0.0"]);
        assert_eq!(told_of_address(product(), None), None);
        assert_eq!(told_of_address(product(), Some("https://u.example/c.xml")), None);
        let found = format!("`<changelogurl>` with `{OURS}`, which is not written");
        assert_eq!(told_of_address(product(), Some(OURS)), Some(("BND409", found)));
    }
}
