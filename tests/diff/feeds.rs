//! Two feeds of whoever wrote them.

use super::*;

/// An entry of a module; `more` stands in front of its version.
fn entry(version: &str, joomla: &str, more: &str) -> String {
    format!(
        "<update><name>Tides</name><element>mod_tides</element><type>module</type><client>site</client>{more}\
         <version>{version}</version><targetplatform name=\"joomla\" version=\"{joomla}\"/>\
         <downloadurl>https://example.org/mod_tides-{version}.zip</downloadurl></update>"
    )
}

fn feed(entries: &[String]) -> String {
    format!("<updates>{}</updates>", entries.concat())
}

/// A folder with two feeds.
pub(super) fn pair(old: &str, new: &str) -> Site {
    let site = Site::empty(programs().bandari);
    site.put("old.xml", old);
    site.put("new.xml", new);
    site
}

#[track_caller]
fn assert_told(old: &str, new: &str, expected: &str) {
    let run = pair(old, new).run(&["diff", "old.xml", "new.xml"]);
    assert_eq!(run, Run { code: 0, stdout: expected.to_owned(), stderr: String::new() });
}

#[test]
fn the_example_of_the_manual() {
    let old = feed(&[entry("2.4.9", "(4.4|5|6)", ""), entry("2.3.0", "3.10", "")]);
    let php = "<php_minimum>8.1</php_minimum>";
    let new = feed(&[
        entry("2.5.0", "(4.4|5|6)", php),
        entry("2.4.9", "(4.4|5|6)", ""),
        entry("2.3.0", "3.10", ""),
    ]);
    assert_told(
        &old,
        &new,
        "Sites that are offered a newer release:\n  \
           Joomla 4.4 – 6 with PHP 8.1+: 2.4.9 → 2.5.0\n\
         Unchanged:\n  \
           Joomla 3.10: 2.3.0\n  \
           Joomla 4.4 with PHP below 8.1: 2.4.9\n",
    );
}

#[test]
fn many_ranges_are_told_by_the_first_of_them() {
    // Only the first alternative is bound to the beginning, so a 5 or a 6 anywhere in a version will do.
    let old = feed(&[entry("1.0.0", "4.4|5|6", "")]);
    let new = feed(&[entry("1.0.0", "(4.4|5|6)", "")]);
    assert_told(
        &old,
        &new,
        "Sites that lose their update:\n  \
           Joomla 3.10.5 – 3.10.6, 3.10.15 – 3.10.16, 4.0.5 – 4.0.6, 4.0.15 – 4.0.16 and 8 other ranges: \
         1.0.0 → no update\n\
         Unchanged:\n  \
           Joomla 4.4 – 6: 1.0.0\n",
    );
}

#[test]
fn an_entry_without_an_expression_is_for_every_joomla() {
    let php = "<php_minimum>8.1</php_minimum>";
    let new = feed(&[entry("1.1.0", "", php)]).replace(" version=\"\"", "");
    assert_told(
        &feed(&[entry("1.0.0", "5", "")]),
        &new,
        "Sites that get an update for the first time:\n  \
           Joomla 3.10 – 4 and 6+ with PHP 8.1+: no update → 1.1.0\n\
         Sites that are offered a newer release:\n  \
           Joomla 5: 1.0.0 → 1.1.0\n",
    );
}

#[test]
fn a_collection_that_ends_the_check_is_told_once() {
    let row = |element: &str| {
        format!(
            "<extension name=\"Tides\" element=\"{element}\" type=\"module\" client=\"site\" version=\"1.0.0\" \
             detailsurl=\"https://example.org/updates.xml\" targetplatform=\"joomla\" targetplatformversion=\"\"/>"
        )
    };
    let rows = [row("mod_tides"), row("mod_waves")].concat();
    assert_told(
        &format!("<extensionset>{rows}</extensionset>"),
        &format!("<extensionset><category></category>{rows}</extensionset>"),
        "Sites that lose their update:\n  \
           all sites: 1.0.0 → an error that ends the whole check \
         (array_pop(): Argument #1 ($array) must be of type array)\n",
    );
}

#[test]
fn other_bytes_that_say_the_same_are_no_difference() {
    let old = feed(&[entry("1.1.0", "5", ""), entry("1.0.0", "5", "")]);
    let new = feed(&[entry("1.0.0", "5\\.", ""), entry("1.1.0", "5\\.", "")]).replace("><", ">\n<");
    assert_told(&old, &new, "no site sees a difference\n");
}

#[test]
fn another_package_of_the_same_version_is_told() {
    let digest = |digit: &str| format!("<sha256>{}</sha256>", digit.repeat(64));
    let old = feed(&[entry("1.0.0", "5", &digest("a"))]);
    let kept = "Unchanged:\n  Joomla 5: 1.0.0\n";
    let told =
        "What else sites notice:\n  1.0.0 has another checksum: its package changed under the same version\n";
    assert_told(&old, &feed(&[entry("1.0.0", "5", &digest("b"))]), &[told, kept].concat());

    let told = "What else sites notice:\n  1.0.0 has no checksum, what came before had one\n";
    assert_told(&old, &feed(&[entry("1.0.0", "5", "")]), &[told, kept].concat());
}

#[test]
fn an_update_that_can_no_longer_be_installed_is_lost() {
    let old = feed(&[entry("1.0.0", "5", "")]);
    let lost = |because: &str| {
        format!(
            "Sites that lose their update:\n  \
               Joomla 5: 1.0.0 → 1.0.0, which cannot be installed ({because})\n"
        )
    };
    assert_told(
        &old,
        &old.replace("<downloadurl>https://example.org/mod_tides-1.0.0.zip</downloadurl>", ""),
        &lost("it has no `<downloadurl>`"),
    );
    assert_told(
        &old,
        &old.replace("https://", "ftp://"),
        &lost("its address cannot be requested: Protocol \"ftp\" not supported or disabled in libcurl"),
    );
    assert_told(
        &old,
        &feed(&[entry("1.0.0", "5", "<sha256> </sha256>")]),
        &lost("its `<sha256>` with the blanks around it is that of no package"),
    );
}

#[test]
fn a_feed_that_ends_too_early_is_told() {
    let old = feed(&[entry("1.0.0", "5", "")]);
    let new = old.strip_suffix("</updates>").unwrap();
    assert_told(
        &old,
        new,
        "Sites that lose their update:\n  \
           Joomla 5: 1.0.0 → 1.0.0, which cannot be installed (the feed has no `</updates>`)\n\
         What else sites notice:\n  \
           the feed ends too early, in line 1: Joomla reads nothing behind it\n",
    );
}

#[test]
fn a_check_that_ends_is_told_of_every_site() {
    let old = feed(&[entry("1.0.0", "5", "")]);
    let new = old.replace("<updates>", "<updates><name>Tides</name>");
    let error = "an error that ends the whole check (Attempt to assign property \"name\" on null)";
    assert_told(
        &old,
        &new,
        &format!(
            "Sites that lose their update:\n  \
               Joomla 5: 1.0.0 → {error}\n\
             Sites without an update that see something else:\n  \
               Joomla 3.10 – 4 and 6+: no update → {error}\n"
        ),
    );
}

#[test]
fn a_feed_that_is_not_xml_is_told() {
    let old = feed(&[entry("1.0.0", "", "")]);
    assert_told(
        &old,
        &old.replace("</update>", "</entry>"),
        "Sites that lose their update:\n  all sites: 1.0.0 → a feed that Joomla cannot read\n",
    );
}

#[test]
fn a_feed_that_is_now_for_another_extension_is_told_of_both() {
    let old = feed(&[entry("1.0.0", "5", "")]);
    assert_told(
        &old,
        &old.replace("<element>mod_tides", "<element>mod_waves"),
        "Sites that lose their update:\n  \
           Joomla 5 (module:mod_tides installed): 1.0.0 → 1.0.0, which is never listed \
         (its `element` is `mod_waves`; that of the extension is `mod_tides`)\n\
         Sites that get an update for the first time:\n  \
           Joomla 5 (module:mod_waves installed): 1.0.0, which is never listed \
         (its `element` is `mod_tides`; that of the extension is `mod_waves`) → 1.0.0\n",
    );
}

#[test]
fn collections_and_changelogs_may_be_given() {
    let row = |version: &str| {
        format!(
            "<extensionset><extension name=\"Tides\" element=\"mod_tides\" type=\"module\" client=\"site\" \
             version=\"{version}\" detailsurl=\"https://example.org/updates.xml\" targetplatform=\"joomla\" \
             targetplatformversion=\"5\"/></extensionset>"
        )
    };
    assert_told(
        &row("1.0.0"),
        &row("1.1.0"),
        "Sites that are offered a newer release:\n  module:mod_tides, Joomla 5: 1.0.0 → 1.1.0\n",
    );
    let changes = |text: &str| {
        format!(
            "<changelogs><changelog><element>mod_tides</element><type>module</type><version>1.0.0</version>\
             <fix><item>{text}</item></fix></changelog></changelogs>"
        )
    };
    assert_told(
        &changes("Ebb"),
        &changes("Flow"),
        "What else sites notice:\n  the changelog tells something else of 1.0.0\n",
    );
}

#[test]
fn no_control_character_of_a_feed_reaches_the_terminal() {
    let old = feed(&[entry("1.0.0", "5", "")]);
    let new = feed(&[entry("1.1&#x9b;31m", "5", "<php_minimum>8.2.0</php_minimum>")]);
    let run = pair(&old, &new).run(&["diff", "old.xml", "new.xml"]);
    assert_eq!(
        run.stdout,
        "Sites that lose their update:\n  \
           Joomla 5 with PHP below 8.2.0: 1.0.0 → no update\n\
         Sites that are offered a newer release:\n  \
           Joomla 5 with PHP 8.2.0+: 1.0.0 → 1.1\\u{9b}31m\n"
    );
    for format in [&["--format", "markdown"][..], &["--json"]] {
        let run = pair(&old, &new).run(&[&["diff", "old.xml", "new.xml"], format].concat());
        assert!(!run.stdout.contains('\u{9b}'), "{}", run.stdout);
    }
}
