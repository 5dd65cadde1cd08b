//! Rotation of the seeds of license keys.

use std::os::unix::fs::OpenOptionsExt;

use super::*;

/// Whether a key opens the download of the plug-in.
fn opens(shop: &Shop, key: &str) -> bool {
    match shop.get(&format!("/download/lighthouse_110?dlid={key}")).status {
        302 => true,
        403 => false,
        other => panic!("status {other}"),
    }
}

fn rotate(shop: &Shop, old_until: &str) -> Value {
    json(shop, &["keys", "rotate", "--group", "lighthouse", "--old-until", old_until])
}

#[test]
fn old_license_keys_are_good_until_their_date_and_forged_ones_after_it() {
    let shop = Shop::open(programs());
    let old = shop.key_for("ada@example.org", "lighthouse", None);
    let other = shop.key_for("bea@example.org", "dockyard", None);
    let rotated = rotate(&shop, "2999-01-01");
    assert_eq!(
        rotated,
        serde_json::json!({
            "group": "lighthouse", "old_good_until": "2999-01-01T00:00:00Z", "older_seeds_shortened": 0
        })
    );
    let new = shop.key_of("ada@example.org", "lighthouse");
    assert_ne!(new, old);
    assert_eq!(shop.key_of("bea@example.org", "dockyard"), other, "another group's keys stay");
    reload(&shop);
    assert!(opens(&shop, &old) && opens(&shop, &new));
    assert_eq!(
        shop.validator_prints(&["keys", "list"], "").lines().last(),
        Some("old seed\tlighthouse\tits keys are good until 2999-01-01T00:00:00Z")
    );

    rewrite(&shop, SEEDS_FILE, "good_until = ", &[in_seconds(-1)]);
    reload(&shop);
    assert!(opens(&shop, &new));
    let answer = |key: &str| {
        let answer = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
        (answer.status, answer.text().to_owned())
    };
    // Its last character is another than the seed gives.
    let forged = format!("{}{}", &new[..30], if new.ends_with('a') { "b" } else { "a" });
    assert_eq!(answer(&old), answer(&forged));
    assert_eq!(answer(&old).0, 403);
}

#[test]
fn keys_that_must_go_at_once_open_nothing_any_more() {
    let shop = Shop::open(programs());
    let oldest = shop.key_for("ada@example.org", "lighthouse", None);
    let _ = rotate(&shop, "2999-01-01");
    let old = shop.key_of("ada@example.org", "lighthouse");
    let printed =
        shop.validator_prints(&["keys", "rotate", "--group", "lighthouse", "--old-until", "now"], "");
    assert_eq!(
        printed,
        "made a new seed for the group `lighthouse`; keys of the old one are worthless from now on, as are those of still older \
         ones\n\
         every validator needs this file: copy it to the others, then reload (SIGHUP) or restart all of them\n\
         `license key lighthouse --user <id>` and mails give the new keys"
    );
    reload(&shop);
    assert!(!opens(&shop, &oldest) && !opens(&shop, &old));
    assert!(opens(&shop, &shop.key_of("ada@example.org", "lighthouse")));
    assert_eq!(json(&shop, &["keys", "list"])["old_seeds"], serde_json::json!([]));
}

#[test]
fn a_key_that_was_reset_stays_worthless_whatever_its_seed() {
    let shop = Shop::open(programs());
    let old = shop.key_for("ada@example.org", "lighthouse", None);
    let user = shop.user_of("ada@example.org");
    let _ = rotate(&shop, "2999-01-01");
    reload(&shop);
    let new = shop.key_of("ada@example.org", "lighthouse");
    assert!(opens(&shop, &old) && opens(&shop, &new));
    let _ = shop.validator_prints(&["license", "reset", "lighthouse", "--user", &user], "");
    assert!(!opens(&shop, &old) && !opens(&shop, &new));
    assert!(opens(&shop, &shop.key_of("ada@example.org", "lighthouse")));
}

#[test]
fn what_cannot_be_rotated_is_left_alone() {
    let shop = Shop::closed(programs());
    let before = fs::read(shop.path(SEEDS_FILE)).unwrap();
    for (group, until, expected) in [
        (
            "nope",
            "2999-01-01",
            "found no seed of the group `nope`, expected one of those that have one: `dockyard`, `lighthouse`",
        ),
        ("lighthouse", "soon", "`--old-until`: found `soon`, expected a date such as 2027-01-31, or `now`"),
        (
            "lighthouse",
            "2020-01-01",
            "`--old-until`: found `2020-01-01`, expected a time to come, or `now` when the old keys must open nothing any \
             more",
        ),
    ] {
        let arguments = ["keys", "rotate", "--group", group, "--old-until", until];
        assert_eq!(refusal(&shop, &arguments), expected);
    }
    let missing = refusal(&shop, &["keys", "rotate", "--group", "lighthouse"]);
    assert!(missing.contains("--old-until <DATE>"), "{missing}");
    assert_eq!(fs::read(shop.path(SEEDS_FILE)).unwrap(), before);
    for _ in 0..3 {
        let _ = rotate(&shop, "2999-01-01");
    }
    let message = refusal(&shop, &["keys", "rotate", "--group", "lighthouse", "--old-until", "2999-01-01"]);
    assert_eq!(
        message,
        "found 3 old seeds of the group `lighthouse` that are still good, expected fewer: `keys list` tells until when they \
         are"
    );
}

#[test]
fn an_old_seed_of_no_group_is_refused() {
    let shop = Shop::closed(programs());
    let mut file = File::options().append(true).open(shop.path(SEEDS_FILE)).unwrap();
    let seed = "A".repeat(43);
    write!(file, "[[old_seeds]]\ngroup = 'gone'\nseed = '{seed}'\ngood_until = 2999-01-01\n").unwrap();
    let expected = format!(
        "configuration `{}`: found an old seed of `gone`, expected one in `[seeds]`, too",
        shop.path(SEEDS_FILE).display()
    );
    assert_eq!(refusal(&shop, &["serve"]), expected);
}

#[test]
fn seeds_that_are_lost_are_not_made_anew_while_customers_have_keys_of_them() {
    let shop = Shop::closed(programs());
    let _ = shop.key_for("ada@example.org", "lighthouse", None);
    let path = shop.path(SEEDS_FILE);
    fs::remove_file(&path).unwrap();
    let expected = format!(
        "configuration `{}`: is missing, but `{}` has licenses whose keys come from it: put it back from a backup; if there is \
         none, put an empty file with mode 600 there, and all customers need new keys",
        path.display(),
        shop.path("secrets/licenses.sqlite").display()
    );
    assert_eq!(refusal(&shop, &["init"]), expected);
    assert!(!path.exists());
    let empty = File::options().write(true).create_new(true).mode(0o600).open(&path);
    drop(empty.unwrap());
    let made = shop.validator_prints(&["init"], "");
    assert!(
        made.starts_with("made a seed for the group `dockyard`\nmade a seed for the group `lighthouse`\n"),
        "{made}"
    );
}
