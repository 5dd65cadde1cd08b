//! The page on which people have their key sent to them, and what its form has with that of the check page.

use super::*;

#[test]
fn a_form_says_again_what_the_path_does_not_say() {
    let texts = Texts::load(None).unwrap();
    let (pages, language) = (Pages::load(None).unwrap(), texts.by_tag("en"));
    let named = Named { is_parameter: true, ..NAMED };
    let said = "<input type=\"hidden\" name=\"id\" value=\"dockyard\">";
    assert_contains(&pages.key_form(language, &SUBJECT, named), &[said]);
    for state in [KeyMailState::NotAsked, KeyMailState::NoAddress, KeyMailState::Asked] {
        assert_contains(&pages.key_mail(language, &SUBJECT, named, state), &[said]);
        assert!(!pages.key_mail(language, &SUBJECT, NAMED, state).contains("name=\"id\""));
    }
}

#[test]
fn the_page_that_sends_keys_asks_for_an_address() {
    let texts = Texts::load(None).unwrap();
    let page = |tag, state| Pages::load(None).unwrap().key_mail(texts.by_tag(tag), &SUBJECT, NAMED, state);
    let form = page("en", KeyMailState::NotAsked);
    assert_contains(
        &form,
        &[
            "<h1>Have your key sent to you</h1>",
            "Enter the mail address of your order: your download key for Dockyard goes to it.",
            "<form method=\"post\" action=\"?\">",
            "<label for=\"email\">Mail address</label>",
            "name=\"email\" type=\"email\" required autocomplete=\"email\"",
            "<button type=\"submit\">Send the key</button>",
        ],
    );
    assert!(!form.contains("dlid") && !form.contains("class=\"result"), "{form}");
    let none = page("en", KeyMailState::NoAddress);
    assert_contains(&none, &["<p>No mail address was entered.</p>", "class=\"result bad\"", "<form"]);
    assert_contains(
        &page("de", KeyMailState::Asked),
        &[
            "<h1>Schlüssel zusenden lassen</h1>",
            "<p>Wenn es unter dieser Adresse eine Lizenz für Dockyard gibt, ist der Schlüssel dorthin unterwegs. Sehen Sie \
             auch im Spam-Ordner nach.</p>",
            "class=\"result good\"",
            &format!("<a {ACCOUNT}>Ihr Konto</a>"),
            &format!("<a {SUPPORT}>Support fragen</a>"),
            "name=\"email\"",
        ],
    );
}

#[test]
fn who_gets_no_key_by_mail_is_led_to_account_and_support() {
    let texts = Texts::load(None).unwrap();
    let page = Pages::load(None).unwrap().problem(texts.by_tag("en"), &SITE, Problem::NoKeyMails);
    let account = format!("<a class=\"button\" {ACCOUNT}>");
    assert_contains(&page, &["This vendor sends no keys by mail.", &account, &format!("<a {SUPPORT}>")]);
    let page = Pages::load(None).unwrap().problem(texts.by_tag("en"), &SITE, Problem::TooManyMails);
    assert_contains(&page, &["in half an hour", "class=\"result soon\"", &format!("<a {ACCOUNT}>")]);
}
