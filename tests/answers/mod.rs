//! What the validator answers, over real sockets: every method in every address form, with every shape of key, in every
//! state of a license. What is expected stands in [`STATES`], once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use bandari_tests::http::{self, Answer};
use bandari_tests::shop::Shop;
use serde_json::Value;

use crate::programs;

mod audiences;
mod browsers;
mod forms;
mod key_shapes;
mod packages;
mod privacy;
mod table;
mod tries;

const DAY_SECONDS: u64 = 86_400;

const RENEW_URL: &str = "https://shop.example.org/renew";

/// A browser's head lines.
const BROWSER: [&str; 2] =
    ["User-Agent: Mozilla/5.0 (X11) Gecko", "Accept: text/html,application/xhtml+xml,*/*;q=0.8"];

/// A program's.
const PROGRAM: [&str; 2] = ["User-Agent: curl/8.0", "Accept: application/json"];

/// A customer of the plug-in "Lighthouse", by the state of the license, and what every answer to them says.
struct State {
    /// The state's word in JSON.
    word: &'static str,
    /// The part of the mail address before `@example.org`.
    user: &'static str,
    /// Columns `state` and `state_since` of the import.
    standing: &'static str,
    /// The license's end; [`SOON`] is in ten days and six hours.
    expires: &'static str,
    /// Status of a download, with a number for each reason; 302 is a redirect.
    number: u16,
    /// `error_code` and `error_description`; nothing for a good one.
    error: Option<(&'static str, &'static str)>,
    /// The message; `{soon}` is the day of [`SOON`].
    message: Option<&'static str>,
}

const SOON: &str = "soon";

const STATES: [State; 8] = [
    State {
        word: "valid",
        user: "ada",
        standing: "active,",
        expires: "",
        number: 302,
        error: None,
        message: None,
    },
    State {
        word: "valid",
        user: "bea",
        standing: "active,",
        expires: SOON,
        number: 302,
        error: None,
        message: Some(
            "System - Lighthouse: your license ends in 10 days ({soon}). Renew it now, so that updates go on without a gap.",
        ),
    },
    State {
        word: "expired",
        user: "carl",
        standing: "active,",
        expires: "2024-02-29",
        number: 402,
        error: Some(("REL_KYE", "License expired")),
        message: Some(
            "System - Lighthouse: your license expired on 29 February 2024. Renew it to get this update. Your key stays the same.",
        ),
    },
    State {
        word: "canceled",
        user: "dora",
        standing: "canceled,2026-03-01",
        expires: "2099-01-01",
        number: 410,
        error: Some(("REL_KYC", "License canceled")),
        message: Some(
            "System - Lighthouse: this license was canceled on 1 March 2026. \
             Buy a new license to get updates again. If you did not cancel it, contact support.",
        ),
    },
    State {
        word: "refunded",
        user: "emil",
        standing: "refunded,2026-03-01",
        expires: "",
        number: 410,
        error: Some(("REL_KYF", "License refunded")),
        message: Some(
            "System - Lighthouse: this order was refunded, so its key no longer gives updates. \
             Buy a new license to get updates again. If you know of no refund, contact support.",
        ),
    },
    State {
        word: "suspended",
        user: "fay",
        standing: "suspended,2026-03-01",
        expires: "2024-02-29",
        number: 423,
        error: Some(("REL_KYS", "License suspended")),
        message: Some(
            "System - Lighthouse: this license is blocked. Please contact support. They can tell you why, and unblock it.",
        ),
    },
    State {
        word: "not_covered",
        user: "gus",
        standing: "",
        expires: "",
        number: 403,
        error: Some(("REL_NAU", "Package not included in this license")),
        message: Some(
            "System - Lighthouse: your license does not include this package. \
             Use the key that you got for System - Lighthouse, or buy a license that includes it.",
        ),
    },
    // Nobody knows when.
    State {
        word: "canceled",
        user: "hal",
        standing: "canceled,",
        expires: "",
        number: 410,
        error: Some(("REL_KYC", "License canceled")),
        message: Some(
            "System - Lighthouse: this license was canceled. \
             Buy a new license to get updates again. If you did not cancel it, contact support.",
        ),
    },
];

/// An invalid key is told from nothing else that is invalid.
const INVALID: State = State {
    word: "invalid",
    user: "nobody",
    standing: "",
    expires: "",
    number: 403,
    error: Some(("REL_KYI", "License key invalid")),
    message: Some(
        "System - Lighthouse: the download key is not valid. Compare it with the one in your account. \
         It is safest to copy it again from there, whole and without blanks, and to enter it under System → Update Sites in Joomla.",
    ),
};

const MISSING: State = State {
    word: "missing",
    user: "nobody",
    standing: "",
    expires: "",
    number: 401,
    error: Some(("REL_KYR", "License key required")),
    message: Some(
        "System - Lighthouse: no download key is stored for this site. Enter it under System → Update Sites in Joomla. \
         It is in your account with the vendor, or in the mail that came with your order.",
    ),
};

impl State {
    fn is_good(&self) -> bool {
        self.error.is_none()
    }

    fn email(&self) -> String {
        format!("{}@example.org", self.user)
    }

    /// The end of the license in Unix seconds.
    fn expires_at(&self, soon: u64) -> Option<u64> {
        match self.expires {
            "" => None,
            SOON => Some(soon),
            date => Some(u64::try_from(midnight(date)).unwrap()),
        }
    }

    fn message(&self, soon: u64) -> Option<String> {
        let day = jiff::Timestamp::from_second(i64::try_from(soon).unwrap()).unwrap();
        let day = day.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %B %Y").to_string();
        self.message.map(|message| message.replace("{soon}", &day))
    }
}

/// The first second of a day in UTC.
fn midnight(date: &str) -> i64 {
    let date: jiff::civil::Date = date.parse().unwrap();
    date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second()
}

/// A shop with one customer for each state, each with keys of all shapes.
struct Customers {
    shop: Shop,
    /// When the license of `bea` ends, in Unix seconds.
    soon: u64,
    /// How many requests there were.
    requests: AtomicU32,
}

/// The shapes of keys that customers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Our own.
    Derived,
    /// A primary Download ID of Akeeba Release System.
    DownloadId,
    /// An add-on Download ID.
    AddOnId,
    /// Any other system's.
    Opaque,
}

const SHAPES: [Shape; 4] = [Shape::Derived, Shape::DownloadId, Shape::AddOnId, Shape::Opaque];

impl Customers {
    /// Imports them all and starts the server; `configuration` is put at the beginning of `validator.toml`.
    fn of(configuration: &str) -> Self {
        let mut shop = Shop::closed(programs());
        let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let soon = now + 10 * DAY_SECONDS + DAY_SECONDS / 4;
        let mut table = String::from("email,group,expires,state,state_since,key\n");
        for (index, state) in STATES.iter().enumerate() {
            let expires = match state.expires {
                SOON => jiff::Timestamp::from_second(i64::try_from(soon).unwrap()).unwrap().to_string(),
                date => date.to_owned(),
            };
            let (email, standing) = (state.email(), state.standing);
            let group = if state.standing.is_empty() { "dockyard" } else { "lighthouse" };
            let standing = if standing.is_empty() { "active," } else { standing };
            for shape in [Shape::DownloadId, Shape::AddOnId, Shape::Opaque] {
                let key = imported_key(index, shape);
                table.push_str(&format!("{email},{group},{expires},{standing},{key}\n"));
            }
        }
        shop.import("csv", &table);
        let path = shop.path("validator.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("trusted_proxies = ['127.0.0.1']\n{configuration}\n{config}")).unwrap();
        shop.serve();
        Self { shop, soon, requests: AtomicU32::new(0) }
    }

    /// The customer's key of that shape.
    fn key(&self, state: &State, shape: Shape) -> String {
        let index = STATES.iter().position(|found| found.user == state.user).expect("a customer");
        match shape {
            Shape::Derived => {
                let group = if state.standing.is_empty() { "dockyard" } else { "lighthouse" };
                self.shop.key_of(&state.email(), group)
            }
            _ => imported_key(index, shape),
        }
    }

    fn get(&self, target: &str, headers: &[&str]) -> Answer {
        self.ask("GET", target, headers, b"")
    }

    /// Sends a form as a browser does.
    fn post_as_person(&self, target: &str, form: &str) -> Answer {
        let lines = [BROWSER[0], BROWSER[1], "Content-Type: application/x-www-form-urlencoded"];
        http::request(self.shop.port, "POST", target, &lines, form.as_bytes())
    }

    fn post(&self, target: &str, form: &str) -> Answer {
        let form_type = ["Content-Type: application/x-www-form-urlencoded"];
        self.ask("POST", target, &form_type, form.as_bytes())
    }

    /// Each request comes from another sender, so that no quota of wrong keys is used up.
    fn ask(&self, method: &str, target: &str, headers: &[&str], body: &[u8]) -> Answer {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let sender = format!("X-Forwarded-For: 198.18.{}.{}", number / 256, number % 256);
        http::request(self.shop.port, method, target, &[headers, &[sender.as_str()]].concat(), body)
    }
}

/// Each customer has keys of their own.
fn imported_key(index: usize, shape: Shape) -> String {
    match shape {
        Shape::Derived => panic!("a derived key is not imported"),
        Shape::DownloadId => format!("0123456789abcdef0123456789abcde{index}"),
        Shape::AddOnId => format!("{}:fedcba9876543210fedcba987654321{index}", 120 + index),
        Shape::Opaque => format!("Fd8s809f89DS8f90sd81231sdsds32{index}"),
    }
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.text()))
}

/// What every answer to a key has, whatever it says.
fn assert_is_nobodys_business(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("set-cookie"), None);
}
