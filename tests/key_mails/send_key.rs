//! `/send-key/`: the same for people, who get pages, and for scripts of the public site.

use std::time::{Duration, Instant};

use bandari_tests::smtp::wait_for;

use super::*;

const BROWSER: [&str; 3] = [
    "User-Agent: Mozilla/5.0",
    "Accept: text/html,*/*;q=0.8",
    "Content-Type: application/x-www-form-urlencoded",
];

const PROGRAM: [&str; 2] = ["Accept: application/json", "Content-Type: application/x-www-form-urlencoded"];

const ASKED: &str = "If there is a license for System - Lighthouse under this address, the key is on its way to it. \
                     Look into the spam folder, too.";

/// A shop whose mails become files, with Ada's license, and her key.
fn open_shop() -> (Shop, String) {
    let mut shop = Shop::closed(programs());
    shop.configure("trusted_proxies = ['127.0.0.1']");
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    (shop, key)
}

fn post(shop: &Shop, target: &str, headers: &[&str], form: &str) -> Answer {
    http::request(shop.port, "POST", target, headers, form.as_bytes())
}

/// How many mails lie there.
fn mail_count(shop: &Shop) -> usize {
    fs::read_dir(shop.path("mails")).into_iter().flatten().count()
}

fn texts_of_mails(shop: &Shop) -> Vec<String> {
    let entries = fs::read_dir(shop.path("mails")).into_iter().flatten();
    entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn a_person_opens_the_form_sends_it_and_gets_the_mail() {
    let (shop, key) = open_shop();
    let form = shop_get(&shop, "/send-key/plg_system_lighthouse");
    assert_eq!((form.status, form.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for part in ["Have your key sent to you", "method=\"post\" action=\"?\"", "name=\"email\" type=\"email\""]
    {
        assert!(form.text().contains(part), "`{part}` is not in {}", form.text());
    }
    let page = post(&shop, "/send-key/plg_system_lighthouse?", &BROWSER, "email=Ada.Lovelace%40example.org");
    assert_eq!(page.status, 200);
    for part in [ASKED, "href=\"https://shop.example.org/account\"", "href=\"mailto:support@example.org\""] {
        assert!(page.text().contains(part), "`{part}` is not in {}", page.text());
    }
    assert!(!page.text().to_lowercase().contains("lovelace"), "{}", page.text());
    wait_for("a mail in the folder", || mail_count(&shop) == 1);
    // Lines of mails are wrapped at blanks only, and a key has none.
    assert!(texts_of_mails(&shop)[0].contains(&key));
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
    assert!(
        shop.log().contains("route=\"send-key\" status=200 outcome=\"key-mail-asked\""),
        "{}",
        shop.log()
    );
    assert!(shop.log().contains("asked=\"plg_system_lighthouse\""), "{}", shop.log());
}

fn shop_get(shop: &Shop, target: &str) -> Answer {
    http::get(shop.port, target, &BROWSER)
}

#[test]
fn what_is_chosen_in_a_form_goes_on_to_the_next_form() {
    let (shop, _) = open_shop();
    let hidden = "<input type=\"hidden\" name=\"id\" value=\"lighthouse\">";
    for page in [
        shop_get(&shop, "/send-key?id=lighthouse"),
        post(&shop, "/send-key", &BROWSER, "id=lighthouse&email="),
        post(&shop, "/send-key", &BROWSER, "id=lighthouse&email=eve%40example.com"),
    ] {
        assert!(page.text().contains(hidden), "{}", page.text());
    }
    let page = post(&shop, "/send-key/lighthouse?", &BROWSER, "id=nothing&email=eve%40example.com");
    assert!(page.text().contains(ASKED) && !page.text().contains("name=\"id\""), "{}", page.text());
}

#[test]
fn a_program_gets_json_for_every_outcome() {
    let (shop, _) = open_shop();
    for (target, form, status, expected) in [
        ("/send-key/lighthouse", "email=a%40b", 200, json!({"status": "ok", "message": ASKED})),
        ("/send-key?id=lighthouse", "email=b%40b", 200, json!({"status": "ok", "message": ASKED})),
        (
            "/send-key",
            "id=mod_openinghours&email=a%40b",
            200,
            json!({"status": "ok", "message": "Opening Hours is free: no key is needed."}),
        ),
        (
            "/send-key/lighthouse",
            "email=+",
            400,
            json!({"status": "ko", "error_code": "REL_EMR", "error_description": "Email required",
                   "message": "No mail address was entered."}),
        ),
        (
            "/send-key/nothing",
            "email=a%40b",
            404,
            json!({"status": "ko", "error_code": "REL_GNF", "error_description": "Package group not found",
                   "message": "There is no product and no license group with this name. Check the address, or start from \
                               the page of the product."}),
        ),
    ] {
        // A Joomla asks by a plug-in, which reads JSON.
        for headers in [&PROGRAM[..], &["Content-Type: application/x-www-form-urlencoded"]] {
            let answer = post(&shop, target, headers, form);
            assert_eq!(answer.status, status, "{target} {form}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let json: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(json, expected, "{target} {form}");
        }
    }
    // The third of one address, and one too many.
    for status in [200, 429] {
        assert_eq!(http::get(shop.port, "/send-key/lighthouse?email=a%40b", &PROGRAM).status, status);
    }
}

#[test]
fn a_form_without_an_address_says_so() {
    let (shop, _) = open_shop();
    for form in ["", "email=", "email=++", "dlid=ada%40example.org"] {
        let page = post(&shop, "/send-key/lighthouse", &BROWSER, form);
        assert_eq!(page.status, 400, "{form}");
        assert!(page.text().contains("No mail address was entered."), "{}", page.text());
        assert!(page.text().contains("name=\"email\""), "{}", page.text());
    }
}

#[test]
fn a_free_product_needs_no_key_to_be_sent() {
    let (shop, _) = open_shop();
    let page = shop_get(&shop, "/send-key/mod_openinghours");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Opening Hours is free: no key is needed."), "{}", page.text());
    assert!(!page.text().contains("<form"), "{}", page.text());
}

#[test]
fn customers_and_strangers_get_the_same_bytes_after_the_same_steps_and_wait_alike() {
    let (shop, _) = open_shop();
    let everything = |answer: &Answer| (answer.status, answer.headers_but_date(), answer.body.clone());
    for headers in [&BROWSER[..], &PROGRAM] {
        let ask = |email: &str, sender: u8| {
            let sender = format!("X-Forwarded-For: 198.18.0.{sender}");
            let begun = Instant::now();
            let form = format!("email={}", email.replace('@', "%40"));
            let answer = post(&shop, "/send-key/lighthouse", &[headers, &[&sender]].concat(), &form);
            (answer, begun.elapsed())
        };
        let (ada, ada_took) = ask(ADA, 1);
        let (eve, eve_took) = ask(EVE, 2);
        assert_eq!(ada.status, 200);
        assert_eq!(everything(&ada), everything(&eve));
        // What cannot be an address is nobody's.
        assert_eq!(everything(&ask("ada", 3).0), everything(&eve));
        assert!(ada_took >= Duration::from_millis(20) && eve_took >= Duration::from_millis(20));
    }
    // Three of one address are good: two were asked for.
    for email in [ADA, EVE] {
        let form = format!("email={}", email.replace('@', "%40"));
        assert_eq!(post(&shop, "/send-key/lighthouse", &BROWSER, &form).status, 200);
        let page = post(&shop, "/send-key/lighthouse", &BROWSER, &form);
        assert_eq!(page.status, 429, "{}", page.text());
        let seconds: u32 = page.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=1_200).contains(&seconds), "{seconds}");
        assert!(page.text().contains("try again in half an hour"), "{}", page.text());
        // jBackend's method counts with it.
        assert_eq!(json_of(&ask(&shop, email, &[]))["error_code"], "REL_RTL");
    }
}

#[test]
fn without_a_way_to_send_mail_people_are_led_to_account_and_support() {
    let shop = Shop::open(programs());
    for page in [
        shop_get(&shop, "/send-key/lighthouse"),
        post(&shop, "/send-key", &BROWSER, "id=lighthouse&email=a%40b"),
    ] {
        assert_eq!(page.status, 404);
        for part in [
            "This vendor sends no keys by mail.",
            "<a class=\"button\" href=\"https://shop.example.org/account\">Your account</a>",
            "href=\"mailto:support@example.org\"",
        ] {
            assert!(page.text().contains(part), "`{part}` is not in {}", page.text());
        }
        assert!(!page.text().contains("<form"), "{}", page.text());
    }
    let answer = post(&shop, "/send-key/lighthouse", &PROGRAM, "email=a%40b");
    assert_eq!(answer.status, 404);
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&json["status"], &json["error_code"]), (&json!("ko"), &json!("REQ_RUN")));
}

#[test]
fn while_wishes_cannot_be_kept_their_senders_are_told_to_come_again() {
    let (shop, _) = open_shop();
    shop.spoil_store("ALTER TABLE key_mails RENAME TO gone");
    for (headers, part) in [(&BROWSER[..], "try again in a minute"), (&PROGRAM, "REL_INT")] {
        let answer = post(&shop, "/send-key/lighthouse", headers, "email=ada.lovelace%40example.org");
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")));
        assert!(answer.text().contains(part), "{}", answer.text());
    }
    assert_nothing_leaked(&shop, &shop.log(), &[]);
}
