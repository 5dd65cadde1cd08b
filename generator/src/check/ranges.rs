//! Ranges of Joomla and PHP: ends that come too early, and installer scripts that demand more than the feed says.

use std::borrow::Cow;
use std::cmp::Ordering;

use bandari_catalog::version::php_version_compare;

use super::newest_stable;
use crate::coverage::today::{JOOMLAS_IN_USE, lowest_php};
use crate::error::Problem;
use crate::joomla_range::{JoomlaRange, LAST_MINORS};
use crate::product::{Product, Release};
use crate::rules::Code;

pub(super) fn of_product(product: &Product) -> Vec<Problem> {
    let mut findings: Vec<Problem> = product.offered().flat_map(script_demands_more).collect();
    if let Some(release) = newest_stable(product)
        && let Some(range) = &release.joomla
    {
        let place = product.product_file.as_deref().map_or_else(|| release.place(), Cow::Borrowed);
        let doubts = [ends_too_early(range), takes_three_one_only(range), takes_nothing_in_use(range)];
        findings.extend(doubts.into_iter().flatten().map(|(code, found, expected)| {
            let found = format!("`joomla = \"{range}\"` for version {}, {found}", release.version);
            Problem::new(code, &*place, found, expected)
        }));
    }
    findings
}

/// Code, what the range does, and what was expected.
type Doubt = (Code, String, &'static str);

fn ends_too_early(range: &JoomlaRange) -> Option<Doubt> {
    let [major, minor, patch] = range.end()?;
    let is_after_last = LAST_MINORS.iter().any(|&(of, last)| of == major && minor > last);
    if is_after_last || (minor, patch) == (0, 0) || takes_nothing_in_use(range).is_some() {
        return None;
    }
    let expected = "a range that ends with a major version, such as `<7`, or not at all";
    Some((Code::RangeEndsWithinMajor, format!("which ends before {major}.{minor}.{patch}"), expected))
}

fn takes_three_one_only(range: &JoomlaRange) -> Option<Doubt> {
    let text = range.to_string();
    let mut conditions = text.split("||").flat_map(|alternative| alternative.split(','));
    conditions.any(|condition| condition.trim().trim_start_matches('=').trim() == "3.1").then(|| {
        let found = "which takes 3.1 and not 3.10".to_owned();
        (Code::BareThreeOne, found, "`3.10`, or `>=3.1` for everything from there on")
    })
}

/// Whether the product file is told that nobody gets this release.
pub(super) fn is_told_as_too_old(product: &Product, release: &Release) -> bool {
    newest_stable(product).is_some_and(|newest| newest.version == release.version)
        && release.joomla.as_ref().is_some_and(|range| takes_nothing_in_use(range).is_some())
}

fn takes_nothing_in_use(range: &JoomlaRange) -> Option<Doubt> {
    (!JOOMLAS_IN_USE.iter().any(|&(start, end)| range.reaches(start, end))).then(|| {
        let found = "which takes neither 3.10, 4.4 nor anything from 5 on".to_owned();
        (Code::RangeTooOld, found, "a Joomla that sites run")
    })
}

/// Joomla's `InstallerScript` compares its minimums before it installs, with the whole version of Joomla and PHP
/// (`libraries/src/Installer/InstallerScript.php`).
fn script_demands_more(release: &Release) -> Vec<Problem> {
    let Some(contents) = &release.contents else { return Vec::new() };
    let is_below = |offered: &str, minimum: &str| php_version_compare(offered, minimum) == Ordering::Less;
    let demanded =
        |minimum: &Option<String>| minimum.clone().filter(|m| m.starts_with(|c: char| c.is_ascii_digit()));
    let mut findings = Vec::new();
    if let Some(minimum) = demanded(&contents.minimums.joomla)
        && let Some(range) = &release.joomla
        && let [major, minor, patch] = range.first()
        && is_below(&format!("{major}.{minor}.{patch}"), &minimum)
    {
        let found = format!("`minimumJoomla` {minimum} in the installer script of a release for `{range}`");
        let expected = format!("`joomla = \">={minimum}\"` or a later start of the range");
        findings.push(Problem::new(Code::ScriptJoomlaMinimum, release.place(), found, expected));
    }
    if let Some(minimum) = demanded(&contents.minimums.php)
        && release.php.as_ref().is_none_or(|php| is_below(&as_php_version(php), &minimum))
        && lowest_php_of_joomla(release).is_none_or(|php| is_below(php, &minimum))
    {
        let offered = release.php.as_ref().map_or("no `php`".to_owned(), |php| format!("`php = \"{php}\"`"));
        let found = format!("`minimumPhp` {minimum} in the installer script of a release with {offered}");
        findings.push(Problem::new(
            Code::ScriptPhpMinimum,
            release.place(),
            found,
            format!("`php = \"{minimum}\"` or more"),
        ));
    }
    findings
}

/// The lowest PHP of the sites that are offered a release, whatever it asks for: that of the first Joomla of its range.
fn lowest_php_of_joomla(release: &Release) -> Option<&'static str> {
    lowest_php(release.joomla.as_ref()?.first())
}

/// The first PHP that a minimum takes: a version of PHP has three numbers, so `8.1` begins with 8.1.0.
fn as_php_version(minimum: &str) -> String {
    let numbers = minimum.split('.').count();
    format!("{minimum}{}", ".0".repeat(3_usize.saturating_sub(numbers)))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn with_range(range: &str) -> Product {
        let mut product = sample::module("tides", &["2.0.0-beta1", "1.1.0", "1.0.0"]);
        product.releases[1].joomla = Some(JoomlaRange::parse(range).unwrap().into());
        product
    }

    fn codes(range: &str) -> Vec<&'static str> {
        of_product(&with_range(range)).iter().map(|problem| problem.rule().code).collect()
    }

    #[test]
    fn ranges_that_are_open_or_end_with_a_major_version_are_fine() {
        for fine in [">=4.4", ">=4.4, <7", ">=3.10, <=5", "<=4.4", "3.10 || 4.4", "<5.5", ">=5, <=6.4"] {
            assert_eq!(codes(fine), [] as [&str; 0], "{fine}");
        }
    }

    #[test]
    fn a_range_that_ends_within_a_major_version_is_told_of_the_product_file() {
        let found = "`joomla = \">=4.4, <=5.3\"` for version 1.1.0, which ends before 5.4.0";
        assert_eq!(
            sample::placed(&of_product(&with_range(">=4.4, <=5.3"))),
            [("BND611", "tides/product.toml", found)]
        );
        for early in [">=4.4, <5.4", ">=5, <6.0.1", "4.4 || 5.1"] {
            assert_eq!(codes(early), ["BND611"], "{early}");
        }
    }

    #[test]
    fn three_one_that_may_mean_three_ten_is_told() {
        assert_eq!(codes("3.1 || >=4.4"), ["BND612"]);
        assert_eq!(codes(">=4.4 || =3.1"), ["BND612"]);
        assert_eq!(codes(">=3.1"), [] as [&str; 0]);
    }

    #[test]
    fn a_range_that_no_site_runs_is_told() {
        assert_eq!(codes("<=3.9"), ["BND613"]);
        assert_eq!(codes("4.1"), ["BND613"]);
    }

    #[test]
    fn an_older_release_may_end_wherever_it_likes() {
        let mut product = with_range(">=4.4");
        product.releases[2].joomla = Some(JoomlaRange::parse("4.1").unwrap().into());
        assert_eq!(of_product(&product), []);
    }

    fn with_script(joomla: Option<&str>, php: Option<&str>) -> Vec<(&'static str, String)> {
        let mut product = sample::module("tides", &["1.0.0"]);
        let minimums = &mut sample::archive(&mut product.releases[0]).minimums;
        (minimums.joomla, minimums.php) = (joomla.map(str::to_owned), php.map(str::to_owned));
        of_product(&product).into_iter().map(|problem| (problem.rule().code, problem.found)).collect()
    }

    #[test]
    fn a_script_that_demands_no_more_than_the_feed_is_fine() {
        for minimum in ["4.4", "4.4.0", "4", "3.10.12", "", "whatever"] {
            assert_eq!(with_script(Some(minimum), None), [], "{minimum}");
        }
        for minimum in ["8.1", "8.1.0", "7.4.33"] {
            assert_eq!(with_script(None, Some(minimum)), [], "{minimum}");
        }
    }

    #[test]
    fn a_script_that_demands_a_later_joomla_is_told() {
        let found = "`minimumJoomla` 5.0 in the installer script of a release for `>=4.4, <7`".to_owned();
        assert_eq!(with_script(Some("5.0"), None), [("BND614", found)]);
        assert_eq!(with_script(Some("4.4.1"), None)[0].0, "BND614");
    }

    #[test]
    fn a_script_that_demands_a_later_php_is_told() {
        let found = "`minimumPhp` 8.2 in the installer script of a release with `php = \"8.1\"`".to_owned();
        assert_eq!(with_script(None, Some("8.2")), [("BND615", found)]);
        let mut product = sample::module("tides", &["1.0.0"]);
        product.releases[0].php = None;
        sample::archive(&mut product.releases[0]).minimums.php = Some("7.4".to_owned());
        assert!(of_product(&product)[0].found.ends_with("of a release with no `php`"));
    }

    #[test]
    fn a_php_that_joomla_itself_demands_needs_no_word_of_the_product_file() {
        let codes = |range: &str, php: Option<&str>, minimum: &str| {
            let mut product = sample::module("tides", &["1.0.0"]);
            let release = &mut product.releases[0];
            (release.joomla, release.php) =
                (Some(JoomlaRange::parse(range).unwrap().into()), php.map(Into::into));
            sample::archive(release).minimums.php = Some(minimum.to_owned());
            of_product(&product).iter().map(|problem| problem.rule().code).collect::<Vec<_>>()
        };
        for (range, fine, too_late) in [
            (">=3.10", "5.3.10", "5.3.11"),
            (">=4, <6", "7.2.5", "7.2.6"),
            ("4.4 || 5", "7.2", "7.4"),
            (">=5", "8.1", "8.1.1"),
            (">=6", "8.3.0", "8.4"),
            (">=7", "8.3", "8.4"),
        ] {
            assert_eq!(codes(range, None, fine), [] as [&str; 0], "{range} {fine}");
            assert_eq!(codes(range, None, too_late), ["BND615"], "{range} {too_late}");
        }
        assert_eq!(codes(">=5", Some("7.4"), "8.1"), [] as [&str; 0]);
        assert_eq!(codes("<5", None, "5.3"), ["BND615"]);
    }
}
