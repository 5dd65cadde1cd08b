//! `license import --from jbackend`, and that the imported pairs then pass jBackend's own calls.

use bandari_tests::shop::Shop;

use super::{assert_not_in_store, file, json, opens, refusal};
use crate::programs;

const LIST: &str = "# package group;email;key;user name;password hash\n\n\
    lighthouse;ada@example.org;fd8s809f89ds8f90sd81231sdsds323;ada;$P$5saltsaltL3FzpWcZLJU9vJ2S4.XV11\n\
    dockyard ; Ada@Example.org ; another0key0of0ada ; ada\n\
    lighthouse;bob@example.org;key0of0bob0123\n";

#[test]
fn an_imported_pair_of_address_and_key_is_valid() {
    let shop = Shop::open(programs());
    let path = file(&shop, "keys.txt", LIST);
    let counts = json(&shop, &["license", "import", "--from", "jbackend", &path], "");
    let new = |new: u64| serde_json::json!({ "new": new, "changed": 0, "there": 0 });
    assert_eq!((&counts["users"], &counts["accounts"]), (&new(2), &new(1)));
    assert_eq!((&counts["licenses"], &counts["keys"]), (&new(3), &new(3)));
    assert!(opens(&shop, "fd8s809f89ds8f90sd81231sdsds323"));
    assert!(!opens(&shop, "another0key0of0ada"), "a key for another group");
    let validate = |key: &str, email: &str| {
        let target = format!("/post/release/validate/lighthouse?email={email}&key={key}");
        let answer: serde_json::Value = serde_json::from_str(shop.get(&target).text()).unwrap();
        answer["status"] == "ok"
    };
    assert!(validate("key0of0bob0123", "bob%40example.org"));
    assert!(!validate("key0of0bob0123", "ada%40example.org"));
    assert_not_in_store(&shop, &["fd8s809f89ds8f90sd81231sdsds323", "another0key0of0ada", "key0of0bob0123"]);
}

#[test]
fn a_customer_keeps_a_license_that_ends_no_earlier() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", Some("2031-01-31"));
    let path = file(&shop, "keys.txt", LIST);
    let import = |expires: &str| {
        json(&shop, &["license", "import", "--from", "jbackend", &path, "--expires", expires], "")["licenses"]
            .clone()
    };
    assert_eq!(import("2030-01-31"), serde_json::json!({ "new": 2, "changed": 0, "there": 1 }));
    assert_eq!(import("2030-01-31"), serde_json::json!({ "new": 0, "changed": 0, "there": 3 }));
    assert_eq!(import("2032-01-31"), serde_json::json!({ "new": 3, "changed": 0, "there": 0 }));
}

#[test]
fn all_problems_of_a_list_are_told_and_nothing_is_written() {
    let shop = Shop::closed(programs());
    let list = "lighthouse;ada@example.org;fd8s809f89ds8f90\nlight;ada@example.org;fd8s809f89ds8f91\n\
                lighthouse;bob@example.org;fd8s809f89ds8f90\nlighthouse;bob@example.org\n";
    let path = file(&shop, "keys.txt", list);
    assert_eq!(
        refusal(&shop, &["license", "import", "--from", "jbackend", &path], ""),
        format!(
            "`{path}`: nothing was imported, found problems: 3\n\
             line 2: found no group of the catalog, expected one of `dockyard`, `lighthouse`\n\
             line 3: found the key of another address, which is that of line 1\n\
             line 4: found fields: 2, expected `package group;email;key[;user name[;password hash]]`"
        )
    );
    assert_eq!(shop.validator_prints(&["license", "log"], ""), "");
}
