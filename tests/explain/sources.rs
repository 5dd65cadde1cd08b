//! Where a feed comes from, and what is said when it cannot be had.

use std::path::Path;
use std::process::Command;

use bandari_tests::example_site::lay_out;
use bandari_tests::https::HttpsServer;
use bandari_tests::smtp::Certificates;

use super::*;

/// The example site.
fn example() -> Site {
    let site = Site::empty(programs().bandari);
    lay_out(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../site"), &site.path("")).unwrap();
    site
}

#[test]
fn a_product_is_explained_without_building_anything() {
    let site = example();
    let product =
        ["explain", "plg_system_lighthouse", "--joomla", "5.3.4", "--php", "8.3", "--db", "mariadb:10.11"];
    let page = answered(&site.run(&[&product[..], &["--key", "--installed", "1.0.0"]].concat()));
    assert!(page.starts_with("Joomla 5.3.4 with PHP 8.3 and MariaDB 10.11 is offered "), "{page}");
    assert!(page.contains("  It has the plugin `lighthouse` of the group `system`, 1.0.0.\n"), "{page}");
    assert!(page.contains("?dlid=KEY&f=.zip\n"), "{page}");
    assert!(page.contains("\nWhat Joomla shows of the changes in "), "{page}");
    let page = answered(&site.run(&product));
    assert!(page.contains("  ! The plugin is licensed. A site without a key"), "{page}");
    assert!(!site.path("output").exists());
}

#[test]
fn a_word_that_is_nothing_is_answered_by_what_there_is() {
    let run = example().run(&["explain", "lighthaus"]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(
        run.stderr,
        "error: `lighthaus`: found neither a file nor a product of this site of that name; its extensions are `mod_openinghours`, \
         `pkg_dockyard`, `plg_system_lighthouse`\n"
    );
    let run = example().run(&["explain", "handbook"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "error: `handbook`: this product is no Joomla extension, so it has no feed\n");
}

#[test]
fn what_cannot_be_is_refused_in_one_sentence() {
    let site = with_feed(&tides());
    for (arguments, code, message) in [
        (
            &["missing.xml"][..],
            1,
            "error: `missing.xml`: there is no such file; expected a file or an https address\n",
        ),
        (&["."], 1, "error: `.`: this is a folder; expected a file or an https address\n"),
        (
            &["tides"],
            1,
            "error: `tides`: there is no such file; expected a file, an https address, or the id of a product of the \
             `bandari.toml` in this folder\n",
        ),
        (
            &["http://updates.example.org/updates.xml"],
            2,
            "error: found `http://updates.example.org/updates.xml`, expected a file or an address that begins with `https://`",
        ),
        (
            &["updates.xml", "--joomla", "2.5"],
            2,
            "error: invalid value '2.5' for '--joomla <VERSION>': found `2.5`, expected a Joomla version since 3.10",
        ),
        (
            &["updates.xml", "--php", "new"],
            2,
            "error: invalid value 'new' for '--php <VERSION>': found `new`, expected a PHP",
        ),
        (
            &["updates.xml", "--db", "oracle:1"],
            2,
            "error: invalid value 'oracle:1' for '--db <DATABASE:VERSION>': found",
        ),
        (
            &["updates.xml", "--stability", "gold"],
            2,
            "error: invalid value 'gold' for '--stability <STABILITY>': found",
        ),
        (
            &["updates.xml", "--installed", "tides"],
            2,
            "error: invalid value 'tides' for '--installed <[EXTENSION@]VERSION>': found `tides`, expected a version such as",
        ),
    ] {
        let run = site.run(&[&["explain"], arguments].concat());
        assert_eq!((run.code, &*run.stdout), (code, ""), "{arguments:?}");
        assert!(run.stderr.starts_with(message), "{}", run.stderr);
    }
    let run = site.run(&["explain", "missing.xml", "--json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["error"], "`missing.xml`: there is no such file; expected a file or an https address");
}

/// A host of these files, and what `bandari explain` of an address says that trusts it.
fn hosted(files: &Site) -> Option<(Certificates, HttpsServer)> {
    let certificates = Certificates::make()?;
    let host = HttpsServer::start(&certificates, &files.path(""), 0);
    Some((certificates, host))
}

fn ask(certificates: &Certificates, address: &str) -> Run {
    let output = Command::new(programs().bandari)
        .args(["explain", address, "--joomla", "5.3.4"])
        .env("SSL_CERT_FILE", certificates.ca_file())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn an_address_is_asked_as_joomla_asks() {
    let files = with_feed(&tides());
    files.put("feed/extension.xml", tides());
    let Some((certificates, host)) = hosted(&files) else { return };

    let page = answered(&ask(&certificates, &host.address("/moved/updates.xml")));
    assert!(page.starts_with("Joomla 5.3.4 with PHP 8.3 and MariaDB 10.11 is offered 1.2.0.\n"), "{page}");
    // No `gzip`: it was not asked for.
    assert_eq!(host.answers(), ["/moved/updates.xml 302", "/updates.xml 200"]);

    let page = answered(&ask(&certificates, &host.address("/packed/updates.xml")));
    assert!(page.starts_with("Joomla 5.3.4 with PHP 8.3 and MariaDB 10.11 is offered nothing: "), "{page}");
    assert!(
        page.contains("  ! The server packs the feed (`Content-Encoding: gzip`) though nobody asked it to"),
        "{page}"
    );
    assert!(page.contains("  ! The feed is packed by gzip, and Joomla unpacks nothing."), "{page}");

    let page = answered(&ask(&certificates, &host.address("/feed")));
    assert!(page.contains("/feed/extension.xml` next, since the address does not end in `.xml`"), "{page}");

    let run = ask(&certificates, &host.address("/missing.xml"));
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(
        run.stderr.ends_with(
            "/missing.xml`: the server answers with the status 404, and Joomla takes nothing but 200\n"
        ),
        "{}",
        run.stderr
    );
    let run = ask(&certificates, &host.address("/elsewhere/updates.xml"));
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn a_key_in_an_address_is_printed_nowhere() {
    let files = with_feed(&tides());
    let Some((certificates, host)) = hosted(&files) else { return };
    for path in ["/updates.xml", "/moved/updates.xml", "/missing.xml", "/elsewhere/updates.xml", "/feed"] {
        let address = host.address(path);
        let address = format!("{}?dlid=4711-0815", address.replace("https://", "https://ada:7353@"));
        let run = ask(&certificates, &address);
        for secret in ["4711-0815", "7353"] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{path}: {run:?}");
        }
        assert!(format!("{}{}", run.stdout, run.stderr).contains("?dlid=KEY"), "{path}: {run:?}");
    }
}

#[test]
fn a_feed_that_asks_too_much_is_refused_in_one_sentence() {
    let entries = "<update></update>".repeat(20_001);
    let site = with_feed(&format!("<updates>{entries}</updates>"));
    let message = "found 20001 entries, expected at most 20000\n";
    let run = site.run(&["explain", "updates.xml"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr, format!("error: `updates.xml`: {message}"));
    site.put("old.xml", tides());
    let run = site.run(&["diff", "old.xml", "updates.xml"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr, format!("error: `old.xml` and `updates.xml`: {message}"));
}

#[test]
fn a_host_that_nobody_vouches_for_is_not_believed() {
    let files = with_feed(&tides());
    let Some((_, host)) = hosted(&files) else { return };
    let run = files.run(&["explain", &host.address("/updates.xml")]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(run.stderr.contains("it cannot be fetched: "), "{}", run.stderr);
}
