//! What a storefront sells besides the example site's products: one with a long history, and some whose names are meant to break
//! out of wherever they are put.

use std::fmt::Write;

use bandari_tests::zips::{Zip, manifest};

/// A long history: as many releases as a busy vendor makes in ten years.
pub(super) const LONG_HISTORY: usize = 200;

/// Enough releases for a page to put the older ones aside.
pub(super) const HISTORY: usize = 20;

/// Joomla versions of the releases that begin with 1, 2, 3 and 4.
const LINES: [&str; 4] = [">=3.10, <4.5", ">=4.0, <5.2", ">=4.4, <6", ">=5.1, <7"];

/// Releases that are no longer given away.
const WITHDRAWN: [&str; 2] = ["2.1.0", "3.3.0"];

/// Identifier and name of each product whose name is hostile, long, or written from right to left.
pub(super) const NAMES: [(&str, &str); 7] = [
    ("mod_quotes", r#"Rope "& Co" 'n' `Anchor` {{ 7 * 7 }} {version} %s ${x}"#),
    ("mod_brackets", "<script>alert(1)</script><img src=x onerror=alert(2)>"),
    ("mod_breakout", r#""></title></script><script>alert(3)</script><a href="javascript:alert(4)" x="-->"#),
    ("mod_emoji", "Harbor 🌊⚓ 👩‍🚀 café"),
    ("mod_arabic", "جدول المد والجزر"),
    ("mod_hebrew", "לוח גאות ושפל (2.0)"),
    (PLAIN, LONG_NAME),
];

/// No extension of Joomla's, which would drop the updates of one with a name as long as that.
const PLAIN: &str = "manual";

/// 200 characters without a place to break a line.
const LONG_NAME: &str = "Tidetablesandharboropeninghoursandferriesandlighthousesandanchoragesandpilots\
                         Tidetablesandharboropeninghoursandferriesandlighthousesandanchoragesandpilots\
                         Tidetablesandharboropeninghoursandferriesandli";

/// A file of a product, below the folder of packages, and its bytes.
pub(super) type Source = (String, Vec<u8>);

/// The package of a module.
fn module(element: &str, name: &str, version: &str) -> Vec<u8> {
    let name = name.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!("<element>{element}</element>");
    let text = manifest(r#"type="module" client="site""#, &name, version, &body);
    Zip::new().file(&format!("{element}.xml"), text).bytes()
}

/// Those of [`NAMES`], with summaries and changelogs of the same kind. Every other one is licensed.
pub(super) fn named() -> Vec<Source> {
    let files = NAMES.iter().enumerate().flat_map(|(place, (id, name))| {
        let quoted = toml::Value::from(*name);
        let license = if place % 2 == 0 { "" } else { "group = 'lighthouse'\n" };
        let (kind, package) = if *id == PLAIN {
            let kind = format!("kind = 'file'\npattern = '{id}-{{version}}.zip'\nname = {quoted}");
            (kind, b"a manual".into())
        } else {
            ("joomla = '>=4.4, <7'".to_owned(), module(id, name, "1.0.0"))
        };
        let product = format!("summary = {quoted}\n{license}{kind}\n");
        let changes = format!(
            "# Changelog\n\n## [1.0.0] - 2026-06-08\n\n### Added\n\n- {name}\n- <script>alert(5)</script>\n\
             - [a link](javascript:alert(6)) and <img src=x onerror=alert(7)> **bold** and `<b>code</b>`\n\
             - [another](https://example.org/?a=1&b=\"2\")\n"
        );
        [
            (format!("{id}/product.toml"), product.into_bytes()),
            (format!("{id}/CHANGELOG.md"), changes.into_bytes()),
            (format!("{id}/{id}-1.0.0.zip"), package),
        ]
    });
    files.collect()
}

/// A licensed module with so many releases, among them two withdrawn ones and a beta of the next.
pub(super) fn with_history(releases: usize) -> Vec<Source> {
    let mut product =
        String::from("summary = 'Tide tables for every harbor.'\ngroup = 'lighthouse'\nphp = '8.1'\n");
    product.push_str("databases = { mysql = '8.0', mariadb = '10.6', postgresql = '12' }\n");
    for version in WITHDRAWN {
        write!(product, "[[releases]]\nversions = '{version}'\nwithdrawn = true\njoomla = '>=4.4, <6'\n")
            .unwrap();
    }
    for (line, joomla) in (1..).zip(LINES) {
        write!(product, "[[releases]]\nversions = '>={line}, <{}'\njoomla = '{joomla}'\n", line + 1).unwrap();
    }
    product.push_str("[[releases]]\nversions = '>=5-beta'\njoomla = '>=6, <7'\n");
    let versions = || {
        std::iter::once("5.0.0-beta1".to_owned())
            .chain((0..releases - 1).rev().map(|place| version(place, releases / LINES.len())))
    };
    let mut changes = String::from("# Changelog\n");
    for (place, version) in versions().enumerate() {
        changes.push_str(&entry(&version, place));
    }
    let mut files = vec![
        ("mod_tides/product.toml".into(), product.into_bytes()),
        ("mod_tides/CHANGELOG.md".into(), changes.into_bytes()),
    ];
    files.extend(versions().map(|version| {
        (format!("mod_tides/mod_tides-{version}.zip"), module("mod_tides", "Tide Tables", &version))
    }));
    files
}

/// The version of a release, counted from the oldest; `line` of them have the same first number.
fn version(place: usize, line: usize) -> String {
    format!("{}.{}.0", place / line + 1, place % line)
}

/// What a changelog says of a release: five items, of every kind in turn.
fn entry(version: &str, place: usize) -> String {
    let (month, day) = (12 - place / 17, 28 - place % 17);
    let kind = ["Security", "Fixed", "Language", "Added", "Changed", "Removed"][place % 6];
    format!(
        "\n## [{version}] - 2025-{month:02}-{day:02}\n\n### {kind}\n\n\
         - High water at the outer pier was told an hour late in summer.\n\
         - Harbors without a gauge of their own take the `nearest` one.\n\n### Notes\n\n\
         - Tables of **2027** are part of the package.\n- Thanks to everybody who sent corrections.\n\
         - Ebb & flow are [explained](https://example.org/tides) anew.\n"
    )
}

/// As many free products as that, of one release each.
pub(super) fn many(count: usize) -> Vec<Source> {
    let files = (0..count).flat_map(|number| {
        let id = format!("mod_p{number:03}");
        let product = format!(
            "summary = 'What harbor number {number} needs on its start page, and a little more.'\n\
                     joomla = '>=4.4, <7'\nphp = '8.1'\n"
        );
        let changes = "## [1.10.0] - 2026-06-08\n\n- First release.\n";
        [
            (format!("{id}/product.toml"), product.into_bytes()),
            (format!("{id}/CHANGELOG.md"), changes.into()),
            (format!("{id}/{id}-1.10.0.zip"), module(&id, &format!("Module of Harbor {number}"), "1.10.0")),
        ]
    });
    files.collect()
}
