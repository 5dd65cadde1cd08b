use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::*;

/// The line of a request, as an object.
fn lines_of_requests(log: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str(line).expect("each line is an object"));
    lines.filter(|line: &Value| line["message"] == "answered").collect()
}

fn shop_with(log_format: &str) -> Shop {
    let mut shop = Shop::closed(programs());
    shop.configure(&format!("log_format = '{log_format}'"));
    shop.serve();
    shop
}

#[test]
fn a_json_log_has_one_object_for_each_request() {
    let shop = shop_with("json");
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
    let _ = shop.get("/download/lighthouse_110");
    let _ = http::request(shop.port, "POST", "/check/dockyard", &[], format!("key={key}").as_bytes());
    let _ = shop.get(&format!("/post/release/validate/lighthouse?email=ada%40example.org&key={key}"));
    let _ = shop.get("/index.html");
    let lines = lines_of_requests(&shop.log());
    let told = |line: &Value| {
        let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
        (word("method"), word("route"), line["status"].as_u64().unwrap(), word("outcome"), word("asked"))
    };
    let expected = [
        ("GET", "download", 302, "redirect", "lighthouse_110"),
        ("GET", "download", 403, "missing", "lighthouse_110"),
        ("POST", "check", 200, "not_covered", "dockyard"),
        ("GET", "jbackend", 200, "jbackend-ok", "lighthouse"),
        ("GET", "public", 200, "file", "-"),
    ]
    .map(|(method, route, status, outcome, asked)| {
        (method.to_owned(), route.to_owned(), status, outcome.to_owned(), asked.to_owned())
    });
    assert_eq!(lines.iter().map(told).collect::<Vec<_>>(), expected);
    for line in &lines {
        assert_eq!(line["level"], "INFO");
        assert!(line["duration_us"].is_u64() && line["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn the_lines_of_a_key_have_the_same_mark_and_those_of_another_have_another() {
    let shop = shop_with("json");
    let (ada, bob) = (
        shop.key_for("ada@example.org", "lighthouse", None),
        shop.key_for("bob@example.org", "lighthouse", None),
    );
    for key in [ada.clone(), ada.to_uppercase(), format!("%20{ada}"), bob, "no-key-of-anybody".to_owned()] {
        let _ = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
    }
    let _ = shop.get("/download/lighthouse_110");
    let lines = lines_of_requests(&shop.log());
    let marks: Vec<_> = lines.iter().map(|line| line["key"].as_str()).collect();
    let is_mark = |mark: &str| mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(marks[..5].iter().all(|mark| mark.is_some_and(is_mark)), "{marks:?}");
    assert_eq!((marks[0], marks[0], marks[5]), (marks[1], marks[2], None));
    assert!(marks[0] != marks[3] && marks[3] != marks[4], "{marks:?}");
}

#[test]
fn a_plain_log_tells_the_same_for_people() {
    let shop = shop_with("plain");
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
    let log = shop.log();
    let line = log.lines().find(|line| line.contains("answered")).expect("a line");
    for part in [
        "INFO answered method=\"GET\" route=\"download\" status=302 outcome=\"redirect\" duration_us=",
        " asked=\"lighthouse_110\" key=",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn what_no_catalog_lists_is_not_told() {
    let shop = shop_with("json");
    for target in
        ["/download/aebagbafaydqqcik", "/check/ada@example.org", "/post/release/verify/aebagbafaydqqcik"]
    {
        let _ = shop.get(target);
    }
    let _ = http::request(shop.port, "aebagbafaydqqcik", "/check/lighthouse", &[], b"");
    let lines = lines_of_requests(&shop.log());
    assert_eq!(lines.len(), 4);
    assert!(lines[..3].iter().all(|line| line.get("asked").is_none()), "{lines:?}");
    assert_eq!((&lines[3]["method"], &lines[3]["status"]), (&"other".into(), &405.into()));
}

#[test]
fn versions_that_a_check_sends_are_told_and_nothing_else_under_their_names() {
    let shop = shop_with("json");
    let sent = "joomla=5.3.4&php=8.3&extension=1.0.0-beta1";
    let _ = http::request(shop.port, "POST", "/check/download/lighthouse_110", &[], sent.as_bytes());
    let _ = shop.get(&format!("/check/nothing?{sent}"));
    // A Download ID begins with a digit, too.
    let _ = shop.get("/check/lighthouse?joomla=4b1d7c0ffee0123456789abcdef01234&php=x&extension=1.0%22");
    let _ = shop.get(&format!("/download/lighthouse_110?{sent}"));
    let _ = shop.get(&format!("/post/release/validate/lighthouse?{sent}"));
    let told = |line: &Value| ["joomla", "php", "extension"].map(|name| line.get(name).cloned());
    let lines = lines_of_requests(&shop.log());
    let versions = ["5.3.4", "8.3", "1.0.0-beta1"].map(|version| Some(Value::from(version)));
    let expected = [versions.clone(), versions, [None, None, None], [None, None, None], [None, None, None]];
    assert_eq!(lines.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!((&lines[0]["asked"], &lines[0]["outcome"]), (&"lighthouse_110".into(), &"missing".into()));
}

#[test]
fn why_a_server_does_not_start_is_told_in_the_format_of_its_log() {
    for (found, replaced, expected) in [
        ("catalog.json", "gone.json", "gone.json`: cannot be read"),
        ("key_set = ", "key_sett = ", "unknown field `key_sett`"),
        ("key_set = 'shop'", "key_set = 'shop", "TOML parse error"),
    ] {
        let shop = Shop::closed(programs());
        let path = shop.path("validator.toml");
        let config = std::fs::read_to_string(&path).unwrap().replace(found, replaced);
        std::fs::write(&path, format!("log_format = 'json'\n{config}")).unwrap();
        let output = shop.validator(&["serve"], "");
        assert_eq!(output.status.code(), Some(2));
        let line: Value = serde_json::from_slice(&output.stderr).expect("one object");
        assert_eq!(line["level"], "ERROR");
        assert!(line["message"].as_str().unwrap().contains(expected), "{line}");
    }
}

#[test]
fn why_a_server_does_not_start_is_told_however_little_is_wanted() {
    for (log_format, begins) in [("plain", "error: configuration `"), ("json", "{\"timestamp\":")] {
        let shop = Shop::closed(programs());
        shop.configure(&format!("log_format = '{log_format}'\nsign = 'here'"));
        let output = shop.validator_with("BANDARI_LOG", "off", &["serve"]);
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with(begins) && message.contains("unknown field `sign`"), "{message}");
    }
}

#[test]
fn a_level_that_nobody_knows_is_told_and_stands_for_the_usual_one() {
    let shop = Shop::closed(programs());
    let output = shop.validator_with("BANDARI_LOG", "verbose", &["check-config"]);
    assert!(output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    let expected =
        "WARN `BANDARI_LOG`: found `verbose`, expected off, error, warn, info, debug or trace: info counts\n";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn nobody_has_to_read_why_a_program_ends() {
    let shop = Shop::closed(programs());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(programs().validator);
    command.args(["check-config", "--config", "/nowhere/validator.toml"]).stderr(writer);
    assert_eq!(command.status().unwrap().code(), Some(2));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(programs().validator);
    command.args(["license", "list", "--config"]).arg(shop.path("validator.toml")).stderr(writer);
    assert_eq!(command.status().unwrap().code(), Some(0));
}

#[test]
fn a_log_format_that_nobody_knows_is_refused() {
    let shop = Shop::closed(programs());
    shop.configure("log_format = 'xml'");
    let output = shop.validator(&["check-config"], "");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("unknown variant `xml`, expected `plain` or `json`"), "{message}");
}

#[test]
fn the_last_line_is_written_before_the_end() {
    let mut shop = Shop::open(programs());
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));
    assert!(shop.log().lines().last().unwrap().contains("stopping"), "{}", shop.log());
}

#[test]
fn requests_go_on_while_nobody_reads_the_log() {
    let shop = Shop::closed(programs());
    let mut server = Command::new(programs().validator)
        .args(["serve", "--config"])
        .arg(shop.path("validator.toml"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    assert!(line.contains("serving"), "{line}");
    // A pipe holds 64 KiB, and a line is longer than a hundred bytes.
    for _ in 0..1_000 {
        assert_eq!(shop.get("/download/lighthouse_110").status, 403);
    }
    // It was read at last, and nothing is missing.
    let read = std::thread::spawn(move || {
        log.lines().filter(|line| line.as_ref().unwrap().contains("answered")).count()
    });
    assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    assert_eq!(read.join().unwrap(), 1_000);
}
