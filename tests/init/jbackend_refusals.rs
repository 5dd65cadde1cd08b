//! What cannot be taken over from jBackend: all of it is told in one run, with its line, and nothing is written.

use std::os::unix::fs::symlink;

use super::*;

/// A Release System with two good packages, and a group whose seed is `k3J9xx0q`.
fn joomla(packages: &str) -> Site {
    let site = site();
    site.put("files/tides-1.0.zip", module("mod_tides", "1.0"));
    site.put("files/tides-2.0.zip", module("mod_tides", "2.0"));
    site.put("options.txt", format!("Folder files\nPackage groups redj;1;k3J9xx0q\nPackages\n{packages}"));
    site
}

/// The problems, without the prefix that all have; the last line counts them.
#[track_caller]
fn problems(site: &Site) -> Vec<String> {
    let mut lines = refused(site, &["--from-jbackend", "options.txt"], 1);
    assert!(!lines.concat().contains("k3J9xx0q"), "{lines:?}");
    assert!(lines.pop().unwrap().ends_with(": nothing was written"));
    lines.iter().map(|line| line.strip_prefix("error: ").unwrap().to_owned()).collect()
}

const GOOD: &str = "t_1;tides-1.0.zip\nt_2;tides-2.0.zip\n";

#[test]
fn every_problem_is_told_in_one_run() {
    let site = joomla(
        "a;tides-1.0.zip;none\nb;gone.zip\nc;../options.txt\nd;link.zip\ne;notes.txt\nf;empty.zip\na;b\ng;.\n",
    );
    symlink("../options.txt", site.path("files/link.zip")).unwrap();
    site.put("files/notes.txt", "no version");
    site.put("files/empty.zip", "");
    assert_eq!(
        problems(&site),
        [
            "`options.txt:4`: found an unknown package group, expected one of `Package groups` in the third field, or none",
            "`options.txt:6`: found no path, or one that leads out of `Folder`, \
             expected a path below `Folder`, without `..`, in the second field",
            "`options.txt:10`: found the same package id again, after `options.txt:4`, expected each package id once",
            "`options.txt:5`: found no file of that path in `files` (No such file or directory (os error 2)), \
             expected the package",
            "`options.txt:7`: found a link that leads out of `files`, expected a file in it",
            "`options.txt:11`: found `.`, which is no regular file, expected the package",
            "`options.txt:8 > notes.txt`: found no Joomla extension, and no version in the file's name, \
             expected a name with the version in it, such as `handbook-1.0.pdf`",
            "`options.txt:9 > empty.zip`: found 0 bytes, expected a package",
        ]
    );
}

#[test]
fn problems_have_codes_by_what_is_to_be_mended() {
    let site = joomla(
        "a;tides-1.0.zip;none\nb;gone.zip\nt_1;tides-1.0.zip;redj\nt_2;tides-2.0.zip\nw;waves-1.0.zip\n",
    );
    site.put("files/waves-1.0.zip", module("mod_waves", "1.0"));
    site.put(
        "packages/mod_waves/product.toml",
        "group = 'x'\n[[releases]]\nversions = '1.0'\npackage_id = 'w'\n",
    );
    let run = site.run(&["init", "--json", "--from-jbackend", "options.txt"]);
    let failure: Value = serde_json::from_str(&run.stdout).unwrap();
    let codes: Vec<&str> = failure["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert_eq!((run.code, &*codes), (1, &["BND901", "BND902", "BND903", "BND904"][..]));
}

#[test]
fn an_extension_that_is_partly_free_is_refused() {
    assert_eq!(
        problems(&joomla("t_1;tides-1.0.zip;redj\nt_2;tides-2.0.zip\n")),
        ["`options.txt:5`: found `mod_tides` free, but in the package group `redj` in `options.txt:4`, \
          expected all packages of one extension in the same package group, or all free: they are one product"]
    );
}

#[test]
fn an_extension_in_two_groups_is_refused() {
    let site = joomla(GOOD);
    site.put(
        "options.txt",
        "Folder files\nPackage groups\na;1\nb;2\nPackages\nt_1;tides-1.0.zip;a\nt_2;tides-2.0.zip;b\n",
    );
    assert_eq!(
        problems(&site),
        [
            "`options.txt:7`: found `mod_tides` in the package group `b`, but in the package group `a` in `options.txt:6`, \
          expected all packages of one extension in the same package group, or all free: they are one product"
        ]
    );
}

#[test]
fn a_version_under_two_ids_is_refused() {
    let site = joomla("t_1;tides-1.0.zip\nt_one;copy.zip\n");
    site.put("files/copy.zip", module("mod_tides", "1.0"));
    assert_eq!(
        problems(&site),
        ["`options.txt:5`: found version 1.0 of `mod_tides` again, after `options.txt:4`, \
          expected each version of an extension once"]
    );
}

#[test]
fn two_packages_of_one_name_are_refused() {
    let site = joomla("t_1;tides 1.zip\nt_2;2/tides_1.zip\n");
    site.put("files/tides 1.zip", module("mod_tides", "1.0"));
    site.put("files/2/tides_1.zip", module("mod_tides", "2.0"));
    assert_eq!(
        problems(&site),
        ["`options.txt:5`: found the file name `tides_1.zip` again, after `options.txt:4`, \
          expected a name of its own for each package of an extension"]
    );
}

#[test]
fn a_missing_folder_is_told_with_the_places_that_were_looked_at() {
    let site = joomla(GOOD);
    site.put("old/options.txt", "Folder /elsewhere\nPackages t_1;tides-1.0.zip\n");
    assert_eq!(
        refused(&site, &["--from-jbackend", "old/options.txt"], 1)[0],
        "error: `old/options.txt:1`: found no folder of packages at `elsewhere` and `old/elsewhere`, expected `Folder` below \
         the folder of this file or that of the configuration"
    );
}

const APART: &str = "expected a folder apart from them, since its packages are copied to them: let `packages` in the \
                     configuration name another, or begin the site in another folder";

#[test]
fn the_packages_of_a_configuration_are_no_release_system() {
    let site = site().config(bandari_tests::site::CONFIG).with("tides-1.0.zip", module("mod_tides", "1.0"));
    for folder in ["packages", ".", "packages/private"] {
        site.put("packages/private/tides-1.0.zip", module("mod_tides", "1.0"));
        site.put("options.txt", format!("Folder {folder}\nPackages t_1;tides-1.0.zip\n"));
        assert_eq!(
            problems(&site)[0],
            format!(
                "`options.txt:1`: found `{folder}`, which shares files with the site's own packages in `packages`, {APART}"
            )
        );
    }
    site.put("bandari.toml", format!("{}packages = 'products'\n", bandari_tests::site::CONFIG));
    assert!(init(&site, &["--from-jbackend", "options.txt"]).starts_with("made `products`\n"));
}

#[test]
fn a_release_system_around_the_whole_site_is_refused() {
    let site = joomla(GOOD);
    site.put("options.txt", "Folder .\nPackages t_1;files/tides-1.0.zip\n");
    assert_eq!(
        problems(&site),
        [format!(
            "`options.txt:1`: found `.`, which shares files with the site's own packages in `packages`, {APART}"
        )]
    );
}

#[test]
fn options_without_a_folder_or_a_package_are_refused() {
    let site = joomla(GOOD);
    site.put("options.txt", "Package groups redj;1;k3J9xx0q\n");
    assert_eq!(
        problems(&site),
        [
            "`options.txt`: found no package, expected lines in `Packages`",
            "`options.txt`: found no `Folder`, expected the directory of the packages, relative to Joomla's root",
        ]
    );
}

#[test]
fn a_line_of_the_groups_that_lost_its_label_is_refused_without_its_seed() {
    let site = joomla(GOOD);
    let expected =
        "expected a path without one: lines with `;` belong to `Package groups` or `Packages`".to_owned();
    site.put("options.txt", "Folder\nredj;1;k3J9xx0q\nPackages t_1;tides-1.0.zip\n");
    assert_eq!(problems(&site), [format!("`options.txt:2`: found a `;` in `Folder`, {expected}")]);
    site.put("options.txt", r#"{"folder": "redj;1;k3J9xx0q", "packages": "t_1;tides-1.0.zip"}"#);
    assert_eq!(problems(&site), [format!("`options.txt > Folder:1`: found a `;` in `Folder`, {expected}")]);
}

#[test]
fn parameters_that_are_no_json_are_told_once() {
    let site = joomla(GOOD);
    site.put("options.txt", "{\"folder\": \"files\",\n \"k3J9xx0q\"}");
    assert_eq!(problems(&site), ["`options.txt:2`: found no JSON (column 12), expected a JSON object"]);
}

#[test]
fn options_that_cannot_be_read_are_wrong_usage() {
    let site = joomla(GOOD);
    assert_eq!(
        refused(&site, &["--from-jbackend", "gone.txt"], 2),
        ["error: configuration `gone.txt`: cannot be read: No such file or directory (os error 2)"]
    );
    site.put("long.txt", "#".repeat((1 << 20) + 1));
    assert_eq!(
        refused(&site, &["--from-jbackend", "long.txt"], 2),
        ["error: configuration `long.txt`: found more than 1048576 bytes, expected jBackend's three options"]
    );
}

#[test]
fn a_product_file_under_which_a_package_would_change_is_refused() {
    let site = joomla(GOOD).with("mod_tides/product.toml", "group = 'x'\npackage_id = 'tides_{version}'");
    assert_eq!(
        problems(&site),
        [
            "`packages/mod_tides/product.toml`: found the group `x`, expected none, as in jBackend",
            "`packages/mod_tides/product.toml`: found the package id `tides_1.0` for version 1.0, \
             expected `t_1`, as in jBackend",
            "`packages/mod_tides/product.toml`: found the package id `tides_2.0` for version 2.0, \
             expected `t_2`, as in jBackend",
        ]
    );
}

#[test]
fn a_product_file_that_makes_other_files_of_packages_is_refused() {
    let text =
        "kind = 'file'\npattern = 'tides-{version}.zip'\n[[releases]]\nversions = '1.0'\npackage_id = 't_1'";
    let site = joomla("t_1;tides-1.0.zip\n").with("mod_tides/product.toml", text);
    assert_eq!(
        problems(&site),
        ["`packages/mod_tides/product.toml`: found no `pattern` for `tides-1.0.zip`, \
          expected one that finds 1.0 in a file's name, and none for an extension"]
    );
}

#[test]
fn a_package_that_is_there_with_other_bytes_is_refused() {
    let site = joomla(GOOD).with("mod_tides/tides-1.0.zip", module("mod_tides", "1.0.1"));
    assert_eq!(
        problems(&site),
        ["`packages/mod_tides/tides-1.0.zip`: found other bytes than the package to take over, \
          expected the same, or nothing yet"]
    );
}

#[test]
fn another_seed_in_the_secrets_is_refused() {
    let site = joomla(GOOD);
    site.put("secrets/seeds.toml", "[jbackend.redj]\nseed = 'another'\nuser_groups = [1]\n");
    site.permit("secrets/seeds.toml", 0o600);
    assert_eq!(
        problems(&site),
        ["`secrets/seeds.toml`: found another seed, other user groups or another name for `redj`, \
          expected what the plug-in was told, or nothing about that group"]
    );
}

#[test]
fn a_product_file_that_is_wrong_is_told_once() {
    let site = joomla(GOOD).with("mod_tides/product.toml", "idd = 1");
    let problems = problems(&site);
    assert!(problems[0].starts_with("`mod_tides/product.toml`: found unknown field `idd`"), "{problems:?}");
    assert_eq!(problems.len(), 1);
}
