//! `CHANGELOG.md` in the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/): which version changed what, for
//! people who are offered an update. Text becomes HTML here ([`item`]), once for all places that show it. Pure: which
//! file belongs to which package is [`crate::scan`]'s business, which entry to which release [`crate::collect`]'s.
//!
//! No text below a version is lost: what stands in a section that nobody knows becomes a change that names it, what stands
//! outside of a list an item of its own. Only HTML comments are left out, and the end of a section's name without end.

mod flaws;
mod heading;
mod item;
mod reader;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use bandari_catalog::version::Version;
use jiff::civil::Date;

use crate::error::{Flaw, is_line_of_text};
use crate::rules::Code;

pub(crate) use flaws::LineFlaw;
pub(crate) use heading::Section;

/// Largest changelog. Those of extensions with twenty years behind them are under 300 KB.
pub(crate) const MAX_FILE_BYTES: usize = 1 << 20;

/// Most items of a file, each drawn by a browser: a release a week for twenty years, with twenty items in each, has about as
/// many.
const MAX_ITEMS: usize = 20_000;

/// Most bytes of HTML that a file's items become: four times the largest file, which is more than any real text grows by
/// escapes, elements and the names of sections. With the elements around so many items, `changelog.xml` stays below the
/// 10,000,000 bytes where libxml, with which Joomla reads it, has its limits.
const MAX_HTML_BYTES: usize = 4 << 20;

/// What changed in the versions of a product.
#[derive(Debug)]
pub(crate) struct Changelog {
    /// Newest first; each version once.
    entries: Vec<Arc<Entry>>,
    /// What could not be understood, in the order of lines, as far as it is told; the rest is good all the same.
    pub(crate) flaws: Vec<LineFlaw>,
}

/// What changed in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As in the heading, without a leading `v`.
    pub(crate) version: Version,
    pub(crate) date: Option<Date>,
    /// Whether the heading says that the release was taken back.
    pub(crate) is_yanked: bool,
    /// Line of the heading, the first being 1.
    pub(crate) line: usize,
    /// The items of each section that has any, as HTML in one line each, never empty.
    pub(crate) sections: BTreeMap<Section, Vec<String>>,
}

impl Changelog {
    /// Reads a changelog.
    ///
    /// # Errors
    /// Why nothing of it can be used: too large, too many items, or no UTF-8.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(too_large(format!("over {MAX_FILE_BYTES} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (entries, mut flaws) = reader::read(text)?;
        let entries = in_order(entries, &mut flaws);
        flaws.extend(control_characters(text));
        Ok(Self { entries, flaws: flaws::told(flaws) })
    }

    /// All entries, newest first.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The entry of a version: the one of equal rank in Joomla's order, in which `1.1` is not `1.1.0`.
    pub(crate) fn entry(&self, version: &Version) -> Option<&Arc<Entry>> {
        let found = self.entries.binary_search_by(|entry| version.compare(&entry.version));
        found.ok().map(|index| &self.entries[index])
    }
}

fn too_large(found: String) -> Flaw {
    Flaw::new(Code::ChangelogText, found, "a smaller file: older entries can move to another")
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> Flaw {
    let line = 1 + bytes[..valid_up_to].iter().filter(|&&b| b == b'\n').count();
    Flaw::new(Code::ChangelogText, format!("bytes that are no UTF-8 in line {line}"), "a text file in UTF-8")
}

/// Newest first, each version once: of several entries the first of the file.
fn in_order(mut entries: Vec<Entry>, flaws: &mut Vec<LineFlaw>) -> Vec<Arc<Entry>> {
    // The sort leaves entries of equal rank in the order of the file.
    entries.sort_by(|a, b| b.version.compare(&a.version));
    let mut ordered: Vec<Arc<Entry>> = Vec::new();
    for entry in entries {
        match ordered.last().filter(|last| last.version.compare(&entry.version) == Ordering::Equal) {
            None => ordered.push(Arc::new(entry)),
            Some(first) => {
                let found = format!("a second entry for version {}", entry.version);
                let expected = format!("each version once: the entry of line {} counts", first.line);
                let flaw = Flaw::new(Code::ChangelogVersionTwice, found, expected);
                flaws.push(LineFlaw { line: entry.line, flaw });
            }
        }
    }
    ordered
}

/// One flaw for all control characters of a file: they come from one editor or one slip.
fn control_characters(text: &str) -> Option<LineFlaw> {
    let is_good = |line: &str| line.split(['\t', '\r']).all(is_line_of_text);
    let line = 1 + text.split('\n').position(|line| !is_good(line))?;
    let flaw = Flaw::new(Code::ChangelogControlCharacter, "control characters", "text: they are left out");
    Some(LineFlaw { line, flaw })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Changelog {
        Changelog::parse(text.as_bytes()).unwrap()
    }

    fn flaws(text: &str) -> Vec<String> {
        parse(text).flaws.iter().map(|flaw| flaw.in_file("C.md").to_string()).collect()
    }

    fn entry(changelog: &Changelog, version: &str) -> Option<Arc<Entry>> {
        changelog.entry(&Version::parse(version).unwrap()).cloned()
    }

    /// The items of version 1.0, one for each line: `section: text`.
    fn items(below_heading: &str) -> Vec<String> {
        let changelog = parse(&format!("# Changelog\n\n## 1.0\n{below_heading}"));
        let entry = entry(&changelog, "1.0").unwrap();
        let of_section = |(section, items): (&Section, &Vec<String>)| {
            let element = section.element();
            items.iter().map(|item| format!("{element}: {item}")).collect::<Vec<_>>()
        };
        entry.sections.iter().flat_map(of_section).collect()
    }

    /// The HTML of the one item of a list.
    fn html(markdown: &str) -> String {
        let items = items(&format!("### Added\n- {markdown}\n"));
        assert_eq!(items.len(), 1, "{items:?}");
        items[0].strip_prefix("addition: ").unwrap().to_owned()
    }

    #[test]
    fn a_changelog_has_an_entry_for_each_version_and_none_for_what_is_not_released() {
        let changelog = parse(
            "# Changelog\n\nWhat changed.\n\n## [Unreleased]\n### Added\n- Secret\n\n\
             ## [1.1.0] - 2026-10-26 [YANKED]\n### Fixed\n- Leak\n\n## v1.0.0\n",
        );
        let newest = entry(&changelog, "1.1.0").unwrap();
        assert_eq!((newest.line, newest.is_yanked), (9, true));
        assert_eq!(newest.date, Some(Date::constant(2026, 10, 26)));
        assert_eq!(newest.sections, [(Section::Fix, vec!["Leak".to_owned()])].into());
        let oldest = entry(&changelog, "1.0.0").unwrap();
        assert_eq!((oldest.date, oldest.is_yanked, oldest.sections.len()), (None, false, 0));
        assert_eq!(changelog.entries.len(), 2);
        assert_eq!(changelog.flaws, []);
    }

    #[test]
    fn an_entry_is_found_by_its_rank_in_joomlas_order() {
        let changelog = parse("## 1.1\n## 1.0.0-RC1\n## 0.9.0\n");
        assert!(entry(&changelog, "1.1").is_some());
        assert!(entry(&changelog, "1.1.0").is_none(), "PHP: 1.1 is older than 1.1.0");
        assert!(entry(&changelog, "1.0.0rc1").is_some(), "PHP: they are equal");
        assert!(entry(&changelog, "0.09.0").is_some(), "PHP: they are equal");
        assert!(entry(&changelog, "2.0").is_none());
    }

    #[test]
    fn versions_linked_to_the_web_and_underlined_headings_are_versions() {
        let changelog = parse(
            "Changelog\n=========\n\n[1.3.0] - 2026-10-27\n---\n- a\n\n## [1.2.0](https://u.example/1.2.0) (2026-10-26)\n\n\
             # 1.1.0\n\n## <a id=\"first\"></a>`1.0.0`\n\n[1.3.0]: https://u.example/1.3.0\n",
        );
        let found: Vec<_> = changelog
            .entries
            .iter()
            .map(|entry| (entry.version.to_string(), entry.date.map(|date| date.to_string())))
            .collect();
        let date = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("1.3.0".to_owned(), date("2026-10-27")),
                ("1.2.0".to_owned(), date("2026-10-26")),
                ("1.1.0".to_owned(), None),
                ("1.0.0".to_owned(), None),
            ]
        );
        assert_eq!(changelog.flaws, []);
    }

    #[test]
    fn a_section_twice_is_merged() {
        assert_eq!(
            items("### Fixed\n- one\n\n### Added\n- two\n\n### Fixes\n- three\n"),
            ["fix: one", "fix: three", "addition: two"]
        );
    }

    #[test]
    fn what_is_deprecated_is_a_note_that_says_so() {
        assert_eq!(items("### Deprecated\n- The old API\n"), ["note: Deprecated: The old API"]);
    }

    #[test]
    fn an_unknown_section_becomes_changes_that_name_it_and_is_told_once() {
        let text = "## 1.1\n### Speed & size:\n- half\n\n## 1.0\n### speed & size:\n- full\n";
        let changelog = parse(text);
        assert_eq!(entry(&changelog, "1.1").unwrap().sections[&Section::Change], ["Speed &amp; size: half"]);
        assert_eq!(entry(&changelog, "1.0").unwrap().sections[&Section::Change], ["speed &amp; size: full"]);
        assert_eq!(
            flaws(text),
            [
                "`C.md`: found the section `Speed & size:` in line 2, expected Added, Changed, Deprecated, Removed, Fixed, \
              Security, Language or Notes: its items are shown as changes"
            ]
        );
    }

    #[test]
    fn text_outside_of_lists_is_an_item_of_its_section() {
        assert_eq!(
            items(
                "Back up\nfirst.\n\n- Really\n\n### Added\nA quay.\n\n- a crane\n\n> And\n> rope.\n\n#### For ships\n\n    tie()\n"
            ),
            [
                "addition: A quay.",
                "addition: a crane",
                "addition: And rope.",
                "addition: For ships",
                "addition: <code>tie()</code>",
                "note: Back up first.",
                "note: Really",
            ]
        );
    }

    #[test]
    fn nested_lists_are_read_as_one_sentence() {
        for (markdown, expected) in [
            ("Ships\n  - sail\n  - steam", "Ships: sail; steam"),
            ("Ships:\n  - sail.\n  - steam.", "Ships: sail. steam."),
            ("Ships\n  - sail\n    - ketch\n    - yawl\n  - steam", "Ships: sail (ketch; yawl); steam"),
            ("- sail\n  - steam", "sail; steam"),
            ("Ships\n\n  in port\n\n  1. sail\n\n  and more", "Ships in port: sail and more"),
            ("Ships\n  - \n    -\n  - steam", "Ships: steam"),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn of_markdown_only_code_emphasis_strong_and_safe_links_become_elements() {
        for (markdown, expected) in [
            ("`a < b` *c* __d__", "<code>a &lt; b</code> <em>c</em> <strong>d</strong>"),
            (
                "[x](https://u.example/?a=1&b=\"2\")",
                "<a href=\"https://u.example/?a=1&amp;b=&quot;2&quot;\">x</a>",
            ),
            ("<HTTP://u.example>", "<a href=\"HTTP://u.example\">HTTP://u.example</a>"),
            ("<ada@example.org>", "<a href=\"mailto:ada@example.org\">ada@example.org</a>"),
            ("[x](javascript:alert(1))", "x"),
            ("[x](//u.example) [y](#y) [z](data:text/html,z)", "x y z"),
            ("![A *crane*](https://u.example/crane.png)!", "A <em>crane</em>!"),
            ("tea & \"milk\" 'n' sugar", "tea &amp; &quot;milk&quot; &#39;n&#39; sugar"),
            ("hard  \n  break", "hard break"),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn html_is_shown_as_text_and_comments_are_not_shown() {
        assert_eq!(html("<b>bold</b><!-- hidden --> &lt;i>"), "&lt;b&gt;bold&lt;/b&gt; &lt;i&gt;");
        assert_eq!(
            items(
                "<script>alert(1)</script>\n\n<!-- for\n\neditors --> <!-- only -->\n\n### Added\n- x <img src=x onerror=y>\n"
            ),
            ["addition: x &lt;img src=x onerror=y&gt;", "note: &lt;script&gt;alert(1)&lt;/script&gt;"]
        );
    }

    #[test]
    fn an_item_without_text_is_none() {
        assert_eq!(
            items("### Added\n- \n- ![](x.png)\n- [](https://u.example)\n- <!-- x -->\n- * * *\n"),
            [] as [&str; 0]
        );
    }

    #[test]
    fn control_characters_are_left_out_and_told_once() {
        let text = "## 1.0\r\n\t- a\u{1b}b\u{8}\u{fffe}\r\n";
        let changelog = parse("## 1.0\n- a\u{1b}b\u{8}\u{fffe}\u{85}c\td\n- e\u{c}\n");
        assert_eq!(entry(&changelog, "1.0").unwrap().sections[&Section::Note], ["ab c d", "e"]);
        assert_eq!(
            flaws(text),
            ["`C.md`: found control characters in line 2, expected text: they are left out"]
        );
        assert_eq!(flaws("## 1.0\r\n\tx\r\n"), [] as [&str; 0]);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_line() {
        assert_eq!(
            flaws("# Changes of Tides\n\n## 1.0.0 - May\n\n## About\n- lost\n\n## [v1.0.0]\n\n# The end\n"),
            [
                "`C.md`: found `May` behind the version 1.0.0 in line 3, \
                 expected a date such as `2026-10-26`, or nothing",
                "`C.md`: found the heading `About` in line 5, \
                 expected a version such as `## [1.2.0] - 2026-10-26`: what is below it is left out",
                "`C.md`: found a second entry for version 1.0.0 in line 8, \
                 expected each version once: the entry of line 3 counts",
                "`C.md`: found the heading `The end` in line 10, \
                 expected a version such as `## [1.2.0] - 2026-10-26`: what is below it is left out",
            ]
        );
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_are_no_text() {
        let changelog = parse("\u{feff}## 1.0\r\n\r\n### Added\r\n\r\n- a\r\n  b\r\n");
        assert_eq!(entry(&changelog, "1.0").unwrap().sections[&Section::Addition], ["a b"]);
    }

    #[test]
    fn a_file_that_is_no_text_is_refused() {
        let refused = |bytes: &[u8]| Changelog::parse(bytes).unwrap_err().to_string();
        assert_eq!(
            refused(b"## 1.0\n- caf\xe9\n"),
            "found bytes that are no UTF-8 in line 2, expected a text file in UTF-8"
        );
    }

    #[test]
    fn a_file_beyond_the_limits_is_refused() {
        let refused = |text: String| Changelog::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(Changelog::parse(" ".repeat(1_048_576).as_bytes()).is_ok());
        assert_eq!(
            refused(" ".repeat(1_048_577)),
            "found over 1048576 bytes, expected a smaller file: older entries can move to another"
        );
        assert!(Changelog::parse(format!("## 1.0\n{}", "- a\n".repeat(20_000)).as_bytes()).is_ok());
        assert_eq!(
            refused(format!("## 1.0\n{}", "- a\n".repeat(20_001))),
            "found over 20000 items, expected a smaller file: older entries can move to another"
        );
        // Of each quote six bytes are made.
        let quotes = |count| format!("## 1.0\n- {}\n", "\"".repeat(count));
        assert!(Changelog::parse(quotes(699_050).as_bytes()).is_ok());
        assert_eq!(
            refused(quotes(699_051)),
            "found text that becomes over 4194304 bytes of HTML, \
             expected a smaller file: older entries can move to another"
        );
    }

    #[test]
    fn the_name_of_an_unknown_section_is_shown_up_to_eighty_characters() {
        let name = |length| "ä".repeat(length);
        assert_eq!(items(&format!("### {}\n- x\n", name(80))), [format!("change: {}: x", name(80))]);
        assert_eq!(items(&format!("### {}\n- x\n", name(81))), [format!("change: {}…: x", name(80))]);
    }

    #[test]
    fn a_list_nested_without_end_is_read_without_overflow() {
        assert_eq!(items(&format!("{}deep\n", "- ".repeat(2_000))), ["note: deep"]);
    }

    /// Pieces of Markdown and HTML in any order.
    const MARKDOWN: &str = concat!(
        "([-#*_`<>&\\[\\]()!\"' \n\u{0}\u{1b}a1:/]",
        "|https://u|javascript:|<b>|<!--|-->|\n- |\n  - |\n\n|\n### Fixed\n|\n    |\n> ){0,60}",
    );

    proptest::proptest! {
        /// Whatever a changelog holds, its items open and close the elements that are ours, and hold no others.
        #[test]
        fn items_are_well_formed_whatever_the_text(text in MARKDOWN) {
            let changelog = parse(&format!("## 1.0\n{text}"));
            for item in changelog.entries.iter().flat_map(|entry| entry.sections.values()).flatten() {
                proptest::prop_assert!(!item.is_empty() && is_line_of_text(item), "{item:?}");
                let mut open = Vec::new();
                for tag in item.split('<').skip(1).map(|part| part.split('>').next().unwrap()) {
                    match tag.strip_prefix('/') {
                        Some(name) => proptest::prop_assert_eq!(open.pop(), Some(name)),
                        None if tag.starts_with("a href=\"") => open.push("a"),
                        None => open.push(tag),
                    }
                    let known = open.last().is_none_or(|name| ["a", "code", "em", "strong"].contains(name));
                    proptest::prop_assert!(known, "{item:?}");
                }
                proptest::prop_assert!(open.is_empty(), "{item:?}");
            }
        }
    }
}
