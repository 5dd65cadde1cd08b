//! The table of all sites.

use serde_json::json;

use super::*;

#[test]
fn all_sites_are_a_table_that_fits_on_a_page() {
    assert_eq!(
        explain(&tides(), &[]),
        "\
What each Joomla is offered by `updates.xml`.
It is for sites that have the plugin `tides` of the group `system` in a version older than all of these, and want stable \
releases only.

By PHP
  Joomla     PHP <8.1    PHP 8.1+
  3.10       1.0.0       1.0.0
  4.0–4.3    1.0.0       1.0.0
  4.4        1.0.0       1.2.0
  5          1.0.0       1.2.0
  6          only beta   only beta
  7 (next)   no entry    no entry

By database, with a PHP that is new enough
  Joomla     MySQL <8.0   MySQL 8.0+   MariaDB <10.6   MariaDB 10.6+   PostgreSQL
  3.10       1.0.0        1.0.0        1.0.0           1.0.0           1.0.0
  4.0–4.3    1.0.0        1.0.0        1.0.0           1.0.0           1.0.0
  4.4        1.0.0        1.2.0        1.0.0           1.2.0           1.0.0
  5          1.0.0        1.2.0        1.0.0           1.2.0           1.0.0
  6          only beta    only beta    only beta       only beta       only beta
  7 (next)   no entry     no entry     no entry        no entry        no entry

What the words mean
  only beta: Nothing is for this Joomla but releases with `<tag>beta</tag>`.
  no entry: No entry is for this Joomla.
"
    );
}

#[test]
fn what_was_said_is_no_column() {
    let page = explain(&tides(), &["--php", "8.0", "--db", "postgresql:16"]);
    assert_says(&page, "By PHP, with PostgreSQL 16");
    assert_says(&page, "  Joomla     PHP 8.0");
    assert_says(&page, "  5          1.0.0");
    assert!(!page.contains("By database"), "{page}");
}

#[test]
fn a_feed_that_asks_for_nothing_has_one_column() {
    let page = explain(&updates(&[entry("1.0.0", r"(4|5)\.", "")]), &["--installed", "1.0.0"]);
    assert_says(&page, "  Joomla     every PHP");
    assert_says(&page, "  3.10       no entry");
    assert_says(&page, "  4          up to date");
    assert_says(&page, "  up to date: The site has 1.0.0, and what fits is not newer.");
}

#[test]
fn an_update_that_is_listed_and_cannot_be_installed_is_marked() {
    let feed = updates(&[entry("1.0.0", ".*", "")]).replace("https://d.example.org/tides.zip", "");
    let page = explain(&feed, &[]);
    assert!(page.contains("  5          1.0.0 !\n"), "{page}");
}

#[test]
fn a_mistake_is_told_above_the_table() {
    let page = explain(&updates(&[entry("1.0.0", ".*", "").replace("<client>site</client>", "")]), &[]);
    assert_says(&page, "  6          wrong client");
    assert_says(
        &page,
        "  ! The newest entry that fits has no `<client>`, and Joomla takes that for `administrator`. The plugin is installed for \
         `site`. Write `<client>site</client>`.",
    );
}

#[test]
fn json_has_a_cell_for_each_php_with_each_database() {
    let json = explain_as_json(&tides(), &[]);
    let rows = json["rows"].as_array().unwrap();
    let labels: Vec<&str> = rows.iter().map(|row| row["joomla"].as_str().unwrap()).collect();
    assert_eq!(labels, ["3.10", "4.0–4.3", "4.4", "5", "6", "7"]);
    assert_eq!((&rows[2]["from"], &rows[2]["below"]), (&json!("4.4.0"), &json!("5.0.0")));
    let cells = rows[2]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 10);
    assert_eq!(
        cells[8],
        json!({
            "php": "8.1+",
            "database": "mariadb:10.6+",
            "offered": "1.2.0",
            "result": "offered",
            "text": "1.2.0",
            "meaning": null,
        })
    );
    assert_eq!(rows[4]["cells"][0]["result"], "nothing_fits");
    assert_eq!(rows[4]["cells"][0]["offered"], Value::Null);
}
