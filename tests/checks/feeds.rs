//! Feeds, update servers and changelogs.

use super::*;

/// A site whose module has these update servers.
fn with_servers(servers: &str) -> Site {
    with_body(&format!("<updateservers>{servers}</updateservers>"))
}

fn with_server(kind: &str, name: &str, address: &str) -> Site {
    with_servers(&format!("<server type='{kind}' name='{name}'>{address}</server>"))
}

const FEED: &str = "https://updates.example.org/tides/updates.xml";

/// A site with this changelog; the manifest names the address where it will be.
fn with_changelog(text: impl AsRef<[u8]>) -> Site {
    with_body(&[SERVER, CHANGELOG_URL].concat()).with(CHANGELOG, text)
}

const ENTRY: &str = "## 1.0.0 - 2026-11-02\n\n### Fixed\n\n- Ebb and flow\n";

/// The same with a line before or behind the entry of the only version.
fn with_entry_and(more: &str) -> Site {
    with_changelog(format!("{ENTRY}{more}"))
}

fn on_plain_http() -> Site {
    let server = SERVER.replace("https:", "http:");
    with_body(&server).config(&CONFIG.replace("https://updates", "http://updates"))
}

/// Two products below one changelog. In the root of the packages an extension's element is its product's id.
fn with_shared_changelog() -> Site {
    let package = |name: &str| {
        let server = SERVER.replace("tides", "mod_tides");
        let text = manifest(MODULE, "Water", "1.0.0", &[FILES, &server].concat());
        Zip::new().file(&format!("mod_{name}.xml"), text.replace("tides", name)).bytes()
    };
    Site::new(programs().bandari)
        .with("product.toml", PRODUCT)
        .with("CHANGELOG.md", ENTRY)
        .with("mod_tides-1.0.0.zip", package("tides"))
        .with("mod_waves-1.0.0.zip", package("waves"))
}

pub(super) fn seeds() -> Vec<Seed> {
    let shared = "https://updates.example.org/waves/updates.xml";
    let with_waves = |site: Site| {
        site.with("waves/product.toml", PRODUCT).with("waves/mod_waves-1.0.0.zip", extension("waves"))
    };
    let other_changelog = "<changelogurl>https://www.example.org/changes.xml</changelogurl>";
    let key = manifest(MODULE, "MOD_TIDES", "1.0.0", &[FILES, SERVER].concat());
    let markup = manifest(MODULE, "Ebb &lt;i&gt;and&lt;/i&gt; flow", "1.0.0", &[FILES, SERVER].concat());
    vec![
        seed("BND401", MANIFEST, with_body("")),
        seed(
            "BND402",
            MANIFEST,
            with_server("extension", "Tides", "http://updates.example.org/tides/updates.xml"),
        ),
        seed("BND403", MANIFEST, with_server("extension", "Tides", "https://updates.example.org/tides/")),
        seed("BND404", MANIFEST, with_server("tuf", "Tides", FEED)),
        Seed {
            others: &[("BND413", MANIFEST)],
            ..seed(
                "BND405",
                MANIFEST,
                with_servers(
                    "<server type='extension' name='Tides'>https://updates.example.org/tides/updates.xml</server>\
                     <server type='collection' name='All'>https://updates.example.org/collection.xml</server>",
                ),
            )
        },
        seed("BND406", MANIFEST, with_server("extension", &"n".repeat(101), FEED)),
        seed("BND407", MANIFEST, with_waves(with_server("extension", "Waves", shared))),
        seed("BND408", "bandari.toml", on_plain_http()),
        seed("BND409", MANIFEST, with_body(&[SERVER, other_changelog].concat()).with(CHANGELOG, ENTRY)),
        seed("BND410", MANIFEST, sound().with(CHANGELOG, ENTRY)),
        seed("BND411", MANIFEST, tides(with_manifest(key))),
        seed("BND412", MANIFEST, tides(with_manifest(markup))),
        seed(
            "BND413",
            MANIFEST,
            with_server("collection", "All", "https://updates.example.org/collection.xml"),
        ),
        seed("BND701", CHANGELOG, sound().with(CHANGELOG, b"## 1.0.0\n\n- \xff\n")),
        seed("BND702", "tides/Changelog.md", sound().with("tides/Changelog.md", ENTRY)),
        seed("BND703", "CHANGELOG.md", with_shared_changelog()),
        seed("BND704", CHANGELOG, with_entry_and("\n## Some day\n\n- Currents\n")),
        seed("BND705", CHANGELOG, with_entry_and("\n## 1.0.0\n\n- Currents\n")),
        seed("BND706", CHANGELOG, with_entry_and("\n## 0.9.0 - 2026-02-30\n\n- Currents\n")),
        seed("BND707", CHANGELOG, with_entry_and("\n### Currents\n\n- Gulf Stream\n")),
        seed("BND708", CHANGELOG, with_entry_and("- A bell \u{7}\n")),
        seed("BND709", PACKAGE, with_changelog(ENTRY.replace("11-02", "11-02 [YANKED]"))),
        seed("BND711", CHANGELOG, sound().with(CHANGELOG, ENTRY.replace("1.0.0", "0.9.0"))),
    ]
}
