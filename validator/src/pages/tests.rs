mod key_mail;

use std::fs;

use super::*;
use crate::decision::State;
use crate::texts::Texts;

/// By the path, as all but a form with a choice do.
const NAMED: Named<'_> = Named { id: "dockyard", is_parameter: false };

/// 31 January 2027, noon, in UTC.
const END: i64 = 1_801_396_800;
const DAY: i64 = 86_400;

const SITE: Site<'_> = Site {
    title: "Harbor Downloads",
    vendor: "Harbor & Sons",
    url: Some("https://updates.example.org"),
    account_url: Some("https://example.org/account"),
    support_url: Some("mailto:support@example.org"),
};

const SUBJECT: Subject<'_> = Subject {
    site: SITE,
    topic: Topic { name: "Dockyard", keeps_older_releases: false },
    homepage: Some("https://example.org/dockyard"),
    renew_url: Some("https://example.org/renew?product=dockyard&from=page"),
    check_url: Some("https://get.example.org/check/dockyard"),
};

const RENEW: &str = "href=\"https://example.org/renew?product=dockyard&amp;from=page\"";
const HOMEPAGE: &str = "href=\"https://example.org/dockyard\"";
const CHECK: &str = "href=\"https://get.example.org/check/dockyard\"";
const ACCOUNT: &str = "href=\"https://example.org/account\"";
const SUPPORT: &str = "href=\"mailto:support@example.org\"";

const KEY: &str = "agwaeab3zngufrtih7is7icdc6yvvjrw";

fn verdict(state: State) -> Verdict {
    Verdict { state, expires_at: Some(END) }
}

fn refusal(tag: &str, subject: &Subject<'_>, state: State) -> String {
    let texts = Texts::load(None).unwrap();
    Pages::load(None).unwrap().refusal(texts.by_tag(tag), subject, &verdict(state), END + DAY)
}

/// Of a key that came alone.
fn key_state(state: State, now: i64) -> String {
    let key = SentKey { text: KEY, was_wrapped: false };
    key_state_of(Some(key), &verdict(state), now)
}

fn key_state_of(key: Option<SentKey<'_>>, verdict: &Verdict, now: i64) -> String {
    let texts = Texts::load(None).unwrap();
    let state = KeyState { key, verdict, now };
    Pages::load(None).unwrap().key_state(texts.by_tag("en"), &SUBJECT, NAMED, &state)
}

fn assert_contains(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "`{part}` is not in {page}");
    }
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    assert_contains(
        &refusal("en", &SUBJECT, State::Expired { at: END }),
        &[
            "<html lang=\"en\" dir=\"ltr\">",
            "<meta name=\"robots\" content=\"noindex\">",
            "<meta name=\"referrer\" content=\"no-referrer\">",
            "<title>Your license has expired · Dockyard · Harbor Downloads</title>",
            "<h1>Your license has expired</h1>",
            "<p>Dockyard: your license expired on 31 January 2027.</p>",
            "<h2>What to do now</h2>",
            "<li>Renew your license of Dockyard.</li>",
            "<li>After renewing, start the update again.</li>\n\n</ol>",
            &format!("<a class=\"button\" {RENEW}>Renew the license</a>"),
            &format!("<a {ACCOUNT}>Your account</a>"),
            &format!("<a {SUPPORT}>Contact support</a> <bdi>support@example.org</bdi>"),
            "Published by Harbor &amp; Sons",
            "<a href=\"https://example.org/dockyard\">About Dockyard</a>",
        ],
    );
    assert_contains(
        &refusal("de", &SUBJECT, State::Expired { at: END }),
        &[
            "<html lang=\"de\" dir=\"ltr\">",
            "<h1>Ihre Lizenz ist abgelaufen</h1>",
            "<p>Dockyard: Ihre Lizenz ist am 31. Januar 2027 abgelaufen.</p>",
            ">Lizenz verlängern</a>",
        ],
    );
}

#[test]
fn without_a_known_key_nothing_is_told_of_a_license() {
    for state in [State::Missing, State::Invalid] {
        for page in [refusal("en", &SUBJECT, state), key_state(state, END)] {
            assert!(!page.contains("renew"), "{page}");
            assert!(!page.contains("2027"), "{page}");
        }
        assert_contains(&refusal("en", &SUBJECT, state), &[&format!("<a class=\"button\" {ACCOUNT}>")]);
    }
}

#[test]
fn each_state_leads_to_where_it_is_mended() {
    for (state, first) in [
        (State::Canceled { at: None }, format!("<a class=\"button\" {HOMEPAGE}>Buy a license</a>")),
        (State::Refunded, format!("<a class=\"button\" {HOMEPAGE}>Buy a license</a>")),
        (State::NotCovered, format!("<a class=\"button\" {HOMEPAGE}>Buy a license</a>")),
        (State::Suspended, format!("<a class=\"button\" {SUPPORT}>Contact support</a>")),
        (State::Expired { at: END }, format!("<a class=\"button\" {RENEW}>Renew the license</a>")),
    ] {
        assert_contains(&refusal("en", &SUBJECT, state), &[&first]);
    }
    assert!(!refusal("en", &SUBJECT, State::Suspended).contains(RENEW));
    for homepage in [None, Some("javascript:alert(1)")] {
        let page = refusal("en", &Subject { homepage, ..SUBJECT }, State::Refunded);
        assert_contains(&page, &[&format!("<a class=\"button\" {RENEW}>Buy a license</a>")]);
    }
}

#[test]
fn who_has_no_good_key_is_led_to_where_keys_are_checked_but_not_from_there() {
    for state in [State::Missing, State::Invalid] {
        assert_contains(&refusal("en", &SUBJECT, state), &[&format!("<a {CHECK}>Check a key</a>")]);
        assert_contains(&refusal("de", &SUBJECT, state), &[&format!("<a {CHECK}>Schlüssel prüfen</a>")]);
        assert!(!key_state(state, END).contains(CHECK));
    }
    assert!(!refusal("en", &SUBJECT, State::Expired { at: END }).contains(CHECK));
}

#[test]
fn a_license_without_an_end_is_not_to_be_renewed() {
    let endless = Verdict { state: State::Valid, expires_at: None };
    assert!(!key_state_of(None, &endless, END).contains("renew"));
    assert_contains(
        &key_state(State::Valid, END - 90 * DAY),
        &[&format!("<a {RENEW}>Renew the license</a>")],
    );
}

#[test]
fn a_mail_address_is_shown_as_it_is_written() {
    for (url, shown) in [
        ("mailto:support@example.org", Some("<bdi>support@example.org</bdi>")),
        ("MailTo:sup%2Bport@example.org?subject=Help", Some("<bdi>sup+port@example.org</bdi>")),
        ("mailto:?subject=Help", None),
        ("https://example.org/support", None),
    ] {
        let site = Site { support_url: Some(url), ..SITE };
        let page = refusal("en", &Subject { site, ..SUBJECT }, State::Suspended);
        match shown {
            Some(shown) => assert_contains(&page, &[shown]),
            None => assert!(!page.contains("<bdi>"), "{page}"),
        }
    }
}

#[test]
fn a_key_that_came_with_something_around_it_is_not_called_plainly_valid() {
    const HINT: &str = "<p class=\"hint\">Something stood around the key, such as a blank or a quote. In Joomla it does not \
                        work like that: enter the key there without it.</p>";
    let wrapped = |state| {
        let key = SentKey { text: KEY, was_wrapped: true };
        key_state_of(Some(key), &verdict(state), END - 90 * DAY)
    };
    let valid = wrapped(State::Valid);
    assert_contains(&valid, &[HINT, "<p>Dockyard: the download key is valid.</p>", "class=\"result soon\""]);
    for state in [State::Expiring { days_left: 3 }, State::Expired { at: END }, State::Invalid] {
        assert_contains(&wrapped(state), &[HINT]);
        assert!(!key_state(state, END).contains("hint\""));
    }
    let alone = key_state(State::Valid, END - 90 * DAY);
    assert!(!alone.contains("hint\""), "{alone}");
    assert_contains(&alone, &["There is nothing to do", "class=\"result good\""]);
}

#[test]
fn the_check_page_says_which_known_key_was_judged_by_its_end_alone() {
    let page = |text: &str, state| {
        key_state_of(Some(SentKey { text, was_wrapped: false }), &verdict(state), END - 90 * DAY)
    };
    let row = "<dt>Key</dt><dd>…jrw</dd>";
    for state in [State::Valid, State::Expired { at: END }, State::Refunded, State::NotCovered] {
        assert_contains(&page(KEY, state), &[row]);
        assert!(!page(KEY, state).contains("vjrw"));
    }
    assert_contains(&page("0123456789ab", State::Valid), &["<dd>…9ab</dd>"]);
    assert!(!page("0123456789a", State::Valid).contains("<dt>Key</dt>"));
    // All wrong keys get the same bytes.
    assert_eq!(page(KEY, State::Invalid), page("0123456789ab", State::Invalid));
}

#[test]
fn a_form_without_a_key_says_so_above_the_form() {
    let missing = Verdict { state: State::Missing, expires_at: None };
    let page = key_state_of(None, &missing, END);
    assert_contains(
        &page,
        &[
            "<h2>A download key is needed</h2>",
            "<p>No key was entered.</p>",
            "<li>Copy your download key: it is in your account",
        ],
    );
    assert!(page.find("was entered") < page.find("<form"));
    assert!(!page.contains("Update Sites"), "{page}");
}

#[test]
fn a_site_without_addresses_has_a_page_without_links() {
    let site = Site { url: None, account_url: None, support_url: None, ..SITE };
    let page = refusal(
        "en",
        &Subject { site, homepage: None, renew_url: None, check_url: None, ..SUBJECT },
        State::Invalid,
    );
    assert!(!page.contains("href"), "{page}");
}

#[test]
fn only_addresses_of_the_web_and_of_mail_are_linked() {
    for bad in [
        "javascript:alert(1)",
        " https://example.org",
        "JavaScript://https://example.org",
        "data:text/html,x",
        "//example.org",
        "/account",
        "",
        "é",
    ] {
        let site = Site { url: Some(bad), account_url: Some(bad), support_url: Some(bad), ..SITE };
        let subject =
            Subject { site, homepage: Some(bad), renew_url: Some(bad), check_url: Some(bad), ..SUBJECT };
        for state in [State::Refunded, State::Invalid, State::Suspended] {
            assert!(!refusal("en", &subject, state).contains("href"), "{bad}");
        }
    }
    let mail = Some("mailto:support@example.org");
    let site = Site { url: mail, account_url: mail, support_url: None, ..SITE };
    let subject = Subject { site, homepage: mail, renew_url: mail, ..SUBJECT };
    assert!(!refusal("en", &subject, State::Refunded).contains("href"));
    let subject = Subject { homepage: None, renew_url: Some("HTTPS://example.org/r"), ..SUBJECT };
    assert!(refusal("en", &subject, State::Refunded).contains("href=\"HTTPS://example.org/r\""));
}

#[test]
fn nothing_that_is_put_in_becomes_html() {
    const EVIL: &str = "\"><script>alert('1')</script>&{{ style }}";
    let url = "https://example.org/\"><script>";
    let site =
        Site { title: EVIL, vendor: EVIL, url: Some(url), account_url: Some(url), support_url: Some(url) };
    let topic = Topic { name: EVIL, keeps_older_releases: true };
    let subject = Subject { site, topic, homepage: Some(url), renew_url: Some(url), check_url: Some(url) };
    let key = SentKey { text: "0123456789\"><script>", was_wrapped: true };
    let named = Named { id: EVIL, is_parameter: true };
    let (texts, pages) = (Texts::load(None).unwrap(), Pages::load(None).unwrap());
    let language = texts.by_tag("en");
    let mut shown = vec![
        pages.key_form(language, &subject, named),
        pages.key_mail(language, &subject, named, KeyMailState::Asked),
        pages.problem(language, &site, Problem::Withdrawn { product: EVIL }),
        pages.problem(language, &site, Problem::Free { product: EVIL }),
    ];
    for state in [State::Valid, State::Expiring { days_left: 2 }, State::NotCovered, State::Suspended] {
        shown.push(pages.refusal(language, &subject, &verdict(state), END));
        let verdict = &verdict(state);
        shown.push(pages.key_state(
            language,
            &subject,
            named,
            &KeyState { key: Some(key), verdict, now: END },
        ));
    }
    for page in shown {
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains("\"\""), "{page}");
        assert_contains(&page, &["&quot;&gt;&lt;script&gt;", "{{ style }}"]);
    }
}

#[test]
fn the_check_page_asks_for_a_key_and_keeps_none() {
    let texts = Texts::load(None).unwrap();
    let page = Pages::load(None).unwrap().key_form(texts.by_tag("en"), &SUBJECT, NAMED);
    assert_contains(
        &page,
        &[
            "<h1>Check your download key</h1>",
            "Is your key good for Dockyard, and for how long? Enter it here.",
            // An address with an empty query: a key in the page's own address is not sent again.
            "<form method=\"post\" action=\"?\">",
            "name=\"dlid\" type=\"text\" required autocomplete=\"off\"",
            "<button type=\"submit\">Check</button>",
        ],
    );
    assert!(!page.contains("value="), "{page}");
}

#[test]
fn the_check_page_tells_how_long_a_key_is_good() {
    let fact = |name: &str, value: &str| format!("<dt>{name}</dt><dd>{value}</dd>");
    let ends = fact("End of the license", "31 January 2027");
    let expiring = key_state(State::Expiring { days_left: 1 }, END - DAY);
    assert_contains(
        &expiring,
        &[
            "<h2>This key is valid, but not for long</h2>",
            "<p>Dockyard: your license ends in 1 day (31 January 2027).</p>",
            &ends,
            &fact("Time left", "1 day"),
            &format!("<a class=\"button\" {RENEW}>Renew the license</a>"),
            "<form",
        ],
    );
    assert!(expiring.find("<dl>") < expiring.find("<form"));
    let valid = key_state(State::Valid, END - 143 * DAY);
    assert_contains(&valid, &["<h2>This key is valid</h2>", &ends, &fact("Time left", "143 days"), RENEW]);
    assert!(!valid.contains("button\""), "{valid}");
    let expired = key_state(State::Expired { at: END }, END + DAY);
    assert_contains(&expired, &["<h2>Your license has expired</h2>", &ends]);
    assert!(!expired.contains("Time left"));
    let page = key_state_of(None, &Verdict { state: State::Valid, expires_at: None }, END);
    assert_contains(&page, &[&fact("End of the license", "no end date")]);
    assert!(!page.contains("Time left"));
}

#[test]
fn a_problem_has_a_page() {
    let texts = Texts::load(None).unwrap();
    let problem = Problem::Withdrawn { product: "Dockyard" };
    assert_contains(
        &Pages::load(None).unwrap().problem(texts.by_tag("de"), &SITE, problem),
        &[
            "<title>Diese Version wurde zurückgezogen · Harbor Downloads</title>",
            "<p>Dockyard: Diese Version wurde zurückgezogen. Bitte nehmen Sie eine andere.</p>",
            &format!("<a {SUPPORT}>Support fragen</a>"),
            "class=\"result bad\"",
        ],
    );
    let free =
        Pages::load(None).unwrap().problem(texts.by_tag("en"), &SITE, Problem::Free { product: "Dockyard" });
    assert_contains(&free, &["<p>Dockyard is free: no key is needed.</p>", "class=\"result good\""]);
}

#[test]
fn the_policy_allows_the_style_of_the_page_and_nothing_else() {
    let pages = Pages::load(None).unwrap();
    let page = refusal("en", &SUBJECT, State::Refunded);
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, rest) = rest.split_once("</style>").unwrap();
    assert!(!rest.contains("style"), "{rest}");
    let digest = BASE64_STANDARD.encode(Sha256::digest(style));
    assert_eq!(
        pages.content_security_policy(),
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    );
}

/// Loads with these files in the vendor's `refusal` folder; errors without the folder's own path.
fn load_with(files: &[(&str, &str)]) -> Result<Pages, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("refusal")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("refusal").join(name), text).unwrap();
    }
    Pages::load(Some(folder.path())).map_err(|error| {
        assert!(error.is_usage(), "{error}");
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    })
}

#[test]
fn the_vendor_replaces_template_and_style_one_by_one() {
    let texts = Texts::load(None).unwrap();
    let language = texts.by_tag("en");
    let pages = load_with(&[("style.css", "p {\r\n}\r")]).unwrap();
    assert!(pages.key_form(language, &SUBJECT, NAMED).contains("<style>p {\n}\n</style>"));
    // The digest that `printf 'p {\n}\n' | openssl dgst -sha256 -binary | base64` prints.
    let digest = "style-src 'sha256-icl22tdbu3+Gq4pmSp+hatXmf1B/1NY7mR740mSeR6U='";
    assert!(pages.content_security_policy().contains(digest), "{}", pages.content_security_policy());
    let pages = load_with(&[("page.html", "Ahoy from {{ site.vendor }}")]).unwrap();
    assert_eq!(pages.key_form(language, &SUBJECT, NAMED), "Ahoy from Harbor &amp; Sons");
}

#[test]
fn a_wrong_template_or_style_is_named() {
    for (name, text, expected) in [
        ("page.html", "{% if %}", "refusal/page.html:1"),
        ("page.html", "{{ nothing }}", "nothing"),
        ("page.html", "{{ result.text }}", "result"),
        (
            "style.css",
            "</style><script>",
            "found `</`, `<!--` or a zero byte, expected CSS that can stand in a page",
        ),
    ] {
        let Err(error) = load_with(&[(name, text)]) else { panic!("`{text}` was taken") };
        assert!(error.starts_with(&format!("configuration `refusal/{name}`: ")), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_a_template_cannot_show_is_shown_without_it() {
    let template = "{% if product == '<D>' %}{{ nothing }}{% endif %}";
    let pages = load_with(&[("page.html", template)]).unwrap();
    let texts = Texts::load(None).unwrap();
    let subject = Subject { topic: Topic { name: "<D>", ..SUBJECT.topic }, ..SUBJECT };
    let page = pages.refusal(texts.by_tag("en"), &subject, &verdict(State::Suspended), END);
    assert_contains(
        &page,
        &["<h1>This license is blocked</h1>", "<p>&lt;D&gt;: this license is blocked.</p>"],
    );
    assert_contains(&page, &["<html lang=\"en\">", "Then start the update again."]);
}
