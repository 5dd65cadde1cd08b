//! What leaves the site, byte for byte.

use super::*;

fn answers() -> (Value, Value) {
    let missing = json!({"check_version": 1, "state": "missing", "valid": false, "group": "lights.pro"});
    (missing, json!({"check_version": 1, "state": "valid", "valid": true}))
}

/// The requests of one update without a key in its address.
fn requests(joomla: &str, sends: &str, update_site: bool) -> Option<(u16, Vec<String>)> {
    let (missing, valid) = answers();
    let stub = Stub::behaving(move |request, connection| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
        let mut missing = missing.clone();
        missing["feed"] = format!("http://{host}/beacon/updates.xml").into();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let _ = connection.write_all(&match (head.starts_with("POST"), body.contains("dlid=")) {
            (true, true) => stub::json_reply(&valid),
            (true, false) => stub::json_reply(&missing),
            (false, _) => stub::reply("200 OK", "application/zip", "PK"),
        });
    });
    let plugin = Plugin::asking(&stub.address(), &format!("[client_plugin]\nsends = {sends}\n"));
    let mut scenario = update(&format!("{}/download/beacon-2.0.0/b.zip?a=1", stub.address()));
    scenario["settings"] = json!({"key_lights~pro": "abc", "key_other": "not-for-this"});
    let location = if update_site { "beacon" } else { "tides" };
    scenario["update_sites"] = json!([
        {"location": "https://elsewhere.example/updates.xml", "extra_query": "dlid=a-strangers", "version": "9.9.9"},
        {"location": format!("{}/{location}/updates.xml", stub.address()), "version": "1.4.2"},
    ]);
    plugin.run(joomla, &scenario)?;
    Some((stub.port, stub.requests()))
}

fn question(port: u16, form: &str) -> String {
    format!(
        "POST /check/download/beacon-2.0.0/b.zip HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         User-Agent: Bandari client plug-in\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
}

#[test]
fn by_default_the_address_and_the_key_are_sent_and_nothing_else() {
    for joomla in JOOMLAS {
        let Some((port, requests)) = requests(joomla, "[]", true) else { return };
        assert_eq!(requests[..2], [question(port, "a=1"), question(port, "a=1&dlid=abc")], "{joomla}");
        assert_eq!(requests.len(), 3);
    }
}

#[test]
fn what_the_vendor_chose_to_learn_is_sent() {
    let version = php_prints(&["-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"], "");
    let Some(php) = version else { return };
    for joomla in JOOMLAS {
        let Some((port, both)) = requests(joomla, "['joomla', 'php']", true) else { return };
        let versions = format!("joomla={joomla}&php={php}");
        let expected = [format!("a=1&{versions}"), format!("a=1&dlid=abc&{versions}")];
        assert_eq!(both[..2], expected.map(|form| question(port, &form)), "{joomla}");
        let Some((port, extension)) = requests(joomla, "['extension']", true) else { return };
        let expected = ["a=1", "a=1&dlid=abc&extension=1.4.2"];
        assert_eq!(extension[..2], expected.map(|form| question(port, form)), "{joomla}");
        // It is not known which extension it is.
        let Some((port, extension)) = requests(joomla, "['extension']", false) else { return };
        assert_eq!(extension[..2], ["a=1", "a=1&dlid=abc"].map(|form| question(port, form)), "{joomla}");
    }
}

#[test]
fn a_key_in_the_address_waits_until_it_is_known_which_extension_it_is_for() {
    let (missing, valid) = answers();
    let stub = Stub::telling(&missing, &valid);
    let plugin = Plugin::asking(&stub.address(), "[client_plugin]\nsends = ['extension']\n");
    let url = format!("{}/download/beacon-2.0.0?dlid=abc&x=1", stub.address());
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &update(&url)) else { return };
        let forms: Vec<_> = outcome.questions().into_iter().map(|(_, form)| form).collect();
        assert_eq!(forms, ["x=1", "dlid=abc&x=1"]);
        assert_eq!(outcome.addresses(), [url.as_str()]);
    }
}

#[test]
fn the_privacy_text_names_what_is_sent() {
    for (sends, english, german) in [
        ("[]", "download key, and nothing else.", "Download-Schlüssel, sonst nichts."),
        (
            "['joomla', 'php', 'extension']",
            "download key, and: the version of Joomla; the version of PHP; the installed version of the extension; nothing else.",
            "Download-Schlüssel, außerdem: die Version von Joomla; die Version von PHP; die installierte Version der Erweiterung; \
             sonst nichts.",
        ),
        (
            "['php']",
            "download key, and: the version of PHP; nothing else.",
            "Download-Schlüssel, außerdem: die Version von PHP; sonst nichts.",
        ),
    ] {
        let site = harbor_at("https://get.example.org", &format!("[client_plugin]\nsends = {sends}\n"));
        make(&site, &["--quiet"]);
        let files = made(&site);
        for (tag, text) in [("en-GB", english), ("de-DE", german)] {
            let file = &files[&format!("language/{tag}/{tag}.plg_installer_harborworks.ini")];
            assert!(String::from_utf8_lossy(file).contains(text), "{tag} {sends}");
        }
    }
}

#[test]
fn the_real_validator_logs_what_it_is_told_and_no_key() {
    let mut shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("bandari.toml")).unwrap();
    let config = format!("{config}\n[client_plugin]\nsends = ['joomla', 'extension']\n");
    std::fs::write(shop.path("bandari.toml"), config).unwrap();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let plugin = Plugin::of_shop(&shop);
    shop.serve();
    let host = format!("http://127.0.0.1:{}", shop.port);
    let mut scenario = update(&format!("{host}/download/lighthouse_110"));
    let feed = format!("{host}/plg_system_lighthouse/updates.xml");
    scenario["update_sites"] =
        json!([{"location": feed, "extra_query": format!("dlid={key}"), "version": "1.0.0"}]);
    let Some(outcome) = plugin.run("5.3.4", &scenario) else { return };
    assert_eq!(outcome.messages(), [("message", "Updated")]);
    assert_eq!(outcome.addresses(), [format!("{host}/download/lighthouse_110?dlid={key}")]);
    let log = shop.log();
    assert!(log.contains("joomla=\"5.3.4\" extension=\"1.0.0\""), "{log}");
    assert!(!log.contains(&key), "{log}");
}
