use super::*;
use crate::decision::{State, Verdict};

/// 31 January 2027, noon, in UTC.
const END: i64 = 1_801_396_800;
const DAY: i64 = 86_400;

fn own() -> Texts {
    Texts::load(None).unwrap()
}

const DOCKYARD: Topic<'_> = Topic { name: "Dockyard", keeps_older_releases: false };

/// Every state as it is met: what is told in one line, in English and in German.
fn states() -> [(State, Option<&'static str>, Option<&'static str>); 13] {
    [
        (State::Valid, None, None),
        (
            State::Expiring { days_left: 0 },
            Some(
                "Dockyard: your license ends in less than a day (31 January 2027). Renew it now, so that updates go on \
                 without a gap.",
            ),
            Some(
                "Dockyard: Ihre Lizenz endet in weniger als einem Tag (31. Januar 2027). Verlängern Sie sie jetzt, damit \
                 Sie kein Update verpassen.",
            ),
        ),
        (
            State::Expiring { days_left: 1 },
            Some(
                "Dockyard: your license ends in 1 day (31 January 2027). Renew it now, so that updates go on without a \
                 gap.",
            ),
            Some(
                "Dockyard: Ihre Lizenz endet in 1 Tag (31. Januar 2027). Verlängern Sie sie jetzt, damit Sie kein Update \
                 verpassen.",
            ),
        ),
        (
            State::Expiring { days_left: 21 },
            Some(
                "Dockyard: your license ends in 21 days (31 January 2027). Renew it now, so that updates go on without a \
                 gap.",
            ),
            Some(
                "Dockyard: Ihre Lizenz endet in 21 Tagen (31. Januar 2027). Verlängern Sie sie jetzt, damit Sie kein \
                 Update verpassen.",
            ),
        ),
        (
            State::KeptRelease,
            Some(
                "Dockyard: your license expired on 31 January 2027. This release came out before that, so you may still \
                 download it. Renew the license to get newer releases.",
            ),
            Some(
                "Dockyard: Ihre Lizenz ist am 31. Januar 2027 abgelaufen. Diese Version ist vorher erschienen, Sie dürfen \
                 sie also weiter herunterladen. Verlängern Sie die Lizenz, um neuere Versionen zu bekommen.",
            ),
        ),
        (
            State::Missing,
            Some(
                "Dockyard: no download key is stored for this site. Enter it under System → Update Sites in Joomla. It is in your \
                 account with the vendor, or in the mail that came with your order.",
            ),
            Some(
                "Dockyard: Für diese Website ist kein Download-Schlüssel gespeichert. Tragen Sie ihn in Joomla unter System → \
                 Updates → Update-Quellen (Update Sites) ein. Sie finden ihn in Ihrem Konto beim Anbieter oder in der Mail zu \
                 Ihrer Bestellung.",
            ),
        ),
        (
            State::Invalid,
            Some(
                "Dockyard: the download key is not valid. Compare it with the one in your account. It is safest to copy it \
                 again from there, whole and without blanks, and to enter it under System → Update Sites in Joomla.",
            ),
            Some(
                "Dockyard: Der Download-Schlüssel ist nicht gültig. Vergleichen Sie ihn mit dem in Ihrem Konto. Am besten \
                 kopieren Sie ihn dort neu, ganz und ohne Leerzeichen, und tragen ihn in Joomla unter System → \
                 Updates → Update-Quellen (Update Sites) ein.",
            ),
        ),
        (
            State::Expired { at: END },
            Some(
                "Dockyard: your license expired on 31 January 2027. Renew it to get this update. Your key stays the same.",
            ),
            Some(
                "Dockyard: Ihre Lizenz ist am 31. Januar 2027 abgelaufen. Verlängern Sie sie, um dieses Update zu bekommen. \
                 Ihr Schlüssel bleibt derselbe.",
            ),
        ),
        (
            State::Canceled { at: None },
            Some(
                "Dockyard: this license was canceled. Buy a new license to get updates again. If you did not cancel it, \
                 contact support.",
            ),
            Some(
                "Dockyard: Diese Lizenz wurde gekündigt. Kaufen Sie eine neue Lizenz, um wieder Updates zu bekommen. Wenn \
                 Sie nicht gekündigt haben, wenden Sie sich an den Support.",
            ),
        ),
        (
            State::Canceled { at: Some(END - 30 * DAY) },
            Some(
                "Dockyard: this license was canceled on 1 January 2027. Buy a new license to get updates again. If you did \
                 not cancel it, contact support.",
            ),
            Some(
                "Dockyard: Diese Lizenz wurde am 1. Januar 2027 gekündigt. Kaufen Sie eine neue Lizenz, um wieder Updates \
                 zu bekommen. Wenn Sie nicht gekündigt haben, wenden Sie sich an den Support.",
            ),
        ),
        (
            State::Refunded,
            Some(
                "Dockyard: this order was refunded, so its key no longer gives updates. Buy a new license to get updates \
                 again. If you know of no refund, contact support.",
            ),
            Some(
                "Dockyard: Diese Bestellung wurde erstattet, mit ihrem Schlüssel gibt es deshalb keine Updates mehr. Kaufen \
                 Sie eine neue Lizenz, um wieder Updates zu bekommen. Wenn Sie von keiner Erstattung wissen, wenden Sie \
                 sich an den Support.",
            ),
        ),
        (
            State::Suspended,
            Some(
                "Dockyard: this license is blocked. Please contact support. They can tell you why, and unblock it.",
            ),
            Some(
                "Dockyard: Diese Lizenz ist gesperrt. Bitte wenden Sie sich an den Support. Dort erfahren Sie den Grund, \
                 und dort kann die Sperre aufgehoben werden.",
            ),
        ),
        (
            State::NotCovered,
            Some(
                "Dockyard: your license does not include this package. Use the key that you got for Dockyard, or buy a \
                 license that includes it.",
            ),
            Some(
                "Dockyard: Ihre Lizenz enthält dieses Paket nicht. Verwenden Sie den Schlüssel, den Sie für Dockyard \
                 bekommen haben, oder kaufen Sie eine Lizenz, die es enthält.",
            ),
        ),
    ]
}

#[test]
fn each_state_says_in_each_language_what_is_wrong_and_what_to_do() {
    let texts = own();
    for (state, english, german) in states() {
        let verdict = Verdict { state, expires_at: Some(END) };
        let said = |tag| texts.by_tag(tag).message(DOCKYARD, &verdict, END);
        assert_eq!(said("en").as_deref(), english);
        assert_eq!(said("de").as_deref(), german);
    }
}

#[test]
fn who_keeps_older_releases_is_told_so_when_the_license_has_ended() {
    let topic = Topic { keeps_older_releases: true, ..DOCKYARD };
    let verdict = |state| Verdict { state, expires_at: Some(END) };
    for (tag, advice, sentence) in [
        (
            "en",
            "Renew it to get this update. Your key stays the same. Releases that came out before 31 January 2027 stay yours: \
             you can still download them with the same key.",
            "Releases that came out before 31 January 2027 stay yours: you can still download them with the same key.",
        ),
        (
            "de",
            "Verlängern Sie sie, um dieses Update zu bekommen. Ihr Schlüssel bleibt derselbe. Versionen, die vor dem \
             31. Januar 2027 erschienen sind, bleiben Ihnen: Sie können sie mit demselben Schlüssel weiter herunterladen.",
            "Versionen, die vor dem 31. Januar 2027 erschienen sind, bleiben Ihnen: Sie können sie mit demselben Schlüssel \
             weiter herunterladen.",
        ),
    ] {
        let texts = own();
        let said = texts.by_tag(tag).state(topic, &verdict(State::Expired { at: END }), END);
        assert_eq!(said.advice, advice);
        assert_eq!(said.steps.last().map(String::as_str), Some(sentence));
        for state in [State::Refunded, State::Canceled { at: None }, State::Suspended] {
            let said = texts.by_tag(tag).state(topic, &verdict(state), END);
            assert!(!said.advice.contains(sentence) && !said.steps.iter().any(|step| step == sentence));
        }
    }
}

#[test]
fn nobody_is_told_to_start_an_update_who_only_checks_a_key() {
    let texts = own();
    for (state, ..) in states() {
        for (tag, start) in [("en", "tart the update"), ("de", "Starten Sie")] {
            let said = texts.by_tag(tag).state(DOCKYARD, &Verdict { state, expires_at: Some(END) }, END);
            assert!(!said.steps.iter().any(|step| step.contains(start)), "{state:?}");
            let is_refused = !state.is_allowed();
            assert_eq!(said.update_steps.iter().any(|step| step.contains(start)), is_refused, "{state:?}");
        }
    }
}

#[test]
fn each_month_has_its_name_and_days_are_those_of_utc() {
    let texts = own();
    let said = |tag: &str, at| texts.by_tag(tag).date(at);
    // 2027-03-01T00:00:00Z, and the second before.
    assert_eq!(said("en", 1_803_859_200), "1 March 2027");
    assert_eq!(said("en", 1_803_859_199), "28 February 2027");
    assert_eq!(said("de", 1_803_859_200), "1. März 2027");
    let december = 1_803_859_200 + 300 * DAY;
    assert_eq!(
        (said("en", december), said("de", december)),
        ("26 December 2027".into(), "26. Dezember 2027".into())
    );
    assert_eq!(said("en", i64::MAX), "30 December 9999");
}

#[test]
fn a_problem_is_told_in_each_language() {
    let texts = own();
    let said = |tag, problem| texts.by_tag(tag).problem(problem).text;
    let withdrawn = Problem::Withdrawn { product: "Dockyard" };
    assert_eq!(said("en", withdrawn), "Dockyard: this release was withdrawn. Please take another one.");
    assert_eq!(
        said("de", withdrawn),
        "Dockyard: Diese Version wurde zurückgezogen. Bitte nehmen Sie eine andere."
    );
    let free = Problem::Free { product: "Dockyard" };
    assert_eq!(said("en", free), "Dockyard is free: no key is needed.");
    assert_eq!(said("de", free), "Dockyard ist kostenlos: Es wird kein Schlüssel gebraucht.");
    for problem in [
        Problem::NoPackage,
        Problem::UnknownPackage,
        Problem::UnknownProduct,
        Problem::StoreAway,
        Problem::NotFound,
        Problem::NoLink,
    ] {
        assert_ne!(said("en", problem), said("de", problem), "{problem:?}");
    }
}

#[test]
fn the_most_wanted_language_is_chosen() {
    let texts = own();
    for (header, expected) in [
        (None, "en"),
        (Some(""), "en"),
        (Some("de"), "de"),
        (Some("de-AT"), "de"),
        (Some("DE-ch"), "de"),
        (Some("de-AT,de;q=0.9,en;q=0.8"), "de"),
        (Some("en;q=0.8,de;q=0.9"), "de"),
        (Some("en-US,en;q=0.9,de;q=0.8"), "en"),
        (Some("fr,de;q=0.5,en;q=0.4"), "de"),
        (Some("fr-FR, it;q=0.9"), "en"),
        (Some("de;q=0, en;q=0.1"), "en"),
        (Some("de;q=0"), "en"),
        (Some("en ; q=0.2 , de ; Q=0.3"), "de"),
        (Some("*"), "en"),
        (Some("*;q=0.5, de;q=0.1"), "de"),
        (Some("en;q=x, de;q=0.1"), "de"),
        (Some("en;q=NaN, de;q=0.1"), "de"),
        (Some("en;level=1, de;q=0.1"), "de"),
        (Some(";;;,,=,q=1,\u{7f}"), "en"),
    ] {
        assert_eq!(texts.choose(header).tag(), expected, "{header:?}");
    }
    assert_eq!(texts.by_tag("de-AT").tag(), "de");
    assert_eq!(texts.by_tag("no such language").tag(), "en");
}

/// The keys of a file with their paths, without the numbers that a language has forms for.
fn keys(prefix: &str, table: &toml::Table) -> Vec<String> {
    table
        .iter()
        .flat_map(|(key, value)| match value {
            toml::Value::Table(inner) => keys(&format!("{prefix}{key}."), inner),
            toml::Value::Array(items) => vec![format!("{prefix}{key} ({})", items.len())],
            _ => vec![format!("{prefix}{key}")],
        })
        .collect()
}

#[test]
fn our_languages_have_the_same_keys_and_as_many_steps() {
    let [english, german] = OWN.map(|(_, text)| keys("", &text.parse().unwrap()));
    assert_eq!(english, german);
}

/// Loads with these files in the vendor's `languages` folder; errors without the folder's own path.
fn load_with(files: &[(&str, &str)]) -> Result<Texts, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(FOLDER)).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(FOLDER).join(name), text).unwrap();
    }
    Texts::load(Some(folder.path())).map_err(|error| {
        assert!(error.is_usage(), "{error}");
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    })
}

#[test]
fn the_vendor_replaces_and_adds_languages_one_by_one() {
    let english = OWN[0].1.replace("Please take another one.", "Please take the next one.");
    let french = OWN[0].1.replace("this release was withdrawn", "cette version a été retirée");
    let texts = load_with(&[("en.toml", &english), ("fr.toml", &french), ("en.toml~", "?")]).unwrap();
    let said = |tag| texts.by_tag(tag).problem(Problem::Withdrawn { product: "D" }).text;
    assert_eq!(said("en"), "D: this release was withdrawn. Please take the next one.");
    assert_eq!(said("de"), "D: Diese Version wurde zurückgezogen. Bitte nehmen Sie eine andere.");
    assert_eq!(said("fr-CA"), "D: cette version a été retirée. Please take another one.");
    assert_eq!(texts.choose(Some("fr;q=0.9, de;q=0.8")).tag(), "fr");
    assert_eq!(texts.choose(Some("pl")).tag(), "en");
}

#[test]
fn a_wrong_language_file_is_named_with_its_key() {
    let changed = |from: &str, to: &str| {
        assert!(OWN[0].1.contains(from), "{from}");
        OWN[0].1.replacen(from, to, 1)
    };
    for (text, expected) in [
        (changed("submit = \"Check\"\n", ""), "missing field `submit`"),
        (changed("submit =", "sumbit ="), "unknown field `sumbit`"),
        (changed("[labels]", "[lables]"), "unknown field `lables`"),
        (changed("  \"January\",", " "), "invalid length 11, expected an array of length 12"),
        (
            changed("direction = \"ltr\"", "direction = \"up\""),
            "unknown variant `up`, expected `ltr` or `rtl`",
        ),
        (changed("1 = \"1 day\"\n", ""), "missing field `1`"),
        (
            changed("\"{product}: your license expired on {date}.\"", "\"{product}: over on {day}.\""),
            "found the placeholder `{day}`, expected `{product}` or `{date}` or none",
        ),
        (
            changed("submit = \"Check\"", "submit = \"Check {product}\""),
            "found the placeholder `{product}`, expected none here",
        ),
        (changed("submit = \"Check\"", "submit = \"\""), "found an empty text, expected words"),
        ("steps".to_owned(), "TOML parse error at line 1"),
    ] {
        let error = load_with(&[("fr.toml", &text)]).unwrap_err();
        assert!(error.starts_with("configuration `languages/fr.toml`: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    // The line that is shown has the key.
    let error = load_with(&[("de.toml", &changed("submit = \"Check\"", "submit = \"{x}\""))]).unwrap_err();
    assert!(error.contains("submit = \"{x}\""), "{error}");
    let error = load_with(&[("not_a_tag_.toml", OWN[0].1)]).unwrap_err();
    assert_eq!(
        error,
        "configuration `languages/not_a_tag_.toml`: found the name `not_a_tag_`, expected a language tag such as `fr` \
         or `pt-BR`"
    );
    let error = load_with(&[("EN.toml", OWN[0].1)]).unwrap_err();
    assert_eq!(
        error,
        "configuration `languages/EN.toml`: found the language `en` twice, expected one file for it"
    );
}
