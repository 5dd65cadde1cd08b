//! Configuration, flags and exit codes.

use super::*;

#[test]
fn the_result_as_json_is_json() {
    let site = tides().with("waves/mod_waves-1.0.0.zip", "").with("loose.zip", module("mod_loose", "1.0.0"));
    let run = site.build(&["--json", "--keep-going"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap(),
        json!({
            "products": 2,
            "packages": 2,
            "packages_read": 3,
            "files_written": 21,
            "files_unchanged": 0,
            "files_removed": 0,
            "warnings": [{
                "code": "BND308",
                "severity": "warning",
                "file": "loose.zip",
                "found": "no `joomla` range in a `product.toml`",
                "expected": "one such as `joomla = \">=4.4, <7\"`: without it every Joomla from 3.10 on is offered the product",
                "effect": "The feed offers the product to every Joomla from 3.10 on, also to those on which it breaks.",
                "mend": "Write `joomla = \">=4.4, <7\"` or what fits into its `product.toml`.",
            }],
            "problems": [empty_file("waves/mod_waves-1.0.0.zip")],
        })
    );
}

/// The problem of an empty file, as JSON.
fn empty_file(file: &str) -> serde_json::Value {
    json!({
        "code": "BND004",
        "severity": "error",
        "file": file,
        "found": "0 bytes",
        "expected": "a package",
        "effect": "Nothing is published: no Joomla can install it.",
        "mend": "Put the package there again; a copy may have been cut off.",
    })
}

#[test]
fn a_quiet_build_prints_nothing_not_even_a_warning() {
    let site = site().with("mod_tides-1.0.0.zip", module("mod_tides", "1.0.0"));
    assert_eq!(site.build(&["--quiet"]), Run { code: 0, stdout: String::new(), stderr: String::new() });
    assert!(site.path("output/public/catalog.json").exists());
}

#[test]
fn another_output_folder_may_be_given() {
    let site = tides();
    assert_eq!(
        site.build(&["--output", "elsewhere"]).stdout,
        "1 product with 1 package in `elsewhere`: 17 written, 0 unchanged, 0 removed\n"
    );
    assert!(site.path("elsewhere/public/catalog.json").exists());
    assert!(!site.path("output").exists());
}

/// The run ended for the configuration's sake: exit code 2, this message, nothing written.
#[track_caller]
fn assert_misused(site: &Site, arguments: &[&str], message: &str) {
    let stderr = format!("error: {message}\n");
    assert_eq!(site.build(arguments), Run { code: 2, stdout: String::new(), stderr });
    assert!(!site.path("output").exists(), "something was written");
}

#[test]
fn a_retention_that_is_no_count_is_refused() {
    assert_misused(
        &tides().config(&format!("{CONFIG}retention = -1\n")),
        &[],
        "configuration `bandari.toml`: found `retention = -1`, \
         expected a whole number from 0 on: how many releases stay in a feed besides those that some site needs",
    );
}

#[test]
fn an_output_inside_the_packages_is_refused() {
    assert_misused(
        &tides(),
        &["--output", "packages/output"],
        "configuration `bandari.toml`: found `output = \"packages/output\"`, \
         expected a folder apart from the packages in `packages`",
    );
}

#[test]
fn an_output_around_the_packages_is_refused() {
    assert_misused(
        &tides(),
        &["--output", "."],
        "configuration `bandari.toml`: found `output = \".\"`, expected a folder apart from the packages in `packages`",
    );
}

#[test]
fn a_missing_configuration_is_told() {
    assert_misused(
        &tides(),
        &["--config", "missing.toml"],
        "configuration `missing.toml`: cannot be read: No such file or directory (os error 2)",
    );
}

#[test]
fn an_unknown_key_in_the_configuration_is_shown_with_its_line() {
    assert_misused(
        &tides().config(&format!("{CONFIG}titel = 'T'\n")),
        &[],
        "configuration `bandari.toml`: TOML parse error at line 6, column 1\n  |\n6 | titel = 'T'\n  | ^^^^^\n\
         unknown field `titel`, expected one of `title`, `vendor`, `public_url`, `download_url`, `protected_url`, \
         `renew_url`, `account_url`, `support_url`, `packages`, `output`, `digests`, `templates`, \
         `languages`, `key_mails`, `retention`, `theme`, `client_plugin`",
    );
}

#[test]
fn a_wrong_address_in_the_configuration_is_told() {
    assert_misused(
        &tides().config("title = 'T'\nvendor = 'V'\npublic_url = 'updates.example.org'\n"),
        &[],
        "configuration `bandari.toml`: found `public_url = \"updates.example.org\"`, \
         expected an address such as `https://updates.example.org`",
    );
}

#[test]
fn an_unknown_flag_is_told() {
    let site = tides();
    let run = site.build(&["--keepgoing"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.starts_with("error: unexpected argument '--keepgoing' found\n"), "{}", run.stderr);
    assert!(!site.path("output").exists());
}

#[test]
fn an_edge_address_that_the_validator_would_refuse_is_refused() {
    for address in ["https://CDN.example.org", "https://cdn.example.org:443", "https://cdn.example.org/a%20b"]
    {
        let config = CONFIG.replace("https://cdn.example.org", address);
        assert_misused(
            &tides().config(&config),
            &[],
            &format!(
                "configuration `bandari.toml`: found `protected_url = \"{address}\"`, expected an address in lower case, \
                 without a default port, with a path of `A-Za-z0-9._~-` only"
            ),
        );
    }
}

#[test]
fn a_failed_build_prints_its_problems_as_json_where_that_is_asked_for() {
    let run = site().with("empty.zip", "").build(&["--json"]);
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &printed["problems"]), (1, &json!([empty_file("empty.zip")])));
}
