//! What the mail with a key says. The sentences are those of the language, their order that of a template,
//! `templates/mail/key.txt`, in whose place the vendor may put another one.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tera::{Context, Tera};

use crate::decision::{State, Verdict};
use crate::error::Error;
use crate::pages::{Link, Site, Subject, state_links};
use crate::templates::{self, chain};
use crate::texts::{Language, OfDay, OfSite, Topic};

/// The template's name in both places.
const NAME: &str = "mail/key.txt";

const OWN: &str = include_str!("../../../templates/mail/key.txt");

/// Stands in for a key when a template is tried.
const SAMPLE_KEY: &str = "aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// What the mail tells of. It holds a key, so it has no `Debug`.
pub(super) struct KeyMailFacts<'f> {
    /// What the key opens.
    pub(super) subject: Subject<'f>,
    pub(super) key: &'f SecretString,
    /// What the key is worth.
    pub(super) verdict: &'f Verdict,
    /// In Unix seconds.
    pub(super) now: i64,
}

/// A mail in words. It holds a key, so it has no `Debug`.
pub(super) struct KeyMailText {
    pub(super) subject: String,
    pub(super) text: String,
}

/// The order of the sentences.
#[derive(Debug)]
pub(super) struct KeyMailTemplate {
    tera: Tera,
}

/// What the template sees.
#[derive(Serialize)]
struct View<'v> {
    greeting: String,
    intro: String,
    key: &'v str,
    /// Until when the key is good, or why it is not and what to do.
    status: String,
    links: Vec<Link>,
    where_heading: String,
    update_sites: String,
    own_settings: String,
    asked: String,
    vendor: &'v str,
    site: Option<&'v str>,
}

impl KeyMailTemplate {
    /// Takes the vendor's template or our own and tries it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it has a mistake or leaves out the key.
    pub(super) fn load(folder: Option<&Path>, language: &Language) -> Result<Self, Error> {
        let wrong = |message: String| Error::Configuration {
            file: folder.unwrap_or(Path::new("templates")).join(NAME),
            message,
        };
        let text = templates::text(folder, NAME, OWN)?;
        let mut tera = Tera::default();
        // By its ending it is no HTML, so nothing is escaped.
        tera.add_raw_templates([(NAME, text.as_str())]).map_err(|error| wrong(chain(&error)))?;
        let template = Self { tera };
        let tried = template.try_out(language).map_err(|error| wrong(chain(&error)))?;
        match tried.contains(SAMPLE_KEY) {
            true => Ok(template),
            false => {
                Err(wrong("found no `{{ key }}`, expected it: the mail is there to bring the key".into()))
            }
        }
    }

    /// Both with links and without.
    fn try_out(&self, language: &Language) -> Result<String, tera::Error> {
        let url = Some("https://example.org");
        let site = Site { title: "Example", vendor: "Example", url, account_url: None, support_url: None };
        let topic = Topic { name: "Example", keeps_older_releases: false };
        let write = |state| {
            let facts = KeyMailFacts {
                subject: Subject { site, topic, homepage: None, renew_url: url, check_url: None },
                key: &SecretString::from(SAMPLE_KEY),
                verdict: &Verdict { state, expires_at: Some(0) },
                now: 0,
            };
            self.write(language, &facts).map(|mail| mail.text)
        };
        write(State::Expired { at: 0 })?;
        write(State::Valid)
    }

    /// The mail.
    ///
    /// # Errors
    /// The template's, if it has a mistake that shows with these facts only.
    pub(super) fn write(
        &self,
        language: &Language,
        facts: &KeyMailFacts<'_>,
    ) -> Result<KeyMailText, tera::Error> {
        let words = language.key_mail();
        let Subject { topic: Topic { name, .. }, site, .. } = facts.subject;
        let view = View {
            greeting: words.greeting.plain(),
            intro: words.intro.of_product(name),
            key: facts.key.expose_secret(),
            status: status(language, facts),
            links: links(language, facts),
            where_heading: words.where_heading.plain(),
            update_sites: words.update_sites.plain(),
            own_settings: words.own_settings.plain(),
            asked: words.asked.fill(|OfSite::Site| site.url.unwrap_or(site.title).into()),
            vendor: site.vendor,
            site: site.url,
        };
        let context = Context::from_serialize(&view)?;
        Ok(KeyMailText { subject: words.subject.of_product(name), text: self.tera.render(NAME, &context)? })
    }
}

/// Until when the key is good, or why it is not and what to do.
fn status(language: &Language, facts: &KeyMailFacts<'_>) -> String {
    let words = language.key_mail();
    let message = || language.state(facts.subject.topic, facts.verdict, facts.now).message();
    match (facts.verdict.state, facts.verdict.expires_at) {
        (State::Valid, Some(end)) => words.ends.fill(|OfDay::Date| language.date(end).into()),
        (State::Valid, None) => words.endless.plain(),
        (state, _) if state.is_allowed() => message(),
        _ => format!("{} {}", words.not_now.plain(), message()),
    }
}

/// Where to go with a key that is not good, or not for long.
fn links(language: &Language, facts: &KeyMailFacts<'_>) -> Vec<Link> {
    if facts.verdict.state == State::Valid {
        return Vec::new();
    }
    let mut links = state_links(language, &facts.subject, facts.verdict);
    for link in &mut links {
        // People read it here, and their mail programs know an address when they see one.
        if let Some(address) = link.mail_address.take() {
            link.url = address;
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Texts;

    const NOW: i64 = 1_800_000_000;

    fn facts<'f>(key: &'f SecretString, verdict: &'f Verdict) -> KeyMailFacts<'f> {
        let site = Site {
            title: "Downloads",
            vendor: "Läden & Co",
            url: Some("https://updates.example.org"),
            account_url: Some("https://example.org/account"),
            support_url: Some("mailto:help@example.org"),
        };
        let subject = Subject {
            site,
            topic: Topic { name: "Dockyard, Quay", keeps_older_releases: false },
            homepage: None,
            renew_url: Some("https://example.org/renew"),
            check_url: None,
        };
        KeyMailFacts { subject, key, verdict, now: NOW }
    }

    fn mail(language: &str, state: State, expires_at: Option<i64>) -> KeyMailText {
        let texts = Texts::load(None).unwrap();
        let language = texts.by_tag(language);
        let template = KeyMailTemplate::load(None, language).unwrap();
        let key = SecretString::from("agwaeab3zngufrtih7is7icdc6yvvjrw");
        template.write(language, &facts(&key, &Verdict { state, expires_at })).unwrap()
    }

    #[test]
    fn a_mail_brings_the_key_and_says_where_it_goes() {
        let mail = mail("en", State::Valid, Some(1_801_353_600));
        assert_eq!(mail.subject, "Your download key for Dockyard, Quay");
        assert_eq!(
            mail.text,
            "Hello,\n\
             \n\
             here is your download key for Dockyard, Quay:\n\
             \n\
             \x20   agwaeab3zngufrtih7is7icdc6yvvjrw\n\
             \n\
             It is good: your license ends on 31 January 2027.\n\
             \n\
             Where to enter it\n\
             \n\
             - Joomla 4 and later: open System → Update Sites, click the update site of the extension, enter the key as \
             “Download Key” and save.\n\
             - Joomla 3.10: enter it in the settings of the extension and save.\n\
             \n\
             You got this mail because somebody asked at https://updates.example.org to have the key sent to this \
             address. If that was not you, there is nothing to do: the key went to nobody else.\n\
             \n\
             -- \n\
             Läden & Co\n\
             https://updates.example.org\n"
        );
    }

    #[test]
    fn a_key_that_does_not_work_comes_with_the_reason_and_the_way_out() {
        let expired = mail("en", State::Expired { at: 1_767_225_600 }, Some(1_767_225_600)).text;
        let expected = "The key does not work now. Dockyard, Quay: your license expired on 1 January 2026. Renew it to \
                        get this update. Your key stays the same.\n\
                        Renew the license: https://example.org/renew\n\
                        Your account: https://example.org/account\n\
                        Contact support: help@example.org\n\n";
        assert!(expired.contains(expected), "{expired}");
        let suspended = mail("en", State::Suspended, None).text;
        let expected = "Dockyard, Quay: this license is blocked. Please contact support. They can tell you why, and \
                        unblock it.\nContact support: help@example.org\n";
        assert!(suspended.contains(expected), "{suspended}");
        assert!(!suspended.contains("/renew"), "{suspended}");
    }

    #[test]
    fn a_license_that_ends_soon_is_told_and_one_without_end_as_well() {
        let soon = mail("en", State::Expiring { days_left: 15 }, Some(1_801_353_600)).text;
        assert!(soon.contains("your license ends in 15 days (31 January 2027). Renew it now"), "{soon}");
        assert!(!soon.contains("does not work"), "{soon}");
        assert!(mail("en", State::Valid, None).text.contains("It is good: your license has no end.\n"));
    }

    #[test]
    fn a_mail_speaks_the_language_of_whoever_asked() {
        let mail = mail("de-AT", State::Valid, Some(1_801_353_600));
        assert_eq!(mail.subject, "Ihr Download-Schlüssel für Dockyard, Quay");
        assert!(mail.text.contains("Ihre Lizenz endet am 31. Januar 2027."), "{}", mail.text);
    }

    #[test]
    fn a_template_of_the_vendors_is_tried_before_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mail")).unwrap();
        let texts = Texts::load(None).unwrap();
        let load = |text: &str| {
            std::fs::write(folder.path().join(NAME), text).unwrap();
            KeyMailTemplate::load(Some(folder.path()), texts.choose(None)).map_err(|error| error.to_string())
        };
        let key = SecretString::from("agwaeab3zngufrtih7is7icdc6yvvjrw");
        let verdict = Verdict { state: State::Valid, expires_at: None };
        let template = load("{{ vendor }}: {{ key }}").unwrap();
        let written = template.write(texts.choose(None), &facts(&key, &verdict)).unwrap();
        assert_eq!(written.text, "Läden & Co: agwaeab3zngufrtih7is7icdc6yvvjrw");
        let error = load("{{ intro }}").unwrap_err();
        assert!(error.contains("mail/key.txt`: found no `{{ key }}`"), "{error}");
        let error = load("{{ key }} {{ sender }}").unwrap_err();
        assert!(error.contains("mail/key.txt") && error.contains("sender"), "{error}");
    }
}
