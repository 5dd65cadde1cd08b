//! The vectors in `vectors/`, as any implementation reads them; FORMAT.md says what their fields mean.
//!
//! Every signature in them was made and judged by other Ed25519 libraries, so these tests compare two opinions.

use std::collections::{BTreeMap, BTreeSet};

use bandari_signed_url::{
    Expires, KeySet, KeySetName, Origin, Refusal, Signer, UrlPath, Verifier, public_key_from_base64url,
    public_key_to_base64url,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    base: String,
    keys: BTreeMap<String, Vec<String>>,
    #[serde(rename = "seedA")]
    seed_a: String,
    #[serde(rename = "seedB")]
    seed_b: String,
    #[serde(rename = "pubB")]
    public_key_b: String,
    vectors: Vec<Request>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    base: String,
    keys: BTreeMap<String, Vec<String>>,
    seeds: BTreeMap<String, String>,
    vectors: Vec<Request>,
    key_sets: Vec<KeySetVector>,
}

/// A request, and what an edge must make of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    name: String,
    method: String,
    url: Option<String>,
    target: String,
    now: u64,
    max_lifetime_seconds: Option<u64>,
    accept: bool,
    rule: Option<String>,
    note: String,
}

/// Public keys, and whether an edge may be configured with them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeySetVector {
    name: String,
    public_keys: Vec<String>,
    accept: bool,
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MediaCdn {
    #[serde(rename = "source")]
    _source: String,
    vectors: Vec<Sample>,
}

/// A signature of Google's samples, and what the strict profile makes of its URL.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    seed: String,
    public_key: String,
    signed: String,
    signature: String,
    base: String,
    key_set: String,
    method: String,
    target: String,
    now: u64,
    profile: Verdict,
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    accept: bool,
    rule: Option<String>,
}

fn profile() -> Profile {
    serde_json::from_str(include_str!("../vectors/profile.json")).expect("profile.json has this form")
}

fn strict() -> Strict {
    serde_json::from_str(include_str!("../vectors/strict.json")).expect("strict.json has this form")
}

fn media_cdn() -> MediaCdn {
    serde_json::from_str(include_str!("../vectors/media-cdn.json")).expect("media-cdn.json has this form")
}

fn signing_key(seed: &str) -> SigningKey {
    let bytes: Vec<u8> = (0..seed.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&seed[at..at + 2], 16).expect("a seed is hexadecimal"))
        .collect();
    SigningKey::from_bytes(&bytes.try_into().expect("a seed has 32 bytes"))
}

fn key_set(name: &str, public_keys: &[String]) -> Result<KeySet, Box<dyn std::error::Error>> {
    let keys = public_keys.iter().map(|text| public_key_from_base64url(text)).collect::<Result<_, _>>()?;
    Ok(KeySet::new(KeySetName::parse(name)?, keys)?)
}

fn verifier(base: &str, keys: &BTreeMap<String, Vec<String>>) -> Verifier {
    let key_sets = keys.iter().map(|(name, keys)| key_set(name, keys).expect(name)).collect();
    Verifier::new(Origin::parse(base).expect(base), key_sets)
}

fn assert_judged_as_stated(verifier: &Verifier, requests: &[Request]) {
    for Request { name, method, target, now, max_lifetime_seconds, accept, rule, note, .. } in requests {
        let verifier = match max_lifetime_seconds {
            Some(seconds) => verifier.clone().with_max_lifetime_seconds(*seconds),
            None => verifier.clone(),
        };
        let refused_by = verifier.verify(method, target, *now).err().map(Refusal::rule);
        assert_eq!(refused_by, rule.as_deref(), "`{name}` ({note})");
        assert_eq!(refused_by.is_none(), *accept, "`{name}` ({note})");
    }
}

#[test]
fn the_requests_of_the_profile_are_judged_as_stated() {
    let Profile { base, keys, vectors, .. } = profile();
    assert_eq!(vectors.len(), 19);
    assert_judged_as_stated(&verifier(&base, &keys), &vectors);
}

#[test]
fn the_strict_requests_are_judged_as_stated() {
    let Strict { base, keys, vectors, .. } = strict();
    assert_judged_as_stated(&verifier(&base, &keys), &vectors);
}

#[test]
fn the_urls_of_the_profile_end_in_their_targets() {
    for Request { name, url, target, accept, .. } in profile().vectors {
        let url = url.expect("the requests of the profile have a URL");
        let origin = url.strip_suffix(&target).expect("a URL ends in its target");
        assert!(Origin::parse(origin).is_ok(), "`{name}`");
        assert!(!accept || origin == profile().base, "`{name}`");
    }
}

#[test]
fn the_public_keys_of_the_vectors_belong_to_their_seeds() {
    let Profile { keys, seed_a, seed_b, public_key_b, .. } = profile();
    assert_eq!(public_key_to_base64url(&signing_key(&seed_a).verifying_key()), keys["jus-2026a"][0]);
    assert_eq!(public_key_to_base64url(&signing_key(&seed_b).verifying_key()), public_key_b);
    let Strict { keys, seeds, .. } = strict();
    let newest_first = ["C", "B", "A"].map(|seed| signing_key(&seeds[seed]).verifying_key());
    assert_eq!(keys["rotation"], newest_first.map(|key| public_key_to_base64url(&key)));
    for Sample { name, seed, public_key, .. } in media_cdn().vectors {
        assert_eq!(public_key_to_base64url(&signing_key(&seed).verifying_key()), public_key, "`{name}`");
    }
}

#[test]
fn the_signer_makes_the_reference_url() {
    let Profile { base, seed_a, vectors, .. } = profile();
    let signer = Signer::new(
        Origin::parse(&base).unwrap(),
        KeySetName::parse("jus-2026a").unwrap(),
        signing_key(&seed_a),
    );
    let path = UrlPath::parse("/joomla/pkg_demo-1.2.3.zip").unwrap();
    let url = signer.sign(&path, Expires::at(1_800_000_000).unwrap());
    assert_eq!(Some(url), vectors[0].url);
}

#[test]
fn the_samples_of_media_cdn_are_signed_alike() {
    for Sample { name, seed, signed, signature, base, target, .. } in media_cdn().vectors {
        let made = signing_key(&seed).sign(signed.as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(made.to_bytes()), signature, "`{name}`");
        assert_eq!(format!("{base}{target}"), format!("{signed}&Signature={signature}"), "`{name}`");
    }
}

#[test]
fn the_samples_of_media_cdn_are_judged_by_the_profile_as_stated() {
    for sample in media_cdn().vectors {
        let keys = BTreeMap::from([(sample.key_set, vec![sample.public_key])]);
        let verdict = verifier(&sample.base, &keys).verify(&sample.method, &sample.target, sample.now);
        let refused_by = verdict.err().map(Refusal::rule);
        assert_eq!(refused_by, sample.profile.rule.as_deref(), "`{}` ({})", sample.name, sample.note);
        assert_eq!(refused_by.is_none(), sample.profile.accept, "`{}` ({})", sample.name, sample.note);
    }
}

#[test]
fn the_signer_makes_the_sample_of_media_cdn_that_the_profile_takes() {
    let sample = media_cdn().vectors.into_iter().find(|sample| sample.profile.accept).unwrap();
    let signer = Signer::new(
        Origin::parse(&sample.base).unwrap(),
        KeySetName::parse(&sample.key_set).unwrap(),
        signing_key(&sample.seed),
    );
    let url = signer.sign(&UrlPath::parse("/index.html").unwrap(), Expires::at(1_650_848_400).unwrap());
    assert_eq!(url, format!("{}{}", sample.base, sample.target));
}

#[test]
fn key_sets_are_taken_or_refused_as_stated() {
    for KeySetVector { name, public_keys, accept, note } in strict().key_sets {
        assert_eq!(key_set("jus-2026a", &public_keys).is_ok(), accept, "`{name}` ({note})");
    }
}

#[test]
fn every_rule_refuses_at_least_one_request() {
    let requests: Vec<Request> = profile().vectors.into_iter().chain(strict().vectors).collect();
    let in_vectors: BTreeSet<&str> = requests.iter().filter_map(|request| request.rule.as_deref()).collect();
    let known: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.rule()).collect();
    assert_eq!(in_vectors, known);
}

#[test]
fn every_vector_has_its_own_name_and_a_note() {
    let Strict { vectors, key_sets, .. } = strict();
    let key_sets = key_sets.into_iter().map(|vector| (vector.name, vector.note));
    let requests = profile().vectors.into_iter().chain(vectors).map(|vector| (vector.name, vector.note));
    let mut names = BTreeSet::new();
    for (name, note) in requests.chain(key_sets) {
        assert!(!note.is_empty(), "`{name}` has no note");
        assert!(names.insert(name.clone()), "`{name}` stands twice");
    }
}

#[test]
fn the_format_lists_the_rules_in_the_order_of_the_checks() {
    let format = include_str!("../FORMAT.md");
    let listed: Vec<&str> = format
        .lines()
        .filter_map(|line| line.split_once(". `"))
        .filter(|(number, _)| number.parse::<u32>().is_ok())
        .filter_map(|(_, rest)| rest.split('`').next())
        .collect();
    assert_eq!(listed, Refusal::ALL.map(Refusal::rule));
}
