//! `license log`.

use bandari_tests::shop::Shop;

use super::{file, json};
use crate::programs;

/// The lines of the log without their times.
fn lines(shop: &Shop, arguments: &[&str]) -> Vec<String> {
    let text = shop.validator_prints(&[&["license", "log"], arguments].concat(), "");
    let without_time = |line: &str| {
        let (time, rest) = line.split_once('\t').unwrap();
        assert!(time.ends_with('Z') && time.len() == 20, "{time}");
        rest.to_owned()
    };
    text.lines().map(without_time).collect()
}

#[test]
fn every_change_has_its_line_the_oldest_first() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", Some("2030-01-31"));
    let _ = shop.key_for("bob@example.org", "dockyard", None);
    for (command, license) in [
        ("cancel", "1"),
        ("refund", "1"),
        ("suspend", "1"),
        ("revoke", "1"),
        ("restore", "1"),
        ("suspend", "2"),
    ] {
        let _ = shop.validator_prints(&["license", command, license], "");
    }
    let _ = shop.validator_prints(&["license", "reset", "lighthouse", "--user", "1"], "");
    let of_ada = [
        "grant\tuser 1\tlighthouse\tlicense 1\tends 2030-01-31T00:00:00Z",
        "cancel\tuser 1\tlighthouse\tlicense 1\twas active",
        "refund\tuser 1\tlighthouse\tlicense 1\twas canceled",
        "suspend\tuser 1\tlighthouse\tlicense 1\twas refunded",
        "revoke\tuser 1\tlighthouse\tlicense 1\twas suspended",
        "restore\tuser 1\tlighthouse\tlicense 1\twas revoked",
        "reset\tuser 1\tlighthouse\t-\tserial 1, imported keys revoked: 0",
    ];
    let of_bob = [
        "grant\tuser 2\tdockyard\tlicense 2\tends never",
        "suspend\tuser 2\tdockyard\tlicense 2\twas active",
    ];
    assert_eq!(lines(&shop, &["--user", "1"]), of_ada);
    assert_eq!(lines(&shop, &["--user", "2"]), of_bob);
    let all = lines(&shop, &[]);
    assert_eq!((all.len(), &all[1], &all[7]), (9, &of_bob[0].to_owned(), &of_bob[1].to_owned()));
    let shown = json(&shop, &["license", "show", "1"], "");
    assert_eq!(shown["history"].as_array().unwrap().len(), of_ada.len());
}

#[test]
fn an_import_has_a_line_for_each_thing_that_it_adds() {
    let shop = Shop::closed(programs());
    let table = "email,group,key,expires,username\n\
                 ada@example.org,lighthouse,fd8s809f89ds8f90,2030-01-31,ada\nada@example.org,,another-key-of-ada,,\n";
    let path = file(&shop, "customers.csv", table);
    let _ = shop.validator_prints(&["license", "import", "--from", "csv", &path], "");
    assert_eq!(
        lines(&shop, &[]),
        [
            "import\tuser 1\t-\t-\tcsv: user",
            "import\tuser 1\t-\t-\tcsv: user name",
            "import\tuser 1\tlighthouse\tlicense 1\tcsv: active license, ends 2030-01-31T00:00:00Z",
            "import\tuser 1\tlighthouse\t-\tcsv: key",
            "import\tuser 1\t-\t-\tcsv: key",
        ]
    );
}

#[test]
fn the_log_as_json_leaves_out_what_does_not_apply() {
    let shop = Shop::closed(programs());
    assert_eq!(json(&shop, &["license", "log"], ""), serde_json::json!([]));
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = shop.validator_prints(&["license", "reset", "lighthouse", "--user", "1"], "");
    let mut log = json(&shop, &["license", "log"], "");
    for line in log.as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("time").expect("a time");
    }
    assert_eq!(
        log,
        serde_json::json!([
            { "action": "grant", "user": 1, "group": "lighthouse", "license": 1, "detail": "ends never" },
            { "action": "reset", "user": 1, "group": "lighthouse", "detail": "serial 1, imported keys revoked: 0" },
        ])
    );
}
