//! What becomes of a `CHANGELOG.md`: Joomla's changelog file, text on the page, an entry of the feed of releases.

use std::os::unix::fs::symlink;

use super::*;

const CHANGELOG_XML: &str = "output/public/tides/changelog.xml";
const RELEASES: &str = "output/public/releases.atom";

/// Has an entry for the release of [`tides`].
const TIDES_CHANGELOG: &str = "# Changelog\n\n## [1.0.0] - 2026-06-08\n\n### Added\n\n- First release.\n";

/// A module of two versions, each with an entry, and a handbook with another.
fn told_harbor() -> Site {
    harbor()
        .with(
            "tides/CHANGELOG.md",
            "# Changelog\n\n## [Unreleased]\n\n- Secret\n\n\
             ## [1.1.0] - 2026-09-14\n\n### Security\n\n- <script>alert(1)</script>\n\n\
             ### Fixed\n\n- Ebb & flow, “high” and `low`\n\n\
             ## v1.0.0\n\n- First\n\n## 0.9.0 - 2026-01-01\n\n- Never packed\n",
        )
        .with(
            "handbook/CHANGELOG.md",
            "## 1.0 (2026-04-20)\n\n### Added\n\n- How to [moor](https://moor.example)\n",
        )
}

/// The warnings of a build that succeeds.
#[track_caller]
fn warnings(site: &Site) -> String {
    let run = site.build(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stderr
}

#[track_caller]
fn assert_refused(site: &Site, problem: &str) {
    let stderr = format!("{problem}\nerror: 1 problem in the packages: nothing was written\n");
    assert_eq!(site.build(&[]), Run { code: 1, stdout: String::new(), stderr });
}

#[test]
fn the_changelog_of_a_module_is_what_joomla_reads() {
    let site = told_harbor();
    build(&site);
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<changelogs>
  <changelog>
    <element>mod_tides</element>
    <type>module</type>
    <version>1.1.0</version>
    <security>
      <item><![CDATA[&lt;script&gt;alert(1)&lt;/script&gt;]]></item>
    </security>
    <fix>
      <item><![CDATA[Ebb &amp; flow, “high” and <code>low</code>]]></item>
    </fix>
  </changelog>
  <changelog>
    <element>mod_tides</element>
    <type>module</type>
    <version>1.0.0</version>
    <note>
      <item><![CDATA[First]]></item>
    </note>
  </changelog>
</changelogs>
";
    assert_eq!(site.text(CHANGELOG_XML), expected);
}

#[test]
fn every_section_is_in_joomlas_order_and_a_plugin_has_its_folder() {
    let site = harbor().with(
        "beacon/CHANGELOG.md",
        "## 2.0.0\n### Notes\n- g\n### Translations\n- f\n### Removed\n- e\n### Changed\n- d\n### Added\n- c\n\
         ### Fixed\n- b\n### Security\n- a\n### Deprecated\n- ]]>\n",
    );
    build(&site);
    let xml = site.text("output/public/beacon/changelog.xml");
    let (_, entry) = xml.split_once("<changelog>").unwrap();
    let expected = "<element>beacon</element><type>plugin</type><folder>system</folder><version>2.0.0</version>\
        <security><item><![CDATA[a]]></item></security><fix><item><![CDATA[b]]></item></fix>\
        <addition><item><![CDATA[c]]></item></addition><change><item><![CDATA[d]]></item></change>\
        <remove><item><![CDATA[e]]></item></remove><language><item><![CDATA[f]]></item></language>\
        <note><item><![CDATA[g]]></item><item><![CDATA[Deprecated: ]]&gt;]]></item></note></changelog></changelogs>";
    assert_eq!(entry.lines().map(str::trim_start).collect::<String>(), expected);
}

#[test]
fn feeds_name_the_changelog_in_each_entry_that_it_tells_of() {
    let site =
        harbor().with("tides/CHANGELOG.md", "## 1.1.0\n\n- Quicker\n\n## 1.0\n\n- Not 1.0.0 to Joomla\n");
    build(&site);
    let address = "https://updates.example.org/tides/changelog.xml";
    let found: Vec<_> = feed(&site, "tides")
        .into_iter()
        .map(|mut entry| (entry.remove("version"), entry.remove("changelogurl")))
        .collect();
    assert_eq!(found, [(Some("1.1.0".into()), Some(address.into())), (Some("1.0.0".into()), None)]);
    let xml = site.text("output/public/tides/updates.xml");
    assert!(
        xml.contains(&format!("</infourl>\n    <changelogurl>{address}</changelogurl>\n    <targetplatform")),
        "{xml}"
    );
    let collection = site.text("output/public/collection.xml");
    let row = |element: &str| {
        let of_element = format!("element=\"{element}\"");
        collection.lines().find(|line| line.contains(&of_element)).unwrap().to_owned()
    };
    assert!(row("mod_tides").contains(&format!(" changelogurl=\"{address}\" detailsurl=")), "{collection}");
    assert!(!row("beacon").contains("changelogurl"), "{collection}");
}

#[test]
fn the_page_shows_date_and_text_and_no_element_but_ours() {
    let site = told_harbor();
    build(&site);
    let page = site.text("output/public/tides/index.html");
    assert!(page.contains("<time datetime=\"2026-09-14\">14 September 2026</time>"), "{page}");
    assert!(page.contains("<dd>&lt;script&gt;alert(1)&lt;/script&gt;</dd>"), "{page}");
    assert!(page.contains("<dd>Ebb &amp; flow, “high” and <code>low</code></dd>"), "{page}");
    let order = [
        "<article id=\"1.1.0\">",
        "<dt class=\"security\">Security</dt>",
        "<dt class=\"fix\">Fixed</dt>",
        "<article id=\"1.0.0\">",
        "<dt class=\"note\">Notes</dt>",
    ];
    let places = order.map(|text| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}")));
    assert!(places.is_sorted(), "{page}");
    for absent in ["<script>", "Secret", "Never packed"] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("href=\"../releases.atom\""));
    let index = site.text("output/public/index.html");
    assert!(index.contains("href=\"releases.atom\"") && !index.contains("Ebb"), "{index}");
}

#[test]
fn the_feed_of_releases_has_what_has_a_date_newest_first() {
    let site = told_harbor();
    build(&site);
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">
  <id>https://updates.example.org/releases.atom</id>
  <title>Harbor Downloads</title>
  <updated>2026-09-14T00:00:00Z</updated>
  <link rel=\"self\" type=\"application/atom+xml\" href=\"https://updates.example.org/releases.atom\"/>
  <link rel=\"alternate\" type=\"text/html\" href=\"https://updates.example.org/\"/>
  <author>
    <name>Harbor Works</name>
  </author>
  <entry>
    <id>https://updates.example.org/tides/#1.1.0</id>
    <title>mod_tides 1.1.0</title>
    <published>2026-09-14T00:00:00Z</published>
    <updated>2026-09-14T00:00:00Z</updated>
    <link rel=\"alternate\" type=\"text/html\" href=\"https://updates.example.org/tides/#1.1.0\"/>
    <category term=\"stable\"/>
    <content type=\"html\">\
&lt;h3&gt;Security&lt;/h3&gt;&lt;ul&gt;&lt;li&gt;&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;&lt;/li&gt;&lt;/ul&gt;\
&lt;h3&gt;Fixed&lt;/h3&gt;&lt;ul&gt;&lt;li&gt;Ebb &amp;amp; flow, “high” and &lt;code&gt;low&lt;/code&gt;&lt;/li&gt;&lt;/ul&gt;\
</content>
  </entry>
  <entry>
    <id>https://updates.example.org/handbook/#1.0</id>
    <title>Handbook 1.0</title>
    <published>2026-04-20T00:00:00Z</published>
    <updated>2026-04-20T00:00:00Z</updated>
    <link rel=\"alternate\" type=\"text/html\" href=\"https://updates.example.org/handbook/#1.0\"/>
    <category term=\"stable\"/>
    <content type=\"html\">&lt;h3&gt;Added&lt;/h3&gt;&lt;ul&gt;&lt;li&gt;\
How to &lt;a href=&quot;https://moor.example&quot;&gt;moor&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;</content>
  </entry>
</feed>
";
    assert_eq!(site.text(RELEASES), expected);
}

#[test]
fn the_feed_of_releases_is_in_the_main_language() {
    let site = told_harbor();
    assert_eq!(site.build(&["--lang", "de,en"]).code, 0);
    let german = site.text(RELEASES);
    assert!(german.contains("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"de\">"), "{german}");
    assert!(german.contains("&lt;h3&gt;Behoben&lt;/h3&gt;") && !german.contains("Fixed"), "{german}");
    assert_eq!(site.build(&[]).code, 0);
    let ids = |feed: &str| -> Vec<String> {
        feed.lines().filter(|line| line.contains("<id>")).map(str::to_owned).collect()
    };
    let english = site.text(RELEASES);
    assert_ne!(english, german);
    assert_eq!(ids(&english), ids(&german));
}

#[test]
fn words_of_a_vendor_are_escaped_in_the_feed_of_releases() {
    let site = told_harbor();
    site.put("bandari.toml", format!("templates = 'templates'\n{}", site.text("bandari.toml")));
    let english = include_str!("../../templates/pages/languages/en.toml");
    site.put("templates/pages/languages/en.toml", english.replace("\"Fixed\"", "\"<Mended> & more\""));
    build(&site);
    let feed = site.text(RELEASES);
    assert!(feed.contains("&lt;h3&gt;&amp;lt;Mended&amp;gt; &amp;amp; more&lt;/h3&gt;"), "{feed}");
}

#[test]
fn releases_of_one_day_are_in_the_order_of_products_and_a_hundred_are_enough() {
    let mut site = site().with("book/product.toml", "kind = 'file'\npattern = 'book-{version}.txt'");
    let mut changelog = String::new();
    for edition in 1..=100 {
        site = site.with(&format!("book/book-{edition}.txt"), format!("Edition {edition}"));
        changelog += &format!("## {edition} - 2026-05-01\n");
    }
    let site = site
        .with("book/CHANGELOG.md", changelog)
        .with("atlas/product.toml", "kind = 'file'\npattern = 'atlas-{version}.txt'")
        .with("atlas/atlas-1.txt", "Edition 1")
        .with("atlas/CHANGELOG.md", "## 1 - 2026-05-01\n");
    build(&site);
    let atom = site.text(RELEASES);
    let titles: Vec<&str> =
        atom.lines().filter_map(|line| line.trim().strip_prefix("<title>")).skip(1).collect();
    assert_eq!(titles.len(), 100);
    assert_eq!(titles[..3], ["atlas 1</title>", "book 100</title>", "book 99</title>"]);
    assert_eq!(titles[99], "book 2</title>");
}

#[test]
fn a_product_that_is_no_extension_has_its_changes_on_the_page_and_no_file_for_joomla() {
    let site = told_harbor();
    build(&site);
    assert!(!site.path("output/public/handbook/changelog.xml").exists());
    let page = site.text("output/public/handbook/index.html");
    assert!(page.contains("<dd>How to <a href=\"https://moor.example\">moor</a></dd>"), "{page}");
}

#[test]
fn without_a_date_there_is_no_feed_of_releases_and_without_text_no_changelog() {
    let site = tides().with("tides/CHANGELOG.md", "## 1.0.0\n\n- First\n");
    build(&site);
    assert!(site.path(CHANGELOG_XML).exists() && !site.path(RELEASES).exists());
    assert!(!site.text("output/public/index.html").contains("releases.atom"));
    let site = tides().with("tides/CHANGELOG.md", "## 1.0.0 - 2026-06-08\n");
    build(&site);
    assert!(!site.path(CHANGELOG_XML).exists() && site.path(RELEASES).exists());
    assert!(!site.text("output/public/tides/updates.xml").contains("changelogurl"));
    assert!(!site.text(RELEASES).contains("<content"));
}

#[test]
fn a_withdrawn_release_keeps_its_text_on_the_page_only() {
    let site = harbor().with("tides/product.toml", WITHDRAWN).with(
        "tides/CHANGELOG.md",
        "## 1.1.0 - 2026-09-14\n- Better\n## 1.0.0 - 2026-06-08 [YANKED]\n- Worse\n",
    );
    build(&site);
    for file in [CHANGELOG_XML, RELEASES] {
        let text = site.text(file);
        assert!(text.contains("Better") && !text.contains("Worse"), "{text}");
    }
    assert!(site.text("output/public/tides/index.html").contains("Worse"));
}

#[test]
fn the_catalog_tells_of_dates_and_changelogs() {
    let site = told_harbor();
    build(&site);
    let catalog = bandari_catalog::read(site.text("output/public/catalog.json").as_bytes()).unwrap();
    let found: Vec<_> = catalog
        .products
        .iter()
        .map(|product| {
            let dates = product.packages.iter().map(|package| package.released.as_deref());
            (product.id.as_str(), product.changelog, dates.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("beacon", false, vec![None]),
            ("handbook", false, vec![Some("2026-04-20")]),
            ("tides", true, vec![Some("2026-09-14"), None]),
        ]
    );
}

#[test]
fn the_nearest_changelog_counts_but_none_above_the_product_file() {
    let site = tides()
        .with("CHANGELOG.md", "## 1.0.0\n- Of the whole site\n")
        .with("tides/new/mod_tides-1.1.0.zip", module("mod_tides", "1.1.0"))
        .with("tides/new/CHANGELOG.md", "## 1.1.0\n- Near\n## 1.0.0\n- Near\n");
    build(&site);
    let xml = site.text(CHANGELOG_XML);
    assert!(xml.contains("Near") && !xml.contains("<version>1.0.0</version>"), "{xml}");
    let site = site.with("tides/CHANGELOG.md", "## 1.1.0\n- Far\n## 1.0.0\n- Far\n");
    build(&site);
    let xml = site.text(CHANGELOG_XML);
    assert!(
        xml.contains("[Near]") && xml.contains("[Far]") && xml.matches("<changelog>").count() == 2,
        "{xml}"
    );
}

#[test]
fn a_changelog_that_products_would_share_is_left_out_with_a_warning() {
    let site = site()
        .with("product.toml", "joomla = '>=5'")
        .with("CHANGELOG.md", TIDES_CHANGELOG)
        .with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"))
        .with("mod_waves-1.0.0.zip", module("mod_waves", "1.0.0"));
    assert_eq!(
        warnings(&site),
        "warning[BND703]: `CHANGELOG.md`: found one changelog for several products, \
         expected a folder with a changelog for each: this one is left out\n"
    );
    assert!(!site.path("output/public/mod_tides/changelog.xml").exists());
    assert!(!site.path(RELEASES).exists());
}

#[test]
fn a_changelog_in_other_letter_case_is_told_and_not_read() {
    let site = tides().with("tides/Changelog.md", TIDES_CHANGELOG);
    assert_eq!(
        warnings(&site),
        "warning[BND702]: `tides/Changelog.md`: found a name in other letter case, \
         expected `CHANGELOG.md`: under any other name it is not read\n"
    );
    assert!(!site.path(CHANGELOG_XML).exists());
}

#[test]
fn what_a_changelog_says_that_nobody_understands_is_told_with_its_line() {
    let site =
        tides().with("tides/CHANGELOG.md", "## Intro\n## 1.0.0 - May\n### Speed\n- a\u{8}\n## 1.0.0\n");
    assert_eq!(
        warnings(&site),
        "warning[BND704]: `tides/CHANGELOG.md`: found the heading `Intro` in line 1, \
         expected a version such as `## [1.2.0] - 2026-10-26`: what is below it is left out\n\
         warning[BND706]: `tides/CHANGELOG.md`: found `May` behind the version 1.0.0 in line 2, \
         expected a date such as `2026-10-26`, or nothing\n\
         warning[BND707]: `tides/CHANGELOG.md`: found the section `Speed` in line 3, expected Added, Changed, \
         Deprecated, Removed, Fixed, Security, Language or Notes: its items are shown as changes\n\
         warning[BND708]: `tides/CHANGELOG.md`: found control characters in line 4, expected text: they are left out\n\
         warning[BND705]: `tides/CHANGELOG.md`: found a second entry for version 1.0.0 in line 5, \
         expected each version once: the entry of line 2 counts\n"
    );
    assert!(site.text(CHANGELOG_XML).contains("<change>\n      <item><![CDATA[Speed: a]]></item>"));
}

#[test]
fn a_changelog_full_of_flaws_is_told_in_a_few_lines() {
    let changelog = format!("# Changes\n{}", "## 1.0.0\n".repeat(1_000));
    let told = warnings(&tides().with("tides/CHANGELOG.md", changelog));
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 21);
    let expected = "expected each version once: the entry of line 2 counts";
    let place = "warning[BND705]: `tides/CHANGELOG.md`: found";
    assert_eq!(lines[19], format!("{place} a second entry for version 1.0.0 in line 22, {expected}"));
    assert_eq!(
        lines[20],
        format!("{place} 979 findings more of this kind, the first in line 23, {expected}")
    );
}

#[test]
fn a_release_that_is_called_yanked_is_offered_with_a_warning() {
    let site = tides().with("tides/CHANGELOG.md", "## [1.0.0] - 2026-06-08 [YANKED]\n");
    assert_eq!(
        warnings(&site),
        "warning[BND709]: `tides/mod_tides-1.0.0.zip`: found version 1.0.0 marked as yanked in its changelog, \
         expected `withdrawn = true` for it in `product.toml`: without that it is offered\n"
    );
    assert_eq!(feed(&site, "tides").len(), 1);
}

#[test]
fn a_changelog_that_is_a_symbolic_link_is_refused() {
    let site = tides();
    site.put("elsewhere.md", TIDES_CHANGELOG);
    symlink("../../elsewhere.md", site.path("packages/tides/CHANGELOG.md")).unwrap();
    assert_refused(
        &site,
        "error[BND002]: `tides/CHANGELOG.md`: found a symbolic link, expected a regular file or a folder",
    );
}

#[test]
fn a_changelog_that_is_no_utf8_is_refused() {
    assert_refused(
        &tides().with("tides/CHANGELOG.md", b"# Changes\n\n## 1.0.0\n- caf\xe9\n"),
        "error[BND701]: `tides/CHANGELOG.md`: found bytes that are no UTF-8 in line 4, expected a text file in UTF-8",
    );
}

#[test]
fn a_changelog_beyond_every_measure_is_refused() {
    let endless_name = format!("## 1.0.0\n### {}\n", "x".repeat(500_000));
    for (changelog, found) in [
        ("é".repeat(1_000_000), "over 1048576 bytes"),
        (format!("{endless_name}{}", "- a\n".repeat(125_000)), "over 20000 items"),
        (format!("## 1.0.0\n- {}", "'\"".repeat(500_000)), "text that becomes over 4194304 bytes of HTML"),
    ] {
        assert_refused(
            &tides().with("tides/CHANGELOG.md", changelog),
            &format!(
                "error[BND701]: `tides/CHANGELOG.md`: found {found}, \
                 expected a smaller file: older entries can move to another"
            ),
        );
    }
}

#[test]
fn the_name_of_a_section_does_not_make_a_changelog_endless() {
    let changelog = format!("## 1.0.0\n### {}\n{}", "x".repeat(5_000), "- a\n".repeat(10_000));
    let site = tides().with("tides/CHANGELOG.md", changelog);
    assert_eq!(site.build(&[]).code, 0);
    let written = site.text(CHANGELOG_XML);
    assert!(written.contains(&format!("<item><![CDATA[{}…: a]]></item>", "x".repeat(80))));
    assert!(written.len() < 2_000_000, "{}", written.len());
}

#[test]
fn a_changelog_that_may_not_be_read_is_refused() {
    let site = tides().with("tides/CHANGELOG.md", TIDES_CHANGELOG);
    site.permit("packages/tides/CHANGELOG.md", 0o000);
    let run = site.build_unprivileged(&[]);
    let problem = "error[BND001]: `tides/CHANGELOG.md`: found Permission denied (os error 13), expected a readable file\n";
    assert!(run.code == 1 && run.stderr.starts_with(problem), "{}", run.stderr);
}

#[test]
fn a_changelog_that_speaks_for_no_package_is_not_even_read() {
    build(&tides().with("tides/sources/CHANGELOG.md", b"\xff"));
}

#[test]
fn what_was_made_of_a_changelog_goes_with_it() {
    let site = tides().with("tides/CHANGELOG.md", TIDES_CHANGELOG);
    assert_eq!(build(&site), "1 product with 1 package in `output`: 19 written, 0 unchanged, 0 removed\n");
    assert_eq!(build(&site), "1 product with 1 package in `output`: 0 written, 19 unchanged, 0 removed\n");
    fs::remove_file(site.path("packages/tides/CHANGELOG.md")).unwrap();
    assert_eq!(build(&site), "1 product with 1 package in `output`: 7 written, 10 unchanged, 2 removed\n");
    assert!(!site.path(CHANGELOG_XML).exists() && !site.path(RELEASES).exists());
}

#[test]
fn a_build_that_goes_on_without_a_changelog_leaves_standing_what_was_made_of_it() {
    let site = tides().with("tides/CHANGELOG.md", TIDES_CHANGELOG);
    build(&site);
    let before = site.tree("output/public");
    let site = site.with("tides/CHANGELOG.md", b"\xff");
    assert_eq!(site.build(&["--keep-going"]).code, 1);
    let after = site.tree("output/public");
    for path in ["tides/changelog.xml", "releases.atom", "catalog.json"] {
        assert_eq!(after[path], before[path], "{path}");
    }
    let site = site.with("tides/CHANGELOG.md", TIDES_CHANGELOG);
    build(&site);
    assert_eq!(site.tree("output/public"), before);
}
