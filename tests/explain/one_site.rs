//! The page for one site.

use super::*;

#[test]
fn a_site_reads_what_it_is_offered_and_what_happens_then() {
    let page = explain(
        &tides(),
        &["--joomla", "5.3.4", "--php", "8.2", "--db", "mariadb:10.11", "--installed", "1.0.0", "--key"],
    );
    assert_eq!(
        page,
        "\
Joomla 5.3.4 with PHP 8.2 and MariaDB 10.11 is offered 1.2.0, but unless the server names the file, it is saved as `tides.zip_dlid_KEY` and \
cannot be unpacked.
The feed is `updates.xml`.

The site
  It has the plugin `tides` of the group `system`, 1.0.0.
  It wants stable releases only (`--stability`).

The entries, newest first
  2.0.0-beta1 (line 2): Hidden. Its `<tag>` says `beta`; the site wants stable releases only.
  1.2.0 (line 3): Offered: the newest that fits.
  1.0.0 (line 4): It fits, too, but 1.2.0 is newer.

When 1.2.0 is installed
  Joomla reads the feed once more, and takes 1.2.0 again.
  It requests https://d.example.org/tides.zip?dlid=KEY
  ! It saves the package as `tides.zip_dlid_KEY` unless the answer names the file, and cannot unpack that: the name has no end \
such as `.zip`. Have the server answer with `Content-Disposition: attachment; filename=\"….zip\"`, or let the address end in \
`.zip`: with a key by `<dlid prefix=\"dlid=\" suffix=\"&amp;f=.zip\"/>` in the manifest of what is installed.
  It compares `sha256`; when the package has another, it installs nothing.
  The administrator reads:
    green: Updating plugin was successful.
  When the answer does not name the file, instead:
    red: Failed to extract file: tides.zip_dlid_KEY
  When the package has another checksum, instead:
    red: The checksum verification failed. Please make sure you are using the correct update server!
"
    );
}

#[test]
fn what_was_not_said_is_assumed_and_what_others_get_is_told() {
    let page = explain(&tides(), &["--joomla", "5.3.4"]);
    assert_says(&page, "Joomla 5.3.4 with PHP 8.3 and MariaDB 10.11 is offered 1.2.0.");
    assert_says(&page, "    PHP 8.3 (`--php`). PHP below 8.1 gets 1.0.0.");
    assert_says(
        &page,
        "    MariaDB 10.11 (`--db`). MySQL below 8.0 gets 1.0.0, MariaDB below 10.6 gets 1.0.0, PostgreSQL gets 1.0.0.",
    );
    assert_says(&page, "    the site has no download key (`--key`).");
    assert_says(
        &page,
        "    the plugin `tides` of the group `system` is installed, in a version older than all of these (`--installed`).",
    );
}

/// The first line for a site with Joomla 5.3.4, PHP 8.2 and MariaDB 10.11, and all that is to be looked at.
#[track_caller]
fn answer(feed: &str, arguments: &[&str]) -> (String, Vec<String>) {
    let site = ["--joomla", "5.3.4", "--php", "8.2", "--db", "mariadb:10.11"];
    let page = explain(feed, &[&site, arguments].concat());
    let first = page.lines().next().unwrap();
    let first = first.strip_prefix("Joomla 5.3.4 with PHP 8.2 and MariaDB 10.11 is offered ").unwrap();
    let looks = page.lines().filter_map(|line| line.strip_prefix("  ! ")).map(str::to_owned).collect();
    (first.to_owned(), looks)
}

/// The site is offered nothing, and the output says why and how to mend it.
#[track_caller]
fn assert_found(feed: &str, cause: &str) {
    let (first, looks) = answer(feed, &[]);
    assert!(first.starts_with("nothing: "), "{first}");
    assert!(first.contains(cause) || looks.iter().any(|look| look.contains(cause)), "{first}\n{looks:#?}");
}

fn changed(from: &str, to: &str) -> String {
    let feed = updates(&[entry("1.2.0", r"5\.", "")]);
    assert!(feed.contains(from), "{feed}");
    feed.replace(from, to)
}

#[test]
fn the_cause_of_a_hidden_update_is_told_with_what_mends_it() {
    assert_found(&changed("<client>site</client>", ""), "Write `<client>site</client>`.");
    assert_found(&changed("name=\"joomla\"", "name=\"Joomla\""), "Write `name=\"joomla\"`.");
    assert_found(
        &changed(">tides<", "> tides<"),
        "Its `<element>` is ` tides`, and the blanks around it count.",
    );
    assert_found(&changed(">tides<", ">plg_system_tides<"), "Write `<element>tides</element>`.");
    assert_found(&changed(r"5\.", "*"), "The expression `*` of its `<targetplatform>` is broken");
    assert_found(&changed(r"5\.", "&gt;=5"), "It is taken for a regular expression and not for a range.");
    assert_found(&changed("</sha256>", "</sha256><tag>alpha</tag>"), "Its `<tag>` says `alpha`");
    assert_found(&changed("</sha256>", "</sha256><php_minimum>8.4</php_minimum>"), "It needs PHP `8.4`");
    assert_found(
        &changed("<targetplatform name=\"joomla\" version=\"5\\.\"/>", ""),
        "It has no `<targetplatform>`",
    );
    assert_found(
        &changed("</sha256>", "</sha256><supported_databases mysql=\"8.0\"/>"),
        "If it runs on MariaDB, too, add `mariadb=\"…\"`.",
    );
    assert_found(
        &changed(">plugin<", ">module<").replace(">tides<", ">mod_tides<"),
        "Only plugins have one, and this is a module: leave the element out.",
    );
}

#[test]
fn an_extension_that_the_feed_is_not_for_is_told_in_the_first_line() {
    let why = |feed: &str| answer(feed, &[]).0;
    let missed = |what: &str| {
        format!(
            "nothing: 1.2.0 is the newest entry that fits, but it is not for the plugin `tides` of the group `system`: {what}. Joomla \
             stores it and never shows it."
        )
    };
    assert_eq!(
        why(&changed(">site<", ">administrator<")),
        missed("its `<client>` is `administrator`, not `site`")
    );
    assert_eq!(
        why(&changed("<client>site</client>", "")),
        missed("it has no `<client>`, which Joomla takes for `administrator`")
    );
    assert_eq!(why(&changed("<folder>system</folder>", "")), missed("it has no `<folder>`"));
    let (_, looks) = answer(&changed(">site<", ">Administrator<"), &[]);
    assert_eq!(
        looks,
        [
            "Its `<client>` is `Administrator`. The plugin is installed for `site`. Write `<client>site</client>`."
        ]
    );
}

#[test]
fn an_update_that_cannot_be_installed_is_told_in_the_first_line() {
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let (first, _) = answer(&changed(hash, "abc"), &[]);
    assert_eq!(first, "1.2.0, but its `<sha256>` is that of no package.");
    let (first, _) = answer(&changed("tides.zip", "tides"), &[]);
    assert_eq!(
        first,
        "1.2.0, but unless the server names the file, it is saved as `tides` and cannot be unpacked."
    );
}

#[test]
fn what_has_no_effect_here_and_is_hardly_meant_is_told() {
    let (first, looks) = answer(&changed("</sha256>", "</sha256><php_minimum>\n8.4\n</php_minimum>"), &[]);
    assert_eq!(first, "1.2.0.");
    assert_eq!(
        looks,
        [
            "A `<php_minimum>` is `\\n8.4\\n`. The blanks and the ends of lines around it count, and sites with an older PHP may be \
             offered the release. Write `<php_minimum>8.4</php_minimum>`."
        ]
    );
    let mirror = "<downloadsource>https://m.example.org/tides.zip</downloadsource></downloads>";
    let (_, looks) = answer(&changed("</downloads>", mirror), &[]);
    assert_eq!(looks.len(), 1, "{looks:#?}");
    assert!(looks[0].starts_with("The feed names mirrors (`<downloadsource>`)."), "{looks:#?}");
}

#[test]
fn a_feed_in_another_encoding_than_it_says_is_found_out() {
    let site = with_feed("");
    let feed = changed("Tides", "Fl\u{fc}t");
    let latin_1: Vec<u8> = feed.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    site.put("updates.xml", &latin_1);
    let page = answered(&site.run(&["explain", "updates.xml"]));
    assert!(page.contains(" That line is not in UTF-8"), "{page}");
}

#[test]
fn a_feed_that_is_not_read_to_its_end_says_so_with_the_line() {
    assert_found(
        &changed("Tides", "Tides & Waves"),
        "There is an `&` in that line that begins no reference: write `&amp;`.",
    );
    assert_found(&changed("Tides", "Tides&nbsp;2"), "`&nbsp;` in that line is known to HTML but not to XML");
    let late = format!("\n<?xml version=\"1.0\"?>\n{}", changed("Tides", "Tides"));
    assert_found(&late, "Before the XML declaration stands a blank or an empty line.");
    assert_found("", "The feed is empty.");
    assert_found("<!DOCTYPE html>\n<html><body>Moved<br></body></html>", "This is a web page and no feed.");
    assert_found(
        &changed("<updates>", "<updates><name>All</name>"),
        "`<name>` stands outside of every `<update>`",
    );
    let cut = changed("Tides", "Tides");
    assert_found(
        &cut[..cut.len() - 20],
        "no entry fits it. The closest is 1.2.0 in line 2. The parser never comes to its `</update>`",
    );
}

#[test]
fn an_installed_version_that_is_not_older_is_told() {
    let feed = updates(&[entry("v1.2.0", r"5\.", "")]);
    let (first, _) = answer(&feed, &["--installed", "1.0.0"]);
    assert_eq!(
        first,
        "nothing: it has 1.0.0, and the newest entry that fits it, v1.2.0, is not newer. To Joomla every version that begins \
         with a letter, such as `v1.2.0`, is older than all that begin with a number. Write `1.2.0`."
    );
    let (first, _) = answer(&updates(&[entry("1.2.0", r"5\.", "")]), &["--installed", "1.2.0"]);
    assert_eq!(first, "nothing: it has 1.2.0 already, and nothing newer fits it.");
}

#[test]
fn a_beta_without_a_tag_is_found_out() {
    let (first, looks) = answer(&updates(&[entry("2.0.0-beta1", r"5\.", "")]), &[]);
    assert_eq!(first, "2.0.0-beta1.");
    assert_eq!(
        looks,
        [
            "2.0.0-beta1 (line 2) looks like a beta, yet it is offered to sites that want no such release: Joomla goes by `<tag>` \
             alone. Write `<tag>beta</tag>` into it."
        ]
    );
    assert_eq!(
        answer(&updates(&[entry("2.0.0-beta1", r"5\.", BETA)]), &["--stability", "beta"]).0,
        "2.0.0-beta1."
    );
}

#[test]
fn an_installation_that_takes_nothing_is_told() {
    let feed = changed("<updates>", "<feed>").replace("</updates>", "</feed>");
    let (first, looks) = answer(&feed, &[]);
    assert!(
        first.starts_with("1.2.0, but PHP ends the installation with the error `Attempt to assign property"),
        "{first}"
    );
    assert!(
        looks.iter().any(|look| look.contains("If it is the root of the feed, name it `<updates>`.")),
        "{looks:#?}"
    );
}

#[test]
fn another_extension_may_be_installed() {
    let (first, looks) = answer(&updates(&[entry("1.2.0", r"5\.", "")]), &["--installed", "mod_waves@1.0.0"]);
    assert_eq!(
        first,
        "nothing: 1.2.0 is the newest entry that fits, but it is not for the module `mod_waves` of the site: its `<element>`, \
         `<type>` and `<folder>` differ. Joomla stores it and never shows it."
    );
    assert_eq!(looks.len(), 3);
}

#[test]
fn five_hundred_entries_are_a_page() {
    let version =
        |number: usize| format!("{}.{}.{}", 9 - number / 100, 9 - number / 10 % 10, 9 - number % 10);
    let expression =
        |number: usize| if number.is_multiple_of(2) { r"4\.".to_owned() } else { format!(r"3\.{number}\.") };
    let entries: Vec<String> =
        (0..500).map(|number| entry(&version(number), &expression(number), "")).collect();
    let page = explain(&updates(&entries), &["--joomla", "4.4", "--php", "8.2"]);
    assert!(page.lines().count() < 40, "{page}");
    assert_says(&page, "  9.9.9 (line 2): Offered: the newest that fits.");
    assert_says(
        &page,
        "  249 entries, 9.9.7 (line 4) to 5.0.1 (line 500): They fit, too, but 9.9.9 is newer.",
    );
    assert_says(
        &page,
        "  250 entries, 9.9.8 (line 3) to 5.0.0 (line 501): Hidden. The expressions of their `<targetplatform>` do not match \
         4.4.14: `3\\.1\\.`, `3\\.3\\.`, `3\\.5\\.`, `3\\.7\\.` and 246 others.",
    );
}

#[test]
fn json_has_the_whole_decision() {
    let json = explain_as_json(&tides(), &["--joomla", "5.3.4", "--php", "8.2"]);
    assert_eq!(json["feed"], "updates.xml");
    assert_eq!(json["kind"], "extension");
    assert_eq!(json["offered"], "1.2.0");
    assert_eq!(json["site"]["joomla"], "5.3.4");
    assert_eq!(json["site"]["php"], "8.2");
    assert_eq!(json["site"]["assumed"], serde_json::json!(["installed", "db", "key"]));
    assert_eq!(json["decision"]["outcome"]["result"], "offered");
    assert_eq!(json["decision"]["entries"][0]["reasons"][0]["reason"], "low_stability");
    let json = explain_as_json(&tides(), &["--joomla", "6.0"]);
    assert_eq!((&json["offered"], &json["decision"]["install"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_feed_cannot_steer_the_terminal() {
    let page = explain(&updates(&[entry("1.2.0", "5\u{9b}31m\u{202e}", "")]), &["--joomla", "5.3.4"]);
    assert!(!page.contains(['\u{9b}', '\u{202e}', '\u{1b}']), "{page:?}");
    assert!(page.contains(r"`5\u{9b}31m\u{202e}`"), "{page}");
}
