//! Rotation of the keys that sign links.

use std::thread::sleep;
use std::time::Duration;

use super::*;

/// A shop with both edges and a second key that signs in a day.
fn with_two_keys() -> Shop {
    let shop = Shop::closed(programs());
    configure_edge_verify(&shop);
    let _ = shop.validator_prints(&["keys", "rotate"], "");
    shop
}

/// The target of the link that a customer gets.
fn target(shop: &Shop, key: &str) -> String {
    let answer = shop.get(&format!("/download/lighthouse_110?dlid={key}"));
    assert_eq!(answer.status, 302, "{}", answer.text());
    shop.target_of(answer.header("location").unwrap()).to_owned()
}

/// Each key's state, in the order of their turns.
fn states(shop: &Shop) -> Vec<String> {
    let listed = json(shop, &["keys", "list"]);
    let keys = listed["signing_keys"].as_array().unwrap();
    keys.iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_next_key_takes_over_at_its_time_without_a_restart_and_old_links_stay_good() {
    let mut shop = with_two_keys();
    let key = shop.key_for("ada@example.org", "lighthouse", None);
    let turn = unix_seconds() + 6;
    set_turns(&shop, &[6]);
    shop.serve();
    assert_eq!(states(&shop), ["signs", "next"]);
    let old = target(&shop, &key);
    assert!(unix_seconds() < turn, "the machine is too slow for this test");
    while unix_seconds() <= turn + 1 {
        sleep(Duration::from_millis(100));
    }
    let new = target(&shop, &key);
    assert_eq!(states(&shop), ["accepted", "signs"]);
    for target in [&old, &new] {
        assert_eq!(edges_say(&shop, target), 200);
    }
    // Both may well expire in the same minute, and Ed25519 gives one key one signature: so another key has signed.
    let signature = |target: &str| target.split_once("&Signature=").unwrap().1.to_owned();
    assert_ne!(signature(&old), signature(&new));
}

#[test]
fn a_link_of_a_key_that_is_published_ahead_is_good() {
    let mut shop = with_two_keys();
    shop.serve();
    // Another validator's clock may go before ours.
    assert_eq!(edges_say(&shop, &target_by_key(&shop, 1)), 200);
}

#[test]
fn a_link_that_outlives_all_links_is_refused_whoever_signed_it() {
    let mut shop = with_two_keys();
    shop.serve();
    // Links live for 300 seconds and up to a minute more, and clocks may be a minute apart.
    for (left, status) in [(400, 200), (450, 403), (86_400, 403)] {
        assert_eq!(edges_say(&shop, &target_that_expires(&shop, 0, left)), status, "{left}");
    }
}

#[test]
fn a_link_of_an_old_key_is_refused_once_the_last_one_has_expired() {
    let mut shop = with_two_keys();
    shop.serve();
    let old = target_by_key(&shop, 0);
    // Links live for 300 seconds and up to a minute more, and clocks may be a minute apart.
    for (ago, status, state) in [(-380, 200, "accepted"), (-421, 403, "expired")] {
        set_turns(&shop, &[ago]);
        reload(&shop);
        assert_eq!(edges_say(&shop, &old), status);
        assert_eq!(edges_say(&shop, &target_by_key(&shop, 1)), 200);
        assert_eq!(states(&shop), [state, "signs"]);
    }
}

#[test]
fn what_a_rotation_leaves_to_be_done_is_told() {
    let shop = Shop::closed(programs());
    let first = json(&shop, &["keys", "list"])["signing_keys"][0].clone();
    let printed = shop.validator_prints(&["keys", "rotate", "--signs-in", "7d"], "");
    let listed = json(&shop, &["keys", "list"]);
    let next = &listed["signing_keys"][1];
    let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    assert_eq!(
        printed,
        format!(
            "made the key `{}`, which signs from {} on\n\
             by then, every edge needs all public keys of the set `shop`: {}, {}\n\
             and every validator this file: copy it to the others, then reload (SIGHUP) or restart all of them\n\
             `edge <target>` writes the files of your edge anew\n\
             `keys list` tells until when an edge needs an old key",
            text(next, "name"),
            text(next, "signs_from"),
            text(&first, "public_key"),
            text(next, "public_key"),
        )
    );
    let week = 7 * 86_400;
    let from: Timestamp = text(next, "signs_from").parse().unwrap();
    assert!((unix_seconds() + week - 60..=unix_seconds() + week).contains(&from.as_second()));
    let public_keys = [text(&first, "public_key"), text(next, "public_key")].join(", ");
    assert_eq!(
        shop.validator_prints(&["init"], ""),
        format!("nothing was missing\nfor the edge: key set `shop`, public keys {public_keys}")
    );
    assert_eq!(
        shop.validator_prints(&["keys", "list"], ""),
        format!(
            "key {}\tsigns\tpublic key {}\nkey {}\tsigns from {from}\tpublic key {}",
            text(&first, "name"),
            text(&first, "public_key"),
            text(next, "name"),
            text(next, "public_key")
        )
    );
}

#[test]
fn a_rotation_drops_keys_whose_last_link_has_expired() {
    let shop = with_two_keys();
    let first = json(&shop, &["keys", "list"])["signing_keys"][0]["name"].clone();
    set_turns(&shop, &[-3600]);
    let rotated = json(&shop, &["keys", "rotate", "--signs-in", "0s"]);
    assert_eq!(rotated["dropped"], serde_json::json!([first]));
    assert_eq!(
        (rotated["key_set"].as_str(), rotated["public_keys"].as_array().unwrap().len()),
        (Some("shop"), 2)
    );
    assert_eq!(states(&shop), ["accepted", "signs"]);
}

#[test]
fn no_key_is_made_while_one_waits_or_three_are_needed() {
    let shop = with_two_keys();
    let read = || fs::read(shop.path(KEY_FILE)).unwrap();
    let before = read();
    let message = refusal(&shop, &["keys", "rotate"]);
    assert!(
        message.ends_with(
            " on, expected none that waits: rotate again after that, or set `Signs-From` of that key in the file to a time that \
             is sooner"
        ),
        "{message}"
    );
    assert_eq!(read(), before);
    set_turns(&shop, &[-60]);
    let _ = shop.validator_prints(&["keys", "rotate", "--signs-in", "0s"], "");
    let before = read();
    let message = refusal(&shop, &["keys", "rotate"]);
    assert!(
        message.starts_with("found 3 keys that edges need, expected fewer: rotate again after "),
        "{message}"
    );
    assert_eq!(read(), before);
}

#[test]
fn a_time_that_is_none_is_refused() {
    let shop = Shop::closed(programs());
    for time in ["soon", "24", "400d"] {
        let expected =
            format!("`--signs-in`: found `{time}`, expected a time such as 30m, 24h or 7d, a year at most");
        assert_eq!(refusal(&shop, &["keys", "rotate", "--signs-in", time]), expected);
    }
}

#[test]
fn a_key_file_in_which_turns_are_not_plain_is_refused_by_every_command() {
    let shop = with_two_keys();
    rewrite(&shop, KEY_FILE, "Signs-From: ", &["soon".to_owned()]);
    let path = shop.path(KEY_FILE);
    let expected = format!(
        "configuration `{}`: key 2: `Signs-From:`: found `soon`, expected a date such as 2027-01-31",
        path.display()
    );
    for arguments in [&["serve"][..], &["check-config"], &["keys", "list"], &["keys", "rotate"]] {
        assert_eq!(refusal(&shop, arguments), expected);
    }
    // Somebody added a key with `cat`.
    let text = fs::read_to_string(&path).unwrap().replace("Signs-From: soon\n", "");
    fs::write(&path, text).unwrap();
    let message = refusal(&shop, &["serve"]);
    assert!(message.ends_with(" with the same `Signs-From` or none, expected it to differ"), "{message}");
}

#[test]
fn no_command_prints_a_secret() {
    let shop = with_two_keys();
    set_turns(&shop, &[-60]);
    let mut printed = String::new();
    for arguments in [
        &["keys", "list"][..],
        &["keys", "list", "--json"],
        &["keys", "rotate", "--json"],
        &["keys", "rotate", "--group", "lighthouse", "--old-until", "2999-01-01"],
        &["keys", "rotate", "--group", "lighthouse", "--old-until", "2999-01-01", "--json"],
        &["keys", "list"],
    ] {
        printed += &shop.validator_prints(arguments, "");
    }
    let secrets = [KEY_FILE, SEEDS_FILE].map(|file| fs::read_to_string(shop.path(file)).unwrap()).concat();
    // Lines of PEM, and values in quotes.
    let secrets = secrets.split(['\n', '"', '\'']).filter(|part| {
        part.len() >= 40 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
    });
    let mut found = 0;
    for secret in secrets {
        found += 1;
        assert!(!printed.contains(secret), "a secret is in {printed}");
    }
    // Three keys; the seeds of two groups, two old ones, and that of imported keys.
    assert!(found >= 3 + 5, "{found}");
}
