//! jBackend's `keybyauth`: the key of a group for the name and the password of an account.

use bandari_tests::http::{self, Answer};
use bandari_tests::shop::Shop;
use serde_json::{Value, json};

use crate::programs;

/// What the passwords of all accounts here are; made by PHP 8.2 for it.
const PASSWORD: &str = "Turn-the-Tide";

const BCRYPT: &str = "$2y$10$cO7fdk50/H2t0Cu4eSX7UeCSBPo4EoioZWrYMFySpt.fn0Y4GRRYq";
const ARGON2ID: &str =
    "\"$argon2id$v=19$m=8192,t=2,p=1$ZkZhUVJRb09jQUVkVjYveg$7mM8dtHblFwCBF4zx3/23XnkB7V3sWr+yaQiWpVoT3Q\"";
const PHPASS: &str = "$P$9tideSalt2I3w2tm3x9.6AkL90o/Sg/";
const MD5: &str = "c0ab956d9341b5783d2844bd19862159:aRandomSaltOfJoomla15aRandomSalt";

/// Accounts as other systems export them: one for each form in which Joomla keeps passwords, and one for each state.
const ACCOUNTS: &str = "email,group,expires,state,state_since,username,password_hash\n\
    ada@example.org,lighthouse,,active,,Ada,BCRYPT\n\
    bob@example.org,lighthouse,,active,,bob,ARGON2ID\n\
    cyd@example.org,lighthouse,,active,,cyd,PHPASS\n\
    dot@example.org,lighthouse,,active,,dot,MD5\n\
    eve@example.org,lighthouse,2024-02-29,active,,eve,BCRYPT\n\
    flo@example.org,dockyard,,active,,flo,BCRYPT\n";

fn shop() -> Shop {
    let mut shop = Shop::closed(programs());
    shop.import(
        "csv",
        &ACCOUNTS
            .replace("BCRYPT", BCRYPT)
            .replace("ARGON2ID", ARGON2ID)
            .replace("PHPASS", PHPASS)
            .replace("MD5", MD5),
    );
    let path = shop.path("validator.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("trusted_proxies = ['127.0.0.1']\n{config}")).unwrap();
    shop.serve();
    shop
}

fn envelope(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    serde_json::from_slice(&answer.body).unwrap()
}

fn login(shop: &Shop, username: &str, password: &str) -> Value {
    let target = format!("/post/release/keybyauth/lighthouse?username={username}&password={password}");
    envelope(&shop.get(&target))
}

fn failure(code: &str, description: &str) -> Value {
    json!({ "status": "ko", "error_code": code, "error_description": description })
}

#[test]
fn a_right_password_gives_the_pair_that_passes_everywhere() {
    let shop = shop();
    for (username, email) in [("Ada", "ada"), ("ada", "ada"), ("bob", "bob"), ("cyd", "cyd"), ("dot", "dot")]
    {
        let found = login(&shop, username, PASSWORD);
        assert_eq!(
            (&found["status"], &found["email"]),
            (&"ok".into(), &format!("{email}@example.org").into())
        );
        let key = found["key"].as_str().unwrap();
        assert_eq!(key, shop.key_of(&format!("{email}@example.org"), "lighthouse"));
        let pair = format!("email={email}%40example.org&key={key}");
        let validated = envelope(&shop.get(&format!("/post/release/validate/lighthouse?{pair}")));
        assert_eq!(validated, json!({ "status": "ok" }));
        assert_eq!(shop.get(&format!("/post/release/download/lighthouse_110?{pair}")).status, 302);
    }
}

#[test]
fn the_query_form_and_a_posted_form_are_the_same_call() {
    let shop = shop();
    let expected = login(&shop, "ada", PASSWORD);
    let words = "action=post&module=release&resource=keybyauth&id=lighthouse";
    let pair = format!("username=ada&password={PASSWORD}");
    assert_eq!(envelope(&shop.get(&format!("/?{words}&{pair}"))), expected);
    let form_type = ["Content-Type: application/x-www-form-urlencoded"];
    for (target, form) in
        [("/post/release/keybyauth/lighthouse", pair.clone()), ("/", format!("{words}&{pair}"))]
    {
        let answer = http::request(shop.port, "POST", target, &form_type, form.as_bytes());
        assert_eq!(envelope(&answer), expected, "{target}");
    }
}

#[test]
fn a_wrong_password_and_a_wrong_name_are_one_and_the_same_failure() {
    let shop = shop();
    let failed = failure("REL_LIF", "Login failed");
    for (username, password) in
        [("ada", "wrong"), ("dot", "wrong"), ("nobody", PASSWORD), ("ada%00", PASSWORD)]
    {
        assert_eq!(login(&shop, username, password), failed, "{username}");
    }
}

#[test]
fn what_is_missing_or_unknown_is_named_before_any_password_is_checked() {
    let shop = shop();
    let call = |rest: &str| envelope(&shop.get(&format!("/post/release/keybyauth{rest}")));
    assert_eq!(call("?username=a&password=b"), failure("REL_GNS", "Package group not specified"));
    assert_eq!(call("/nope?username=a&password=b"), failure("REL_GNF", "Package group not found"));
    assert_eq!(call("/lighthouse?password=b"), failure("REL_UNR", "Username required"));
    assert_eq!(call("/lighthouse?username=a&password="), failure("REL_PWR", "Password required"));
    let get = envelope(&shop.get("/get/release/keybyauth/lighthouse?username=a&password=b"));
    assert_eq!(get, failure("REQ_RUN", "Request unknown"));
}

#[test]
fn whoever_logs_in_without_a_good_license_is_told_why_there_is_no_key() {
    let shop = shop();
    let expired = login(&shop, "eve", PASSWORD);
    assert_eq!((&expired["status"], &expired["error_code"]), (&"ko".into(), &"REL_KYE".into()));
    assert_eq!((&expired["state"], &expired["expires"]), (&"expired".into(), &"2024-02-29T00:00:00Z".into()));
    assert_eq!((expired.get("key"), expired.get("email")), (None, None));
    assert_eq!(login(&shop, "flo", PASSWORD)["error_code"], "REL_NAU");
}

#[test]
fn who_logs_in_often_is_not_taken_for_somebody_who_guesses() {
    let shop = shop();
    for _ in 0..12 {
        assert_eq!(login(&shop, "cyd", PASSWORD)["status"], "ok");
    }
}

#[test]
fn after_a_reset_a_login_gives_the_new_key() {
    let shop = shop();
    let before = login(&shop, "ada", PASSWORD)["key"].clone();
    let user = shop.user_of("ada@example.org");
    let _ = shop.validator_prints(&["license", "reset", "lighthouse", "--user", &user], "");
    let after = login(&shop, "ada", PASSWORD)["key"].clone();
    assert_ne!(before, after);
    let status =
        |key: &Value| shop.get(&format!("/download/lighthouse_110?dlid={}", key.as_str().unwrap())).status;
    assert_eq!((status(&before), status(&after)), (403, 302));
}

#[test]
fn who_tries_too_many_passwords_has_to_wait_and_nobody_else() {
    let shop = shop();
    let from = |address: &str, password: &str| {
        let target = format!("/post/release/keybyauth/lighthouse?username=ada&password={password}");
        http::get(shop.port, &target, &[&format!("X-Forwarded-For: {address}")])
    };
    // All at once: a refusal takes two seconds, and each six seconds there is one try more.
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..14).map(|_| scope.spawn(|| from("192.0.2.7", "wrong"))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let of = |code: &str| answers.iter().filter(|answer| envelope(answer)["error_code"] == code).count();
    assert_eq!((of("REL_LIF"), of("REL_RTL")), (10, 4));
    for answer in answers.iter().filter(|answer| envelope(answer)["error_code"] == "REL_RTL") {
        assert_eq!(envelope(answer), failure("REL_RTL", "Too many requests"));
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=6).contains(&wait), "{wait}");
    }
    assert_eq!(envelope(&from("192.0.2.8", PASSWORD))["status"], "ok");
}
