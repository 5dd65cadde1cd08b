//! Canceling, refunding, suspending, revoking and restoring licenses, and resetting keys.

use bandari_tests::shop::Shop;

use super::{file, json, opens, refusal};
use crate::programs;

#[test]
fn each_change_closes_the_download_and_restore_opens_it_again() {
    let shop = Shop::open(programs());
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    for (command, state) in
        [("cancel", "canceled"), ("refund", "refunded"), ("suspend", "suspended"), ("revoke", "revoked")]
    {
        assert!(opens(&shop, &key));
        assert_eq!(
            shop.validator_prints(&["license", command, "1"], ""),
            format!("license 1 of user 1 for `lighthouse` is {state} now, was active")
        );
        assert!(!opens(&shop, &key), "{state}");
        let list = shop.validator_prints(&["license", "list"], "");
        assert_eq!(list, format!("license 1\tuser 1\tada@example.org\tlighthouse\t{state}\tends never"));
        assert_eq!(
            shop.validator_prints(&["license", "restore", "1"], ""),
            format!("license 1 of user 1 for `lighthouse` is active now, was {state}")
        );
    }
    assert!(opens(&shop, &key));
}

#[test]
fn a_change_that_changes_nothing_says_so_and_leaves_no_line() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let restored = shop.validator_prints(&["license", "restore", "1"], "");
    assert_eq!(restored, "license 1 is active already: nothing changed");
    let changed = json(&shop, &["license", "cancel", "1"], "");
    assert_eq!((&changed["changed"], &changed["was"]), (&true.into(), &"active".into()));
    assert_eq!(changed["license"]["state"], "canceled");
    let again = json(&shop, &["license", "cancel", "1"], "");
    assert_eq!((&again["changed"], &again["was"]), (&false.into(), &"canceled".into()));
    assert_eq!(again["license"], changed["license"]);
    assert_eq!(json(&shop, &["license", "log"], "").as_array().unwrap().len(), 2);
}

#[test]
fn a_revoked_license_gives_no_key_any_more() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = shop.validator_prints(&["license", "revoke", "1"], "");
    assert_eq!(
        refusal(&shop, &["license", "key", "lighthouse", "--user", "1"], ""),
        "user 1 has no license for the group `lighthouse`"
    );
}

#[test]
fn a_license_that_is_not_there_is_named() {
    let shop = Shop::closed(programs());
    for command in ["cancel", "refund", "suspend", "revoke", "restore", "show"] {
        assert_eq!(
            refusal(&shop, &["license", command, "7"], ""),
            "found no license 7: `license list` shows the ids",
            "{command}"
        );
    }
    for arguments in [
        &["license", "reset", "lighthouse", "--user", "7"][..],
        &["license", "key", "lighthouse", "--user", "7"],
        &["license", "grant", "lighthouse", "--user", "7"],
        &["license", "log", "--user", "7"],
    ] {
        assert_eq!(refusal(&shop, arguments, ""), "found no user 7: `license list` shows the ids");
    }
    let expected = "found the group `light`, expected one of the catalog: `dockyard`, `lighthouse`";
    assert_eq!(refusal(&shop, &["license", "reset", "light", "--user", "7"], ""), expected);
}

#[test]
fn what_a_license_is_worth_is_shown_as_the_server_would_judge_it() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", Some("2020-01-31"));
    let shown = json(&shop, &["license", "show", "1"], "");
    assert_eq!((&shown["state"], &shown["since"]), (&"expired".into(), &"2020-01-31T00:00:00Z".into()));
    assert_eq!((&shown["serial"], &shown["imported_keys"]), (&0.into(), &0.into()));
    let _ = shop.validator_prints(&["license", "refund", "1"], "");
    let text = shop.validator_prints(&["license", "show", "1"], "");
    assert!(
        text.starts_with("license 1 for `lighthouse`\nuser: 1, ada@example.org\nstate: refunded since 2"),
        "{text}"
    );
    assert!(text.contains("\nends: 2020-01-31T00:00:00Z\n"), "{text}");
    let history = text.split_once("\nhistory:\n").unwrap().1;
    assert!(
        history.lines().nth(1).unwrap().ends_with("\trefund\tuser 1\tlighthouse\tlicense 1\twas active"),
        "{text}"
    );
}

#[test]
fn a_reset_ends_every_key_of_the_group_and_no_other() {
    const OF_THE_GROUP: &str = "fd8s809f89ds8f90sd81231sdsds323";
    const OF_EVERYTHING: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    const OF_ANOTHER_GROUP: &str = "dockyard-key-of-ada";
    const OF_BOB: &str = "lighthouse-key-of-bob";
    let shop = Shop::open(programs());
    let derived = shop.key_for("ada@example.org", "lighthouse", None);
    let table = format!(
        "email,group,key\nada@example.org,lighthouse,{OF_THE_GROUP}\nada@example.org,,{OF_EVERYTHING}\n\
         ada@example.org,dockyard,{OF_ANOTHER_GROUP}\nbob@example.org,lighthouse,{OF_BOB}\n"
    );
    let path = file(&shop, "keys.csv", table);
    let _ = shop.validator_prints(&["license", "import", "--from", "csv", &path], "");
    for key in [&derived, OF_THE_GROUP, OF_EVERYTHING, OF_BOB] {
        assert!(opens(&shop, key));
    }
    assert_eq!(
        shop.validator_prints(&["license", "reset", "lighthouse", "--user", "1"], ""),
        "user 1: the old key for `lighthouse` is worthless now, and with it imported keys: 2\n\
         `license key lighthouse --user 1` prints the new one"
    );
    for key in [&derived, OF_THE_GROUP, OF_EVERYTHING] {
        assert!(!opens(&shop, key));
    }
    assert!(opens(&shop, OF_BOB));
    assert_eq!(shop.get(&format!("/download/dockyard_200?dlid={OF_ANOTHER_GROUP}")).status, 302);
    let new = shop.validator_prints(&["license", "key", "lighthouse", "--user", "1"], "");
    assert!(new != derived && opens(&shop, &new));
    let shown = json(&shop, &["license", "show", "1"], "");
    assert_eq!((&shown["serial"], &shown["imported_keys"]), (&1.into(), &0.into()));

    // What was reset stays so when the old file is imported once more.
    let again = json(&shop, &["license", "import", "--from", "csv", &path], "");
    assert_eq!(again["skipped"], serde_json::json!({ "revoked_keys": 2 }));
    assert_eq!(again["keys"], serde_json::json!({ "new": 0, "changed": 0, "there": 2 }));
    assert!(!opens(&shop, OF_THE_GROUP));
    assert_eq!(
        json(&shop, &["license", "reset", "lighthouse", "--user", "1"], ""),
        serde_json::json!({ "user": 1, "group": "lighthouse", "serial": 2, "imported_keys_revoked": 0 })
    );
}

#[test]
fn users_without_a_license_stand_at_the_end_of_the_list() {
    let shop = Shop::closed(programs());
    for (arguments, expected) in [
        (&["license", "list"][..], ("", "no licenses\n")),
        (&["license", "list", "--users"], ("", "no users\n")),
        (&["license", "list", "--json"], ("[]\n", "")),
    ] {
        let output = shop.validator(arguments, "");
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((stdout.as_str(), stderr.as_str()), expected, "{arguments:?}");
        assert!(output.status.success());
    }
    let table = "email,group\nada@example.org,\nbob@example.org,lighthouse\n";
    let import = ["license", "import", "--from", "csv", "-"];
    assert!(shop.validator_prints(&import, table).ends_with(
        "\nusers of the file without a license: 1; `--grant <group>` gives everybody in the file one"
    ));
    assert_eq!(json(&shop, &import, table)["users_without_license"], 1);
    let licenses = "license 1\tuser 2\tbob@example.org\tlighthouse\tvalid\tends never";
    assert_eq!(
        shop.validator_prints(&["license", "list"], ""),
        format!("{licenses}\nno license\tuser 1\tada@example.org")
    );
    for (user, expected) in [("2", licenses), ("1", "no license\tuser 1\tada@example.org")] {
        assert_eq!(shop.validator_prints(&["license", "list", "--user", user], ""), expected);
    }
    let unknown = refusal(&shop, &["license", "list", "--user", "9"], "");
    assert_eq!(unknown, "found no user 9: `license list` shows the ids");
    assert_eq!(json(&shop, &["license", "list"], "").as_array().unwrap().len(), 1, "licenses only");
    assert_eq!(
        shop.validator_prints(&["license", "list", "--users"], ""),
        "user 1\tada@example.org\tlicenses: 0\nuser 2\tbob@example.org\tlicenses: 1"
    );
    assert_eq!(
        json(&shop, &["license", "list", "--users"], ""),
        serde_json::json!([
            { "user": 1, "email": "ada@example.org", "licenses": 0 },
            { "user": 2, "email": "bob@example.org", "licenses": 1 },
        ])
    );
}

#[test]
fn a_license_that_has_ended_already_is_granted_with_a_warning() {
    let shop = Shop::closed(programs());
    let output =
        shop.validator(&["license", "grant", "lighthouse", "--expires", "2020-01-31"], "ada@example.org");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "warning: the license has ended already, at 2020-01-31T00:00:00Z\n"
    );
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "user 1: license 1 for `lighthouse`, ends 2020-01-31T00:00:00Z\n"
    );
}
