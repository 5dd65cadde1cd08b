//! The vectors of `bandari-signed-url`, judged by the Lua module that nginx runs, inside nginx.

use std::collections::BTreeMap;
use std::path::Path;

use bandari_tests::http;
use bandari_tests::ports::free_port;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fixture::Fixture;
use super::nginx_server::Nginx;

/// `profile.json` and `strict.json`.
#[derive(Deserialize)]
struct Vectors {
    base: String,
    keys: BTreeMap<String, Vec<String>>,
    vectors: Vec<Vector>,
    #[serde(default)]
    key_sets: Vec<KeySetVector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    target: String,
    now: u64,
    max_lifetime_seconds: Option<u64>,
    accept: bool,
    rule: Option<String>,
}

#[derive(Deserialize)]
struct KeySetVector {
    name: String,
    public_keys: Vec<String>,
    accept: bool,
}

/// `media-cdn.json`.
#[derive(Deserialize)]
struct Samples {
    vectors: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    base: String,
    key_set: String,
    public_key: String,
    name: String,
    method: String,
    target: String,
    now: u64,
    profile: Verdict,
}

#[derive(Deserialize)]
struct Verdict {
    accept: bool,
    rule: Option<String>,
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn profile() -> Vectors {
    read(include_str!("../../validator/signed-url/vectors/profile.json"))
}

fn strict() -> Vectors {
    read(include_str!("../../validator/signed-url/vectors/strict.json"))
}

fn media_cdn() -> Samples {
    read(include_str!("../../validator/signed-url/vectors/media-cdn.json"))
}

/// nginx with the Lua module that is written for a vendor, and a location that asks it.
fn start() -> Option<(Fixture, Nginx)> {
    let fixture = Fixture::new();
    let folder = fixture.generate("nginx");
    let (port, script) = (free_port(), Path::new(env!("CARGO_MANIFEST_DIR")).join("edges/vectors.lua"));
    let http = format!(
        "lua_package_path '{}/?.lua;;';\nserver {{\n listen 127.0.0.1:{port};\n client_body_buffer_size 64k;\n \
         location / {{ content_by_lua_file {}; }}\n}}\n",
        folder.display(),
        script.display(),
    );
    Nginx::start(&folder, port, &http).map(|nginx| (fixture, nginx))
}

/// A line of a question to `vectors.lua`.
fn line(name: &str, values: &[&str]) -> String {
    let values: String = values.iter().map(|value| format!(" {}", BASE64_STANDARD.encode(value))).collect();
    format!("{name}{values}\n")
}

fn key_set(name: &str, public_keys: &[String]) -> String {
    let values: Vec<&str> = std::iter::once(name).chain(public_keys.iter().map(String::as_str)).collect();
    line("key_set", &values)
}

fn ask(nginx: &Nginx, question: &str) -> String {
    let answer = http::request(nginx.port, "POST", "/", &[], question.as_bytes());
    assert_eq!(answer.status, 200, "{question}{}", nginx.logs());
    answer.text().to_owned()
}

/// What the module has to say.
fn verdict(target: &str, accept: bool, rule: Option<&str>) -> String {
    match rule {
        None if accept => format!("accepted: {}", target.split('?').next().unwrap()),
        Some(rule) if !accept => format!("refused: {rule}"),
        _ => panic!("a vector that is accepted and refused, or neither"),
    }
}

#[test]
fn the_lua_module_judges_the_vectors_as_stated() {
    let Some((_fixture, nginx)) = start() else { return };
    let mut differences = String::new();
    for Vectors { base, keys, vectors, .. } in [profile(), strict()] {
        let site: String = keys.iter().map(|(name, keys)| key_set(name, keys)).collect();
        let site = line("base", &[&base]) + &site;
        for vector in vectors {
            let limit = vector
                .max_lifetime_seconds
                .map(|seconds| line("max_lifetime_seconds", &[&seconds.to_string()]));
            let now = line("now", &[&vector.now.to_string()]);
            let request = line("method", &[&vector.method]) + &line("target", &[&vector.target]) + &now;
            let found = ask(&nginx, &format!("{site}{}{request}", limit.unwrap_or_default()));
            let expected = verdict(&vector.target, vector.accept, vector.rule.as_deref());
            if found != expected {
                differences.push_str(&format!("\n{}: found `{found}`, expected `{expected}`", vector.name));
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn the_lua_module_judges_the_samples_of_media_cdn_as_stated() {
    let Some((_fixture, nginx)) = start() else { return };
    for sample in media_cdn().vectors {
        let question = [
            line("base", &[&sample.base]),
            key_set(&sample.key_set, &[sample.public_key]),
            line("method", &[&sample.method]),
            line("target", &[&sample.target]),
            line("now", &[&sample.now.to_string()]),
        ];
        let expected = verdict(&sample.target, sample.profile.accept, sample.profile.rule.as_deref());
        assert_eq!(ask(&nginx, &question.concat()), expected, "{}", sample.name);
    }
}

#[test]
fn the_lua_module_takes_and_refuses_key_sets_as_stated() {
    let Some((_fixture, nginx)) = start() else { return };
    let Vectors { base, key_sets, .. } = strict();
    assert!(!key_sets.is_empty());
    for KeySetVector { name, public_keys, accept } in key_sets {
        let found = ask(&nginx, &(line("base", &[&base]) + &key_set("jus-2026a", &public_keys)));
        assert_eq!(found == "fit", accept, "{name}: {found}");
        assert!(accept || found.starts_with("unfit: key set `jus-2026a`: "), "{name}: {found}");
        // A private key that is pasted by mistake looks like a public one.
        assert!(!public_keys.iter().any(|key| !key.is_empty() && found.contains(key)), "{name}: {found}");
    }
}
