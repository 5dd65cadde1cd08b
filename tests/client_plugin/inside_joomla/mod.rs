//! What the plug-in does inside of a Joomla: its own PHP, run by Debian's PHP over stand-ins of Joomla's classes in the shape of
//! each version (`../joomla`), asking over HTTP.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bandari_tests::shop::Shop;
use bandari_tests::skipping::skip;
use tempfile::TempDir;

use self::stub::Stub;
use super::*;

mod addresses;
mod hostile;
mod installing;
mod key_fields;
mod keys;
mod privacy;
mod servers;
mod states;
mod stub;

/// One of each shape: arguments by reference; events as objects; with named arguments and, first, another constructor of
/// plug-ins; with another database.
const JOOMLAS: [&str; 5] = ["3.10.12", "4.4.12", "5.2.1", "5.3.4", "6.0.4"];

const LANGUAGES: [&str; 2] = ["en-GB", "de-DE"];

/// A plug-in as `bandari client-plugin` makes it, unpacked where a Joomla has its plug-ins.
struct Plugin {
    plugins: TempDir,
    element: &'static str,
}

/// What became of a run of updates.
#[derive(Debug)]
struct Outcome(Value);

impl Plugin {
    /// Of a vendor whose validator and feeds are at this address, with one licensed extension, `Beacon`, of group `lights.pro`.
    fn asking(address: &str, more: &str) -> Self {
        Self::of(&harbor_at(address, more))
    }

    fn of(site: &Site) -> Self {
        make(site, &["--quiet"]);
        Self::unpack("harborworks", &made(site))
    }

    /// Of the example site.
    fn of_shop(shop: &Shop) -> Self {
        let config = shop.path("bandari.toml");
        let output =
            Command::new(programs().bandari).args(["client-plugin", "--config"]).arg(config).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        let folder = "packages/plg_installer_mwambaoextensions";
        let zip = shop.path(format!("{folder}/plg_installer_mwambaoextensions-1.0.0.zip"));
        Self::unpack("mwambaoextensions", &unpacked(&std::fs::read(zip).unwrap()))
    }

    fn unpack(element: &'static str, files: &BTreeMap<String, Vec<u8>>) -> Self {
        let plugins = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = plugins.path().join("installer").join(element).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Self { plugins, element }
    }

    fn folder(&self) -> PathBuf {
        self.plugins.path().join("installer").join(self.element)
    }

    /// A run in that Joomla; what `scenario` can hold is told in `joomla/run.php`. Nothing when there is no PHP.
    fn run(&self, joomla: &str, scenario: &Value) -> Option<Outcome> {
        self.run_with(&[], joomla, scenario)
    }

    fn run_with(&self, php: &[&str], joomla: &str, scenario: &Value) -> Option<Outcome> {
        let mut scenario = scenario.clone();
        let about = [
            ("joomla", joomla),
            ("plugins", self.plugins.path().to_str().unwrap()),
            ("element", self.element),
        ];
        for (name, value) in about {
            scenario[name] = value.into();
        }
        if scenario["language"].is_null() {
            scenario["language"] = "en-GB".into();
        }
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("client_plugin/joomla/run.php");
        let output = php_prints(&[php, &[driver.to_str().unwrap()]].concat(), &scenario.to_string())?;
        let outcome = Outcome(serde_json::from_str(&output).unwrap_or_else(|_| panic!("no JSON: {output}")));
        assert_eq!(outcome.0["troubles"], json!([]), "{joomla}");
        Some(outcome)
    }
}

impl Outcome {
    /// Where Joomla went after each event.
    fn addresses(&self) -> Vec<&str> {
        let downloads = self.0["downloads"].as_array().unwrap();
        downloads.iter().map(|download| download["url"].as_str().unwrap()).collect()
    }

    /// Type and text of what is shown.
    fn messages(&self) -> Vec<(&str, &str)> {
        let messages = self.0["messages"].as_array().unwrap();
        messages
            .iter()
            .map(|message| (message["type"].as_str().unwrap(), message["message"].as_str().unwrap()))
            .collect()
    }

    /// What was asked before and beside the downloads: address and body.
    fn questions(&self) -> Vec<(&str, &str)> {
        let requests = self.0["requests"].as_array().unwrap();
        requests
            .iter()
            .filter(|request| request["method"] == "POST")
            .map(|request| (request["url"].as_str().unwrap(), request["body"].as_str().unwrap()))
            .collect()
    }

    fn seconds(&self) -> f64 {
        self.0["seconds"].as_f64().unwrap()
    }
}

/// A vendor's site whose validator and feeds are at one address.
fn harbor_at(address: &str, more: &str) -> Site {
    let config =
        CONFIG.replace("https://updates.example.org", address).replace("https://get.example.org", address);
    let feed = format!("{address}/beacon/updates.xml");
    let beacon = Zip::new()
        .file(
            "beacon.xml",
            manifest(
                "type='plugin' group='system'",
                "Beacon",
                "2.0.0",
                &format!(
                    "<files><folder plugin='beacon'>services</folder></files>\
                     <updateservers><server type='extension' name='Beacon'>{feed}</server></updateservers>"
                ),
            ),
        )
        .file("services/provider.php", "<?php // dark and bright")
        .bytes();
    Site::new(programs().bandari)
        .config(&format!("{config}{more}"))
        .with("beacon/product.toml", "group = 'lights.pro'\njoomla = '>=4.4, <7'\nphp = '8.1'")
        .with("beacon/plg_beacon-2.0.0.zip", beacon)
}

/// Runs PHP and gives what it printed; nothing where it is not installed.
fn php_prints(arguments: &[&str], input: &str) -> Option<String> {
    let spawned = Command::new("php")
        .args(arguments)
        // Days are told in UTC, wherever a site is.
        .env("TZ", "Pacific/Auckland")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        skip("php-cli");
        return None;
    };
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(NO_CURL) {
        skip("php-curl");
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// How the driver ends where PHP has no curl.
const NO_CURL: i32 = 3;

/// A run of one update.
fn update(url: &str) -> Value {
    json!({"downloads": [{"url": url}]})
}
