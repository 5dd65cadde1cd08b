//! Media CDN. The service is Google's alone, so what is checked is what can be without it: that the files say what they have to in
//! the words of Google's API, and that the scripts do what they say, with a stand-in for `gcloud`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bandari_tests::skipping::skip;
use bandari_tests::smtp::python;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::fixture::{Fixture, unix_seconds};
use bandari_tests::server::installed;

const BASE: &str = "https://packages.example.org";

const SCRIPTS: [&str; 2] = ["import.sh", "upload.sh"];

/// Writes down its arguments, one on a line, and behind `<` what it was given to read; fails where it is told to.
const GCLOUD: &str = r#"#!/bin/sh
{
    printf '%s\n' "$@"
    sed 's/^/</'
    echo
} >>"$CALLS"
case " $* " in
*"$FAILS_AT"*) exit 1 ;;
esac
"#;

/// What `gcloud` was called with, each time.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    arguments: Vec<String>,
    input: String,
}

/// Runs a script in its folder, with a `gcloud` that does nothing and fails when `fails_at` is among its arguments.
fn run(script: &Path, arguments: &[&str], fails_at: &str) -> (Output, Vec<Call>) {
    let stand_in = tempfile::tempdir().unwrap();
    let gcloud = stand_in.path().join("gcloud");
    fs::write(&gcloud, GCLOUD).unwrap();
    fs::set_permissions(&gcloud, fs::Permissions::from_mode(0o755)).unwrap();
    let calls = stand_in.path().join("calls");
    fs::write(&calls, "").unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [stand_in.path().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .arg(script.file_name().unwrap())
        .args(arguments)
        .current_dir(script.parent().unwrap())
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("CALLS", &calls)
        .env("FAILS_AT", fails_at)
        .output()
        .unwrap();
    let calls = fs::read_to_string(&calls).unwrap();
    let call = |text: &str| {
        let (input, arguments): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('<'));
        let input = input.iter().map(|line| format!("{}\n", &line[1..])).collect();
        Call { arguments: arguments.into_iter().map(str::to_owned).collect(), input }
    };
    (output, calls.split_terminator("\n\n").map(call).collect())
}

/// The same when nothing is to fail.
fn run_well(script: &Path, arguments: &[&str]) -> Vec<Call> {
    let (output, calls) = run(script, arguments, "nothing of this kind");
    assert!(output.status.success(), "{output:?}");
    calls
}

/// Exit code and error of a script that has to fail.
fn error(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// Reads the generated files; nothing where their readers are not installed.
fn read(folder: &Path) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("edges/read_configuration.py");
    let files = ["main.tf", "keyset.yaml", "origin.yaml", "service.yaml"].map(|name| folder.join(name));
    let output = Command::new(python()?).arg(script).args(files).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// All resources of a kind, each with its name in the file.
fn resources<'f>(files: &'f Value, kind: &str) -> Vec<&'f Value> {
    files["main.tf"]["resource"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|resource| resource.get(kind))
        .collect()
}

/// The keys in the order of the file that the validators sign with, as Media CDN is told of them.
fn keys(fixture: &Fixture) -> Vec<Value> {
    let list = fixture.shop().validator_prints(&["keys", "list", "--json"], "");
    let list: Value = serde_json::from_str(&list).unwrap();
    let keys = list["signing_keys"].as_array().expect("signing keys").iter();
    keys.map(
        |key| json!({ "id": format!("key-{}", key["name"].as_str().unwrap()), "value": key["public_key"] }),
    )
    .collect()
}

#[test]
fn the_files_hold_this_sites_keys_host_and_key_set() {
    let fixture = Fixture::with_base(BASE);
    let Some(files) = read(&fixture.generate("media-cdn")) else { return };
    let keys = Value::from(keys(&fixture));

    assert_eq!(files["keyset.yaml"], json!({ "name": "shop", "publicKeys": keys }));
    let origin =
        json!({ "name": "shop", "description": "Licensed packages", "originAddress": "gs://BUCKET_NAME" });
    assert_eq!(files["origin.yaml"], origin);
    let expected = json!({
        "name": "shop",
        "description": "Licensed packages by signed link",
        "edgeSslCertificates": ["projects/PROJECT_ID/locations/global/certificates/shop"],
        "requireTls": true,
        "logConfig": { "enable": false },
        "routing": {
            "hostRules": [{ "hosts": ["packages.example.org"], "pathMatcher": "packages" }],
            "pathMatchers": [{ "name": "packages", "routeRules": [{
                "priority": 1,
                "description": "Licensed packages",
                "matchRules": [{ "prefixMatch": "/protected/" }],
                "routeMethods": { "allowedMethods": ["GET", "HEAD"] },
                "origin": "shop",
                "routeAction": { "cdnPolicy": {
                    "signedRequestMode": "REQUIRE_SIGNATURES",
                    "signedRequestKeyset": "shop",
                    "signedRequestMaximumExpirationTtl": "86520s",
                    "cacheMode": "FORCE_CACHE_ALL",
                    "defaultTtl": "86400s",
                    "cacheKeyPolicy": { "excludeQueryString": true },
                } },
                "headerAction": { "responseHeadersToAdd": [
                    { "headerName": "Cache-Control", "headerValue": "private, no-transform", "replace": true },
                    { "headerName": "Referrer-Policy", "headerValue": "no-referrer", "replace": true },
                ] },
            }] }],
        },
    });
    assert_eq!(files["service.yaml"], expected);
    terraform_says_the_same(&files, &keys);
}

/// The words of the Terraform provider are those of the API with `_` in them, lists are repeated blocks with a name in the singular.
fn terraform_says_the_same(files: &Value, keys: &Value) {
    let keyset = json!({ "packages": { "name": "shop", "public_key": keys } });
    assert_eq!(resources(files, "google_network_services_edge_cache_keyset"), [&keyset]);
    let origin = json!({ "packages": {
        "name": "shop",
        "description": "Licensed packages",
        "origin_address": "${google_storage_bucket.packages.url}",
    } });
    assert_eq!(resources(files, "google_network_services_edge_cache_origin"), [&origin]);
    let service = json!({ "packages": {
        "name": "shop",
        "description": "Licensed packages by signed link",
        "edge_ssl_certificates": ["${google_certificate_manager_certificate.packages.id}"],
        "require_tls": true,
        "log_config": [{ "enable": false }],
        "routing": [{
            "host_rule": [{ "hosts": ["packages.example.org"], "path_matcher": "packages" }],
            "path_matcher": [{ "name": "packages", "route_rule": [{
                "priority": 1,
                "description": "Licensed packages",
                "origin": "${google_network_services_edge_cache_origin.packages.name}",
                "match_rule": [{ "prefix_match": "/protected/" }],
                "route_methods": [{ "allowed_methods": ["GET", "HEAD"] }],
                "route_action": [{ "cdn_policy": [{
                    "signed_request_mode": "REQUIRE_SIGNATURES",
                    "signed_request_keyset": "${google_network_services_edge_cache_keyset.packages.id}",
                    "signed_request_maximum_expiration_ttl": "86520s",
                    "cache_mode": "FORCE_CACHE_ALL",
                    "default_ttl": "86400s",
                    "cache_key_policy": [{ "exclude_query_string": true }],
                }] }],
                "header_action": [{ "response_header_to_add": [
                    { "header_name": "Cache-Control", "header_value": "private, no-transform", "replace": true },
                    { "header_name": "Referrer-Policy", "header_value": "no-referrer", "replace": true },
                ] }],
            }] }],
        }],
    } });
    assert_eq!(resources(files, "google_network_services_edge_cache_service"), [&service]);
    let bucket = resources(files, "google_storage_bucket")[0];
    assert_eq!(bucket["packages"]["public_access_prevention"], "enforced");
    let certificate = resources(files, "google_certificate_manager_certificate")[0];
    assert_eq!(certificate["packages"]["scope"], "EDGE_CACHE");
    let authorization = resources(files, "google_certificate_manager_dns_authorization")[0];
    assert_eq!(authorization["packages"]["domain"], "packages.example.org");
}

#[test]
fn an_edge_without_tls_needs_no_certificate() {
    let fixture = Fixture::new();
    let folder = fixture.generate("media-cdn");
    let Some(files) = read(&folder) else { return };
    let service = files["service.yaml"].as_object().unwrap();
    assert_eq!((service.get("edgeSslCertificates"), service.get("requireTls")), (None, None));
    assert_eq!(service["routing"]["hostRules"][0]["hosts"], json!(["packages.shop.test"]));
    let service = &resources(&files, "google_network_services_edge_cache_service")[0]["packages"];
    assert_eq!((service.get("edge_ssl_certificates"), service.get("require_tls")), (None, None));
    for kind in ["google_certificate_manager_certificate", "google_certificate_manager_dns_authorization"] {
        assert!(resources(&files, kind).is_empty(), "{kind}");
    }
    let calls = run_well(&folder.join("import.sh"), &["my-project", "my-packages"]);
    assert_eq!(calls[2].input, fs::read_to_string(folder.join("service.yaml")).unwrap());
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(!page.contains("certificates create") && !page.contains("cannot work"), "{page}");
}

#[test]
fn the_page_says_that_another_port_cannot_work() {
    let page = |base: &str| {
        let fixture = Fixture::with_base(base);
        fs::read_to_string(fixture.generate("media-cdn").join("README.md")).unwrap()
    };
    let with_port = page("https://packages.example.org:8443");
    assert!(with_port.contains("**This cannot work as it is**"), "{with_port}");
    assert!(with_port.contains("has the port 8443"), "{with_port}");
    assert!(!page(BASE).contains("cannot work"));
}

#[test]
fn keys_of_three_turns_stand_in_their_order() {
    let fixture = Fixture::with_base(BASE);
    // The second key takes over, links of the first one are still good, and a third one waits.
    let file = fixture.shop().path("secrets/signing-key.pem");
    let text = fs::read_to_string(&file).unwrap();
    let waiting = text.lines().find(|line| line.starts_with("Signs-From: ")).expect("a key that waits");
    let turn = Timestamp::from_second(unix_seconds() - 60).unwrap();
    fs::write(&file, text.replace(waiting, &format!("Signs-From: {turn}"))).unwrap();
    let _ = fixture.shop().validator_prints(&["keys", "rotate"], "");

    let Some(files) = read(&fixture.generate("media-cdn")) else { return };
    let keys = keys(&fixture);
    let expected = json!([keys[1], keys[0], keys[2]]);
    assert_eq!(files["keyset.yaml"]["publicKeys"], expected);
    let keyset = resources(&files, "google_network_services_edge_cache_keyset")[0];
    assert_eq!(keyset["packages"]["public_key"], expected);
    for key in expected.as_array().unwrap() {
        let id = key["id"].as_str().unwrap();
        let is_id = (1..=63).contains(&id.len())
            && id.starts_with(|c: char| c.is_ascii_alphabetic())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        assert!(is_id, "{id}: Media CDN wants [a-zA-Z][a-zA-Z0-9_-]*");
    }
}

#[test]
fn import_brings_key_set_origin_and_service_in_this_order() {
    let fixture = Fixture::with_base(BASE);
    let folder = fixture.generate("media-cdn");
    let calls = run_well(&folder.join("import.sh"), &["my-project", "my-packages"]);
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let call = |kind: &str, input: String| Call {
        arguments: ["edge-cache", kind, "import", "shop", "--project=my-project", "--quiet"]
            .map(str::to_owned)
            .into(),
        input,
    };
    let comment = "# import.sh writes the bucket in the place of BUCKET_NAME.";
    let origin = text("origin.yaml").replace(comment, &comment.replace("BUCKET_NAME", "my-packages"));
    let expected = [
        call("keysets", text("keyset.yaml")),
        call("origins", origin.replace("\"gs://BUCKET_NAME\"", "\"gs://my-packages\"")),
        call("services", text("service.yaml").replace("PROJECT_ID", "my-project")),
    ];
    assert_eq!(calls, expected);

    let (output, calls) = run(&folder.join("import.sh"), &["my-project", "my-packages"], " origins ");
    assert_eq!((output.status.code(), calls.len()), (Some(1), 2));
    let (output, calls) = run(&folder.join("import.sh"), &["my-project", "gs://my-packages"], "nothing");
    let expected =
        "found `gs://my-packages`, expected the id of a project or the name of a bucket without gs://\n";
    assert_eq!((error(&output), calls.len()), ((Some(2), expected.to_owned()), 0));
    let (output, calls) = run(&folder.join("import.sh"), &["my-project"], "nothing");
    assert_eq!((error(&output).0, calls.len()), (Some(2), 0));
}

/// The upload of a file into the bucket `my-packages`.
fn upload(file: &str, name: &str) -> Call {
    let arguments = [
        "storage",
        "cp",
        "--no-clobber",
        &format!("--content-disposition=attachment; filename=\"{name}\""),
        "--content-type=application/octet-stream",
        "--cache-control=private, no-transform",
        &format!("./{file}"),
        &format!("gs://my-packages/protected/{file}"),
    ];
    Call { arguments: arguments.map(str::to_owned).into(), input: String::new() }
}

/// A folder with files of these names, and one that a build is just writing.
fn packages(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files.iter().chain(&["product/.bandari-tmp-1-b-1.0.zip"]) {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    folder
}

/// The script of a site, and what it belongs to.
fn upload_script() -> (Fixture, PathBuf) {
    let fixture = Fixture::with_base(BASE);
    let script = fixture.generate("media-cdn").join("upload.sh");
    (fixture, script)
}

#[test]
fn each_package_of_the_shop_is_uploaded_once_under_its_name() {
    let (_fixture, script) = upload_script();
    let calls = run_well(&script, &["my-packages", "../../output/protected"]);
    let expected = [
        ("pkg_dockyard/pkg_dockyard-2.0.0.zip", "pkg_dockyard-2.0.0.zip"),
        ("pkg_dockyard/pkg_dockyard-2.1.0.zip", "pkg_dockyard-2.1.0.zip"),
        ("plg_system_lighthouse/plg_system_lighthouse-1.0.0.zip", "plg_system_lighthouse-1.0.0.zip"),
        ("plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip", "plg_system_lighthouse-1.1.0.zip"),
        (
            "plg_system_lighthouse/plg_system_lighthouse-1.2.0-beta1.zip",
            "plg_system_lighthouse-1.2.0-beta1.zip",
        ),
    ];
    assert_eq!(calls, expected.map(|(file, name)| upload(file, name)));
}

#[test]
fn a_name_of_any_of_the_allowed_characters_stays_as_it_is() {
    let (_fixture, script) = upload_script();
    let folder = packages(&["product/-n~1_b.C..zip", "product/~x.zip", "product/a-1.0.zip"]);
    let calls = run_well(&script, &["my-packages", folder.path().to_str().unwrap()]);
    let expected = [
        upload("product/-n~1_b.C..zip", "-n~1_b.C..zip"),
        upload("product/a-1.0.zip", "a-1.0.zip"),
        upload("product/~x.zip", "~x.zip"),
    ];
    assert_eq!(calls, expected);
}

#[test]
fn what_is_there_is_replaced_on_request_only() {
    let (_fixture, script) = upload_script();
    let folder = packages(&["product/a-1.0.zip"]);
    let calls = run_well(&script, &["--replace", "my-packages", folder.path().to_str().unwrap()]);
    let mut expected = upload("product/a-1.0.zip", "a-1.0.zip");
    expected.arguments.retain(|argument| argument != "--no-clobber");
    assert_eq!(calls, [expected]);
}

#[test]
fn the_first_upload_that_fails_is_the_last() {
    let (_fixture, script) = upload_script();
    let folder = packages(&["product/a-1.0.zip", "product/b-1.0.zip", "product/c-1.0.zip"]);
    let (output, calls) = run(&script, &["my-packages", folder.path().to_str().unwrap()], "/b-1.0.zip ");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(calls, [upload("product/a-1.0.zip", "a-1.0.zip"), upload("product/b-1.0.zip", "b-1.0.zip")]);
}

#[test]
fn what_is_no_package_is_not_uploaded() {
    let (_fixture, script) = upload_script();
    for file in
        ["product/b c.zip", "product/b\nc.zip", "product/b\".zip", "ä/b.zip", "product/sub/b.zip", "b.zip"]
    {
        let folder = packages(&["product/a-1.0.zip", file]);
        let (output, calls) = run(&script, &["my-packages", folder.path().to_str().unwrap()], "nothing");
        let expected = "expected <product>/<file> of letters, digits and \".\" \"_\" \"~\" \"-\", found\n";
        assert_eq!((error(&output), calls.len()), ((Some(1), format!("{expected}./{file}\n")), 0));
    }
}

#[test]
fn an_upload_without_bucket_folder_or_files_says_so() {
    let (_fixture, script) = upload_script();
    let folder = packages(&[]);
    let folder = folder.path().to_str().unwrap();
    let (output, _) = run(&script, &["my-packages", folder], "nothing");
    let expected = format!("found no file in `{folder}`, expected <product>/<file>\n");
    assert_eq!(error(&output), (Some(1), expected));
    let usage = "usage: sh upload.sh [--replace] <bucket without gs://> <folder>\n";
    for arguments in
        [&[][..], &["my-packages"], &["gs://my-packages", folder], &["--repl", folder], &["", folder]]
    {
        let (output, calls) = run(&script, arguments, "nothing");
        assert_eq!((error(&output), calls.len()), ((Some(2), usage.to_owned()), 0), "{arguments:?}");
    }
    let (output, calls) = run(&script, &["my-packages", "/no/such/folder"], "nothing");
    assert_ne!((output.status.code(), calls.len()), (Some(0), 0), "{output:?}");
}

#[test]
fn a_shell_reads_the_scripts_and_every_command_of_the_page() {
    let fixture = Fixture::with_base(BASE);
    let folder = fixture.generate("media-cdn");
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(commands.len() > 20, "{page}");
    fs::write(folder.join("commands.sh"), commands.join("\n")).unwrap();
    for script in SCRIPTS.iter().chain(&["commands.sh"]) {
        let output = Command::new("sh").arg("-n").arg(folder.join(script)).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    }
    let Some(shellcheck) = installed("shellcheck") else { return skip("shellcheck") };
    let output = Command::new(shellcheck).args(SCRIPTS.map(|script| folder.join(script))).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
