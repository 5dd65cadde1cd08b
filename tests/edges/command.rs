//! The command `bandari-validator edge`, whatever the target.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use bandari_tests::shop::Shop;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use jiff::Timestamp;

use super::fixture::{Fixture, unix_seconds};
use crate::programs;

const TARGETS: [&str; 6] = ["media-cdn", "workers", "nginx", "nginx-auth-request", "caddy", "lambda-edge"];

/// Those that check links themselves, and so have keys.
const WITH_KEYS: [&str; 4] = ["media-cdn", "workers", "nginx", "lambda-edge"];

/// Longer than any link can live.
const TWO_DAYS: i64 = 2 * 86_400;

/// All files in a folder by their names, with their bytes; of folders in it, too.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (name, path) = (entry.file_name().into_string().unwrap(), entry.path());
        match path.is_dir() {
            true => {
                found.extend(files(&path).into_iter().map(|(below, file)| (format!("{name}/{below}"), file)))
            }
            false => drop(found.insert(name, fs::read(&path).unwrap())),
        }
    }
    found
}

/// The files of a target as texts.
fn texts(fixture: &Fixture, target: &str) -> BTreeMap<String, String> {
    let files = files(&fixture.generate(target));
    files.into_iter().map(|(name, file)| (name, String::from_utf8(file).unwrap())).collect()
}

/// Writes the files of a target into `edge/<target>` of the shop and gives the lines that are printed, with the folder left out.
fn lines(shop: &Shop, target: &str) -> Vec<String> {
    let folder = shop.path("edge").join(target);
    let printed = shop.validator_prints(&["edge", target, "--output", folder.to_str().unwrap()], "");
    printed.lines().map(|line| line.replace(&format!("{}/", folder.display()), "")).collect()
}

/// What the command says when it must fail with exit code 2 and write nothing.
fn refusal(shop: &Shop, target: &str) -> String {
    let folder = shop.path("refused");
    let output = shop.validator(&["edge", target, "--output", folder.to_str().unwrap()], "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    assert!(!folder.exists(), "a folder of `{target}`");
    String::from_utf8(output.stderr).unwrap().trim_end().strip_prefix("error: ").expect("an error").to_owned()
}

/// The public keys that an edge has to know, in their order.
fn shown(shop: &Shop) -> Vec<String> {
    let shown = shop.validator_prints(&["keys", "show", "--format", "raw"], "");
    shown.lines().map(str::to_owned).collect()
}

/// Lets the next key have begun to sign this many seconds ago.
fn signs_since(shop: &Shop, seconds: i64) {
    let file = shop.path("secrets/signing-key.pem");
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("Signs-From: ").expect("a key that signs later");
    let (_, after) = after.split_once('\n').unwrap();
    let from = Timestamp::from_second(unix_seconds() - seconds).unwrap();
    fs::write(file, format!("{before}Signs-From: {from}\n{after}")).unwrap();
}

/// Puts a vendor's template in the place of ours.
fn put_template(shop: &Shop, place: &str, text: &str) {
    let file = shop.path("templates/edge").join(place);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn the_first_run_says_what_it_made_and_the_second_that_nothing_is_new() {
    let fixture = Fixture::new();
    let how = "how to put it up: `README.md`";
    let said = |word: &str| {
        let files = ["README.md", "bandari-edge.js", "wrangler.toml"].map(|name| format!("{word} `{name}`"));
        files.into_iter().chain([how.to_owned()]).collect::<Vec<_>>()
    };
    assert_eq!(lines(fixture.shop(), "workers"), said("made"));
    let folder = fixture.shop().path("edge/workers");
    let state = || {
        let modified = |name: &String| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
        files(&folder).keys().map(modified).collect::<Vec<_>>()
    };
    let before = state();
    assert_eq!(lines(fixture.shop(), "workers"), said("nothing new in"));
    assert_eq!(state(), before);
}

#[test]
fn a_rotation_changes_the_files_with_keys_and_keeps_what_they_were() {
    let fixture = Fixture::new();
    let shop = fixture.shop();
    signs_since(shop, 10);
    let before = TARGETS.map(|target| texts(&fixture, target));
    let old_keys = shown(shop);
    let _ = shop.validator_prints(&["keys", "rotate"], "");
    let keys = shown(shop);
    assert_eq!((old_keys.len(), keys.len()), (2, 3));

    for (target, before) in TARGETS.into_iter().zip(before) {
        let lines = lines(shop, target);
        let after = texts(&fixture, target);
        let mut changed = 0;
        for (name, before) in &before {
            if !before.contains(&old_keys[0]) {
                assert_eq!(&after[name], before, "{target}/{name}");
                assert!(lines.contains(&format!("nothing new in `{name}`")), "{lines:?}");
                assert!(!after.contains_key(&format!("{name}.old")), "{target}/{name}");
                continue;
            }
            changed += 1;
            let replaced = format!("replaced `{name}`; what it was is in `{name}.old`");
            assert!(lines.contains(&replaced), "{lines:?}");
            assert_eq!(&after[&format!("{name}.old")], before, "{target}/{name}");
            assert!(keys.iter().all(|key| after[name].contains(key)), "{target}/{name}");
        }
        assert_eq!(after.len(), before.len() + changed, "{target}");
        assert_eq!(changed > 0, WITH_KEYS.contains(&target), "{target}");
    }
}

#[test]
fn the_key_that_signs_comes_first_and_one_that_is_of_no_use_is_left_out() {
    let fixture = Fixture::new();
    let with_keys = |expected: &[&String], left_out: &[&String]| {
        for target in WITH_KEYS {
            for (name, text) in texts(&fixture, target).iter().filter(|(name, _)| !name.contains(".old")) {
                let places: Vec<Option<usize>> = expected.iter().map(|key| text.find(*key)).collect();
                let is_without = places.iter().all(Option::is_none);
                assert!(
                    is_without || places.is_sorted() && !places.contains(&None),
                    "{target}/{name}: {places:?}"
                );
                assert!(!left_out.iter().any(|key| text.contains(*key)), "{target}/{name}");
            }
        }
    };
    let keys = shown(fixture.shop());
    with_keys(&[&keys[0], &keys[1]], &[]);
    signs_since(fixture.shop(), 10);
    with_keys(&[&keys[1], &keys[0]], &[]);
    signs_since(fixture.shop(), TWO_DAYS);
    with_keys(&[&keys[1]], &[&keys[0]]);
}

#[test]
fn without_output_the_files_go_below_the_working_directory() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(programs().validator)
        .args(["edge", "lambda-edge", "--config"])
        .arg(fixture.shop().path("validator.toml"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = "made `edge/lambda-edge/index.mjs`\nmade `edge/lambda-edge/template.yaml`\n\
                    made `edge/lambda-edge/README.md`\nhow to put it up: `edge/lambda-edge/README.md`\n";
    assert_eq!(printed, expected);
    let names = ["README.md", "index.mjs", "template.yaml"].map(|name| format!("edge/lambda-edge/{name}"));
    assert!(files(folder.path()).into_keys().eq(names));
}

#[test]
fn an_unknown_target_is_answered_with_those_that_there_are() {
    let error = refusal(Fixture::new().shop(), "apache");
    let expected = "invalid value 'apache' for '<TARGET>'\n  \
                    [possible values: media-cdn, workers, nginx, nginx-auth-request, caddy, lambda-edge]\n";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_site_without_an_edge_is_told_so() {
    let fixture = Fixture::new();
    let catalog = fixture.shop().path("output/public/catalog.json");
    let text = fs::read_to_string(&catalog).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["site"].as_object_mut().unwrap().remove("protected_url").expect("an edge");
    let products = value["products"].as_array_mut().unwrap();
    products.retain(|product| product.get("group").is_none());
    fs::write(&catalog, value.to_string()).unwrap();
    for target in TARGETS {
        let expected = format!(
            "configuration `{}`: found no `protected_url` in the catalog, expected the address where the edge serves licensed \
             packages: write it into `bandari.toml` and build the site",
            fixture.shop().path("validator.toml").display()
        );
        assert_eq!(refusal(fixture.shop(), target), expected);
    }
}

#[test]
fn an_edge_that_asks_is_written_only_when_there_is_an_answer() {
    let shop = Shop::closed(programs());
    for target in TARGETS.into_iter().filter(|target| !WITH_KEYS.contains(target)) {
        let expected = format!(
            "configuration `{}`: found no table `[edge_verify]`, expected one with `header = \"X-Original-URI\"`: this edge asks \
             `/edge/verify`, and the address is there only then",
            shop.path("validator.toml").display()
        );
        assert_eq!(refusal(&shop, target), expected);
    }
    let mut file = File::options().append(true).open(shop.path("validator.toml")).unwrap();
    write!(file, "\n[edge_verify]\nheader = 'X-Signed-Target'\n").unwrap();
    for (target, name) in [("nginx-auth-request", "bandari-edge.conf"), ("caddy", "Caddyfile")] {
        let _ = lines(&shop, target);
        let text = fs::read_to_string(shop.path("edge").join(target).join(name)).unwrap();
        assert!(text.to_lowercase().contains("x-signed-target"), "{text}");
        assert!(text.contains(&format!("127.0.0.1:{}", shop.port)), "{text}");
    }
}

#[test]
fn a_vendors_own_template_stands_in_the_place_of_ours() {
    let fixture = Fixture::new();
    let shop = fixture.shop();
    let ours = texts(&fixture, "workers");
    shop.configure("templates = 'templates'");
    put_template(
        shop,
        "workers/wrangler.toml",
        "{{ base }} {{ host }} {{ port }} {{ path }} {{ key_set }}\n",
    );
    // Our files have other names.
    put_template(shop, "workers/more.txt", "{{ nothing }}");
    let with_theirs = texts(&fixture, "workers");
    assert_eq!(
        with_theirs["wrangler.toml"],
        "http://packages.shop.test packages.shop.test 80 /protected shop\n"
    );
    assert_eq!(with_theirs["wrangler.toml.old"], ours["wrangler.toml"]);
    for name in ["README.md", "bandari-edge.js"] {
        assert_eq!(with_theirs[name], ours[name]);
    }
    assert_eq!(with_theirs.len(), 4);
}

#[test]
fn a_broken_template_is_named_with_the_place_and_nothing_is_written() {
    let fixture = Fixture::new();
    let shop = fixture.shop();
    shop.configure("templates = 'templates'");
    let file = shop.path("templates/edge/workers/wrangler.toml");
    for (template, cause, place) in [
        ("a\nb {{ host \n", "Unexpected end of input", "2:10"),
        ("{{ host }}{{ hots }}\n", "Variable `hots` is not defined", "1:14"),
    ] {
        put_template(shop, "workers/wrangler.toml", template);
        let error = refusal(shop, "workers");
        let beginning = format!("configuration `{}`: error: {cause}", file.display());
        assert!(error.starts_with(&beginning), "{error}");
        assert!(error.contains(&format!("edge/workers/wrangler.toml:{place}\n")), "{error}");
    }
    fs::write(&file, [0xff]).unwrap();
    let error = refusal(shop, "workers");
    assert!(error.starts_with(&format!("configuration `{}`: cannot be read: ", file.display())), "{error}");
}

#[test]
fn no_secret_is_in_a_file_of_any_target_or_in_what_is_printed() {
    let fixture = Fixture::new();
    let shop = fixture.shop();
    let secrets = secrets(shop);
    let is_secret = |text: &str| secrets.iter().any(|secret| text.contains(secret));
    assert!(is_secret(&fs::read_to_string(shop.path("secrets/signing-key.pem")).unwrap()));
    assert!(is_secret(&fs::read_to_string(shop.path("secrets/seeds.toml")).unwrap()));
    for target in TARGETS {
        assert!(!is_secret(&lines(shop, target).join("\n")), "{target}");
        for (name, text) in texts(&fixture, target) {
            assert!(!is_secret(&text) && !text.contains("PRIVATE KEY"), "{target}/{name}");
        }
    }
    for format in ["pem", "jwk", "media-cdn", "raw"] {
        assert!(!is_secret(&shop.validator_prints(&["keys", "show", "--format", format], "")), "{format}");
    }
}

/// The keys that sign, in all forms in which somebody could write them, and the seeds.
fn secrets(shop: &Shop) -> Vec<String> {
    let pem = fs::read_to_string(shop.path("secrets/signing-key.pem")).unwrap();
    let mut secrets = Vec::new();
    for block in pem.split_inclusive("-----END PRIVATE KEY-----\n") {
        let block = &block[block.find("-----BEGIN").expect("a key")..];
        let key = SigningKey::from_pkcs8_pem(block).unwrap().to_bytes();
        secrets.push(block.lines().nth(1).expect("a line of base64").to_owned());
        secrets.push(BASE64_URL_SAFE_NO_PAD.encode(key));
        secrets.push(data_encoding::BASE64_NOPAD.encode(&key));
        secrets.push(data_encoding::HEXLOWER.encode(&key));
    }
    let seeds: toml::Table =
        toml::from_str(&fs::read_to_string(shop.path("secrets/seeds.toml")).unwrap()).unwrap();
    let seeds = seeds.values().filter_map(toml::Value::as_table).flat_map(toml::Table::values);
    secrets.extend(seeds.filter_map(toml::Value::as_str).map(str::to_owned));
    assert!(secrets.len() > 8 && secrets.iter().all(|secret| secret.len() >= 32), "all secrets");
    secrets
}

#[test]
fn the_published_site_and_its_secrets_are_left_alone() {
    let fixture = Fixture::new();
    let shop = fixture.shop();
    let state = || ["output", "secrets"].map(|folder| files(&shop.path(folder)));
    let before = state();
    for target in TARGETS {
        let _ = lines(shop, target);
    }
    for format in ["pem", "jwk", "media-cdn", "raw"] {
        let _ = shop.validator_prints(&["keys", "show", "--format", format], "");
    }
    assert!(state() == before, "files that changed");
    assert!(!shop.path("output/public/.well-known").exists());
}

/// What stands before each signed path is copied letter by letter, since it is part of what is signed.
#[test]
fn every_edge_knows_the_address_as_it_is_signed() {
    for (address, base, listen, path) in [
        ("http://packages.shop.test:8443/paid/zips", "http://packages.shop.test:8443", "8443;", "/paid/zips"),
        ("http://[2001:db8::1]:8080/protected", "http://[2001:db8::1]:8080", "8080;", "/protected"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", "443 ssl", ""),
        ("https://packages.shop.test", "https://packages.shop.test", "443 ssl", ""),
    ] {
        let fixture = Fixture::with_protected_url(address);
        let host = if address.contains('[') { "[2001:db8::1]" } else { "packages.shop.test" };
        for (target, name, expected) in [
            ("workers", "bandari-edge.js", format!("base: \"{base}\",")),
            ("nginx", "bandari_edge_keys.lua", format!("base = \"{base}\",")),
            ("lambda-edge", "index.mjs", format!("base: \"{base}\",")),
            ("media-cdn", "service.yaml", format!("prefixMatch: \"{path}/\"")),
            ("nginx", "bandari-edge.conf", format!("listen {listen}")),
            ("nginx", "bandari-edge.conf", format!("server_name {host};")),
            ("nginx", "README.md", format!("/srv/bandari{path}/\n")),
            ("nginx-auth-request", "bandari-edge.conf", format!("listen {listen}")),
            ("nginx-auth-request", "README.md", format!("/srv/bandari{path}/\n")),
            ("caddy", "Caddyfile", format!("{base} {{")),
            ("caddy", "README.md", format!("/srv/bandari{path}/\n")),
        ] {
            let text = &texts(&fixture, target)[name];
            assert!(text.contains(&expected), "{address}, {target}/{name}: no `{expected}`");
        }
    }
}

#[test]
fn every_file_is_a_tidy_text_without_anything_of_a_template() {
    for address in [
        "https://packages.example.org/protected",
        "http://[2001:db8::1]:8080",
        "https://packages.example.org:8443",
    ] {
        let fixture = Fixture::with_protected_url(address);
        for target in TARGETS {
            let texts = texts(&fixture, target);
            assert!(texts.contains_key("README.md"), "{target}");
            for (name, text) in texts {
                let untidy = untidy(&text);
                assert_eq!(untidy, None, "{address}, {target}/{name}");
            }
        }
    }
}

/// What is wrong with a text. Caddy's own format has tabs at the beginning of lines.
fn untidy(text: &str) -> Option<String> {
    let marks = ["{%", "%}", "{{", "{#", "#}", "\r", "\u{feff}"];
    let mark = marks.into_iter().find(|mark| text.contains(*mark)).map(str::to_owned);
    let end = (!text.ends_with('\n') || text.ends_with("\n\n")).then(|| "its end".to_owned());
    let line = text.lines().find(|line| {
        line.trim_end() != *line
            || line.trim_start_matches(['\t', ' ']).contains('\t')
            || line.contains(" \t")
    });
    let empty = text.contains("\n\n\n").then(|| "two empty lines".to_owned());
    mark.or(end).or(empty).or(line.map(str::to_owned))
}
