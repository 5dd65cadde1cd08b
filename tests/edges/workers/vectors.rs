//! The vectors of the signed-URL format, judged in each runtime by the check that workers and Lambda@Edge share.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandari_signed_url::Refusal;
use bandari_tests::skipping::skip;
use serde::Deserialize;

use super::{Fixture, Runtime, configure, own};
use bandari_tests::server::{installed, replaced};

/// What `vectors.js` prints.
#[derive(Deserialize)]
struct Judgment {
    judged: usize,
    found: Vec<String>,
}

/// The generated module beside the vectors and what judges them.
fn lay_out(fixture: &Fixture) -> PathBuf {
    let folder = fixture.generate("workers");
    for name in ["vectors.js", "vectors_deno.js", "vectors_workerd.js"] {
        fs::write(folder.join(name), own(name)).unwrap();
    }
    copy_vectors(&folder);
    folder
}

fn copy_vectors(folder: &Path) {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../validator/signed-url/vectors");
    for file in fs::read_dir(vectors).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
}

/// How many verdicts and rules of requests, and verdicts on key sets, there are: each vector gives two, each key set one.
fn verdicts(folder: &Path) -> usize {
    let count = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let length = |list: &str| file[list].as_array().map_or(0, Vec::len);
        2 * length("vectors") + length("key_sets")
    };
    ["media-cdn.json", "profile.json", "strict.json"].into_iter().map(count).sum()
}

fn judges(folder: &Path, command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let line = text.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output:?}"));
    let judgment: Judgment = serde_json::from_str(line).unwrap();
    assert!(judgment.found.is_empty(), "{}", judgment.found.join("\n"));
    assert_eq!(judgment.judged, verdicts(folder));
}

#[test]
fn people_read_the_same_of_each_rule_as_everywhere() {
    let fixture = Fixture::new();
    let lines = Refusal::ALL.map(|refusal| format!("\n  \"{}\": \"{refusal}\",", refusal.rule())).concat();
    for (target, name) in [("workers", "bandari-edge.js"), ("lambda-edge", "index.mjs")] {
        let module = fs::read_to_string(fixture.generate(target).join(name)).unwrap();
        assert!(module.contains(&lines), "{module}");
    }
}

#[test]
fn workerd_judges_every_vector_as_stated() {
    let Some(workerd) = Runtime::Workerd.installed() else { return };
    let fixture = Fixture::new();
    let folder = lay_out(&fixture);
    configure(&folder, "vectors.capnp");
    judges(&folder, Command::new(workerd.program).arg("test").arg(folder.join("vectors.capnp")));
}

#[test]
fn deno_judges_every_vector_as_stated() {
    let Some(deno) = Runtime::Deno.installed() else { return };
    let fixture = Fixture::new();
    let folder = lay_out(&fixture);
    let mut command = Command::new(deno.program);
    command
        .env("DENO_DIR", folder.join("deno"))
        .args(["run", "--no-config"])
        .arg(folder.join("vectors_deno.js"));
    judges(&folder, &mut command);
}

/// Node runs the module of Lambda@Edge.
#[test]
fn node_judges_every_vector_as_stated() {
    let Some(node) = installed("node") else { return skip("node") };
    let fixture = Fixture::new();
    let folder = fixture.generate("lambda-edge");
    copy_vectors(&folder);
    let vectors = replaced(&own("vectors.js"), "./bandari-edge.js", "./index.mjs");
    fs::write(folder.join("vectors.mjs"), vectors).unwrap();
    // Node tells by the ending that a file is a module.
    let judge = replaced(&own("vectors_deno.js"), "./vectors.js", "./vectors.mjs");
    fs::write(folder.join("judge.mjs"), judge).unwrap();
    judges(&folder, Command::new(node).arg(folder.join("judge.mjs")));
}
