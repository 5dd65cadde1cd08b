//! `bandari check`: the same findings for people, for programs, and as annotations of GitHub Actions.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{exit, headline, print_failure};
use crate::error::count;
use crate::{Checked, Code, Config, Problem, Severity};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
    /// Where the site was built, in place of the configuration's `output`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print the findings as JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print the findings for another program
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    /// Print errors only, each in one line
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Annotations of GitHub Actions
    Github,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'c> {
    findings: &'c [&'c Problem],
    errors: usize,
    warnings: usize,
    packages: usize,
}

pub(super) fn run(args: &CheckArgs) -> io::Result<u8> {
    let checked = Config::load(&args.config, args.output.as_deref())
        .and_then(|config| crate::check(&config).map(|checked| (config, checked)));
    let (config, checked) = match checked {
        Ok(checked) => checked,
        Err(error) => return print_failure(&error, args.json),
    };
    let findings: Vec<&Problem> = checked.of_site.iter().chain(&checked.of_packages).collect();
    let errors = findings.iter().filter(|finding| finding.rule().severity == Severity::Error).count();
    let report =
        Report { findings: &findings, errors, warnings: findings.len() - errors, packages: checked.packages };
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        match args.format {
            Some(Format::Github) => print_annotations(&mut out, args, &checked, &config.packages)?,
            None => print_findings(&mut out, args, &findings)?,
        }
        if !args.quiet {
            writeln!(out, "{}", summary(&report))?;
        }
    }
    let has_errors = errors > 0 || args.strict && report.warnings > 0;
    Ok(if has_errors { exit::FOUND_ERRORS } else { exit::DONE })
}

impl CheckArgs {
    fn shows(&self, finding: &Problem) -> bool {
        !self.quiet || self.strict || finding.rule().severity == Severity::Error
    }
}

/// What a code means is told once, where it occurs first.
fn print_findings(out: &mut impl Write, args: &CheckArgs, findings: &[&Problem]) -> io::Result<()> {
    let mut told: BTreeSet<Code> = BTreeSet::new();
    for finding in findings.iter().filter(|finding| args.shows(finding)) {
        writeln!(out, "{}", headline(finding))?;
        if !args.quiet && told.insert(finding.code) {
            let rule = finding.rule();
            writeln!(out, "    {}\n    To mend it: {}", rule.effect, rule.mend)?;
        }
    }
    Ok(())
}

fn summary(report: &Report<'_>) -> String {
    let packages = count(report.packages, "package");
    let found: Vec<String> = [(report.errors, "error"), (report.warnings, "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(number, noun))
        .collect();
    if found.is_empty() {
        format!("no findings in {packages}")
    } else {
        format!("{} in {packages}", found.join(" and "))
    }
}

fn print_annotations(
    out: &mut impl Write,
    args: &CheckArgs,
    checked: &Checked,
    packages: &Path,
) -> io::Result<()> {
    let of_site = checked.of_site.iter().map(|finding| (finding, PathBuf::from(&finding.file)));
    let of_packages = checked.of_packages.iter().map(|finding| {
        let file = finding.file.split(" > ").next().unwrap_or(&finding.file);
        (finding, packages.join(file))
    });
    let mut shown = of_site.chain(of_packages).filter(|(finding, _)| args.shows(finding));
    shown.try_for_each(|(finding, file)| writeln!(out, "{}", annotation(finding, &plain(&file))))
}

/// The path without `.` and `..`, as GitHub knows its files.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}

/// A workflow command of GitHub Actions ("Workflow commands for GitHub Actions" in GitHub's documentation); how texts are
/// escaped in it is told by `packages/core/src/command.ts` of `actions/toolkit`.
fn annotation(finding: &Problem, file: &Path) -> String {
    let rule = finding.rule();
    let message = format!("{finding}\n{}\nTo mend it: {}", rule.effect, rule.mend);
    format!(
        "::{} file={},title={}::{}",
        rule.severity.as_str(),
        escaped_property(&file.to_string_lossy()),
        escaped_property(&format!("{} {}", rule.code, rule.title)),
        escaped(&message),
    )
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_cannot_be_broken_by_what_it_tells_of() {
        let finding = Problem::new(Code::EmptyFile, "a", "100% of 0 bytes", "a package");
        let line = annotation(&finding, Path::new("odd,name:100%.zip"));
        assert_eq!(
            line,
            "::error file=odd%2Cname%3A100%25.zip,title=BND004 An empty file::`a`: found 100%25 of 0 bytes, \
             expected a package%0ANothing is published: no Joomla can install it.%0ATo mend it: Put the package \
             there again; a copy may have been cut off."
        );
    }

    #[test]
    fn a_summary_counts_what_there_is() {
        let summary = |errors, warnings, packages| {
            super::summary(&Report { findings: &[], errors, warnings, packages })
        };
        assert_eq!(summary(3, 2, 12), "3 errors and 2 warnings in 12 packages");
        assert_eq!(summary(1, 0, 1), "1 error in 1 package");
        assert_eq!(summary(0, 1, 2), "1 warning in 2 packages");
        assert_eq!(summary(0, 0, 12), "no findings in 12 packages");
    }
}
