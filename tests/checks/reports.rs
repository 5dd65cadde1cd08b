//! The forms of the report, exit codes, and what a check leaves alone.

use std::path::Path;

use bandari_tests::example_site::lay_out;
use serde_json::json;

use super::*;

/// A warning of a changelog, an error of a manifest, and twice the same warning.
fn several() -> Site {
    sound()
        .with(CHANGELOG, ENTRY)
        .with(
            PACKAGE,
            with_manifest(manifest(MODULE, "Tides", "1.0.0", &[FILES, CHANGELOG_URL].concat())).bytes(),
        )
        .with("handbook/product.toml", "kind = 'file'\npattern = 'handbook-{version}.txt'")
        .with("handbook/handbook-1.0.txt", "How to moor\n")
        .with("handbook/notes,100%.txt", "Rope")
        .with("handbook/rope.txt", "Rope")
}

const ENTRY: &str = "## 1.0.0\n\n- Ebb and flow\n";

const LEFT_OUT: &str = "The file is not published.\n    \
                        To mend it: Rename it as `pattern` says, or move it out of the folder of packages.\n";

#[test]
fn people_read_what_happens_and_how_to_mend_it_once_for_each_code() {
    let pattern = "expected a name that fits the pattern `handbook-{version}.txt`";
    let stdout = format!(
        "warning[BND009]: `handbook/notes,100%.txt`: found the file name \"notes,100%.txt\", {pattern}\n    {LEFT_OUT}\
         warning[BND009]: `handbook/rope.txt`: found the file name \"rope.txt\", {pattern}\n\
         error[BND401]: `tides/mod_tides-1.0.0.zip > mod_tides.xml`: found no update server, expected \
         `<updateservers><server type=\"extension\" name=\"…\">https://updates.example.org/tides/updates.xml\
         </server></updateservers>`\n    \
         Sites that install this release, on any Joomla, never learn of an update.\n    \
         To mend it: Write into the manifest the `<updateservers>` that the message shows.\n\
         1 error and 2 warnings in 2 packages\n"
    );
    assert_eq!(several().run(&["check"]), Run { code: 3, stdout, stderr: String::new() });
}

#[test]
fn github_shows_findings_at_their_files() {
    let site = sound().with("tides/mod_tides-1.1.0.zip", "");
    let stdout = "::error file=packages/tides/mod_tides-1.1.0.zip,title=BND004 An empty file::\
                  `tides/mod_tides-1.1.0.zip`: found 0 bytes, expected a package%0A\
                  Nothing is published: no Joomla can install it.%0A\
                  To mend it: Put the package there again; a copy may have been cut off.\n\
                  1 error in 2 packages\n";
    let run = site.run(&["check", "--format", "github"]);
    assert_eq!(run, Run { code: 3, stdout: stdout.to_owned(), stderr: String::new() });
}

#[test]
fn github_shows_what_is_inside_of_a_package_at_the_package_and_escapes_odd_names() {
    let run = several().run(&["check", "--format", "github"]);
    let beginnings: Vec<&str> =
        run.stdout.lines().map(|line| line.split(",title=").next().unwrap()).collect();
    assert_eq!(
        beginnings,
        [
            "::warning file=packages/handbook/notes%2C100%25.txt",
            "::warning file=packages/handbook/rope.txt",
            "::error file=packages/tides/mod_tides-1.0.0.zip",
            "1 error and 2 warnings in 2 packages",
        ]
    );
}

#[test]
fn github_finds_the_files_of_a_site_in_a_folder_of_its_own() {
    let server = SERVER.replace("https:", "http:");
    let site = with_body(&server);
    let config = CONFIG.replace("https://updates", "http://updates");
    site.put("site/bandari.toml", format!("packages = '../packages'\n{config}"));
    let run =
        site.with(CHANGELOG, ENTRY).run(&["check", "--format", "github", "--config", "./site/bandari.toml"]);
    let files: Vec<&str> = run.stdout.lines().map(|line| line.split(",title=").next().unwrap()).collect();
    assert_eq!(
        files,
        [
            "::error file=site/bandari.toml",
            "::warning file=packages/tides/mod_tides-1.0.0.zip",
            "1 error and 1 warning in 1 package",
        ]
    );
}

#[test]
fn templates_are_looked_at_though_no_package_is_sound() {
    let site = sound().config(&format!("{CONFIG}templates = 'design'\n")).with(PACKAGE, "");
    let told = |site: &Site| {
        let run = site.run(&["check"]);
        assert_eq!(run.code, 3, "{run:?}");
        run.stdout.lines().next().unwrap().to_owned()
    };
    site.put("design/pages/base.html", "{% if");
    assert_eq!(
        told(&site),
        "error[BND010]: `design/pages/base.html`: found Unexpected end of input (base.html:1:6), expected a template of \
         which every page can be made"
    );
    site.put("design/pages/base.html", b"\xff");
    assert_eq!(
        told(&site),
        "error[BND010]: `design/pages`: found `design/pages/base.html` cannot be read: stream did not contain valid \
         UTF-8, expected a template of which every page can be made"
    );
}

#[test]
fn a_language_without_texts_is_told_as_a_build_tells_it() {
    let told = |site: &Site| {
        let build = site.build(&[]);
        let check = site.run(&["check"]);
        assert_eq!((build.code, check.code), (1, 3), "{build:?} {check:?}");
        let of = |text: &str| -> Vec<String> {
            text.lines().filter_map(|line| line.strip_prefix("error[BND010]: ")).map(str::to_owned).collect()
        };
        assert_eq!(of(&build.stderr), of(&check.stdout));
        of(&build.stderr)
    };
    let absent = |tag: &str| {
        format!(
            "`bandari.toml`: found `{tag}` among the languages of the pages, expected `en`, `de`, or its texts in \
             `pages/languages/{tag}.toml` of the `templates` folder"
        )
    };
    let site = sound().config(&format!("{CONFIG}languages = ['fr', 'en', 'sw']\n"));
    assert_eq!(told(&site), [absent("fr"), absent("sw")]);
    let run = site.build(&[]);
    assert!(
        run.stderr.ends_with("\nerror: 2 problems in the texts of the pages: nothing was written\n"),
        "{run:?}"
    );
    let site = sound().config(&format!("{CONFIG}languages = ['en', 'fr']\ntemplates = 'design'\n"));
    site.put("design/pages/languages/fr.toml", "name = 'Français'\nname = 'French'\n");
    assert_eq!(
        told(&site),
        [
            "`design/pages/languages/fr.toml`: found duplicate key in line 2, expected the keys of our `en.toml`"
        ]
    );
}

#[test]
fn programs_read_findings_and_counts() {
    let site = sound().with("tides/mod_tides-1.1.0.zip", "");
    let run = site.run(&["check", "--json"]);
    assert_eq!((run.code, &*run.stderr), (3, ""));
    assert_eq!(
        serde_json::from_str::<Value>(&run.stdout).unwrap(),
        json!({
            "findings": [{
                "code": "BND004",
                "severity": "error",
                "file": "tides/mod_tides-1.1.0.zip",
                "found": "0 bytes",
                "expected": "a package",
                "effect": "Nothing is published: no Joomla can install it.",
                "mend": "Put the package there again; a copy may have been cut off.",
            }],
            "errors": 1,
            "warnings": 0,
            "packages": 2,
        })
    );
}

#[test]
fn warnings_are_errors_when_the_check_is_strict() {
    let site = sound().with(CHANGELOG, ENTRY);
    assert_eq!(site.run(&["check"]).code, 0);
    assert_eq!(site.run(&["check", "--strict"]).code, 3);
    assert_eq!(sound().run(&["check", "--strict"]).code, 0);
}

#[test]
fn a_quiet_check_prints_errors_only_each_in_one_line() {
    let site = several();
    let run = site.run(&["check", "--quiet"]);
    assert_eq!((run.code, run.stdout.lines().count(), &*run.stderr), (3, 1, ""));
    assert!(run.stdout.starts_with("error[BND401]: "), "{run:?}");
    assert_eq!(site.run(&["check", "--quiet", "--strict"]).stdout.lines().count(), 3);
    assert_eq!(sound().run(&["check", "--quiet"]).stdout, "");
}

#[test]
fn json_and_a_format_exclude_each_other() {
    let run = sound().run(&["check", "--json", "--format", "github"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
}

#[test]
fn a_wrong_configuration_ends_a_check() {
    let run = sound().run(&["check", "--config", "missing.toml"]);
    let message = "configuration `missing.toml`: cannot be read: No such file or directory (os error 2)";
    assert_eq!(run, Run { code: 2, stdout: String::new(), stderr: format!("error: {message}\n") });
}

#[test]
fn nothing_to_check_is_no_success() {
    let run = Site::new(programs().bandari).run(&["check"]);
    assert_eq!((run.code, &*run.stderr), (1, "error: no package in `packages`: nothing was written\n"));
}

#[test]
fn a_check_writes_nothing() {
    let site = several();
    let before = site.stamps("");
    assert_eq!(site.run(&["check"]).code, 3);
    assert_eq!(site.stamps(""), before);
}

#[test]
fn what_only_a_check_finds_stops_no_build() {
    let site = several();
    assert_eq!(site.run(&["check"]).code, 3);
    assert_eq!(site.build(&[]).code, 0);
    assert!(site.path("output/public/tides/updates.xml").exists());
}

#[test]
fn a_check_looks_at_another_output_where_that_is_asked_for() {
    let site = sound();
    assert_eq!(site.build(&["--output", "elsewhere"]).code, 0);
    let site = site.with(PACKAGE, module("1.0.0").file("a.php", "<?php").bytes());
    assert_eq!(site.run(&["check"]).code, 0);
    let run = site.run(&["check", "--json", "--output", "elsewhere"]);
    assert_eq!(findings(&run), [("BND321".to_owned(), PACKAGE.to_owned())]);
}

#[test]
fn the_example_site_and_the_site_of_all_types_have_no_findings() {
    for (folder, packages) in [("../site", 9), ("fixtures/eight_types", 18)] {
        let site = Site::new(programs().bandari);
        lay_out(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &site.path("")).unwrap();
        let stdout = format!("no findings in {packages} packages\n");
        let run = site.run(&["check", "--strict"]);
        assert_eq!(run, Run { code: 0, stdout, stderr: String::new() });
    }
}
