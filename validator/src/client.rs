//! Who asks: an updater that reads nothing but the status, a program that reads JSON, or a person with a browser.

use hyper::header::{self, HeaderMap};

/// For whom an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A Joomla, or whatever says nothing of itself: a status and a short text.
    Updater,
    /// A program that asked for JSON.
    Program,
    /// A browser.
    Person,
}

impl Audience {
    /// A Joomla says so in its `User-Agent` (`Version::getUserAgent`), though 3.10 and 6 send none. It gets no page, whatever
    /// else it says. `wants_json` is `format=json` in the address.
    pub(crate) fn of(headers: &HeaderMap, wants_json: bool) -> Self {
        let value = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if value(header::USER_AGENT).contains("Joomla!/") {
            Self::Updater
        } else if wants_json {
            Self::Program
        } else if accepts(value(header::ACCEPT), "text/html") {
            Self::Person
        } else if accepts(value(header::ACCEPT), "application/json") {
            Self::Program
        } else {
            Self::Updater
        }
    }

    /// The same where an updater asks by a plug-in, which reads JSON.
    pub(crate) fn reading_json(self) -> Self {
        match self {
            Self::Person => Self::Person,
            Self::Updater | Self::Program => Self::Program,
        }
    }
}

/// Whether an `Accept` header (RFC 9110, section 12.5.1) names this very type. `*/*` is what every client sends and says
/// nothing of who it is.
fn accepts(accept: &str, media_type: &str) -> bool {
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|found| found.eq_ignore_ascii_case(media_type));
        let is_refused = |part: &str| {
            part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0)
        };
        is_named && !parts.any(is_refused)
    })
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    fn audience(user_agent: &'static str, accept: &'static str) -> Audience {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(user_agent));
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        Audience::of(&headers, false)
    }

    #[test]
    fn a_joomla_gets_no_page_whatever_it_accepts() {
        let joomla = "Mozilla/5.0 Joomla!/5.1.2 Joomla";
        assert_eq!(audience(joomla, "*/*"), Audience::Updater);
        assert_eq!(audience(joomla, FIREFOX), Audience::Updater);
    }

    #[test]
    fn who_says_nothing_is_taken_for_an_updater() {
        assert_eq!(Audience::of(&HeaderMap::new(), false), Audience::Updater);
        assert_eq!(audience("curl/8", "*/*"), Audience::Updater);
        assert_eq!(audience("x", "text/htmlx, application/jsonx"), Audience::Updater);
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_json() {
        assert_eq!(audience("Mozilla/5.0", FIREFOX), Audience::Person);
        assert_eq!(audience("Mozilla/5.0", "TEXT/HTML"), Audience::Person);
        assert_eq!(audience("x", "application/json; charset=utf-8"), Audience::Program);
        assert_eq!(audience("x", "text/html;q=0, application/json"), Audience::Program);
        assert_eq!(Audience::of(&HeaderMap::new(), true), Audience::Program);
    }

    #[test]
    fn a_script_of_a_page_is_a_program_and_a_plug_in_reads_json() {
        // What Chromium's and Firefox's `fetch` send with `headers: {Accept: "application/json"}`, and without.
        let script = audience("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0", "application/json");
        assert_eq!(script, Audience::Program);
        let silent = audience("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0", "*/*");
        assert_eq!([silent, script].map(Audience::reading_json), [Audience::Program; 2]);
        assert_eq!(Audience::Person.reading_json(), Audience::Person);
    }
}
