//! Versions that sort in another way than people read them. Joomla compares by PHP's `version_compare`, which knows a few
//! words only (`ext/standard/versioning.c`).

use std::cmp::Ordering;

use bandari_catalog::version::{Stability, Version, php_version_compare};

use super::{current, newest_stable};
use crate::error::Problem;
use crate::product::{Product, Release};
use crate::rules::Code;
use crate::scan::PRODUCT_FILE;

pub(super) fn of_product(product: &Product) -> Vec<Problem> {
    let mut findings: Vec<Problem> = current(product)
        .flat_map(|release| [tagged_stable(release), other_version_in_name(release)].into_iter().flatten())
        .collect();
    findings.extend(read_as_current(product).filter_map(odd_order));
    findings.extend(one_version_in_two_lengths(product));
    findings.extend(unused_overrides(product));
    findings
}

/// The numbers that a version begins with: `1.1.0` of `1.1.0-stable`.
fn numbers(version: &str) -> &str {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    version[..end].trim_end_matches('.')
}

/// The current releases, and those that only Joomla takes for older ones: sites that have `v1.1.0` are offered 1.0.0, which
/// is the newest to Joomla.
fn read_as_current(product: &Product) -> impl Iterator<Item = &Release> {
    let in_numbers = |release: &Release| {
        let version = release.version.as_str();
        without_zeros(numbers(version.trim_start_matches(|c: char| !c.is_ascii_digit()))).to_owned()
    };
    let current = current(product).count();
    let newest = newest_stable(product).map(in_numbers);
    let is_read_so = move |release: &Release| {
        newest.as_ref().is_some_and(|newest| php_version_compare(&in_numbers(release), newest).is_ge())
    };
    let offered = product.offered().enumerate();
    offered
        .filter(move |(place, release)| *place < current || is_read_so(release))
        .map(|(_, release)| release)
}

/// A version without the zeros at its end: `1.1` of `1.1.0`.
fn without_zeros(version: &str) -> &str {
    version.strip_suffix(".0").map_or(version, without_zeros)
}

fn odd_order(release: &Release) -> Option<Problem> {
    let version = &release.version;
    let told =
        |code, found: String, expected: &str| Some(Problem::new(code, release.place(), found, expected));
    let Ok(plain) = Version::parse(numbers(version.as_str())) else {
        let found = format!("version {version}, which begins with a letter");
        return told(Code::VersionLetter, found, "a version that begins with a number");
    };
    match (version.stability(), version.compare(&plain)) {
        (Stability::Stable, Ordering::Less) => {
            let found = format!("version {version}, which is older than {plain} to Joomla");
            told(
                Code::VersionBelowItself,
                found,
                "numbers only, or one of the words dev, alpha, beta, rc, pl",
            )
        }
        (Stability::Dev | Stability::Alpha | Stability::Beta | Stability::Rc, Ordering::Greater) => {
            let found = format!("version {version}, which is newer than {plain} to Joomla");
            told(Code::PrereleaseAboveRelease, found, "one of the words dev, alpha, beta, rc")
        }
        _ => None,
    }
}

fn tagged_stable(release: &Release) -> Option<Problem> {
    is_called_stable(release).then(|| called_stable(release, ""))
}

/// Whether a version that says that it is none is offered as a stable one.
pub(super) fn is_called_stable(release: &Release) -> bool {
    release.is_stable() && release.version.stability() != Stability::Stable
}

/// A pre-release that is called stable, and for whom, when that is not everybody.
pub(super) fn called_stable(release: &Release, sites: &str) -> Problem {
    let found = format!("version {} with `stability = \"stable\"`{sites}", release.version);
    let expected = format!("`{}`", release.version.stability().as_str());
    Problem::new(Code::PrereleaseTaggedStable, release.place(), found, expected)
}

/// Whether it is told of a version that Joomla sorts elsewhere than people do.
pub(super) fn is_told(product: &Product, release: &Release) -> bool {
    let significant = without_zeros(release.version.as_str());
    let is_twin = |other: &Release| {
        other.version != release.version && without_zeros(other.version.as_str()) == significant
    };
    odd_order(release).is_some() || product.releases.iter().any(is_twin)
}

/// A version in a file's name is written as numbers with dots, after a separator: `1.2.0` of `mod_x-v1.2.0-j5.zip`.
fn versions_in_name(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_']).filter_map(|part| {
        let part = part.strip_prefix(['v', 'V']).unwrap_or(part);
        let numbers = numbers(part);
        numbers.contains('.').then_some(numbers)
    })
}

fn other_version_in_name(release: &Release) -> Option<Problem> {
    let contents = release.contents.as_ref()?;
    let version = contents.manifest.version.as_str();
    let significant = |numbers: &str| {
        let mut numbers: Vec<String> =
            numbers.split('.').map(|number| number.trim_start_matches('0').to_owned()).collect();
        while numbers.last().is_some_and(String::is_empty) {
            numbers.pop();
        }
        numbers
    };
    let manifests = significant(numbers(version.trim_start_matches(['v', 'V'])));
    let mut named = versions_in_name(release.file.as_str()).peekable();
    let first = *named.peek()?;
    (!named.any(|numbers| significant(numbers) == manifests)).then(|| {
        let found = format!("version {version} in the manifest of a file whose name says {first}");
        Problem::new(Code::FileNameVersion, release.place(), found, "the same version in both")
    })
}

fn one_version_in_two_lengths(product: &Product) -> impl Iterator<Item = Problem> {
    let significant = |release: &Release| without_zeros(release.version.as_str()).to_owned();
    let pairs = product.releases.windows(2);
    pairs.filter(move |pair| significant(&pair[0]) == significant(&pair[1])).map(|pair| {
        let found =
            format!("version {} beside {} in `{}`", pair[0].version, pair[1].version, pair[1].place());
        Problem::new(
            Code::VersionLengths,
            pair[0].place(),
            found,
            "one of them: to Joomla they are two versions",
        )
    })
}

fn unused_overrides(product: &Product) -> impl Iterator<Item = Problem> {
    let place = product.product_file.as_deref().unwrap_or(PRODUCT_FILE);
    product.unused_overrides.iter().map(move |versions| {
        let found = format!("`[[releases]]` with `versions = {versions:?}`, which no release takes");
        Problem::new(
            Code::UnusedOverride,
            place,
            found,
            "versions that are there, and no earlier entry for them",
        )
    })
}

#[cfg(test)]
mod tests {
    use bandari_catalog::names::FileName;

    use super::super::sample;
    use super::*;

    fn told(versions: &[&str]) -> Vec<(String, String)> {
        let findings = of_product(&sample::module("tides", versions));
        findings.into_iter().map(|p| (p.rule().code.to_owned(), p.found)).collect()
    }

    fn codes(version: &str) -> Vec<String> {
        told(&[version]).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn versions_that_sort_as_people_read_them_are_fine() {
        for fine in
            ["1.0.0", "2.0.0-beta1", "2.0.0-RC2", "1.0.0-dev", "1.1.0-1", "1.1.0+1", "1.0pl1", "2024.06.01"]
        {
            assert_eq!(codes(fine), [] as [&str; 0], "{fine}");
        }
    }

    #[test]
    fn a_version_that_begins_with_a_letter_is_told() {
        assert_eq!(codes("v1.1.0"), ["BND601"]);
    }

    #[test]
    fn an_unknown_word_that_makes_a_version_older_is_told() {
        assert_eq!(codes("1.1.0-stable"), ["BND602"]);
        assert_eq!(codes("1.1.0+build5"), ["BND602"]);
    }

    #[test]
    fn a_word_for_a_pre_release_that_makes_it_newer_is_told() {
        // To PHP `preview` begins with `p`, its word for a patch.
        assert_eq!(codes("2.0.0-preview1"), ["BND603"]);
    }

    #[test]
    fn a_version_that_only_joomla_takes_for_older_than_the_newest_is_told() {
        for (versions, code) in [
            (["1.0.0", "v1.1.0"], "BND601"),
            (["1.0.0", "v1.0.0"], "BND601"),
            (["1.1.0", "1.1.0-stable"], "BND602"),
            (["1.1.0", "1.1-stable"], "BND602"),
        ] {
            let told = told(&versions).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
            assert_eq!(told, [code], "{versions:?}");
        }
        assert_eq!(told(&["1.1.0", "v1.0.0"]), []);
        assert_eq!(told(&["1.10.0", "1.9.0-stable"]), []);
    }

    #[test]
    fn one_version_in_two_lengths_is_told() {
        let found = "version 1.0.0 beside 1.0 in `tides/mod_tides-1.0.zip`".to_owned();
        assert_eq!(told(&["1.0.0", "1.0"]), [("BND604".to_owned(), found)]);
        assert_eq!(told(&["1.0.1", "1.0"]), []);
        assert_eq!(told(&["10", "1"]), []);
    }

    #[test]
    fn a_pre_release_that_is_called_stable_is_told() {
        let mut product = sample::module("tides", &["2.0.0-beta1"]);
        product.releases[0].stability = Stability::Stable;
        let found = "version 2.0.0-beta1 with `stability = \"stable\"`";
        assert_eq!(
            sample::placed(&of_product(&product)),
            [("BND605", "tides/mod_tides-2.0.0-beta1.zip", found)]
        );
    }

    #[test]
    fn another_version_in_the_files_name_is_told() {
        let told = |file: &str, version: &str| {
            let mut product = sample::module("tides", &[version]);
            product.releases[0].file = FileName::parse(file).unwrap();
            !of_product(&product).is_empty()
        };
        assert!(told("mod_tides-1.2.0.zip", "1.1.0"));
        assert!(told("mod_tides_v11.0.0.zip", "1.0.0"));
        for (file, version) in [
            ("mod_tides-1.2.0-j5.1.zip", "1.2.0"),
            ("mod_tides-1.2.zip", "1.2.0"),
            ("mod_tides-1.2.0-beta1.zip", "1.2.0-beta1"),
            ("mod_tides-v01.2.0.zip", "1.2.0"),
            ("mod_tides_120.zip", "1.2.0"),
            ("mod_tides.zip", "1.2.0"),
        ] {
            assert!(!told(file, version), "{file}");
        }
    }

    #[test]
    fn an_override_for_nothing_is_told_of_the_product_file() {
        let mut product = sample::module("tides", &["1.0.0"]);
        product.unused_overrides = vec![">=2".to_owned()];
        let found = "`[[releases]]` with `versions = \">=2\"`, which no release takes";
        assert_eq!(sample::placed(&of_product(&product)), [("BND606", "tides/product.toml", found)]);
    }
}
