//! Texts of a hostile server, and of the command line, where there is no HTML.

use super::*;

const NAME: &str = "<img src=x onerror=alert(1)>\"'&amp;\u{0}\u{1b}[31m\u{202e}x\r\nSet-Cookie: a";

/// The name in HTML: escaped, in one line.
const ESCAPED: &str = "&lt;img src=x onerror=alert(1)&gt;&quot;&#039;&amp;amp; [31m x Set-Cookie: a";

fn told(joomla: &str, answer: &Value, command_line: bool) -> Option<(String, String)> {
    let stub = Stub::telling(answer, answer);
    let plugin = Plugin::asking(&stub.address(), "");
    let mut scenario = update(&format!("{}/download/beacon-2.0.0?dlid=abc", stub.address()));
    scenario["command_line"] = command_line.into();
    let outcome = plugin.run(joomla, &scenario)?;
    let message = if command_line {
        outcome.0["messages"]["error"][0].as_str().unwrap().to_owned()
    } else {
        assert_eq!(outcome.messages().len(), 1, "{outcome:?}");
        outcome.messages()[0].1.to_owned()
    };
    Some((outcome.addresses()[0].to_owned(), message))
}

#[test]
fn what_the_server_says_is_escaped() {
    let known = json!({"check_version": 1, "state": "suspended", "valid": false, "name": NAME});
    let unknown = json!({"check_version": 1, "state": "on_the_moon", "valid": false, "message": NAME});
    for joomla in JOOMLAS {
        let Some((_, text)) = told(joomla, &known, false) else { return };
        assert_eq!(text, format!("{ESCAPED}: this license is blocked. Please contact support."));
        let Some((address, text)) = told(joomla, &unknown, false) else { return };
        assert_eq!((address.as_str(), text.as_str()), ("license-on-the-moon://refused", ESCAPED));
    }
}

#[test]
fn a_text_that_is_too_long_is_cut() {
    let answer =
        json!({"check_version": 1, "state": "new_state", "valid": false, "message": "ü<".repeat(5000)});
    let Some((_, text)) = told("6.0.4", &answer, false) else { return };
    assert_eq!(text, "ü&lt;".repeat(250));
}

/// As on hosts that let no program write machine code, which is what PHP makes of patterns otherwise.
#[test]
fn a_key_that_is_mostly_blanks_keeps_nobody_waiting() {
    let valid = json!({"check_version": 1, "state": "valid", "valid": true});
    let stub = Stub::telling(&valid, &valid);
    let plugin = Plugin::asking(&stub.address(), "");
    let url = format!("{}/download/beacon-2.0.0?dlid=a{}b", stub.address(), " ".repeat(15_000));
    let mut scenario = update(&url);
    scenario["no_downloads"] = true.into();
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run_with(&["-d", "pcre.jit=0"], joomla, &scenario) else { return };
        assert!(outcome.seconds() < 4.0, "{}", outcome.seconds());
        assert_eq!(outcome.addresses(), [url.replace(' ', "%20")]);
    }
}

#[test]
fn a_state_of_later_has_a_message_also_when_the_server_has_none() {
    let answer =
        json!({"check_version": 1, "state": "new_state", "valid": false, "name": ["a"], "message": 5});
    let Some((_, text)) = told("3.10.12", &answer, false) else { return };
    assert_eq!(text, "Harbor Works: this download was refused.");
}

#[test]
fn only_addresses_of_pages_become_links() {
    for (address, is_link) in [
        ("https://shop.example.org/renew?a=1&b=%22", true),
        ("HTTP://shop.example.org", true),
        ("javascript:alert(1)", false),
        ("https://shop.example.org/\" onclick=\"alert(1)", false),
        ("https://shop.example.org/<b>", false),
        ("https://shop.example.org/\n", false),
        ("//shop.example.org", false),
        ("data:text/html,x", false),
        ("", false),
    ] {
        let answer = json!({"check_version": 1, "state": "refunded", "valid": false, "name": "B", "renew_url": address});
        let Some((_, text)) = told("4.4.12", &answer, false) else { return };
        assert_eq!(text.contains("<a href="), is_link, "{address}: {text}");
        let escaped = address.replace('&', "&amp;");
        assert!(!is_link || text.contains(&format!("<a href=\"{escaped}\" target=")), "{text}");
    }
}

#[test]
fn days_that_are_none_are_left_out() {
    for time in
        ["2024-02-30T00:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29", "now", "2024-02-29T00:00:00+14:00"]
    {
        let answer =
            json!({"check_version": 1, "state": "expired", "valid": false, "name": "B", "expires": time});
        let Some((_, text)) = told("5.3.4", &answer, false) else { return };
        assert_eq!(
            text,
            "B: your license has expired. Renew it to get this update. Your key stays the same."
        );
    }
}

#[test]
fn on_the_command_line_texts_are_plain() {
    let answer = json!({
        "check_version": 1, "state": "expired", "valid": false, "name": "Fish & <Chips>", "expires": "2024-02-29T00:00:00Z",
        "renew_url": "https://shop.example.org/renew?a=1&b=2",
    });
    for joomla in ["4.4.12", "5.2.1", "5.3.4", "6.0.4"] {
        let Some((address, text)) = told(joomla, &answer, true) else { return };
        assert_eq!(address, "license-expired://refused");
        assert_eq!(
            text,
            "Fish & <Chips>: your license expired on 29 February 2024. Renew it to get this update. Your key stays the same. Renew \
             the license: https://shop.example.org/renew?a=1&b=2"
        );
    }
}

#[test]
fn after_a_refusal_only_the_messages_of_others_stay() {
    let refused = json!({"check_version": 1, "state": "expired", "valid": false, "name": "B"});
    let stub = Stub::behaving(move |request, connection| {
        let _ = connection.write_all(&match request {
            _ if request.starts_with("POST") => stub::json_reply(&refused),
            _ if request.starts_with("GET /bad") => stub::reply("403 Forbidden", "text/plain", "no"),
            _ => stub::reply("200 OK", "application/zip", "PK"),
        });
    });
    let plugin = Plugin::asking(&stub.address(), "");
    let host = stub.address();
    let downloads =
        ["/bad.zip", "/download/a?x=1", "/good.zip", "/download/b?x=1", "/bad.zip?2", "/download/c"];
    let downloads: Vec<_> = downloads
        .iter()
        .map(|path| json!({"url": format!("{host}{path}"), "extra_query": "dlid=it's"}))
        .collect();
    for joomla in JOOMLAS {
        let Some(outcome) = plugin.run(joomla, &json!({"downloads": downloads})) else { return };
        let failed = |path: &str| {
            let address = format!("{host}{path}dlid=it's");
            let link = format!("<a href=\"{address}\">{address}</a>");
            format!("No package. Get it by hand from {link}.")
        };
        let expected = [
            ("warning", "No connection: 403".to_owned()),
            ("error", failed("/bad.zip?")),
            (
                "error",
                "B: your license has expired. Renew it to get this update. Your key stays the same."
                    .to_owned(),
            ),
            ("message", "Updated".to_owned()),
            ("error", failed("/bad.zip?2&amp;")),
        ];
        let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        assert_eq!(outcome.messages(), expected, "{joomla}");
    }
}

#[test]
fn a_vendor_is_called_as_he_is() {
    let missing = json!({"check_version": 1, "state": "missing", "valid": false});
    let stub = Stub::telling(&missing, &missing);
    let config = "[client_plugin]\nelement = 'harborworks'\n";
    let site = harbor_at(&stub.address(), config);
    let text = site.text("bandari.toml").replace("'Harbor Works'", r#"'100% <b>${HOME}\"Works"&amp;_QQ_'"#);
    site.put("bandari.toml", text);
    let plugin = Plugin::of(&site);
    for joomla in JOOMLAS {
        let url = format!("{}/download/beacon-2.0.0", stub.address());
        let Some(outcome) = plugin.run(joomla, &update(&url)) else { return };
        let (_, text) = outcome.messages()[0];
        let begin = "100% &lt;b&gt;${HOME}\\&quot;Works&quot;&amp;amp;_QQ_: no download key is stored for this site. Enter it ";
        assert!(text.starts_with(begin), "{text}");
        // In the language files a stand-in takes the place of what is dangerous there.
        assert!(text.contains("“Installer - 100％ ‹b›"), "{text}");
        assert!(!text.contains("<b>"), "{text}");
    }
}
