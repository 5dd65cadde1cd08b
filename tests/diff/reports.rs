//! The forms of the report, exit codes, and what cannot be compared.

use serde_json::{Value, json};

use super::feeds::pair;
use super::*;

fn feed(version: &str, name: &str) -> String {
    format!(
        "<updates><update><name>Tides</name><element>mod_tides</element><type>module</type><client>site</client>\
         <version>{version}</version><targetplatform name=\"joomla\" version=\"5\"/>\
         <php_minimum>8.1</php_minimum><downloadurl>https://example.org/{name}.zip</downloadurl></update></updates>"
    )
}

#[test]
fn a_difference_is_an_exit_code_of_its_own_where_that_is_wanted() {
    let site = pair(&feed("1.0.0", "a"), &feed("1.1.0", "a"));
    let code = |arguments: &[&str]| site.run(&[&["diff"], arguments].concat()).code;
    assert_eq!(code(&["old.xml", "new.xml"]), 0);
    assert_eq!(code(&["old.xml", "new.xml", "--exit-code"]), 4);
    assert_eq!(code(&["old.xml", "new.xml", "--exit-code", "--json"]), 4);
    assert_eq!(code(&["old.xml", "old.xml", "--exit-code"]), 0);
}

#[track_caller]
fn assert_refused(arguments: &[&str], code: i32, message: &str) {
    let site = pair(&feed("1.0.0", "a"), &feed("1.1.0", "a"));
    fs::create_dir(site.path("empty")).unwrap();
    site.put("tree/public/tides/updates.xml", feed("1.0.0", "a"));
    let run = site.run(&[&["diff"], arguments].concat());
    assert_eq!(run, Run { code, stdout: String::new(), stderr: format!("error: {message}\n") });
}

#[test]
fn what_cannot_be_read_or_compared_is_told() {
    assert_refused(
        &["missing.xml", "new.xml"],
        1,
        "cannot read `missing.xml`: No such file or directory (os error 2)",
    );
    assert_refused(
        &["tree", "empty"],
        1,
        "no feed in `empty`: expected an output folder, its `public/`, or a file with a feed",
    );
    assert_refused(
        &["tree", "new.xml"],
        2,
        "`tree` and `new.xml` are a folder and a file: expected two output folders or two feeds",
    );
}

#[test]
fn a_feed_that_never_ends_is_not_read_to_its_end() {
    assert_refused(
        &["new.xml", "/dev/zero"],
        1,
        "cannot read `/dev/zero`: found more than 20 MB, expected a feed",
    );
}

#[test]
fn one_argument_is_wrong_usage() {
    let run = Site::empty(programs().bandari).run(&["diff", "old.xml"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
}

#[test]
fn a_comment_on_a_pull_request_is_a_table() {
    let site = harbor()
        .with("tides/mod_tides-1.2.0.zip", module("mod_tides", "1.2.0"))
        .with("tides/product.toml", "joomla = '>=5, <7'\nphp = '8.1'\n");
    build(&site, "new");
    assert_eq!(
        site.run(&["diff", "old", "new", "--format", "markdown"]).stdout,
        "### What Joomla sites will see\n\n\
         **Sites lose their update**; no site sees a difference in 1 product more.\n\n\
         | Product | Sites | Before | After | |\n\
         |---|---|---|---|---|\n\
         | tides | Joomla 4.4 with PHP 8.1+ | 1.1.0 | no update | **loses its update** |\n\
         | tides | Joomla 5 – 6 | 1.1.0 | 1.2.0 | newer |\n"
    );
    assert_eq!(
        site.run(&["diff", "old", "old", "--format", "markdown"]).stdout,
        "### What Joomla sites will see\n\n\
         No site sees a difference in 2 products.\n"
    );
}

#[test]
fn a_feed_can_do_no_harm_to_who_reads_of_it() {
    let hostile = feed("1.0.1\u{9b}31m\u{202e}\u{61c}", "a");
    let site = pair(&feed("1.0.0", "a"), &hostile);
    for format in [&[][..], &["--format", "markdown"], &["--json"]] {
        let told = site.run(&[&["diff", "old.xml", "new.xml"], format].concat()).stdout;
        assert!(!told.contains(['\u{9b}', '\u{202e}', '\u{61c}']), "{told:?}");
        assert!(told.contains("u{202e}"), "{told:?}");
    }
}

#[test]
fn a_comment_has_no_marks_but_our_own() {
    let site = pair(&feed("1.0.0", "a"), &feed("1.0.1|`*_&lt;b&gt;@ada#1", "a"));
    assert_eq!(
        site.run(&["diff", "old.xml", "new.xml", "--format", "markdown"]).stdout,
        "### What Joomla sites will see\n\n\
         No site loses its update.\n\n\
         | Sites | Before | After | |\n\
         |---|---|---|---|\n\
         | Joomla 5 | 1.0.0 | 1.0.1\\|\\`\\*\\_&lt;b&gt;@&#8203;ada#&#8203;1 | newer |\n"
    );
}

#[test]
fn the_json_has_all_that_is_told() {
    let site = pair(&feed("1.0.0", "a"), &feed("1.0.0", "b"));
    let run = site.run(&["diff", "old.xml", "new.xml", "--json"]);
    let habits = |joomla: Value, php: Value| json!({ "minimum_stability": "stable", "installed": null, "joomla": joomla, "php": php, "databases": [] });
    assert_eq!(
        serde_json::from_str::<Value>(&run.stdout).unwrap(),
        json!({
            "differs": true,
            "products": [{
                "product": null,
                "status": "stayed",
                "changes": [],
                "notices": [{
                    "sites": habits(json!([]), json!([])),
                    "notice": "other_address",
                    "version": "1.0.0",
                    "old": "https://example.org/a.zip",
                    "new": "https://example.org/b.zip",
                }],
                "unchanged": [
                    {
                        "sites": habits(json!(["3.10 – 4", "6+"]), json!([])),
                        "answer": { "answer": "no_update" },
                    },
                    {
                        "sites": habits(json!(["5"]), json!([])),
                        "answer": { "answer": "offered", "version": "1.0.0", "installs": null },
                    },
                ],
            }],
            "unchanged_products": 0,
            "not_read": [],
        })
    );
}
