//! Licensed products: what holders of an expired license keep, and the field for the download key. That is `<dlid>` of a
//! manifest, from which Joomla 4 and later make what is added to a download's address: prefix, key and suffix, nothing encoded
//! and nothing between (`administrator/components/com_installer/src/Helper/InstallerHelper.php`). Joomla 3.10 does not know it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bandari_catalog::v1::{AfterExpiry, ExtensionType};

use super::{Subject, offers};
use crate::config::Config;
use crate::contents::DownloadKeyField;
use crate::error::{Flaw, Problem};
use crate::product::{Product, Release};
use crate::rules::Code;
use crate::updater::{Download, DownloadKey, KEY};

/// Parameters in which the validator looks for a key.
const KEY_PARAMETERS: [&str; 2] = ["dlid", "key"];

/// Most characters of prefix and suffix together: `#__update_sites.extra_query` has 1000, of which a key from another shop
/// system may need 128.
const MAX_AROUND_KEY_CHARS: usize = 1000 - 128;

/// Releases of which nobody can tell whether they are older than the end of a license. A changelog can be changed at any time,
/// so every release is looked at.
pub(super) fn of_product(product: &Product) -> impl Iterator<Item = Problem> {
    let may_be_kept = product.after_expiry == AfterExpiry::OlderReleases;
    let undated = product.offered().filter(move |release| may_be_kept && release.date().is_none());
    undated.map(without_date)
}

fn without_date(release: &Release) -> Problem {
    let place = release.changelog.as_deref().map_or_else(|| release.place(), Cow::Borrowed);
    let found = match (&release.changelog, &release.notes) {
        (None, _) => format!("no changelog with the date of version {}", release.version),
        (Some(_), None) => format!("no entry with the date of version {}", release.version),
        (Some(_), Some(entry)) => {
            format!("no date in the heading of version {} in line {}", release.version, entry.line)
        }
    };
    let expected = format!("`## [{}]` and the day on which it came out, as in `2026-10-26`", release.version);
    Problem::new(Code::UndatedRelease, place, found, expected)
}

/// What sites request with each of the key fields, whichever product has it: nothing else of their addresses differs.
pub(super) struct Requests<'p>(BTreeMap<&'p DownloadKeyField, Option<Download>>);

impl<'p> Requests<'p> {
    pub(super) fn of(subjects: &[Subject<'p>], config: &Config) -> Self {
        let mut requests = BTreeMap::new();
        for subject in subjects.iter().filter(|subject| subject.product.group.is_some()) {
            if let Some(field) = &subject.contents.manifest.details.download_key {
                requests.entry(field).or_insert_with(|| {
                    let DownloadKeyField { prefix, suffix } = field.clone();
                    offers::download(subject.product, DownloadKey { prefix, suffix }, config)
                });
            }
        }
        Self(requests)
    }
}

pub(super) fn of_manifest(subject: Subject<'_>, requests: &Requests<'_>) -> Vec<Flaw> {
    of_field(subject, requests).into_iter().chain(lost_key(subject)).collect()
}

/// The adapter of libraries updates by uninstalling first (`libraries/src/Installer/Adapter/LibraryAdapter.php`), which takes
/// its update site with the key along.
fn lost_key(subject: Subject<'_>) -> Option<Flaw> {
    let is_licensed_library =
        subject.product.group.is_some() && subject.extension.kind == ExtensionType::Library;
    is_licensed_library
        .then(|| Flaw::new(Code::LicensedLibrary, "a licensed library", "a package with the library in it"))
}

fn of_field(subject: Subject<'_>, requests: &Requests<'_>) -> Vec<Flaw> {
    let field = subject.contents.manifest.details.download_key.as_ref();
    match (&subject.product.group, field) {
        (None, None) => Vec::new(),
        (None, Some(_)) => {
            let found = "`<dlid>` in a product without a `group`";
            vec![Flaw::new(Code::KeyFieldUnused, found, "no `<dlid>`, or a `group` in `product.toml`")]
        }
        (Some(_), None) => {
            let expected = "`<dlid prefix=\"dlid=\" suffix=\"&amp;f=.zip\"/>` directly in `<extension>`";
            vec![Flaw::new(Code::NoKeyField, "no `<dlid>` in a licensed product", expected)]
        }
        (Some(_), Some(field)) => {
            let download = requests.0.get(field).and_then(Option::as_ref);
            let flaws = match glued_or_unknown(field) {
                flaws if flaws.is_empty() => {
                    let download = download.into_iter();
                    download
                        .filter_map(|download| unsent(field, download).or_else(|| not_a_zip(field, download)))
                        .collect()
                }
                flaws => flaws,
            };
            flaws.into_iter().chain(too_long(field)).collect()
        }
    }
}

/// Other parameters may come first; the last one is the key's.
fn wrong_prefix(field: &DownloadKeyField) -> Option<Flaw> {
    let last = field.prefix.rsplit(['&', ';']).next().unwrap_or_default();
    let is_known = last.strip_suffix('=').is_some_and(|name| KEY_PARAMETERS.contains(&name));
    (!is_known).then(|| {
        Flaw::new(
            Code::KeyPrefix,
            written("prefix", &field.prefix),
            "`dlid=` or `key=` as the prefix, or at its end",
        )
    })
}

fn glued_or_unknown(field: &DownloadKeyField) -> Vec<Flaw> {
    [wrong_prefix(field), glued_suffix(field)].into_iter().flatten().collect()
}

/// What follows the key must not become part of it. A fragment is not sent at all.
fn glued_suffix(field: &DownloadKeyField) -> Option<Flaw> {
    let is_glued = !field.suffix.is_empty() && !field.suffix.starts_with(['&', '#']);
    is_glued.then(|| {
        let expected = "a suffix that begins with `&amp;`, such as `&amp;f=.zip`";
        Flaw::new(Code::KeySuffixGlued, written("suffix", &field.suffix), expected)
    })
}

/// The validator gets no key: nothing is requested, or what is requested ends before the key.
fn unsent(field: &DownloadKeyField, download: &Download) -> Option<Flaw> {
    let query = download.request.split_once('?').map_or("", |(_, query)| query);
    let is_sent = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, value)| KEY_PARAMETERS.contains(&name) && value == KEY);
    (!is_sent).then(|| {
        let found = match &*download.request {
            "" => "which makes an address that Joomla does not request",
            _ => "which makes an address that ends before the key",
        };
        let DownloadKeyField { prefix, suffix } = field;
        let found = format!("{} and {}, {found}", written("prefix", prefix), written("suffix", suffix));
        Flaw::new(Code::KeyNotSent, found, "no blanks in them and no `#` before the key")
    })
}

/// The name under which Joomla saves the package, when the answer names none, should be a zip's.
fn not_a_zip(field: &DownloadKeyField, download: &Download) -> Option<Flaw> {
    let name = download.saved_as.name.as_deref().unwrap_or_default();
    let is_zip = name.to_ascii_lowercase().ends_with(".zip");
    (!is_zip).then(|| {
        let expected = "a suffix that ends in `.zip`, such as `&amp;f=.zip`";
        Flaw::new(Code::KeySuffixEnd, written("suffix", &field.suffix), expected)
    })
}

/// An attribute of `<dlid>` as it stands in the manifest.
fn written(attribute: &str, value: &str) -> String {
    format!("`<dlid {attribute}=\"{}\">`", value.replace('&', "&amp;"))
}

fn too_long(field: &DownloadKeyField) -> Option<Flaw> {
    let chars = field.prefix.chars().count() + field.suffix.chars().count();
    (chars > MAX_AROUND_KEY_CHARS).then(|| {
        let found = format!("`<dlid>` with a prefix and a suffix of {chars} characters");
        Flaw::new(Code::KeyFieldLength, found, format!("at most {MAX_AROUND_KEY_CHARS} of both together"))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bandari_catalog::version::Version;

    use super::super::sample;
    use super::*;
    use crate::changelog::Entry;

    /// Three releases: the changelog has a date of the oldest, an entry without one of the second, and no word of the newest.
    fn kept() -> Product {
        let mut product = sample::licensed(&["1.2.0", "1.1.0", "1.0.0"]);
        product.after_expiry = AfterExpiry::OlderReleases;
        for (release, date) in product.releases.iter_mut().zip([None, Some(None), Some(Some((2026, 8, 3)))]) {
            release.changelog = Some("beacon/CHANGELOG.md".into());
            release.notes = date.map(|date| entry(release.version.clone(), date));
        }
        product
    }

    fn entry(version: Version, date: Option<(i16, i8, i8)>) -> Arc<Entry> {
        let date = date.map(|(year, month, day)| jiff::civil::date(year, month, day));
        Arc::new(Entry { version, date, is_yanked: false, line: 3, sections: BTreeMap::new() })
    }

    fn told_of(product: &Product) -> Vec<(&'static str, String, String)> {
        let told: Vec<Problem> = of_product(product).collect();
        let owned =
            |(code, place, found): (&'static str, &str, &str)| (code, place.to_owned(), found.to_owned());
        sample::placed(&told).into_iter().map(owned).collect()
    }

    #[test]
    fn a_release_that_may_be_kept_needs_a_date() {
        let mut product = kept();
        let undated = |place: &str, found: &str| ("BND510", place.to_owned(), found.to_owned());
        let second = undated("beacon/CHANGELOG.md", "no date in the heading of version 1.1.0 in line 3");
        let newest = undated("beacon/CHANGELOG.md", "no entry with the date of version 1.2.0");
        assert_eq!(told_of(&product), [newest, second.clone()]);
        product.releases[0].changelog = None;
        let newest = undated("beacon/beacon-1.2.0.zip", "no changelog with the date of version 1.2.0");
        assert_eq!(told_of(&product), [newest, second.clone()]);
        product.releases[0].withdrawn = true;
        assert_eq!(told_of(&product), [second]);
    }

    #[test]
    fn where_an_expired_license_opens_nothing_no_date_is_needed() {
        let mut product = kept();
        product.after_expiry = AfterExpiry::Nothing;
        assert_eq!(told_of(&product), []);
    }

    fn flaws(product: &Product) -> Vec<Flaw> {
        let subject = sample::subject(product);
        of_manifest(subject, &Requests::of(&[subject], &sample::config()))
    }

    fn told(prefix: &str, suffix: &str) -> Vec<&'static str> {
        let mut product = sample::licensed(&["1.0.0"]);
        let field = DownloadKeyField { prefix: prefix.to_owned(), suffix: suffix.to_owned() };
        sample::details(&mut product.releases[0]).download_key = Some(field);
        sample::told(&flaws(&product)).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn a_key_field_that_works_is_fine() {
        for (prefix, suffix) in [
            ("dlid=", "&f=.zip"),
            ("key=", "&amp;x=my.zip"),
            ("a=1&dlid=", "#.ZIP"),
            ("a=1&amp;dlid=", "&f=.zip"),
        ] {
            assert_eq!(told(prefix, suffix), [] as [&str; 0], "{prefix} {suffix}");
        }
    }

    #[test]
    fn a_parameter_that_the_validator_does_not_read_is_told() {
        for prefix in ["", "dlid", "license=", "DLID=", "dlid=&x="] {
            assert_eq!(told(prefix, "&f=.zip"), ["BND504"], "{prefix}");
        }
    }

    #[test]
    fn a_suffix_that_becomes_part_of_the_key_is_told() {
        assert_eq!(told("dlid=", "f=.zip"), ["BND503"]);
        assert_eq!(told("dlid=", ".zip"), ["BND503"]);
    }

    #[test]
    fn a_suffix_that_does_not_name_a_zip_is_told() {
        assert_eq!(told("dlid=", ""), ["BND502"]);
        assert_eq!(told("dlid=", "&dummy=my.zip&x=1"), ["BND502"]);
    }

    #[test]
    fn a_field_with_which_no_key_is_sent_is_told() {
        for (prefix, suffix) in [
            ("dlid=", "&f=my tides.zip"),
            ("a=1 2&dlid=", "&f=.zip"),
            ("a=1#&dlid=", "&f=.zip"),
            ("a#&key=", ""),
        ] {
            assert_eq!(told(prefix, suffix), ["BND511"], "{prefix} {suffix}");
        }
        assert_eq!(told("dlid=", "#my tides"), ["BND511"]);
    }

    #[test]
    fn what_leaves_no_room_for_the_key_is_told() {
        assert_eq!(told("dlid=", &format!("&{}.zip", "x".repeat(862))), [] as [&str; 0]);
        assert_eq!(told("dlid=", &format!("&{}.zip", "x".repeat(863))), ["BND506"]);
    }

    #[test]
    fn a_licensed_library_is_told() {
        let mut product = sample::licensed(&["1.0.0"]);
        product.extension.as_mut().unwrap().kind = ExtensionType::Library;
        assert_eq!(sample::told(&flaws(&product)), [("BND508", "a licensed library")]);
        product.group = None;
        sample::details(&mut product.releases[0]).download_key = None;
        assert_eq!(flaws(&product), []);
    }

    #[test]
    fn a_missing_field_and_a_useless_one_are_told() {
        let mut product = sample::licensed(&["1.0.0"]);
        let group = product.group.take();
        assert_eq!(sample::told(&flaws(&product)), [("BND505", "`<dlid>` in a product without a `group`")]);
        product.group = group;
        sample::details(&mut product.releases[0]).download_key = None;
        assert_eq!(sample::told(&flaws(&product)), [("BND501", "no `<dlid>` in a licensed product")]);
    }
}
