//! Each state of a license, asked of the real validator, in both languages and all versions.

use std::time::UNIX_EPOCH;

use super::*;

const DAY_SECONDS: u64 = 86_400;

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
];

/// An update and what comes of it. In texts, `{where}` is where a key is entered, `{soon}` a day, `{renew …}` a link.
struct Case {
    path: &'static str,
    key: &'static str,
    /// State in the address that Joomla is left with; nothing where the download goes on.
    stopped_as: Option<&'static str>,
    /// Type, English, German.
    told: Option<[&'static str; 3]>,
}

/// What was imported with the key `customer-…`.
const CUSTOMERS: &str = "\
email,group,expires,state,state_since,key
ada@example.org,lighthouse,,active,,customer-ada-0001
bea@example.org,lighthouse,{soon},active,,customer-bea-0001
carl@example.org,lighthouse,2024-02-29,active,,customer-carl-0001
dora@example.org,lighthouse,2099-01-01,canceled,2026-03-01,customer-dora-0001
hal@example.org,lighthouse,2099-01-01,canceled,,customer-hal-0001
emil@example.org,lighthouse,,refunded,2026-03-01,customer-emil-0001
fay@example.org,lighthouse,,suspended,2026-03-01,customer-fay-0001
gus@example.org,dockyard,,active,,customer-gus-0001
ivy@example.org,dockyard,2026-05-01,active,,customer-ivy-0001
";

const CASES: [Case; 14] = [
    Case { path: "lighthouse_110", key: "customer-ada-0001", stopped_as: None, told: None },
    Case {
        path: "lighthouse_110",
        key: "customer-bea-0001",
        stopped_as: None,
        told: Some([
            "notice",
            "System - Lighthouse: your license ends in 10 days ({soon}). Renew it now, so that updates go on without a gap. {renew}",
            "System - Lighthouse: Ihre Lizenz endet in 10 Tagen ({soon}). Verlängern Sie sie jetzt, damit Sie weiterhin Updates \
             erhalten. {renew}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-carl-0001",
        stopped_as: Some("expired"),
        told: Some([
            "error",
            "System - Lighthouse: your license expired on 29 February 2024. Renew it to get this update. Your key stays the same. \
             {renew}",
            "System - Lighthouse: Ihre Lizenz ist am 29. Februar 2024 abgelaufen. Verlängern Sie sie, um dieses Update zu \
             erhalten. Ihr Schlüssel bleibt derselbe. {renew}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-dora-0001",
        stopped_as: Some("canceled"),
        told: Some([
            "error",
            "System - Lighthouse: this license was canceled on 01 March 2026. Buy a new license to get updates again. {buy}",
            "System - Lighthouse: Diese Lizenz wurde am 01. März 2026 gekündigt. Mit einer neuen Lizenz erhalten Sie wieder \
             Updates. {buy}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-hal-0001",
        stopped_as: Some("canceled"),
        told: Some([
            "error",
            "System - Lighthouse: this license was canceled. Buy a new license to get updates again. {buy}",
            "System - Lighthouse: Diese Lizenz wurde gekündigt. Mit einer neuen Lizenz erhalten Sie wieder Updates. {buy}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-emil-0001",
        stopped_as: Some("refunded"),
        told: Some([
            "error",
            "System - Lighthouse: this order was refunded, so its key no longer gives updates. Buy a new license to get updates \
             again. {buy}",
            "System - Lighthouse: Diese Bestellung wurde erstattet, deshalb gibt es mit ihrem Schlüssel keine Updates mehr. Mit \
             einer neuen Lizenz erhalten Sie wieder Updates. {buy}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-fay-0001",
        stopped_as: Some("suspended"),
        told: Some([
            "error",
            "System - Lighthouse: this license is blocked. Please contact support. {support}",
            "System - Lighthouse: Diese Lizenz ist gesperrt. Bitte wenden Sie sich an den Support. {support}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "customer-gus-0001",
        stopped_as: Some("not-covered"),
        told: Some([
            "error",
            "System - Lighthouse: your license does not include this package. {buy}",
            "System - Lighthouse: Ihre Lizenz enthält dieses Paket nicht. {buy}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "nobody-knows-0001",
        stopped_as: Some("invalid"),
        told: Some([
            "error",
            "System - Lighthouse: the download key is not valid. Compare it with the one in your account. {where}",
            "System - Lighthouse: Der Download-Schlüssel ist nicht gültig. Bitte vergleichen Sie ihn mit dem in Ihrem \
             Kundenkonto. {where}",
        ]),
    },
    Case {
        path: "lighthouse_110",
        key: "",
        stopped_as: Some("missing"),
        told: Some([
            "error",
            "System - Lighthouse: no download key is stored for this site. {where}",
            "System - Lighthouse: Für diese Website ist kein Download-Schlüssel hinterlegt. {where}",
        ]),
    },
    Case {
        path: "dockyard_200",
        key: "customer-ivy-0001",
        stopped_as: None,
        told: Some([
            "notice",
            "Dockyard: your license expired on 01 May 2026. This release came out before that day, so it is still yours. Renew \
             the license to get newer ones. {renew dockyard}",
            "Dockyard: Ihre Lizenz ist am 01. Mai 2026 abgelaufen. Diese Version erschien vorher, deshalb steht sie Ihnen \
             weiterhin zu. Verlängern Sie die Lizenz, um neuere zu erhalten. {renew dockyard}",
        ]),
    },
    Case { path: "mod_openinghours-1.1.0", key: "", stopped_as: None, told: None },
    Case {
        path: "lighthouse_100",
        key: "",
        stopped_as: Some("withdrawn"),
        told: Some([
            "error",
            "System - Lighthouse: this release has been withdrawn. Check for updates again.",
            "System - Lighthouse: Diese Version wurde zurückgezogen. Bitte suchen Sie erneut nach Updates.",
        ]),
    },
    Case {
        path: "lighthouse_999",
        key: "customer-ada-0001",
        stopped_as: Some("unknown-package"),
        told: Some([
            "error",
            "Mwambao Extensions: the server does not know this package. Check for updates again. {support}",
            "Mwambao Extensions: Der Server kennt dieses Paket nicht. Bitte suchen Sie erneut nach Updates. {support}",
        ]),
    },
];

/// Words of the languages.
const RENEW: [&str; 2] = ["Renew the license", "Lizenz verlängern"];
const BUY: [&str; 2] = ["Buy a license", "Lizenz kaufen"];
const SUPPORT: [&str; 2] = ["Contact support", "Support kontaktieren"];
const WHERE: [&str; 2] = [
    "Enter it in the settings of the plug-in “Installer - Mwambao Extensions”, or under System → Update Sites if the extension \
     has a field there.",
    "Tragen Sie ihn in den Einstellungen des Plugins „Installer - Mwambao Extensions“ ein oder unter System → Update-Quellen, wenn \
     die Erweiterung dort ein Feld dafür hat.",
];
const WHERE_3: [&str; 2] = [
    "Enter it in the settings of the plug-in “Installer - Mwambao Extensions”.",
    "Tragen Sie ihn in den Einstellungen des Plugins „Installer - Mwambao Extensions“ ein.",
];

fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{address}\" target=\"_blank\" rel=\"noopener noreferrer\">{text}</a>")
}

/// A shop with customers in all states, one release of Lighthouse withdrawn, and the plug-in made for it.
fn shop(soon: jiff::Timestamp) -> (Shop, Plugin) {
    let mut shop = Shop::closed(programs());
    let product = shop.path("packages/plg_system_lighthouse/product.toml");
    let text = std::fs::read_to_string(&product).unwrap();
    std::fs::write(&product, text + "\n[[releases]]\nversions = \"=1.0.0\"\nwithdrawn = true\n").unwrap();
    shop.build();
    shop.import("csv", &CUSTOMERS.replace("{soon}", &soon.to_string()));
    let plugin = Plugin::of_shop(&shop);
    shop.serve();
    (shop, plugin)
}

fn expected(text: &str, joomla: &str, language: usize, soon: jiff::Timestamp) -> String {
    let renew = "https://shop.example.org/renew";
    let dockyard = "https://shop.example.org/renew/dockyard";
    let soon = soon.to_zoned(jiff::tz::TimeZone::UTC);
    let point = ["", "."][language];
    let month = MONTHS[language][usize::try_from(soon.month()).unwrap() - 1];
    let place = if joomla.starts_with('3') { WHERE_3 } else { WHERE }[language];
    text.replace("{soon}", &format!("{:02}{point} {month} {}", soon.day(), soon.year()))
        .replace("{where}", place)
        .replace("{renew}", &link(renew, RENEW[language]))
        .replace("{renew dockyard}", &link(dockyard, RENEW[language]))
        .replace("{buy}", &link(renew, BUY[language]))
        .replace("{support}", &link("mailto:support@example.org", SUPPORT[language]))
}

#[test]
fn each_state_has_its_message_in_every_version_and_language() {
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let soon = now + 10 * DAY_SECONDS + DAY_SECONDS / 4;
    let soon = jiff::Timestamp::from_second(i64::try_from(soon).unwrap()).unwrap();
    let (shop, plugin) = shop(soon);
    let address = |case: &Case| format!("http://127.0.0.1:{}/download/{}", shop.port, case.path);
    let downloads = CASES.iter().map(|case| {
        let extra_query = if case.key.is_empty() { String::new() } else { format!("dlid={}", case.key) };
        json!({"url": address(case), "extra_query": extra_query})
    });
    let mut scenario = json!({"downloads": downloads.collect::<Vec<_>>()});
    for joomla in JOOMLAS {
        for (at, language) in LANGUAGES.iter().enumerate() {
            scenario["language"] = (*language).into();
            let Some(outcome) = plugin.run(joomla, &scenario) else { return };
            let told = CASES.iter().filter_map(|case| case.told);
            let told: Vec<_> = told.map(|told| (told[0], expected(told[at + 1], joomla, at, soon))).collect();
            let shown: Vec<_> = outcome
                .messages()
                .into_iter()
                // What Joomla itself says of updates that were made.
                .filter(|(kind, _)| *kind != "message")
                .map(|(kind, text)| (kind, text.to_owned()))
                .collect();
            assert_eq!(shown, told, "{joomla} {language}");
            let left: Vec<_> = CASES
                .iter()
                .map(|case| match (case.stopped_as, case.key) {
                    (Some(state), _) => format!("license-{state}://refused"),
                    (None, "") => address(case),
                    (None, key) => format!("{}?dlid={key}", address(case)),
                })
                .collect();
            assert_eq!(outcome.addresses(), left, "{joomla} {language}");
        }
    }
    assert!(!shop.log().contains("customer-"), "a key was logged");
}

#[test]
fn days_that_are_left_are_told_in_their_number() {
    for (days, english, german) in [
        (0, "in less than a day", "in weniger als einem Tag"),
        (1, "in 1 day", "in 1 Tag"),
        (2, "in 2 days", "in 2 Tagen"),
        (29, "in 29 days", "in 29 Tagen"),
    ] {
        let answer = json!({
            "check_version": 1, "state": "valid", "valid": true, "name": "Beacon", "expires": "2027-03-01T23:59:59Z",
            "days_left": days, "expiring": true,
        });
        let stub = Stub::telling(&answer, &answer);
        let plugin = Plugin::asking(&stub.address(), "");
        for joomla in JOOMLAS {
            for (language, expected) in [
                (
                    "en-GB",
                    format!(
                        "Beacon: your license ends {english} (01 March 2027). Renew it now, so that updates go on without a gap."
                    ),
                ),
                (
                    "de-DE",
                    format!(
                        "Beacon: Ihre Lizenz endet {german} (01. März 2027). Verlängern Sie sie jetzt, damit Sie weiterhin Updates \
                         erhalten."
                    ),
                ),
            ] {
                let mut scenario = update(&format!("{}/download/beacon-2.0.0?dlid=k", stub.address()));
                scenario["language"] = language.into();
                let Some(outcome) = plugin.run(joomla, &scenario) else { return };
                assert_eq!(outcome.messages()[0], ("notice", expected.as_str()), "{joomla}");
            }
        }
    }
}

#[test]
fn a_language_that_the_plug_in_does_not_have_is_english() {
    let stub = Stub::telling(&json!({"check_version": 1, "state": "missing", "valid": false}), &Value::Null);
    let plugin = Plugin::asking(&stub.address(), "");
    for joomla in JOOMLAS {
        let mut scenario = update(&format!("{}/download/beacon-2.0.0", stub.address()));
        scenario["language"] = "fr-FR".into();
        let Some(outcome) = plugin.run(joomla, &scenario) else { return };
        assert!(outcome.messages()[0].1.contains("no download key is stored"), "{outcome:?}");
    }
}
