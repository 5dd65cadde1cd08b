//! Collections and changelogs.

use super::*;

const COLLECTION: &str = r#"<extensionset>
<extension name="Tides" element="tides" type="plugin" folder="system" version="1.2.0" detailsurl="https://e.example.org/tides/updates.xml" targetplatformversion="5\."/>
<extension name="Tides" element="tides" type="plugin" folder="system" version="1.0.0" detailsurl="https://e.example.org/tides/updates.xml" targetplatformversion="4\."/>
<extension name="Waves" element="com_waves" type="component" version="2.0.0" detailsurl="https://e.example.org/waves/updates.xml"/>
</extensionset>
"#;

const CHANGELOG: &str = "<changelogs>
<changelog><version>1.2.0</version><fix><item>Hours &amp; minutes</item><item><![CDATA[Seconds]]></item></fix></changelog>
<changelog><version> 1.1.0</version><note><item>Old</item></note></changelog>
</changelogs>
";

#[test]
fn a_collection_is_told_extension_by_extension() {
    assert_eq!(
        explain(COLLECTION, &["--joomla", "5.3.4", "--php", "8.2", "--db", "mysql:8.0"]),
        "\
This is a collection of 2 extensions. Joomla 5.3.4 with PHP 8.2 and MySQL 8.0 is offered 1 of them.
For each that is offered, the extension's own feed decides once more when it is installed, by PHP, database and stability, too.

The extensions
  plugin `tides` of the group `system`: 1.2.0
    Its feed: https://e.example.org/tides/updates.xml
  component `com_waves`: wrong client
    Joomla takes a row without a `client` for the site's, and never shows one of another client. Write \
`client=\"administrator\"` into the row of the component `com_waves`.
"
    );
    let page = explain(COLLECTION, &[]);
    assert_says(
        &page,
        "  Extension             3.10           4              5              6              7 (next)",
    );
    assert_says(
        &page,
        "  plugin:system/tides   no row         1.0.0          1.2.0          no row         no row",
    );
    let json = explain_as_json(COLLECTION, &["--joomla", "4.4"]);
    assert_eq!(json["kind"], "collection");
    assert_eq!(json["extensions"][0]["offered"], "1.0.0");
    assert_eq!(json["extensions"][0]["feed"], "https://e.example.org/tides/updates.xml");
    let json = explain_as_json(COLLECTION, &[]);
    assert_eq!(json["extensions"][1]["extension"]["element"], "com_waves");
    assert_eq!(json["extensions"][0]["rows"][2]["cells"][0]["offered"], "1.2.0");
}

#[test]
fn a_changelog_is_shown_as_its_window_shows_it() {
    assert_eq!(
        explain(CHANGELOG, &["--installed", "1.2.0"]),
        "\
This is a changelog. For 1.2.0 Joomla shows:

1.2.0
  Bug Fixes
    - Hours \n    - &
    -  minutes
    - Seconds

Look at this
  ! The item in line 2 is cut into 3 bullets: `Hours `, `&` and ` minutes`. Joomla makes one of each piece of text, and `&amp;` \
and the like begin a new one. Escape the text as HTML and put it into one `<![CDATA[…]]>`.
"
    );
    let page = explain(CHANGELOG, &["--installed", "1.1.0"]);
    assert_says(&page, "  An empty window.");
    assert_says(&page, "    The file writes that version ` 1.1.0`, which is another one to Joomla.");
    assert_eq!(
        explain(CHANGELOG, &["--joomla", "3.10"]),
        "Joomla 3.10.12 shows no changes: it has no changelogs.\n"
    );
    let json = explain_as_json(CHANGELOG, &[]);
    assert_eq!(json["kind"], "changelog");
    assert_eq!(json["versions"][0]["version"], "1.2.0");
    assert_eq!(json["versions"][0]["sections"][0]["section"], "fix");
    assert_eq!(json["versions"][0]["sections"][0]["items"][3], "Seconds");
}
