//! `bandari-validator` on the command line: what it makes, what it says, and how it refuses.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Output;

use bandari_tests::shop::Shop;

use crate::programs;

/// Exit code and the one line on standard error.
fn failure(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap().trim_end().to_owned())
}

#[test]
fn init_makes_secrets_that_only_their_owner_can_read() {
    let shop = Shop::closed(programs());
    for (path, mode) in [
        ("secrets", 0o700),
        ("secrets/signing-key.pem", 0o600),
        ("secrets/seeds.toml", 0o600),
        ("secrets/licenses.sqlite", 0o600),
    ] {
        assert_eq!(shop.path(path).metadata().unwrap().mode() & 0o777, mode, "{path}");
    }
}

#[test]
fn init_again_replaces_nothing() {
    let shop = Shop::closed(programs());
    let read = || {
        ["signing-key.pem", "seeds.toml"].map(|name| std::fs::read(shop.path("secrets").join(name)).unwrap())
    };
    let before = read();
    assert!(
        shop.validator_prints(&["init"], "")
            .starts_with("nothing was missing\nfor the edge: key set `shop`, public key ")
    );
    assert_eq!(read(), before);
}

#[test]
fn init_makes_a_configuration_where_there_is_none() {
    let shop = Shop::closed(programs());
    std::fs::remove_file(shop.path("validator.toml")).unwrap();
    let printed = shop.validator_prints(&["init"], "");
    assert!(printed.starts_with(&format!("made `{}`", shop.path("validator.toml").display())), "{printed}");
    assert!(shop.validator_prints(&["check-config"], "").ends_with("is good: packages 9, groups 2"));
}

#[test]
fn init_without_a_catalog_makes_nothing() {
    let shop = Shop::closed(programs());
    std::fs::remove_file(shop.path("validator.toml")).unwrap();
    let (code, message) = failure(&shop.validator(&["init", "--catalog", "elsewhere/catalog.json"], ""));
    assert_eq!(code, Some(2));
    assert!(message.contains("elsewhere/catalog.json`: cannot be read"), "{message}");
    assert!(!shop.path("validator.toml").exists());
}

#[test]
fn init_with_another_catalog_than_the_configurations_names_both() {
    let shop = Shop::closed(programs());
    let expected = format!(
        "error: `--catalog`: found `{}`, expected `{}`, which `{}` names: change it there",
        shop.path("other.json").display(),
        shop.path("output/public/catalog.json").display(),
        shop.path("validator.toml").display()
    );
    let output = shop.validator(&["init", "--catalog", "other.json"], "");
    assert_eq!(failure(&output), (Some(2), expected));
    let same = shop.validator_prints(&["init", "--catalog", "output/../output/public/catalog.json"], "");
    assert!(same.starts_with("nothing was missing\n"), "{same}");
}

#[test]
fn a_store_that_init_has_not_brought_up_to_date_is_refused() {
    let shop = Shop::closed(programs());
    let store = shop.path("secrets/licenses.sqlite");
    std::fs::write(&store, "").unwrap();
    // What SQLite may have left beside it would bring the old content back.
    let _ = ["-wal", "-shm"].map(|end| std::fs::remove_file(format!("{}{end}", store.display())));
    for arguments in [&["check-config"][..], &["serve"], &["license", "list"]] {
        let expected = format!(
            "error: configuration `{}`: found schema version 0, expected 2: \
             `bandari-validator init` brings it up to date",
            store.display()
        );
        assert_eq!(failure(&shop.validator(arguments, "")), (Some(2), expected), "{arguments:?}");
    }
    let _ = shop.validator_prints(&["init"], "");
    assert!(shop.validator(&["check-config"], "").status.success());
}

#[test]
fn a_public_folder_with_the_licensed_packages_in_it_is_refused() {
    let shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("validator.toml")).unwrap();
    let config = config.replace("serve_public = 'output/public'", "serve_public = 'output'");
    std::fs::write(shop.path("validator.toml"), config).unwrap();
    let expected = format!(
        "error: configuration `{}`: `serve_protected`: found `{}`, expected a place outside of `serve_public`, `{}`: \
         what is there is public",
        shop.path("validator.toml").display(),
        shop.path("output/protected").display(),
        shop.path("output").display()
    );
    assert_eq!(failure(&shop.validator(&["check-config"], "")), (Some(2), expected));
}

#[test]
fn a_trusted_proxy_that_is_no_network_is_refused() {
    let shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("validator.toml")).unwrap();
    let config = format!("trusted_proxies = ['127.0.0.1', 'proxy.example']\n{config}");
    std::fs::write(shop.path("validator.toml"), config).unwrap();
    let expected = format!(
        "error: configuration `{}`: `trusted_proxies`: found `proxy.example`, expected an address or a network like \
         `192.0.2.7` or `10.0.0.0/8`",
        shop.path("validator.toml").display(),
    );
    assert_eq!(failure(&shop.validator(&["check-config"], "")), (Some(2), expected));
}

#[test]
fn a_broken_template_of_the_vendors_is_named() {
    let shop = Shop::closed(programs());
    let config = std::fs::read_to_string(shop.path("validator.toml")).unwrap();
    std::fs::write(shop.path("validator.toml"), format!("templates = 'own'\n{config}")).unwrap();
    let refused = || failure(&shop.validator(&["check-config"], ""));
    let expected = format!(
        "error: configuration `{}`: `templates`: found no folder `{}`",
        shop.path("validator.toml").display(),
        shop.path("own").display()
    );
    assert_eq!(refused(), (Some(2), expected));
    for (path, text, expected) in [
        ("own/languages/fr.toml", "direction = 'ltr'\n", "missing field `date`"),
        ("own/refusal/page.html", "{{ key }}", "page.html:1:4"),
        ("own/refusal/style.css", "</style>", "found `</`, `<!--` or a zero byte, expected CSS"),
    ] {
        std::fs::create_dir_all(shop.path(path).parent().unwrap()).unwrap();
        std::fs::write(shop.path(path), text).unwrap();
        let (code, message) = refused();
        assert_eq!(code, Some(2), "{message}");
        let named = format!("error: configuration `{}`: ", shop.path(path).display());
        assert!(message.starts_with(&named) && message.contains(expected), "{message}");
        std::fs::remove_file(shop.path(path)).unwrap();
    }
    assert!(shop.validator(&["check-config"], "").status.success());
}

#[test]
fn a_new_group_needs_a_seed_and_init_makes_it() {
    let shop = Shop::closed(programs());
    let product_file = shop.path("packages/handbook/product.toml");
    let text = std::fs::read_to_string(&product_file).unwrap();
    std::fs::write(&product_file, format!("group = \"books\"\n{text}")).unwrap();
    shop.build();
    let (code, message) = failure(&shop.validator(&["check-config"], ""));
    assert_eq!(code, Some(2));
    assert!(
        message.ends_with(
            "found no seed for the group `books` of the catalog: `bandari-validator init` makes it"
        ),
        "{message}"
    );
    assert!(shop.validator_prints(&["init"], "").starts_with("made a seed for the group `books`\n"));
    assert!(shop.validator_prints(&["check-config"], "").ends_with("is good: packages 9, groups 3"));
}

#[test]
fn a_signing_key_that_others_can_read_is_refused() {
    let shop = Shop::closed(programs());
    let path = shop.path("secrets/signing-key.pem");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
    let expected = format!(
        "error: configuration `{}`: found mode 604, expected 600: others must not read or change a secret",
        path.display()
    );
    assert_eq!(failure(&shop.validator(&["serve"], "")), (Some(2), expected));
}

#[test]
fn a_broken_catalog_is_named() {
    let shop = Shop::closed(programs());
    std::fs::write(shop.path("output/public/catalog.json"), "{\"format\":\"other\",\"version\":1}").unwrap();
    let (code, message) = failure(&shop.validator(&["check-config"], ""));
    assert_eq!(code, Some(2));
    assert!(
        message.ends_with("catalog.json`: found format `other`, expected `bandari-catalog`"),
        "{message}"
    );
}

#[test]
fn an_address_in_use_is_named() {
    let mut shop = Shop::closed(programs());
    shop.serve();
    let (code, message) = {
        let output = shop.validator(&["serve"], "");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(code, Some(1));
    assert!(message.contains(&format!("error: cannot listen on 127.0.0.1:{}: ", shop.port)), "{message}");
}

#[test]
fn a_grant_for_an_unknown_group_names_the_known_ones() {
    let shop = Shop::closed(programs());
    let expected = "error: found the group `light`, expected one of the catalog: `dockyard`, `lighthouse`";
    let output = shop.validator(&["license", "grant", "light"], "ada@example.org");
    assert_eq!(failure(&output), (Some(2), expected.to_owned()));
}

#[test]
fn a_grant_without_a_mail_address_says_where_it_is_expected() {
    let shop = Shop::closed(programs());
    let expected = "error: found no mail address on standard input, expected one such as `ada@example.org`";
    let output = shop.validator(&["license", "grant", "lighthouse"], "not an address");
    assert_eq!(failure(&output), (Some(2), expected.to_owned()));
}

#[test]
fn licenses_are_listed_with_their_ends() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("Ada@Example.org", "lighthouse", Some("2030-01-31"));
    let granted = shop.validator_prints(&["license", "grant", "dockyard", "--user", "1"], "");
    assert_eq!(granted, "user 1: license 2 for `dockyard`, ends never");
    assert_eq!(
        shop.validator_prints(&["license", "list"], ""),
        "license 2\tuser 1\tada@example.org\tdockyard\tvalid\tends never\n\
         license 1\tuser 1\tada@example.org\tlighthouse\tvalid\tends 2030-01-31T00:00:00Z"
    );
    let json: serde_json::Value =
        serde_json::from_str(&shop.validator_prints(&["license", "list", "--json"], "")).unwrap();
    assert_eq!(json[1]["expires"], "2030-01-31T00:00:00Z");
    assert_eq!((json[0].get("expires"), &json[0]["state"]), (None, &"valid".into()));
}

#[test]
fn a_key_is_printed_only_for_a_license_that_was_granted() {
    let shop = Shop::closed(programs());
    let expected = "error: user 1 has no license for the group `dockyard`";
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let output = shop.validator(&["license", "key", "dockyard", "--user", "1"], "");
    assert_eq!(failure(&output), (Some(2), expected.to_owned()));
}

#[test]
fn a_license_granted_while_the_server_runs_counts_at_once() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    assert_eq!(shop.get(&format!("/download/lighthouse_110?dlid={key}")).status, 302);
}
