//! What a feed says of a release.

use bandari_tests::zips::manifest;

use super::*;

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
fn a_retention_takes_old_releases_from_the_feed_and_from_nowhere_else() {
    let site =
        ["1.1.0", "1.2.0", "2.0.0", "2.1.0", "2.2.0-beta1"].into_iter().fold(tides(), |site, version| {
            site.with(&format!("tides/{version}.zip"), module("mod_tides", version))
        });
    let site = site
        .with("tides/product.toml", "joomla = '>=5'\n[[releases]]\nversions = '<2'\njoomla = '>=4.4'")
        .config(&format!("{CONFIG}retention = 1\n"));
    build(&site);
    let feed = feed(&site, "tides");
    let listed: Vec<&str> = feed.iter().map(|entry| &*entry["version"]).collect();
    // Needed: the beta by sites that take betas, 2.1.0 by the others, 1.2.0 by those on Joomla 4.4.
    assert_eq!(listed, ["2.2.0-beta1", "2.1.0", "2.0.0", "1.2.0"]);
    assert_eq!(site.tree("output/public/files").len(), 6);
    assert_eq!(site.text("output/public/tides/SHA256SUMS").lines().count(), 6);
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
        assert!(page.contains(" dir=\"auto\">&lt;script&gt;&amp;&quot;</p>"), "{page}");
        assert!(!page.contains("<script>"), "{page}");
    }
}

#[test]
fn a_name_with_markup_is_shown_as_it_is_written() {
    let body = "<element>mod_tides</element>";
    let text = manifest("type='module' client='site'", "Ebb &lt;b&gt;", "1.0.0", body);
    let site = Site::new(programs().bandari)
        .with("tides/product.toml", "joomla = '>=5'")
        .with("tides/mod_tides-1.0.0.zip", Zip::new().file("mod_tides.xml", text).bytes());
    build(&site);
    assert!(site.text("output/public/tides/updates.xml").contains("<name>Ebb &lt;b&gt;</name>"));
    assert!(site.text("output/public/collection.xml").contains("name=\"Ebb &lt;b&gt;\""));
    for page in ["output/public/tides/index.html", "output/public/index.html"] {
        let page = site.text(page);
        assert!(page.contains("Ebb &lt;b&gt;") && !page.contains("Ebb <b>"), "{page}");
    }
}
