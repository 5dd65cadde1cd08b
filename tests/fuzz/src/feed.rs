//! Feeds: whatever their bytes are, the model of Joomla's updater comes to a decision, and does not contradict itself.

use std::sync::LazyLock;

use bandari_catalog::v1::{Client, ExtensionType};
use bandari_catalog::version::{Stability, php_version_compare};
use bandari_generator::updater::{
    Database, Decision, DownloadKey, Feed, InstallOutcome, Installed, JoomlaVersion, KEY, Outcome,
    PhpVersion, Profile, Unread,
};

/// Where the feeds lie.
const ADDRESS: &str = "https://updates.example.org/tides.xml";

/// Sites of each line of Joomla, with all that they can differ in.
static SITES: LazyLock<[Profile; 4]> = LazyLock::new(|| {
    let module = || installed(ExtensionType::Module, "mod_tides", "", Client::Site);
    let plugin = installed(ExtensionType::Plugin, "moon", "content", Client::Site);
    let component = installed(ExtensionType::Component, "com_lighthouse", "", Client::Administrator);
    let with_archive = DownloadKey { suffix: "&x=.zip".to_owned(), ..DownloadKey::default() };
    [
        site("3.10.12", "7.4.33", "mysql:5.7.44", Stability::Stable, module(), None),
        site("4.4.3", "8.1", "mariadb:10.6", Stability::Beta, plugin, Some(DownloadKey::default())),
        site("5.3.4", "8.2.10", "mariadb:10.11.19-MariaDB", Stability::Dev, module(), Some(with_archive)),
        site("6.0.0", "8.3.0", "postgresql:16.2", Stability::Stable, component, None),
    ]
});

fn installed(kind: ExtensionType, element: &str, folder: &str, client: Client) -> Installed {
    let version = Some("1.0.0".to_owned());
    Installed { kind, element: element.to_owned(), folder: folder.to_owned(), client, version }
}

fn site(
    joomla: &str,
    php: &str,
    database: &str,
    minimum_stability: Stability,
    installed: Installed,
    key: Option<DownloadKey>,
) -> Profile {
    Profile {
        joomla: JoomlaVersion::parse(joomla).expect("it is one"),
        php: PhpVersion::parse(php).expect("it is one"),
        database: Database::parse(database).expect("it is one"),
        minimum_stability,
        installed: Some(installed),
        key,
    }
}

/// Asks what sites make of an input as a feed, a collection and a changelog.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let feed = Feed::read(input, ADDRESS);
    for site in SITES.iter() {
        let decision = feed.decide(site);
        check(&decision, site);
        assert_eq!(decision.install.is_some(), matches!(decision.outcome, Outcome::Offered { .. }));
        install(&decision, site);
        // What one site leaves in the memory of expressions is no other's.
        assert_eq!(decision, Feed::read(input, ADDRESS).decide(site), "{}", site.joomla);

        let collected = feed.decide_as_collection(site);
        check(&collected, site);
        assert!(collected.install.is_none());
    }
    let _ = (feed.kind(), feed.demands(), feed.collected(), feed.row_addresses(), feed.row_extensions());
    let _ = feed.texts(&["NAME", "VERSION", "SHA256"]);
    assert!(feed.cut_items().iter().all(|item| item.pieces.len() > 1));
    condense(&feed);
    if let Some(likely) = feed.likely_installed() {
        assert!(likely.version.is_none() && !likely.element.is_empty());
    }
    let changes = feed.changes("1.1.0");
    assert!(changes.sections.iter().all(|(_, items)| !items.is_empty()), "{changes:?}");
    assert!(changes.aborted.is_none() || changes.sections.is_empty(), "{changes:?}");
}

/// Without the entries that no site is ever offered, every site is offered the same.
fn condense(feed: &Feed) {
    let condensed = feed.condensed();
    let version = |decision: Decision| match decision.outcome {
        Outcome::Offered { version, .. } => Some(version),
        _ => None,
    };
    for site in SITES.iter() {
        assert_eq!(version(feed.decide(site)), version(condensed.decide(site)), "{}", site.joomla);
    }
}

/// What holds for each decision.
fn check(decision: &Decision, site: &Profile) {
    let numbers: Vec<usize> = decision.entries.iter().map(|entry| entry.number).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len()), "{numbers:?}");
    assert!(decision.entries.is_sorted_by_key(|entry| entry.line), "{:?}", decision.entries);
    assert!(decision.entries.iter().filter(|entry| entry.is_newest).count() <= 1);
    match &decision.outcome {
        Outcome::Offered { version, entry } => {
            let entry = &decision.entries[entry - 1];
            assert!(entry.is_newest);
            let written = entry.version.as_deref().unwrap_or_default();
            let installed = site.installed.as_ref().and_then(|installed| installed.version.as_deref());
            assert!(
                installed.is_none_or(|installed| php_version_compare(written, installed).is_gt()),
                "{written}"
            );
            // Joomla 3 has MySQL cut what is too long.
            assert!(written.starts_with(version), "{version} of {written}");
        }
        Outcome::Unreadable => {
            assert!(matches!(decision.unread, Some(Unread::Malformed { .. })), "{:?}", decision.unread);
            assert!(!decision.messages.is_empty());
        }
        Outcome::Aborted(aborted) => assert!(!aborted.error.is_empty()),
        _ => {}
    }
}

/// What holds for each installation.
fn install(decision: &Decision, site: &Profile) {
    let Some(install) = &decision.install else { return };
    let Some(download) = &install.download else { return };
    assert!(install.version.is_some());
    assert!(!install.messages.is_empty());
    assert!(site.key.is_none() || download.address.contains(KEY), "{}", download.address);
    assert_eq!(download.saved_as.can_be_unpacked, download.saved_as.message.is_none());
    if install.outcome == InstallOutcome::Downloads {
        let scheme = download.request.get(..4).unwrap_or_default();
        assert!(scheme.eq_ignore_ascii_case("http"), "{}", download.request);
        assert!(!download.request.contains([' ', '#', '\n']), "{}", download.request);
    }
}
