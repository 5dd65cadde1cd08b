//! What holds for any feed and any site.

use std::time::{Duration, Instant};

use bandari_catalog::version::{Stability, php_version_compare};
use bandari_generator::updater::{Decision, Feed, InstallOutcome, Outcome, Profile};
use proptest::prelude::*;

use super::feeds::{
    ADDRESS, ALL, Entry, collect, database, decide, entry, offered, php, site, updates, with_stability,
    with_version,
};

const STABILITIES: [(&str, Stability); 5] = [
    ("dev", Stability::Dev),
    ("alpha", Stability::Alpha),
    ("beta", Stability::Beta),
    ("rc", Stability::Rc),
    ("stable", Stability::Stable),
];

/// Versions of which each is another number to PHP.
const VERSIONS: [&str; 8] = ["0.9.0", "1.0.0", "1.1.0-beta1", "1.1.0", "1.2.0", "1.9.0", "1.10.0", "2.0.0"];

fn platform() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(".*"),
        Just("[45]"),
        Just("3\\.10"),
        Just("(5|6)\\."),
        Just("4|5"),
        Just("6\\.0\\.0$"),
        Just("*"),
        Just("99"),
    ]
}

/// A release like those that feeds are full of.
fn release() -> impl Strategy<Value = (usize, Entry)> {
    let php = proptest::option::of(prop_oneof![Just("7.4"), Just("8.2.0"), Just("8.3")]);
    let databases = proptest::option::of(prop_oneof![
        Just(r#"mysql="5.7" mariadb="10.4""#),
        Just(r#"mariadb="11.0""#),
        Just(r#"postgresql="12.0""#)
    ]);
    let tag = proptest::option::of(prop::sample::select(&STABILITIES[..]));
    (0..VERSIONS.len(), platform(), php, databases, tag).prop_map(
        |(version, platform, php, databases, tag)| {
            let mut release = entry(VERSIONS[version]).platform(platform);
            if let Some(php) = php {
                release = release.with("php_minimum", php);
            }
            if let Some(databases) = databases {
                release = release.xml("supported_databases", &format!("<supported_databases {databases}/>"));
            }
            if let Some((tag, _)) = tag {
                release = release.with("tag", tag);
            }
            (version, release)
        },
    )
}

/// Releases of different versions.
fn releases() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(release(), 0..8).prop_map(|mut releases| {
        let mut seen = [false; VERSIONS.len()];
        releases.retain(|(version, _)| !std::mem::replace(&mut seen[*version], true));
        releases.into_iter().map(|(_, release)| release).collect()
    })
}

fn any_site() -> impl Strategy<Value = Profile> {
    let joomla =
        prop_oneof![prop::sample::select(&ALL[..]), Just("5.4.2"), Just("6.1.0-rc1"), Just("50.1.0")];
    let php_version = prop_oneof![Just("7.4.33"), Just("8.2.10"), Just("8.3"), Just("8.1.2-1ubuntu2")];
    let server = prop_oneof![Just("mysql:8.0.36"), Just("mariadb:10.11"), Just("postgresql:16.2")];
    let installed = prop::sample::select(&VERSIONS[..]);
    (joomla, php_version, server, installed, prop::sample::select(&STABILITIES[..])).prop_map(
        |(joomla, php_version, server, installed, (_, minimum_stability))| Profile {
            php: php(php_version),
            database: database(server),
            minimum_stability,
            ..with_version(joomla, installed)
        },
    )
}

fn feed_of(entries: &[Entry]) -> String {
    updates(&entries.iter().map(Entry::to_string).collect::<String>())
}

/// What the administrator sees and gets, whichever number the entry has.
fn seen(decision: &Decision) -> (Option<String>, Option<String>) {
    let install = decision.install.as_ref();
    (offered(decision).map(str::to_owned), install.and_then(|install| install.version.clone()))
}

proptest! {
    #[test]
    fn the_order_of_entries_does_not_matter(
        (entries, shuffled) in releases().prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle())),
        site in any_site(),
    ) {
        prop_assert_eq!(seen(&decide(feed_of(&entries), &site)), seen(&decide(feed_of(&shuffled), &site)));
    }

    #[test]
    fn of_equal_versions_the_first_that_fits_wins(mut entries in releases(), at in any::<prop::sample::Index>(), site in any_site()) {
        prop_assume!(!entries.is_empty());
        let before = decide(feed_of(&entries), &site);
        let twin = at.get(&entries).clone().package("https://example.org/twin.zip");
        entries.push(twin);
        let after = decide(feed_of(&entries), &site);
        prop_assert_eq!(after.outcome, before.outcome);
        prop_assert_eq!(after.install.and_then(|i| i.download), before.install.and_then(|i| i.download));
    }

    #[test]
    fn an_entry_that_fits_nobody_changes_nothing(entries in releases(), at in any::<prop::sample::Index>(), site in any_site()) {
        let before = decide(feed_of(&entries), &site);
        for misfit in [entry("9.0.0").platform("99"), entry("9.0.0").platform("*"), entry("9.0.0").without("targetplatform")] {
            let mut more = entries.clone();
            more.insert(at.index(entries.len() + 1), misfit);
            let after = decide(feed_of(&more), &site);
            prop_assert_eq!(seen(&after), seen(&before));
            prop_assert_eq!(after.messages, before.messages.clone());
        }
    }

    #[test]
    fn another_entry_never_lowers_what_is_offered(entries in releases(), more in release(), site in any_site()) {
        let before = decide(feed_of(&entries), &site);
        let with_more: Vec<Entry> = entries.into_iter().chain([more.1]).collect();
        let after = decide(feed_of(&with_more), &site);
        if let Some(before) = offered(&before) {
            let after = offered(&after).expect("something was offered before");
            prop_assert!(php_version_compare(after, before).is_ge(), "{} before, {} after", before, after);
        }
    }

    #[test]
    fn what_is_offered_is_newer_than_what_is_installed_and_fits(entries in releases(), site in any_site()) {
        let decision = decide(feed_of(&entries), &site);
        let installed = site.installed.as_ref().and_then(|installed| installed.version.as_deref()).unwrap();
        let fitting: Vec<&str> = decision
            .entries
            .iter()
            .filter(|entry| entry.reasons.is_empty())
            .filter_map(|entry| entry.version.as_deref())
            .collect();
        let newest = fitting.iter().copied().max_by(|one, other| php_version_compare(one, other));
        let update = newest.filter(|newest| php_version_compare(newest, installed).is_gt());
        prop_assert_eq!(offered(&decision), update);
    }

    /// Except on Joomla 3, where `<supported_databases>` hides an entry from the check alone; we never write that.
    #[test]
    fn check_and_installation_agree(entries in releases(), site in any_site()) {
        prop_assume!(site.joomla.line().finds_databases || !feed_of(&entries).contains("supported_databases"));
        let decision = decide(feed_of(&entries), &site);
        if let Outcome::Offered { version, entry } = &decision.outcome {
            let install = decision.install.as_ref().expect("it is offered");
            prop_assert_eq!(&install.outcome, &InstallOutcome::Downloads);
            prop_assert_eq!(install.version.as_ref(), Some(version));
            prop_assert!(install.entries[entry - 1].is_newest);
        }
    }

    #[test]
    fn blanks_and_comments_between_elements_change_nothing(entries in releases(), site in any_site()) {
        let feed = feed_of(&entries);
        let before = decide(&feed, &site);
        for between in [">\n\t<", "><!-- <version>9.0.0</version> --><", "><?skip version=\"9.0.0\"?>  <"] {
            let after = decide(feed.replace("><", between), &site);
            prop_assert_eq!(seen(&after), seen(&before));
            prop_assert_eq!(after.messages, before.messages.clone());
        }
    }

    #[test]
    fn a_lower_minimum_stability_is_offered_the_same_or_a_newer_version(entries in releases(), site in any_site()) {
        let feed = Feed::read(feed_of(&entries).as_bytes(), ADDRESS);
        let mut last: Option<String> = None;
        for (_, minimum_stability) in STABILITIES.into_iter().rev() {
            let decision = feed.decide(&Profile { minimum_stability, ..site.clone() });
            let now = offered(&decision).map(str::to_owned);
            if let Some(last) = &last {
                let now = now.as_deref().expect("something was offered to sites that want more");
                prop_assert!(php_version_compare(now, last).is_ge(), "{} before, {} after", last, now);
            }
            last = now;
        }
    }

    #[test]
    fn a_newer_php_is_never_offered_less(entries in releases(), site in any_site()) {
        let feed = feed_of(&entries);
        let [old, new] = ["8.1.0", "8.4.0"].map(|version| decide(&feed, &Profile { php: php(version), ..site.clone() }));
        if let Some(old) = offered(&old) {
            let new = offered(&new).expect("something was offered to an older PHP");
            prop_assert!(php_version_compare(new, old).is_ge(), "{} before, {} after", old, new);
        }
    }

    #[test]
    fn the_same_feed_and_site_give_the_same_decision(entries in releases(), site in any_site()) {
        let feed = Feed::read(feed_of(&entries).as_bytes(), ADDRESS);
        let first = feed.decide(&site);
        // Other sites in between leave nothing behind.
        let _ = feed.decide(&with_stability("3.10.12", Stability::Dev));
        prop_assert_eq!(first, feed.decide(&site));
    }

    #[test]
    fn any_bytes_come_to_a_decision_soon(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        assert_comes_to_an_end(&bytes);
    }

    #[test]
    fn a_feed_with_any_damage_comes_to_a_decision_soon(
        entries in releases(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..5),
    ) {
        let mut bytes = feed_of(&entries).into_bytes();
        for (at, how, with) in edits {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = with,
                1 => bytes.insert(at, with),
                2 => bytes.truncate(at + 1),
                _ => bytes[at] = b"<>&;/\"!]"[usize::from(with % 8)],
            }
        }
        assert_comes_to_an_end(&bytes);
    }
}

/// All that the model can be asked, within a time that no input of this size needs.
fn assert_comes_to_an_end(bytes: &[u8]) {
    let began = Instant::now();
    for joomla in ALL {
        decide(bytes, &site(joomla));
        collect(bytes, &site(joomla));
    }
    let feed = Feed::read(bytes, ADDRESS);
    let _ = (feed.changes("1.1.0"), feed.demands(), feed.likely_installed(), feed.collected(), feed.kind());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
