//! `license import --from ars`: Download IDs of Akeeba Release System, and what they then open.

use bandari_tests::shop::Shop;

use super::{assert_not_in_store, file, json, opens, refusal};
use crate::programs;

const MYSQLDUMP: &str = include_str!("ars7_mysqldump.sql");
const PHPMYADMIN: &str = include_str!("ars6_phpmyadmin.sql");

/// Ada's primary ID in both dumps, and the digits of her add-on one in the first.
const PRIMARY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const ADD_ON: &str = "ffeeddccbbaa99887766554433221100";

fn import<'a>(path: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["license", "import", "--from", "ars", path], more].concat()
}

#[test]
fn an_imported_id_opens_the_download_in_every_spelling_that_ars_takes() {
    let shop = Shop::open(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP);
    let _ = shop.validator_prints(&import(&path, &["--grant", "lighthouse"]), "");
    let upper = PRIMARY.to_uppercase();
    for key in [
        PRIMARY.to_owned(),
        upper.clone(),
        format!("%20{PRIMARY}%20"),
        format!("42:{ADD_ON}"),
        format!("42%3A{ADD_ON}"),
        format!("42%3a{}", ADD_ON.to_uppercase()),
        format!("42%253A{ADD_ON}"),
        // What Joomla and manifests glue on.
        format!("{PRIMARY}&dummy=my.zip"),
        format!("{PRIMARY}&amp;dummy=my.zip"),
        format!("{PRIMARY}%26dummy%3Dmy.zip"),
        format!("&amp;dlid={PRIMARY}"),
    ] {
        assert!(opens(&shop, &key), "{key}");
    }
    let wrong = PRIMARY.replacen('0', "1", 1);
    let refused = [
        PRIMARY[..31].to_owned(),
        wrong,
        format!("43:{ADD_ON}"),
        ADD_ON.to_owned(),
        format!("42:{PRIMARY}"),
        // Not published, of a blocked user, of nobody.
        "42:11111111111111111111111111111111".to_owned(),
        "44444444444444444444444444444444".to_owned(),
        "99999999999999999999999999999999".to_owned(),
    ];
    for key in &refused {
        assert!(!opens(&shop, key), "{key}");
    }
    let body = |key: &str| shop.get(&format!("/download/lighthouse_110?dlid={key}")).body;
    assert!(refused.iter().all(|key| body(key) == body(&refused[0])), "one answer for all of them");
}

#[test]
fn a_dump_of_a_whole_site_is_read_and_counted() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP);
    let arguments =
        import(&path, &["--grant", "lighthouse", "--grant", "dockyard", "--expires", "2030-01-31"]);
    let expected = "users: 3 new, 0 there already\nuser names: 3 new, 0 there already\n\
                    licenses: 6 new, 0 there already\nkeys: 4 new, 0 there already\n\
                    skipped: 1 Download IDs that are not published (line 46)\n\
                    skipped: 1 Download IDs whose user is not in the dump (line 49)\n\
                    skipped: 1 blocked users (line 107)\n\
                    skipped: 1 users without a published Download ID (line 108)\n\
                    skipped: 1 password hashes of a form that Joomla does not accept (line 109)";
    let dry = shop.validator_prints(&[&arguments[..], &["--dry-run"]].concat(), "");
    assert_eq!(dry, format!("{expected}\na dry run: nothing was written"));
    assert_eq!(shop.validator_prints(&["license", "list"], ""), "");
    assert_eq!(shop.validator_prints(&arguments, ""), expected);
    assert_eq!(
        shop.validator_prints(&["license", "list"], "").lines().next().unwrap(),
        "license 2\tuser 1\tada@example.org\tdockyard\tvalid\tends 2030-01-31T00:00:00Z"
    );
    let shown = json(&shop, &["license", "show", "3"], "");
    assert_eq!(
        (&shown["email"], &shown["username"]),
        (&"pat.o'brien@example.org".into(), &"pat.obrien".into())
    );

    let log = shop.validator_prints(&["license", "log"], "");
    let again = json(&shop, &arguments, "");
    let there = |there: u64| serde_json::json!({ "new": 0, "changed": 0, "there": there });
    assert_eq!(
        again,
        serde_json::json!({
            "dry_run": false, "users": there(3), "accounts": there(3), "licenses": there(6), "keys": there(4),
            "users_without_license": 0,
            "skipped": {
                "unpublished_ids": 1, "ids_without_user": 1, "blocked_users": 1, "users_without_ids": 1,
                "unknown_password_hashes": 1
            },
            "skipped_lines": {
                "unpublished_ids": [46], "ids_without_user": [49], "blocked_users": [107], "users_without_ids": [108],
                "unknown_password_hashes": [109]
            },
            "skipped_licenses": []
        })
    );
    assert_eq!(shop.validator_prints(&["license", "log"], ""), log);
}

#[test]
fn a_dump_of_phpmyadmin_and_of_the_older_table_is_read() {
    let shop = Shop::open(programs());
    let path = file(&shop, "dump.sql", PHPMYADMIN);
    let counts = json(&shop, &import("-", &["--grant", "lighthouse"]), PHPMYADMIN);
    assert_eq!(counts["keys"]["new"], 2);
    assert!(opens(&shop, PRIMARY) && opens(&shop, &format!("43:{ADD_ON}")));
    assert!(!opens(&shop, "43:33333333333333333333333333333333"));
    assert_eq!(json(&shop, &import(&path, &[]), "")["keys"]["there"], 2);
}

#[test]
fn an_id_opens_what_its_holder_has_licenses_for() {
    let shop = Shop::open(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP);
    let _ = shop.validator_prints(&import(&path, &[]), "");
    assert!(!opens(&shop, PRIMARY));
    let table = file(&shop, "licenses.csv", "email,group\nADA@example.org,lighthouse\n");
    let counts = json(&shop, &["license", "import", "--from", "csv", &table], "");
    assert_eq!((&counts["users"]["there"], &counts["licenses"]["new"]), (&1.into(), &1.into()));
    assert!(opens(&shop, PRIMARY) && opens(&shop, &format!("42:{ADD_ON}")));
}

#[test]
fn a_customer_logs_in_with_the_password_of_the_old_site() {
    let shop = Shop::open(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP);
    let _ = shop.validator_prints(&import(&path, &["--grant", "lighthouse"]), "");
    let login = |name: &str, password: &str| {
        let target = format!("/post/release/keybyauth/lighthouse?username={name}&password={password}");
        serde_json::from_str::<serde_json::Value>(shop.get(&target).text()).unwrap()
    };
    let answer = login("ADA", "correct+horse");
    assert_eq!((&answer["status"], &answer["email"]), (&"ok".into(), &"ada@example.org".into()));
    assert!(opens(&shop, answer["key"].as_str().unwrap()));
    assert_eq!(login("ada", "wrong+horse")["status"], "ko");
    assert_eq!(login("mallory", "correct+horse")["status"], "ko");
}

#[test]
fn no_key_is_in_the_store_in_clear() {
    let mut shop = Shop::closed(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP);
    shop.serve();
    let _ = shop.validator_prints(&import(&path, &["--grant", "lighthouse"]), "");
    assert!(opens(&shop, PRIMARY));
    let skipped = ["{SHA}unknown-form", "44444444444444444444444444444444", "mallory@example.org"];
    assert_not_in_store(
        &shop,
        &[&[PRIMARY, ADD_ON, "00112233445566778899aabbccddeeff"], &skipped[..]].concat(),
    );
    assert!(!shop.log().contains(PRIMARY) && !shop.log().contains("ada@example.org"));
}

#[test]
fn a_dump_that_lacks_something_is_refused_as_a_whole() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "dump.sql", MYSQLDUMP.replace("`jos_users`", "`old_users`"));
    assert_eq!(
        refusal(&shop, &import(&path, &[]), ""),
        format!(
            "`{path}`: nothing was imported, found problems: 1\n\
             found no table `jos_users`, expected it in the dump: it tells whose the Download IDs are"
        )
    );
    let broken = MYSQLDUMP.replace("'00112233445566778899aabbccddeeff'", "'0011'");
    let path = file(&shop, "dump.sql", broken);
    assert_eq!(
        refusal(&shop, &import(&path, &[]), ""),
        format!(
            "`{path}`: nothing was imported, found problems: 1\nline 47: found another `dlid`, expected 32 hex digits"
        )
    );
    assert_eq!(shop.validator_prints(&["license", "log"], ""), "");
}

#[test]
fn a_user_whom_no_mail_can_reach_keeps_no_other_from_being_imported() {
    let shop = Shop::closed(programs());
    let dump = MYSQLDUMP.replace("'dora@example.org'", "''");
    let counts = json(&shop, &import("-", &[]), &dump);
    assert_eq!(
        (&counts["users"]["new"], &counts["skipped"]["users_without_address"]),
        (&2.into(), &1.into())
    );
    let again = shop.validator_prints(&import("-", &[]), &dump);
    assert!(again.contains("\nskipped: 1 users without a valid mail address (line 109)\n"), "{again}");
}
