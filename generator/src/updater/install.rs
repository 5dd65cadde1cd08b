//! The installation: the second parse of the feed, as `libraries/src/Updater/Update.php` does it, and what follows
//! (`UpdateModel::install`).
//!
//! This parser keeps every element, by its name in lower case and at any depth, and hands over what it found at `</updates>`.

use std::collections::BTreeMap;

use bandari_catalog::version::php_version_compare;

use super::decision::{Aborted, Entry, Install, InstallOutcome, Message, Reason};
use super::download::{self, Package};
use super::feed::Feed;
use super::profile::Profile;
use super::requirements::{self, Demands, Platform, Told};
use super::sax::EventKind;
use super::texts;

/// Where the parser keeps an element's text, beside its attributes.
const TEXT: &str = "_data";

/// An element: its text under [`TEXT`], and its attributes by their names in lower case.
pub(super) type Object = BTreeMap<String, String>;

/// A property of an `<update>`.
#[derive(Clone)]
enum Property {
    Object(Object),
    /// `stability`, once a `<tag>` was read.
    Told(Told),
}

type Properties = BTreeMap<String, Property>;

/// An `<update>` as the parser keeps it.
struct Update {
    line: u32,
    properties: Properties,
    reasons: Vec<Reason>,
    is_judged: bool,
}

/// The parser, walking.
struct Parser<'f> {
    site: &'f Profile,
    feed: &'f Feed,
    stack: Vec<String>,
    updates: Vec<Update>,
    /// Whether elements go to the last of them.
    has_current: bool,
    latest: Option<usize>,
    /// What was handed over.
    taken: Option<Taken>,
    /// Addresses of `<downloadsource>`, of all entries.
    mirrors: Vec<String>,
    listed_name: String,
}

/// What `</updates>` handed over. A second one adds to it.
#[derive(Default)]
struct Taken {
    entry: usize,
    properties: Properties,
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
            let done = match &event.kind {
                EventKind::Start { name, attributes } => {
                    let name = name.to_ascii_lowercase();
                    let done = self.start(event.line, &name, attributes);
                    self.stack.push(name);
                    done
                }
                EventKind::End { name } => {
                    self.stack.pop();
                    match name.as_str() {
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
    fn start(&mut self, line: u32, name: &str, attributes: &[(String, String)]) -> Result<(), String> {
        match name {
            "update" => {
                let properties = Properties::new();
                self.updates.push(Update { line, properties, reasons: Vec::new(), is_judged: false });
                self.has_current = true;
            }
            "updates" => {}
            "downloadsource" => {
                let url = attributes.iter().find(|(name, _)| name == "URL").map(|(_, url)| url.clone());
                self.mirrors.push(url.unwrap_or_default());
            }
            _ => {
                let properties = self.current().ok_or_else(|| on_null(name))?;
                let property =
                    properties.entry(name.to_owned()).or_insert_with(|| Property::Object(Object::new()));
                let Property::Object(object) = property else { return Err(on_number()) };
                object.insert(TEXT.to_owned(), String::new());
                object.extend(
                    attributes.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())),
                );
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let Some(name) = self.stack.last().cloned() else { return Ok(()) };
        match name.as_str() {
            "tag" => {
                let told = Told::Tag(requirements::stability_of_tag(text));
                let properties = self.current().ok_or_else(|| on_null("stability"))?;
                properties.insert("stability".to_owned(), Property::Told(told));
            }
            // Only the last piece counts.
            "downloadsource" => {
                if let Some(mirror) = self.mirrors.last_mut() {
                    text.clone_into(mirror);
                }
            }
            name => match self.current().and_then(|properties| properties.get_mut(name)) {
                Some(Property::Object(object)) => object.entry(TEXT.to_owned()).or_default().push_str(text),
                Some(Property::Told(_)) => return Err(on_number()),
                None => {}
            },
        }
        Ok(())
    }

    fn current(&mut self) -> Option<&mut Properties> {
        self.updates.last_mut().filter(|_| self.has_current).map(|update| &mut update.properties)
    }

    /// `</update>`: the one that began last is held to the site.
    fn judge(&mut self) {
        let Some(current) = self.updates.len().checked_sub(1).filter(|_| self.has_current) else { return };
        let properties = &self.updates[current].properties;
        let databases: Option<Vec<(String, String)>> =
            object(properties, "supported_databases").map(|object| {
                let named = object.iter().filter(|(name, _)| *name != TEXT);
                named.map(|(name, value)| (name.clone(), value.clone())).collect()
            });
        let platform = object(properties, "targetplatform");
        let demands = Demands {
            platform: platform.map(|object| Platform {
                name: object.get("name").map(String::as_str),
                version: object.get("version").map(String::as_str),
            }),
            php_minimum: text_of(properties, "php_minimum"),
            databases: databases.as_deref(),
            stability: properties.get("stability").map(|property| match property {
                Property::Told(told) => *told,
                Property::Object(_) => Told::Element,
            }),
            ..Demands::default()
        };
        let patch = || platform.and_then(|platform| self.patch_reason(platform));
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
        let version = |index: usize| text_of(&self.updates[index].properties, "version").unwrap_or_default();
        php_version_compare(version(one), version(other)).is_gt()
    }

    /// Bounds of the patch number that only Joomla 3 knows.
    fn patch_reason(&self, platform: &Object) -> Option<Reason> {
        if !self.site.joomla.line().knows_patch_bounds {
            return None;
        }
        let patch = f64::from(self.site.joomla.numbers()[2]);
        let excludes = |bound: &'static str| {
            let value = platform.get(bound)?;
            let number: f64 = value.trim().parse().ok()?;
            let is_out = if bound == "min_dev_level" { patch < number } else { patch > number };
            is_out.then(|| Reason::OtherPatch { bound, value: value.clone() })
        };
        excludes("min_dev_level").or_else(|| excludes("max_dev_level"))
    }

    /// `</updates>`: what was found becomes the update.
    fn take(&mut self) {
        if let Some(latest) = self.latest.take() {
            let taken = self.taken.get_or_insert_default();
            taken.entry = latest;
            taken.properties.extend(self.updates[latest].properties.clone());
        }
        self.has_current = false;
    }

    /// What follows the parse. That it failed is not looked at: what was handed over before counts.
    fn finish(mut self) -> Install {
        let line = self.site.joomla.line();
        let Some(taken) = self.taken.take() else {
            let outcome = match self.latest {
                _ if self.feed.is_malformed() => InstallOutcome::Unreadable,
                Some(_) => InstallOutcome::NeverTaken,
                None => InstallOutcome::NothingFits,
            };
            return self.ended(outcome, vec![texts::invalid_update()]);
        };
        let Some(address) = text_of(&taken.properties, "downloadurl").map(str::to_owned) else {
            return self.ended(InstallOutcome::NoAddress, vec![texts::invalid_update()]);
        };
        // The parser made an object of it, which PHP cannot append to an address.
        if self.site.key.is_none() && object(&taken.properties, "extra_query").is_some() {
            return self.ended_by_query();
        }
        let mirrors = if line.tries_mirrors { std::mem::take(&mut self.mirrors) } else { Vec::new() };
        let digest = |name| text_of(&taken.properties, name).map(str::to_owned);
        let package = Package {
            address,
            mirrors,
            digests: ["sha256", "sha384", "sha512"].map(|name| (name, digest(name))),
        };
        let requested = download::request(&package, self.site);
        let version = text_of(&taken.properties, "version").unwrap_or_default().to_owned();
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
        let entry = |(index, update): (usize, Update)| Entry {
            number: index + 1,
            line: update.line,
            name: text_of(&update.properties, "name").map(str::to_owned),
            version: text_of(&update.properties, "version").map(str::to_owned),
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

fn object<'p>(properties: &'p Properties, name: &str) -> Option<&'p Object> {
    match properties.get(name) {
        Some(Property::Object(object)) => Some(object),
        _ => None,
    }
}

fn text_of<'p>(properties: &'p Properties, name: &str) -> Option<&'p str> {
    object(properties, name).map(|object| object.get(TEXT).map(String::as_str).unwrap_or_default())
}

fn on_null(property: &str) -> String {
    format!("Attempt to assign property \"{property}\" on null")
}

/// A `<stability>` behind a `<tag>`.
fn on_number() -> String {
    format!("Attempt to assign property \"{TEXT}\" on int")
}
