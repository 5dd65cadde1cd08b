//! Whole builds of sound packages: what is published where, what a second build does, and what a build must not do.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use bandari_catalog::v1::Package;
use bandari_tests::feed::{Entry, entries};
use bandari_tests::site::{CONFIG, Run, Site};
use bandari_tests::zips::{Zip, component, module, module_manifest, package, plugin};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::programs;

fn site() -> Site {
    Site::new(programs().bandari)
}

/// A free module of two versions, a licensed plug-in, and a handbook that is no extension.
fn harbor() -> Site {
    site()
        .with("tides/product.toml", "joomla = '>=4.4, <7'\nphp = '8.1'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"))
        .with("beacon/product.toml", "group = 'lights'\njoomla = '>=5'")
        .with("beacon/plg_beacon-2.0.0.zip", plugin("system", "beacon", "2.0.0"))
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.txt'\nname = 'Handbook'")
        .with("handbook/handbook-1.0.txt", "How to moor\n")
}

/// One free module.
fn tides() -> Site {
    site()
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
}

const TIDES_ZIP: &str = "output/public/files/tides/mod_tides-1.0.0.zip";

/// A build without a problem and without a warning.
#[track_caller]
fn build(site: &Site) -> String {
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run.stdout
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The entries of a product's feed, without the elements that only hold others.
fn feed(site: &Site, product: &str) -> Vec<Entry> {
    let mut entries = entries(&site.text(&format!("output/public/{product}/updates.xml")));
    for entry in &mut entries {
        entry.retain(|name, _| !["tags", "downloads"].contains(&name.as_str()));
    }
    entries
}

// The same input, the same output

#[test]
fn two_builds_in_two_folders_are_the_same_byte_for_byte() {
    let (one, other) = (harbor(), harbor());
    other.set_modified("packages/tides/mod_tides-1.0.0.zip", SystemTime::UNIX_EPOCH);
    build(&one);
    build(&other);
    let tree = one.tree("output");
    assert_eq!(tree, other.tree("output"));
    assert_eq!(
        tree.keys().collect::<Vec<_>>(),
        [
            ".bandari-history.json",
            ".bandari.lock",
            "protected/beacon/plg_beacon-2.0.0.zip",
            "public/assets/style.css",
            "public/beacon/SHA256SUMS",
            "public/beacon/index.html",
            "public/beacon/updates.xml",
            "public/catalog.json",
            "public/collection.xml",
            "public/files/handbook/handbook-1.0.txt",
            "public/files/tides/mod_tides-1.0.0.zip",
            "public/files/tides/mod_tides-1.1.0.zip",
            "public/handbook/SHA256SUMS",
            "public/handbook/index.html",
            "public/index.html",
            "public/tides/SHA256SUMS",
            "public/tides/index.html",
            "public/tides/updates.xml",
        ]
    );
}

#[test]
fn a_second_build_touches_no_file() {
    let site = harbor();
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 16 written, 0 unchanged, 0 removed\n");
    let before = site.stamps("output");
    assert_eq!(build(&site), "3 products with 4 packages in `output`: 0 written, 16 unchanged, 0 removed\n");
    assert_eq!(site.stamps("output"), before);
}

// What is published where

#[test]
fn no_byte_of_a_licensed_package_is_in_the_public_folder() {
    let site = harbor();
    build(&site);
    let licensed = site.tree("packages")["beacon/plg_beacon-2.0.0.zip"].clone();
    assert_eq!(
        site.tree("output/protected"),
        [("beacon/plg_beacon-2.0.0.zip".into(), licensed.clone())].into()
    );
    let public: Vec<String> = site.tree("output/public").values().map(|bytes| sha256(bytes)).collect();
    assert!(!public.contains(&sha256(&licensed)));
    assert!(public.contains(&sha256(&module("mod_tides", "1.0.0"))), "the test looks where packages are");
}

#[test]
fn a_package_that_becomes_licensed_leaves_the_public_folder() {
    let site = tides();
    build(&site);
    let site = site.with("tides/product.toml", "joomla = '>=5'\ngroup = 'harbor'");
    build(&site);
    assert_eq!(site.tree("output/public/files"), [].into());
    assert_eq!(site.tree("output/protected").into_keys().collect::<Vec<_>>(), ["tides/mod_tides-1.0.0.zip"]);
}

#[test]
fn a_published_package_may_be_read_by_the_web_server() {
    let site = tides();
    site.permit("packages/tides/mod_tides-1.0.0.zip", 0o600);
    build(&site);
    assert_eq!(fs::metadata(site.path(TIDES_ZIP)).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_published_package_has_the_time_of_its_source() {
    let site = tides();
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    build(&site);
    assert_eq!(fs::metadata(site.path(TIDES_ZIP)).unwrap().modified().unwrap(), time);
}

#[test]
fn the_sums_of_a_product_are_those_of_its_files() {
    let site = harbor();
    build(&site);
    let expected: String = ["1.1.0", "1.0.0"]
        .map(|version| format!("{}  mod_tides-{version}.zip\n", sha256(&module("mod_tides", version))))
        .concat();
    assert_eq!(site.text("output/public/tides/SHA256SUMS"), expected);
}

#[test]
fn the_catalog_reads_back_and_names_files_that_are_there() {
    let site = harbor();
    build(&site);
    let catalog = bandari_catalog::read(&fs::read(site.path("output/public/catalog.json")).unwrap()).unwrap();
    let mut seen = Vec::new();
    for product in &catalog.products {
        let folder = if product.group.is_some() { "protected" } else { "public/files" };
        for Package { id, file, size_bytes, digests, .. } in &product.packages {
            let bytes = fs::read(site.path(&format!("output/{folder}/{}/{file}", product.id))).unwrap();
            assert_eq!(
                (*size_bytes, digests.sha256.to_string()),
                (bytes.len() as u64, sha256(&bytes)),
                "{id}"
            );
            seen.push(id.as_str());
        }
    }
    assert_eq!(seen, ["beacon-2.0.0", "handbook-1.0", "tides-1.1.0", "tides-1.0.0"]);
}

// Feeds

#[test]
fn the_feed_of_a_module_is_what_joomla_reads_and_nothing_more() {
    let site = tides();
    build(&site);
    let sha256 = sha256(&fs::read(site.path(TIDES_ZIP)).unwrap());
    let expected = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update>
    <name>mod_tides</name>
    <description>mod_tides</description>
    <element>mod_tides</element>
    <type>module</type>
    <client>site</client>
    <version>1.0.0</version>
    <infourl>https://updates.example.org/tides/</infourl>
    <targetplatform name="joomla" version="(([5-9]|[1-9][0-9]+))([^0-9]|$)"/>
    <tags>
      <tag>stable</tag>
    </tags>
    <downloads>
      <downloadurl type="full" format="zip">https://updates.example.org/files/tides/mod_tides-1.0.0.zip</downloadurl>
    </downloads>
    <sha256>{sha256}</sha256>
    <maintainer>Harbor Works</maintainer>
  </update>
</updates>
"#
    );
    assert_eq!(site.text("output/public/tides/updates.xml"), expected);
}

#[test]
fn the_feed_of_a_licensed_plugin_has_its_folder_and_leads_to_the_validator() {
    let site = site()
        .with(
            "product.toml",
            "id = 'light'\ngroup = 'lights'\njoomla = '5.3'\nphp = '8.1'\nmaintainer = 'The Keeper'",
        )
        .with("plg_beacon-2.0.0.zip", plugin("system", "reBeacon", "2.0.0"));
    build(&site);
    let expected = [
        ("name", "reBeacon"),
        ("description", "reBeacon"),
        ("element", "reBeacon"),
        ("type", "plugin"),
        ("folder", "system"),
        ("client", "site"),
        ("version", "2.0.0"),
        ("infourl", "https://updates.example.org/light/"),
        ("targetplatform@name", "joomla"),
        ("targetplatform@version", r"(5\.3)([^0-9]|$)"),
        ("php_minimum", "8.1"),
        ("tag", "stable"),
        ("downloadurl", "https://get.example.org/download/light-2.0.0/plg_beacon-2.0.0.zip"),
        ("downloadurl@type", "full"),
        ("downloadurl@format", "zip"),
        ("sha256", &sha256(&fs::read(site.path("output/protected/light/plg_beacon-2.0.0.zip")).unwrap())),
        ("maintainer", "The Keeper"),
    ];
    let expected: Entry = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(feed(&site, "light"), [expected]);
}

#[test]
fn a_component_and_a_package_have_the_element_and_the_client_of_their_kind() {
    let site = site()
        .with("product.toml", "joomla = '>=5'")
        .with("all/com_harbor.zip", component("harbor", "3.0.0"))
        .with("all/pkg_fleet.zip", package("fleet", "4.0.0"));
    build(&site);
    let kind = |product: &str| {
        let [entry] = &feed(&site, product)[..] else { panic!("one entry for {product}") };
        ["element", "type", "client", "folder"].map(|name| entry.get(name).cloned().unwrap_or_default())
    };
    assert_eq!(kind("com_harbor"), ["com_harbor", "component", "administrator", ""]);
    assert_eq!(kind("pkg_fleet"), ["pkg_fleet", "package", "site", ""]);
}

#[test]
fn the_newest_release_comes_first_in_joomlas_order() {
    let site = ["1.9.0", "1.10.0", "1.10.0-rc1", "2.0.0-beta1"].into_iter().fold(tides(), |site, version| {
        site.with(&format!("tides/{version}.zip"), module("mod_tides", version))
    });
    build(&site);
    let feed = feed(&site, "tides");
    let told: Vec<(&str, &str)> = feed.iter().map(|entry| (&*entry["version"], &*entry["tag"])).collect();
    let expected = [
        ("2.0.0-beta1", "beta"),
        ("1.10.0", "stable"),
        ("1.10.0-rc1", "rc"),
        ("1.9.0", "stable"),
        ("1.0.0", "stable"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn all_digests_that_are_asked_for_are_those_of_the_file() {
    let site = tides().config(&format!("{CONFIG}digests = ['sha256', 'sha384', 'sha512']\n"));
    build(&site);
    let bytes = fs::read(site.path(TIDES_ZIP)).unwrap();
    let entry = &feed(&site, "tides")[0];
    assert_eq!(entry["sha256"], sha256(&bytes));
    assert_eq!(entry["sha384"], HEXLOWER.encode(&Sha384::digest(&bytes)));
    assert_eq!(entry["sha512"], HEXLOWER.encode(&Sha512::digest(&bytes)));
}

#[test]
fn databases_are_never_told_to_joomla_3_which_would_hide_the_update() {
    let site = tides().with(
        "tides/product.toml",
        "joomla = '>=3.10, <6'\ndatabases = { mysql = '8.0', postgresql = '12' }",
    );
    build(&site);
    let feed = feed(&site, "tides");
    let databases = |entry: &Entry| {
        ["mysql", "mariadb", "postgresql"]
            .map(|name| entry.get(&format!("supported_databases@{name}")).cloned().unwrap_or_default())
    };
    let told: Vec<_> =
        feed.iter().map(|entry| (&*entry["targetplatform@version"], databases(entry))).collect();
    let (newer, older) = ("([4-5])([^0-9]|$)", r"(3\.([1-9][0-9]|[1-9][0-9][0-9]+))([^0-9]|$)");
    assert_eq!(told, [(newer, ["8.0", "", "12"].map(String::from)), (older, ["", "", ""].map(String::from))]);
}

#[test]
fn no_value_of_a_feed_has_blanks_around_it() {
    let site =
        harbor().with("tides/product.toml", "summary = \"\"\"\n  High and low.\n\"\"\"\njoomla = ' >=4.4 '");
    build(&site);
    for product in ["tides", "beacon"] {
        for (name, value) in feed(&site, product).iter().flatten() {
            assert_eq!(value, value.trim(), "{name}");
            assert_ne!(value, "", "{name}");
        }
    }
    assert_eq!(feed(&site, "tides")[0]["description"], "High and low.");
}

#[test]
fn the_collection_has_the_newest_stable_release_for_each_range_of_joomla() {
    let site = tides()
        .with("tides/product.toml", "joomla = '>=5'\n[[releases]]\nversions = '<1'\njoomla = '4.4'")
        .with("tides/0.8.zip", module("mod_tides", "0.8"))
        .with("tides/0.9.zip", module("mod_tides", "0.9"))
        .with("tides/2.0.0-beta1.zip", module("mod_tides", "2.0.0-beta1"));
    build(&site);
    let row = |version: &str, regex: &str| {
        format!(
            "  <extension name='mod_tides' element='mod_tides' type='module' client='site' version='{version}' \
             description='mod_tides' infourl='https://updates.example.org/tides/' \
             detailsurl='https://updates.example.org/tides/updates.xml' \
             targetplatform='joomla' targetplatformversion='{regex}'/>"
        )
        .replace('\'', "\"")
    };
    let expected = [
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        "<extensionset>",
        &row("1.0.0", "(([5-9]|[1-9][0-9]+))([^0-9]|$)"),
        &row("0.9", r"(4\.4)([^0-9]|$)"),
        "</extensionset>",
        "",
    ];
    assert_eq!(site.text("output/public/collection.xml"), expected.join("\n"));
}

#[test]
fn text_is_escaped_for_each_place_where_it_is_shown() {
    let site = tides().with("tides/product.toml", "joomla = '>=5'\nsummary = '<script>&\"'");
    build(&site);
    // Joomla prints a description as HTML, so it is escaped once for HTML and once more for XML.
    let feed = site.text("output/public/tides/updates.xml");
    assert!(feed.contains("<description>&amp;lt;script&amp;gt;&amp;amp;&amp;quot;</description>"), "{feed}");
    for page in ["output/public/tides/index.html", "output/public/index.html"] {
        let page = site.text(page);
        assert!(page.contains("<p>&lt;script&gt;&amp;&quot;</p>"), "{page}");
        assert!(!page.contains("<script>"), "{page}");
    }
}

// Products

/// For the module of [`harbor`], whose first release was a mistake.
const WITHDRAWN: &str = "joomla = '>=4.4, <7'\n[[releases]]\nversions = '1.0.0'\nwithdrawn = true";

#[test]
fn a_withdrawn_release_stays_in_the_catalog_and_on_the_page_only() {
    let site = harbor().with("tides/product.toml", WITHDRAWN);
    build(&site);
    let versions: Vec<String> = feed(&site, "tides").iter().map(|entry| entry["version"].clone()).collect();
    assert_eq!(versions, ["1.1.0"]);
    assert!(!site.path(TIDES_ZIP).exists());
    assert!(!site.text("output/public/tides/SHA256SUMS").contains("1.0.0"));
    let catalog = bandari_catalog::read(site.text("output/public/catalog.json").as_bytes()).unwrap();
    let tides = catalog.products.iter().find(|product| product.id.as_str() == "tides").unwrap();
    let withdrawn: Vec<_> = tides.packages.iter().map(|p| (p.version.as_str(), p.withdrawn)).collect();
    assert_eq!(withdrawn, [("1.1.0", false), ("1.0.0", true)]);
    assert!(
        site.text("output/public/tides/index.html").contains("mod_tides-1.0.0.zip is no longer published.")
    );
}

#[test]
fn a_release_that_is_withdrawn_later_loses_its_file() {
    let site = harbor();
    build(&site);
    assert!(site.path(TIDES_ZIP).exists());
    let site = site.with("tides/product.toml", WITHDRAWN);
    build(&site);
    assert!(!site.path(TIDES_ZIP).exists());
}

#[test]
fn a_withdrawn_release_cannot_come_back_with_other_bytes() {
    let site = harbor();
    build(&site);
    let site = site.with("tides/product.toml", WITHDRAWN);
    build(&site);
    let site = site.with("tides/product.toml", "joomla = '>=4.4, <7'").with(
        "tides/mod_tides-1.0.0.zip",
        Zip::new()
            .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
            .file("new.php", "<?php")
            .bytes(),
    );
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("1 published file would change under the same name"), "{}", run.stderr);
    assert!(!site.path(TIDES_ZIP).exists());
}

#[test]
fn a_file_that_a_killed_build_did_not_remove_goes_with_the_next() {
    let site = harbor();
    build(&site);
    let history = site.text("output/.bandari-history.json");
    let licensed = site.with("tides/product.toml", "group = 'tides'\njoomla = '>=4.4, <7'");
    build(&licensed);
    // As if that build had ended between its catalog and its removals.
    licensed.put("output/.bandari-history.json", history);
    licensed.put(TIDES_ZIP, module("mod_tides", "1.0.0"));
    build(&licensed);
    assert!(!licensed.path(TIDES_ZIP).exists(), "a licensed package is still public");
}

#[test]
fn bytes_that_a_killed_build_published_keep_their_name() {
    let site = harbor();
    build(&site);
    let catalog = site.text("output/public/catalog.json");
    let site = site.with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"));
    build(&site);
    // As if that build had ended between its feeds and its catalog.
    site.put("output/public/catalog.json", catalog);
    let other =
        Zip::new().file("mod_tides.xml", module_manifest("mod_tides", "1.2.0")).file("new.php", "<?php");
    let site = site.with("tides/mod_tides-1.2.0.zip", other.bytes());
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("public/files/tides/mod_tides-1.2.0.zip"), "{}", run.stderr);
}

#[test]
fn forced_bytes_of_the_same_size_and_time_are_published() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let zip = |byte: u8| {
        Zip::new().file("mod_tides.xml", module_manifest("mod_tides", "1.0.0")).file("a.php", [byte])
    };
    let site = tides().with("tides/mod_tides-1.0.0.zip", zip(b'a').bytes());
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", zip(b'b').bytes());
    site.set_modified("packages/tides/mod_tides-1.0.0.zip", time);
    assert_eq!(site.build(&["--force"]).code, 0);
    let published = fs::read(site.path(TIDES_ZIP)).unwrap();
    assert_eq!(sha256(&published), feed(&site, "tides")[0]["sha256"]);
}

#[test]
fn a_feed_keeps_its_address_whatever_becomes_of_folders() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_eq!(site.build(&[]).code, 0);
    fs::remove_file(site.path("packages/mod_tides-1.0.0.zip")).unwrap();
    let site = site
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let run = site.build(&[]);
    assert_eq!(
        (run.code, &*run.stderr),
        (
            1,
            "error: 1 published feed would move: `mod_tides` to `tides`. Sites that installed it ask at the old address. \
             Give it its `id` back in `product.toml`, or use `--force`\n"
        )
    );
    assert!(site.path("output/public/mod_tides/updates.xml").exists());
    assert_eq!(site.build(&["--force"]).code, 0);
}

#[test]
fn published_files_have_the_permissions_that_the_builders_umask_gives() {
    let site = tides();
    site.permit("packages/tides/mod_tides-1.0.0.zip", 0o400);
    build(&site);
    let mode = |path: &str| fs::metadata(site.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(TIDES_ZIP), mode("output/public/tides/updates.xml"));
}

#[test]
fn a_version_with_a_plus_has_a_package_id_without() {
    let site = tides().with("tides/mod_tides-2.0.0.zip", module("mod_tides", "2.0.0+hotfix1"));
    build(&site);
    assert!(site.text("output/public/catalog.json").contains(r#""id": "tides-2.0.0_hotfix1""#));
}

#[test]
fn an_edge_address_that_the_validator_would_refuse_is_refused() {
    for address in ["https://CDN.example.org", "https://cdn.example.org:443", "https://cdn.example.org/a%20b"]
    {
        let config = CONFIG.replace("https://cdn.example.org", address);
        assert_misused(
            &tides().config(&config),
            &[],
            &format!(
                "configuration `bandari.toml`: found `protected_url = \"{address}\"`, expected an address in lower case, \
                 without a default port, with a path of `A-Za-z0-9._~-` only"
            ),
        );
    }
}

#[test]
fn a_zip_named_in_capitals_is_a_package_too() {
    let site =
        site().with("product.toml", "joomla = '>=5'").with("MOD_TIDES.ZIP", module("mod_tides", "1.0.0"));
    build(&site);
    assert!(site.path("output/public/files/mod_tides/MOD_TIDES.ZIP").exists());
}

#[test]
fn a_failed_build_prints_its_problems_as_json_where_that_is_asked_for() {
    let run = site().with("empty.zip", "").build(&["--json"]);
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let problem = json!({ "file": "empty.zip", "found": "0 bytes", "expected": "a package" });
    assert_eq!((run.code, &printed["problems"]), (1, &json!([problem])));
}

#[test]
fn a_product_that_is_no_extension_has_files_and_a_page_but_no_feed() {
    let site = site()
        .with(
            "handbook/product.toml",
            "kind = 'file'\npattern = 'handbook-{version}.txt'\nname = 'The Handbook'",
        )
        .with("handbook/handbook-1.0.txt", "How to moor\n")
        .with("handbook/handbook-2.0.txt", "How to moor and cast off\n")
        .with("handbook/CHANGELOG.md", "# Changelog\n");
    build(&site);
    let published: Vec<String> = site.tree("output/public/files").into_keys().collect();
    assert_eq!(published, ["handbook/handbook-1.0.txt", "handbook/handbook-2.0.txt"]);
    assert!(!site.path("output/public/handbook/updates.xml").exists());
    assert!(!site.text("output/public/collection.xml").contains("<extension "));
    assert!(site.text("output/public/handbook/index.html").contains("<h1>The Handbook</h1>"));
}

#[test]
fn the_nearest_product_file_speaks_for_a_package() {
    let site = site()
        .with("product.toml", "group = 'lights'\njoomla = '4.4'")
        .with("lights/plg_beacon-2.0.0.zip", plugin("system", "beacon", "2.0.0"))
        .with("tides/product.toml", "joomla = '5.3'")
        .with("tides/old/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    build(&site);
    assert_eq!(
        site.tree("output/public/files").into_keys().collect::<Vec<_>>(),
        ["tides/mod_tides-1.0.0.zip"]
    );
    assert_eq!(feed(&site, "tides")[0]["targetplatform@version"], r"(5\.3)([^0-9]|$)");
    assert_eq!(feed(&site, "beacon")[0]["targetplatform@version"], r"(4\.4)([^0-9]|$)");
}

#[test]
fn a_package_without_a_product_file_is_published_under_its_element_with_a_warning() {
    let site = site().with("somewhere/mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    let run = site.build(&[]);
    assert_eq!(
        run,
        Run {
            code: 0,
            stdout: "1 product with 1 package in `output`: 8 written, 0 unchanged, 0 removed\n".into(),
            stderr: "warning: product `mod_tides` has no `joomla` range in a `product.toml`: \
                     its feed offers it to every Joomla from 3.10 on\n"
                .into(),
        }
    );
    assert_eq!(
        feed(&site, "mod_tides")[0]["targetplatform@version"],
        r"(3\.([1-9][0-9]|[1-9][0-9][0-9]+)|([4-9]|[1-9][0-9]+))([^0-9]|$)"
    );
}

#[test]
fn hidden_files_and_folders_are_left_alone() {
    let site = tides().with(".git/mod_waves.zip", "").with("tides/.mod_waves.zip", "");
    assert_eq!(build(&site), "1 product with 1 package in `output`: 8 written, 0 unchanged, 0 removed\n");
}

// Over an earlier build

#[test]
fn other_bytes_under_a_published_name_are_refused_and_nothing_changes() {
    let site = tides();
    build(&site);
    let before = site.stamps("output");
    let site = site
        .with("tides/mod_tides-1.0.0.zip", changed_tides())
        .with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    let run = site.build(&[]);
    assert_eq!(
        run,
        Run {
            code: 1,
            stdout: String::new(),
            stderr: "error: 1 published file would change under the same name: nothing was written. \
                     Give the package a new version, or use `--force`: public/files/tides/mod_tides-1.0.0.zip\n"
                .into(),
        }
    );
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn other_bytes_under_a_published_name_are_taken_by_force() {
    let site = tides();
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", changed_tides());
    assert_eq!(site.build(&["--force"]).code, 0);
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), changed_tides());
    assert_eq!(feed(&site, "tides")[0]["sha256"], sha256(&changed_tides()));
}

/// The same module and version with other bytes.
fn changed_tides() -> Vec<u8> {
    Zip::new()
        .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
        .file("tmpl/default.php", "<?php // changed in secret")
        .bytes()
}

#[test]
fn a_removed_package_disappears_and_foreign_files_stay() {
    let site = harbor();
    build(&site);
    site.put("output/public/.well-known/security.txt", "Contact: harbor@example.org");
    site.put("output/public/CNAME", "updates.example.org");
    site.put("output/public/tides/screenshot.png", "PNG");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    assert_eq!(build(&site), "2 products with 2 packages in `output`: 6 written, 5 unchanged, 5 removed\n");
    let tree = site.tree("output");
    assert_eq!(
        tree.keys().collect::<Vec<_>>(),
        [
            ".bandari-history.json",
            ".bandari.lock",
            "public/.well-known/security.txt",
            "public/CNAME",
            "public/assets/style.css",
            "public/catalog.json",
            "public/collection.xml",
            "public/files/handbook/handbook-1.0.txt",
            "public/files/tides/mod_tides-1.1.0.zip",
            "public/handbook/SHA256SUMS",
            "public/handbook/index.html",
            "public/index.html",
            "public/tides/SHA256SUMS",
            "public/tides/index.html",
            "public/tides/screenshot.png",
            "public/tides/updates.xml",
        ]
    );
    assert_eq!(feed(&site, "tides").len(), 1);
    assert!(!site.path("output/public/beacon").exists(), "a folder with nothing in it goes too");
}

#[test]
fn an_emptied_package_folder_does_not_empty_the_site() {
    let site = tides();
    build(&site);
    let before = site.stamps("output");
    fs::remove_dir_all(site.path("packages/tides")).unwrap();
    let stderr = "error: no package in `packages`: nothing was written\n".to_owned();
    assert_eq!(site.build(&[]), Run { code: 1, stdout: String::new(), stderr });
    assert_eq!(site.stamps("output"), before);
}

#[test]
fn what_a_killed_build_left_behind_is_removed() {
    let site = tides();
    site.put("output/public/files/tides/.bandari-tmp-12345-mod_tides-1.0.0.zip", "half a zip");
    site.put("output/public/.bandari-tmp-12345-catalog.json", "{");
    site.put("output/public/tides/.notes", "not ours");
    assert_eq!(build(&site), "1 product with 1 package in `output`: 8 written, 0 unchanged, 2 removed\n");
    let hidden: Vec<String> = site.tree("output").into_keys().filter(|path| path.contains("/.")).collect();
    assert_eq!(hidden, ["public/tides/.notes"]);
}

#[test]
fn a_published_package_that_was_damaged_is_repaired() {
    let site = tides();
    build(&site);
    let whole = fs::read(site.path(TIDES_ZIP)).unwrap();
    let mut damaged = whole.clone();
    damaged[10] ^= 1;
    site.put(TIDES_ZIP, damaged);
    site.set_modified(TIDES_ZIP, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    assert_eq!(build(&site), "1 product with 1 package in `output`: 1 written, 7 unchanged, 0 removed\n");
    assert_eq!(fs::read(site.path(TIDES_ZIP)).unwrap(), whole);
}

#[test]
fn a_build_that_fails_half_way_names_no_file_that_is_not_there() {
    let site = harbor();
    // A folder where the last feed belongs: the build gets as far as that.
    fs::create_dir_all(site.path("output/public/tides/updates.xml")).unwrap();
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(
        run.stderr,
        "error: cannot write `output/public/tides/updates.xml`: Is a directory (os error 21)\n"
    );
    let tree = site.tree("output");
    assert!(tree.contains_key("public/beacon/updates.xml"), "the build got as far as the feeds");
    assert!(tree.contains_key("protected/beacon/plg_beacon-2.0.0.zip"));
    assert!(!tree.contains_key("public/catalog.json"), "the catalog comes last");
    assert!(!tree.keys().any(|path| path.contains(".bandari-tmp-")), "nothing half done is left");
}

#[test]
fn a_catalog_that_cannot_be_read_stops_the_build_unless_forced() {
    let site = tides();
    site.put("output/public/catalog.json", "{}");
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(
        run.stderr,
        "error: `output/public/catalog.json`: not a catalog: missing field `format` at line 1 column 2. \
         Put the file right, or use `--force` to replace it\n"
    );
    assert_eq!(site.build(&["--force"]).code, 0);
}

#[test]
fn a_build_beside_another_is_refused() {
    let site = tides();
    site.put("output/.bandari.lock", "");
    let lock = File::open(site.path("output/.bandari.lock")).unwrap();
    lock.lock().unwrap();
    let stderr = "error: another build is writing to `output`\n".to_owned();
    assert_eq!(site.build(&[]), Run { code: 1, stdout: String::new(), stderr });
    assert_eq!(site.tree("output/public"), [].into());
    lock.unlock().unwrap();
    build(&site);
}

// Going on in spite of problems

#[test]
fn a_build_that_goes_on_publishes_what_is_good_and_leaves_out_what_is_not() {
    let site =
        tides().with("waves/mod_waves-1.0.0.zip", "").with("tides/mod_tides-2.0.0.zip", "404 Not Found");
    let run = site.build(&["--keep-going"]);
    assert_eq!(
        run,
        Run {
            code: 1,
            stdout: "1 product with 1 package in `output`: 8 written, 0 unchanged, 0 removed; left out for 2 problems\n"
                .into(),
            stderr: "error: `tides/mod_tides-2.0.0.zip`: found no whole zip file \
                     (Missing end of central directory), expected a complete zip archive\n\
                     error: `waves/mod_waves-1.0.0.zip`: found 0 bytes, expected a package\n"
                .into(),
        }
    );
    assert_eq!(
        site.tree("output/public/files").into_keys().collect::<Vec<_>>(),
        ["tides/mod_tides-1.0.0.zip"]
    );
    assert_eq!(feed(&site, "tides").len(), 1);
}

#[test]
fn a_build_that_goes_on_removes_nothing_that_was_published() {
    let site = harbor();
    build(&site);
    let before = site.tree("output");
    let site = site.with("beacon/plg_beacon-2.0.0.zip", "404 Not Found");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let after = site.tree("output");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for path in ["protected/beacon/plg_beacon-2.0.0.zip", "public/beacon/updates.xml"] {
        assert_eq!(after[path], before[path], "{path}");
    }
}

#[test]
fn packages_that_become_licensed_leave_the_public_folder_even_when_a_build_goes_on() {
    let site = tides().with("tides/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"));
    build(&site);
    let site = site
        .with("tides/product.toml", "joomla = '>=5'\ngroup = 'harbor'")
        .with("tides/mod_tides-1.1.0.zip", "404 Not Found");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    assert_eq!(site.tree("output/public/files"), [].into());
    assert_eq!(site.tree("output/protected").into_keys().collect::<Vec<_>>(), ["tides/mod_tides-1.0.0.zip"]);
    assert!(!site.text("output/public/catalog.json").contains("mod_tides-1.1.0.zip"), "it is nowhere now");
}

#[test]
fn what_a_build_that_goes_on_left_standing_is_removed_by_the_next_good_one() {
    let site = harbor();
    build(&site);
    let site = site.with("beacon/plg_beacon-2.0.0.zip", "404 Not Found");
    fs::remove_file(site.path("packages/tides/mod_tides-1.0.0.zip")).unwrap();
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    fs::remove_dir_all(site.path("packages/beacon")).unwrap();
    build(&site);
    let left: Vec<String> = site
        .tree("output")
        .into_keys()
        .filter(|path| path.contains("beacon") || path.contains("mod_tides-1.0.0"))
        .collect();
    assert_eq!(left, [] as [&str; 0]);
}

#[test]
fn a_build_that_goes_on_does_not_forget_which_bytes_were_published() {
    let site = tides()
        .with("waves/product.toml", "joomla = '>=5'")
        .with("waves/w.zip", module("mod_waves", "1.0.0"));
    build(&site);
    let site = site.with("tides/mod_tides-1.0.0.zip", "404 Not Found");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let site = site.with("tides/mod_tides-1.0.0.zip", changed_tides());
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.starts_with("error: 1 published file would change under the same name"),
        "{}",
        run.stderr
    );
}

// The command line

#[test]
fn the_result_as_json_is_json() {
    let site = tides().with("waves/mod_waves-1.0.0.zip", "").with("loose.zip", module("mod_loose", "1.0.0"));
    let run = site.build(&["--json", "--keep-going"]);
    let warning = "product `mod_loose` has no `joomla` range in a `product.toml`: \
                   its feed offers it to every Joomla from 3.10 on";
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap(),
        json!({
            "products": 2,
            "packages": 2,
            "files_written": 12,
            "files_unchanged": 0,
            "files_removed": 0,
            "warnings": [warning],
            "problems": [
                { "file": "waves/mod_waves-1.0.0.zip", "found": "0 bytes", "expected": "a package" }
            ],
        })
    );
}

#[test]
fn a_quiet_build_prints_nothing_not_even_a_warning() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    assert!(site.path("output/public/catalog.json").exists());
}

#[test]
fn another_output_folder_may_be_given() {
    let site = tides();
    assert_eq!(
        site.build(&["--output", "elsewhere"]).stdout,
        "1 product with 1 package in `elsewhere`: 8 written, 0 unchanged, 0 removed\n"
    );
    assert!(site.path("elsewhere/public/catalog.json").exists());
    assert!(!site.path("output").exists());
}

/// The run ended for the configuration's sake: exit code 2, this message, nothing written.
#[track_caller]
fn assert_misused(site: &Site, arguments: &[&str], message: &str) {
    let stderr = format!("error: {message}\n");
    assert_eq!(site.build(arguments), Run { code: 2, stdout: String::new(), stderr });
    assert!(!site.path("output").exists(), "something was written");
}

#[test]
fn an_output_inside_the_packages_is_refused() {
    assert_misused(
        &tides(),
        &["--output", "packages/output"],
        "configuration `bandari.toml`: found `output = \"packages/output\"`, \
         expected a folder apart from the packages in `packages`",
    );
}

#[test]
fn an_output_around_the_packages_is_refused() {
    assert_misused(
        &tides(),
        &["--output", "."],
        "configuration `bandari.toml`: found `output = \".\"`, expected a folder apart from the packages in `packages`",
    );
}

#[test]
fn a_missing_configuration_is_told() {
    assert_misused(
        &tides(),
        &["--config", "missing.toml"],
        "configuration `missing.toml`: cannot be read: No such file or directory (os error 2)",
    );
}

#[test]
fn an_unknown_key_in_the_configuration_is_shown_with_its_line() {
    assert_misused(
        &tides().config(&format!("{CONFIG}titel = 'T'\n")),
        &[],
        "configuration `bandari.toml`: TOML parse error at line 6, column 1\n  |\n6 | titel = 'T'\n  | ^^^^^\n\
         unknown field `titel`, expected one of `title`, `vendor`, `public_url`, `download_url`, `protected_url`, \
         `packages`, `output`, `digests`, `templates`",
    );
}

#[test]
fn a_wrong_address_in_the_configuration_is_told() {
    assert_misused(
        &tides().config("title = 'T'\nvendor = 'V'\npublic_url = 'updates.example.org'\n"),
        &[],
        "configuration `bandari.toml`: found `public_url = \"updates.example.org\"`, \
         expected an address such as `https://updates.example.org`",
    );
}

#[test]
fn an_unknown_flag_is_told() {
    let site = tides();
    let run = site.build(&["--keepgoing"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.starts_with("error: unexpected argument '--keepgoing' found\n"), "{}", run.stderr);
    assert!(!site.path("output").exists());
}
