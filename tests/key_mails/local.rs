//! Mail into a folder and by the machine's own `sendmail`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use bandari_tests::shop::Shop;
use bandari_tests::smtp::{ReadMail, python, wait_for};

use super::{ADA, EVE, ask, assert_nothing_leaked, assert_ok, attempts};
use crate::programs;

/// A shop whose mails become files.
fn shop_with_folder() -> Shop {
    let shop = Shop::closed(programs());
    shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
    shop
}

/// Waits for so many mails.
fn mails(shop: &Shop, count: usize) -> Vec<PathBuf> {
    let found = || {
        let entries = fs::read_dir(shop.path("mails")).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect::<Vec<_>>()
    };
    wait_for("a mail in the folder", || found().len() >= count);
    found()
}

#[test]
fn a_mail_in_a_folder_is_a_file_for_its_owner_alone() {
    let Some(python) = python() else { return };
    let mut shop = shop_with_folder();
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, EVE, &[]));
    assert_ok(&ask(&shop, ADA, &[]));
    let files = mails(&shop, 1);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(shop.path("mails")).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!files[0].to_str().unwrap().contains("ada"), "{files:?}");
    let mail = ReadMail::of(&python, &files[0]);
    assert_eq!(mail.key(), key);
    assert_eq!(mail.headers["to"], ADA);
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
}

#[test]
fn a_key_that_no_longer_works_is_sent_with_the_reason() {
    let Some(python) = python() else { return };
    let mut shop = shop_with_folder();
    let key = shop.key_for(ADA, "lighthouse", Some("2024-02-29"));
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    let mail = ReadMail::of(&python, &mails(&shop, 1)[0]);
    assert_eq!(mail.key(), key);
    let expected =
        "The key does not work now. System - Lighthouse: your license expired on 29 February 2024. Renew it";
    assert!(mail.text.contains(expected), "{}", mail.text);
    assert!(mail.text.contains("\nRenew the license: https://shop.example.org/renew\n"), "{}", mail.text);
}

#[test]
fn who_has_no_license_for_the_group_gets_no_mail() {
    let Some(python) = python() else { return };
    let mut shop = shop_with_folder();
    let _ = shop.key_for(EVE, "dockyard", None);
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, EVE, &[]));
    assert_ok(&ask(&shop, ADA, &[]));
    // Wishes are taken in their order.
    let files = mails(&shop, 1);
    assert_eq!(files.len(), 1);
    assert_eq!(ReadMail::of(&python, &files[0]).key(), key);
}

#[test]
fn an_address_as_people_write_it_and_as_joomla_encodes_it_is_understood() {
    let Some(python) = python() else { return };
    let mut shop = shop_with_folder();
    let key = shop.key_for("ada+shop@example.org", "lighthouse", None);
    shop.serve();
    // The `+` is a blank in a query.
    assert_ok(&ask(&shop, "%20Ada+Shop@Example.org", &[]));
    let mail = ReadMail::of(&python, &mails(&shop, 1)[0]);
    assert_eq!((mail.key(), mail.headers["to"].as_str()), (key.as_str(), "ada+shop@example.org"));
}

/// A shop that sends by a script, which writes down its arguments and its input and ends as it is told.
fn shop_with_sendmail(ends: &str) -> Shop {
    let shop = Shop::closed(programs());
    let command = shop.path("sendmail");
    let folder = shop.path("").display().to_string();
    let script = format!(
        "#!/bin/sh\necho \"$@\" >>{folder}/arguments\ncat >{folder}/aside\n{ends}\nmv {folder}/aside {folder}/sent.eml\n"
    );
    fs::write(&command, script).unwrap();
    fs::set_permissions(&command, fs::Permissions::from_mode(0o755)).unwrap();
    shop.configure_mail("transport = 'sendmail'\ncommand = 'sendmail'");
    shop
}

#[test]
fn sendmail_gets_the_recipient_in_the_mail_and_not_on_the_command_line() {
    let Some(python) = python() else { return };
    let mut shop = shop_with_sendmail("");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    let sent = shop.path("sent.eml");
    wait_for("a mail", || sent.exists());
    assert_eq!(fs::read_to_string(shop.path("arguments")).unwrap(), "-t -i -f keys@shop.test\n");
    assert!(!fs::read(&sent).unwrap().contains(&b'\r'), "lines end as they do on this machine");
    let mail = ReadMail::of(&python, &sent);
    assert_eq!((mail.key(), mail.headers["to"].as_str()), (key.as_str(), ADA));
}

#[test]
fn a_sendmail_that_is_in_trouble_is_asked_again_and_one_that_refuses_is_not() {
    for (ends, outcome) in [
        ("exit 75", r#"outcome="put-off" step="exit" code=75 retry_seconds=5"#),
        ("exit 67", r#"outcome="given-up" step="exit" code=67"#),
    ] {
        let mut shop = shop_with_sendmail(ends);
        let key = shop.key_for(ADA, "lighthouse", None);
        shop.serve();
        assert_ok(&ask(&shop, ADA, &[]));
        wait_for("an attempt", || !attempts(&shop.log()).is_empty());
        assert_eq!(attempts(&shop.log()), [format!("wish=1 attempt=1 {outcome}")]);
        assert_nothing_leaked(&shop, &shop.log(), &[&key]);
    }
}
