//! Mail by a real SMTP server with TLS and login.

use bandari_tests::shop::Shop;
use bandari_tests::smtp::{Certificates, Envelope, PASSWORD, SmtpServer, USER, wait_for};

use super::{
    ADA, EVE, ask, assert_nothing_leaked, assert_ok, attempts, json_of, login_lines, shop_with, smtp_lines,
};
use crate::programs;

/// A server that wants the login that [`shop_with`] has.
fn server(certificates: &Certificates, further: &[&str]) -> SmtpServer {
    SmtpServer::start(certificates, &[&["--user", USER], further].concat())
}

#[test]
fn a_customer_asks_for_the_key_gets_it_by_mail_and_downloads_with_it() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--mechanism", "PLAIN"]);
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let key = shop.key_for(ADA, "lighthouse", Some("2099-02-28"));
    shop.serve_logging_everything();
    assert_ok(&ask(&shop, ADA, &[]));

    let (envelope, mail) = smtp.mail(1);
    let login = Some(USER.to_owned());
    assert_eq!(envelope, Envelope { from: "keys@shop.test".into(), to: vec![ADA.into()], tls: true, login });
    assert_eq!(smtp.commands(), ["STARTTLS", "AUTH PLAIN", "MAIL", "RCPT"]);
    assert_eq!(mail.defects, [""; 0]);
    assert_eq!(mail.headers["from"], "Läden & Co <keys@shop.test>");
    assert_eq!(mail.headers["to"], ADA);
    assert_eq!(mail.headers["subject"], "Your download key for System - Lighthouse");
    assert_eq!(mail.headers["auto-submitted"], "auto-generated");
    assert_eq!(mail.headers["content-type"], "text/plain; charset=\"utf-8\"");
    assert!(mail.headers["date"].ends_with(" +0000"), "{}", mail.headers["date"]);
    assert!(mail.headers["message-id"].ends_with("@shop.test>"), "{}", mail.headers["message-id"]);
    for expected in [
        "here is your download key for System - Lighthouse:\n",
        "It is good: your license ends on 28 February 2099.\n",
        "System → Update Sites",
        "somebody asked at http://127.0.0.1:",
        "\n-- \nMwambao Extensions\nhttp://127.0.0.1:",
    ] {
        assert!(mail.text.contains(expected), "{expected}\n{}", mail.text);
    }

    let found = mail.key();
    assert_eq!(found, key);
    let pair = format!("email={}&key={found}", ADA.replace('@', "%40"));
    assert_ok(&shop.get(&format!("/post/release/validate/lighthouse?{pair}")));
    assert_eq!(shop.get(&format!("/post/release/download/lighthouse_110?{pair}")).status, 302);
    assert_eq!(shop.get(&format!("/download/lighthouse_110?dlid={found}")).status, 302);

    wait_for("a line of the log", || !attempts(&shop.log()).is_empty());
    assert_eq!(attempts(&shop.log()), [r#"wish=1 attempt=1 outcome="sent""#]);
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
}

#[test]
fn a_mail_goes_over_tls_from_the_start_and_with_the_other_way_to_log_in() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--tls", "tls", "--mechanism", "LOGIN"]);
    let mut shop = shop_with(&smtp, &certificates, "tls");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    let (envelope, mail) = smtp.mail(1);
    assert!(envelope.tls);
    assert_eq!((mail.key(), envelope.login.as_deref()), (key.as_str(), Some(USER)));
    assert_eq!(smtp.commands(), ["AUTH LOGIN", "MAIL", "RCPT"]);
}

#[test]
fn a_stranger_gets_the_very_same_answer_and_no_mail() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &[]);
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let _ = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    let stranger = ask(&shop, EVE, &[]);
    let customer = ask(&shop, ADA, &[]);
    assert_ok(&stranger);
    assert_eq!(
        (stranger.status, stranger.headers_but_date()),
        (customer.status, customer.headers_but_date())
    );
    assert_eq!(stranger.body, customer.body);
    // Wishes are taken in their order, so the stranger's has been looked at.
    let (envelope, _) = smtp.mail(1);
    assert_eq!(envelope.to, [ADA]);
    assert_eq!(smtp.mail_count(), 1);
    assert_nothing_leaked(&shop, &shop.log(), &[]);
}

#[test]
fn the_mail_is_in_the_language_that_the_request_asked_for() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &[]);
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let key = shop.key_for(ADA, "lighthouse", Some("2099-02-28"));
    shop.serve();
    assert_ok(&ask(&shop, ADA, &["Accept-Language: de-AT,de;q=0.9,en;q=0.5"]));
    let (_, mail) = smtp.mail(1);
    assert_eq!(mail.headers["subject"], "Ihr Download-Schlüssel für System - Lighthouse");
    assert!(mail.text.contains("Ihre Lizenz endet am 28. Februar 2099.\n"), "{}", mail.text);
    assert_eq!(mail.key(), key);
}

/// Asks in a shop that hands its mail to this server with these further lines, and gives the first attempt's log line.
fn first_attempt(smtp: &SmtpServer, further: &str) -> String {
    let mut shop = Shop::closed(programs());
    let login = login_lines(&shop, PASSWORD);
    shop.configure_mail(&smtp_lines(smtp, &format!("{login}{further}")));
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve_logging_everything();
    assert_ok(&ask(&shop, ADA, &[]));
    wait_for("an attempt", || !attempts(&shop.log()).is_empty());
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
    attempts(&shop.log()).remove(0)
}

#[test]
fn no_password_goes_to_a_server_that_cannot_prove_who_it_is() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &[]);
    // Its authority is none of the public ones.
    let expected = r#"wish=1 attempt=1 outcome="put-off" step="starttls" retry_seconds=5"#;
    assert_eq!(first_attempt(&smtp, ""), expected);
    let Some(stranger) = Certificates::make() else { return };
    let trust = format!("ca_file = '{}'", stranger.ca_file().display());
    assert_eq!(first_attempt(&smtp, &trust), expected);
    assert_eq!(smtp.commands(), ["STARTTLS", "STARTTLS"]);

    let smtp = server(&certificates, &["--tls", "tls"]);
    let expected = r#"wish=1 attempt=1 outcome="put-off" step="connect" retry_seconds=5"#;
    assert_eq!(first_attempt(&smtp, "tls = 'tls'"), expected);
    assert_eq!((smtp.commands().len(), smtp.mail_count()), (0, 0));
}

#[test]
fn no_password_goes_to_a_server_that_offers_no_encryption() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--tls", "none"]);
    let trust = format!("ca_file = '{}'", certificates.ca_file().display());
    let expected = r#"wish=1 attempt=1 outcome="put-off" step="starttls" retry_seconds=5"#;
    assert_eq!(first_attempt(&smtp, &trust), expected);
    assert_eq!((smtp.commands().len(), smtp.mail_count()), (0, 0));
}

#[test]
fn a_server_on_this_machine_may_do_without_encryption() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--tls", "none"]);
    assert_eq!(first_attempt(&smtp, "tls = 'none'"), r#"wish=1 attempt=1 outcome="sent""#);
    let (envelope, _) = smtp.mail(1);
    assert!(!envelope.tls);
}

#[test]
fn a_wrong_password_is_put_right_and_the_mail_goes_out() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &[]);
    let mut shop = Shop::closed(programs());
    let login = login_lines(&shop, "wrong horse");
    let trust = format!("ca_file = '{}'", certificates.ca_file().display());
    shop.configure_mail(&smtp_lines(&smtp, &format!("{login}{trust}")));
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve_logging_everything();
    assert_ok(&ask(&shop, ADA, &[]));
    wait_for("an attempt", || !attempts(&shop.log()).is_empty());
    let expected = r#"wish=1 attempt=1 outcome="put-off" step="login" code=535 retry_seconds=5"#;
    assert_eq!(attempts(&shop.log())[0], expected);
    assert_eq!((smtp.commands().last().unwrap().as_str(), smtp.mail_count()), ("AUTH PLAIN", 0));
    assert!(!shop.log().contains("wrong horse"));
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
    shop.ask_to_stop();
    assert_eq!(shop.exit_code(), Some(0));

    std::fs::write(shop.path("secrets/mail-password"), PASSWORD).unwrap();
    shop.serve();
    assert_eq!(smtp.mail(1).1.key(), key);
}

#[test]
fn a_server_that_wants_to_be_asked_later_is_asked_later() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--refuse-recipients", "451", "--times", "1"]);
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    assert_eq!(smtp.mail(1).1.key(), key);
    wait_for("two lines of the log", || attempts(&shop.log()).len() == 2);
    assert_eq!(
        attempts(&shop.log()),
        [
            r#"wish=1 attempt=1 outcome="put-off" step="recipient" code=451 retry_seconds=5"#,
            r#"wish=1 attempt=2 outcome="sent""#,
        ]
    );
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
}

#[test]
fn an_address_that_the_server_refuses_for_good_is_given_up() {
    let Some(certificates) = Certificates::make() else { return };
    let smtp = server(&certificates, &["--refuse-recipients", "550", "--times", "1"]);
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    wait_for("an attempt", || !attempts(&shop.log()).is_empty());
    assert_ok(&ask(&shop, ADA, &[]));
    let _ = smtp.mail(1);
    wait_for("two lines of the log", || attempts(&shop.log()).len() == 2);
    assert_eq!(
        attempts(&shop.log()),
        [
            r#"wish=1 attempt=1 outcome="given-up" step="recipient" code=550"#,
            r#"wish=2 attempt=1 outcome="sent""#,
        ]
    );
    assert_nothing_leaked(&shop, &shop.log(), &[&key]);
}

#[test]
fn a_wish_outlives_a_mail_server_that_is_down_and_a_validator_that_is_killed() {
    let Some(certificates) = Certificates::make() else { return };
    let mut smtp = server(&certificates, &[]);
    smtp.stop();
    let mut shop = shop_with(&smtp, &certificates, "starttls");
    let key = shop.key_for(ADA, "lighthouse", None);
    shop.serve();
    assert_ok(&ask(&shop, ADA, &[]));
    wait_for("an attempt", || !attempts(&shop.log()).is_empty());
    let expected = r#"wish=1 attempt=1 outcome="put-off" step="connect" retry_seconds=5"#;
    assert_eq!(attempts(&shop.log())[0], expected);
    shop.kill();

    smtp.start_again(&certificates, &["--user", USER]);
    shop.serve();
    assert_eq!(smtp.mail(1).1.key(), key);
    let validate = format!("/post/release/validate/lighthouse?email={}&key={key}", ADA.replace('@', "%40"));
    assert_eq!(json_of(&shop.get(&validate))["status"], "ok");
}
