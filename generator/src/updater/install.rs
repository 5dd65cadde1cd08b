//! The installation: the second parse of the feed, as `libraries/src/Updater/Update.php` does it, and what follows
//! (`UpdateModel::install`).
//!
//! This parser keeps every element, by its name in lower case and at any depth, and hands over what it found at `</updates>`.

use std::borrow::Cow;

use bandari_catalog::version::php_version_compare;

use super::decision::{Aborted, Entry, Install, InstallOutcome, Message, Reason};
use super::download::{self, Package};
use super::feed::Feed;
use super::profile::Profile;
use super::requirements::{self, Demands, Platform, Told, attribute};
use super::sax::{Attributes, EventKind};
use super::texts;

/// Where the parser keeps an element's text, beside its attributes.
const TEXT: &str = "_data";

/// Elements that anything is made of. The parser keeps all others, too, and nobody asks for them.
const ELEMENTS: [&str; 10] = [
    "NAME",
    "VERSION",
    "TARGETPLATFORM",
    "PHP_MINIMUM",
    "SUPPORTED_DATABASES",
    "DOWNLOADURL",
    "EXTRA_QUERY",
    "SHA256",
    "SHA384",
    "SHA512",
];
const NAME: usize = 0;
const VERSION: usize = 1;
const TARGETPLATFORM: usize = 2;
const PHP_MINIMUM: usize = 3;
const SUPPORTED_DATABASES: usize = 4;
const DOWNLOADURL: usize = 5;
const EXTRA_QUERY: usize = 6;
const SHA256: usize = 7;
const SHA384: usize = 8;
const SHA512: usize = 9;

/// The text of an element, and its attributes. One that stands several times adds attributes to those before.
#[derive(Clone, Default)]
struct Object<'f> {
    text: Cow<'f, str>,
    attributes: Vec<Attributes<'f>>,
}

/// The [`ELEMENTS`] of an `<update>`.
type Properties<'f> = [Option<Object<'f>>; ELEMENTS.len()];

/// An `<update>` as the parser keeps it.
struct Update<'f> {
    line: u32,
    properties: Properties<'f>,
    stability: Option<Told>,
    reasons: Vec<Reason>,
    is_judged: bool,
}

/// The parser, walking.
struct Parser<'f> {
    site: &'f Profile,
    feed: &'f Feed,
    stack: Vec<&'f str>,
    updates: Vec<Update<'f>>,
    /// Whether elements go to the last of them.
    has_current: bool,
    latest: Option<usize>,
    /// What was handed over.
    taken: Option<Taken<'f>>,
    /// Addresses of `<downloadsource>`, of all entries.
    mirrors: Vec<&'f str>,
    listed_name: String,
}

/// What `</updates>` handed over. A second one adds to it.
#[derive(Default)]
struct Taken<'f> {
    entry: usize,
    properties: Properties<'f>,
}

/// What the installation makes of the feed, of an update that is listed under this name.
pub(super) fn install(feed: &Feed, site: &Profile, listed_name: String) -> Install {
    let mut parser = Parser {
        site,
        feed,
        stack: Vec::new(),
        updates: Vec::new(),
        has_current: false,
        latest: None,
        taken: None,
        mirrors: Vec::new(),
        listed_name,
    };
    match parser.walk() {
        Ok(()) => parser.finish(),
        Err(aborted) => parser.ended(InstallOutcome::Aborted(aborted), Vec::new()),
    }
}

impl<'f> Parser<'f> {
    fn walk(&mut self) -> Result<(), Aborted> {
        let feed = self.feed;
        for event in &feed.document.events {
            let done = match event.kind {
                EventKind::Start { name, attributes } => {
                    self.stack.push(name);
                    self.start(event.line, name, attributes)
                }
                EventKind::End { name } => {
                    self.stack.pop();
                    match name {
                        "UPDATE" => self.judge(),
                        "UPDATES" => self.take(),
                        _ => {}
                    }
                    Ok(())
                }
                EventKind::Text(text) => self.text(text),
            };
            done.map_err(|error| Aborted { line: Some(event.line), error })?;
        }
        Ok(())
    }

    /// # Errors
    /// What PHP says when it is to set a property of something that has none.
    fn start(&mut self, line: u32, name: &'f str, attributes: Attributes<'f>) -> Result<(), String> {
        match name {
            "UPDATE" => {
                let (properties, reasons) = (Properties::default(), Vec::new());
                self.updates.push(Update { line, properties, stability: None, reasons, is_judged: false });
                self.has_current = true;
            }
            "UPDATES" => {}
            "DOWNLOADSOURCE" => self.mirrors.push(attributes.value("URL").unwrap_or_default()),
            "STABILITY" => {
                let update = self.current().ok_or_else(|| texts::property_of_null(name))?;
                if matches!(update.stability, Some(Told::Tag(_))) {
                    return Err(on_number());
                }
                update.stability = Some(Told::Element);
            }
            _ => {
                let update = self.current().ok_or_else(|| texts::property_of_null(name))?;
                if let Some(element) = element(name) {
                    let object = update.properties[element].get_or_insert_default();
                    object.text = Cow::Borrowed(attributes.value("_DATA").unwrap_or_default());
                    object.attributes.push(attributes);
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &'f str) -> Result<(), String> {
        match self.stack.last().copied() {
            Some("TAG") => {
                let told = Told::Tag(requirements::stability_of_tag(text));
                self.current().ok_or_else(|| texts::property_of_null("STABILITY"))?.stability = Some(told);
            }
            // Only the last piece counts.
            Some("DOWNLOADSOURCE") => {
                if let Some(mirror) = self.mirrors.last_mut() {
                    *mirror = text;
                }
            }
            Some("STABILITY") => {
                let is_number = |update: &mut Update<'_>| matches!(update.stability, Some(Told::Tag(_)));
                if self.current().is_some_and(is_number) {
                    return Err(on_number());
                }
            }
            Some(name) => {
                let properties = self.current().map(|update| &mut update.properties);
                match element(name).and_then(|element| properties?[element].as_mut()) {
                    Some(object) if object.text.is_empty() => object.text = Cow::Borrowed(text),
                    Some(object) => object.text.to_mut().push_str(text),
                    None => {}
                }
            }
            None => {}
        }
        Ok(())
    }

    fn current(&mut self) -> Option<&mut Update<'f>> {
        self.updates.last_mut().filter(|_| self.has_current)
    }

    /// `</update>`: the one that began last is held to the site.
    fn judge(&mut self) {
        let Some(current) = self.updates.len().checked_sub(1).filter(|_| self.has_current) else { return };
        let update = &self.updates[current];
        let attributes =
            |element: usize| update.properties[element].as_ref().map(|object| object.attributes.as_slice());
        let platform = attributes(TARGETPLATFORM);
        let demands = Demands {
            platform: platform.map(|attributes| Platform {
                name: attribute(attributes, "NAME"),
                version: attribute(attributes, "VERSION"),
            }),
            php_minimum: text_of(&update.properties, PHP_MINIMUM),
            databases: attributes(SUPPORTED_DATABASES),
            stability: update.stability,
            ..Demands::default()
        };
        let patch = || platform.and_then(|attributes| self.patch_reason(attributes));
        let reasons = requirements::reasons(&demands, self.site, &self.feed.expressions, patch);
        let fits = reasons.is_empty();
        let update = &mut self.updates[current];
        if !update.is_judged {
            update.reasons = reasons;
        }
        update.is_judged = true;
        if fits && self.latest.is_none_or(|latest| self.is_newer(current, latest)) {
            self.latest = Some(current);
        }
    }

    fn is_newer(&self, one: usize, other: usize) -> bool {
        let version = |index: usize| text_of(&self.updates[index].properties, VERSION).unwrap_or_default();
        php_version_compare(version(one), version(other)).is_gt()
    }

    /// Bounds of the patch number that only Joomla 3 knows.
    fn patch_reason(&self, platform: &[Attributes<'_>]) -> Option<Reason> {
        if !self.site.joomla.line().knows_patch_bounds {
            return None;
        }
        let patch = f64::from(self.site.joomla.numbers()[2]);
        let excludes = |bound: &'static str, written: &str| {
            let value = attribute(platform, written)?;
            let number: f64 = value.trim().parse().ok()?;
            let is_out = if bound == "min_dev_level" { patch < number } else { patch > number };
            is_out.then(|| Reason::OtherPatch { bound, value: value.to_owned() })
        };
        excludes("min_dev_level", "MIN_DEV_LEVEL").or_else(|| excludes("max_dev_level", "MAX_DEV_LEVEL"))
    }

    /// `</updates>`: what was found becomes the update.
    fn take(&mut self) {
        if let Some(latest) = self.latest.take() {
            let taken = self.taken.get_or_insert_default();
            taken.entry = latest;
            for (taken, own) in taken.properties.iter_mut().zip(&self.updates[latest].properties) {
                if own.is_some() {
                    taken.clone_from(own);
                }
            }
            if self.site.joomla.line().forgets_mirrors {
                self.mirrors.clear();
            }
        }
        self.has_current = false;
    }

    /// What follows the parse. That it failed is not looked at: what was handed over before counts.
    fn finish(mut self) -> Install {
        let Some(taken) = self.taken.take() else {
            let outcome = match self.latest {
                _ if self.feed.is_malformed() => InstallOutcome::Unreadable,
                Some(_) => InstallOutcome::NeverTaken,
                None => InstallOutcome::NothingFits,
            };
            return self.ended(outcome, vec![texts::invalid_update()]);
        };
        let Some(address) = text_of(&taken.properties, DOWNLOADURL) else {
            return self.ended(InstallOutcome::NoAddress, vec![texts::invalid_update()]);
        };
        // The parser made an object of it, which PHP cannot append to an address.
        if self.site.key.is_none() && taken.properties[EXTRA_QUERY].is_some() {
            return self.ended_by_query();
        }
        let digests = [("sha256", SHA256), ("sha384", SHA384), ("sha512", SHA512)];
        let package = Package {
            address,
            mirrors: &self.mirrors,
            digests: digests.map(|(name, element)| (name, text_of(&taken.properties, element))),
        };
        let requested = download::request(&package, self.site);
        let version = text_of(&taken.properties, VERSION).unwrap_or_default().to_owned();
        let mut install = self.ended(requested.outcome, requested.messages);
        install.download = Some(requested.download);
        install.version = Some(version);
        if let Some(entry) = install.entries.get_mut(taken.entry) {
            entry.is_newest = true;
        }
        install
    }

    /// An `<extra_query>` of the feed, where the site has none.
    fn ended_by_query(self) -> Install {
        let error = "Object of class stdClass could not be converted to string";
        let aborted = Aborted { line: None, error: error.to_owned() };
        if !self.site.joomla.line().catches_errors {
            return self.ended(InstallOutcome::Aborted(aborted), Vec::new());
        }
        let messages = vec![texts::update_error(&self.listed_name, error)];
        self.ended(InstallOutcome::Failed(aborted), messages)
    }

    fn ended(self, outcome: InstallOutcome, messages: Vec<Message>) -> Install {
        let entry = |(index, update): (usize, Update<'_>)| Entry {
            number: index + 1,
            line: update.line,
            name: text_of(&update.properties, NAME).map(str::to_owned),
            version: text_of(&update.properties, VERSION).map(str::to_owned),
            reasons: if update.is_judged { update.reasons } else { vec![Reason::NotRead] },
            is_newest: false,
        };
        Install {
            version: None,
            outcome,
            entries: self.updates.into_iter().enumerate().map(entry).collect(),
            download: None,
            messages,
        }
    }
}

fn element(name: &str) -> Option<usize> {
    ELEMENTS.iter().position(|element| *element == name)
}

fn text_of<'p>(properties: &'p Properties<'_>, element: usize) -> Option<&'p str> {
    properties[element].as_ref().map(|object| &*object.text)
}

/// A `<stability>` behind a `<tag>`.
fn on_number() -> String {
    format!("Attempt to assign property \"{TEXT}\" on int")
}
