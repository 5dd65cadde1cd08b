//! What is wrong with packages and how the program says so: the whole line, the exit code, and nothing written.

use std::fs;
use std::os::unix::fs::symlink;

use bandari_tests::site::{Run, Site};
use bandari_tests::zips::{Claim, Zip, manifest, module, module_manifest, plugin};

use crate::programs;

mod archives;
mod collisions;
mod hostile;
mod inner;
mod licensed;
mod manifests;
mod product_files;
mod tree;

fn site() -> Site {
    Site::new(programs().bandari)
}

/// A sound archive to spoil: a manifest and one file beside it.
fn tides() -> Zip {
    Zip::new()
        .file("mod_tides.xml", module_manifest("mod_tides", "1.0.0"))
        .file("aa/tides.php", "<?php // high and low")
}

/// The run ended with these problems and no others, and nothing was written.
#[track_caller]
fn assert_refused(site: &Site, problems: &[&str]) {
    assert_reported(site, &site.build(&[]), problems);
}

#[track_caller]
fn assert_reported(site: &Site, run: &Run, problems: &[&str]) {
    let lines: String = problems.iter().map(|problem| format!("error: {problem}\n")).collect();
    let count = if problems.len() == 1 { "1 problem".into() } else { format!("{} problems", problems.len()) };
    let stderr = format!("{lines}error: {count} in the packages: nothing was written\n");
    let told = Run { stderr: without_codes(&run.stderr), ..run.clone() };
    assert_eq!(told, Run { code: 1, stdout: String::new(), stderr });
    assert!(!site.path("output").exists(), "something was written");
}

/// The report with `error: ` for `error[BND…]: `; which problem has which code is shown elsewhere, for every code.
fn without_codes(report: &str) -> String {
    let mut plain = String::new();
    for line in report.lines() {
        match line.split_once("]: ") {
            Some((code, problem)) if code.starts_with("error[BND") && code.len() == "error[BND000".len() => {
                plain += &format!("error: {problem}\n");
            }
            _ => plain += &format!("{line}\n"),
        }
    }
    plain
}

/// A site with nothing but this package is refused for this problem.
#[track_caller]
fn assert_package_refused(package: impl AsRef<[u8]>, problem: &str) {
    assert_refused(&site().with("tides.zip", package), &[problem]);
}

#[test]
fn every_problem_of_a_run_is_told_in_it_sorted() {
    let site = site()
        .with("zeta.zip", "")
        .with("my ext.zip", module("mod_ext", "1.0.0"))
        .with("climber.zip", tides().renamed("aa/tides.php", "../tides.php").bytes())
        .with("good.zip", module("mod_good", "1.0.0"))
        .with("again.zip", module("mod_good", "1.0.0"))
        .with("deep/product.toml", "php = 'eight'")
        .with("deep/mod_deep-1.0.0.zip", module("mod_deep", "1.0.0"));
    symlink("good.zip", site.path("packages/link.zip")).unwrap();
    assert_refused(
        &site,
        &[
            "`climber.zip > ../tides.php`: found a name with `..`, expected a relative name with `/` between folders",
            "`deep/product.toml`: found `php = \"eight\"`, expected a version such as `8.1`",
            "`good.zip`: found version 1.0.0 again, after `again.zip`, \
             expected each version of a product once, each in a file of its own name",
            "`link.zip`: found a symbolic link, expected a regular file or a folder",
            "`my ext.zip`: found the file name \"my ext.zip\", \
             expected 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, not beginning with a dot",
            "`zeta.zip`: found 0 bytes, expected a package",
        ],
    );
}

#[test]
fn nothing_but_bad_packages_is_told_as_that_even_when_the_run_goes_on() {
    let site = site().with("tides.zip", "");
    assert_reported(
        &site,
        &site.build(&["--keep-going"]),
        &["`tides.zip`: found 0 bytes, expected a package"],
    );
}
