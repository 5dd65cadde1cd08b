//! Who may log in and gets mail: blocked and activated accounts, user names and addresses.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use bandari_tests::database::Engine;
use bandari_tests::smtp::wait_for;
use serde_json::json;

use super::{PASSWORD, Site, USER_GROUPS};

on_each_database! {
    a_blocked_account_is_suspended_and_can_neither_log_in_nor_get_mail
    who_asked_for_a_new_password_is_no_less_a_customer
    user_names_are_compared_as_joomla_does_on_that_database
    what_no_database_can_compare_is_nobodys
    addresses_count_without_case_but_letter_by_letter
}

fn mails(site: &Site) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.shop.path("mails")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect()
}

fn ask_for_mail(site: &Site, email: &str) {
    let answer = site.shop.get(&format!("/post/release/keybyemail/lighthouse?email={email}"));
    assert_eq!(answer.text(), "{\"status\":\"ok\"}");
}

fn a_blocked_account_is_suspended_and_can_neither_log_in_nor_get_mail(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    let key = site.key("lighthouse", 42);
    // As com_users leaves an account that was never activated.
    site.database.execute("UPDATE #__users SET block = 1, activation = 'f3a9c0d1' WHERE id = 42");
    assert_eq!((site.status(&key), site.state("lighthouse", &key).as_str()), (403, "suspended"));
    let failed = json!({ "status": "ko", "error_code": "REL_LIF", "error_description": "Login failed" });
    assert_eq!(site.log_in("ada", PASSWORD), failed);
    assert_eq!(site.log_in("nobody", PASSWORD), failed);
    ask_for_mail(&site, "ada%40shop.test");
    ask_for_mail(&site, "bob%40shop.test");
    wait_for("Bob's mail", || mails(&site).len() == 1);
    sleep(Duration::from_millis(500));
    assert_eq!(mails(&site).len(), 1);
    site.database.execute("UPDATE #__users SET block = 0, activation = '' WHERE id = 42");
    assert_eq!((site.status(&key), site.log_in("ada", PASSWORD)["status"].as_str()), (302, Some("ok")));
}

fn who_asked_for_a_new_password_is_no_less_a_customer(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    site.database.execute("UPDATE #__users SET activation = '$2y$10$resetToken' WHERE id = 42");
    let found = site.log_in("ada", PASSWORD);
    assert_eq!((&found["status"], &found["email"]), (&json!("ok"), &json!("ada@shop.test")));
    assert_eq!(site.status(found["key"].as_str().unwrap()), 302);
    ask_for_mail(&site, "ada%40shop.test");
    wait_for("Ada's mail", || mails(&site).len() == 1);
}

fn user_names_are_compared_as_joomla_does_on_that_database(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    assert_eq!(site.log_in("ada", PASSWORD)["status"], "ok");
    let expected = if engine == Engine::MariaDb { "ok" } else { "ko" };
    assert_eq!(site.log_in("ADA", PASSWORD)["status"], expected);
    assert_eq!(site.log_in("ada", "wrong")["error_code"], "REL_LIF");
}

fn what_no_database_can_compare_is_nobodys(engine: Engine) {
    let tables = format!(
        "{USER_GROUPS}[joomla.download_ids]\nquery = 'SELECT id AS user_id FROM #__users WHERE username = :key'\n"
    );
    let Some(site) = Site::open(engine, &tables) else { return };
    for username in ["ada%00", "%00", "%F0%9F%9A%A2", "%ED%A0%80", "ada%27%20OR%201=1"] {
        assert_eq!(site.log_in(username, PASSWORD)["error_code"], "REL_LIF", "{username}");
    }
    assert_eq!(site.status("12345678%00"), 403);
    assert_eq!(site.shop.get("/download/lighthouse_110?dlid=nobodys-key").status, 403);
    assert!(!site.shop.log().contains("cannot be asked"), "{}", site.shop.log());
    assert_eq!(site.status(&site.key("lighthouse", 42)), 302);
}

fn addresses_count_without_case_but_letter_by_letter(engine: Engine) {
    let Some(site) = Site::open(engine, USER_GROUPS) else { return };
    site.database.execute("UPDATE #__users SET email = 'Ada@SHOP.test' WHERE id = 42");
    let key = site.key("lighthouse", 42);
    let pair = format!("/download/lighthouse_110?dlid={key}&email=");
    assert_eq!(site.shop.get(&format!("{pair}ada%40shop.test")).status, 302);
    assert_eq!(site.shop.get(&format!("{pair}bob%40shop.test")).status, 403);
    // MySQL's collation takes `ö` for `o`: a mail to Bob must not hold the key of somebody with nearly his address.
    site.database.execute("UPDATE #__users SET email = 'böb@shop.test' WHERE id = 43");
    ask_for_mail(&site, "bob%40shop.test");
    ask_for_mail(&site, "ADA%40shop.test");
    wait_for("Ada's mail", || mails(&site).len() == 1);
    sleep(Duration::from_millis(500));
    assert_eq!(mails(&site).len(), 1);
}
