//! The command line where licenses live in the site's database.

use bandari_tests::database::Engine;
use bandari_tests::shop::Shop;
use serde_json::{Value, json};

use crate::programs;

use super::{Site, USER_GROUPS, refusal};

on_each_database! {
    a_reset_ends_the_key_of_a_user_of_the_site
    licenses_are_changed_in_the_site_alone
    a_user_is_listed_with_all_that_the_site_says
    an_import_takes_keys_alone_and_finds_users_by_address
    a_file_that_speaks_of_other_users_is_refused
}

fn a_reset_ends_the_key_of_a_user_of_the_site(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let old = site.key("lighthouse", 42);
    let reset = site.shop.validator_prints(&["license", "reset", "lighthouse", "--user", "42"], "");
    assert!(reset.starts_with("user 42: the old key for `lighthouse` is worthless now"), "{reset}");
    let new = site.key("lighthouse", 42);
    assert_eq!((site.status(&old), site.status(&new)), (403, 302));
    let log = site.shop.validator_prints(&["license", "log", "--user", "42"], "");
    assert!(log.ends_with("\treset\tuser 42\tlighthouse\t-\tserial 1, imported keys revoked: 0"), "{log}");
    for command in ["key", "reset"] {
        assert_eq!(
            refusal(&site.shop, &["license", command, "lighthouse", "--user", "7"], ""),
            "found no user 7 in the Joomla site: its list of users shows the ids"
        );
    }
}

fn licenses_are_changed_in_the_site_alone(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    for arguments in [
        &["license", "grant", "lighthouse"][..],
        &["license", "cancel", "1"],
        &["license", "refund", "1"],
        &["license", "suspend", "1"],
        &["license", "revoke", "1"],
        &["license", "restore", "1"],
    ] {
        assert_eq!(
            refusal(&site.shop, arguments, "ada@shop.test"),
            format!(
                "`license {}`: with `[joomla]` licenses live in the site's database: change them there",
                arguments[1]
            )
        );
    }
    assert_eq!(
        refusal(&site.shop, &["license", "show", "1"], ""),
        "`license show`: with `[joomla]` licenses have no ids: `license list --user <id>` shows those of a user"
    );
}

fn a_user_is_listed_with_all_that_the_site_says(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    assert_eq!(
        site.shop.validator_prints(&["license", "list", "--user", "42"], ""),
        "user 42\tada@shop.test\tdockyard\tnot_covered\nuser 42\tada@shop.test\tlighthouse\tvalid\tends never"
    );
    let listed = site.shop.validator_prints(&["license", "list", "--user", "42", "--json"], "");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        listed,
        json!([
            {"user": 42, "email": "ada@shop.test", "group": "dockyard", "state": "not_covered", "serial": 0},
            {"user": 42, "email": "ada@shop.test", "group": "lighthouse", "state": "valid", "serial": 0}
        ])
    );
    assert_eq!(
        refusal(&site.shop, &["license", "list"], ""),
        "`license list`: with `[joomla]` users and licenses live in the site's database: `--user <id>` lists those of one"
    );
}

fn an_import_takes_keys_alone_and_finds_users_by_address(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let table = "email,group,key,expires\n\
        Bob@Shop.test,lighthouse,harbor-key-of-bob,2024-02-29\n\
        ada@shop.test,lighthouse,,2027-01-31\n\
        eve@elsewhere.test,,harbor-key-of-eve,\n";
    let told = site.shop.validator_prints(&["license", "import", "--from", "csv", "-"], table);
    assert_eq!(
        told,
        "users: 0 new, 1 there already\nuser names: 0 new, 0 there already\nlicenses: 0 new, 0 there already\n\
         keys: 1 new, 0 there already\n\
         skipped: 1 lines without a key: all else lives in the Joomla site (line 3)\n\
         skipped: 1 keys of addresses that no user of the Joomla site has (line 4)"
    );
    assert_eq!(site.status("harbor-key-of-bob"), 302);
    assert_eq!(site.state("lighthouse", "harbor-key-of-eve"), "invalid");
    for (arguments, expected) in [
        (
            &["--from", "ars"][..],
            "`--from ars`: with `[joomla]` Download IDs come straight from the site's database",
        ),
        (
            &["--from", "csv", "--grant", "lighthouse"],
            "`--grant`: with `[joomla]` licenses live in the site's database",
        ),
        (
            &["--from", "csv", "--expires", "2027-01-31"],
            "`--expires`: with `[joomla]` licenses live in the site's",
        ),
    ] {
        let arguments = [&["license", "import"], arguments, &["-"]].concat();
        let refused = refusal(&site.shop, &arguments, table);
        assert!(refused.starts_with(expected), "{refused}");
    }
}

fn a_file_that_speaks_of_other_users_is_refused(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let own = Shop::closed(programs());
    let _ = own.key_for("ada@shop.test", "lighthouse", None);
    own.configure_joomla(&site.database, USER_GROUPS);
    let refused = refusal(&own, &["check-config"], "");
    assert!(
        refused.ends_with(
            "found users of its own, expected another file with `[joomla]`: the same id is somebody else there"
        ),
        "{refused}"
    );
    // And the other way: what was written for users of the site.
    let _ = site.shop.validator_prints(&["license", "reset", "lighthouse", "--user", "42"], "");
    let text = std::fs::read_to_string(site.shop.path("validator.toml")).unwrap();
    let (before, _) = text.split_once("[joomla]").unwrap();
    std::fs::write(site.shop.path("validator.toml"), before).unwrap();
    let refused = refusal(&site.shop, &["check-config"], "");
    assert!(
        refused.contains("found ids of a Joomla site's users, expected a file of its own without"),
        "{refused}"
    );
}
