//! Addresses of others: left byte for byte alone, without a question to anybody, a query or a language file.

use super::*;

/// What the plug-in must not touch, for a vendor at `{}`; the address of a package of the vendor is `{}/download/beacon-2.0.0`.
const FOREIGN: [&str; 51] = [
    "https://downloads.example.org/download/beacon-2.0.0",
    "http://127.0.0.1/download/beacon-2.0.0",
    "http://127.0.0.1:1/download/beacon-2.0.0",
    "http://127.0.0.2:{port}/download/beacon-2.0.0",
    "https://127.0.0.1:{port}/download/beacon-2.0.0",
    "http://127.0.0.1:{port}0/download/beacon-2.0.0",
    "http://127.0.0.1:0{port}/download/beacon-2.0.0",
    "http://127.0.0.1.:{port}/download/beacon-2.0.0",
    "http://127.0.0.1:{port}.example.org/download/beacon-2.0.0",
    "http://127.0.0.1:{port}@example.org/download/beacon-2.0.0",
    "http://user@127.0.0.1:{port}/download/beacon-2.0.0",
    "http://user:word@127.0.0.1:{port}/download/beacon-2.0.0",
    "http://@127.0.0.1:{port}/download/beacon-2.0.0",
    "http://127.0.0.1:{port}\\download\\beacon-2.0.0",
    "http://127.0.0.1:{port}\\@example.org/download/beacon-2.0.0",
    "http://127.0.0.1:{port}%2Fdownload/beacon-2.0.0",
    "http://127.0.0.1:{port}#/download/beacon-2.0.0",
    "http://127.0.0.1:{port}?/download/beacon-2.0.0",
    "http:/127.0.0.1:{port}/download/beacon-2.0.0",
    "http:///127.0.0.1:{port}/download/beacon-2.0.0",
    "//127.0.0.1:{port}/download/beacon-2.0.0",
    "127.0.0.1:{port}/download/beacon-2.0.0",
    " {}/download/beacon-2.0.0",
    "view-source:{}/download/beacon-2.0.0",
    "https://example.org/?url={}/download/beacon-2.0.0",
    "https://example.org/{}/download/beacon-2.0.0",
    "{}",
    "{}/",
    "{}/download",
    "{}/download/",
    "{}/Download/beacon-2.0.0",
    "{}//download/beacon-2.0.0",
    "{}/downloads/beacon-2.0.0",
    "{}/x/download/beacon-2.0.0",
    "{}/download/../files/beacon-2.0.0",
    "{}/download/%2e%2E/files/beacon-2.0.0",
    "{}/download/%2e%2e%2ffiles/beacon-2.0.0",
    "{}/download/x%5c..%5cfiles/beacon-2.0.0",
    "{}/download/beacon-2.0.0;x=1",
    "{}/download/beacon-2.0.0\u{0}",
    "{}/download/beacon-2.0.0\r\nX-Key: a",
    "{}/get/release/download/beacon 2.0.0",
    "{}/download/./beacon-2.0.0",
    "{}/download/..",
    "{}/check/download/beacon-2.0.0",
    "{}/protected/beacon/beacon-2.0.0.zip?Expires=1650848400&KeyName=shop&Signature=16-oE9GZ5U9S_LYrW8RplZhvMfI7",
    "{}/files/tides/tides-1.0.0.zip",
    "{}/post/release/validate/beacon-2.0.0?key=k",
    "{}/?action=post&module=release&resource=validate&id=beacon-2.0.0",
    "{}/?resource=downloads",
    "",
];

#[test]
fn foreign_addresses_are_left_alone_and_cost_nothing() {
    let stub = Stub::answering("");
    let plugin = Plugin::asking(&stub.address(), "");
    let filled =
        |address: &str| address.replace("{port}", &stub.port.to_string()).replace("{}", &stub.address());
    let addresses: Vec<_> = FOREIGN.iter().map(|address| filled(address)).collect();
    let downloads: Vec<_> = addresses.iter().map(|address| json!({"url": address})).collect();
    let scenario = json!({
        "downloads": downloads, "settings": {"key_lights~pro": "abc"}, "no_downloads": true,
        "update_sites": [{"location": format!("{}/beacon/updates.xml", stub.address()), "extra_query": "dlid=abc"}],
    });
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert_eq!(outcome.addresses(), addresses, "{joomla}");
        assert_eq!(outcome.0["queries"], json!([]));
        assert_eq!(outcome.questions(), []);
        assert_eq!(outcome.0["language_files"], json!(["joomla.ini"]));
        assert!(outcome.messages().iter().all(|(_, text)| text.starts_with("No ")), "{outcome:?}");
    }
    assert_eq!(stub.requests(), Vec::<String>::new());
}

#[test]
fn the_host_is_compared_without_case_and_the_path_is_not() {
    let answer = json!({"check_version": 1, "state": "valid", "valid": true});
    let stub = Stub::telling(&answer, &answer);
    let address = format!("http://localhost:{}/Base", stub.port);
    let plugin = Plugin::asking(&address, "");
    let url = format!("HTTP://LocalHost:{}/Base/download/beacon-2.0.0?dlid=abc", stub.port);
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &update(&url)) else { return };
        assert_eq!(outcome.addresses(), [url.as_str()]);
        assert_eq!(
            outcome.questions(),
            [(format!("{address}/check/download/beacon-2.0.0").as_str(), "dlid=abc")]
        );
        let foreign = url.replace("Base", "base");
        let Some(outcome) = plugin.run(joomla, &update(&foreign)) else { return };
        assert_eq!((outcome.addresses(), outcome.questions()), (vec![foreign.as_str()], vec![]));
        let foreign = url.replace("Base", "Base2");
        let Some(outcome) = plugin.run(joomla, &update(&foreign)) else { return };
        assert_eq!((outcome.addresses(), outcome.questions()), (vec![foreign.as_str()], vec![]));
    }
}

#[test]
fn where_a_redirect_leads_is_left_alone_also_when_the_transport_follows_none() {
    let answer = json!({"check_version": 1, "state": "valid", "valid": true});
    let stub = Stub::behaving(move |request, connection| {
        let bytes = match request {
            _ if request.starts_with("POST") => stub::json_reply(&answer),
            _ if request.starts_with("GET /download/") => {
                b"HTTP/1.1 302 Found\r\nLocation: /protected/b.zip?Expires=1&Signature=a\r\nContent-Length: 0\r\n\r\n".to_vec()
            }
            _ => stub::reply("200 OK", "application/zip", "PK"),
        };
        let _ = connection.write_all(&bytes);
    });
    let plugin = Plugin::asking(&stub.address(), "");
    let url = format!("{}/download/beacon-2.0.0?dlid=abc", stub.address());
    let mut scenario = update(&url);
    scenario["follows_no_redirects"] = true.into();
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert_eq!(outcome.addresses(), [url.as_str(), "/protected/b.zip?Expires=1&Signature=a"]);
        assert_eq!(outcome.questions().len(), 1);
    }
}
