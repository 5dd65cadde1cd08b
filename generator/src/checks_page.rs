//! `CHECKS.md`, the page with all codes: what stands in it is what [`crate::rules`] says, which a test sees to.

use std::fmt::Write as _;
use std::path::Path;

use crate::rules::{CODES, Rule};

/// What a code's first digit stands for.
const CHAPTERS: [(&str, &str); 9] = [
    ("0", "Files and folders"),
    ("1", "Archives"),
    ("2", "Manifests"),
    ("3", "Products and what is published"),
    ("4", "Feeds and update servers"),
    ("5", "Licensed products"),
    ("6", "Versions and ranges"),
    ("7", "Changelogs"),
    ("8", "Inner extensions of packages"),
];

/// The chapter of all other codes.
const LAST_CHAPTER: &str = "What `bandari init` was given";

const INTRODUCTION: &str = "\
# What `bandari check` finds

Each finding has a code that never changes its meaning. An *error* does not work, or cannot be published at all; a *warning* is
allowed, and perhaps not meant. `bandari build` refuses packages for the errors that begin with \"Nothing is published\", and
tells of the warnings that cannot wait; everything else only `bandari check` looks for.

The last chapter is about what `bandari init` is given and no check can find.

Manifests are looked at in the newest stable release of each product and in what is newer: what is out cannot be changed.

This page is made of the table in `src/rules.rs`.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut chapter = "";
    for Rule { code, severity, title, effect, mend } in CODES.iter().map(|code| code.rule()) {
        let digits = code.trim_start_matches("BND");
        let of_code = CHAPTERS
            .iter()
            .find(|(digit, _)| digits.starts_with(digit))
            .map_or(LAST_CHAPTER, |(_, name)| name);
        if of_code != chapter {
            chapter = of_code;
            write!(page, "\n## {chapter}\n").expect("writing to a string does not fail");
        }
        write!(
            page,
            "\n### <a id=\"{anchor}\"></a>{code}: {title}\n\n*{severity}* – {effect}\n\n**To mend it:** {mend}\n",
            anchor = code.to_ascii_lowercase(),
            severity = severity.as_str(),
        )
        .expect("writing to a string does not fail");
    }
    page
}

#[test]
fn the_checks_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHECKS.md");
    let page = page();
    if std::env::var_os("BANDARI_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "CHECKS.md is not what src/rules.rs says; renew it with `BANDARI_BLESS=1 cargo test -p bandari-generator checks_page`"
    );
}

#[test]
fn every_code_of_the_checks_page_has_its_anchor_once() {
    let page = page();
    for code in CODES {
        let anchor = format!("<a id=\"{}\"></a>", code.rule().code.to_ascii_lowercase());
        assert_eq!(page.matches(&anchor).count(), 1, "{anchor}");
    }
}

#[test]
fn no_text_of_the_table_has_an_element_that_markdown_would_swallow() {
    for rule in CODES.iter().map(|code| code.rule()) {
        for text in [rule.title, rule.effect, rule.mend] {
            let outside_of_code = text.split('`').step_by(2).collect::<String>();
            assert!(!outside_of_code.contains(['<', '>', '*', '_']), "{}: {text}", rule.code);
            assert_eq!(text.matches('`').count() % 2, 0, "{}: {text}", rule.code);
        }
    }
}
