//! `license import --from csv`.

use std::fmt::Write;

use bandari_tests::shop::Shop;

use super::{assert_not_in_store, file, json, opens, refusal};
use crate::programs;

/// As a spreadsheet in a country of the decimal comma saves it.
const TABLE: &str = "\u{feff}Group;Email;State;State_Since;Expires;Key;Username;Password_Hash\r\n\
    lighthouse;ada@example.org;valid;;2035-01-31;0A1B2C3D4E5F60718293A4B5C6D7E8F9;ada;$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq\r\n\
    lighthouse;ada@example.org;expired;;2021-01-31 12:00:00;;;\r\n\
    lighthouse;\"bob@example.org\";cancelled;2025-05-01;never;bobs-key-0123;;\r\n\
    lighthouse;cyd@example.org;chargebacked;2025-06-01;;cyds-key-0123;;\r\n\
    lighthouse;dan@example.org;On-Hold;;;dans-key-0123;;\r\n\
    ;eve@example.org;;;;eves-key-0123;;\r\n";

fn import<'a>(path: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["license", "import", "--from", "csv", path], more].concat()
}

#[test]
fn states_ends_and_keys_of_a_table_become_those_of_the_shop() {
    let shop = Shop::open(programs());
    let path = file(&shop, "customers.csv", TABLE);
    assert_eq!(
        shop.validator_prints(&import(&path, &[]), ""),
        "users: 5 new, 0 there already\nuser names: 1 new, 0 there already\nlicenses: 5 new, 0 there already\n\
         keys: 5 new, 0 there already\n\
         users of the file without a license: 1; `--grant <group>` gives everybody in the file one"
    );
    let list = shop.validator_prints(&["license", "list"], "");
    for expected in [
        "ada@example.org\tlighthouse\texpired\tends 2021-01-31T12:00:00Z",
        "ada@example.org\tlighthouse\tvalid\tends 2035-01-31T00:00:00Z",
        "bob@example.org\tlighthouse\tcanceled\tends never",
        "cyd@example.org\tlighthouse\trefunded\tends never",
        "dan@example.org\tlighthouse\tsuspended\tends never",
    ] {
        assert!(list.lines().any(|line| line.ends_with(expected)), "{expected}: {list}");
    }
    assert!(opens(&shop, "0a1b2c3d4e5f60718293a4b5c6d7e8f9"));
    for refused in ["bobs-key-0123", "cyds-key-0123", "dans-key-0123", "eves-key-0123"] {
        assert!(!opens(&shop, refused), "{refused}");
    }
    assert_not_in_store(&shop, &["0A1B2C3D4E5F60718293A4B5C6D7E8F9", "bobs-key-0123", "eves-key-0123"]);
}

#[test]
fn the_day_of_a_change_is_shown_where_the_table_tells_it_and_is_not_made_up_where_not() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "customers.csv", TABLE);
    let _ = shop.validator_prints(&import(&path, &[]), "");
    let list = json(&shop, &["license", "list"], "");
    let of = |email: &str| list.as_array().unwrap().iter().find(|row| row["email"] == email).unwrap();
    assert_eq!(of("bob@example.org")["since"], "2025-05-01T00:00:00Z");
    let suspended = of("dan@example.org");
    assert_eq!((&suspended["state"], suspended.get("since")), (&"suspended".into(), None));
    let text = shop.validator_prints(&["license", "show", &suspended["license"].to_string()], "");
    assert!(text.contains("\nstate: suspended\n"), "{text}");
}

#[test]
fn the_same_table_once_more_changes_nothing() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "customers.csv", TABLE);
    let arguments = import(&path, &["--grant", "dockyard", "--expires", "2033-01-31"]);
    assert_eq!(json(&shop, &arguments, "")["licenses"]["new"], 10);
    let before = (
        shop.validator_prints(&["license", "list", "--json"], ""),
        shop.validator_prints(&["license", "log", "--json"], ""),
    );
    let again = json(&shop, &arguments, "");
    let there = |there: u64| serde_json::json!({ "new": 0, "changed": 0, "there": there });
    assert_eq!(
        again,
        serde_json::json!({
            "dry_run": false, "users": there(5), "accounts": there(1), "licenses": there(10), "keys": there(5),
            "users_without_license": 0, "skipped": {}, "skipped_lines": {}, "skipped_licenses": []
        })
    );
    let after = (
        shop.validator_prints(&["license", "list", "--json"], ""),
        shop.validator_prints(&["license", "log", "--json"], ""),
    );
    assert_eq!(after, before);
}

#[test]
fn an_import_does_not_take_back_what_was_done_here() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "customers.csv", "email,group\nada@example.org,lighthouse\n");
    let _ = shop.validator_prints(&import(&path, &[]), "");
    let _ = shop.validator_prints(&["license", "refund", "1"], "");
    assert_eq!(
        shop.validator_prints(&import(&path, &[]), ""),
        "users: 0 new, 1 there already\nuser names: 0 new, 0 there already\nlicenses: 0 new, 0 there already\n\
         keys: 0 new, 0 there already\nskipped: 1 licenses that are here in another state\n  \
         line 2: license 1 is refunded here and stays so, active in the file: `license restore 1` follows the file"
    );
    // A renewal ends at another time: it is another license.
    let renewed = file(&shop, "renewed.csv", "email,group,expires\nada@example.org,lighthouse,2035-01-31\n");
    assert_eq!(json(&shop, &import(&renewed, &[]), "")["licenses"]["new"], 1);
}

#[test]
fn a_refund_that_another_system_reports_is_told_with_the_command_that_follows_it() {
    let shop = Shop::open(programs());
    let table = |state: &str| {
        format!(
            "email,group,state,key\nada@example.org,lighthouse,active,\nbob@example.org,lighthouse,{state},bobs-key-0123\n"
        )
    };
    let _ = json(&shop, &import("-", &[]), &table("active"));
    assert!(opens(&shop, "bobs-key-0123"));
    let text = shop.validator_prints(&import("-", &[]), &table("chargebacked"));
    let expected = "skipped: 1 licenses that are here in another state\n  \
                    line 3: license 2 is active here and stays so, refunded in the file: `license refund 2` follows the file";
    assert!(text.ends_with(expected), "{text}");
    let told = json(&shop, &import("-", &[]), &table("chargebacked"));
    assert_eq!(told["skipped"], serde_json::json!({ "licenses_otherwise_here": 1 }));
    assert_eq!(told["skipped_lines"], serde_json::json!({ "licenses_otherwise_here": [3] }));
    assert_eq!(
        told["skipped_licenses"],
        serde_json::json!([
            { "line": 3, "license": 2, "here": "active", "listed": "refunded", "command": "license refund 2" }
        ])
    );
    assert!(opens(&shop, "bobs-key-0123"), "an import closes nothing");
    let _ = shop.validator_prints(&["license", "refund", "2"], "");
    assert!(!opens(&shop, "bobs-key-0123"));
    assert_eq!(json(&shop, &import("-", &[]), &table("chargebacked"))["skipped"], serde_json::json!({}));
}

#[test]
fn a_customer_who_has_a_closed_license_gets_no_other_one_and_is_told() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = shop.validator_prints(&["license", "suspend", "1"], "");
    let arguments = import("-", &["--grant", "lighthouse"]);
    let text = shop.validator_prints(&arguments, "email\nada@example.org\n");
    assert!(
        text.ends_with("\n  line 2: license 1 is suspended here and stays so: no other one is granted"),
        "{text}"
    );
    assert_eq!(
        json(&shop, &arguments, "email\nada@example.org\n")["skipped_licenses"],
        serde_json::json!([{ "line": 2, "license": 1, "here": "suspended" }])
    );
}

#[test]
fn quotes_around_a_key_that_is_sent_are_no_part_of_it() {
    let shop = Shop::open(programs());
    let _ = json(&shop, &import("-", &[]), "email,group,key\nada@example.org,lighthouse,key-of-ada-0123\n");
    for sent in ["'key-of-ada-0123'", "%27key-of-ada-0123%27", "%22key-of-ada-0123%22", "key-of-ada-0123."] {
        assert!(opens(&shop, sent), "{sent}");
    }
    assert!(!opens(&shop, "key-'of-ada-0123"));
}

#[test]
fn a_key_that_no_request_can_bring_is_refused_with_its_line() {
    let shop = Shop::closed(programs());
    let table = "email,group,key\n\
                 ada@example.org,lighthouse,good-demo-key\n\
                 ada@example.org,lighthouse,semi;colon-demo-key\n\
                 ada@example.org,lighthouse,pass&word-demo\n\
                 ada@example.org,lighthouse,quoted-demo-key.\n\
                 ada@example.org,lighthouse,'quoted-demo-key'\n";
    let path = file(&shop, "customers.csv", table);
    let because = "found a key that no request can bring as it is, expected none with `&`, `?` or `;` in it, a quote, `.` or `,` at an \
                   end, or a parameter's name such as `dlid=` before it";
    let lines: Vec<String> = (3..=6).map(|line| format!("line {line}: {because}")).collect();
    assert_eq!(
        refusal(&shop, &import(&path, &[]), ""),
        format!("`{path}`: nothing was imported, found problems: 4\n{}", lines.join("\n"))
    );
}

#[test]
fn a_quote_that_is_left_open_does_not_swallow_the_customers_behind_it() {
    let shop = Shop::closed(programs());
    let table = "email,group,username\na@example.org,lighthouse,\"ada\nb@example.org,lighthouse,bob\n";
    let path = file(&shop, "customers.csv", table);
    let said = refusal(&shop, &import(&path, &[]), "");
    assert!(said.contains("line 2"), "{said}");
    assert!(said.contains("a line break or another control character in a field"), "{said}");
}

#[test]
fn an_account_without_a_password_lets_nobody_in() {
    let shop = Shop::open(programs());
    let table = "email,group,username\nada@example.org,lighthouse,ada\nbob@example.org,lighthouse,\n";
    let _ = json(&shop, &import("-", &[]), table);
    for login in [
        "username=ada&password=guess",
        "username=ada&password=",
        "username=&password=",
        "username=bob&password=x",
    ] {
        let answer = shop.get(&format!("/post/release/keybyauth/lighthouse?{login}"));
        let answer: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!((&answer["status"], &answer["key"]), (&"ko".into(), &serde_json::Value::Null), "{login}");
    }
}

#[test]
fn users_swap_their_names_in_one_table() {
    let shop = Shop::closed(programs());
    let table = |ada: &str, bob: &str| {
        format!("email,group,username\nada@example.org,lighthouse,{ada}\nbob@example.org,lighthouse,{bob}\n")
    };
    let _ = json(&shop, &import("-", &[]), &table("ada", "bob"));
    let swapped = json(&shop, &import("-", &[]), &table("Bob", "ada"));
    assert_eq!(swapped["accounts"], serde_json::json!({ "new": 0, "changed": 2, "there": 0 }));
    let username = |license: &str| json(&shop, &["license", "show", license], "")["username"].clone();
    assert_eq!((username("1"), username("2")), ("Bob".into(), "ada".into()));
    // One who is new takes the name that another gives up.
    let table = "email,username\nada@example.org,lady\nnew@example.org,bob\n";
    let taken = json(&shop, &import("-", &[]), table);
    assert_eq!(taken["accounts"], serde_json::json!({ "new": 1, "changed": 1, "there": 0 }));
}

#[test]
fn of_thousands_of_problems_the_first_are_told() {
    let shop = Shop::closed(programs());
    let table = format!("email\n{}", "nobody\n".repeat(20_000));
    let refused = refusal(&shop, &import("-", &[]), &table);
    assert!(refused.starts_with("`-`: nothing was imported, found problems: 20,000\nline 2: "), "{refused}");
    assert_eq!(refused.lines().count(), 52);
    assert!(
        refused.ends_with(
            "\nline 51: found no mail address, expected one such as `ada@example.org`\nand 19,950 more"
        ),
        "{refused}"
    );
}

#[test]
fn one_key_for_several_groups_opens_each_of_them() {
    let shop = Shop::open(programs());
    let table = "key,email,group\nkey-of-ada-0123,ada@example.org,lighthouse\nkey-of-ada-0123,ada@example.org,dockyard\n";
    let path = file(&shop, "customers.csv", table);
    assert_eq!(json(&shop, &import(&path, &[]), "")["keys"]["new"], 1);
    assert!(opens(&shop, "key-of-ada-0123"));
    assert_eq!(shop.get("/download/dockyard_200?dlid=key-of-ada-0123").status, 302);
    assert_eq!(
        json(&shop, &import(&path, &[]), "")["keys"],
        serde_json::json!({ "new": 0, "changed": 0, "there": 1 })
    );
}

#[test]
fn all_problems_of_a_table_are_told_and_nothing_is_written() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("zoe@example.org", "lighthouse", None);
    let log = shop.validator_prints(&["license", "log"], "");
    let table = "email,group,key,username,password_hash\n\
                 ada@example.org,lighthouse,shared-key-0123,ada,\n\
                 bob@example.org,lighthouse,shared-key-0123,Ada,\n\
                 cyd,lighthouse,,,\n\
                 dan@example.org,light,,,\n\
                 eve@example.org,lighthouse,short,,\n\
                 fay@example.org,lighthouse,,fay,opensesame\n";
    let path = file(&shop, "customers.csv", table);
    let refused = refusal(&shop, &import(&path, &["--dry-run"]), "");
    assert_eq!(
        refused,
        format!(
            "`{path}`: nothing was imported, found problems: 6\n\
             line 3: found the key of another address, which is that of line 2\n\
             line 3: found the user name of another address, which is that of line 2\n\
             line 4: found no mail address, expected one such as `ada@example.org`\n\
             line 5: found no group of the catalog, expected one of `dockyard`, `lighthouse`\n\
             line 6: found no key, expected a Download ID or 8 to 128 letters, digits and signs without blanks\n\
             line 7: found a password hash of another form, expected one that Joomla accepts"
        )
    );
    assert_eq!(refusal(&shop, &import(&path, &[]), ""), refused);
    assert_eq!(shop.validator_prints(&["license", "log"], ""), log);
}

#[test]
fn a_table_that_cannot_be_read_is_named() {
    let shop = Shop::closed(programs());
    let path = file(&shop, "customers.csv", "email,plan\nada@example.org,gold\n");
    assert_eq!(
        refusal(&shop, &import(&path, &[]), ""),
        format!(
            "`{path}`: nothing was imported, found problems: 1\nline 1: found another name over column 2, expected some of `email`, \
             `group`, `key`, `expires`, `state`, `state_since`, `username`, `password_hash`"
        )
    );
    for (arguments, expected) in [
        (
            import(&path, &["--grant", "light"]),
            "found the group `light`, expected one of the catalog: `dockyard`, `lighthouse`",
        ),
        (
            import(&path, &["--expires", "soon"]),
            "`--expires`: found `soon`, expected a date such as 2027-01-31",
        ),
        (
            import(&path, &["--expires", "2027-13-45"]),
            "`--expires`: found `2027-13-45`, but there is no such day, expected a date such as 2027-01-31",
        ),
    ] {
        assert_eq!(refusal(&shop, &arguments, ""), expected);
    }
    let path = file(&shop, "empty.csv", "email,group\n");
    assert_eq!(
        refusal(&shop, &import(&path, &[]), ""),
        format!(
            "`{path}`: nothing was imported, found problems: 1\n\
             found no line below the header, expected a line for each customer"
        )
    );
    let large = shop.path("large.csv");
    std::fs::File::create(&large).unwrap().set_len((256 << 20) + 1).unwrap();
    assert_eq!(
        refusal(&shop, &import(large.to_str().unwrap(), &[]), ""),
        format!(
            "`{}`: found more than 268435456 bytes, expected at most that many: import it in parts, or dump only the tables \
             that are needed",
            large.display()
        )
    );
    let missing = shop.validator(&import("nowhere.csv", &[]), "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().starts_with("error: cannot read `nowhere.csv`: "));
}

#[test]
fn a_shop_of_thousands_is_imported_at_once_and_goes_on_serving() {
    let shop = Shop::open(programs());
    let key = shop.key_for("zoe@example.org", "lighthouse", None);
    let mut table = "email,group,key\n".to_owned();
    for number in 0..5_000 {
        writeln!(table, "customer{number}@example.org,lighthouse,key-of-customer-{number:05}").unwrap();
    }
    let counts = json(&shop, &import("-", &[]), &table);
    assert_eq!((&counts["users"]["new"], &counts["keys"]["new"]), (&5_000.into(), &5_000.into()));
    assert!(opens(&shop, &key) && opens(&shop, "key-of-customer-04999"));
}

#[test]
fn a_key_that_is_remembered_opens_for_no_other_that_begins_alike() {
    let mut shop = Shop::closed(programs());
    let key = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    shop.import("csv", &format!("email,group,key\nada@example.org,lighthouse,{key}\n"));
    shop.reconfigure("cache_seconds = 0", "cache_seconds = 60");
    shop.serve();
    assert!(opens(&shop, key));
    for alike in [format!("{}00000000", &key[..32]), key[..32].to_owned()] {
        assert!(!opens(&shop, &alike), "{alike}");
    }
}
